"""One answer, whole hamlet: an answer marked as useful for all becomes a draft, and once approved reaches who asked."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import telling, worklist
from bot.casework import sight
from bot.editing import drafts
from bot.editing.checks import GAP
from bot.editing.drafts import Draw
from bot.editing.kinds import may_write
from bot.errors import LoaThonError
from bot.library import EntryKey, Library
from bot.library.render import fill
from bot.library.schema.answers import AnswerWords, Faq
from bot.library.wording import sentences
from bot.model.case import CaseKind
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.settings import LOCAL
from bot.store import Tx, answers, case_desk, case_walls, conversations, edits, questions
from bot.store.case_desk import DeskCase, History
from bot.store.edits import Edit
from bot.store.questions import Question
from bot.understand import Understanding
from bot.work.intake import OWN_WORDS

#: kinds of cases whose answer may be of use to all; a report of wrongdoing, somebody in danger or a person's data never is
OPEN_KINDS = frozenset({CaseKind.QUESTION, CaseKind.FEEDBACK, CaseKind.PROPOSAL, CaseKind.DIALOGUE})
#: who asked longer ago has found another way, and may not know any more what this is about
TOLD_WITHIN = timedelta(days=60)
#: a button's label, a title, and how many ways of asking are taken over
SHORT_MOST, TITLE_MOST, ASKED_MOST = 24, 160, 30
#: digits of an id that tells nothing else, so many that drafts of one topic never share one by chance
_DIGITS = 8


class NoAnswerError(LoaThonError):
    """faq.no_answer"""


class NotOpenError(LoaThonError):
    """faq.not_open"""


class NoQuestionsError(LoaThonError):
    """faq.no_questions"""


async def from_case(
    tx: Tx,
    official: Official,
    library: Library,
    case_id: int,
    *,
    for_all: bool = False,
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> Edit:
    """A draft of the answer that case got, under a neutral title; personal details of the answer are remarked.

    None of the household's words stands where people read or hear it: an official writes title and question. Who
    answered it is an author beside who drafts it. A case drafted already gives its open draft again. Raises
    `NotAllowedError` (also for a case the official does not see), `NoAnswerError`, and `NotOpenError`: also for a case
    that is hidden from somebody, since drafts are read by everybody who writes for the unit.
    """
    case = (await case_desk.by_ids(tx, sight.eye(official, library), [case_id])).get(case_id)
    if case is None or case.unit not in library.units:
        raise NotAllowedError
    if case.kind not in OPEN_KINDS or case.custody or await case_walls.closed(tx, [case_id]):
        raise NotOpenError
    steps = (await case_desk.history(tx, [case_id]))[case_id]
    asked = [str(s.payload.get("text", "")) for s in steps if s.what in (*OWN_WORDS, "entered") and s.payload]
    given = [str(s.payload.get("text", "")) for s in steps if s.what == "answered" and s.payload]
    if not given or not given[-1].strip():
        raise NoAnswerError
    question = " ".join((asked[0] if asked else "").split())
    key = _key(library, case, for_all=for_all, draw=draw)
    body = _body(library, key, case.unit, given[-1], topic=case.topic, for_all=for_all)
    body["asked_as"] = _ways(library, [question], 1)
    if case.entry and library.id_of(case.entry) in library.policies:
        body["about"] = library.id_of(case.entry)
    return await drafts.begin(
        tx, official, library, key, body=body, case_id=case_id, authors=_who_answered(steps), at=at
    )


async def from_questions(
    tx: Tx,
    official: Official,
    library: Library,
    ids: Sequence[int],
    *,
    text: str = "",
    topic: str = "",
    for_all: bool = False,
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> Edit:
    """A draft that answers a group of the worklist (`Group.ids`). `text`: the answer, as far as it is known.

    The question of a group that enough people ask is its title; else the title is neutral, as for a case. Raises
    `NotAllowedError`, `NoQuestionsError` when none of them is kept any more.
    """
    mine = await _mine(tx, official, ids)
    unit = mine[0].unit
    if unit not in library.units:
        raise NotAllowedError
    people, place = worklist.people_of(mine), None if for_all else unit
    if people >= worklist.SHOWN_FROM:
        shown = [worklist.shown(library, q.text, people=people) for q in mine]
        question = min(shown, key=lambda told: (abs(len(told) - 60), told))
        key = drafts.new_key(library, "faq", question, place, draw=draw)
        body = _body(library, key, unit, text, topic=topic, for_all=for_all, title=_first(question))
    else:
        key = _neutral(library, topic, place, draw)
        body = _body(library, key, unit, text, topic=topic, for_all=for_all)
    body["asked_as"] = _ways(library, [q.text for q in mine], people)
    return await drafts.begin(tx, official, library, key, body=body, questions=[q.id for q in mine], at=at)


async def words_for(
    tx: Tx, official: Official, library: Library, entry_id: str, ids: Sequence[int], *, at: datetime
) -> Edit:
    """A draft of words that lead to an entry there is already: what a group of the worklist asked.

    Raises `NotAllowedError`, `NoQuestionsError`, `KeyError` for an unknown entry.
    """
    mine = await _mine(tx, official, ids)
    entry = library.entry(entry_id, mine[0].unit or None)
    key = EntryKey("words", entry.id, mine[0].unit or None)
    known = library.overlay.words.get(key)
    ways = [*(known.asked_as if known else ()), *_ways(library, [q.text for q in mine], worklist.people_of(mine))]
    body = {
        "id": entry.id,
        "reviewed_on": at.astimezone(LOCAL).date().isoformat(),
        "asked_as": list(dict.fromkeys(ways)),
    }
    return await drafts.begin(tx, official, library, key, body=body, questions=[q.id for q in mine], at=at)


def script(library: Library, unit: str, question: str, text: str) -> str:
    """A loudspeaker script to start from: the question, who answers, the answer."""
    office = library.unit(unit).office
    asked = question.rstrip(" ?.!") + "?"
    return fill(library.phrase(AnswerWords).answer_script, hoi=asked, tra_loi=text, co_quan=office)


def announcement_script(library: Library, unit: str, title: str, text: str) -> str:
    """The same for an announcement."""
    words = library.phrase(AnswerWords)
    office = library.unit(unit).office
    return fill(words.announcement_script, tieu_de=title.rstrip(" ."), noi_dung=text, co_quan=office)


async def asked_alike(tx: Tx, understanding: Understanding, edit_id: int) -> list[int]:
    """Open questions of the draft's unit that surely mean what it answers, for `publishing.approve(also=)`.

    Asked in a transaction for reading, before the one that approves: thousands of questions take a second of thought.
    """
    edit = await edits.get(tx, edit_id)
    unit = str(edit.body.get("unit", "")) if edit and edit.kind == "faq" else ""
    if edit is None or not unit:
        return []
    texts = [str(edit.body.get("title", "")), *map(str, edit.body.get("asked_as") or ())]
    asked = await questions.open_in(tx, [unit], worklist.MOST)
    return [q.id for q in await asyncio.to_thread(worklist.alike, understanding, texts, asked, unit)]


async def tell(
    tx: Tx,
    after: Library,
    entry: Faq,
    edit: Edit,
    *,
    also: Sequence[int] = (),
    now: datetime,
    at: datetime,
) -> int:
    """Tell who asked and got no answer, each conversation once; how many. Their questions are settled with it.

    `also`: questions that mean the same (`asked_alike`). Who asked in the case it was drawn from had the answer there.
    """
    asked = await questions.by_ids(tx, sorted({*edit.questions, *also}))
    # another commune's, or settled meanwhile with something else
    waiting = [q for q in asked if q.unit == entry.unit and (not q.settled or q.id in edit.questions)]
    await questions.settle(tx, [q.id for q in waiting], f"{worklist.ENTRY}{entry.id}", at)
    answered = await _answered_in_case(tx, edit)
    recent = {q.conversation_id for q in waiting if q.conversation_id is not None and now - q.at <= TOLD_WITHIN}
    await answers.told(tx, entry.id, sorted(answered), at)
    fresh = await answers.untold(tx, entry.id, sorted(recent - answered))
    present = [one for one in await conversations.lock_ids(tx, fresh) if not one.is_gone]
    await answers.told(tx, entry.id, [one.id for one in present], at)
    return await telling.tell(
        tx, after, EntryKey("faq", entry.id, entry.unit), telling.ANSWERED, present, now=now, at=at
    )


async def settle_questions(tx: Tx, edit: Edit, entry_id: str, *, at: datetime) -> int:
    """Words now lead to an entry: the questions they came from are settled with it. Nobody is told: 0."""
    await questions.settle(tx, edit.questions, f"{worklist.ENTRY}{entry_id}", at)
    return 0


async def _mine(tx: Tx, official: Official, ids: Sequence[int]) -> list[Question]:
    """These questions, all of one unit within the official's reach."""
    mine = await questions.by_ids(tx, ids)
    if not mine:
        raise NoQuestionsError
    units = {question.unit for question in mine}
    if len(units) > 1 or not may_write(official, EntryKey("faq", "", mine[0].unit or None), None):
        raise NotAllowedError
    return mine


