"""An entry as a household sees it: on a day, in a unit, for what is known of the household."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.library.library import Library
from bot.library.overlay import Entry, EntryKey, Signature
from bot.library.render import day_text, fill
from bot.library.schema.answers import Announcement, AnswerWords, Faq
from bot.library.schema.base import Confidence, LegalBasis
from bot.library.schema.phrases import Stamps
from bot.library.schema.policy import Officials, Policy
from bot.library.schema.story import Story
from bot.library.schema.unit import Override
from bot.library.truth import Facts, Truth, open_facts, truth

#: after this an entry says that it has not been looked at again (issue "content library")
STALE_AFTER = timedelta(days=90)
#: renderings kept; a day's traffic in a commune touches some hundreds
_MOST_KEPT = 5_000
#: sources that begin so name no publication (facts/policy_facts.yaml, head)
UNNAMED_SOURCE = "github-index-file:"


class Status(StrEnum):
    """Where a day lies against an entry's validity."""

    CURRENT = "current"
    ENDED = "ended"
    FUTURE = "future"


@dataclass(frozen=True)
class Part:
    """One thing a household can open after the first answer."""

    key: str
    title: str
    text: str


@dataclass(frozen=True)
class Answer:
    """An entry rendered. Every text is complete: no placeholder is left in it."""

    id: str
    kind: str
    unit: str | None
    day: date
    title: str
    short: str
    status: Status
    #: the first answer for anybody, "has ended" in front where it has
    text: str
    #: the first answer for this household, where its facts make it differ
    fitted: str | None
    #: facts not known yet on which the first answer depends, in the order of the entry
    depends_on: tuple[str, ...]
    parts: tuple[Part, ...]
    #: what the commune's official does; none where the sources say nothing
    officials: Part | None
    stamp: str
    signed: bool
    #: who confirmed it, or that it needs confirming; empty where the sources carry it
    signed_line: str
    #: the entry that holds instead on that day, if it is another one
    instead: str | None
    #: the loudspeaker script, without date and document
    script: str
    airable: bool
    related: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: Confidence

    @property
    def first(self) -> str:
        """The first answer to show."""
        return self.fitted or self.text


def answer(library: Library, entry_id: str, day: date, unit: str | None = None, facts: Facts | None = None) -> Answer:
    """The view of one entry. Raises `KeyError` for an unknown id; former ids are known."""
    entry = library.entry(entry_id, unit)
    known = _telling(entry, facts or {})
    key = (entry.id, day, unit, tuple((name, type(value), value) for name, value in known.items()))
    seen = library.memo.get(key)
    if not isinstance(seen, Answer):
        seen = _rendered(library, entry, day, unit, known)
        if len(library.memo) >= _MOST_KEPT:
            library.memo.clear()
        library.memo[key] = seen
    return seen


def _telling(entry: Entry, facts: Facts) -> Facts:
    """The known facts an entry's answer can depend on."""
    if not isinstance(entry, Policy) or not facts:
        return {}
    named = dict.fromkeys(name for fitted in entry.fitted for name in fitted.when.facts())
    return {name: facts[name] for name in named if facts.get(name) is not None}


def _rendered(library: Library, entry: Entry, day: date, unit: str | None, facts: Facts) -> Answer:
    override = library.override(entry.id, unit, day)
    status = status_on(entry, day)
    general = override.answer if override and override.answer else entry.answer
    fitted, depends_on = _fitted(entry, facts, day)
    instead = library.current(entry.id, day)

    def show(text: str) -> str:
        return library.text(text, entry, day, unit)

    def first(text: str) -> str:
        pieces = [_status_line(library, entry, status, day), show(text)]
        if override and override.addition:
            pieces.append(show(override.addition))
        if isinstance(entry, Announcement) and status is Status.CURRENT:
            until = library.phrase(AnswerWords).until
            pieces.append(fill(until, tu=day_text(entry.valid_from), den=day_text(entry.valid_to)))
        return " ".join(piece for piece in pieces if piece)

    return Answer(
        id=entry.id,
        kind=library.kind_of(entry.id),
        unit=unit,
        day=day,
        title=entry.title,
        short=entry.short,
        status=status,
        text=first(general),
        fitted=first(fitted) if fitted else None,
        depends_on=depends_on,
        parts=tuple(Part(p.key, p.title, show(p.text)) for p in _parts(library, entry, override)),
        officials=_officials(library, entry, day, unit),
        stamp=stamp(library.stamps, entry, override, day),
        signed=is_signed(library, entry.id, unit, day),
        signed_line=_signed_line(library, entry, unit, day),
        instead=None if instead == entry.id else instead,
        script=show(override.broadcast if override and override.broadcast else entry.broadcast),
        airable=airable(library, entry.id, day, unit),
        related=tuple(library.id_of(other) for other in entry.related if library.has(other)),
        sources=(override.sources if override else ()) or entry.sources,
        confidence=_confidence(entry, override),
    )


