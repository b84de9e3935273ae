"""What officials do with a case: each form one step, refused when somebody else was there in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from bot import files, officials
from bot.casework import answers, arrivals, custody, entry, handling, merging, sight
from bot.casework.handling import Act
from bot.editing.checks import GAP
from bot.errors import LoaThonError, say
from bot.model.inbound import MediaKind
from bot.rights import NotAllowedError
from bot.store import Tx, case_desk
from desk.days import day_told
from desk.pages.cases_list import PATH
from desk.pages.cases_paper import act_of, show
from desk.refused import MissingError, number
from desk.visit import Visit, file, texts

Deed = Callable[[Tx, Act], Awaitable[object]]


async def receive(visit: Visit) -> Response:
    """Looked at."""
    return await _do(visit, "case-received", handling.receive)


async def assign(visit: Visit) -> Response:
    """Give it to somebody, oneself or nobody."""
    wanted = visit.text("official", 15)

    async def deed(tx: Tx, act: Act) -> None:
        to = None
        if wanted:
            found = await officials.load(tx, number(wanted), visit.library, visit.office.clock.today())
            if found is None:
                raise MissingError
            to = sight.eye(found, visit.library)
        await handling.assign(tx, act, to)

    return await _do(visit, "case-assigned", deed)


async def hand_over(visit: Visit) -> Response:
    """Correct where it belongs."""
    sent = {name: visit.text(name, 100) for name in ("unit", "topic", "body", "hamlet") if name in visit.form}
    if sent.get("body") == "-":
        del sent["body"]
    return await _do(visit, "case-moved", lambda tx, act: handling.hand_over(tx, act, **sent))


async def wait(visit: Visit) -> Response:
    """Another body has to answer first."""
    who, why = visit.text("who", 400), visit.text("why", 400)
    return await _do(visit, "case-waits", lambda tx, act: handling.wait_for_others(tx, act, who, why))


async def resume(visit: Visit) -> Response:
    """Go on with it."""
    return await _do(visit, "case-resumed", handling.resume)


async def close(visit: Visit) -> Response:
    """Close it, with the reason."""
    return await _do(visit, "case-closed", lambda tx, act: handling.close(tx, act, visit.text("why", 400)))


async def write_note(visit: Visit) -> Response:
    """A note for colleagues."""
    return await _do(visit, "case-noted", lambda tx, act: handling.write_note(tx, act, visit.text("note")))


async def answer(visit: Visit) -> Response:
    """Answer everybody who waits."""
    return await _tell(visit, "case-answered", answers.answer)


async def ask(visit: Visit) -> Response:
    """Ask the household for more."""
    return await _tell(visit, "case-asked", answers.ask)


async def tick(visit: Visit) -> Response:
    """The answer was handed over or read out."""
    asker, how = number(visit.text("asker", 15)), visit.text("how", 20)
    return await _do(visit, "case-told", lambda tx, act: answers.tick(tx, act, asker, how))


async def merge(visit: Visit) -> Response:
    """Answer it together with another."""
    return await _do(visit, "case-merged", lambda tx, act: merging.merge(tx, act, visit.text("into", 20)))


async def part(visit: Visit) -> Response:
    """Something else after all."""
    return await _do(visit, "case-parted", lambda tx, act: merging.part(tx, act, visit.text("which", 20)))


async def keep_close(visit: Visit) -> Response:
    """A report of wrongdoing after all: from now on its keeper alone sees it."""
    return await _do(visit, "case-kept", custody.keep_close)


async def settle(visit: Visit) -> Response:
    """Whom the report concerns."""
    concerned = [number(one) for one in texts(visit.form, "concerned")]
    return await _do(visit, "case-settled", lambda tx, act: custody.settle(tx, act, concerned))


async def forward(visit: Visit) -> Response:
    """To whom it was passed on."""
    today = visit.office.clock.today()
    try:
        on = day_told(visit.text("on", 20))
    except ValueError:
        # a legal record: no day is put in that nobody told
        return await show(visit, wrong=say("casework.no_day"))
    to, document = visit.text("receiver", 400), visit.text("document", 80)
    return await _do(
        visit,
        "case-forwarded",
        lambda tx, act: custody.forward(tx, act, receiver=to, on=on, document=document, today=today),
    )


async def sealed(visit: Visit) -> Response:
    """The sealed words, as a file for who holds the key."""
    async with visit.office.store.write() as tx:
        held = await custody.sealed(tx, act_of(visit))
    headers = {"content-disposition": f'attachment; filename="{visit.param("code")}.txt"'}
    return Response(held, media_type="text/plain; charset=utf-8", headers=headers)


async def attach(visit: Visit) -> Response:
    """A photograph or a scan of what was brought on paper."""
    raw = await file(visit.form, "file")
    try:
        clean = await asyncio.to_thread(files.clean, raw)
    except LoaThonError as error:
        return await show(visit, wrong=str(error))
    act, store = act_of(visit), visit.office.store
    async with store.read() as tx:
        # before the bytes are kept: nobody fills the disk who may not
        if await case_desk.one(tx, act.eye, act.code, action="case-answer") is None:
            raise MissingError
    sha256 = await store.blobs.put(clean.data)
    kind = MediaKind.PHOTO if clean.is_picture else MediaKind.FILE
    size = len(clean.data)
    return await _do(
        visit,
        "case-file",
        lambda tx, act: entry.attach(tx, act, sha256=sha256, mime=clean.mime, size_bytes=size, kind=kind.value),
    )


async def identity(visit: Visit) -> Response:
    """Open the name, with the reason; shown on this answer only."""
    act = act_of(visit)
    try:
        async with visit.office.store.write() as tx:
            told = await custody.identity(tx, act, visit.text("reason", 400))
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await show(visit, wrong=str(error))
    return await show(visit, told_name=dict(told), is_named=True)


async def forget(visit: Visit) -> Response:
    """Erase what somebody brought in person, at their wish."""
    act, store = act_of(visit), visit.office.store
    try:
        async with store.write() as tx:
            lost = await entry.forget(tx, act, visit.text("reason", 400))
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await show(visit, wrong=str(error))
    for sha256 in lost:
        await store.blobs.drop(sha256)
    return visit.onward(f"{PATH}/{act.code}", "case-erased")


async def _tell(visit: Visit, done: str, say: Callable[[Tx, Act, str], Awaitable[object]]) -> Response:
    """To the household; never with a gap still open."""
    told = visit.text("text", handling.TEXT_MOST + 1)
    if GAP in told:
        return await show(visit, has_gap=True)
    return await _do(visit, done, lambda tx, act: say(tx, act, told))


async def _do(visit: Visit, done: str, deed: Deed) -> Response:
    """One step in one transaction; what is refused is told on the paper, with what was typed."""
    act, store = act_of(visit), visit.office.store
    try:
        async with store.write() as tx:
            await deed(tx, act)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await show(visit, wrong=str(error))
    # what moved to other hands is matched against them at once, not when a job comes by
    await arrivals.catch_up(store, visit.library, now=act.now, at=act.at)
    async with store.read() as tx:
        is_seen = await case_desk.one(tx, act.eye, act.code) is not None
    return visit.onward(f"{PATH}/{act.code}" if is_seen else PATH, done)
