"""The schemas editors use are those of the models, and the content agrees with them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.library.schemas import schemas, write_schemas


def test_schemas_are_up_to_date(content: Path) -> None:
    written = {file.name: file.read_text("utf-8") for file in (content / "schemas").glob("*.json")}
    assert written == schemas(), "run: loathon content schemas"


def test_writing_tells_what_changed(tmp_path: Path) -> None:
    assert len(write_schemas(tmp_path)) == len(schemas())
    (tmp_path / "schemas" / "cu.json").write_text("{}")
    (tmp_path / "schemas" / "topic.json").write_text("{}")
    assert {file.name for file in write_schemas(tmp_path)} == {"cu.json", "topic.json"}
    assert write_schemas(tmp_path) == []


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("plans", "plan"),
        ("units", "unit"),
        ("topics", "topic"),
        ("policies", "policy"),
        ("stories", "story"),
        ("flows", "flow"),
    ],
)
def test_content_agrees_with_its_schema(content: Path, folder: str, name: str) -> None:
    schema = json.loads((content / "schemas" / f"{name}.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for file in sorted((content / folder).glob("*.yaml"))[:12]:
        data = _plain(yaml.safe_load(file.read_text("utf-8")))
        assert [error.message for error in validator.iter_errors(data)] == [], file.name
