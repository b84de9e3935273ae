"""Writing a message to households: the form, its preview, drafts that are one however often they are tapped."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot import broadcast_checks, broadcasts, quiet_hours, rights
from bot.broadcast_sheet import WRITE, Sheet, listed, look
from bot.broadcast_text import CHANNELS, closed, written
from bot.errors import LoaThonError, say
from bot.library.answer import airable, answer
from bot.model.broadcast import BroadcastState
from bot.model.outbound import OutMedia
from bot.rights import NotAllowedError
from bot.store import Tx
from desk.pages import broadcast_form as forms
from desk.pages.broadcast_file import KINDS, WrongFileError, kept_file
from desk.pages.broadcast_form import Filled
from desk.pages.channels import bots_of
from desk.refused import MissingError, number
from desk.visit import Visit

PATH = "/ban/tin"
#: a draft written twice by one impatient tap is one of the author's last ones
_LAST = 5
_CHANGEABLE = frozenset({BroadcastState.DRAFT, BroadcastState.WAITING, BroadcastState.APPROVED})


class _TwiceError(Exception):
    """The same draft was written just before; args[0] is its number."""


class _ChangedMeanwhileError(Exception):
    """Somebody else saved while this form was open."""


async def entries(visit: Visit) -> Response:
    """Approved entries a message can be made of."""
    unit = visit.unit(WRITE)
    library, on = visit.library, visit.office.clock.today()
    ready = [one for one in library.entries() if airable(library, one.id, on, unit)]
    told = sorted((answer(library, one.id, on, unit) for one in ready), key=lambda one: one.title)
    return visit.page("broadcast_entries.html", entries=told, unit=unit, places=visit.reached(WRITE))


async def new_form(visit: Visit) -> Response:
    """An empty form, or one with an entry in it."""
    entry = visit.query("bai", 80)
    if entry and not visit.library.has(entry):
        raise MissingError
    title = visit.library.entry(entry).title if entry else ""
    return await _form(visit, Filled(visit.unit(WRITE), title=title, entry=entry))


async def new(visit: Visit) -> Response:
    """Keep a first draft; tapped twice it is one."""
    filled = forms.sent(visit, visit.unit(WRITE))
    try:
        media = await kept_file(visit, None)
        made = forms.given(visit.library, filled, media)
        async with visit.office.store.write() as tx:
            draft = await broadcasts.write(tx, visit.official, visit.library, made, **times(visit))
            await _not_twice(visit, tx, draft)
    except NotAllowedError:
        raise
    except _TwiceError as twice:
        draft = twice.args[0]
    except WrongFileError as error:
        return await _form(visit, filled, file_fault=error.fault)
    except LoaThonError as error:
        return await _form(visit, filled, wrong=str(error))
    return visit.onward(f"{PATH}/{draft}", "saved")


async def edit_form(visit: Visit) -> Response:
    """A draft, to be written on."""
    sheet = await looked(visit)
    if not may_edit(sheet):
        raise MissingError
    return await _form(visit, forms.kept(visit.library, sheet.broadcast, sheet.text_hash), sheet)


async def edit(visit: Visit) -> Response:
    """Write it anew, unless somebody else did since the form was opened."""
    sheet = await looked(visit)
    filled = forms.sent(visit, sheet.broadcast.unit)
    before = sheet.broadcast
    try:
        media = await kept_file(visit, before.outbound.media)
        made = forms.given(visit.library, filled, media)
        async with visit.office.store.write() as tx:
            await _unchanged(visit, tx, before.id, filled.seen)
            await broadcasts.change(tx, visit.official, visit.library, before.id, made, **times(visit))
    except NotAllowedError:
        raise
    except _ChangedMeanwhileError:
        return await _form(visit, filled, await looked(visit), changed=True)
    except WrongFileError as error:
        return await _form(visit, filled, sheet, file_fault=error.fault)
    except LoaThonError as error:
        return await _form(visit, filled, sheet, wrong=str(error))
    return visit.onward(f"{PATH}/{before.id}", "saved")


async def preview(visit: Visit) -> Response:
    """What the form would send and to how many; nothing is written."""
    sheet = await looked(visit) if "tin" in visit.request.path_params else None
    filled = forms.sent(visit, sheet.broadcast.unit if sheet else visit.unit(WRITE))
    seen: dict[str, Any] = {}
    wrong = ""
    media = sheet.broadcast.outbound.media if sheet and not visit.text("bo-tep", 1) else None
    try:
        seen = await _previewed(visit, filled, media)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        wrong = str(error)
    if visit.request.headers.get("hx-request") == "true":
        return visit.page("broadcast_preview.html", wrong=wrong, seen=seen)
    return await _form(visit, filled, sheet, wrong=wrong, seen=seen)


async def _form(visit: Visit, filled: Filled, sheet: Sheet | None = None, **told: Any) -> Response:
    """The form; `told`: wrong, file_fault, changed, seen (a preview)."""
    library, unit = visit.library, filled.unit
    is_refused = bool(told.get("wrong") or told.get("file_fault") or told.get("changed"))
    entry = answer(library, filled.entry, visit.office.clock.today(), unit) if library.has(filled.entry) else None
    names = forms.hamlet_names(library, unit, filled.hamlets)
    shown = {"wrong": "", "file_fault": "", "changed": False, "seen": {}, **told}
    return visit.page(
        "broadcast_form.html",
        status=400 if is_refused else 200,
        filled=filled,
        sheet=sheet,
        entry=entry,
        places=visit.reached(WRITE),
        below=sorted(rights.below(unit, rights.tree(library)) - {unit}, key=lambda one: library.units[one].name),
        hamlets=names if len(names) <= forms.TICKS_MOST else (),
        channels=CHANNELS,
        facts={name: library.household[name] for name in forms.fact_names(library)},
        goals=forms.goals(library),
        mimes=",".join(KINDS),
        is_sent=visit.request.method == "POST",
        now_hash=sheet.text_hash if sheet else "",
        **shown,
    )


async def _previewed(visit: Visit, filled: Filled, media: OutMedia | None) -> dict[str, Any]:
    """Message, count, warnings and remarks of a form."""
    library, clock = visit.library, visit.office.clock
    send_at = forms.moment(filled.when)
    said = forms.content(library, filled, media)
    title, outbound = written(library, said, filled.unit, clock.today())
    wanted = forms.audience(filled)
    reached = await visit.office.counts.of(visit.official, library, filled.unit, wanted)
    async with visit.office.store.read() as tx:
        bots = await bots_of(visit, tx, filled.unit, wanted.channels)
    warnings = []
    if send_at and quiet_hours.is_quiet(send_at) and not filled.urgent:
        warnings.append(say("broadcasts.quiet_hours"))
    elif quiet_hours.is_early_or_late(send_at or clock.now()):
        warnings.append(say("broadcasts.warn_early_or_late"))
    if filled.urgent:
        warnings.append(say("broadcasts.warn_urgent" if filled.reason else "broadcasts.no_reason"))
    return {
        "message": closed(library, outbound, filled.unit),
        "counted": reached,
        "bots": bots,
        "warnings": warnings,
        "remarks": broadcast_checks.remarks(library, title, outbound),
    }


async def looked(visit: Visit) -> Sheet:
    """The broadcast of the path, as it lies before this official."""
    async with visit.office.store.read() as tx:
        return await look(tx, visit.official, visit.library, number_of(visit), now=visit.office.clock.now())


async def _unchanged(visit: Visit, tx: Tx, broadcast_id: int, seen: str) -> None:
    """Raise `_ChangedMeanwhileError` unless it says what it said when the form was opened."""
    now = await look(tx, visit.official, visit.library, broadcast_id, now=visit.office.clock.now())
    if now.text_hash != seen:
        raise _ChangedMeanwhileError


async def _not_twice(visit: Visit, tx: Tx, draft: int) -> None:
    """Raise `_TwiceError` when one of this author's last drafts says the same, so that nothing of this one stays."""
    now = visit.office.clock.now()
    own = (await look(tx, visit.official, visit.library, draft, now=now)).text_hash
    for one in await listed(tx, visit.official, before=draft, limit=_LAST):
        if one.state is BroadcastState.DRAFT and one.authors == (visit.official.id,):
            seen = await look(tx, visit.official, visit.library, one.id, now=now)
            if seen.text_hash == own:
                raise _TwiceError(one.id)


def may_edit(sheet: Sheet) -> bool:
    """Whether the official may write on it: not once it runs."""
    return sheet.may_write and sheet.broadcast.state in _CHANGEABLE


def times(visit: Visit) -> dict[str, Any]:
    """The moments every act is given."""
    return {"now": visit.office.clock.now(), "at": visit.office.clock.true()}


def number_of(visit: Visit) -> int:
    """The broadcast's number in the path."""
    return number(visit.param("tin"))
