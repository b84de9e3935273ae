"""One long-lived process on one SQLite file: the others refuse in one sentence."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import AlreadyRunningError


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs; the system frees it when the process dies, however it dies.

    Raises `AlreadyRunningError` with the other's process id.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "loathon.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyRunningError(pid=file.read().strip() or "?") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
