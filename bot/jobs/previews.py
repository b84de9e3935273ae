"""Reads drafts aloud for those who write and approve them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audio import wording
from audio.errors import CodecError, SpecError
from bot import previews
from bot.jobs.clips import ClipMaker
from bot.jobs.worker import GiveUpError
from bot.store import edits


@dataclass(frozen=True, slots=True)
class PreviewMaker:
    """Makes previews with the maker of clips."""

    clips: ClipMaker

    async def make(self, args: Mapping[str, Any]) -> None:
        """The job: the script of one draft as it stands now. What was read already is left as it is.

        Raises `GiveUpError` for what the voice or the checks will not have; `AudioError` when trying again may help.
        """
        store, today = self.clips.store, self.clips.clock.today()
        async with store.read() as tx:
            edit = await edits.get(tx, int(args["edit"]))
            one = previews.wanted(self.clips.shelf(), edit, today) if edit is not None else None
            row = await previews.found(tx, one) if one is not None else None
        if one is None or (row is not None and row.files):
            return
        try:
            report = await self.clips.made(one)
        except (SpecError, CodecError) as error:
            raise GiveUpError(error.detail) from error
        if not report.ok:
            raise GiveUpError(wording.fault_text(report.faults[0]))
