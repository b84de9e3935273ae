"""An entry is asked about, signed, and everybody who asked is told; nobody signs their own correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot import signing
from bot.correction import WrongTextError
from bot.library import EntryKey, Library, airable, answer, is_signed
from bot.model.case import CaseKind, CaseState
from bot.model.codes import new_code
from bot.model.events import CaseOpened, ContactLeft
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.runner.shelf import Shelf
from bot.signing import ChangedError, EndedError, NoDraftError, Paper, WrongDocumentError
from bot.store import Store, audit, bell, cases, outbox
from bot.store import drafts as draft_rows
from tests.harness.clock import Hands
from tests.harness.happenings import happen
from tests.harness.officials import ON, made, role
from tests.harness.talk import key
from tests.signing.conftest import ENTRY

#: the entry goes by paper, so every first answer of it says so
BY_PAPER = "Nhà có giấy chứng nhận hộ nghèo thì được."


def asks(seed: bytes, entry: EntryKey = ENTRY) -> CaseOpened:
    return CaseOpened(
        new_code(seed),
        CaseKind.CONFIRM_ENTRY,
        entry.unit or "",
        "",
        entry=entry.id,
        join=f"entry:{entry.id}:{entry.unit}",
        anonymous=True,
    )


async def look(store: Store, library: Library, official: Official, on: date = ON) -> Paper:
    async with store.read() as tx:
        return await signing.look(tx, official, library, ENTRY, on)


async def sign(store: Store, library: Library, official: Official, hands: Hands, **told: object) -> int:
    paper = await look(store, library, official)
    text_hash = paper.draft.text_hash if told.get("with_draft") and paper.draft else paper.text_hash
    async with store.write() as tx:
        return await signing.sign(
            tx,
            official,
            library,
            ENTRY,
            **{"text_hash": text_hash, "document": "45/UBND-VX", "now": hands.at, "at": hands.at} | told,  # type: ignore[arg-type]
        )


async def propose(store: Store, library: Library, official: Official, hands: Hands, **texts: str) -> None:
    async with store.write() as tx:
        await signing.propose(
            tx,
            official,
            library,
            ENTRY,
            texts,
            document="45/UBND-VX",
            document_on=date(2026, 11, 20),
            on=ON,
            at=hands.at,
        )


async def letters(store: Store, chat: str) -> list[str]:
    async with store.read() as tx:
        return [f"{x.outbound.heading}\n{x.outbound.text}" for x in await outbox.mailbox(tx, key(chat, "web"))]


async def nothing_written(store: Store) -> bool:
    async with store.read() as tx:
        return not await audit.lines(tx, "entry-signed") and not await audit.lines(tx, "correction-written")


async def test_the_list_puts_what_is_asked_most_first(store: Store, library: Library, hands: Hands) -> None:
    other = EntryKey("policies", "vay-nha-o", "xa-tu-ky")
    await happen(store, hands, asks(b"1"), chat="1")
    await happen(store, hands, asks(b"2", other), chat="1")
    await happen(store, hands, asks(b"3", other), chat="2")
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    async with store.read() as tx:
        listed = await signing.waiting(tx, chair, library, ON)
    assert [(one.id, one.askers) for one in listed[:2]] == [("vay-nha-o", 2), (ENTRY.id, 1)]
    assert {one.unit for one in listed} == {"xa-tu-ky"}
    assert all(one.may_sign and one.may_correct for one in listed)
    assert not any(is_signed(library, one.id, one.unit, ON) for one in listed)


async def test_a_signature_reaches_households_and_those_who_asked(store: Store, shelf: Shelf, hands: Hands) -> None:
    library = shelf.library
    for number, chat in enumerate(("a", "b", "c")):
        await happen(store, hands, asks(bytes([number])), chat=chat, channel="web")
    await happen(store, hands, ContactLeft(), chat="c", channel="web")
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    paper = await look(store, library, chair)
    assert paper.askers == 3
    assert "cần xã xác nhận" in paper.now.signed_line
    assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in paper.once_signed.signed_line
    async with store.bell.ear(bell.OVERLAY) as ear:
        assert await sign(store, library, chair, hands) == 2
        assert await ear.heard(5)
    for chat in ("a", "b"):
        last = (await letters(store, chat))[-1]
        assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in last
        assert "45/UBND-VX" in last
        assert paper.now.text in last
    assert "xác nhận ngày" not in (await letters(store, "c"))[-1]
    async with store.read() as tx:
        asking = (await cases.by_codes(tx, [asks(b"\0").code]))[asks(b"\0").code]
        assert asking.case.state == CaseState.ANSWERED.value
        assert await cases.broken(tx, asking.code) is None
        assert await cases.open_by_join(tx, [asks(b"\0").join]) == {}
    now = await shelf.catch_up()
    assert now is not library
    seen = answer(now, ENTRY.id, ON, "xa-tu-ky")
    assert seen.signed
    assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in seen.signed_line
    assert airable(now, ENTRY.id, ON, "xa-tu-ky")
    assert not answer(now, ENTRY.id, ON, "xa-dak-doa").signed
    async with store.read() as tx:
        assert ENTRY.id not in {one.id for one in await signing.waiting(tx, chair, now, ON)}


async def test_another_process_hears_of_it(store: Store, shelf: Shelf, hands: Hands) -> None:
    chair = await made(store, shelf.library, hands, "chu-tich", role("lanh-dao"))
    other = Shelf(store, shelf._base, shelf.library)
    await sign(store, shelf.library, chair, hands)
    assert (await other.catch_up()).signature(ENTRY.id, "xa-tu-ky") is not None


async def test_a_correction_is_written_by_one_and_signed_by_another(store: Store, shelf: Shelf, hands: Hands) -> None:
    library = shelf.library
    writer = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    await propose(store, library, writer, hands, answer=f"Xã đã hỏi điện lực: hộ nghèo nhận ở thôn. {BY_PAPER}")
    paper = await look(store, library, chair)
    assert paper.draft is not None
    assert paper.draft.changed == ("answer",)
    assert paper.draft_signed is not None
    assert "Xã đã hỏi điện lực" in paper.draft_signed.text
    assert paper.may_sign_draft
    with pytest.raises(NotAllowedError):
        await sign(store, library, writer, hands, with_draft=True)
    await sign(store, library, chair, hands, with_draft=True)
    seen = answer(await shelf.catch_up(), ENTRY.id, ON, "xa-tu-ky")
    assert "Xã đã hỏi điện lực" in seen.text
    assert seen.signed
    assert "21/11/2026" in seen.stamp
    grounds = next(part.text for part in seen.parts if part.key == "grounds")
    assert "45/UBND-VX" in grounds
    assert (await look(store, shelf.library, chair)).draft is None
    elsewhere = answer(shelf.library, ENTRY.id, ON, "xa-dak-doa")
    assert "Xã đã hỏi điện lực" not in elsewhere.text


async def test_a_leader_does_not_sign_their_own_correction(store: Store, library: Library, hands: Hands) -> None:
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    await propose(store, library, chair, hands, answer=f"Câu của chính lãnh đạo. {BY_PAPER}")
    assert not (await look(store, library, chair)).may_sign_draft
    with pytest.raises(NotAllowedError):
        await sign(store, library, chair, hands, with_draft=True)
    async with store.read() as tx:
        assert not await audit.lines(tx, "entry-signed")


@pytest.mark.parametrize("name", ["quan-tri", "can-bo-xu-ly", "phat-thanh-vien", "tuyen-truyen-vien", "nguoi-xem"])
async def test_who_may_not_sign_writes_nothing(sqlite_store: Store, hands: Hands, name: str) -> None:
    library = (await Shelf.open(sqlite_store, _content())).library
    who = await made(sqlite_store, library, hands, "ai-do", role(name))
    chair = await made(sqlite_store, library, hands, "chu-tich", role("lanh-dao"))
    paper = await look(sqlite_store, library, chair)
    with pytest.raises(NotAllowedError):
        async with sqlite_store.write() as tx:
            await signing.sign(
                tx, who, library, ENTRY, text_hash=paper.text_hash, document="", now=hands.at, at=hands.at
            )
    assert await nothing_written(sqlite_store)


async def test_elsewhere_is_as_if_it_were_not_there(store: Store, library: Library, hands: Hands) -> None:
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao", "xa-dak-doa"))
    async with store.read() as tx:
        for key_ in (
            ENTRY,
            EntryKey("policies", "khong-co", "xa-dak-doa"),
            EntryKey("stories", ENTRY.id, "xa-dak-doa"),
        ):
            with pytest.raises(NotAllowedError):
                await signing.look(tx, chair, library, key_, ON)


async def test_nobody_signs_what_changed_under_their_eyes(store: Store, shelf: Shelf, hands: Hands) -> None:
    library = shelf.library
    writer = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    await propose(store, library, writer, hands, answer=f"Bản thứ nhất. {BY_PAPER}")
    seen = await look(store, library, chair)
    await propose(store, library, writer, hands, answer=f"Bản thứ hai. {BY_PAPER}")
    assert seen.draft is not None
    with pytest.raises(ChangedError):
        await sign(store, library, chair, hands, with_draft=True, text_hash=seen.draft.text_hash)
    with pytest.raises(ChangedError):
        await sign(store, library, chair, hands, text_hash="0" * 64)
    await sign(store, library, chair, hands, with_draft=True)
    with pytest.raises(ChangedError):  # this process has not seen yet what was published
        await sign(store, library, chair, hands)
    with pytest.raises(NoDraftError):
        await sign(store, await shelf.catch_up(), chair, hands, with_draft=True)


async def test_what_ended_is_not_signed(store: Store, library: Library, hands: Hands) -> None:
    chair = await made(store, library, hands, "chu-tich", role("lanh-dao"))
    ended = library.policies[ENTRY.id].model_copy(update={"valid_to": ON - timedelta(1)})
    library = replace(library, policies={**library.policies, ENTRY.id: ended}, memo={})
    with pytest.raises(EndedError):
        await sign(store, library, chair, hands)
    async with store.read() as tx:
        assert ENTRY.id not in {one.id for one in await signing.waiting(tx, chair, library, ON)}


async def test_a_signature_ends_with_the_fact(store: Store, shelf: Shelf, hands: Hands) -> None:
    chair = await made(store, shelf.library, hands, "chu-tich", role("lanh-dao"))
    await sign(store, shelf.library, chair, hands)
    signed = await shelf.catch_up()
    entry = signed.policies[ENTRY.id]
    ending = entry.model_copy(update={"valid_to": ON})
    over = replace(signed, policies={**signed.policies, ENTRY.id: ending}, memo={})
    assert airable(over, ENTRY.id, ON, "xa-tu-ky")
    assert not airable(over, ENTRY.id, ON + timedelta(1), "xa-tu-ky")
    anew = entry.model_copy(update={"reviewed_on": ON + timedelta(1)})
    again = replace(signed, policies={**signed.policies, ENTRY.id: anew}, memo={})
    assert not is_signed(again, ENTRY.id, "xa-tu-ky", ON + timedelta(1))


async def test_a_signature_can_be_withdrawn(store: Store, shelf: Shelf, hands: Hands) -> None:
    chair = await made(store, shelf.library, hands, "chu-tich", role("lanh-dao"))
    await sign(store, shelf.library, chair, hands)
    async with store.write() as tx:
        await signing.withdraw(tx, chair, await shelf.catch_up(), ENTRY, at=hands.at)
    assert (await shelf.catch_up()).signature(ENTRY.id, "xa-tu-ky") is None
    async with store.write() as tx:
        with pytest.raises(NotAllowedError):
            await signing.withdraw(tx, chair, shelf.library, ENTRY, at=hands.at)


async def test_a_correction_can_be_dropped(store: Store, library: Library, hands: Hands) -> None:
    writer = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    other = await made(store, library, hands, "can-bo-2", role("can-bo-xu-ly"))
    await propose(store, library, writer, hands, answer=f"Câu khác. {BY_PAPER}")
    with pytest.raises(NotAllowedError):
        async with store.write() as tx:
            await signing.drop(tx, other, library, ENTRY, at=hands.at)
    async with store.write() as tx:
        await signing.drop(tx, writer, library, ENTRY, at=hands.at)
        assert await draft_rows.listed(tx) == []


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("answer", "   ", "để trống"),
        ("answer", "Dài quá. " * 60, "350"),
        ("answer", "Được {khong-co} đồng.", "khong-co"),
        ("answer", "Ngoặc { lẻ", "ngoặc"),
        ("answer", "Hộ nghèo chắc chắn có tiền điện.", "có giấy"),
        ("answer", f"{BY_PAPER} Mức là 50.000 đồng.", "50.000"),
        ("answer", f"{BY_PAPER} Bà Vàng Thị Mỷ nhận rồi.", "tên người"),
        ("parts.how", "Báo số 033099001234.", "số giấy tờ"),
        ("parts.how", "Lạ\x07", "ký tự lạ"),
        ("title", "Tên khác", "không có ô"),
        ("parts.__class__", "x", "không có ô"),
    ],
)
async def test_a_text_that_cannot_be_shown_is_refused(
    sqlite_store: Store, hands: Hands, field: str, text: str, told: str
) -> None:
    library = (await Shelf.open(sqlite_store, _content())).library
    writer = await made(sqlite_store, library, hands, "can-bo", role("can-bo-xu-ly"))
    with pytest.raises(WrongTextError, match=told) as refused:
        await propose(sqlite_store, library, writer, hands, **{field: text})
    assert refused.value.field == field
    assert await nothing_written(sqlite_store)


async def test_a_correction_needs_its_document(sqlite_store: Store, hands: Hands) -> None:
    library = (await Shelf.open(sqlite_store, _content())).library
    writer = await made(sqlite_store, library, hands, "can-bo", role("can-bo-xu-ly"))
    for document in ("", "  ", "x" * 201, "a\x00b"):
        with pytest.raises(WrongDocumentError):
            async with sqlite_store.write() as tx:
                await signing.propose(
                    tx, writer, library, ENTRY, {}, document=document, document_on=None, on=ON, at=hands.at
                )


def _content():  # type: ignore[no-untyped-def]
    from tests.signing.conftest import CONTENT

    return CONTENT
