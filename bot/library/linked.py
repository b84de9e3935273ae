"""What an entry names has to be there: topic, unit, hamlets, groups, other entries, facts of households."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bot.library.findings import Finding
from bot.library.overlay import Entry
from bot.library.reading import Step
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.condition import Condition, HouseholdFact
from bot.library.schema.phrases import Likeness
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story

if TYPE_CHECKING:
    from bot.library.library import Library

Where = tuple[Step, ...]


def entry_links(library: Library, entry: Entry) -> Iterator[Finding]:
    """Everything named that is not there, and links that lead in a circle."""
    if isinstance(entry, Policy):
        yield from _policy(library, entry)
    elif isinstance(entry, Story):
        yield from _story(library, entry)
    else:
        yield from _told(library, entry)


def _policy(library: Library, policy: Policy) -> Iterator[Finding]:
    if policy.topic not in library.topics:
        yield Finding("policies", policy.id, ("topic",), "unknown_topic", {"id": policy.topic})
    yield from group_links(library, "policies", policy.id, policy.groups, ("groups",))
    yield from _related(library, policy)
    if policy.superseded_by:
        yield from _following(library, policy)
    conditions: list[tuple[Where, Condition]] = [(("fitted", i, "when"), f.when) for i, f in enumerate(policy.fitted)]
    if policy.conditions:
        conditions.append((("conditions",), policy.conditions))
    for where, condition in conditions:
        for there, key, name in _condition(library, condition, where):
            yield Finding("policies", policy.id, there, key, {"id": name})


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


def group_links(library: Library, folder: str, own: str, groups: Iterable[str], where: Where) -> Iterator[Finding]:
    """Audience groups that are not there."""
    for place, group in enumerate(groups):
        if group not in library.groups:
            yield Finding(folder, own, (*where, place), "unknown_group", {"id": group})


def _condition(library: Library, condition: Condition, where: Where) -> Iterator[tuple[Where, str, str]]:
    """Place, wording and fact of each test that can never be answered."""
    if condition.fact:
        fact = library.household.get(condition.fact)
        if fact is None:
            yield where, "unknown_fact", condition.fact
        elif not _testable(fact, condition):
            yield where, "fact_test", condition.fact
    for form in ("all", "any", "none"):
        for place, part in enumerate(getattr(condition, form)):
            yield from _condition(library, part, (*where, form, place))


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
    yield from group_links(library, "stories", story.id, story.groups, ("groups",))
    yield from _related(library, story)


def _told(library: Library, entry: Faq | Announcement) -> Iterator[Finding]:
    folder = "faq" if isinstance(entry, Faq) else "announcements"
    if entry.topic is not None and entry.topic not in library.topics:
        yield Finding(folder, entry.id, ("topic",), "unknown_topic", {"id": entry.topic})
    unit = library.units.get(entry.unit)
    if unit is None:
        yield Finding(folder, entry.id, ("unit",), "unknown_unit", {"id": entry.unit})
    yield from group_links(library, folder, entry.id, entry.groups, ("groups",))
    yield from _related(library, entry)
    if isinstance(entry, Faq) and entry.about and library.id_of(entry.about) not in library.policies:
        yield Finding(folder, entry.id, ("about",), "unknown_entry", {"id": entry.about})
    if isinstance(entry, Announcement):
        known = {hamlet.id for hamlet in unit.hamlets} if unit else set()
        for place, hamlet in enumerate(entry.hamlets):
            if hamlet not in known:
                yield Finding(folder, entry.id, ("hamlets", place), "unknown_hamlet", {"id": hamlet})
