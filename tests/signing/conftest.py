"""A house on both databases with its library, and officials of one commune."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library import EntryKey, Library
from bot.runner.shelf import Shelf
from bot.store import Store

CONTENT = Path(__file__).parents[2] / "content"
#: unsigned: its source names no publication
ENTRY = EntryKey("policies", "ho-tro-tien-dien", "xa-tu-ky")


@pytest.fixture
async def shelf(store: Store) -> Shelf:
    """The real content, and what is published over it."""
    return await Shelf.open(store, CONTENT)


@pytest.fixture
def library(shelf: Shelf) -> Library:
    """The library before anything was published."""
    return shelf.library
