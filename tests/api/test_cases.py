"""Matters sent by other systems, and what may be read of any: never words or names, never what is hidden from anybody."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from bot import audit, officials
from bot.casework import answers, entry, handling
from bot.casework.handling import Act
from bot.casework.sight import eye
from bot.model.case import CaseKind
from bot.model.official import Official
from bot.store import cases
from bot.store import officials as rows
from tests.api.conftest import LIBRARY, Outside
from tests.casework.conftest import Desk
from tests.harness.db import in_full
from tests.harness.officials import ON, UNIT, made, role

CONSENT = {"version": "v2", "given_at": "2026-11-21T09:55:00+07:00"}
MATTER: dict[str, Any] = {
    "request_id": "cong-tinh-0001",
    "kind": "phan-anh",
    "unit": UNIT,
    "text": "Đường vào thôn ngập, xe không qua được.",
    "consent": CONSENT,
}
NAMED = {**MATTER, "request_id": "cong-tinh-0002", "person": {"name": "Trần Thị Mận", "phone": "0912345678"}}


async def act(outside: Outside, official: Official, code: str) -> Act:
    async with outside.store.read() as tx:
        found = (await cases.by_codes(tx, [code]))[code]
        fresh = await officials.load(tx, official.id, LIBRARY, ON)
    assert fresh is not None
    return Act(eye(fresh, LIBRARY), LIBRARY, code, found.case.steps, outside.hands.at, outside.hands.at)


async def test_a_matter_is_sent_answered_and_read_back_by_who_sent_it(outside: Outside) -> None:
    key, other = await outside.key("cases-send"), await outside.key("cases-send", "cases-read", name="Khác")
    taken = await outside.sends(key, "/cases", NAMED, 201)
    code = taken["code"]
    assert len(taken["pin"]) == 4
    assert (await outside.asks(key, f"/cases/{code}"))["state"] == "moi"
    await outside.catch_up()
    async with outside.store.write() as tx:
        await answers.answer(tx, await act(outside, outside.chair, code), "Xã đã cho khơi cống.")
    mine = await outside.asks(key, f"/cases/{code}")
    assert (mine["state"], mine["answer"]) == ("da-tra-loi", "Xã đã cho khơi cống.")
    assert len(mine["receipt"].replace(" ", "")) == 16
    theirs = await outside.asks(other, f"/cases/{code}")
    assert (theirs["state"], theirs["answer"], theirs["receipt"]) == ("da-tra-loi", "", "")
    assert "Mận" not in json.dumps([mine, theirs])
    async with outside.store.read() as tx:
        assert await cases.broken(tx, code) is None
        noted = await tx.rows(text("select who, detail from audit where what = 'case-sent'"))
        assert noted[0][0] == "key:1"
        assert "Mận" not in str(noted[0][1])
        assert "v2" in str(noted[0][1])
    assert not (await audit.verify(outside.store)).fault


async def test_the_same_request_gives_the_same_case(outside: Outside) -> None:
    key, other = await outside.key("cases-send"), await outside.key("cases-send", name="Khác")
    first = await outside.sends(key, "/cases", MATTER, 201)
    again = await outside.sends(key, "/cases", MATTER)
    assert again == first
    assert (await outside.sends(other, "/cases", MATTER, 201))["code"] != first["code"]
    async with outside.store.read() as tx:
        assert await cases.count(tx) == 2


async def test_the_same_request_with_other_words_is_told_not_swallowed(outside: Outside) -> None:
    key = await outside.key("cases-send")
    await outside.sends(key, "/cases", MATTER, 201)
    told = await outside.sends(key, "/cases", {**MATTER, "text": "Cầu treo đã đứt hai dây"}, 409)
    assert "request_id" in told["detail"]


async def test_words_in_khmer_letters_are_taken(outside: Outside) -> None:
    key = await outside.key("cases-send")
    await outside.sends(key, "/cases", {**MATTER, "text": "ខ្ញុំសូមសួរអំពីប័ណ្ណ"}, 201)


async def test_what_was_erased_stays_erased_when_it_is_sent_again(outside: Outside) -> None:
    key = await outside.key("cases-send")
    code = (await outside.sends(key, "/cases", NAMED, 201))["code"]
    keeper = await made(outside.store, LIBRARY, outside.hands, "giu", role("giu-danh-tinh"), role("lanh-dao"))
    await outside.catch_up()
    async with outside.store.write() as tx:
        await entry.forget(tx, await act(outside, keeper, code), "Bác ấy xin xóa ngày 21/11")
    assert (await outside.sends(key, "/cases", NAMED))["code"] == code
    async with outside.store.read() as tx:
        rows = await tx.rows(text("select payload from case_history")) + await tx.rows(
            text("select body from identities")
        )
    assert "Mận" not in in_full(rows)
    assert "ngập" not in in_full(rows)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kind": "bao-truc-loi"}, "body.kind"),
        ({"kind": "khan-cap"}, "body.kind"),
        ({"kind": "x"}, "body.kind"),
        ({"text": "..."}, "body.text"),
        ({"text": "a" * 3501}, "body.text"),
        ({"request_id": "ngắn quá rồi"}, "body.request_id"),
        ({"consent": None}, "body.consent"),
        ({"consent": {"version": "v2", "given_at": "2026-11-21T09:55:00"}}, "body.consent.given_at"),
        ({"consent": {"version": "v2", "given_at": 1795237200}}, "body.consent.given_at"),
        ({"person": {"name": "A", "cccd": "001"}}, "body.person.cccd"),
    ],
)
async def test_what_may_not_be_sent_is_told(outside: Outside, change: dict[str, Any], where: str) -> None:
    key = await outside.key("cases-send")
    assert (await outside.sends(key, "/cases", {**MATTER, **change}, 422))["fields"] == [where]


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "xa-muong-ang"},
        {"unit": "xa-khong-co"},
        {"hamlet": "thon-la"},
        {"topic": "khong-co"},
        {"consent": {**CONSENT, "version": "v1"}},
        {"consent": {**CONSENT, "given_at": "2026-09-21T09:55:00+07:00"}},
        {"consent": {**CONSENT, "given_at": "2026-11-22T09:55:00+07:00"}},
        {"consent": {**CONSENT, "given_at": "0001-01-01T00:00:00+07:00"}},
    ],
)
async def test_another_place_and_no_consent_are_refused_and_nothing_is_kept(
    outside: Outside, change: dict[str, Any]
) -> None:
    key = await outside.key("cases-send")
    await outside.sends(key, "/cases", {**MATTER, **change}, 422)
    async with outside.store.read() as tx:
        assert await cases.count(tx) == 0


async def test_the_list_tells_no_words_no_names_and_nothing_hidden_from_anybody(outside: Outside) -> None:
    desk = Desk(outside.store, outside.hands)
    named = await desk.official("le.binh", role("can-bo-xu-ly"), name="Lê Văn Bình")
    plain = await desk.brings("Đường ngập", identity={"name": "Trần Thị Mận"})
    about = await desk.brings("Ông Lê Văn Bình thu tiền sai của nhà tôi", chat="nha-b")
    report = await desk.brings("Có người khai gian", chat="nha-c", kind=CaseKind.WRONGDOING)
    away = await desk.brings("Đường ngập", chat="nha-d", unit="xa-muong-ang")
    waits = await desk.brings("Chưa ai xem lời này", chat="nha-e", caught_up=False)
    key = await outside.key("cases-read")
    found = await outside.asks(key, "/cases")
    assert [one["code"] for one in found["items"]] == [plain]
    assert "Mận" not in json.dumps(found)
    assert "ngập" not in json.dumps(found)
    for code in (about, report, away, waits, "5390002"):
        await outside.asks(key, f"/cases/{code}", 404)
    assert named.id


async def test_the_maker_sees_no_more_through_a_key_than_at_the_desk(outside: Outside) -> None:
    desk = Desk(outside.store, outside.hands)
    health = await made(outside.store, LIBRARY, outside.hands, "y.te", role("lanh-dao", UNIT))
    await desk.catch_up()
    code = await desk.brings("Thẻ bảo hiểm sai tên", topic="bhyt")
    key = await outside.key("cases-read", by=health)
    assert [one["code"] for one in (await outside.asks(key, "/cases"))["items"]] == [code]
    async with outside.store.write() as tx:
        await rows.end_assignment(tx, health.id, health.assignments[0].id, outside.hands.at)
    await outside.asks(key, "/cases", 403)


async def test_pages_and_filters_of_cases(outside: Outside) -> None:
    desk = Desk(outside.store, outside.hands)
    codes = [await desk.brings(f"Việc số {n}", chat=f"nha-{n}") for n in range(5)]
    key = await outside.key("cases-read")
    first = await outside.asks(key, "/cases", limit=3)
    rest = await outside.asks(key, "/cases", limit=3, after=first["next"])
    assert [one["code"] for one in first["items"] + rest["items"]] == codes[::-1]
    assert rest["next"] is None
    async with outside.store.write() as tx:
        await handling.receive(tx, await act(outside, outside.chair, codes[0]))
    seen = await outside.asks(key, "/cases", state="da-tiep-nhan", kind="phan-anh", unit=UNIT)
    assert [one["code"] for one in seen["items"]] == [codes[0]]
    await outside.asks(key, "/cases", 404, unit="xa-muong-ang")
    await outside.asks(key, "/cases", 422, state="")


async def test_figures_hide_what_is_small_and_end_with_the_right(outside: Outside) -> None:
    desk = Desk(outside.store, outside.hands)
    key = await outside.key("figures")
    for n in range(4):
        await desk.brings(f"Việc số {n}", chat=f"nha-{n}")
    small = await outside.asks(key, f"/units/{UNIT}/figures")
    assert (small["quarter"], small["cases"], small["median_days"]) == ("2026-q4", None, None)
    await desk.brings("Việc nữa", chat="nha-x")
    assert (await outside.asks(key, f"/units/{UNIT}/figures", quarter="2026-q4"))["cases"] == 5
    await outside.asks(key, f"/units/{UNIT}/figures", 404, quarter="2027-q1")
    await outside.asks(key, "/units/xa-muong-ang/figures", 404)
