"""The week's proposal, and the hours: pure, with the day given."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.bulletins import editing, recall, slots, week
from bot.bulletins.day import ordered, played
from bot.bulletins.plan import MATTERS_MOST, Pick, Proposal, Why, played_days, propose, seconds_of
from bot.bulletins.slots import AirSlot, Hours, Priority, QuietHoursError, WrongSlotError
from bot.check.links import broken_links
from bot.library import Base, Library, airable
from bot.library.schema.loudspeaker import Loudspeaker
from bot.library.schema.unit import Slot
from bot.settings import LOCAL
from bot.store import airings
from bot.store.bulletins import BulletinRow
from tests.bulletins.conftest import AIR, ENTRY, OTHER, Station
from tests.harness.officials import UNIT

MONDAY = date(2026, 11, 23)


@pytest.fixture
def library(base: tuple[Base, Library]) -> Library:
    return base[1]


def first_ones(found: tuple[Proposal, ...]) -> list[Proposal]:
    return [one for one in found if not one.repeats]


def picks(found: tuple[Proposal, ...]) -> list[Pick]:
    return [pick for one in first_ones(found) for pick in one.picks]


def with_slots(library: Library, *given: Slot) -> Library:
    unit = library.units[UNIT].model_copy(update={"slots": given})
    return replace(library, units={**library.units, UNIT: unit}, memo={})


def test_every_day_has_its_two_usual_slots_and_the_evening_repeats_the_morning(library: Library) -> None:
    found = propose(library, UNIT, MONDAY)
    assert [(one.slot.day.day, one.slot.at) for one in found[:4]] == [
        (23, "05:30"),
        (23, "17:00"),
        (24, "05:30"),
        (24, "17:00"),
    ]
    assert all(one.picks for one in found), "no silent day"
    assert [pick.entry for pick in found[0].picks] == [pick.entry for pick in found[1].picks]
    assert found[1].repeats


def test_nothing_is_repeated_within_the_days_of_rest(library: Library) -> None:
    chosen = [pick.entry for pick in picks(propose(library, UNIT, MONDAY))]
    assert len(chosen) == len(set(chosen))
    played = {key: [MONDAY - timedelta(days=2)] for key in chosen[:5]}
    later = propose(library, UNIT, MONDAY, played=played, days=4)
    assert not {pick.entry for pick in picks(later)} & set(chosen[:5])
    rested = propose(library, UNIT, MONDAY + timedelta(days=6), played={key: [MONDAY] for key in chosen}, days=7)
    assert picks(rested)
    assert all(one.slot.day >= MONDAY + timedelta(days=7) for one in first_ones(rested) if one.picks)


def test_the_nearest_airing_counts_on_both_sides(library: Library) -> None:
    chosen = [pick.entry for pick in picks(propose(library, UNIT, MONDAY, days=1))]
    far, before, after = MONDAY + timedelta(days=40), MONDAY - timedelta(days=3), MONDAY + timedelta(days=3)
    for near in (before, after):
        found = propose(library, UNIT, MONDAY, days=1, played={key: [near, far] for key in chosen})
        assert not {pick.entry for pick in picks(found)} & set(chosen), near
    rested = propose(library, UNIT, MONDAY, days=1, played={key: [MONDAY - timedelta(days=7), far] for key in chosen})
    assert {pick.entry for pick in picks(rested)}


def test_only_what_may_be_aired_that_day_is_proposed(library: Library) -> None:
    for one in propose(library, UNIT, date(2026, 12, 28)):
        assert all(airable(library, pick.entry, one.slot.day, UNIT) for pick in one.picks)
    new_year = [pick.entry for one in propose(library, UNIT, date(2026, 12, 28)) for pick in one.picks]
    assert "chuan-ngheo-2022-2026" in new_year


def test_what_soon_ends_comes_first(library: Library) -> None:
    first = propose(library, UNIT, MONDAY)[0].picks[0]
    assert first.entry == "chuan-ngheo-2022-2026"
    assert Why.ENDING in first.why
    assert first.ends_on == date(2026, 12, 31)


def test_the_month_for_the_poor_brings_its_matters_forward(library: Library) -> None:
    inside = propose(library, UNIT, date(2026, 10, 19))[0].picks
    assert inside[0].entry == "phong-trao-vi-nguoi-ngheo-chi-thi-05"
    assert Why.CAMPAIGN in inside[0].why
    outside = propose(library, UNIT, MONDAY)
    assert not any(Why.CAMPAIGN in pick.why for pick in picks(outside))


def test_seasons_reach_over_new_year(library: Library) -> None:
    school = picks(propose(library, UNIT, date(2026, 8, 10), days=2))
    assert any(Why.SEASON in pick.why for pick in school)
    assert any(
        Why.SEASON in pick.why or Why.NEW in pick.why for pick in picks(propose(library, UNIT, date(2027, 1, 5)))
    )


def test_topics_take_turns(library: Library) -> None:
    week = propose(library, UNIT, MONDAY)
    for one in first_ones(week):
        topics = Counter(getattr(library.entry(pick.entry), "topic", "story") for pick in one.picks)
        assert max(topics.values()) == 1
        assert len(one.picks) <= MATTERS_MOST


def test_a_programme_fits_its_length(library: Library) -> None:
    for one in first_ones(propose(library, UNIT, MONDAY, target_s=150)):
        assert len(one.picks) == 1 or sum(pick.seconds for pick in one.picks) <= 150
    assert 25 < seconds_of("một " * 60) < 30


def test_the_same_day_gives_the_same_plan(library: Library) -> None:
    assert propose(library, UNIT, MONDAY) == propose(library, UNIT, MONDAY)


def test_a_commune_without_its_own_consented_story_never_hears_it(library: Library) -> None:
    for unit in ("xa-tu-ky", "xa-dak-doa", "xa-muong-ang"):
        for one in propose(library, unit, MONDAY):
            assert all(airable(library, pick.entry, one.slot.day, unit) for pick in one.picks)


def test_the_units_own_slots_rule(library: Library) -> None:
    own = with_slots(library, Slot(at="06:00", minutes=5, days=(1, 3)), Slot(at="19:30", minutes=10, zone=None))
    found = propose(own, UNIT, MONDAY, days=2)
    assert [(one.slot.at, one.slot.day.isoweekday()) for one in found] == [("06:00", 1), ("19:30", 1), ("19:30", 2)]


async def test_a_time_in_the_quiet_hours_does_not_stop_the_week(station: Station) -> None:
    night = Slot(at="21:30", minutes=15), Slot(at="20:50", minutes=15)
    library = with_slots(station.library, Slot(at="05:30"), *night)
    async with station.store.write() as tx:
        numbers = await week.draft(tx, station.writer, library, UNIT, AIR, today=AIR, at=station.hands.at)
    assert len(numbers) == 7
    assert {(await station.row(number)).slot_at for number in numbers} == {"05:30"}


def test_played_days_are_all_kept() -> None:
    earlier, later = MONDAY, MONDAY + timedelta(days=3)
    assert played_days([(later, [{"entry": "a"}]), (earlier, [{"entry": "a"}, {"kind": "tin"}])]) == {
        "a": {earlier, later}
    }


@pytest.mark.parametrize(
    ("at", "seconds", "expected"),
    [
        ("05:30", 900, Hours.GOOD),
        ("17:00", 900, Hours.GOOD),
        ("19:45", 900, Hours.GOOD),
        ("19:46", 900, Hours.UNUSUAL),
        ("05:00", 60, Hours.UNUSUAL),
        ("05:29", 60, Hours.UNUSUAL),
        ("04:59", 60, Hours.QUIET),
        ("20:50", 601, Hours.QUIET),
        ("20:50", 600, Hours.UNUSUAL),
        ("21:00", 0, Hours.QUIET),
        ("23:59", 0, Hours.QUIET),
        ("00:00", 0, Hours.QUIET),
    ],
)
def test_hours(at: str, seconds: float, expected: Hours) -> None:
    assert slots.hours(at, seconds) is expected
    if expected is Hours.QUIET:
        with pytest.raises(QuietHoursError):
            slots.require_time(at, Priority.FIRST, "", seconds)
        assert slots.require_time(at, Priority.URGENT, "Lũ về", seconds) is Hours.QUIET


@pytest.mark.parametrize("at", ["", "5:30", "24:00", "12:60", "12.30", "ab:cd", "05:3", "\u0660\u0665:30"])
def test_wrong_times_are_refused(at: str) -> None:
    with pytest.raises(WrongSlotError):
        slots.minute(at)


async def test_urgent_plays_first_then_preferred_then_usual(station: Station) -> None:
    numbers = [
        await station.write(priority=priority, reason="Lũ về" if priority == "khan-cap" else "")
        for priority in ("thuong", "uu-tien", "khan-cap", "thuong")
    ]
    late = await station.write(slot_at="12:00")
    rows: list[BulletinRow] = [await station.row(number) for number in (*numbers, late)]
    usual, noon, evening = ordered(rows, slots.slots(station.library.units[UNIT], AIR))
    assert [row.id for row in usual.bulletins] == [numbers[2], numbers[1], numbers[0], numbers[3]]
    assert (noon.slot, noon.is_usual) == (AirSlot(AIR, "12:00", "", 0), False)
    assert evening.bulletins == ()


async def test_a_draft_that_was_never_aired_is_not_counted_as_aired(station: Station) -> None:
    left = await station.write(ENTRY)
    aired = await station.published(OTHER, slot_at="17:00")
    async with station.store.read() as tx:
        now = await played(tx, UNIT, AIR, AIR)
        later = await played(tx, UNIT, MONDAY, MONDAY)
    assert now == {ENTRY: {AIR}, OTHER: {AIR}}, "what is planned for today counts"
    assert later == {OTHER: {AIR}}
    async with station.store.write() as tx:
        await recall.withdraw(tx, station.chair, station.library, aired.id, "Sai", at=station.hands.at)
        line = {"bulletin_id": left, "unit": UNIT, "zone": "", "air_on": AIR, "slot_at": "05:30", "code": "1234566"}
        await airings.plan(tx, [line])
        (noted,) = await airings.of_bulletin(tx, left)
        await airings.mark(tx, noted.id, aired_at=station.hands.at, who="", how="code")
    async with station.store.read() as tx:
        assert await played(tx, UNIT, MONDAY, MONDAY) == {ENTRY: {AIR}}, "the log says that it was aired"


async def test_the_evening_repeats_only_what_the_morning_still_holds(station: Station) -> None:
    noon = datetime.combine(MONDAY, time(12), LOCAL)
    async with station.store.read() as tx:
        whole = await week.proposed(tx, station.library, UNIT, MONDAY, 2)
        left = await week.proposed(tx, station.library, UNIT, MONDAY, 2, after=noon)
    assert [one.repeats for one in whole] == [False, True, False, True]
    assert [one.repeats for one in left] == [False, False, True], "the morning is over: nothing is repeated"


async def test_an_hour_that_is_over_is_not_proposed(station: Station) -> None:
    noon = datetime.combine(MONDAY, time(12), LOCAL)
    async with station.store.read() as tx:
        whole = await week.proposed(tx, station.library, UNIT, MONDAY)
        left = await week.proposed(tx, station.library, UNIT, MONDAY, after=noon)
    assert [one.slot for one in whole][1:] == [one.slot for one in left]
    assert (whole[0].slot.day, whole[0].slot.at) == (MONDAY, "05:30")


async def test_a_week_becomes_drafts_once_and_leaves_planned_times_alone(station: Station) -> None:
    own = await station.write(OTHER, air_on=MONDAY, slot_at="05:30")
    async with station.store.write() as tx:
        given = {"today": AIR, "at": station.hands.at}
        numbers = await week.draft(tx, station.writer, station.library, UNIT, MONDAY, **given)
        again = await week.draft(tx, station.writer, station.library, UNIT, MONDAY, **given)
    assert (len(numbers), again) == (13, [])
    rows = [await station.row(number) for number in numbers]
    assert own not in numbers
    assert (MONDAY, "05:30") not in {(row.air_on, row.slot_at) for row in rows}
    assert not any(item["entry"] == OTHER for row in rows for item in row.items), "it is planned already"
    first = rows[0]
    async with station.store.write() as tx:
        await editing.edit(
            tx, station.writer, station.library, first.id, {"items": [*reversed(first.items)], "slot_at": "06:00"},
            revision=0, today=AIR, at=station.hands.at,
        )  # fmt: skip
    moved = await station.row(first.id)
    assert (moved.slot_at, moved.items) == ("06:00", [*reversed(first.items)])


def test_a_season_of_a_topic_that_is_none_is_found_by_the_content_check(library: Library) -> None:
    assert not [one for one in broken_links(library) if one.id == "loudspeaker"]
    words = library.phrase(Loudspeaker)
    season = words.seasons[0].model_copy(update={"topics": ("khong-co",)})
    wrong = words.model_copy(update={"seasons": (season,), "campaign_topics": ("cung-khong",)})
    spoiled = replace(library, phrases={**library.phrases, "loudspeaker": wrong}, memo={})
    found = [one for one in broken_links(spoiled) if one.id == "loudspeaker"]
    assert [one.told for one in found] == [{"id": "khong-co"}, {"id": "cung-khong"}]
