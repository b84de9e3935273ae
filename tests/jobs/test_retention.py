"""What is dropped when it is old, and that a look at it tells the truth."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Text, insert, select, update

from bot.jobs.retention import forget_old, rules
from bot.model.inbound import ConversationKey
from bot.model.session import Session
from bot.store import ClosedError, Store, closing, contacts, conversations, erasures, guesses, inbox, unused
from bot.store.blobs import Blobs
from bot.store.case_tables import case_askers, case_attachments, cases
from bot.store.every_table import TABLES
from bot.store.tables import conversations as conversation_rows
from bot.store.tables import media_handles, outbox, unanswered
from tests.harness.clock import Hands
from tests.harness.talk import key, types

DAYS = {rule.name: rule.days for rule in rules()}


def test_every_rule_says_why() -> None:
    assert all(rule.days > 0 and rule.what and rule.why.endswith(".") for rule in rules())


async def talked(store: Store, at: datetime, *chats: str, session: Session | None = None) -> dict[str, int]:
    """Conversations last active then: their ids."""
    async with store.write() as tx:
        found = await conversations.load(tx, [key(chat) for chat in chats], at)
        ids = {chat: found[key(chat)].id for chat in chats}
        await conversations.save(tx, [(number, session or Session(greeted=True)) for number in ids.values()], at)
    return ids


async def case(store: Store, at: datetime, conversation: int, *, state: str, file: str | None = None) -> None:
    code = f"C{conversation}-{state}"
    async with store.write() as tx:
        row = {"code": code, "kind": "phan-anh", "state": state, "unit": "xa-a", "conversation_id": conversation}
        told = {"anonymous": True, "opened_at": at, "updated_at": at, "head": "", "steps": 0}
        (number,) = await tx.add_numbered(cases, [{**row, **told}])
        asker = {"case_id": number, "conversation_id": conversation, "code": code, "asked_at": at}
        await tx.run(insert(case_askers).values(asker))
        held = {"kind": "photo", "channel": "telegram", "account": "42", "ref": "", "name": "a.jpg", "added_at": at}
        mine = {"case_id": number, "conversation_id": conversation, "sha256": file, "state": "kept"}
        await tx.run(insert(case_attachments).values({**held, **mine}))


def put(store: Store, data: bytes, at: datetime) -> str:
    """A file as if put then."""
    sha256 = store.blobs.put_now(data)
    os.utime(store.blobs.path(sha256), (at.timestamp(), at.timestamp()))
    return sha256


async def filled(store: Store, hands: Hands) -> datetime:
    """A house with some of everything, old enough for every rule at the moment given, and some of it fresh."""
    old = hands.at
    await talked(store, old, "idle", "idle-2")
    ids = await talked(store, old, "asks", "follows", "left", "erased", session=Session(facts={"loai-ho": "ngheo"}))
    await case(store, old, ids["asks"], state="dong", file=put(store, b"of a case", old))
    async with store.write() as tx:
        made = await contacts.open_for(tx, [ids["follows"], ids["left"]], old)
        for number in made.values():
            await contacts.subscribe(tx, number, ["loa"], unit="xa-a", hamlet="", at=old)
        await conversations.mark_gone(tx, [ids["left"]], old)
        await erasures.ask(tx, ids["erased"], asked_at=old, due_at=old)
        await inbox.unseen(tx, [types("a", 1), types("b", 2)], old)
        await inbox.put_aside(tx, key("9"), "{}", "why", old)
        await guesses.add(tx, ["x", "y", "z"], old)
        row = {"conversation_id": ids["asks"], "channel": "telegram", "account": "42", "is_reply": True, "body": {}}
        for state in ("sent", "queued"):
            await tx.run(insert(outbox).values({**row, "state": state, "due_at": old, "created_at": old}))
        await tx.run(insert(unanswered).values(text="?", folded="?", offered=[], at=old))
    put(store, b"never sent", old)
    at = old + timedelta(days=max(DAYS.values()) + 1)
    await talked(store, at, "now", session=Session(facts={"loai-ho": "ngheo"}))
    put(store, b"just sent", at)
    return at


async def test_a_look_tells_what_a_run_does(store: Store, hands: Hands) -> None:
    at = await filled(store, hands)
    before = await everything(store)
    looked = await forget_old(store, at, only_look=True)
    assert await everything(store) == before, "a look changes nothing"
    assert await forget_old(store, at) == looked
    assert looked == {
        "orphans": 1,
        "sessions": 4,
        "seen": 2,
        "put_aside": 1,
        "guesses": 3,
        "messages": 1,
        "recipients": 0,
        "desk_sessions": 0,
        "questions": 1,
        "sound_aired": 0,
        "sound_drafts": 0,
        "sound_voice_notes": 0,
        "sound_pieces": 0,
        "sound_published": 0,
        "sound_bundles": 0,
        "attachments": 1,
        "idle": 3,
    }
    again = await forget_old(store, at, only_look=True)
    assert {name: count for name, count in again.items() if count} == {"orphans": 1}, "the file its case let go of"
    assert (await forget_old(store, at))["orphans"] == 1
    assert [path.read_bytes() for path in store.blobs.each()] == [b"just sent"]


async def everything(store: Store) -> list[Any]:
    found: list[Any] = [sorted(path.name for path in store.blobs.each())]
    async with store.read() as tx:
        for table in TABLES:
            found += [tuple(map(repr, row)) for row in await tx.rows(select(table).order_by(*table.primary_key))]
    return found


async def test_only_who_left_altogether_is_let_go(store: Store, hands: Hands) -> None:
    at = await filled(store, hands)
    await forget_old(store, at)
    async with store.read() as tx:
        left = {row.chat for row in await tx.rows(select(conversation_rows.c.chat))}
    assert {chat for chat in left if not chat.startswith("erased:")} == {"asks", "follows", "erased", "now"}


async def test_one_chat_in_use_keeps_the_person(store: Store, hands: Hands) -> None:
    old = hands.at
    ids = await talked(store, old, "phone", "web")
    at = old + timedelta(days=DAYS["idle"] + 1)
    async with store.write() as tx:
        made = await contacts.open_for(tx, [ids["phone"]], old)
        await tx.run(update(conversation_rows).values(contact_id=made[ids["phone"]]))
        found = await conversations.lock_ids(tx, [ids["web"]])
        await conversations.save(tx, [(found[0].id, found[0].session)], at)
    assert (await forget_old(store, at))["idle"] == 0
    assert (await forget_old(store, at + timedelta(days=DAYS["idle"] + 1)))["idle"] == 1, "one person, two chats"


async def test_a_case_still_open_keeps_its_files(store: Store, hands: Hands) -> None:
    ids = await talked(store, hands.at, "a", "b")
    await case(store, hands.at, ids["a"], state="dang-xu-ly", file="a" * 64)
    await case(store, hands.at, ids["b"], state="da-tra-loi", file="b" * 64)
    at = hands.at + timedelta(days=DAYS["attachments"] + 1)
    assert (await forget_old(store, at))["attachments"] == 1
    async with store.read() as tx:
        assert [row[0] for row in await tx.rows(select(case_attachments.c.sha256).order_by("id"))] == ["a" * 64, None]


@pytest.mark.parametrize("off_days", [2, 9, 400])
async def test_however_long_the_machine_was_off(store: Store, hands: Hands, off_days: int) -> None:
    told = Session(facts={"loai-ho": "ngheo"})
    await talked(store, hands.at, "0", session=told)
    hands.move(days=2)
    assert (await forget_old(store, hands.at))["sessions"] == 1
    await talked(store, hands.at, "1", "2", session=told)
    hands.move(days=off_days)
    assert (await forget_old(store, hands.at))["sessions"] == 2


async def test_many_at_one_moment(store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.jobs.retention._AT_ONCE", 3)
    monkeypatch.setattr("bot.jobs.retention._PEOPLE_AT_ONCE", 3)
    told = Session(facts={"loai-ho": "ngheo"})
    for hour, chats in enumerate(("abcdefgh", "ij", "klmnopq")):
        await talked(store, hands.at + timedelta(hours=hour), *chats, session=told)
    at = hands.at + timedelta(days=2)
    assert (await forget_old(store, at, only_look=True))["sessions"] == 17
    assert (await forget_old(store, at))["sessions"] == 17
    async with store.read() as tx:
        held = {row[0] for row in await tx.rows(select(conversation_rows.c.session.cast(Text)))}
    assert held == {"{}"}
    late = hands.at + timedelta(days=DAYS["idle"] + 1)
    assert (await forget_old(store, late, only_look=True))["idle"] == (await forget_old(store, late))["idle"] == 17


NAMED = "c" * 64


async def name_in(store: Store, column: str) -> None:
    at = datetime.fromisoformat("2026-01-01T00:00:00Z")
    ids = await talked(store, at, "a")
    async with store.write() as tx:
        match column:
            case "mailbox":
                row = {"conversation_id": ids["a"], "channel": "web", "account": "site", "is_reply": False}
                body = {"media": {"sha256": NAMED, "kind": "photo"}}
                await tx.run(
                    insert(outbox).values({**row, "state": "sent", "body": body, "due_at": at, "created_at": at})
                )
            case "form":
                session = {"run": {"flow": "f", "answers": [["tep", {"files": [{"ref": NAMED}]}]]}}
                await tx.run(update(conversation_rows).values(session=session))
            case "put aside":
                await inbox.put_aside(tx, ConversationKey("web", "site", "a"), f'{{"ref":"{NAMED}"}}', "why", at)
            case "handle":
                row = {"channel": "t", "account": "4", "kind": "photo", "sha256": NAMED, "handle": "x"}
                await tx.run(insert(media_handles).values(row))
    if column == "waiting":
        await case(store, at, ids["a"], state="moi")
        async with store.write() as tx:
            await tx.run(update(case_attachments).values(ref=NAMED, state="waiting"))


@pytest.mark.parametrize("column", ["mailbox", "form", "put aside", "handle", "waiting"])
async def test_a_file_named_anywhere_stays(store: Store, column: str) -> None:
    await name_in(store, column)
    async with store.read() as tx:
        assert await unused.named(tx, [NAMED, "d" * 64]) == {NAMED}


def test_every_text_of_every_table_is_looked_at() -> None:
    """A column that holds names of files cannot be forgotten: whatever holds text is looked at, but for mere records."""
    for table in TABLES:
        exact, within = unused.naming(table)
        looked_at = {column.name for column in (*exact, *within)}
        texts = {c.name for c in table.columns if "TEXT" in str(c.type.compile()) or "sha256" in c.name}
        records = {name.removeprefix(f"{table.name}.") for name in unused.RECORDS if name.startswith(f"{table.name}.")}
        assert texts == looked_at | records, table.name


async def test_files_stay_while_another_database_may_name_them(store: Store, hands: Hands, tmp_path: Path) -> None:
    put(store, b"leaflet", hands.at - timedelta(days=90))
    (tmp_path / "aside-20261121-030000").mkdir()
    assert (await forget_old(store, hands.at))["orphans"] == 0
    (tmp_path / "aside-20261121-030000").rmdir()
    await closing.close_for_good(store)
    with pytest.raises(ClosedError):
        await forget_old(store, hands.at)
    await closing.reopen(store)
    assert (await forget_old(store, hands.at))["orphans"] == 1


async def test_a_file_put_again_is_young_again(store: Store, hands: Hands) -> None:
    old = hands.at - timedelta(days=90)
    sha256 = put(store, b"leaflet", old)
    hands.move(days=-31)
    assert await unused.unused(store, hands.at) == [sha256]
    assert await store.blobs.put(b"leaflet") == sha256
    assert await unused.unused(store, hands.at) == []


async def test_a_file_put_while_it_is_taken_away_stays(
    store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the removal the same bytes are uploaded: whoever was told that they are here finds them."""
    sha256 = put(store, b"leaflet", hands.at - timedelta(days=90))
    move = Path.replace

    def put_first(self: Path, target: Path) -> Path:
        if target.name.startswith(".leaving-"):
            monkeypatch.undo()
            assert store.blobs.put_now(b"leaflet") == sha256
        return move(self, target)

    monkeypatch.setattr(Path, "replace", put_first)
    assert await unused.take_away(store, hands.at - timedelta(days=31)) == 0
    assert await store.blobs.get(sha256) == b"leaflet"


