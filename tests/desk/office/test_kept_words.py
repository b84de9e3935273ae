"""No form for more than a line loses what was typed: it is kept in the browser (`draft.js`, `cases.js`, `content.js`)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "desk" / "templates"
FORM = re.compile(r"<form\b(?P<head>(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*)>(?P<body>.*?)</form>", re.DOTALL)
LONG = re.compile(r"<textarea\b[^>]*>|parts\.area\(")
#: shown to be copied, not to be written in
SHOWN = "readonly"


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_a_form_with_room_to_write_keeps_what_is_written(path: Path) -> None:
    for form in FORM.finditer(path.read_text(encoding="utf-8")):
        long = [one[0] for one in LONG.finditer(form["body"]) if SHOWN not in one[0]]
        lost = [one for one in long if "data-draft" not in one]
        assert not lost or "data-draft" in form["head"] or "data-keep" in form["head"], (path.name, lost)
