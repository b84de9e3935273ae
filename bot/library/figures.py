"""Figures that texts name but nobody holds: such a text could not be rendered, so it keeps the library from loading."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from bot.library.findings import Finding
from bot.library.overlay import Entry
from bot.library.reading import Step
from bot.library.render import PLACEHOLDER
from bot.library.schema.policy import Policy
from bot.library.schema.unit import Override, Unit
from bot.library.texts import texts

if TYPE_CHECKING:
    from bot.library.library import Library


def missing_figures(library: Library) -> Iterator[Finding]:
    """Unknown placeholders, stray braces and measures without wording, in entries and unit overrides."""
    for entry in library.entries():
        yield from missing_in(library, entry)
    for unit in library.units.values():
        for entry_id, override in unit.overrides.items():
            yield from _in_override(library, unit, entry_id, override)


def missing_in(library: Library, entry: Entry) -> Iterator[Finding]:
    """The same of one entry, whether the library holds it or not yet."""
    folder = library.kind_of(entry.id)
    own = entry.amounts if isinstance(entry, Policy) else {}
    for name, amount in own.items():
        if amount.unit not in library.measures:
            yield Finding(folder, entry.id, ("amounts", name, "unit"), "unknown_measure", {"unit": amount.unit})
    for where, text in texts(entry):
        for key, told in _faulty(library, entry.id, text, own):
            yield Finding(folder, entry.id, where, key, told)
        if where[0] in {"title", "short"} and PLACEHOLDER.search(text):
            # titles stand on buttons and in lists, where nothing is filled in
            yield Finding(folder, entry.id, where, "figure_in_title")


def _in_override(library: Library, unit: Unit, entry_id: str, override: Override) -> Iterator[Finding]:
    here: tuple[Step, ...] = ("overrides", entry_id)
    if not library.has(entry_id):
        yield Finding("units", unit.id, here, "unknown_entry", {"id": entry_id})
        return
    entry = library.entry(entry_id)
    own = {*override.amounts, *(entry.amounts if isinstance(entry, Policy) else ())}
    for name, amount in override.amounts.items():
        if amount.unit not in library.measures:
            yield Finding("units", unit.id, (*here, "amounts", name, "unit"), "unknown_measure", {"unit": amount.unit})
    for field in ("answer", "addition", "broadcast"):
        for key, told in _faulty(library, entry.id, getattr(override, field) or "", own):
            yield Finding("units", unit.id, (*here, field), key, told)


def _faulty(library: Library, owner: str, text: str, own: Collection[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Wording and filling of each thing in a text that could not be rendered; `own` are the owner's amounts."""
    for found in PLACEHOLDER.finditer(text):
        entry_id, name = (library.id_of(found[1]), found[2]) if found[2] else (owner, found[1])
        other = library.policies.get(entry_id)
        held = own if entry_id == owner else other.amounts if other else ()
        if name not in held:
            yield "unknown_figure", {"figure": found[0]}
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        yield "stray_brace", {}
