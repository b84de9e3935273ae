"""Makes the voice notes of entries, one at a time, in the audio process."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

from audio import wording
from audio.child import AudioChild, Progress
from audio.errors import CodecError, SpecError
from audio.spec import ClipReport, ClipSpec, Part, Tags, VoiceChoice
from bot import clips, readings
from bot.clips import Wanted
from bot.clock import Clock
from bot.jobs.worker import GiveUpError, WaitError
from bot.settings import LOCAL
from bot.store import Store, conversations, jobs
from bot.store import clips as rows
from bot.work import Work

#: making all of them keeps a small machine busy for minutes: it is done while people sleep
NIGHT = (time(1), time(4))

#: what a person's sound is called in the specification of a clip
_READING = "doc"

log = logging.getLogger(__name__)


class UnmadeError(WaitError):
    """The voice note is still being made."""


@dataclass(frozen=True, slots=True)
class ClipMaker:
    """Makes clips. `units` are those this house speaks for."""

    store: Store
    clock: Clock
    child: AudioChild
    shelf: clips.Shelf
    units: Sequence[str]
    #: where the site is reached, for channels that are given a link
    site: str = ""

    async def make(self, args: Mapping[str, Any]) -> None:
        """The job: one entry for one unit. What was made already is left as it is.

        Raises `GiveUpError` for what the voice or the checks will not have; `AudioError` when trying again may help.
        """
        one = clips.wanted(self.shelf(), str(args["entry"]), str(args["unit"]), self.clock.today())
        if one is None:
            return
        async with self.store.read() as tx:
            row = await rows.get(tx, one.note.text_hash, clips.PROFILE, one.voice.name)
        if row is not None and row.files and not args.get("again"):
            return
        try:
            report = await self.made(one)
        except (SpecError, CodecError) as error:
            raise GiveUpError(error.detail) from error
        if not report.ok:
            raise GiveUpError(wording.fault_text(report.faults[0]))

    async def send(self, args: Mapping[str, Any]) -> None:
        """The job: the voice note goes to who asked before it was made, once, unless that was long ago.

        Raises `UnmadeError` while it is being made: trying again helps.
        """
        at, entry, unit = self.clock.true(), str(args["entry"]), str(args["unit"])
        library = self.shelf()
        one = clips.wanted(library, entry, unit, self.clock.today())
        if one is None or at - datetime.fromisoformat(str(args["asked_at"])) > clips.SENT_WITHIN:
            return
        async with self.store.write() as tx:
            (row,) = await clips.found(tx, [(one.note.text_hash, one.voice.name, one.note.unit)])
            if row is None:
                if await jobs.waits(tx, f"{rows.MAKE}:{entry}:{unit}"):
                    raise UnmadeError
                return
            work = Work(tx, now=self.clock.now(), at=at)
            for conversation in await conversations.lock_ids(tx, [int(args["conversation"])]):
                if not conversation.is_gone:
                    work.say(conversation, clips.message(library, one, row, self.site))
            await work.write()

    async def made(self, one: Wanted, progress: Progress | None = None, *, read_by: str = "") -> ClipReport:
        """Make one clip and keep it; a refused one keeps its report and no sound. Raises `AudioError`.

        `read_by`: sha256 of the sound of a person who reads it.
        """
        if read_by:
            sound = {_READING: str(self.store.blobs.path(read_by))}
            report, files = await self.child.make(_spec(one, is_read=True), progress=progress, files=sound)
        else:
            report, files = await self.child.make(_spec(one), progress=progress)
        kept: dict[str, dict[str, Any]] = {}
        if report.ok:
            # the files are on disk before the row names them
            kept = {
                form: {"sha256": await self.store.blobs.put(data), "bytes": len(data)} for form, data in files.items()
            }
        at = self.clock.true()
        values = {
            "entry": one.note.entry,
            "unit": one.note.unit,
            "profile": clips.PROFILE,
            "voice": rows.person(one.note.unit) if read_by else one.voice.name,
            "text_hash": one.note.text_hash,
            "files": kept,
            "sound": sound_of(report),
            "lesser": report.lesser,
            "made_at": at,
            "needed_at": at,
        }
        async with self.store.write() as tx:
            await rows.keep(tx, values)
        return report

    async def tend(self, _args: Mapping[str, Any]) -> None:
        """Every hour, but only at night: order what is missing and what a lesser voice read."""
        now = self.clock.now().astimezone(LOCAL).time()
        if not NIGHT[0] <= now < NIGHT[1]:
            return
        at = self.clock.true()
        async with self.store.write() as tx:
            for one in await clips.missing(tx, self.shelf(), self.units, self.clock.today(), at):
                await clips.order(tx, one.note.entry, one.note.unit, at)
            await readings.touch(tx, self.shelf(), self.units, self.clock.today(), at)
        await self._renew()

    async def _renew(self) -> None:
        """Clips of a lesser voice, once a better one is back: the first one tells whether it is."""
        async with self.store.read() as tx:
            lesser = await rows.lesser(tx)
        for row in lesser:
            one = clips.wanted(self.shelf(), row.entry, row.unit, self.clock.today())
            if one is None or (one.note.text_hash, one.voice.name) != (row.text_hash, row.voice):
                continue
            report = await self.made(one)
            if report.lesser:
                log.info("clips of a lesser voice wait: %s", [fallback.voice for fallback in report.fallbacks])
                return


def sound_of(report: ClipReport) -> dict[str, Any]:
    """What is kept of a report; each fault with its sentence."""
    return {
        "ok": report.ok,
        "seconds": report.seconds,
        "lufs": report.lufs,
        "true_peak_dbtp": report.true_peak_dbtp,
        "voice": report.voice,
        "voice_id": report.voice_id,
        "label": report.label,
        "fallbacks": [{**asdict(one), "told": wording.fallback_text(one)} for one in report.fallbacks],
        "faults": [{**asdict(one), "told": wording.fault_text(one)} for one in report.faults],
        "residue": list(report.residue),
    }


def _spec(one: Wanted, *, is_read: bool = False) -> ClipSpec:
    note = one.note
    said = (
        Part("recording", note.text, _READING, accepted=True)
        if is_read
        else Part("say", note.text, private=note.private)
    )
    return ClipSpec(
        parts=(said,),
        profile=clips.PROFILE,
        formats=clips.FORMATS,
        voice=VoiceChoice(**one.voice.model_dump()),
        tags=Tags(title=note.title),
        text_sha256=note.text_hash,
    )
