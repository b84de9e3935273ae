"""Whom a case concerns never meets it; a report is its keeper's alone."""

from __future__ import annotations

import re

from bot import rights
from bot.model.case import CaseKind
from bot.store import audit
from desk.desk import PAGES
from tests.casework.conftest import Desk
from tests.desk.office.caseworker import INBOX, acts, member
from tests.desk.office.conftest import Client, NewClient, add_official, contents, on_both
from tests.harness.site import Running


@on_both
async def test_the_person_concerned_meets_it_nowhere(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    """Not in list, count, search, export, by its code, nor by any of its pages."""
    await member(place, desk, client, "tan", "can-bo-xu-ly")
    keeper = await new_client()
    await member(place, desk, keeper, "giu", "giu-danh-tinh")
    reader = await new_client()
    await member(place, desk, reader, "lan", "can-bo-xu-ly", topics=("bhyt",))
    code = await desk.brings("Ông tan đòi tiền bồi dưỡng mới làm giấy", kind=CaseKind.FEEDBACK, topic="nha-o")
    token = (await client.get(INBOX)).token
    before = await contents(place)
    for path in (INBOX, f"{INBOX}?xem=het", f"{INBOX}?q=boi+duong", f"{INBOX}?q={code}", f"{INBOX}/xuat?xem=het"):
        for who in (client, reader):
            shown = await who.get(path)
            assert shown.status == 200
            assert "bồi dưỡng" not in shown.text, path
            assert f"/{code}" not in shown.text, path
            assert not re.search(r'class="count[^"]*">[1-9]', shown.text), path
    for page in PAGES:
        if "{code}" not in page.path:
            continue
        path = page.path.replace("{code}", code).replace("{number}", "1")
        for who in (client, reader):
            if page.get:
                assert (await who.get(path)).status == 404, path
        if page.post:
            assert (await client.post(path, {"the": token, "buoc": "1"})).status in {400, 404}, path
    assert await contents(place) == before
    # nobody else could answer it, so its keeper decides
    assert "bồi dưỡng" in (await keeper.get(INBOX)).text


async def test_whoever_is_named_meets_it_nowhere_whatever_their_role(
    place: Running, desk: Desk, new_client: NewClient
) -> None:
    """A report names one official of every role, the keeper of reports too: none of them meets it, another keeper does."""
    roles = [role for role in rights.roles() if {"case-read", "case-keep"} & set(rights.roles()[role].may)]
    clients = {role: await new_client() for role in (*roles, "keeper")}
    names = []
    for number, role in enumerate(roles):
        await add_official(place, f"thin.{'abcdefg'[number]}", role, is_chair=True)
        names.append(f"Ông thin.{'abcdefg'[number]}")
    await add_official(place, "nguoi.giu.khac", "giu-danh-tinh")
    code = await desk.brings(f"{', '.join(names)} chia nhau tiền lán trại", kind=CaseKind.WRONGDOING, about="hang-xom")
    asked = (INBOX, f"{INBOX}?xem=het", f"{INBOX}?q=lan+trai", f"{INBOX}?q={code}", f"{INBOX}/xuat?xem=het")
    for number, role in enumerate(roles):
        client = clients[role]
        await client.sign_in(f"thin.{'abcdefg'[number]}")
        for path in asked:
            shown = await client.get(path)
            assert shown.status == 200
            assert "lán trại" not in shown.text, (role, path)
            assert f"{code[:3]} {code[3:]}" not in shown.text
            assert f"/{code}" not in shown.text
            assert not re.search(r'class="count[^"]*">[1-9]', shown.text), (role, path)
        assert (await client.get(f"{INBOX}/{code}")).status == 404, role
        taken = await client.fill(f"{INBOX}/xuat?xem=het", dang="csv")
        assert (taken.status, code in taken.text) == (200, False)
    await clients["keeper"].sign_in("nguoi.giu.khac")
    assert "lán trại" in (await clients["keeper"].get(INBOX)).text


async def test_report_stays_with_its_keeper_until_settled(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    await member(place, desk, client, "giu", "giu-danh-tinh")
    reader = await new_client()
    number = await member(place, desk, reader, "lan", "can-bo-xu-ly")
    chair = await new_client()
    await member(place, desk, chair, "chu.tich", "lanh-dao", is_chair=True)
    code = await desk.brings(
        "Trưởng thôn thu tiền của hộ nghèo",
        kind=CaseKind.WRONGDOING,
        about="truong-thon",
        identity={"name": "Nguyễn Văn Kín"},
    )
    assert "thu tiền" not in (await reader.get(INBOX)).text
    paper = await client.get(f"{INBOX}/{code}")
    assert "Tin này nói về ai" in paper.text
    assert "Nguyễn Văn Kín" not in paper.text
    short = await acts(client, code, "ten", reason="cần")
    assert short.status == 400
    opened = await acts(client, code, "ten", reason="Gọi lại để hỏi ngày thu tiền")
    assert "Nguyễn Văn Kín" in opened.text
    assert "Nguyễn Văn Kín" not in (await client.get(f"{INBOX}/{code}")).text
    for odd in ("", "20/11/26", "hôm qua"):
        unread = await acts(client, code, "chuyen-thong-tin", receiver="Thanh tra tỉnh", on=odd)
        assert (unread.status, "Chưa đọc được ngày chuyển" in unread.text) == (400, True)
        assert 'value="Thanh tra tỉnh"' in unread.text
    passed = await acts(client, code, "chuyen-thong-tin", receiver="Thanh tra tỉnh", on="2026-11-20", document="12/CV")
    assert "Đã ghi nơi nhận." in passed.text
    assert "25/2018/QH14" in passed.text
    await acts(client, code, "lien-quan", concerned=str(number))
    assert "thu tiền" not in (await reader.get(INBOX)).text
    assert "thu tiền" in (await chair.get(INBOX)).text
    async with place.house.store.read() as tx:
        kinds = {line.what for line in await audit.page(tx, limit=100)}
    assert {"identity-read", "case-settled"} <= kinds
