"""Every page for every role: what is not theirs answers 404 and writes nothing; a form without its token neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import rights
from bot.model.case import CaseKind
from bot.model.official import Assignment
from bot.store import attachments
from bot.store import officials as rows
from desk.desk import PAGES, Page
from desk.pages import people
from desk.pages.cases import ACT, ENTER, READ
from tests.casework.conftest import Desk
from tests.desk.office.announcer import on_air
from tests.desk.office.conftest import UNIT, Client, NewClient, add_official, contents, fill_in, today
from tests.desk.office.links import dead, links
from tests.desk.office.test_broadcasts import a_broadcast
from tests.desk.office.test_content import stocked
from tests.harness.clock import Hands
from tests.harness.site import Running

CASE_DEEDS = ("gan", "nhan", "giao", "chuyen", "cho", "lam-tiep", "dong", "ghi-chu", "tra-loi", "hoi", "da-bao", "gop")
CASE_DEEDS += ("tach", "tep", "giu-kin")
BULLETIN_DEEDS = ("sua", "xep", "them", "bai", "tieng", "trinh", "bo")
#: what opens each page; a page added or opened wider has to be written here too
OPENS = {
    "/ban": "desk",
    "/ban/nguoi": "officials",
    "/ban/nhat-ky": "audit-read",
    "/ban/ket-noi": "integrations",
    "/ban/toi": "desk",
    "/ban/quyen": "desk",
    "/ban/don-vi": "units",
    "/ban/don-vi/{unit}/cap-tren": "officials",
    "/ban/xac-nhan": "entry-correct",
    "/ban/ho-so": READ,
    "/ban/toi/tin-bao": READ,
    "/ban/ho-so/moi": ENTER,
    **{f"/ban/ho-so/{{code}}/{deed}": ACT for deed in CASE_DEEDS},
    **{f"/ban/ho-so/{rest}": "case-keep" for rest in ("{code}/lien-quan", "{code}/niem-phong")},
    **{f"/ban/ho-so/{rest}": "identity-read" for rest in ("ten", "{code}/ten", "{code}/xoa")},
    "/ban/ho-so/{code}/tep/": READ,
    "/ban/noi-dung": "entry-correct|entry-sign|case-answer|case-approve|broadcast-write|broadcast-approve",
    **{f"/ban/noi-dung/{rest}": "case-answer|entry-correct" for rest in ("moi", "tu-ho-so")},
    "/ban/tin": "broadcast-write|broadcast-approve",
    **{f"/ban/tin/{rest}": "broadcast-write" for rest in ("bai", "moi", "{tin}/sua", "{tin}/trinh")},
    **{f"/ban/tin/{{tin}}/{rest}": "broadcast-approve" for rest in ("duyet", "khong-duyet")},
    "/ban/noi-dung/cau-hoi": "entry-correct|case-answer",
    "/ban/noi-dung/tin-moi": "broadcast-write|entry-correct",
    "/ban/so-lieu": "report-read",
    "/ban/so-lieu/ky": "report-read",
    "/ban/tim": "desk",
    "/ban/loa": "broadcast-write|broadcast-approve|clip-record",
    **{f"/ban/loa/{rest}": "broadcast-write" for rest in ("soan", "moi", "giong")},
    "/ban/loa/doc": "clip-record|broadcast-approve",
    "/ban/loa/doc/{unit}/{entry}/trinh": "clip-record",
    "/ban/loa/doc/{unit}/{entry}/duyet": "broadcast-approve",
    **{f"/ban/loa/doc/{{unit}}/{{entry}}/{{line}}/{deed}": "clip-record" for deed in ("thu", "nhan", "bo")},
    "/ban/loa/so": "report-read",
    "/ban/loa/goi": "clip-record",
    "/ban/loa/so/{airing}/": "clip-record",
    **{f"/ban/loa/tin/{{bulletin}}/{rest}": "broadcast-write" for rest in BULLETIN_DEEDS},
    **{f"/ban/loa/tin/{{bulletin}}/{rest}": "broadcast-approve" for rest in ("duyet", "tra")},
    "/ban/loa/tin/{bulletin}/rut": "broadcast-write|broadcast-approve",
}
SIGNS = {"/ban/xac-nhan/{unit}/{entry}/ky", "/ban/xac-nhan/{unit}/{entry}/rut"}


def filled(page: Page, target: int, code: str = "5215026", number: int = 1, **more: str) -> str:
    """The page's address for objects that are there."""
    held = {"id": str(target), "number": str(number), "unit": UNIT, "entry": "ho-tro-tien-dien", "code": code}
    held |= {"body": "phong", "zone": "cum", "hamlet": "thon", **more}
    path = page.path
    for name, value in held.items():
        path = path.replace("{" + name + "}", value)
    return path


