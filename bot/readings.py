"""An entry read aloud by a person, line by line: it takes the voice's place in voice notes and bulletins until the words
change.

A reading answers for the hash of the words it says, in one unit, as a voice note does (`bot/clips.py`), and is kept
beside them. Another person than the readers lets it be heard: a voice can say other words than were signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot import rights
from bot.bulletins.item import LANGUAGES, Line, line_from
from bot.clips import PROFILE as SPOKEN
from bot.clips import Wanted, all_wanted
from bot.errors import LoaThonError
from bot.library import Library, text_hash
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, clips, jobs
from bot.store.clips import ClipRow

#: under which profile of clips readings are kept, and the kind of the job that joins one
PROFILE, MAKE = "nguoi-doc", "reading-make"
# between a unit, or a hash, and the language
_APART = "/"
#: lines of a breath each: some three minutes
LINES_MOST = 40


class ReadingMovedOnError(LoaThonError):
    """readings.moved_on"""


class UnreadLinesError(LoaThonError):
    """readings.unread"""


class LongScriptError(LoaThonError):
    """readings.too_long"""


class ReadingGoneError(LoaThonError):
    """bulletins.reading_gone"""


class State(StrEnum):
    """How far a reading is."""

    DRAFT = "dang-thu"
    WAITING = "cho-duyet"
    USED = "dang-dung"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading. `number`: its row, 0 while nothing was recorded; `readers`: ids of who recorded it; `sha256`: the joined
    sound, "" until it is let in and joined; `seconds`: its length; `language` "" = Vietnamese.
    """

    number: int
    lines: tuple[Line, ...]
    state: State = State.DRAFT
    readers: tuple[int, ...] = ()
    sha256: str = ""
    seconds: float = 0.0
    note: str = ""
    language: str = ""

    @property
    def left(self) -> int:
        """Lines still to be recorded well: without a take, with one kept as it came, or with faults nobody let pass."""
        return sum(not line.is_good for line in self.lines)

    @property
    def heard(self) -> str:
        """Stands for its takes: whoever lets it in answers for these and no others. 64 hex digits."""
        return hashlib.sha256("\n".join(_takes(self)).encode()).hexdigest()


def name_of(text: str, language: str = "") -> str:
    """By what the words of a stretch of a bulletin are known here: their hash, and the language in which they are read."""
    return f"{text_hash([text])}{_APART}{language}" if language else text_hash([text])


async def find(tx: Tx, one: Wanted, breaths: Sequence[str], language: str = "") -> Reading:
    """The reading of these words in their unit and that language; one without takes, cut into `breaths`, where there is
    none yet.

    Raises `LongScriptError` for words of too many breaths.
    """
    row = await clips.get(tx, one.note.text_hash, PROFILE, _voice(one.note.unit, language))
    if row is not None:
        return _reading(row)
    if len(breaths) > LINES_MOST:
        raise LongScriptError(most=LINES_MOST)
    return Reading(0, tuple(Line(text) for text in breaths), language=language)


async def listed(tx: Tx, unit: str, language: str = "") -> dict[str, Reading]:
    """All readings of a unit in a language by the hash of their words."""
    rows = await clips.of_voices(tx, PROFILE, [_voice(unit, language)])
    return {row.text_hash: _reading(row) for row in rows}


async def put(
    tx: Tx, official: Official, one: Wanted, held: Reading, *, line: int, told: Line | None, now: datetime
) -> None:
    """Write one take (None: none any more) in the place of what stood there, counted from 1; a reading in use is one no
    longer: its sound is not what was let in.

    Raises `NotAllowedError`, `ReadingMovedOnError` for a line that is not there, or when somebody else recorded meanwhile.
    """
    _require_recording(official, one)
    if not held.number:
        # two first takes at once: the second finds this row, and waits for it
        await clips.keep(tx, _values(one, held, now), ignore=True)
    before = await _locked(tx, one, held)
    if not 1 <= line <= len(before.lines):
        raise ReadingMovedOnError
    lines = list(before.lines)
    lines[line - 1] = told or Line(lines[line - 1].text)
    readers = before.readers if told is None or official.id in before.readers else (*before.readers, official.id)
    await _write(tx, one, replace(before, lines=tuple(lines), state=State.DRAFT, readers=readers, note=""), now)


async def hand_in(tx: Tx, official: Official, one: Wanted, held: Reading, *, now: datetime) -> None:
    """Ask for another's ear. Raises `NotAllowedError`, `UnreadLinesError`, `ReadingMovedOnError`."""
    _require_recording(official, one)
    before = await _locked(tx, one, held)
    if before.state is not State.DRAFT:
        raise ReadingMovedOnError
    if before.left:
        raise UnreadLinesError(left=before.left)
    await _write(tx, one, replace(before, state=State.WAITING, note=""), now)
    await audit.note(tx, official.who, "reading-handed-in", _ref(one), at=now)


def may_let_in(official: Official, one: Wanted, held: Reading, topic: str) -> bool:
    """Whether this official's word counts: who may approve bulletins of that topic, but none of the readers."""
    return official.id not in held.readers and rights.may(
        official, "broadcast-approve", unit=one.note.unit, topic=topic
    )


async def let_in(tx: Tx, official: Official, one: Wanted, held: Reading, *, topic: str, now: datetime) -> None:
    """It was heard and says these words: it is joined beside and used. Raises `NotAllowedError`, `ReadingMovedOnError`."""
    before = await _locked(tx, one, held)
    if not may_let_in(official, one, before, topic):
        raise NotAllowedError
    if before.state is not State.WAITING:
        raise ReadingMovedOnError
    await _write(tx, one, replace(before, state=State.USED), now)
    await jobs.add(tx, MAKE, [({"reading": before.number}, f"{MAKE}:{before.number}")], now)
    await audit.note(tx, official.who, "reading-used", _ref(one), at=now, detail={"takes": _takes(before)})


