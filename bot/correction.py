"""A corrected entry: which texts an official may change, and what a change must keep to."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from bot.errors import LoaThonError, say
from bot.library import Entry, Library
from bot.library.explain import plainly
from bot.library.figures import missing_in
from bot.library.private import details
from bot.library.published import from_body, to_body
from bot.library.reading import Step
from bot.library.schema.base import LegalBasis
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.texts import texts
from bot.library.wording import ANSWER_MAX, bare_figures, phrasing, story_privacy
from bot.store import audit
from bot.store.drafts import DraftRow

#: characters of any text but a first answer
TEXT_MOST = 3000
#: personal details a correction may hold: the phone to ask at, and where
_MAY_STAND = frozenset({"phone", "place"})
#: names on buttons and in lists stay with the base
_FIXED = ("title", "short")


class WrongTextError(LoaThonError):
    """signing.wrong_text"""

    @property
    def field(self) -> str:
        """The field the text was meant for."""
        return str(self.values["field"])


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure the texts are filled with."""

    name: str
    #: in words, as of the day
    text: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A correction as shown beside the text that holds."""

    entry: Entry
    texts: Mapping[str, str]
    #: fields that differ from the text that holds
    changed: tuple[str, ...]
    author_id: int
    written_at: datetime
    text_hash: str


def text_fields(entry: Entry) -> dict[str, str]:
    """Field -> text as written: "answer", "fitted.0.answer", "parts.who", "broadcast" …, in the order of the file."""
    return {_name(where): text for where, text in texts(entry) if where[0] not in _FIXED}


def rendered(library: Library, entry: Entry, on: date, unit: str) -> dict[str, str]:
    """The same texts with the figures of that day."""
    return {name: library.text(text, entry, on, unit) for name, text in text_fields(entry).items()}


def figures(library: Library, entry: Entry, on: date, unit: str) -> tuple[Figure, ...]:
    """The entry's own figures, as that unit has them on that day."""
    if not isinstance(entry, Policy):
        return ()
    found = []
    for name in entry.amounts:
        amount, day = library.amount(entry, name, on, unit)
        value = amount.on(day) or amount.values[-1]
        text = library.text(f"{{{name}}}", entry, on, unit)
        found.append(Figure(name, text, value.valid_from, value.valid_to, value.source))
    return tuple(found)


def draft_of(row: DraftRow, holding: Entry) -> Draft | None:
    """A kept correction beside the entry that holds; None when a newer release no longer takes it."""
    try:
        entry = from_body(row.kind, row.body)
    except ValidationError:
        return None
    told, before = text_fields(entry), text_fields(holding)
    changed = tuple(name for name, text in told.items() if before.get(name) != text)
    return Draft(entry, told, changed, row.author_id, row.written_at, audit.object_hash(row.body))


def written(
    library: Library,
    entry: Entry,
    changes: Mapping[str, str],
    *,
    unit: str,
    document: str,
    document_on: date | None,
    on: date,
) -> Entry:
    """The entry with these texts, reviewed that day, resting on that document besides what it rested on.

    Raises `WrongTextError` naming the field: unknown, empty, too long, or with a figure nobody holds.
    """
    body, known = to_body(entry), text_fields(entry)
    for name, text in changes.items():
        if name not in known:
            raise WrongTextError(field=name, why=say("signing.no_such_field"))
        _put(body, name, _clean(name, text))
    body["reviewed_on"] = on.isoformat()
    if isinstance(entry, Policy):
        office = library.unit(unit).office
        law = LegalBasis(number=document, issuer=office, date=document_on)
        body["legal_basis"] = [
            law.model_dump(mode="json"),
            *(x for x in body["legal_basis"] if x["number"] != document),
        ]
    else:
        body["sources"] = [document, *(source for source in body["sources"] if source != document)]
    try:
        corrected = from_body(library.kind_of(entry.id), body)
    except ValidationError as wrong:
        field, why = plainly(wrong, type(entry), body)
        raise WrongTextError(field=field, why=why) from wrong
    check(library, corrected, unit, on)
    return corrected


def check(library: Library, entry: Entry, unit: str, on: date) -> None:
    """What `content check` asks of the texts, and that they name nobody. Raises `WrongTextError` for the first fault."""
    for finding in missing_in(library, entry):
        why = say(f"content.{finding.key}.wrong", **finding.told)
        raise WrongTextError(field=_name(finding.where), why=why)
    for name, text in rendered(library, entry, on, unit).items():
        most = ANSWER_MAX if name.endswith("answer") else TEXT_MOST
        if len(text) > most:
            raise WrongTextError(field=name, why=say("signing.too_long", count=len(text), most=most))
    private = story_privacy(library, entry) if isinstance(entry, Story) else ()
    for finding in (*phrasing(library, entry, on, unit), *bare_figures(library, entry), *private):
        why = f"{say(f'content.{finding.key}.wrong', **finding.told)} {say(f'content.{finding.key}.mend', **finding.told)}"
        raise WrongTextError(field=_name(finding.where), why=why)
    for name, text in text_fields(entry).items():
        for detail in details(library, text):
            if detail.kind not in _MAY_STAND:
                raise WrongTextError(field=name, why=say(f"editing.private.{detail.kind}", found=detail.found))


def _clean(name: str, text: str) -> str:
    told = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not told:
        raise WrongTextError(field=name, why=say("signing.empty"))
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co"} and c != "\n" for c in told):
        raise WrongTextError(field=name, why=say("signing.strange_sign"))
    return told


def _put(body: dict[str, Any], name: str, text: str) -> None:
    *path, last = name.split(".")
    inner: Any = body
    for step in path:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = text


def _name(where: tuple[Step, ...] | tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in where)
