"""`python -m bench [NAME…]`: every bench of this folder, or those named, each with its figures; then the machine.

A bench is a module here with `run() -> dict[str, float]`, which prints its own figures. One that fails does not keep the
others from running; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import psutil


def benches() -> dict[str, Callable[[], dict[str, float]]]:
    """Name → what runs it."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("_"):
            continue
        run = getattr(importlib.import_module(f"bench.{module.name}"), "run", None)
        if run is not None:
            found[module.name] = run
    return found


def machine() -> str:
    """What the figures were measured on."""
    memory_gb = psutil.virtual_memory().total / 1e9
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load:.1f}"
    )


def main() -> int:
    """Run them; the exit code."""
    known = benches()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    named = parser.parse_args().names
    if unknown := sorted(set(named) - set(known)):
        parser.error(f"no bench {unknown[0]}; there are {', '.join(known)}")
    print(f"machine: {machine()}", flush=True)
    failed = []
    for name in named or known:
        began = time.perf_counter()
        try:
            known[name]()
        except Exception:  # noqa: BLE001 - the other figures are wanted all the same
            traceback.print_exc()
            failed.append(name)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    print(f"machine: {machine()}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
