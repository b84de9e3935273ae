"""Broadcasters: the day, the sound, the recall, and the log that says it was aired."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bot.bulletins import recall
from bot.runner.shelf import Shelf
from bot.store import airings, audit
from bot.store.bulletins import BulletinRow
from desk.api import Api
from tests.api.conftest import CONTENT, Outside, premises
from tests.bulletins.conftest import AIR, QuickChild, Station
from tests.harness.officials import UNIT

#: 5:36 on the air date
AFTER = datetime(2026, 11, 21, 22, 36, tzinfo=UTC)


@pytest.fixture
async def station(outside: Outside, tmp_path: Path) -> Station:
    """The same commune's station; the API serves its library."""
    shelf = await Shelf.open(outside.store, CONTENT)
    outside.app = Starlette(routes=Api(premises(outside.store, outside.hands, shelf.library)).routes())
    folder = tmp_path / "loa"
    return Station(outside.store, shelf, outside.hands, QuickChild(), folder, outside.announcer, outside.chair)


async def code_of(station: Station, row: BulletinRow) -> str:
    async with station.store.read() as tx:
        (line,) = await airings.of_bulletin(tx, row.id)
    return line.code


async def test_a_day_is_fetched_played_ticked_off_and_taken_back(outside: Outside, station: Station) -> None:
    row = await station.published()
    key, player = await outside.key("clips"), await outside.key("clips", "airings", name="Máy phát")
    day = await outside.asks(key, f"/units/{UNIT}/programme", day=AIR.isoformat())
    assert [one["id"] for one in day["bulletins"]] == [row.id]
    assert [one["code"] for one in day["airings"]] == [""], "codes are for who may tick off"
    assert (await outside.asks(key, f"/units/{UNIT}/programme"))["bulletins"] == []
    code = await code_of(station, row)
    told = await outside.asks(player, f"/units/{UNIT}/programme", day=AIR.isoformat())
    assert [one["code"] for one in told["airings"]] == [code]

    (file,) = [one for one in (await outside.asks(key, f"/bulletins/{row.id}"))["files"] if one["format"] == "mp3"]
    async with outside.client(key) as client:
        path = file["url"].partition("/api/v1")[2]
        whole = await client.get(path)
        assert hashlib.sha256(whole.content).hexdigest() == file["sha256"]
        part = await client.get(path, headers={"range": "bytes=4-"})
        assert (part.status_code, part.content) == (206, whole.content[4:])
        assert (await client.get(path, headers={"if-none-match": whole.headers["etag"]})).status_code == 304

    await outside.sends(player, "/airings", {"code": code}, 409)
    outside.hands.at = AFTER
    for _ in range(2):
        line = await outside.sends(player, "/airings", {"code": code})
        assert (line["bulletin"], line["at"]) == (row.id, "05:30")
    await outside.sends(player, "/airings", {"code": "5390002"}, 404)
    async with station.store.read() as tx:
        (ticked,) = await airings.of_bulletin(tx, row.id)
        (noted,) = await audit.page(tx, what="bulletin-aired")
    assert (ticked.who, ticked.how, noted.who) == ("key:2", "code", "key:2"), (
        "not the machine: a system somebody let in"
    )

    async with station.store.write() as tx:
        await recall.withdraw(tx, station.chair, station.library, row.id, "Đọc sai ngày", at=AFTER)
    gone = await outside.asks(key, f"/bulletins/{row.id}", 410)
    assert "Đọc sai ngày" in gone["detail"]
    await outside.asks(key, f"/bulletins/{row.id}/sound/mp3", 410)
    (line,) = (await outside.asks(key, f"/units/{UNIT}/recalls"))["items"]
    assert (line["id"], line["sha256"]) == (row.id, row.sound_hash)
    assert (await outside.asks(key, f"/units/{UNIT}/bulletins"))["items"] == []


async def test_a_key_of_another_unit_has_and_ticks_nothing(outside: Outside, station: Station) -> None:
    row = await station.published()
    chief = await outside.key("clips")
    assert await outside.asks(chief, f"/bulletins/{row.id}")
    async with outside.store.write() as tx:
        await tx.connection.exec_driver_sql("update bulletins set unit = 'xa-muong-ang'")
        await tx.connection.exec_driver_sql("update airings set unit = 'xa-muong-ang'")
    outside.hands.at = AFTER
    key = await outside.key("clips", "airings", name="Khác")
    await outside.asks(key, f"/bulletins/{row.id}", 404)
    await outside.asks(key, f"/bulletins/{row.id}/sound/mp3", 404)
    await outside.asks(key, "/units/xa-muong-ang/programme", 404)
    code = await code_of(station, row)
    await outside.sends(key, "/airings", {"code": code}, 404)
    for _ in range(7):
        await outside.sends(key, "/airings", {"code": "5390002"}, 404)
    assert "thử" in (await outside.sends(key, "/airings", {"code": code}, 409))["detail"]
