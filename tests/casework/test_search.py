"""Finding cases by words: accents or none, exact spelling first, newest first, page after page, within one's rights."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from bot.casework import export, handling, inbox
from bot.model.official import Official
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


async def written(desk: Desk, official: Official, form: str) -> tuple[int, bytes]:
    """An export: how many rows, and the file."""
    out = io.BytesIO()
    async with desk.store.read() as tx:
        count = await export.write(tx, desk.eye(official), LIBRARY, Filters(), form=form, out=out, now=desk.hands.at)
    return count, out.getvalue()


async def test_rows_for_export_hold_no_words_and_run_no_formula(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    await desk.brings("Bí mật của tôi", hamlet='=HYPERLINK("http://x")', identity={"ho-ten": "Nguyễn Thị Bí Mật"})
    count, raw = await written(desk, official, "csv")
    told = raw.decode("utf-8-sig")
    assert count == 1
    assert "Bí" not in told
    assert "'=HYPERLINK" in told
    assert told.splitlines()[0].startswith("Mã,Loại,")
    _count, sheet = await written(desk, official, "xlsx")
    cells = [cell for row in load_workbook(io.BytesIO(sheet)).active.rows for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    wide = ("\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\u3000=1", "\u200b=1")
    for cell in ("=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", *wide):
        assert export.safe(cell).startswith("'"), repr(cell)
    assert export.safe("thường") == "thường"


async def test_an_export_is_written_in_runs_and_a_sheet_has_its_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    for number in range(5):
        await desk.brings("Đèn hỏng", chat=f"nha-{number}", caught_up=False)
    await desk.catch_up()
    monkeypatch.setattr(export, "AT_ONCE", 2)
    count, raw = await written(desk, official, "csv")
    assert count == 5
    assert len(raw.splitlines()) == 6
    assert raw.count(b"\xef\xbb\xbf") == 1
    monkeypatch.setattr(export, "XLSX_MOST", 3)
    with pytest.raises(export.TooManyRowsError):
        await written(desk, official, "xlsx")
