"""What open pages hear while a broadcast goes out, and what the machine would mend in its words."""

from __future__ import annotations

import pytest

from bot import broadcast_checks, broadcasts
from bot.broadcast_text import Content, written
from bot.library import Library
from bot.model.outbound import Button
from bot.store import audit, pulse
from tests.broadcasts.conftest import Town
from tests.harness.officials import ON, UNIT


async def test_sending_moves_only_while_something_goes_out(town: Town) -> None:
    async def heard() -> str:
        async with town.store.read() as tx:
            return await pulse.sending(tx)

    for number in range(3):
        await town.subscriber(str(number))
    calm = await heard()
    number = await town.approved()
    assert await heard() == calm
    await town.act(broadcasts.start, town.author, town.library, number)
    await town.dispatch.step()
    under_way = await heard()
    assert under_way != calm
    await town.act(broadcasts.pause, town.author, number)
    assert await heard() != under_way
    await town.act(broadcasts.resume, town.author, town.library, number)
    await town.run_until(number)
    assert await heard() == calm


def found(library: Library, content: Content) -> list[tuple[str, str]]:
    title, outbound = written(library, content, UNIT, ON)
    return [(remark.level, remark.field) for remark in broadcast_checks.remarks(library, title, outbound)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (Content("Phát gạo", "Sáng mai phát gạo ở nhà văn hóa."), []),
        (Content("Phát gạo", "Thẻ số 001082012345 đã có."), [("mend", "text")]),
        (Content("Gặp anh Nguyễn Văn Hùng", "Sáng mai phát gạo."), [("confirm", "title")]),
        (Content("Phát gạo", "Gọi số 0912 345 678."), [("confirm", "text")]),
        (Content("Phát gạo", "Bà con mang theo hồ sơ đề nghị. " + "rất " * 26 + "dài."), [("note", "text")]),
        (
            Content("Phát gạo", "Sáng mai phát gạo.", buttons=(Button("Gọi 0912 345 678", press="m"),)),
            [("confirm", "buttons")],
        ),
        (Content(entry="mien-hoc-phi"), []),
    ],
)
def test_words_are_held_to_the_rules_of_content(
    library: Library, content: Content, told: list[tuple[str, str]]
) -> None:
    assert found(library, content) == told


def test_only_what_a_human_looked_at_stands(library: Library) -> None:
    title, outbound = written(library, Content("Tin", "Thẻ 001082012345, gọi 0912 345 678."), UNIT, ON)
    told = broadcast_checks.remarks(library, title, outbound)
    marks = {remark.mark for remark in told}
    assert [remark.level for remark in told] == ["mend", "confirm"]
    assert broadcast_checks.left_open(told, ()) == told
    assert broadcast_checks.left_open(told, marks) == told[:1], "what must be mended never stands"


#: a phone number a human may let stand
ASKED = "Gọi số 0912 345 678."


async def test_what_gives_a_number_away_goes_nowhere_whoever_calls(town: Town) -> None:
    await town.subscriber("1")
    number = await town.written(town.given("Thẻ số 001082012345 đã có."))
    told = broadcast_checks.remarks(town.library, "", (await town.get(number)).outbound)
    for by in (town.author, None):
        with pytest.raises(broadcast_checks.UnheededError):
            await town.act(broadcasts.submit, by, town.library, number, stand=[remark.mark for remark in told])
    assert (await town.get(number)).state == "draft"


async def test_each_who_hands_it_on_lets_it_stand_and_the_audit_keeps_that(town: Town) -> None:
    await town.subscriber("1")
    number = await town.written(town.given(ASKED))
    (remark,) = broadcast_checks.remarks(town.library, "", (await town.get(number)).outbound)
    for stand in ((), ("another",)):
        with pytest.raises(broadcast_checks.UnheededError):
            await town.act(broadcasts.submit, town.author, town.library, number, stand=stand)
    await town.act(broadcasts.submit, town.author, town.library, number, stand=[remark.mark, "another"])
    with pytest.raises(broadcast_checks.UnheededError):
        await town.approve(number)
    await town.approve(number, stand=[remark.mark])
    async with town.store.read() as tx:
        lines = await audit.page(tx, ref=f"broadcast:{number}")
    kept = {line.what: line.detail.get("let_stand") for line in lines}
    let = [f"text {remark.mark}"]
    assert kept == {"broadcast-written": None, "broadcast-submitted": let, "broadcast-approved": let}
    assert "0912" not in str(lines)
