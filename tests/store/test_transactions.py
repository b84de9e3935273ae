"""Transactions mean the same on both databases."""

from __future__ import annotations

import asyncio
import re
import traceback
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bot.model.inbound import ConversationKey, Inbound, InboundKind
from bot.model.session import Run, Session
from bot.store import RefusedError, Store, bell, conversations, guesses, inbox, leases
from bot.store.tables import meta

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def inbound(number: int, chat: str = "7") -> Inbound:
    key = ConversationKey("telegram", "42", chat)
    return Inbound(key, f"m:{chat}:{number}", InboundKind.TEXT, AT, bytes(16), text="chào")


async def test_read_then_write_loses_nothing(store: Store) -> None:
    async def add_one(times: int) -> None:
        for _ in range(times):
            async with store.write() as tx:
                held = await tx.one(meta.select().where(meta.c.name == "count").with_for_update())
                await tx.run(meta.update().where(meta.c.name == "count").values(value=str(int(held.value) + 1)))

    async with store.write() as tx:
        await tx.add(meta, [{"name": "count", "value": "0"}])
    await asyncio.gather(*(add_one(10) for _ in range(4)))
    async with store.read() as tx:
        assert (await tx.one(meta.select().where(meta.c.name == "count"))).value == "40"


async def test_an_exception_leaves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as tx:
            await tx.add(meta, [{"name": "gone", "value": "1"}])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.read() as tx:
        assert await tx.one(meta.select().where(meta.c.name == "gone")) is None


async def test_a_taken_key_is_refused(store: Store) -> None:
    async def add() -> None:
        async with store.write() as tx:
            await tx.add(meta, [{"name": "once", "value": "1"}])

    await add()
    with pytest.raises(RefusedError):
        await add()


async def test_a_broken_reference_is_refused(store: Store) -> None:
    async def refer_to_nobody() -> None:
        async with store.write() as tx:
            await conversations.load(tx, [ConversationKey("web", "x", "1")], AT)
            await tx.connection.exec_driver_sql("update conversations set contact_id = 99")

    with pytest.raises(RefusedError):
        await refer_to_nobody()


async def test_a_moment_without_zone_is_refused(store: Store) -> None:
    async def add() -> None:
        async with store.write() as tx:
            await guesses.add(tx, ["x"], datetime(2026, 1, 1))  # noqa: DTZ001

    with pytest.raises(RefusedError):
        await add()


async def test_keys_are_taken_once(store: Store) -> None:
    async with store.write() as tx:
        fresh = await inbox.unseen(tx, [inbound(1), inbound(2), inbound(1)], AT)
    assert [i.external_id for i in fresh] == ["m:7:1", "m:7:2"]
    async with store.write() as tx:
        assert [i.external_id for i in await inbox.unseen(tx, [inbound(2), inbound(3)], AT)] == ["m:7:3"]
        assert await inbox.unseen(tx, [], AT) == []


async def test_sessions_come_back_as_they_went(store: Store) -> None:
    session = Session(
        unit="xa-a",
        facts={"loai-ho": "ngheo", "so-nguoi": 4},
        run=Run("phan-anh", "r1", (("noi-dung", "Loa rè"), ("tep", {"files": []}))),
        offered=("m", "t"),
        wrong_tries=(AT,),
        seen_at=AT,
    )
    keys = [ConversationKey("web", "site", chat) for chat in ("b", "a", "c")]
    async with store.write() as tx:
        found = await conversations.load(tx, keys, AT)
        assert sorted(c.id for c in found.values()) == [c.id for c in sorted(found.values(), key=lambda c: c.id)]
        await conversations.save(tx, [(found[keys[0]].id, session)], AT)
    async with store.write() as tx:
        again = await conversations.load(tx, keys, AT)
    assert again[keys[0]].session == session
    assert again[keys[1]].session == Session()
    assert again[keys[0]].id == found[keys[0]].id


