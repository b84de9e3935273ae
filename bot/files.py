"""Files people send: their true type by content, their size, and pictures without what the camera wrote into them."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from bot.errors import LoaThonError
from bot.film import without_place

#: Telegram's getFile gives no more (Bot API, 20 MB); the same for every channel
FILE_MAX_BYTES = 20 * 1024 * 1024
#: decoded, a picture takes some 4 bytes a pixel; 64 megapixels is beyond what phones save by default
PIXELS_MAX = 64_000_000

#: longest side of a picture sent to many: sharp on any phone, light on a small data plan (Bot API: sides of 10,000 in all)
SENT_SIDE_PX = 1600

#: Pillow's name of a format -> (how it is saved again, type)
_PICTURES = {
    "JPEG": ("JPEG", "image/jpeg"),
    "MPO": ("JPEG", "image/jpeg"),
    "PNG": ("PNG", "image/png"),
    "WEBP": ("WEBP", "image/webp"),
    "GIF": ("PNG", "image/png"),
    "BMP": ("PNG", "image/png"),
    "TIFF": ("PNG", "image/png"),
    "AVIF": ("JPEG", "image/jpeg"),
}

#: (offset, bytes) -> type, for what is kept as it is; the first that fits
_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0", "application/msword"),
)
#: pictures nobody here can open: they may carry the place they were taken at, so they are not kept
_UNREADABLE = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypheim")


class FileRefusedError(LoaThonError):
    """error.any"""


class FileTooBigError(FileRefusedError):
    """files.too_big"""


class PictureUnreadableError(FileRefusedError):
    """files.picture_unreadable"""


class FileEmptyError(FileRefusedError):
    """files.empty"""


@dataclass(frozen=True, slots=True)
class Clean:
    """A file fit to be kept. Only pictures and sound are safe to show; the rest is served as a download."""

    data: bytes
    mime: str

    @property
    def is_picture(self) -> bool:
        """Decoded and written anew by us."""
        return self.mime.startswith("image/")


def clean(data: bytes) -> Clean:
    """The file without camera data: pictures are turned upright and written anew, films lose what they say of place and
    phone, everything else stays as it is.

    Blocks for as long as a picture takes to decode: call it off the loop. Raises `FileTooBigError`, `FileEmptyError`,
    `PictureUnreadableError`.
    """
    if not data:
        raise FileEmptyError
    if len(data) > FILE_MAX_BYTES:
        raise FileTooBigError
    if data[4:12] in _UNREADABLE:
        raise PictureUnreadableError
    if (picture := _picture(data)) is not None:
        return picture
    return Clean(without_place(data) if data[4:8] == b"ftyp" else data, _type_of(data))


def lighter(picture: Clean) -> Clean:
    """A picture as it is sent to many: no side longer than `SENT_SIDE_PX`, as JPEG once it is made smaller.

    Blocks for as long as it takes to decode. Anything but a picture, and a picture that is small, comes back as it is.
    """
    if not picture.is_picture:
        return picture
    # imported when the first picture comes, here and below: 4 MB in a house that gets texts alone
    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(picture.data)) as image:
        if max(image.size) <= SENT_SIDE_PX:
            return picture
        image.thumbnail((SENT_SIDE_PX, SENT_SIDE_PX))
        flat = Image.new("RGB", image.size, "white")
        # what was see-through is white, as paper is
        flat.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85)
    return Clean(out.getvalue(), "image/jpeg")


def _picture(data: bytes) -> Clean | None:
    """The picture anew: nothing but its pixels is carried over. None when it is no picture."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in _PICTURES:
                return None
            if image.width * image.height > PIXELS_MAX:
                raise FileTooBigError
            save_as, mime = _PICTURES[image.format]
            upright = ImageOps.exif_transpose(image)
            modes = ("RGB", "L") if save_as == "JPEG" else ("RGB", "RGBA", "L", "LA", "P")
            pixels = upright if upright.mode in modes else upright.convert("RGB" if save_as == "JPEG" else "RGBA")
            bare = Image.new(pixels.mode, pixels.size)
            if pixels.mode == "P":
                bare = pixels.convert("RGBA")
            else:
                bare.paste(pixels)
            bare.info.clear()
            out = io.BytesIO()
            bare.save(out, save_as, **({"quality": 88} if save_as != "PNG" else {}))
            return Clean(out.getvalue(), mime)
    except UnidentifiedImageError:
        return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileTooBigError from None
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, MemoryError, struct.error, zlib.error) as error:
        # what Pillow's decoders raise for a picture cut short or forged
        raise PictureUnreadableError from error


def _type_of(data: bytes) -> str:
    for offset, mark, mime in _MARKS:
        if data[offset : offset + len(mark)] == mark:
            return mime
    return "application/octet-stream"
