"""A small content folder without faults, for a test to spoil."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.check import Report, check
from tests.library.shelf import POLICY, SCRIPT, STORY, UNIT, Shelf

TODAY = date(2026, 11, 21)

RECORDS: dict[str, dict[str, Any]] = {
    "policies/tien-dien.yaml": {
        **POLICY,
        "basis": "theo-dien",
        "answer": "Có giấy hộ nghèo thì được {muc}. Bác ra xã hỏi nhé.",
        "broadcast": SCRIPT,
        "conditions": {"fact": "loai-ho", "in": ["ngheo"]},
        "related": ["vay-von"],
    },
    "policies/vay-von.yaml": {
        **POLICY,
        "id": "vay-von",
        "basis": "xa-xet",
        "answer": "Nhà mình có thể được xét vay {tien-dien/muc}. Ngân hàng quyết định.",
        "broadcast": SCRIPT,
        "valid_to": date(2026, 12, 31),
        "superseded_by": "vay-moi",
    },
    "policies/vay-moi.yaml": {
        **POLICY,
        "id": "vay-moi",
        "basis": "duong-nhien",
        "answer": "Ngân hàng tự làm, bà con không phải làm đơn.",
        "broadcast": SCRIPT,
        "valid_from": date(2027, 1, 1),
    },
    "stories/nuoi-de.yaml": {**STORY, "broadcast": SCRIPT},
    "units/xa-lac-phuong.yaml": UNIT,
    "plans/ke-hoach.yaml": {
        "id": "ke-hoach",
        "title": "Kế hoạch",
        "short": "Kế hoạch",
        "issuer": "UBND xã",
        "area": "xã",
        "unit": "xa-lac-phuong",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "period_place": "Mục II",
        "target_groups": [{"id": "a", "text": "Bà con", "place": "Mục II", "groups": ["ho-ngheo"]}],
        "contents": [{"id": "a", "text": "Chính sách", "place": "Mục III"}],
        "tasks": [{"id": "a", "text": "Phát loa", "place": "Mục V"}],
    },
}


class Desk:
    """The folder, and what the check says of it."""

    def __init__(self, root: Path) -> None:
        self.shelf, self.root = Shelf(root), root
        for path in RECORDS:
            self.edit(path)

    def edit(self, path: str, **changes: Any) -> None:
        """Write one record with changes to it."""
        record = {**RECORDS.get(path, {}), **changes}
        self.shelf.put(path.split("/")[0], record)

    def report(self, today: date = TODAY) -> Report:
        return check(self.root, today)

    def wrong(self, path: str, today: date = TODAY) -> str:
        """What is told of one file, joined."""
        report = self.report(today)
        return "\n".join(str(f) for f in (*report.errors, *report.warnings) if f.path == path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
