"""Lets events happen to a conversation, and looks at what came of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import cases as rules
from bot.model.case import CaseKind, CaseView
from bot.model.codes import new_code
from bot.model.events import CaseOpened, Event, Turn
from bot.model.inbound import Attachment, MediaKind
from bot.model.session import Session
from bot.store import Store, conversations
from bot.store.conversations import Conversation
from bot.work import Work
from tests.harness.clock import Hands
from tests.harness.talk import types

PIN = "4711"
OPENED = CaseOpened(
    new_code(b"mot"),
    CaseKind.FEEDBACK,
    "xa-a",
    "Loa đầu thôn rè đã ba hôm",
    pin=PIN,
    hamlet="Đông",
    identity={"ho-ten": "Vàng Thị Mỷ", "dien-thoai": "0912000111"},
    anonymous=False,
    attachments=(Attachment(MediaKind.PHOTO, "file-1", "anh.jpg"),),
)


async def happen(
    store: Store,
    hands: Hands,
    *events: Event,
    chat: str = "7",
    session: Session | None = None,
    channel: str = "telegram",
) -> Conversation:
    inbound = types("…", len(events), chat, channel=channel)
    async with store.write() as tx:
        found = (await conversations.load(tx, [inbound.key], hands.at))[inbound.key]
        work = Work(tx, now=hands.at, at=hands.at)
        work.heard(found, inbound)
        work.took(found, inbound, Turn(session or replace(found.session, turn=found.session.turn + 1), tuple(events)))
        await work.write()
    async with store.read() as tx:
        again = await conversations.find(tx, inbound.key)
    assert again is not None
    return again


async def look(
    store: Store, who: Conversation, code: str, pin: str = "", at: datetime | None = None
) -> CaseView | None:
    async with store.write() as tx:
        return (await rules.by_code(tx, [(who, code, pin)], at or datetime.fromisoformat("2026-11-21T03:00Z")))[
            who.id, code, pin
        ]
