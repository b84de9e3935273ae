"""Officials: invited, given roles and delegations, disabled. Every act here is written in the audit.

`by` is who acts; None = whoever holds the machine, at the command line. An act that is not allowed raises
`NotAllowedError` and writes nothing. Days are the calendar's where the people live, moments true time.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot import rights
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.fold import fold
from bot.model.official import Assignment, Delegation, Official, OfficialState
from bot.rights import ADMINISTRATOR, NotAllowedError
from bot.store import Tx, audit, sessions
from bot.store import officials as rows

#: a link on paper or in a message: long enough for a day off, short enough not to be found in a year
LINK_FOR: Mapping[str, timedelta] = {
    "setup": timedelta(hours=24),
    "invite": timedelta(days=7),
    "reset": timedelta(hours=24),
}
#: the page of the desk that takes a link of each purpose, with the token behind it
LINK_PATHS: Mapping[str, str] = {"setup": "/ban/khoi-dau/", "invite": "/ban/moi/", "reset": "/ban/dat-lai/"}
#: who acts at the command line
MACHINE = "may"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9.-]{1,38}[a-z0-9]")
_NAME_MOST = 80

#: gives that many random bytes
Draw = Callable[[int], bytes]


class LoginTakenError(LoaThonError):
    """officials.login_taken"""


class WrongLoginError(LoaThonError):
    """officials.login_wrong"""


class WrongNameError(LoaThonError):
    """officials.name_wrong"""


class WrongRoleError(LoaThonError):
    """officials.wrong_role"""


class WrongTopicError(LoaThonError):
    """officials.wrong_topic"""


class WrongUnitError(LoaThonError):
    """officials.wrong_unit"""


class WrongDatesError(LoaThonError):
    """officials.wrong_dates"""


class NoDocumentError(LoaThonError):
    """officials.no_document"""


class LastAdministratorError(LoaThonError):
    """officials.last_administrator"""


class OwnAccountError(LoaThonError):
    """officials.own_account"""


class UnknownOfficialError(LoaThonError):
    """officials.unknown"""


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link, shown once: its token is not kept."""

    token: str
    purpose: str
    official_id: int | None
    expires_at: datetime

    def address(self, public_url: str) -> str:
        """Where it is opened."""
        return f"{public_url}{LINK_PATHS[self.purpose]}{self.token}"


def token_hash(token: str) -> str:
    """What is kept of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def spell_login(login: str) -> str:
    """A login as it is kept; raises `WrongLoginError`."""
    told = unicodedata.normalize("NFC", login).strip().lower()
    if not _LOGIN.fullmatch(told):
        raise WrongLoginError
    return told


def is_login(login: str) -> bool:
    """Whether an account may have that name at all; what may not is not looked up."""
    return _LOGIN.fullmatch(login.strip().lower()) is not None


async def every(tx: Tx, library: Library, on: date) -> list[Official]:
    """All officials as they stand on that day, by login."""
    units = rights.tree(library)
    return [rights.standing(_placed(one, library), units, on) for one in await rows.listed(tx)]


async def visible_to(tx: Tx, official: Official, library: Library, on: date) -> list[Official]:
    """The officials whose account this one may manage; an official with no role yet is managed by whole-house managers."""
    return [one for one in await every(tx, library, on) if _manages(official, one)]


async def load(tx: Tx, official_id: int, library: Library, on: date) -> Official | None:
    """One official as they stand on that day, with their rights expanded."""
    found = await rows.by_id(tx, official_id)
    return rights.standing(_placed(found, library), rights.tree(library), on) if found else None


async def by_login(tx: Tx, login: str, library: Library, on: date) -> Official:
    """One official by login; raises `UnknownOfficialError`."""
    number = await rows.id_of(tx, login.strip().lower()) if is_login(login) else None
    found = await load(tx, number, library, on) if number is not None else None
    if found is None:
        raise UnknownOfficialError(login=login)
    return found


async def invite(
    tx: Tx,
    by: Official | None,
    library: Library,
    *,
    login: str,
    name: str,
    assignments: Sequence[Assignment],
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> Link:
    """A new account with its roles, and the link by which it chooses a password.

    Raises the errors above for a wrong login, name, role, topic, unit or span, `NotAllowedError` beyond the right of `by`.
    """
    login, name = spell_login(login), _spell_name(name)
    for one in assignments:
        _check(one, library)
        _manage(by, one.unit)
    if not assignments:
        _manage(by, "")
    if await rows.id_of(tx, login) is not None:
        raise LoginTakenError(login=login)
    number = await rows.add(tx, login, name, at)
    for one in assignments:
        await rows.assign(tx, number, one)
    link = await _link(tx, "invite", number, at, draw)
    await _note(tx, by, "official-invited", number, at, after=[_told(a) for a in assignments])
    return link


async def new_link(
    tx: Tx, by: Official | None, target: Official, *, at: datetime, draw: Draw = secrets.token_bytes
) -> Link:
    """A link by which an invited official, or one who forgot the password, chooses one. For their own eyes only.

    Raises `NotAllowedError` beyond the right of `by` and for a disabled account.
    """
    _manage_one(by, target)
    if target.state is OfficialState.DISABLED:
        raise NotAllowedError
    purpose = "invite" if target.state is OfficialState.INVITED else "reset"
    link = await _link(tx, purpose, target.id, at, draw)
    await _note(tx, by, f"link-{purpose}", target.id, at)
    return link


async def setup_link(tx: Tx, *, on: date, at: datetime, draw: Draw = secrets.token_bytes) -> Link | None:
    """The link to the first administrator's account while there is none; earlier ones no longer work."""
    if await rows.active_with(tx, ADMINISTRATOR, on):
        return None
    return await _link(tx, "setup", None, at, draw)


