"""The commands of a server, run for real on a checkout of this test; only systemd and the set-up of Python are played."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("bot", "audio", "desk", "content", "deploy")

#: stops the hard way: copies and changes of version must hold even so
SYSTEMCTL = """#!/bin/sh
echo "$*" >>"{room}/systemctl.log"
case "$*" in
"start loathon.service")
    set -a; . "{room}/etc/loathon/env"; LOATHON_DATA_DIR="{room}/state/data"
    cd "{room}/house/current" && setsid .venv/bin/loathon run >>"{room}/service.log" 2>&1 </dev/null &
    echo $! >"{room}/service.pid" ;;
"stop loathon.service")
    pid=$(cat "{room}/service.pid") && kill -KILL "$pid" 2>/dev/null
    tail --pid="$pid" -f /dev/null; rm -f "{room}/service.pid" ;;
esac
"""
MAKE = """#!/bin/sh
release=$3
mkdir -p "$release/.venv/bin"
printf '#!/bin/sh\\nexec {python} "$@"\\n' >"$release/.venv/bin/python"
printf '#!/bin/sh\\nexec {python} -m bot "$@"\\n' >"$release/.venv/bin/loathon"
chmod 755 "$release"/.venv/bin/*
test ! -e "$release/unbuildable"
"""


@dataclass
class Server:
    """One machine in one folder."""

    room: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LOATHON_")}
        return {
            **kept,
            "PATH": f"{self.room / 'bin'}:{kept['PATH']}",
            "HOUSE": str(self.room / "house"),
            "STATE": str(self.room / "state"),
            "BACKUPS": str(self.room / "backups"),
            "SETTINGS": str(self.room / "etc" / "loathon" / "env"),
            "ETC": str(self.room / "etc"),
            "ACCOUNT": subprocess.check_output(["id", "-un"], text=True).strip(),
            "PATIENCE_S": "20",
        }

    @property
    def source(self) -> Path:
        return self.room / "house" / "source"

    @property
    def running(self) -> str:
        """The commit that runs."""
        return (self.room / "house" / "current").resolve().name

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.vn", "-c", "init.defaultBranch=main"]
        return subprocess.check_output(["git", *who, "-C", self.room / "origin", *words], text=True).strip()

    def release(self, path: str, text: str) -> str:
        """A new version with this at the end of that file."""
        with (self.room / "origin" / path).open("a", encoding="utf-8") as file:
            file.write(text)
        self.git("add", "--force", ".")
        self.git("commit", "-q", "-m", "next")
        return self.git("rev-parse", "HEAD")[:12]

    def call(self, command: str, *words: str, patience: str = "20") -> tuple[int, str]:
        """Exit code and everything said."""
        done = subprocess.run(
            [self.source / "deploy" / command, *words],
            env={**self.environment, "PATIENCE_S": patience},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def ok(self, command: str, *words: str) -> str:
        code, told = self.call(command, *words)
        log = self.room / "service.log"
        assert code == 0, told + (log.read_text("utf-8") if log.exists() else "")
        return told

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.room / "state" / "data" / "loathon.db")) as database, database:
            return database.execute(statement).fetchall()


@pytest.fixture
def server(tmp_path: Path, program: Callable[[str], str]) -> Iterator[Server]:
    """A first version, running."""
    for name in ("curl", "git"):
        program(name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        one = Server(tmp_path, free.getsockname()[1])
    for folder in ("bin", "origin", "house", "state", "backups", "etc/loathon", "etc/systemd/system"):
        (tmp_path / folder).mkdir(parents=True)
    for name, text in (("systemctl", SYSTEMCTL), ("make", MAKE)):
        played = tmp_path / "bin" / name
        played.write_text(text.format(room=tmp_path, python=sys.executable), "utf-8")
        played.chmod(0o755)
    (tmp_path / "etc" / "loathon" / "env").write_text(f"LOATHON_HTTP_PORT={one.port}\nLOATHON_VOICE_ONLINE=off\n")
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / "origin" / name, ignore=shutil.ignore_patterns("__pycache__"))
    one.git("init", "-q")
    one.release("notes", "first\n")
    subprocess.run(["git", "clone", "-q", tmp_path / "origin", one.source], check=True)
    one.ok("upgrade")
    yield one
    if (tmp_path / "service.pid").exists():
        subprocess.run([tmp_path / "bin" / "systemctl", "stop", "loathon.service"], check=True)


@pytest.mark.slow
def test_a_copy_a_day_is_made_tried_and_put_back(server: Server) -> None:
    for day in range(1, 4):
        (server.room / "backups" / f"2026-01-0{day}").mkdir()
    assert server.ok("backup", "3")
    kept = sorted(path.name for path in (server.room / "backups").iterdir())
    assert kept[:2] == ["2026-01-02", "2026-01-03"]
    copy = server.room / "backups" / kept[2]
    assert date.fromisoformat(copy.name)
    assert copy.stat().st_mode & 0o077 == 0
    server.rows("CREATE TABLE written_since (n)")
    server.ok("restore", str(copy))
    assert server.rows("SELECT name FROM sqlite_master WHERE name = 'written_since'") == []
    (aside,) = (server.room / "state" / "data").glob("aside-*")
    with closing(sqlite3.connect(aside / "loathon.db")) as database:
        assert database.execute("SELECT count(*) FROM written_since").fetchall() == [(0,)]
    assert [path.name for path in (server.room / "state").iterdir()] == ["data"]
    log = server.room / "systemctl.log"
    log.unlink()
    copy = server.room / "broken"
    copy.mkdir()
    (copy / "loathon.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    code, told = server.call("restore", str(copy))
    assert code == 1
    assert "Nothing was changed." in told
    assert not log.exists(), "the service went on"
    # one that opens and yet is not what was copied
    copy = server.room / "backups" / kept[2]
    with closing(sqlite3.connect(copy / "loathon.db")) as database, database:
        database.execute("CREATE TABLE slipped_in (n)")
    code, told = server.call("restore", str(copy))
    assert code == 1
    assert "the service runs again" in told
    assert server.rows("SELECT name FROM sqlite_master WHERE name = 'slipped_in'") == []


@pytest.mark.slow
def test_upgrade_and_back(server: Server) -> None:
    figures = subprocess.check_output(["curl", "-sf", f"http://127.0.0.1:{server.port}/metrics"], text=True)
    assert "loathon_store_up 1\n" in figures
    first = server.running
    second = server.release("notes", "second\n")
    assert "answers" in server.ok("upgrade")
    assert server.running == second
    assert "runs already" in server.ok("upgrade")
    # what cannot be set up or does not start is taken back
    server.release("unbuildable", "x")
    code, told = server.call("upgrade")
    assert (code, "could not be set up" in told, server.running) == (1, True, second)
    server.git("rm", "-q", "-f", "unbuildable")
    server.release("bot/cli_run.py", '\nraise SystemExit("no start")\n')
    code, told = server.call("upgrade", patience="12")
    assert code == 1
    assert "the old one runs again with its data" in told
    assert server.running == second
    assert server.call("upgrade", "no-such-version")[0] == 1
    # a database moved where the version before cannot follow
    server.rows("UPDATE alembic_version SET version_num = '9999'")
    code, told = server.call("rollback")
    assert code == 1
    assert "cannot read the data of today; nothing was changed" in told
    assert server.running == second
    server.ok("rollback", "--data")
    assert server.running == first
    assert server.rows("SELECT version_num FROM alembic_version") != [("9999",)]
    server.ok("rollback")
    assert server.running == second, "there and back"
    assert (server.room / "etc" / "systemd" / "system" / "loathon.service").exists()
    assert (server.room / "etc" / "systemd" / "journald.conf.d" / "loathon.conf").exists()
