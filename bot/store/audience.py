"""Whom a broadcast reaches: subscribers with consent, as conditions of queries; counted, shown, planned in chunks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, and_, case, exists, func, literal, or_, select, type_coerce, update

from bot.model.broadcast import Audience, Often
from bot.store.broadcast_tables import broadcast_recipients, broadcasts
from bot.store.store import Tx
from bot.store.tables import consents, contacts, conversations, subscriptions

_S = subscriptions.c
_R = broadcast_recipients.c
#: purposes of the consents: getting news; keeping household facts
NEWS, PROFILE = "nhan-tin", "luu-ho-so"


@dataclass(frozen=True, slots=True)
class Reach:
    """An audience with what the library knows of it: `units` with all below, the consent text that covers facts."""

    audience: Audience
    units: tuple[str, ...]
    #: versions of the consent to keep facts whose text says that news are fitted to them
    profile_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """One recipient as officials may see it before sending: no name, no chat."""

    unit: str
    hamlet: str
    channel: str
    topics: tuple[str, ...]
    often: str


async def lives_in(tx: Tx, units: Iterable[str], hamlet: str) -> bool:
    """Whether anybody who follows something in these units named that hamlet."""
    return await tx.one(select(literal(1)).where(_S.unit.in_(sorted(units)), _S.hamlet == hamlet).limit(1)) is not None


def follows(reach: Reach, *, by_contact: bool = False) -> ColumnElement[bool]:
    """True for rows of `subscriptions` of the audience whose contact still agrees and can be reached.

    `by_contact`: the query names contacts or a range of them, and must not go by the index over units instead.
    """
    return and_(_about(reach, by_contact=by_contact), _reachable(reach))


def _about(reach: Reach, *, by_contact: bool = False) -> ColumnElement[bool]:
    """What is asked of the subscription itself."""
    wanted = reach.audience
    unit = _S.unit.concat("") if by_contact else _S.unit
    conditions: list[ColumnElement[bool]] = [unit.in_(reach.units)]
    if wanted.topics:
        conditions.append(_S.topic.in_(wanted.topics))
    if wanted.hamlets:
        conditions.append(_S.hamlet.in_(wanted.hamlets))
    return and_(*conditions)


def _reachable(reach: Reach, contact: ColumnElement[int] = _S.contact_id) -> ColumnElement[bool]:
    """What is asked of the contact who subscribed."""
    wanted = reach.audience
    conditions = [_agrees(contact, NEWS)]
    if wanted.facts:
        conditions.append(_told(reach, contact))
    c = conversations.c
    here = (c.contact_id == contact, c.gone_at.is_(None))
    by_channel = (c.channel.in_(wanted.channels),) if wanted.channels else ()
    conditions.append(exists().where(*here, *by_channel))
    return and_(*conditions)


def _agrees(contact: ColumnElement[int], purpose: str, versions: Sequence[str] = ()) -> ColumnElement[bool]:
    c = consents.c
    given = (c.contact_id == contact, c.purpose == purpose, c.withdrawn_at.is_(None))
    return exists().where(*given, *((c.version.in_(versions),) if versions else ()))


def _told(reach: Reach, contact: ColumnElement[int]) -> ColumnElement[bool]:
    """The household told these facts and agreed to a text that says that news are fitted to them."""
    c = contacts.c
    fitting = [
        # facts are compact JSON on both databases (`columns.Json`): a key with its value reads the same everywhere
        or_(*(type_coerce(c.facts, Text()).contains(_written(name, value), autoescape=True) for value in values))
        for name, values in reach.audience.facts
    ]
    return and_(
        _agrees(contact, PROFILE, reach.profile_versions or ("",)),
        exists().where(c.id == contact, *fitting),
    )


def _written(name: str, value: str) -> str:
    told = value if value in {"true", "false"} else json.dumps(value, ensure_ascii=False)
    return f"{json.dumps(name, ensure_ascii=False)}:{told}"


async def count(tx: Tx, reach: Reach) -> dict[str, int]:
    """How many contacts it reaches, by how often they want news."""
    often = func.min(_S.often).label("often")
    each = select(_S.contact_id, often).where(_about(reach)).group_by(_S.contact_id).subquery()
    # once a contact, however many topics it follows
    counting = select(each.c.often, func.count()).where(_reachable(reach, each.c.contact_id)).group_by(each.c.often)
    counted = {row[0]: int(row[1]) for row in await tx.rows(counting)}
    return {often.value: counted.get(often.value, 0) for often in Often}


async def sample(tx: Tx, reach: Reach, limit: int = 5) -> list[Sampled]:
    """Some of them, spread over the whole, as far as officials may know them."""

    async def nearest(*where: ColumnElement[bool], is_last: bool = False) -> int | None:
        order = _S.contact_id.desc() if is_last else _S.contact_id
        found = select(_S.contact_id).where(follows(reach, by_contact=True), *where)
        return await tx.scalar(found.order_by(order).limit(1))  # type: ignore[no-any-return]

    first = await nearest()
    last = None if first is None else await nearest(is_last=True)
    if first is None or last is None:
        return []
    starts = [first + (last - first + 1) * n // limit for n in range(limit)]
    seen: dict[int, Sampled] = {}
    for start in starts:
        contact = await nearest(_S.contact_id >= start)
        if contact is not None and contact not in seen:
            seen[contact] = await _sampled(tx, contact)
    return list(seen.values())


async def _sampled(tx: Tx, contact: int) -> Sampled:
    rows = await tx.rows(
        select(_S.unit, _S.hamlet, _S.topic, _S.often).where(_S.contact_id == contact).order_by(_S.topic)
    )
    channel = await tx.scalar(select(conversations.c.channel).where(conversations.c.id == latest(literal(contact))))
    return Sampled(rows[0].unit, rows[0].hamlet, channel or "", tuple(row.topic for row in rows), rows[0].often)


def latest(contact: ColumnElement[int], channels: Sequence[str] = ()) -> ColumnElement[int]:
    """The id of the contact's conversation that is to get it: the one last active that did not leave."""
    c = conversations.alias("latest").c
    where = (c.contact_id == contact, c.gone_at.is_(None), *((c.channel.in_(channels),) if channels else ()))
    return select(c.id).where(*where).order_by(c.active_at.desc(), c.id.desc()).limit(1).scalar_subquery()


