"""Runs of capitals no table lists: composed from what is listed, explained by the text itself, or left to the letters."""

from __future__ import annotations

import pytest

from audio.normalise import read
from audio.normalise.compounds import Compounds
from audio.normalise.definitions import definitions

JOINING = frozenset({"và", "của", "về"})
WRITTEN = {"ương": "W"}
LISTED = [
    "phòng thủ dân sự",
    "ban chỉ đạo",
    "tìm kiếm và cứu nạn",
    "quản lý đất đai",
    "trung ương",
    "trung du",
    "dân số",
    "dân số trẻ em",
]


class TestLearned:
    compounds = Compounds(LISTED, ["đất đai", "văn bản", "điện tử"], JOINING, WRITTEN)

    def test_a_run_is_the_likeliest_chain_of_words(self) -> None:
        found = self.compounds.expand("BCĐPTDS")
        assert found
        assert (found.words, found.known) == ("ban chỉ đạo phòng thủ dân sự", True)

    def test_confidence_is_shared_among_the_chains(self) -> None:
        sure, split = self.compounds.expand("QLĐĐ"), self.compounds.expand("DS")
        assert sure
        assert split
        assert sure.confidence > 0.9 > split.confidence > 0

    def test_the_word_before_helps_to_choose(self) -> None:
        after = self.compounds.expand("DS", ("phòng", "thủ"))
        assert after
        assert after.words == "dân sự"

    def test_a_joining_word_is_put_back_where_it_stood(self) -> None:
        found = self.compounds.expand("TKCN")
        assert found
        assert found.words == "tìm kiếm và cứu nạn"

    def test_the_central_level_is_written_with_a_foreign_letter(self) -> None:
        found = self.compounds.expand("TW")
        assert found
        assert found.words == "trung ương"

    @pytest.mark.parametrize("run", ["QXZ", "F", "P" * 17])
    def test_letters_no_word_begins_with_and_long_runs_have_no_reading(self, run: str) -> None:
        assert self.compounds.expand(run) is None

    def test_words_that_never_met_are_not_known_to_go_together(self) -> None:
        found = self.compounds.expand("TB")
        assert found
        assert not found.known

    def test_nothing_is_learned_from_joining_words_alone(self) -> None:
        assert Compounds(["và"], [], JOINING, WRITTEN).expand("V") is None


class TestExplained:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Tổ trợ giúp cộng đồng (TTGCĐ) họp.", {"TTGCĐ": "tổ trợ giúp cộng đồng"}),
            ("Quỹ phát triển cây ăn quả (sau đây gọi tắt là “Quỹ PTCAQ”)", {"PTCAQ": "phát triển cây ăn quả"}),
            ("Phòng cháy và chữa cháy (PCCC)", {"PCCC": "phòng cháy và chữa cháy"}),
            ("Nông nghiệp và Môi trường (NN&MT)", {"NNMT": "nông nghiệp và môi trường"}),
            ("HTPTCC (hợp tác phát triển cây cảnh) mời", {"HTPTCC": "hợp tác phát triển cây cảnh"}),
            ("ông Nguyễn Văn An (TDP 5), bà Lò Thị Vui (xã)", {}),
            ("Ban Chỉ đạo. Nội dung (BCĐ)", {}),
            ("Hội (HPN) và A (B)", {}),
            ("Hội nông dân Trung ương (HNDTW)", {"HNDTW": "hội nông dân trung ương"}),
            ("không có ngoặc", {}),
        ],
    )
    def test_a_text_explains_its_short_forms(self, text: str, found: dict[str, str]) -> None:
        assert dict(definitions(text, JOINING, WRITTEN)) == found

    def test_the_texts_own_word_goes_before_the_tables(self) -> None:
        spoken = read("Thôn tự hào (TTH): TTH dự.")
        assert "thôn tự hào dự" in spoken.text
        assert "TTH" not in {r.text for r in spoken.residue}


class TestRead:
    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("Tổ PCBLGĐTE thôn", "Tổ phòng chống bạo lực gia đình trẻ em thôn"),
            ("Văn phòng ĐPGN", "Văn phòng điều phối giảm nghèo"),
            ("công tác QLVBĐT", "công tác quản lý văn bản điện tử"),
            ("lớp KNSHS", "lớp kỹ năng sống học sinh"),
            ("Ban CHPTDSTKCN xã", "Ban chỉ huy phòng thủ dân sự tìm kiếm cứu nạn xã"),
        ],
    )
    def test_a_likely_run_is_said_in_words_and_reported(self, written: str, said: str) -> None:
        spoken = read(written)
        assert spoken.text == said
        assert len(spoken.residue) == 1

    def test_known_pieces_of_three_letters_and_more_need_no_report(self) -> None:
        spoken = read("BCĐXNTNDN họp")
        assert spoken.text == "ban chỉ đạo xóa nhà tạm nhà dột nát họp"
        assert spoken.residue == ()

    def test_a_run_that_may_be_many_things_is_spelled_and_reported(self) -> None:
        spoken = read("quỹ ĐƠTP")
        assert spoken.text == "quỹ đê ơ tê pê"
        assert [r.text for r in spoken.residue] == ["ĐƠTP"]

    def test_two_fields_joined_by_the_sign_are_both_read(self) -> None:
        spoken = read("Công văn số 879/SYT-BTXH&GN")
        assert spoken.text.endswith("sở y tế bảo trợ xã hội giảm nghèo")
        assert spoken.residue == ()
