"""What to heed in the words of a broadcast: personal details, words of offices, promises, sentences too long.

The rules are those of content written at the desk (`bot.editing.checks`); what a broadcast takes from an approved entry was
checked there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from bot.editing.checks import Level, Remark
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.library.private import details, masked
from bot.library.schema.answers import AnswerWords
from bot.library.wording import long_sentences
from bot.model.outbound import Outbound


class UnheededError(LoaThonError):
    """broadcasts.unheeded"""


_ORDER: dict[Level, int] = {"mend": 0, "confirm": 1, "note": 2}


def remarks(library: Library, title: str, outbound: Outbound) -> tuple[Remark, ...]:
    """Everything found in a broadcast as `broadcast_text.written` makes it, what must be mended first."""
    texts = [("title", title)]
    # the first button of a broadcast made of an entry is the entry's own
    texts += [("buttons", button.label) for button in outbound.buttons[bool(outbound.entry) :]]
    if not outbound.entry:
        texts.insert(1, ("text", outbound.text))
    found = [remark for field, text in texts for remark in _found(library, field, text)]
    return tuple(sorted(dict.fromkeys(found), key=lambda remark: _ORDER[remark.level]))


def left_open(found: Iterable[Remark], stand: Iterable[str]) -> tuple[Remark, ...]:
    """Those that keep it from going on: to be mended, or not among the marks somebody lets stand."""
    marks = set(stand)
    return tuple(r for r in found if r.level == "mend" or (r.level == "confirm" and r.mark not in marks))


def heeded(library: Library, title: str, outbound: Outbound, stand: Iterable[str]) -> list[str]:
    """The marks of what somebody lets stand, as the audit keeps them: field and mark, never the words found.

    Raises `UnheededError` while something must be mended or nobody lets it stand.
    """
    found, marks = remarks(library, title, outbound), set(stand)
    if left_open(found, marks):
        raise UnheededError
    return [f"{remark.field} {remark.mark}" for remark in found if remark.level == "confirm"]


def _found(library: Library, field: str, text: str) -> Iterator[Remark]:
    held = details(library, text)
    clean = masked(text, held)
    for detail in held:
        level: Level = "confirm" if detail.may_stand else "mend"
        message = say(f"editing.private.{detail.kind}", found=detail.found)
        yield _remark(level, field, message, say("editing.private.mend") if detail.may_stand else "", clean)
    words, lowered = library.phrase(AnswerWords), text.lower()
    for pattern in words.promises:
        # a message names no legal document of its own, so a human answers for the promise
        if promised := re.search(pattern, text, re.IGNORECASE):
            yield _worded("confirm", field, "promise_unfounded", found=promised[0])
    for word, better in words.plain.items():
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lowered):
            yield _worded("note", field, "office_word", found=word, better=better)
    for told in long_sentences(text):
        yield _worded("note", field, "answer_sentence_long", **told)


def _worded(level: Level, field: str, key: str, **told: object) -> Remark:
    return _remark(level, field, say(f"content.{key}.wrong", **told), say(f"content.{key}.mend", **told))


def _remark(level: Level, field: str, message: str, mend: str, clean: str = "") -> Remark:
    mark = hashlib.sha256(f"{field}\n{message}".encode()).hexdigest()[:16]
    return Remark(level, field, message, mend, mark, clean)
