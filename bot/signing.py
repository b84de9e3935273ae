"""A unit's word that an entry is right: what waits for it, corrections, signing, and telling those who asked.

Signing publishes (`content_versions`, `signatures`), answers the case of those who asked and writes their messages in the
caller's transaction; the bell then makes every process swap its library. A signature covers the text as reviewed up to its
day and ends with the fact: an entry reviewed anew, or that has ended, needs another.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot import rights, telling
from bot.correction import Draft, Figure, check, draft_of, figures, rendered, text_fields, written
from bot.errors import LoaThonError
from bot.library import Answer, Entry, EntryKey, Library, Signature, Status, answer, is_signed
from bot.library.answer import grounds, status_on
from bot.library.published import from_body, to_body
from bot.library.schema.policy import Policy
from bot.model.case import CaseState
from bot.model.official import Official
from bot.officials import Draw
from bot.rights import NotAllowedError
from bot.settings import LOCAL
from bot.store import Tx, audit, cases, conversations, drafts, overlay
from bot.store.cases import Step
from bot.store.drafts import Asked, DraftRow
from bot.store.overlay import EntryRow, SignatureRow

#: a document's number and what it is about, on one line
DOCUMENT_MOST = 200


class EndedError(LoaThonError):
    """signing.ended"""


class ChangedError(LoaThonError):
    """signing.changed"""


class NoDraftError(LoaThonError):
    """signing.no_draft"""


class WrongDocumentError(LoaThonError):
    """signing.wrong_document"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry that a unit has not confirmed."""

    kind: str
    id: str
    unit: str
    title: str
    #: None for stories
    topic: str | None
    #: households that wait for the answer, and since when
    askers: int
    since: datetime | None
    has_draft: bool
    may_sign: bool
    may_correct: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything an official needs before them to sign."""

    kind: str
    id: str
    unit: str
    topic: str | None
    title: str
    #: field -> text as written, with its `{figures}`; the keys are those of `propose`
    texts: Mapping[str, str]
    #: the same with the figures of the day
    shown: Mapping[str, str]
    figures: tuple[Figure, ...]
    #: the legal documents, one a line
    grounds: str
    sources: tuple[str, ...]
    confidence: str
    valid_from: date | None
    valid_to: date | None
    reviewed_on: date
    #: what is doubtful, for officials
    notes: str
    askers: int
    #: as households see it now, and once signed as it stands
    now: Answer
    once_signed: Answer
    draft: Draft | None
    #: as households will see the draft once it is signed
    draft_signed: Answer | None
    signed: Signature | None
    #: of the text as it stands; `sign` takes it back, so that nobody signs what changed under their eyes
    text_hash: str
    may_sign: bool
    may_sign_draft: bool
    may_correct: bool


async def waiting(tx: Tx, official: Official, library: Library, on: date, unit: str = "") -> list[Waiting]:
    """What units within the official's reach have not confirmed, most asked first; `unit` = that one alone."""
    written_for = {(row.kind, row.id, row.unit): row for row in await drafts.listed(tx)}
    found: list[tuple[EntryKey, Entry]] = []
    for place in [unit] if unit else sorted(library.units):
        told: list[Entry] = [*library.policies.values(), *library.stories.values()]
        for entry in told:
            key = EntryKey(library.kind_of(entry.id), entry.id, place)
            own = library.entry(entry.id, place)
            if _is_open(library, own, place, on) or key in written_for:
                found.append((key, own))
    found = [
        (key, own) for key, own in found if _may(official, "entry-sign", key, own) or _may_correct(official, key, own)
    ]
    asked = await drafts.asked(tx, [_join(key) for key, _entry in found])
    listed = [
        Waiting(
            key.kind,
            key.id,
            key.unit or "",
            entry.title,
            _topic(entry),
            asked[_join(key)].askers if _join(key) in asked else 0,
            asked[_join(key)].since if _join(key) in asked else None,
            has_draft=key in written_for,
            may_sign=_may(official, "entry-sign", key, entry),
            may_correct=_may_correct(official, key, entry),
        )
        for key, entry in found
    ]
    return sorted(listed, key=lambda one: (-one.askers, one.unit, one.title))


