"""Entries a person reads: recorded line by line, heard by another, used in the voice's place until the words change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from audio.normalise import breath_lines
from bot import clips, readings
from bot.bulletins import reread
from bot.bulletins.item import LANGUAGES, Line
from bot.bulletins.plan import seconds_of
from bot.clips import Wanted
from bot.errors import LoaThonError
from bot.model.fold import fold
from bot.readings import Reading, State
from bot.rights import NotAllowedError
from bot.store import Tx
from bot.store.bulletins import BulletinRow
from desk.page import Page
from desk.pages.loa.paper import played
from desk.pages.loa.recording import MICROPHONE, RECORDING_BYTES, kept_file, kept_take
from desk.refused import MissingError, number
from desk.visit import Visit

PATH = "/ban/loa/doc"
_ENTRY = f"{PATH}/{{unit}}/{{entry}}"
#: who records, and who lets it be heard
ACTIONS = ("clip-record", "broadcast-approve")
_EITHER = "|".join(ACTIONS)


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry that can be read, and how far its reading is; `state` "" = nobody began."""

    entry: str
    title: str
    seconds: float
    state: str


async def shown(visit: Visit) -> Response:
    """All entries of a unit that hold today: those somebody has begun first."""
    places = tuple(dict.fromkeys(unit for action in ACTIONS for unit in visit.reached(action)))
    unit = visit.query("xa", 60) or next(iter(places), "")
    if unit not in places:
        raise MissingError
    language = _language(visit.query("tieng", 8))
    async with visit.office.store.read() as tx:
        held = await readings.listed(tx, unit, language)
    asked = visit.query("tim", 100)
    found = []
    for one in clips.all_wanted(visit.library, [unit], visit.office.clock.today()):
        mine = held.get(one.note.text_hash)
        if all(word in fold(one.note.title) for word in fold(asked).split()):
            state = mine.state.value if mine else ""
            found.append(Choice(one.note.entry, one.note.title, seconds_of(one.note.text), state))
    found.sort(key=lambda one: (not one.state, one.title))
    return visit.page("loa_readings.html", places=places, unit=unit, choices=found, asked=asked, language=language)


async def kit(visit: Visit) -> Response:
    """Every line of an entry, to be read aloud and recorded, or heard and let in."""
    one = _wanted(visit)
    async with visit.office.store.read() as tx:
        held = await _find(visit, tx, one)
        rows = await reread.made_with(tx, one.note.unit, _name(one, held), visit.office.clock.today())
    return _kit(visit, one, held, aired=[row for row in rows if row.state == "published"])


async def heard(visit: Visit) -> Response:
    """A take, to be listened to or carried away; `?goc` gives the file a browser read for us."""
    one = _wanted(visit)
    async with visit.office.store.read() as tx:
        held = await _find(visit, tx, one)
    line = _line(visit, held)
    sha256, told = kept_file(visit, line)
    name = f"ban-doc-{one.note.entry}-{visit.param('line')}.{told.ending}"
    return await played(visit, sha256, told.media_type, name)


async def take(visit: Visit) -> Response:
    """Keep a take, and what was heard of it."""

    async def told(line: Line) -> Line:
        # how long words last that nobody wrote down is not known
        measured = await kept_take(visit, "" if visit.query("tieng", 8) else line.text)
        return replace(measured, text=line.text)

    return await _changed(visit, told)


async def accept(visit: Visit) -> Response:
    """Somebody listened and lets the faults of a take pass."""

    async def told(line: Line) -> Line:
        if not line.is_joined:
            raise MissingError
        return replace(line, accepted=True)

    return await _changed(visit, told)


async def drop(visit: Visit) -> Response:
    """The take is not wanted."""

    async def told(_line: Line) -> None:
        return None

    return await _changed(visit, told)


async def hand_in(visit: Visit) -> Response:
    """Ask for another's ear."""

    async def act(tx: Tx, one: Wanted, held: Reading) -> None:
        await readings.hand_in(tx, visit.official, one, held, now=visit.office.clock.true())

    return await _moved(visit, act)


async def let_in(visit: Visit) -> Response:
    """It was heard, and is used from now on."""

    async def act(tx: Tx, one: Wanted, held: Reading) -> None:
        topic = _topic(visit, one)
        await readings.let_in(tx, visit.official, one, held, topic=topic, now=visit.office.clock.true())

    return await _moved(visit, act)


async def send_back(visit: Visit) -> Response:
    """The voice reads again."""

    async def act(tx: Tx, one: Wanted, held: Reading) -> None:
        topic, why = _topic(visit, one), visit.text("why", 400)
        await readings.send_back(tx, visit.official, one, held, topic=topic, why=why, now=visit.office.clock.true())
        await _out_of_use(visit, tx, one, held)

    return await _moved(visit, act)


