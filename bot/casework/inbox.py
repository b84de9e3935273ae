"""The desk's lists: pages of cases, counts, search, one case with its history and files; all through an official's eye."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.casework import limits
from bot.casework.limits import Cause
from bot.casework.merging import JOINED, OTHER_CASE
from bot.library import Library
from bot.model.codes import is_code
from bot.model.fold import clean
from bot.rights import NotAllowedError
from bot.store import Store, Tx, case_desk, case_moves, case_search, cases
from bot.store.case_desk import ORDERS, Asker, DeskCase, Eye, Filters, History
from bot.store.case_moves import FileRow
from bot.store.case_search import Place
from bot.work.intake import OWN_WORDS

#: letters of a list's line
EXCERPT = 160
PAGE = 50
#: kinds of files a browser may show or play in the page; all others are only downloaded
#: (what browsers record with a microphone is a film without pictures, by its content)
SOUND = frozenset({"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/flac", "audio/wav", "audio/webm"})
INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "video/mp4", "video/webm", *SOUND})


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list."""

    case: DeskCase
    #: how its first words begin
    excerpt: str
    is_late: bool
    #: why, when it is late
    cause: Cause | None
    #: conversations and people who wait for the answer
    askers: int


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, and the mark to go on with; "" = that was all."""

    lines: tuple[Line, ...]
    onward: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One case with everything the official may see of it. Names are not in it."""

    case: DeskCase
    steps: tuple[History, ...]
    files: tuple[FileRow, ...]
    askers: tuple[Asker, ...]
    #: cases answered together with it, and the one it is answered with
    joined: tuple[DeskCase, ...]
    main: DeskCase | None
    is_late: bool
    cause: Cause | None
    take_by: datetime
    #: working seconds used so far
    spent_s: int


class BadMarkError(ValueError):
    """A mark that is none of ours: the list begins anew."""


async def page(
    tx: Tx, eye: Eye, wanted: Filters, *, now: datetime, order: str = "due", mark: str = "", limit: int = PAGE
) -> Page:
    """A page of the inbox. `order`: due, new or moved. Raises `BadMarkError`."""
    value: tuple[datetime | None, int] | None = None
    if mark:
        told, number = _mark(mark)
        value = (_moment(told), number)
        if value[0] is None and order != "due":
            raise BadMarkError(mark)
    found = await case_desk.page(tx, eye, wanted, order=order, after=value, limit=limit + 1)
    shown, onward = found[:limit], ""
    if len(found) > limit:
        last: datetime | None = getattr(shown[-1], ORDERS[order].name)
        onward = _marked(last.isoformat() if last else "", shown[-1].id)
    return Page(tuple(await lines(tx, shown, now=now)), onward)


async def search(
    tx: Tx, eye: Eye, words: str, wanted: Filters, *, now: datetime, mark: str = "", limit: int = PAGE
) -> Page:
    """Cases that hold all the words, exact accents first, then newest; a code finds its case. Raises `BadMarkError`."""
    digits = "".join(sign for sign in clean(words) if not sign.isspace())
    if is_code(digits):
        one = await case_desk.one(tx, eye, digits)
        return Page(tuple(await lines(tx, [one] if one else [], now=now)), "")
    after = None
    if mark:
        is_exact, hit = _mark(mark)
        after = Place(bool(is_exact), hit)
    found, place = await case_search.find(tx, eye, words, wanted, after=after, limit=limit)
    return Page(tuple(await lines(tx, found, now=now)), _marked(place.is_exact, place.hit) if place else "")


async def counts(tx: Tx, eye: Eye, wanted: Filters, *, now: datetime) -> dict[str, int]:
    """State -> number, and `late`, `mine`, `free` among the open ones."""
    return await case_desk.counts(tx, eye, wanted, now)


