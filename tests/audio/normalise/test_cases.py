"""The reader on its own set of cases: documents, sums, abbreviations and sentences of the kinds communes write."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from audio.normalise import read, to_spoken

CASES = [
    pytest.param(case["in"], case["out"], id=f"{group}-{i}")
    for group, cases in yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")).items()
    for i, case in enumerate(cases)
]


def heard(text: str) -> str:
    """What is left when case and punctuation do not count."""
    return " ".join("".join(c if c.isalnum() else "" if c == "'" else " " for c in text.lower()).split())


@pytest.mark.parametrize(("written", "accepted"), CASES)
def test_case_is_read_as_an_announcer_would(written: str, accepted: str | list[str]) -> None:
    wanted = [accepted] if isinstance(accepted, str) else accepted
    assert heard(to_spoken(written)) in wanted
    assert read(written).unread == ()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 300
