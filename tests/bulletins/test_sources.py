"""A contest entry on air goes when its author asks for erasure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from audio import catalogue
from audio.cache import SPEECH, FolderCache
from audio.catalogue import Withdrawn
from bot.bulletins import recall
from bot.bulletins.item import WrongItemError, item_from
from bot.bulletins.recall import GoneError
from bot.erasure import erase_due
from bot.jobs.bulletins import catalogue_id
from bot.jobs.retention_sound import drop_aired
from bot.jobs.worker import Worker
from bot.model.codes import new_code
from bot.store import bulletins, conversations, erasures, sources, tables
from bot.store.case_tables import case_askers, cases
from tests.bulletins.conftest import AIR, ENTRY, OTHER, Station
from tests.harness.db import in_full
from tests.harness.officials import UNIT
from tests.harness.talk import key

WORDS = "Nhà tôi vay mười triệu nuôi dê, nay đã có chuồng hai mươi con."


def won(code: str, **line: Any) -> list[dict[str, Any]]:
    winner = {"kind": "bai-thi", "title": "Bài của chị Mỵ", "byline": "Chị Mỵ", "source": code}
    return [{"kind": "entry", "entry": ENTRY}, {**winner, "lines": [{"text": WORDS, **line}]}]


async def sent(station: Station, chat: str, seed: bytes) -> tuple[int, str]:
    """A chat that sent a contest entry: its number, and the code it was given."""
    code, at = new_code(seed), station.hands.at
    async with station.store.write() as tx:
        number = (await conversations.load(tx, [key(chat)], at))[key(chat)].id
        row = {"code": code, "kind": "de-cu", "state": "moi", "unit": UNIT, "conversation_id": number, "head": ""}
        (case,) = await tx.add_numbered(
            cases, [{**row, "anonymous": False, "opened_at": at, "updated_at": at, "steps": 0}]
        )
        asker = {"case_id": case, "conversation_id": number, "code": code, "asked_at": at}
        await tx.run(insert(case_askers).values(asker))
    return number, code


async def erased(station: Station, conversation: int) -> None:
    """As the person asked for it: told, then done."""
    at = station.hands.at
    async with station.store.write() as tx:
        await erasures.ask(tx, conversation, asked_at=at, due_at=at)
    await erase_due(station.store, at, at)
    async with station.store.write() as tx:
        await tx.run(tables.outbox.update().where(tables.outbox.c.state == "queued").values(state="sent"))
    station.hands.move(minutes=1)
    assert await erase_due(station.store, station.hands.at, station.hands.at) == 1


async def rows_of(station: Station) -> str:
    async with station.store.read() as tx:
        # a row's own repr leaves out the middle of long values
        return in_full(await tx.rows(select(bulletins.bulletins)))


async def test_what_was_on_air_is_recalled_and_its_words_go(station: Station) -> None:
    number, code = await sent(station, "my", b"my")
    voice = await station.store.blobs.put(b"the voice of the winner")
    row = await station.published(items=won(code, recording=voice, accepted=True))
    kept = await station.published(ENTRY, slot_at="17:00")
    pieces = FolderCache(station.store.blobs.folder.parent / "sound", 1 << 20)
    pieces.put(SPEECH, "ab" * 32, b"a sentence of the winner's")
    await erased(station, number)
    gone = await station.row(row.id)
    assert (gone.state, gone.files, gone.withdrawn_by) == ("withdrawn", {}, "may")
    assert "xin rút lời" in gone.withdrawn_why
    held = await rows_of(station)
    assert "nuôi dê" not in held
    assert "Mỵ" not in held
    assert not station.store.blobs.path(voice).exists()
    assert not station.store.blobs.path(row.sound_hash).exists()
    async with station.store.read() as tx:
        with pytest.raises(GoneError):
            await recall.have(tx, station.library, row.id, AIR)
        assert [one.id for one in await recall.listed(tx, station.library, UNIT, AIR)] == [kept.id]
        assert [one.id for one in await recall.recalls(tx, UNIT, station.hands.at)] == [row.id]
    worker = Worker(station.store, station.hands.clock, {sources.RECALL: station.maker.take_back})
    assert await worker.step()
    assert isinstance(catalogue.find(station.folder, UNIT, catalogue_id(row)), Withdrawn)
    assert pieces.get(SPEECH, "ab" * 32) is None


async def test_recordings_of_others_in_it_go_with_the_other_sound(station: Station) -> None:
    number, code = await sent(station, "my", b"my")
    other = await station.store.blobs.put(b"the voice of somebody else")
    news = {"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp.", "recording": other, "accepted": True}]}
    row = await station.published(items=[*won(code), news])
    silent = await station.published(OTHER, slot_at="17:00")
    bundle = station.store.blobs.folder.parent / "goi" / UNIT / "LOA_20261122.ab.zip"
    bundle.parent.mkdir(parents=True)
    bundle.touch()
    await erased(station, number)
    assert await Worker(station.store, station.hands.clock, {sources.RECALL: station.maker.take_back}).step()
    assert not bundle.exists(), "their voice was in it"
    assert other in await rows_of(station)
    before = AIR + timedelta(days=1)
    async with station.store.write() as tx:
        aged = {one.id for one in await bulletins.aged(tx, before)}
        assert aged == {row.id, silent.id}
        when = datetime.combine(before, time(), UTC)
        assert await drop_aired(tx, when, 10) == 2
        assert await drop_aired(tx, when, 10) == 0
    assert other not in await rows_of(station)


async def test_a_draft_loses_the_item_its_sound_and_its_approval(station: Station) -> None:
    number, code = await sent(station, "my", b"my")
    _, other = await sent(station, "hoa", b"hoa")
    waiting = await station.waiting(items=[*won(code), won(other)[1]])
    approved = await station.approve(await station.waiting(items=won(code)))
    await erased(station, number)
    left = await station.row(waiting.id)
    assert [item["source"] for item in left.items] == ["", other]
    assert (left.state, left.files, left.script, left.revision) == ("draft", {}, [], waiting.revision + 1)
    assert (await station.row(approved.id)).state == "draft"
    await station.maker.publish({"bulletin": approved.id})
    assert (await station.row(approved.id)).state == "draft"


def test_a_mistyped_code_is_found_at_once() -> None:
    good = new_code(b"x")
    assert item_from(won(good)[1]).source == good
    for wrong in (str((int(good) + 1) % 10**7).zfill(7), "12", "abcdefg"):
        with pytest.raises(WrongItemError):
            item_from(won(wrong)[1])
