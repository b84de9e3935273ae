"""The library that serves. Built off the loop when officials published something, then one reference is swapped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bot.engine.index import understanding_of
from bot.errors import ContentError
from bot.library import (
    Base,
    ContentFaults,
    Entry,
    EntryKey,
    Fault,
    Library,
    Overlay,
    Published,
    Signature,
    read_folder,
)
from bot.library.published import SHAPES, from_body
from bot.library.schema.answers import EntryWords
from bot.library.schema.unit import UnitData
from bot.settings import Settings
from bot.store import Store, Tx, UnavailableError, bell, overlay, schema
from bot.store.blobs import Blobs
from bot.store.overlay import EntryRow

T = TypeVar("T")

#: questions read before anybody asks, each as long as a short story
WARMING = 3

log = logging.getLogger(__name__)


class Shelf:
    """Holds one immutable library and swaps it for a newer one."""

    def __init__(self, store: Store, base: Base, library: Library) -> None:
        self._store = store
        self._base = base
        self._library = library
        self._overlay = library.overlay.revision
        self._building: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, store: Store, content_dir: Path) -> Shelf:
        """Read the content folder and what was published over it; raises `ContentError` with every fault."""
        base, faults = await asyncio.to_thread(read_folder, content_dir)
        if faults:
            raise ContentError(count=len(faults), faults="\n".join(str(fault) for fault in faults))
        try:
            library = await asyncio.to_thread(_build, base, await _published(store))
        except ContentFaults as wrong:
            raise ContentError(count=len(wrong.faults), faults=_listed(wrong.faults)) from wrong
        return cls(store, base, library)

    @property
    def library(self) -> Library:
        """The library that serves now."""
        return self._library

    async def current(self, tx: Tx) -> Library:
        """The library that serves; a moved overlay is built beside and serves from one of the next turns."""
        revision = await overlay.revision(tx)
        if revision != self._overlay and (self._building is None or self._building.done()):
            self._building = asyncio.create_task(self._renew(), name="library")
        return self._library

    async def catch_up(self) -> Library:
        """The library with everything published so far, built now if need be."""
        async with self._store.read() as tx:
            await self.current(tx)
        if self._building is not None:
            await asyncio.shield(self._building)
        return self._library

    async def follow(self) -> None:
        """Swap the library whenever something was published, by whichever process; never ends."""
        await asyncio.to_thread(_warm, self._library)
        async with self._store.bell.ear(bell.OVERLAY) as ear:
            while True:
                try:
                    await self.catch_up()
                except UnavailableError as error:
                    log.warning("what was published waits for the database: %s", error)
                await ear.heard()

    async def _renew(self) -> None:
        try:
            library = await asyncio.to_thread(_build, self._base, await _published(self._store))
        except Exception:  # the old library serves on; the desk refused what could not be built
            log.exception("what was published could not be built")
        else:
            await asyncio.to_thread(_warm, library)
            self._library, self._overlay = library, library.overlay.revision


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Store, Library]]:
    """The database and the library that serves, for a short command."""
    await schema.migrate(settings.database_url)
    store = await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))
    try:
        yield store, (await Shelf.open(store, settings.content_dir)).library
    finally:
        await store.close()


def _listed(faults: list[Fault]) -> str:
    return "\n".join(str(fault) for fault in faults)


def _build(base: Base, laid_over: Overlay) -> Library:
    library = Library.build(base, laid_over)
    # the first question must not pay for the index
    understanding_of(library)
    return library


def _warm(library: Library) -> None:
    """Read a few questions nobody asked: what the first ones cost more is not for people to wait for."""
    known = understanding_of(library)
    for policy in islice(library.policies.values(), WARMING):
        known.read(" ".join((policy.title, *policy.asked_as[:WARMING])))


async def _published(store: Store) -> Overlay:
    async with store.read() as tx:
        revision = await overlay.revision(tx)
        entries, signed = await overlay.entries(tx), await overlay.signed(tx)
    laid = [(row, entry) for row in entries if row.kind in SHAPES and (entry := _read(row, _entry))]
    words = {
        EntryKey(row.kind, row.id, row.unit or None): told
        for row in entries
        if row.kind == overlay.WORDS and (told := _read(row, _words))
    }
    units = {row.id: data for row in entries if row.kind == overlay.UNITS and (data := _read(row, _unit_data))}
    return Overlay(
        entries={
            EntryKey(row.kind, row.id, row.unit or None): Published(entry, row.base_hash or None) for row, entry in laid
        },
        signatures={
            EntryKey(row.kind, row.id, row.unit or None): Signature(
                row.unit, row.signed_on, row.signed_by_role, row.document or None
            )
            for row in signed
        },
        words=words,
        units=units,
        revision=revision,
    )


def _entry(row: EntryRow) -> Entry:
    return from_body(row.kind, row.body)


def _words(row: EntryRow) -> EntryWords:
    return EntryWords.model_validate(row.body)


def _unit_data(row: EntryRow) -> UnitData:
    return UnitData.model_validate(row.body)


def _read(row: EntryRow, read: Callable[[EntryRow], T]) -> T | None:
    """What was published, None where a newer release no longer takes it: one old row must not keep a house shut."""
    try:
        return read(row)
    except (ValueError, KeyError, TypeError, ArithmeticError):
        log.exception("%s %s of %s, version %s, cannot be read", row.kind, row.id, row.unit, row.version)
        return None
