"""Entries a unit is asked to confirm: the list, the text beside its facts, a correction, the signature."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from bot import signing
from bot.correction import WrongTextError
from bot.errors import LoaThonError
from bot.library import EntryKey
from bot.officials import WrongDatesError
from bot.rights import NotAllowedError
from bot.signing import Paper, Waiting
from bot.store import Tx
from desk.days import day_told
from desk.refused import MissingError, number
from desk.visit import Visit

PATH = "/ban/xac-nhan"
#: entries a page of the list
SHOWN = 15


async def listed(visit: Visit) -> Response:
    """What waits for this unit's word, most asked first, and what it has signed."""
    return visit.page("signing.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("waiting.html", **await _list(visit))


async def paper(visit: Visit) -> Response:
    """One entry beside its facts and sources, with what households see."""
    return await _paper(visit)


async def correct_form(visit: Visit) -> Response:
    """The texts, to be corrected."""
    return await _correct_form(visit)


async def correct(visit: Visit) -> Response:
    """Write a correction for somebody else to sign."""
    try:
        async with visit.office.store.write() as tx:
            held = await _look(visit, tx)
            await signing.propose(
                tx,
                visit.official,
                visit.library,
                _key(visit),
                _changed(visit, held),
                document=visit.text("document", 400),
                document_on=_day(visit.text("document_on", 20)),
                on=visit.office.clock.today(),
                at=visit.office.clock.true(),
            )
    except NotAllowedError:
        raise
    except WrongTextError as error:
        return await _correct_form(visit, field=error.field, why=str(error.values["why"]))
    except LoaThonError as error:
        return await _correct_form(visit, wrong=str(error))
    return visit.onward(_path(visit), "drafted")


async def sign(visit: Visit) -> Response:
    """Sign what the official had before them, as it stands or as somebody else corrected it."""
    try:
        async with visit.office.store.write() as tx:
            await signing.sign(
                tx,
                visit.official,
                visit.library,
                _key(visit),
                text_hash=visit.text("text", 64),
                document=visit.text("document", 400),
                with_draft=visit.text("draft") == "1",
                now=visit.office.clock.now(),
                at=visit.office.clock.true(),
                draw=visit.office.draw,
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _paper(visit, wrong=str(error))
    await visit.office.renew()
    return visit.onward(_path(visit), "signed")


async def drop(visit: Visit) -> Response:
    """The correction is not wanted."""
    async with visit.office.store.write() as tx:
        at = visit.office.clock.true()
        await signing.drop(tx, visit.official, visit.library, _key(visit), at=at)
    return visit.onward(_path(visit), "withdrawn")


async def withdraw(visit: Visit) -> Response:
    """Take the signature back."""
    async with visit.office.store.write() as tx:
        at = visit.office.clock.true()
        await signing.withdraw(tx, visit.official, visit.library, _key(visit), at=at)
    await visit.office.renew()
    return visit.onward(_path(visit), "withdrawn")


async def _list(visit: Visit) -> dict[str, Any]:
    unit = visit.unit("entry-correct")
    async with visit.office.store.read() as tx:
        waiting = await signing.waiting(tx, visit.official, visit.library, visit.office.clock.today(), unit)
    pages = max(1, -(-len(waiting) // SHOWN))
    page = min(max(1, number(visit.query("trang", 6) or "1")), pages)
    shown: list[Waiting] = waiting[(page - 1) * SHOWN : page * SHOWN]
    signed = (
        sorted(
            (key.id, signature)
            for key, signature in visit.library.overlay.signatures.items()
            if key.unit == unit and visit.library.has(key.id)
        )
        if page == pages
        else []
    )
    return {
        "unit": unit,
        "places": visit.reached("entry-correct"),
        "waiting": shown,
        "count": len(waiting),
        "asked": sum(one.askers for one in waiting),
        "number": page,
        "pages": pages,
        "signed": signed,
    }


async def _look(visit: Visit, tx: Tx) -> Paper:
    return await signing.look(tx, visit.official, visit.library, _key(visit), visit.office.clock.today())


def _key(visit: Visit) -> EntryKey:
    """The entry of the path; raises `MissingError` for one that the library does not know under this id."""
    entry = visit.param("entry")
    if not visit.library.has(entry):
        raise MissingError
    return EntryKey(visit.library.kind_of(entry), visit.library.id_of(entry), visit.param("unit"))


async def _paper(visit: Visit, wrong: str = "") -> Response:
    async with visit.office.store.read() as tx:
        held = await _look(visit, tx)
    status = 400 if wrong else 200
    return visit.page("paper.html", status=status, paper=held, given=visit.form, wrong=wrong)


async def _correct_form(visit: Visit, *, wrong: str = "", field: str = "", why: str = "") -> Response:
    async with visit.office.store.read() as tx:
        held = await _look(visit, tx)
    if not held.may_correct:
        raise MissingError
    texts = {name: visit.text(f"text.{name}") or text for name, text in _standing(held).items()}
    return visit.page(
        "correct.html",
        status=400 if wrong or field else 200,
        paper=held,
        texts=texts,
        given=visit.form,
        wrong=wrong,
        field=field,
        why=why,
    )


def _standing(held: Paper) -> dict[str, str]:
    """The texts to begin from: an earlier correction's, else those that hold."""
    return dict(held.draft.texts if held.draft else held.texts)


def _changed(visit: Visit, held: Paper) -> dict[str, str]:
    """What differs from the text that holds; a field the form does not carry stays as it is."""
    sent = {name: visit.text(f"text.{name}") for name in held.texts if f"text.{name}" in visit.form}
    return {name: text for name, text in sent.items() if text != held.texts[name].strip()}


def _path(visit: Visit) -> str:
    return f"{PATH}/{visit.param('unit')}/{visit.param('entry')}"


def _day(told: str) -> date | None:
    try:
        return day_told(told) if told else None
    except ValueError:
        raise WrongDatesError from None