def status_on(entry: Entry, day: date) -> Status:
    """Stories are always current: they tell what was."""
    if isinstance(entry, Story) or entry.holds_on(day):
        return Status.CURRENT
    return Status.ENDED if entry.valid_to and day > entry.valid_to else Status.FUTURE


def is_signed(library: Library, entry_id: str, unit: str | None, day: date) -> bool:
    """Whether an entry may be told without "needs the commune's word": its sources carry it, or an official signed.

    Sources carry it when the confidence is high and one of them names a publication; a story besides
    has to have been read in full.
    """
    entry = library.entry(entry_id, unit)
    if isinstance(entry, Faq | Announcement):
        # what stands in the overlay was approved by a second person; a file alone was not
        key = own_key(entry)
        return key in library.overlay.entries or library.signature(entry.id, entry.unit) is not None
    return _carried(entry, library.override(entry.id, unit, day)) or library.signature(entry.id, unit) is not None


def own_key(entry: Faq | Announcement) -> EntryKey:
    """The place of an answer or announcement in the overlay."""
    kind = "faq" if isinstance(entry, Faq) else "announcements"
    return EntryKey(kind, entry.id, None if entry.for_all else entry.unit)


def airable(library: Library, entry_id: str, day: date, unit: str | None = None) -> bool:
    """Whether an entry may go over the loudspeaker: it and every figure in its script hold on that day, it is
    signed, and it is not the unconsented story of the very commune that would hear it."""
    entry = library.entry(entry_id, unit)
    if status_on(entry, day) is not Status.CURRENT or not is_signed(library, entry_id, unit, day):
        return False
    if not library.tells(entry, unit, day):
        return False
    override = library.override(entry.id, unit, day)
    script = override.broadcast if override and override.broadcast else entry.broadcast
    if not library.figures_hold(script, entry, day, unit):
        return False
    if isinstance(entry, Story) and entry.consent is None and unit in library.units:
        return not _own_story(library, entry, library.unit(unit or "").id)
    return True


def stamp(stamps: Stamps, entry: Entry, override: Override | None, day: date) -> str:
    """Up to which day the text was checked: the review's day, never today's."""
    reviewed = max(entry.reviewed_on, override.reviewed_on) if override else entry.reviewed_on
    stale = day - reviewed > STALE_AFTER
    if isinstance(entry, Faq | Announcement) and not stale:
        # who said it and when stands in the line above
        return ""
    if isinstance(entry, Story):
        template = stamps.story_stale if stale else stamps.story_reviewed
    else:
        template = stamps.stale if stale else stamps.reviewed
    return fill(template, ngay=day_text(reviewed))


def grounds(stamps: Stamps, legal_basis: tuple[LegalBasis, ...]) -> str:
    """The legal documents, one a line."""
    lines: list[str] = []
    for law in legal_basis:
        line = fill(stamps.basis_line, so=law.number)
        line += fill(stamps.basis_article, dieu=law.article) if law.article else ""
        line += fill(stamps.basis_issuer, co_quan=law.issuer)
        line += fill(stamps.basis_date, ngay=day_text(law.date)) if law.date else ""
        lines.append(line)
    return "\n".join(lines) or stamps.no_basis


def _own_story(library: Library, story: Story, unit_id: str) -> bool:
    """Whether a story may be of that unit. Where the commune of today is not known, its whole province counts."""
    unit, place = library.units[unit_id], story.place
    return place.province_now == unit.province and (place.commune_now is None or unit.name in place.commune_now)


def _confidence(entry: Entry, override: Override | None) -> Confidence:
    return override.confidence if override and override.confidence else entry.confidence


def _carried(entry: Entry, override: Override | None) -> bool:
    sources = (override.sources if override else ()) or entry.sources
    named = any(not source.startswith(UNNAMED_SOURCE) for source in sources)
    read = not isinstance(entry, Story) or entry.read_extent == "toan-van"
    return _confidence(entry, override) is Confidence.HIGH and named and read


