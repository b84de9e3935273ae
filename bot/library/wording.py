"""What a text may say and how long it may be, entry by entry: for `content check` and for what is written at the desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from bot.library.answer import answer
from bot.library.findings import Finding
from bot.library.overlay import Entry
from bot.library.reading import Step
from bot.library.render import PLACEHOLDER
from bot.library.schema.answers import Announcement, AnswerWords, Faq
from bot.library.schema.base import Basis
from bot.library.schema.phrases import BasisPhrases, Guards
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.texts import answers, texts

if TYPE_CHECKING:
    from bot.library.library import Library

#: the first answer, rendered (issue "content library")
ANSWER_MAX = 350
#: a part: one screen of a cheap phone, read in a minute
PART_MAX = 900
#: the longest sentence the ear follows, in syllables (issue "content library")
SENTENCE_MAX = 25
#: a script under a minute and a half at the loudspeaker's pace; a unit's own words may be shorter
SCRIPT_MIN, SCRIPT_MAX, OWN_SCRIPT_MIN = 60, 200, 20
#: the smallest message of our channels, in characters (platforms: Zalo's text message)
MESSAGE_MAX = 2000

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_PARTS = {"parts", "officials", "more", "contact"}


def sentences(text: str) -> list[str]:
    """The sentences of a script; a full stop inside a figure is no end."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def syllables(text: str) -> int:
    """Vietnamese is written one syllable a word, so words by spaces are what the ear counts."""
    return sum(any(c.isalnum() for c in word) for word in text.split())


def long_sentences(text: str) -> Iterator[dict[str, object]]:
    """The sentences the ear does not follow, as what a finding tells of them."""
    for sentence in sentences(text):
        count = syllables(sentence)
        if count > SENTENCE_MAX:
            yield {"count": count, "limit": SENTENCE_MAX, "start": " ".join(sentence.split()[:6])}


def lengths(library: Library, entry: Entry, day: date, unit: str | None = None) -> Iterator[Finding]:
    """Rendered texts of one entry that are too long for the eye, the ear or the narrowest channel."""
    folder = library.kind_of(entry.id)
    for where, raw in answers(entry):
        count = len(library.text(raw, entry, day, unit))
        if count > ANSWER_MAX:
            yield Finding(folder, entry.id, where, "answer_long", {"count": count, "limit": ANSWER_MAX})
    for where, raw in texts(entry):
        count = len(library.text(raw, entry, day, unit))
        if where[0] in _PARTS and count > PART_MAX:
            yield Finding(folder, entry.id, where, "part_long", {"count": count, "limit": PART_MAX})
    yield from _script(library, entry, folder, day, unit)
    seen = answer(library, entry.id, day, unit)
    first = f"{seen.title}\n{seen.first}\n{seen.stamp}\n{seen.signed_line}"
    whole = max(len(first), *(len(part.title) + len(part.text) for part in seen.parts), 0)
    if whole > MESSAGE_MAX:
        yield Finding(folder, entry.id, ("answer",), "message_long", {"count": whole, "limit": MESSAGE_MAX})


def _script(library: Library, entry: Entry, folder: str, day: date, unit: str | None) -> Iterator[Finding]:
    script = library.text(entry.broadcast, entry, day, unit)
    for told in long_sentences(script):
        yield Finding(folder, entry.id, ("broadcast",), "sentence_long", told)
    count = syllables(script)
    low = OWN_SCRIPT_MIN if isinstance(entry, Faq | Announcement) else SCRIPT_MIN
    if not low <= count <= SCRIPT_MAX:
        yield Finding(
            folder, entry.id, ("broadcast",), "script_length", {"count": count, "low": low, "high": SCRIPT_MAX}
        )