async def test_a_bell_rings_after_the_commit(store: Store) -> None:
    async with store.bell.ear(bell.JOBS) as ear, store.bell.ear("other") as other:
        async with store.write() as tx:
            tx.ring(bell.JOBS)
            assert not await ear.heard(0.01)
        assert await ear.heard(5)
        assert not await other.heard(0.01)


@pytest.mark.postgres
async def test_a_bell_rings_in_other_processes(postgres_databases, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from bot.store.blobs import Blobs

    url = await asyncio.to_thread(postgres_databases.fresh)
    here, there = await Store.open(url, Blobs(tmp_path)), await Store.open(url, Blobs(tmp_path))
    await there.bell.listen()
    async with there.bell.ear("jobs") as ear:
        async with here.write() as tx:
            tx.ring("jobs")
        assert await ear.heard(5)
    await here.close()
    await there.close()


async def test_one_holder_at_a_time(store: Store) -> None:
    async with store.write() as tx:
        assert await leases.take(tx, "telegram:42", "here", AT) == 1
        assert await leases.take(tx, "telegram:42", "here", AT) == 1
        assert await leases.take(tx, "telegram:42", "there", AT) is None
        assert await leases.held(tx, "telegram:42", "here", 1)
        await leases.leave(tx, "telegram:42", "here", AT)
    async with store.write() as tx:
        await leases.take(tx, "telegram:42", "there", AT, force=True)
        assert not await leases.held(tx, "telegram:42", "here", 1)


async def test_wrong_tries_are_counted(store: Store) -> None:
    async with store.write() as tx:
        who = guesses.digest(tx, "tries", "web:site:7")
        await guesses.add(tx, [who, who], AT)
        assert await guesses.since(tx, [who, "nobody"], datetime(2026, 1, 1, tzinfo=UTC)) == {who: 2}
        assert await guesses.since(tx, [], AT) == {}
        assert await guesses.forget(tx, datetime(2027, 1, 1, tzinfo=UTC)) == 2


async def _refused(store: Store, statement: str, *values: object) -> tuple[Exception, str]:
    """What a refused statement leaves: the error and all that a log would print of it."""

    async def run() -> None:
        async with store.write() as tx:
            names = [f":v{number}" for number in range(len(values))]
            told = {f"v{number}": value for number, value in enumerate(values)}
            await tx.connection.execute(text(statement.format(*names)), told)

    with pytest.raises(RefusedError) as caught:
        await run()
    return caught.value, "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "statement",
    [
        # a broken reference, a missing column, a taken key: PostgreSQL prints the row, SQLAlchemy the parameters
        "insert into case_hidden (case_id, official_id, why) values (1, 99, {0})",
        "insert into meta (name, value) values ({0}, null)",
        "insert into meta (name, value) select name, {0} from meta where name = 'key'",
    ],
)
async def test_a_refused_row_is_not_printed(store: Store, statement: str) -> None:
    error, printed = await _refused(store, statement, "Nhà bà Sáu cạnh đình nợ lãi")
    assert "bà Sáu" not in printed
    assert "\n" not in str(error)
    assert re.search(r"(?i)null|foreign key|unique", str(error)), "what was wrong is still told"
    assert "insert into" in str(error), "and where"


async def test_a_value_the_driver_refuses_is_not_printed(store: Store) -> None:
    if store.dialect == "postgresql":
        # the driver wants a number; the database cannot read one; both quote what they got
        _, printed = await _refused(store, "select cast({0} as bigint)", "Nhà bà Sáu")
        assert "bà Sáu" not in printed
        _, printed = await _refused(store, "select cast(cast({0} as text) as bigint)", "Nhà bà Sáu")
        assert "bà Sáu" not in printed
    _, printed = await _refused(store, "select {0}", _Odd())
    assert "bà Sáu" not in printed


class _Odd:
    """Nothing a driver takes."""

    def __repr__(self) -> str:
        return "Nhà bà Sáu"
