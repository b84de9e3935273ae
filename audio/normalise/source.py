"""The written text made regular (NFC, one kind of space and dash, joined lines) without losing where things stood."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from audio.normalise.spans import Residue

_KEPT_COMPATIBILITY = frozenset("\u2026\u00aa\u00ba\u00a8\u00b4\u00b8\u00af\u00b5\u2033\u2032")
_DASHES = frozenset("\u2010\u2011\u2012\u2212\ufe58\ufe63\uff0d\u00ad")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe0e\ufe0f\u20e3\u2800")
_NEWLINES = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
_QUOTES = {
    "\u2032": "'",
    "\u2033": '"',
    "\u02bc": "'",
    "\u02b9": "'",
    "\u2015": "\u2014",
    "\u2044": "/",
    "\u2215": "/",
    "{": "(",
    "}": ")",
    "\u3001": ",",
    "\u3002": ".",
    "\u300c": "\u201c",
    "\u300d": "\u201d",
    "\u300a": "\u00ab",
    "\u300b": "\u00bb",
    "\u3010": "[",
    "\u3011": "]",
    "\u201e": "\u201c",
    "\u201f": "\u201c",
    "\u201a": "\u2018",
    "\u201b": "\u2018",
    "\u2039": "\u00ab",
    "\u203a": "\u00bb",
}
_BREAK = re.compile(r" *\n[ \n]*| {2,}|\t")
_HEADING = re.compile(
    r"(?:[-+*\u2022\u2013\u2014>#|]|[^\w\s(\"'/&,.;:)\u201c\u201d%]|\d{1,2}(?:\.\d{1,2})*[.)/]\s|\d{1,2}[.)]$"
    r"|[a-z\u0111][.)]\s|[IVX]{1,5}[.)/]\s)"
)
_SENTENCE_END = ".!?:;\u2026"
_WRAPPED_AT = 45  # characters; a line this long that stops without a mark was cut by the page, not by the writer


@dataclass(frozen=True, slots=True)
class Source:
    """Regular text and, for each of its characters, where it began and ended in the caller's text."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    dropped: tuple[Residue, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the caller's text of `text[start:end]` (not empty)."""
        return self.starts[start], self.ends[end - 1]


def regular(written: str) -> Source:
    """Take any string, lone surrogates and control characters included; never raises."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    dropped: list[Residue] = []
    for piece, start, end in _composed(written):
        for ch in piece:
            plain = _plain(ch)
            if plain is None:
                kind = "symbol" if unicodedata.category(ch)[0] == "N" else "control"
                dropped.append(Residue(kind, ch, start, end))
                continue
            if ch in "\u00b2\u00b3" and not (chars and chars[-1].isalpha()):
                # a power; right after a letter it is a unit's, written plain
                plain = "^" + plain
            for c in plain:
                chars.append(c)
                starts.append(start)
                ends.append(end)
    return _joined("".join(chars), starts, ends, dropped)


def _composed(written: str) -> list[tuple[str, int, int]]:
    """NFC pieces with their offsets; character by character when the text is composed already."""
    if unicodedata.is_normalized("NFC", written):
        return [(c, i, i + 1) for i, c in enumerate(written)]
    pieces: list[tuple[str, int, int]] = []
    start = 0
    for i in range(1, len(written) + 1):
        if i < len(written):
            c = written[i]
            if unicodedata.combining(c):
                continue
            cluster = unicodedata.normalize("NFC", written[start:i])
            if ord(c) > 0x10FF and unicodedata.normalize("NFC", cluster + c) != cluster + unicodedata.normalize(
                "NFC", c
            ):
                continue
        piece = unicodedata.normalize("NFC", written[start:i])
        if len(piece) > 1 and piece[0] == " " and pieces and pieces[-1][0][-1:].isalpha():
            # a mark that a bad page conversion tore off its letter
            whole = unicodedata.normalize("NFC", pieces[-1][0] + piece[1:])
            if len(whole) == len(pieces[-1][0]):
                pieces[-1] = (whole, pieces[-1][1], i)
                piece = ""
        if piece:
            pieces.append((piece, start, i))
        start = i
    return pieces


@lru_cache(maxsize=4096)
def _plain(ch: str) -> str | None:
    """One character as the rules want it: "" when invisible, None when it cannot be kept at all."""
    if ch in _QUOTES:
        return _QUOTES[ch]
    if " " <= ch < "\x7f":
        return ch
    if ch in _NEWLINES:
        return "\n"
    if ch in _DASHES:
        return "-" if ch != "\u00ad" else ""
    if ch in _INVISIBLE:
        return ""
    category = unicodedata.category(ch)
    if category == "Zs" or ch == "\t":
        return " "
    if category in {"Cc", "Cs"}:
        return None
    if category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(ch))
    if category == "Mn" and 0xE0100 <= ord(ch) <= 0xE01EF:
        return ""
    return _compatible(ch, category)


def _compatible(ch: str, category: str) -> str | None:
    if ch not in _KEPT_COMPATIBILITY and unicodedata.decomposition(ch).startswith("<"):
        wide = unicodedata.normalize("NFKC", ch)
        if wide[:1] != " " and wide != ch:
            prefix = " " if "\u2044" in wide else ""
            return prefix + "".join(_QUOTES.get(c, "-" if c in _DASHES else c) for c in wide if c not in _INVISIBLE)
    if category in {"No", "Nl"}:
        value = unicodedata.numeric(ch, -1.0)
        return f" {int(value)} " if value == int(value) and value >= 0 else None
    return ch


def _joined(text: str, starts: list[int], ends: list[int], dropped: list[Residue]) -> Source:
    """Join lines the page cut, keep those the writer cut, and make every blank one space."""
    out: list[str] = []
    out_starts: list[int] = []
    out_ends: list[int] = []
    last = 0
    for m in _BREAK.finditer(text):
        out.append(text[last : m.start()])
        out_starts += starts[last : m.start()]
        out_ends += ends[last : m.start()]
        glue = _glue(text, m) if out_starts and m.end() < len(text) else ""
        if glue:
            out.append(glue)
            out_starts.append(starts[m.start()])
            out_ends.append(ends[m.end() - 1])
        last = m.end()
    out.append(text[last:])
    out_starts += starts[last:]
    out_ends += ends[last:]
    return Source("".join(out), tuple(out_starts), tuple(out_ends), tuple(dropped))


def _glue(text: str, m: re.Match[str]) -> str:
    blank = m.group()
    if "\n" not in blank:
        return " "
    if blank.count("\n") > 1:
        return "\n"
    begin = text.rfind("\n", 0, m.start()) + 1
    line = text[begin : m.start()].rstrip()
    after = text[m.end() : m.end() + 12]
    nxt = after[:1]
    if not line:
        return "\n"
    if re.search(r"\w[-/]$", line) or (nxt in "/-" and not after[1:2].isspace()):
        return ""
    if _HEADING.match(after):
        return "\n"
    wrapped = len(line) >= _WRAPPED_AT or line[-1] == ","
    if line[-1] in _SENTENCE_END:
        return " " if wrapped and nxt.islower() else "\n"
    return " " if nxt.islower() or nxt in "(/&,.;:)%" or nxt.isdigit() or wrapped else "\n"
