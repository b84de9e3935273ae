"""The broadcast log: one tap says that it was aired, at the desk, in a linked chat, or by the code on the run sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot import officials, rights
from bot.bulletins.editing import find
from bot.bulletins.sheet import csv_of, xlsx_of
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.model.codes import is_code
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.settings import LOCAL
from bot.store import Tx, airings, audit, guesses
from bot.store.airings import AiringRow, LogRow

#: wrong codes a person may try in that time
WRONG_MOST, WRONG_FOR = 8, timedelta(minutes=15)
#: it may be ticked off a little early: clocks differ
EARLY = timedelta(minutes=10)
#: "it was aired" means what was due within that time; of what is older it is asked
LATE = timedelta(hours=2)
#: a code on paper serves so long after its day
CODE_FOR = timedelta(days=3)


class WrongCodeError(LoaThonError):
    """bulletins.wrong_code"""


class LockedError(LoaThonError):
    """bulletins.locked"""


class NotYetError(LoaThonError):
    """bulletins.not_yet"""


async def aired(
    tx: Tx, official: Official, airing_id: int, library: Library, *, now: datetime, at: datetime, how: str = "web"
) -> bool:
    """It was aired, says an announcer; False when that was already written. Raises `NotAllowedError`, `NotYetError`."""
    row = await _mine(tx, official, airing_id, library)
    return await _mark(tx, row, official.who, how, now=now, at=at)


async def not_aired(tx: Tx, official: Official, airing_id: int, library: Library, *, at: datetime) -> None:
    """A tap by mistake is taken back. Raises `NotAllowedError`."""
    row = await _mine(tx, official, airing_id, library)
    if row.aired_at is not None:
        await airings.unmark(tx, row.id)
        await audit.note(tx, official.who, "airing-taken-back", _ref(row), at=at)


async def tick(tx: Tx, code: str, tapper: str, *, now: datetime, at: datetime, who: str = "") -> AiringRow:
    """The code on the run sheet says it was aired; no account is needed. `tapper` names who tries, for the limit of guesses.

    `who` stands in log and audit, "" for whoever has the sheet. Saying it twice changes nothing.
    Raises `LockedError`, `NotYetError`, `WrongCodeError`; the caller commits also then, for the wrong try is counted.
    """
    digits = "".join(c for c in code if c.isdigit())
    hashed = guesses.digest(tx, "airing", tapper)
    if (await guesses.since(tx, [hashed], at - WRONG_FOR)).get(hashed, 0) >= WRONG_MOST:
        raise LockedError
    row = await airings.by_code(tx, digits) if is_code(digits) else None
    if row is None or now.astimezone(LOCAL).date() > row.air_on + CODE_FOR:
        await guesses.add(tx, [hashed], at)
        raise WrongCodeError
    await _mark(tx, row, who, "code", now=now, at=at)
    return row


async def told(
    tx: Tx, conversation_id: int, library: Library, *, now: datetime, at: datetime, airing: str = ""
) -> dict[str, Any] | None:
    """An announcer says in their linked chat that it was aired: what was due last, if that is one unit's and not long ago.

    `airing`: the button they pressed, the number of one line of today. All lines of that unit and time are written.
    `titles`: of what was written now; `left`: (`id`, `title`) of what is due today and still not written, a button each.
    None for a chat that is linked to no official, or to one who plays nothing.
    """
    number = await airings.official_of(tx, conversation_id)
    today = now.astimezone(LOCAL).date()
    official = await officials.load(tx, number, library, today) if number is not None else None
    if official is None or not rights.may_anywhere(official, "clip-record"):
        return None
    due: dict[tuple[str, str], list[LogRow]] = {}
    for unit in sorted(library.units):
        if rights.may(official, "clip-record", unit=unit):
            for line in await airings.log(tx, unit, today, today):
                if line.airing.aired_at is None and line.state == "published" and now >= _starts(line.airing) - EARLY:
                    due.setdefault((line.airing.slot_at, unit), []).append(line)
    chosen = _pressed(due, airing) if airing else _lately(due, now)
    lines = due.pop(chosen) if chosen else []
    for line in lines:
        await _mark(tx, line.airing, official.who, "bot", now=now, at=at)
    is_one = len({unit for _slot, unit in due}) < 2
    return {
        "titles": _titles(lines),
        "left": tuple(
            {
                "id": str(due[slot, unit][0].airing.id),
                "title": f"{slot} {'; '.join(_titles(due[slot, unit]))}"
                + ("" if is_one else f", {library.unit(unit).name}"),
            }
            for slot, unit in sorted(due)
        ),
    }


async def log(tx: Tx, official: Official, library: Library, unit: str, *, since: date, until: date) -> list[LogRow]:
    """The log of a unit, both days included. Raises `NotAllowedError`."""
    if unit not in library.units or not any(
        rights.may(official, action, unit=unit) for action in ("clip-record", "report-read", "broadcast-write")
    ):
        raise NotAllowedError
    return await airings.log(tx, unit, since, until)


def table(rows: list[LogRow], library: Library, names: Mapping[int, str]) -> list[list[str | int]]:
    """The log as a table with its heading. `names`: official's number -> name, as the caller may show them."""
    lines: list[list[str | int]] = [list(say("bulletins.log.heads").split("|"))]
    for row in rows:
        one = row.airing
        zones = {zone.id: zone.title for zone in library.units[one.unit].zones} if one.unit in library.units else {}
        aired_at = one.aired_at.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M") if one.aired_at else ""
        lines.append(
            [
                one.air_on.strftime("%d/%m/%Y"),
                one.slot_at,
                zones.get(one.zone, one.zone) or say("bulletins.log.all_zones"),
                row.title,
                say(f"bulletins.log.priority.{row.priority}"),
                round(row.seconds),
                aired_at,
                say(f"bulletins.log.how.{one.how}") if one.how else "",
                teller(one, names),
                names.get(row.approved_by or 0, ""),
                row.sound_hash[:16],
                row.text_hash[:16],
            ]
        )
    return lines


