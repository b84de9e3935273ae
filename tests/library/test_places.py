"""Names before and after 1 July 2025."""

from __future__ import annotations

import pytest

from bot.library import Library
from bot.library.places import Known, Several, Split, Unknown


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("thị trấn Đak Đoa", "xã Đak Đoa", "xa-dak-doa"),
        ("TT Đak Đoa", "xã Đak Đoa", "xa-dak-doa"),
        ("tt dak doa gia lai", "xã Đak Đoa", "xa-dak-doa"),
        ("xã Tứ Kỳ", "xã Tứ Kỳ", "xa-tu-ky"),
        ("xã Quang Trung, huyện Tứ Kỳ", "xã Lạc Phượng", None),
        ("nhà tôi ở xã Quang Trung huyện Tứ Kỳ tỉnh Hải Dương cũ", "xã Lạc Phượng", None),
        ("Kiên Giang", "tỉnh An Giang", "tinh-an-giang"),
        ("tỉnh Phú Yên", "tỉnh Đắk Lắk", "tinh-dak-lak"),
        ("Côn Đảo", "đặc khu Côn Đảo", None),
    ],
)
def test_one_place_of_today(real: Library, text: str, name: str, unit: str | None) -> None:
    found = real.places.find(text)
    assert isinstance(found, Known), found
    assert found.place.name == name
    assert found.unit == unit


@pytest.mark.parametrize("text", ["huyện Tứ Kỳ", "tu ky", "h. Tứ Kỳ", "Tứ Kỳ, Hải Dương"])
def test_a_former_district_gives_its_communes(real: Library, text: str) -> None:
    found = real.places.find(text)
    assert isinstance(found, Several), found
    assert found.why == "district"
    names = {place.name for place in found.communes}
    assert {"xã Tứ Kỳ", "xã Lạc Phượng", "xã Tân Kỳ", "xã Đại Sơn", "xã Chí Minh", "xã Nguyên Giáp"} <= names
    assert {place.province for place in found.communes} == {"thành phố Hải Phòng"}


def test_a_split_commune_asks_for_the_hamlet(real: Library) -> None:
    found = real.places.find("xã Tiên Động")
    assert isinstance(found, Split)
    assert {place.name for place in found.choices} == {"xã Lạc Phượng", "xã Nguyên Giáp"}


def test_a_name_borne_by_many_is_told_as_such_and_nearness_helps(real: Library) -> None:
    everywhere = real.places.find("xã Quang Trung")
    assert isinstance(everywhere, Several)
    assert everywhere.why == "same-name"
    near = real.places.find("xã Quang Trung", near="thành phố Hải Phòng")
    assert isinstance(near, Several)
    assert len(near.communes) < len(everywhere.communes)


@pytest.mark.parametrize("text", ["", "chán quá", "xã Không Có Thật", "🌾🌾", "x", "a" * 5000])
def test_the_unknown_stays_unknown(real: Library, text: str) -> None:
    assert isinstance(real.places.find(text), Unknown)


def test_every_former_commune_lies_in_todays_list(content: object, real: Library) -> None:
    import json
    from pathlib import Path

    data = json.loads((Path(str(content)) / "units" / "_places.json").read_text("utf-8"))
    assert len(data["today"]) == 34
    assert sum(map(len, data["today"].values())) == 3321
    for former in data["before"].values():
        size = len(data["today"][former["now"]])
        for communes in former["districts"].values():
            assert all(went_to and max(went_to) < size for went_to in communes.values())
    assert "MIT" in data["about"]["licence"]
    assert real.places.today("tỉnh Gia Lai")
    assert real.places.today("tỉnh Không Có") == ()


@pytest.mark.parametrize("text", ["tiền điện", "đường hỏng quá", "cán bộ thái độ", "Tứ Kỹ"])
def test_an_accent_that_speaks_against_a_name_makes_it_none(real: Library, text: str) -> None:
    assert isinstance(real.places.find(text), Unknown)


@pytest.mark.parametrize(
    ("text", "name"), [("Tiên Điền", "xã Tiên Điền"), ("tiên dien", "xã Tiên Điền"), ("xã Đak Đoa", "xã Đak Đoa")]
)
def test_accents_left_out_leave_the_name(real: Library, text: str, name: str) -> None:
    found = real.places.find(text)
    assert isinstance(found, Known)
    assert found.place.name == name


def test_tones_may_sit_elsewhere_and_hook_and_tilde_are_said_alike(real: Library) -> None:
    assert real.places.find("hoà bình") == real.places.find("Hòa Bình")
    assert real.places.find("Mỷ Đức") == real.places.find("mỹ đức")


def test_an_address_is_nothing_but_places(real: Library) -> None:
    around = ("thôn", "cũ")
    assert real.places.is_address("thôn 3 xã Minh Đức huyện Tứ Kỳ cũ", around)
    assert not real.places.is_address("Minh Đức mất nước", around)
    assert not real.places.is_address("thôn 3", around)
