"""Every entry of the content comes back exactly from what is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

from bot.library import Library
from bot.library.published import from_body, to_body


def test_every_entry_comes_back_as_it_went() -> None:
    library = Library.load(Path(__file__).parents[2] / "content")
    for entry in library.entries():
        kept = json.loads(json.dumps(to_body(entry), ensure_ascii=False))
        assert from_body(library.kind_of(entry.id), kept) == entry
