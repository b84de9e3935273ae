"""Officials as tests need them: made at once, with their rights expanded."""

from __future__ import annotations

from datetime import date

from bot import officials
from bot.library import Library
from bot.model.official import Assignment, Delegation, Official
from bot.store import Store
from bot.store import officials as rows
from tests.harness.clock import Hands

ON = date(2026, 11, 21)
UNIT = "xa-tu-ky"


def role(name: str, unit: str = UNIT, *topics: str, is_chair: bool = True, hamlet: str = "") -> Assignment:
    """A role from the start of the year, without end."""
    return Assignment(0, name, unit, hamlet, topics, is_chair, date(2026, 1, 1), None)


def lent(unit: str = UNIT, *topics: str, since: date = ON, until: date = ON) -> Delegation:
    """A delegation by document."""
    return Delegation(0, unit, topics, "12/QĐ-UBND", since, until)


async def made(store: Store, library: Library, hands: Hands, login: str, *given: Assignment | Delegation) -> Official:
    """An active official without password."""
    assignments = [one for one in given if isinstance(one, Assignment)]
    async with store.write() as tx:
        link = await officials.invite(
            tx, None, library, login=login, name=f"Người {login}", assignments=assignments, at=hands.at
        )
        assert link.official_id is not None
        await rows.change(tx, link.official_id, state="active")
        for one in given:
            if isinstance(one, Delegation):
                await rows.delegate(tx, link.official_id, one)
        found = await officials.load(tx, link.official_id, library, ON)
    assert found is not None
    return found
