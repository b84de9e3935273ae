"""content/phrases/loa.yaml: what a station says around its items, and which topics a time of the year calls for."""

from __future__ import annotations

from pydantic import Field

from bot.library.schema.base import Slug, Strict, Text
from bot.library.schema.phrases import Phrases
from bot.library.schema.plan import DayOfYear


class Season(Strict):
    """A stretch of the year that comes back; it may reach over New Year."""

    id: Slug
    title: Text
    starts: DayOfYear
    ends: DayOfYear
    topics: tuple[Slug, ...] = ()


class Openings(Strict):
    """How a programme begins, by the hour. {dai}: the station, {ngay}: the day with its weekday."""

    #: before 11:00
    morning: Text
    #: before 14:00
    noon: Text
    #: before 18:00
    evening: Text
    #: later; none = as before 18:00
    night: Text | None = None
    #: whatever the hour, for what is urgent
    urgent: Text


class Titles(Strict):
    """What a programme is called where nobody named it. {gio}: 5:30, {ngay}: 22/11/2026."""

    usual: Text
    urgent: Text


class Loudspeaker(Phrases):
    """The words of a station. Words in braces are filled in."""

    #: {ten}: the unit's name
    station: Text
    #: {ten}: the unit's name
    closing: Text
    titles: Titles
    openings: Openings
    #: said once at the end where a machine read any of it
    machine: Text
    #: {ten}: who wrote or tells it
    byline: Text
    #: {thu}, {ngay}, {thang}, {nam}
    day: Text
    #: Monday to Sunday
    weekdays: tuple[Text, ...] = Field(min_length=7, max_length=7)
    seasons: tuple[Season, ...] = ()
    #: topics that a plan's campaign for the poor brings forward
    campaign_topics: tuple[Slug, ...] = ()
