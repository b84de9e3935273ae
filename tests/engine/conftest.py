"""The real content: the conversation is tested on what households get."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library import Library


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(Path(__file__).parents[2] / "content")
