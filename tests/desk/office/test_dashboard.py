"""The pages of figures: their quarter, their units, what is hidden, and the file of the same."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from bot.casework import arrivals
from bot.model.case import CaseKind
from bot.store import audit, cases
from desk.pages.dashboard import spelled
from tests.casework.conftest import Desk
from tests.desk.office.conftest import UNIT, Client, NewClient, add_official, on_both
from tests.harness.clock import Hands
from tests.harness.site import Running


async def fill(place: Running, count: int, **values: object) -> None:
    """Cases as they stand in the database."""
    at = place.house.clock.now() - timedelta(days=20)
    base = {"kind": "phan-anh", "state": "moi", "unit": UNIT, "anonymous": True, "screened": True}
    base |= {"topic": "bhyt", "opened_at": at, "updated_at": at, **values}
    async with place.house.store.write() as tx:
        start = await cases.count(tx)
        await cases.add(tx, [{**base, "code": f"{start + number:07d}"} for number in range(count)])


async def match(place: Running) -> None:
    """Match everybody against all cases."""
    house = place.house
    await arrivals.catch_up(house.store, house.shelf.library, now=house.clock.now(), at=house.clock.true())


@pytest.mark.parametrize("role", ["quan-tri", "lanh-dao", "can-bo-xu-ly", "phat-thanh-vien", "nguoi-xem"])
async def test_who_reads_figures_reads_them_without_a_case(place: Running, client: Client, role: str) -> None:
    await add_official(place, "nguoi.xem", role)
    await fill(place, 12, due_at=place.house.clock.now() - timedelta(days=1))
    await fill(place, 8, topic="tien-dien")
    await match(place)
    await client.sign_in("nguoi.xem")
    shown = await client.get("/ban/so-lieu")
    assert shown.status == 200
    assert "<dd>20</dd>" in shown.text
    assert "Theo lĩnh vực" in shown.text
    assert shown.text.count('role="img"') == shown.text.count("Bảng số")
    assert 'href="/ban/so-lieu"' in (await client.get("/ban/toi")).text


@pytest.mark.parametrize("role", ["tuyen-truyen-vien", "giu-danh-tinh"])
async def test_who_does_not_read_figures_finds_no_page(place: Running, client: Client, role: str) -> None:
    await add_official(place, "nguoi.khac", role)
    await client.sign_in("nguoi.khac")
    for path in ("/ban/so-lieu", "/ban/so-lieu/noi", "/ban/so-lieu/so-lieu.csv"):
        assert (await client.get(path)).status == 404
    assert 'href="/ban/so-lieu"' not in (await client.get("/ban/toi")).text


@on_both
async def test_small_numbers_are_hidden_on_page_and_in_file(place: Running, client: Client) -> None:
    await add_official(place, "nguoi.xem", "nguoi-xem")
    await fill(place, 9)
    await fill(place, 8, topic="nha-o")
    await fill(place, 1, topic="tien-dien")
    await match(place)
    await client.sign_in("nguoi.xem")
    shown = await client.get("/ban/so-lieu")
    assert "<dd>18</dd>" in shown.text
    assert ">ẩn<" in shown.text
    file = await client.get("/ban/so-lieu/so-lieu.csv")
    assert file.headers["content-disposition"] == f'attachment; filename="so-lieu-{UNIT}-2026-q4.csv"'
    lines = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert lines[0] == ["Bảng", "Mục", "Số", "Tính bằng"]
    topics = [line for line in lines if line[0] == "Theo lĩnh vực"]
    assert [line[2] for line in topics][1:] == ["ẩn", "ẩn"]
    assert topics[0][2] in {"8", "9"}
    assert lines[1] == ["Quý 4 năm 2026", "Hồ sơ bà con gửi", "18", "hồ sơ"]


async def test_quarters_and_places(place: Running, new_client: NewClient) -> None:
    await add_official(place, "cua.xa", "nguoi-xem")
    await add_official(place, "ca.nha", "quan-tri")
    await fill(place, 6)
    await fill(place, 7, unit="xa-muong-ang")
    await fill(place, 3, unit="xa-dak-doa")
    await match(place)
    commune, house = await new_client(), await new_client()
    await commune.sign_in("cua.xa")
    await house.sign_in("ca.nha")
    assert (await commune.get("/ban/so-lieu?xa=xa-muong-ang")).status == 404
    assert "chưa có hồ sơ nào" in (await commune.get("/ban/so-lieu?quy=2026-q1")).text
    for wrong in ("2027-q1", "2026-q9", "x", "1900-q1"):
        assert (await commune.get(f"/ban/so-lieu?quy={wrong}")).status == 404
    assert "<dd>7</dd>" in (await house.get("/ban/so-lieu?xa=xa-muong-ang")).text
    every = (await house.get("/ban/so-lieu/noi")).text
    assert "Mường Ảng" in every
    assert ">ẩn<" in every
    assert "Tổng" not in every
    own = (await commune.get("/ban/so-lieu/noi")).text
    assert "Mường Ảng" not in own


async def test_a_case_about_the_reader_is_not_counted(place: Running, new_client: NewClient, hands: Hands) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    # somebody else can answer it, so that no keeper takes it away
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await add_official(place, "nguoi.xem", "nguoi-xem")
    await fill(place, 9)
    desk = Desk(place.house.store, hands)
    await desk.brings("Ông chu.tich hứa sửa đường mà chưa làm", kind=CaseKind.FEEDBACK, topic="bhyt")
    await desk.brings("Hàng xóm khai gian", chat="nha-b", kind=CaseKind.WRONGDOING, about="hang-xom")
    await match(place)
    concerned, other = await new_client(), await new_client()
    await concerned.sign_in("chu.tich")
    await other.sign_in("nguoi.xem")
    assert "<dd>9</dd>" in (await concerned.get("/ban/so-lieu")).text
    assert "<dd>10</dd>" in (await other.get("/ban/so-lieu")).text


async def test_nothing_is_told_before_all_cases_were_matched(place: Running, client: Client) -> None:
    await add_official(place, "nguoi.xem", "nguoi-xem")
    await fill(place, 9)
    await client.sign_in("nguoi.xem")
    shown = await client.get("/ban/so-lieu")
    assert "đang đối chiếu" in shown.text
    assert "<dd>" not in shown.text


@on_both
async def test_any_days_once_they_are_named(place: Running, new_client: NewClient) -> None:
    """Named with a form, written down, shown to others too; with the same numbers hidden, on the page and in the file."""
    await add_official(place, "nguoi.xem", "nguoi-xem")
    await add_official(place, "xem.khac", "nguoi-xem")
    await fill(place, 9)
    await fill(place, 8, topic="nha-o")
    await fill(place, 1, topic="tien-dien")
    await match(place)
    one, other = await new_client(), await new_client()
    await one.sign_in("nguoi.xem")
    await other.sign_in("xem.khac")
    path = f"/ban/so-lieu?xa={UNIT}&tu=2026-09-01&den=2026-11-21"
    assert (await other.get("/ban/so-lieu?tu=x&den=y")).status == 404
    assert "chưa ai lấy" in (await other.get(path)).text
    assert (await other.get(path.replace("?", "/so-lieu.csv?"))).status == 404
    for since, until in (("2026-11-10", "2026-11-21"), ("x", "2026-11-21"), ("2026-11-21", "2026-09-01")):
        wrong = await one.fill(f"/ban/so-lieu/ky?xa={UNIT}", tu=since, den=until)
        assert wrong.status == 400
        assert "ít nhất 28 ngày" in wrong.text
    assert (
        await one.fill("/ban/so-lieu/ky", "/ban/so-lieu/ky?xa=xa-muong-ang", tu="2026-09-01", den="2026-11-21")
    ).status == 404
    shown = await one.fill(f"/ban/so-lieu/ky?xa={UNIT}", tu="2026-09-01", den="2026-11-21")
    assert shown.path == path
    for seen in (shown, await other.get(path)):
        assert "Từ 1/9/2026 đến 21/11/2026" in seen.text
        assert "<dd>18</dd>" in seen.text
        assert ">ẩn<" in seen.text
    file = await other.get(path.replace("?", "/so-lieu.csv?"))
    assert f'filename="so-lieu-{UNIT}-2026-09-01..2026-11-21.csv"' in file.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert lines[1] == ["Từ 1/9/2026 đến 21/11/2026", "Hồ sơ bà con gửi", "18", "hồ sơ"]
    assert [line[2] for line in lines if line[0] == "Theo lĩnh vực"][1:] == ["ẩn", "ẩn"]
    async with place.house.store.read() as tx:
        assert len(await audit.page(tx, what="figures-span")) == 1


async def test_a_reports_figures_are_one_tap_from_the_checklist(place: Running, client: Client, hands: Hands) -> None:
    hands.at = hands.at.replace(month=10, day=30)
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await fill(place, 9)
    await match(place)
    await client.sign_in("can.bo")
    listed = (await client.get("/ban")).text
    assert "Báo cáo năm, hạn 10/11/2026" in listed
    link = re.search(r'href="(/ban/so-lieu[^"]+)"><span>Báo cáo năm', listed)
    assert link, listed
    seen = await client.get(link[1].replace("&amp;", "&"))
    assert "Từ 11/11/2025 đến 10/11/2026" in seen.text
    assert "<dd>9</dd>" in seen.text
    hands.at = hands.at.replace(month=11, day=21)
    assert "Báo cáo năm" not in (await client.get("/ban")).text


def test_numbers_are_written_as_in_vietnam() -> None:
    assert [spelled(number) for number in (0, 1234, 2.5, 1234.5, None)] == ["0", "1.234", "2,5", "1.234,5", "ẩn"]
