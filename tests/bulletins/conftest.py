"""A house on both databases, officials of one commune, and an audio process that is real."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audio.child import AudioChild, Progress
from audio.spec import ClipReport, ClipSpec, Fault, PartReport, WorkerOptions, text_sha256
from audio.tags import FileTags, tagged
from bot import engine
from bot.bulletins import approval, doubts, editing
from bot.bulletins.item import items_from
from bot.jobs.bulletins import BulletinMaker
from bot.jobs.clips import ClipMaker
from bot.library import Base, Library, read_folder
from bot.model.inbound import Inbound, InboundKind
from bot.model.official import Official
from bot.model.outbound import Outbound
from bot.runner.handle import Handler
from bot.runner.shelf import Shelf
from bot.store import Store, bulletins, outbox
from bot.store.bulletins import BulletinRow
from tests.harness.clock import Hands
from tests.harness.officials import UNIT, made, role
from tests.harness.talk import key, types

SITE = "https://loa.example"
CONTENT = Path(__file__).parents[2] / "content"
TODAY = date(2026, 11, 21)
AIR = date(2026, 11, 22)
#: carried by its sources: needs no signature
ENTRY, OTHER = "vay-nuoc-sach-ve-sinh", "mien-hoc-phi"


@pytest.fixture(scope="session")
def base() -> tuple[Base, Library]:
    """The content as it is shipped."""
    read, faults = read_folder(CONTENT)
    assert not faults
    return read, Library.build(read)


@pytest.fixture
async def shelf(store: Store, base: tuple[Base, Library]) -> Shelf:
    """The real content, and what is published over it."""
    return Shelf(store, *base)


@dataclass
class QuickChild:
    """Stands in for the audio process where the sound itself does not matter: bytes that depend on the spec alone."""

    seconds: float = 60.0
    residue: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    examined: tuple[Fault, ...] = ()
    lesser: bool = False
    specs: list[ClipSpec] = field(default_factory=list)

    async def make(
        self,
        spec: ClipSpec,
        attachments: Mapping[str, bytes] | None = None,
        progress: Progress | None = None,
        *,
        files: Mapping[str, str] | None = None,
    ) -> tuple[ClipReport, dict[str, bytes]]:
        """The report the test asked for."""
        self.specs.append(spec)
        if progress:
            progress(1, 2)
            progress(2, 2)
        hashed = text_sha256(spec.parts)
        sound = hashlib.sha256(f"{spec.profile}{spec.voice}{hashed}".encode()).digest()
        mp3 = tagged(sound, FileTags("t", "", "", 0, "", "", extra={"text_sha256": hashed}, cover=b""))
        made = {form: mp3 if form == "mp3" else sound + form.encode() for form in spec.formats}
        faults = self.faults + ((Fault("residue", where=self.residue[0]),) if self.residue else ())
        report = ClipReport(
            ok=not faults,
            faults=faults,
            profile=spec.profile,
            voice="espeak",
            voice_id="espeak-1",
            lesser=self.lesser,
            fallbacks=(),
            synthetic=True,
            label="giọng đọc tổng hợp",
            seconds=self.seconds,
            expected_s=self.seconds,
            lufs=-14.0,
            true_peak_dbtp=-2.0,
            longest_silence_s=0.5,
            text_sha256=hashed,
            residue=self.residue,
            sha256={form: hashlib.sha256(data).hexdigest() for form, data in made.items()},
            bytes_of={form: len(data) for form, data in made.items()},
            pieces=1,
            cached=0,
            timings_s={},
            parts=tuple(PartReport(float(i), 1.0) for i, _part in enumerate(spec.parts)),
        )
        return report, made

    async def examine(self, _mp3: bytes, _profile: str, _text_sha256: str = "") -> tuple[Fault, ...]:
        """What the test asked for."""
        return self.examined


@dataclass
class Station:
    """One commune's station: a writer, a chair, the library, the studio."""

    store: Store
    shelf: Shelf
    hands: Hands
    child: QuickChild
    folder: Path
    writer: Official
    chair: Official

    @property
    def library(self) -> Library:
        """The library that serves."""
        return self.shelf.library

    @property
    def maker(self) -> BulletinMaker:
        """Makes bulletins with the quick child."""
        return BulletinMaker(self.store, self.hands.clock, self.child, lambda: self.library, self.folder)  # type: ignore[arg-type]

    @property
    def clips(self) -> ClipMaker:
        """Makes clips with the quick child."""
        return ClipMaker(self.store, self.hands.clock, self.child, lambda: self.library, (UNIT,))  # type: ignore[arg-type]

    async def write(self, *entries: str, official: Official | None = None, **more: Any) -> int:
        """A draft for tomorrow morning."""
        items = more.pop("items", [{"kind": "entry", "entry": entry} for entry in entries or (ENTRY,)])
        given = {"unit": UNIT, "air_on": AIR, "slot_at": "05:30", "today": TODAY, "at": self.hands.at, **more}
        async with self.store.write() as tx:
            return await editing.create(tx, official or self.writer, self.library, items=items, **given)

    async def make(self, number: int) -> BulletinRow:
        """Its sound."""
        await self.maker.make({"bulletin": number})
        return await self.row(number)

    async def row(self, number: int) -> BulletinRow:
        """The row."""
        async with self.store.read() as tx:
            row = await bulletins.get(tx, number)
        assert row is not None
        return row

    async def hand_in(self, number: int) -> None:
        """Ask for approval, letting stand what may stand."""
        stand = self.stood(await self.row(number))
        async with self.store.write() as tx:
            await editing.hand_in(tx, self.writer, self.library, number, stand=stand, today=TODAY, at=self.hands.at)

    def stood(self, row: BulletinRow) -> list[str]:
        """Marks of all that the machine would have looked at in its words."""
        return [one.mark for one in doubts.remarks(self.library, items_from(row.items))]

    async def waiting(self, *entries: str, **more: Any) -> BulletinRow:
        """A bulletin that waits for approval."""
        number = await self.write(*entries, **more)
        await self.make(number)
        await self.hand_in(number)
        return await self.row(number)

    async def approve(self, row: BulletinRow, official: Official | None = None, **more: Any) -> BulletinRow:
        """Approve what was read and heard."""
        given = {"text_hash": row.text_hash, "sound_hash": row.sound_hash, "today": TODAY, "at": self.hands.at}
        given |= {"stand": self.stood(row), **more}
        async with self.store.write() as tx:
            await approval.approve(tx, official or self.chair, self.library, row.id, **given)
        return await self.row(row.id)

    async def published(self, *entries: str, **more: Any) -> BulletinRow:
        """A bulletin everybody can have."""
        row = await self.approve(await self.waiting(*entries, **more))
        await self.maker.publish({"bulletin": row.id})
        return await self.row(row.id)


