"""Sound kept by content, three levels: speech as a voice gave it (FLAC), mastered (FLAC), encoded (MP3 frames with
their figures).

A key is the hash of everything the sound depends on, so nothing is ever stale and nothing needs to be thrown out but
for room. Every entry carries the hash of its bytes: a torn or rotten one counts as missing. Any number of processes
may share a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

SPEECH, MASTERED, ENCODED = "speech", "mastered", "encoded"
LEVELS = (SPEECH, MASTERED, ENCODED)
_DIGEST = hashlib.sha256().digest_size
# room is made down to this share at once, so that pruning is rare
_PRUNED_SHARE = 0.8


def key(*parts: str) -> str:
    """Hash of the parts in order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class Cache(Protocol):
    """Bytes by level and key."""

    def get(self, level: str, name: str) -> bytes | None:
        """The bytes, or None."""
        ...

    def put(self, level: str, name: str, data: bytes) -> None:
        """Keep the bytes if there is room."""
        ...


class FolderCache:
    """Entries as files under one folder, the least lately used thrown out when `max_bytes` is passed."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max = max_bytes
        self._size: int | None = None

    def get(self, level: str, name: str) -> bytes | None:
        """The bytes, or None when unknown or damaged; a damaged entry is removed."""
        path = self._path(level, name)
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        data = raw[_DIGEST:]
        if hashlib.sha256(data).digest() != raw[:_DIGEST]:
            path.unlink(missing_ok=True)
            return None
        # the time of last use is the file's own: nothing else to keep in step
        os.utime(path)
        return data

    def put(self, level: str, name: str, data: bytes) -> None:
        """Write aside, then rename. A disk that is full or read-only costs speed, not the clip."""
        path = self._path(level, name)
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(hashlib.sha256(data).digest() + data)
            aside.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                aside.unlink()
            return
        if self._size is None:
            self._size = sum(size for _, size, _ in self._entries())
        else:
            self._size += len(data) + _DIGEST
        if self._size > self._max:
            self.prune()

    def prune(self) -> int:
        """Throw out the least lately used until four fifths of the room are left; how many went."""
        gone = 0
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self._max * _PRUNED_SHARE:
                break
            path.unlink(missing_ok=True)
            total -= size
            gone += 1
        self._size = total
        return gone

    def forget(self, before: float, *, only_look: bool = False) -> int:
        """Throw out what was last used before that moment (seconds since 1970); how much, also when only looked for."""
        old = [path for used, _, path in self._entries() if used < before]
        for path in () if only_look else old:
            path.unlink(missing_ok=True)
        return len(old)

    def _entries(self) -> Iterable[tuple[float, int, Path]]:
        for path in self._root.glob("*/*/*"):
            try:
                found = path.stat()
            except FileNotFoundError:
                # another process made room
                continue
            yield found.st_mtime, found.st_size, path

    def _path(self, level: str, name: str) -> Path:
        return self._root / level / name[:2] / name
