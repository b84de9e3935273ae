"""What a broadcaster carries away: the day's files in playing order with list, sheet, checksums and recalls, as a zip or
written to a USB stick.

Cheap players play in the order in which files were written, not by name, and stumble over accents and long names: so one
folder of numbered ASCII names, written one after another, and everything else after it in a second folder.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import RawIOBase
from pathlib import Path
from typing import Any

from bot.errors import LoaThonError, say
from bot.lettering import nearest
from bot.model.fold import strip_accents
from bot.runsheet import Entry, Recalled, RunSheet, run_sheet, told
from bot.settings import LOCAL

#: the folder that is played; the folder of everything else. Both short and plain, for any player and any computer
PLAYED, PAPERS = "01", "GIAY-TO"
SUMS = f"{PAPERS}/SHA256SUMS.txt"
RECALL = "THU-HOI.txt"
#: two digits number the files
TRACKS_MOST = 99
#: letters of a title in a name: with number, date and ending 32 at most, which every player shows
_TITLE_LETTERS = 15
_ODD = re.compile(r"[^A-Z0-9]+")
_CHUNK = 1 << 18
_TAG_LETTERS = 16
# Windows' editors know UTF-8 by its mark, and want both characters at a line's end
_MARK, _LINE = "\ufeff", "\r\n"


class MissingSoundError(LoaThonError):
    """bundle.missing"""


class TooManyTracksError(LoaThonError):
    """bundle.too_many"""


@dataclass(frozen=True, slots=True)
class Track:
    """One file to be played: what papers tell of it, where it lies, its `sha256` and `size_bytes` as approved."""

    told: Entry
    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """One day's files of a station, in playing order, and what was taken back since the last bundle."""

    station: str
    day: date
    slots: tuple[str, ...]
    tracks: tuple[Track, ...]
    recalled: tuple[Recalled, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.tracks) > TRACKS_MOST:
            raise TooManyTracksError(most=TRACKS_MOST)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a bundle: its name with `/`, its bytes or where they lie, and their hash."""

    name: str
    content: bytes | Path
    size_bytes: int
    sha256: str

    def chunks(self) -> Iterator[bytes]:
        """The bytes, some at a time. Raises `MissingSoundError` when the file is gone or not what was approved."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        digest, size = hashlib.sha256(), 0
        try:
            with self.content.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
        except FileNotFoundError:
            raise MissingSoundError(name=self.name) from None
        if digest.hexdigest() != self.sha256 or size != self.size_bytes:
            raise MissingSoundError(name=self.name)


def track_name(number: int, title: str, day: date) -> str:
    """A name of at most 32 letters that FAT, Windows and old players take: `01_VAY-VON_20261122.mp3`.

    It begins with its number, so it is never one of the names Windows keeps for itself.
    """
    words = [word for word in _ODD.split(_ascii(title).upper()) if word]
    slug = ""
    for word in words:
        joined = f"{slug}-{word}" if slug else word[:_TITLE_LETTERS]
        if len(joined) > _TITLE_LETTERS:
            break
        slug = joined
    return f"{number:02d}_{slug or 'TIN'}_{day:%Y%m%d}.mp3"


def files(bundle: Bundle) -> tuple[File, ...]:
    """All files in the order in which they are written: the recall before anything is played, then the sounds, then
    lists and papers, the checksums last.
    """
    names = [track_name(number, track.told.title, bundle.day) for number, track in enumerate(bundle.tracks, 1)]
    out = [
        File(f"{PLAYED}/{name}", track.path, track.size_bytes, track.sha256)
        for name, track in zip(names, bundle.tracks, strict=True)
    ]
    if bundle.recalled:
        out.insert(0, _made(RECALL, _lines(_recall(bundle.recalled))))
    out.append(_made(f"{PLAYED}/DANH-SACH.m3u", _m3u(bundle, names, plain=True)))
    out.append(_made(f"{PLAYED}/DANH-SACH.m3u8", _m3u(bundle, names, plain=False)))
    out.append(_made(f"{PAPERS}/BANG-PHAT.pdf", _sheet(bundle, names)))
    out.append(_made(f"{PAPERS}/DOC-TRUOC.txt", _lines([say("bundle.read_me", folder=PLAYED)])))
    sums = "".join(f"{file.sha256}  ../{file.name}\n" for file in out)
    return (*out, _made(SUMS, sums.encode()))


