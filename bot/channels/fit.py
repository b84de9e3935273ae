"""Cuts a message to what a channel can carry. What cannot be a button becomes a numbered line: "1" is typed instead."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.model.caps import Caps
from bot.model.outbound import Button, Outbound

#: ends of sentences and lines, where a text is cut by preference; then commas, then spaces
_CUTS = (re.compile(r"\n+"), re.compile(r"(?<=[.!?:;\u2026])\s+"), re.compile(r"(?<=,)\s+"), re.compile(r"\s+"))


def length(text: str) -> int:
    """Characters as channels count them: UTF-16 units (Bot API), never fewer than what a person counts."""
    return len(text.encode("utf-16-le", errors="replace")) // 2


def fit(outbound: Outbound, caps: Caps) -> list[Outbound]:
    """The pieces to send, in order; the buttons stay with the last one. Never empty unless nothing is said at all."""
    if _fits(outbound, caps):
        return [outbound]
    outbound = _without_media(_with_buttons(outbound, caps), caps)
    heading = length(outbound.heading) + 1 if outbound.heading else 0
    if outbound.media and heading + length(outbound.text) > caps.caption_max:
        bare = Outbound("", media=outbound.media, said=outbound.said, entry=outbound.entry)
        return [bare, *fit(replace(outbound, media=None), caps)]
    texts = cut(outbound.text, caps.text_max, first=caps.text_max - heading)
    last = len(texts) - 1
    return [
        replace(
            outbound,
            text=text,
            heading=outbound.heading if i == 0 else "",
            rows=outbound.rows if i == last else (),
        )
        for i, text in enumerate(texts)
    ]


def _fits(outbound: Outbound, caps: Caps) -> bool:
    """Whether a text can go as it is, which most can; a character is at most two units."""
    return (
        outbound.media is None
        and 2 * (len(outbound.heading) + len(outbound.text) + 1) <= caps.text_max
        and caps.buttons
        and sum(map(len, outbound.rows)) <= caps.buttons_max
        and all(
            len(button.label) <= caps.button_label_max and 4 * len(button.press) <= caps.press_max_bytes
            for row in outbound.rows
            for button in row
        )
        and all(outbound.rows)
    )


def cut(text: str, most: int, first: int | None = None) -> list[str]:
    """The text in pieces of at most `most` characters (the first at most `first`), cut where a reader breathes."""
    pieces: list[str] = []
    limit = most if first is None else first
    while length(text) > limit:
        head = _head(text, limit)
        pieces.append(text[:head].rstrip())
        text = text[head:].lstrip()
        limit = most
    return [*pieces, text] if text or not pieces else pieces


def _head(text: str, limit: int) -> int:
    """How many characters of the text go first."""
    longest = limit
    while length(text[:longest]) > limit:
        longest -= max(1, (length(text[:longest]) - limit) // 2)
    for cuts in _CUTS:
        # a cut in the first third leaves a stub; a worse place further on reads better
        ends = [found.end() for found in cuts.finditer(text, 0, longest + 1) if longest // 3 < found.start() <= longest]
        if ends:
            return ends[-1]
    return max(1, longest)


def _with_buttons(outbound: Outbound, caps: Caps) -> Outbound:
    """Buttons the channel can carry; the others as numbered lines under the text."""
    rows: list[tuple[Button, ...]] = []
    lines: list[str] = []
    number = 0
    kept = 0
    for row in outbound.rows:
        shown = []
        for button in row:
            number += bool(button.press)
            fits = len(button.press.encode()) <= caps.press_max_bytes
            if caps.buttons and kept < caps.buttons_max and fits:
                kept += 1
                shown.append(replace(button, label=_short(button.label, caps.button_label_max)))
            else:
                lines.append(f"{button.label}: {button.url}" if button.url else f"{number}. {button.label}")
        if shown:
            rows.append(tuple(shown))
    text = "\n".join((outbound.text, "", *lines)).strip() if lines else outbound.text
    return replace(outbound, text=text, rows=tuple(rows))


def _without_media(outbound: Outbound, caps: Caps) -> Outbound:
    """A file the channel cannot carry becomes the address of its page."""
    if outbound.media is None or outbound.media.kind in caps.media:
        return outbound
    return replace(outbound, text="\n".join(t for t in (outbound.text, outbound.media.page) if t), media=None)


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "\u2026"
