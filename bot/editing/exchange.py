"""What was published at the desk as YAML files of the same shape as `content/`, and back, without loss.

`<folder>/<unit, or `chung` for every unit>/<kind>/<id>.yaml`; a file of a copy can be moved into `content/` as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError

from bot.editing import drafts
from bot.editing.bodies import as_body, below
from bot.editing.checks import Remark, Unread, remarks
from bot.editing.kinds import KINDS
from bot.library import Entry, EntryKey, Library
from bot.library.explain import explain
from bot.library.faults import Fault, fault
from bot.library.published import SHAPES, from_body
from bot.library.reading import parse
from bot.library.schema.answers import EntryWords
from bot.model.official import Official
from bot.store import Tx
from bot.store.edits import Edit

#: folder of what is for every unit
EVERY = "chung"
#: parts of a file's place: unit, kind, name
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file read back. `state`: same, changed, new; "" where it cannot be read."""

    path: str
    key: EntryKey | None
    state: str
    body: dict[str, Any]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]


def files(library: Library, *, whole: bool = False) -> Iterator[tuple[str, bytes]]:
    """Path and text of everything published at the desk; `whole`: also of what the files say where nothing was."""
    for key, published in sorted(library.overlay.entries.items(), key=lambda item: _path(item[0])):
        yield _path(key), as_yaml(published.entry)
    for key, words in sorted(library.overlay.words.items(), key=lambda item: _path(item[0])):
        yield _path(key), as_yaml(words)
    if whole:
        for (kind, entry_id), entry in sorted(library.filed.items()):
            key = EntryKey(kind, entry_id)
            if key not in library.overlay.entries:
                yield _path(key), as_yaml(entry)


def as_yaml(record: BaseModel) -> bytes:
    """A record as its file; defaults are left out, as officials write them."""
    plain = _plain(record.model_dump(mode="python", by_alias=True, exclude_defaults=True))
    text = yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return text.encode()


def incoming(library: Library, root: Path, on: date, *, unread: Unread) -> list[Incoming]:
    """Every file of a folder written by `files`, compared with what serves and checked; nothing is written."""
    found = []
    for file in sorted(root.rglob("*.yaml")):
        where = file.relative_to(root).parts
        path = "/".join(where)
        place, kind = where[:2] if len(where) == _DEPTH else ("", "")
        if kind not in KINDS or (place != EVERY and place not in library.units):
            found.append(Incoming(path, None, "", {}, (fault("strange_place", path, kinds=", ".join(KINDS)),), ()))
            continue
        key = EntryKey(kind, file.stem, None if place == EVERY else place)
        found.append(_read(library, key, (path, file.read_bytes()), on, unread))
    return found


async def take(tx: Tx, official: Official, library: Library, one: Incoming, *, at: datetime) -> Edit | None:
    """A draft of what came in, for a second person to approve; None for what is the same or cannot be read."""
    if one.key is None or one.state not in {"changed", "new"}:
        return None
    edit = await drafts.begin(tx, official, library, one.key, body=one.body, at=at)
    if edit.body == one.body:
        return edit
    changes = {name: value for name, value in one.body.items() if name not in {"id", "formerly", "reviewed_on"}}
    gone = {name: None for name in edit.body if name not in one.body and name not in {"id", "formerly", "reviewed_on"}}
    return await drafts.save(tx, official, edit.id, edit.version, {**gone, **changes}, at=at)


def _read(library: Library, key: EntryKey, file: tuple[str, bytes], on: date, unread: Unread) -> Incoming:
    path, raw = file
    data, faults = parse(raw, path)
    if data is None:
        return Incoming(path, None, "", {}, tuple(faults), ())
    shape = KINDS[key.kind].shape
    try:
        record = shape.model_validate(data)
    except ValidationError as wrong:
        return Incoming(path, None, "", {}, tuple(explain(wrong, shape, path, raw)), ())
    body = as_body(cast("Entry | EntryWords", record))
    body["id"] = key.id
    before = below(library, key)
    state = "new" if before is None else "same" if _same(key, before, body) else "changed"
    found = remarks(library, key, body, on, unread=unread) if state != "same" else ()
    return Incoming(path, key, state, body, (), found)


def _same(key: EntryKey, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two bodies say the same; 7.50 is 7.5."""
    if key.kind not in SHAPES:
        return one == other
    return from_body(key.kind, one) == from_body(key.kind, other)


def _path(key: EntryKey) -> str:
    return f"{key.unit or EVERY}/{key.kind}/{key.id}.yaml"


class _Dumper(yaml.SafeDumper):
    """Writes what `bot.library.reading` reads: no aliases, figures as plain numbers."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own interface
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    text = f"{value:f}"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(Decimal, _decimal)
_Dumper.add_representer(str, _text)


def _plain(value: Any) -> Any:
    """Tuples as lists, members of an enumeration as their values."""
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value
