"""Is this capital-letter token a Vietnamese word or an abbreviation? Spelling rules only, on folded ASCII letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# onset, nucleus, coda of Vietnamese orthography; a lone "y" is closed by a consonant after "qu" only (TYT is no word)
_SYLLABLE = re.compile(
    r"(?!(?:[cpkt]h|tr|n[gh]|gh|[bcdghklmnpqrstvx])?y[chmnpt])(?:ngh|ng|nh|gh|gi|ch|th|tr|ph|kh|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?"
)
_STOPS = ("p", "t", "c", "ch")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOP_TONES = frozenset("\u0301\u0323")
# names of the highlands and the Khmer south allow more onsets and codas (Krong, Dak, Blao)
_HIGHLAND = re.compile(r"[bcdghjklmnpqrstvwxyz]{0,3}[aeiouy]{1,3}(?:ng|nh|ch|[bcghklmnprst])?(?:['-]?[a-z]{2,6})?")
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=8192)
def folded(word: str) -> str:
    """Lower-case ASCII skeleton of a word: tone and vowel marks off, the barred d as d."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    return plain.replace("\u0111", "d")


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """True when the word is spelled like one Vietnamese syllable; one that ends in a stop carries a rising or a low tone."""
    plain = folded(word)
    if not _SYLLABLE.fullmatch(plain):
        return False
    return not plain.endswith(_STOPS) or any(c in _STOP_TONES for c in unicodedata.normalize("NFD", word))


@lru_cache(maxsize=8192)
def is_sayable(word: str) -> bool:
    """True when the word could be a name of the highlands: a vowel and at most a cluster around it."""
    return bool(_HIGHLAND.fullmatch(folded(word)))


@lru_cache(maxsize=8192)
def has_tone_or_vowel_mark(word: str) -> bool:
    """True when a letter carries a mark other than the bar of d: abbreviations seldom do."""
    return any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", word))


@lru_cache(maxsize=8192)
def is_careless(word: str) -> bool:
    """True for a short form typed in both cases (UBNd, TTrLS): two capitals and more, no vowel among the small letters."""
    small = "".join(c for c in word if c.islower())
    return bool(small) and len(word) - len(small) >= 2 and not set(folded(small)) & _VOWELS


@lru_cache(maxsize=8192)
def has_tone(word: str) -> bool:
    """True when the word carries one of the five tone marks, which no abbreviation does."""
    return any(c in _TONES for c in unicodedata.normalize("NFD", word))
