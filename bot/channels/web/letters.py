"""Messages as pieces of the page: one template draws them for the first load, for the stream and without script."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader

from bot.channels.web.door import Letter
from bot.channels.web.visitor import Visitor
from bot.model.outbound import OutMedia

#: where the people live (DESIGN.md, names)
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Pages:
    """Draws pages and letters. `true` gives the aware moment, which decides whether a message is of today."""

    environment: Environment
    true: Callable[[], datetime]

    @classmethod
    def read(cls, folder: Path, true: Callable[[], datetime], **shared: object) -> Pages:
        """The templates of a folder; `shared` is known to all of them."""
        environment = Environment(
            loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        environment.globals.update(shared)
        return cls(environment, true)

    def page(self, name: str, **values: object) -> str:
        """A whole page."""
        return self.environment.get_template(name).render(values)

    def views(self, letters: Iterable[Letter], visitor: Visitor) -> list[dict[str, object]]:
        """What the template shows of each letter."""
        today = self.true().astimezone(LOCAL).date()
        return [self._view(letter, visitor, today.isoformat()) for letter in letters]

    def packed(self, letters: Sequence[Letter], visitor: Visitor) -> list[dict[str, object]]:
        """For the script: each letter's id, whose it is, the client's own id of it, and its markup."""
        draw = self.environment.get_template("letter.html").render
        return [
            {"id": letter.id, "own": view["own"], "html": draw(letter=view)}
            for letter, view in zip(letters, self.views(letters, visitor), strict=True)
        ]

    def _view(self, letter: Letter, visitor: Visitor, today: str) -> dict[str, object]:
        said = letter.outbound
        at = letter.at.astimezone(LOCAL)
        day = "" if at.date().isoformat() == today else f"{at.day}/{at.month} "
        is_first_answer = said.said == f"entry:{said.entry}"
        return {
            "id": letter.id,
            "is_mine": letter.is_mine,
            # `m:<chat>:<id>`: the id the client gave it
            "own": letter.message_id.rpartition(":")[2] if letter.is_mine else "",
            "heading": said.heading,
            "text": said.text,
            "rows": said.rows,
            "forgets": said.forgets,
            "media": media_view(said.media, visitor) if said.media else None,
            "page": f"/cs/{said.entry}" if said.entry and is_first_answer else "",
            "iso": at.isoformat(timespec="seconds"),
            "at": f"{day}{at.hour}:{at.minute:02}",
        }


def media_view(media: OutMedia, visitor: Visitor) -> dict[str, object]:
    """Where a file is seen, and whether it can be shown or heard in the page."""
    proof = urlencode({"t": media.mime, "n": media.name, "k": visitor.tag(media.sha256, media.mime)})
    head = media.mime.partition("/")[0]
    is_sound = media.kind in {"voice", "audio"} or head == "audio"
    shown = "picture" if head == "image" else "sound" if is_sound else "film" if head == "video" else "file"
    return {"shown": shown, "url": f"/chat/file/{media.sha256}?{proof}", "name": media.name, "page": media.page}


def event(letter: dict[str, object]) -> str:
    """One event of the stream; its id is what the browser gives back as Last-Event-ID."""
    return f"id: {letter['id']}\nevent: letter\ndata: {json.dumps(letter, ensure_ascii=False)}\n\n"
