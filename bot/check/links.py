"""Cross-links: every id that one record says of another exists."""

from __future__ import annotations

from collections.abc import Iterator

from bot.library import Library
from bot.library.findings import Finding
from bot.library.linked import entry_links, group_links
from bot.library.reading import Step
from bot.library.schema.loudspeaker import Loudspeaker
from bot.library.schema.plan import Plan
from bot.library.schema.unit import Hamlet, Unit

Where = tuple[Step, ...]


def broken_links(library: Library) -> Iterator[Finding]:
    """Every link to something that is not there, and links that lead in a circle."""
    for entry in library.entries():
        yield from entry_links(library, entry)
    for entry_id in library.words:
        if not library.has(entry_id):
            yield Finding("words", entry_id, ("id",), "unknown_entry", {"id": entry_id})
    for unit in library.units.values():
        yield from _unit(library, unit)
    for plan in library.plans.values():
        yield from _plan(library, plan)
    yield from _loudspeaker(library)
    filled = {policy.topic for policy in library.policies.values()}
    for topic in library.topics:
        if topic not in filled:
            yield Finding("topics", topic, ("id",), "topic_empty")


def _loudspeaker(library: Library) -> Iterator[Finding]:
    if "loudspeaker" not in library.phrases:
        return
    words = library.phrase(Loudspeaker)
    named = [(("seasons", i, "topics"), topic) for i, one in enumerate(words.seasons) for topic in one.topics]
    for where, topic in (*named, *((("campaign_topics",), topic) for topic in words.campaign_topics)):
        if topic not in library.topics:
            yield Finding("phrases", "loudspeaker", where, "unknown_topic", {"id": topic})


def _unit(library: Library, unit: Unit) -> Iterator[Finding]:
    if unit.parent and unit.parent not in library.units:
        yield Finding("units", unit.id, ("parent",), "unknown_unit", {"id": unit.parent})
    for place, body in enumerate(unit.bodies):
        for topic in body.topics:
            if topic not in library.topics:
                yield Finding("units", unit.id, ("bodies", place, "topics"), "unknown_topic", {"id": topic})
    zones = {zone.id for zone in unit.zones}
    for place, hamlet in enumerate(unit.hamlets):
        here: Where = ("hamlets", place)
        for zone in hamlet.zones:
            if zone not in zones:
                yield Finding("units", unit.id, (*here, "zones"), "unknown_zone", {"id": zone})
        for year in _overfull(hamlet):
            yield Finding("units", unit.id, (*here, "years", year), "counts_over", {"year": year})


def _overfull(hamlet: Hamlet) -> Iterator[int]:
    """Years in which the groups outnumber the households: no household is poor and near-poor at once."""
    for year, counts in hamlet.years.items():
        groups = (counts.poor or 0) + (counts.near_poor or 0) + (counts.escaped or 0)
        if counts.households is not None and groups > counts.households:
            yield year


def _plan(library: Library, plan: Plan) -> Iterator[Finding]:
    if plan.unit not in library.units:
        yield Finding("plans", plan.id, ("unit",), "unknown_unit", {"id": plan.unit})
    for place, target in enumerate(plan.target_groups):
        yield from group_links(library, "plans", plan.id, target.groups, ("target_groups", place, "groups"))
