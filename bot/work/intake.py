"""What households bring, on its way into cases: one case per join key, its history chained, its files to be fetched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.case import CaseKind, CaseState
from bot.model.events import CaseAdded, CaseOpened, CaseRated, CaseReopened
from bot.model.inbound import Attachment, Inbound
from bot.store import Tx, attachments, case_desk, case_moves, cases, contacts, guesses, jobs, sealing, search
from bot.store.cases import Step
from bot.store.conversations import Conversation

#: steps that hold a household's own words, by its own hand or written down for it
OWN_WORDS = ("opened", "joined", "added", "entered")
#: steps whose words officials find a case by
FOUND_BY = (*OWN_WORDS, "answered", "note")
#: kind of the job that takes care of a case that has new words
ARRIVED = "case-arrived"
#: kind of the job that tells of a danger not told in the case before
ALARMED = "case-alarmed"


@dataclass(frozen=True, slots=True)
class _Opening:
    conversation: Conversation
    contact: int | None
    inbound: Inbound
    event: CaseOpened


def pin_hash(tx: Tx, code: str, pin: str) -> str:
    """What is kept of a PIN: a keyed hash; "" for none."""
    return guesses.digest(tx, "pin", code, pin) if pin else ""


def _custody(event: CaseOpened) -> str:
    if event.seal_to:
        return "kin"
    return "giu" if event.kind is CaseKind.WRONGDOING or event.to_keeper else ""


def arrived_key(case_id: int) -> str:
    """The key of that job."""
    return f"{ARRIVED}:{case_id}"


class Intake:
    """Cases opened and added to by one batch."""

    def __init__(self, tx: Tx, *, now: datetime, at: datetime) -> None:
        self._tx = tx
        self._now = now
        self._at = at
        self._opened: list[_Opening] = []
        self._added: list[tuple[Conversation, Inbound, CaseAdded]] = []
        self._said: list[tuple[Conversation, Inbound, CaseRated | CaseReopened]] = []

    def open(self, conversation: Conversation, contact: int | None, inbound: Inbound, event: CaseOpened) -> None:
        """A household brought a matter."""
        self._opened.append(_Opening(conversation, contact, inbound, event))

    def add(self, conversation: Conversation, inbound: Inbound, event: CaseAdded) -> None:
        """A household added to its own matter."""
        self._added.append((conversation, inbound, event))

    def say(self, conversation: Conversation, inbound: Inbound, event: CaseRated | CaseReopened) -> None:
        """A household says what it thinks of an answer."""
        self._said.append((conversation, inbound, event))

    async def write(self) -> None:
        """Write what was gathered; raises `KeyError` when words were added to a case that is not there."""
        opened, self._opened = self._opened, []
        added, self._added = self._added, []
        said, self._said = self._said, []
        for conversation, inbound, opinion in said:
            await self._write_said(conversation, inbound, opinion)
        if not opened and not added:
            return
        steps: list[Step] = []
        files: list[tuple[int, Conversation, Attachment]] = []
        for opening, (case_id, is_new) in zip(opened, await self._write_cases(opened), strict=True):
            what = "opened" if is_new else "joined"
            steps.append(self._step(case_id, what, opening.conversation, opening.inbound, opening.event))
            files += [(case_id, opening.conversation, file) for file in opening.event.attachments]
        held = await cases.by_codes(self._tx, sorted({event.code for _c, _i, event in added}))
        for conversation, inbound, event in added:
            case_id = held[event.code].case.id
            steps.append(self._step(case_id, "added", conversation, inbound, event))
            files += [(case_id, conversation, file) for file in event.attachments]
        await self._alarm([(held[event.code].case.id, event.danger) for _c, _i, event in added if event.danger])
        await case_moves.keep(self._tx, [held[event.code].case.id for _c, _i, event in added if event.to_keeper])
        await cases.record(self._tx, steps)
        await self._await_files(files)
        touched = sorted({step.case_id for step in steps})
        await self._index(touched)
        await self._arrive(touched)

    async def _alarm(self, told: list[tuple[int, str]]) -> None:
        """Dangers told in words added to cases: one that nobody was told of rings, the same again does not."""
        if not told:
            return
        earlier = await case_desk.history(self._tx, sorted({case_id for case_id, _danger in told}))
        known = {
            (case_id, step.payload.get("danger", ""))
            for case_id, steps in earlier.items()
            for step in steps
            if step.payload
        }
        rows: list[tuple[dict[str, Any], str | None]] = [
            ({"case": case_id, "danger": danger}, f"{ALARMED}:{case_id}:{danger}")
            for case_id, danger in dict.fromkeys(told)
            if (case_id, danger) not in known
        ]
        await jobs.add(self._tx, ALARMED, rows, self._at)

    async def _arrive(self, case_ids: list[int]) -> None:
        """Nobody sees them until their words were matched against the officials."""
        await cases.unscreen(self._tx, case_ids)
        await jobs.add(self._tx, ARRIVED, [({"case": n}, arrived_key(n)) for n in case_ids], self._at)
        self._tx.ring(case_desk.BELL)

    async def _write_said(self, conversation: Conversation, inbound: Inbound, event: CaseRated | CaseReopened) -> None:
        """A rating or "not done" of who holds that code; anything else is passed over, as a button pressed twice is."""
        held = (await cases.by_codes(self._tx, [event.code])).get(event.code)
        if held is None or held.conversation_id != conversation.id:
            return
        case = held.case
        if isinstance(event, CaseRated):
            await case_moves.rate(self._tx, event.code, event.rating, self._now)
            what, payload, state = "rated", {"rating": event.rating}, None
        elif case.state in case_desk.SETTLED:
            what, payload, state = "reopened", {}, CaseState.RECEIVED.value
            await cases.reopen(self._tx, case.id)
        else:
            return
        salt = hashlib.blake2b(inbound.seed, digest_size=16, person=f"salt:{what}".encode()).hexdigest()
        step = Step(case.id, what, "dan", self._now, salt, payload, conversation.id)
        await cases.record(self._tx, [step], state=state)
        if state:
            await self._arrive([case.id])

    async def _write_cases(self, opened: list[_Opening]) -> list[tuple[int, bool]]:
        """(case, whether it is new) for each opening; those with the key of an open case join it."""
        known = await cases.open_by_join(self._tx, sorted({o.event.join for o in opened if o.event.join}))
        leading: dict[str, int] = {}
        fresh: list[int] = []
        for i, opening in enumerate(opened):
            key = opening.event.join
            if key in known or key in leading:
                continue
            fresh.append(i)
            if key:
                leading[key] = i
        rows = [await self._row(opened[i]) for i in fresh]
        ids = dict(zip(fresh, await cases.add(self._tx, rows), strict=True))
        outcome = []
        for i, opening in enumerate(opened):
            key = opening.event.join
            outcome.append((ids[i], True) if i in ids else (known[key] if key in known else ids[leading[key]], False))
        await cases.add_askers(
            self._tx,
            [
                {
                    "case_id": case_id,
                    "conversation_id": opening.conversation.id,
                    "code": opening.event.code,
                    "pin_hash": pin_hash(self._tx, opening.event.code, opening.event.pin),
                    "asked_at": self._now,
                }
                for opening, (case_id, _is_new) in zip(opened, outcome, strict=True)
            ],
        )
        return outcome

    async def _row(self, opening: _Opening) -> dict[str, Any]:
        event, conversation = opening.event, opening.conversation
        identity = None
        if event.identity and not event.anonymous and not event.seal_to:
            identity = await contacts.add_identity(
                self._tx, opening.contact, conversation.id, event.identity, self._now
            )
        return {
            "code": event.code,
            "kind": event.kind.value,
            "state": CaseState.NEW.value,
            "unit": event.unit,
            "hamlet": event.hamlet,
            "topic": event.topic,
            "entry": event.entry,
            "join_key": event.join or None,
            "conversation_id": conversation.id,
            "identity_id": identity,
            "anonymous": event.anonymous or bool(event.seal_to),
            "about_role": "" if event.seal_to else event.about_role,
            "about_hamlet": "" if event.seal_to else event.about_hamlet,
            # until its keeper settled whom it concerns, nobody else sees a report of wrongdoing
            "custody": _custody(event),
            "opened_at": self._now,
            "updated_at": self._now,
        }

    async def _await_files(self, files: list[tuple[int, Conversation, Attachment]]) -> None:
        """Rows for the files, and a job each that fetches them."""
        rows = [
            {
                "case_id": case_id,
                "conversation_id": conversation.id,
                "kind": file.kind.value,
                "channel": conversation.key.channel,
                "account": conversation.key.account,
                "ref": file.ref,
                "name": file.name,
                "mime": file.mime,
                "size_bytes": file.size_bytes,
                "added_at": self._now,
            }
            for case_id, conversation, file in files
        ]
        ids = await attachments.add(self._tx, rows)
        await jobs.add(
            self._tx,
            attachments.FETCH,
            [({"attachment": number}, attachments.job_key(number)) for number in ids],
            self._at,
        )

    async def _index(self, case_ids: list[int]) -> None:
        """Their words, to be found by officials."""
        told = await cases.words(self._tx, case_ids, FOUND_BY)
        units = await cases.units(self._tx, case_ids)
        await search.put(
            self._tx,
            [
                search.Doc(cases.SEARCHED, str(n), "\n".join(text for _what, text in told[n]), unit=units[n])
                for n in case_ids
            ],
        )

    def _step(
        self, case_id: int, what: str, conversation: Conversation, inbound: Inbound, event: CaseOpened | CaseAdded
    ) -> Step:
        # the salt comes from the turn's seed, so that a replay gives the same chain
        salt = hashlib.blake2b(inbound.seed, digest_size=16, person=f"salt:{what}".encode()).hexdigest()
        payload: dict[str, Any] = {"text": event.text, "files": len(event.attachments)}
        if event.danger:
            payload["danger"] = event.danger
        if isinstance(event, CaseOpened) and event.seal_to:
            told = {"text": event.text, **event.identity, "about": event.about_role, "about_hamlet": event.about_hamlet}
            payload = {"sealed": sealing.seal(event.seal_to, {**told, "code": event.code, "unit": event.unit})}
        return Step(case_id, what, "dan", self._now, salt, payload, conversation.id)
