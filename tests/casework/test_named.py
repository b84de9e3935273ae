"""People in texts: however they are called, and the common words that are last names too."""

from __future__ import annotations

import pytest

from bot.library.schema.casework import ConflictWords
from bot.understand.named import Accusing, Names, Text
from tests.casework.conftest import LIBRARY

WORDS = LIBRARY.phrase(ConflictWords)
NAMES, ACCUSING = Names(WORDS), Accusing(WORDS)

MEANT = [
    ("thằng Hùng ăn chặn tiền gạo", "Nguyễn Văn Hùng"),
    ("thang hung an chan tien gao", "Nguyễn Văn Hùng"),
    ("lão Hùng bắt dân nộp 200 nghìn", "Nguyễn Văn Hùng"),
    ("sếp Hùng nhận phong bì", "Nguyễn Văn Hùng"),
    ("tên Hùng này hống hách lắm", "Nguyễn Văn Hùng"),
    ("ô Hùng lấy tiền", "Nguyễn Văn Hùng"),
    ("ô. Hùng lấy tiền", "Nguyễn Văn Hùng"),
    ("gặp a.Hùng phải có quà", "Nguyễn Văn Hùng"),
    ("c. Hoa giữ thẻ của tôi", "Lê Thị Hoa"),
    ("con Hoa nó không cho vào danh sách", "Lê Thị Hoa"),
    ("HÙNG lấy tiền của dân", "Nguyễn Văn Hùng"),
    ("HÙNG LẤY TIỀN CỦA DÂN", "Nguyễn Văn Hùng"),
    ("ÔNG HÙNG LẤY TIỀN CỦA DÂN", "Nguyễn Văn Hùng"),
    ("hùng lấy tiền của dân", "Nguyễn Văn Hùng"),
    ("Nguyễn Hùng lấy tiền", "Nguyễn Văn Hùng"),
    ("nguyen hung lay tien cua dan", "Nguyễn Văn Hùng"),
    ("tiền đến tay Hùng là mất một nửa", "Nguyễn Văn Hùng"),
    ("tien vao tay Hung la mat", "Nguyễn Văn Hùng"),
    ("ct Hùng bao che cho em trai", "Nguyễn Văn Hùng"),
    ("pct hung ky khong", "Nguyễn Văn Hùng"),
    ("bt Hùng không tiếp dân", "Nguyễn Văn Hùng"),
    ("Hùng địa chính đòi tiền mới làm sổ", "Nguyễn Văn Hùng"),
    ("hung dia chinh doi tien", "Nguyễn Văn Hùng"),
    ("ông phó chủ tịch Hùng hứa mà không làm", "Nguyễn Văn Hùng"),
    ("nhà Hùng được hai suất", "Nguyễn Văn Hùng"),
    ("cán bộ Bình thường xuyên vắng mặt", "Trần Văn Bình"),
    ("Bình lấy gạo cứu trợ về nhà", "Trần Văn Bình"),
    ("dân bị bình bắt nộp tiền", "Trần Văn Bình"),
    ("chị Hoà... à không, bà Hoa giữ sổ", "Lê Thị Hoa"),
    ("bà Hoà giữ sổ", "Lê Thị Hòa"),
    ("ông An ăn tiền", "Phạm Văn An"),
    ("ong an an tien", "Phạm Văn An"),
    ("cán bộ giữ danh tính là bà Giữ", "Nguyễn Thị Giữ"),
    ("trưởng thôn Tú với kế toán", "Trần Văn Tú"),
    ("tiền do tuấn giữ hết", "Lê Anh Tuấn"),
    ("Chị Thu thu tiền mỗi nhà", "Vũ Thị Thu"),
    ("bác năm Nam cho người nhà", "Hoàng Văn Nam"),
    ("mụ Lan vòi tiền", "Lê Ngọc Lan"),
    ("cậu em chị Lan được nhận hai lần", "Lê Ngọc Lan"),
    ("Thưa xã, hôm qua Minh bảo tôi phải nộp", "Đỗ Văn Minh"),
    ("ông Thắng lấy tiền của buôn", "Y Thắng Niê"),
    ("ông Y Thắng lấy tiền", "Y Thắng Niê"),
    ("ong y thang lay tien", "Y Thắng Niê"),
    ("tiền vào tay ythắng hết", "Y Thắng Niê"),
    ("tien vao tay ythang het", "Y Thắng Niê"),
    ("chị Nhung giữ thẻ của tôi", "H'Nhung Êban"),
    ("tiền đưa cho hnhung rồi", "H'Nhung Êban"),
    ("tien dua cho h nhung roi", "H’Nhung Êban"),
    ("tiền đưa cho Hʼnhung rồi", "H'Nhung Êban"),
    ("tiền đưa cho h'nhung rồi", "Hnhung Êban"),
    ("chị Nhung giữ thẻ của tôi", "HNhung Êban"),
    ("ông Brơi không ký", "K' Brơi"),
    ("kbroi khong ky cho toi", "K'Brơi"),
    ("bà H'Lan giữ sổ", "Ksor H'Lan"),
    ("ông Hùng ăn chặn", "Nguyễn Văn Hùng (Chủ tịch)"),
    ("ông Hùng ăn chặn", "Nguyễn Văn Hùng - CT xã"),
    ("ông Hùng ăn chặn", "Nguyễn Văn Hùng – CT xã"),
    ("ông Hùng ăn chặn", "Nguyễn Văn Hùng, Chủ tịch UBND"),
    ("ông Hùng ăn chặn", "CT xã - Nguyễn Văn Hùng"),
]