def phrasing(library: Library, entry: Entry, day: date, unit: str | None = None) -> Iterator[Finding]:
    """Answers that do not speak as their basis allows; texts that promise what it does not."""
    basis = basis_of(library, entry)
    rule = library.phrase(BasisPhrases).rules[basis] if basis else None
    folder = library.kind_of(entry.id)
    if rule and basis:
        told = {"basis": basis.value, "how": rule.mend}
        for where, raw in answers(entry) if isinstance(entry, Policy) else ():
            text = library.text(raw, entry, day, unit)
            if not all(re.search(pattern, text, re.IGNORECASE) for pattern in rule.must):
                yield Finding(folder, entry.id, where, "basis_missing", told)
        for where, raw in _told(entry):
            text = library.text(raw, entry, day, unit)
            for pattern in rule.must_not:
                if found := re.search(pattern, text, re.IGNORECASE):
                    yield Finding(folder, entry.id, where, "basis_promise", {**told, "found": found[0]})
    if isinstance(entry, Faq | Announcement) and not entry.legal_basis and basis in {None, Basis.BY_DECISION}:
        for where, raw in _told(entry):
            for pattern in library.phrase(AnswerWords).promises:
                if found := re.search(pattern, raw, re.IGNORECASE):
                    yield Finding(folder, entry.id, where, "promise_unfounded", {"found": found[0]})


def basis_of(library: Library, entry: Entry) -> Basis | None:
    """What kind of right an entry speaks of: its own word, or that of the policy it is about."""
    if isinstance(entry, Policy):
        return entry.basis
    if not isinstance(entry, Faq):
        return None
    about = library.policies.get(library.id_of(entry.about)) if entry.about else None
    return entry.basis or (about.basis if about else None)


def _told(entry: Entry) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The first answers, what goes on with them, and the script."""
    yield from answers(entry)
    if isinstance(entry, Faq) and entry.more:
        yield ("more",), entry.more
    yield ("broadcast",), entry.broadcast


def bare_figures(library: Library, entry: Entry) -> Iterator[Finding]:
    """Money, rates and quantities written out in a policy's texts instead of rendered from `amounts`.

    Stories quote what a paper printed, units say what they know on a day: their figures stand in the text.
    """
    if not isinstance(entry, Policy):
        return
    pattern = re.compile(library.phrase(Guards).bare_figure)
    for where, raw in texts(entry):
        for found in pattern.finditer(PLACEHOLDER.sub(" ", raw)):
            yield Finding("policies", entry.id, where, "bare_figure", {"found": found[0]})


def plainness(library: Library, entry: Entry) -> Iterator[Finding]:
    """Words of offices, with what people say instead, and first answers with sentences too long for the ear."""
    folder, plain = library.kind_of(entry.id), library.phrase(AnswerWords).plain
    for where, raw in (*_told(entry), (("title",), entry.title)):
        lowered = raw.lower()
        for word, better in plain.items():
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lowered):
                yield Finding(folder, entry.id, where, "office_word", {"found": word, "better": better})
    for where, raw in answers(entry):
        for told in long_sentences(raw):
            yield Finding(folder, entry.id, where, "answer_sentence_long", told)


def story_privacy(library: Library, story: Story) -> Iterator[Finding]:
    """What a story without consent tells beyond its province, and what its source does not say."""
    guards = library.phrase(Guards)
    for where, text in texts(story):
        if not story.escaped_poverty and (found := re.search(guards.escaped, text, re.IGNORECASE)):
            yield Finding("stories", story.id, where, "story_escaped", {"found": found[0]})
        if story.consent:
            continue
        for name in _local_names(library, story):
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                yield Finding("stories", story.id, where, "story_place", {"found": name})
        for found in re.finditer(guards.local_place, text):
            yield Finding("stories", story.id, where, "story_place", {"found": found[0]})
        if found := re.search(guards.initials, text):
            yield Finding("stories", story.id, where, "story_initials", {"found": found[0]})


def _local_names(library: Library, story: Story) -> set[str]:
    """Names of the commune and district the story comes from, as far as they are not its province's as well."""
    place = story.place
    told = {library.places.bare(name) for name in (place.province_then, place.province_now)}
    local = (place.commune_then, place.district_then, place.commune_now)
    return {bare for name in local if name and (bare := library.places.bare(name)) not in told}
