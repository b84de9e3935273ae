"""Questions that stand beside an entry: its words, another need. Most were written before the words against them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.understand import Kind, Understanding
from bot.understand.index import Index

BLIND = Path(__file__).parent / "blind"


def test_what_stands_beside_an_entry_is_rarely_answered_with_it(understanding: Understanding) -> None:
    lines = (BLIND / "probe_three.jsonl").read_text(encoding="utf-8").splitlines()
    beside = [case["text"] for line in lines if (case := json.loads(line))["kind"] == "none"]
    firsts = [understanding.ranked_ids(text)[0] for text in beside]
    refused = sum(first == "none" for first in firsts)
    answered = [text for text, first in zip(beside, firsts, strict=True) if first != "none" and ":" not in first]
    assert len(beside) > 500
    assert refused / len(beside) >= 0.92
    assert len(answered) / len(beside) <= 0.06, answered


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("hộ nghèo có được miễn học phí đại học không", "mien-hoc-phi"),
        ("hộ nghèo được giảm tiền điện bao nhiêu", "ho-tro-tien-dien"),
        ("công nhân vay mua nhà ở xã hội lãi bao nhiêu", "vay-nha-o"),
        ("thẻ bảo hiểm y tế hộ nghèo lấy ở đâu", "bhyt-ho-ngheo"),
        ("mẹ tôi không có lương hưu, tám mươi tuổi được tiền gì", "tro-cap-huu-tri-xa-hoi"),
        ("chổi đót", "kon-tum-nhom-choi-dot-nguoi-khuyet-tat"),
    ],
)
def test_what_the_entry_answers_still_finds_it(understanding: Understanding, text: str, entry: str) -> None:
    assert understanding.ranked_ids(text)[0] == entry


def test_strange_is_what_no_phrase_of_the_entry_says_together() -> None:
    names = {name: number for number, name in enumerate(("w:a", "w:b", "b:a b", "w:c", "b:c a"))}
    phrases = {"loan": [{0: 1.0, 1: 1.0, 2: 1.0}], "fee": [{3: 1.0, 4: 1.0}]}
    index = Index(phrases.items(), lambda: names)
    asked = {"w:a": 1.0, "w:b": 1.0, "w:z": 1.0, "b:a b": 1.0, "b:b z": 1.0}
    index.scores(asked)
    assert index.strange(asked, "loan") == 0.5
    assert index.strange({"w:a": 1.0}, "loan") == 0.0
    assert not index.knows(asked, "loan")
    assert index.knows({"w:a": 1.0, "b:b z": 1.0}, "loan")


def test_a_body_in_danger_is_shown_no_entry(understanding: Understanding) -> None:
    reading = understanding.read("Mẹ tôi bị rắn hổ cắn, chân tím tái")
    assert (reading.kind, reading.ids) == (Kind.DANGER, ())


@pytest.mark.parametrize(
    ("text", "kind", "first"),
    [
        ("chán sống lắm rồi, tôi muốn chết cho xong", Kind.DANGER, "intent:gap-nguoi"),
        ("Chồng tôi nhốt tôi trong buồng, lấy hết giấy tờ", Kind.DANGER, "intent:gap-nguoi"),
        ("mấy ngày nay không có gì ăn", Kind.DANGER, "tro-giup-khan-cap-mai-tang"),
        ("Chuyển ba triệu cho nó rồi nó chặn số luôn", Kind.FRAUD, "intent:bao-truc-loi"),
    ],
)
def test_an_alarm_leads_to_who_can_help(understanding: Understanding, text: str, kind: Kind, first: str) -> None:
    reading = understanding.read(text)
    assert (reading.kind, reading.ids[0]) == (kind, first)
