"""What the templates show: entries, lists and links, as of a day and for a unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote, urlsplit

from bot.engine.routes import Route, start_payload
from bot.library import Answer, Entry, Library, answer
from bot.library.answer import UNNAMED_SOURCE
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.schema.unit import Unit

#: how long before and after a change of rules the first page and the feed's head name it (as the chat's news)
NEWS_DAYS = 60
_ENDS = ".!?:;\u2026"
#: what a link preview shows of a text (Open Graph readers cut at some 200 letters)
PREVIEW = 180


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list where lines began with a dash."""

    is_list: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a list. `note`: has ended, begins later."""

    href: str
    title: str
    note: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose words are told and when: the library that serves, a unit or none, a day.

    `asked`: the unit named in the address, carried on in every link; "" when the site's own unit speaks.
    """

    library: Library
    unit: Unit | None
    day: date
    asked: str = ""

    @property
    def unit_id(self) -> str | None:
        """For `bot.library.answer`."""
        return self.unit.id if self.unit else None

    def href(self, path: str) -> str:
        """A path of ours for this unit."""
        return f"{path}?xa={quote(self.asked)}" if self.asked else path

    def entry_path(self, entry: Entry) -> str:
        """Where an entry's page is, without the unit."""
        shown = self.library.open_id(entry.id)
        if isinstance(entry, Story):
            return f"/chuyen/{shown}"
        return f"/{'hoi-dap' if isinstance(entry, Faq) else 'tin' if isinstance(entry, Announcement) else 'cs'}/{shown}"

    def chat(self, *routes: Route) -> str:
        """A way into the chat that opens these screens (the grammar of `bot.engine.routes.parse_start`)."""
        whole = (*((Route("unit", (self.unit.id,)),) if self.unit else ()), *routes)
        return f"/chat?start={start_payload(*whole)}" if whole else "/chat"

    def chat_about(self, entry: Entry) -> str:
        """Into the chat with this entry open."""
        return self.chat(Route("s" if isinstance(entry, Story) else "e", (self.library.open_id(entry.id),)))

    def answer(self, entry_id: str) -> Answer:
        """The entry as this unit tells it today."""
        return answer(self.library, entry_id, self.day, self.unit_id)

    def link(self, entry: Entry, ended: str = "", ahead: str = "") -> Link:
        """A line of a list; the notes are the template's words with {day}."""
        note = ""
        if not isinstance(entry, Story) and entry.valid_to and entry.valid_to < self.day:
            note = ended.replace("{day}", _day(entry.valid_to))
        elif not isinstance(entry, Story) and entry.valid_from and entry.valid_from > self.day:
            note = ahead.replace("{day}", _day(entry.valid_from))
        return Link(self.href(self.entry_path(entry)), entry.title, note)

    def policies(self, topic: str) -> list[Policy]:
        """A topic's policies, those that hold first."""
        return sorted(self.library.by_topic(topic), key=lambda p: not p.holds_on(self.day))

    def stories(self) -> list[Story]:
        """All stories by title."""
        return sorted(self.library.stories.values(), key=lambda s: s.title)

    def answered(self, topic: str = "") -> tuple[Faq, ...]:
        """What the unit answered for everybody, newest first."""
        return self.library.answers_for(self.unit_id, self.day, topic)

    def told(self) -> tuple[Announcement, ...]:
        """What the unit announces today, those that end first in front."""
        return self.library.news_for(self.unit_id, self.day)

    def changing(self) -> list[Policy]:
        """What changed lately or changes soon, the nearest first."""
        near = timedelta(days=NEWS_DAYS)

        def distance(policy: Policy) -> timedelta:
            return min((abs(d - self.day) for d in (policy.valid_from, policy.valid_to) if d), default=timedelta.max)

        found = [p for p in self.library.policies.values() if distance(p) <= near]
        return sorted(found, key=lambda p: (distance(p), p.title))


def changed_on(entry: Entry, day: date) -> date:
    """The last day on which an entry's page came to say something else: reviewed, begun, or ended."""
    moments = [entry.reviewed_on]
    if not isinstance(entry, Story):
        moments += [d for d in (entry.valid_from, entry.valid_to and entry.valid_to + timedelta(days=1)) if d]
    past = [d for d in moments if d <= day]
    return max(past, default=min(moments))


def blocks(text: str) -> list[Block]:
    """A text's paragraphs and lists. A line that goes on in the middle of a sentence belongs to the one before."""
    found: list[Block] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if found and found[-1].lines[-1][-1] not in _ENDS and (line[0].islower() or line[0].isdigit()):
            found[-1] = Block(found[-1].is_list, (*found[-1].lines[:-1], f"{found[-1].lines[-1]} {line}"))
            continue
        is_list = line.startswith("- ")
        told = line.removeprefix("- ")
        if found and found[-1].is_list == is_list and is_list:
            found[-1] = Block(is_list, (*found[-1].lines, told))
        else:
            found.append(Block(is_list, (told,)))
    return found


def preview(text: str) -> str:
    """The beginning of a text, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= PREVIEW else flat[:PREVIEW].rpartition(" ")[0] + "\u2026"


def sources(entry: Entry, seen: Answer) -> list[Link]:
    """The publications an entry rests on.

    Of a story told without recorded consent only the paper is named: the article's address would name the commune.
    """
    found: dict[str, Link] = {}
    for source in seen.sources:
        host = urlsplit(source).hostname
        if source.startswith(UNNAMED_SOURCE) or not host:
            continue
        hides = isinstance(entry, Story) and entry.consent is None
        found.setdefault(host if hides else source, Link("" if hides else source, host.removeprefix("www.")))
    return list(found.values())


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
