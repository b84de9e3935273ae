"""Makes the sound of bulletins in the audio process, publishes what was approved, takes back what no longer holds."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from audio import bulletin as sounds
from audio import catalogue, wording
from audio.bulletin import BulletinReport
from audio.cache import FolderCache
from audio.catalogue import CatalogueError, Chapter, Sidecar, Withdrawn
from audio.child import AudioChild, Progress
from audio.errors import CodecError, SpecError
from audio.spec import Tags, VoiceChoice
from bot import readings
from bot.bulletins import approval, recall
from bot.bulletins.editing import MAKE, MovedOnError, programme_of
from bot.bulletins.script import Script, Segment, Shelf, compose, readers, role_of
from bot.clock import Clock
from bot.errors import LoaThonError, say
from bot.jobs.clips import sound_of
from bot.jobs.retention_sound import PIECES, drop_bundles
from bot.settings import LOCAL
from bot.store import Store, UnavailableError, bulletins, jobs
from bot.store.bulletins import BulletinRow

#: what is heard before it is approved, and what telephones get: made when it is published, for it takes longest
DRAFT_FORMAT, LATE_FORMAT = "mp3", "opus"
#: looks at what is published against what entries say now
SWEEP_EVERY = timedelta(minutes=10)
#: percent by which progress is written
_STEP = 5

log = logging.getLogger(__name__)


class NotReadError(LoaThonError):
    """bulletins.not_read"""


@dataclass(frozen=True, slots=True)
class BulletinMaker:
    """Makes and publishes bulletins. `folder` is the catalogue of what is published."""

    store: Store
    clock: Clock
    child: AudioChild
    shelf: Shelf
    folder: Path

    async def make(self, args: Mapping[str, Any]) -> None:
        """The job: the sound of one bulletin, made again while somebody goes on editing it."""
        number = int(args["bulletin"])
        while True:
            async with self.store.read() as tx:
                row = await bulletins.get(tx, number)
            if row is None or row.state not in {"draft", "waiting"}:
                return
            if await self.made(row):
                return

    async def made(self, row: BulletinRow, progress: Progress | None = None) -> bool:
        """Make the sound of a bulletin and keep it; False when it was edited meanwhile and the sound was thrown away.

        Raises `ChildError`, `VoiceError` when trying again may help; what cannot be made is noted on the bulletin.
        """
        script = compose(self.shelf(), programme_of(row))
        try:
            read = await self._read(row, script)
            report, files = await self._sound(row, script, progress, read)
        except (SpecError, CodecError) as error:
            log.warning("bulletin %d cannot be made: %s", row.id, error.detail)
            return await self._keep(row, {**bulletins.UNMADE, "note": say("bulletins.bad_recording")})
        except NotReadError as error:
            return await self._keep(row, {**bulletins.UNMADE, "note": str(error)})
        kept = {form: {"sha256": await self.store.blobs.put(data), "bytes": len(data)} for form, data in files.items()}
        values = {
            "script": script.words,
            "text_hash": script.text_hash,
            "ends_on": script.ends_on,
            "progress": 100,
            "sound": {**sound_of(report.clip), "chapters": _chapters(report), "read": read},
            "files": kept,
            "sound_hash": kept[DRAFT_FORMAT]["sha256"],
            "lesser": report.clip.lesser,
        }
        return await self._keep(row, values)

    async def publish(self, args: Mapping[str, Any]) -> None:
        """The job: decode the approved file once more in full, then put it where everybody can have it."""
        async with self.store.read() as tx:
            row = await bulletins.get(tx, int(args["bulletin"]))
        if row is None or row.state != "approved":
            return
        row, why = await self._published(row)
        async with self.store.write() as tx:
            again = await bulletins.get(tx, row.id, locked=True)
            if again is not None and again.state == "published":
                # another worker was faster
                return
            if again is None or again.state != "approved" or again.revision != row.revision:
                why = str(MovedOnError())
            elif not why:
                try:
                    await bulletins.change(tx, row.id, files=row.files)
                    await approval.publish(tx, self.shelf(), again, at=self.clock.true())
                except MovedOnError as error:
                    why = str(error)
            if why and again is not None and again.state == "approved" and again.revision == row.revision:
                await approval.refuse(tx, again, why, at=self.clock.true())
        if why:
            await self._taken_back(row, why, self.clock.true())

    async def take_back(self, args: Mapping[str, Any]) -> None:
        """The job: the file of a withdrawn bulletin goes, with the bundles it may lie in; a tombstone stays for those who
        have it already.

        `forget`: words in it were erased, so no sentence is kept as sound any more: which were theirs nobody can tell.
        """
        if args.get("forget"):
            pieces = FolderCache(self.store.blobs.folder.parent / PIECES, 0)
            await asyncio.to_thread(pieces.forget, math.inf)
        async with self.store.read() as tx:
            row = await bulletins.get(tx, int(args["bulletin"]))
        if row is not None:
            await drop_bundles(self.store, row.unit)
        if row is not None and row.state == "withdrawn" and row.withdrawn_at is not None:
            await self._taken_back(row, row.withdrawn_why, row.withdrawn_at)

    async def sweep(self, _args: Mapping[str, Any]) -> None:
        """Every few minutes: recall what no longer says what its entries say, give back what cannot be published, and put
        back files a restore lost.
        """
        at, today = self.clock.true(), self.clock.today()
        async with self.store.write() as tx:
            given = await approval.give_up(tx, at=at)
        if given:
            log.error("approved bulletins that could not be published: %s", given)
        async with self.store.read() as tx:
            rows = await bulletins.listed(tx, since=today - recall.LISTED_FOR, states=("published",))
        if any(recall.broken(self.shelf(), row) for row in rows):
            async with self.store.write() as tx:
                gone = await recall.sweep(tx, self.shelf(), today, at=at)
            log.info("recalled: %s", gone)
        for row in rows:
            if not await asyncio.to_thread(self._found, row):
                await self._place(row)

    async def renew(self, _args: Mapping[str, Any]) -> None:
        """Once a day: what a lesser voice read is made again, if it is still to be approved."""
        at, today = self.clock.true(), self.clock.today()
        async with self.store.write() as tx:
            for number in await bulletins.lesser(tx, today):
                await jobs.add(tx, MAKE, [({"bulletin": number}, f"{MAKE}:{number}")], at)

    async def _read(self, row: BulletinRow, script: Script) -> dict[str, str]:
        """What people of the unit read of this script: hash of the words -> sha256 of the sound."""
        said = [one for one in script.segments if one.kind == "speech" and one.item]
        names = sorted({readings.name_of(one.text, one.language) for one in said})
        async with self.store.read() as tx:
            read = await readings.in_use(tx, names, row.unit)
        for one in said:
            if one.language and readings.name_of(one.text, one.language) not in read:
                raise NotReadError(title=one.title)
        return read

    async def _sound(
        self,
        row: BulletinRow,
        script: Script,
        progress: Progress | None,
        read: Mapping[str, str],
        form: str = DRAFT_FORMAT,
    ) -> tuple[BulletinReport, dict[str, bytes]]:
        told, writing = 0, asyncio.Event()
        ended = False

        def heard(done: int, total: int) -> None:
            nonlocal told
            if progress:
                progress(done, total)
            percent = min(99, 100 * done // max(1, total))
            if form == DRAFT_FORMAT and percent - told >= _STEP:
                told = percent
                writing.set()

        async def write() -> None:
            while not ended:
                await writing.wait()
                writing.clear()
                # how far it is, is not worth losing it
                with suppress(UnavailableError):
                    if not ended:
                        async with self.store.write() as tx:
                            await bulletins.change(tx, row.id, progress=told)

        writer = asyncio.create_task(write(), name=f"progress of bulletin {row.id}")
        try:
            return await sounds.make(self.child, self._spec(row, script, read, form), heard)
        finally:
            ended = True
            writing.set()
            await writer

    def _spec(self, row: BulletinRow, script: Script, read: Mapping[str, str], form: str) -> sounds.Bulletin:
        unit = self.shelf().unit(row.unit)
        voices = readers(self.shelf(), row.unit, script.segments)
        return sounds.Bulletin(
            segments=tuple(self._segment(segment, i, read) for i, segment in enumerate(script.segments)),
            voices={role: VoiceChoice(**voice.model_dump()) for role, voice in voices.items()},
            profile=row.profile,
            formats=(form,),
            tags=Tags(title=row.title, artist=unit.office, album=unit.name, sent_on=row.air_on.isoformat()),
            text_sha256=script.text_hash,
        )

    def _segment(self, segment: Segment, number: int, read: Mapping[str, str]) -> sounds.Segment:
        if segment.kind == "chime":
            return sounds.Segment("chime", key=str(number), chime=segment.text)
        heard = (
            read.get(readings.name_of(segment.text, segment.language))
            if segment.kind == "speech" and segment.item
            else None
        )
        if heard is not None:
            segment = replace(segment, kind="recording", recording=heard, accepted=True)
        return sounds.Segment(
            segment.kind,
            key=str(number),
            title=segment.title,
            text=segment.text,
            role=role_of(segment) if segment.kind == "speech" else "",
            twice=segment.twice,
            file=str(self.store.blobs.path(segment.recording)) if segment.recording else "",
            pause_ms=segment.pause_ms,
            private=segment.private,
            accepted=segment.accepted,
        )

    async def _keep(self, row: BulletinRow, values: dict[str, Any]) -> bool:
        async with self.store.write() as tx:
            again = await bulletins.get(tx, row.id, locked=True)
            if again is not None and again.revision != row.revision:
                return False
            if again is not None and again.state in {"draft", "waiting"}:
                await bulletins.change(tx, row.id, **values)
        return True

    async def _published(self, row: BulletinRow) -> tuple[BulletinRow, str]:
        """Put the files into the catalogue; the row with all of them, and why it cannot be, "" when they are there."""
        try:
            mp3 = await self.store.blobs.get(row.approved_sound)
        except FileNotFoundError:
            return row, str(MovedOnError())
        faults = await self.child.examine(mp3, row.profile, row.approved_text)
        if faults:
            return row, wording.fault_text(faults[0])
        row = await self._with_late_format(row)
        try:
            await self._place(row)
        except CatalogueError as error:
            log.warning("bulletin %d: %s", row.id, error.detail)
            return row, str(MovedOnError())
        return row, ""

    async def _with_late_format(self, row: BulletinRow) -> BulletinRow:
        """The same sound once more for telephones, out of the cache; without it where another voice would read now."""
        script = compose(self.shelf(), programme_of(row))
        try:
            # the same people as were heard and approved, whoever reads by now
            report, files = await self._sound(row, script, None, row.read, LATE_FORMAT)
        except (SpecError, CodecError) as error:
            log.warning("bulletin %d: no %s: %s", row.id, LATE_FORMAT, error.detail)
            return row
        made = report.clip
        if (made.text_sha256, made.voice_id) != (row.approved_text, row.sound.get("voice_id")):
            return row
        data = files[LATE_FORMAT]
        kept = {"sha256": await self.store.blobs.put(data), "bytes": len(data)}
        return replace(row, files={**row.files, LATE_FORMAT: kept})

    async def _place(self, row: BulletinRow) -> None:
        files = {form: self.store.blobs.path(file["sha256"]) for form, file in row.files.items()}
        if files:
            await asyncio.to_thread(catalogue.publish, self.folder, files, self._sidecar(row))

    def _sidecar(self, row: BulletinRow) -> Sidecar:
        unit, sound = self.shelf().unit(row.unit), row.sound
        last = row.air_on + recall.LISTED_FOR
        return Sidecar(
            id=catalogue_id(row),
            unit=row.unit,
            title=row.title,
            script="\n".join(line["text"] for line in row.script),
            text_sha256=row.approved_text,
            approver=unit.office,
            published_at=(row.published_at or row.approved_at or row.updated_at).astimezone(LOCAL),
            valid_from=min(row.air_on, self.clock.today()),
            valid_until=min(row.ends_on, last) if row.ends_on else last,
            profile=row.profile,
            voice=str(sound.get("voice", "")),
            label=str(sound.get("label", "")),
            byline=", ".join(sorted({item["byline"] for item in row.items if item.get("byline")})),
            seconds=row.seconds,
            lufs=float(sound.get("lufs", 0.0)),
            true_peak_dbtp=float(sound.get("true_peak_dbtp", 0.0)),
            lesser=row.lesser,
            air_on=row.air_on,
            slot_at=row.slot_at,
            zone=row.zone,
            sound_sha256={form: file["sha256"] for form, file in row.files.items()},
            chapters=tuple(Chapter(**chapter) for chapter in sound.get("chapters", ())),
        )

    def _found(self, row: BulletinRow) -> bool:
        return catalogue.find(self.folder, row.unit, catalogue_id(row)) is not None

    async def _taken_back(self, row: BulletinRow, why: str, at: datetime) -> None:
        found: Withdrawn | None = await asyncio.to_thread(
            catalogue.withdraw, self.folder, row.unit, catalogue_id(row), why, at
        )
        if found is not None:
            log.info("bulletin %d taken out of the catalogue", row.id)


def catalogue_id(row: BulletinRow) -> str:
    """What a bulletin is called in the catalogue: a withdrawn name never comes back, an edited bulletin gets another."""
    return f"bulletin-{row.id}-{row.revision}"


def _chapters(report: BulletinReport) -> list[dict[str, Any]]:
    return [asdict(Chapter(one.title, one.start_s)) for one in report.segments if one.title]
