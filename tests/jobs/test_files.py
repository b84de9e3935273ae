"""Files people send: type by content, size, nothing of the camera."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import files
from bot.errors import LoaThonError
from bot.files import FileEmptyError, FileTooBigError, PictureUnreadableError, clean

#: EXIF tags: orientation, GPS block; and within it latitude reference and latitude
ORIENTATION, GPS = 0x0112, 0x8825


def picture(save_as: str, *, size: tuple[int, int] = (60, 40), mode: str = "RGB", orientation: int = 6) -> bytes:
    image = Image.new(mode, size)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "Hang May Anh"
    exif.get_ifd(GPS).update({1: "N", 2: (21.0, 1.0, 2.0)})
    out = io.BytesIO()
    image.save(out, save_as, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(("save_as", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_pictures_lose_what_the_camera_wrote_and_stand_upright(save_as: str, mime: str) -> None:
    given_bytes = picture(save_as)
    with Image.open(io.BytesIO(given_bytes)) as before:
        assert before.getexif().get_ifd(GPS)
    kept = clean(given_bytes)
    assert kept.mime == mime
    assert kept.is_picture
    assert b"Hang May Anh" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as after:
        assert not dict(after.getexif())
        assert after.size == (40, 60)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK", "LA", "I;16"])
def test_every_kind_of_picture(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (9, 9)).save(out, "TIFF" if mode in {"CMYK", "I;16"} else "PNG")
    assert clean(out.getvalue()).mime == "image/png"


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04docx", "application/zip"),
        (b"<html><script>alert(1)</script>", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream"),
    ],
)
def test_the_rest_is_kept_as_it_is(data: bytes, mime: str) -> None:
    kept = clean(data)
    assert (kept.mime, kept.data, kept.is_picture) == (mime, data, False)


def test_what_is_not_kept() -> None:
    with pytest.raises(FileEmptyError):
        clean(b"")
    with pytest.raises(FileTooBigError):
        clean(b"x" * (files.FILE_MAX_BYTES + 1))
    with pytest.raises(PictureUnreadableError):
        clean(b"\x00\x00\x00\x18ftypheic\x00\x00")
    with pytest.raises(PictureUnreadableError):
        clean(picture("JPEG", size=(400, 400))[:900])


def test_a_picture_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PIXELS_MAX", 100)
    with pytest.raises(FileTooBigError):
        clean(picture("PNG"))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(FileTooBigError):
        clean(picture("PNG"))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF"]), st.integers(0, 600), st.binary(max_size=40))
def test_forged_pictures_never_crash(save_as: str, at: int, forged: bytes) -> None:
    data = bytearray(picture(save_as, size=(8, 8)))
    data[at : at + len(forged)] = forged
    with contextlib.suppress(LoaThonError):
        assert clean(bytes(data)).data


def box(kind: bytes, content: bytes, *, wide: bool = False) -> bytes:
    if wide:
        return (1).to_bytes(4) + kind + (16 + len(content)).to_bytes(8) + content
    return (8 + len(content)).to_bytes(4) + kind + content


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("said_in", [b"udta", b"meta"])
def test_a_film_keeps_picture_and_sound_but_not_its_place(said_in: bytes, wide: bool) -> None:
    place = b"+21.0285+105.8542/"
    said = box(said_in, box(b"\xa9xyz", place), wide=wide)
    film = box(b"ftyp", b"isom\0\0\0\0isom") + box(
        b"moov", box(b"mvhd", b"m" * 100) + box(b"trak", said) + said, wide=wide
    )
    film += box(b"uuid", b"<x:xmpmeta>" + place) + box(b"mdat", place + b"frames")
    kept = clean(film)
    assert kept.mime == "video/mp4"
    assert len(kept.data) == len(film)
    assert kept.data.count(place) == 1, "only what happens to stand in the frames"
    assert b"m" * 100 in kept.data
    assert kept.data.endswith(b"frames")
    assert clean(kept.data).data == kept.data


@given(st.binary(max_size=300))
def test_a_broken_film_is_taken_as_it_is(rest: bytes) -> None:
    film = box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", rest)[: 8 + len(rest) // 2]
    assert len(clean(film).data) == len(film)
