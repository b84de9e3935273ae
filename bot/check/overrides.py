"""What units say differently keeps the rules of the entries it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.check.wording import ANSWER_MAX, SENTENCE_MAX, sentences, syllables
from bot.library import Library, answer
from bot.library.findings import Finding
from bot.library.reading import Step
from bot.library.render import PLACEHOLDER
from bot.library.schema.phrases import BasisPhrases, Guards
from bot.library.schema.policy import Policy
from bot.library.schema.unit import Override, Unit


def override_faults(library: Library, today: date) -> Iterator[Finding]:
    """Unit overrides without a source, too long, with bare figures, or not speaking as the entry's basis allows."""
    for unit in library.units.values():
        for entry_id, override in unit.overrides.items():
            entry = library.entry(entry_id)
            here: tuple[Step, ...] = ("overrides", entry_id)
            if not (override.sources or override.legal_basis or all(_sourced(override))):
                yield Finding("units", unit.id, here, "no_sources")
            yield from _long(library, unit, entry_id, override, today)
            if isinstance(entry, Policy):
                yield from _worded(library, unit, entry, override)


def _sourced(override: Override) -> Iterator[bool]:
    """Whether each thing said has a source of its own: amounts do, texts do not."""
    yield bool(override.amounts)
    yield not (override.answer or override.addition or override.broadcast)


def _long(library: Library, unit: Unit, entry_id: str, override: Override, today: date) -> Iterator[Finding]:
    day = max(today, override.valid_from) if override.valid_from else today
    if not override.holds_on(day):
        return
    seen = answer(library, entry_id, day, unit.id)
    count = len(library.text(override.answer or "", library.entry(entry_id), day, unit.id))
    if count > ANSWER_MAX:
        where = ("overrides", entry_id, "answer")
        yield Finding("units", unit.id, where, "answer_long", {"count": count, "limit": ANSWER_MAX})
    for sentence in sentences(seen.script) if override.broadcast else ():
        count = syllables(sentence)
        if count > SENTENCE_MAX:
            told = {"count": count, "limit": SENTENCE_MAX, "start": " ".join(sentence.split()[:6])}
            yield Finding("units", unit.id, ("overrides", entry_id, "broadcast"), "sentence_long", told)


def _worded(library: Library, unit: Unit, policy: Policy, override: Override) -> Iterator[Finding]:
    rule = library.phrase(BasisPhrases).rules[policy.basis]
    bare = re.compile(library.phrase(Guards).bare_figure)
    told = {"basis": policy.basis.value, "how": rule.mend}
    where: tuple[Step, ...] = ("overrides", policy.id)
    if override.answer and not all(re.search(pattern, override.answer, re.IGNORECASE) for pattern in rule.must):
        yield Finding("units", unit.id, (*where, "answer"), "basis_missing", told)
    for field in ("answer", "addition", "broadcast"):
        text = getattr(override, field) or ""
        for pattern in rule.must_not:
            if found := re.search(pattern, text, re.IGNORECASE):
                yield Finding("units", unit.id, (*where, field), "basis_promise", {**told, "found": found[0]})
        for found in bare.finditer(PLACEHOLDER.sub(" ", text)):
            yield Finding("units", unit.id, (*where, field), "bare_figure", {"found": found[0]})