NOT_MEANT = [
    ("cho tôi hỏi ai giữ sổ hộ nghèo", "Nguyễn Thị Giữ"),
    ("trưởng thôn giữ lại tiền của tôi", "Nguyễn Thị Giữ"),
    ("cán bộ giữ thẻ bảo hiểm của mẹ tôi", "Nguyễn Thị Giữ"),
    ("Giữ thẻ của tôi mãi không trả", "Nguyễn Thị Giữ"),
    ("can bo giu so vay cua toi", "Nguyễn Thị Giữ"),
    ("tiền bị giữ lại mỗi nhà một trăm", "Nguyễn Thị Giữ"),
    ("bình thường tháng nào cũng có", "Trần Văn Bình"),
    ("Bình quân mỗi người được bao nhiêu", "Trần Văn Bình"),
    ("chị ấy bình thường lắm, chỉ tiền là thiếu", "Trần Văn Bình"),
    ("thôn bình xét hộ nghèo không công bằng", "Trần Văn Bình"),
    ("thon binh xet ho ngheo khong cong bang", "Trần Văn Bình"),
    ("tôi ở xã An Bình, tiền chưa có", "Trần Văn Bình"),
    ("quê tôi ở Thái Bình", "Trần Văn Bình"),
    ("con thương binh được gì", "Trần Văn Bình"),
    ("tôi mua một bình ga", "Trần Văn Bình"),
    ("nhà tôi trồng hoa bị ngập", "Lê Thị Hoa"),
    ("hoa màu mất trắng sau lũ", "Lê Thị Hoa"),
    ("Hoa màu mất trắng, xã có hỗ trợ không", "Lê Thị Hoa"),
    ("không có hóa đơn", "Lê Thị Hoa"),
    ("khong co hoa don", "Lê Thị Hoa"),
    ("cán bộ văn hóa xã chưa trả lời", "Nguyễn Văn Hóa"),
    ("cán bộ ăn tiền của dân", "Phạm Văn An"),
    ("can bo an chan tien ho tro", "Phạm Văn An"),
    ("con an trua o truong duoc bao nhieu", "Phạm Văn An"),
    ("nhà tôi không an toàn khi bão", "Phạm Văn An"),
    ("An toàn điện trong mùa mưa", "Phạm Văn An"),
    ("công an xã làm căn cước", "Phạm Văn An"),
    ("tôi quê Nghệ An vào đây", "Phạm Văn An"),
    ("họ thu tiền mỗi nhà hai trăm", "Vũ Thị Thu"),
    ("thu tiền mỗi nhà hai trăm", "Vũ Thị Thu"),
    ("mùa thu này lúa mất", "Vũ Thị Thu"),
    ("năm nay tôi chưa có tiền điện", "Hoàng Văn Năm"),
    ("nhà có nam giới bệnh nặng", "Hoàng Văn Nam"),
    ("công việc không minh bạch", "Đỗ Văn Minh"),
    ("cây lan nhà tôi chết", "Lê Ngọc Lan"),
    ("cô ấy hai lần không ký", "Lê Ngọc Lan"),
    ("cấp tú tài cho con", "Trần Văn Tú"),
    ("từ năm ngoái tới giờ", "Trần Văn Tú"),
    ("lý do gì tôi bị cắt", "Lý Văn Do"),
    ("đường Hùng Vương hỏng", "Nguyễn Văn Hùng"),
    ("chủ tịch xã họp hôm nào", "Nguyễn Văn Hùng (Chủ tịch)"),
    ("xã mình bao giờ phát gạo", "Nguyễn Văn Hùng - CT xã"),
    ("xã mình bao giờ phát gạo", "CT xã - Nguyễn Văn Hùng"),
    ("tháng này chưa có tiền y tế", "Y Thắng Niê"),
    ("nhà tôi ở xã Yên Thắng", "Y Thắng Niê"),
    ("người khùng có được trợ cấp không", "K'Hùng"),
    ("nhà yên ổn rồi", "Y Ên"),
]


@pytest.mark.parametrize(("text", "name"), MEANT)
def test_a_person_is_found_however_they_are_called(text: str, name: str) -> None:
    assert NAMES.has(Text(text), name)


@pytest.mark.parametrize(("text", "name"), NOT_MEANT)
def test_a_common_word_is_no_person(text: str, name: str) -> None:
    assert not NAMES.has(Text(text), name)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("trưởng thôn ăn chặn tiền gạo", True),
        ("truong thon an chan tien gao", True),
        ("phải có phong bì mới làm", True),
        ("cán bộ thu tiền không biên lai", True),
        ("ct xã cho người nhà vào danh sách", True),
        ("Chủ tịch xã say rượu chửi dân", True),
        ("chu tich xa say ruou nat dan", True),
        ("cán bộ một cửa hống hách lắm", True),
        ("trưởng thôn hay quát nạt bà con", True),
        ("bị cán bộ chửi giữa chợ", True),
        ("hàng xóm say rượu chửi nhau, báo trưởng thôn được không", False),
        ("gọi công an xã thì chồng say rượu sợ", False),
        ("hang xom nhau say, cong an co xu ly khong", False),
        ("trưởng thôn bảo nhà nào có người nhậu nhẹt thì không xét", False),
        ("truong thon mang gao den tan nha", False),
        ("thu phí bảo hiểm y tế bao nhiêu", False),
        ("chỉ còn hai tháng nữa thẻ hết hạn", False),
        ("trạm thu phí ở đâu", False),
        ("bao giờ tiền điện về", False),
        ("an trua cua con toi duoc bao nhieu", False),
    ],
)
def test_words_that_accuse(text: str, is_one: bool) -> None:
    assert ACCUSING.surely(Text(text)) is is_one
