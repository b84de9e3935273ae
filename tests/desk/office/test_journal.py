"""The journal at the desk: lines about a case only for whoever sees that case."""

from __future__ import annotations

import re

import pytest

from bot.model.case import CaseKind
from bot.store import audit
from desk.pages import journal
from tests.casework.conftest import Desk
from tests.desk.office.caseworker import INBOX, acts, member
from tests.desk.office.conftest import Client, NewClient
from tests.harness.site import Running


async def test_the_journal_shows_a_case_to_whoever_sees_the_case(
    place: Running, desk: Desk, client: Client, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair = await member(place, desk, client, "chu.tich", "lanh-dao")
    keeper, house = await new_client(), await new_client()
    await member(place, desk, keeper, "giu", "giu-danh-tinh", "can-bo-xu-ly")
    await member(place, desk, house, "quan.tri", "quan-tri")
    report = await desk.brings(
        "Chủ tịch xã lấy tiền", kind=CaseKind.WRONGDOING, about="can-bo", identity={"ho-ten": "A"}
    )
    plain = await desk.brings("Đèn đường hỏng", chat="nha-b", identity={"ho-ten": "B"})
    reason = "gọi lại hỏi thêm ngày giờ"
    for code in (report, plain):
        shown = await keeper.get(f"{INBOX}/{code}")
        await keeper.post(f"{INBOX}/{code}/ten", {"the": shown.token, "reason": reason}, follow=True)
    await acts(keeper, report, "lien-quan", concerned=str(chair))
    async with place.house.store.read() as tx:
        written = {line.what: line for line in await audit.page(tx, ref=f"case:{report}")}
    assert {"case-settled", "identity-read"} <= set(written)
    who = written["case-settled"].who
    for page in ("", "?viec=case-settled", "?viec=identity-read", f"?ai={who}", f"?ai={who}&viec=identity-read"):
        read = (await client.get(f"/ban/nhat-ky{page}")).text
        assert report not in read, page
        assert (f"case:{plain}" in read) is ("case-settled" not in page), page
        # who reads the journal of the whole house and no cases sees none here either
        assert "case:" not in (await house.get(f"/ban/nhat-ky{page}")).text
    monkeypatch.setattr(journal, "SHOWN", 1)
    monkeypatch.setattr(journal, "_READ", 2)
    path, steps = f"/ban/nhat-ky?ai={who}", 0
    while path:
        shown = await client.get(path)
        assert report not in shown.text
        steps += 1
        onward = re.search(r'href="(/ban/nhat-ky\?[^"]*truoc=\d+)"', shown.text)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert steps > 1