def _fitted(entry: Entry, facts: Facts, day: date) -> tuple[str | None, tuple[str, ...]]:
    """The first fitted answer whose condition holds, and the facts that could still bring another one."""
    if not isinstance(entry, Policy):
        return None, ()
    missing: list[str] = []
    for one in entry.fitted:
        held = truth(one.when, facts, day)
        if held is Truth.YES:
            return one.answer, tuple(dict.fromkeys(missing))
        if held is Truth.UNKNOWN:
            missing += open_facts(one.when, facts, day)
    return None, tuple(dict.fromkeys(missing))


def _status_line(library: Library, entry: Entry, status: Status, day: date) -> str:
    if isinstance(entry, Story) or status is Status.CURRENT:
        return ""
    if isinstance(entry, Faq | Announcement):
        return _told_status(library.phrase(AnswerWords), entry, status)
    stamps, instead = library.stamps, library.current(entry.id, day)
    other = library.entry(instead).title if instead != entry.id else None
    if status is Status.ENDED and entry.valid_to:
        lines = [fill(stamps.ended, ngay=day_text(entry.valid_to))]
        lines += [fill(stamps.replaced, ten=other)] if other else []
    else:
        lines = [fill(stamps.future, ngay=day_text(entry.valid_from or day))]
        lines += [fill(stamps.until_then, ten=other)] if other else []
    return " ".join(lines)


def _told_status(words: AnswerWords, entry: Faq | Announcement, status: Status) -> str:
    if status is Status.FUTURE:
        return fill(words.announcement_ahead, ngay=day_text(entry.valid_from or date.max))
    ended = words.answer_ended if isinstance(entry, Faq) else words.announcement_ended
    return fill(ended, ngay=day_text(entry.valid_to or date.min))


def _told_parts(library: Library, entry: Faq | Announcement) -> tuple[Part, ...]:
    words, titles = library.phrase(AnswerWords), library.stamps.titles
    parts: list[Part] = []
    if isinstance(entry, Faq) and entry.more:
        parts.append(Part("more", words.more, entry.more))
    if isinstance(entry, Announcement) and entry.contact:
        parts.append(Part("contact", words.contact, entry.contact))
    if entry.legal_basis:
        parts.append(Part("grounds", titles.grounds, grounds(library.stamps, entry.legal_basis)))
    return tuple(parts)


def _parts(library: Library, entry: Entry, override: Override | None) -> tuple[Part, ...]:
    stamps, titles = library.stamps, library.stamps.titles
    if isinstance(entry, Faq | Announcement):
        return _told_parts(library, entry)
    if isinstance(entry, Story):
        own = entry.parts
        return (
            Part("start", titles.start, own.start),
            Part("did", titles.did, own.did),
            Part("helped", titles.helped, own.helped),
            Part("result", titles.result, own.result),
            Part("copy-this", titles.copy_this, own.copy_this),
        )
    laws = (override.legal_basis if override else ()) + entry.legal_basis
    return (
        Part("who", titles.who, entry.parts.who),
        Part("what", titles.what, entry.parts.what),
        Part("how", titles.how, entry.parts.how),
        Part("grounds", titles.grounds, grounds(stamps, laws)),
    )


def _officials(library: Library, entry: Entry, day: date, unit: str | None) -> Part | None:
    officials: Officials | None = entry.officials if isinstance(entry, Policy) else None
    if officials is None:
        return None
    titles = library.stamps.officials
    told = (
        (titles.does, officials.does),
        (titles.deadline, officials.deadline),
        (titles.form, officials.form),
        (titles.signs, officials.signs),
    )
    text = "\n".join(fill(template, viec=line) for template, line in told if line)
    return Part("officials", library.stamps.titles.officials, library.text(text, entry, day, unit))


def _signed_line(library: Library, entry: Entry, unit: str | None, day: date) -> str:
    stamps = library.stamps
    if isinstance(entry, Faq | Announcement) and is_signed(library, entry.id, unit, day):
        words, sayer = library.phrase(AnswerWords), library.units.get(entry.unit)
        template = words.answered if isinstance(entry, Faq) else words.announced
        return fill(template, co_quan=sayer.office if sayer else entry.unit, ngay=day_text(entry.reviewed_on))
    signature: Signature | None = library.signature(entry.id, unit)
    if signature is None:
        return "" if is_signed(library, entry.id, unit, day) else stamps.unsigned
    signer = library.units.get(signature.unit)
    line = fill(stamps.signed, co_quan=signer.office if signer else signature.unit, ngay=day_text(signature.signed_on))
    return f"{line} {fill(stamps.signed_document, van_ban=signature.document)}" if signature.document else line
