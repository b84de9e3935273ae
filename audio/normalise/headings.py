"""Words in capitals: a line of capitals, and the names that can stand in one."""

from __future__ import annotations

import re

from audio.normalise.page import Page
from audio.normalise.syllables import has_tone, has_tone_or_vowel_mark, is_sayable, is_syllable

_CAPS_AROUND = re.compile(r"[^\W\d_]{2,}")
_REACH = 40  # characters on either side in which the neighbours of a word are looked for
_LONG = 3  # letters a syllable without marks must have more of, to be surely a word


def in_heading(page: Page, pos: int, end: int) -> bool:
    """True when a neighbour on the same line is a word in capitals that is surely a word."""
    begin = page.text.rfind("\n", 0, pos) + 1
    stop = page.text.find("\n", end)
    line = page.text[begin:pos][-_REACH:], page.text[end : stop if stop >= 0 else len(page.text)][:_REACH]
    near = [*_CAPS_AROUND.findall(line[0])[-2:], *_CAPS_AROUND.findall(line[1])[:2]]
    return any(w.isupper() and _surely_word(w) for w in near)


def is_name(page: Page, pos: int, end: int, word: str) -> bool:
    """True for what can only be a name: it carries a tone, stands in a line of capitals or after the noun for a place."""
    return has_tone(word) or page.cued(pos, "place_noun") or in_heading(page, pos, end)


def _surely_word(word: str) -> bool:
    if is_syllable(word):
        return has_tone_or_vowel_mark(word) or len(word) > _LONG
    return has_tone(word) and is_sayable(word)
