"""Questions the bot could not answer, grouped by meaning: the worklist for new answers.

Grouping is a matter of the processor, not of the database: `rows` inside a transaction, `grouped` outside of it, in a
thread where there are many. The same questions in the same order give the same groups.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot import rights
from bot.library import Library
from bot.library.private import details, masked
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, questions
from bot.store.questions import Question
from bot.understand import Understanding

#: who may write an answer for all sees what it should answer
ACTIONS = ("entry-correct", "case-answer")
#: words are shown as they were typed only when so many said the like (issue "the desk": k >= 5)
SHOWN_FROM = 5
#: texts shown of a group
TEXTS = 5
#: newest questions looked at
MOST = 2_000
#: questions of a group that others are compared with: more make it wander from what it began with
EXAMPLES = 4
#: cosine from which two questions mean the same (chosen on the pairs of tests/faq/test_worklist.py)
SAME = 0.34
#: cosine from which an answer to one is sent to who asked the other: nobody is told what they did not ask
TOLD = 0.42
#: questions imagined beside those there are, so that in a short list what all share is not held for nothing
_FEW = 100
#: evidence that one question in so many has tells none apart
_COMMON = 12
#: kinds of evidence that two wordings of one question share, and what each weighs
_KINDS = {"w:": 1.0, "b:": 0.39, "c:": 0.6}
#: what an official may say of a question
DONE, IGNORED, ENTRY = "done", "ignored", "entry:"

#: stands where a name or number of somebody's question stood
GAP = "…"

_FIGURES = re.compile(r"\d{3,}")
_LARGE = re.compile(r"(?<=[^.!?\s] )([^\W\d_]\w*)")


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that mean the same, of one unit."""

    #: names the group as long as its oldest question is kept
    key: str
    unit: str
    #: different conversations, and questions, that are still open
    people: int
    open: int
    first_at: datetime
    last_at: datetime
    #: some of the texts, the commonest first; with personal details masked, and strictly so below five people
    texts: tuple[str, ...]
    #: entries that were offered as guesses, most often first
    guesses: tuple[str, ...]
    #: what was said of earlier ones: "done", "ignored", "entry:<id>"; "" = never looked at
    settled: str
    #: ids of the open questions, for `settle`, and for a draft that answers them
    ids: tuple[int, ...]

    @property
    def entry(self) -> str:
        """The entry that is to answer it; asked again, its words are not found by it yet."""
        return self.settled.removeprefix(ENTRY) if self.settled.startswith(ENTRY) else ""


async def rows(tx: Tx, official: Official, *, unit: str | None = None) -> list[Question]:
    """The newest questions within the official's reach, oldest first."""
    return await questions.seen_by(tx, official, ACTIONS, unit=unit, limit=MOST)


def grouped(
    library: Library, understanding: Understanding, asked: Sequence[Question], *, with_ignored: bool = False
) -> list[Group]:
    """Groups that hold open questions, asked by most people first.

    One that was ignored comes back when five more people ask it, or `with_ignored`.
    """
    gathered: list[_Gathered] = []
    holding: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for question, vector in zip(asked, _vectors(understanding, asked), strict=True):
        at = _nearest(holding, question, vector)
        if at is None:
            at = len(gathered)
            gathered.append(_Gathered(question.unit))
        one = gathered[at]
        one.questions.append(question)
        if one.examples < EXAMPLES:
            for feature, weight in vector.items():
                holding.setdefault((question.unit, feature), []).append((at * EXAMPLES + one.examples, weight))
            one.examples += 1
    groups = [group for one in gathered if (group := _group(library, one)) is not None]
    shown = [g for g in groups if with_ignored or g.settled != IGNORED or g.people >= SHOWN_FROM]
    return sorted(shown, key=lambda g: (-g.people, -g.last_at.timestamp(), g.key))


def alike(understanding: Understanding, texts: Iterable[str], asked: Sequence[Question], unit: str) -> list[Question]:
    """The questions of that unit that surely mean the same as one of these texts."""
    wanted = list(texts)
    mine = [question for question in asked if question.unit == unit]
    vectors = _vectors(understanding, mine, extra=wanted)
    own, theirs = vectors[: len(wanted)], vectors[len(wanted) :]
    return [q for q, vector in zip(mine, theirs, strict=True) if any(_cosine(vector, one) >= TOLD for one in own)]


