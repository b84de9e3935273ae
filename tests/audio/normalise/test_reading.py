"""Residue, places in the source, the commune's own words, and the sentence cut for breath."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from audio.normalise import Lexicon, LexiconError, read, to_spoken
from audio.normalise.breath import LONGEST_WORDS, phrases


class TestResidue:
    def test_an_unknown_abbreviation_is_spelled_and_reported_with_its_place(self) -> None:
        spoken = read("Bà con gặp QXZ xã.")
        assert spoken.text == "Bà con gặp quy ích dét xã."
        [left] = spoken.residue
        assert (left.kind, left.text, left.start, left.end, left.soft) == ("unknown-abbreviation", "QXZ", 11, 14, True)

    def test_a_sign_nobody_knows_is_hard_residue(self) -> None:
        [left] = read("Giá 5 ₿ một cân").residue
        assert (left.kind, left.text, left.soft) == ("symbol", "₿", False)

    def test_letters_of_another_alphabet_are_kept_and_reported(self) -> None:
        spoken = read("Bà con đọc ភាសា giúp")
        assert spoken.text == "Bà con đọc ភាសា giúp"
        assert {r.kind for r in spoken.residue} == {"script"}

    @pytest.mark.parametrize("bad", ["\ud800", "\x00", "\x1b"])
    def test_what_is_no_character_is_dropped_and_reported(self, bad: str) -> None:
        spoken = read(f"bà{bad} con")
        assert spoken.text == "bà con"
        assert [(r.kind, r.start, r.end) for r in spoken.residue] == [("control", 2, 3)]

    def test_plain_text_has_neither_spans_nor_residue(self) -> None:
        text = "Kính thưa bà con, xã mình vui lắm!"
        spoken = read(text)
        assert (spoken.text, spoken.spans, spoken.residue) == (text, (), ())


class TestPlaces:
    def test_offsets_hold_through_decomposed_text_and_cut_lines(self) -> None:
        composed = "Thủ \ntướng ký Quyết định số 90/QĐ-TTg ngày 18/01/2022"
        written = unicodedata.normalize("NFD", composed)
        document, date = read(written).spans
        assert unicodedata.normalize("NFC", written[document.start : document.end]) == "90/QĐ-TTg"
        assert written[date.start : date.end] == "18/01/2022"
        assert (document.kind, date.kind) == ("document", "date")

    def test_decomposed_and_composed_text_are_said_alike(self) -> None:
        text = "Hỗ trợ 15kg gạo/người/tháng cho hộ nghèo xã Ia Băng."
        assert to_spoken(unicodedata.normalize("NFD", text)) == to_spoken(text)

    def test_a_mark_torn_off_its_letter_is_put_back(self) -> None:
        assert to_spoken("Đảng bô\u0323 xã, Đảng bô \u0323 xã") == "Đảng bộ xã, Đảng bộ xã"

    def test_marks_point_into_the_spoken_text(self) -> None:
        spoken = read("Gọi 111.\n\n- Nộp 50.000 đồng/hộ")
        said = {m.kind: spoken.text[m.start : m.end] for m in spoken.marks}
        assert said["phone"] == "một một một"
        assert said["money"] == "năm mươi nghìn đồng"

    @pytest.mark.parametrize(
        ("written", "joined"),
        [
            ("giảm nghèo bền \nvững", "giảm nghèo bền vững"),
            ("Quyết định số 90/QĐ-\nTTg", "Quyết định số chín mươi quyết định thủ tướng"),
            (
                "giai đoạn 2021-\n2025",
                "giai đoạn hai nghìn không trăm hai mươi mốt đến hai nghìn không trăm hai mươi lăm",
            ),
        ],
    )
    def test_a_line_the_page_cut_is_joined(self, written: str, joined: str) -> None:
        assert to_spoken(written) == joined


class TestOwnWords:
    def test_a_commune_adds_names_and_abbreviations(self, tmp_path: Path) -> None:
        own = tmp_path / "xa.yaml"
        own.write_text(
            "names:\n  Chư Prông: chư p rông\n  Ia Grai:\nabbreviations:\n  BGQ: tổ tự quản\n  CT: chi tổ\n",
            encoding="utf-8",
        )
        lexicon = Lexicon.load(extra=[own])
        spoken = read("BGQ xã Ia Grai mời CT UBND huyện Chư Prông", lexicon)
        assert spoken.text == "tổ tự quản xã Ia Grai mời chi tổ ủy ban nhân dân huyện chư p rông"
        assert spoken.residue == ()
        assert read("BGQ").residue

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("abbreviations:\n  A: 1\n", "not text"),
            ("abbreviation:\n  AB: b\n", "unknown tables"),
            ("abbreviations:\n  AB: a\n  AB: b\n", "given twice"),
            ("contexts:\n  AB:\n    - {befor: [x], say: y}\n", "a rule has say"),
            ("contexts:\n  AB:\n    - {before: [<nope>], say: y}\n", "unknown class"),
            ("- a\n", "mapping"),
            ("a: [\n", "own.yaml"),
        ],
    )
    def test_a_misshapen_table_is_refused_by_name(self, tmp_path: Path, content: str, complaint: str) -> None:
        own = tmp_path / "own.yaml"
        own.write_text(content, encoding="utf-8")
        with pytest.raises(LexiconError, match=complaint):
            Lexicon.load(extra=[own])

    def test_foreign_words_are_respelled_only_when_the_voice_asks(self) -> None:
        assert read("xem Zalo, quét mã QR").text == "xem Zalo, quét mã QR"
        assert read("xem Zalo, quét mã QR", respell=True).text == "xem da lô, quét mã quy rờ"


class TestBreath:
    def test_pauses_follow_the_punctuation(self) -> None:
        cut = phrases(read("Kính thưa bà con hôm nay, xã mình họp ở nhà văn hóa; mời bà con tới dự."))
        assert [p.pause_ms for p in cut] == [200, 350, 500]

    def test_a_long_sentence_is_cut_before_joining_words(self) -> None:
        text = " ".join(["bà con thôn mình cùng nhau nuôi bò trồng rau và giữ rừng đầu nguồn"] * 6)
        cut = phrases(read(text))
        assert all(len(p.text.split()) <= LONGEST_WORDS for p in cut)
        assert " ".join(p.text for p in cut) == text

    def test_sums_phones_and_codes_are_slow(self) -> None:
        cut = phrases(read("Bà con nghe cho rõ. Mức vay là 100 triệu đồng. Gọi số 0912 345 678. Theo số 90/QĐ-TTg."))
        assert [p.slow for p in cut] == [False, True, True, True]

    def test_nothing_is_cut_out_of_nothing(self) -> None:
        assert phrases(read("")) == ()


def test_letters_of_both_cases_nobody_listed_are_spelled_and_reported() -> None:
    spoken = read("theo TTrLS của xã")
    assert spoken.text == "theo tê tê rờ lờ ét của xã"
    assert [(r.kind, r.text) for r in spoken.residue] == [("unknown-abbreviation", "TTrLS")]


def test_a_sum_leaves_the_sentence_its_stop() -> None:
    assert read("Còn 165.000đ. Phạt 2-3tr. Bà con nhớ.").text == (
        "Còn một trăm sáu mươi lăm nghìn đồng. Phạt hai đến ba triệu. Bà con nhớ."
    )


def test_a_line_that_ends_with_an_hour_ends_there() -> None:
    assert read("- Sáng: 7h\n- Chiều: 14h").text == "Sáng: bảy giờ\n\nChiều: mười bốn giờ"


def test_the_same_short_form_counts_the_same_thing_in_a_sentence() -> None:
    spoken = read("Tiếp nhận 12 HS, giải quyết trước hạn 10 HS. Lớp có 12 HS.").text
    assert spoken.count("hồ sơ") == 2
    assert spoken.endswith("mười hai học sinh.")


def test_a_short_form_no_neighbour_explains_is_said_and_reported() -> None:
    spoken = read("Xem PC kèm theo.")
    assert spoken.text == "Xem phiếu chuyển kèm theo."
    assert [(r.kind, r.text) for r in spoken.residue] == [("unknown-abbreviation", "PC")]
    assert not read("Công tác PC thiên tai.").residue


def test_a_short_form_at_the_end_of_a_sentence_leaves_its_stop() -> None:
    assert read("Khám tại TYT. Bà con mang thẻ BHYT.").text == "Khám tại trạm y tế. Bà con mang thẻ bảo hiểm y tế."
    assert read("Đi TP. Sơn La với BS. Nam").text == "Đi thành phố Sơn La với bác sĩ Nam"


def test_a_word_is_not_taken_for_the_half_of_another() -> None:
    assert read("Khởi công CT nước bản Ló").text == "Khởi công công trình nước bản Ló"
    assert read("Hội HND xã").text == "Hội nông dân xã"
