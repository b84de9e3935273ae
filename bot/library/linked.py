"""What a unit's own answer or announcement names has to be there: topic, unit, hamlets, groups, other entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.library.findings import Finding
from bot.library.schema.answers import Announcement, Faq

if TYPE_CHECKING:
    from bot.library.library import Library


def told_links(library: Library, entry: Faq | Announcement) -> Iterator[Finding]:
    """Everything named that is not there."""
    folder = "faq" if isinstance(entry, Faq) else "announcements"
    if entry.topic not in library.topics:
        yield Finding(folder, entry.id, ("topic",), "unknown_topic", {"id": entry.topic})
    unit = library.units.get(entry.unit)
    if unit is None:
        yield Finding(folder, entry.id, ("unit",), "unknown_unit", {"id": entry.unit})
    for place, group in enumerate(entry.groups):
        if group not in library.groups:
            yield Finding(folder, entry.id, ("groups", place), "unknown_group", {"id": group})
    for place, other in enumerate(entry.related):
        if not library.has(other):
            yield Finding(folder, entry.id, ("related", place), "unknown_entry", {"id": other})
        elif library.id_of(other) == entry.id:
            yield Finding(folder, entry.id, ("related", place), "links_to_itself")
    if isinstance(entry, Faq) and entry.about and library.id_of(entry.about) not in library.policies:
        yield Finding(folder, entry.id, ("about",), "unknown_entry", {"id": entry.about})
    if isinstance(entry, Announcement):
        known = {hamlet.id for hamlet in unit.hamlets} if unit else set()
        for place, hamlet in enumerate(entry.hamlets):
            if hamlet not in known:
                yield Finding(folder, entry.id, ("hamlets", place), "unknown_hamlet", {"id": hamlet})
