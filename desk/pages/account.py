"""One's own account: password, one-time codes, signed-in browsers."""

from __future__ import annotations

import re

from markupsafe import Markup
from starlette.responses import Response

from bot import onetime, sessions
from bot.errors import LoaThonError
from bot.store import officials as rows
from desk.refused import MissingError, number
from desk.visit import Visit, typed

PATH = "/ban/toi"
#: 160 bits in base32, as `onetime.new_secret` makes them
_SECRET = re.compile(r"[A-Z2-7]{32}")

#: what browsers and machines call themselves, the more particular names first, and what people call them
_BROWSERS = (
    ("Zalo", "Zalo"),
    ("Edg", "Edge"),
    ("CocCoc", "CocCoc"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """Browser and machine in two words, "" when neither is known."""
    found = (next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _MACHINES))
    return ", ".join(name for name in found if name)


async def shown(visit: Visit) -> Response:
    """Everything of one's own."""
    return await _show(visit)


async def change_password(visit: Visit) -> Response:
    """Another password; every other browser is signed out."""
    new = typed(visit.form, "password")
    if new != typed(visit.form, "again"):
        return await _show(visit, differs=True)
    try:
        await visit.office.door.change_password(
            visit.signed_in, typed(visit.form, "old"), new, address=visit.address, at=visit.office.clock.true()
        )
    except LoaThonError as error:
        return await _show(visit, wrong=str(error))
    return visit.onward(PATH, "password")


async def code_form(visit: Visit) -> Response:
    """A new secret as a picture, to be proved by its first code."""
    return _code_page(visit, onetime.new_secret(visit.office.draw))


async def start_codes(visit: Visit) -> Response:
    """Ask for codes from now on; the answer shows the recovery codes once."""
    secret, at = visit.text("secret", 64), visit.office.clock.true()
    if _SECRET.fullmatch(secret) is None:
        raise MissingError
    try:
        await visit.office.door.prove(visit.official, typed(visit.form, "password"), address=visit.address, at=at)
        async with visit.office.store.write() as tx:
            codes = await sessions.start_codes(
                tx, visit.official, secret, visit.text("code", 20), at=at, draw=visit.office.draw
            )
    except LoaThonError as error:
        return _code_page(visit, secret, wrong=str(error))
    return visit.page("recovery.html", codes=codes)


async def stop_codes(visit: Visit) -> Response:
    """Ask for no codes any more; the password is asked once more."""
    at = visit.office.clock.true()
    try:
        await visit.office.door.prove(visit.official, typed(visit.form, "password"), address=visit.address, at=at)
        async with visit.office.store.write() as tx:
            await sessions.stop_codes(tx, visit.official, visit.official, at=at)
    except LoaThonError as error:
        return await _show(visit, wrong=str(error))
    return visit.onward(PATH, "code-off")


async def close_session(visit: Visit) -> Response:
    """Sign another of one's own browsers out."""
    async with visit.office.store.write() as tx:
        held = number(visit.param("number"))
        if not await sessions.revoke(tx, visit.signed_in, held, at=visit.office.clock.true()):
            raise MissingError
    return visit.onward(PATH, "closed")


async def close_others(visit: Visit) -> Response:
    """Sign all of one's other browsers out."""
    async with visit.office.store.write() as tx:
        await sessions.revoke_others(tx, visit.signed_in, at=visit.office.clock.true())
    return visit.onward(PATH, "closed")


async def _show(visit: Visit, *, wrong: str = "", differs: bool = False) -> Response:
    async with visit.office.store.read() as tx:
        held = await sessions.listed(tx, visit.signed_in, at=visit.office.clock.true())
        left = await rows.recovery_left(tx, visit.official.id)
    status = 400 if wrong or differs else 200
    return visit.page("account.html", status=status, held=held, device=device, left=left, wrong=wrong, differs=differs)


def _code_page(visit: Visit, secret: str, wrong: str = "") -> Response:
    # our own drawing of our own address: no markup of others in it
    picture = Markup(onetime.picture(secret, visit.official.login))  # noqa: S704
    return visit.page("codeset.html", status=400 if wrong else 200, secret=secret, picture=picture, wrong=wrong)
