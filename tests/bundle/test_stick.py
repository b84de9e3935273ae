"""A USB stick: written in order, checked, and nobody else's files touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import stick
from bot.bundle import PAPERS, PLAYED, RECALL, MissingSoundError, files
from bot.stick import (
    DamagedStickError,
    ForeignFilesError,
    NoRoomError,
    NoStickError,
    UnwritableStickError,
    write_to,
)


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    place = tmp_path / "usb"
    place.mkdir()
    return place


def tree(place: Path) -> dict[str, bytes]:
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_everything_is_written_in_order_and_synced_before_the_next(bundle, usb, monkeypatch):
    acts: list[str] = []
    real_open, real_sync = Path.open, os.fsync
    names: dict[int, str] = {}

    def opened(self, mode="r", *args, **more):
        file = real_open(self, mode, *args, **more)
        if "b" in mode and mode != "rb":
            names[file.fileno()] = self.name
            acts.append(f"open {self.name}")
        return file

    def synced(handle):
        if handle in names:
            acts.append(f"sync {names.pop(handle)}")
        real_sync(handle)

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(stick.os, "fsync", synced)
    seen = []
    made = write_to(bundle, usb, lambda done, total, name: seen.append((done, total, name)))
    monkeypatch.undo()
    assert tree(usb) == {file.name: b"".join(file.chunks()) for file in files(bundle)}
    assert [name for _, _, name in seen] == [file.name for file in made]
    assert seen[-1][:2] == (len(made), len(made))
    order = [*(file.name.split("/")[-1] for file in made[:-1]), "SHA256SUMS.tmp"]
    assert acts[2:] == [act for name in order for act in (f"open {name}", f"sync {name}")]
    assert acts[:2] == ["open SHA256SUMS.tmp", "sync SHA256SUMS.tmp"]
    played = [file.name for file in made if file.name.endswith(".mp3")]
    assert played == sorted(played)


def test_the_computer_of_the_office_can_check_it(bundle, usb):
    write_to(bundle, usb)
    told = subprocess.run(
        [shutil.which("sha256sum") or "sha256sum", "-c", "SHA256SUMS.txt"],
        cwd=usb / PAPERS, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.count(": OK") == len(files(bundle)) - 1


def test_the_next_days_bundle_takes_the_place_of_ours(bundle, usb):
    write_to(bundle, usb)
    (usb / PLAYED / "._01_VAY.mp3").write_bytes(b"litter")
    (usb / "anh-cuoi.jpg").write_bytes(b"mine")
    new = replace(bundle, tracks=bundle.tracks[2:], recalled=())
    write_to(new, usb)
    assert tree(usb) == {file.name: b"".join(file.chunks()) for file in files(new)} | {"anh-cuoi.jpg": b"mine"}


@pytest.mark.parametrize("place", [f"{PLAYED}/nhac.mp3", f"{PAPERS}/don-xin-viec.doc", RECALL, f"{PLAYED}/nhac/a.mp3"])
@pytest.mark.parametrize("before", [True, False])
def test_files_of_others_are_never_touched(place, before, bundle, usb):
    bundle = replace(bundle, recalled=())
    if before:
        write_to(bundle, usb)
    (usb / place).parent.mkdir(exist_ok=True, parents=True)
    (usb / place).write_bytes(b"mine")
    there = tree(usb)
    with pytest.raises(ForeignFilesError) as error:
        write_to(replace(bundle, tracks=bundle.tracks[1:]), usb)
    assert place.split("/")[1 if "/" in place else 0] in str(error.value)
    assert tree(usb) == there


def test_a_full_stick_keeps_what_it_has(bundle, usb, monkeypatch):
    write_to(bundle, usb)
    there = tree(usb)
    monkeypatch.setattr(stick.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    big = replace(bundle, tracks=bundle.tracks * 20)
    with pytest.raises(NoRoomError, match="MB"):
        write_to(big, usb)
    assert tree(usb) == there


@pytest.mark.parametrize("after", range(1, 8))
def test_pulled_out_too_early_the_next_try_finishes(after, bundle, usb):
    old = replace(bundle, tracks=bundle.tracks[:2])
    write_to(old, usb)

    def pull(done: int, _total: int, name: str) -> None:
        if done == after:
            with (usb / name).open("r+b") as file:
                file.truncate(3)
            raise KeyboardInterrupt

    new = replace(bundle, tracks=bundle.tracks[1:], recalled=())
    with pytest.raises(KeyboardInterrupt):
        write_to(new, usb, pull)
    write_to(new, usb)
    assert tree(usb) == {file.name: b"".join(file.chunks()) for file in files(new)}


def test_what_cannot_be_read_back_is_told(bundle, usb):
    def rot(_done: int, _total: int, name: str) -> None:
        if "02_" in name:
            (usb / name).write_bytes(b"rotten")

    with pytest.raises(DamagedStickError, match="02_DOI-THE-BAO"):
        write_to(bundle, usb, rot)


def test_a_sound_that_changed_costs_the_stick_nothing(bundle, usb):
    write_to(bundle, usb)
    there = tree(usb)
    bundle.tracks[0].path.write_bytes(b"x")
    with pytest.raises(MissingSoundError):
        write_to(bundle, usb)
    assert tree(usb) == there


def test_no_stick_and_a_locked_one_are_told(bundle, usb, monkeypatch):
    with pytest.raises(NoStickError):
        write_to(bundle, usb / "nowhere")

    def locked(*_args, **_more):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", locked)
    with pytest.raises(UnwritableStickError, match="Read-only"):
        write_to(bundle, usb)
