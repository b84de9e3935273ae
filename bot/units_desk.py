"""What officials fill in about their unit: address, phone, bodies, reception days, loudspeakers, hamlets and their counts.

It is laid over the unit's file, field by field (`UnitData`), versioned and published like everything officials say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot import rights
from bot.bulletins.slots import require_slot
from bot.errors import LoaThonError, say
from bot.hamlets import Imported, RowFault, read_hamlets
from bot.library import Library
from bot.library.explain import plainly
from bot.library.schema.unit import Hamlet, HamletCounts, Unit, UnitData
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, overlay
from bot.store.overlay import EntryRow

#: fields an official may fill in
FIELDS = tuple(UnitData.model_fields)


class WrongFieldError(LoaThonError):
    """units.wrong_field"""

    @property
    def field(self) -> str:
        """The field that cannot stand so."""
        return str(self.values["field"])


class SheetFaultsError(LoaThonError):
    """units.sheet_faults"""

    def __init__(self, faults: tuple[RowFault, ...]) -> None:
        super().__init__(count=len(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Change:
    """One hamlet and year that an import would change."""

    hamlet: str
    name: str
    #: not known before
    is_new: bool
    year: int
    before: HamletCounts | None
    after: HamletCounts


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. With faults it does nothing."""

    changes: tuple[Change, ...]
    faults: tuple[RowFault, ...]


async def edit(
    tx: Tx, official: Official, library: Library, unit_id: str, fields: Mapping[str, Any], *, at: datetime
) -> None:
    """Fill in fields of `UnitData`, as plain values ({"phone": "0220 …", "slots": [{"at": "05:30"}]}); None takes one back.

    Fields left out stay as they are; times of loudspeakers that stood before are not judged again. Raises
    `NotAllowedError`, `WrongFieldError`, and for a new time what `require_slot` raises.
    """
    rights.require(official, "units", unit=unit_id)
    if unit_id not in library.units:
        raise NotAllowedError
    # the newest row, not the library: another official may have filled in something a moment ago
    row = await overlay.newest(tx, overlay.UNITS, unit_id, unit_id)
    before: dict[str, Any] = row.body if row else {}
    body = {name: value for name, value in {**before, **fields}.items() if value is not None}
    data = _read(body)
    after = data.model_dump(mode="json", exclude_unset=True)
    standing = library.units[unit_id]
    _check(library, standing.model_copy(update=data.given()))
    for slot in set(data.slots or ()) - {*standing.slots, *(_read(before).slots or ())}:
        require_slot(slot)
    if after == before:
        return
    version = await overlay.next_version(tx, overlay.UNITS, unit_id, unit_id)
    published = EntryRow(overlay.UNITS, unit_id, unit_id, version, after, "")
    await overlay.publish(tx, published, by=official.who, at=at)
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    ref = f"units:{unit_id}"
    await audit.note(
        tx, official.who, "unit-edited", ref, at=at, detail={"fields": changed}, before=before or None, after=after
    )


def preview(library: Library, unit_id: str, raw: bytes) -> Preview:
    """What a spreadsheet of hamlets would change, row by row; nothing is written. Blocks: run it in a thread."""
    known = {hamlet.id: hamlet for hamlet in library.units[unit_id].hamlets}
    read = read_hamlets(raw, known.values())
    return Preview(tuple(_changes(known, read)), read.faults)


async def apply(tx: Tx, official: Official, library: Library, unit_id: str, raw: bytes, *, at: datetime) -> int:
    """Take the spreadsheet over; how many hamlets and years changed. Raises `SheetFaultsError` and as `edit` does."""
    rights.require(official, "units", unit=unit_id)
    if unit_id not in library.units:
        raise NotAllowedError
    row = await overlay.newest(tx, overlay.UNITS, unit_id, unit_id)
    filled = _read(row.body).hamlets if row else None
    known = library.units[unit_id].hamlets if filled is None else filled
    read = read_hamlets(raw, known)
    if read.faults:
        raise SheetFaultsError(read.faults)
    changes = list(_changes({hamlet.id: hamlet for hamlet in known}, read))
    hamlets = [hamlet.model_dump(mode="json") for hamlet in read.hamlets]
    await edit(tx, official, library, unit_id, {"hamlets": hamlets}, at=at)
    return len(changes)


def _changes(known: Mapping[str, Hamlet], read: Imported) -> Iterable[Change]:
    for hamlet in read.hamlets:
        own = known.get(hamlet.id)
        for year, counts in sorted(hamlet.years.items()):
            before = own.years.get(year) if own else None
            if before != counts:
                yield Change(hamlet.id, hamlet.name, own is None, year, before, counts)


def _read(body: Mapping[str, Any]) -> UnitData:
    try:
        return UnitData.model_validate(body)
    except ValidationError as wrong:
        field, why = plainly(wrong, UnitData, dict(body))
        raise WrongFieldError(field=field, why=why) from wrong


def _check(library: Library, unit: Unit) -> None:
    """What one field says of another has to be there."""
    for field in ("bodies", "zones", "hamlets"):
        ids = [one.id for one in getattr(unit, field)]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise WrongFieldError(field=field, why=say("units.twice", id=twice))
    for body in unit.bodies:
        unknown = next((topic for topic in body.topics if topic not in library.topics), None)
        if unknown is not None:
            raise WrongFieldError(field="bodies", why=say("units.no_topic", id=unknown))
    zones = {zone.id for zone in unit.zones}
    for field, named in (
        ("slots", [slot.zone for slot in unit.slots if slot.zone]),
        ("hamlets", [zone for hamlet in unit.hamlets for zone in hamlet.zones]),
    ):
        unknown = next((zone for zone in named if zone not in zones), None)
        if unknown is not None:
            raise WrongFieldError(field=field, why=say("units.no_zone", id=unknown))
