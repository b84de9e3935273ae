"""What broadcasters need: programme, published bulletins and their sound, recalls, and the log that says it was aired."""

from __future__ import annotations

from starlette.responses import FileResponse, Response

from audio.catalogue import TYPES
from bot.bulletins import day as days
from bot.bulletins import log, recall
from bot.bulletins.log import LockedError, NotYetError, WrongCodeError
from bot.bulletins.recall import GoneError
from bot.rights import NotAllowedError
from bot.station import words_of
from bot.store import airings
from bot.store.bulletins import BulletinRow
from desk.api.call import Ask, tagged, written
from desk.api.problem import ProblemError
from desk.api.shapes import AiredTold, Airing, Bulletin, Bulletins, Programme, RecallLine, Recalls, Slot, SoundFile


async def programme(ask: Ask) -> Response:
    """A unit's day: when what plays."""
    unit = ask.own_unit(ask.param("unit"))
    day = ask.query.day or ask.office.clock.today()
    async with ask.office.store.read() as tx:
        shows = await days.programme(tx, ask.library, unit.id, day)
        rows = {row.id: row for show in shows for row in show.bulletins}
        lines = [line for number in rows for line in await airings.of_bulletin(tx, number) if line.air_on == day]
    shows_codes = ask.caller.may("airings")
    told = Programme(
        unit=unit.id,
        day=day,
        slots=[Slot(at=s.slot.at, zone=s.slot.zone, bulletins=[row.id for row in s.bulletins]) for s in shows],
        bulletins=[_bulletin(ask, row) for row in rows.values()],
        airings=[
            Airing(
                bulletin=line.bulletin_id,
                at=line.slot_at,
                zone=line.zone,
                code=line.code if shows_codes else "",
                aired_at=line.aired_at,
            )
            for line in lines
        ],
    )
    return tagged(ask.request, written(told))


async def bulletins(ask: Ask) -> Response:
    """What of a unit can be had now."""
    unit = ask.own_unit(ask.param("unit"))
    async with ask.office.store.read() as tx:
        rows = await recall.listed(tx, ask.library, unit.id, ask.office.clock.today())
    return tagged(ask.request, written(Bulletins(items=[_bulletin(ask, row) for row in rows])))


async def recalls(ask: Ask) -> Response:
    """What of a unit was taken back."""
    unit = ask.own_unit(ask.param("unit"))
    async with ask.office.store.read() as tx:
        found = await recall.recalls(tx, unit.id, ask.office.clock.true())
    lines = [
        RecallLine(
            id=one.id,
            title=one.title,
            air_on=one.air_on,
            sha256=one.sound_hash,
            withdrawn_at=one.withdrawn_at,
            why=one.why,
        )
        for one in found
    ]
    return tagged(ask.request, written(Recalls(items=lines)))


async def bulletin(ask: Ask) -> Response:
    """One bulletin; 410 once it was taken back or is over."""
    return tagged(ask.request, written(_bulletin(ask, await _had(ask))))


async def sound(ask: Ask) -> Response:
    """Its sound. Ranges are served, so that a broken download goes on where it stopped."""
    row, form = await _had(ask), ask.param("format")
    file = row.files.get(form)
    if file is None or form not in TYPES:
        raise ProblemError("not-found")
    path = ask.office.store.blobs.path(str(file["sha256"]))
    if not path.is_file():
        raise ProblemError("not-found")
    headers = {"etag": f'"{file["sha256"]}"', "cache-control": "private, no-cache", "vary": "authorization"}
    if headers["etag"] in ask.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers, media_type=TYPES[form])


async def aired(ask: Ask) -> AiredTold:
    """It was aired, says an automation by the code. Saying it twice changes nothing."""
    code, office = ask.body.code, ask.office
    problem: ProblemError | None = None
    async with office.store.write() as tx:
        held = await airings.by_code(tx, code)
        # a code of another unit is as good as none, and counts as a wrong try
        tried = code if held is None or held.unit in ask.caller.units else ""
        try:
            who = ask.caller.who
            row = await log.tick(tx, tried, who, now=office.clock.now(), at=office.clock.true(), who=who)
        except WrongCodeError:
            problem = ProblemError("not-found")
        except LockedError as error:
            problem = ProblemError("conflict", why=str(error))
        except NotYetError as error:
            problem = ProblemError("conflict", why=str(error))
    if problem is not None:
        raise problem
    return AiredTold(bulletin=row.bulletin_id, day=row.air_on, at=row.slot_at, zone=row.zone)


async def _had(ask: Ask) -> BulletinRow:
    number = int(ask.param("number"))
    try:
        async with ask.office.store.read() as tx:
            row = await recall.have(tx, ask.library, number, ask.office.clock.today())
    except GoneError as error:
        raise ProblemError("gone", why=str(error)) from error
    except NotAllowedError as error:
        raise ProblemError("not-found") from error
    if row.unit not in ask.caller.units:
        raise ProblemError("not-found")
    return row


def _bulletin(ask: Ask, row: BulletinRow) -> Bulletin:
    return Bulletin(
        id=row.id,
        title=row.title,
        air_on=row.air_on,
        slot_at=row.slot_at,
        zone=row.zone,
        priority=row.priority,
        seconds=row.seconds,
        voice_label=str(row.sound.get("label", "")),
        text=words_of(row),
        files=[
            SoundFile(
                format=form,
                url=f"{ask.office.public_url}/api/v1/bulletins/{row.id}/sound/{form}",
                bytes=int(file["bytes"]),
                sha256=str(file["sha256"]),
            )
            for form, file in sorted(row.files.items())
        ],
    )
