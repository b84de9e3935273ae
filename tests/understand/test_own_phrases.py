"""The library's own phrases, read in fewer steps than what people type: with the same words found in them."""

from __future__ import annotations

import pytest

from bot.understand.tokens import Spelling

SHORT = {"bhyt": "bảo hiểm y tế", "ko": "không", "xa hoi": "xã hội", "k/h": "kế hoạch"}


@pytest.mark.parametrize(
    "phrase",
    [
        "thẻ bhyt mất rồi",
        "ko có thẻ",
        "nhà xa hoi chợ",
        "xa nhà",
        "k/h của xã",
        "vay 2tr8 mua bò",
        "bao giờ, ở đâu",
        "ko",
    ],
)
def test_a_phrase_reads_the_same_whatever_was_met_before(phrase: str) -> None:
    spelling = Spelling(SHORT, {"tr": "triệu"})
    first = spelling.clauses(phrase, ours=True)
    typed = Spelling(SHORT, {"tr": "triệu"}).clauses(phrase)
    # all its words, met in other phrases
    for word in phrase.split():
        spelling.clauses(word, ours=True)
    again = spelling.clauses(phrase, ours=True)
    assert [c.tokens for c in first] == [c.tokens for c in typed] == [c.tokens for c in again]
