"""What is published is whole, dated, as approved, and gone when it is taken back."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audio import catalogue
from audio.catalogue import CatalogueError, Chapter, Published, Sidecar, Withdrawn
from audio.tags import FileTags, tagged

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TODAY = NOW.date()
WORDS = "a" * 64


def mp3(body: bytes = b"tieng", words: str = WORDS) -> bytes:
    """A tagged file; what lies between the tags does not matter here."""
    return tagged(body, FileTags("Tin", extra={"text_sha256": words}))


def sidecar(entry_id: str = "sang-22", **more) -> Sidecar:
    told = {
        "id": entry_id, "unit": "xa-ea-kao", "title": "Bản tin sáng", "script": "Kính thưa bà con…",
        "text_sha256": WORDS, "approver": "Chủ tịch UBND xã", "published_at": NOW, "valid_from": TODAY,
        "valid_until": TODAY + timedelta(days=7), "label": "giọng đọc tổng hợp", "air_on": TODAY, "slot_at": "05:30",
        "chapters": (Chapter("Lời chào", 0.0), Chapter("Vay vốn", 12.5)),
    }  # fmt: skip
    return Sidecar(**{**told, **more})


def ids(folder: Path, on: date = TODAY, unit: str = "") -> list[str]:
    return [entry.sidecar.id for entry in catalogue.listed(folder, on, unit)]


def test_what_is_published_is_found_as_it_was(tmp_path):
    data = mp3()
    made = catalogue.publish(tmp_path, {"mp3": data, "opus": b"OggS"}, sidecar())
    assert catalogue.listed(tmp_path, TODAY) == (made,)
    assert catalogue.find(tmp_path, "xa-ea-kao", "sang-22") == made
    sound = made.sound("mp3")
    assert sound.path.read_bytes() == data
    assert (sound.size_bytes, sound.sha256, sound.media_type) == (
        len(data), hashlib.sha256(data).hexdigest(), "audio/mpeg"
    )  # fmt: skip
    assert made.sidecar.sound_sha256 == {one.format: one.sha256 for one in made.sounds}
    assert catalogue.is_intact(sound)
    assert made.sound("wav") is None
    assert replace(made.sidecar, sound_sha256={}) == sidecar()


def test_a_file_is_taken_from_where_it_lies(tmp_path):
    (tmp_path / "x.mp3").write_bytes(mp3())
    made = catalogue.publish(tmp_path / "loa", {"mp3": tmp_path / "x.mp3"}, sidecar())
    assert made.sound("mp3").path.read_bytes() == mp3()


@pytest.mark.parametrize(
    ("sounds", "told", "code"),
    [
        ({"mp3": mp3(b"khac")}, {"sound_sha256": {"mp3": hashlib.sha256(mp3()).hexdigest()}}, "changed"),
        ({"mp3": mp3(words="b" * 64)}, {}, "changed"),
        ({"mp3": b"no tag"}, {}, "changed"),
        ({}, {}, "name"),
        ({"exe": b"x"}, {}, "name"),
        ({"mp3": mp3()}, {"id": "../x"}, "name"),
        ({"mp3": mp3()}, {"unit": ""}, "name"),
    ],
)
def test_what_was_not_approved_is_not_published(sounds, told, code, tmp_path):
    with pytest.raises(CatalogueError) as error:
        catalogue.publish(tmp_path, sounds, sidecar(**told))
    assert error.value.code == code
    assert catalogue.listed(tmp_path, TODAY) == ()


def test_only_what_is_current_is_listed(tmp_path):
    for name, first, last in (
        ("hom-qua", -5, -1), ("hom-nay", 0, 0), ("tuan-nay", -1, 6), ("mai", 1, 3), ("mai-mai", -9, None)
    ):  # fmt: skip
        catalogue.publish(
            tmp_path,
            {"mp3": mp3()},
            sidecar(
                name,
                valid_from=TODAY + timedelta(days=first),
                valid_until=None if last is None else TODAY + timedelta(days=last),
                published_at=NOW + timedelta(days=first),
            ),
        )
    assert ids(tmp_path) == ["hom-nay", "tuan-nay", "mai-mai"]
    assert ids(tmp_path, TODAY + timedelta(days=30)) == ["mai-mai"]
    assert catalogue.clear(tmp_path, TODAY) == 1
    assert catalogue.find(tmp_path, "xa-ea-kao", "hom-qua") is None
    assert len(list((tmp_path / "xa-ea-kao").iterdir())) == 8


def test_units_keep_apart(tmp_path):
    catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar())
    catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar("khac", unit="xa-tu-ky"))
    assert ids(tmp_path, unit="xa-tu-ky") == ["khac"]
    assert ids(tmp_path) == ["sang-22", "khac"]
    assert ids(tmp_path, unit="..") == []
    assert catalogue.find(tmp_path, "xa-tu-ky", "sang-22") is None


def test_what_is_taken_back_is_gone_and_remembered(tmp_path):
    made = catalogue.publish(tmp_path, {"mp3": mp3(), "opus": b"OggS"}, sidecar())
    catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar("sang-22-b"))
    later = NOW + timedelta(hours=2)
    stone = catalogue.withdraw(tmp_path, "xa-ea-kao", "sang-22", "Sai số điện thoại", later)
    assert ids(tmp_path) == ["sang-22-b"]
    assert not any(sound.path.exists() for sound in made.sounds)
    assert catalogue.find(tmp_path, "xa-ea-kao", "sang-22") == stone
    assert (stone.title, stone.why, stone.sound_sha256) == (
        "Bản tin sáng",
        "Sai số điện thoại",
        made.sidecar.sound_sha256,
    )
    assert catalogue.withdrawn(tmp_path, NOW, "xa-ea-kao") == (stone,)
    assert catalogue.withdrawn(tmp_path, later + timedelta(seconds=1)) == ()
    again = catalogue.withdraw(tmp_path, "xa-ea-kao", "sang-22", "khác", later + timedelta(days=1))
    assert again == stone
    assert catalogue.withdraw(tmp_path, "xa-ea-kao", "chua-co", "x", NOW) is None
    with pytest.raises(CatalogueError) as error:
        catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar())
    assert error.value.code == "withdrawn"
    assert catalogue.clear(tmp_path, TODAY + timedelta(days=1)) == 1
    assert catalogue.withdrawn(tmp_path, NOW) == ()


def test_a_new_version_takes_the_place_of_the_old(tmp_path):
    catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar())
    new = catalogue.publish(tmp_path, {"mp3": mp3(b"moi hon")}, sidecar(title="Bản tin sáng, sửa"))
    assert catalogue.listed(tmp_path, TODAY) == (new,)
    assert len(list((tmp_path / "xa-ea-kao").iterdir())) == 2


def test_a_crash_before_the_sidecar_publishes_nothing(tmp_path, monkeypatch):
    real = Path.replace

    def crash(self, target):
        if str(target).endswith(".json"):
            raise OSError(28, "no room")
        return real(self, target)

    old = catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar())
    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="no room"):
        catalogue.publish(tmp_path, {"mp3": mp3(b"moi")}, sidecar())
    monkeypatch.undo()
    assert catalogue.listed(tmp_path, TODAY) == (old,)
    assert catalogue.is_intact(old.sound("mp3"))
    long_ago = (NOW - timedelta(days=40)).timestamp()
    for path in (tmp_path / "xa-ea-kao").iterdir():
        os.utime(path, (long_ago, long_ago))
    assert catalogue.clear(tmp_path, TODAY) > 0
    assert catalogue.listed(tmp_path, TODAY) == (old,)
    assert len(list((tmp_path / "xa-ea-kao").iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "gone", "sidecar", "foreign"])
def test_damage_is_left_out_not_raised(damage, tmp_path):
    made = catalogue.publish(tmp_path, {"mp3": mp3()}, sidecar())
    place, sound = tmp_path / "xa-ea-kao", made.sound("mp3")
    if damage == "cut":
        sound.path.write_bytes(b"x")
    elif damage == "gone":
        sound.path.unlink()
    elif damage == "sidecar":
        (place / "sang-22.json").write_text("{", encoding="utf-8")
    else:
        (place / "note.json").write_text("[1]", encoding="utf-8")
    assert ids(tmp_path) == (["sang-22"] if damage == "foreign" else [])
    assert catalogue.is_intact(sound) == (damage in {"sidecar", "foreign"})


def test_readers_meanwhile_see_all_or_nothing(tmp_path):
    def read(_n: int) -> set[int]:
        return {len(entry.sounds) for entry in catalogue.listed(tmp_path, TODAY)}

    with ThreadPoolExecutor(4) as pool:
        reads = [pool.submit(read, n) for n in range(60)]
        for n in range(10):
            catalogue.publish(tmp_path, {"mp3": mp3(bytes([n])), "opus": b"O" * n}, sidecar(f"tin-{n}"))
    assert set().union(*(one.result() for one in reads)) <= {2}
    assert len(catalogue.listed(tmp_path, TODAY)) == 10
    assert all(isinstance(catalogue.find(tmp_path, "xa-ea-kao", f"tin-{n}"), Published) for n in range(10))
    assert not any(isinstance(entry, Withdrawn) for entry in catalogue.listed(tmp_path, TODAY))


def test_it_needs_nothing_but_the_standard_library():
    code = "import sys, audio.catalogue; print([m for m in ('numpy', 'yaml', 'soundfile', 'PIL') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
