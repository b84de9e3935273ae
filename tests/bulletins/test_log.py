"""The broadcast log: one tap, by the desk or by the code on paper; exported without formulas."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from bot import units_desk
from bot.bulletins import log
from bot.bulletins.log import LockedError, NotYetError, WrongCodeError
from bot.bulletins.sheet import csv_of, xlsx_of
from bot.model.codes import is_code
from bot.rights import NotAllowedError
from bot.store import airings, audit, conversations, notice_addresses
from bot.store.airings import AiringRow
from bot.store.bulletins import BulletinRow
from tests.bulletins.conftest import AIR, Household, Station
from tests.harness.officials import UNIT, made, role
from tests.harness.talk import key

#: 5:36 on the air date
AFTER = datetime(2026, 11, 21, 22, 36, tzinfo=UTC)


async def airing(station: Station, row: BulletinRow) -> AiringRow:
    async with station.store.read() as tx:
        (line,) = await airings.of_bulletin(tx, row.id)
    return line


async def test_one_tap_is_written_once(station: Station) -> None:
    line = await airing(station, await station.published())
    taps = []
    for minute in (0, 5):
        async with station.store.write() as tx:
            at = AFTER + timedelta(minutes=minute)
            taps.append(await log.aired(tx, station.writer, line.id, station.library, now=at, at=at))
    assert taps == [True, False]
    async with station.store.read() as tx:
        (told,) = await log.log(tx, station.writer, station.library, UNIT, since=AIR, until=AIR)
        lines = await audit.page(tx, what="bulletin-aired")
    assert (told.airing.aired_at, told.airing.how, told.airing.who) == (AFTER, "web", station.writer.who)
    assert len(lines) == 1
    async with station.store.write() as tx:
        await log.not_aired(tx, station.writer, line.id, station.library, at=AFTER)
    assert (await airing(station, await station.row(line.bulletin_id))).aired_at is None


async def test_nothing_is_ticked_off_before_its_time(station: Station) -> None:
    line = await airing(station, await station.published())
    at = AFTER - timedelta(minutes=30)
    with pytest.raises(NotYetError):
        async with station.store.write() as tx:
            await log.aired(tx, station.writer, line.id, station.library, now=at, at=at)


async def test_the_code_on_the_run_sheet_needs_no_account(station: Station) -> None:
    line = await airing(station, await station.published())
    assert is_code(line.code)
    for _ in range(2):
        async with station.store.write() as tx:
            await log.tick(tx, f"{line.code[:4]} {line.code[4:]}", "phone", now=AFTER, at=AFTER)
    ticked = await airing(station, await station.row(line.bulletin_id))
    assert (ticked.aired_at, ticked.how, ticked.who) == (AFTER, "code", "")


async def test_a_key_is_not_taken_for_the_official_of_its_number(station: Station) -> None:
    line = await airing(station, await station.published())
    who = f"key:{station.writer.id}"
    async with station.store.write() as tx:
        await log.tick(tx, line.code, who, now=AFTER, at=AFTER, who=who)
        told = await log.log(tx, station.writer, station.library, UNIT, since=AIR, until=AIR)
        (noted,) = await audit.page(tx, what="bulletin-aired")
    assert noted.who == who
    shown = log.table(told, station.library, {station.writer.id: "Bà Phát thanh"})[1][8]
    assert shown == f"hệ thống khác, khóa số {station.writer.id}"


async def test_guessing_codes_is_stopped(station: Station) -> None:
    line = await airing(station, await station.published())
    for _ in range(log.WRONG_MOST):
        async with station.store.write() as tx:
            with pytest.raises(WrongCodeError):
                await log.tick(tx, "1234567", "phone", now=AFTER, at=AFTER)
    async with station.store.write() as tx:
        with pytest.raises(LockedError):
            await log.tick(tx, line.code, "phone", now=AFTER, at=AFTER)
        await log.tick(tx, line.code, "another", now=AFTER, at=AFTER)


async def test_a_code_of_last_week_is_none(station: Station) -> None:
    line = await airing(station, await station.published())
    async with station.store.write() as tx:
        with pytest.raises(WrongCodeError):
            await log.tick(tx, line.code, "phone", now=AFTER + timedelta(days=4), at=AFTER)


async def test_only_who_plays_ticks_and_only_who_may_reads(station: Station) -> None:
    line = await airing(station, await station.published())
    with pytest.raises(NotAllowedError):
        async with station.store.write() as tx:
            await log.aired(tx, station.chair, line.id, station.library, now=AFTER, at=AFTER)
    stranger = await made(station.store, station.library, station.hands, "khac", role("nguoi-xem", "xa-dak-doa"))
    async with station.store.read() as tx:
        with pytest.raises(NotAllowedError):
            await log.log(tx, stranger, station.library, UNIT, since=AIR, until=AIR)


async def test_a_line_for_each_zone(station: Station) -> None:
    zones = [{"id": "thon-1", "title": "Thôn 1"}, {"id": "thon-2", "title": "Thôn 2"}]
    async with station.store.write() as tx:
        await units_desk.edit(tx, station.chair, station.library, UNIT, {"zones": zones}, at=station.hands.at)
    await station.shelf.catch_up()
    row = await station.published()
    async with station.store.read() as tx:
        lines = await airings.of_bulletin(tx, row.id)
        told = await log.log(tx, station.writer, station.library, UNIT, since=AIR, until=AIR)
    assert [line.zone for line in lines] == ["thon-1", "thon-2"]
    assert len({line.code for line in lines}) == 2
    table = log.table(told, station.library, {station.chair.id: "Bà Chủ tịch"})
    assert [line[2] for line in table] == ["Cụm loa", "Thôn 1", "Thôn 2"]
    assert table[1][9] == "Bà Chủ tịch"


async def test_the_export_holds_no_formulas(station: Station) -> None:
    await station.published(title="=1+1")
    async with station.store.read() as tx:
        told = await log.log(tx, station.writer, station.library, UNIT, since=AIR, until=AIR)
    told = [replace(one, airing=replace(one.airing, aired_at=AFTER, how="web")) for one in told]
    lines = log.table(told, station.library, {})
    assert lines[1][6] == "22/11/2026 05:36"
    read = list(csv.reader(StringIO(log.export(lines, "csv").decode("utf-8-sig"))))
    assert read[0][0] == "Ngày"
    assert read[1][3] == "'=1+1"
    sheet = load_workbook(BytesIO(log.export(lines, "xlsx"))).worksheets[0]
    assert sheet["D2"].value == "'=1+1"
    assert sheet["D2"].data_type == "s"
    assert sheet["F2"].value == 60


def test_every_sign_that_begins_a_formula_is_made_harmless() -> None:
    risky = ["=A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
    read = csv_of([risky]).decode("utf-8-sig")
    assert read.count("'") == len(risky)
    row = load_workbook(BytesIO(xlsx_of([["h"] * 6, risky], "t"))).worksheets[0][2]
    assert all(cell.data_type == "s" for cell in row)


async def linked(station: Station) -> Household:
    """The writer's chat."""
    chat = Household(station)
    await chat.writes("chào")
    async with station.store.write() as tx:
        found = await conversations.load(tx, [key("nha", "web")], AFTER)
        until = station.hands.at + timedelta(minutes=5)
        await notice_addresses.add_link(tx, station.writer.id, "t", at=station.hands.at, expires_at=until)
        assert await notice_addresses.link(tx, "t", found[key("nha", "web")].id, station.hands.at)
    return chat


