"""Cases by words, among those an official may see: exact accents first, newest first, one window of hits after another.

Ranking by a score would read every hit of a common word. Hits come newest first in windows instead, so that the first
page costs the same at a hundred cases and at a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
)

from bot.model.fold import clean, fold
from bot.store.case_desk import KEEP, DeskCase, Eye, Filters, narrowed, visible
from bot.store.case_tables import cases
from bot.store.cases import SEARCHED
from bot.store.search import place_token
from bot.store.store import Tx
from bot.store.tables import search_docs

_C, _D = cases.c, search_docs.c
_ROW = tuple(_C[one.name] for one in fields(DeskCase))
#: hits looked at in the first window, and how many times as wide each further one is. SQLite walks its index newest
#: first, PostgreSQL reads all hits whatever the window
WINDOWS = {"sqlite": (250, 4), "postgresql": (2_000, 8)}
#: so many units are named in the search itself; with more, most hits are within them anyhow
UNITS_MOST = 20
#: words of a search that count: more make it no sharper
WORDS_MOST = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of hits ended: whether still among exact spellings, and the number of the last hit."""

    is_exact: bool
    hit: int


@dataclass(frozen=True, slots=True)
class _Spelling:
    """Words looked for in one spelling, and those whose exact spelling was looked for before."""

    words: tuple[str, ...]
    without: tuple[str, ...]
    is_exact: bool
    #: tokens of the units one of which it must be; () = any
    places: tuple[str, ...]


async def find(
    tx: Tx, eye: Eye, words: str, wanted: Filters, *, after: Place | None = None, limit: int = 50
) -> tuple[list[DeskCase], Place | None]:
    """Cases that hold all the words, and where to go on (None: that was all)."""
    exact, folded = _words(clean(words).lower()), _words(fold(words))
    if not folded:
        return [], None
    if tx.dialect != "postgresql":
        return await _both(tx, eye, wanted, exact, folded, after=after, limit=limit)
    # for a word in nearly every row PostgreSQL would read the table and take all words apart anew: seconds
    await tx.run(text("set local enable_seqscan = off"))
    found = await _both(tx, eye, wanted, exact, folded, after=after, limit=limit)
    await tx.run(text("set local enable_seqscan to default"))
    return found


async def _both(
    tx: Tx,
    eye: Eye,
    wanted: Filters,
    exact: tuple[str, ...],
    folded: tuple[str, ...],
    *,
    after: Place | None,
    limit: int,
) -> tuple[list[DeskCase], Place | None]:
    """As spelled, then without regard to accents."""
    found: list[DeskCase] = []
    has_accents = exact != folded
    places = _places(eye, wanted)
    place = after or Place(has_accents, 0)
    if place.is_exact:
        found, onward = await _pass(
            tx, eye, wanted, _Spelling(exact, (), is_exact=True, places=places), before=place.hit, limit=limit
        )
        if onward is not None:
            return found, onward
        place = Place(is_exact=False, hit=0)
    bare = _Spelling(folded, exact if has_accents else (), is_exact=False, places=places)
    more, onward = await _pass(tx, eye, wanted, bare, before=place.hit, limit=limit - len(found))
    return [*found, *more], onward


async def _pass(
    tx: Tx, eye: Eye, wanted: Filters, spelling: _Spelling, *, before: int, limit: int
) -> tuple[list[DeskCase], Place | None]:
    """One spelling's hits, newest first, until the page is full or there are no more."""
    found: list[DeskCase] = []
    window, wider = WINDOWS[tx.dialect]
    while True:
        hits = _hits(tx, spelling, before, window)
        left = limit - len(found)
        page = (
            select(hits.c.id.label("hit"), *_ROW)
            .join_from(hits, search_docs, _D.id == hits.c.id)
            .join(cases, _C.id == cast(_D.ref, BigInteger().with_variant(Integer(), "sqlite")))
            .where(_D.kind == SEARCHED, visible(eye), *narrowed(wanted))
            .order_by(hits.c.id.desc())
            .limit(left + 1)
            .subquery("page")
        )
        edge = (
            select(func.min(hits.c.id).label("last"), func.count().label("number")).select_from(hits).subquery("edge")
        )
        # the hits are found once for both: for common words that is nearly all of the work
        rows = await tx.rows(
            select(edge, page).join_from(edge, page, literal(value=True), isouter=True).order_by(page.c.hit.desc())
        )
        last, number = rows[0][:2]
        if not number:
            return found, None
        if left <= 0:
            return found, Place(spelling.is_exact, before)
        rows = [row[2:] for row in rows if row.hit is not None]
        found += [DeskCase(*row[1:]) for row in rows[:left]]
        if len(rows) > left:
            return found, Place(spelling.is_exact, rows[left - 1][0])
        if number < window:
            return found, None
        before, window = last, window * wider


def _hits(tx: Tx, spelling: _Spelling, before: int, window: int) -> CTE:
    """The numbers of the newest documents before that one that hold the words, and not all of `without` as spelled."""
    words, without = spelling.words, spelling.without
    if tx.dialect == "sqlite":
        asked = f"{'exact' if spelling.is_exact else 'folded'} : ({_quoted(words)})"
        if spelling.places:
            asked = f"({asked}) AND folded : ({' OR '.join(_quoted((place,)) for place in spelling.places)})"
        if without:
            asked = f"({asked}) NOT (exact : ({_quoted(without)}))"
        newest = "select rowid as id from search_fts where search_fts match :asked {} order by rowid desc limit :most"
        bound = {"asked": asked, "most": window}
        if before:
            statement = text(newest.format("and rowid < :before")).bindparams(**bound, before=before)
        else:
            statement = text(newest.format("")).bindparams(**bound)
        return statement.columns(column("id", Integer)).cte("hits")
    vector = func.to_tsvector(literal_column("'simple'"), _D.exact + " " + _D.folded)
    asked_for: ColumnElement[Any] = _query(words)
    if spelling.places:
        somewhere = func.to_tsquery(literal_column("'simple'"), literal(" | ".join(spelling.places)))
        asked_for = func.tsquery_and(asked_for, somewhere)
    if without:
        # within the question to the index; beside it every hit's words would be taken apart anew
        asked_for = func.tsquery_and(asked_for, func.tsquery_not(_query(without)))
    # not the bare number: led by its index PostgreSQL would read every row's words anew instead of asking theirs
    number = _D.id + literal_column("0")
    conditions: list[ColumnElement[bool]] = [vector.bool_op("@@")(asked_for)]
    if before:
        conditions.append(number < before)
    return select(_D.id).where(*conditions).order_by(number.desc()).limit(window).cte("hits")


def _places(eye: Eye, wanted: Filters) -> tuple[str, ...]:
    """The units it can only be in, where they are few; the rights themselves are asked all the same."""
    units: set[str] = set(wanted.units)
    if not units:
        for action in ("case-read", KEEP):
            for scope in eye.official.reach.get(action, ()):
                if scope.units is None or action in eye.wide:
                    return ()
                units |= scope.units
    return tuple(sorted(map(place_token, units))) if 0 < len(units) <= UNITS_MOST and all(units) else ()


def _query(words: tuple[str, ...]) -> ColumnElement[str]:
    return func.plainto_tsquery(literal_column("'simple'"), literal(" ".join(words)))


def _quoted(words: tuple[str, ...]) -> str:
    """A quoted word is no operator of FTS5's language."""
    return " ".join('"' + word.replace('"', "") + '"' for word in words)


def _words(asked: str) -> tuple[str, ...]:
    plain = "".join(sign if sign.isalnum() else " " for sign in asked)
    return tuple(plain.split())[:WORDS_MOST]
