"""What a browser sends, as JSON from the script or as a form without it, into one neutral `Inbound`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.web.visitor import Visitor
from bot.model.inbound import Attachment, Inbound, InboundKind, MediaKind

#: a client's own id of a message: a UUID, or anything of its letters
_ID = re.compile(r"[0-9A-Za-z-]{8,40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: bodies of messages; files go separately
BODY_MAX_BYTES = 128 * 1024
#: longer than any story a person types on a phone
TEXT_MAX = 20_000
#: Telegram's start payload has 64; links of the web may carry a unit and a long entry id
START_MAX = 160
PRESS_MAX = 160
FILES_MAX = 10
NAME_MAX = 120


class RefusedError(Exception):
    """A request that is not served. `reason` is a key of the words in `templates/words.html`."""

    def __init__(self, status: int, reason: str, *, wait_s: float = 0, told: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.wait_s = wait_s
        #: a sentence for the person where the reason has no words of its own
        self.told = told


@dataclass(frozen=True, slots=True)
class Posted:
    """One thing a person did in the page. `start` is None unless the page was opened anew or by a link."""

    id: str
    text: str = ""
    press: str = ""
    start: str | None = None
    files: tuple[Attachment, ...] = ()
    #: the newest message the page shows
    after: int = 0

    def inbound(self, visitor: Visitor, at: datetime, seed: bytes) -> Inbound:
        """The neutral form; raises `RefusedError` when nothing was said."""
        chat = visitor.key.chat
        if self.start is not None:
            letter, kind = "s", InboundKind.START
        elif self.press:
            letter, kind = "c", InboundKind.PRESS
        elif self.files:
            letter, kind = "m", InboundKind.MEDIA
        elif self.text.strip():
            letter, kind = "m", InboundKind.TEXT
        else:
            raise RefusedError(422, "empty")
        return Inbound(
            key=visitor.key,
            external_id=f"{letter}:{chat}:{self.id}",
            kind=kind,
            received_at=at,
            seed=seed,
            # with a button, its label: shown as the person's own words
            text=self.text,
            press=self.press,
            start=self.start or "",
            attachments=self.files,
        )


def from_json(body: bytes, visitor: Visitor) -> Posted:
    """What the script sends; raises `RefusedError`."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "broken") from None
    if not isinstance(data, dict):
        raise RefusedError(400, "broken")
    start = data.get("start")
    files = data.get("files", [])
    if not isinstance(files, list) or len(files) > FILES_MAX:
        raise RefusedError(422, "too-many-files")
    return Posted(
        id=_id(data.get("id")),
        text=_text(data.get("text", ""), TEXT_MAX, "too-long"),
        press=_text(data.get("press", ""), PRESS_MAX, "broken"),
        start=None if start is None else _text(start, START_MAX, "broken"),
        files=tuple(_file(one, visitor) for one in files),
        after=number(data.get("after", 0)),
    )


def from_form(fields: Mapping[str, str], files: tuple[Attachment, ...]) -> Posted:
    """What a page without script sends. A button's value is its payload, a space, and its label."""
    press, _, label = fields.get("press", "").partition(" ")
    start = fields.get("start")
    return Posted(
        id=_id(fields.get("id")),
        text=_text(label if press else fields.get("text", ""), TEXT_MAX, "too-long"),
        press=_text(press, PRESS_MAX, "broken"),
        start=None if start is None else _text(start, START_MAX, "broken"),
        files=() if press else files,
    )


def number(given: object) -> int:
    """A message id, 0 for whatever is none."""
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def file_name(given: str) -> str:
    """A file's name without folders and control marks."""
    name = "".join(c for c in given if c.isprintable()).replace("\\", "/").rpartition("/")[2].strip()
    return plain(name)[-NAME_MAX:]


def media_kind(mime: str, asked: str = "") -> MediaKind:
    """How a file is treated, by its true type; only sound can be asked to be a voice note."""
    if asked == MediaKind.VOICE and mime in _SOUND | _SOUND_OR_FILM:
        return MediaKind.VOICE
    head = mime.partition("/")[0]
    return {"image": MediaKind.PHOTO, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}.get(head, MediaKind.FILE)


_SOUND = frozenset({"audio/ogg", "audio/mpeg", "audio/aac", "audio/flac", "audio/wav", "audio/mp4"})
#: recorders of browsers put sound into containers that look like film
_SOUND_OR_FILM = frozenset({"video/webm", "video/mp4"})


def plain(text: str) -> str:
    """The text without NUL and lone surrogates, which no database keeps."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def _id(given: object) -> str:
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise RefusedError(400, "broken")
    return given


def _text(given: object, most: int, reason: str) -> str:
    if not isinstance(given, str):
        raise RefusedError(400, "broken")
    if len(given) > most:
        raise RefusedError(413, reason)
    return plain(given)


def _file(given: object, visitor: Visitor) -> Attachment:
    """A file uploaded before in this conversation: its tag proves it."""
    if not isinstance(given, dict):
        raise RefusedError(400, "broken")
    sha256, tag, mime = (plain(str(given.get(name, ""))) for name in ("sha256", "tag", "mime"))
    if not _SHA256.fullmatch(sha256) or not visitor.may_see(sha256, mime, tag):
        raise RefusedError(422, "file-unknown")
    return Attachment(
        media_kind(mime, str(given.get("kind", ""))),
        ref=sha256,
        name=file_name(str(given.get("name", ""))),
        mime=mime,
        size_bytes=number(given.get("size", 0)) or None,
    )
