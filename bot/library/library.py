"""The library: everything the product may say, typed and immutable."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from bot.library.faults import ContentFaults
from bot.library.figures import missing_figures
from bot.library.findings import located
from bot.library.folder import Base, read_folder
from bot.library.kinds import ENTRIES, KIND_OF
from bot.library.laying import aliases, filed_in, filled_in, laid_over, serves, unnamed, words_of
from bot.library.overlay import EMPTY, Entry, EntryKey, Overlay, Published, Signature
from bot.library.places import Places
from bot.library.render import PLACEHOLDER, UnknownFigureError, amount_text, told_day
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.base import Amount
from bot.library.schema.calendar import CalendarYear
from bot.library.schema.condition import HouseholdFact
from bot.library.schema.flow import Flow
from bot.library.schema.phrases import Groups, Household, Measures, PlaceTitles, Stamps
from bot.library.schema.plan import Plan
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.schema.topic import Topic
from bot.library.schema.unit import Override, Unit

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True, repr=False, eq=False)
class Library:
    """Base and overlay as one. Every mapping is read-only; a change builds a new library."""

    policies: Mapping[str, Policy]
    stories: Mapping[str, Story]
    #: questions answered for everybody, and news of the commune; each names the unit that says it
    faq: Mapping[str, Faq]
    announcements: Mapping[str, Announcement]
    topics: Mapping[str, Topic]
    plans: Mapping[str, Plan]
    units: Mapping[str, Unit]
    flows: Mapping[str, Flow]
    #: working time, a record a year
    calendar: Mapping[str, CalendarYear]
    #: kind -> the record of `content/phrases/` of that kind
    phrases: Mapping[str, BaseModel]
    #: names of places, now and before 1 July 2025
    places: Places
    overlay: Overlay
    #: changes whenever any content file or the overlay changes
    revision: str
    #: (folder, id) -> sha256 of the base file, for overlays to be based on
    hashes: Mapping[tuple[str, str], str]
    #: (folder, id) -> an entry as its file has it, whatever was published over it
    filed: Mapping[tuple[str, str], Entry]
    _aliases: Mapping[tuple[str, str], str]
    #: entry id -> ways of asking for it that officials added
    words: Mapping[str, tuple[str, ...]]
    #: entry id -> `policies`, `stories`, `faq` or `announcements`
    _kinds: Mapping[str, str]
    #: (entry id, unit) -> what was published for that unit alone
    _local: Mapping[tuple[str, str | None], Entry]
    #: what was rendered already: the library never changes, so neither does a rendering
    memo: dict[Hashable, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Library {self.revision[:12]}: {len(self.policies)} policies, {len(self.stories)} stories>"

    @classmethod
    def load(cls, content_dir: Path | str) -> Library:
        """The library of a content folder alone. Raises `ContentFaults` with every fault found."""
        root = Path(content_dir)
        base, faults = read_folder(root)
        if not faults:
            library = cls.build(base)
            faults = located(root, base.paths, missing_figures(library))
        if faults:
            raise ContentFaults(faults)
        return library

    @classmethod
    def build(cls, base: Base, overlay: Overlay = EMPTY) -> Library:
        """The library of a base with an overlay laid over it. Pure: reads no file."""
        units = filled_in(cast("Mapping[str, Unit]", base.records["units"]), overlay)
        entries = {kind: laid_over(kind, base, overlay) for kind in ENTRIES}
        records: dict[str, Mapping[str, BaseModel]] = {**base.records, **entries, "units": units}
        local: dict[tuple[str, str | None], Entry] = {
            (key.id, key.unit): published.entry
            for key, published in overlay.entries.items()
            if key.unit is not None
            and not isinstance(published.entry, Faq | Announcement)
            and serves(published, records[key.kind].get(key.id), base, key)
        }
        kinds = {key: kind for kind in ENTRIES for key in records[kind]}
        kinds |= {key.id: key.kind for key in overlay.entries}
        revision = hashlib.sha256(f"{base.revision}\n{overlay.revision}".encode()).hexdigest()
        return cls(
            policies=MappingProxyType(cast("dict[str, Policy]", entries["policies"])),
            stories=MappingProxyType(cast("dict[str, Story]", entries["stories"])),
            faq=MappingProxyType(cast("dict[str, Faq]", entries["faq"])),
            announcements=MappingProxyType(cast("dict[str, Announcement]", entries["announcements"])),
            topics=_sorted_topics(cast("Mapping[str, Topic]", base.records["topics"])),
            plans=MappingProxyType(cast("dict[str, Plan]", base.records["plans"])),
            units=MappingProxyType(units),
            flows=MappingProxyType(cast("dict[str, Flow]", base.records["flows"])),
            calendar=MappingProxyType(cast("dict[str, CalendarYear]", base.records["calendar"])),
            phrases=MappingProxyType(dict(base.phrases)),
            places=_places(base),
            overlay=overlay,
            revision=revision,
            hashes=MappingProxyType(dict(base.hashes)),
            words=MappingProxyType(words_of(base, overlay)),
            filed=MappingProxyType(filed_in(base)),
            _aliases=MappingProxyType(dict(aliases(records))),
            _kinds=MappingProxyType(kinds),
            _local=MappingProxyType(local),
        )

    def with_published(self, key: EntryKey, signature: Signature, entry: Entry | None = None) -> Library:
        """This library as it will be once that is published: for a preview, and for what is told at once."""
        signatures = MappingProxyType({**self.overlay.signatures, key: signature})
        after = replace(self, overlay=replace(self.overlay, signatures=signatures), memo={})
        return after.with_entry(key, entry) if entry else after

    def with_entry(self, key: EntryKey, entry: Entry) -> Library:
        """This library as it will be once that entry is published; understanding keeps its old revision."""
        published = Published(entry, self.hashes.get((key.kind, key.id)))
        over = replace(self.overlay, entries=MappingProxyType({**self.overlay.entries, key: published}))
        kinds = MappingProxyType({**self._kinds, entry.id: key.kind})
        after = replace(self, overlay=over, _kinds=kinds, memo={})
        if key.unit is not None and not isinstance(entry, Faq | Announcement):
            return replace(after, _local=MappingProxyType({**self._local, (key.id, key.unit): entry}))
        held: dict[str, Entry] = {**getattr(self, key.kind), entry.id: entry}
        changes: dict[str, Any] = {key.kind: MappingProxyType(held)}
        return replace(after, **changes)

    # entries

    def entry(self, entry_id: str, unit: str | None = None) -> Entry:
        """A policy or story by its id or a former one, as that unit tells it. Raises `KeyError` if there is none."""
        own = self.id_of(entry_id)
        for place in self._line(unit):
            local = self._local.get((own, place))
            if local:
                return local
        kind = self._kinds.get(own)
        found: Entry | None = getattr(self, kind).get(own) if kind else None
        if found is None:
            raise KeyError(entry_id)
        return found

    def has(self, entry_id: str) -> bool:
        """Whether an entry has that id, or had it once."""
        return self.id_of(entry_id) in self._kinds

    def id_of(self, entry_id: str) -> str:
        """Today's id of an entry; what is not known is given back as it came."""
        return self._aliases.get(("entries", entry_id), entry_id)

    def open_id(self, entry_id: str) -> str:
        """The id to show in addresses: a story told without its people's consent is named by a number, because ids of
        stories hold places and circumstances. `entry` and `has` know it as well.
        """
        own = self.id_of(entry_id)
        story = self.stories.get(own)
        return unnamed(own) if story is not None and story.consent is None else own

    def kind_of(self, entry_id: str) -> str:
        """The folder of an entry. Raises `KeyError` for an id that is none."""
        return self._kinds[self.id_of(entry_id)]

    def entries(self) -> Iterator[Entry]:
        """All policies, stories, answers for everybody, announcements."""
        yield from self.policies.values()
        yield from self.stories.values()
        yield from self.faq.values()
        yield from self.announcements.values()

    def topic(self, topic_id: str) -> Topic:
        """A topic by its id or a former one. Raises `KeyError`."""
        return self.topics[self._aliases.get(("topics", topic_id), topic_id)]

    def plan(self, plan_id: str) -> Plan:
        """A plan by its id or a former one. Raises `KeyError`."""
        return self.plans[self._aliases.get(("plans", plan_id), plan_id)]

    def flow(self, flow_id: str) -> Flow:
        """A flow by its id or a former one. Raises `KeyError`."""
        return self.flows[self._aliases.get(("flows", flow_id), flow_id)]

    def unit(self, unit_id: str) -> Unit:
        """A unit by its id or a former one. Raises `KeyError`."""
        return self.units[self._aliases.get(("units", unit_id), unit_id)]

    def by_topic(self, topic: str) -> tuple[Policy, ...]:
        """The policies of a topic, in the order of their titles."""
        return tuple(sorted((p for p in self.policies.values() if p.topic == topic), key=lambda p: p.title))

    # time

    def successor(self, entry_id: str, day: date) -> str:
        """What answers in an entry's place on that day if it has ended and something replaced it; else itself.

        For a question that ranked an entry: an entry that lies ahead is told as such, not swapped.
        """
        return self._onward(self.id_of(entry_id), day)

    def current(self, entry_id: str, day: date) -> str:
        """The entry of the same line that holds on that day: onward from one that ended, back from one ahead.

        The id itself if none of the line holds then.
        """
        own = self.id_of(entry_id)
        onward = self._onward(own, day)
        if self._holds(onward, day):
            return onward
        seen, back = {onward}, self.predecessor(onward)
        while back and back not in seen:
            if self._holds(back, day):
                return back
            seen.add(back)
            back = self.predecessor(back)
        return onward

    def predecessor(self, entry_id: str) -> str | None:
        """The entry that this one replaces, if any."""
        own = self.id_of(entry_id)
        return next((p.id for p in self.policies.values() if p.superseded_by == own), None)

    def _onward(self, entry_id: str, day: date) -> str:
        seen = {entry_id}
        while True:
            policy = self.policies.get(entry_id)
            following = policy.superseded_by if policy and policy.valid_to and policy.valid_to < day else None
            if following is None or following in seen or following not in self.policies:
                return entry_id
            entry_id = following
            seen.add(entry_id)

    def _holds(self, entry_id: str, day: date) -> bool:
        policy = self.policies.get(entry_id)
        return policy is None or policy.holds_on(day)

    # units

    def tells(self, entry: Entry, unit: str | None, day: date) -> bool:
        """Whether an entry is told to people of that unit on that day; policies and stories always are."""
        if not isinstance(entry, Faq | Announcement):
            return True
        return entry.holds_on(day) and (entry.for_all or entry.unit in self._line(unit))

    def untold(self, unit: str | None, day: date) -> frozenset[str]:
        """Ids of entries that are not told there then: what understanding has to pass over."""
        if not self.faq and not self.announcements:
            return frozenset()
        key = ("untold", unit, day)
        known = self.memo.get(key)
        if not isinstance(known, frozenset):
            told: list[Entry] = [*self.faq.values(), *self.announcements.values()]
            known = frozenset(entry.id for entry in told if not self.tells(entry, unit, day))
            self.memo[key] = known
        return known

    def answers_for(self, unit: str | None, day: date, topic: str = "") -> tuple[Faq, ...]:
        """The answers for everybody told in that unit on that day, newest first; of one topic where it is named."""
        found = [f for f in self.faq.values() if self.tells(f, unit, day) and topic in {"", f.topic}]
        return tuple(sorted(found, key=lambda f: (f.reviewed_on, f.id), reverse=True))

    def news_for(self, unit: str | None, day: date, hamlet: str = "") -> tuple[Announcement, ...]:
        """The announcements told there on that day, those that end first in front. `hamlet`: its id, "" = any."""
        found = [
            a
            for a in self.announcements.values()
            if self.tells(a, unit, day) and (not hamlet or not a.hamlets or hamlet in a.hamlets)
        ]
        return tuple(sorted(found, key=lambda a: (a.valid_to, a.id)))

    def _line(self, unit: str | None) -> tuple[str | None, ...]:
        """A unit, those above it, and lastly none: the order in which their own sayings are looked up."""
        line: list[str | None] = []
        while unit is not None and unit not in line:
            line.append(unit)
            found = self.units.get(unit)
            unit = found.parent if found else None
        return (*line, None)

    def override(self, entry_id: str, unit: str | None, day: date) -> Override | None:
        """What the unit, or the nearest one above it, says differently of an entry on that day."""
        own = self.id_of(entry_id)
        for place in self._line(unit):
            if place is None:
                break
            laid = self.overlay.overrides.get((place, own))
            written = self.units[place].overrides.get(own) if place in self.units else None
            for override in (laid, written):
                if override and override.holds_on(day):
                    return override
        return None

    def signature(self, entry_id: str, unit: str | None) -> Signature | None:
        """The signature that covers an entry for a unit: its own or that of a unit above it.

        One given before the entry was last reviewed does not cover the newer text.
        """
        own = self.id_of(entry_id)
        reviewed = self.entry(own, unit).reviewed_on
        for place in self._line(unit):
            found = self.overlay.signatures.get(EntryKey(self.kind_of(own), own, place))
            if found and found.signed_on >= reviewed:
                return found
        return None

    # words

    def phrase(self, model: type[P]) -> P:
        """The phrases of the kind a model reads. Raises `KeyError` if the content has none."""
        return cast("P", self.phrases[KIND_OF[model]])

    @property
    def measures(self) -> Mapping[str, str]:
        """How figures of each unit are worded."""
        return self.phrase(Measures).measures

    @property
    def stamps(self) -> Stamps:
        """What the machine adds around a text."""
        return self.phrase(Stamps)

    @property
    def household(self) -> Mapping[str, HouseholdFact]:
        """What may be asked of a household, by id."""
        return {fact.id: fact for fact in self.phrase(Household).facts} if "household" in self.phrases else {}

    @property
    def groups(self) -> Mapping[str, str]:
        """The audience groups and their labels."""
        return self.phrase(Groups).groups if "groups" in self.phrases else {}

    def text(self, text: str, entry: Entry, day: date, unit: str | None = None) -> str:
        """A text of an entry with its figures of that day. Raises `UnknownFigureError` for a figure nobody holds."""
        told = told_day(entry, day) if isinstance(entry, Policy) else day

        def figure(first: str, second: str | None) -> str:
            amount, on = self._figure(entry, first, second, told, unit)
            return amount_text(amount, self.measures, self.stamps, on)

        return PLACEHOLDER.sub(lambda found: figure(found[1], found[2]), text)

    def figures_hold(self, text: str, entry: Entry, day: date, unit: str | None = None) -> bool:
        """Whether every figure a text names has a value on that very day."""
        named = ((found[1], found[2]) for found in PLACEHOLDER.finditer(text))
        return all(self._figure(entry, first, second, day, unit)[0].on(day) for first, second in named)

    def amount(self, policy: Policy, name: str, day: date, unit: str | None = None) -> tuple[Amount, date]:
        """One of a policy's own figures as the unit has it, and the day it is told for. Raises `UnknownFigureError`."""
        return self._figure(policy, name, None, day, unit)

    def _figure(self, entry: Entry, first: str, second: str | None, day: date, unit: str | None) -> tuple[Amount, date]:
        """The amount behind `{first}` or `{first/second}`, and the day it is told for."""
        owner = entry if second is None else self.entry(first, unit) if self.has(first) else None
        name = second or first
        if not isinstance(owner, Policy):
            raise UnknownFigureError(f"{first}/{second}" if second else first)
        override = self.override(owner.id, unit, day)
        amount = (override.amounts.get(name) if override else None) or owner.amounts.get(name)
        if amount is None:
            raise UnknownFigureError(f"{owner.id}/{name}")
        return amount, told_day(owner, day)


def _places(base: Base) -> Places:
    titles = base.phrases.get("places")
    units = cast("Mapping[str, Unit]", base.records["units"]).values()
    return Places(base.places, titles.titles if isinstance(titles, PlaceTitles) else {}, units)


def _sorted_topics(topics: Mapping[str, Topic]) -> Mapping[str, Topic]:
    return MappingProxyType(dict(sorted(topics.items(), key=lambda item: (item[1].order, item[0]))))
