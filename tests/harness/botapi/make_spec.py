"""Cut a full Bot API specification down to what the test server checks.

    python tests/harness/botapi/make_spec.py FULL.json [tests/harness/botapi/spec.json]

FULL.json has the layout of PaulSonOfLars/telegram-bot-api-spec: methods and types with their fields. Kept are names, types,
what is required and the limits that the descriptions state ("1-4096 characters after entities parsing"). A field becomes one
short line: `!Integer|String 1..64 bytes`; `!` means required, `[X]` an array of X, `parsed` that markup does not count.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)", re.IGNORECASE)
_COUNT = re.compile(r"(?:list of|include) (\d+)-(\d+) ", re.IGNORECASE)
_VALUE = re.compile(r"(?<![\w-])(\d+)-(\d+)(?![\w-])")


def brackets(name: str) -> str:
    """`Array of X` as `[X]`."""
    return name.replace("Array of ", "[") + "]" * name.count("Array of ")


def field_line(field: dict[str, Any]) -> str:
    """One parameter or field as a short line."""
    line = ("!" if field["required"] else "") + "|".join(map(brackets, field["types"]))
    text = field["description"]
    kinds = set(field["types"])
    if kinds == {"String"}:
        if found := _LENGTH.search(text):
            line += f" {found[1]}..{found[2]} {'bytes' if found[3].lower() == 'bytes' else 'chars'}"
            if "after entit" in text:
                line += " parsed"
    elif kinds <= {"Integer", "Float"}:
        ranges = _VALUE.findall(text)
        if len(ranges) == 1:  # several mean "depends": see Dice.value
            line += f" {ranges[0][0]}..{ranges[0][1]} value"
    elif found := _COUNT.search(text):
        line += f" {found[1]}..{found[2]} items"
    return line


def compact(full: dict[str, Any]) -> dict[str, Any]:
    """The whole specification in short lines."""
    return {
        "version": full["version"],
        "release_date": full["release_date"],
        "source_sha256": full["source_sha256"],
        "methods": {
            name: {
                "returns": "|".join(map(brackets, method["returns"])),
                "fields": {f["name"]: field_line(f) for f in method.get("fields", [])},
            }
            for name, method in sorted(full["methods"].items())
        },
        "types": {
            name: {"subtypes": kind["subtypes"]}
            if kind.get("subtypes")
            else {"fields": {f["name"]: field_line(f) for f in kind.get("fields", [])}}
            for name, kind in sorted(full["types"].items())
        },
    }


def main(argv: list[str]) -> None:
    """Read the full file, write the short one."""
    target = Path(argv[2]) if len(argv) > 2 else Path(__file__).with_name("spec.json")
    short = compact(json.loads(Path(argv[1]).read_text(encoding="utf-8")))
    target.write_text(json.dumps(short, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv)
