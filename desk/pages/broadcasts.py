"""Messages to households: written, shown as the phone shows them, approved by a second person, watched while they go out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from bot import broadcast_checks, broadcasts, quiet_hours, rights
from bot.broadcast_sheet import APPROVE, WRITE, Sheet, left, listed, look
from bot.errors import LoaThonError, say
from bot.model.broadcast import PAUSED_BY_OFFICIAL, Broadcast, BroadcastState
from bot.officials import load
from bot.rights import NotAllowedError
from bot.store import Tx, audit
from desk.page import Page
from desk.pages import broadcast_form as forms
from desk.pages.broadcast_draft import (
    PATH,
    edit,
    edit_form,
    entries,
    looked,
    may_edit,
    new,
    new_form,
    number_of,
    preview,
    times,
)
from desk.pages.broadcast_file import FORM_BYTES, show_file
from desk.pages.channels import Bots, bots_of
from desk.refused import MissingError, number
from desk.visit import Visit, texts

#: broadcasts a page of the list
SHOWN = 20
_RUNS = frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED})
#: acts of the audit that tell why a draft is a draft again
_GIVEN_BACK = ("broadcast-refused", "broadcast-returned")
_STATES_LEFT = ("unknown", "failed", "gone")
#: words of thanks that hold as long as the state they brought about: the page stays open while it moves on
_HOLDS = {
    "tin-submitted": BroadcastState.WAITING,
    "tin-approved": BroadcastState.APPROVED,
    "tin-started": BroadcastState.RUNNING,
    "tin-paused": BroadcastState.PAUSED,
    "tin-resumed": BroadcastState.RUNNING,
}


async def shown(visit: Visit) -> Response:
    """What waits for whom, what is on its way, what is over."""
    return visit.page("broadcasts.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("broadcast_list.html", **await _list(visit))


async def paper(visit: Visit) -> Response:
    """One message: what households see, whom it reaches, what can be done now, how far it got."""
    return await _paper(visit)


async def progress(visit: Visit) -> Response:
    """How far it got; a page that shows another state than it has now is told to load anew."""
    sheet, bots = await _looked(visit)
    answered = visit.page("broadcast_progress.html", sheet=sheet, bots=bots)
    if visit.query("luc", 20) != _standing(sheet.broadcast):
        answered.headers["hx-refresh"] = "true"
    return answered


async def counted(visit: Visit) -> Response:
    """How many it would reach now."""
    sheet, bots = await _looked(visit)
    return visit.page("broadcast_count.html", counted=await _count(visit, sheet.broadcast), bots=bots)


async def not_reached(visit: Visit) -> Response:
    """Whom it did not reach, by number."""
    state = visit.query("loai", 10) or _STATES_LEFT[0]
    if state not in _STATES_LEFT:
        raise MissingError
    after = number(visit.query("sau", 15) or "0")
    sheet = await looked(visit)
    async with visit.office.store.read() as tx:
        found = await left(
            tx, visit.official, visit.library, sheet.broadcast.id, state, now=visit.office.clock.now(), after=after
        )
    return visit.page("broadcast_left.html", sheet=sheet, left=found, state=state, states=_STATES_LEFT)


async def file(visit: Visit) -> Response:
    """Its photo or sound."""
    return await show_file(visit, (await looked(visit)).broadcast.outbound.media)


async def submit(visit: Visit) -> Response:
    """Hand it to whoever approves, once what was found in it is mended or let stand."""
    # whoever approves is shown how many it is now
    visit.office.counts.forget()
    act = (broadcasts.submit, visit.official, visit.library, number_of(visit))
    return await _done(visit, "tin-submitted", *act, stand=texts(visit.form, "stand"))


async def approve(visit: Visit) -> Response:
    """Approve what the official had before them."""
    sheet = await looked(visit)
    if not sheet.may_approve:
        raise MissingError
    act = (broadcasts.approve, visit.official, visit.library, sheet.broadcast.id)
    stand = texts(visit.form, "stand")
    return await _done(visit, "tin-approved", *act, seen_hash=visit.text("seen", 64), stand=stand)


async def refuse(visit: Visit) -> Response:
    """Give it back with a word why."""
    why = visit.text("why", broadcasts.REASON_MOST)
    if not why:
        return await _paper(visit, unsaid=True)
    return await _done(visit, "tin-refused", broadcasts.refuse, visit.official, number_of(visit), why)


async def start(visit: Visit) -> Response:
    """Begin to send."""
    return await _done(visit, "tin-started", broadcasts.start, visit.official, visit.library, number_of(visit))


async def pause(visit: Visit) -> Response:
    """Stop for now."""
    return await _done(visit, "tin-paused", broadcasts.pause, visit.official, number_of(visit))


async def resume(visit: Visit) -> Response:
    """Go on."""
    return await _done(visit, "tin-resumed", broadcasts.resume, visit.official, visit.library, number_of(visit))


async def cancel(visit: Visit) -> Response:
    """End it before everybody had it."""
    return await _done(visit, "tin-cancelled", broadcasts.cancel, visit.official, number_of(visit))


async def set_pace(visit: Visit) -> Response:
    """Faster or slower."""
    try:
        told = forms.pace(visit.text("pace", 12))
    except LoaThonError as error:
        return await _paper(visit, wrong=str(error))
    return await _done(visit, "saved", broadcasts.set_pace, visit.official, number_of(visit), told)


async def _done(visit: Visit, word: str, act: Any, *args: Any, **more: Any) -> Response:
    """Do that in one transaction and lead to its page; a refusal is told there."""
    try:
        async with visit.office.store.write() as tx:
            await act(tx, *args, **more, **times(visit))
    except NotAllowedError:
        raise
    except broadcast_checks.UnheededError:
        return await _paper(visit, unheeded=True)
    except LoaThonError as error:
        return await _paper(visit, wrong=str(error))
    return visit.onward(f"{PATH}/{number_of(visit)}", word)


async def _list(visit: Visit) -> dict[str, Any]:
    before = number(visit.query("truoc", 15) or "0")
    async with visit.office.store.read() as tx:
        found = await listed(tx, visit.official, before=before, limit=SHOWN + 1)
        is_more, found = len(found) > SHOWN, found[:SHOWN]
        names = await _names(visit, tx, found)
    mine = [b for b in found if b.state is BroadcastState.WAITING and _may_approve(visit, b)]
    runs = [b for b in found if b.state in _RUNS]
    over = [b for b in found if b.ended_at is not None]
    rest = [b for b in found if b not in mine and b not in runs and b not in over]
    return {
        "groups": [("mine", mine), ("runs", runs), ("rest", rest), ("over", over)],
        "states": _state_words(),
        "names": names,
        "more": found[-1].id if is_more else 0,
        "before": before,
        "may_write": rights.may_anywhere(visit.official, WRITE),
    }


async def _paper(visit: Visit, *, wrong: str = "", unheeded: bool = False, unsaid: bool = False) -> Response:
    library, now = visit.library, visit.office.clock.now()
    async with visit.office.store.read() as tx:
        sheet = await look(tx, visit.official, library, number_of(visit), now=now)
        own = sheet.broadcast
        back = await _given_back(tx, own)
        names = await _names(visit, tx, [own])
        bots = await bots_of(visit, tx, own.unit, own.audience.channels)
    word = "" if visit.request.method == "POST" else visit.query("xong", 20)
    # without script the count is a page of its own; never with every look, it walks through all subscribers
    is_counted = visit.query("dem", 1) == "1"
    return visit.page(
        "broadcast.html",
        status=400 if wrong or unheeded or unsaid else 200,
        sheet=sheet,
        done=word if _HOLDS.get(word, own.state) is own.state else "",
        standing=_standing(own),
        states=_state_words(),
        warnings=[say(f"broadcasts.{key}") for key in sheet.warnings],
        remarks=broadcast_checks.remarks(library, own.title, own.outbound),
        back=back,
        names=names,
        bots=bots,
        may_edit=may_edit(sheet),
        counted=await _count(visit, own) if is_counted else None,
        is_quiet=quiet_hours.is_quiet(now),
        is_rest=own.state is BroadcastState.PAUSED and own.paused_for != PAUSED_BY_OFFICIAL,
        wrong=wrong,
        unheeded=unheeded,
        unsaid=unsaid,
        given=visit.form,
        stand=texts(visit.form, "stand"),
    )


async def _looked(visit: Visit) -> tuple[Sheet, Bots | None]:
    """The broadcast of the path, and how the bots are doing that it needs."""
    sheet = await looked(visit)
    own = sheet.broadcast
    async with visit.office.store.read() as tx:
        return sheet, await bots_of(visit, tx, own.unit, own.audience.channels)


async def _count(visit: Visit, own: Broadcast) -> Any:
    """None for one who approves but may not write here: `count` asks for the right to write."""
    if not rights.may(visit.official, WRITE, unit=own.unit, topic=own.topic or None):
        return None
    return await visit.office.counts.of(visit.official, visit.library, own.unit, own.audience)


async def _given_back(tx: Tx, own: Broadcast) -> str:
    """Why a draft was given back last, "" when it never was."""
    if own.state is not BroadcastState.DRAFT:
        return ""
    ref = f"broadcast:{own.id}"
    found = []
    for what in _GIVEN_BACK:
        # a reference fits by its beginning: lines of broadcast:12 come with those of broadcast:1
        lines = await audit.page(tx, what=what, ref=ref, limit=100)
        found += [line for line in lines if line.ref == ref][:1]
    if not found:
        return ""
    last = max(found, key=lambda line: line.id)
    why = str(last.detail.get("why", ""))
    return why if last.what == "broadcast-refused" else say(why)


async def _names(visit: Visit, tx: Tx, found: Iterable[Broadcast]) -> dict[int, str]:
    """Names of who wrote them and who approved them."""
    told = {}
    for one in {who for own in found for who in (*own.authors, own.approved_by) if who}:
        official = await load(tx, one, visit.library, visit.office.clock.today())
        if official:
            told[one] = official.name
    return told


def _may_approve(visit: Visit, own: Broadcast) -> bool:
    may = rights.may(visit.official, APPROVE, unit=own.unit, topic=own.topic or None)
    return may and visit.official.id not in own.authors


def _standing(own: Broadcast) -> str:
    """State and reason of a pause: with another one, other things can be done on the page."""
    return f"{own.state.value}-{own.paused_for}" if own.paused_for else own.state.value


def _state_words() -> dict[str, str]:
    return {state.value: say(f"broadcasts.state_{state.value}") for state in BroadcastState}


_EITHER = f"{WRITE}|{APPROVE}"
PAGES: tuple[Page, ...] = (
    Page(PATH, _EITHER, shown),
    Page(f"{PATH}/ds", _EITHER, part),
    Page(f"{PATH}/bai", WRITE, entries),
    Page(f"{PATH}/moi", WRITE, new_form, new, files=1, bytes_most=FORM_BYTES),
    Page(f"{PATH}/moi/xem", WRITE, post=preview, files=1, bytes_most=FORM_BYTES),
    Page(f"{PATH}/{{tin}}", _EITHER, paper),
    Page(f"{PATH}/{{tin}}/tien-do", _EITHER, progress),
    Page(f"{PATH}/{{tin}}/dem", _EITHER, counted),
    Page(f"{PATH}/{{tin}}/sot", _EITHER, not_reached),
    Page(f"{PATH}/{{tin}}/tep", _EITHER, file),
    Page(f"{PATH}/{{tin}}/sua", WRITE, edit_form, edit, files=1, bytes_most=FORM_BYTES),
    Page(f"{PATH}/{{tin}}/sua/xem", WRITE, post=preview, files=1, bytes_most=FORM_BYTES),
    Page(f"{PATH}/{{tin}}/trinh", WRITE, post=submit),
    Page(f"{PATH}/{{tin}}/duyet", APPROVE, post=approve),
    Page(f"{PATH}/{{tin}}/khong-duyet", APPROVE, post=refuse),
    Page(f"{PATH}/{{tin}}/gui", _EITHER, post=start),
    Page(f"{PATH}/{{tin}}/dung", _EITHER, post=pause),
    Page(f"{PATH}/{{tin}}/tiep", _EITHER, post=resume),
    Page(f"{PATH}/{{tin}}/huy", _EITHER, post=cancel),
    Page(f"{PATH}/{{tin}}/nhip", _EITHER, post=set_pace),
)
