"""Which commune of today a place someone names lies in: names before and after 1 July 2025.

Data: `content/units/_places.json`, derived by `deploy/derive_places.py` from an open dataset (MIT).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

from bot.library.schema.unit import Unit
from bot.model.fold import clean, fold

#: longest name in the dataset, in words, its title included
_LONGEST_WORDS = 9
#: an address is a line; what lies beyond is a story told around it
_READ_WORDS = 200
#: combining marks of the five tones (Unicode names: grave, acute, hook above, tilde, dot below), and the letter d-bar
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = map(chr, (0x300, 0x301, 0x309, 0x303, 0x323))
_TONES, _D_BAR = frozenset({_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT}), chr(0x111)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True)
class Place:
    """A commune, ward, special zone or province under its name of today."""

    province: str
    #: the province's own name where the place is the province
    name: str
    #: unit of the library that is this place
    unit: str | None = None


@dataclass(frozen=True)
class Known:
    """Exactly one place of today."""

    place: Place

    @property
    def unit(self) -> str | None:
        """The library's unit there, if it has one."""
        return self.place.unit


@dataclass(frozen=True)
class Split:
    """A former commune that was divided: only the hamlet tells which one it is."""

    choices: tuple[Place, ...]


@dataclass(frozen=True)
class Several:
    """A former district, or a name borne by several places."""

    communes: tuple[Place, ...]
    why: Literal["district", "same-name"]


@dataclass(frozen=True)
class Unknown:
    """Nothing in the text is a place the dataset knows."""


Found = Known | Split | Several | Unknown


_SPECIFIC = {"commune": 2, "district": 1, "province": 0}


@dataclass(frozen=True)
class _Node:
    """A name, now or then, and the places of today it stands for."""

    name: str
    #: folded, without its title
    bare: str
    level: Literal["commune", "district", "province"]
    #: bare names of what it lies in, then and now
    within: frozenset[str]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class _Mention:
    """A stretch of the text that names something; `titled` when its title was written too."""

    start: int
    words: int
    titled: bool
    nodes: tuple[_Node, ...]


class Places:
    """Former and present places, looked up by name. The index is built at the first look-up."""

    def __init__(self, data: Mapping[str, Any], titles: Mapping[str, Iterable[str]], units: Iterable[Unit]) -> None:
        """`data` as in `_places.json`; `titles`: the word in front of a name -> its short forms."""
        self._data = data
        self._titles = frozenset(fold(title) for title in titles)
        self._short = {fold(short): title.lower() for title, shorts in titles.items() for short in shorts}
        self._units = {(_joined(u.province), _joined(u.name)): u.id for u in units}

    def find(self, text: str, near: str | None = None) -> Found:
        """The place a text names. Accents count where they are typed; among places of one name those in
        the province `near` (its full name) are preferred."""
        mentions = self._mentions(text)
        return _told(_agreed(mentions, fold(near) if near else None)) if mentions else Unknown()

    def is_address(self, text: str, around: Iterable[str]) -> bool:
        """Whether a text names places and nothing else but numbers, titles and the words `around`."""
        mentions = self._mentions(text)
        spans = {at for m in mentions for at in range(m.start, m.start + m.words)}
        others = self._titles.union(map(fold, around), *(title.split() for title in self._titles))
        left = [fold(word) for at, word in enumerate(self._typed(text)) if at not in spans]
        return bool(mentions) and all(word.isdigit() or word in others for word in left)

    def today(self, province: str) -> tuple[str, ...]:
        """The communes of a province of today, by its full name; empty for a name that is none."""
        return tuple(self._data.get("today", {}).get(province, ()))

    def bare(self, name: str) -> str:
        """A name without the title in front of it, spelled as it came."""
        words = name.split()
        for length in (2, 1):
            if len(words) > length and fold(" ".join(words[:length])) in self._titles:
                return " ".join(words[length:])
        return name

    @cached_property
    def _index(self) -> Mapping[str, list[tuple[bool, _Node]]]:
        """Folded name, with its title (true) and without -> what it may mean."""
        index: dict[str, list[tuple[bool, _Node]]] = defaultdict(list)
        for node in self._nodes():
            full = _joined(node.name)
            index[full].append((True, node))
            if node.bare != full and not node.bare.isdigit():
                index[node.bare].append((False, node))
        return index

    def _bare(self, name: str) -> str:
        words = _joined(name).split(" ")
        for length in (2, 1):
            if len(words) > length and " ".join(words[:length]) in self._titles:
                return " ".join(words[length:])
        return " ".join(words)

    def _place(self, province: str, name: str) -> Place:
        return Place(province, name, self._units.get((_joined(province), _joined(name))))

    def _nodes(self) -> Iterator[_Node]:
        today: Mapping[str, list[str]] = self._data.get("today", {})
        placed = {province: [self._place(province, name) for name in names] for province, names in today.items()}
        for province, places in placed.items():
            bare = self._bare(province)
            yield _Node(province, bare, "province", frozenset(), (self._place(province, province),))
            for place in places:
                yield _Node(place.name, self._bare(place.name), "commune", frozenset({bare}), (place,))
        for province, held in self._data.get("before", {}).items():
            now = held["now"]
            yield from self._former(province, now, held["districts"], placed[now])

    def _former(
        self, province: str, now: str, districts: Mapping[str, Mapping[str, list[int]]], places: list[Place]
    ) -> Iterator[_Node]:
        """The former names of one province; positions point into `places`, its communes of today."""
        above = {self._bare(province), self._bare(now)}
        if province != now:
            yield _Node(province, self._bare(province), "province", frozenset(), (self._place(now, now),))
        for district, communes in districts.items():
            bare = self._bare(district)
            for commune, went_to in communes.items():
                if commune:
                    inside = frozenset({*above, bare})
                    yield _Node(commune, self._bare(commune), "commune", inside, tuple(places[i] for i in went_to))
            whole = sorted({i for went_to in communes.values() for i in went_to})
            yield _Node(district, bare, "district", frozenset(above), tuple(places[i] for i in whole))

    def _typed(self, text: str) -> list[str]:
        """The words of a text, short forms of titles written out."""
        words_read = _WORD.findall(clean(text[: _READ_WORDS * 20]))[:_READ_WORDS]
        return " ".join(self._short.get(fold(word), word.lower()) for word in words_read).split()

    def _mentions(self, text: str) -> list[_Mention]:
        """Names in the text, the longest first, none overlapping another."""
        typed = self._typed(text)
        folded = [fold(word) for word in typed]
        found: list[_Mention] = []
        taken: set[int] = set()
        for words in range(min(_LONGEST_WORDS, len(folded)), 0, -1):
            for start in range(len(folded) - words + 1):
                span = range(start, start + words)
                held = self._index.get(" ".join(folded[start : start + words]))
                if not held or taken.intersection(span) or (words == 1 and len(folded) > 1):
                    continue
                titled = any(full for full, _ in held)
                nodes = _as_typed(typed[start : start + words], [n for full, n in held if full is titled])
                if not nodes:
                    continue
                found.append(_Mention(start, words, titled, nodes))
                taken.update(span)
        return found


