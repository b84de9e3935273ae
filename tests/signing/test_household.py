"""The whole way, through the real conversation: a household asks, asks the commune to confirm, an official signs."""

from __future__ import annotations

from dataclasses import replace

from bot import engine, signing
from bot.model.inbound import Inbound, InboundKind
from bot.model.outbound import Outbound
from bot.runner.handle import Handler
from bot.runner.shelf import Shelf
from bot.store import Store, outbox
from tests.harness.clock import Hands
from tests.harness.officials import ON, made, role
from tests.harness.talk import key, types
from tests.signing.conftest import ENTRY


class Household:
    """One household in the web chat."""

    def __init__(self, store: Store, shelf: Shelf, hands: Hands, chat: str) -> None:
        self._store, self._chat, self._number = store, chat, 0
        self._handler = Handler(store, shelf, engine.advance, hands.clock, unit_of=lambda _key: ENTRY.unit or "")

    async def writes(self, text: str) -> list[Outbound]:
        return await self._take(types(text, self._next(), self._chat, channel="web"))

    async def presses(self, what: str) -> list[Outbound]:
        typed = types("", self._next(), self._chat, channel="web")
        return await self._take(replace(typed, kind=InboundKind.PRESS, text="", press=what))

    async def mailbox(self) -> list[Outbound]:
        async with self._store.read() as tx:
            letters = await outbox.mailbox(tx, key(self._chat, "web"), limit=200)
        return [letter.outbound for letter in letters if not letter.is_mine]

    async def _take(self, inbound: Inbound) -> list[Outbound]:
        before = len(await self.mailbox())
        await self._handler.take([inbound])
        return (await self.mailbox())[before:]

    def _next(self) -> int:
        self._number += 1
        return self._number


async def test_the_next_answer_shows_the_signature(store: Store, hands: Hands, shelf: Shelf) -> None:
    home = Household(store, shelf, hands, "nha-a")
    first = (await home.presses(f"e:{ENTRY.id}"))[-1]
    assert "cần xã xác nhận" in first.text
    ask = next(button.press for button in first.buttons if button.press.startswith("f:nho-xa-xac-nhan"))
    consent = (await home.presses(ask))[-1]
    await home.presses(next(button.press for button in consent.buttons))
    chair = await made(store, shelf.library, hands, "chu-tich", role("lanh-dao"))
    async with store.write() as tx:
        waiting = await signing.waiting(tx, chair, shelf.library, ON, ENTRY.unit or "")
        assert (waiting[0].id, waiting[0].askers) == (ENTRY.id, 1)
        paper = await signing.look(tx, chair, shelf.library, ENTRY, ON)
        told = await signing.sign(
            tx,
            chair,
            shelf.library,
            ENTRY,
            text_hash=paper.text_hash,
            document="45/UBND-VX",
            now=hands.at,
            at=hands.at,
        )
    assert told == 1
    assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in (await home.mailbox())[-1].text
    await shelf.catch_up()
    again = (await home.presses(f"e:{ENTRY.id}"))[-1]
    assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in again.text
    assert "cần xã xác nhận" not in again.text
    assert not [button for button in again.buttons if button.press.startswith("f:nho-xa-xac-nhan")]