async def last_contact(tx: Tx) -> int:
    """The highest id of a contact: who comes later is not in a plan begun now."""
    return int(await tx.scalar(select(func.max(contacts.c.id))) or 0)


async def plan_chunk(tx: Tx, broadcast_id: int, reach: Reach, *, after: int, upto: int, digests: bool) -> None:
    """Add the recipients with `after` < contact id <= `upto`, once each. `digests`: who wants it weekly or monthly waits
    for that; otherwise everybody gets it at once.
    """
    is_held = _S.often != Often.AT_ONCE.value if digests else literal(False)
    state = case((is_held, "held"), else_="waiting")
    often = func.min(_S.often)
    chosen = (
        select(literal(broadcast_id), _S.contact_id, func.min(state), often)
        .where(_S.contact_id > after, _S.contact_id <= upto, _about(reach, by_contact=True))
        .group_by(_S.contact_id)
        # once a contact, however many topics it follows
        .having(_reachable(reach))
    )
    statement = tx.insert(broadcast_recipients).from_select(["broadcast_id", "contact_id", "state", "often"], chosen)
    await tx.run(statement.on_conflict_do_nothing())
    found = {
        row[0]: int(row[1])
        for row in await tx.rows(
            select(_R.state, func.count())
            .where(_R.broadcast_id == broadcast_id, _R.contact_id > after, _R.contact_id <= upto)
            .group_by(_R.state)
        )
    }
    b = broadcasts.c
    await tx.run(
        update(broadcasts)
        .where(b.id == broadcast_id, b.planned_to == after)
        .values(planned_to=upto, waiting=b.waiting + found.get("waiting", 0), held=b.held + found.get("held", 0))
    )
