"""JSON Schemas of the content files, so that an editor helps while an official types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from bot.library.kinds import FOLDERS, PHRASES

#: folder -> name of its schema: the singular, as the first line of a content file says it
_SINGULAR: Final = {
    "policies": "policy",
    "stories": "story",
    "announcements": "announcement",
    "topics": "topic",
    "plans": "plan",
    "units": "unit",
    "flows": "flow",
}


def schemas() -> dict[str, str]:
    """File name in `content/schemas/` -> its text."""
    named: dict[str, type[BaseModel]] = {_SINGULAR.get(folder, folder): model for folder, model in FOLDERS.items()}
    named |= {f"phrases-{kind}": model for kind, model in PHRASES.items()}
    return {f"{name}.json": _text(name, model) for name, model in sorted(named.items())}


def write_schemas(content_dir: Path | str) -> list[Path]:
    """Bring `content/schemas/` up to date; gives back the files that changed or went."""
    folder = Path(content_dir) / "schemas"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = schemas()
    changed: list[Path] = []
    for old in folder.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
            changed.append(old)
    for name, text in wanted.items():
        file = folder / name
        if not file.is_file() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
            changed.append(file)
    return changed


def _text(name: str, model: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{name}.json"}
    schema |= model.model_json_schema(by_alias=True)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
