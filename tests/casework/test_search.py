"""Finding cases by words: accents or none, exact spelling first, newest first, page after page, within one's rights."""

from __future__ import annotations

import pytest

from bot.casework import export, handling, inbox
from bot.store import case_search
from bot.store.case_desk import Filters
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import role


async def found(desk: Desk, login: object, words: str, limit: int = 50, wanted: Filters | None = None) -> list[str]:
    """All codes a search gives, page by page."""
    codes, mark = [], ""
    while True:
        async with desk.store.read() as tx:
            page = await inbox.search(
                tx,
                login,
                words,
                wanted or Filters(),
                now=desk.hands.at,
                mark=mark,
                limit=limit,  # type: ignore[arg-type]
            )
        codes += [line.case.code for line in page.lines]
        mark = page.onward
        if not mark:
            return codes


async def test_exact_accents_come_first_then_the_newest(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_search, "WINDOWS", {"sqlite": (2, 4), "postgresql": (2, 4)})
    eye = desk.eye(await desk.official("lan", role("can-bo-xu-ly")))
    texts = ["bò ốm nặng", "bo om nang", "bỏ ổ mọt", "Bò ốm, nằng nặc không ăn", "con bò ốm rất nặng", "chó cắn"]
    codes = [await desk.brings(text, chat=f"nha-{n}") for n, text in enumerate(texts)]
    for limit in (1, 2, 50):
        assert await found(desk, eye, "bò ốm nặng", limit) == [codes[4], codes[0], codes[3], codes[1]]
        assert await found(desk, eye, "bo om", limit) == [codes[4], codes[3], codes[1], codes[0]]
    assert await found(desk, eye, codes[2]) == [codes[2]]
    assert await found(desk, eye, "") == await found(desk, eye, "?!") == await found(desk, eye, "khôngcó") == []
    assert await found(desk, eye, '" OR 1 NEAR(*') == []


async def test_notes_and_answers_are_found_in_their_own_commune_alone(desk: Desk) -> None:
    here = await desk.official("lan", role("can-bo-xu-ly"))
    there = await desk.official("xa-khac", role("can-bo-xu-ly", "xa-dak-doa"))
    code = await desk.brings("Đèn hỏng")
    await desk.does(here, code, handling.write_note, "Hỏi điện lực Tứ Kỳ")
    assert await found(desk, desk.eye(here), "dien luc") == [code]
    assert await found(desk, desk.eye(there), "dien luc") == []
    whole = await desk.official("ca-nha", role("can-bo-xu-ly", ""))
    await desk.does(whole, code, handling.hand_over, unit="xa-dak-doa")
    await desk.catch_up()
    assert await found(desk, desk.eye(there), "dien luc") == [code]
    assert await found(desk, desk.eye(here), "dien luc") == []
    assert await found(desk, desk.eye(whole), "điện lực", wanted=Filters(units=("xa-tu-ky",))) == []


async def test_rows_for_export_hold_no_words_and_run_no_formula(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    await desk.brings("Bí mật của tôi", hamlet='=HYPERLINK("http://x")', identity={"ho-ten": "Nguyễn Thị Bí Mật"})
    async with desk.store.read() as tx:
        lines = [row async for row in export.rows(tx, desk.eye(official), LIBRARY, Filters(), now=desk.hands.at)]
    told = export.as_csv(lines).decode("utf-8-sig")
    assert "Bí" not in told
    assert "'=HYPERLINK" in told
    assert told.splitlines()[0].startswith("Mã,Loại,")
    assert export.as_xlsx(lines)[:2] == b"PK"
    for cell in ("=1", "+1", "-1", "@a", "\t=1", " =1", "\uff1d1"):
        assert export.safe(cell).startswith("'")
    assert export.safe("thường") == "thường"
