"""What reading a text yields: typed spans, what was left over, and the spoken text."""

from __future__ import annotations

from dataclasses import dataclass

# Residue kinds that leave the sentence sayable: an official may let them pass; the others name something that was not said.
SOFT_RESIDUE = frozenset({"unknown-abbreviation", "decoration"})


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of the written text that is not said as it stands.

    `start` and `end` are offsets into the text the caller gave (before NFC and line joining). `spoken` is empty for a
    mark that is silent by rule, such as a bullet.
    """

    kind: str
    start: int
    end: int
    written: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Residue:
    """Something the reader could not read, with its place in the caller's text.

    Kinds: `unknown-abbreviation` (guessed from its pieces or spelled out, soft), `decoration` (a picture, silent, soft),
    `impossible-date` (said as written, though no calendar has it), `symbol`, `control` (dropped), `script` (letters no
    Vietnamese voice can say, kept).
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def soft(self) -> bool:
        """True when the text was still said in some way."""
        return self.kind in SOFT_RESIDUE


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the spoken text: its kind and its offsets in `Spoken.text`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it is to be said.

    `spans` do not overlap and come in order; everything outside them is said as written. `marks` gives the place of
    each audible span in `text`, for slow reading.
    """

    text: str
    spans: tuple[Span, ...]
    residue: tuple[Residue, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def unread(self) -> tuple[Residue, ...]:
        """The residue that needs an official's word before it is heard: all but pictures, which are silent for everybody."""
        return tuple(left for left in self.residue if left.kind != "decoration")


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule's answer: the text up to `end` is of this kind and is said so. `unknown` lists pieces that were spelled."""

    end: int
    kind: str
    spoken: str
    unknown: tuple[tuple[int, int], ...] = ()
