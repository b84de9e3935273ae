"""One answer, whole hamlet: from a case to everybody who asked, and to who asks next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import faq, worklist
from bot.editing import drafts, publishing, sheet
from bot.engine.index import understanding_of
from bot.erasure import erase_due
from bot.library import airable, spoken
from bot.model.case import CaseKind
from bot.model.events import ErasureAsked, QuestionUnanswered
from bot.model.session import Session
from bot.rights import NotAllowedError
from bot.store import questions, tables
from tests.faq.conftest import ANSWER, QUESTION, UNREAD, Commune
from tests.harness.db import in_full
from tests.harness.happenings import happen
from tests.harness.officials import ON, UNIT


async def asks(commune: Commune, text: str, chat: str, unit: str = UNIT) -> None:
    await happen(
        commune.store,
        commune.hands,
        QuestionUnanswered(text),
        chat=chat,
        channel="web",
        session=Session(unit=unit),
    )


async def test_an_answer_reaches_everybody_once(commune: Commune) -> None:
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    chair = await commune.official("chu-tich", "lanh-dao")
    await asks(commune, "lịch tiêm phòng trâu bò", "nha-b")
    await asks(commune, "khi nào tiêm phòng cho trâu bò", "nha-b")
    await asks(commune, "khi nào tiêm phòng cho trâu bò", "noi-khac", unit="xa-dak-doa")
    await asks(commune, "đường vào thôn bao giờ sửa", "nha-c")
    case_id = await commune.answered_case(writer, "nha-a", QUESTION, ANSWER)
    edit = await commune.drafted(writer, case_id)
    assert edit.kind == "faq"
    assert edit.body["answer"] == ANSWER
    assert "Bà con hỏi: […]? UBND xã Tứ Kỳ xin trả lời" in edit.body["broadcast"]
    assert (edit.body["title"], edit.body["short"]) == ("Bà con hỏi: […]", "[…]")
    assert edit.body["asked_as"] == [QUESTION], "by its own words it is found, it is not told in them"
    again = await commune.drafted(writer, case_id)
    assert again.id == edit.id, "one answer is not drafted twice"
    async with commune.store.read() as tx:
        seen = await sheet.look(tx, writer, commune.shelf.library, edit.id, ON, unread=UNREAD)
    assert [(r.level, r.field) for r in seen.remarks] == [
        ("mend", "topic"),
        ("mend", "title"),
        ("mend", "short"),
        ("mend", "broadcast"),
    ], "no topic is invented, nor a question"
    before = len(await commune.mailbox("nha-a"))
    outcome = await commune.published(writer, chair, edit, topic="sinh-ke", asked_as=[QUESTION, "lịch tiêm trâu bò"])
    assert outcome.told == 1
    last = (await commune.mailbox("nha-b"))[-1]
    assert ANSWER in last.text
    assert "UBND xã Tứ Kỳ trả lời ngày 21/11/2026." in last.text
    assert len(await commune.mailbox("nha-a")) == before, "who had the answer in the case is not told again"
    assert await commune.mailbox("nha-c") == []
    assert await commune.mailbox("noi-khac") == []

    # who asks next gets it at once, in this commune alone
    for text in (QUESTION, "bao gio xa tiem phong trau bo vay", "lịch tiêm phòng trâu bò"):
        said = (await commune.writes(text, "nha-d"))[-1]
        assert ANSWER in said.text, text
        assert "trả lời ngày 21/11/2026" in said.text
    other = (await commune.writes(QUESTION, "noi-khac", unit="xa-dak-doa"))[-1]
    assert ANSWER not in other.text
    news = (await commune.writes("", "nha-d", press="n"))[-1]
    assert f"e:{edit.entry_id}" in [button.press for button in news.buttons]
    library = commune.shelf.library
    assert airable(library, edit.entry_id, ON, UNIT)
    aloud = spoken(library, edit.entry_id, ON, UNIT)
    assert aloud.airable, "the next bulletin may read it"
    assert "xin trả lời" in aloud.text
    async with commune.store.read() as tx:
        settled = {q.text: q.settled for q in await questions.open_in(tx, [UNIT], 10)}
    assert settled == {"đường vào thôn bao giờ sửa": ""}

    # taken back, it is told no more
    async with commune.store.write() as tx:
        await publishing.withdraw(tx, chair, seen.key, note="Đã tiêm xong.", at=commune.hands.at)
    await commune.shelf.catch_up()
    assert ANSWER not in (await commune.writes(QUESTION, "nha-e"))[-1].text


async def test_an_answer_that_ended_is_asked_again(commune: Commune) -> None:
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    chair = await commune.official("chu-tich", "lanh-dao")
    edit = await commune.drafted(writer, await commune.answered_case(writer, "nha-a", QUESTION, ANSWER))
    await commune.published(writer, chair, edit, topic="sinh-ke", valid_to="2026-11-22")
    assert ANSWER in (await commune.writes(QUESTION, "nha-d"))[-1].text
    commune.hands.move(hours=72)
    assert ANSWER not in (await commune.writes(QUESTION, "nha-e"))[-1].text
    old = (await commune.writes("", "nha-e", press=f"e:{edit.entry_id}"))[-1]
    assert "Câu trả lời này dùng đến ngày 22/11/2026" in old.text


async def test_what_is_never_for_all(commune: Commune) -> None:
    chair = await commune.official("chu-tich", "lanh-dao")
    other = await commune.official("noi-khac", "lanh-dao", "xa-dak-doa")
    case_id = await commune.answered_case(chair, "nha-a", "Cho tôi xem hồ sơ", ANSWER, kind=CaseKind.NOMINATION)
    with pytest.raises(faq.NotOpenError):
        await commune.drafted(chair, case_id)
    case_id = await commune.answered_case(chair, "nha-a", QUESTION, ANSWER)
    with pytest.raises(NotAllowedError):
        await commune.drafted(other, case_id)
    with pytest.raises(NotAllowedError):
        await commune.drafted(chair, 9999)


async def test_names_do_not_come_along(commune: Commune) -> None:
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    question = "Tôi là Vàng Thị Mỷ, số 0912000111, hỏi bao giờ tiêm phòng trâu bò"
    told = f"Chào bà Vàng Thị Mỷ. {ANSWER}"
    edit = await commune.drafted(writer, await commune.answered_case(writer, "nha-a", question, told))
    assert "Mỷ" not in edit.body["title"]
    assert "0912" not in edit.body["title"]
    assert edit.body["asked_as"] == []
    async with commune.store.read() as tx:
        seen = await sheet.look(tx, writer, commune.shelf.library, edit.id, ON, unread=UNREAD)
    found = {r.field: r.masked for r in seen.remarks if r.masked}
    assert set(found) == {"answer", "broadcast"}
    assert "Mỷ" not in found["answer"]


async def test_who_answered_does_not_approve(commune: Commune) -> None:
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    chair = await commune.official("chu-tich", "lanh-dao")
    deputy = await commune.official("pho", "lanh-dao")
    edit = await commune.drafted(writer, await commune.answered_case(chair, "nha-a", QUESTION, ANSWER))
    assert edit.authors == [writer.id, chair.id]
    with pytest.raises(NotAllowedError):
        await commune.published(writer, chair, edit, topic="sinh-ke")
    async with commune.store.write() as tx:
        (row,) = await sheet.listed(tx, deputy)
        assert row.may_approve
        back = await drafts.send_back(tx, deputy, row.id, row.version, "xem lại", at=commune.hands.at)
    await commune.published(writer, deputy, back)
    assert commune.shelf.library.has(edit.entry_id)


async def test_erasure_takes_what_was_drafted_and_who_was_told(commune: Commune) -> None:
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    chair = await commune.official("chu-tich", "lanh-dao")
    await asks(commune, QUESTION, "nha-b")
    edit = await commune.drafted(writer, await commune.answered_case(writer, "nha-a", QUESTION, ANSWER))
    await commune.published(writer, chair, edit, topic="sinh-ke")
    secret = "lời riêng của nhà a về trâu bò"
    await commune.drafted(writer, await commune.answered_case(writer, "nha-a", secret, f"{ANSWER} {secret}"))
    for chat in ("nha-a", "nha-b"):
        await happen(
            commune.store, commune.hands, ErasureAsked(commune.hands.at + timedelta(hours=24)), chat=chat, channel="web"
        )
    commune.hands.move(hours=25)
    for _step in range(4):
        await erase_due(commune.store, commune.hands.at, commune.hands.at)
        commune.hands.move(minutes=2)
    async with commune.store.read() as tx:
        held = [in_full(await tx.rows(select(table))) for table in tables.metadata.sorted_tables]
        assert not [text for text in held if secret in text]
        assert await tx.rows(select(tables.metadata.tables["answers_told"])) == []


async def test_questions_are_grouped_and_become_an_answer(commune: Commune) -> None:
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    other = await commune.official("noi-khac", "can-bo-xu-ly", "xa-dak-doa")
    chair = await commune.official("chu-tich", "lanh-dao")
    for number, text in enumerate(
        ("lịch họp thôn tháng này", "hôm nào họp thôn", "hom nao hop thon", "họp thôn hôm nào")
    ):
        await asks(commune, text, f"nha-{number}")
    await asks(commune, "làm căn cước cho cháu Giàng A Páo ở đâu", "nha-9")
    library, understanding = commune.shelf.library, understanding_of(commune.shelf.library)
    async with commune.store.read() as tx:
        assert worklist.grouped(library, understanding, await worklist.rows(tx, other)) == []
        groups = worklist.grouped(library, understanding, await worklist.rows(tx, writer))
    assert [(group.people, group.open) for group in groups] == [(4, 4), (1, 1)]
    assert "Páo" not in groups[1].texts[0]
    async with commune.store.write() as tx:
        with pytest.raises(NotAllowedError):
            await worklist.settle(tx, other, library, groups[0].ids, worklist.DONE, at=commune.hands.at)
        with pytest.raises(NotAllowedError):
            await faq.from_questions(tx, other, library, groups[0].ids, at=commune.hands.at)
        await worklist.settle(tx, writer, library, groups[1].ids, worklist.IGNORED, at=commune.hands.at)
        edit = await faq.from_questions(
            tx,
            writer,
            library,
            groups[0].ids,
            text="Tối thứ bảy họp thôn ở nhà văn hóa.",
            topic="thong-tin",
            at=commune.hands.at,
        )
    outcome = await commune.published(writer, chair, edit)
    assert outcome.told == 4
    assert "Tối thứ bảy" in (await commune.writes("hôm nào họp thôn", "nha-mới"))[-1].text
    # asked again in words nobody foresaw: the group knows that there is an answer
    await asks(commune, "họp thôn hôm nào nhỉ", "nha-8")
    library = commune.shelf.library
    async with commune.store.read() as tx:
        left = worklist.grouped(library, understanding_of(library), await worklist.rows(tx, writer))
    assert [(group.people, group.entry) for group in left] == [(1, edit.entry_id)]
    async with commune.store.write() as tx:
        words = await faq.words_for(tx, writer, library, left[0].entry, left[0].ids, at=commune.hands.at)
    await commune.published(writer, chair, words)
    assert commune.shelf.library.words == {edit.entry_id: ("họp thôn hôm nào nhỉ",)}
    async with commune.store.read() as tx:
        rows = await worklist.rows(tx, writer)
    assert worklist.grouped(commune.shelf.library, understanding_of(commune.shelf.library), rows) == []


@pytest.mark.parametrize("kind", ["faq", "words"])
async def test_few_who_ask_are_not_quoted(commune: Commune, kind: str) -> None:
    """Fewer than five people: no name, no number, whoever repeats the question."""
    writer = await commune.official("can-bo", "can-bo-xu-ly")
    telling = "vợ chồng Pờ Lau ở bản có 450 gốc quế hỏi vay vốn"
    library = commune.shelf.library

    async def body(ids: list[int]) -> dict[str, object]:
        async with commune.store.write() as tx:
            if kind == "words":
                edit = await faq.words_for(tx, writer, library, "ho-tro-tien-dien", ids, at=commune.hands.at)
            else:
                edit = await faq.from_questions(tx, writer, library, ids, at=commune.hands.at)
            await drafts.drop(tx, writer, edit.id, edit.version, at=commune.hands.at)
        return edit.body

    async def ids() -> list[int]:
        async with commune.store.read() as tx:
            return [q.id for q in await questions.open_in(tx, [UNIT], 100)]

    for _again in range(5):
        await asks(commune, telling, "nha-a")
    told = await body(await ids())
    assert told["asked_as"] == []
    assert not [word for word in ("Pờ", "Lau", "450") if word in str(told)]
    await asks(commune, "hỏi vay vốn trồng quế", "nha-b")
    told = await body(await ids())
    assert told["asked_as"] == ["hỏi vay vốn trồng quế"]
    assert told.get("title", "Bà con hỏi: […]") == "Bà con hỏi: […]"
    for number in range(3):
        await asks(commune, telling, f"nha-c{number}")
    told = await body(await ids())
    assert told["asked_as"] == [telling, "hỏi vay vốn trồng quế"], "five people say the like"
    assert told.get("title", telling) == telling
    assert telling not in str(told.get("broadcast")), "what is read aloud an official writes"
