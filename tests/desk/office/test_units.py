"""What a unit tells of itself, filled in at the desk, and hamlets from a spreadsheet."""

from __future__ import annotations

import io
import re
from collections.abc import Awaitable, Callable
from datetime import date

import aiohttp
import pytest
from openpyxl import Workbook, load_workbook

from bot.bulletins.plan import propose
from bot.bulletins.slots import kept, slots
from bot.hamlets import blank_sheet
from tests.desk.office.conftest import UNIT, Client, add_official, contents
from tests.harness.site import Running

BASE = f"/ban/don-vi/{UNIT}"


@pytest.fixture
async def clerk(place: Running, client: Client) -> Client:
    """Somebody who may edit this unit."""
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await client.sign_in("can.bo")
    return client


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = load_workbook(io.BytesIO(blank_sheet()))
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def upload(client: Client, path: str, raw: bytes, **fields: str) -> tuple[int, str]:
    token = (await client.get(f"{BASE}/thon")).token
    form = aiohttp.FormData({"the": token, **fields})
    form.add_field("sheet", io.BytesIO(raw), filename="thon.xlsx")
    answer = await client.post(path, form, follow=True)
    return answer.status, answer.text


async def test_contact_and_reception_days_reach_the_library(place: Running, clerk: Client) -> None:
    told = {"address": "Thôn La Tỉnh", "phone": "0220 374 7999", "days": "Thứ ba, 8 giờ\n\nThứ năm, 14 giờ "}
    done = await clerk.fill(f"{BASE}/lien-he", **told)
    assert "Đã lưu" in done.text
    unit = place.house.shelf.library.unit(UNIT)
    assert unit.phone == "0220 374 7999"
    assert unit.reception_days == ("Thứ ba, 8 giờ", "Thứ năm, 14 giờ")
    public = await clerk.get("/")
    assert "0220 374 7999" in public.text


async def test_voice_is_chosen_from_what_is_offered(place: Running, clerk: Client) -> None:
    done = await clerk.fill(f"{BASE}/giong", engine="espeak", region="nam", gender="nam", speed="0.9")
    assert "Đã lưu" in done.text
    voice = place.house.shelf.library.unit(UNIT).voice
    assert (voice.engine, voice.region, voice.gender, voice.speed) == ("espeak", "nam", "nam", 0.9)
    odd = await clerk.fill(f"{BASE}/giong", engine="hat", region="nam", gender="nam", speed="9")
    assert odd.status == 400
    assert place.house.shelf.library.unit(UNIT).voice == voice


async def test_where_reports_about_officials_go(
    place: Running, clerk: Client, new_client: Callable[[], Awaitable[Client]]
) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    admin = await new_client()
    await admin.sign_in("quan.tri")
    assert (await clerk.get(f"{BASE}/cap-tren")).status == 404
    odd = await admin.fill(f"{BASE}/cap-tren", name="", address="", phone="", key="xyz")
    assert "64" in odd.text
    nameless = await admin.fill(f"{BASE}/cap-tren", name="", address="1 Phố Huyện", phone="", key="")
    assert nameless.status == 400
    await admin.fill(f"{BASE}/cap-tren", name="Thanh tra tỉnh", address="", phone="", key="AB" * 32)
    unit = place.house.shelf.library.unit(UNIT)
    assert unit.upper_body is not None
    assert unit.upper_body.name == "Thanh tra tỉnh"
    assert unit.outside_key == "ab" * 32
    await admin.fill(f"{BASE}/cap-tren", name="", address="", phone="", key="")
    unit = place.house.shelf.library.unit(UNIT)
    assert unit.upper_body is None
    assert unit.outside_key is None


async def test_bodies_are_added_changed_and_taken_off(place: Running, clerk: Client) -> None:
    done = await clerk.fill(f"{BASE}/bo-phan/moi", name="Phòng Văn hóa - Xã hội", topic="tien-dien", phone="0220 1")
    assert "Phòng Văn hóa - Xã hội" in done.text
    [body] = place.house.shelf.library.unit(UNIT).bodies
    assert body.id == "phong-van-hoa-xa-hoi"
    assert body.topics == ("tien-dien",)
    await clerk.fill(f"{BASE}/bo-phan/{body.id}", name="Phòng Kinh tế")
    assert place.house.shelf.library.unit(UNIT).bodies[0].name == "Phòng Kinh tế"
    assert (await clerk.fill(f"{BASE}/bo-phan/moi", name="")).status == 400
    await clerk.fill(f"{BASE}/bo-phan/{body.id}", f"{BASE}/bo-phan/{body.id}/bo")
    assert place.house.shelf.library.unit(UNIT).bodies == ()


