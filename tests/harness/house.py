"""`loathon run` as a real process on a free port and a folder of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

ROOT = Path(__file__).parents[2]
#: a start on a busy machine; a guard, not a figure
PATIENCE_S = 60.0


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The settings of a process that shares nothing with this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOATHON_")}
    own = {"LOATHON_DATA_DIR": str(folder), "LOATHON_HTTP_PORT": "0", "PYTHONWARNINGS": "error"}
    return {**kept, **own, **settings}


def command(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one short command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@dataclass
class Process:
    """One running `loathon`."""

    process: subprocess.Popen[str]
    lines: Queue[str | None]
    told: list[str] = field(default_factory=list)

    def until(self, pattern: str) -> re.Match[str]:
        """Wait for a line it prints."""
        ends = time.monotonic() + PATIENCE_S
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, ends - time.monotonic()))
            except Empty:
                line = None
            if line is None:
                raise AssertionError(f"no {pattern!r} in:\n{''.join(self.told)}")
            self.told.append(line)
            if found := re.search(pattern, line):
                return found

    @property
    def url(self) -> str:
        """Where it serves."""
        return self.until(r"(http://\S+)/health")[1]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(folder: Path, *words: str, module: str = "bot", **settings: str) -> Iterator[Process]:
    """A process that is gone when the block ends, however it ends. `module` stands in for the command itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *(words or ("run",))],
        cwd=ROOT,
        env=environment(folder, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: Queue[str | None] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield Process(process, lines)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def get_json(url: str) -> tuple[int, Any]:
    """(status, body)."""
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return answer.status, json.loads(answer.read())
