"""Officials, what they were given, and their one-time links. Statements only; the rules stand in `bot/officials.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.model.official import Assignment, Delegation, Official, OfficialState
from bot.store.official_tables import assignments, delegations, official_links, officials, recovery_codes
from bot.store.store import Tx

_O, _A, _D, _L, _R = officials.c, assignments.c, delegations.c, official_links.c, recovery_codes.c


@dataclass(frozen=True, slots=True)
class Secrets:
    """What proves that someone is an official. Never leaves `bot/officials.py` and `bot/sessions.py`."""

    official_id: int
    state: OfficialState
    #: argon2id notation, "" before a password was chosen
    password_hash: str
    #: base32, "" = no one-time code
    totp_secret: str
    totp_step: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A one-time link as kept."""

    id: int
    purpose: str
    official_id: int | None
    expires_at: datetime


async def add(tx: Tx, login: str, name: str, at: datetime) -> int:
    """A new account without password; its id. Raises `RefusedError` when the login is taken."""
    row = {"login": login, "name": name, "state": OfficialState.INVITED.value, "created_at": at}
    return (await tx.add_numbered(officials, [row]))[0]


async def opened(tx: Tx) -> dict[int, datetime]:
    """When each account was opened."""
    return {row.id: row.created_at for row in await tx.rows(select(_O.id, _O.created_at))}


async def listed(tx: Tx, ids: Sequence[int] | None = None) -> list[Official]:
    """Officials with what they were given and was not ended, by login; None = all. `reach` is empty."""
    wanted = select(_O.id, _O.login, _O.name, _O.state, _O.totp_secret).order_by(_O.login)
    rows = await tx.rows(wanted if ids is None else wanted.where(_O.id.in_(ids)))
    numbers = [row.id for row in rows]
    held: dict[int, list[Assignment]] = {number: [] for number in numbers}
    given: dict[int, list[Delegation]] = {number: [] for number in numbers}
    for a in await tx.rows(
        select(assignments).where(_A.ended_at.is_(None), _A.official_id.in_(numbers)).order_by(_A.id)
    ):
        held[a.official_id].append(
            Assignment(a.id, a.role, a.unit, a.hamlet, tuple(a.topics), a.is_chair, _day(a.since), _end(a.until))
        )
    for d in await tx.rows(
        select(delegations).where(_D.ended_at.is_(None), _D.official_id.in_(numbers)).order_by(_D.id)
    ):
        given[d.official_id].append(Delegation(d.id, d.unit, tuple(d.topics), d.document, _day(d.since), _day(d.until)))
    return [
        Official(
            row.id,
            row.login,
            row.name,
            OfficialState(row.state),
            tuple(held[row.id]),
            tuple(given[row.id]),
            has_code=bool(row.totp_secret),
        )
        for row in rows
    ]


async def by_id(tx: Tx, official_id: int) -> Official | None:
    """One official, if there is one."""
    found = await listed(tx, [official_id])
    return found[0] if found else None


async def id_of(tx: Tx, login: str) -> int | None:
    """The account of a login."""
    return await tx.scalar(select(_O.id).where(_O.login == login))  # type: ignore[no-any-return]


async def id_of_external(tx: Tx, external_id: str) -> int | None:
    """The account bound to an account of the common sign-in."""
    return await tx.scalar(select(_O.id).where(_O.external_id == external_id))  # type: ignore[no-any-return]


async def lock(tx: Tx) -> None:
    """Hold all accounts until the transaction ends: two administrators must not end each other at once."""
    await tx.rows(select(_O.id).order_by(_O.id).with_for_update())


async def secrets(tx: Tx, official_id: int, *, locked: bool = False) -> Secrets | None:
    """What proves that someone is this official."""
    statement = select(_O.id, _O.state, _O.password_hash, _O.totp_secret, _O.totp_step).where(_O.id == official_id)
    row = await tx.one(statement.with_for_update() if locked else statement)
    if row is None:
        return None
    return Secrets(row.id, OfficialState(row.state), row.password_hash or "", row.totp_secret or "", row.totp_step)


async def change(tx: Tx, official_id: int, **values: Any) -> None:
    """Set columns of an account."""
    await tx.run(update(officials).where(_O.id == official_id).values(**values))


