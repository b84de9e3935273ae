"""What a text may say, and how long it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.library import Entry, Library, answer
from bot.library.findings import Finding
from bot.library.render import PLACEHOLDER
from bot.library.schema.phrases import BasisPhrases, Guards
from bot.library.schema.story import Story
from bot.library.texts import answers, texts

#: the first answer, rendered (issue "content library")
ANSWER_MAX = 350
#: a part: one screen of a cheap phone, read in a minute
PART_MAX = 900
#: the longest sentence the ear follows, in syllables (issue "content library")
SENTENCE_MAX = 25
#: a script under a minute and a half at the loudspeaker's pace
SCRIPT_MIN, SCRIPT_MAX = 60, 200
#: the smallest message of our channels, in characters (platforms: Zalo's text message)
MESSAGE_MAX = 2000

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of a script; a full stop inside a figure is no end."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def syllables(text: str) -> int:
    """Vietnamese is written one syllable a word, so words by spaces are what the ear counts."""
    return sum(any(c.isalnum() for c in word) for word in text.split())


def lengths(library: Library, today: date) -> Iterator[Finding]:
    """Rendered texts that are too long for the eye, the ear or the narrowest channel."""
    for entry in library.entries():
        folder = library.kind_of(entry.id)
        for where, raw in answers(entry):
            count = len(library.text(raw, entry, today))
            if count > ANSWER_MAX:
                yield Finding(folder, entry.id, where, "answer_long", {"count": count, "limit": ANSWER_MAX})
        for where, raw in texts(entry):
            count = len(library.text(raw, entry, today))
            if where[0] in {"parts", "officials"} and count > PART_MAX:
                yield Finding(folder, entry.id, where, "part_long", {"count": count, "limit": PART_MAX})
        yield from _script(library, entry, folder, today)
        seen = answer(library, entry.id, today)
        first = f"{seen.title}\n{seen.first}\n{seen.stamp}\n{seen.signed_line}"
        whole = max(len(first), *(len(part.title) + len(part.text) for part in seen.parts))
        if whole > MESSAGE_MAX:
            yield Finding(folder, entry.id, ("answer",), "message_long", {"count": whole, "limit": MESSAGE_MAX})


def _script(library: Library, entry: Entry, folder: str, today: date) -> Iterator[Finding]:
    script = library.text(entry.broadcast, entry, today)
    for sentence in sentences(script):
        count = syllables(sentence)
        if count > SENTENCE_MAX:
            told = {"count": count, "limit": SENTENCE_MAX, "start": " ".join(sentence.split()[:6])}
            yield Finding(folder, entry.id, ("broadcast",), "sentence_long", told)
    count = syllables(script)
    if not SCRIPT_MIN <= count <= SCRIPT_MAX:
        told = {"count": count, "low": SCRIPT_MIN, "high": SCRIPT_MAX}
        yield Finding(folder, entry.id, ("broadcast",), "script_length", told)


def phrasing(library: Library, today: date) -> Iterator[Finding]:
    """Answers that do not speak as their basis allows; scripts that promise what it does not."""
    rules = library.phrase(BasisPhrases).rules
    for policy in library.policies.values():
        rule = rules[policy.basis]
        told = {"basis": policy.basis.value, "how": rule.mend}
        for where, raw in answers(policy):
            text = library.text(raw, policy, today)
            if not all(re.search(pattern, text, re.IGNORECASE) for pattern in rule.must):
                yield Finding("policies", policy.id, where, "basis_missing", told)
        for where, raw in (*answers(policy), (("broadcast",), policy.broadcast)):
            text = library.text(raw, policy, today)
            for pattern in rule.must_not:
                found = re.search(pattern, text, re.IGNORECASE)
                if found:
                    yield Finding("policies", policy.id, where, "basis_promise", {**told, "found": found[0]})


def bare_figures(library: Library) -> Iterator[Finding]:
    """Money, rates and quantities written out in a policy's texts instead of rendered from `amounts`.

    Stories quote what a paper printed, on a day in the past: their figures stand in the text.
    """
    pattern = re.compile(library.phrase(Guards).bare_figure)
    for policy in library.policies.values():
        for where, raw in texts(policy):
            for found in pattern.finditer(PLACEHOLDER.sub(" ", raw)):
                yield Finding("policies", policy.id, where, "bare_figure", {"found": found[0]})


def sources(library: Library) -> tuple[list[Finding], list[Finding]]:
    """Entries without sources (errors) and policies without a legal document (warnings)."""
    none, unfounded = [], []
    for policy in library.policies.values():
        if not policy.sources:
            none.append(Finding("policies", policy.id, ("sources",), "no_sources"))
        if not policy.legal_basis:
            unfounded.append(Finding("policies", policy.id, ("legal_basis",), "no_legal_basis"))
    return none, unfounded


def privacy(library: Library) -> Iterator[Finding]:
    """Stories without consent that tell more than the province, or more than the source."""
    guards = library.phrase(Guards)
    for story in library.stories.values():
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