async def opened(tx: Tx, eye: Eye, library: Library, code: str, *, now: datetime) -> Opened:
    """One case by its code or that of anyone who joined it. Raises `NotAllowedError`, also when it is not there."""
    case = await case_desk.one(tx, eye, code)
    if case is None:
        raise NotAllowedError
    joined = await case_desk.joined_to(tx, case.id)
    near = await case_desk.by_ids(tx, eye, [*joined, *([case.merged_into] if case.merged_into else [])])
    steps = await _readable(tx, eye, case, (await case_desk.history(tx, [case.id]))[case.id])
    late = limits.is_late(case, now)
    return Opened(
        case,
        tuple(steps),
        tuple(await case_moves.files(tx, case.id)),
        tuple(await case_desk.askers(tx, [case.id])),
        tuple(near[number] for number in joined if number in near),
        near.get(case.merged_into) if case.merged_into else None,
        late,
        limits.cause(case) if late else None,
        limits.take_by(library, case),
        limits.spent_s(library, case, now),
    )


async def _readable(tx: Tx, eye: Eye, case: DeskCase, steps: Sequence[History]) -> list[History]:
    """Steps without what names a case the official does not see: it may be the one that concerns them.

    That the case itself is answered with another stays, without saying which.
    """
    named = {
        one.step: str(one.payload.get(OTHER_CASE[one.what], ""))
        for one in steps
        if one.payload and one.what in OTHER_CASE
    }
    seen = await case_desk.seen(tx, eye, sorted({code for code in named.values() if code}))
    kept = []
    for one in steps:
        if one.step not in named or named[one.step] in seen:
            kept.append(one)
        elif one.what == JOINED and case.merged_into is not None:
            kept.append(replace(one, payload={}))
    return kept


@dataclass(frozen=True, slots=True)
class Bytes:
    """A file's bytes and how to serve them. Never under the name it came with."""

    data: bytes
    mime: str
    is_inline: bool
    name: str


async def file(store: Store, eye: Eye, code: str, file_id: int) -> Bytes:
    """A file of a case. Serve with `nosniff`; `attachment` unless `is_inline`. Raises `NotAllowedError`."""
    async with store.read() as tx:
        case = await case_desk.one(tx, eye, code)
        held = await case_moves.files(tx, case.id) if case else []
    found = next((one for one in held if one.id == file_id and one.state == "kept" and one.sha256), None)
    if case is None or found is None or found.sha256 is None:
        raise NotAllowedError
    try:
        data = await store.blobs.get(found.sha256)
    except FileNotFoundError as error:
        raise NotAllowedError from error
    return Bytes(data, found.mime, found.mime in INLINE, f"{case.code}-{found.id}")


async def lines(tx: Tx, found: Sequence[DeskCase], *, now: datetime) -> list[Line]:
    """These cases, seen already by who looks, as a list shows them."""
    ids = [one.id for one in found]
    words = await cases.words(tx, ids, OWN_WORDS)
    waiting = await case_desk.askers(tx, ids)
    number = {one: sum(asker.case_id == one for asker in waiting) for one in ids}
    told = []
    for one in found:
        first = clean(words[one.id][0][1]) if words[one.id] else ""
        late = limits.is_late(one, now)
        short = first if len(first) <= EXCERPT else f"{first[: EXCERPT - 1]}\u2026"
        told.append(Line(one, short, late, limits.cause(one) if late else None, number[one.id]))
    return told


def _marked(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _mark(mark: str) -> tuple[Any, int]:
    try:
        first, number = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        if type(number) is not int or not 0 <= number < 2**62:
            raise BadMarkError(mark)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadMarkError(mark) from error
    return first, number


def _moment(told: object) -> datetime | None:
    if told == "":
        return None
    try:
        at = datetime.fromisoformat(told if isinstance(told, str) else "")
    except ValueError as error:
        raise BadMarkError(str(told)) from error
    if at.tzinfo is None:
        raise BadMarkError(str(told))
    return at


def mine(wanted: Filters, eye: Eye) -> Filters:
    """The same list, of what is with this official."""
    return replace(wanted, official_id=eye.official.id, open_only=True)