async def assign(
    tx: Tx, by: Official | None, target: Official, assignment: Assignment, library: Library, *, at: datetime
) -> int:
    """Give a role; its id. Nobody changes their own: raises `OwnAccountError`, and as `invite` does."""
    _check(assignment, library)
    _manage_one(by, target)
    _manage(by, assignment.unit)
    assignment = replace(assignment, hamlet=_hamlet(assignment, library))
    number = await rows.assign(tx, target.id, assignment)
    await _note(tx, by, "role-given", target.id, at, after=_told(assignment))
    return number


async def end_assignment(tx: Tx, by: Official | None, target: Official, number: int, *, on: date, at: datetime) -> None:
    """Take a role back. Raises `LastAdministratorError`, `NotAllowedError` also when there is no such role."""
    _manage_one(by, target)
    held = next((a for a in target.assignments if a.id == number), None)
    if held is None:
        raise NotAllowedError
    _manage(by, held.unit)
    await rows.lock(tx)
    before = await rows.active_with(tx, ADMINISTRATOR, on)
    await rows.end_assignment(tx, target.id, number, at)
    await _keep_administrator(tx, before, on)
    await _note(tx, by, "role-ended", target.id, at, before=_told(held))


async def delegate(
    tx: Tx, by: Official | None, target: Official, delegation: Delegation, library: Library, *, at: datetime
) -> int:
    """Record the chair's written delegation; its id. Raises `NoDocumentError`, `WrongDatesError` and as `assign` does."""
    if not delegation.document.strip():
        raise NoDocumentError
    if delegation.until < delegation.since:
        raise WrongDatesError
    _check_place(delegation.unit, delegation.topics, library)
    _manage_one(by, target)
    _manage(by, delegation.unit)
    number = await rows.delegate(tx, target.id, delegation)
    await _note(tx, by, "delegated", target.id, at, after=_told(delegation))
    return number


async def end_delegation(tx: Tx, by: Official | None, target: Official, number: int, *, at: datetime) -> None:
    """End a delegation before its day. Raises `NotAllowedError` also when there is no such delegation."""
    _manage_one(by, target)
    held = next((d for d in target.delegations if d.id == number), None)
    if held is None:
        raise NotAllowedError
    _manage(by, held.unit)
    await rows.end_delegation(tx, target.id, number, at)
    await _note(tx, by, "delegation-ended", target.id, at, before=_told(held))


async def disable(tx: Tx, by: Official | None, target: Official, *, on: date, at: datetime) -> None:
    """Close an account: its sessions and links end at once. Raises `LastAdministratorError`, `OwnAccountError`."""
    _manage_one(by, target)
    await rows.lock(tx)
    before = await rows.active_with(tx, ADMINISTRATOR, on)
    await rows.change(tx, target.id, state=OfficialState.DISABLED.value)
    await _keep_administrator(tx, before, on)
    await sessions.revoke(tx, target.id, at)
    await rows.drop_links(tx, target.id)
    await _note(tx, by, "official-disabled", target.id, at, before=target.state.value, after="disabled")


