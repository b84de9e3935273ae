"""What is done with a bulletin: sound, hand in, approve, give back, take back, drop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from bot.bulletins import approval, editing, recall
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.store import Tx
from desk.pages.loa.paper import page, path_of, row_of
from desk.refused import number
from desk.visit import Visit, texts


async def order_sound(visit: Visit) -> Response:
    """Have the sound made beside."""

    async def act(tx: Tx, row: int) -> None:
        await editing.order_sound(tx, visit.official, visit.library, row, at=visit.office.clock.true())

    return await _done(visit, act, "loa-sound")


async def hand_in(visit: Visit) -> Response:
    """Ask for approval."""

    async def act(tx: Tx, row: int) -> None:
        clock = visit.office.clock
        await editing.hand_in(
            tx,
            visit.official,
            visit.library,
            row,
            stand=texts(visit.form, "stand"),
            today=clock.today(),
            at=clock.true(),
        )

    return await _done(visit, act, "loa-waits")


async def approve(visit: Visit) -> Response:
    """Approve what this official read and heard: the hashes of both come back with the form."""

    async def act(tx: Tx, row: int) -> None:
        clock = visit.office.clock
        await approval.approve(
            tx,
            visit.official,
            visit.library,
            row,
            text_hash=visit.text("text", 64),
            sound_hash=visit.text("sound", 64),
            accepts_residue=visit.text("residue") == "1",
            stand=texts(visit.form, "stand"),
            today=clock.today(),
            at=clock.true(),
        )

    return await _done(visit, act, "loa-approved")


async def send_back(visit: Visit) -> Response:
    """Give it back with a word."""
    why = visit.text("why", 300)
    if not why:
        return await page(visit, status=400, no_reason="tra")

    async def act(tx: Tx, row: int) -> None:
        await approval.send_back(tx, visit.official, visit.library, row, why, at=visit.office.clock.true())

    return await _done(visit, act, "loa-back")


async def withdraw(visit: Visit) -> Response:
    """Take it back from everywhere."""
    why = visit.text("why", 300)
    if not why:
        return await page(visit, status=400, no_reason="rut")

    async def act(tx: Tx, row: int) -> None:
        await recall.withdraw(tx, visit.official, visit.library, row, why, at=visit.office.clock.true())

    return await _done(visit, act, "loa-recalled")


async def drop(visit: Visit) -> Response:
    """A draft is not wanted."""
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)

    async def act(tx: Tx, one: int) -> None:
        await editing.drop(tx, visit.official, visit.library, one, at=visit.office.clock.true())

    return await _done(visit, act, "loa-dropped", f"/ban/loa?xa={row.unit}&tu={row.air_on.isoformat()}")


async def _done(visit: Visit, act: Callable[[Tx, int], Awaitable[None]], done: str, onward: str = "") -> Response:
    """Do it and show the paper; what stands against it is told there."""
    row = number(visit.param("bulletin"))
    try:
        async with visit.office.store.write() as tx:
            await act(tx, row)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await page(visit, status=400, wrong=str(error))
    return visit.onward(onward or path_of(row), done)
