"""Figures of a unit for a quarter: what people brought, how it was answered, whom the unit reaches. Never who.

Quarters alone are told of, and each of them for one unit: sums of figures that overlap (a month in a year, a commune in
its province) would give away what is hidden in one of them. So a table of quarters or of units has no sum either.
"""

from __future__ import annotations

import hashlib
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from bot import disclosure
from bot.casework.limits import Cause
from bot.disclosure import is_small
from bot.errors import say, told_under
from bot.library import Library
from bot.library.schema.phrases import Groups
from bot.library.schema.says import Says
from bot.library.schema.unit import Unit
from bot.model.case import CaseKind, CaseState
from bot.model.fold import fold
from bot.report_spans import Span
from bot.settings import LOCAL
from bot.store import Tx
from bot.store import dashboard as rows
from bot.store.case_desk import SETTLED, Eye
from bot.store.dashboard import Matter

#: quarters to choose from, this one included
QUARTERS = 8
#: no figures before this year: nothing was brought
_FIRST_YEAR = 2020
#: quarters before the one shown that stand beside it
_EARLIER = 3
#: keys of rows: what has no name of its own; what was not late
OTHER, IN_TIME = "", "in-time"


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months where the people live. `number` 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day is in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, told: str, today: date) -> Quarter:
        """As `str` writes it. Raises `ValueError` for what is none, and for one that has not begun."""
        year, _, number = told.partition("-q")
        if not (year.isascii() and year.isdecimal() and number in {"1", "2", "3", "4"}):
            raise ValueError(told)
        read = cls(int(year), int(number))
        if not cls(_FIRST_YEAR, 1) <= read <= cls.of(today):
            raise ValueError(told)
        return read

    def __str__(self) -> str:
        return f"{self.year}-q{self.number}"

    @property
    def title(self) -> str:
        """In words."""
        return say("figures.quarter", number=self.number, year=self.year)

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of its months, and the first day after it."""
        first = 3 * self.number - 2
        return tuple(date(self.year + (m > 12), (m - 1) % 12 + 1, 1) for m in range(first, first + 4))

    @property
    def bounds(self) -> tuple[datetime, ...]:
        """The same as moments."""
        return tuple(datetime.combine(day, time(), LOCAL) for day in self.months)

    def back(self, by: int) -> Quarter:
        """So many quarters earlier."""
        count = self.year * 4 + self.number - 1 - by
        return Quarter(count // 4, count % 4 + 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    key: str
    title: str
    #: None = hidden, being small or telling of one that is
    number: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """One question about the quarter. Rows that are hidden come last, in the order of their titles."""

    id: str
    title: str
    #: what is counted: ho-so, ngay, cau-hoi, cuoc-tro-chuyen, tin, buoi
    measure: str
    rows: tuple[Row, ...]

    @property
    def has_hidden(self) -> bool:
        """Whether anything is hidden."""
        return any(row.number is None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one unit and quarter, or span of days. None = hidden, or nothing to tell."""

    unit: str
    quarter: Quarter | Span
    #: cases brought in that quarter
    cases: int | None
    #: of these still open past their time, or answered past it
    late: int | None
    #: half of those answered took no longer: days by the calendar, from the asking to the answer
    median_days: float | None
    #: the same in hours of the office, without the time it waited for the household
    median_hours: float | None
    #: how many said what they think of the answer, and what on the mean, 1 to 5
    raters: int | None
    rating: float | None
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """A table by its id; without rows where there is nothing to tell."""
        found = {one.id: one for one in self.tables}.get(name)
        return found or Table(name, say(f"figures.table.{name}"), "ho-so", ())


def quarters(today: date) -> tuple[Quarter, ...]:
    """Those to choose from, this one first."""
    return tuple(Quarter.of(today).back(by) for by in range(QUARTERS))


