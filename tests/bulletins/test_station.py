"""A unit's station as broadcasters, podcast clients and calendars get it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import icalendar
import podcastparser
import pytest

from audio import catalogue
from bot import feeds
from bot import station as stations
from bot.bulletins import recall
from bot.bundle import RECALL, files
from bot.cli_usb import NothingToWriteError, WhichUnitError, write
from bot.settings import Settings
from bot.store import airings, bulletins
from tests.bulletins.conftest import AIR, CONTENT, ENTRY, OTHER, TODAY, Station
from tests.harness.officials import UNIT

SITE = "https://xa.example.vn"


async def bundle_of(house: Station, **more):
    given = {"day": AIR, "today": TODAY, "at": house.hands.at, "with_codes": True, **more}
    day = given.pop("day")
    async with house.store.read() as tx:
        return await stations.bundle_of(tx, house.library, house.store.blobs, UNIT, day, **given)


async def test_the_days_bundle_holds_what_is_published_in_order(station: Station) -> None:
    late = await station.published(ENTRY, slot_at="17:00")
    early = await station.published(OTHER)
    await station.waiting(ENTRY)
    bundle = await bundle_of(station)
    assert [track.told.title for track in bundle.tracks] == [early.title, late.title]
    assert bundle.slots == ("05:30", "17:00")
    assert bundle.station == "Đài truyền thanh xã Tứ Kỳ"
    async with station.store.read() as tx:
        (line,) = await airings.of_bulletin(tx, early.id)
    first = bundle.tracks[0]
    assert (first.told.code, first.told.voice) == (line.code, "giọng đọc tổng hợp")
    assert first.told.approved_at == early.approved_at
    assert "Tứ Kỳ" in first.told.script
    everybodys = await bundle_of(station, with_codes=False)
    assert [track.told.code for track in everybodys.tracks] == ["", ""]
    assert [file.name[:6] for file in files(bundle)][:2] == ["01/01_", "01/02_"]
    assert b"".join(next(iter(files(bundle))).chunks()) == await station.store.blobs.get(early.approved_sound)
    assert (await bundle_of(station, day=AIR + timedelta(days=1))).tracks == ()


async def test_what_is_over_by_today_leaves_the_bundle(station: Station) -> None:
    row = await station.published(ENTRY)
    async with station.store.write() as tx:
        await bulletins.change(tx, row.id, ends_on=AIR)
    assert (await bundle_of(station, today=AIR)).tracks
    assert (await bundle_of(station, today=AIR + timedelta(days=1))).tracks == ()


async def test_what_was_taken_back_leaves_the_bundle_and_is_told(station: Station) -> None:
    row = await station.published(ENTRY)
    async with station.store.write() as tx:
        await recall.withdraw(tx, station.chair, station.library, row.id, "Sai số điện thoại", at=station.hands.at)
    bundle = await bundle_of(station)
    assert bundle.tracks == ()
    (one,) = bundle.recalled
    assert (one.title, one.why, one.sha256) == (row.title, "Sai số điện thoại", (row.sound_hash,))
    assert next(iter(files(bundle))).name == RECALL


async def test_a_podcast_client_downloads_exactly_what_was_approved(station: Station) -> None:
    row = await station.published(ENTRY)
    found = station_episode(row)
    channel = feeds.Channel("Đài", "Bản tin", SITE, f"{SITE}/podcast.xml", "UBND xã", row.published_at)
    (one,) = podcastparser.parse(channel.url, io.BytesIO(feeds.rss(channel, (found,))))["episodes"]
    (there,) = catalogue.listed(station.folder, AIR, UNIT)
    assert one["enclosures"][0]["file_size"] == there.sound("mp3").size_bytes
    assert one["guid"] == f"loathon-bulletin-{row.id}-{row.revision}"
    (told,) = json.loads(feeds.playlist(channel, (found,)))["items"]
    assert told["sha256"] == there.sound("mp3").sha256
    assert (told["air_on"], told["slot_at"], told["priority"]) == ("2026-11-22", "05:30", "thuong")


async def test_the_calendar_says_when_and_that_it_will_not_be(station: Station) -> None:
    row = await station.published(ENTRY)
    async with station.store.read() as tx:
        (line,) = await airings.of_bulletin(tx, row.id)
    before = event(row, line)
    assert before["DTSTART"].dt.isoformat() == "2026-11-22T05:30:00+07:00"
    async with station.store.write() as tx:
        await recall.withdraw(tx, station.chair, station.library, row.id, "x", at=station.hands.at)
        again = await bulletins.get(tx, row.id)
    after = event(again, line)
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert str(after["UID"]) == str(before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]


def event(row, line):
    made = stations.airing(row, line, site="xa.example.vn", link=SITE)
    return icalendar.Calendar.from_ical(feeds.calendar("Đài", (made,))).walk("VEVENT")[0]


def station_episode(row):
    return stations.episode(row, url=f"{SITE}/{row.id}.mp3", link=f"{SITE}/{row.id}")


async def test_the_command_writes_the_day_onto_a_stick(station: Station, database_url: str, tmp_path: Path) -> None:
    first = await station.published(ENTRY)
    settings = replace(
        Settings.from_env({}),
        data_dir=station.store.blobs.folder.parent,
        database_url=database_url,
        content_dir=CONTENT,
    )
    usb, out = tmp_path / "usb", io.StringIO()
    usb.mkdir()
    given = {"unit": UNIT, "day": AIR, "path": usb}
    assert await write(settings, station.hands.clock, out, **given) == 0
    (sound,) = (usb / "01").glob("*.mp3")
    assert sound.name == "01_BAN-TIN-5-30_20261122.mp3"
    assert sound.read_bytes() == await station.store.blobs.get(first.approved_sound)
    told = out.getvalue().splitlines()
    assert told[0].endswith(sound.name)
    assert "1 bài" in told[-1]
    with pytest.raises(NothingToWriteError, match="23/11/2026"):
        await write(settings, station.hands.clock, out, **{**given, "day": AIR + timedelta(days=1)})
    with pytest.raises(WhichUnitError, match=UNIT):
        await write(settings, station.hands.clock, out, **{**given, "unit": "khong-co"})