def official_of(row: AiringRow) -> int | None:
    """The number of the official who wrote it down; None when a key, the paper's code or nobody did."""
    kind, _, number = row.who.partition(":")
    return int(number) if kind == "official" else None


def teller(row: AiringRow, names: Mapping[int, str]) -> str:
    """Who wrote it down, in words; "" when that is not to be told. `names` as for `table`."""
    kind, _, number = row.who.partition(":")
    if kind == "key":
        return say("bulletins.log.key", number=number)
    return names.get(official_of(row) or 0, "")


def export(lines: list[list[str | int]], form: str) -> bytes:
    """A table as `csv` (UTF-8 with a mark, as spreadsheets want it) or `xlsx`. Blocks: run it in a thread."""
    return xlsx_of(lines, say("bulletins.log.sheet")) if form == "xlsx" else csv_of(lines)


async def _mine(tx: Tx, official: Official, airing_id: int, library: Library) -> AiringRow:
    row = await airings.get(tx, airing_id)
    if row is None or not rights.may(official, "clip-record", unit=row.unit):
        raise NotAllowedError
    await find(tx, library, row.bulletin_id)
    return row


async def _mark(tx: Tx, row: AiringRow, who: str, how: str, *, now: datetime, at: datetime) -> bool:
    if now < _starts(row) - EARLY:
        raise NotYetError
    if not await airings.mark(tx, row.id, aired_at=now, who=who, how=how):
        return False
    await audit.note(tx, who or "may", "bulletin-aired", _ref(row), at=at, detail={"how": how})
    return True


def _lately(due: Mapping[tuple[str, str], list[LogRow]], now: datetime) -> tuple[str, str] | None:
    """The time that was due last, with its unit; None when that is long ago or several units' at once."""
    last = max((slot for slot, _unit in due), default="")
    found = [one for one in due if one[0] == last and now <= _starts(due[one][0].airing) + LATE]
    return found[0] if len(found) == 1 else None


def _pressed(due: Mapping[tuple[str, str], list[LogRow]], airing: str) -> tuple[str, str] | None:
    return next((one for one, lines in due.items() if airing in {str(line.airing.id) for line in lines}), None)


def _titles(lines: Iterable[LogRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.title for line in lines))


def _starts(row: AiringRow) -> datetime:
    hour, _, minute = row.slot_at.partition(":")
    return datetime.combine(row.air_on, time(int(hour), int(minute)), LOCAL)


def _ref(row: AiringRow) -> str:
    return f"bulletins:{row.bulletin_id}"