async def figures(tx: Tx, eye: Eye | None, library: Library, unit: str, quarter: Quarter, *, now: datetime) -> Figures:
    """The figures. `eye`: who looks (`bot.casework.sight`), whose rights to see figures hold; None: another system, for
    which the caller has settled that it may know of this unit.

    Raises `KeyError` for a unit nobody knows.
    """
    place = library.unit(unit)
    since, until = quarter.bounds[0], quarter.bounds[-1]
    found = await rows.matters(tx, eye, unit, since, until)
    causes = await rows.causes(tx, eye, unit, since, until)
    ratings = await rows.ratings(tx, eye, unit, since, until)
    earlier = [quarter.back(by) for by in range(_EARLIER, -1, -1)]
    over = await rows.by_unit(tx, eye, [*(one.bounds[0] for one in earlier), until], unit)
    late = Counter(lateness(one, causes, now) for one in found)
    salt = _salt(tx, unit, quarter)
    tables = (
        *_about(library, place, found, salt),
        _months(quarter, found, salt),
        table(
            "quarter",
            zip(map(str, earlier), over.get(unit, (0,) * len(earlier)), strict=True),
            {str(one): one.title for one in earlier},
            salt,
            has_sum=False,
            in_order=True,
        ),
        counted("state", (one.state for one in found), worded("state"), salt),
        counted("late", late.elements(), worded("late"), salt),
        counted("source", (one.source for one in found), worded("source"), salt),
        *await _reach(tx, eye, unit, quarter, salt, now=now),
    )
    answered = [(days, one.spent_s / 3600) for one in found if (days := days_taken(one)) is not None]
    return Figures(
        unit,
        quarter,
        None if is_small(len(found)) else len(found),
        late_number(late, salt),
        median([days for days, _hours in answered]),
        median([hours for _days_, hours in answered]),
        None if is_small(len(ratings)) else len(ratings),
        round(statistics.fmean(ratings), 1) if len(ratings) >= disclosure.LEAST else None,
        tuple(one for one in tables if one.rows),
    )


async def by_unit(tx: Tx, eye: Eye, library: Library, quarter: Quarter) -> Table:
    """Cases of each unit the official sees figures of, in one quarter. Without a sum: it would tell what is hidden."""
    found = await rows.by_unit(tx, eye, [quarter.bounds[0], quarter.bounds[-1]])
    told = {unit: number for unit, (number,) in found.items() if unit in library.units}
    return table("unit", told.items(), {one.id: one.name for one in library.units.values()}, b"", has_sum=False)


def _about(library: Library, place: Unit, found: Sequence[Matter], salt: bytes) -> list[Table]:
    """What the matters are about, and from where."""
    topics = {one.id: one.title for one in library.topics.values()}
    by_topic = {one.id: one.topic if one.topic in topics else OTHER for one in found}
    hamlets = {name: one.id for one in place.hamlets for name in (one.id, fold(one.name))}
    gone = disclosure.hidden(Counter(by_topic.values()), salt)
    days: dict[str, list[float]] = {}
    for one in found:
        if (took := days_taken(one)) is not None and by_topic[one.id] not in gone:
            days.setdefault(by_topic[one.id], []).append(took)
    medians = [(topic, told) for topic, each in days.items() if (told := median(each)) is not None]
    return [
        counted("topic", by_topic.values(), topics, salt),
        table("answer-days", medians, topics, salt, measure="ngay", has_sum=False, is_open=True),
        counted(
            "hamlet",
            (hamlets.get(one.hamlet) or hamlets.get(fold(one.hamlet), OTHER) for one in found),
            {one.id: one.name for one in place.hamlets},
            salt,
        ),
        _groups(library, [one for one in found if by_topic[one.id] not in gone], salt),
        counted("kind", (one.kind for one in found), kinds(library), salt),
    ]


def _groups(library: Library, found: Iterable[Matter], salt: bytes) -> Table:
    """Whom the entries are for that people asked about. What households told of themselves is not counted: they agreed to
    it for answers and news alone (`content/phrases/consents.yaml`). Matters of a hidden topic do not count: one group is
    often all there is of a topic. An entry is often for several groups, so there is no sum.
    """
    told: Counter[str] = Counter()
    for one in found:
        entry = library.policies.get(library.id_of(one.entry)) if one.entry else None
        told.update(entry.groups if entry else ())
    return table("group", told.items(), library.phrase(Groups).groups, salt, has_sum=False)


def _months(quarter: Quarter, found: Iterable[Matter], salt: bytes) -> Table:
    names = [f"{day:%Y-%m}" for day in quarter.months[:-1]]
    counts = Counter(f"{one.opened_at.astimezone(LOCAL):%Y-%m}" for one in found)
    titles = {name: say("figures.month", number=int(name[5:]), year=name[:4]) for name in names}
    return table("month", ((name, counts[name]) for name in names), titles, salt, in_order=True)


