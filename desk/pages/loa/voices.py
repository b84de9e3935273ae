"""What a lesser voice read, and why: to be made anew when the better one is back."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot import clips
from bot.bulletins.editing import NotThereError, order_sound
from bot.errors import LoaThonError
from bot.store import bulletins
from bot.store import clips as clip_rows
from desk.refused import MissingError
from desk.visit import Visit

PATH = "/ban/loa/giong"


async def shown(visit: Visit) -> Response:
    """Both lists, of the units within reach."""
    return visit.page("loa_voices.html", **await _lists(visit))


async def again(visit: Visit) -> Response:
    """Have one, or all of a list, read anew."""
    lists, at = await _lists(visit), visit.office.clock.true()
    wanted = visit.text("ma", 20)
    mine = [row for row in lists["clips"] if wanted in {"tat-ca", f"bai-{row.id}"}]
    papers = [row for row in lists["bulletins"] if wanted == f"tin-{row.id}"]
    if not mine and not papers:
        raise MissingError
    try:
        async with visit.office.store.write() as tx:
            for clip in mine:
                await clips.order(tx, clip.entry, clip.unit, at, again=True)
            for row in papers:
                await order_sound(tx, visit.official, visit.library, row.id, at=at)
    except NotThereError:
        raise
    except LoaThonError as error:
        return visit.page("loa_voices.html", status=400, wrong=str(error), **lists)
    return visit.onward(PATH, "loa-sound")


async def _lists(visit: Visit) -> dict[str, Any]:
    mine, today = set(visit.reached("broadcast-write")), visit.office.clock.today()
    async with visit.office.store.read() as tx:
        lesser = [row for row in await clip_rows.lesser(tx) if row.unit in mine]
        rows = [await bulletins.get(tx, one) for one in await bulletins.lesser(tx, today)]
    return {"clips": lesser, "bulletins": [row for row in rows if row is not None and row.unit in mine]}
