"""A day's bundle of small files."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.bundle import Bundle, Track
from bot.runsheet import Entry, Recalled

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TITLES = (
    "Vay vốn hộ nghèo",
    "Đổi thẻ bảo hiểm y tế: ưu tiên người già",
    "Phóng sự “Nhà mới ở buôn Ea Kao”",
    "???",
)


def track(folder: Path, number: int, title: str, **more) -> Track:
    """A track whose sound is a few bytes."""
    data = f"tieng {number} {title}".encode() * 900
    path = folder / hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    told = {
        "seconds": 61.4 + number, "script": f"Kính thưa bà con, bài {number}.", "voice": "giọng đọc tổng hợp",
        "code": f"482113{number}", "approver": "Nguyễn Thị Ưởng", "approved_at": NOW,
    }  # fmt: skip
    return Track(Entry(title, **{**told, **more}), path, path.name, len(data))


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    (tmp_path / "blobs").mkdir()
    return tmp_path / "blobs"


@pytest.fixture
def bundle(sounds: Path) -> Bundle:
    tracks = tuple(track(sounds, number, title) for number, title in enumerate(TITLES, 1))
    recalled = (Recalled("Bản tin 20/11", "Sai số điện thoại", NOW, ("01_BAN-TIN_20261120.mp3",), ("ab" * 32,)),)
    return Bundle("Đài truyền thanh xã Ea Kao", DAY, ("05:30", "17:00"), tracks, recalled)
