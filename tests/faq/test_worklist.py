"""Questions that mean the same come together, others do not; few people's words are not shown as typed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

from bot import worklist
from bot.library import Library
from bot.store.questions import Question
from bot.understand import Understanding
from tests.faq.conftest import CONTENT

LIBRARY = Library.load(CONTENT)
UNDERSTANDING = Understanding.build(LIBRARY)
AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
#: what people ask a commune that no policy answers, each in several wordings
ASKED = (
    ("bao giờ xã làm lại con đường vào thôn", "đường vào thôn hỏng quá bao giờ sửa", "duong vao thon bao gio sua"),
    ("nước máy mất ba hôm rồi bao giờ có", "mat nuoc may 3 hom roi", "mất nước máy mấy hôm nay"),
    ("làm lại căn cước ở đâu", "muốn đổi căn cước công dân thì ra đâu", "lam can cuoc o dau"),
    ("xã mình khi nào tiêm phòng cho trâu bò", "lịch tiêm phòng trâu bò", "bao giờ tiêm trâu bò vậy"),
    ("hôm nào họp thôn", "lịch họp thôn tháng này", "hom nao hop thon"),
    ("trường mầm non có nhận trẻ 18 tháng không", "xin học cho cháu 18 tháng ở trường mầm non xã"),
    ("đổi giấy phép lái xe", "làm bằng lái xe máy ở đâu", "doi giay phep lai xe o dau"),
    ("chợ phiên họp ngày nào", "chợ phiên mở hôm nào", "cho phien hop ngay nao"),
    ("giá cà phê hôm nay bao nhiêu", "ca phe hom nay bao nhieu mot ky", "cà phê giá bao nhiêu rồi"),
    ("chó nhà hàng xóm sủa cả đêm",),
    ("rác đổ đầy bờ sông ai dọn", "bờ sông đầy rác sao không ai dọn"),
)


def asked(*texts: str, people: int = 0, settled: str = "", start: int = 1) -> list[Question]:
    """One question a text; `people`: so many conversations, 0 = each its own."""
    return [
        Question(start + n, (start + n) % people if people else start + n, "xa-tu-ky", text, [], AT, settled)
        for n, text in enumerate(texts)
    ]


def test_wordings_of_one_question_come_together() -> None:
    rows = asked(*(text for wordings in ASKED for text in wordings))
    meant = {text: number for number, wordings in enumerate(ASKED) for text in wordings}
    groups = worklist.grouped(LIBRARY, UNDERSTANDING, rows)
    of = {number: group.key for group in groups for number in group.ids}
    pairs = list(combinations(rows, 2))
    together = {(a.id, b.id) for a, b in pairs if of[a.id] == of[b.id]}
    same = {(a.id, b.id) for a, b in pairs if meant[a.text] == meant[b.text]}
    assert len(together & same) >= 0.95 * len(together)
    assert len(together & same) >= 0.85 * len(same)
    assert worklist.grouped(LIBRARY, UNDERSTANDING, rows) == groups


def test_who_is_told_asked_the_same() -> None:
    rows = asked(*(text for wordings in ASKED for text in wordings))
    meant = {text: number for number, wordings in enumerate(ASKED) for text in wordings}
    for number, wordings in enumerate(ASKED):
        found = worklist.alike(UNDERSTANDING, wordings[:1], rows, "xa-tu-ky")
        assert {meant[question.text] for question in found} == {number}
    assert worklist.alike(UNDERSTANDING, ASKED[0][:1], rows, "xa-dak-doa") == []


def test_few_peoples_words_are_masked_strictly() -> None:
    text = "nhà ông Giàng A Páo ở bản Nậm Pọng mất 25 con gà"
    (few,) = worklist.grouped(LIBRARY, UNDERSTANDING, asked(text))
    assert "Páo" not in few.texts[0]
    assert "Nậm" not in few.texts[0]
    (many,) = worklist.grouped(LIBRARY, UNDERSTANDING, asked(*[text] * 5))
    assert many.people == 5
    assert "Páo" not in many.texts[0]
    assert "Nậm" in many.texts[0]
    (one,) = worklist.grouped(LIBRARY, UNDERSTANDING, asked(*[text] * 9, people=1))
    assert (one.people, one.open) == (1, 9)
    assert "Nậm" not in one.texts[0]


def test_what_was_ignored_comes_back_when_many_ask_again() -> None:
    text = ASKED[0][0]
    old = asked(text, text, settled=worklist.IGNORED)
    assert worklist.grouped(LIBRARY, UNDERSTANDING, old) == []
    again = [*old, *asked(text, text, start=10)]
    assert worklist.grouped(LIBRARY, UNDERSTANDING, again) == []
    (shown,) = worklist.grouped(LIBRARY, UNDERSTANDING, again, with_ignored=True)
    assert (shown.people, shown.settled) == (2, worklist.IGNORED)
    (back,) = worklist.grouped(LIBRARY, UNDERSTANDING, [*old, *asked(*[text] * 5, start=10)])
    assert back.people == 5
