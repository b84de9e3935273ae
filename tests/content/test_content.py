"""The product's own content: clean, complete, and right through the turn of the year."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.check import check
from bot.library import Library, Status, answer, read_folder
from bot.library.folder import content_files
from bot.library.texts import texts

CONTENT = Path(__file__).parents[2] / "content"
TODAY = date(2026, 11, 21)
OLD, NEW = "chuan-ngheo-2022-2026", "chuan-ngheo-2027-2030"


@pytest.fixture(scope="module")
def library() -> Library:
    base, _ = read_folder(CONTENT)
    return Library.build(base)


def _policies() -> list[str]:
    return [file.stem for file in sorted((CONTENT / "policies").glob("*.yaml"))]


def test_the_check_finds_no_error() -> None:
    assert [str(fault) for fault in check(CONTENT, TODAY).errors] == []


def test_every_entry_of_the_fact_pack_is_there(library: Library) -> None:
    assert len(library.policies) >= 38
    assert len(library.stories) >= 18
    assert len(library.topics) == 22
    assert len(library.plans) == 5
    assert len(library.units) >= 5


@pytest.mark.parametrize("day", [date(2022, 1, 1), TODAY, date(2026, 12, 31), date(2027, 1, 1), date(2031, 1, 1)])
def test_every_text_renders_on_any_day(library: Library, day: date) -> None:
    for entry in library.entries():
        seen = answer(library, entry.id, day)
        told = [seen.text, seen.fitted or "", seen.stamp, seen.signed_line, seen.script]
        told += [part.text for part in (*seen.parts, *([seen.officials] if seen.officials else []))]
        assert not re.search(r"[{}]", "".join(told)), entry.id


def test_the_present_line_answers_until_new_years_eve(library: Library) -> None:
    eve = date(2026, 12, 31)
    assert library.current(OLD, eve) == library.current(NEW, eve) == OLD
    seen = answer(library, OLD, eve)
    assert seen.status is Status.CURRENT
    assert "1.500.000" in seen.text
    assert "2.200.000" not in seen.text
    assert seen.airable


def test_on_new_years_day_the_new_line_answers_and_the_old_says_what_replaced_it(library: Library) -> None:
    day = date(2027, 1, 1)
    assert library.current(OLD, day) == library.successor(OLD, day) == NEW
    new = answer(library, library.successor(OLD, day), day)
    assert new.status is Status.CURRENT
    assert "2.200.000" in new.text
    assert "1.500.000" not in new.text
    old = answer(library, OLD, day)
    assert old.status is Status.ENDED
    assert old.text.startswith("Chính sách này đã kết thúc ngày 31/12/2026.")
    assert library.entry(NEW).title in old.text
    assert not old.airable


def test_the_old_sum_is_gone_since_july(library: Library) -> None:
    for entry in ("tro-cap-huu-tri-xa-hoi", "tro-cap-xa-hoi-hang-thang"):
        seen = answer(library, entry, TODAY)
        everything = " ".join([seen.text, seen.script, *(part.text for part in seen.parts)])
        assert "540.000" in everything
        assert "500.000 " not in everything


def test_ended_programmes_say_so(library: Library) -> None:
    for entry in ("ho-tro-nha-o-xoa-nha-tam", "dinh-duong-ba-me-tre-em", "giam-ngheo-thong-tin", "qua-tet-gao-tet"):
        seen = answer(library, entry, TODAY)
        assert seen.status is Status.ENDED
        assert "đã kết thúc" in seen.text
        assert not seen.airable


def test_only_high_confidence_with_a_named_source_airs_unsigned(library: Library) -> None:
    for entry in library.entries():
        seen = answer(library, entry.id, TODAY)
        if seen.airable:
            assert seen.confidence.value == "high"
            assert any(not source.startswith("github-index-file:") for source in seen.sources)
        assert bool(seen.signed_line) is not seen.signed


@pytest.mark.parametrize("entry_id", _policies())
def test_a_policy_is_told_with_its_date_and_document(library: Library, entry_id: str) -> None:
    if entry_id not in library.policies:
        pytest.fail(f"{entry_id} could not be read")
    seen = answer(library, entry_id, TODAY)
    assert seen.stamp == "Theo quy định đến ngày 21/11/2026."
    assert {part.key for part in seen.parts} == {"who", "what", "how", "grounds"}


def test_policy_texts_hold_no_web_address_for_the_ear(library: Library) -> None:
    for entry in library.entries():
        scripts = [text for where, text in texts(entry) if where == ("broadcast",)]
        assert not any(re.search(r"https?://|www\.", script) for script in scripts), entry.id


def test_every_file_is_small_enough_to_be_read_by_a_person() -> None:
    for file in content_files(CONTENT):
        if file.parent.name in {"policies", "stories", "topics", "units"}:
            assert file.stat().st_size < 20_000, file.name