class Household:
    """One chat on the web."""

    def __init__(self, station: Station, name: str = "nha") -> None:
        self._station, self._number, self._name = station, 0, name
        self._handler = Handler(
            station.store, station.shelf, engine.advance, station.hands.clock, unit_of=lambda _key: UNIT, site=SITE
        )

    async def presses(self, what: str) -> Outbound:
        """The last answer to a button."""
        return await self._told(replace(self._typed(""), kind=InboundKind.PRESS, press=what))

    async def writes(self, text: str) -> Outbound:
        """The last answer to a text."""
        return await self._told(self._typed(text))

    def _typed(self, text: str) -> Inbound:
        self._number += 1
        return types(text, self._number, self._name, channel="web")

    async def _told(self, inbound: Inbound) -> Outbound:
        await self._handler.take([inbound])
        async with self._station.store.read() as tx:
            letters = await outbox.mailbox(tx, key(self._name, "web"), limit=200)
        return [letter.outbound for letter in letters if not letter.is_mine][-1]


@pytest.fixture
async def station(store: Store, shelf: Shelf, hands: Hands, tmp_path: Path) -> Station:
    """A station whose sound is made at once."""
    writer = await made(store, shelf.library, hands, "phat-thanh", role("phat-thanh-vien"))
    chair = await made(store, shelf.library, hands, "chu-tich", role("lanh-dao"))
    return Station(store, shelf, hands, QuickChild(), tmp_path / "loa", writer, chair)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[AudioChild]:
    """The real audio process, offline."""
    child = AudioChild(WorkerOptions(cache_dir=str(tmp_path / "sound"), online=False))
    yield child
    await child.close()
