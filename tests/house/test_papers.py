"""What is written beside the code keeps up with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.settings import NAMES

ROOT = Path(__file__).parents[2]
#: places of the machines this was written on; none of them means anything elsewhere
MACHINE = re.compile(r"(?<![\w.])/(?:work|farm|root|home)/[\w.]|/tmp/[\w.]")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_setting_is_documented(name: str) -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "settings.md").read_text("utf-8").splitlines()
        if line.startswith(f"| `{name}`")
    ]
    assert len(rows) == 1
    default, meaning = rows[0].split("|")[2:4]
    assert meaning.strip()
    if NAMES[name]:
        assert NAMES[name] in default


def test_no_setting_is_documented_that_is_not_there() -> None:
    told = set(re.findall(r"LOATHON_[A-Z_]+", (ROOT / "docs" / "settings.md").read_text("utf-8")))
    assert told == set(NAMES)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_locks_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


def test_locks_hold_every_dependency() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = {
        _plain(m) for m in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    }
    for dependency in told["dependencies"]:
        assert _plain(re.match(r"[\w.-]+", dependency)[0]) in locked, dependency  # type: ignore[index]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_papers_are_there() -> None:
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "docs/settings.md", "docs/glossary.md", ".ci/run"):
        assert (ROOT / name).read_text("utf-8").strip(), name
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_no_place_of_a_machine_is_written_down() -> None:
    endings = {".py", ".yaml", ".yml", ".md", ".toml", ".lock", ".html", ".js", ".css", ".json", ".cfg", ".ini", ".sh"}
    for part in (
        "bot",
        "audio",
        "desk",
        "content",
        "tests",
        "docs",
        "deploy",
        "bench",
        "Makefile",
        "README.md",
        "CHANGELOG.md",
    ):
        start = ROOT / part
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            if path.is_file() and (path.suffix in endings or path.name == "Makefile") and path != Path(__file__):
                found = MACHINE.search(path.read_text("utf-8", errors="replace"))
                assert not found, f"{path}: {found}"
