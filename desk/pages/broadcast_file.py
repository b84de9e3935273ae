"""The photo or sound of a broadcast: taken in, cleaned, shown again."""

from __future__ import annotations

import asyncio

from starlette.datastructures import UploadFile
from starlette.responses import Response

from bot import files
from bot.model.outbound import OutMedia, OutMediaKind
from desk.refused import MissingError
from desk.visit import Visit

#: what every channel shows in place (Bot API: sendPhoto, sendAudio takes mp3 and m4a, sendVoice ogg)
KINDS = {
    "image/jpeg": OutMediaKind.PHOTO,
    "image/png": OutMediaKind.PHOTO,
    "image/webp": OutMediaKind.PHOTO,
    "audio/mpeg": OutMediaKind.AUDIO,
    "audio/mp4": OutMediaKind.AUDIO,
    "audio/ogg": OutMediaKind.VOICE,
}
#: of one file (Bot API: photos up to 10 MB; sound is held to the same, for the sake of those who pay for each megabyte)
FILE_BYTES = 10_000_000
#: of the whole form, the file as the phone took it
FORM_BYTES = 16_000_000
#: the page says it in words
_FAULTS = {files.FileTooBigError: "big", files.PictureUnreadableError: "unreadable"}
#: how the file is called where a channel shows a name; ASCII, so that every phone reads it
_NAMES = {
    "image/jpeg": "anh.jpg",
    "image/png": "anh.png",
    "image/webp": "anh.webp",
    "audio/mpeg": "tieng.mp3",
    "audio/mp4": "tieng.m4a",
    "audio/ogg": "tieng.ogg",
}


class WrongFileError(Exception):
    """The file cannot be taken; `fault` is "big", "unreadable" or "kind"."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


async def kept_file(visit: Visit, before: OutMedia | None) -> OutMedia | None:
    """The file of the form, kept among the blobs; else the one it had, unless that is taken off. Raises `WrongFileError`.

    A form never names a file by its hash: whoever could, would see any file of the house.
    """
    held = visit.form.get("tep")
    data = await held.read() if isinstance(held, UploadFile) else b""
    if not data:
        return None if visit.text("bo-tep", 1) else before
    try:
        clean = await asyncio.to_thread(_cleaned, data)
    except files.FileRefusedError as error:
        raise WrongFileError(_FAULTS.get(type(error), "kind")) from error
    if clean.mime not in KINDS:
        raise WrongFileError("kind")
    if len(clean.data) > FILE_BYTES:
        raise WrongFileError("big")
    sha256 = await visit.office.store.blobs.put(clean.data)
    return OutMedia(KINDS[clean.mime], sha256, _NAMES[clean.mime], clean.mime)


def _cleaned(data: bytes) -> files.Clean:
    return files.lighter(files.clean(data))


async def show_file(visit: Visit, media: OutMedia | None) -> Response:
    """That file, never to be kept by the browser and never to run anything."""
    if media is None or media.mime not in KINDS:
        raise MissingError
    try:
        data = await visit.office.store.blobs.get(media.sha256)
    except FileNotFoundError:
        raise MissingError from None
    headers = {"content-security-policy": "default-src 'none'; sandbox"}
    return Response(data, media_type=media.mime, headers=headers)
