"""The rules of content hold for what is written at the desk: what stands in the files passes, what breaks a rule is told."""

from __future__ import annotations

from typing import Any

import pytest

from bot.editing import bodies, checks
from bot.editing.sheet import differences, previewed
from bot.library import EntryKey, Library
from tests.editing.conftest import CONTENT, UNIT, UNREAD
from tests.harness.officials import ON

LIBRARY = Library.load(CONTENT)
EVERYTHING = [(kind, entry) for kind in ("policies", "stories") for entry in getattr(LIBRARY, kind)]


@pytest.mark.parametrize(("kind", "entry"), EVERYTHING)
def test_what_stands_in_the_files_may_be_published_again(kind: str, entry: str) -> None:
    key = EntryKey(kind, entry, UNIT)
    body = bodies.below(LIBRARY, key)
    assert body is not None
    found = checks.remarks(LIBRARY, key, body, ON, unread=UNREAD)
    assert [str(remark) for remark in found if remark.level == "mend"] == []
    seen, script = previewed(LIBRARY, key, body, ON)
    assert seen is not None
    assert script
    assert differences(body, body) == ()


@pytest.mark.parametrize(
    ("key", "changes", "field", "told"),
    [
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"topic": "khong-co"}, "topic", "khong-co"),
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"answer": "Được {la-gi}."}, "answer", "la-gi"),
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"answer": "Cháu được tiền ăn."}, "answer", "có giấy"),
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"sources": []}, "sources", "nguồn"),
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"parts.how": ""}, "parts.how", "trống"),
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"valid_to": "2020-01-01"}, "", "trước"),
        (EntryKey("policies", "an-trua-tre-mau-giao"), {"valid_to": "hôm nay"}, "valid_to", "ngày"),
        (
            EntryKey("stories", "tu-ky-ruong-bai-ruoi-cay"),
            {"answer": "Nhà ở thôn Đông nuôi rươi."},
            "answer",
            "thôn Đông",
        ),
    ],
)
def test_what_breaks_a_rule_is_told_by_field(key: EntryKey, changes: dict[str, Any], field: str, told: str) -> None:
    body = bodies.changed(key.kind, bodies.below(LIBRARY, key) or {}, changes)
    found = checks.remarks(LIBRARY, key, body, ON, unread=UNREAD)
    assert any(r.level == "mend" and r.field == field and told in str(r) for r in found), [
        (r.field, str(r)) for r in found
    ]


def test_words_lead_to_an_entry_and_name_nobody() -> None:
    key = EntryKey("words", "vay-nha-o")
    good: dict[str, Any] = {"id": "vay-nha-o", "reviewed_on": "2026-11-21", "asked_as": ["mượn tiền cất nhà"]}
    assert checks.remarks(LIBRARY, key, good, ON, unread=UNREAD) == ()
    for changes in ({"id": "khong-co"}, {"asked_as": []}, {"asked_as": ["số 033099001234"]}):
        assert checks.remarks(LIBRARY, key, {**good, **changes}, ON, unread=UNREAD)[0].level == "mend"
