"""How long from `loathon run` to a `/health` that answers 200: on an empty folder, and again. Goal: 2 s.

Run alone with `python -m bench.startup`. Memory is that of the process when it has just become ready.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.fleet import OURS, PATIENCE_S, free_port, healthy, process


def _start(folder: Path) -> tuple[float, float]:
    """(seconds, MB of 10^6 bytes)."""
    port = free_port()
    began = time.perf_counter()
    with process(OURS, folder, LOATHON_HTTP_PORT=str(port)) as bot:
        while not healthy(f"http://127.0.0.1:{port}"):
            if time.perf_counter() - began > PATIENCE_S or not bot.is_running():
                raise AssertionError("it does not start")
            time.sleep(0.01)
        return time.perf_counter() - began, bot.memory_info().rss / 1e6


def run() -> dict[str, float]:
    """Print and return: seconds of the first and the second start, memory after the second."""
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        first_s, _rss = _start(Path(folder))
        second_s, rss_mb = _start(Path(folder))
    figures = {"first_s": round(first_s, 2), "second_s": round(second_s, 2), "rss_mb": round(rss_mb, 1)}
    for name, value in figures.items():
        print(f"startup {name}: {value}")
    return figures


if __name__ == "__main__":
    run()
