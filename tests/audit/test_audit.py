"""Nothing that was written down can be changed, left out or cut off unseen."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot import audit as whole
from bot import cli_audit
from bot.settings import Settings
from bot.store import Store, Tx, audit, ledger, schema
from bot.store.blobs import Blobs
from bot.store.official_tables import audit as table
from tests.harness.clock import Hands
from tests.harness.happenings import OPENED, happen


async def write(store: Store, hands: Hands, count: int = 4) -> None:
    for number in range(1, count + 1):
        hands.move(seconds=1)
        async with store.write() as tx:
            await audit.note(
                tx,
                "official:7",
                f"did-{number}",
                f"policies:bhyt-{number}:xa-a",
                at=hands.at,
                detail={"document": "45/UBND", "told": number},
                before={"a": number},
                after=["b", "ạ"],
            )


async def test_lines_are_chained_and_hold(store: Store, hands: Hands) -> None:
    await write(store, hands)
    async with store.read() as tx:
        assert await audit.broken(tx) is None
        assert (await audit.head(tx))[0] == 4
        first = (await audit.page(tx))[-1]
    assert (first.step, first.who, first.what) == (1, "official:7", "did-1")
    assert len(first.before_hash) == 64
    assert first.before_hash != first.after_hash
    verdict = await whole.verify(store)
    assert (verdict.lines, verdict.fault) == (4, "")


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ("update audit set what = 'did-0' where step = 2", 2),
        ("update audit set who = 'official:8' where step = 1", 1),
        ("update audit set ref = ref || ' ' where step = 3", 3),
        ("update audit set detail = replace(detail, '45', '46') where step = 4", 4),
        ("update audit set before_hash = '' where step = 2", 2),
        ("update audit set after_hash = before_hash where step = 2", 2),
        ("update audit set at = (select at from audit where step = 1) where step = 2", 2),
        ("update audit set hash = (select hash from audit where step = 1) where step = 2", 2),
        ("delete from audit where step = 2", 2),
        ("delete from audit where step = 1", 1),
        ("delete from audit where step = 4", 4),
        ("delete from audit", 1),
    ],
)
async def test_a_change_is_named(store: Store, hands: Hands, change: str, step: int) -> None:
    await write(store, hands)
    async with store.engine.connect() as connection:
        await connection.execute(text(change))
        fault = await audit.broken(Tx(connection, b""))
        await connection.rollback()
    assert fault is not None
    assert fault.step == step


async def test_the_ledger_holds_the_end_of_every_chain(store: Store, hands: Hands) -> None:
    await write(store, hands)
    await happen(store, hands, OPENED)
    await whole.seal(store, hands.at)
    await whole.seal(store, hands.at)
    await write(store, hands, 2)
    await whole.seal(store, hands.at)
    async with store.read() as tx:
        assert await ledger.count(tx) == 2, "nothing moved: nothing is written"
        assert await ledger.broken(tx) is None
    for changes, chain in (
        # an audit cut off with its head set back, and a case that vanished whole
        (
            (
                "delete from audit where step > 5",
                "update meta set value = '5:' || (select hash from audit where step = 5) where name = 'audit'",
            ),
            "audit",
        ),
        (
            (
                "delete from case_askers",
                "delete from case_attachments",
                "delete from case_history",
                "delete from cases",
            ),
            f"case:{OPENED.code}",
        ),
        (("update ledger set heads = replace(heads, '4', '5') where id = 1",), ""),
    ):
        async with store.engine.connect() as connection:
            for change in changes:
                await connection.execute(text(change))
            fault = await ledger.broken(Tx(connection, b""))
            await connection.rollback()
        assert fault is not None
        assert fault.chain == chain


async def test_two_who_write_at_once_make_one_chain(store: Store, hands: Hands) -> None:
    await asyncio.gather(*(write(store, hands, 5) for _ in range(4)))
    async with store.read() as tx:
        assert await audit.broken(tx) is None
        assert (await audit.head(tx))[0] == 20


async def test_lines_are_filtered(store: Store, hands: Hands) -> None:
    start = hands.at
    await write(store, hands)
    async with store.read() as tx:
        assert [x.what for x in await audit.page(tx, limit=2)] == ["did-4", "did-3"]
        older = await audit.page(tx, before=(await audit.page(tx, limit=2))[-1].id)
        assert [x.what for x in older] == ["did-2", "did-1"]
        assert [x.what for x in await audit.page(tx, ref="policies:bhyt-3")] == ["did-3"]
        assert await audit.page(tx, ref="policies:%") == []
        assert await audit.page(tx, who="official:8") == []
        assert [x.what for x in await audit.page(tx, what="did-1", since=start, until=hands.at)] == ["did-1"]
        assert await audit.kinds(tx) == ["did-1", "did-2", "did-3", "did-4"]


async def test_verify_names_the_row_after_one_byte_was_flipped(tmp_path: Path, hands: Hands) -> None:
    settings = Settings.from_env({"LOATHON_DATA_DIR": str(tmp_path)})
    await schema.migrate(settings.database_url)
    store = await Store.open(settings.database_url, Blobs(tmp_path / "blobs"))
    await write(store, hands)
    async with store.read() as tx:
        row = (await tx.one(table.select().where(table.c.step == 3))).id
    await store.checkpoint(cut=True)
    await store.close()
    out = io.StringIO()
    assert await cli_audit.verify(settings, out) == 0
    assert "4 dòng" in out.getvalue()
    path = tmp_path / "loathon.db"
    raw = bytearray(path.read_bytes())
    place = raw.index(b"did-3policies")
    raw[place + 4] ^= 1
    path.write_bytes(bytes(raw))
    out = io.StringIO()
    assert await cli_audit.verify(settings, out) == 1
    assert f"dòng mã {row}" in out.getvalue()


async def test_lines_written_before_the_chain_become_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    plain = sqlite3.connect(path)
    for number in range(3):
        plain.execute(
            "insert into audit (at, who, what, ref, detail) values (?, 'may', 'erased', ?, '{\"files\":2}')",
            (f"2026-11-2{number} 03:00:00.000000", str(number)),
        )
    plain.commit()
    plain.close()
    url = f"sqlite+aiosqlite:///{path}"
    assert await schema.migrate(url) == "0001"
    store = await Store.open(url, Blobs(tmp_path))
    async with store.read() as tx:
        assert await audit.broken(tx) is None
        assert (await audit.head(tx))[0] == 3
    await store.close()