async def look(tx: Tx, official: Official, library: Library, key: EntryKey, on: date) -> Paper:
    """The entry as it lies before the official. Raises `NotAllowedError` also for what is not there."""
    key, entry, unit = _find(library, key)
    if not _may(official, "entry-sign", key, entry) and not _may_correct(official, key, entry):
        raise NotAllowedError
    row = await drafts.get(tx, key.kind, key.id, unit)
    draft = draft_of(row, entry) if row else None
    asked = (await drafts.asked(tx, [_join(key)])).get(_join(key))
    preview = Signature(unit, on, rights.roles()["lanh-dao"].id)
    may_sign = _may(official, "entry-sign", key, entry)
    return Paper(
        key.kind,
        key.id,
        unit,
        _topic(entry),
        entry.title,
        text_fields(entry),
        rendered(library, entry, on, unit),
        figures(library, entry, on, unit),
        grounds(library.stamps, entry.legal_basis) if isinstance(entry, Policy) else "",
        entry.sources,
        entry.confidence.value,
        entry.valid_from if isinstance(entry, Policy) else None,
        entry.valid_to if isinstance(entry, Policy) else None,
        entry.reviewed_on,
        entry.notes or "",
        asked.askers if asked else 0,
        answer(library, key.id, on, unit),
        answer(library.with_published(key, preview), key.id, on, unit),
        draft,
        answer(library.with_published(key, preview, draft.entry), key.id, on, unit) if draft else None,
        library.signature(key.id, unit),
        audit.object_hash(to_body(entry)) or "",
        may_sign=may_sign,
        may_sign_draft=may_sign and draft is not None and draft.author_id != official.id,
        may_correct=_may_correct(official, key, entry),
    )


async def propose(
    tx: Tx,
    official: Official,
    library: Library,
    key: EntryKey,
    texts: Mapping[str, str],
    *,
    document: str,
    document_on: date | None,
    on: date,
    at: datetime,
) -> None:
    """Write a correction for somebody else to sign; it takes the place of an earlier one.

    `texts`: field of `Paper.texts` -> its new text; fields left out stay. `document` is what the correction rests on.
    Raises `NotAllowedError`, `WrongDocumentError`, `correction.WrongTextError`.
    """
    key, entry, unit = _find(library, key)
    if not _may_correct(official, key, entry):
        raise NotAllowedError
    number = _document(document)
    if not number:
        raise WrongDocumentError(most=DOCUMENT_MOST)
    corrected = written(library, entry, texts, unit=unit, document=number, document_on=document_on, on=on)
    base_hash = library.hashes.get((key.kind, key.id), "")
    row = DraftRow(key.kind, key.id, unit, to_body(corrected), base_hash, official.id, at)
    await drafts.put(tx, row)
    await audit.note(
        tx, official.who, "correction-written", _ref(key), at=at, before=to_body(entry), after=to_body(corrected)
    )


async def drop(tx: Tx, official: Official, library: Library, key: EntryKey, *, at: datetime) -> None:
    """A correction is not wanted: by its author, or by whoever may sign it. Raises `NotAllowedError`."""
    key, entry, unit = _find(library, key)
    row = await drafts.get(tx, key.kind, key.id, unit)
    if row is None or (row.author_id != official.id and not _may(official, "entry-sign", key, entry)):
        raise NotAllowedError
    await drafts.drop(tx, key.kind, key.id, unit)
    await audit.note(tx, official.who, "correction-dropped", _ref(key), at=at, before=row.body)


