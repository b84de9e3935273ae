# ruff: noqa: INP001 - a script beside the packages
"""Finds a Chromium for the browser tests; installs Debian's when root and missing, else says in one sentence what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> bool:
    """Install Debian's; whether that went well."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium"])
    return all(subprocess.run(step, env=environment, check=False).returncode == 0 for step in steps)  # noqa: S603 - fixed words


def main() -> int:
    """0 when there is a Chromium."""
    if find() or (install() and find()):
        return 0
    sys.stderr.write("The browser tests need Chromium: install the package chromium, or run this as root on Debian.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
