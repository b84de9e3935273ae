"""Text with markup → plain text and entities, as Telegram reads it (core.telegram.org/bots/api#formatting-options).

Offsets are in UTF-16 code units. What Telegram would refuse raises `MarkupError` with its wording.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

Entity = dict[str, Any]

_HTML_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)?((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*)\s*(/?)>"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")

#: MarkdownV2 wants each of these escaped outside markup
_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}


class MarkupError(Exception):
    """The markup cannot be parsed; the message is what Telegram says after "can't parse entities: "."""


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the measure of entity offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(text: str, mode: str | None) -> tuple[str, list[Entity]]:
    """Plain text and entities; `mode` is HTML, MarkdownV2 or empty. Surrounding white space is dropped."""
    match (mode or "").lower():
        case "":
            return _trim(text, [])
        case "html":
            return _trim(*_parse_html(text))
        case "markdownv2":
            return _trim(*_parse_markdown(text))
        case _:
            raise MarkupError(f"unsupported parse_mode {mode!r}")


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    plain = text.strip(" \n\t\r\f\v")
    shift = utf16_length(text[: len(text) - len(text.lstrip(" \n\t\r\f\v"))])
    end = utf16_length(plain)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        stop = min(end, entity["offset"] - shift + entity["length"])
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    kept.sort(key=lambda e: (e["offset"], -e["length"]))
    return plain, kept


def _byte_offset(text: str, index: int) -> int:
    return len(text[:index].encode("utf-8", "surrogatepass"))


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda m: html.unescape(m[0]), text)


class _Html:
    """One run over a marked-up text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, dict[str, str]]] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        position = 0
        while (at := self.source.find("<", position)) >= 0:
            self._add(self.source[position:at])
            tag = _TAG.match(self.source, at)
            if tag is None:
                raise MarkupError(f"Unclosed start tag at byte offset {_byte_offset(self.source, at)}")
            if tag[1]:
                self._close((tag[2] or "").lower(), at)
            else:
                self._start((tag[2] or "").lower(), tag[3], at)
            position = tag.end()
        self._add(self.source[position:])
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"')
        return "".join(self.plain), self.entities

    def _add(self, raw: str) -> None:
        text = _unescape(raw)
        self.plain.append(text)
        self.length += utf16_length(text)

    def _start(self, name: str, attributes: str, at: int) -> None:
        if name not in _HTML_TAGS:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {_byte_offset(self.source, at)}')
        given = {m[1].lower(): _unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(attributes)}
        if name == "span" and given.get("class") != "tg-spoiler":
            where = _byte_offset(self.source, at)
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.open.append((name, self.length, given))

    def _close(self, name: str, at: int) -> None:
        where = _byte_offset(self.source, at)
        if not self.open:
            raise MarkupError(f"Unexpected end tag at byte offset {where}")
        opened, start, given = self.open.pop()
        if name and name != opened:
            raise MarkupError(f'Unmatched end tag at byte offset {where}, expected "</{opened}>", found "</{name}>"')
        if self.length == start:
            return
        entity: Entity = {"type": _HTML_TAGS[opened], "offset": start, "length": self.length - start}
        if opened == "a":
            url = given.get("href") or "".join(self.plain)[-(self.length - start) :]
            if not is_url(url):
                return
            entity["url"] = url
        if opened == "tg-emoji":
            entity["custom_emoji_id"] = given.get("emoji-id", "")
        if opened == "blockquote" and "expandable" in given:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)


def _parse_html(text: str) -> tuple[str, list[Entity]]:
    return _Html(text).read()


