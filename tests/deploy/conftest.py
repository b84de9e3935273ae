"""Programs of Debian that check what is in deploy/."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The path of a program; installs Debian's when root and missing, else fails in one sentence."""

    def find(name: str) -> str:
        if (path := shutil.which(name)) is not None:
            return path
        done = subprocess.run(
            [sys.executable, ROOT / "deploy" / "ensure_packages.py", name], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.fail(done.stderr.strip().splitlines()[-1], pytrace=False)
        path = shutil.which(name)
        assert path is not None
        return path

    return find
