"""Taken back, run out or no longer true: it disappears everywhere, and who has it is told."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from audio import catalogue
from audio.cache import SPEECH, FolderCache
from audio.catalogue import Withdrawn
from bot import signing
from bot.bulletins import recall
from bot.bulletins.recall import GoneError
from bot.jobs.bulletins import catalogue_id
from bot.jobs.retention import forget_old
from bot.library import EntryKey
from bot.rights import NotAllowedError
from tests.bulletins.conftest import AIR, ENTRY, OTHER, TODAY, Station
from tests.harness.officials import UNIT, made, role

#: unsigned: its source names no publication
UNSIGNED = EntryKey("policies", "ho-tro-tien-dien", UNIT)


async def test_a_withdrawn_bulletin_is_in_no_list_and_its_asker_is_told(station: Station) -> None:
    row = await station.published()
    async with station.store.read() as tx:
        assert [one.id for one in await recall.listed(tx, station.library, UNIT, AIR)] == [row.id]
    async with station.store.write() as tx:
        await recall.withdraw(tx, station.writer, station.library, row.id, "Đọc nhầm ngày họp.", at=station.hands.at)
    async with station.store.read() as tx:
        assert await recall.listed(tx, station.library, UNIT, AIR) == []
        with pytest.raises(GoneError, match="Đọc nhầm ngày họp"):
            await recall.have(tx, station.library, row.id, AIR)
        (told,) = await recall.recalls(tx, UNIT, station.hands.at)
    assert (told.id, told.why, told.sound_hash) == (row.id, "Đọc nhầm ngày họp.", row.sound_hash)
    kept, other = (station.folder.parent / "goi" / unit / "LOA_20261122.ab.zip" for unit in (UNIT, "xa-dak-doa"))
    for bundle in (kept, other):
        bundle.parent.mkdir(parents=True)
        bundle.touch()
    await station.maker.take_back({"bulletin": row.id})
    assert (kept.exists(), other.exists()) == (False, True), "its voice lies in the bundles of its station"
    stone = catalogue.find(station.folder, UNIT, catalogue_id(row))
    assert isinstance(stone, Withdrawn)
    assert stone.sound_sha256["mp3"] == row.sound_hash
    async with station.store.read() as tx:
        assert await recall.recalls(tx, UNIT, station.hands.at + timedelta(days=31)) == []


async def test_a_stranger_takes_nothing_back_and_a_draft_was_never_public(station: Station) -> None:
    stranger = await made(station.store, station.library, station.hands, "xem", role("nguoi-xem"))
    row = await station.published()
    draft = await station.write(OTHER)
    with pytest.raises(NotAllowedError):
        async with station.store.write() as tx:
            await recall.withdraw(tx, stranger, station.library, row.id, "", at=station.hands.at)
    async with station.store.read() as tx:
        for number in (draft, 999):
            with pytest.raises(NotAllowedError):
                await recall.have(tx, station.library, number, AIR)


async def test_a_signature_taken_back_recalls_what_it_carried(station: Station) -> None:
    async with station.store.write() as tx:
        paper = await signing.look(tx, station.chair, station.library, UNSIGNED, TODAY)
        now = station.hands.at
        await signing.sign(
            tx,
            station.chair,
            station.library,
            UNSIGNED,
            text_hash=paper.text_hash,
            document="5/TB-UBND",
            now=now,
            at=now,
        )
    await station.shelf.catch_up()
    row = await station.published(UNSIGNED.id)
    await station.maker.sweep({})
    assert (await station.row(row.id)).state == "published"
    async with station.store.write() as tx:
        await signing.withdraw(tx, station.chair, station.library, UNSIGNED, at=station.hands.at)
    await station.shelf.catch_up()
    async with station.store.read() as tx:
        assert await recall.listed(tx, station.library, UNIT, AIR) == [], "at once, before any job"
        with pytest.raises(GoneError, match="rút xác nhận"):
            await recall.have(tx, station.library, row.id, AIR)
    await station.maker.sweep({})
    gone = await station.row(row.id)
    assert (gone.state, gone.withdrawn_by) == ("withdrawn", "may")


async def test_what_runs_out_is_listed_no_more(station: Station) -> None:
    row = await station.published("chuan-ngheo-2022-2026")
    assert row.ends_on is not None
    async with station.store.read() as tx:
        later = AIR + recall.LISTED_FOR + timedelta(days=1)
        assert await recall.listed(tx, station.library, UNIT, later) == []
        with pytest.raises(GoneError, match="hết hạn"):
            await recall.have(tx, station.library, row.id, later)


async def test_a_lost_file_is_put_back_from_the_blobs(station: Station) -> None:
    row = await station.published()
    for path in (station.folder / UNIT).iterdir():
        path.unlink()
    await station.maker.sweep({})
    (there,) = catalogue.listed(station.folder, AIR, UNIT)
    assert there.sidecar.id == catalogue_id(row)


async def test_old_sound_goes_and_the_record_stays(station: Station) -> None:
    heard = await station.store.blobs.put(b"a voice")
    lines = [{"text": "Sáng mai họp.", "recording": heard, "accepted": True}, {"recording": heard, "accepted": True}]
    items = [{"kind": "entry", "entry": ENTRY}, {"kind": "tin", "title": "Tin", "lines": lines}]
    row, draft = await station.published(items=items), await station.write(OTHER)
    house = station.store.blobs.folder.parent
    assert station.folder == house / "loa"
    pieces = FolderCache(house / "sound", 1 << 20)
    pieces.put(SPEECH, "ab" * 32, b"an old sentence")
    station.hands.move(days=402)
    for path in (house / "sound").rglob("*"):
        os.utime(path, (0, 0))
    pieces.put(SPEECH, "cd" * 32, b"a sentence of today")
    os.utime(next((house / "sound").rglob("cdcd*")), (station.hands.at.timestamp(),) * 2)
    bundles = house / "goi" / UNIT
    bundles.mkdir(parents=True)
    for name, age in (("XA_20261122.ab.zip", 4), (".new-left", 4), ("XA_20271228.cd.zip", 2)):
        (bundles / name).touch()
        os.utime(bundles / name, ((station.hands.at - timedelta(days=age)).timestamp(),) * 2)
    looked = await forget_old(station.store, station.hands.at, only_look=True)
    assert (await station.row(row.id)).files == row.files
    dropped = await forget_old(station.store, station.hands.at)
    assert dropped == looked
    sound = {name: count for name, count in dropped.items() if name.startswith("sound_")}
    assert sound == {
        "sound_aired": 1, "sound_drafts": 1, "sound_voice_notes": 0, "sound_pieces": 1, "sound_published": 1,
        "sound_bundles": 2,
    }  # fmt: skip
    assert [path.name for path in bundles.iterdir()] == ["XA_20271228.cd.zip"]
    aged = await station.row(row.id)
    assert (aged.files, aged.sound_hash, aged.script) == ({}, row.sound_hash, row.script)
    assert [(line["text"], line["recording"]) for line in aged.items[1]["lines"]] == [
        ("Sáng mai họp.", ""),
        ("(Bản thu đã hết hạn giữ.)", ""),
    ]
    assert pieces.get(SPEECH, "ab" * 32) is None
    with pytest.raises(AssertionError):
        await station.row(draft)
    assert catalogue.find(station.folder, UNIT, catalogue_id(row)) is None
    # what nothing names any more goes with the next run, and nothing else is left to do
    for path in station.store.blobs.each():
        os.utime(path, (0, 0))
    assert {name for name, count in (await forget_old(station.store, station.hands.at)).items() if count} == {"orphans"}
    assert list(station.store.blobs.each()) == []
    assert pieces.get(SPEECH, "cd" * 32) is not None
