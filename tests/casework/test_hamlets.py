"""An official limited to one hamlet sees the cases of that hamlet, however it was named when the role was given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import officials
from bot.casework import arrivals
from bot.casework.sight import eye
from bot.library.schema.unit import Hamlet
from bot.store import case_desk
from bot.store.case_desk import Filters
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import ON, UNIT, role

EAST = Hamlet(id="thon-dong", name="Thôn Đông")
TOWN = replace(LIBRARY, units={**LIBRARY.units, UNIT: LIBRARY.units[UNIT].model_copy(update={"hamlets": (EAST,)})})


@pytest.mark.parametrize("told", ["thon-dong", "Thôn Đông", "thon dong"])
async def test_by_id_or_name_the_hamlets_cases_are_seen(desk: Desk, told: str) -> None:
    here = await desk.brings("Đường nhiều ổ gà", chat="nha-1", hamlet="Thôn Đông")
    await desk.brings("Đèn hỏng", chat="nha-2", hamlet="Thôn Tây")
    lan = await desk.official("lan", role("can-bo-xu-ly", UNIT, hamlet=told))
    await arrivals.catch_up(desk.store, TOWN, now=desk.hands.at, at=desk.hands.at)
    async with desk.store.read() as tx:
        known = await officials.load(tx, lan.id, TOWN, ON)
        assert known is not None
        seen = await case_desk.page(tx, eye(known, TOWN), Filters(), order="new")
    assert [one.code for one in seen] == [here]