async def _changed(visit: Visit, change: Callable[[Line], Awaitable[Line | None]]) -> Response:
    one, at = _wanted(visit), number(visit.param("line"))
    async with visit.office.store.read() as tx:
        held = await _find(visit, tx, one)
    line = _line(visit, held)
    try:
        told = await change(line)
        async with visit.office.store.write() as tx:
            await readings.put(tx, visit.official, one, held, line=at, told=told, now=visit.office.clock.true())
            await _out_of_use(visit, tx, one, held)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _kit(visit, one, held, str(error))
    # a good take leads to the next line, any other to itself
    is_done = told is not None and told.is_good
    return visit.onward(f"{_path(one)}?{_rest(held)}{'' if is_done else f'&doan={at}'}#doan-{at}")


async def _moved(visit: Visit, act: Callable[[Tx, Wanted, Reading], Awaitable[None]]) -> Response:
    one = _wanted(visit)
    async with visit.office.store.read() as tx:
        held = await _find(visit, tx, one)
    # the takes as that page played them: others may have come, and been handed in, since it was opened
    if (held.state.value, held.heard) != (visit.text("state", 20), visit.text("heard", 64)):
        return _kit(visit, one, held, str(readings.ReadingMovedOnError()))
    try:
        async with visit.office.store.write() as tx:
            await act(tx, one, held)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _kit(visit, one, held, str(error))
    return visit.onward(f"{_path(one)}?{_rest(held)}", "saved")


async def _out_of_use(visit: Visit, tx: Tx, one: Wanted, held: Reading) -> None:
    if held.state is State.USED:
        clock = visit.office.clock
        await reread.take_out(tx, one.note.unit, _name(one, held), today=clock.today(), at=clock.true())


def _name(one: Wanted, held: Reading) -> str:
    return readings.name_of(one.note.text, held.language)


async def _find(visit: Visit, tx: Tx, one: Wanted) -> Reading:
    """The reading in the language of `?tieng=`, which forms send along."""
    return await readings.find(tx, one, breath_lines(one.note.text), _language(visit.query("tieng", 8)))


def _language(told: str) -> str:
    if told not in LANGUAGES:
        raise MissingError
    return told


def _wanted(visit: Visit) -> Wanted:
    """The words of the entry of the path; raises `MissingError` for what does not hold today or lies beyond reach."""
    unit = visit.param("unit")
    if not any(unit in visit.reached(action) for action in ACTIONS):
        raise MissingError
    one = clips.wanted(visit.library, visit.param("entry"), unit, visit.office.clock.today())
    if one is None:
        raise MissingError
    return one


def _line(visit: Visit, held: Reading) -> Line:
    at = number(visit.param("line"))
    if not 1 <= at <= len(held.lines):
        raise MissingError
    return held.lines[at - 1]


def _topic(visit: Visit, one: Wanted) -> str:
    return getattr(visit.library.entry(one.note.entry, one.note.unit), "topic", None) or ""


def _path(one: Wanted) -> str:
    return f"{PATH}/{one.note.unit}/{one.note.entry}"


def _opened(visit: Visit, held: Reading) -> int:
    """Which line is shown in full, from 1: the one asked for, else the first that is still to be read well; 0 = none."""
    asked = visit.query("doan", 3)
    if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= len(held.lines):
        return int(asked)
    return next((at for at, line in enumerate(held.lines, 1) if not line.is_good), 0)


def _rest(held: Reading) -> str:
    """What addresses of a reading carry behind the question mark."""
    return f"tieng={held.language}"


def _kit(visit: Visit, one: Wanted, held: Reading, wrong: str = "", *, aired: Sequence[BulletinRow] = ()) -> Response:
    answer = visit.page(
        "loa_reading.html",
        status=400 if wrong else 200,
        wrong=wrong,
        note=one.note,
        path=_path(one),
        held=held,
        rest=_rest(held),
        aired=aired,
        opened=_opened(visit, held),
        most=RECORDING_BYTES,
        may_record=one.note.unit in visit.reached("clip-record"),
        may_let_in=readings.may_let_in(visit.official, one, held, _topic(visit, one)),
    )
    answer.headers["permissions-policy"] = MICROPHONE
    return answer


PAGES = (
    Page(PATH, _EITHER, shown),
    Page(_ENTRY, _EITHER, kit),
    Page(f"{_ENTRY}/trinh", "clip-record", post=hand_in),
    Page(f"{_ENTRY}/duyet", "broadcast-approve", post=let_in),
    Page(f"{_ENTRY}/tra", _EITHER, post=send_back),
    Page(f"{_ENTRY}/{{line}}", _EITHER, heard),
    Page(f"{_ENTRY}/{{line}}/thu", "clip-record", post=take, files=2, bytes_most=RECORDING_BYTES),
    Page(f"{_ENTRY}/{{line}}/nhan", "clip-record", post=accept),
    Page(f"{_ENTRY}/{{line}}/bo", "clip-record", post=drop),
)
