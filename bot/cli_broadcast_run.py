"""What `loathon broadcast` does: written, counted, sent, stopped and watched by whoever holds the machine."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot import broadcasts, rights
from bot.broadcast_checks import remarks
from bot.broadcast_sheet import count, listed, look
from bot.broadcast_text import Content
from bot.broadcasts import Given
from bot.clock import Clock
from bot.errors import FileMissingError, LoaThonError, say
from bot.library import Library
from bot.model.broadcast import Audience, Broadcast, BroadcastState
from bot.runner.shelf import opened
from bot.settings import LOCAL, Settings
from bot.store import Store, Tx, audience, bell

#: how often `--watch` looks, and how wide its bar is
LOOK_S, BAR = 1.0, 30


class WhichUnitError(LoaThonError):
    """bulletins.which_unit"""


class WrongStepError(broadcasts.WrongStateError):
    """cli.broadcast.wrong_step"""


class UnknownHamletError(LoaThonError):
    """cli.broadcast.unknown_hamlet"""


class WrongMomentError(LoaThonError):
    """cli.broadcast.wrong_moment"""


@dataclass(frozen=True, slots=True)
class _At:
    """What every one of them works with."""

    store: Store
    library: Library
    clock: Clock
    out: TextIO


async def run(options: argparse.Namespace, settings: Settings, clock: Clock, out: TextIO) -> int:
    """Run one of them. Raises what `bot.broadcasts` raises, in one sentence each."""
    async with opened(settings) as (store, library):
        match options.what:
            case "list":
                await _list(store, out)
            case "count":
                await _count(options, settings, store, library, out)
            case "new":
                await _new(options, settings, _At(store, library, clock, out))
            case "show":
                await _show(_At(store, library, clock, out), options.number, watch=options.watch)
            case _:
                await _step(options, _At(store, library, clock, out))
    return 0


async def _step(options: argparse.Namespace, its: _At) -> None:
    """One step on. Raises `WrongStepError` where it stands elsewhere."""
    number = options.number
    try:
        if options.what == "submit":
            await _submit(its, number, options.stand)
        else:
            await _act(options.what, its, number)
    except broadcasts.WrongStateError as error:
        async with its.store.read() as tx:
            found = (await look(tx, None, its.library, number, now=its.clock.now())).broadcast
        state, when = say(f"broadcasts.state_{found.state.value}"), say(f"cli.broadcast.only_{options.what}")
        raise WrongStepError(number=number, state=state, when=when) from error


async def _list(store: Store, out: TextIO) -> None:
    async with store.read() as tx:
        found = await listed(tx, None)
    for one in found:
        print(f"{one.id}\t{say(f'broadcasts.state_{one.state.value}')}\t{_progress(one)}\t{one.title}", file=out)
    if not found:
        print(say("cli.broadcast.none"), file=out)


def _audience(options: argparse.Namespace, settings: Settings, library: Library) -> tuple[str, Audience]:
    facts: dict[str, tuple[str, ...]] = {}
    for told in options.fact:
        name, _, value = told.partition("=")
        facts[name] = (*facts.get(name, ()), value)
    wanted = Audience(
        (), tuple(options.hamlet), tuple(options.topic), tuple(options.channel), tuple(sorted(facts.items()))
    )
    unit = options.unit or settings.unit
    if unit not in library.units:
        raise WhichUnitError(units=", ".join(sorted(library.units)))
    return unit, wanted


async def _check_hamlets(tx: Tx, library: Library, unit: str, wanted: Audience) -> None:
    """A name nobody knows, neither the unit's list nor any household, is a slip. Raises `UnknownHamletError`."""
    below = rights.below(unit, rights.tree(library))
    listed_names = {hamlet.name for one in library.units.values() if one.id in below for hamlet in one.hamlets}
    for name in wanted.hamlets:
        if name not in listed_names and not await audience.lives_in(tx, below, name):
            raise UnknownHamletError(hamlet=name, unit=unit)


async def _count(options: argparse.Namespace, settings: Settings, store: Store, library: Library, out: TextIO) -> None:
    unit, wanted = _audience(options, settings, library)
    async with store.read() as tx:
        await _check_hamlets(tx, library, unit, wanted)
        counted = await count(tx, None, library, unit, wanted)
    told = {"total": counted.total, "at_once": counted.at_once, "weekly": counted.weekly, "monthly": counted.monthly}
    print(say("cli.broadcast.counted", **told), file=out)
    for one in counted.sample:
        print(f"\t{one.unit} {one.hamlet} {one.channel} {', '.join(one.topics)}", file=out)


