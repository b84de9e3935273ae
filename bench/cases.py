"""The desk at 100,000 cases: a page of the inbox, counts, figures, a search, like cases. Goal: p95 of a search 50 ms.

Run alone with `python -m bench.cases`. Cases are spread over 100 communes of one province; searches are asked by who sees
all of them, by who sees one commune, and for words nearly everybody uses. SQLite, then PostgreSQL.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bot.casework import duplicates
from bot.library import Library
from bot.model.official import Official, OfficialState, Scope
from bot.store import Store, case_desk, case_moves, case_search, cases, dashboard, officials, schema, search
from bot.store.blobs import Blobs
from bot.store.case_desk import Eye, Filters

CASES, COMMUNES, TURNS = 100_000, 100, 40
CONTENT = Path(__file__).parents[1] / "content"
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
#: a quarter that holds most of them
QUARTER = [NOW - timedelta(days=days) for days in (92, 0)]
KINDS = ("hoi-can-bo", "phan-anh", "kien-nghi", "nho-xa-xac-nhan", "khan-cap")
STATES = (
    ("dong",) * 85 + ("da-tra-loi",) * 8 + ("moi", "dang-xu-ly", "cho-dan", "cho-don-vi-khac") + ("da-tiep-nhan",) * 3
)
TOLD = (
    "đường hỏng ổ gà mưa lầy đèn tối điện nước máy đục bể rác chợ hộ nghèo trợ cấp hưu trí thẻ bảo hiểm sai tên tiền "
    "chưa nhận xã bác nhà tôi con học phí vay vốn bò lợn chuồng giếng khai sinh sổ đỏ cầu suối trường trạm y tế thuốc "
    "loa phát thanh mương ruộng lúa giống chuột dịch chó xe tải cát khói mùi hôi thối ngập cống tắc cột nghiêng dây võng"
)
WORDS = TOLD.split()


def _text(chance: random.Random, number: int) -> str:
    told = " ".join(chance.choices(WORDS, k=18))
    return f"Nhà tôi ở thôn {number % 12} {told} số {number}"


async def _fill(store: Store) -> tuple[Eye, Eye]:
    chance = random.Random(7)
    units = [f"xa-{number}" for number in range(COMMUNES)]
    at = 2000
    for start in range(0, CASES, at):
        rows = []
        for number in range(start, start + at):
            opened = NOW - timedelta(minutes=CASES - number)
            state = chance.choice(STATES)
            is_open = state not in case_desk.SETTLED
            rows.append(
                {
                    "code": f"{number:07d}",
                    "kind": chance.choice(KINDS),
                    "state": state,
                    "unit": units[number % COMMUNES],
                    "hamlet": f"Thôn {number % 12}",
                    "topic": "",
                    "anonymous": True,
                    "screened": True,
                    "due_at": opened + timedelta(days=10) if is_open else None,
                    "opened_at": opened,
                    "updated_at": opened,
                }
            )
        async with store.write() as tx:
            ids = await cases.add(tx, rows)
            texts = [_text(chance, number) for number in range(start, start + at)]
            docs = [
                search.Doc(cases.SEARCHED, str(n), t, unit=r["unit"]) for n, t, r in zip(ids, texts, rows, strict=True)
            ]
            await search.put(tx, docs)
            # the words of one commune's cases: like ones are looked for among these
            told = [(n, t, r) for n, t, r in zip(ids, texts, rows, strict=True) if r["unit"] == units[0]]
            await cases.record(
                tx, [cases.Step(n, "opened", "dan", r["opened_at"], "", {"text": t}) for n, t, r in told]
            )
        if start % 10_000 == 0:
            # nobody else empties the log here
            await store.checkpoint()
    eyes = []
    async with store.write() as tx:
        for login, reached in (("tinh", frozenset(units)), ("xa", frozenset(units[:1]))):
            number = await officials.add(tx, login, login, NOW)
            await case_moves.looked_through(tx, number, "f", NOW)
            # some they must not see, so that the condition costs what it costs
            await case_moves.hide(tx, [(case_id, number, "ten") for case_id in range(1, 2000, 7)])
            scope = (Scope(reached, None),)
            reach = {"case-read": scope, "report-read": scope}
            official = Official(number, login, login, OfficialState.ACTIVE, reach=reach)
            eyes.append(Eye(official, frozenset(), "f"))
    await store.checkpoint()
    return eyes[0], eyes[1]


async def _p95(ask: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(TURNS):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(taken, n=20)[18]


async def _measure(url: str, folder: Path) -> dict[str, float]:
    await schema.migrate(url)
    store = await Store.open(url, Blobs(folder / "blobs"))
    try:
        province, commune = await _fill(store)
        if store.dialect == "postgresql":
            # what its own housekeeping does within minutes
            async with store.engine.begin() as connection:
                await connection.execute(text("analyze"))
        chance = random.Random(11)
        figures: dict[str, float] = {}

        async def look(eye: Eye, words: Callable[[], str]) -> None:
            async with store.read() as tx:
                found, _onward = await case_search.find(tx, eye, words(), Filters())
            assert found or eye is commune

        async def inbox(eye: Eye, order: str) -> None:
            async with store.read() as tx:
                assert await case_desk.page(tx, eye, Filters(open_only=order == "due"), order=order)

        async def counted(eye: Eye) -> None:
            async with store.read() as tx:
                assert await case_desk.counts(tx, eye, Filters(open_only=True), NOW)

        async def figured(eye: Eye) -> None:
            async with store.read() as tx:
                found = await dashboard.matters(tx, eye, "xa-0", QUARTER[0], QUARTER[-1])
                assert found
                assert await dashboard.by_unit(tx, eye, QUARTER)

        library = Library.load(CONTENT)
        async with store.read() as tx:
            newest = await case_desk.page(tx, commune, Filters(), order="new")

        async def like() -> None:
            async with store.read() as tx:
                await duplicates.near(tx, commune, library, chance.choice(newest))

        figures["like_cases_commune_ms"] = await _p95(like)
        asked: dict[str, Callable[[], str]] = {
            "two_words": lambda: " ".join(chance.choices(WORDS, k=2)),
            "common": lambda: "nhà tôi",
            "bare": lambda: "nha toi duong hong",
            "rare": lambda: f"số {chance.randrange(CASES)}",
        }
        for who, eye in (("province", province), ("commune", commune)):
            for name, words in asked.items():
                figures[f"search_{name}_{who}_ms"] = await _p95(lambda eye=eye, words=words: look(eye, words))
            figures[f"inbox_due_{who}_ms"] = await _p95(lambda eye=eye: inbox(eye, "due"))
            figures[f"inbox_moved_{who}_ms"] = await _p95(lambda eye=eye: inbox(eye, "moved"))
            figures[f"counts_{who}_ms"] = await _p95(lambda eye=eye: counted(eye))
            figures[f"figures_{who}_ms"] = await _p95(lambda eye=eye: figured(eye))
        return {name: round(value, 1) for name, value in figures.items()}
    finally:
        await store.close()


def run() -> dict[str, float]:
    """Print and return p95 in milliseconds, `pg_` in front for PostgreSQL."""
    # of the test extra: a server without an installation
    from tests.harness.db import postgres

    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        path = Path(folder)
        figures = asyncio.run(_measure(f"sqlite+aiosqlite:///{path / 'loathon.db'}", path))
        with postgres() as databases:
            more = asyncio.run(_measure(databases.fresh(), path))
    figures |= {f"pg_{name}": value for name, value in more.items()}
    for name, value in figures.items():
        print(f"cases {name}: {value}")
    return figures


if __name__ == "__main__":
    run()
