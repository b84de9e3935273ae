"""`loathon broadcast`, as whoever holds the machine uses it."""

from __future__ import annotations

import argparse
import asyncio
import io
from dataclasses import replace
from pathlib import Path

import pytest

from bot import broadcasts, cli_broadcast
from bot.broadcast_checks import UnheededError
from bot.broadcast_sheet import MissingError
from bot.broadcast_text import EntryNotReadyError, WrongAudienceError
from bot.cli_broadcast_run import UnknownHamletError, WhichUnitError, WrongMomentError, bar, run
from bot.errors import FileMissingError
from bot.model.broadcast import Tally
from bot.settings import Settings
from tests.broadcasts.conftest import Town


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_env(
        {"LOATHON_DATA_DIR": str(tmp_path), "LOATHON_DATABASE_URL": database_url, "LOATHON_UNIT": "xa-tu-ky"}
    )


async def told(town: Town, settings: Settings, *words: str) -> str:
    """What one command prints."""
    parser = argparse.ArgumentParser()
    cli_broadcast.add(parser.add_subparsers())
    out = io.StringIO()
    assert await run(parser.parse_args(["broadcast", *words]), settings, town.hands.clock, out) == 0
    return out.getvalue()


async def test_written_counted_sent_and_watched(town: Town, settings: Settings, tmp_path: Path) -> None:
    await town.subscriber("1", facts={"loai-ho": "ngheo"})
    await town.subscriber("2", often="weekly")
    assert "2 " in await told(town, settings, "count")
    assert "1 " in await told(town, settings, "count", "--fact", "loai-ho=ngheo", "--topic", "bhyt")
    text = tmp_path / "tin.txt"
    text.write_text("Mai phát gạo.", "utf-8")
    assert "1" in await told(town, settings, "new", "--title", "Gạo", "--text", str(text), "--pace", "3600")
    assert "Gạo" in await told(town, settings, "list")
    await told(town, settings, "submit", "1")
    with pytest.raises(broadcasts.WrongStateError) as early:
        await told(town, settings, "send", "1")
    assert str(early.value).startswith("Tin số 1 chờ duyệt. Chỉ gửi được tin đã duyệt;")
    await town.approve(1)
    for command, may in (("submit", "tin đang soạn"), ("pause", "tin đang gửi"), ("resume", "tin đang tạm dừng")):
        with pytest.raises(broadcasts.WrongStateError) as early:
            await told(town, settings, command, "1")
        assert may in str(early.value)
        assert "loathon broadcast show 1" in str(early.value)
    await told(town, settings, "send", "1")
    await told(town, settings, "pause", "1")
    await told(town, settings, "resume", "1")
    watching = asyncio.create_task(told(town, settings, "show", "1", "--watch"))
    await town.run_until(1)
    shown = await watching
    assert "Mai phát gạo." in shown
    assert "[##############################]" in shown
    assert "đã gửi xong" in await told(town, settings, "list")


async def test_whom_nobody_knows_is_told(town: Town, settings: Settings, tmp_path: Path) -> None:
    await town.subscriber("1", hamlet="Đông")
    text = tmp_path / "tin.txt"
    text.write_text("Mai phát gạo.", "utf-8")
    for words in (("count",), ("new", "--title", "Gạo", "--text", str(text))):
        with pytest.raises(UnknownHamletError) as slip:
            await told(town, settings, *words, "--hamlet", "Đông", "--hamlet", "khong-co")
        assert "khong-co" in str(slip.value)
        with pytest.raises(WrongAudienceError):
            await told(town, settings, *words, "--channel", "sms")
    assert "1 " in await told(town, settings, "count", "--hamlet", "Đông", "--channel", "telegram")


async def test_what_is_wrong_is_told(town: Town, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(FileMissingError):
        await told(town, settings, "new", "--title", "Gạo", "--text", str(tmp_path / "no.txt"))
    with pytest.raises(EntryNotReadyError):
        await told(town, settings, "new", "--entry", "ho-tro-tien-dien")
    text = tmp_path / "tin.txt"
    text.write_text("Mai phát gạo.", "utf-8")
    with pytest.raises(WrongMomentError):
        await told(town, settings, "new", "--title", "Gạo", "--text", str(text), "--at", "mai")
    with pytest.raises(broadcasts.QuietHoursError):
        await told(town, settings, "new", "--title", "Gạo", "--text", str(text), "--at", "2026-12-01T22:00")
    await told(
        town, settings, "new", "--title", "Lũ", "--text", str(text), "--at", "2026-12-01T22:00", "--urgent", "Lũ về"
    )
    await told(town, settings, "cancel", "1")
    assert "đã hủy" in await told(town, settings, "show", "1", "--watch")


async def test_the_rules_of_words_hold_here_too(town: Town, settings: Settings, tmp_path: Path) -> None:
    await town.subscriber("1")
    text = tmp_path / "tin.txt"
    text.write_text("Gọi số 0912 345 678.", "utf-8")
    await told(town, settings, "new", "--title", "Gạo", "--text", str(text))
    with pytest.raises(UnheededError):
        await told(town, settings, "submit", "1")
    shown = await told(town, settings, "show", "1")
    assert "0912 345 678" in shown
    mark = shown.partition("--stand ")[2].partition(".")[0]
    assert "chờ duyệt" in await told(town, settings, "submit", "1", "--stand", mark)


async def test_a_bar_is_as_long_as_what_is_done(town: Town) -> None:
    found = await town.get(await town.written())
    assert bar(found) == f"[{'.' * 30}]"
    assert bar(replace(found, tally=Tally(waiting=1, sent=1))) == f"[{'#' * 15}{'.' * 15}]"


@pytest.mark.parametrize("what", ["show", "send", "pause", "resume", "cancel", "submit"])
async def test_a_number_that_is_none_is_told(town: Town, settings: Settings, what: str) -> None:
    with pytest.raises(MissingError, match="loathon broadcast list"):
        await told(town, settings, what, "999")


async def test_a_unit_that_is_none_is_told_with_those_that_are(town: Town, settings: Settings) -> None:
    with pytest.raises(WhichUnitError, match="xa-tu-ky"):
        await told(town, settings, "count", "--unit", "khong-co")
