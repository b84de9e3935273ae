"""What is published: sound files with their sidecars in a folder, one folder a unit. Standard library only.

An entry is there as soon as its sidecar is, and the sidecar is renamed into place after its sound has reached the disk:
a reader sees all of an entry or nothing. A sound's file name carries its hash, so a new version never overwrites what
someone is just downloading. What is withdrawn leaves a tombstone, so that downloaders can be told and the next bundle
can carry the recall.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from audio.errors import AudioError
from audio.tags import read_extra

#: format -> type for the web
TYPES: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    # people's recordings no bundled decoder reads: played as they came
    "m4a": "audio/mp4",
    "amr": "audio/amr",
    "webm": "audio/webm",
}
_ENDINGS = {name: name for name in TYPES} | {"opus": "ogg"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_SIDECAR = ".json"
_CHUNK = 1 << 20
_HASH_LETTERS = 16


class CatalogueError(AudioError):
    """What is not published. Codes: `name` no plain id, `changed` other sound or words than approved, `withdrawn`."""

    code = "catalogue"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of an entry: its title and where it begins in seconds."""

    title: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known of a published sound.

    `id` and `unit`: kebab-case; `kind`: bulletin or clip; `script`: the words as written; `text_sha256` and `sound_sha256`
    (by format): what was approved; `label` is empty when no machine reads; `valid_from`, `valid_until`: first and last
    day it may be heard (None: no end); `published_at` carries its time zone; `seconds`, `lufs`, `true_peak_dbtp` as
    measured; `lesser`: made by a lesser voice than wished, to be made again; `air_on`, `slot_at` (HH:MM) and `zone`: when
    and over which loudspeakers a bulletin is to be played ("" = all).
    """

    id: str
    unit: str
    title: str
    script: str
    text_sha256: str
    approver: str
    published_at: datetime
    valid_from: date
    valid_until: date | None
    kind: str = "bulletin"
    profile: str = "loa"
    voice: str = ""
    label: str = ""
    byline: str = ""
    language: str = "vi"
    seconds: float = 0.0
    lufs: float = 0.0
    true_peak_dbtp: float = 0.0
    lesser: bool = False
    air_on: date | None = None
    slot_at: str = ""
    zone: str = ""
    sound_sha256: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class Sound:
    """One file of an entry: format, path, length in bytes, hash, type."""

    format: str
    path: Path
    size_bytes: int
    sha256: str

    @property
    def media_type(self) -> str:
        """For the web."""
        return TYPES[self.format]


@dataclass(frozen=True, slots=True)
class Published:
    """An entry that is there."""

    sidecar: Sidecar
    sounds: tuple[Sound, ...]

    def sound(self, form: str) -> Sound | None:
        """Its file in a format."""
        return next((sound for sound in self.sounds if sound.format == form), None)

    def is_current(self, on: date) -> bool:
        """Whether it may be heard on a day."""
        until = self.sidecar.valid_until
        return self.sidecar.valid_from <= on and (until is None or on <= until)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What is left of an entry that was taken back: what it was, when and why, and its sounds' hashes."""

    id: str
    unit: str
    title: str
    at: datetime
    why: str
    sound_sha256: Mapping[str, str] = field(default_factory=dict)


def publish(folder: Path, sounds: Mapping[str, bytes | Path], sidecar: Sidecar) -> Published:
    """Put an entry in place, or a new version of it, whole or not at all.

    `sounds`: format to bytes or file. Raises CatalogueError when a sound is not the one whose hash was approved
    (`sound_sha256`), when an MP3's tag names other words, for an id of the past that was withdrawn, for odd names; OSError
    for a full disk.
    """
    _named(sidecar.id)
    place = folder / _named(sidecar.unit)
    if not sounds or set(sounds) - set(TYPES):
        raise CatalogueError(f"no sounds in {', '.join(TYPES)}", code="name")
    if isinstance(_read(place / f"{sidecar.id}{_SIDECAR}"), Withdrawn):
        raise CatalogueError(f"{sidecar.id} was withdrawn", code="withdrawn")
    place.mkdir(parents=True, exist_ok=True)
    kept = []
    for form, given in sounds.items():
        data = given if isinstance(given, bytes) else given.read_bytes()
        hashed = hashlib.sha256(data).hexdigest()
        if sidecar.sound_sha256.get(form, hashed) != hashed:
            raise CatalogueError(f"{sidecar.id}: the {form} is not the approved one", code="changed")
        if form == "mp3" and read_extra(data).get("text_sha256") != sidecar.text_sha256:
            raise CatalogueError(f"{sidecar.id}: the mp3 says other words than approved", code="changed")
        path = place / f"{sidecar.id}.{hashed[:_HASH_LETTERS]}.{_ENDINGS[form]}"
        _write(path, data)
        kept.append(Sound(form, path, len(data), hashed))
    made = Published(replace(sidecar, sound_sha256={sound.format: sound.sha256 for sound in kept}), tuple(kept))
    _write(place / f"{sidecar.id}{_SIDECAR}", _packed(made))
    _clear(place, sidecar.id, {sound.path for sound in kept})
    return made


def listed(folder: Path, on: date, unit: str = "") -> tuple[Published, ...]:
    """What may be heard on a day, newest first; of one unit or of all. Damaged or missing files are left out."""
    found = [entry for entry in _entries(folder, unit) if isinstance(entry, Published) and entry.is_current(on)]
    whole = [entry for entry in found if all(_is_whole(sound) for sound in entry.sounds)]
    return tuple(sorted(whole, key=lambda entry: (entry.sidecar.published_at, entry.sidecar.id), reverse=True))


