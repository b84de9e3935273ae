"""A bundle written to a USB stick, file by file in playing order, each to the metal before the next, read back at the end.

Only what an earlier bundle of ours wrote is ever removed: the checksums left on the stick tell which that is, and they name
the new files before the first of them is written, so that a stick pulled out too early is finished by the next try. The
played folder is made anew: a player goes by the order of its entries, and holes in an old folder would be filled first.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.bundle import PAPERS, PLAYED, RECALL, SUMS, Bundle, File, files
from bot.errors import LoaThonError
from bot.store.blobs import sync_folder

#: files done, files in all, the name of the one just written
Progress = Callable[[int, int, str], None]

_MB = 1_000_000
# in the place of a sum, for what is only named
_NO_SUM = "0" * 64
# room for the folders' own entries and the rounding up to whole clusters (32 kB on a FAT32 of this size)
_PER_FILE_BYTES = 32 * 1024
_CHUNK = 1 << 18
_SUM = re.compile(r"^[0-9a-f]{64}  \.\./([\w.-]+(?:/[\w.-]+)?)$", re.ASCII)
# the checksums before they are renamed into place
_PLAN = f"{PAPERS}/SHA256SUMS.tmp"
# what computers leave on a stick unasked
_LITTER = re.compile(r"^(?:\._.*|\.DS_Store|Thumbs\.db|desktop\.ini)$", re.IGNORECASE)


class NoStickError(LoaThonError):
    """bundle.not_there"""


class NoRoomError(LoaThonError):
    """bundle.full"""


class ForeignFilesError(LoaThonError):
    """bundle.foreign"""


class DamagedStickError(LoaThonError):
    """bundle.damaged"""


class UnwritableStickError(LoaThonError):
    """bundle.unwritable"""


def write_to(bundle: Bundle, path: Path, progress: Progress = lambda _done, _total, _name: None) -> tuple[File, ...]:
    """Write a bundle in order, sync each file, read all of it back; the files written.

    Raises `NoStickError`, `ForeignFilesError` (nothing was touched), `NoRoomError` (nothing was touched),
    `UnwritableStickError`, `MissingSoundError`, `DamagedStickError`.
    """
    if not path.is_dir():
        raise NoStickError(path=path)
    made = files(bundle)
    # a sound that is not what was approved is found before the old bundle goes
    for file in made:
        for _ in file.chunks():
            pass
    try:
        old = _ours(path)
        _refuse_foreign(path, old)
        _refuse_full(path, made, old)
        _plan(path, made, old)
        _remove(path, old)
        for done, file in enumerate(made, 1):
            _put(path, file)
            progress(done, len(made), file.name)
        sync_folder(path)
        damaged = [file.name for file in made if _digest(path / file.name) != file.sha256]
    except OSError as error:
        raise UnwritableStickError(path=path, why=error.strerror or type(error).__name__) from error
    if damaged:
        raise DamagedStickError(names=", ".join(damaged[:5]))
    return made


def _ours(path: Path) -> frozenset[str]:
    """Names of files that an earlier bundle of ours wrote, or was about to write."""
    try:
        lines = (path / SUMS).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return frozenset()
    told = {found[1] for line in lines if (found := _SUM.match(line))}
    known = {name for name in told if name == RECALL or name.startswith((f"{PLAYED}/", f"{PAPERS}/"))}
    return frozenset(name for name in {*known, SUMS, _PLAN} if (path / name).is_file())


def _refuse_foreign(path: Path, old: frozenset[str]) -> None:
    for folder in (PLAYED, PAPERS):
        place = path / folder
        if place.exists() and not place.is_dir():
            raise ForeignFilesError(folder=".", names=folder)
        there = [one.name for one in place.iterdir()] if place.is_dir() else []
        foreign = sorted(name for name in there if f"{folder}/{name}" not in old and not _LITTER.match(name))
        if foreign:
            raise ForeignFilesError(folder=folder, names=", ".join(foreign[:5]))
    if (path / RECALL).exists() and RECALL not in old:
        raise ForeignFilesError(folder=".", names=RECALL)


def _refuse_full(path: Path, made: Sequence[File], old: frozenset[str]) -> None:
    freed = sum((path / name).stat().st_size for name in old)
    needed = sum(file.size_bytes + _PER_FILE_BYTES for file in made)
    free = shutil.disk_usage(path).free + freed
    if free < needed:
        raise NoRoomError(free=free // _MB, needed=needed // _MB + 1)


def _plan(path: Path, made: Sequence[File], old: frozenset[str]) -> None:
    """Name old and new files as ours before any of them goes or comes."""
    (path / PAPERS).mkdir(exist_ok=True)
    lines = [f"{_NO_SUM}  ../{name}\n" for name in sorted(old - {SUMS, _PLAN})]
    lines += [f"{file.sha256}  ../{file.name}\n" for file in made if file.name != SUMS]
    _sums(path, ["".join(lines).encode()])


def _remove(path: Path, old: frozenset[str]) -> None:
    for name in sorted(old - {SUMS}):
        (path / name).unlink(missing_ok=True)
    for folder in (PLAYED, PAPERS):
        place = path / folder
        for one in place.iterdir() if place.is_dir() else ():
            if _LITTER.match(one.name):
                one.unlink()
    if (path / PLAYED).is_dir():
        (path / PLAYED).rmdir()


def _put(path: Path, file: File) -> None:
    target = path / file.name
    if file.name == SUMS:
        _sums(path, file.chunks())
        return
    if not target.parent.is_dir():
        target.parent.mkdir()
        sync_folder(path)
    _write(target, file.chunks(), "xb")


def _sums(path: Path, chunks: Iterable[bytes]) -> None:
    """In the place of the old ones, whole or not at all: they say what is ours."""
    _write(path / _PLAN, chunks, "wb")
    (path / _PLAN).replace(path / SUMS)
    sync_folder((path / SUMS).parent)


def _write(target: Path, chunks: Iterable[bytes], mode: str) -> None:
    with target.open(mode) as into:
        for chunk in chunks:
            into.write(chunk)
        into.flush()
        os.fsync(into.fileno())
        _forget(into.fileno())
    sync_folder(target.parent)


def _forget(handle: int) -> None:
    """Drop what the system remembers of a file, so that reading it back reads the stick; Linux only."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