def zip_stream(bundle: Bundle) -> Iterator[bytes]:
    """The bundle as a zip, entries in playing order, sounds stored as they are; the same bundle gives the same bytes.

    Raises `MissingSoundError` in the middle, so that a broken zip is never taken for a whole one.
    """
    pipe = _Pipe()
    # the archive's times are the day's, so that the bytes do not change with the hour of the download
    moment = (bundle.day.year, bundle.day.month, bundle.day.day, 0, 0, 0)
    with zipfile.ZipFile(pipe, "w") as archive:
        for file in files(bundle):
            info = zipfile.ZipInfo(file.name, moment)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            info.file_size = file.size_bytes
            is_sound = file.name.endswith(".mp3")
            info.compress_type = zipfile.ZIP_STORED if is_sound else zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as into:
                for chunk in file.chunks():
                    into.write(chunk)
                    yield pipe.taken()
        yield pipe.taken()
    yield pipe.taken()


def zip_name(bundle: Bundle) -> str:
    """A plain name for the download."""
    slug = _ODD.sub("-", _ascii(bundle.station).upper()).strip("-")
    return f"{slug[:40] or 'LOA'}_{bundle.day:%Y%m%d}.zip"


def keep_zip(bundle: Bundle, folder: Path) -> Path:
    """The zip as a file in `folder`, made when it is not there yet, so that a broken download can go on where it stopped.

    Its name changes with anything in it and serves as entity tag; older ones of the same station and day go. Raises
    `MissingSoundError`; OSError for a full disk.
    """
    made = files(bundle)
    digest = hashlib.sha256("".join(f"{file.sha256} {file.name}\n" for file in made).encode()).hexdigest()
    stem = zip_name(bundle).removesuffix(".zip")
    target = folder / f"{stem}.{digest[:_TAG_LETTERS]}.zip"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as aside:
        try:
            aside.writelines(zip_stream(bundle))
        except BaseException:
            Path(aside.name).unlink(missing_ok=True)
            raise
    for old in folder.glob(f"{stem}.{'?' * _TAG_LETTERS}.zip"):
        old.unlink(missing_ok=True)
    Path(aside.name).replace(target)
    return target


class _Pipe(RawIOBase):
    """Where the zip is written: bytes wait until they are taken."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        self._count += len(data)
        return len(data)

    def tell(self) -> int:
        return self._count

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        out = bytes(self._held)
        self._held.clear()
        return out


def _made(name: str, content: bytes) -> File:
    return File(name, content, len(content), hashlib.sha256(content).hexdigest())


def _m3u(bundle: Bundle, names: Sequence[str], *, plain: bool) -> bytes:
    """Extended M3U beside its files; the plain one for players that know ASCII only."""
    lines = ["#EXTM3U"]
    for name, track in zip(names, bundle.tracks, strict=True):
        title = " ".join(track.told.title.split())
        lines += [f"#EXTINF:{round(track.told.seconds)},{_ascii(title) if plain else title}", name]
    return "".join(line + _LINE for line in lines).encode("ascii" if plain else "utf-8")


def _ascii(text: str) -> str:
    return "".join(letter if letter.isascii() else nearest(letter) for letter in strip_accents(text))


def _recall(recalled: Sequence[Recalled]) -> list[str]:
    lines = [say("bundle.recall.head"), ""]
    for one in recalled:
        lines += [one.title, say("bundle.recall.why", why=one.why), say("bundle.recall.at", at=told(one.at))]
        lines += [*one.names, *(f"SHA-256 {hashed}" for hashed in one.sha256), ""]
    return [*lines, say("bundle.recall.ask")]


def _lines(lines: Sequence[str]) -> bytes:
    return (_MARK + "".join(line + _LINE for line in lines)).encode()


def _sheet(bundle: Bundle, names: Sequence[str]) -> bytes:
    entries = tuple(
        replace(track.told, file=name, approved_at=track.told.approved_at and track.told.approved_at.astimezone(LOCAL))
        for name, track in zip(names, bundle.tracks, strict=True)
    )
    return run_sheet(RunSheet(bundle.station, bundle.day, bundle.slots, entries, bundle.recalled, bundle.note))
