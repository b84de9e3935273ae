"""A batch in: durable, in order, once; one person's trouble stays with that person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from bot.errors import say
from bot.model.case import CaseKind, CaseView
from bot.model.codes import new_code
from bot.model.events import CaseAdded, CaseOpened, Event, Lookup, Said, Turn
from bot.model.inbound import Inbound
from bot.model.outbound import Outbound
from bot.model.session import Session
from bot.runner.handle import WAITING_MAX, Handler
from bot.store import Store, UnavailableError, conversations, inbox, outbox
from tests.harness.clock import Hands
from tests.harness.talk import Engine, Rule, Shelf, echo, key, types

Make = Callable[[Rule], Handler]


@pytest.fixture
def make(store: Store, hands: Hands) -> Make:
    return lambda rule: Handler(store, Shelf(), Engine(rule), hands.clock)  # type: ignore[arg-type]


@asynccontextmanager
async def running(handler: Handler) -> AsyncIterator[Handler]:
    task = asyncio.create_task(handler.run())
    try:
        yield handler
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def texts(store: Store, chat: str = "7") -> list[str]:
    async with store.read() as tx:
        return [letter.outbound.text for letter in await outbox.mailbox(tx, key(chat), limit=500)]


async def test_what_returned_is_durable(store: Store, make: Make) -> None:
    async with running(make(echo)) as handle:
        await handle([types("xin chào")])
    assert await texts(store) == ["xin chào"]
    async with store.read() as tx:
        found = await conversations.find(tx, key())
    assert found is not None
    assert (found.session.turn, found.session.asked) == (1, "xin chào")


async def test_a_repeat_is_dropped(store: Store, make: Make) -> None:
    async with running(make(echo)) as handle:
        await asyncio.gather(*(handle([types("một"), types("hai", 2), types("một")]) for _ in range(5)))
        await handle([types("một")])
        await handle([])
    assert await texts(store) == ["một", "hai"]


async def test_many_callers_share_a_batch_in_their_order(store: Store, make: Make) -> None:
    handler = make(echo)
    async with running(handler) as handle:
        await asyncio.gather(*(handle([types(f"{n}", n, chat=f"{n % 3}")]) for n in range(250)))
    assert [int(text) for text in await texts(store, "1")] == list(range(1, 250, 3))
    assert isinstance(handler.advance, Engine)
    assert len(handler.advance.seen) == 250


async def test_a_conversation_goes_on_within_a_batch(store: Store, make: Make) -> None:
    def count(session: Session, _inbound: Inbound) -> list[Event]:
        return [Said(Outbound(f"lần {session.turn + 1}"))]

    await make(count).take([types("a"), types("b", 2), types("c", 3)])
    assert await texts(store) == ["lần 1", "lần 2", "lần 3"]


async def test_letters_no_database_takes(store: Store, make: Make) -> None:
    def picky(session: Session, inbound: Inbound) -> list[Event]:
        if inbound.text.startswith("!"):
            raise ValueError(f"a\x00 {chr(0xD800)}")
        return echo(session, inbound)

    odd = f"a\x00b{chr(0xD800)}c"
    async with running(make(picky)) as handle:
        await handle([types(odd), types(f"!{odd}", 2)])
    assert await texts(store) == ["ab?c", say("runner.apology")]
    # a wire that hands in a batch unmended
    await make(picky).take([types(f"!{odd}", 3)])
    await make(lambda _s, _i: [Said(Outbound(odd))]).take([types("x", 4)])
    assert (await texts(store))[2:] == [say("runner.apology")] * 2


async def test_who_raises_is_put_aside_and_told(store: Store, make: Make) -> None:
    def picky(session: Session, inbound: Inbound) -> list[Event]:
        if inbound.text == "hỏng":
            raise ZeroDivisionError
        return echo(session, inbound)

    await make(picky).take([types("trước"), types("hỏng", 2), types("sau", 3), types("khác", 1, chat="8")])
    assert await texts(store) == ["trước", say("runner.apology"), "sau"]
    assert await texts(store, "8") == ["khác"]
    async with store.read() as tx:
        ((why, raw),) = await inbox.set_aside(tx)
    assert "ZeroDivisionError" in why
    assert "hỏng" in raw


async def test_what_the_database_refuses_stops_nobody_else(
    store: Store, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    code = new_code(bytes(16))

    def opening(session: Session, inbound: Inbound) -> list[Event]:
        if inbound.text == "mở":
            return [
                CaseOpened(code, CaseKind.FEEDBACK, "xa-a", "Loa rè", hamlet="Nhà bà Sáu cạnh đình"),
                *echo(session, inbound),
            ]
        return echo(session, inbound)

    # both draw the same code: the unique key is the last word
    batch = [types("trước"), types("mở", 2), types("mở", 1, chat="8"), types("sau", 3)]
    await make(opening).take(batch)
    assert await texts(store) == ["trước", "mở", "sau"]
    assert await texts(store, "8") == [say("runner.apology")]
    await make(opening).take(batch)
    assert await texts(store, "8") == [say("runner.apology")], "what was put aside is not taken again"
    assert "taken one by one" in caplog.text
    assert "Sáu" not in caplog.text
    assert "Loa rè" not in caplog.text


async def test_an_error_that_quotes_a_person_is_told_by_its_kind(
    store: Store, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    def quoting(_session: Session, inbound: Inbound) -> list[Event]:
        raise ValueError(inbound.text)

    async with running(make(quoting)) as handle:
        await handle([types("Nhà bà Sáu nợ lãi"), types("Nhà bà Bảy", 1, chat="8")])
    assert "ValueError" in caplog.text
    assert "Nhà bà" not in caplog.text
    async with store.read() as tx:
        ((why, _raw), _other) = await inbox.set_aside(tx)
    assert "Nhà bà" in why, "kept beside the message, and erased with it"


async def test_words_for_no_case_are_put_aside(store: Store, make: Make) -> None:
    def lost(_session: Session, _inbound: Inbound) -> list[Event]:
        return [CaseAdded("1234567", "thêm")]

    await make(lost).take([types("a"), types("b", 1, chat="8")])
    assert await texts(store) == await texts(store, "8") == [say("runner.apology")]


async def test_lookups_are_answered_one_query_a_kind(store: Store, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    by_codes = inbox_by_codes = __import__("bot.store.cases", fromlist=["by_codes"]).by_codes

    async def counted(tx: object, codes: list[str]) -> object:
        asked.append(len(codes))
        return await by_codes(tx, codes)

    monkeypatch.setattr("bot.store.cases.by_codes", counted)

    def curious(session: Session, inbound: Inbound) -> Turn | list[Event]:
        code = inbound.text
        found = inbound.answer_to("code-free", code)
        if found is None:
            return Turn(session, lookups=(Lookup("code-free", (code,)),))
        return [Said(Outbound(f"{found.value}"))]

    await make(curious).take([types(f"000000{n}", 1, chat=f"{n}") for n in range(5)])
    assert asked == [5]
    assert await texts(store, "3") == ["True"]
    assert inbox_by_codes is by_codes


async def test_a_lookup_sees_what_the_batch_did_before(store: Store, make: Make) -> None:
    def rule(session: Session, inbound: Inbound) -> Turn | list[Event]:
        if inbound.text == "mở":
            return [CaseOpened(new_code(inbound.seed), CaseKind.FEEDBACK, "xa-a", "Loa rè")]
        found = inbound.answer_to("my-cases")
        if found is None:
            return Turn(session, lookups=(Lookup("my-cases"),))
        views: tuple[CaseView, ...] = found.value
        return [Said(Outbound(" ".join(view.question for view in views)))]

    await make(rule).take([types("mở"), types("xem", 2)])
    assert await texts(store) == ["Loa rè"]


@pytest.mark.parametrize("lookup", [Lookup("no-such-kind"), Lookup("code-free", ("x",))])
async def test_an_engine_that_asks_for_ever_is_stopped(store: Store, make: Make, lookup: Lookup) -> None:
    def greedy(session: Session, inbound: Inbound) -> Turn | list[Event]:
        return Turn(session, lookups=(lookup,)) if inbound.text == "?" else echo(session, inbound)

    await make(greedy).take([types("?"), types("a", 1, chat="8")])
    assert await texts(store) == [say("runner.apology")]
    assert await texts(store, "8") == ["a"]


async def test_a_new_conversation_starts_in_its_unit(store: Store, make: Make) -> None:
    handler = make(lambda session, _inbound: [Said(Outbound(session.unit))])
    handler.unit_of = lambda _key: "xa-a"
    await handler.take([types("a")])
    assert await texts(store) == ["xa-a"]


async def test_a_database_that_is_gone_is_told_to_the_wire(store: Store, make: Make) -> None:
    handler = make(echo)

    @asynccontextmanager
    async def down() -> AsyncIterator[None]:
        raise UnavailableError("disk full")
        yield

    async with running(handler) as handle:
        real, handle.store.write = handle.store.write, down  # type: ignore[assignment, method-assign]
        with pytest.raises(UnavailableError):
            await handle([types("a")])
        handle.store.write = real  # type: ignore[method-assign]
        await handle([types("a")])
    assert await texts(store) == ["a"]


async def test_stopping_tells_who_waits(store: Store, make: Make) -> None:
    entered = asyncio.Event()

    class SlowShelf:
        async def current(self, _tx: object) -> object:
            entered.set()
            await asyncio.Event().wait()

    handler = replace(make(echo), shelf=SlowShelf())  # type: ignore[arg-type]
    async with running(handler) as handle:
        waiting = asyncio.create_task(handle([types("a")]))
        await entered.wait()
    with pytest.raises(UnavailableError):
        await waiting
    assert await texts(store) == []


async def test_no_more_wait_than_there_is_room_for(store: Store, make: Make) -> None:
    handler = make(echo)
    waiting = [asyncio.create_task(handler([types(f"{n}", n)])) for n in range(WAITING_MAX)]
    await asyncio.wait(waiting, timeout=0, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(UnavailableError):
        await handler([types("quá đông", WAITING_MAX)])
    async with running(handler) as handle:
        await asyncio.gather(*waiting)
        await handle([types("giờ thì được", WAITING_MAX)])
    async with store.read() as tx:
        found = await conversations.find(tx, key())
    assert found is not None
    assert (found.session.turn, found.session.asked) == (WAITING_MAX + 1, "giờ thì được")
