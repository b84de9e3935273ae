"""What is wrong inside records that were read, before it is put into words and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.library.faults import Fault, fault
from bot.library.reading import Lines, Step


@dataclass(frozen=True)
class Finding:
    """A finding in one record: `key` names the wording, `told` fills it, `where` leads to the node."""

    folder: str
    #: id of the record; the kind for phrases
    id: str
    where: tuple[Step, ...]
    key: str
    told: dict[str, Any] = field(default_factory=dict, hash=False)


def located(root: Path, paths: Mapping[tuple[str, str], str], findings: Iterable[Finding]) -> list[Fault]:
    """The findings as faults with file and line. `paths`: (folder, id) -> file; each file is read at most once."""
    seen: dict[str, Lines] = {}
    faults: list[Fault] = []
    for finding in findings:
        path = paths[finding.folder, finding.id]
        if path not in seen:
            seen[path] = Lines((root / path).read_bytes())
        faults.append(fault(finding.key, path, seen[path].at(finding.where), **finding.told))
    return faults
