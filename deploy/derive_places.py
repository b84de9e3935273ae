# ruff: noqa: INP001 - a script, run by its path
"""Derive content/units/_places.json from the open dataset vietnamadminunits (MIT, Tran Ngoc Minh Hieu).

Run once per release of the dataset, which is no dependency of ours:

    python -m pip download --no-deps vietnamadminunits -d DIR && unzip DIR/*.whl -d DIR
    python deploy/derive_places.py DIR content/units

Reads the dataset's tables of units before and after 1 July 2025 and its mapping of old communes to today's.
Writes the mapping in short form, and the dataset's licence beside it.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

#: the five island districts without communes: the dataset leaves the commune empty
_WHOLE_DISTRICT = ""


def _lowered(name: str) -> str:
    """The title in lower case, as it is written within a sentence."""
    return name[:1].lower() + name[1:]


def _old_key(province: str, district: str, commune: str | None) -> str:
    return f"{province}_{district}_{commune or ''}"


def derive(dataset: Path) -> dict[str, Any]:
    """The mapping: today's communes by province, and former communes by province and district.

    A former commune maps to positions in its province's list of today; more than one means it was split.
    """
    mapping = json.loads((dataset / "data" / "converter_2025.json").read_text("utf-8"))
    with closing(sqlite3.connect(f"file:{dataset / 'data' / 'dataset.db'}?mode=ro", uri=True)) as database:
        today = database.execute("SELECT province, ward, provinceKey, wardKey FROM admin_units").fetchall()
        before = database.execute(
            "SELECT province, district, ward, provinceKey, districtKey, wardKey FROM admin_units_legacy"
        ).fetchall()
    communes: dict[str, list[str]] = defaultdict(list)
    position: dict[tuple[str, str], int] = {}
    names: dict[str, str] = {}
    for province, commune, province_key, commune_key in today:
        names[province_key] = _lowered(province)
        position[province_key, commune_key] = len(communes[names[province_key]])
        communes[names[province_key]].append(_lowered(commune))
    went_to: dict[str, list[int]] = defaultdict(list)
    for province_key, whole in mapping["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune_key, olds in whole.items():
            for old in olds:
                went_to[old].append(position[province_key, commune_key])
    for province_key, split in mapping["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in split.items():
            went_to[old] += [position[province_key, part["newWardKey"]] for part in parts]
    now_in = {old: names[new] for new, olds in mapping["DICT_PROVINCE"].items() for old in olds}
    former: dict[str, dict[str, Any]] = {}
    for province, district, commune, *keys in before:
        held = former.setdefault(_lowered(province), {"now": now_in[keys[0]], "districts": {}})
        districts: dict[str, dict[str, list[int]]] = held["districts"]
        own = districts.setdefault(_lowered(district), {})
        own[_lowered(commune) if commune else _WHOLE_DISTRICT] = sorted(went_to[_old_key(*keys)])
    return {"today": communes, "before": former}


def main(folder: Path, out: Path) -> None:
    """Write `_places.json` and the licence; the version comes from the wheel's own metadata."""
    info = next(folder.glob("vietnamadminunits-*.dist-info"))
    version = info.name.removeprefix("vietnamadminunits-").removesuffix(".dist-info")
    derived = derive(folder / "vietnamadminunits")
    about = {
        "source": "vietnamadminunits",
        "version": version,
        "licence": "MIT, see _places.license.txt",
        "address": "https://github.com/tranngocminhhieu/vietnamadminunits",
    }
    text = json.dumps({"about": about, **derived}, ensure_ascii=False, separators=(",", ":"))
    # one former province a line, so that a new release can be read as a difference
    text = text.replace('}}},"', '}}},\n"').replace('],"', '],\n"')
    (out / "_places.json").write_text(text + "\n", "utf-8")
    licence = next(info.rglob("LICENSE")).read_text("utf-8")
    head = f"_places.json is derived from vietnamadminunits {version}, under this licence:\n\n"
    (out / "_places.license.txt").write_text(head + licence, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
