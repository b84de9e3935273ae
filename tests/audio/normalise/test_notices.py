"""Whole notices of the kinds a commune reads out, each sentence word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audio.normalise import read
from tests.audio.normalise.test_cases import heard

_SPAN = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
TEXT = (Path(__file__).parent / "notices.txt").read_text(encoding="utf-8")
NOTICES = {
    title: lines
    for title, *lines in (part.strip().splitlines() for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:])
}


@pytest.mark.parametrize("title", NOTICES)
def test_a_notice_is_read_word_for_word(title: str) -> None:
    for line in NOTICES[title]:
        spoken = read(_SPAN.sub(r"\1", line))
        assert heard(spoken.text) == heard(_SPAN.sub(r"\2", line))
        assert spoken.residue == ()


def test_there_are_fifteen_notices_of_eight_sentences_and_more() -> None:
    assert len(NOTICES) >= 15
    assert min(len(lines) for lines in NOTICES.values()) >= 8