async def _answered_in_case(tx: Tx, edit: Edit) -> set[int]:
    if edit.case_id is None:
        return set()
    which = [edit.case_id, *await case_desk.joined_to(tx, edit.case_id)]
    asking = await case_desk.askers(tx, which)
    return {one.conversation_id for one in asking if one.conversation_id is not None}


def _who_answered(steps: Sequence[History]) -> list[int]:
    """Accounts of the officials whose words the answer holds."""
    said = [step.who.partition(":") for step in steps if step.what == "answered"]
    return [int(number) for kind, _, number in said if kind == "official"]


def _key(library: Library, case: DeskCase, *, for_all: bool, draw: Draw) -> EntryKey:
    """Of the case, so that one answer is not drafted twice under two names; once it is published, a new one."""
    place = None if for_all else case.unit
    digest = hashlib.sha256(f"{case.code}|{place}".encode()).digest()
    own = _neutral(library, case.topic, place, lambda count: digest[:count], is_new=False)
    return _neutral(library, case.topic, place, draw) if library.has(own.id) else own


def _neutral(library: Library, topic: str, unit: str | None, draw: Draw, *, is_new: bool = True) -> EntryKey:
    """A key that tells the topic alone. `is_new`: of an entry that is not there yet."""
    while True:
        number = int.from_bytes(draw(8)) % 10**_DIGITS
        key = EntryKey("faq", f"{topic if topic in library.topics else 'faq'}-{number:0{_DIGITS}d}", unit)
        if not is_new or not library.has(key.id):
            return key


