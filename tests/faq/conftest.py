"""A commune on both databases: households that write through the real engine, officials who answer and approve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot import engine, faq
from bot.casework import answers, arrivals
from bot.casework.handling import Act
from bot.casework.sight import eye
from bot.check.ear import left_over
from bot.editing import drafts, publishing
from bot.editing.checks import GAP
from bot.editing.publishing import Outcome
from bot.engine.index import understanding_of
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.model.events import CaseOpened
from bot.model.inbound import InboundKind
from bot.model.official import Official
from bot.model.outbound import Outbound
from bot.runner.handle import Handler
from bot.runner.shelf import Shelf
from bot.store import Store, case_desk, outbox
from bot.store.edits import Edit
from tests.harness.clock import Hands
from tests.harness.happenings import happen
from tests.harness.officials import ON, UNIT, made, role
from tests.harness.talk import key, types

CONTENT = Path(__file__).parents[2] / "content"
UNREAD = left_over
QUESTION = "bao giờ xã tiêm phòng trâu bò vậy"
ANSWER = "Thứ bảy tuần này xã tiêm phòng trâu bò ở sân thôn. Bà con dắt ra trước bảy giờ sáng."


def filled(edit: Edit) -> dict[str, str]:
    """What an official writes where the draft has a gap."""
    gaps = {name: text for name, text in edit.body.items() if isinstance(text, str) and GAP in text}
    own = {"title": "Bao giờ xã tiêm phòng trâu bò?", "short": "Tiêm phòng trâu bò"}
    return {name: own.get(name, text.replace(f"{GAP}?", own["title"])) for name, text in gaps.items()}


@dataclass
class Commune:
    """Everybody of one commune."""

    store: Store
    shelf: Shelf
    hands: Hands
    number: int = 0

    async def official(self, login: str, name: str, unit: str = UNIT) -> Official:
        one = await made(self.store, self.shelf.library, self.hands, login, role(name, unit))
        await self.catch_up()
        return one

    async def catch_up(self) -> None:
        await arrivals.catch_up(self.store, self.shelf.library, now=self.hands.at, at=self.hands.at)

    async def writes(self, text: str, chat: str, *, press: str = "", unit: str = UNIT) -> list[Outbound]:
        """A household writes or presses; what it is answered."""
        self.number += 1
        handler = Handler(self.store, self.shelf, engine.advance, self.hands.clock, unit_of=lambda _key: unit)
        inbound = types(text, self.number, chat, channel="web")
        if press:
            inbound = replace(inbound, kind=InboundKind.PRESS, text="", press=press)
        before = len(await self.mailbox(chat))
        await handler.take([inbound])
        return (await self.mailbox(chat))[before:]

    async def mailbox(self, chat: str) -> list[Outbound]:
        async with self.store.read() as tx:
            letters = await outbox.mailbox(tx, key(chat, "web"), limit=200)
        return [letter.outbound for letter in letters if not letter.is_mine]

    async def answered_case(
        self, who: Official, chat: str, text: str, told: str, kind: CaseKind = CaseKind.QUESTION
    ) -> int:
        """A household's case that got this answer; its id."""
        self.number += 1
        code = new_code(f"{self.number}".encode())
        await happen(self.store, self.hands, CaseOpened(code, kind, UNIT, text), chat=chat, channel="web")
        await self.catch_up()
        seeing = eye(who, self.shelf.library)
        async with self.store.write() as tx:
            case = await case_desk.one(tx, seeing, code)
            assert case is not None
            act = Act(seeing, self.shelf.library, code, case.steps, self.hands.at, self.hands.at)
            await answers.answer(tx, act, told)
        return case.id

    async def drafted(self, who: Official, case_id: int) -> Edit:
        async with self.store.write() as tx:
            return await faq.from_case(tx, who, self.shelf.library, case_id, at=self.hands.at)

    async def published(self, writer: Official, chair: Official, edit: Edit, **changes: object) -> Outcome:
        """Handed in by one, with its gaps filled, approved by another; the library serves it."""
        library = self.shelf.library
        changes = {**filled(edit), **changes}
        async with self.store.write() as tx:
            edit = await drafts.save(tx, writer, edit.id, edit.version, changes, at=self.hands.at)
            edit = await drafts.submit(
                tx, writer, library, edit.id, edit.version, unread=UNREAD, on=ON, at=self.hands.at
            )
        async with self.store.read() as tx:
            also = await faq.asked_alike(tx, understanding_of(library), edit.id)
        async with self.store.write() as tx:
            outcome = await publishing.approve(
                tx,
                chair,
                library,
                edit.id,
                edit.version,
                unread=UNREAD,
                also=also,
                now=self.hands.at,
                at=self.hands.at,
            )
        await self.shelf.catch_up()
        return outcome


@pytest.fixture
async def commune(store: Store, hands: Hands) -> Commune:
    """On both databases."""
    return Commune(store, await Shelf.open(store, CONTENT), hands)
