"""Officials fill in their unit; everybody's next answer knows it, and the checklist gets shorter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot import checklist, units_desk
from bot.casework import arrivals
from bot.library import Library
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.model.events import CaseOpened
from bot.rights import NotAllowedError
from bot.runner.shelf import Shelf
from bot.store import Store, audit, overlay
from bot.units_desk import SheetFaultsError, WrongFieldError
from tests.harness.clock import Hands
from tests.harness.happenings import happen
from tests.harness.officials import ON, UNIT, made, role

CONTENT = Path(__file__).parents[2] / "content"
HEAD = ["Thôn", "Năm", "Số hộ", "Hộ nghèo", "Hộ cận nghèo"]


@pytest.fixture
async def shelf(store: Store) -> Shelf:
    return await Shelf.open(store, CONTENT)


def sheet(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (HEAD, *rows):
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def test_what_is_filled_in_is_known_to_all(store: Store, shelf: Shelf, hands: Hands) -> None:
    library = shelf.library
    who = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    async with store.write() as tx:
        fields = {"phone": "0220 3747 000", "zones": [{"id": "dong", "title": "Cụm Đông"}]}
        await units_desk.edit(tx, who, library, UNIT, fields, at=hands.at)
        # the same moment, before any library was swapped: one field more
        more = {"slots": [{"zone": "dong", "at": "05:30"}, {"at": "17:00", "days": [1, 3]}]}
        await units_desk.edit(tx, who, library, UNIT, more, at=hands.at)
        await units_desk.edit(tx, who, library, UNIT, more, at=hands.at)
    unit = (await shelf.catch_up()).units[UNIT]
    assert (unit.phone, unit.name) == ("0220 3747 000", "xã Tứ Kỳ")
    assert [(slot.zone, slot.at, slot.minutes) for slot in unit.slots] == [("dong", "05:30", 15), (None, "17:00", 15)]
    assert library.units[UNIT].phone is None
    async with store.write() as tx:
        assert len(await audit.lines(tx, "unit-edited")) == 2, "what changes nothing is nothing"
        await units_desk.edit(tx, who, shelf.library, UNIT, {"phone": None}, at=hands.at)
    assert (await shelf.catch_up()).units[UNIT].phone is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"name": "xã khác"}, "name"),
        ({"slots": [{"at": "25:00"}]}, "slots.0.at"),
        ({"slots": [{"at": "05:30", "zone": "khong-co"}]}, "slots"),
        ({"bodies": [{"id": "a", "name": "A", "topics": ["khong-co"]}]}, "bodies"),
        ({"zones": [{"id": "a", "title": "A"}, {"id": "a", "title": "B"}]}, "zones"),
        ({"hamlets": [{"id": "a", "name": "A", "zones": ["khong-co"]}]}, "hamlets"),
    ],
)
async def test_what_cannot_stand_is_told(
    sqlite_store: Store, hands: Hands, fields: dict[str, object], field: str
) -> None:
    library = Library.load(CONTENT)
    who = await made(sqlite_store, library, hands, "can-bo", role("can-bo-xu-ly"))
    async with sqlite_store.write() as tx:
        with pytest.raises(WrongFieldError) as wrong:
            await units_desk.edit(tx, who, library, UNIT, fields, at=hands.at)
        assert await overlay.revision(tx) == ""
    assert wrong.value.field == field
    assert "should" not in str(wrong.value)


async def test_who_may_not_edit_writes_nothing(store: Store, shelf: Shelf, hands: Hands) -> None:
    viewer = await made(store, shelf.library, hands, "xem", role("nguoi-xem"))
    neighbour = await made(store, shelf.library, hands, "ben", role("can-bo-xu-ly", "xa-dak-doa"))
    raw = sheet(["Thôn Đông", 2026, 100, 5, 5])
    async with store.write() as tx:
        for who in (viewer, neighbour):
            with pytest.raises(NotAllowedError):
                await units_desk.edit(tx, who, shelf.library, UNIT, {"phone": "1"}, at=hands.at)
            with pytest.raises(NotAllowedError):
                await units_desk.apply(tx, who, shelf.library, UNIT, raw, at=hands.at)
        assert await overlay.revision(tx) == ""


async def test_hamlets_come_from_a_sheet_after_a_look(store: Store, shelf: Shelf, hands: Hands) -> None:
    who = await made(store, shelf.library, hands, "can-bo", role("can-bo-xu-ly"))
    raw = sheet(["Thôn Đông", 2026, 100, 5, 5], ["Thôn Đoài", 2026, 80, 4, 9])
    seen = units_desk.preview(shelf.library, UNIT, raw)
    assert [(c.name, c.is_new, c.year, c.before, c.after.poor) for c in seen.changes] == [
        ("Thôn Đông", True, 2026, None, 5),
        ("Thôn Đoài", True, 2026, None, 4),
    ]
    async with store.write() as tx:
        assert await units_desk.apply(tx, who, shelf.library, UNIT, raw, at=hands.at) == 2
    library = await shelf.catch_up()
    assert [hamlet.name for hamlet in library.units[UNIT].hamlets] == ["Thôn Đông", "Thôn Đoài"]
    again = sheet(["thôn đông", 2026, 100, 6, 5])
    (change,) = units_desk.preview(library, UNIT, again).changes
    assert (change.is_new, change.before and change.before.poor, change.after.poor) == (False, 5, 6)
    bad = sheet(["Thôn Đông", 2026, "nhiều", 5, 5])
    assert units_desk.preview(library, UNIT, bad).faults[0].row == 2
    async with store.write() as tx:
        with pytest.raises(SheetFaultsError) as wrong:
            await units_desk.apply(tx, who, library, UNIT, bad, at=hands.at)
    assert wrong.value.faults[0].row == 2


async def test_the_checklist_puts_first_what_people_ask_for(store: Store, shelf: Shelf, hands: Hands) -> None:
    library = shelf.library
    reader = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    async with store.read() as tx:
        fresh = await checklist.missing(tx, library, UNIT, reader, ON)
    assert [one.kind for one in fresh[:5]] == ["leader", "phone", "reception_days", "address", "bodies"]
    assert {"hamlets", "counts", "zones", "slots", "entry"} <= {one.kind for one in fresh}
    for number, chat in enumerate(("a", "b", "c")):
        asked = CaseOpened(
            new_code(bytes([number])),
            CaseKind.CONFIRM_ENTRY,
            UNIT,
            "",
            topic="tin-dung",
            entry="vay-nha-o",
            join=f"entry:vay-nha-o:{UNIT}",
            anonymous=True,
        )
        await happen(store, hands, asked, chat=chat)
    # everybody at the desk sees these numbers: what may concern somebody is not in them before it was matched
    async with store.read() as tx:
        early = {(one.kind, one.ref) for one in await checklist.missing(tx, library, UNIT, reader, ON)}
    assert ("bodies", "tin-dung") not in early
    await arrivals.catch_up(store, library, now=hands.at, at=hands.at)
    async with store.read() as tx:
        listed = await checklist.missing(tx, library, UNIT, reader, ON)
    assert (listed[0].ref, listed[0].askers) == ("vay-nha-o", 3)
    assert ("bodies", "tin-dung", 1) in {(one.kind, one.ref, one.askers) for one in listed}
    # who may not read those cases learns no number, and of few not that anybody asked
    admin = await made(store, library, hands, "quan-tri", role("quan-tri", ""))
    elsewhere = await made(store, library, hands, "y-te", replace(role("can-bo-xu-ly"), topics=("bhyt",)))
    async with store.read() as tx:
        for other in (admin, elsewhere):
            told = await checklist.missing(tx, library, UNIT, other, ON)
            assert [(one.kind, one.askers) for one in told[:2]] == [("leader", 0), ("phone", 0)], other.login
            assert ("bodies", "tin-dung") not in {(one.kind, one.ref) for one in told}
            assert {one.weight for one in told} == {0}
    for number, chat in enumerate("defghijk"):
        many = CaseOpened(new_code(bytes([9, number])), CaseKind.QUESTION, UNIT, "Hỏi", topic="bhyt")
        await happen(store, hands, many, chat=chat)
    await arrivals.catch_up(store, library, now=hands.at, at=hands.at)
    async with store.read() as tx:
        (first,) = [one for one in await checklist.missing(tx, library, UNIT, admin, ON) if one.ref == "bhyt"]
        (own,) = [one for one in await checklist.missing(tx, library, UNIT, elsewhere, ON) if one.ref == "bhyt"]
    assert (first.weight, first.askers, own.askers) == (1, 0, 8)
    who = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    async with store.write() as tx:
        await units_desk.edit(tx, who, library, UNIT, {"phone": "0220 3747 000"}, at=hands.at)
    async with store.read() as tx:
        left = {one.kind for one in await checklist.missing(tx, await shelf.catch_up(), UNIT, reader, ON)}
    assert not left & {"leader", "phone"}


async def test_the_checklist_names_days_off_nobody_confirmed_and_years_without(
    store: Store, shelf: Shelf, hands: Hands
) -> None:
    reader = await made(store, shelf.library, hands, "can-bo", role("can-bo-xu-ly"))
    async with store.read() as tx:
        now = await checklist.missing(tx, shelf.library, UNIT, reader, ON)
        later = await checklist.missing(tx, shelf.library, UNIT, reader, date(2028, 2, 1))
    (days, *_more) = [one for one in now if one.kind == "days"]
    assert days.ref == "2026"
    assert "24/11" in days.title
    assert "2/1" not in days.title.split(", "), "what is over needs no look"
    assert not [one for one in now if one.kind == "calendar"]
    assert [one.ref for one in later if one.kind == "calendar"] == ["2028"]
