"""A house on both databases with its library, and the people who write and approve."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check.ear import left_over
from bot.library import Library
from bot.model.official import Official
from bot.runner.shelf import Shelf
from bot.store import Store
from tests.harness.clock import Hands
from tests.harness.officials import made, role

CONTENT = Path(__file__).parents[2] / "content"
UNIT = "xa-tu-ky"
UNREAD = left_over


@pytest.fixture
async def shelf(store: Store) -> Shelf:
    """The real content, and what is published over it."""
    return await Shelf.open(store, CONTENT)


@pytest.fixture
def library(shelf: Shelf) -> Library:
    """The library before anything was published."""
    return shelf.library


@pytest.fixture
async def writer(store: Store, library: Library, hands: Hands) -> Official:
    """Writes, and approves nothing."""
    return await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))


@pytest.fixture
async def chair(store: Store, library: Library, hands: Hands) -> Official:
    """Approves what others wrote."""
    return await made(store, library, hands, "chu-tich", role("lanh-dao"))
