"""An announcer and a chair at the desk of a running site, with a studio that makes sound at once."""

from __future__ import annotations

import io
import math
import random
import struct
import wave
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from audio.normalise import breath_lines
from bot import readings
from bot.bulletins import editing
from bot.bulletins.item import Line
from bot.clips import wanted
from bot.jobs.worker import Worker
from bot.store import sources
from bot.store.bulletins import BulletinRow
from tests.bulletins.conftest import AIR, ENTRY, OTHER, TODAY, QuickChild, Station
from tests.desk.office.conftest import PASSWORD, Answer, Client, NewClient, add_official
from tests.harness.clock import Hands
from tests.harness.officials import UNIT, made, role
from tests.harness.site import Running

#: the entry that the addresses of `test_rights.py` name
UNSIGNED = "ho-tro-tien-dien"
#: 5:36 on the air date
AFTER = datetime(2026, 11, 21, 22, 36, tzinfo=UTC)


def speech(seconds: float = 4.0, noise: float = 0.001, loud: float = 0.4, rate: int = 16_000) -> bytes:
    """A WAV of something that swells and pauses as speech does, over noise."""
    chance = random.Random(7)
    samples = []
    for i in range(round(seconds * rate)):
        at = i / rate
        voiced = max(0.0, math.sin(2 * math.pi * 1.3 * at)) if 0.5 < at < seconds - 0.5 else 0.0
        value = loud * voiced * math.sin(2 * math.pi * 180 * at) + noise * chance.uniform(-1, 1)
        samples.append(round(32767 * max(-1.0, min(1.0, value))))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


async def station_of(place: Running, hands: Hands, tmp_path: Path) -> Station:
    """A quick studio beside a running site."""
    store, shelf = place.house.store, place.house.shelf
    writer = await made(store, shelf.library, hands, "nguoi.viet", role("phat-thanh-vien"))
    chair = await made(store, shelf.library, hands, "nguoi.duyet", role("lanh-dao"))
    return Station(store, shelf, hands, QuickChild(), tmp_path / "loa", writer, chair)


async def read_lines(house: Station, entry: str, take: str, *lines: int) -> None:
    """Some lines of an entry, read by the writer."""
    one = wanted(house.library, entry, UNIT, TODAY)
    assert one is not None
    for number in lines:
        async with house.store.write() as tx:
            held = await readings.find(tx, one, breath_lines(one.note.text))
            told = Line(held.lines[number - 1].text, recording=take, seconds=2.0)
            await readings.put(tx, house.writer, one, held, line=number, told=told, now=house.hands.at)


async def on_air(place: Running, hands: Hands, tmp_path: Path) -> dict[str, str]:
    """What the paths of the pages for bulletins name: one that waits, with sound and a recorded line; a day on air."""
    house = await station_of(place, hands, tmp_path)
    recording = await house.store.blobs.put(speech())
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn.", "recording": recording}]}]
    row = await house.waiting(items=items)
    aired = await house.published(items=items, slot_at="17:00")
    await read_lines(house, UNSIGNED, recording, 1)
    named = {"bulletin": str(row.id), "item": "1", "line": "1", "sound": row.sound_hash, "airing": "1"}
    return {**named, "day": aired.air_on.isoformat()}


@dataclass
class Work:
    """An announcer and a chair with browsers, and a studio beside."""

    place: Running
    house: Station
    announcer: Client
    chair: Client

    async def drafted(self, **more: str) -> BulletinRow:
        """A bulletin made of the week's proposal, by the pages."""
        given = {
            "xa": UNIT,
            "air_on": AIR.isoformat(),
            "slot_at": "05:30",
            "zone": "",
            "entries": f"{ENTRY} {OTHER}",
            **more,
        }
        shown = await self.announcer.fill("/ban/loa", "/ban/loa/moi", **given)
        assert shown.status == 200, shown.text
        return await self.house.row(int(shown.path.split("/tin/")[1].partition("?")[0]))

    async def act(self, who: Client, row: BulletinRow, what: str, status: int = 200, **fields: str) -> Answer:
        """Send one form of a bulletin's paper."""
        path = f"/ban/loa/tin/{row.id}"
        shown = await who.fill(path, f"{path}/{what}", **fields)
        assert shown.status == status, shown.text
        return shown

    async def sounded(self) -> None:
        """What waits is made."""
        maker = self.house.maker
        kinds = {editing.MAKE: maker.make, editing.PUBLISH: maker.publish, sources.RECALL: maker.take_back}
        worker = Worker(self.house.store, self.house.hands.clock, kinds)
        while await worker.step():
            pass

    async def record(
        self, row: BulletinRow, line: int, sound: bytes, status: int = 200, original: bytes = b"", **fields: str
    ) -> Answer:
        """Send a take; `original`: the file the browser read for us."""
        path = f"/ban/loa/tin/{row.id}/bai/1/thu"
        shown = await self.announcer.get(path)
        form = aiohttp.FormData(
            {"the": shown.token, "revision": str((await self.house.row(row.id)).revision), **fields}
        )
        form.add_field("sound", sound, filename="thu.wav", content_type="audio/wav")
        if original:
            form.add_field("original", original, filename="thu.m4a", content_type="audio/mp4")
        answer = await self.announcer.post(f"{path}/{line}", form, follow=True)
        assert answer.status == status, answer.text
        return answer


async def work_of(place: Running, new_client: NewClient, hands: Hands, tmp_path: Path) -> Work:
    """Both signed in."""
    house = await station_of(place, hands, tmp_path)
    await add_official(place, "phat.thanh", "phat-thanh-vien")
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    announcer, chair = await new_client(), await new_client()
    await announcer.sign_in("phat.thanh")
    await chair.sign_in("chu.tich", PASSWORD)
    return Work(place, house, announcer, chair)
