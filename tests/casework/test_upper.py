"""A report about the commune's own officials: to the body above, sealed to a key held outside, or not taken at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.casework import custody, keepers
from bot.library import Library
from bot.library.schema.unit import UpperBody
from bot.rights import NotAllowedError
from bot.store import sealing
from bot.store.case_tables import case_history, cases
from bot.store.tables import conversations, identities, outbox, search_docs
from tests.casework import conftest
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import ON, UNIT, role

SECRET = "Ông Sáu Bí Mật lấy tiền"
PRIVATE, PUBLIC = sealing.new_key()


def with_unit(**changes: object) -> Library:
    unit = LIBRARY.units[UNIT].model_copy(update=changes)
    return replace(LIBRARY, units={**LIBRARY.units, UNIT: unit}, memo={})


async def report(desk: Desk, monkeypatch: pytest.MonkeyPatch, library: Library, about: str = "can-bo-xa") -> str:
    """A household reports through the real form; all it was told."""
    monkeypatch.setattr(conftest, "LIBRARY", library)
    flow = "bao-truc-loi"
    said = await desk.presses(f"f:{flow}")
    said += await desk.presses("", text=SECRET)
    for node, choice in (("luu-y", "gui"), ("ve-ai", about)):
        said += await desk.presses(f"o:{flow}:{node}:{choice}")
    if any(one.said in {"says/report-upper", "says/report-unkept"} for one in said):
        return "\n".join(one.text for one in said[-1:])
    for press in ("x:skip", "x:skip", f"o:{flow}:tep:done", f"o:{flow}:ten:khong-neu", f"o:{flow}:dong-y:dong-y"):
        said += await desk.presses(press)
    said += await desk.presses(f"o:{flow}:xac-nhan:gui")
    await desk.catch_up()
    return "\n".join(one.text for one in said[-2:])


async def everything(desk: Desk) -> str:
    """All that the database holds of chats and cases, as text."""
    found = []
    async with desk.store.read() as tx:
        for table in (outbox, cases, case_history, conversations, identities, search_docs):
            found += [repr(row) for row in await tx.rows(table.select())]
    return "\n".join(found)


async def test_without_a_body_above_nothing_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await report(desk, monkeypatch, LIBRARY)
    assert "Thanh tra thành phố Hải Phòng" in told
    held = await everything(desk)
    assert "Bí Mật" not in held
    assert "bi mat" not in held
    async with desk.store.read() as tx:
        assert await tx.rows(cases.select()) == []


async def test_with_a_key_held_outside_it_is_sealed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = await desk.official("giu-kin", role("giu-danh-tinh"))
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    told = await report(desk, monkeypatch, with_unit(outside_key=PUBLIC))
    assert "Mã việc" in told
    held = await everything(desk)
    assert "Bí Mật" not in held
    assert "bi mat" not in held
    (code,) = await desk.sees(keeper)
    assert await desk.sees(clerk) == set()
    sealed = await desk.does(keeper, code, custody.sealed)
    assert isinstance(sealed, str)
    assert sealing.unseal(PRIVATE, sealed)["text"] == SECRET
    with pytest.raises(sealing.SealError):
        sealing.unseal(sealing.new_key()[0], sealed)
    with pytest.raises(NotAllowedError):
        await desk.does(clerk, code, custody.sealed)


async def test_with_a_body_above_its_keeper_has_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = await desk.official("giu-kin", role("giu-danh-tinh"))
    await report(desk, monkeypatch, with_unit(upper_body=UpperBody(name="Thanh tra thành phố")))
    assert len(await desk.sees(keeper)) == 1


async def test_about_a_neighbour_stays_in_the_commune(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = await desk.official("giu-kin", role("giu-danh-tinh"))
    await report(desk, monkeypatch, LIBRARY, about="hang-xom")
    assert len(await desk.sees(keeper)) == 1


@pytest.mark.parametrize("about", ["hang-xom", "can-bo-xa"])
async def test_what_nobody_could_read_is_not_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch, about: str) -> None:
    # the only keeper may be whom it is about
    await desk.official("sau", role("giu-danh-tinh"), name="Lê Văn Sáu")
    told = await report(desk, monkeypatch, with_unit(upper_body=UpperBody(name="Thanh tra thành phố")), about=about)
    assert ("chưa có người" if about == "hang-xom" else "không nên để ở xã") in told
    assert "Bí Mật" not in await everything(desk)
    async with desk.store.read() as tx:
        assert await tx.rows(cases.select()) == []


async def test_what_nobody_could_read_is_sealed_where_there_is_a_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await report(desk, monkeypatch, with_unit(outside_key=PUBLIC), about="hang-xom")
    assert "Mã việc" in told
    assert "Bí Mật" not in await everything(desk)
    async with desk.store.read() as tx:
        assert await keepers.unread(tx, LIBRARY, UNIT, ON) == 1, "somebody has to pass it on"


ACCUSES = "Tôi muốn tố cáo trưởng thôn ăn chặn tiền hộ nghèo"


async def asks(desk: Desk, monkeypatch: pytest.MonkeyPatch, library: Library) -> list[str]:
    """A household asks an official, and accuses; what it was told by name of phrase."""
    monkeypatch.setattr(conftest, "LIBRARY", library)
    said = await desk.presses("f:hoi-can-bo")
    said += await desk.presses("", text=ACCUSES)
    for press in ("tep:done", "ten:khong-neu", "dong-y:dong-y", "xac-nhan:gui"):
        if said[-1].said == "says/report-unkept":
            break
        said += await desk.presses(f"o:hoi-can-bo:{press}")
    await desk.catch_up()
    return [one.said for one in said]


async def test_a_question_that_accuses_is_not_taken_where_nobody_could_read_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.official("lan", role("can-bo-xu-ly"))
    assert (await asks(desk, monkeypatch, LIBRARY))[-1] == "says/report-unkept"
    assert "ăn chặn" not in await everything(desk)
    async with desk.store.read() as tx:
        assert await tx.rows(cases.select()) == []


async def test_a_question_that_accuses_is_sealed_where_there_is_a_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "says/words-gone" in await asks(desk, monkeypatch, with_unit(outside_key=PUBLIC))
    assert "ăn chặn" not in await everything(desk)
    async with desk.store.read() as tx:
        assert [(row.kind, row.custody) for row in await tx.rows(cases.select())] == [("hoi-can-bo", "kin")]


async def test_a_question_that_accuses_goes_to_a_free_keeper(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = await desk.official("giu-kin", role("giu-danh-tinh"))
    told = await asks(desk, monkeypatch, with_unit(outside_key=PUBLIC))
    assert not {"says/report-unkept", "says/words-gone"} & set(told)
    assert len(await desk.sees(keeper)) == 1


async def test_words_that_accuse_are_not_added_where_nobody_could_read_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "LIBRARY", LIBRARY)
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Bao giờ có gạo cứu trợ")
    await desk.presses(f"c:{code}:add")
    assert (await desk.presses("", text=ACCUSES))[-1].said == "says/report-unkept"
    await desk.catch_up()
    assert await desk.sees(clerk) == {code}
    assert "ăn chặn" not in await everything(desk)


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=50), max_size=4))
def test_what_is_sealed_opens_with_the_key_alone(told: dict[str, str]) -> None:
    assert sealing.unseal(PRIVATE, sealing.seal(PUBLIC, told)) == told


@pytest.mark.parametrize("key", ["", "00", "zz" * 32, "00" * 32])
def test_no_key_seals_nothing(key: str) -> None:
    with pytest.raises(sealing.SealError):
        sealing.seal(key, {})


def test_the_library_is_not_loaded_until_something_is_sealed() -> None:
    assert "cryptography" not in Path(sealing.__file__).read_text("utf-8").split("def seal")[0]
