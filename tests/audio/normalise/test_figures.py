"""Every kind of figure drawn at random and said again by a second, plain account of how numbers are spoken."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.normalise import to_spoken
from tests.audio.normalise.test_cases import heard

# the same draws on every run: a rare reading is for whoever works on the rules, not for whoever runs all tests
drawn = settings(max_examples=80, deadline=None, derandomize=True)
DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
DASHES = st.sampled_from(["-", " - ", "–", " – "])
DAYS = st.dates(dt.date(1945, 1, 1), dt.date(2045, 12, 31))
FRACTIONS = st.from_regex(r"[0-9]{1,3}", fullmatch=True).filter(lambda f: f.strip("0") and f[-1] != "0")
MONEY = [
    ("đồng", "đồng"),
    ("đ", "đồng"),
    (" đ", "đồng"),
    (" VNĐ", "đồng"),
    ("VND", "đồng"),
    (" triệu đồng", "triệu đồng"),
]
MEASURES = [
    ("ha", "héc ta"),
    (" m2", "mét vuông"),
    ("m³", "mét khối"),
    ("km", "ki lô mét"),
    (" kg", "ki lô gam"),
    ("ml", "mi li lít"),
    (" tấn", "tấn"),
    ("mm", "mi li mét"),
    ("kWh", "ki lô oát giờ"),
    ("°C", "độ xê"),
    ("%", "phần trăm"),
    (" km/h", "ki lô mét một giờ"),
    (" tạ/ha", "tạ một héc ta"),
    ("mg/l", "mi li gam một lít"),
    (" người/km2", "người một ki lô mét vuông"),
    (" kg/sào/vụ", "ki lô gam một sào một vụ"),
    (" V", "vôn"),
]
PAYEES = [
    ("người", "người"),
    ("hộ/năm", "hộ một năm"),
    ("m2", "mét vuông"),
    ("kg", "ki lô gam"),
    ("học sinh/tháng", "học sinh một tháng"),
]
ROMANS = [
    "I",
    "II",
    "III",
    "IV",
    "V",
    "VI",
    "VII",
    "VIII",
    "IX",
    "X",
    "XI",
    "XII",
    "XIII",
    "XIV",
    "XV",
    "XVI",
    "XVII",
    "XVIII",
    "XIX",
    "XX",
    "XXI",
    "XXII",
    "XXIII",
    "XXIV",
]
TYPES = [
    ("QĐ", "Quyết định"),
    ("KH", "Kế hoạch"),
    ("TB", "Thông báo"),
    ("BC", "Báo cáo"),
    ("TTr", "Tờ trình"),
    ("NQ", "Nghị quyết"),
]
TYPES += [
    ("GM", "Giấy mời"),
    ("CT", "Chỉ thị"),
    ("PA", "Phương án"),
    ("KL", "Kết luận"),
    ("HD", "Hướng dẫn"),
    ("CĐ", "Công điện"),
]
ISSUERS = {
    "UBND": "ủy ban nhân dân",
    "HĐND": "hội đồng nhân dân",
    "TTg": "thủ tướng",
    "CP": "chính phủ",
    "TW": "trung ương",
    "TU": "tỉnh ủy",
    "ĐU": "đảng ủy",
    "BNNMT": "bộ nông nghiệp và môi trường",
    "BDTTG": "bộ dân tộc và tôn giáo",
    "BVHTTDL": "bộ văn hóa thể thao và du lịch",
    "BGDĐT": "bộ giáo dục và đào tạo",
    "BGD&ĐT": "bộ giáo dục và đào tạo",
    "BKHCN": "bộ khoa học và công nghệ",
    "NHNN": "ngân hàng nhà nước",
    "TTCP": "thanh tra chính phủ",
    "SNNMT": "sở nông nghiệp và môi trường",
    "SDTTG": "sở dân tộc và tôn giáo",
    "BDT": "ban dân tộc",
    "PVH-XH": "phòng văn hóa xã hội",
    "MTTQ": "mặt trận tổ quốc",
    "LĐLĐ": "liên đoàn lao động",
    "BCHPTDS": "ban chỉ huy phòng thủ dân sự",
    "HĐBC": "hội đồng bầu cử",
    "CCTT&BVTV": "chi cục trồng trọt và bảo vệ thực vật",
    "UBTVQH15": "ủy ban thường vụ quốc hội khóa mười lăm",
}


def under_thousand(number: int, *, full: bool) -> list[str]:
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    words = [DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens > 1:
        return [
            *words,
            DIGITS[tens],
            "mươi",
            *([{1: "mốt", 4: "tư", 5: "lăm"}.get(ones, DIGITS[ones])] if ones else []),
        ]
    if tens == 1:
        return [*words, "mười", *([{5: "lăm"}.get(ones, DIGITS[ones])] if ones else [])]
    return [*words, *(["linh"] if words and ones else []), *([DIGITS[ones]] if ones else [])]


def said(number: int) -> str:
    if number == 0:
        return "không"
    words: list[str] = []
    for power, scale in ((10**12, "nghìn tỷ"), (10**9, "tỷ"), (10**6, "triệu"), (1000, "nghìn"), (1, "")):
        group = number // power % 1000
        if group:
            words += [*under_thousand(group, full=bool(words)), *([scale] if scale else [])]
    return " ".join(words)


def said_decimal(whole: int, fraction: str) -> str:
    tail = " ".join(DIGITS[int(c)] for c in fraction) if fraction[0] == "0" else said(int(fraction))
    return f"{said(whole)} phẩy {tail}"


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def said_month(month: int) -> str:
    return "tư" if month == 4 else said(month)


def said_day(day: int) -> str:
    return f"mồng {said(day)}" if day <= 10 else said(day)


def same(written: str, spoken: str) -> None:
    assert heard(to_spoken(written)) == heard(spoken)


@drawn
@given(st.integers(0, 10**11), st.sampled_from(["hộ", "người", "cây", "học sinh", "con bò", "lượt xe"]))
def test_a_count(number: int, noun: str) -> None:
    same(f"Toàn xã có {grouped(number)} {noun}.", f"toàn xã có {said(number)} {noun}")


@drawn
@given(st.integers(1, 900), st.sampled_from([500, 1000, 10_000, 1_000_000]), st.sampled_from(MONEY))
def test_a_sum(number: int, step: int, money: tuple[str, str]) -> None:
    same(f"Mức hỗ trợ {grouped(number * step)}{money[0]}.", f"mức hỗ trợ {said(number * step)} {money[1]}")


@drawn
@given(st.integers(1, 99), st.sampled_from(PAYEES))
def test_a_sum_for_each(number: int, payee: tuple[str, str]) -> None:
    same(f"Thu {grouped(number * 1000)} đồng/{payee[0]}.", f"thu {said(number * 1000)} đồng một {payee[1]}")


@drawn
@given(
    st.integers(0, 999),
    FRACTIONS,
    st.sampled_from([("triệu đồng", "triệu đồng"), ("%/năm", "phần trăm một năm"), ("ha", "héc ta")]),
)
def test_a_decimal(whole: int, fraction: str, unit: tuple[str, str]) -> None:
    same(f"Đạt {whole},{fraction} {unit[0]}, còn lại", f"đạt {said_decimal(whole, fraction)} {unit[1]} còn lại")


@drawn
@given(st.integers(11, 99_999), st.sampled_from(MEASURES))
def test_a_measure_at_the_end_of_its_sentence(number: int, unit: tuple[str, str]) -> None:
    same(f"Tổng {grouped(number)}{unit[0]}.", f"tổng {said(number)} {unit[1]}")


@drawn
@given(st.integers(1, 60), st.integers(1, 60), DASHES, st.sampled_from(["tuổi", "người", "hộ", "lần", "buổi", "tuần"]))
def test_a_range(low: int, more: int, dash: str, noun: str) -> None:
    same(f"Từ {low}{dash}{low + more} {noun}", f"từ {said(low)} đến {said(low + more)} {noun}")


@drawn
@given(
    DAYS,
    st.sampled_from(
        [
            "{0.day:02d}/{0.month:02d}/{0.year}",
            "{0.day}/{0.month}/{0.year}",
            "{0.day}.{0.month}.{0.year}",
            "{0.day:02d}-{0.month:02d}-{0.year}",
        ]
    ),
)
def test_a_date(day: dt.date, form: str) -> None:
    words = f"{said_day(day.day)} tháng {said_month(day.month)} năm {said(day.year)}"
    same(f"trước ngày {form.format(day)}.", f"trước ngày {words}")
    same(f"Đến hết {day:%d/%m/%Y}, xã họp", f"đến hết ngày {words} xã họp")


@drawn
@given(st.integers(1900, 2090), st.integers(1, 9), DASHES, st.sampled_from(["giai đoạn", "nhiệm kỳ", "năm học"]))
def test_a_period(year: int, more: int, dash: str, noun: str) -> None:
    same(f"{noun} {year}{dash}{year + more}", f"{noun} {said(year)} đến {said(year + more)}")


@drawn
@given(
    st.integers(0, 23), st.integers(1, 59), st.sampled_from(["{}h{:02d}", "{:02d}:{:02d}", "{}g{:02d}", "{} giờ {}"])
)
def test_a_time_of_day(hour: int, minute: int, form: str) -> None:
    tail = " phút" if minute < 10 and "giờ" not in form else ""
    same(f"Họp lúc {form.format(hour, minute)} ngày mai", f"họp lúc {said(hour)} giờ {said(minute)}{tail} ngày mai")


@drawn
@given(
    st.from_regex(r"0[35789][0-9]{8}", fullmatch=True),
    st.sampled_from([(10,), (4, 3, 3), (3, 3, 4), (4, 6)]),
    st.sampled_from(" .-"),
)
def test_a_telephone(number: str, groups: tuple[int, ...], mark: str) -> None:
    cuts = [sum(groups[:i]) for i in range(len(groups) + 1)]
    written = mark.join(number[a:b] for a, b in itertools.pairwise(cuts))
    same(f"liên hệ {written}", f"liên hệ {' '.join(DIGITS[int(c)] for c in number)}")


@drawn
@given(
    st.integers(7, 90),
    st.data(),
    st.sampled_from(["xã", "hộ", "đại biểu", "chỉ tiêu", "công trình", "học sinh", "lớp"]),
)
def test_a_count_out_of_a_total(total: int, data: st.DataObject, noun: str) -> None:
    part = data.draw(st.integers(3, total))
    same(f"Đã có {part}/{total} {noun} đạt", f"đã có {said(part)} trên {said(total)} {noun} đạt")


@drawn
@given(
    st.sampled_from([(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (2, 5), (4, 5)]),
    st.sampled_from(["diện tích", "số hộ", "thu nhập"]),
)
def test_a_share(share: tuple[int, int], noun: str) -> None:
    same(f"Khoảng {share[0]}/{share[1]} {noun}", f"khoảng {said(share[0])} phần {said_month(share[1])} {noun}")


@drawn
@given(st.integers(1, 24), st.sampled_from(["khóa", "Chương", "thế kỷ", "Đại hội", "giai đoạn", "Phụ lục", "Nhóm"]))
def test_a_roman_number(number: int, noun: str) -> None:
    same(f"theo {noun} {ROMANS[number - 1]} của xã", f"theo {noun} {said(number)} của xã")


@drawn
@given(st.integers(10, 9999), st.integers(2016, 2030), st.sampled_from(TYPES), st.sampled_from(sorted(ISSUERS)))
def test_a_document_number(number: int, year: int, kind: tuple[str, str], issuer: str) -> None:
    mark, name = kind
    tail = f"{name} {ISSUERS[issuer]}"
    same(f"{name} số {number}/{mark}-{issuer}", f"{name} số {said(number)} {tail}")
    same(f"{name} số {number}/{year}/{mark}-{issuer};", f"{name} số {said(number)} năm {said(year)} {tail}")
    same(f"Căn cứ {name} {number}-{mark}/{issuer},", f"căn cứ {name} {said(number)} {tail}")


@drawn
@given(st.sampled_from("abcdđeghik"), st.integers(1, 20), st.integers(1, 220), st.sampled_from([" ", ", "]))
def test_a_reference(point: str, clause: int, article: int, gap: str) -> None:
    same(
        f"theo điểm {point}{gap}khoản {clause}{gap}Điều {article} Luật này",
        f"theo điểm {point} khoản {said(clause)} điều {said(article)} luật này",
    )


@drawn
@given(st.integers(1, 9999), st.sampled_from(["thửa đất số", "tổ bầu cử số", "tờ bản đồ số", "quầy số"]))
def test_the_number_of_a_thing_is_no_hotline(number: int, noun: str) -> None:
    same(f"tại {noun} {number}, thôn hai", f"tại {noun} {said(number)} thôn hai")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("lùi sang T5, ngày 26/11", "lùi sang thứ năm ngày hai mươi sáu tháng mười một"),
        (
            "sáng T7 ngày 28/11/2026",
            "sáng thứ bảy ngày hai mươi tám tháng mười một năm hai nghìn không trăm hai mươi sáu",
        ),
        ("T7/2026, xã họp", "tháng bảy năm hai nghìn không trăm hai mươi sáu xã họp"),
        ("Quỹ T5 đạt", "quỹ tháng năm đạt"),
        ("trên tuyến TL.69", "trên tuyến tỉnh lộ sáu mươi chín"),
        ("Còn 3km2 rừng", "còn ba ki lô mét vuông rừng"),
        ("tỷ số 25-20, 23-25", "tỷ số hai mươi lăm hai mươi hai mươi ba hai mươi lăm"),
        ("Giá nước: 10m3 đầu", "giá nước mười mét khối đầu"),
        (
            "QIV/2026, 6T đầu năm",
            "quý tư năm hai nghìn không trăm hai mươi sáu sáu tháng đầu năm",
        ),
        ("xe 6T, thực hiện 5K, giá 5K", "xe sáu tấn thực hiện năm k giá năm nghìn"),
        ("rừng nhóm IIA, bản Nậm Pồ I", "rừng nhóm hai a bản nậm pồ một"),
        ("mã hồ sơ H15.12-0012", "mã hồ sơ h một năm một hai không không một hai"),
        ("Số CCCD: 064 085 001 234", "số căn cước công dân không sáu bốn không tám năm không không một hai ba bốn"),
        ("Đoạn Km0+00 - Km3+500", "đoạn ki lô mét không cộng không đến ki lô mét ba cộng năm trăm"),
        ("ông P.V.T., P.5, T.P. Kon Tum", "ông p v t phường năm thành phố kon tum"),
        ("03/12 (T5) và (T4)", "ngày mồng ba tháng mười hai thứ năm và tháng tư"),
        ("20÷25°C, 3 ÷ 5 ngày", "hai mươi đến hai mươi lăm độ xê ba đến năm ngày"),
        ("lớp 1,2; 1/10 ha", "lớp một hai một phần mười héc ta"),
        (
            "x 3; 2.340.000 đồng x hệ số 1,86",
            "x ba hai triệu ba trăm bốn mươi nghìn đồng nhân hệ số một phẩy tám mươi sáu",
        ),
        ("3/4 thành viên có mặt", "ba phần tư thành viên có mặt"),
        ("I. ĐỐI TƯỢNG, II. MỨC VAY", "một đối tượng hai mức vay"),
        ("PHÁT TRIỂN MÔ HÌNH VAC", "phát triển mô hình vườn ao chuồng"),
        ("xã ĐẮK PXI, thôn PLEI DU, xã KDANG", "xã đắk pxi thôn plei du xã kdang"),
        ("DANH SÁCH THÔN VI, XI", "danh sách thôn sáu mười một"),
        ("Zoom ID 123 456 7890", "zoom id một hai ba bốn năm sáu bảy tám chín không"),
        ("seri AA 0123456", "seri a a không một hai ba bốn năm sáu"),
        ("DT 450 ha, QL 14", "diện tích bốn trăm năm mươi héc ta quốc lộ mười bốn"),
        ("họp 7h:30, 7h.30 và 8h. Nam đi", "họp bảy giờ ba mươi bảy giờ ba mươi và tám giờ nam đi"),
        ("U.B.N.D xã, cháu N.T.H", "ủy ban nhân dân xã cháu n t h"),
        ("Tết Dương lịch 01/01 nghỉ", "tết dương lịch mồng một tháng một nghỉ"),
        ("bản đồ 1:2000", "bản đồ một trên hai nghìn"),
        ("nhiệt độ 18-220C, sốt 38,50C", "nhiệt độ mười tám đến hai mươi hai độ xê sốt ba mươi tám phẩy năm độ xê"),
        ("lớp 10C", "lớp mười c"),
        ("dây 2x2,5mm2", "dây hai nhân hai phẩy năm mi li mét vuông"),
        ("UBND XÃ BỜ Y - TT PVHCC", "ủy ban nhân dân xã bờ y trung tâm phục vụ hành chính công"),
        (
            "gọi 0905111222/0914333444",
            "gọi không chín không năm một một một hai hai hai không chín một bốn ba ba ba bốn bốn bốn",
        ),
        ("Tr.tá Nam, Đ/úy Siu, Trung úy CN Hà", "trung tá nam đại úy siu trung úy chuyên nghiệp hà"),
        ("giống OM18, ĐT8 và lúa nếp", "giống o em mười tám đê tê tám và lúa nếp"),
        ("Mới được 8/9 lớp, 2/3 hộ", "mới được tám trên chín lớp hai phần ba hộ"),
    ],
)
def test_a_neighbour_decides(written: str, spoken: str) -> None:
    same(written, spoken)
