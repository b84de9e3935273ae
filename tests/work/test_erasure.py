"""Erasure: everything goes, what stays is told, others keep theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.erasure import erase_due
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.model.events import (
    CaseOpened,
    ConsentGiven,
    ErasureAsked,
    ErasureCancelled,
    ProfileSaved,
    QuestionUnanswered,
    Said,
    Turn,
)
from bot.model.inbound import ConversationKey, Inbound
from bot.model.outbound import Outbound
from bot.model.session import Session
from bot.store import (
    Store,
    attachments,
    cases,
    contacts,
    conversations,
    erasures,
    outbox,
    search,
    tables,
)
from bot.work import Work
from tests.harness.clock import Hands
from tests.harness.happenings import OPENED, happen, look
from tests.harness.talk import types


async def everything(store: Store) -> str:
    """All that any table holds, as one text."""
    async with store.read() as tx:
        held: list[Any] = []
        for table in tables.metadata.sorted_tables:
            held += await tx.rows(select(table))
        return repr(held)


async def erase(store: Store, hands: Hands) -> int:
    """Both steps: the farewell, then the erasure."""
    await erase_due(store, hands.at, hands.at)
    async with store.write() as tx:
        await tx.run(tables.outbox.update().where(tables.outbox.c.state == "queued").values(state="sent"))
    hands.move(minutes=1)
    return await erase_due(store, hands.at, hands.at)


async def test_erasure_takes_everything(store: Store, hands: Hands) -> None:
    who = await happen(
        store,
        hands,
        ConsentGiven("luu-ho-so", "v1"),
        OPENED,
        QuestionUnanswered("Loa rè thì sao"),
        ProfileSaved({"loai-ho": "ngheo-rieng"}),
        session=Session(hamlet="Thôn Riêng", asked="lời riêng"),
        chat="chat-0912",
    )
    sha256 = await store.blobs.put(b"anh rieng")
    async with store.write() as tx:
        await attachments.keep(tx, 1, sha256=sha256, mime="image/jpeg", size_bytes=9)
        await tx.add(
            tables.quarantine,
            [
                {
                    "channel": "telegram",
                    "account": "42",
                    "chat": "chat-0912",
                    "why": "x",
                    "raw": "Mỷ 0912000111",
                    "at": hands.at,
                }
            ],
        )
    await happen(store, hands, ErasureAsked(hands.at + timedelta(hours=24)), chat="chat-0912")
    assert await erase(store, hands) == 0, "a day to change one's mind"
    hands.move(hours=24)
    assert await erase(store, hands) == 1
    held = await everything(store)
    for private in (
        "Mỷ",
        "0912",
        "Loa đầu thôn",
        "loa dau thon",
        "lời riêng",
        "Riêng",
        "ngheo-rieng",
        "file-1",
        "anh.jpg",
        sha256,
    ):
        assert private not in held, private
    assert not store.blobs.path(sha256).exists()
    async with store.read() as tx:
        assert await cases.count(tx) == 1
        assert await cases.broken(tx, OPENED.code) is None, "the chain holds without its words"
        assert await search.find(tx, "loa re", kinds=["case"]) == []
        assert await erasures.waiting(tx, who.id) is None
        agreed = await contacts.agreed(tx, who.contact_id or 0)
    assert all(c.withdrawn_at for c in agreed)
    again = await happen(store, hands, chat="chat-0912")
    assert again.id != who.id


async def test_what_was_erased_is_not_in_the_file(sqlite_store: Store, hands: Hands) -> None:
    words = "Câu chuyện không ai được đọc lại"
    await happen(sqlite_store, hands, replace(OPENED, text=words), Said(Outbound(words)), chat="9")
    await sqlite_store.checkpoint()
    file = str(sqlite_store.engine.url.database)
    folder = sqlite_store.blobs.folder.parent

    def files() -> bytes:
        return b"".join(path.read_bytes() for path in folder.glob("*.db*"))

    assert file
    assert words.encode() in files()
    await happen(sqlite_store, hands, ErasureAsked(hands.at), chat="9")
    assert await erase(sqlite_store, hands) == 1
    for spelled in (words, "cau chuyen khong ai"):
        assert spelled.encode() not in files()


async def test_a_change_of_mind(store: Store, hands: Hands) -> None:
    who = await happen(store, hands, OPENED, ErasureAsked(hands.at + timedelta(hours=24)), ErasureCancelled())
    hands.move(hours=25)
    assert await erase(store, hands) == 0
    own = await look(store, who, OPENED.code)
    assert own is not None
    assert own.question == OPENED.text


async def test_the_calendar_does_not_hasten_erasure(store: Store, hands: Hands) -> None:
    calendar = hands.at + timedelta(days=400)
    inbound: Inbound = types("xóa")
    async with store.write() as tx:
        found = (await conversations.load(tx, [inbound.key], hands.at))[inbound.key]
        work = Work(tx, now=calendar, at=hands.at)
        work.took(found, inbound, Turn(Session(), (ErasureAsked(calendar + timedelta(hours=24)),)))
        await work.write()
    async with store.read() as tx:
        assert await erasures.waiting(tx, found.id) == hands.at + timedelta(hours=24)


async def test_others_who_joined_keep_their_words(store: Store, hands: Hands) -> None:
    def ask(name: str) -> CaseOpened:
        return CaseOpened(new_code(name.encode()), CaseKind.CONFIRM_ENTRY, "xa-a", f"lời {name}", join="entry:e:xa-a")

    first, second = ask("a"), ask("b")
    await happen(store, hands, first, ErasureAsked(hands.at))
    other = await happen(store, hands, second, chat="8")
    assert await erase(store, hands) == 1
    view = await look(store, other, second.code)
    assert view is not None
    assert view.question == "lời b"
    async with store.read() as tx:
        assert await cases.broken(tx, second.code) is None


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_who_erased_is_told_first(sqlite_store: Store, hands: Hands, channel: str) -> None:
    where = ConversationKey(channel, "42", "7")
    await happen(sqlite_store, hands, ErasureAsked(hands.at), channel=channel)
    assert await erase_due(sqlite_store, hands.at, hands.at) == 0
    async with sqlite_store.read() as tx:
        assert [x.outbound.said for x in await outbox.mailbox(tx, where) if not x.is_mine] == ["erasure/done"]
    hands.move(minutes=1)
    waits = channel == "telegram"
    assert await erase_due(sqlite_store, hands.at, hands.at) == (0 if waits else 1), "the farewell must go out first"
    hands.move(hours=2)
    assert await erase_due(sqlite_store, hands.at, hands.at) == (1 if waits else 0)
