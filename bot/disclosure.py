"""Small numbers are not shown, and cannot be worked out from what is.

A number of fewer than `LEAST` people or cases may point at one of them (issue "the desk": k >= 5). Where a total stands
beside its parts, hiding the small part alone would be no use: the rest is subtracted from the total.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

#: smallest number shown; 0 is shown too, for it is about nobody
LEAST = 5
#: from so many of the smallest that may be shown, one is taken to hide with the small ones
_AMONG = 3


def is_small(number: int) -> bool:
    """Whether a number by itself is too small to be shown."""
    return 0 < number < LEAST


def given_away(own: Mapping[str, int], rests: Iterable[Mapping[str, int]]) -> frozenset[str]:
    """Which of these numbers would help to tell a small one beside numbers shown elsewhere. `rests`: the pieces all of these
    are made of, each counted the same way; all when even the sum of a piece is small."""
    told = list(rests)
    if any(is_small(sum(rest.values())) for rest in told):
        return frozenset(own)
    return frozenset(name for name in own if any(is_small(rest.get(name, 0)) for rest in told))


def hidden(parts: Mapping[str, int], salt: bytes, also: Collection[str] = ()) -> frozenset[str]:
    """Which parts of a total that is shown must stay hidden; () when none does, all when the total itself is small.

    also: parts that must be hidden whatever their size (`given_away`).

    Beside the small ones others go, until from the total and the parts that are shown every hidden part could be
    anything from one to `LEAST` or more. `salt` is secret and the same for a table each time: were always the next
    larger ones taken, who knows this rule would learn from what is shown how large they are at most.
    """
    if is_small(sum(parts.values())):
        return frozenset(name for name, number in parts.items() if number)
    gone = {name for name, number in parts.items() if is_small(number) or (number and name in also)}
    left = sorted((name for name, number in parts.items() if number >= LEAST), key=lambda name: (parts[name], name))
    while gone and left and not _is_vague([parts[name] for name in gone]):
        taken = min(left[:_AMONG], key=lambda name: hashlib.blake2b(name.encode(), key=salt).digest())
        left.remove(taken)
        gone.add(taken)
    return frozenset(gone)


def _is_vague(numbers: Sequence[int]) -> bool:
    """Whether from their sum each could be anything from one to `LEAST`, also when all of them are known to be small."""
    many, total = len(numbers), sum(numbers)
    widest = total - (many - 1)
    has_room = any(number >= LEAST for number in numbers) or total <= many * (LEAST - 1) - 2
    return many > 1 and widest >= LEAST and has_room
