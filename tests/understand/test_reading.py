"""What a text is taken for: spellings, ages, years, codes, refusals, danger and fraud."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.library import Library
from bot.model.codes import new_code
from bot.understand import Kind, Understanding, rank

TODAY = date(2026, 11, 21)
NEXT_YEAR = date(2027, 3, 1)
CODE = new_code(b"a slip of paper")


@pytest.mark.parametrize(
    "text",
    [
        "Hộ nghèo được hỗ trợ tiền điện bao nhiêu?",
        "ho ngheo duoc ho tro tien dien bao nhieu",
        "hô ngheo đuoc hổ trơ tiên điên bao nhiu",
        "hooj ngheof dduowcj hoox trowj tieenf ddieenj bao nhieeu",
        "ho65 nghe2o d9u7o75c ho64 tro75 tie62n d9ie65n bao nhie6u",
        "hộ nghèo dc htro tiền điện bnhiu z ad",
        unicodedata.normalize("NFD", "Hộ nghèo được hỗ trợ tiền điện bao nhiêu?"),
        "HỘ NGHÈO ĐƯỢC HỖ TRỢ TIỀN ĐIỆN BAO NHIÊU ???",
    ],
)
def test_every_way_of_typing_means_the_same(understanding: Understanding, text: str) -> None:
    reading = understanding.read(text, TODAY)
    assert reading.kind is Kind.ANSWER
    assert reading.ids[0] == "ho-tro-tien-dien"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("thẻ bảo hiểm y tế cho hộ nghèo", "bhyt-ho-ngheo"),
        ("thẻ bảo hiểm y tế cho hộ cận nghèo", "bhyt-ho-can-ngheo"),
        ("thẻ bảo hiểm y tế cho hộ mới thoát nghèo", "bhyt-moi-thoat-ngheo-dan-toc-thieu-so"),
        ("hộ cận nghèo vay vốn chăn nuôi", "vay-ho-ngheo-ho-can-ngheo"),
        ("hộ mới thoát nghèo vay vốn chăn nuôi", "vay-ho-moi-thoat-ngheo"),
        ("vay vốn làm nhà vệ sinh", "vay-nuoc-sach-ve-sinh"),
        ("vay vốn cho con học đại học", "vay-hoc-sinh-sinh-vien"),
        ("ông cụ 77 tuổi không có lương hưu", "tro-cap-huu-tri-xa-hoi"),
        ("ba tui bảy mươi tám tuổi không lương hưu thì được chi", "tro-cap-huu-tri-xa-hoi"),
        ("cháu 4 tuổi nhà nghèo được tiền ăn không", "an-trua-tre-mau-giao"),
        ("con học lớp 7 ở lại trường có được cấp gạo không", "hoc-sinh-ban-tru-vung-kho-khan"),
    ],
)
def test_neighbours_are_told_apart(understanding: Understanding, text: str, entry: str) -> None:
    assert understanding.read(text, TODAY).ids[0] == entry


def test_typed_accents_are_evidence(understanding: Understanding) -> None:
    """The same letters, other marks: a cow to raise, and a wish to leave."""
    said = {t: understanding.evidence(t).concepts for t in ("nuôi bò", "nuoi bo", "nuối bỏ")}
    assert said["nuôi bò"]["lam-an"] > said["nuoi bo"].get("lam-an", 0.0) > said["nuối bỏ"].get("lam-an", 0.0)


def test_the_year_is_counted_from_today(understanding: Understanding) -> None:
    assert understanding.ranked_ids("sang năm thu nhập bao nhiêu thì là hộ nghèo", TODAY)[0] == "chuan-ngheo-2027-2030"
    assert understanding.ranked_ids("năm nay thu nhập bao nhiêu thì là hộ nghèo", TODAY)[0] == "chuan-ngheo-2022-2026"
    now = understanding.ranked_ids("năm nay thu nhập bao nhiêu thì là hộ nghèo", NEXT_YEAR)[0]
    assert now == "chuan-ngheo-2027-2030"


SPOKEN = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
BARE = ("khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin")


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        f"mã {CODE}",
        " ".join(CODE),
        f"{CODE[:3]} {CODE[3:]}",
        f"{CODE[:3]}.{CODE[3:]}",
        f"việc của tôi số {CODE} xong chưa ạ",
        " ".join(SPOKEN[int(d)] for d in CODE),
        "mã " + " ".join(BARE[int(d)] for d in CODE),
        f"\u200f{CODE}\u200f",
    ],
)
def test_a_code_from_a_slip(understanding: Understanding, text: str) -> None:
    reading = understanding.read(text, TODAY)
    assert (reading.kind, reading.code, reading.intent) == (Kind.CODE, CODE, "tra-cuu-ma")


@pytest.mark.parametrize("at", range(7))
def test_a_slip_of_one_digit_is_no_code(understanding: Understanding, at: int) -> None:
    wrong = CODE[:at] + str((int(CODE[at]) + 1) % 10) + CODE[at + 1 :]
    assert understanding.read(f"mã {wrong}", TODAY).code == ""


@pytest.mark.parametrize("text", [f"0912{CODE}", f"{CODE}88", "số điện thoại 0912 345 678", "mã PA12 tới đâu rồi"])
def test_other_numbers_are_no_code(understanding: Understanding, text: str) -> None:
    assert understanding.read(text, TODAY).code == ""


def test_a_code_of_another_kind_asks_for_the_case(understanding: Understanding) -> None:
    assert understanding.read("mã PA12 tới đâu rồi", TODAY).intent == "tra-cuu-ma"


@pytest.mark.parametrize(
    "text",
    [
        "mai trời có mưa không", "giá heo hơi hôm nay", "con heo nái bỏ ăn cho uống thuốc gì", "xổ số hôm nay ra con gì",
        "mất bằng lái xe thì làm lại ở đâu", "điện thoại tôi bị treo", "sầu riêng vàng lá rụng trái là bệnh gì",
        "xem ngày cưới cho con gái", "bảo hiểm thất nghiệp được mấy tháng", "asdf qwer zxcv", "!!!", "", "   ",
    ],
)  # fmt: skip
def test_what_lies_outside_is_refused(understanding: Understanding, text: str) -> None:
    reading = understanding.read(text, TODAY)
    assert reading.kind is Kind.REFUSE
    assert reading.ranked == ()
    assert understanding.ranked_ids(text, TODAY) == ["none"]


@pytest.mark.parametrize(
    ("text", "sub"),
    [
        ("tôi không muốn sống nữa", "tu-tu"),
        ("toi khong muon song nua", "tu-tu"),
        ("chán lắm, chắc uống thuốc sâu cho xong", "tu-tu"),
        ("cháu bé nhà bên bị bố đánh bầm mặt đang la khóc", "tre-em"),
        ("chau be nha ben bi bo danh bam mat", "tre-em"),
        ("con bé lớp 5 bị chú sờ soạng", "tre-em"),
        ("cứu với nhà tôi đang cháy", "dang-chay"),
        ("cuu voi nha toi dang chay", "dang-chay"),
        ("chồng tôi cầm dao dọa giết mẹ con tôi", "bao-luc"),
        ("nhà em hết sạch gạo, con khóc vì đói", "doi"),
        ("hai ngay chua an, con doi la roi", "doi"),
        ("chồng tôi đang đánh con", "tre-em"),
        ("chong toi dang danh con", "tre-em"),
        ("có người đánh trẻ em", "tre-em"),
        ("cứu với", "cuu-giup"),
    ],
)
def test_danger_comes_first(understanding: Understanding, text: str, sub: str) -> None:
    reading = understanding.read(text, TODAY)
    assert (reading.kind, reading.sub) == (Kind.DANGER, sub)


@pytest.mark.parametrize(
    "text",
    [
        "nhà tôi bị cháy năm ngoái được hỗ trợ gì",
        "trẻ mồ côi bị bỏ rơi được trợ cấp bao nhiêu một tháng",
        "số điện thoại báo trẻ em bị đánh là số nào",
        "hộ thiếu đói được cấp bao nhiêu ký gạo",
        "con tôi học lớp một có phải đóng học phí không",
        "khi chết được bao nhiêu tiền mai táng",
        "ly hôn vì chồng đánh thì có luật sư miễn phí không",
        "đánh trẻ em bị phạt bao nhiêu",
        "năm ngoái có người đánh trẻ em",
        "cứu trợ khẩn cấp gồm những gì",
        "xe máy bị đâm hỏng thì ai đền",
    ],
)
def test_a_question_about_it_is_no_alarm(understanding: Understanding, text: str) -> None:
    assert understanding.read(text, TODAY).kind not in {Kind.DANGER, Kind.FRAUD}


@pytest.mark.parametrize(
    ("text", "sub"),
    [
        ("có người gọi điện xưng cán bộ bảo tôi đọc mã otp", "ma-otp"),
        ("co nguoi goi dien bao doc ma otp de nhan tien ho tro", "ma-otp"),
        ("nó bảo đóng phí nhận trợ cấp hai trăm nghìn mới phát tiền", "phi-nhan-tien"),
        ("số lạ gọi kêu chuyển khoản trước mới được nhận tiền hỗ trợ", "phi-nhan-tien"),
        ("người lạ gọi tự xưng công an đòi căn cước với số tài khoản", "gia-danh"),
    ],
)
def test_fraud_is_warned_of_and_shows_no_policy(
    understanding: Understanding, library: Library, text: str, sub: str
) -> None:
    reading = understanding.read(text, TODAY)
    assert (reading.kind, reading.sub) == (Kind.FRAUD, sub)
    assert not any(library.has(i) for i in reading.ids)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("xin chào", "chao"), ("menu", "tro-giup"), ("cho tôi gặp người thật", "gap-nguoi"),
        ("đừng nhắn tin nữa", "huy-dang-ky"),
        ("xóa hết thông tin của tôi đi", "xoa-du-lieu"), ("cho nghe lại bản tin loa", "nghe-loa"),
        ("nhà tôi được hưởng những gì", "kiem-tra-quyen-loi"), ("đèn đường xóm tôi hỏng cả tháng", "phan-anh"),
        ("đề nghị xã làm thêm cái cầu", "kien-nghi"), ("trưởng thôn ăn chặn tiền hỗ trợ của dân", "bao-truc-loi"),
        ("bao giờ chủ tịch xã đối thoại với dân", "doi-thoai"), ("có chính sách mới thì nhắn cho tôi", "dang-ky"),
        ("tôi muốn hỏi cán bộ xã một việc", "hoi-can-bo"),
    ],
)  # fmt: skip
def test_intents(understanding: Understanding, text: str, intent: str) -> None:
    reading = understanding.read(text, TODAY)
    assert (reading.kind, reading.intent) == (Kind.INTENT, intent)
    assert reading.ids[0] == f"intent:{intent}"


def test_the_need_stands_at_the_end_of_a_long_story(understanding: Understanding) -> None:
    story = (
        "Chào cán bộ, tôi xin kể đầu đuôi. Nhà tôi năm người, chồng đi phụ hồ xa, mẹ già ở quê trông hai đứa nhỏ. "
        "Mấy năm trước có vay ngân hàng nuôi lợn rồi dịch chết hết. Làng xóm cũng thương mà ai cũng khó. "
        "Giờ cái nhà vệ sinh sụp rồi, cả nhà phải đi nhờ, tôi muốn vay tiền xây lại thì vay được bao nhiêu ạ?"
    )
    assert understanding.read(story, TODAY).ids[0] == "vay-nuoc-sach-ve-sinh"


def test_no_more_than_three_are_shown(understanding: Understanding) -> None:
    assert len(understanding.read("tiền", TODAY).ranked) <= 3
    reading = understanding.read("nhà tôi nghèo mà có con đi học, mẹ già, muốn vay vốn, nhà dột", TODAY)
    assert len(reading.ranked) <= 3


def test_a_reading_says_why(understanding: Understanding) -> None:
    assert "c:tien-dien" in understanding.read("tiền điện cho hộ nghèo", TODAY).why


def test_a_hundred_kilobytes_are_read(understanding: Understanding) -> None:
    """The middle of a very long text is left out; the question at its end still counts."""
    text = "hôm nay tôi kể chuyện trời đất bao la cho vui thôi. " * 2_000
    assert len(text.encode()) > 100_000
    reading = understanding.read(text + "Hộ nghèo được hỗ trợ tiền điện bao nhiêu một tháng?", TODAY)
    assert reading.ids[0] == "ho-tro-tien-dien"
    assert understanding.read("a" * 100_000, TODAY).kind is Kind.REFUSE
    assert understanding.read("x1," * 33_000, TODAY).kind is Kind.REFUSE


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_always_the_same(understanding: Understanding, text: str) -> None:
    assert understanding.read(text, TODAY) == understanding.read(text, TODAY)


PIECES = (
    "vay", "👍", "\u202e", "\x00", "0", "1", "năm", "???", "được", "dd", "aa", "w", "s66",
    "hộ", "nghèo", "\ud83d", "otp", "\n", "",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_walls_of_signs_are_read(understanding: Understanding, pieces: list[str]) -> None:
    understanding.read(" ".join(pieces), TODAY)


def test_two_builds_agree(library: Library, understanding: Understanding) -> None:
    again = Understanding.build(library)
    for text in ("vay vốn nuôi bò", "tien dien", "nhà dột", "mẹ tôi 80 tuổi"):
        assert again.read(text, TODAY) == understanding.read(text, TODAY)


def test_the_scorer_call(understanding: Understanding) -> None:
    assert rank("tiền điện hộ nghèo")[0] == "ho-tro-tien-dien"
