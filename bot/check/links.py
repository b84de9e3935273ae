"""Cross-links: every id that one record says of another exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.library import Entry, Library
from bot.library.findings import Finding
from bot.library.linked import told_links
from bot.library.reading import Step
from bot.library.schema.condition import Condition, HouseholdFact
from bot.library.schema.phrases import Likeness
from bot.library.schema.plan import Plan
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.schema.unit import Hamlet, Unit

Where = tuple[Step, ...]


def broken_links(library: Library) -> Iterator[Finding]:
    """Every link to something that is not there, and links that lead in a circle."""
    for policy in library.policies.values():
        yield from _policy(library, policy)
    for story in library.stories.values():
        yield from _story(library, story)
    for answered in library.faq.values():
        yield from told_links(library, answered)
    for news in library.announcements.values():
        yield from told_links(library, news)
    for entry_id in library.words:
        if not library.has(entry_id):
            yield Finding("words", entry_id, ("id",), "unknown_entry", {"id": entry_id})
    for unit in library.units.values():
        yield from _unit(library, unit)
    for plan in library.plans.values():
        yield from _plan(library, plan)
    filled = {policy.topic for policy in library.policies.values()}
    for topic in library.topics:
        if topic not in filled:
            yield Finding("topics", topic, ("id",), "topic_empty")


def _policy(library: Library, policy: Policy) -> Iterator[Finding]:
    if policy.topic not in library.topics:
        yield Finding("policies", policy.id, ("topic",), "unknown_topic", {"id": policy.topic})
    yield from _groups(library, "policies", policy.id, policy.groups, ("groups",))
    yield from _related(library, policy)
    if policy.superseded_by:
        yield from _following(library, policy)
    conditions: list[tuple[Where, Condition]] = [(("fitted", i, "when"), f.when) for i, f in enumerate(policy.fitted)]
    if policy.conditions:
        conditions.append((("conditions",), policy.conditions))
    for where, condition in conditions:
        for key, name in _condition(library, condition):
            yield Finding("policies", policy.id, where, key, {"id": name})


def _following(library: Library, policy: Policy) -> Iterator[Finding]:
    line, following = [policy.id], policy.superseded_by
    while following:
        if following not in library.policies:
            if len(line) == 1:
                yield Finding("policies", policy.id, ("superseded_by",), "unknown_entry", {"id": following})
            return
        if following in line:
            yield Finding("policies", policy.id, ("superseded_by",), "circle", {"ids": ", ".join(line)})
            return
        line.append(following)
        following = library.policies[following].superseded_by


def _related(library: Library, entry: Entry) -> Iterator[Finding]:
    folder = library.kind_of(entry.id)
    for place, other in enumerate(entry.related):
        if not library.has(other):
            yield Finding(folder, entry.id, ("related", place), "unknown_entry", {"id": other})
        elif library.id_of(other) == entry.id:
            yield Finding(folder, entry.id, ("related", place), "links_to_itself")


def _groups(library: Library, folder: str, own: str, groups: Iterable[str], where: Where) -> Iterator[Finding]:
    for place, group in enumerate(groups):
        if group not in library.groups:
            yield Finding(folder, own, (*where, place), "unknown_group", {"id": group})


def _condition(library: Library, condition: Condition) -> Iterator[tuple[str, str]]:
    """Wording and fact of each test that can never be answered."""
    if condition.fact:
        fact = library.household.get(condition.fact)
        if fact is None:
            yield "unknown_fact", condition.fact
        elif not _testable(fact, condition):
            yield "fact_test", condition.fact
    for part in (*condition.all, *condition.any, *condition.none):
        yield from _condition(library, part)


def _testable(fact: HouseholdFact, test: Condition) -> bool:
    if fact.kind == "yes-no":
        return test.is_ is not None
    if fact.kind == "choice":
        return bool(test.in_) and set(test.in_) <= set(fact.options)
    return test.at_least is not None or test.at_most is not None


def _story(library: Library, story: Story) -> Iterator[Finding]:
    likeness = library.phrase(Likeness) if "likeness" in library.phrases else None
    for kind in ("livelihoods", "place_kinds", "difficulties"):
        known = getattr(likeness, kind) if likeness else {}
        for place, tag in enumerate(getattr(story, kind)):
            if tag not in known:
                yield Finding("stories", story.id, (kind, place), "unknown_tag", {"id": tag, "kind": kind})
    yield from _groups(library, "stories", story.id, story.groups, ("groups",))
    yield from _related(library, story)


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
        yield from _groups(library, "plans", plan.id, target.groups, ("target_groups", place, "groups"))
