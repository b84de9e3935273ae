"""Bodies of drafts: an entry as JSON that may still be unfinished, and changing one field of it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bot.editing.kinds import KINDS
from bot.errors import LoaThonError
from bot.library import Entry, EntryKey, Library
from bot.library.published import SHAPES, to_body
from bot.library.schema.answers import EntryWords

#: what no form changes: an id is never reused, and the day of review is that of the approval
FIXED = frozenset({"id", "formerly", "reviewed_on"})
#: a draft as JSON; the longest policy has some 20 kB
BODY_MOST = 100_000


class WrongFieldError(LoaThonError):
    """editing.wrong_field"""


class WrongTextError(LoaThonError):
    """editing.wrong_text"""

    @property
    def field(self) -> str:
        """The field the text was meant for."""
        return str(self.values["field"])


class TooLargeError(LoaThonError):
    """editing.too_large"""


def below(library: Library, key: EntryKey) -> dict[str, Any] | None:
    """What serves now under that key, as a body; None where there is nothing yet."""
    if key.kind not in SHAPES:
        words = library.overlay.words.get(key)
        return words.model_dump(mode="json") if words else None
    if not library.has(key.id) or library.kind_of(key.id) != key.kind:
        return None
    return to_body(library.entry(key.id, key.unit))


def changed(kind: str, body: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The body with these fields: dotted name ("answer", "parts.how", "legal_basis") -> JSON value; None takes it away.

    Raises `WrongFieldError` for a field the kind does not have or that is fixed, `WrongTextError`, `TooLargeError`.
    """
    written = deepcopy(dict(body))
    for name, value in changes.items():
        steps = name.split(".")
        if steps[0] not in KINDS[kind].shape.model_fields or steps[0] in FIXED or len(steps) > 2:
            raise WrongFieldError(field=name)
        inner = written
        for step in steps[:-1]:
            inner[step] = dict(inner.get(step) or {})
            inner = inner[step]
        if value is None:
            inner.pop(steps[-1], None)
        else:
            inner[steps[-1]] = _clean(name, value)
    if len(json.dumps(written, ensure_ascii=False)) > BODY_MOST:
        raise TooLargeError
    return written


def _clean(name: str, value: Any) -> Any:
    """Texts in NFC without hidden marks, at every depth."""
    if isinstance(value, str):
        told = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} and c != "\n" for c in told):
            raise WrongTextError(field=name)
        return told
    if isinstance(value, list | tuple):
        return [_clean(name, one) for one in value]
    if isinstance(value, dict):
        return {str(key): _clean(name, one) for key, one in value.items()}
    if value is None or isinstance(value, bool | int | float):
        return value
    raise WrongTextError(field=name)


def topic_of(body: Mapping[str, Any]) -> str | None:
    """The topic rights are asked for; None where a kind has none or it is not chosen yet."""
    topic = body.get("topic")
    return topic if isinstance(topic, str) and topic else None


def title_of(body: Mapping[str, Any]) -> str:
    """What a list calls it."""
    title = body.get("title")
    return title if isinstance(title, str) and title else str(body.get("id", ""))


def as_body(record: Entry | EntryWords) -> dict[str, Any]:
    """A whole record as a body."""
    return record.model_dump(mode="json") if isinstance(record, EntryWords) else to_body(record)
