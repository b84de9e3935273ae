"""Files of one bot: kept by `file_id`, told by their first bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tests.harness.botapi.records import Refusal, bad_request

#: core.telegram.org/bots/api#sending-files and #getfile
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
PHOTO_MAX_BYTES = 10 * 1024 * 1024
DOWNLOAD_MAX_BYTES = 20 * 1024 * 1024
#: an OGG above this arrives as a file, not as a voice note (FileSizeLimit.VOICE_NOTE_FILE_SIZE of python-telegram-bot)
VOICE_NOTE_MAX_BYTES = 1024 * 1024

_PREFIX = {"photo": "AgACAgUA", "voice": "AwACAgUA", "audio": "CQACAgUA", "document": "BQACAgUA", "sticker": "CAACAgUA"}


@dataclass(slots=True)
class StoredFile:
    """A file as the server knows it. `data` may be shorter than `size`: big files are only declared."""

    file_id: str
    unique_id: str
    kind: str
    data: bytes
    size: int
    name: str
    mime: str
    path: str
    expired: bool = False

    def brief(self) -> dict[str, Any]:
        """The fields every file object has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


class FileStore:
    """All files one bot may name."""

    def __init__(self, account: int) -> None:
        self._account = account
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    def add(self, kind: str, data: bytes, name: str, mime: str, size: int | None = None) -> StoredFile:
        """Keep a file and give it its handles."""
        number = len(self.by_id) + 1
        ending = name.rpartition(".")[2] if "." in name else "bin"
        stored = StoredFile(
            file_id=f"{_PREFIX.get(kind, 'BAACAgUA')}{self._account:x}-{number:06d}",
            unique_id=f"AQAD{number:06d}",
            kind=kind,
            data=data,
            size=len(data) if size is None else size,
            name=name,
            mime=mime,
            path=f"{kind}s/file_{number}.{ending}",
        )
        self.by_id[stored.file_id] = stored
        self.by_path[stored.path] = stored
        return stored

    def named(self, file_id: str) -> StoredFile:
        """The file behind a handle, or Telegram's refusal."""
        stored = self.by_id.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return stored


def sound_kind(data: bytes) -> str:
    """ogg, mp3, m4a or "" by the first bytes."""
    if data[:4] == b"OggS":
        return "ogg"
    if data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0):
        return "mp3"
    if data[4:8] == b"ftyp":
        return "m4a"
    return ""


def photo_size(data: bytes) -> tuple[int, int]:
    """Width and height. Refused as Telegram does: no picture, sides over 10,000 in sum, or ratio over 20."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except OSError as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return width, height


def check_upload(kind: str, size: int) -> None:
    """Refuse what is over the upload limit."""
    if size > UPLOAD_MAX_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    if kind == "photo" and size > PHOTO_MAX_BYTES:
        raise bad_request("file is too big")
    if size == 0:
        raise bad_request("file must be non-empty")