def test_pages_ask_for_the_right_that_is_agreed() -> None:
    for page in PAGES:
        stem = max((stem for stem in OPENS if page.path.startswith(stem)), key=len)
        assert page.action == ("entry-sign" if page.path in SIGNS else OPENS[stem]), page.path


async def two_cases(place: Running, hands: Hands) -> tuple[str, str]:
    """A question and a report of wrongdoing, each with a file, matched against everybody."""
    desk, store = Desk(place.house.store, hands), place.house.store
    asked = await desk.brings("Hỏi về thẻ", kind=CaseKind.QUESTION)
    told = await desk.brings("Hàng xóm khai gian", chat="nha-b", kind=CaseKind.WRONGDOING, about="hang-xom")
    told_of = {"kind": "photo", "channel": "web", "account": "", "ref": "", "mime": "", "size_bytes": 3}
    async with store.write() as tx:
        rows = [{**told_of, "case_id": number, "added_at": hands.at} for number in (1, 2)]
        for number in await attachments.add(tx, rows):
            sha256 = await store.blobs.put(b"abc")
            await attachments.keep(tx, number, sha256=sha256, mime="image/png", size_bytes=3)
    return asked, told


@pytest.mark.parametrize("role", [*rights.roles(), "nobody"])
async def test_every_page_for_every_role(
    place: Running, client: Client, hands: Hands, tmp_path: Path, role: str
) -> None:
    target = await add_official(place, "nguoi.khac", "nguoi-xem")
    chief = await add_official(place, "quan.tri.chinh", "quan-tri")
    told = {"bodies": {"id": "phong", "name": "A"}, "zones": {"id": "cum", "title": "B"}}
    told["hamlets"] = {"id": "thon", "name": "C"}
    await fill_in(place, chief, **{name: [value] for name, value in told.items()})
    await add_official(place, "nguoi.nay", *([role] if role in rights.roles() else []), is_chair=True)
    codes, content = await two_cases(place, hands), await stocked(place)
    content |= await on_air(place, hands, tmp_path)
    message = str(await a_broadcast(place))
    await client.sign_in("nguoi.nay")
    own = rights.roles()[role].may if role in rights.roles() else ()
    # a keeper of reports sees the report, everybody else who reads cases the other one
    which = 2 if "case-keep" in own else 1
    token = (await client.get("/ban/toi")).token if "desk" in own else "0" * 48
    before = await contents(place)
    opened: set[str] = set()
    shown: dict[str, str] = {}
    for page in PAGES:
        path = filled(page, target, codes[which - 1], which, tin=message, **content)
        is_open = any(action in own for action in page.action.split("|"))
        if page.get:
            answer = await client.get(path)
            assert answer.status == (200 if is_open else 404), (role, path)
            opened |= {path} if is_open else set()
            shown |= {link: path for link in links(answer) if is_open}
        if page.post and not is_open:
            assert (await client.post(path, {"the": token})).status == 404, (role, path)
        if page.post and is_open:
            assert (await client.post(path, {"the": "0" * 48})).status == 403, (role, path)
            assert (await client.post(path, {})).status == 403, (role, path)
    assert await contents(place) == before
    assert await dead(client, shown, opened) == [], "nobody is shown a link they may not follow"


async def test_nobody_is_led_to_the_login_and_writes_nothing(place: Running, client: Client) -> None:
    target = await add_official(place, "nguoi.khac", "nguoi-xem")
    before = await contents(place)
    for page in PAGES:
        if page.get:
            assert (await client.get(filled(page, target))).headers["location"].startswith("/ban/vao")
        if page.post:
            assert (await client.post(filled(page, target), {})).headers["location"].startswith("/ban/vao")
    assert await contents(place) == before


async def test_rights_end_with_the_session_open(place: Running, client: Client) -> None:
    """Who is closed is out at the next request, not at the next sign-in."""
    number = await add_official(place, "nguoi.nay", "quan-tri")
    await add_official(place, "nguoi.khac", "quan-tri")
    await client.sign_in("nguoi.nay")
    assert (await client.get("/ban/nguoi")).status == 200
    async with place.house.store.write() as tx:
        await rows.end_assignment(tx, number, 1, place.house.clock.true())
    assert (await client.get("/ban/nguoi")).status == 404
    async with place.house.store.write() as tx:
        await rows.change(tx, number, state="disabled")
    assert (await client.get("/ban/nguoi")).status == 303


