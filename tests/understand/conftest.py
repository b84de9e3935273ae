"""The real content, understood once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library import Library
from bot.understand import Understanding

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(CONTENT)


@pytest.fixture(scope="session")
def understanding(library: Library) -> Understanding:
    return Understanding.build(library)