async def enable(tx: Tx, by: Official | None, target: Official, *, at: datetime) -> None:
    """Open a closed account again; it needs a new link, for the old password is gone."""
    _manage_one(by, target)
    if target.state is not OfficialState.DISABLED:
        raise NotAllowedError
    await rows.change(tx, target.id, state=OfficialState.INVITED.value, password_hash=None)
    await _note(tx, by, "official-enabled", target.id, at, before="disabled", after="invited")


async def bind_external(
    tx: Tx, by: Official | None, target: Official, external_id: str | None, *, at: datetime
) -> None:
    """Bind the account to one of the common sign-in ("issuer subject"), None = unbind."""
    _manage_one(by, target)
    await rows.change(tx, target.id, external_id=external_id)
    await _note(tx, by, "external-bound" if external_id else "external-unbound", target.id, at)


def matrix() -> dict[str, dict[str, bool]]:
    """Role -> action -> whether that role may (topics, delegation and authorship aside); for the permission page."""
    return {role.id: {action: action in role.may for action in rights.actions()} for role in rights.roles().values()}


async def _keep_administrator(tx: Tx, before: Sequence[int], on: date) -> None:
    """Within the transaction that takes something away; raising undoes it."""
    if before and not await rows.active_with(tx, ADMINISTRATOR, on):
        raise LastAdministratorError


async def _link(tx: Tx, purpose: str, official_id: int | None, at: datetime, draw: Draw) -> Link:
    token = draw(32).hex()
    until = at + LINK_FOR[purpose]
    await rows.add_link(tx, token_hash(token), purpose, official_id, at=at, until=until)
    return Link(token, purpose, official_id, until)


def _manage(by: Official | None, unit: str) -> None:
    if by is not None:
        rights.require(by, "officials", unit=unit)


def _manage_one(by: Official | None, target: Official) -> None:
    if by is None:
        return
    if by.id == target.id:
        raise OwnAccountError
    if not _manages(by, target):
        raise NotAllowedError


def _manages(by: Official, target: Official) -> bool:
    """Every place the target holds must be the manager's: else a hamlet's manager could close the chair's account."""
    places = {a.unit for a in target.assignments} or {""}
    return all(rights.may(by, "officials", unit=unit) for unit in places)


def _check(assignment: Assignment, library: Library) -> None:
    if assignment.role not in rights.roles():
        raise WrongRoleError(role=assignment.role, roles=", ".join(rights.roles()))
    _check_place(assignment.unit, assignment.topics, library)
    if assignment.until is not None and assignment.until < assignment.since:
        raise WrongDatesError


def _check_place(unit: str, topics: Sequence[str], library: Library) -> None:
    if unit and unit not in library.units:
        raise WrongUnitError(unit=unit)
    unknown = next((topic for topic in topics if topic not in library.topics), None)
    if unknown is not None:
        raise WrongTopicError(topic=unknown)


def _placed(official: Official, library: Library) -> Official:
    """With hamlets by name, whatever they were given by: rights compare them with what cases hold."""
    held = tuple(replace(one, hamlet=_hamlet(one, library)) for one in official.assignments)
    return official if held == official.assignments else replace(official, assignments=held)


def _hamlet(assignment: Assignment, library: Library) -> str:
    """The hamlet's name as its unit writes it, told by id or in another spelling; one the unit does not know stays."""
    unit = library.units.get(assignment.unit)
    told = fold(assignment.hamlet)
    known = unit.hamlets if unit and told else ()
    return next((one.name for one in known if told in {one.id, fold(one.name)}), assignment.hamlet)


def _spell_name(name: str) -> str:
    told = " ".join(unicodedata.normalize("NFC", name).split())
    if not 0 < len(told) <= _NAME_MOST or any(unicodedata.category(c).startswith("C") for c in told):
        raise WrongNameError
    return told


def _told(given: Assignment | Delegation) -> dict[str, Any]:
    """What the audit's hashes are taken of."""
    plain: dict[str, Any] = {"unit": given.unit, "topics": list(given.topics), "since": given.since.isoformat()}
    plain["until"] = given.until.isoformat() if given.until else ""
    if isinstance(given, Delegation):
        return {**plain, "document": given.document}
    return {**plain, "role": given.role, "hamlet": given.hamlet, "is_chair": given.is_chair}


async def _note(
    tx: Tx, by: Official | None, what: str, number: int, at: datetime, *, before: Any = None, after: Any = None
) -> None:
    who = by.who if by else MACHINE
    detail = {name: told for name, told in (("before", before), ("after", after)) if told is not None}
    await audit.note(tx, who, what, f"official:{number}", at=at, detail=detail, before=before, after=after)