async def test_manager_of_one_unit_does_not_meet_those_of_others(place: Running, client: Client) -> None:
    number = await add_official(place, "quan.tri.xa")
    there = Assignment(0, "quan-tri", UNIT, "", (), is_chair=False, since=today(place), until=None)
    async with place.house.store.write() as tx:
        await rows.assign(tx, number, there)
    other = await add_official(place, "nguoi.noi.khac", "nguoi-xem", unit="xa-muong-ang")
    mine = await add_official(place, "nguoi.xa", "nguoi-xem")
    await client.sign_in("quan.tri.xa")
    shown = await client.get(people.PATH)
    assert "nguoi.xa" in shown.text
    assert "nguoi.noi.khac" not in shown.text
    before = await contents(place)
    for path in (f"{people.PATH}/{other}", f"{people.PATH}/999999", f"{people.PATH}/x"):
        assert (await client.get(path)).status == 404, path
        assert (await client.post(f"{path}/khoa", {"the": shown.token})).status == 404, path
    assert await contents(place) == before
    given = {"the": shown.token, "role": "quan-tri", "unit": ""}
    assert (await client.post(f"{people.PATH}/{mine}/vai", given)).status == 404
    assert await contents(place) == before


async def test_invitation_role_delegation_and_closing(place: Running, client: Client, new_client: NewClient) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    told = {"name": "Lê Thị Bình", "login": "le.binh", "role": "lanh-dao", "unit": UNIT}
    taken = await client.fill("/ban/nguoi/moi", **{**told, "login": "quan.tri"})
    assert taken.status == 400
    assert "đã có người dùng" in taken.text
    link = await client.fill("/ban/nguoi/moi", **told)
    path = link.text.split("/ban/moi/")[1].split("<")[0]
    guest = await new_client()
    assert (await guest.fill(f"/ban/moi/{path}", password="mùa gặt đến rồi", again="mùa gặt đến rồi")).path.startswith(
        "/ban?"
    )
    number = 2
    page = f"/ban/nguoi/{number}"
    lent = {"document": "12/GUQ-UBND", "unit": UNIT, "since": "2026-11-01", "until": "2026-10-01"}
    wrong = await client.fill(page, f"{page}/uy-quyen", **lent)
    assert wrong.status == 400
    assert "12/GUQ-UBND" in wrong.text
    done = await client.fill(page, f"{page}/uy-quyen", **{**lent, "until": "2026-12-31"})
    assert "Đã ghi ủy quyền" in done.text
    assert "31/12/2026" in done.text
    assert (await guest.get("/ban/toi")).status == 200
    closed = await client.fill(page, f"{page}/khoa")
    assert "Đã khóa" in closed.text
    assert (await guest.get("/ban/toi")).status == 303
    opened = await client.fill(page, f"{page}/mo")
    assert "Chờ đặt mật khẩu" in opened.text
    own = await client.fill("/ban/nguoi/1", "/ban/nguoi/1/khoa")
    assert own.status == 400
    assert "Không ai tự đổi quyền" in own.text


async def test_journal_shows_filters_and_verifies(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    shown = await client.get("/ban/nhat-ky")
    assert "Đăng nhập" in shown.text
    assert "Mời người" in shown.text
    only = await client.get("/ban/nhat-ky?viec=signed-in&tu=2026-11-21&den=2026-11-21")
    assert "<strong>Đăng nhập</strong>" in only.text
    assert "<strong>Mời người</strong>" not in only.text
    verdict = await client.fill("/ban/nhat-ky", "/ban/nhat-ky/kiem")
    assert "Sổ còn nguyên" in verdict.text
    async with place.house.store.write() as tx:
        await tx.connection.exec_driver_sql("update audit set what = 'signed-out' where id = 2")
    broken = await client.fill("/ban/nhat-ky", "/ban/nhat-ky/kiem")
    assert "không khớp" in broken.text


async def test_journal_of_one_unit_is_not_read_elsewhere(place: Running, client: Client) -> None:
    await add_official(place, "noi.khac", "lanh-dao", unit="xa-muong-ang")
    await add_official(place, "quan.tri", "quan-tri")
    await add_official(place, "chu.tich", "lanh-dao")
    await client.sign_in("chu.tich")
    shown = await client.get("/ban/nhat-ky")
    assert "Ông chu.tich" in shown.text
    assert "noi.khac" not in shown.text
    assert "quan.tri" not in shown.text
    assert "Mời người" not in shown.text.split("</details>")[1]