class _Markdown:
    """One run over a MarkdownV2 text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.plain: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, int]] = []
        self.entities: list[Entity] = []
        self.quote: int | None = None

    def read(self) -> tuple[str, list[Entity]]:
        while self.position < len(self.source):
            self._step()
        if self.open:
            mark, _, at = self.open[-1]
            name = {"[": "text_link"}.get(mark) or _MARKS[mark]
            raise MarkupError(
                f"Can't find end of {name.capitalize()} entity at byte offset {_byte_offset(self.source, at)}"
            )
        self._end_quote()
        return "".join(self.plain), self.entities

    def _add(self, text: str) -> None:
        self.plain.append(text)
        self.length += utf16_length(text)

    def _step(self) -> None:
        char = self.source[self.position]
        rest = self.source[self.position : self.position + 3]
        if char == "\\" and len(rest) > 1 and ord(rest[1]) < 128:
            self._add(rest[1])
            self.position += 2
        elif char == "`":
            self._code("```" if rest.startswith("```") else "`")
        elif char in "*_~" or rest.startswith("||"):
            self._mark("__" if rest.startswith("__") else "||" if char == "|" else char)
        elif char == "[" or rest.startswith("!["):
            self.open.append(("[", self.length, self.position))
            self.position += 1 + (char == "!")
        elif char == "]" and self.open and self.open[-1][0] == "[":
            self._link()
        elif char == ">" and (not self.plain or "".join(self.plain[-1:]).endswith("\n")):
            self.quote = self.length if self.quote is None else self.quote
            self.position += 1
        elif char in _RESERVED:
            raise MarkupError(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
        else:
            self._add(char)
            self.position += 1
            if char == "\n" and not self.source.startswith(">", self.position):
                self._end_quote()

    def _mark(self, mark: str) -> None:
        at, self.position = self.position, self.position + len(mark)
        if self.open and self.open[-1][0] == mark:
            _, start, _ = self.open.pop()
            self._entity(_MARKS[mark], start)
        elif any(m == mark for m, _, _ in self.open):
            inner = self.open[-1]
            name = "text_link" if inner[0] == "[" else _MARKS[inner[0]]
            raise MarkupError(
                f"Can't find end of {name.capitalize()} entity at byte offset {_byte_offset(self.source, inner[2])}"
            )
        else:
            self.open.append((mark, self.length, at))

    def _code(self, fence: str) -> None:
        start = self.position + len(fence)
        end = self.source.find(fence, start)
        if end < 0:
            name = "Pre" if fence == "```" else "Code"
            raise MarkupError(
                f"Can't find end of {name} entity at byte offset {_byte_offset(self.source, self.position)}"
            )
        before = self.length
        self._add(re.sub(r"\\([\x00-\x7f])", r"\1", self.source[start:end]))
        self._entity("pre" if fence == "```" else "code", before)
        self.position = end + len(fence)

    def _link(self) -> None:
        _, start, at = self.open.pop()
        target = re.compile(r"\]\(((?:\\.|[^)\\])*)\)").match(self.source, self.position)
        if target is None:
            raise MarkupError(f"Can't find end of a URL at byte offset {_byte_offset(self.source, at)}")
        url = re.sub(r"\\(.)", r"\1", target[1])
        if is_url(url):
            self._entity("text_link", start, url=url)
        self.position = target.end()

    def _entity(self, kind: str, start: int, **more: Any) -> None:
        if self.length > start:
            self.entities.append({"type": kind, "offset": start, "length": self.length - start, **more})

    def _end_quote(self) -> None:
        if self.quote is not None:
            self._entity("blockquote", self.quote)
            self.quote = None


def _parse_markdown(text: str) -> tuple[str, list[Entity]]:
    return _Markdown(text).read()


def check_entities(text: str, entities: list[Entity]) -> str | None:
    """Why explicitly given entities do not fit their text, or None."""
    units = text.encode("utf-16-le", "surrogatepass")
    total = len(units) // 2
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end > total:
            return f"entity {entity['type']} at {start}-{end} is outside of the text"
        for edge in (start, end):
            if edge < total and 0xDC <= units[2 * edge + 1] <= 0xDF:
                return f"entity beginning or ending in the middle of a UTF-16 symbol at {edge}"
    return None


def is_url(url: str) -> bool:
    """Whether Telegram accepts this as a link: a known scheme and a host with a dot."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme in {"tg", "ton", "tonsite"}:
        return True
    return parts.scheme in {"http", "https"} and "." in host.strip(".") and not re.search(r"\s", url)
