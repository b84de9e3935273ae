"""The real way, offline, with the embedded voice: a day's bulletin from the command line, approved, published, measured."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import pytest

from audio import catalogue
from audio.child import AudioChild
from audio.codec import decode_blocks
from audio.mpeg import sound_span
from audio.tags import read_extra
from bot.jobs.bulletins import BulletinMaker, catalogue_id
from bot.store import Store
from tests.bulletins.conftest import AIR, ENTRY, Station
from tests.harness.house import command
from tests.harness.officials import UNIT

OFFLINE = {"LOATHON_VOICE_ONLINE": "off", "LOATHON_NOW": "2026-11-21T09:00"}


def spoken_noise() -> bytes:
    """Three seconds that sound like syllables to the checks: bursts of a tone over near silence, as WAV."""
    import numpy as np

    rate = 16_000
    time = np.arange(3 * rate) / rate
    bursts = np.clip(np.sin(2 * np.pi * 3 * time), 0, 1)
    tone = 0.4 * bursts * np.sin(2 * np.pi * 220 * time) + 0.0005 * np.sin(2 * np.pi * 50 * time)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((tone * 32767).astype("<i2").tobytes())
    return out.getvalue()


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One database is enough where sound is what matters."""
    return sqlite_store


async def test_made_approved_published(station: Station, studio: AudioChild) -> None:
    recording = await station.store.blobs.put(spoken_noise())
    report = {
        "kind": "phong-su",
        "title": "Vườn chị Sen",
        "byline": "Thu Hà",
        "lines": [
            {"text": "Mời bà con nghe chị Sen kể.", "gender": "nam"},
            {"recording": recording, "accepted": True},
        ],
    }
    number = await station.write(items=[{"kind": "entry", "entry": ENTRY}, report])
    library = station.library
    maker = BulletinMaker(station.store, station.hands.clock, studio, lambda: library, station.folder)
    await maker.make({"bulletin": number})
    row = await station.row(number)
    assert row.sound["faults"] == []
    assert row.sound["label"] == "giọng đọc tổng hợp"
    assert [chapter["title"] for chapter in row.sound["chapters"]] == [library.entry(ENTRY).title, "Vườn chị Sen"]
    await station.hand_in(number)
    approved = await station.approve(await station.row(number))
    await maker.publish({"bulletin": number})
    there = catalogue.find(station.folder, UNIT, catalogue_id(approved))
    assert isinstance(there, catalogue.Published)
    mp3, opus = there.sound("mp3"), there.sound("opus")
    assert mp3 is not None
    assert opus is not None
    assert mp3.sha256 == approved.approved_sound
    assert opus.path.read_bytes()[:4] == b"OggS"
    data = mp3.path.read_bytes()
    assert read_extra(data)["text_sha256"] == approved.approved_text
    start, end = sound_span(data)
    seconds = sum(block.seconds for block in decode_blocks(data[start:end]))
    assert seconds == pytest.approx(row.seconds, abs=0.5)


def test_the_command_line_makes_a_days_bulletins(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("bulletin", "make", "--date", AIR.isoformat(), "--unit", UNIT, "-o", str(out))
    told = command(tmp_path / "data", *words, **OFFLINE)
    assert told.returncode == 0, told.stderr
    names = sorted(path.name for path in out.glob("*.mp3"))
    assert names == [f"01_0530_{UNIT}_20261122_chua-duyet.mp3", f"02_1700_{UNIT}_20261122_chua-duyet.mp3"]
    beside = json.loads((out / names[0]).with_suffix(".json").read_text("utf-8"))
    assert (beside["state"], beside["faults"], beside["label"]) == ("draft", [], "giọng đọc tổng hợp")
    past = command(
        tmp_path / "data", "bulletin", "make", "--date", "2026-11-01", "--unit", UNIT, "-o", str(out), **OFFLINE
    )
    assert past.returncode == 1
    assert past.stderr.strip() == "Ngày phát đã qua. Xin chọn ngày khác."


def test_the_command_line_makes_one_clip(tmp_path: Path) -> None:
    told = command(tmp_path, "clips", "make", "--unit", UNIT, "--entry", ENTRY, **OFFLINE)
    assert (told.returncode, told.stdout.strip()) == (0, "Đã đọc 1 bài, 0 bài chưa đạt.")
    again = command(tmp_path, "clips", "make", "--unit", UNIT, "--entry", ENTRY, **OFFLINE)
    assert (again.returncode, again.stdout.strip()) == (0, f"Bài {ENTRY} đã có bản đọc rồi.")
