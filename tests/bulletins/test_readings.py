"""An entry a person reads: its own words only, let in by another, in voice notes and bulletins until the words change."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import codec
from audio.child import AudioChild
from audio.normalise import breath_lines
from audio.pcm import Pcm
from audio.tags import read_extra
from bot import clips, readings
from bot.bulletins import editing, reread
from bot.bulletins.item import Line
from bot.clips import Wanted
from bot.jobs.bulletins import BulletinMaker
from bot.jobs.clips import ClipMaker
from bot.jobs.readings import ReadingMaker
from bot.jobs.worker import GiveUpError
from bot.library import text_hash
from bot.model.official import Official
from bot.readings import Reading, ReadingGoneError, ReadingMovedOnError, State, UnreadLinesError
from bot.rights import NotAllowedError
from bot.store import clips as rows
from bot.store import jobs
from tests.bulletins.conftest import ENTRY, OTHER, TODAY, Household, Station
from tests.harness.officials import UNIT

TOPIC = "nuoc-sach"


def voice(seconds: float) -> bytes:
    """A take: sound that swells and fades like words, a quiet room around it."""
    at = np.arange(round(seconds * 16_000)) / 16_000
    words = 0.2 * np.sin(2 * np.pi * 180 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    quiet = np.zeros(6_000)
    return codec.to_wav(Pcm(np.concatenate([quiet, words, quiet]).astype(np.float32), 16_000))


def wanted(station: Station, entry: str = ENTRY, unit: str = UNIT) -> Wanted:
    one = clips.wanted(station.library, entry, unit, TODAY)
    assert one is not None
    return one


async def held(station: Station, one: Wanted, language: str = "") -> Reading:
    async with station.store.read() as tx:
        return await readings.find(tx, one, breath_lines(one.note.text), language)


async def record(station: Station, one: Wanted, *, official: Official | None = None, sound: bytes = b"") -> Reading:
    """Every line of it."""
    for number in range(1, len((await held(station, one)).lines) + 1):
        now = await held(station, one)
        take = await station.store.blobs.put(sound or voice(0.5 + number / 50))
        told = Line(now.lines[number - 1].text, recording=take, seconds=2.0)
        async with station.store.write() as tx:
            await readings.put(tx, official or station.writer, one, now, line=number, told=told, now=station.hands.at)
    return await held(station, one)


async def let_in(station: Station, one: Wanted) -> Reading:
    async with station.store.write() as tx:
        await readings.hand_in(tx, station.writer, one, await held(station, one), now=station.hands.at)
    async with station.store.write() as tx:
        await readings.let_in(tx, station.chair, one, await held(station, one), topic=TOPIC, now=station.hands.at)
    return await held(station, one)


async def test_it_is_let_in_by_another_when_every_line_is_read(station: Station) -> None:
    one = wanted(station)
    fresh = await held(station, one)
    assert (fresh.number, fresh.state, fresh.left) == (0, State.DRAFT, len(fresh.lines))
    assert " ".join(line.text for line in fresh.lines).split() == one.note.text.split()
    told = Line(fresh.lines[0].text, recording="a" * 64, faults=("lẫn tiếng ồn",))
    async with station.store.write() as tx:
        with pytest.raises(NotAllowedError):
            await readings.put(tx, station.chair, one, fresh, line=1, told=told, now=station.hands.at)
        await readings.put(tx, station.writer, one, fresh, line=1, told=told, now=station.hands.at)
    async with station.store.write() as tx:
        with pytest.raises(ReadingMovedOnError):
            await readings.put(tx, station.writer, one, fresh, line=1, told=told, now=station.hands.at)
    noisy = await held(station, one)
    assert noisy.left == len(fresh.lines)
    async with station.store.write() as tx:
        with pytest.raises(UnreadLinesError):
            await readings.hand_in(tx, station.writer, one, noisy, now=station.hands.at)
    whole = await record(station, one)
    assert whole.left == 0
    async with station.store.write() as tx:
        await readings.hand_in(tx, station.writer, one, whole, now=station.hands.at)
    waiting = await held(station, one)
    assert not readings.may_let_in(station.writer, one, waiting, TOPIC)
    assert not readings.may_let_in(replace(station.chair, id=station.writer.id), one, waiting, TOPIC)
    async with station.store.write() as tx:
        with pytest.raises(NotAllowedError):
            await readings.let_in(tx, station.writer, one, waiting, topic=TOPIC, now=station.hands.at)
        await readings.let_in(tx, station.chair, one, waiting, topic=TOPIC, now=station.hands.at)
    assert (await held(station, one)).state is State.USED


async def test_of_two_first_takes_at_once_one_is_kept(station: Station) -> None:
    one = wanted(station)
    fresh = await held(station, one)

    async def put(take: str) -> None:
        told = Line(fresh.lines[0].text, recording=take * 64, seconds=2.0)
        async with station.store.write() as tx:
            await readings.put(tx, station.writer, one, fresh, line=1, told=told, now=station.hands.at)

    ends = await asyncio.gather(put("a"), put("b"), return_exceptions=True)
    assert sorted(type(end) for end in ends if end) == [ReadingMovedOnError]
    kept = (await held(station, one)).lines[0].recording
    assert kept == ("b" if ends[0] else "a") * 64


@pytest.fixture
def real(station: Station, studio: AudioChild) -> ClipMaker:
    """Clips by the real audio process."""
    return ClipMaker(station.store, station.hands.clock, studio, lambda: station.library, (UNIT,))


async def test_a_person_is_heard_in_the_voice_note_and_in_bulletins(
    station: Station, real: ClipMaker, studio: AudioChild, tmp_path: Path
) -> None:
    one = wanted(station)
    await record(station, one)
    used = await let_in(station, one)
    await ReadingMaker(real).make({"reading": used.number})
    joined = await held(station, one)
    whole, rate = soundfile.read(io.BytesIO(await station.store.blobs.get(joined.sha256)))
    assert len(whole) / rate == pytest.approx(joined.seconds, abs=0.1)
    async with station.store.read() as tx:
        mine, theirs = await clips.found(
            tx, [(one.note.text_hash, one.voice.name, unit) for unit in (UNIT, "xa-dak-doa")]
        )
        assert await readings.in_use(tx, [one.note.text_hash], UNIT) == {one.note.text_hash: joined.sha256}
        assert await readings.in_use(tx, [one.note.text_hash], "xa-dak-doa") == {}
    assert theirs is None
    assert mine is not None
    assert clips.is_persons(mine)
    assert (mine.sound["label"], mine.sound["voice"]) == ("", "recorded")
    mp3 = await station.store.blobs.get(mine.files["mp3"]["sha256"])
    assert read_extra(mp3)["label"] == "giọng người thu"
    assert clips.message(station.library, one, mine, "https://loa.example").text.endswith("Người của xã đọc.")
    home = await Household(station).presses(f"y:{ENTRY}")
    assert "Giọng đọc tổng hợp" not in home.text
    assert home.media is not None
    assert home.media.sha256 == mine.files["opus"]["sha256"]

    number = await station.write(items=[{"kind": "entry", "entry": ENTRY, "twice": True}])
    maker = BulletinMaker(station.store, station.hands.clock, studio, lambda: station.library, tmp_path / "loa")
    await maker.make({"bulletin": number})
    row = await station.row(number)
    assert row.sound["faults"] == []
    assert row.sound["read"] == {one.note.text_hash: joined.sha256}
    assert row.seconds > 2 * joined.seconds
    await station.hand_in(number)
    row = await station.approve(await station.row(number))
    # what was approved is what is heard, whoever reads by then
    async with station.store.write() as tx:
        await readings.send_back(tx, station.writer, one, joined, topic=TOPIC, why="Đọc nhầm.", now=station.hands.at)
    async with station.store.read() as tx:
        assert await clips.found(tx, [(one.note.text_hash, one.voice.name, UNIT)]) == [None]
        assert await readings.in_use(tx, [one.note.text_hash], UNIT) == {}
    await maker.publish({"bulletin": number})
    assert set((await station.row(number)).files) == {"mp3", "opus"}


async def test_what_was_made_with_a_reading_sent_back_is_not_approved_and_made_anew(station: Station) -> None:
    one = wanted(station)
    await record(station, one)
    await let_in(station, one)
    async with station.store.write() as tx:
        (row,) = await rows.of_voices(tx, readings.PROFILE, [UNIT])
        assert await readings.joined(tx, row, "a" * 64, 1, 2.0)
    draft = await station.make(await station.write())
    assert draft.read == {one.note.text_hash: "a" * 64}
    waiting, aired = await station.waiting(), await station.published()
    approved, other = await station.approve(await station.waiting()), await station.waiting(OTHER)
    today, at = TODAY, station.hands.at
    async with station.store.write() as tx:
        await readings.send_back(tx, station.writer, one, await held(station, one), topic=TOPIC, why="", now=at)
        await reread.take_out(tx, UNIT, one.note.text_hash, today=today, at=at)
    async with station.store.read() as tx:
        made = [f"{editing.MAKE}:{row.id}" for row in (draft, waiting, aired, approved, other)]
        assert [await jobs.waits(tx, key) for key in made] == [True, True, False, True, False]
        assert not await jobs.waits(tx, f"{editing.PUBLISH}:{approved.id}")
        rest = await reread.made_with(tx, UNIT, one.note.text_hash, today)
        assert [row.id for row in rest if row.state == "published"] == [aired.id]
        assert await reread.is_out_of_use(tx, aired, today)
        assert not await reread.is_out_of_use(tx, other, today)
    back = await station.row(approved.id)
    assert (back.state, "thôi dùng" in back.note) == ("draft", True)
    for refused in (station.hand_in(draft.id), station.approve(waiting)):
        with pytest.raises(ReadingGoneError):
            await refused
    assert (await station.make(draft.id)).read == {}
    await station.hand_in(draft.id)


async def test_other_words_have_no_reading_yet(station: Station) -> None:
    one = wanted(station)
    await record(station, one)
    changed = replace(one, note=replace(one.note, text="Lời mới.", text_hash=text_hash(["Lời mới."])))
    assert (await held(station, changed)).number == 0
    assert (await held(station, wanted(station, OTHER))).number == 0


async def test_a_reading_that_cannot_be_joined_is_given_up_and_not_used(station: Station, real: ClipMaker) -> None:
    one = wanted(station)
    await record(station, one, sound=b"not sound" * 99)
    used = await let_in(station, one)
    with pytest.raises(GiveUpError):
        await ReadingMaker(real).make({"reading": used.number})
    assert (await held(station, one)).sha256 == ""


async def test_what_entries_still_say_is_kept(station: Station) -> None:
    one = wanted(station)
    await record(station, one)
    station.hands.move(days=100)
    async with station.store.write() as tx:
        await readings.touch(tx, station.library, [UNIT], TODAY, station.hands.at)
        assert await rows.forget(tx, station.hands.at, 10) == 0
        assert [found.entry for found in (await rows.of_voices(tx, readings.PROFILE, [UNIT]))] == [ENTRY]
        assert list(await readings.listed(tx, UNIT)) == [one.note.text_hash]
        assert await readings.listed(tx, UNIT, "mong") == {}


async def test_an_entry_is_read_in_a_language_no_voice_speaks(
    station: Station, real: ClipMaker, studio: AudioChild, tmp_path: Path
) -> None:
    one = wanted(station)
    item = {"kind": "entry", "entry": ENTRY, "language": "mong"}
    number = await station.write(items=[item, {"kind": "entry", "entry": OTHER}])
    maker = BulletinMaker(station.store, station.hands.clock, studio, lambda: station.library, tmp_path / "loa")
    await maker.make({"bulletin": number})
    row = await station.row(number)
    assert "chưa có bản người đọc" in row.note
    assert row.sound_hash == ""
    for at in range(1, len((await held(station, one, "mong")).lines) + 1):
        now = await held(station, one, "mong")
        told = Line(now.lines[at - 1].text, recording=await station.store.blobs.put(voice(0.5)), seconds=0.5)
        async with station.store.write() as tx:
            await readings.put(tx, station.writer, one, now, line=at, told=told, now=station.hands.at)
    async with station.store.write() as tx:
        await readings.hand_in(tx, station.writer, one, await held(station, one, "mong"), now=station.hands.at)
    async with station.store.write() as tx:
        now = await held(station, one, "mong")
        await readings.let_in(tx, station.chair, one, now, topic=TOPIC, now=station.hands.at)
    await ReadingMaker(real).make({"reading": now.number})
    read = await held(station, one, "mong")
    assert read.sha256
    # Vietnamese is still the voice's
    assert (await held(station, one)).number == 0
    async with station.store.read() as tx:
        assert await clips.found(tx, [(one.note.text_hash, one.voice.name, UNIT)]) == [None]
    await maker.make({"bulletin": number})
    row = await station.row(number)
    assert row.sound["read"] == {f"{one.note.text_hash}/mong": read.sha256}
    assert row.sound_hash
