"""How far the accents a person typed can be trusted, and which marks a bare syllable probably meant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.understand.syllable import bare
from bot.understand.tokens import Clause, Token

#: a spelling this rare among its letters counts as a slip
_UNUSUAL = 0.02
#: share of usual spellings above which every accent is taken as meant, and below which none is
_TRUSTED, _DOUBTFUL = 0.95, 0.75
#: the hook and the tilde tone (3 and 4 of `syllable.marked`) are the slip everybody makes
_HOOK_TILDE = frozenset("34")


@dataclass(frozen=True, slots=True)
class Hand:
    """How one text is written: `marked` is the share of syllables with marks, `trust` how usual the marks are (0-1)."""

    marked: float
    trust: float

    @property
    def plain(self) -> bool:
        """Written without accents."""
        return self.marked < 0.12

    @property
    def careful(self) -> bool:
        """Written with accents that can be taken at their word."""
        return self.marked > 0.45 and self.trust >= 1.0


#: chance that another mark than the right one was a slip of the hand
_SLIP = 0.4
#: agreements weaker than this are none
LEAST = 0.3
#: how much a usual spelling speaks against a slip inside a longer phrase
USUAL = 0.3
#: share of the spellings of its letters from which a spelling is a word of its own
ANOTHER_WORD = 0.05
#: what our own phrases are written in
OURS = Hand(1.0, 1.0)


class Accents:
    """Shares of the spellings of each folded syllable, counted over the library's own phrases."""

    def __init__(self, phrases: Iterable[Iterable[Token]]) -> None:
        tokens = list(chain.from_iterable(phrases))
        marks = [t.mark for t in tokens]
        letters = dict(zip(marks, tokens, strict=True))
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for mark, n in Counter(marks).items():
            counts[letters[mark].folded][mark] = n
        self._shares = {
            folded: {mark: n / sum(marks.values()) for mark, n in marks.items()} for folded, marks in counts.items()
        }

    def share(self, folded: str, mark: str) -> float:
        """How often these letters carry these marks; 1 where the letters were never seen."""
        shares = self._shares.get(folded)
        return shares.get(mark, 0.0) if shares else 1.0

    def hand(self, clauses: Sequence[Clause]) -> Hand:
        """How a text is written."""
        words = [t for c in clauses for t in c.tokens if not t.is_number]
        marked = [t for t in words if not bare(t.mark)]
        known = [t for t in words if t.folded in self._shares]
        if not words or not known:
            return Hand(0.0, 0.5)
        usual = sum(self.share(t.folded, t.mark) >= _UNUSUAL for t in known) / len(known)
        trust = min(1.0, max(0.0, (usual - _DOUBTFUL) / (_TRUSTED - _DOUBTFUL)))
        return Hand(len(marked) / len(words), trust)

    def agreement(self, typed: Token, meant: str, hand: Hand, *, alone: bool) -> float:
        """How well a typed syllable agrees with a spelling of the same letters, 0-1.

        `alone` is a phrase of one syllable: nothing beside it vouches for it, so a bare one counts as often as the
        letters carry those marks.
        """
        if typed.mark == meant:
            return 1.0
        share = self.share(typed.folded, meant)
        if bare(typed.mark):
            if hand.plain:
                return share if alone else 0.97
            missed = 0.9 - 0.6 * hand.trust
            return missed * share if alone else missed
        worth = 0.9 - 0.3 * hand.trust if _slipped(typed.mark, meant) else 0.75 - 0.55 * hand.trust
        # who wrote a usual spelling of these letters hardly slipped
        usual = self.share(typed.folded, typed.mark)
        if not alone:
            return worth * (1.0 - USUAL * usual)
        # one word alone, spelled as another word is often spelled, by a hand that can be trusted: it is that other word
        return 0.0 if usual >= ANOTHER_WORD and hand.trust >= 0.5 else worth * (1.0 - usual)

    def agrees(self, typed: Sequence[Token], marks: Sequence[str], hand: Hand) -> bool:
        """Whether typed syllables agree well enough with a phrase of the same letters to be called that phrase.

        A careful hand that wrote another word of these letters meant that other word.
        """
        if hand.careful and any(self._another(t, mark) for t, mark in zip(typed, marks, strict=True)):
            return False
        quality = 1.0
        for t, mark in zip(typed, marks, strict=True):
            quality *= self.agreement(t, mark, hand, alone=len(marks) == 1)
        return (quality**0.5 if len(marks) > 2 else quality) >= LEAST

    def _another(self, typed: Token, meant: str) -> bool:
        """Whether a syllable is spelled as another word than the one meant, and not by the slip that everybody makes."""
        if typed.mark == meant or bare(typed.mark) or _slipped(typed.mark, meant):
            return False
        return self.share(typed.folded, typed.mark) >= ANOTHER_WORD

    def certainty(self, typed: Sequence[Token], marks: Sequence[str]) -> float:
        """The chance that a phrase was meant by these letters; every further syllable vouches for the others."""
        chance = 1.0
        for t, mark in zip(typed, marks, strict=True):
            if t.mark != mark:
                chance *= self.share(t.folded, mark) if bare(t.mark) else _SLIP if len(marks) > 1 else 0.0
        # square root at three syllables, fifth root at four: so many in a row are hardly other words
        return chance if len(marks) < 3 else chance ** (1 / (3 * len(marks) - 7))


def _slipped(typed: str, meant: str) -> bool:
    """Whether only the hook stands for the tilde or the tilde for the hook."""
    return typed[:-1] == meant[:-1] and typed[-1] in _HOOK_TILDE and meant[-1] in _HOOK_TILDE
