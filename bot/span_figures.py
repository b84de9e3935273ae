"""Figures of a unit for a span of days (`bot.report_spans`), with the same numbers hidden as in a quarter's and more.

Whoever sees several spans adds and subtracts. What they can learn of is made of whole pieces: the days between neighbouring
ends of quarters, of spans shown before and of this one. So a number is hidden too when in any piece of any quarter this span
touches it is a small one. Then no sum or difference of what is shown, of however many spans, is a small number of some days:
each piece it is made of holds nothing or enough.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from bot import dashboard, disclosure
from bot.dashboard import OTHER, Figures, Quarter, Table, table, worded
from bot.disclosure import given_away, is_small
from bot.library import Library
from bot.library.schema.phrases import Groups
from bot.model.fold import fold
from bot.report_spans import Span
from bot.settings import LOCAL
from bot.store import Tx
from bot.store import dashboard as rows
from bot.store.case_desk import Eye
from bot.store.dashboard import Matter

#: what is counted of matters, and how its keys are called
_COUNTED = ("topic", "hamlet", "kind", "state", "late", "source")


@dataclass(frozen=True, slots=True)
class _Seen:
    """Matters counted each way."""

    counts: Mapping[str, Counter[str]]
    groups: Counter[str]
    answered: int


@dataclass(frozen=True, slots=True)
class _Counting:
    """How matters are counted. `titles`: table -> key -> how it is called."""

    library: Library
    titles: Mapping[str, Mapping[str, str]]
    causes: Mapping[int, str]
    now: datetime

    def seen(self, matters: Sequence[Matter], but: Collection[str] = ()) -> _Seen:
        """Counted each way; groups without the topics of `but`."""
        titles = self.titles
        place = {name: ident for ident, told in titles["hamlet"].items() for name in (ident, fold(told))}
        ways: dict[str, Callable[[Matter], str]] = {
            "topic": lambda one: one.topic,
            "hamlet": lambda one: place.get(one.hamlet) or place.get(fold(one.hamlet), OTHER),
            "kind": lambda one: one.kind,
            "state": lambda one: one.state,
            "late": lambda one: dashboard.lateness(one, self.causes, self.now),
            "source": lambda one: one.source,
        }
        counts = {
            name: Counter(key if (key := way(one)) in titles[name] else OTHER for one in matters)
            for name, way in ways.items()
        }
        groups: Counter[str] = Counter()
        for one in matters:
            about = self.library.policies.get(self.library.id_of(one.entry)) if one.entry else None
            groups.update(about.groups if about and self.topic(one) not in but else ())
        return _Seen(counts, groups, sum(one.answered_at is not None for one in matters))

    def topic(self, one: Matter) -> str:
        """The topic a matter is counted under."""
        return one.topic if one.topic in self.titles["topic"] else OTHER


async def figures(
    tx: Tx, eye: Eye, library: Library, unit: str, span: Span, *, others: Collection[Span], now: datetime
) -> Figures:
    """The figures. `others`: spans of the unit that were shown before, or can be without asking (`report_spans.before`).

    Raises `KeyError` for a unit nobody knows.
    """
    parts = pieces(span, others)
    bounds = parts[0].bounds[0], parts[-1].bounds[1]
    every = await rows.matters(tx, eye, unit, *bounds)
    causes = await rows.causes(tx, eye, unit, *bounds)
    found = [one for one in every if _is_in(one, span)]
    left = [[one for one in every if _is_in(one, part)] for part in parts]
    official, salt = eye.official, _salt(tx, unit, span)
    is_told = not is_small(len(found)) and not any(is_small(len(rest)) for rest in left)
    counting = _Counting(library, _titles(library, unit), causes, now)

    async def moved(ask: Callable[[Span], Awaitable[Counter[str]]]) -> tuple[Counter[str], frozenset[str]]:
        """Numbers of other things than matters, and which of them are given away."""
        own = await ask(span)
        return own, given_away(own, [await ask(part) for part in parts])

    async def rated(one: Span) -> Counter[str]:
        return Counter({OTHER: len(await rows.ratings(tx, eye, unit, *one.bounds))})

    async def asked(one: Span) -> Counter[str]:
        named = {"": "open", "ignored": "ignored"}
        settled = await rows.questions(tx, official, unit, *one.bounds)
        return sum((Counter({named.get(how, "done"): many}) for how, many in settled.items()), Counter[str]())

    async def sent(one: Span) -> Counter[str]:
        return Counter(await rows.sent(tx, official, unit, *one.bounds))

    own, around = counting.seen(found), [counting.seen(rest) for rest in left]
    late_also = given_away(own.counts["late"], [one.counts["late"] for one in around])
    tables = _of_matters(counting, found, left, salt) if is_told else []
    questions, questions_also = await moved(asked)
    recipients, sent_also = await moved(sent)
    aired, planned = await rows.aired(tx, official, unit, span.since, span.until + _DAY, now=now.astimezone(LOCAL))
    tables += [
        table("questions", questions.items(), worded("questions"), salt, measure="cau-hoi", also=questions_also),
        table("reached", (await rows.reached(tx, official, unit)).items(), worded("channel"), salt, measure=_CHATS),
        table("sent", recipients.items(), worded("sent"), salt, measure="tin", also=sent_also),
        table(
            "aired",
            [("aired", aired), ("waiting", planned - aired)],
            worded("aired"),
            salt,
            measure="buoi",
            is_open=True,
        ),
    ]
    ratings = await rows.ratings(tx, eye, unit, *span.bounds)
    _, ratings_also = await moved(rated)
    has_ratings = is_told and len(ratings) >= disclosure.LEAST and not ratings_also
    answered = [(days, one.spent_s / 3600) for one in found if (days := dashboard.days_taken(one)) is not None]
    if not is_told or any(is_small(one.answered) for one in around):
        answered = []
    return Figures(
        unit,
        span,
        len(found) if is_told else None,
        None if late_also or not is_told else dashboard.late_number(own.counts["late"], salt),
        dashboard.median([days for days, _hours in answered]),
        dashboard.median([hours for _days, hours in answered]),
        len(ratings) if has_ratings else None,
        round(sum(ratings) / len(ratings), 1) if has_ratings else None,
        tuple(one for one in tables if one.rows),
    )


_CHATS = "cuoc-tro-chuyen"
_DAY = timedelta(days=1)


def _of_matters(
    counting: _Counting, found: Sequence[Matter], left: Sequence[Sequence[Matter]], salt: bytes
) -> list[Table]:
    """The tables of matters; what tells of a hidden topic is left out of the others, as in a quarter."""
    titles = counting.titles
    own, around = counting.seen(found), [counting.seen(rest) for rest in left]
    also = {name: given_away(own.counts[name], [one.counts[name] for one in around]) for name in _COUNTED}
    gone = disclosure.hidden(own.counts["topic"], salt, also["topic"])
    days: dict[str, list[float]] = {}
    for one in found:
        took, topic = dashboard.days_taken(one), counting.topic(one)
        if took is not None and topic not in gone:
            days.setdefault(topic, []).append(took)
    medians = [(topic, half) for topic, each in days.items() if (half := dashboard.median(each)) is not None]
    groups = counting.seen(found, gone).groups
    groups_also = frozenset(
        key for rest in left for key, many in counting.seen(rest, gone).groups.items() if is_small(many)
    )
    told = [table(name, own.counts[name].items(), titles[name], salt, also=also[name]) for name in _COUNTED]
    return [
        told[0],
        table("answer-days", medians, titles["topic"], salt, measure="ngay", has_sum=False, is_open=True),
        told[1],
        table("group", groups.items(), counting.library.phrase(Groups).groups, salt, has_sum=False, also=groups_also),
        *told[2:],
    ]


def _titles(library: Library, unit: str) -> dict[str, Mapping[str, str]]:
    return {
        "topic": {one.id: one.title for one in library.topics.values()},
        "hamlet": {one.id: one.name for one in library.unit(unit).hamlets},
        "kind": dashboard.kinds(library),
        **{name: worded(name) for name in ("state", "late", "source")},
    }


def pieces(span: Span, others: Collection[Span]) -> list[Span]:
    """The quarters a span touches, cut wherever it or one of the others begins or ends, the first first."""
    quarters = _quarters(span)
    cuts = {day for one in (span, *quarters, *others) for day in (one.since, one.until + _DAY)}
    inside = sorted(day for day in cuts if quarters[0].since <= day <= quarters[-1].until + _DAY)
    return [Span(first, after - _DAY) for first, after in pairwise(inside)]


def _quarters(span: Span) -> list[Span]:
    """The quarters it touches."""
    first, last = Quarter.of(span.since), Quarter.of(span.until)
    many = (last.year - first.year) * 4 + last.number - first.number
    found = (last.back(by) for by in range(many, -1, -1))
    return [Span(one.months[0], one.months[-1] - _DAY) for one in found]


def _is_in(one: Matter, span: Span) -> bool:
    day: date = one.opened_at.astimezone(LOCAL).date()
    return span.has(day)


def _salt(tx: Tx, unit: str, span: Span) -> bytes:
    return hashlib.blake2b(f"figures|{unit}|{span}".encode(), key=tx.key, digest_size=32).digest()