async def send_back(
    tx: Tx, official: Official, one: Wanted, held: Reading, *, topic: str, why: str, now: datetime
) -> None:
    """Not heard as it should be, or not wanted any more: the voice reads again until another is let in.

    For who may record as well, so that a slip of the tongue is off the air at once. Raises `NotAllowedError`.
    """
    before = await _locked(tx, one, held)
    if not may_let_in(official, one, before, topic):
        _require_recording(official, one)
    note = " ".join(why.split())[:300]
    await _write(tx, one, replace(before, state=State.DRAFT, note=note), now)
    await audit.note(tx, official.who, "reading-sent-back", _ref(one), at=now)


async def in_use(tx: Tx, names: Sequence[str], unit: str) -> dict[str, str]:
    """The joined sounds a unit uses for these words (`name_of`): name -> sha256."""
    found: dict[str, str] = {}
    for row in await clips.of_texts(tx, sorted({name.partition(_APART)[0] for name in names}), PROFILE):
        of_unit, _, language = row.voice.partition(_APART)
        name = f"{row.text_hash}{_APART}{language}" if language else row.text_hash
        if of_unit == unit and name in names and (sha256 := _reading(row).sha256):
            found[name] = sha256
    return found


async def gone(tx: Tx, unit: str, read: Mapping[str, str]) -> set[str]:
    """Of what a sound was made with (name -> sha256 of the joined sound), the names of what the unit uses no longer."""
    used = await in_use(tx, sorted(read), unit) if read else {}
    return {name for name, sha256 in read.items() if used.get(name) != sha256}


async def require_in_use(tx: Tx, unit: str, read: Mapping[str, str]) -> None:
    """Raise `ReadingGoneError` for a sound with a reading that was sent back or recorded anew since."""
    if await gone(tx, unit, read):
        raise ReadingGoneError


async def touch(tx: Tx, library: Library, units: Sequence[str], day: date, at: datetime) -> None:
    """What people read and entries still say is needed: retention leaves it, and the voice notes made of it."""
    words = {(one.note.text_hash, one.note.unit) for unit in units for one in all_wanted(library, [unit], day)}
    voices = [_voice(unit, language) for unit in units for language in LANGUAGES]
    kept = [
        *await clips.of_voices(tx, PROFILE, voices),
        *await clips.of_voices(tx, SPOKEN, [clips.person(u) for u in units]),
    ]
    await clips.touch(tx, [row.id for row in kept if (row.text_hash, row.unit) in words], at)


async def joined(tx: Tx, row: ClipRow, sha256: str, size_bytes: int, seconds: float) -> bool:
    """Its takes are one sound now; False when it was recorded anew meanwhile."""
    again = await clips.get(tx, row.text_hash, PROFILE, row.voice)
    if again is None or again.sound != row.sound:
        return False
    await clips.change(
        tx, row.id, files={"flac": {"sha256": sha256, "bytes": size_bytes}}, sound={**row.sound, "seconds": seconds}
    )
    return True


def is_vietnamese(row: ClipRow) -> bool:
    """Whether a reading is of the words as they are written, and so a voice note too."""
    return not _reading(row).language


def takes(row: ClipRow) -> list[str]:
    """The recordings of a reading that is to be used, in order; none of one that is not."""
    held = _reading(row)
    return [line.recording for line in held.lines] if held.state is State.USED else []


async def _locked(tx: Tx, one: Wanted, held: Reading) -> Reading:
    row = await clips.get(tx, one.note.text_hash, PROFILE, _voice(one.note.unit, held.language), locked=True)
    now = _reading(row) if row is not None else Reading(0, held.lines, language=held.language)
    if held.number not in {0, now.number} or (now.lines, now.state) != (held.lines, held.state):
        raise ReadingMovedOnError
    return now


async def _write(tx: Tx, one: Wanted, held: Reading, now: datetime) -> None:
    """Whatever is written is no sound yet: what was joined of it before goes with the voice note made of that."""
    await clips.keep(tx, _values(one, held, now))
    if not held.language:
        await clips.remove_spoken(tx, one.note.text_hash, clips.person(one.note.unit))


def _values(one: Wanted, held: Reading, now: datetime) -> dict[str, Any]:
    note = one.note
    sound = {
        "lines": [asdict(line) for line in held.lines],
        "state": held.state.value,
        "readers": list(held.readers),
        "note": held.note,
    }
    return {
        "entry": note.entry,
        "unit": note.unit,
        "profile": PROFILE,
        "voice": _voice(note.unit, held.language),
        "text_hash": note.text_hash,
        "files": {},
        "sound": sound,
        "lesser": False,
        "made_at": now,
        "needed_at": now,
    }


def _voice(unit: str, language: str) -> str:
    return f"{unit}{_APART}{language}" if language else unit


def _reading(row: ClipRow) -> Reading:
    told: Mapping[str, Any] = row.sound
    return Reading(
        row.id,
        tuple(line_from(line) for line in told["lines"]),
        State(told["state"]),
        tuple(told["readers"]),
        str(row.files.get("flac", {}).get("sha256", "")),
        float(told.get("seconds", 0.0)),
        str(told.get("note", "")),
        row.voice.partition(_APART)[2],
    )


def _takes(held: Reading) -> list[str]:
    return [line.recording for line in held.lines]


def _ref(one: Wanted) -> str:
    return f"readings:{one.note.entry}:{one.note.unit}"


def _require_recording(official: Official, one: Wanted) -> None:
    rights.require(official, "clip-record", unit=one.note.unit)
