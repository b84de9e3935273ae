"""What a province is given, as far as it can be checked without a container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROVINCE = ROOT / "deploy" / "province"


@pytest.fixture
def placed(tmp_path: Path) -> Path:
    """The folder with its settings filled in."""
    folder = tmp_path / "deploy" / "province"
    shutil.copytree(PROVINCE, folder)
    example = (folder / "env.example").read_text("utf-8")
    (folder / ".env").write_text(example.replace("POSTGRES_PASSWORD=", "POSTGRES_PASSWORD=abc123"), "utf-8")
    return folder


def test_compose_takes_its_file(placed: Path, program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("docker-compose"), "-f", "compose.yaml", "config"],
        capture_output=True,
        text=True,
        check=False,
        cwd=placed,
    )
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    for name in ("serve", "desk", "worker"):
        assert services[name]["environment"]["LOATHON_DATABASE_URL"].startswith("postgresql://loathon:abc123@")
    # secrets go where they are needed and the ports of the inside stay inside
    assert not [name for name in services["web"]["environment"] if name.startswith("LOATHON_")]
    assert [name for name, service in services.items() if service.get("ports")] == ["web"]


def test_compose_asks_for_the_password(placed: Path, program: Callable[[str], str]) -> None:
    shutil.copy(placed / "env.example", placed / ".env")
    done = subprocess.run(
        [program("docker-compose"), "-f", "compose.yaml", "config"], capture_output=True, check=False, cwd=placed
    )
    assert done.returncode != 0


def test_caddy_takes_its_file(tmp_path: Path, program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("caddy"), "validate", "--adapter", "caddyfile", "--config", PROVINCE / "Caddyfile"],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SITE": "xa.example.vn"},
    )
    assert done.returncode == 0, done.stderr


def test_the_container_holds_what_is_there() -> None:
    text = (PROVINCE / "Containerfile").read_text("utf-8")
    named = [name for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for name in line.split()]
    assert {"bot", "audio", "desk", "content"} <= set(named)
    assert [name for name in named if not (ROOT / name).exists()] == []
    sent = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    # nothing is sent to the engine but what the image takes
    assert "*" in sent
    assert {line.removeprefix("!") for line in sent if line.startswith("!")} == set(named)