async def test_uploads_and_the_collector_at_once(sqlite_store: Store, hands: Hands) -> None:
    """However they meet, a file that was said to be kept after the last look is there."""
    blobs = sqlite_store.blobs
    datas = [bytes([number]) * 9 for number in range(20)]
    for data in datas:
        put(sqlite_store, data, hands.at - timedelta(days=90))
    before = hands.at.timestamp() - 86400 * 31

    async def take(data: bytes) -> None:
        await asyncio.to_thread(blobs.drop_put_before, hashlib.sha256(data).hexdigest(), before)

    await asyncio.gather(*(work for data in datas for work in (take(data), blobs.put(data), take(data))))
    for data in datas:
        assert await blobs.get(hashlib.sha256(data).hexdigest()) == data
    assert not list(blobs.folder.glob("*/.leaving-*"))


async def test_only_so_many_are_looked_for_at_once(store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused, "MOST", 4)
    old = hands.at - timedelta(days=90)
    names = [put(store, bytes([number]), old + timedelta(seconds=number)) for number in range(10)]
    ids = await talked(store, old, "a")
    await case(store, old, ids["a"], state="moi", file=names[1])
    assert await unused.unused(store, hands.at) == [names[0], *names[2:5]]
    assert [await unused.take_away(store, hands.at) for _ in range(4)] == [4, 4, 1, 0]


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    assert not Blobs(tmp_path).drop_put_before("e" * 64, 0)
