"""Bad files are told with file, line and mend, and never bring the reader down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.library import ContentFaults, Fault, read_folder
from bot.library.reading import parse


def faults_of(shelf: Any) -> list[Fault]:
    with pytest.raises(ContentFaults) as caught:
        shelf.load()
    return caught.value.faults


def line_of(shelf: Any, path: str, start: str) -> int:
    lines = (shelf.root / path).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(start))


def test_a_good_folder_loads_and_is_read_only(shelf: Any) -> None:
    shelf.policy()
    library = shelf.load()
    assert library.policies["tien-dien"].title == "Hỗ trợ tiền điện"
    with pytest.raises(TypeError):
        library.policies["x"] = library.policies["tien-dien"]  # type: ignore[index]


def test_an_unknown_key_is_told_with_its_line_and_the_likely_key(shelf: Any) -> None:
    shelf.policy(titel="Sai")
    (fault,) = faults_of(shelf)
    assert fault.path == "policies/tien-dien.yaml"
    assert fault.line == line_of(shelf, fault.path, "titel:")
    assert "titel" in fault.message
    assert "title" in fault.mend


def test_a_fault_deep_in_a_file_has_the_line_of_its_own_node(shelf: Any) -> None:
    record = shelf.policy()
    record["amounts"]["muc"]["values"][1]["value"] = None
    shelf.put("policies", record)
    (fault,) = faults_of(shelf)
    assert (
        fault.line == line_of(shelf, fault.path, "- value: null")
        or fault.line == line_of(shelf, fault.path, "source: moi") - 2
    )


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"reviewed_on": "hôm qua"}, "2026-12-14"),
        ({"groups": []}, "dòng"),
        ({"basis": "tuy-y"}, "duong-nhien"),
        ({"short": "Một cái nhãn dài quá hai mươi bốn chữ"}, "ngắn"),
        ({"topic": "Tiền Điện"}, "không dấu"),
        ({"valid_from": "2027-01-01", "valid_to": "2026-01-01"}, "ngày"),
        ({"conditions": {"fact": "tuoi"}}, "phép thử"),
        ({"conditions": {"fact": "tuoi", "is": True, "all": [{"fact": "tuoi", "at_least": 3}]}}, "điều kiện"),
        ({"parts": "một câu"}, "từng mục"),
        ({"sources": "https://example.vn"}, "gạch"),
    ],
)
def test_each_kind_of_slip_is_worded_for_officials(shelf: Any, change: dict[str, Any], word: str) -> None:
    shelf.policy(**change)
    faults = faults_of(shelf)
    assert all(f.message and f.mend and f.line > 0 for f in faults)
    assert any(word in f.mend for f in faults), faults


def test_a_missing_key_is_told(shelf: Any) -> None:
    record = shelf.policy()
    del record["answer"]
    shelf.put("policies", record)
    (fault,) = faults_of(shelf)
    assert "answer" in fault.message


def test_the_id_is_the_file_name(shelf: Any) -> None:
    shelf.raw("policies/khac.yaml", (yaml.safe_dump(shelf.policy(), allow_unicode=True)))
    faults = faults_of(shelf)
    assert {"tien-dien"} <= {word.strip("“”.") for f in faults for word in f.message.split()}


def test_policies_and_stories_share_one_space_of_ids(shelf: Any) -> None:
    shelf.policy()
    shelf.story(formerly=["tien-dien"])
    assert any("policies/tien-dien.yaml" in f.message for f in faults_of(shelf))


def test_a_former_id_finds_the_entry(shelf: Any) -> None:
    shelf.policy(formerly=["dien-cu"])
    library = shelf.load()
    assert library.entry("dien-cu").id == "tien-dien"
    assert library.id_of("dien-cu") == "tien-dien"
    assert library.has("dien-cu")
    assert not library.has("chua-co")
    with pytest.raises(KeyError):
        library.entry("chua-co")


def test_unknown_kinds_and_folders_are_refused(shelf: Any) -> None:
    shelf.raw("phrases/la.yaml", "kind: la\n")
    shelf.raw("chuyen/la.yaml", "id: la\n")
    assert {f.path for f in faults_of(shelf)} == {"phrases/la.yaml", "chuyen/la.yaml"}


def test_files_of_one_kind_are_merged_and_clashes_are_told(shelf: Any) -> None:
    shelf.raw("phrases/groups-more.yaml", "kind: groups\ngroups: {nguoi-ban-hang: Người bán hàng}\n")
    assert "nguoi-ban-hang" in shelf.load().groups
    shelf.raw("phrases/groups-more.yaml", "kind: groups\ngroups: {ho-ngheo: Hộ nghèo}\n")
    assert any("ho-ngheo" in f.message for f in faults_of(shelf))


def test_a_figure_nobody_holds_keeps_the_library_from_loading(shelf: Any) -> None:
    shelf.policy(answer="Được {so-la}, và {tien-dien/la}, và {xa/la}.")
    faults = faults_of(shelf)
    assert [f.line for f in faults] == [line_of(shelf, "policies/tien-dien.yaml", "answer:")] * 3
    shelf.policy(answer="Được {Sai tên}.")
    assert len(faults_of(shelf)) == 1


def test_a_measure_without_wording_is_told(shelf: Any) -> None:
    record = shelf.policy()
    record["amounts"]["muc"]["unit"] = "dong-tuan"
    shelf.put("policies", record)
    assert "dong-tuan" in faults_of(shelf)[0].message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("0912345678", "0912345678"),
        ("7:30", "7:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("true", True),
        ("12", 12),
        ("7.488", 7.488),
        ("~", None),
    ],
)
def test_what_is_typed_is_what_is_read(text: str, value: object) -> None:
    data, faults = parse(f"x: {text}\n".encode(), "p")
    assert not faults
    assert data == {"x": value}


@pytest.mark.parametrize(
    "raw",
    [
        b"a: 1\na: 2\n",
        b"a: [1, 2\n",
        b"\xff\xfe\x00",
        b"- 1\n",
        b"",
        b"a: 2026-13-45\n",
        b"x: &a [1]\ny: *a\n",
        b"a: !!python/object/apply:os.system [ls]\n",
        b"? [1]\n: 2\n",
        b"x: " + b"[" * 5000,
        b"- " * 5000,
        b"a: \x00\n",
        b"a: !!binary x\n",
    ],
)
def test_bad_yaml_is_a_fault_not_a_crash(raw: bytes) -> None:
    data, faults = parse(raw, "p.yaml")
    assert data is None
    assert faults
    assert all(f.path == "p.yaml" and f.message for f in faults)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_data_or_faults(raw: bytes) -> None:
    data, faults = parse(raw, "p")
    assert (data is None) == bool(faults)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(["title", "amounts", "conditions", "fitted", "parts", "x"]), _JSON, max_size=3
    )
)
def test_any_shape_of_a_policy_is_refused_or_loaded(tmp_path: Path, changes: dict[str, Any]) -> None:
    folder = tmp_path / "policies"
    folder.mkdir(exist_ok=True)
    (folder / "p.yaml").write_text(yaml.safe_dump({"id": "p", **changes}, allow_unicode=True), "utf-8")
    _, faults = read_folder(tmp_path)
    assert all(f.message and f.mend for f in faults)
    assert faults


def test_the_revision_moves_with_any_file_and_with_nothing_else(shelf: Any) -> None:
    shelf.policy()
    first = shelf.load().revision
    assert shelf.load().revision == first
    shelf.policy(title="Khác")
    assert shelf.load().revision != first


def test_a_spoiled_file_of_places_and_a_folder_named_like_a_file_are_no_crash(shelf: Any) -> None:
    shelf.raw("units/_places.json", "{")
    (shelf.root / "topics" / "thu-muc.yaml").mkdir()
    assert [fault.path for fault in faults_of(shelf)] == ["units/_places.json"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    _, faults = read_folder(tmp_path / "khong-co")
    assert [fault.path for fault in faults] == [(tmp_path / "khong-co").as_posix()]


def test_titles_hold_no_figures(shelf: Any) -> None:
    shelf.policy(title="Được {muc}")
    assert "answer" in faults_of(shelf)[0].mend


def test_a_topic_keeps_its_old_id(shelf: Any) -> None:
    topic = {"id": "dien", "title": "Điện", "short": "Điện", "order": 2, "about": "a", "formerly": ["dien-cu"]}
    shelf.put("topics", topic)
    library = shelf.load()
    assert library.topic("dien-cu").id == "dien"
    assert list(library.topics) == ["tien-dien", "dien"]


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        ("phrases/measures.yaml", "kind: measures\nmeasures: {dong: đồng}\n", "{so}"),
        ("phrases/basis.yaml", "kind: basis\nrules: {}\n", "duong-nhien"),
        (
            "phrases/guards.yaml",
            "kind: guards\nbare_figure: '('\nescaped: a\nlocal_place: a\ninitials: a\n",
            "bare_figure",
        ),
    ],
)
def test_phrases_the_machine_works_with_are_checked_on_loading(shelf: Any, path: str, text: str, word: str) -> None:
    shelf.raw(path, text)
    (fault,) = faults_of(shelf)
    assert fault.path == path
    assert word in f"{fault.message} {fault.mend}"
