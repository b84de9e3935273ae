"""What is kept of why a message was not sent: kind and reason, nobody's words and nobody's number."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.channels.base import SendError
from bot.runner.outcomes import REASON_MOST, after_error, after_fault
from bot.store.outbox import Claimed

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
SAID = "Mẹ tôi tên Nguyễn Thị Hoa"


def row() -> Claimed:
    held: dict[str, Any] = {"id": 1, "pieces": 0, "attempts": 0, "repeats": 0, "is_reply": True, "created_at": AT}
    return cast("Claimed", SimpleNamespace(**held))


def test_a_fault_keeps_kind_and_place_alone() -> None:
    with pytest.raises(ValueError, match="Hoa") as met:
        int(SAID)
    told = after_fault(row(), met.value, AT).outcome.error
    assert told.startswith("ValueError at tests/runner/test_outcomes.py:")
    assert "Hoa" not in told
    assert "#" not in told


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("Forbidden: bot was blocked by the user", "Forbidden: bot was blocked by the user"),
        ("Chat not found", "Chat not found"),
        ("Group migrated to supergroup. New chat id: -1001234567890", "Group migrated to supergroup. New chat id: #"),
        (f'Can\'t parse entities: unsupported start tag "{SAID}" at byte offset 12', "Can.. at byte offset 12"),
        (f"Wrong text <b>{SAID}</b> in line 3", "Wrong text .. in line 3"),
        ("User @nguyen_thi_hoa is gone (987654321)", "User .. is gone (#)"),
        ("Wrong file at https://api.example/bot12345:abc/x", "Wrong file at .."),
        ("x" * 400, "x" * REASON_MOST),
    ],
)
def test_a_reason_keeps_no_words_and_no_ids(reason: str, kept: str) -> None:
    for error in (SendError(reason), SendError(reason, contact_gone=True), SendError(reason, retryable=True)):
        assert after_error(row(), error, AT).outcome.error == kept
