"""The library, once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library import Library


@pytest.fixture(scope="session")
def library() -> Library:
    """The content as it is shipped."""
    return Library.load(Path(__file__).parents[2] / "content")
