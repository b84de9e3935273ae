"""Keys by which other systems use the JSON API: made at the desk, shown once, revoked at any moment.

A key gives nothing its maker may not do: what a scope needs is asked of the maker's rights of today, at every request.
It rests on a person who answers for it: with the maker's account disabled it opens nothing, not even what all may read.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot import officials, rights
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.official import Official, OfficialState, Scope
from bot.rights import NotAllowedError
from bot.store import Tx, audit, keys
from bot.store.keys import KeyRow

#: scope -> actions, one of which the maker needs; () = what everybody may read anyway
SCOPES: Mapping[str, tuple[str, ...]] = {
    "content": (),
    "ask": (),
    "clips": (),
    "airings": ("clip-record", "broadcast-write"),
    "broadcasts": ("broadcast-write", "broadcast-approve"),
    "figures": ("report-read",),
    "cases-send": ("case-answer",),
    "cases-read": ("case-read",),
}
#: what makes and revokes keys
MANAGE = "integrations"
NAME_MOST = 80
#: found in logs and repositories by whoever looks for lost keys
_PREFIX = "loathon_"
_KEY = re.compile(r"loathon_[a-z2-7]{52}")
#: the last use is written down this often: not a write for every reading
_USED_EVERY = timedelta(minutes=10)

Draw = Callable[[int], bytes]


class NoNameError(LoaThonError):
    """integrations.no_name"""


class NoScopeError(LoaThonError):
    """integrations.no_scope"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks the API: a key, and its maker as they stand today."""

    key: KeyRow
    maker: Official
    #: units the key is for, with all below
    units: frozenset[str]

    @property
    def who(self) -> str:
        """How audit and histories name it."""
        return f"key:{self.key.id}"

    def may(self, scope: str) -> bool:
        """Whether the key was given that, and its maker could still give it."""
        return scope in self.key.scopes and may_give(self.maker, scope, self.key.unit)

    def official(self, *actions: str) -> Official:
        """The maker, reaching no further than the key and only for these actions."""
        reach = {action: (Scope(self.units, None),) for action in actions}
        return replace(self.maker, reach=reach)

    def is_stale(self, at: datetime) -> bool:
        """Whether its use should be written down again."""
        return self.key.last_used is None or at - self.key.last_used >= _USED_EVERY


@dataclass(frozen=True, slots=True)
class Made:
    """A new key. `text` is shown once."""

    number: int
    text: str


def may_give(official: Official, scope: str, unit: str) -> bool:
    """Whether an official may give a key that scope for a unit."""
    needed = SCOPES[scope]
    return not needed or any(rights.may(official, action, unit=unit) for action in needed)


async def make(
    tx: Tx,
    official: Official,
    library: Library,
    *,
    unit: str,
    name: str,
    scopes: Collection[str],
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> Made:
    """A key for one system. `unit` "" = the whole installation. Raises `NotAllowedError`, `NoNameError`, `NoScopeError`."""
    rights.require(official, MANAGE, unit=unit)
    told, wanted = " ".join(name.split())[:NAME_MOST], sorted(set(scopes))
    if unit and unit not in library.units:
        raise NotAllowedError
    if not told:
        raise NoNameError
    if not wanted or not set(wanted) <= set(SCOPES):
        raise NoScopeError
    if not all(may_give(official, scope, unit) for scope in wanted):
        raise NotAllowedError
    text = _PREFIX + base64.b32encode(draw(32)).decode().lower().rstrip("=")
    number = await keys.add(
        tx, unit=unit, name=told, scopes=wanted, hashed=digest(text), created_by=official.id, created_at=at
    )
    await audit.note(tx, official.who, "key-made", f"key:{number}", at=at, detail={"unit": unit, "scopes": wanted})
    return Made(number, text)


async def revoke(tx: Tx, official: Official, number: int, *, at: datetime) -> None:
    """The key serves no more, from the next request on. Raises `NotAllowedError`, also when it is not there."""
    row = await keys.get(tx, number)
    if row is None:
        raise NotAllowedError
    rights.require(official, MANAGE, unit=row.unit)
    if await keys.revoke(tx, number):
        await audit.note(tx, official.who, "key-revoked", f"key:{number}", at=at)


async def listed(tx: Tx, official: Official) -> list[KeyRow]:
    """The keys within reach, newest first, revoked ones too."""
    return [row for row in await keys.listed(tx) if rights.may(official, MANAGE, unit=row.unit)]


async def find(tx: Tx, text: str, library: Library, on: date) -> Caller | None:
    """Whose key that is; None for one that is not known, was revoked, or whose maker's account is not active."""
    row = await keys.by_hash(tx, digest(text)) if _KEY.fullmatch(text) else None
    maker = await officials.load(tx, row.created_by, library, on) if row else None
    if row is None or maker is None or maker.state is not OfficialState.ACTIVE:
        return None
    units = rights.below(row.unit, rights.tree(library)) if row.unit else frozenset(library.units)
    return Caller(row, maker, units)


async def used(tx: Tx, caller: Caller, at: datetime) -> None:
    """The key was used."""
    await keys.used(tx, caller.key.id, at)


async def spend(tx: Tx, caller: Caller, at: datetime, *, most: int, span: timedelta) -> datetime | None:
    """One more call with the key; None, or when it may call again."""
    return await keys.spend(tx, caller.key.id, at, most=most, span=span)


def digest(text: str) -> str:
    """What is kept of a key's text: 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
