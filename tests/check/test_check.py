"""`loathon content check` finds each kind of fault, with file and line."""

from __future__ import annotations

import io
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.check import check, main
from tests.library.shelf import POLICY, SCRIPT

POWER = "policies/tien-dien.yaml"
LOAN = "policies/vay-von.yaml"
NEXT = "policies/vay-moi.yaml"
UNIT = "units/xa-lac-phuong.yaml"
STORY = "stories/nuoi-de.yaml"


@pytest.mark.parametrize(
    ("path", "changes", "words"),
    [
        (POWER, {"topic": "khong-co"}, ["khong-co"]),
        (POWER, {"groups": ["ho-ngheo", "nguoi-la"]}, ["nguoi-la"]),
        (POWER, {"related": ["khong-co"]}, ["khong-co"]),
        (POWER, {"related": ["tien-dien"]}, ["chính nó"]),
        (POWER, {"superseded_by": "khong-co"}, ["khong-co"]),
        (POWER, {"sources": []}, ["nguồn"]),
        (POWER, {"legal_basis": []}, ["căn cứ"]),
        (POWER, {"conditions": {"fact": "khong-co", "is": True}}, ["khong-co"]),
        (POWER, {"conditions": {"fact": "loai-ho", "in": ["giau"]}}, ["loai-ho"]),
        (POWER, {"conditions": {"fact": "tuoi", "is": True}}, ["tuoi"]),
        (POWER, {"answer": "Hộ nghèo được tiền điện."}, ["theo-dien"]),
        (POWER, {"answer": "Có giấy hộ nghèo thì được 50.000 đồng mỗi tháng."}, ["50.000"]),
        (POWER, {"answer": "Có giấy hộ nghèo thì được. " + "Bác hỏi xã nhé. " * 30}, ["350"]),
        (LOAN, {"answer": "Hộ nghèo chắc chắn được vay; có thể được xét, ngân hàng quyết định."}, ["chắc chắn"]),
        (
            NEXT,
            {"answer": "Lãi hộ nghèo có thể được xét, không phải làm đơn."},
            ["có thể được xét"],
        ),
        (POWER, {"broadcast": "Kính thưa bà con! " + "tiền điện " * 26 + "."}, ["Câu đọc loa"]),
        (POWER, {"broadcast": "Kính thưa bà con!"}, ["Lời loa"]),
        (POWER, {"broadcast": SCRIPT + "Bà con xem 日本 nhé."}, ["日本"]),
        (POWER, {"broadcast": SCRIPT + "Bà con hỏi ZXQK nhé."}, ["ZXQK"]),
        (POWER, {"reviewed_on": date(2026, 11, 22)}, ["22/11/2026"]),
        (POWER, {"reviewed_on": date(2026, 8, 1)}, ["90 ngày"]),
        (POWER, {"valid_to": date(2026, 12, 21)}, ["21/12/2026"]),
        (UNIT, {"parent": "khong-co"}, ["khong-co"]),
        (UNIT, {"bodies": [{"id": "a", "name": "A", "topics": ["khong-co"]}]}, ["khong-co"]),
        (UNIT, {"hamlets": [{"id": "a", "name": "A", "zones": ["z"]}]}, ["“z”"]),
        (
            UNIT,
            {"hamlets": [{"id": "a", "name": "A", "years": {2026: {"households": 3, "poor": 2, "near_poor": 2}}}]},
            ["2026"],
        ),
        ("plans/ke-hoach.yaml", {"unit": "khong-co"}, ["khong-co"]),
    ],
)
def test_each_fault_is_found_where_it_stands(desk: Any, path: str, changes: dict[str, Any], words: list[str]) -> None:
    desk.edit(path, **changes)
    told = desk.wrong(path)
    assert all(word in told for word in words), told or "nothing was found"
    assert f"{path}:" in told


def test_a_circle_of_successors_is_told(desk: Any) -> None:
    desk.edit(POWER, superseded_by="vay-moi")
    desk.edit(NEXT, superseded_by="tien-dien")
    assert "vòng tròn" in desk.wrong(POWER)


def test_overlapping_values_and_gaps_are_told(desk: Any) -> None:
    value = {"value": 1, "source": "s"}
    first = {**value, "valid_to": date(2026, 6, 30)}
    clash = {"unit": "dong", "values": [first, {**value, "valid_from": date(2026, 6, 30)}]}
    gap = {"unit": "dong", "values": [first, {**value, "valid_from": date(2026, 7, 2)}]}
    desk.edit(POWER, amounts={**POLICY["amounts"], "trung": clash, "ho": gap})
    told = desk.wrong(POWER)
    assert "“trung” cùng có hiệu lực ngày 30/6/2026" in told
    assert "“ho” không có mức nào cho ngày 1/7/2026" in told


