"""What a bulletin is called: after its time while nobody named it."""

from __future__ import annotations

from datetime import date

from bot.bulletins import editing
from tests.bulletins.conftest import AIR, OTHER, TODAY, Station


async def test_a_name_of_the_machines_own_moves_with_the_time(station: Station) -> None:
    async def moved(number: int, **changes: object) -> str:
        row = await station.row(number)
        async with station.store.write() as tx:
            given = {"revision": row.revision, "today": TODAY, "at": station.hands.at}
            await editing.edit(tx, station.writer, station.library, number, {"title": row.title, **changes}, **given)
        return (await station.row(number)).title

    await station.write()
    second = await station.write(OTHER)
    assert (await station.row(second)).title == "Bản tin 5:30 ngày 22/11/2026 (số 2)"
    assert await moved(second, slot_at="17:00", air_on=date(2026, 11, 23)) == "Bản tin 17:00 ngày 23/11/2026"
    assert await moved(second, slot_at="05:30", air_on=AIR) == "Bản tin 5:30 ngày 22/11/2026 (số 2)"
    assert await moved(second, priority="khan-cap", reason="Bão vào") == "Tin khẩn 5:30 ngày 22/11/2026"
    named = await station.write(title="Tin 5:30 của bà con")
    assert await moved(named, slot_at="17:00") == "Tin 5:30 của bà con"
