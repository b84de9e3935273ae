"""Puts together what makes sound: the audio process, and a worker of its own: nothing else waits for a voice."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from audio import wording
from audio.child import AudioChild
from audio.errors import AudioError, CodecError, SpecError
from audio.settings import worker_options
from bot.bulletins.editing import MAKE, PUBLISH
from bot.bulletins.recording import BadRecordingError, EmptyRecordingError, Heard, LongRecordingError
from bot.clips import SEND
from bot.clock import Clock
from bot.errors import LoaThonError, SoundError
from bot.jobs.bulletins import SWEEP_EVERY, BulletinMaker
from bot.jobs.clips import ClipMaker
from bot.jobs.previews import PreviewMaker
from bot.jobs.readings import ReadingMaker
from bot.jobs.retention_sound import PIECES, PUBLISHED
from bot.jobs.worker import Periodic, Worker
from bot.previews import MAKE as MAKE_PREVIEW
from bot.readings import MAKE as MAKE_READING
from bot.runner.shelf import Shelf
from bot.settings import Settings
from bot.store import Store
from bot.store.clips import MAKE as MAKE_CLIP
from bot.store.sources import RECALL

#: code of `CodecError` -> what the desk says; anything else cannot be read
_REFUSALS: dict[str, type[LoaThonError]] = {"empty": EmptyRecordingError, "long": LongRecordingError}


@dataclass(frozen=True, slots=True)
class Studio:
    """What makes sound in this process. `close` lets the audio process leave."""

    child: AudioChild
    clips: ClipMaker
    bulletins: BulletinMaker
    worker: Worker

    async def close(self) -> None:
        """Let the audio process finish and leave."""
        await self.child.close()


class Ear:
    """Measures recordings for the desk. A process of its own: whoever records does not wait for a bulletin that is made.

    It starts with the first recording and leaves when idle; `close` lets it leave at once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: AudioChild | None = None

    async def listen(self, recording: bytes, script: str) -> Heard:
        """As `bot.bulletins.recording.Listen`. Raises `SoundError` when no process can be had."""
        try:
            if self._child is None:
                self._child = AudioChild(worker_options(os.environ, self._settings.data_dir / PIECES))
            taken = await self._child.take(recording, script)
        except CodecError as error:
            raise _REFUSALS.get(error.code, BadRecordingError) from error
        except AudioError as error:
            raise SoundError(why=error.detail) from error
        return Heard(taken.seconds, tuple(wording.fault_text(fault) for fault in taken.faults))

    async def close(self) -> None:
        """Let the process leave."""
        if self._child is not None:
            await self._child.close()


def catalogue_folder(settings: Settings) -> Path:
    """Where published sound lies, one folder a unit (`audio.catalogue`)."""
    return settings.data_dir / PUBLISHED


def studio(settings: Settings, clock: Clock, store: Store, shelf: Shelf) -> Studio:
    """The studio of a house. Its process starts with the first thing to be made. Raises `SoundError` for wrong settings."""
    try:
        options = worker_options(os.environ, settings.data_dir / PIECES)
    except SpecError as error:
        raise SoundError(why=error.detail) from error
    child = AudioChild(options)
    clips = ClipMaker(store, clock, child, lambda: shelf.library, units_of(settings, shelf), settings.public_url)
    bulletins = BulletinMaker(store, clock, child, lambda: shelf.library, catalogue_folder(settings))
    worker = Worker(
        store,
        clock,
        kinds={
            MAKE: bulletins.make,
            PUBLISH: bulletins.publish,
            RECALL: bulletins.take_back,
            MAKE_CLIP: clips.make,
            SEND: clips.send,
            MAKE_READING: ReadingMaker(clips).make,
            MAKE_PREVIEW: PreviewMaker(clips).make,
        },
        periodic={
            "bulletins-sweep": Periodic(bulletins.sweep, SWEEP_EVERY),
            "bulletins-renew": Periodic(bulletins.renew, timedelta(days=1)),
            "clips-tend": Periodic(clips.tend, timedelta(hours=1)),
        },
        # somebody waits for these; voice notes made ahead of the first tap wait for nobody
        first=(SEND, RECALL, PUBLISH, MAKE, MAKE_READING, MAKE_PREVIEW),
        takes_over=settings.on_sqlite,
    )
    return Studio(child, clips, bulletins, worker)


def units_of(settings: Settings, shelf: Shelf) -> tuple[str, ...]:
    """The units this house makes clips for: its own, else every one that is not a province."""
    if settings.unit:
        return (settings.unit,)
    return tuple(sorted(unit.id for unit in shelf.library.units.values() if unit.level != "tinh"))
