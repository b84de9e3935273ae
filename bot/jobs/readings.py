"""Joins what a person read line by line into one sound, and makes the voice note of it, in the audio process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audio import wording
from audio.errors import CodecError, SpecError
from bot import clips, readings
from bot.clips import Wanted
from bot.jobs.clips import ClipMaker
from bot.jobs.worker import GiveUpError
from bot.store import clips as rows


@dataclass(frozen=True, slots=True)
class ReadingMaker:
    """Makes readings, with what makes clips."""

    clips: ClipMaker

    async def make(self, args: Mapping[str, Any]) -> None:
        """The job: one reading somebody let in. Raises `GiveUpError` for what the checks will not have."""
        store, child = self.clips.store, self.clips.child
        async with store.read() as tx:
            row = await rows.by_number(tx, int(args["reading"]))
        takes = readings.takes(row) if row is not None else []
        if row is None or not takes:
            return
        one = self._wanted(row.entry, row.unit, row.text_hash) if readings.is_vietnamese(row) else None
        try:
            seconds, flac = await child.join([str(store.blobs.path(take)) for take in takes])
            sha256 = await store.blobs.put(flac)
            # a person reads: nothing in it may be called synthetic
            report = await self.clips.made(one, read_by=sha256) if one is not None else None
        except (SpecError, CodecError) as error:
            raise GiveUpError(error.detail) from error
        if report is not None and not report.ok:
            raise GiveUpError(wording.fault_text(report.faults[0]))
        async with store.write() as tx:
            if not await readings.joined(tx, row, sha256, len(flac), seconds) and one is not None:
                await rows.remove_spoken(tx, row.text_hash, rows.person(row.unit))

    def _wanted(self, entry: str, unit: str, text_hash: str) -> Wanted | None:
        """The voice note of the entry, if it still says these words."""
        one = clips.wanted(self.clips.shelf(), entry, unit, self.clips.clock.today())
        return one if one is not None and one.note.text_hash == text_hash else None
