"""Cases as a file: within rights and conflicts, written in the audit, and nothing in it that a spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from bot.casework import export
from bot.model.case import CaseKind
from bot.store import audit
from tests.casework.conftest import Desk
from tests.desk.office.caseworker import member
from tests.desk.office.conftest import Client, NewClient, add_official, contents, on_both
from tests.harness.site import Running

PATH = "/ban/ho-so/xuat"


async def take(client: Client, query: str = "", form: str = "csv") -> tuple[int, bytes, str]:
    """Status, the file, and its name."""
    token = (await client.get(PATH)).token
    data = {"the": token, "dang": form}
    async with client.http.post(f"{client.url}{PATH}{query}", data=data, allow_redirects=False) as response:
        return response.status, await response.read(), response.headers.get("content-disposition", "")


def codes(raw: bytes) -> set[str]:
    return {line[0] for line in csv.reader(io.StringIO(raw.decode("utf-8-sig")))} - {"Mã"}


@on_both
async def test_what_was_chosen_is_taken_and_written_down(place: Running, desk: Desk, client: Client) -> None:
    me = await member(place, desk, client, "lan", "can-bo-xu-ly")
    health = [await desk.brings(f"=Việc {i}", chat=f"nha-{i}", topic="bhyt", hamlet="=1+1") for i in range(3)]
    await desk.brings("Nhà dột", topic="nha-o")
    before = await contents(place)
    shown = await client.get(f"{PATH}?lv=bhyt&thon=%3D1%2B1")
    assert "<strong>3 hồ sơ</strong>" in shown.text
    assert await contents(place) == before
    status, raw, name = await take(client, "?lv=bhyt&thon=%3D1%2B1")
    assert (status, name) == (200, 'attachment; filename="ho-so.csv"')
    assert codes(raw) == set(health)
    assert b"'=1+1" in raw
    assert "Việc" not in raw.decode()
    status, raw, name = await take(client, "?lv=bhyt", "xlsx")
    assert (status, name) == (200, 'attachment; filename="ho-so.xlsx"')
    rows = list(load_workbook(io.BytesIO(raw)).active.rows)
    assert len(rows) == 4
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    async with place.house.store.read() as tx:
        newest, first = await audit.page(tx, what="cases-exported")
    assert (first.who, first.ref) == (f"official:{me}", "cases")
    assert first.detail == {"form": "csv", "rows": 3, "filters": {"lv": "bhyt", "thon": "1", "sap": "due"}}
    assert newest.detail["form"] == "xlsx"
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    assert "Tải hồ sơ về" in (await client.get("/ban/nhat-ky")).text


async def test_nobody_takes_what_they_must_not_see(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    await member(place, desk, client, "tan", "can-bo-xu-ly")
    other, far, keeper = await new_client(), await new_client(), await new_client()
    await member(place, desk, other, "lan", "can-bo-xu-ly")
    await member(place, desk, far, "xa.khac", "can-bo-xu-ly", unit="xa-dak-doa")
    await member(place, desk, keeper, "giu", "giu-danh-tinh")
    plain = await desk.brings("Đường hỏng", topic="nha-o")
    about = await desk.brings("Ông tan chưa trả lời", kind=CaseKind.FEEDBACK, topic="nha-o", chat="nha-b")
    report = await desk.brings("Hàng xóm khai gian", chat="nha-c", kind=CaseKind.WRONGDOING, about="hang-xom")
    for who, expected in ((client, {plain}), (other, {plain, about}), (far, set()), (keeper, {report})):
        assert f"<strong>{len(expected)} hồ sơ</strong>" in (await who.get(f"{PATH}?xem=het")).text or not expected
        assert codes((await take(who, "?xem=het"))[1]) == expected


@pytest.mark.parametrize("role", ["quan-tri", "phat-thanh-vien", "nguoi-xem", "tuyen-truyen-vien"])
async def test_who_reads_no_cases_has_no_export(place: Running, desk: Desk, client: Client, role: str) -> None:
    await member(place, desk, client, "nguoi.khac", role)
    token = (await client.get("/ban/toi")).token
    assert (await client.get(PATH)).status == 404
    assert (await client.post(PATH, {"the": token, "dang": "csv"})).status == 404


async def test_wrong_forms_and_too_many_rows(
    place: Running, desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    for number in range(4):
        await desk.brings("Đèn hỏng", chat=f"nha-{number}")
    assert (await take(client, form="pdf"))[0] == 404
    monkeypatch.setattr(export, "AT_ONCE", 2)
    monkeypatch.setattr(export, "XLSX_MOST", 2)
    status, raw, _name = await take(client, form="xlsx")
    assert status == 400
    assert "Xin lọc bớt" in raw.decode()
    async with place.house.store.read() as tx:
        assert await audit.page(tx, what="cases-exported") == []
    assert len(codes((await take(client))[1])) == 4