async def test_a_linked_announcer_says_so_in_the_chat(station: Station) -> None:
    row = await station.published()
    later = await station.published(slot_at="17:00")
    chat = Household(station)
    station.hands.at = AFTER
    assert "Đã ghi" not in (await chat.writes("/da_phat")).text, "nobody's chat"
    async with station.store.write() as tx:
        found = await conversations.load(tx, [key("nha", "web")], AFTER)
        await notice_addresses.add_link(tx, station.writer.id, "t", at=AFTER, expires_at=AFTER + timedelta(minutes=5))
        assert await notice_addresses.link(tx, "t", found[key("nha", "web")].id, AFTER)
    told = await chat.writes("Đã phát")
    assert told.text == f"Đã ghi nhật ký phát thanh: {row.title}."
    assert (await chat.writes("/da_phat")).text == "Chưa có bản tin nào đến giờ mà chưa ghi."
    ticked, waiting = await airing(station, row), await airing(station, later)
    assert (ticked.aired_at, ticked.how, ticked.who) == (AFTER, "bot", station.writer.who)
    assert waiting.aired_at is None


async def test_said_in_the_evening_it_does_not_mean_the_morning(station: Station) -> None:
    morning = await station.published()
    evening = await station.published(slot_at="17:00")
    station.hands.at = AFTER + timedelta(hours=11, minutes=45)
    chat = await linked(station)
    told = await chat.writes("Đã phát")
    assert told.text.startswith(f"Đã ghi nhật ký phát thanh: {evening.title}.")
    assert (await airing(station, morning)).aired_at is None
    assert (await airing(station, evening)).how == "bot"
    (button,) = [one for row in told.rows for one in row if one.press.startswith("j:")]
    assert button.label == f"05:30 {morning.title}"
    pressed = await chat.presses(button.press)
    assert pressed.text == f"Đã ghi nhật ký phát thanh: {morning.title}."
    assert (await airing(station, morning)).how == "bot"


async def test_of_what_is_long_ago_it_is_asked(station: Station) -> None:
    row = await station.published()
    station.hands.at = AFTER + timedelta(hours=3)
    chat = await linked(station)
    asked = await chat.writes("/da_phat")
    assert asked.text == "Bác phát giờ nào? Bấm vào giờ đã phát, tôi ghi nhật ký."
    assert (await airing(station, row)).aired_at is None
    stranger = Household(station, "khach")
    line = await airing(station, row)
    await stranger.presses(f"j:{line.id}")
    assert (await airing(station, row)).aired_at is None


async def test_with_several_communes_it_is_asked_which(station: Station) -> None:
    units = (UNIT, "xa-dak-doa")
    store, library, hands = station.store, station.library, station.hands
    writer = await made(store, library, hands, "hai.xa", *(role("phat-thanh-vien", unit) for unit in units))
    chair = await made(store, library, hands, "duyet.hai.xa", *(role("lanh-dao", unit) for unit in units))
    station = replace(station, writer=writer, chair=chair)
    both = [await station.published(unit=unit) for unit in units]
    station.hands.at = AFTER
    chat = await linked(station)
    asked = await chat.writes("Đã phát")
    buttons = [one for row in asked.rows for one in row if one.press.startswith("j:")]
    assert len(buttons) == 2
    assert len({one.label for one in buttons}) == 2
    assert [(await airing(station, row)).aired_at for row in both] == [None, None]
