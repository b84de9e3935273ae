"""Voice notes: made once for the same words, heard in the chat, made anew when words change or a better voice is back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from audio.spec import Fault
from bot import clips, signing
from bot.bulletins import recall
from bot.clips import SEND
from bot.jobs.clips import UnmadeError
from bot.jobs.worker import GiveUpError, Worker
from bot.library import EntryKey
from bot.model.outbound import OutMediaKind
from bot.settings import LOCAL
from bot.store import clips as rows
from bot.store import jobs, outbox
from bot.store.clips import MAKE
from tests.bulletins.conftest import AIR, ENTRY, SITE, TODAY, Household, Station
from tests.harness.officials import UNIT
from tests.harness.talk import key

STORY = "dak-doa-ca-phe-bahnar"
UNSIGNED = EntryKey("policies", "ho-tro-tien-dien", UNIT)


async def work(station: Station) -> int:
    """Run the clip jobs that are due; how many."""
    worker = Worker(station.store, station.hands.clock, {MAKE: station.clips.make})
    done = 0
    while await worker.step():
        done += 1
    return done


@pytest.mark.parametrize(("entry", "letter"), [(ENTRY, "e"), (STORY, "s")])
async def test_every_policy_and_story_can_be_heard(station: Station, entry: str, letter: str) -> None:
    home = Household(station)
    shown = await home.presses(f"{letter}:{entry}")
    assert f"y:{entry}" in [button.press for button in shown.buttons]
    waits = await home.presses(f"y:{entry}")
    assert waits.media is None
    assert waits.said == "says/hear-soon"
    await home.presses(f"y:{entry}")
    assert await work(station) == 1, "asked for twice, made once"
    heard = await home.presses(f"y:{entry}")
    assert heard.media is not None
    assert (heard.media.kind, heard.media.mime) == (OutMediaKind.VOICE, "audio/ogg")
    assert heard.media.page.startswith(f"{SITE}/cs/")
    assert await station.store.blobs.get(heard.media.sha256)
    assert "Giọng đọc tổng hợp" in heard.text


async def test_who_asked_first_is_sent_it_once_when_it_is_made(station: Station) -> None:
    home = Household(station)
    assert (await home.presses(f"y:{ENTRY}")).said == "says/hear-soon"
    await home.presses(f"y:{ENTRY}")
    worker = Worker(station.store, station.hands.clock, {MAKE: station.clips.make, SEND: station.clips.send})
    while await worker.step():
        pass
    async with station.store.read() as tx:
        letters = await outbox.mailbox(tx, key("nha", "web"), limit=200)
    sounds = [letter.outbound for letter in letters if letter.outbound.media]
    assert [(one.said, one.entry) for one in sounds] == [(f"hear/{ENTRY}", ENTRY)]
    assert "Giọng đọc tổng hợp" in sounds[0].text


async def test_a_voice_note_made_too_late_is_not_sent(station: Station) -> None:
    home = Household(station)
    await home.presses(f"y:{ENTRY}")
    station.hands.move(minutes=31)
    worker = Worker(station.store, station.hands.clock, {MAKE: station.clips.make, SEND: station.clips.send})
    while await worker.step():
        pass
    async with station.store.read() as tx:
        letters = await outbox.mailbox(tx, key("nha", "web"), limit=200)
    assert not [letter for letter in letters if letter.outbound.media]


async def test_sending_waits_for_another_worker_that_makes_it(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    home = Household(station)
    await home.presses(f"y:{ENTRY}")
    args = {"conversation": 1, "entry": ENTRY, "unit": UNIT, "asked_at": station.hands.at.isoformat()}
    with pytest.raises(UnmadeError):
        await station.clips.send(args)
    # nothing is wrong while it waits: the log has no error, and the job comes again
    with caplog.at_level(logging.INFO, "bot.jobs.worker"):
        assert await Worker(station.store, station.hands.clock, {SEND: station.clips.send}).step()
    assert [one.levelname for one in caplog.records] == ["INFO"]
    async with station.store.write() as tx:
        await jobs.drop(tx, f"{MAKE}:{ENTRY}:{UNIT}")
    await station.clips.send(args)


async def test_unsigned_words_say_so_and_stay_on_this_machine(station: Station) -> None:
    await station.clips.make({"entry": UNSIGNED.id, "unit": UNIT})
    (part,) = station.child.specs[0].parts
    assert part.private
    assert part.text.endswith("Nội dung này cần xã xác nhận.")
    async with station.store.write() as tx:
        paper = await signing.look(tx, station.chair, station.library, UNSIGNED, TODAY)
        now = station.hands.at
        await signing.sign(tx, station.chair, station.library, UNSIGNED, text_hash=paper.text_hash, now=now, at=now)
    await station.shelf.catch_up()
    home = Household(station)
    assert (await home.presses(f"y:{UNSIGNED.id}")).media is None, "new words have no clip yet"
    await work(station)
    assert not station.child.specs[1].parts[0].private
    assert (await home.presses(f"y:{UNSIGNED.id}")).media is not None


async def test_what_has_ended_is_not_read(station: Station) -> None:
    home = Household(station)
    shown = await home.presses("e:qua-tet-gao-tet")
    assert not any(button.press.startswith("y:") for button in shown.buttons)
    assert (await home.presses("y:qua-tet-gao-tet")).said == "says/old-button"
    assert (await home.presses("y:khong-co")).said == "says/old-button"
    await station.clips.make({"entry": "qua-tet-gao-tet", "unit": UNIT})
    assert station.child.specs == []


async def test_a_refused_clip_is_given_up_with_its_reason_and_no_sound(station: Station) -> None:
    station.child.faults = (Fault("loudness", "-30", "-16"),)
    with pytest.raises(GiveUpError, match="LUFS"):
        await station.clips.make({"entry": ENTRY, "unit": UNIT})
    home = Household(station)
    assert (await home.presses(f"y:{ENTRY}")).media is None
    station.child.faults = ()
    await station.clips.make({"entry": ENTRY, "unit": UNIT})
    assert (await home.presses(f"y:{ENTRY}")).media is not None


async def at_night(station: Station, days: int = 0) -> None:
    station.hands.at = datetime(2026, 11, 22, 2, tzinfo=LOCAL) + timedelta(days=days)
    await station.clips.tend({})


async def test_missing_clips_are_made_at_night_only(station: Station) -> None:
    station.hands.at = datetime(2026, 11, 21, 9, tzinfo=LOCAL)
    await station.clips.tend({})
    assert await work(station) == 0
    await at_night(station)
    made = await work(station)
    wanted = clips.all_wanted(station.library, [UNIT], AIR)
    assert made == len(station.child.specs) == len(wanted) > 40
    await at_night(station)
    assert await work(station) == 0


async def test_a_better_voice_makes_them_anew(station: Station) -> None:
    station.child.lesser = True
    await station.clips.make({"entry": ENTRY, "unit": UNIT})
    async with station.store.read() as tx:
        (listed,) = await rows.lesser(tx)
    assert (listed.entry, listed.sound["voice"]) == (ENTRY, "espeak")
    station.child.lesser = False
    await station.clips._renew()
    async with station.store.read() as tx:
        assert await rows.lesser(tx) == []
    assert len(station.child.specs) == 2


async def test_words_nobody_says_any_more_lose_their_clip(station: Station) -> None:
    station.hands.at = datetime(2026, 11, 22, 2, tzinfo=LOCAL)
    await station.clips.make({"entry": ENTRY, "unit": UNIT})
    async with station.store.write() as tx:
        assert await rows.forget(tx, station.hands.at, 10) == 0
        assert await rows.forget(tx, station.hands.at + timedelta(days=1), 10) == 1


async def test_the_week_of_the_loudspeaker_is_heard_in_the_chat(station: Station) -> None:
    home = Household(station)
    assert (await home.presses("l")).said == "says/clips-none"
    row = await station.published()
    station.hands.move(days=1)
    listed = await home.presses("l")
    assert [button.label for button in listed.buttons if button.press == f"z:{row.id}"] == [row.title]
    heard = await home.presses(f"z:{row.id}")
    assert heard.media is not None
    assert (heard.media.kind, heard.media.sha256) == (OutMediaKind.AUDIO, row.sound_hash)
    assert heard.media.page == f"{SITE}/loa/{UNIT}/{row.id}"
    async with station.store.write() as tx:
        await recall.withdraw(tx, station.chair, station.library, row.id, "Sai ngày họp.", at=station.hands.at)
    gone = await home.presses(f"z:{row.id}")
    assert gone.media is None
    assert "Sai ngày họp." in gone.text
    assert (await home.presses("l")).said == "says/clips-none"
    for strange in ("z:999", "z:", "z:abc", "z:99999999999999999999"):
        assert (await home.presses(strange)).said == "says/old-button"
