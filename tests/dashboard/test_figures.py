"""Figures of a unit: counted right, small ones hidden, nothing counted for who must not know of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot import dashboard
from bot.bulletins import editing
from bot.casework.sight import eye
from bot.dashboard import Figures, Quarter, Table
from bot.model.official import Official
from bot.store import Store, airings, case_moves, cases, questions
from bot.store import dashboard as rows
from bot.store.case_desk import Eye
from tests.casework.conftest import LIBRARY
from tests.harness.clock import Hands
from tests.harness.officials import UNIT, made, role

NOW = datetime.fromisoformat("2026-11-23T10:00:00+07:00")
QUARTER = Quarter(2026, 4)
TOPIC, OTHER_TOPIC = list(LIBRARY.topics)[:2]


@pytest.fixture
async def viewer(store: Store, hands: Hands) -> Official:
    """Somebody who sees figures and no case."""
    hands.at = NOW
    return await made(store, LIBRARY, hands, "nguoi.xem", role("nguoi-xem"))


async def sees(store: Store, official: Official) -> Eye:
    """Their eye, matched against all cases."""
    looking = eye(official, LIBRARY)
    async with store.write() as tx:
        await case_moves.looked_through(tx, official.id, looking.fingerprint, NOW)
    return looking


class Filling:
    """Cases as they stand in the database, many at once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = 0

    async def put(self, count: int, *, opened: str = "2026-11-02T08:00:00+07:00", **values: Any) -> list[int]:
        at = datetime.fromisoformat(opened)
        base = {"kind": "phan-anh", "state": "moi", "unit": UNIT, "topic": TOPIC, "anonymous": True, "screened": True}
        made = []
        for _ in range(count):
            self.number += 1
            made.append({**base, "code": f"{self.number:07d}", "opened_at": at, "updated_at": at, **values})
        async with self.store.write() as tx:
            return await cases.add(tx, made)


@pytest.fixture
def filling(store: Store) -> Filling:
    return Filling(store)


async def look(store: Store, looking: Eye | None, quarter: Quarter = QUARTER, unit: str = UNIT) -> Figures:
    async with store.read() as tx:
        return await dashboard.figures(tx, looking, LIBRARY, unit, quarter, now=NOW)


def told(table: Table) -> dict[str, float | None]:
    return {row.key: row.number for row in table.rows}


