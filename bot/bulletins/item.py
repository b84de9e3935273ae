"""What a bulletin is put together from: entries of the library, and what was written or recorded for that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bot.bulletins.sound_file import ENDINGS
from bot.errors import LoaThonError, told_under
from bot.model.codes import CODE_LENGTH, is_code

ITEMS_MOST = 20
LINES_MOST = 30
#: characters of one line: some four minutes of reading
LINE_MOST = 3_000
TITLE_MOST = 120
BYLINE_MOST = 80
#: a recording's length and what is wrong with it
SECONDS_MOST = 4_000
FAULTS_MOST = 10
FAULT_MOST = 300
GENDERS = ("", "nu", "nam")
REGIONS = ("", "bac", "trung", "nam")


class WrongItemError(LoaThonError):
    """bulletins.wrong_item"""

    @property
    def key(self) -> str:
        """A sentence of its own for what people fill in."""
        field = str(self.values["field"])
        return f"bulletins.wrong.{field}" if field in told_under("bulletins.wrong") else super().key


class Language(StrEnum):
    """Languages of the highlands and the delta that no voice speaks: people read them. Named as units name theirs."""

    JARAI = "gia-rai"
    RADE = "e-de"
    BAHNAR = "ba-na"
    TAI = "thai"
    HMONG = "mong"
    KHMER = "khmer"


#: "" is Vietnamese
LANGUAGES = ("", *(one.value for one in Language))


class ItemKind(StrEnum):
    """What an item is."""

    #: an entry of the library, whatever its kind: its script of the air date
    ENTRY = "entry"
    #: news of the day
    NEWS = "tin"
    #: several voices, recorded inserts
    REPORT = "phong-su"
    #: the winning entry of a contest, or a listener's letter
    WINNER = "bai-thi"


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of an item: read by a voice, or a recording (sha256 of the file) with the words it says.

    `gender` and `region` "" = the unit's own voice. `accepted`: somebody heard the recording and lets its faults pass.
    `kept_as`: the ending of a recording no decoder here reads: kept and played as it came, put into no bulletin.
    `original`: sha256 of the file a browser read for us, as it came. `seconds` and `faults`: what was measured of the
    recording, in sentences; 0 seconds = not measured.
    """

    text: str = ""
    recording: str = ""
    gender: str = ""
    region: str = ""
    accepted: bool = False
    kept_as: str = ""
    original: str = ""
    seconds: float = 0.0
    faults: tuple[str, ...] = ()

    @property
    def is_joined(self) -> bool:
        """Whether a recording stands in for the voice."""
        return bool(self.recording) and not self.kept_as

    @property
    def is_good(self) -> bool:
        """Whether that recording has no fault, or none that nobody let pass."""
        return self.is_joined and (self.accepted or not self.faults)


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `entry` names an entry of the library, `lines` hold what was written for this day.

    `twice`: read again at once. `private`: a citizen's own words, which no online voice gets to read. `source`: the case
    code of whoever sent them, "" where none is known: when that person's data is erased, the item goes too. `language`: in
    which people read an entry, "" = Vietnamese.
    """

    kind: ItemKind
    entry: str = ""
    title: str = ""
    lines: tuple[Line, ...] = ()
    byline: str = ""
    twice: bool = False
    private: bool = False
    source: str = ""
    language: str = ""


def item_from(data: Mapping[str, Any]) -> Item:
    """An item of plain values, as a form or a row has them; raises `WrongItemError` saying which (`field`)."""
    try:
        kind = ItemKind(str(data.get("kind", "")))
    except ValueError:
        raise WrongItemError(field="kind") from None
    lines = data.get("lines", ())
    if not isinstance(lines, Sequence) or isinstance(lines, str) or len(lines) > LINES_MOST:
        raise WrongItemError(field="lines")
    item = Item(
        kind,
        entry=_text(data, "entry", TITLE_MOST),
        title=_text(data, "title", TITLE_MOST),
        lines=tuple(line_from(line) for line in lines),
        byline=_text(data, "byline", BYLINE_MOST),
        twice=data.get("twice") is True,
        private=data.get("private") is True,
        source=_text(data, "source", CODE_LENGTH),
        language=_text(data, "language", 8),
    )
    if item.language not in LANGUAGES or (item.language and kind is not ItemKind.ENTRY):
        raise WrongItemError(field="language")
    if item.source and not is_code(item.source):
        raise WrongItemError(field="source")
    if kind is ItemKind.ENTRY and (not item.entry or item.lines):
        raise WrongItemError(field="entry")
    if kind is not ItemKind.ENTRY and (item.entry or not item.title or not item.lines):
        raise WrongItemError(field="lines" if item.title else "title")
    return item


def items_from(data: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """All items of a bulletin, in playing order; raises `WrongItemError`."""
    if len(data) > ITEMS_MOST:
        raise WrongItemError(field="items")
    return tuple(item_from(one) for one in data)


def to_plain(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Items as plain values; `items_from` is the way back."""
    return [{**asdict(item), "lines": [asdict(line) for line in item.lines]} for item in items]


def line_from(data: Any) -> Line:
    """A line of plain values; raises `WrongItemError`."""
    if not isinstance(data, Mapping):
        raise WrongItemError(field="lines")
    line = Line(
        text=_text(data, "text", LINE_MOST),
        recording=_text(data, "recording", 64),
        gender=_text(data, "gender", 8),
        region=_text(data, "region", 8),
        accepted=data.get("accepted") is True,
        kept_as=_text(data, "kept_as", 8),
        original=_text(data, "original", 64),
        seconds=_seconds(data.get("seconds", 0.0)),
        faults=_faults(data.get("faults", ())),
    )
    if not line.text and not line.recording:
        raise WrongItemError(field="text")
    if not (_is_hash(line.recording) and _is_hash(line.original)) or line.kept_as not in ("", *ENDINGS):
        raise WrongItemError(field="recording")
    if line.gender not in GENDERS or line.region not in REGIONS:
        raise WrongItemError(field="voice")
    return line


def _is_hash(name: str) -> bool:
    return not name or (len(name) == 64 and set(name) <= set("0123456789abcdef"))


def _seconds(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < SECONDS_MOST:
        raise WrongItemError(field="seconds")
    return float(told)


def _faults(told: Any) -> tuple[str, ...]:
    if not isinstance(told, Sequence) or isinstance(told, str) or len(told) > FAULTS_MOST:
        raise WrongItemError(field="faults")
    return tuple(_text({"fault": one}, "fault", FAULT_MOST) for one in told)


def _text(data: Mapping[str, Any], field: str, most: int) -> str:
    told = str(data.get(field) or "").strip()
    if len(told) > most or any(not c.isprintable() and c != "\n" for c in told):
        raise WrongItemError(field=field)
    return told