def find(folder: Path, unit: str, entry_id: str) -> Published | Withdrawn | None:
    """An entry by its id, whether current or not; what is left of it; or None."""
    if not (_NAME.fullmatch(unit) and _NAME.fullmatch(entry_id)):
        return None
    return _read(folder / unit / f"{entry_id}{_SIDECAR}")


def withdraw(folder: Path, unit: str, entry_id: str, why: str, at: datetime) -> Withdrawn | None:
    """Take an entry back: from now on in no list, its sound gone, a tombstone left. None for what was never there;
    withdrawn a second time, the first tombstone stands.
    """
    found = find(folder, unit, entry_id)
    if not isinstance(found, Published):
        return found
    stone = Withdrawn(entry_id, unit, found.sidecar.title, at, why, found.sidecar.sound_sha256)
    _write(folder / unit / f"{entry_id}{_SIDECAR}", _packed(stone))
    _clear(folder / unit, entry_id, set())
    return stone


def withdrawn(folder: Path, since: datetime, unit: str = "") -> tuple[Withdrawn, ...]:
    """Tombstones of a moment or later, oldest first: the recall of the next bundle."""
    found = (entry for entry in _entries(folder, unit) if isinstance(entry, Withdrawn) and entry.at >= since)
    return tuple(sorted(found, key=lambda stone: (stone.at, stone.id)))


def clear(folder: Path, before: date, *, only_look: bool = False) -> int:
    """Remove entries whose last day is before a day, tombstones as old, and what a crash left as old; how many, also when
    they are only looked for.
    """
    gone = 0
    known = {sound.path for entry in _entries(folder, "") if isinstance(entry, Published) for sound in entry.sounds}
    for path in folder.glob("*/*"):
        if path not in known and path.suffix != _SIDECAR and _day(path) < before:
            gone += 1
            if not only_look:
                path.unlink(missing_ok=True)
    for entry in tuple(_entries(folder, "")):
        if isinstance(entry, Published):
            until, name, unit = entry.sidecar.valid_until, entry.sidecar.id, entry.sidecar.unit
        else:
            until, name, unit = entry.at.date(), entry.id, entry.unit
        if until is not None and until < before:
            gone += 1
            if not only_look:
                (folder / unit / f"{name}{_SIDECAR}").unlink(missing_ok=True)
                _clear(folder / unit, name, set())
    return gone


def is_intact(sound: Sound) -> bool:
    """Whether every byte of a file is as published."""
    digest = hashlib.sha256()
    try:
        with sound.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == sound.sha256


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise CatalogueError(f"{name!r} is no plain name", code="name")
    return name


def _day(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def _is_whole(sound: Sound) -> bool:
    try:
        return sound.path.stat().st_size == sound.size_bytes
    except OSError:
        return False


def _entries(folder: Path, unit: str) -> Iterator[Published | Withdrawn]:
    if unit and not _NAME.fullmatch(unit):
        return
    for path in sorted(folder.glob(f"{unit or '*'}/*{_SIDECAR}")):
        entry = _read(path)
        if entry is not None:
            yield entry


def _read(path: Path) -> Published | Withdrawn | None:
    try:
        found = path.stat()
        return _parsed(path, found.st_ino, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        return None


# sidecars are renamed into place, never changed: inode, time and size name a version
@lru_cache(maxsize=4096)
def _parsed(path: Path, _inode: int, _mtime_ns: int, _size: int) -> Published | Withdrawn | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _withdrawn(data) if "withdrawn_at" in data else _published(data, path.parent)
    except (ValueError, KeyError, TypeError):
        # a file of someone else's; what it is not, nobody hears
        return None


def _published(data: dict[str, Any], place: Path) -> Published:
    sounds = tuple(
        Sound(one["format"], place / Path(one["file"]).name, one["bytes"], one["sha256"]) for one in data.pop("sounds")
    )
    until, air_on = data.pop("valid_until"), data.pop("air_on")
    return Published(
        Sidecar(
            published_at=datetime.fromisoformat(data.pop("published_at")),
            valid_from=date.fromisoformat(data.pop("valid_from")),
            valid_until=date.fromisoformat(until) if until else None,
            air_on=date.fromisoformat(air_on) if air_on else None,
            chapters=tuple(Chapter(**chapter) for chapter in data.pop("chapters")),
            **data,
        ),
        sounds,
    )


def _withdrawn(data: dict[str, Any]) -> Withdrawn:
    return Withdrawn(at=datetime.fromisoformat(data.pop("withdrawn_at")), **data)


def _packed(entry: Published | Withdrawn) -> bytes:
    if isinstance(entry, Withdrawn):
        data = asdict(entry)
        data["withdrawn_at"] = data.pop("at").isoformat()
    else:
        data = asdict(entry.sidecar)
        for name in ("published_at", "valid_from", "valid_until", "air_on"):
            data[name] = data[name].isoformat() if data[name] else None
        data["sounds"] = [
            {"format": sound.format, "file": sound.path.name, "bytes": sound.size_bytes, "sha256": sound.sha256}
            for sound in entry.sounds
        ]
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    """Aside, to the disk, then in place; the folder's own entry to the disk too."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as aside:
        try:
            aside.write(data)
            aside.flush()
            os.fsync(aside.fileno())
        except OSError:
            Path(aside.name).unlink(missing_ok=True)
            raise
    # others of the machine may read what is published
    Path(aside.name).chmod(0o644)
    Path(aside.name).replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if os.name == "nt":
        # Windows opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(place: Path, entry_id: str, keep: set[Path]) -> None:
    for ending in set(_ENDINGS.values()):
        # an id may begin another one's: the hash has a fixed length
        for path in place.glob(f"{entry_id}.{'?' * _HASH_LETTERS}.{ending}"):
            if path not in keep:
                path.unlink(missing_ok=True)
