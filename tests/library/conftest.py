"""A small content folder of its own, and the product's library."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library import Library, read_folder
from tests.library.shelf import CONTENT, Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture(scope="session")
def content() -> Path:
    return CONTENT


@pytest.fixture(scope="session")
def real(content: Path) -> Library:
    """The product's own library, without the files that are faulty: those are the content test's to tell."""
    base, _ = read_folder(content)
    return Library.build(base)
