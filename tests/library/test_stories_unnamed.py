"""What the address of a story gives away, and where a story may not be heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.library import EntryKey, Library, Overlay, Signature, airable, read_folder

DAY = date(2026, 11, 21)
CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(CONTENT)


def test_an_address_names_nobody(library: Library) -> None:
    for story in library.stories.values():
        shown = library.open_id(story.id)
        assert not set(story.id.split("-")) & set(shown.split("-"))
        assert library.entry(shown) is story
        assert library.id_of(shown) == story.id
    assert library.open_id("tro-giup-phap-ly") == "tro-giup-phap-ly"


@pytest.mark.parametrize(
    ("story", "commune", "province", "heard"),
    [
        ("vinh-thuan-tom-lua-dong-bao-khmer", "xã Vĩnh Thuận", "tỉnh An Giang", False),
        ("vinh-thuan-tom-lua-dong-bao-khmer", "xã Hòn Đất", "tỉnh An Giang", True),
        ("gia-loc-me-don-than-tra-no-nuoi-con", "xã Tứ Kỳ", "thành phố Hải Phòng", False),
        ("gia-loc-me-don-than-tra-no-nuoi-con", "xã Mường Ảng", "tỉnh Điện Biên", True),
    ],
)
def test_a_commune_does_not_hear_its_own_story(story: str, commune: str, province: str, heard: bool) -> None:
    base, faults = read_folder(CONTENT)
    assert not faults
    unit = next(iter(Library.build(base).units.values()))
    listener = unit.model_copy(update={"id": "noi-nghe", "name": commune, "province": province, "parent": None})
    units = {**base.records["units"], "noi-nghe": listener}
    signed = Overlay(signatures={EntryKey("stories", story): Signature("noi-nghe", DAY, "lanh-dao")})
    library = Library.build(replace(base, records={**base.records, "units": units}), signed)
    assert airable(library, story, DAY, "noi-nghe") is heard