async def assign(tx: Tx, official_id: int, assignment: Assignment) -> int:
    """Give a role; its id (the one given is not read)."""
    row = {
        "official_id": official_id,
        "role": assignment.role,
        "unit": assignment.unit,
        "hamlet": assignment.hamlet,
        "topics": list(assignment.topics),
        "is_chair": assignment.is_chair,
        "since": assignment.since.isoformat(),
        "until": assignment.until.isoformat() if assignment.until else None,
    }
    return (await tx.add_numbered(assignments, [row]))[0]


async def delegate(tx: Tx, official_id: int, delegation: Delegation) -> int:
    """Record a delegation; its id (the one given is not read)."""
    row = {
        "official_id": official_id,
        "unit": delegation.unit,
        "topics": list(delegation.topics),
        "document": delegation.document,
        "since": delegation.since.isoformat(),
        "until": delegation.until.isoformat(),
    }
    return (await tx.add_numbered(delegations, [row]))[0]


async def end_assignment(tx: Tx, official_id: int, number: int, at: datetime) -> bool:
    """End a role; whether it was there and open."""
    mine = (_A.id == number, _A.official_id == official_id, _A.ended_at.is_(None))
    return await tx.run(update(assignments).where(*mine).values(ended_at=at)) > 0


async def end_delegation(tx: Tx, official_id: int, number: int, at: datetime) -> bool:
    """End a delegation; whether it was there and open."""
    mine = (_D.id == number, _D.official_id == official_id, _D.ended_at.is_(None))
    return await tx.run(update(delegations).where(*mine).values(ended_at=at)) > 0


async def active_with(tx: Tx, role: str, on: date) -> list[int]:
    """Active officials who hold a role for the whole installation on that day."""
    day = on.isoformat()
    rows = await tx.rows(
        select(_O.id)
        .join_from(officials, assignments)
        .where(_O.state == OfficialState.ACTIVE.value, _A.role == role, _A.unit == "", _A.ended_at.is_(None))
        .where(_A.since <= day, func.coalesce(_A.until, day) >= day)
        .distinct()
        .order_by(_O.id)
    )
    return [row[0] for row in rows]


async def add_link(
    tx: Tx, token_hash: str, purpose: str, official_id: int | None, *, at: datetime, until: datetime
) -> None:
    """A one-time link; earlier unused ones of the same purpose and account no longer work."""
    same = _L.official_id.is_(None) if official_id is None else _L.official_id == official_id
    await tx.run(delete(official_links).where(_L.purpose == purpose, same, _L.used_at.is_(None)))
    row = {
        "token_hash": token_hash,
        "purpose": purpose,
        "official_id": official_id,
        "created_at": at,
        "expires_at": until,
    }
    await tx.add(official_links, [row])


async def link(tx: Tx, token_hash: str, at: datetime, *, locked: bool = False) -> LinkRow | None:
    """A link that still works; `locked` until the transaction ends, so that it works once."""
    statement = select(_L.id, _L.purpose, _L.official_id, _L.expires_at).where(
        _L.token_hash == token_hash, _L.used_at.is_(None), _L.expires_at > at
    )
    row = await tx.one(statement.with_for_update() if locked else statement)
    return LinkRow(*row) if row else None


async def use_link(tx: Tx, number: int, at: datetime) -> None:
    """This link worked once."""
    await tx.run(update(official_links).where(_L.id == number).values(used_at=at))


async def drop_links(tx: Tx, official_id: int) -> None:
    """An account's unused links no longer work."""
    await tx.run(delete(official_links).where(_L.official_id == official_id, _L.used_at.is_(None)))


async def set_recovery(tx: Tx, official_id: int, hashes: Sequence[str]) -> None:
    """New recovery codes; earlier ones no longer work."""
    await tx.run(delete(recovery_codes).where(_R.official_id == official_id))
    await tx.add(recovery_codes, [{"official_id": official_id, "code_hash": one} for one in hashes])


async def use_recovery(tx: Tx, official_id: int, code_hash: str, at: datetime) -> bool:
    """Whether that code was still good; it no longer is."""
    mine = (_R.official_id == official_id, _R.code_hash == code_hash, _R.used_at.is_(None))
    return await tx.run(update(recovery_codes).where(*mine).values(used_at=at)) > 0


async def recovery_left(tx: Tx, official_id: int) -> int:
    """How many recovery codes are unused."""
    counted = select(func.count()).select_from(recovery_codes)
    return int(await tx.scalar(counted.where(_R.official_id == official_id, _R.used_at.is_(None))) or 0)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _end(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