async def sign(
    tx: Tx,
    official: Official,
    library: Library,
    key: EntryKey,
    *,
    text_hash: str,
    document: str = "",
    with_draft: bool = False,
    now: datetime,
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> int:
    """Sign the entry as it stands, or the correction somebody else wrote; the number of conversations told.

    `text_hash` is the paper's (or its draft's): what the official had before them. Raises `NotAllowedError` (also for
    one's own correction), `EndedError`, `ChangedError`, `NoDraftError`, `WrongDocumentError`, `correction.WrongTextError`.
    """
    key, entry, unit = _find(library, key)
    on = now.astimezone(LOCAL).date()
    row = await drafts.get(tx, key.kind, key.id, unit, locked=True) if with_draft else None
    rights.require(official, "entry-sign", unit=unit, topic=_topic(entry), author=row.author_id if row else None)
    if with_draft and row is None:
        raise NoDraftError
    if status_on(entry, on) is Status.ENDED:
        raise EndedError
    before = to_body(entry)
    signed = from_body(key.kind, row.body) if row else entry
    await _unchanged(tx, library, key)
    if audit.object_hash(to_body(signed)) != text_hash or (
        row and row.base_hash != library.hashes.get((key.kind, key.id), "")
    ):
        raise ChangedError
    if row:
        # rules may have come since it was written
        check(library, signed, unit, on)
        version = await overlay.next_version(tx, key.kind, key.id, unit)
        published = EntryRow(key.kind, key.id, unit, version, row.body, row.base_hash)
        await overlay.publish(tx, published, by=official.who, at=at)
        await drafts.drop(tx, key.kind, key.id, unit)
    role = next((a.role for a in official.assignments if "entry-sign" in rights.roles()[a.role].may), "")
    signature = Signature(unit, on, role, _document(document) or None)
    signature_row = SignatureRow(key.kind, key.id, unit, on, role, signature.document or "")
    await overlay.sign(tx, signature_row, by=official.who, text_hash=text_hash)
    after = library.with_published(key, signature, signed if row else None)
    told = await settle_askers(tx, official, after, key, now=now, at=at, draw=draw)
    detail = {"document": signature.document or "", "told": told, "corrected": bool(row)}
    await audit.note(
        tx, official.who, "entry-signed", _ref(key), at=at, detail=detail, before=before, after=to_body(signed)
    )
    return told


async def settle_askers(
    tx: Tx,
    official: Official,
    after: Library,
    key: EntryKey,
    *,
    now: datetime,
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> int:
    """Answer the case of those who asked a unit to confirm an entry, as the library will say it; how many were told."""
    asked = (await drafts.asked(tx, [_join(key)])).get(_join(key))
    if asked is None:
        return 0
    return await _tell(tx, official, asked, after, key, now=now, at=at, salt=draw(16).hex())


async def withdraw(tx: Tx, official: Official, library: Library, key: EntryKey, *, at: datetime) -> None:
    """Take the unit's signature back; what was corrected with it stays. Raises `NotAllowedError`."""
    key, entry, unit = _find(library, key)
    if not _may(official, "entry-sign", key, entry) or not await overlay.unsign(tx, key.kind, key.id, unit):
        raise NotAllowedError
    await audit.note(tx, official.who, "signature-withdrawn", _ref(key), at=at, before=to_body(entry))


async def _unchanged(tx: Tx, library: Library, key: EntryKey) -> None:
    """Raise `ChangedError` when this entry was published anew and this process has not seen it yet."""
    row = await overlay.newest(tx, key.kind, key.id, key.unit or "")
    known = library.overlay.entries.get(key)
    if row is not None and (known is None or to_body(known.entry) != row.body):
        raise ChangedError


async def _tell(
    tx: Tx, official: Official, asked: Asked, library: Library, key: EntryKey, *, now: datetime, at: datetime, salt: str
) -> int:
    """Answer the joined case, once for all who asked; the number of conversations that get the message."""
    told = telling.message(library, key, telling.CONFIRMED, now.astimezone(LOCAL).date())
    # conversations before cases, in the order in which a household's turn locks them
    await conversations.lock_ids(tx, await cases.askers(tx, asked.case_id))
    step = Step(asked.case_id, "answered", official.who, now, salt, {"text": told.text})
    await cases.record(tx, [step], state=CaseState.ANSWERED.value)
    await cases.settle(tx, asked.case_id)
    waiting_ones = await conversations.lock_ids(tx, await cases.askers(tx, asked.case_id))
    present = [conversation for conversation in waiting_ones if not conversation.is_gone]
    return await telling.tell(tx, library, key, telling.CONFIRMED, present, now=now, at=at)


def _find(library: Library, key: EntryKey) -> tuple[EntryKey, Entry, str]:
    """The key by today's names, the entry as that unit tells it, and the unit."""
    unit = key.unit or ""
    if unit not in library.units or not library.has(key.id) or library.kind_of(key.id) != key.kind:
        raise NotAllowedError
    known = EntryKey(key.kind, library.id_of(key.id), unit)
    return known, library.entry(known.id, unit), unit


def _is_open(library: Library, entry: Entry, unit: str, on: date) -> bool:
    return status_on(entry, on) is not Status.ENDED and not is_signed(library, entry.id, unit, on)


def _may(official: Official, action: str, key: EntryKey, entry: Entry) -> bool:
    return rights.may(official, action, unit=key.unit or "", topic=_topic(entry))


def _may_correct(official: Official, key: EntryKey, entry: Entry) -> bool:
    return _may(official, "entry-correct", key, entry)


def _topic(entry: Entry) -> str | None:
    return entry.topic if isinstance(entry, Policy) else None


def _join(key: EntryKey) -> str:
    """As the engine names the case in which households ask (`engine/nodes/deeds.py`)."""
    return f"entry:{key.id}:{key.unit}"


def _ref(key: EntryKey) -> str:
    return f"{key.kind}:{key.id}:{key.unit}"


def _document(told: str) -> str:
    number = " ".join(told.split())
    if len(number) > DOCUMENT_MOST or not number.isprintable():
        raise WrongDocumentError(most=DOCUMENT_MOST)
    return number