async def _reach(tx: Tx, eye: Eye | None, unit: str, quarter: Quarter, salt: bytes, *, now: datetime) -> list[Table]:
    """What the bot could not answer, whom the unit reaches, and what it sent them."""
    official, (since, until) = eye.official if eye else None, (quarter.bounds[0], quarter.bounds[-1])
    asked: Counter[str] = Counter()
    for settled, number in (await rows.questions(tx, official, unit, since, until)).items():
        asked[{"": "open", "ignored": "ignored"}.get(settled, "done")] += number
    reached = await rows.reached(tx, official, unit)
    sent = await rows.sent(tx, official, unit, since, until)
    days, local = quarter.months, now.astimezone(LOCAL)
    aired, due = await rows.aired(tx, official, unit, days[0], days[-1], now=local)
    broadcasts = [("aired", aired), ("waiting", due - aired)]
    return [
        table("questions", asked.items(), worded("questions"), salt, measure="cau-hoi"),
        table("reached", reached.items(), worded("channel"), salt, measure="cuoc-tro-chuyen"),
        table("sent", sent.items(), worded("sent"), salt, measure="tin"),
        table("aired", broadcasts, worded("aired"), salt, measure="buoi", is_open=True),
    ]


def counted(name: str, keys: Iterable[str], titles: Mapping[str, str], salt: bytes) -> Table:
    """A table of how often each key comes, beside its sum."""
    return table(name, Counter(keys).items(), titles, salt)


def table(
    name: str,
    numbers: Iterable[tuple[str, float]],
    titles: Mapping[str, str],
    salt: bytes,
    *,
    measure: str = "ho-so",
    has_sum: bool = True,
    in_order: bool = False,
    is_open: bool = False,
    also: Collection[str] = (),
) -> Table:
    """A table with what must not be shown hidden. Keys without a title are told of together.

    salt: secret, see `bot.disclosure.hidden`.
    has_sum: the sum of the rows is known to the reader. in_order: as given, 0 too; otherwise the largest first.
    is_open: numbers of nobody, which are never hidden. also: keys to hide whatever their size.
    """
    told: dict[str, float] = {}
    for given, number in numbers:
        key = given if given in titles else OTHER
        told[key] = told.get(key, 0) + number
    whole = {} if is_open else {key: int(number) for key, number in told.items()}
    gone = (
        disclosure.hidden(whole, salt, also)
        if has_sum
        else frozenset(key for key, number in whole.items() if is_small(number) or (number and key in also))
    )
    title = say(f"figures.table.{name}")
    if not any(told.values()) or (has_sum and is_small(sum(whole.values()))):
        return Table(name, title, measure, ())
    if not in_order and gone >= {key for key, number in told.items() if number}:
        # a table of nothing but hidden numbers tells nobody anything
        return Table(name, title, measure, ())
    lines = [
        Row(key, titles.get(key) or say("figures.unknown"), None if key in gone else number)
        for key, number in told.items()
        if number or in_order
    ]
    if not in_order:
        lines.sort(key=lambda row: (row.number is None, -(row.number or 0), fold(row.title)))
    return Table(name, title, measure, tuple(lines))


def lateness(one: Matter, causes: Mapping[int, str], now: datetime) -> str:
    """Why the office took longer than it may, "in-time" when it did not."""
    is_open = one.state not in SETTLED
    over = one.allowed_s is not None and one.spent_s > one.allowed_s
    if not (over or (is_open and one.due_at is not None and one.due_at < now)):
        return IN_TIME
    if one.id in causes:
        return causes[one.id]
    told = Cause.REOPENED if one.reopened else Cause.WORKING if one.official_id is not None else Cause.UNASSIGNED
    if is_open and not one.reopened:
        told = {CaseState.NEW.value: Cause.UNREAD, CaseState.WAITING_OTHERS.value: Cause.OTHERS}.get(one.state, told)
    return told.value


def late_number(lateness: Mapping[str, int], salt: bytes) -> int | None:
    """How many were late, unless it tells a hidden number."""
    late = sum(number for cause, number in lateness.items() if cause != IN_TIME)
    return None if is_small(late) or IN_TIME in disclosure.hidden(lateness, salt) else late


def days_taken(one: Matter) -> float | None:
    return (one.answered_at - one.opened_at).total_seconds() / 86_400 if one.answered_at else None


def median(numbers: Sequence[float]) -> float | None:
    """To one decimal; None where it would tell of few."""
    return round(statistics.median(numbers), 1) if len(numbers) >= disclosure.LEAST else None


def kinds(library: Library) -> dict[str, str]:
    labels = library.phrase(Says).labels
    return {kind.value: labels[f"case-{kind.value}"] for kind in CaseKind}


def _salt(tx: Tx, unit: str, quarter: Quarter) -> bytes:
    return hashlib.blake2b(f"figures|{unit}|{quarter}".encode(), key=tx.key, digest_size=32).digest()


def worded(name: str) -> dict[str, str]:
    return told_under(f"figures.{name}")