async def _new(options: argparse.Namespace, settings: Settings, its: _At) -> None:
    unit, wanted = _audience(options, settings, its.library)
    content = Content(title=options.title, text=_text(options.text) if options.text else "", entry=options.entry)
    given = Given(
        unit,
        content,
        wanted,
        send_at=_moment(options.at),
        urgent=bool(options.urgent),
        reason=options.urgent,
        pace=options.pace,
    )
    async with its.store.write() as tx:
        await _check_hamlets(tx, its.library, unit, wanted)
        number = await broadcasts.write(tx, None, its.library, given, now=its.clock.now(), at=its.clock.true())
    print(say("cli.broadcast.written", number=number), file=its.out)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise FileMissingError(path=path) from error


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongMomentError(text=text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


async def _submit(its: _At, number: int, stand: list[str]) -> None:
    """Hand it in; first what is found in its words, with the marks by which it is let stand."""
    async with its.store.read() as tx:
        found = (await look(tx, None, its.library, number, now=its.clock.now())).broadcast
    _remind(its, found)
    async with its.store.write() as tx:
        times = {"now": its.clock.now(), "at": its.clock.true()}
        await broadcasts.submit(tx, None, its.library, number, stand=stand, **times)
    print(say(f"broadcasts.state_{BroadcastState.WAITING.value}"), file=its.out)


def _remind(its: _At, found: Broadcast) -> None:
    """What to heed in its words."""
    for remark in remarks(its.library, found.title, found.outbound):
        told = {"message": remark.message, "mend": remark.mend, "mark": remark.mark}
        print(" ".join(say(f"cli.broadcast.remark_{remark.level}", **told).split()), file=its.out)


async def _act(what: str, its: _At, number: int) -> None:
    now, at, library = its.clock.now(), its.clock.true(), its.library
    async with its.store.write() as tx:
        match what:
            case "send":
                await broadcasts.start(tx, None, library, number, now=now, at=at)
            case "pause":
                await broadcasts.pause(tx, None, number, now=now, at=at)
            case "resume":
                await broadcasts.resume(tx, None, library, number, now=now, at=at)
            case _:
                await broadcasts.cancel(tx, None, number, now=now, at=at)
        sheet = await look(tx, None, library, number, now=now)
    print(say(f"broadcasts.state_{sheet.broadcast.state.value}"), file=its.out)


async def _show(its: _At, number: int, *, watch: bool) -> None:
    """The broadcast, then its progress once, or until it has ended."""
    store, library, clock, out = its.store, its.library, its.clock, its.out
    async with store.read() as tx:
        sheet = await look(tx, None, library, number, now=clock.now())
    print(f"{sheet.broadcast.title}\n\n{sheet.message.text}\n", file=out)
    for warning in sheet.warnings:
        print(say(f"broadcasts.{warning}"), file=out)
    if sheet.broadcast.started_at is None:
        _remind(its, sheet.broadcast)
    end = "\r" if watch and out.isatty() else "\n"
    found = sheet.broadcast
    shown = ""
    while True:
        line = f"{say(f'broadcasts.state_{found.state.value}')}  {bar(found)}  {_progress(found)}"
        if line != shown:
            print(line.ljust(len(shown)), end=end, flush=True, file=out)
        shown = line
        if not watch or found.state in {BroadcastState.DONE, BroadcastState.CANCELLED}:
            break
        # another process sends: nothing rings here on SQLite
        async with store.bell.ear(bell.BROADCASTS_MOVED) as ear:
            await ear.heard(LOOK_S)
        async with store.read() as tx:
            found = (await look(tx, None, library, number, now=clock.now())).broadcast
    if end == "\r":
        print(file=out)


def bar(found: Broadcast) -> str:
    """How far it got, in signs every terminal has."""
    total = found.tally.total
    done = BAR * (found.tally.settled + found.tally.held) // total if total else 0
    return f"[{'#' * done}{'.' * (BAR - done)}]"


def _progress(found: Broadcast) -> str:
    tally = found.tally
    told = {name: getattr(tally, name) for name in tally.__dataclass_fields__}
    return say("cli.broadcast.progress", total=tally.total, **told)
