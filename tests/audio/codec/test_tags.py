from __future__ import annotations

import io

import pytest
from PIL import Image

from audio import tags
from audio.cover import cover
from audio.errors import SpecError


def frames_of(data: bytes) -> dict[str, bytes]:
    assert data[:5] == b"ID3\x03\x00"
    size = 0
    for byte in data[6:10]:
        assert byte < 0x80
        size = size * 128 + byte
    out, at = {}, 10
    while at < 10 + size:
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        out.setdefault(data[at : at + 4].decode(), data[at + 10 : at + 10 + length])
        at += 10 + length
    assert at == 10 + size
    return out


FULL = tags.FileTags(
    title="Vay vốn hộ nghèo", artist="Đài truyền thanh xã Ea Kao", album="Bản tin sáng", track=3, year="2026",
    comment="giọng đọc tổng hợp", extra={"approver": "UBND xã", "text_sha256": "ab" * 32}, cover=cover(),
)  # fmt: skip


def test_every_text_is_there_in_utf16():
    found = frames_of(tags.tagged(b"", FULL))
    assert found["TIT2"][1:].decode("utf-16") == "Vay vốn hộ nghèo"
    assert found["TPE1"][1:].decode("utf-16") == "Đài truyền thanh xã Ea Kao"
    assert found["TRCK"][1:].decode("utf-16") == "3"
    assert found["TYER"][1:].decode("utf-16") == "2026"
    assert found["TLAN"][1:].decode("utf-16") == "vie"
    assert found["COMM"][1:4] == b"vie"
    assert found["COMM"].endswith("giọng đọc tổng hợp".encode("utf-16-le"))


def test_the_cover_is_a_small_jpeg_of_ours():
    picture = frames_of(tags.tagged(b"", FULL))["APIC"]
    assert picture.startswith(b"\0image/jpeg\0\x03\0")
    image = Image.open(io.BytesIO(picture[14:]))
    assert (image.format, image.size) == ("JPEG", (300, 300))
    assert len(cover()) <= tags.LARGEST_COVER_BYTES


def test_extras_come_back():
    data = tags.tagged(b"sound", FULL)
    assert tags.read_extra(data) == {"approver": "UBND xã", "text_sha256": "ab" * 32}
    assert tags.read_extra(b"no tag at all") == {}


def test_old_players_read_the_end():
    end = tags.tagged(b"", FULL)[-128:]
    assert end[:3] == b"TAG"
    assert end[3:33].rstrip(b"\0") == b"Vay von ho ngheo"
    assert end[33:63].rstrip(b"\0") == b"Dai truyen thanh xa Ea Kao"
    assert (end[125], end[126]) == (0, 3)


@pytest.mark.parametrize("picture", [b"\x89PNG", b"\xff\xd8\xff" + b"x" * 20_000])
def test_a_wrong_cover_is_refused(picture):
    with pytest.raises(SpecError):
        tags.tagged(b"", tags.FileTags("x", cover=picture))


def test_plain_knows_the_crossed_d():
    assert tags.plain("Đường Đắk Lắk, xã Ea H'đing ₫") == "Duong Dak Lak, xa Ea H'ding ?"
