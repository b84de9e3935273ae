# ruff: noqa: INP001 - a script beside the packages
"""Finds the programs that check `deploy/`; installs Debian's when root and missing, else says in one sentence what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

#: program -> Debian's package
PACKAGES = {
    "systemd-analyze": "systemd",
    "caddy": "caddy",
    "promtool": "prometheus",
    "docker-compose": "docker-compose",
    "curl": "curl",
    "git": "git",
}


def missing(programs: list[str]) -> list[str]:
    """Those that are not on this machine."""
    return [program for program in programs if shutil.which(program) is None]


def install(packages: list[str]) -> bool:
    """Install Debian's; whether that went well."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages])
    return all(
        subprocess.run(step, env=environment, stdout=sys.stderr, check=False).returncode == 0  # noqa: S603 - fixed words
        for step in steps
    )


def main(programs: list[str]) -> int:
    """0 when all these programs are there."""
    packages = [PACKAGES[program] for program in missing(programs)]
    if not packages or (install(packages) and not missing(programs)):
        return 0
    sys.stderr.write(f"These tests need {', '.join(packages)}: install that, or run this as root on Debian.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
