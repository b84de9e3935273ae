"""`loathon ask`: what the bot makes of a question, without a conversation."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TextIO

from bot.errors import ContentError, FileMissingError, LineError, say
from bot.library import ContentFaults, Library, answer
from bot.understand import Understanding


def ask(content_dir: Path, text: str, today: date, unit: str, out: TextIO) -> int:
    """Print the ids and the first answer."""
    library = _load(content_dir)
    ranked = Understanding.build(library).ranked_ids(text, today)
    print(" ".join(ranked), file=out)
    if library.has(ranked[0]):
        found = answer(library, library.successor(ranked[0], today), today, unit or None)
        print(f"\n{found.title}\n{found.first}", file=out)
    elif ranked[0] == "none":
        print(say("cli.ask_none"), file=out)
    return 0


def ask_file(content_dir: Path, path: Path, today: date, out: TextIO) -> int:
    """Lines `{"id","text"}` to lines `{"id","ranked"}`, one each, in order."""
    if not path.is_file():
        raise FileMissingError(path=path)
    understanding = Understanding.build(_load(content_dir))
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                question = json.loads(line)
                named, text = question["id"], str(question["text"])
            except (ValueError, KeyError, TypeError):
                raise LineError(line=number, path=path) from None
            print(
                json.dumps({"id": named, "ranked": understanding.ranked_ids(text, today)}, ensure_ascii=False), file=out
            )
    return 0


def _load(content_dir: Path) -> Library:
    try:
        return Library.load(content_dir)
    except ContentFaults as wrong:
        raise ContentError(count=len(wrong.faults), faults="\n".join(str(fault) for fault in wrong.faults)) from wrong