def test_an_entry_beside_its_successor_is_told(desk: Any) -> None:
    desk.edit(LOAN, valid_to=date(2027, 1, 1))
    assert "vay-moi" in desk.wrong(LOAN)


def test_the_end_of_the_year_is_announced_thirty_days_ahead(desk: Any) -> None:
    assert "31/12/2026" not in desk.wrong(LOAN, date(2026, 11, 30))
    assert "31/12/2026" in desk.wrong(LOAN, date(2026, 12, 1))
    assert "vay-moi" in desk.wrong(LOAN, date(2026, 12, 31))
    assert "superseded_by" not in desk.wrong(LOAN, date(2026, 12, 31))
    assert "31/12/2026" not in desk.wrong(LOAN, date(2027, 1, 1))


def test_dead_buttons_and_lost_nodes_are_told(desk: Any) -> None:
    flow = {
        "id": "thu",
        "title": "Thử",
        "start": "a",
        "nodes": {
            "a": {
                "say": "Một?",
                "options": {"x": {"label": "Đi", "go": "zz:1"}, "y": {"label": "Về", "go": "e:khong-co"}},
            },
            "b": {"say": "Hai", "expects": "nothing"},
        },
    }
    desk.edit("flows/thu.yaml", **flow)
    told = desk.wrong("flows/thu.yaml")
    assert "zz:1" in told
    assert "e:khong-co" in told
    assert "“b”" in told


def test_letters_in_pieces_and_hidden_marks_are_told(desk: Any) -> None:
    file = desk.root / POWER
    text = file.read_text("utf-8")
    file.write_text(unicodedata.normalize("NFD", text), "utf-8")
    assert "NFC" in desk.wrong(POWER)
    file.write_text(text.replace("title: ", "title: \u200b", 1), "utf-8")
    assert "ký tự ẩn" in desk.wrong(POWER)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("Nhà ấy ở Lạc Phượng.", "Lạc Phượng"),
        ("Nhà ấy ở xã nọ của Tứ Kỳ cũ.", "Tứ Kỳ"),
        ("Ở thôn Đông có một nhà.", "thôn Đông"),
        ("Anh N.V.H. nuôi dê.", "N.V."),
        ("Nhà ấy nay đã thoát nghèo.", "thoát nghèo"),
    ],
)
def test_a_story_without_consent_stays_at_the_province(desk: Any, answer: str, word: str) -> None:
    desk.edit(STORY, answer=answer)
    assert word in desk.wrong(STORY)


def test_consent_and_the_source_lift_the_rule(desk: Any) -> None:
    consent = {"recorded_on": date(2026, 11, 1), "recorded_by": "Cán bộ", "scope": "loa"}
    answer = "Anh N.V.H. ở xã Lạc Phượng đã thoát nghèo."
    desk.edit(STORY, answer=answer, consent=consent, escaped_poverty=True)
    assert desk.wrong(STORY) == ""


def test_unknown_tags_are_told(desk: Any) -> None:
    desk.edit(STORY, livelihoods=["chan-nuoi", "nhan-la"])
    assert "nhan-la" in desk.wrong(STORY)


def test_a_clean_folder_is_clean(desk: Any) -> None:
    report = desk.report()
    assert report.errors == ()
    assert report.warnings == ()
    assert report.files > 10


def test_what_cannot_be_read_is_told_before_the_rest(desk: Any) -> None:
    (desk.root / POWER).write_text("id: [", "utf-8")
    report = desk.report()
    assert [fault.path for fault in report.errors] == [POWER]


def test_a_folder_that_is_not_there_is_asked_for_itself(tmp_path: Path) -> None:
    report = check(tmp_path / "nowhere", date(2026, 11, 21))
    assert [fault.path for fault in report.errors] == [(tmp_path / "nowhere").as_posix()]
    assert "LOATHON_CONTENT_DIR" in str(report.errors[0])


def test_main_prints_faults_and_gives_the_exit_code(desk: Any) -> None:
    out = io.StringIO()
    desk.edit(POWER, topic="khong-co")
    assert main(desk.root, date(2026, 11, 21), out) == 1
    text = out.getvalue()
    assert f"LỖI {POWER}:" in text
    assert "lỗi phải sửa" in text
    desk.edit(POWER, reviewed_on=date(2026, 8, 1))
    out = io.StringIO()
    code = main(desk.root, date(2026, 11, 21), out)
    assert "CHÚ Ý" in out.getvalue()
    assert code == 0