async def settle(
    tx: Tx, official: Official, library: Library, ids: Sequence[int], settled: str, *, at: datetime
) -> int:
    """Say what became of these questions: `DONE`, `IGNORED`, `entry:<id>`, or "" to open them again; how many.

    Raises `NotAllowedError` when one of them lies beyond the official's reach, `ValueError` for anything else said.
    """
    if settled not in {"", DONE, IGNORED} and not (
        settled.startswith(ENTRY) and library.has(settled.removeprefix(ENTRY))
    ):
        raise ValueError(settled)
    mine = await questions.by_ids(tx, ids)
    for unit in {question.unit for question in mine}:
        if not any(rights.may(official, action, unit=unit) for action in ACTIONS):
            raise NotAllowedError
    done = await questions.settle(tx, [question.id for question in mine], settled, at)
    detail = {"questions": done, "settled": settled}
    await audit.note(tx, official.who, "questions-settled", "questions", at=at, detail=detail)
    return done


@dataclass(slots=True)
class _Gathered:
    unit: str
    questions: list[Question] = field(default_factory=list)
    #: how many of them others are compared with
    examples: int = 0


def _nearest(
    holding: Mapping[tuple[str, str], Sequence[tuple[int, float]]],
    question: Question,
    vector: Mapping[str, float],
) -> int | None:
    """The group one of whose examples this question is most like, the older where two are; None when it is like none.

    `holding`: unit and feature -> the examples that have it, and how much.
    """
    dots: dict[int, float] = {}
    for feature, weight in vector.items():
        for example, part in holding.get((question.unit, feature), ()):
            dots[example] = dots.get(example, 0.0) + weight * part
    best = min(dots.items(), key=lambda pair: (-round(pair[1], 9), pair[0]), default=(0, 0.0))
    return best[0] // EXAMPLES if best[1] >= SAME else None


def _vectors(
    understanding: Understanding, asked: Sequence[Question], extra: Sequence[str] = ()
) -> list[dict[str, float]]:
    """The evidence of each text, rare evidence weighing more; those of `extra` come first."""
    texts = [*extra, *(question.text for question in asked)]
    read = {text: _alike_features(understanding, text) for text in dict.fromkeys(texts)}
    seen = Counter(feature for features in read.values() for feature in features)
    total = len(read) + _FEW
    weighed = {
        text: _scaled({n: w * math.log1p(total / seen[n]) for n, w in features.items() if seen[n] * _COMMON <= total})
        for text, features in read.items()
    }
    return [weighed[text] for text in texts]


def _scaled(vector: Mapping[str, float]) -> dict[str, float]:
    """To length one, so that the cosine of two is their product."""
    length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    return {name: weight / length for name, weight in vector.items()}


def _alike_features(understanding: Understanding, text: str) -> dict[str, float]:
    """Words, pairs of words and concepts: accents and pairs of concepts tell entries apart, not wordings."""
    features = understanding.evidence(text).features
    return {name: weight * _KINDS[name[:2]] for name, weight in features.items() if name[:2] in _KINDS}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * large[name] for name, weight in small.items() if name in large)


def _group(library: Library, one: _Gathered) -> Group | None:
    waiting = [question for question in one.questions if not question.settled]
    if not waiting:
        return None
    people = people_of(waiting)
    said = Counter(" ".join(question.text.split()) for question in waiting)
    texts = [shown(library, text, people=people) for text, _n in said.most_common(TEXTS)]
    guesses = Counter(ident for question in waiting for ident in question.offered)
    known = [q.settled for q in one.questions if q.settled]
    return Group(
        hashlib.sha256(f"{one.questions[0].id}|{one.unit}".encode()).hexdigest()[:16],
        one.unit,
        people,
        len(waiting),
        waiting[0].at,
        waiting[-1].at,
        tuple(dict.fromkeys(texts)),
        tuple(ident for ident, _n in guesses.most_common(3)),
        known[-1] if known else "",
        tuple(question.id for question in waiting),
    )


def people_of(asked: Iterable[Question]) -> int:
    """How many different conversations asked these; one that is not known any more counts for itself."""
    return len({q.conversation_id if q.conversation_id is not None else -q.id for q in asked})


def shown(library: Library, text: str, *, people: int) -> str:
    """A question as an official may read it: personal details masked; asked by few, every name and number."""
    clean = masked(text, details(library, text))
    if people >= SHOWN_FROM:
        return clean
    return _LARGE.sub(lambda found: GAP if found[1][0].isupper() else found[1], _FIGURES.sub(GAP, clean))
