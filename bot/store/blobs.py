"""Files by the sha256 of their bytes: written and synced before the row that names them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of files named by content. The same bytes are kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where that file stands or would stand; raises `ValueError` for anything but 64 hex digits."""
        if not _NAME.fullmatch(sha256):
            raise ValueError(sha256)
        return self.folder / sha256[:2] / sha256

    async def put(self, data: bytes) -> str:
        """Keep these bytes for good and give their sha256; durable when it returns."""
        return await asyncio.to_thread(self.put_now, data)

    def put_now(self, data: bytes) -> str:
        """As `put`, in this thread."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if _touch(path):
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
        return sha256

    async def get(self, sha256: str) -> bytes:
        """The bytes; raises `FileNotFoundError`."""
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    async def drop(self, sha256: str) -> None:
        """Remove the file if it is there."""
        await asyncio.to_thread(self.path(sha256).unlink, missing_ok=True)

    def put_before(self, seconds: float) -> list[str]:
        """The files last put before that moment (seconds since 1970), the oldest first."""
        found = []
        for path in self.each():
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime, path.name))
        return [name for at, name in sorted(found) if at < seconds]

    def drop_put_before(self, sha256: str, seconds: float) -> bool:
        """Remove a file unless it was put since that moment (seconds since 1970); whether it went.

        Someone may put the same bytes at this very moment and be told that they are here: the file steps aside first, and
        comes back if it was touched.
        """
        path = self.path(sha256)
        # a name of its own: another collector at work must not take this one's file for what it put aside
        aside = path.with_name(f".leaving-{sha256}-{os.getpid()}-{threading.get_ident()}")
        try:
            path.replace(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= seconds:
            aside.replace(path)
            return False
        aside.unlink()
        return True

    def each(self) -> Iterator[Path]:
        """All files kept, in no order that matters."""
        return (p for p in self.folder.glob("??/*") if _NAME.fullmatch(p.name))


def _touch(path: Path) -> bool:
    """Count the file as put now, if it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Have the folder's own entries reach the disk: a file is there after a loss of power only then."""
    if os.name == "nt":
        # Windows opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
