"""What goes out to a person, before a channel's limits are applied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Button:
    """A choice of few words. Exactly one of `press` (≤ 64 bytes, Bot API InlineKeyboardButton) or `url`."""

    label: str
    press: str = ""
    url: str = ""


class OutMediaKind(StrEnum):
    """How a channel shows an attachment of ours."""

    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class OutMedia:
    """A file of ours, by blob sha256; a channel uploads it once and remembers its own handle."""

    kind: OutMediaKind
    sha256: str
    name: str
    mime: str
    #: page that plays or shows it, for channels that cannot carry it
    page: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message. Plain text, an optional heading (bold where the channel can), rows of buttons.

    The text never carries markup: channels escape it. Long texts are cut at sentences by `channels.fit`, the buttons stay
    with the last piece.
    """

    text: str
    heading: str = ""
    rows: tuple[tuple[Button, ...], ...] = ()
    media: OutMedia | None = None
    #: node that said it ("flow/node") or "entry:<id>": transcripts name these, not the wording
    said: str = ""
    #: public id of the entry whose page may be linked or forwarded
    entry: str = ""
    #: what was said in this chat lately before this message is kept no longer: a page that still shows it takes it away
    forgets: bool = False

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All buttons in reading order: "1" means the first."""
        return tuple(b for row in self.rows for b in row)