async def test_counts_by_topic_month_state_source(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    await filling.put(6, opened="2026-10-01T00:00:00+07:00")
    await filling.put(7, opened="2026-12-31T23:59:00+07:00", topic=OTHER_TOPIC, source="tai-cho", state="dong")
    # the minute before, the minute after, and another commune
    await filling.put(9, opened="2026-09-30T23:59:00+07:00")
    await filling.put(9, opened="2027-01-01T00:00:00+07:00")
    await filling.put(9, unit="xa-muong-ang")
    figures = await look(store, looking)
    assert figures.cases == 13
    assert told(figures.table("topic")) == {OTHER_TOPIC: 7, TOPIC: 6}
    assert told(figures.table("month")) == {"2026-10": 6, "2026-11": 0, "2026-12": 7}
    assert told(figures.table("state")) == {"dong": 7, "moi": 6}
    assert told(figures.table("source")) == {"tai-cho": 7, "bot": 6}
    assert told(figures.table("quarter")) == {"2026-q1": 0, "2026-q2": 0, "2026-q3": 9, "2026-q4": 13}
    assert not any(table.has_hidden for table in figures.tables)
    assert figures.table("topic").rows[0].title == LIBRARY.topics[OTHER_TOPIC].title


async def test_a_small_number_is_hidden_with_another_one(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    answered = NOW - timedelta(days=1)
    await filling.put(8)
    await filling.put(6, topic=OTHER_TOPIC, answered_at=answered, state="da-tra-loi", spent_s=7200)
    await filling.put(2, topic="")
    figures = await look(store, looking)
    assert figures.cases == 16
    topics = told(figures.table("topic"))
    assert topics[""] is None
    [taken] = [key for key in (TOPIC, OTHER_TOPIC) if topics[key] is None]
    # what tells of a hidden topic is left out, though six were answered
    assert set(told(figures.table("answer-days"))) == {OTHER_TOPIC} - {taken}
    assert figures.median_hours == 2.0
    assert figures.median_days is not None


async def test_fewer_than_five_tell_nothing(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    await filling.put(4, answered_at=NOW, state="da-tra-loi")
    figures = await look(store, looking)
    assert figures.cases is None
    assert figures.median_days is None
    assert [table.id for table in figures.tables] == ["quarter"]
    assert told(figures.table("quarter"))["2026-q4"] is None


async def test_nothing_at_all(store: Store, viewer: Official) -> None:
    figures = await look(store, await sees(store, viewer))
    assert (figures.cases, figures.late, figures.tables) == (0, 0, ())


async def test_lateness_and_its_causes(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    past = NOW - timedelta(days=1)
    await filling.put(20, due_at=NOW + timedelta(days=3))
    await filling.put(5, due_at=past)
    await filling.put(5, due_at=past, state="dang-xu-ly", official_id=viewer.id)
    await filling.put(5, due_at=past, state="cho-don-vi-khac", official_id=viewer.id)
    await filling.put(5, state="dong", allowed_s=100, spent_s=101, reopened=1)
    ids = await filling.put(5, state="dong", allowed_s=100, spent_s=200, escalated_at=past)
    async with store.write() as tx:
        for number in ids:
            step = cases.Step(number, "escalated", "may", past, "0" * 32, {"cause": "chua-xem"})
            await cases.record(tx, [step])
    figures = await look(store, looking)
    assert told(figures.table("late")) == {
        "in-time": 20,
        "chua-xem": 10,
        "dang-lam": 5,
        "cho-don-vi-khac": 5,
        "mo-lai": 5,
    }
    assert figures.late == 25
    await filling.put(2, due_at=past, state="da-tiep-nhan")
    figures = await look(store, looking)
    assert told(figures.table("late"))["chua-giao"] is None
    assert sum(number is None for number in told(figures.table("late")).values()) == 2
    assert figures.late == 27


async def test_satisfaction_is_told_of_five(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    ids = await filling.put(6)
    async with store.write() as tx:
        for number, stars in zip(ids, (5, 5, 4, 4), strict=False):
            await cases.add_askers(tx, [{"case_id": number, "code": f"9{number:06d}", "asked_at": NOW}])
            await case_moves.rate(tx, f"9{number:06d}", stars, NOW)
    figures = await look(store, looking)
    assert (figures.raters, figures.rating) == (None, None)
    async with store.write() as tx:
        await cases.add_askers(tx, [{"case_id": ids[4], "code": "8000000", "asked_at": NOW}])
        await case_moves.rate(tx, "8000000", 4, NOW)
    figures = await look(store, looking)
    assert (figures.raters, figures.rating) == (5, 4.4)


async def test_who_must_not_know_is_not_told_by_a_count(
    store: Store, filling: Filling, viewer: Official, hands: Hands
) -> None:
    concerned = await made(store, LIBRARY, hands, "nguoi.bi.neu", role("lanh-dao"))
    theirs, others = await sees(store, concerned), await sees(store, viewer)
    await filling.put(9)
    [about] = await filling.put(1)
    await filling.put(5, screened=False)
    await filling.put(5, kind="bao-truc-loi", custody="giu")
    await filling.put(5, kind="bao-truc-loi", custody="xong")
    async with store.write() as tx:
        await case_moves.hide(tx, [(about, concerned.id, "ten")])
    assert (await look(store, others)).cases == 10
    assert (await look(store, theirs)).cases == 9
    # another system's figures are the same whoever reads them: what is hidden from anybody is not in them
    assert (await look(store, None)).cases == 9
    # not matched against all cases since their name changed
    assert (await look(store, replace(others, fingerprint="old"))).cases == 0


async def test_figures_end_where_the_right_ends(store: Store, filling: Filling, hands: Hands) -> None:
    hands.at = NOW
    await filling.put(9)
    await filling.put(7, hamlet="thon-a")
    async with store.write() as tx:
        await questions.add(tx, [(None, UNIT, "hỏi", ())] * 6, NOW)  # type: ignore[list-item]
    elsewhere = await made(store, LIBRARY, hands, "noi.khac", role("nguoi-xem", "xa-muong-ang"))
    nobody = await made(store, LIBRARY, hands, "tuyen.truyen", role("tuyen-truyen-vien"))
    hamlet = await made(store, LIBRARY, hands, "cua.thon", role("nguoi-xem", UNIT, hamlet="thon-a"))
    for official, cases_seen, is_told in ((elsewhere, 0, False), (nobody, 0, False), (hamlet, 7, False)):
        figures = await look(store, await sees(store, official))
        assert figures.cases == cases_seen
        assert bool(figures.table("questions").rows) is is_told
    assert told((await look(store, None)).table("questions")) == {"open": 6}


async def test_by_unit_only_within_reach(store: Store, filling: Filling, hands: Hands) -> None:
    hands.at = NOW
    await filling.put(9)
    await filling.put(3, unit="xa-muong-ang")
    province = await made(store, LIBRARY, hands, "toan.nha", role("quan-tri", ""))
    commune = await made(store, LIBRARY, hands, "can.bo.xa", role("nguoi-xem"))
    for official, expected in ((province, {UNIT: 9, "xa-muong-ang": None}), (commune, {UNIT: 9})):
        looking = await sees(store, official)
        async with store.read() as tx:
            assert told(await dashboard.by_unit(tx, looking, LIBRARY, QUARTER)) == expected


async def test_groups_come_from_entries_not_from_households(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    entry = next(one for one in LIBRARY.policies.values() if "ho-ngheo" in one.groups)
    await filling.put(6, entry=entry.id)
    assert told((await look(store, looking)).table("group")) == dict.fromkeys(entry.groups, 6)
    # a hidden topic takes the groups asked about in it along
    await filling.put(2, topic=OTHER_TOPIC, entry="")
    assert (await look(store, looking)).table("group").rows == ()


async def test_broadcast_states_are_columns(store: Store, viewer: Official) -> None:
    async with store.read() as tx:
        assert set(await rows.sent(tx, viewer, UNIT, *QUARTER.bounds[::3])) == set(rows.SENT)


async def test_what_is_still_to_be_aired_is_not_forgotten(store: Store, viewer: Official) -> None:
    """It is 10:00 on 23 November: one programme is over, one begins this minute, three are to come."""
    times = [("2026-11-22", "17:00"), ("2026-11-23", "10:00"), ("2026-11-23", "10:01"), ("2026-11-24", "05:30")]
    async with store.write() as tx:
        given = {"unit": UNIT, "today": NOW.date(), "at": NOW, "air_on": NOW.date(), "slot_at": "17:00"}
        number = await editing.create(tx, None, LIBRARY, **given)
        lines = [
            {"bulletin_id": number, "unit": UNIT, "zone": "", "air_on": date.fromisoformat(day), "slot_at": at}
            for day, at in [*times, ("2026-11-25", "05:30")]
        ]
        await airings.plan(tx, [{**line, "code": f"100000{i}"} for i, line in enumerate(lines)])
        first, *_ = await airings.of_bulletin(tx, number)
        await airings.mark(tx, first.id, aired_at=NOW, who="", how="code")
    async with store.read() as tx:
        assert await rows.aired(tx, viewer, UNIT, QUARTER.months[0], QUARTER.months[-1], now=NOW) == (1, 2)


def test_quarters() -> None:
    assert Quarter.of(date(2026, 1, 1)) == Quarter(2026, 1)
    assert Quarter.of(date(2026, 12, 31)) == QUARTER
    assert QUARTER.months == (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1))
    assert QUARTER.back(4) == Quarter(2025, 4)
    assert QUARTER.back(3).back(1) == Quarter(2025, 4)
    today = date(2026, 11, 23)
    assert dashboard.quarters(today)[0] == QUARTER
    assert len(dashboard.quarters(today)) == 8
    assert Quarter.read(str(QUARTER), today) == QUARTER
    for wrong in ("", "2026", "2026-q5", "2026-q0", "2027-q1", "1999-q1", "x-q1", "2026-q", "٢٠٢٦-q1", "2026-q1-q1"):
        with pytest.raises(ValueError, match=r".*"):
            Quarter.read(wrong, today)