def _body(
    library: Library, key: EntryKey, unit: str, text: str, *, topic: str, for_all: bool, title: str = ""
) -> dict[str, Any]:
    """What a form starts from, with a gap (`GAP`) where an official has to write. Left empty rather than invented: no
    topic, no legal basis. `title` "" = a neutral one.
    """
    known = library.topics.get(topic)
    words = library.phrase(AnswerWords)
    neutral = fill(words.question_about, linh_vuc=known.title) if known else words.question
    body: dict[str, Any] = {
        "id": key.id,
        "title": title or neutral,
        "short": label(title) if title else GAP,
        "unit": unit,
        "for_all": for_all,
        "answer": text.strip(),
        "broadcast": script(library, unit, GAP, " ".join(text.split())),
    }
    if known:
        body["topic"] = topic
    return body


def _first(question: str) -> str:
    """The first sentence, no longer than a title."""
    first = next(iter(sentences(question)), question)
    return first if len(first) <= TITLE_MOST else first[:TITLE_MOST].rpartition(" ")[0]


def label(title: str) -> str:
    """The first words of a title, as long as a button is."""
    label = ""
    for word in title.split():
        longer = f"{label} {word}".strip()
        if len(longer) > SHORT_MOST:
            break
        label = longer
    return label or title[:SHORT_MOST]


def _ways(library: Library, texts: Sequence[str], people: int) -> list[str]:
    """Ways of asking to learn from: short ones, without anything that tells of a person; asked by few, without a name."""
    told = [" ".join(text.split()) for text in texts]
    clean = [
        text for text in told if 0 < len(text) <= TITLE_MOST and worklist.shown(library, text, people=people) == text
    ]
    return list(dict.fromkeys(clean))[:ASKED_MOST]
