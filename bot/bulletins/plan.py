"""What to air in a week: a proposal the announcer rearranges. Pure; the days are given.

Nothing is repeated within some days. What soon ends comes first, then what the campaign and the season call for, then what
was never aired or longest ago; topics and groups take turns. The later slots of a day repeat the first one's programme:
who was in the field in the morning hears it in the evening.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from bot.bulletins.item import Item, ItemKind
from bot.bulletins.slots import AirSlot, slots
from bot.library import Library, Spoken, spoken
from bot.library.schema.loudspeaker import Loudspeaker
from bot.library.schema.plan import DayOfYear

#: days within which nothing is aired again
REST_DAYS = 7
WEEK_DAYS = 7
#: an entry that ends within these days is told first
ENDING_DAYS = 45
#: syllables a second over a horn: 135 a minute (audio.md, 1.3)
PACE = 135 / 60
#: chime, opening and closing
FRAME_S = 40.0
#: a bulletin of more matters than this is not listened to
MATTERS_MOST = 4

_WEIGHTS = {"ending": 6.0, "campaign": 4.0, "season": 3.0, "new": 2.0}
_SAME_TOPIC, _SAME_GROUP = 2.5, 0.4
#: what a day of rest is worth, up to a month
_REST = 0.05


class Why(StrEnum):
    """Why an entry is proposed; the words stand in the pages' templates."""

    ENDING = "ending"
    CAMPAIGN = "campaign"
    SEASON = "season"
    NEW = "new"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Pick:
    """One entry proposed."""

    entry: str
    title: str
    seconds: float
    why: tuple[Why, ...]
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A programme for one slot. `repeats`: the same as the first of that day."""

    slot: AirSlot
    picks: tuple[Pick, ...]
    repeats: bool = False

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of a bulletin made of it."""
        return tuple(Item(ItemKind.ENTRY, entry=pick.entry) for pick in self.picks)


@dataclass(slots=True)
class _Week:
    """What was chosen so far, for whom and under which rule."""

    library: Library
    unit: str
    rest_days: int
    days: dict[str, set[date]]
    topics: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)


def propose(
    library: Library,
    unit: str,
    start: date,
    *,
    days: int = WEEK_DAYS,
    played: Mapping[str, Iterable[date]] | None = None,
    target_s: int = 300,
    rest_days: int = REST_DAYS,
) -> tuple[Proposal, ...]:
    """A programme for every slot of `days` days from `start` that is not in the quiet hours.

    `played`: entry -> the days it was or will be aired. Raises `KeyError` for a unit that is not in the library.
    """
    own = library.unit(unit)
    week = _Week(library, own.id, rest_days, {entry: set(aired) for entry, aired in (played or {}).items()})
    found: list[Proposal] = []
    for number in range(days):
        day = start + timedelta(days=number)
        listed = [slot for slot in slots(own, day) if not slot.is_quiet]
        if not listed:
            continue
        room_s = min(target_s, 60 * min(slot.minutes for slot in listed)) - FRAME_S
        picks = _day(week, day, room_s, days - number)
        found += [Proposal(slot, picks, repeats=i > 0) for i, slot in enumerate(listed)]
    return tuple(found)


def played_days(programmes: Iterable[tuple[date, Sequence[Mapping[str, object]]]]) -> dict[str, set[date]]:
    """Entry -> the days on which it stood in a bulletin; `programmes` are (day, items as plain values)."""
    found: dict[str, set[date]] = {}
    for day, items in programmes:
        for item in items:
            entry = str(item.get("entry") or "")
            if entry:
                found.setdefault(entry, set()).add(day)
    return found


def seconds_of(text: str) -> float:
    """About how long a text takes over a horn."""
    return sum(any(c.isalnum() for c in word) for word in text.split()) / PACE


def _day(week: _Week, day: date, room_s: float, days_left: int) -> tuple[Pick, ...]:
    library, unit = week.library, week.unit
    waiting = [
        seen
        for entry in library.entries()
        if (seen := spoken(library, entry.id, day, unit)).airable and _rested(week, seen.id, day)
    ]
    # what is left is shared among the days left, so that the end of the week is not silent
    matters = min(MATTERS_MOST, ceil(len(waiting) / days_left))
    picks: list[Pick] = []
    topics = set(_season_topics(library, day))
    campaign = _campaign(library, unit, day)
    has_story = False
    while waiting and len(picks) < matters:
        fitting = [seen for seen in waiting if not (has_story and seen.kind == "stories")]
        fitting = [seen for seen in fitting if not picks or seconds_of(seen.text) <= room_s]
        if not fitting:
            break
        best = max(fitting, key=lambda seen: (_score(seen, day, week, topics, campaign), seen.id))
        reasons = _reasons(best, day, week, topics, campaign)
        taken_s = seconds_of(best.text)
        picks.append(Pick(best.id, best.title, taken_s, reasons or (Why.TURN,), best.ends_on))
        room_s -= taken_s
        has_story = has_story or best.kind == "stories"
        waiting.remove(best)
        week.days.setdefault(best.id, set()).add(day)
        week.topics[best.topic or best.kind] += 1
        week.groups.update(best.groups)
    return tuple(picks)


def _rested(week: _Week, entry: str, day: date) -> bool:
    return all(abs((day - aired).days) >= week.rest_days for aired in week.days.get(entry, ()))


def _reasons(seen: Spoken, day: date, week: _Week, topics: set[str], campaign: set[str] | None) -> tuple[Why, ...]:
    found: list[Why] = []
    if seen.ends_on and seen.ends_on - day <= timedelta(days=ENDING_DAYS):
        found.append(Why.ENDING)
    if campaign is not None and (seen.topic in campaign or seen.kind == "stories"):
        found.append(Why.CAMPAIGN)
    if seen.topic in topics:
        found.append(Why.SEASON)
    if seen.id not in week.days:
        found.append(Why.NEW)
    return tuple(found)


def _score(seen: Spoken, day: date, week: _Week, topics: set[str], campaign: set[str] | None) -> float:
    score = sum(_WEIGHTS[why.value] for why in _reasons(seen, day, week, topics, campaign))
    score += _REST * min((30, *(abs((day - aired).days) for aired in week.days.get(seen.id, ()))))
    score -= _SAME_TOPIC * week.topics[seen.topic or seen.kind]
    # an entry for many groups is not worse for it: its most served group counts
    return score - _SAME_GROUP * max((week.groups[group] for group in seen.groups), default=0)


def _season_topics(library: Library, day: date) -> list[str]:
    seasons = library.phrase(Loudspeaker).seasons
    return [topic for season in seasons if _within(season.starts, season.ends, day) for topic in season.topics]


def _campaign(library: Library, unit: str, day: date) -> set[str] | None:
    """The topics a campaign under way brings forward, None when none is: those of the unit's own plan, else those of
    all plans, for the month for the poor is held everywhere.
    """
    own = [campaign for plan in library.plans.values() if plan.unit == unit for campaign in plan.campaigns]
    dated = [campaign for campaign in own if campaign.starts and campaign.ends]
    for campaign in dated or [one for plan in library.plans.values() for one in plan.campaigns]:
        if campaign.starts and campaign.ends and _within(campaign.starts, campaign.ends, day):
            return set(library.phrase(Loudspeaker).campaign_topics)
    return None


def _within(starts: DayOfYear, ends: DayOfYear, day: date) -> bool:
    first, last = starts.in_year(day.year), ends.in_year(day.year)
    return first <= day <= last if first <= last else day >= first or day <= last
