"""What was taken away after a copy was made stays away when the copy is put back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from bot import copies, erasure
from bot.model.inbound import ConversationKey
from bot.store import Store, contacts, conversations, erasures
from bot.store.answer_tables import api_keys
from bot.store.blobs import Blobs
from bot.store.bulletin_tables import bulletins
from bot.store.official_tables import officials
from bot.store.tables import consents
from bot.store.tables import conversations as chats
from bot.store.taken_away import Again

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
LATER = AT + timedelta(days=3)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> Store:
    """A house with two households, an official with a key, a bulletin on the air."""
    house = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    async with house.write() as tx:
        for chat in ("goes", "stays"):
            key = ConversationKey("telegram", "42", chat)
            own = (await conversations.load(tx, [key], AT))[key]
            contact = (await contacts.open_for(tx, [own.id], AT))[own.id]
            await contacts.give(tx, [(contact, own.id, "nhan-tin", "v1")], AT)
        lan = {"login": "lan", "name": "Lan", "state": "active", "created_at": AT}
        await tx.run(insert(officials).values(lan))
        number = await tx.scalar(select(officials.c.id))
        made = {"unit": "", "name": "Cổng tỉnh", "scopes": [], "hash": "0", "created_by": number, "created_at": AT}
        await tx.run(insert(api_keys).values(made))
        row = {"unit": "xa-tu-ky", "air_on": "2026-11-22", "slot_at": "05:30", "priority": "thuong", "profile": "loa"}
        more = {"target_s": 300, "items": [], "state": "published", "created_at": AT, "updated_at": AT}
        await tx.run(insert(bulletins).values({**row, **more}))
    return house


async def _take_away(store: Store) -> None:
    async with store.write() as tx:
        own = await tx.scalar(select(chats.c.id).where(chats.c.chat == "goes"))
        await erasures.ask(tx, own, asked_at=AT, due_at=AT)
        stays = await tx.scalar(select(chats.c.contact_id).where(chats.c.chat == "stays"))
        await contacts.withdraw(tx, stays, "nhan-tin", LATER)
        await tx.run(update(officials).values(state="disabled"))
        await tx.run(update(api_keys).values(revoked=True))
        gone = {"withdrawn_at": LATER, "withdrawn_by": "official:1", "withdrawn_why": "Sai giờ"}
        await tx.run(update(bulletins).values(state="withdrawn", **gone))
    await erasure.erase_due(store, LATER, LATER)
    await erasure.erase_due(store, LATER + timedelta(days=2), LATER + timedelta(days=2))


async def test_what_was_taken_away_stays_away(store: Store, database_url: str, tmp_path: Path) -> None:
    await copies.make(store, tmp_path / "copy", AT)
    await _take_away(store)
    await store.close()
    at = LATER + timedelta(days=3)
    done = await copies.restore(tmp_path / "copy", tmp_path, database_url, at, at)
    assert done.again == Again(chats=1, officials=1, keys=1, bulletins=1, consents=2)
    again = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    async with again.read() as tx:
        assert await tx.scalar(select(officials.c.state)) == "disabled"
        assert await tx.scalar(select(api_keys.c.revoked))
        assert tuple(await tx.one(select(bulletins.c.state, bulletins.c.withdrawn_why))) == ("withdrawn", "Sai giờ")
        assert not await tx.rows(select(consents.c.id).where(consents.c.withdrawn_at.is_(None)))
    # the job that erases does it at its first turn, and tells nobody a second time
    assert await erasure.erase_due(again, at, at) == 1
    async with again.read() as tx:
        named = [row[0] for row in await tx.rows(select(chats.c.chat).order_by(chats.c.id))]
        assert [name.startswith("erased:") for name in named] == [True, False]
        assert await tx.scalar(text("select count(*) from outbox")) == 0
    await again.close()


async def joins(house: Store, chat: str) -> int:
    async with house.write() as tx:
        key = ConversationKey("telegram", "42", chat)
        return (await conversations.load(tx, [key], LATER))[key].id


async def test_an_erasure_that_was_asked_for_is_still_done(store: Store, database_url: str, tmp_path: Path) -> None:
    await copies.make(store, tmp_path / "copy", AT)
    async with store.write() as tx:
        own = await tx.scalar(select(chats.c.id).where(chats.c.chat == "goes"))
        await erasures.ask(tx, own, asked_at=LATER, due_at=LATER + timedelta(days=1))
    await store.close()
    done = await copies.restore(tmp_path / "copy", tmp_path, database_url, LATER, LATER)
    assert done.again
    assert done.again.chats == 1
    again = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    async with again.read() as tx:
        assert await erasures.waiting(tx, own) == LATER + timedelta(days=1)
    await again.close()


async def test_who_changed_their_mind_is_not_erased(store: Store, database_url: str, tmp_path: Path) -> None:
    async with store.write() as tx:
        own = await tx.scalar(select(chats.c.id).where(chats.c.chat == "goes"))
        await erasures.ask(tx, own, asked_at=AT, due_at=AT + timedelta(days=1))
    await copies.make(store, tmp_path / "copy", AT)
    async with store.write() as tx:
        await erasures.cancel(tx, own, AT + timedelta(hours=2))
    await store.close()
    await copies.restore(tmp_path / "copy", tmp_path, database_url, LATER, LATER)
    again = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    async with again.read() as tx:
        assert await erasures.waiting(tx, own) is None
    assert await erasure.erase_due(again, LATER, LATER) == 0
    await again.close()


async def test_nobody_else_is_meant_where_two_copies_were_put_back(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """Copy A, Lan joins, copy B; A is put back, Hoa joins and has all erased; B is put back: Lan is still there."""
    await copies.make(store, tmp_path / "a", AT)
    lan = await joins(store, "lan")
    await copies.make(store, tmp_path / "b", AT)
    await store.close()
    await copies.restore(tmp_path / "a", tmp_path, database_url, AT, AT)
    house = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    hoa = await joins(house, "hoa")
    assert hoa > lan, "a number once given is given to nobody else"
    async with house.write() as tx:
        await erasures.ask(tx, hoa, asked_at=AT, due_at=AT)
    await erasure.erase_due(house, LATER, LATER)
    await erasure.erase_due(house, LATER + timedelta(days=2), LATER + timedelta(days=2))
    await house.close()
    at = LATER + timedelta(days=3)
    await copies.restore(tmp_path / "b", tmp_path, database_url, at, at)
    house = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    assert await erasure.erase_due(house, at, at) == 0
    async with house.read() as tx:
        assert await tx.scalar(select(chats.c.chat).where(chats.c.id == lan)) == "lan"
    await house.close()


async def test_a_copy_in_an_empty_place_cannot_tell(store: Store, tmp_path: Path) -> None:
    await copies.make(store, tmp_path / "copy", AT)
    await store.close()
    new = tmp_path / "new"
    done = await copies.restore(tmp_path / "copy", new, f"sqlite+aiosqlite:///{new / 'loathon.db'}", AT, AT)
    assert done.again is None
