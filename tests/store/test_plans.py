"""What runs at every message must not read whole tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from bot.model.broadcast import BroadcastState
from bot.model.outbound import Outbound
from bot.model.session import Session
from bot.store import (
    Store,
    Tx,
    broadcasts,
    cases,
    conversations,
    guesses,
    inbox,
    jobs,
    leases,
    media,
    outbox,
    overlay,
    recipients,
)
from bot.store.outbox import Outcome
from bot.store.recipients import Turn
from tests.harness.talk import key, types

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)

HOT: dict[str, Callable[[Tx], Awaitable[Any]]] = {
    "unseen": lambda tx: inbox.unseen(tx, [types("a")], AT),
    "load": lambda tx: conversations.load(tx, [key()], AT),
    "load many": lambda tx: conversations.load(tx, [key(str(chat)) for chat in range(20)], AT),
    "on their way": recipients.on_their_way,
    "outcomes": recipients.collect,
    "open broadcasts": lambda tx: broadcasts.in_states(tx, (BroadcastState.RUNNING,)),
    "opting out": lambda tx: recipients.opt_out(tx, 1),
    "revision": overlay.revision,
    "claim": lambda tx: outbox.claim(tx, "telegram", "42", epoch=1, at=AT, limit=9, is_reply=True),
    "settle": lambda tx: outbox.settle(tx, [Outcome(1, "sent", AT, AT)], 1),
    "save": lambda tx: conversations.save(tx, [(1, Session())], AT),
    "hand over": lambda tx: recipients.hand_over(
        tx, 1, [Turn(1, None, None, follows=True)], Outbound("a"), AT, mailboxes=frozenset()
    ),
    "next": lambda tx: outbox.next_due(tx, "telegram", "42"),
    "orphan": lambda tx: outbox.orphan(tx, "telegram", "42", epoch=1, at=AT, repeat_at=AT),
    "states": outbox.states,
    "mailbox": lambda tx: outbox.mailbox(tx, key(), after=5),
    "lease": lambda tx: leases.take(tx, "telegram:42", "here", AT),
    "codes": lambda tx: cases.by_codes(tx, ["1234567"]),
    "mine": lambda tx: cases.of_conversations(tx, [1]),
    "guesses": lambda tx: guesses.since(tx, ["x"], AT),
    "handle": lambda tx: media.handle(tx, "telegram", "42", "photo", "a" * 64),
    "jobs": lambda tx: jobs.claim(tx, ["k"], AT, AT),
}


@pytest.mark.parametrize("name", sorted(HOT))
async def test_a_hot_query_goes_by_an_index(sqlite_store: Store, name: str) -> None:
    ran: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            ran.append((statement, parameters))

    async with sqlite_store.write() as tx:
        event.listen(sqlite_store.engine.sync_engine, "before_cursor_execute", note)
        await HOT[name](tx)
        event.remove(sqlite_store.engine.sync_engine, "before_cursor_execute", note)
        for statement, parameters in ran:
            plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            for row in plan:
                step = row[3]
                is_whole_table = step.startswith("SCAN") and not any(
                    w in step for w in ("INDEX", "CONSTANT", "SUBQUERY", "VIRTUAL TABLE")
                )
                assert not is_whole_table, (step, statement)