def test_rules_of_understanding_name_what_exists(desk: Any) -> None:
    desk.shelf.raw("phrases/words-concepts.yaml", "kind: words-concepts\nconcepts: {dien: [tiền điện]}\n")
    rules = [
        "kind: words-cues",
        "cues:",
        "  - {to: [tien-dien], all: [dien], weight: 2}",
        "  - {to: [muc-la], all: [dien], weight: 2}",
        "  - {to: [tien-dien], all: [y-la], weight: 2}",
        "  - {to: ['intent:la'], all: [dien], weight: 2}",
    ]
    desk.shelf.raw("phrases/words-cues.yaml", "\n".join(rules))
    told = desk.wrong("phrases/words-cues.yaml").splitlines()
    assert [line.split(":")[1] for line in told] == ["4", "5", "6"]
    assert "muc-la" in told[0]
    assert "y-la" in told[1]
    assert "intent:la" in told[2]


@pytest.mark.parametrize("pattern", ["(đánh|đập con", "đánh|đập", "đánh) con", "((đánh) con)"])
def test_brackets_that_do_not_close_are_told(desk: Any, pattern: str) -> None:
    lines = [
        "kind: words-danger",
        "concepts: {}",
        "signs:",
        "  ra-tay:",
        "    - trói",
        f"    - {pattern!r}",
        "alarms: []",
    ]
    desk.shelf.raw("phrases/words-danger.yaml", "\n".join(lines))
    told = desk.wrong("phrases/words-danger.yaml")
    assert pattern in told
    assert "ngoặc" in told
    assert ":6:" in told


def test_slips_in_flows_are_told_in_vietnamese(desk: Any) -> None:
    nodes = {
        "a": {"say": "Chọn?", "options": {"x": {"label": "Đi", "next": "b", "go": "m"}}},
        "b": {"say": "Hỏi?", "expects": "text"},
    }
    desk.edit("flows/thu.yaml", id="thu", title="Thử", start="a", nodes=nodes)
    told = desk.wrong("flows/thu.yaml")
    assert "vừa có next vừa có go" in told
    assert "chưa có bước sau" in told
    both = {"label": "Có", "is_yes": True, "is_no": True, "go": "m"}
    nodes = {
        "a": {"say": "Chọn?", "options": {"x": both}},
        "b": {"say": "Chọn?", "options": {n: {"label": n, "is_yes": True, "go": "m"} for n in ("y", "z")}},
    }
    desk.edit("flows/thu.yaml", id="thu", title="Thử", start="a", nodes=nodes)
    told = desk.wrong("flows/thu.yaml")
    assert "vừa ghi is_yes vừa ghi is_no" in told
    assert "Hai nút cùng ghi is_yes" in told
    nodes = {"a": {"say": "Hỏi?", "expects": "text", "next": "khong-co"}}
    desk.edit("flows/thu.yaml", id="thu", title="Thử", start="a", nodes=nodes)
    assert "khong-co" in desk.wrong("flows/thu.yaml")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"addition": "Xã thêm một phần."}, "nguồn"),
        ({"sources": ["https://example.vn"], "addition": "Tỉnh thêm 200.000 đồng."}, "200.000"),
        ({"sources": ["https://example.vn"], "answer": "Hộ nghèo được {muc}."}, "theo-dien"),
        ({"sources": ["https://example.vn"], "answer": "Có giấy thì được {muc}. " + "Bác hỏi xã nhé. " * 30}, "350"),
        (
            {"sources": ["https://example.vn"], "broadcast": "Kính thưa bà con! " + "tiền điện " * 26 + "."},
            "Câu đọc loa",
        ),
        ({"sources": ["https://example.vn"], "addition": "Mức {so-la}."}, "so-la"),
        (
            {
                "amounts": {
                    "muc": {
                        "unit": "dong",
                        "values": [
                            {"value": 1, "source": "s"},
                            {"value": 2, "valid_from": date(2026, 1, 1), "source": "s"},
                        ],
                    }
                }
            },
            "1/1/2026",
        ),
        ({"amounts": {"muc": {"unit": "dong-la", "values": [{"value": 1, "source": "s"}]}}}, "dong-la"),
    ],
)
def test_overrides_keep_the_rules(desk: Any, changes: dict[str, Any], word: str) -> None:
    desk.edit(UNIT, overrides={"tien-dien": {"reviewed_on": date(2026, 11, 21), **changes}})
    assert word in desk.wrong(UNIT)


def test_an_override_of_nothing_is_told(desk: Any) -> None:
    desk.edit(UNIT, overrides={"khong-co": {"reviewed_on": date(2026, 11, 21)}})
    assert "khong-co" in desk.wrong(UNIT)


def test_a_sourced_override_is_clean(desk: Any) -> None:
    values = {"unit": "dong", "values": [{"value": 1, "source": "NQ"}]}
    desk.edit(UNIT, overrides={"tien-dien": {"reviewed_on": date(2026, 11, 21), "amounts": {"muc": values}}})
    assert desk.wrong(UNIT) == ""
