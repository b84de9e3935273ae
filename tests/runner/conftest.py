"""A channel that keeps what it is given, and its sender."""

from __future__ import annotations

import pytest

from bot.runner.outbox import Sender
from bot.store import Store
from tests.harness.clock import Hands
from tests.harness.talk import KeepingChannel


@pytest.fixture
def channel() -> KeepingChannel:
    return KeepingChannel()


@pytest.fixture
def sender(store: Store, channel: KeepingChannel, hands: Hands) -> Sender:
    return Sender(store, channel, hands.clock, "here")