@lru_cache(maxsize=8_192)
def _folded(word: str) -> str:
    """Syllables repeat a lot, and folding is what the index costs."""
    return fold(word)


def _joined(name: str) -> str:
    return " ".join(map(_folded, _WORD.findall(name)))


def _as_typed(typed: list[str], nodes: list[_Node]) -> tuple[_Node, ...]:
    """Names spelled with the very accents that were typed go before those that only fold alike; those that a typed
    accent speaks against are not meant.
    """
    spelt = [_WORD.findall(node.name.lower())[-len(typed) :] for node in nodes]
    exact = [node for node, words in zip(nodes, spelt, strict=True) if words == typed]
    return tuple(exact or [n for n, words in zip(nodes, spelt, strict=True) if all(map(_may_be, typed, words))])


def _may_be(typed: str, name: str) -> bool:
    """Whether a word may be meant for a word of a name that folds alike: no accent was typed that the name has not."""
    return all(mine <= its for mine, its in zip(_accents(typed), _accents(name), strict=False))


@lru_cache(maxsize=8_192)
def _accents(word: str) -> tuple[frozenset[str], ...]:
    """The tone of a word, wherever it sits, then the marks of each letter. Hook and tilde are one: many say them alike."""
    tone: set[str] = set()
    letters: list[set[str]] = []
    for c in unicodedata.normalize("NFD", word):
        if c in _TONES:
            tone.add(_TILDE if c == _HOOK else c)
        elif unicodedata.combining(c):
            letters[-1:] = [{*(letters[-1] if letters else ()), c}]
        else:
            letters.append({c} if c == _D_BAR else set())
    return (frozenset(tone), *map(frozenset, letters))


def _agreed(mentions: list[_Mention], near: str | None) -> tuple[_Node, ...]:
    """The meanings of the mention that fits best what else is named: "xa A, huyen B" picks the A within B.

    With nothing to tell them apart: a name with its title first, then the more particular, then the longer.
    """
    best: tuple[tuple[int, bool, int, int], tuple[_Node, ...]] | None = None
    for mention in mentions:
        others = [other for other in mentions if other is not mention]
        fits = [
            sum(any(above.bare in node.within for above in other.nodes) for other in others) for node in mention.nodes
        ]
        top = max(fits)
        nodes = tuple(node for node, fit in zip(mention.nodes, fits, strict=True) if fit == top)
        rank = (top, mention.titled, max(_SPECIFIC[node.level] for node in nodes), mention.words)
        if best is None or rank > best[0]:
            best = rank, nodes
    nodes = best[1] if best else ()
    close = tuple(node for node in nodes if near and any(fold(place.province) == near for place in node.places))
    return close or nodes


def _told(nodes: tuple[_Node, ...]) -> Found:
    places = tuple(
        sorted({place for node in nodes for place in node.places}, key=lambda place: (place.province, place.name))
    )
    if len(places) == 1:
        return Known(places[0])
    if len(nodes) == 1 and nodes[0].level == "commune":
        return Split(places)
    whole = any(node.level == "district" and set(node.places) == set(places) for node in nodes)
    return Several(places, "district" if whole else "same-name")
