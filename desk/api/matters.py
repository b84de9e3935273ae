"""Cases and broadcasts: what other systems may send and read of them."""

from __future__ import annotations

from starlette.responses import Response

from bot import broadcast_sheet, dashboard, integration_cases
from bot.broadcast_sheet import APPROVE, WRITE
from bot.casework.entry import NoCodeError
from bot.casework.handling import EmptyTextError, LongTextError, NoPlaceError
from bot.dashboard import Quarter
from bot.integration_cases import NoConsentError, OtherMatterError, Sent, State, Taken
from bot.model.broadcast import Broadcast
from bot.model.case import CaseKind, CaseState
from bot.rights import NotAllowedError
from bot.store import RefusedError
from bot.store.case_desk import DeskCase, Filters
from desk.api.call import Ask, tagged, written
from desk.api.case_shapes import CaseLine, Cases, CaseTaken, CaseTold
from desk.api.problem import ProblemError
from desk.api.shapes import (
    BroadcastLine,
    Broadcasts,
    FigureRow,
    FiguresTold,
    FigureTable,
)


async def cases(ask: Ask) -> Response:
    """Cases of the key's units, opened last first."""
    asked = ask.query
    wanted = Filters(
        states=(asked.state.value,) if asked.state else (),
        kinds=(asked.kind.value,) if asked.kind else (),
        units=(ask.own_unit(asked.unit).id,) if asked.unit else (),
    )
    async with ask.office.store.read() as tx:
        found = await integration_cases.listed(
            tx, ask.caller, ask.library, wanted, before=asked.after, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    onward = shown[-1].id if len(found) > len(shown) else None
    return tagged(ask.request, written(Cases(items=[_line(one) for one in shown], next=onward)))


async def case(ask: Ask) -> Response:
    """One case by its code."""
    async with ask.office.store.read() as tx:
        try:
            found = await integration_cases.state(tx, ask.caller, ask.library, ask.param("code"))
        except NotAllowedError as error:
            raise ProblemError("not-found") from error
    return tagged(ask.request, written(_told(found)))


async def send(ask: Ask) -> Response:
    """Open a case for a household that agreed; the same request gives the same case."""
    given = ask.body
    person = {"name": given.person.name, "phone": given.person.phone} if given.person else {}
    sent = Sent(
        request_id=given.request_id,
        kind=given.kind,
        unit=given.unit,
        text=given.text,
        consent_version=given.consent.version,
        consent_at=given.consent.given_at,
        hamlet=given.hamlet,
        topic=given.topic,
        identity=person,
    )
    try:
        taken = await _write(ask, sent)
    except OtherMatterError as error:
        raise ProblemError("conflict", why=str(error)) from error
    except NotAllowedError as error:
        raise ProblemError("wrong", fields=["body.kind"], where="body.kind") from error
    except (NoPlaceError, NoConsentError, EmptyTextError, LongTextError, NoCodeError) as error:
        raise ProblemError("refused", why=str(error)) from error
    told = CaseTaken(code=taken.code, pin=taken.pin, url=f"{ask.office.public_url}/chat")
    status = 201 if taken.is_new else 200
    return Response(written(told), status, {"cache-control": "no-store"}, media_type="application/json")


async def broadcasts(ask: Ask) -> Response:
    """How far the broadcasts of the key's units got, newest first."""
    async with ask.office.store.read() as tx:
        found = await broadcast_sheet.listed(
            tx, ask.caller.official(WRITE, APPROVE), before=ask.query.after, limit=ask.query.limit + 1
        )
    shown = found[: ask.query.limit]
    onward = shown[-1].id if len(found) > len(shown) else None
    return tagged(ask.request, written(Broadcasts(items=[_broadcast(one) for one in shown], next=onward)))


async def figures(ask: Ask) -> Response:
    """A unit's quarter in figures, small ones hidden."""
    unit, today = ask.own_unit(ask.param("unit")), ask.office.clock.today()
    try:
        quarter = Quarter.read(ask.query.quarter, today) if ask.query.quarter else Quarter.of(today)
    except ValueError as error:
        raise ProblemError("not-found") from error
    async with ask.office.store.read() as tx:
        found = await dashboard.figures(tx, None, ask.library, unit.id, quarter, now=ask.office.clock.now())
    told = FiguresTold(
        unit=unit.id,
        quarter=str(quarter),
        cases=found.cases,
        late=found.late,
        median_days=found.median_days,
        median_hours=found.median_hours,
        raters=found.raters,
        rating=found.rating,
        tables=[
            FigureTable(
                id=table.id,
                title=table.title,
                measure=table.measure,
                rows=[FigureRow(key=row.key, title=row.title, number=row.number) for row in table.rows],
            )
            for table in found.tables
        ],
    )
    return tagged(ask.request, written(told))


async def _write(ask: Ask, sent: Sent) -> Taken:
    clock, once_more = ask.office.clock, True
    while True:
        try:
            async with ask.office.store.write() as tx:
                return await integration_cases.send(tx, ask.caller, ask.library, sent, now=clock.now(), at=clock.true())
        except RefusedError:
            # the same request at the same moment, in another process: now it is there
            if not once_more:
                raise
            once_more = False


def _line(one: DeskCase) -> CaseLine:
    return CaseLine(**_fields(one))


def _told(found: State) -> CaseTold:
    return CaseTold(**_fields(found.case), answer=found.answer, receipt=found.receipt)


def _fields(one: DeskCase) -> dict[str, object]:
    return {
        "code": one.code,
        "kind": CaseKind(one.kind),
        "state": CaseState(one.state),
        "unit": one.unit,
        "topic": one.topic,
        "opened_at": one.opened_at,
        "updated_at": one.updated_at,
        "due_at": one.due_at,
        "answered_at": one.answered_at,
        "closed_at": one.closed_at,
    }


def _broadcast(one: Broadcast) -> BroadcastLine:
    return BroadcastLine(
        id=one.id,
        unit=one.unit,
        title=one.title,
        state=one.state.value,
        urgent=one.urgent,
        created_at=one.created_at,
        started_at=one.started_at,
        ended_at=one.ended_at,
        total=one.tally.total,
        sent=one.tally.sent,
        failed=one.tally.failed,
        gone=one.tally.gone,
        unknown=one.tally.unknown,
    )
