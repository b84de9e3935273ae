"""A small content folder under construction, so that tests do not move with the real content."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.library import Library, read_folder

POLICY: dict[str, Any] = {
    "id": "tien-dien",
    "title": "Hỗ trợ tiền điện",
    "short": "Tiền điện",
    "topic": "tien-dien",
    "groups": ["ho-ngheo"],
    "basis": "duong-nhien",
    "confidence": "high",
    "reviewed_on": date(2026, 11, 21),
    "valid_from": date(2026, 1, 1),
    "amounts": {
        "muc": {
            "unit": "dong-thang",
            "values": [
                {"value": 500000, "valid_to": date(2026, 6, 30), "source": "cu"},
                {"value": 540000, "valid_from": date(2026, 7, 1), "source": "moi"},
            ],
        }
    },
    "answer": "Hộ nghèo được {muc}, không phải làm đơn.",
    "parts": {"who": "Hộ nghèo.", "what": "Được {muc}.", "how": "Ra xã."},
    "broadcast": "Kính thưa bà con! Mức hỗ trợ là {muc}.",
    "legal_basis": [{"number": "1/2026/NĐ-CP", "issuer": "Chính phủ", "date": date(2026, 1, 1), "article": "Điều 2"}],
    "sources": ["https://example.vn/bai"],
}

#: a script of the right length
SCRIPT = "Kính thưa bà con! " + "Nhà nào cần thì ra xã hỏi cán bộ nhé. " * 8

STORY: dict[str, Any] = {
    "id": "nuoi-de",
    "title": "Nuôi dê trên đồi",
    "short": "Nuôi dê",
    "place": {
        "commune_then": "xã Quang Trung",
        "district_then": "huyện Tứ Kỳ",
        "province_then": "tỉnh Hải Dương",
        "commune_now": "xã Lạc Phượng",
        "province_now": "thành phố Hải Phòng",
    },
    "livelihoods": ["chan-nuoi"],
    "escaped_poverty": False,
    "confidence": "high",
    "read_extent": "toan-van",
    "reviewed_on": date(2026, 11, 21),
    "answer": "Một nhà ở Hải Dương cũ nuôi dê mà khá lên.",
    "parts": {"start": "a", "did": "b", "helped": "c", "result": "d", "copy_this": "e"},
    "broadcast": "Kính thưa bà con! Chuyện nuôi dê.",
    "sources": ["https://example.vn/de"],
}

UNIT: dict[str, Any] = {
    "id": "xa-lac-phuong",
    "name": "xã Lạc Phượng",
    "short": "Xã Lạc Phượng",
    "office": "UBND xã Lạc Phượng",
    "level": "xa",
    "province": "thành phố Hải Phòng",
}

#: phrase kinds every library needs, taken from the product itself
NEEDED = ("measures", "groups", "household", "stamps", "places", "basis", "guards")
CONTENT = Path(__file__).parents[2] / "content"


class _Plain(yaml.SafeDumper):
    """Writes everything out: the library refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class Shelf:
    """A content folder under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for kind in NEEDED:
            self.raw(f"phrases/{kind}.yaml", (CONTENT / "phrases" / f"{kind}.yaml").read_text("utf-8"))
        self.put("topics", {"id": "tien-dien", "title": "Tiền điện", "short": "Điện", "order": 1, "about": "Điện."})
        likeness = {"kind": "likeness", "livelihoods": {"chan-nuoi": "Chăn nuôi"}}
        self.raw("phrases/likeness.yaml", yaml.safe_dump(likeness, allow_unicode=True))

    def raw(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def put(self, folder: str, record: dict[str, Any]) -> None:
        self.raw(f"{folder}/{record['id']}.yaml", yaml.dump(record, Dumper=_Plain, allow_unicode=True, sort_keys=False))

    def policy(self, **changes: Any) -> dict[str, Any]:
        record = {**deepcopy(POLICY), **changes}
        self.put("policies", record)
        return record

    def story(self, **changes: Any) -> dict[str, Any]:
        record = {**deepcopy(STORY), **changes}
        self.put("stories", record)
        return record

    def unit(self, **changes: Any) -> dict[str, Any]:
        record = {**deepcopy(UNIT), **changes}
        self.put("units", record)
        return record

    def load(self) -> Library:
        return Library.load(self.root)

    def base(self) -> Any:
        base, faults = read_folder(self.root)
        assert not faults
        return base
