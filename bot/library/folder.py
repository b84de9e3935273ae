"""Reads a content folder into typed records, or says everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from bot.library.explain import explain
from bot.library.faults import Fault, fault
from bot.library.kinds import ENTRIES, FOLDERS, NEEDED, PHRASES
from bot.library.merge import merged
from bot.library.reading import parse


@dataclass(frozen=True)
class Base:
    """The files of a content folder as records."""

    #: folder -> id -> record
    records: Mapping[str, Mapping[str, BaseModel]]
    #: kind -> record
    phrases: Mapping[str, BaseModel]
    #: (folder, id) -> sha256 of the file
    hashes: Mapping[tuple[str, str], str]
    #: (folder, id) or ("phrases", kind) -> path of the file, below the content folder
    paths: Mapping[tuple[str, str], str]
    #: sha256 over all files
    revision: str
    #: former and present places, as in `units/_places.json`; empty without that file
    places: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Reading:
    records: dict[str, dict[str, BaseModel]] = field(default_factory=lambda: {folder: {} for folder in FOLDERS})
    phrases: dict[str, list[tuple[str, BaseModel]]] = field(default_factory=dict)
    hashes: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    #: phrase kinds some file says it is of, readable or not
    kinds: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def content_files(root: Path) -> list[Path]:
    """Every content file, sorted; names starting with `_` or `.` and generated schemas are none."""
    return sorted(
        path
        for path in root.rglob("*.yaml")
        if path.is_file()
        and path.parent != root
        and not any(part.startswith(("_", ".")) for part in path.relative_to(root).parts)
    )


def read_folder(root: Path) -> tuple[Base, list[Fault]]:
    """All records that could be read, and every fault found; the caller decides whether faults stop it."""
    reading = _Reading()
    digest = hashlib.sha256()
    for file in content_files(root):
        raw = file.read_bytes()
        path = file.relative_to(root).as_posix()
        sha = hashlib.sha256(raw).hexdigest()
        digest.update(f"{path}\0{sha}\n".encode())
        _read_file(reading, path, raw, sha)
    places_file = root / "units" / "_places.json"
    raw_places = places_file.read_bytes() if places_file.is_file() else b"{}"
    digest.update(hashlib.sha256(raw_places).digest())
    try:
        places = json.loads(raw_places)
    except ValueError:
        places = {}
        reading.faults.append(fault("places_unreadable", "units/_places.json"))
    phrases = _merge(reading)
    if root.is_dir():
        reading.faults += [fault("kind_missing", "phrases", kind=kind) for kind in NEEDED if kind not in reading.kinds]
    else:
        reading.faults.append(fault("content_missing", root.as_posix()))
    base = Base(
        records=reading.records,
        phrases=phrases,
        hashes=reading.hashes,
        paths=reading.files,
        revision=digest.hexdigest(),
        places=places,
    )
    return base, reading.faults


def _read_file(reading: _Reading, path: str, raw: bytes, sha: str) -> None:
    folder = path.split("/", 1)[0]
    if folder != "phrases" and folder not in FOLDERS:
        reading.faults.append(fault("unknown_folder", path))
        return
    data, faults = parse(raw, path)
    if data is None:
        reading.faults += faults
        return
    if folder == "phrases":
        reading.kinds.add(str(data.get("kind")))
        model = PHRASES.get(str(data.get("kind")))
        if model is None:
            known = ", ".join(sorted(PHRASES))
            reading.faults.append(fault("unknown_kind", path, 1, kind=data.get("kind"), known=known))
            return
    else:
        model = FOLDERS[folder]
    try:
        record = model.model_validate(data)
    except ValidationError as error:
        reading.faults += explain(error, model, path, raw)
        return
    if folder == "phrases":
        reading.phrases.setdefault(str(data["kind"]), []).append((path, record))
        reading.files.setdefault(("phrases", str(data["kind"])), path)
    else:
        _keep(reading, folder, record, path, sha)


def _keep(reading: _Reading, folder: str, record: BaseModel, path: str, sha: str) -> None:
    """Files a record under its id and notes ids that clash. Entries share one space of ids, whatever their folder."""
    own = str(getattr(record, "id", ""))
    if own != Path(path).stem:
        reading.faults.append(fault("id_not_name", path, 1, id=own))
    space = "entries" if folder in ENTRIES else folder
    for name in (own, *getattr(record, "formerly", ())):
        if other := reading.names.get((space, name)):
            reading.faults.append(fault("id_twice", path, 1, id=name, other=other))
        reading.names[space, name] = path
    reading.records[folder][own] = record
    reading.hashes[folder, own] = sha
    reading.files[folder, own] = path


def _merge(reading: _Reading) -> dict[str, BaseModel]:
    phrases: dict[str, BaseModel] = {}
    for kind, files in reading.phrases.items():
        try:
            phrases[kind] = merged([record for _, record in files])
        except PydanticCustomError as error:
            told = error.context or {}
            reading.faults.append(fault("told_twice", files[-1][0], 1, **told))
            phrases[kind] = files[0][1]
    return phrases