async def test_zones_and_slots(place: Running, clerk: Client) -> None:
    await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/cum", title="Thôn La Tỉnh", kind="ip")
    twice = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/cum", title="thôn la tỉnh", kind="fm")
    assert twice.status == 400
    assert "Đã có cụm loa tên ấy" in twice.text
    assert [zone.kind for zone in place.house.shelf.library.unit(UNIT).zones] == ["ip"]
    assert "Loa qua mạng (IP)</small>" in (await clerk.get(f"{BASE}/loa")).text
    zone = place.house.shelf.library.unit(UNIT).zones[0]
    shown = await clerk.get(f"{BASE}/loa")
    fields = [("the", shown.token), ("at", "05:30"), ("minutes", "15"), ("zone", zone.id), ("day", "1"), ("day", "5")]
    done = await clerk.post(f"{BASE}/loa/gio", fields, follow=True)
    assert "thứ hai, thứ sáu" in done.text
    for wrong in ({"at": "25:00"}, {"minutes": "0"}, {"minutes": "x"}, {"zone": "khong-co"}, {"at": "5h"}):
        told = {"at": "05:30", "minutes": "15", **wrong}
        assert (await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio", **told)).status == 400, wrong
    gone = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio/bo", slot=f"05:30 15 {zone.id} 15")
    assert "Đã lưu" in gone.text
    assert [slot.at for slot in place.house.shelf.library.unit(UNIT).slots] == ["05:30", "17:00"]
    await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/cum/{zone.id}/bo")
    assert place.house.shelf.library.unit(UNIT).zones == ()


async def test_loudspeakers_without_fixed_times(place: Running, clerk: Client) -> None:
    none = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio/thuong-le", co="0")
    assert "Loa không có giờ cố định: có việc thì phát" in none.text
    unit = place.house.shelf.library.unit(UNIT)
    assert kept(unit) == ()
    assert slots(unit, date(2026, 11, 23)) == ()
    assert propose(place.house.shelf.library, UNIT, date(2026, 11, 23)) == ()
    own = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio", at="06:15", minutes="10", zone="")
    assert "thường lệ" not in own.text
    assert [slot.at for slot in kept(place.house.shelf.library.unit(UNIT))] == ["06:15"]
    await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio/bo", slot="06:15 10 - hang-ngay")
    back = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio/thuong-le", co="1")
    assert back.text.count("Đang dùng giờ thường lệ") == 2


async def test_the_usual_times_are_shown_and_kept_with_the_first_own_one(place: Running, clerk: Client) -> None:
    shown = await clerk.get(f"{BASE}/loa")
    assert shown.text.count("Đang dùng giờ thường lệ") == 2
    done = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio", at="05:30", minutes="10", zone="")
    slots = place.house.shelf.library.unit(UNIT).slots
    assert [(slot.at, slot.minutes) for slot in slots] == [("05:30", 10), ("17:00", 15)]
    assert "Đang dùng giờ thường lệ" not in done.text
    early = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio", at="05:10", minutes="10", zone="")
    assert "bà con dễ phàn nàn" in early.text


@pytest.mark.parametrize(
    ("at", "minutes", "why"),
    [("22:00", "15", "loa không phát"), ("20:50", "15", "loa không phát"), ("11:00", "30", "dài nhất 15 phút")],
)
async def test_no_slot_in_the_quiet_hours_or_longer_than_a_quarter(
    place: Running, clerk: Client, at: str, minutes: str, why: str
) -> None:
    refused = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio", at=at, minutes=minutes, zone="")
    assert refused.status == 400
    assert why in refused.text
    assert place.house.shelf.library.unit(UNIT).slots == ()


async def test_a_daily_slot_is_taken_off_again(place: Running, clerk: Client) -> None:
    shown = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio", at="11:00", minutes="10", zone="")
    named = re.search(r'name="slot" value="(11:00 [^"]+)"', shown.text)
    assert named, shown.text
    gone = await clerk.fill(f"{BASE}/loa", f"{BASE}/loa/gio/bo", slot=named[1])
    assert gone.status == 200
    assert "11:00" not in [slot.at for slot in place.house.shelf.library.unit(UNIT).slots]


async def test_hamlet_by_hand(place: Running, clerk: Client) -> None:
    page = await clerk.fill(f"{BASE}/thon", name="Thôn La Tỉnh")
    assert page.path.startswith(f"{BASE}/thon/thon-la-tinh")
    path = f"{BASE}/thon/thon-la-tinh"
    counts = {
        "name": "Thôn La Tỉnh",
        "year": "2026",
        "households": "120",
        "poor": "5",
        "near_poor": "7",
        "escaped": "2",
    }
    assert "Đã lưu" in (await clerk.fill(path, **counts)).text
    assert place.house.shelf.library.unit(UNIT).hamlets[0].years[2026].poor == 5
    for wrong in ({"poor": "200"}, {"poor": "-1"}, {"year": "1990"}, {"name": ""}, {"households": ""}):
        assert (await clerk.fill(path, **{**counts, **wrong})).status == 400, wrong
    await clerk.fill(path, f"{path}/bo")
    assert place.house.shelf.library.unit(UNIT).hamlets == ()


async def test_spreadsheet_is_previewed_and_then_taken(place: Running, clerk: Client) -> None:
    good = sheet(("Thôn La Tỉnh", 2026, 120, 5, 7, 2, "không"), ("Thôn An Nhân", 2026, 98, 3, 4, 1, "có"))
    before = await contents(place)
    status, seen = await upload(clerk, f"{BASE}/thon/xem", good)
    assert status == 200
    assert "Thôn An Nhân" in seen
    assert await contents(place) == before
    digest = seen.split('name="digest" value="')[1].split('"')[0]
    other = sheet(("Thôn Khác", 2026, 120, 5, 7, 2, "không"))
    _status, again = await upload(clerk, f"{BASE}/thon/nhap", other, digest=digest)
    assert "Thôn Khác" in again
    assert await contents(place) == before
    _status, done = await upload(clerk, f"{BASE}/thon/nhap", good, digest=digest)
    assert "Đã nhập" in done
    assert [one.name for one in place.house.shelf.library.unit(UNIT).hamlets] == ["Thôn La Tỉnh", "Thôn An Nhân"]


async def test_faults_are_told_row_by_row_and_nothing_is_written(place: Running, clerk: Client) -> None:
    before = await contents(place)
    wrong = sheet(("Thôn A", 2026, 10, 20, 0, 0, "không"), ("", 2026, 5, 0, 0, 0, ""), ("Thôn B", "xx", 5, 0, 0, 0, ""))
    _status, seen = await upload(clerk, f"{BASE}/thon/xem", wrong)
    assert all(f"Dòng {row}:" in seen for row in (2, 3, 4))
    for raw in (b"", b"no sheet at all", b"PK\x03\x04" + b"\0" * 40):
        status, seen = await upload(clerk, f"{BASE}/thon/xem", raw)
        assert status == 200
        assert "Chưa nhập được" in seen
    assert await contents(place) == before


async def test_other_units_are_not_there(place: Running, clerk: Client) -> None:
    token = (await clerk.get("/ban/toi")).token
    before = await contents(place)
    other = BASE.replace(UNIT, "xa-muong-ang")
    for path in (other, f"{other}/lien-he", f"{other}/loa", f"{other}/thon", BASE.replace(UNIT, "khong-co")):
        assert (await clerk.get(path)).status == 404, path
    assert (await clerk.post(f"{other}/lien-he", {"the": token, "phone": "1"})).status == 404
    assert (await clerk.get(f"/ban?xa={other}")).status == 404
    assert await contents(place) == before


async def test_blank_sheet_can_be_fetched(clerk: Client) -> None:
    async with clerk.http.get(f"{clerk.url}{BASE}/thon/mau.xlsx") as answer:
        assert answer.status == 200
        assert "attachment" in answer.headers["content-disposition"]
        assert load_workbook(io.BytesIO(await answer.read())).active is not None


def test_empty_workbook_is_a_workbook() -> None:
    assert isinstance(load_workbook(io.BytesIO(sheet())), Workbook)
