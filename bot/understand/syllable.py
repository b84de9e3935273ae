"""One Vietnamese syllable: is it one, how is it marked, and what did unconverted Telex or VNI keys mean."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ONSETS: tuple[str, ...] = ("ngh", "ng", "gh", "nh", "ch", "kh", "ph", "th", "tr", "gi", "qu", *"bcdghklmnprstvx", "")
_RIMES = frozenset(
    {
        "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "e", "ec", "ech", "em", "en",
        "eng", "enh", "eo", "ep", "et", "eu", "i", "ia", "ich", "iec", "iem", "ien", "ieng", "iep", "iet", "ieu",
        "im", "in", "inh", "ip", "it", "iu", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao",
        "oap", "oat", "oay", "oc", "oe", "oen", "oeo", "oet", "oi", "om", "on", "ong", "oong", "ooc", "op", "ot", "u",
        "ua", "uan", "uang", "uat", "uay", "uc", "ue", "uech", "uenh", "ui", "um", "un", "ung", "uo", "uoc", "uoi",
        "uom", "uon", "uong", "uop", "uot", "uou", "up", "ut", "uu", "uy", "uya", "uych", "uyen", "uyet", "uyn",
        "uynh", "uyt", "uyu", "uyp", "y", "yem", "yen", "yeng", "yet", "yeu", "ym", "yn",
    }
)  # fmt: skip

#: combining marks of the five tones (Unicode names): grave, acute, hook above, tilde, dot below
_TONES = {chr(0x300): 1, chr(0x301): 2, chr(0x309): 3, chr(0x303): 4, chr(0x323): 5}
_CIRCUMFLEX, _BREVE, _HORN, _D_BAR = chr(0x302), chr(0x306), chr(0x31B), chr(0x111)

_TELEX_TONES = {"f": 1, "s": 2, "r": 3, "x": 4, "j": 5}
_VNI_TONES = {"2": 1, "1": 2, "3": 3, "4": 4, "5": 5}
_VNI_MARKS = {"6": ("aeo", _CIRCUMFLEX), "7": ("ou", _HORN), "8": ("a", _BREVE)}


#: fronts that sound alike somewhere between north and south
_ONE_FRONT: dict[str, str] = {
    "tr": "ch", "s": "x", "gi": "d", "r": "d", "l": "n", "ngh": "ng", "gh": "g", "k": "c", "qu": "cu", "v": "d",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def is_syllable(folded: str) -> bool:
    """Whether lower-case letters without accents can be one Vietnamese syllable."""
    if folded in {"gi", "gin", "gim", "gich", "gip"}:
        return True
    return any(folded.startswith(onset) and folded[len(onset) :] in _RIMES for onset in _ONSETS)


@lru_cache(maxsize=50_000)
def marked(word: str) -> str:
    """A spelling of a lower-case NFC word that does not depend on where the tone mark sits: letters, then the tone 0-5."""
    tone, letters = 0, []
    for c in unicodedata.normalize("NFD", word):
        if c in _TONES:
            tone = _TONES[c]
        else:
            letters.append(c)
    return "".join(letters) + str(tone)


def bare(mark: str) -> bool:
    """Whether a `marked` spelling carries no mark at all."""
    return mark.isascii() and mark.endswith("0")


@lru_cache(maxsize=50_000)
def sound(folded: str) -> str:
    """What syllables that are often mistaken for each other share.

    tr/ch, s/x, d/gi/r, l/n, ng/ngh, g/gh, c/k/q at the front; n/ng, t/c, nh/n, i/y at the end: the usual slips of north
    and south.
    """
    for onset in _ONSETS:
        if folded.startswith(onset) and (rest := folded[len(onset) :]):
            break
    else:
        return folded
    front: str = _ONE_FRONT.get(onset, onset)
    rest = rest.replace("y", "i")
    for long, short in (("ng", "n"), ("nh", "n"), ("ch", "t"), ("c", "t")):
        if rest.endswith(long) and len(rest) > len(long):
            rest = rest[: -len(long)] + short
            break
    return front + rest


def _compose(letters: list[str], tone: int) -> str | None:
    """Letters (each with at most one mark behind it) and a tone as a `marked` spelling, if that is a syllable."""
    plain = "".join("d" if x == _D_BAR else x[0] for x in letters)
    return "".join(letters) + str(tone) if plain and is_syllable(plain) else None


def _mark_last(letters: list[str], which: str, mark: str) -> bool:
    for i in range(len(letters) - 1, -1, -1):
        if letters[i] in which and len(letters[i]) == 1:
            if mark == _HORN:
                return _horn_at(letters, i)
            letters[i] += mark
            return True
    return False


def _telex_w(letters: list[str]) -> bool:
    for i in range(len(letters) - 1, -1, -1):
        if letters[i] == "a":
            # "uaw" typed for u-horn + a
            at = i - 1 if i and letters[i - 1] == "u" else i
            letters[at] += _HORN if letters[at] == "u" else _BREVE
            return True
        if letters[i] in {"o", "u"}:
            return _horn_at(letters, i)
    letters.append("u" + _HORN)
    return True


def _horn_at(letters: list[str], i: int) -> bool:
    letters[i] += _HORN
    if letters[i][0] == "o" and i and letters[i - 1] == "u":
        letters[i - 1] += _HORN
    return True


@lru_cache(maxsize=20_000)
def from_telex(word: str) -> str | None:
    """The `marked` spelling that Telex keys meant, or nothing when they mean no syllable or carry no Telex key."""
    letters: list[str] = []
    tone, used = 0, False
    for c in word:
        has_vowel = any(x[0] in "aeiouy" for x in letters)
        if c == "d" and letters[:1] == ["d"]:
            letters[0], used = _D_BAR, True
        elif c in "aeo" and c in letters:
            letters[letters.index(c)] += _CIRCUMFLEX
            used = True
        elif c == "w":
            used = _telex_w(letters)
        elif c in _TELEX_TONES and has_vowel:
            tone, used = _TELEX_TONES[c], True
        else:
            letters.append(c)
    return _compose(letters, tone) if used else None


@lru_cache(maxsize=20_000)
def from_vni(word: str) -> str | None:
    """The `marked` spelling that VNI digits meant, or nothing."""
    letters: list[str] = []
    tone = 0
    for c in word:
        if c in _VNI_TONES:
            tone = _VNI_TONES[c]
        elif c in _VNI_MARKS:
            if not _mark_last(letters, *_VNI_MARKS[c]):
                return None
        elif c == "9":
            if letters[:1] != ["d"]:
                return None
            letters[0] = _D_BAR
        elif c.isdigit():
            return None
        else:
            letters.append(c)
    return _compose(letters, tone)


@lru_cache(maxsize=50_000)
def unmark(mark: str) -> str:
    """The folded letters of a `marked` spelling."""
    kept = (c for c in mark[:-1] if not unicodedata.combining(c))
    return "".join("d" if c == _D_BAR else c for c in kept)
