"""What understanding costs and what it gets right, as figures. Run alone with `python -m bench.understand`.

The library is read as it is and again grown to 2,000 entries: copies of the entries with a word of their own in every
phrase, so that the index has as many different rows as a real library of that size. Goals (issue 2, part 3): index in
1 s or less, 99 of 100 questions in 5 ms or less. Times are of the processor, so that a busy machine changes nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.library import Library
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.understand import Understanding

ROOT = Path(__file__).resolve().parent.parent
BLIND = ROOT / "tests" / "understand" / "blind"
ENTRIES = 2_000
#: words people use for an entry that officials add by themselves: fewer than the first entries have
PHRASES = 8
ONSETS, RIMES = ("b", "ch", "d", "g", "h", "kh", "l", "m", "ng", "nh", "ph", "t", "th", "tr", "v"), (
    "ang", "anh", "ao", "em", "eo", "inh", "oan", "ong", "uc", "ung", "uyen", "iec", "oa", "ui", "ay",
)  # fmt: skip


@dataclass(frozen=True)
class Grown:
    """A library with copies, as far as understanding looks at it."""

    policies: dict[str, Policy]
    stories: dict[str, Story]
    phrases: dict[str, object]
    faq: dict[str, Faq] = field(default_factory=dict)
    announcements: dict[str, Announcement] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)


def grown(library: Library, entries: int = ENTRIES) -> Grown:
    """The library with copies of its policies up to so many entries; each copy speaks of a place of its own."""
    policies = dict(library.policies)
    originals = list(library.policies.values())
    for n in range(entries - len(library.policies) - len(library.stories)):
        entry = originals[n % len(originals)]
        place = f"{ONSETS[n % 15]}{RIMES[n // 15 % 15]} {ONSETS[n // 225 % 15]}{RIMES[n // 3375 % 15]}"
        own = tuple(f"{phrase} {place}" for phrase in entry.asked_as[n % 5 :: 3][:PHRASES])
        copy = entry.model_copy(update={"id": f"{entry.id}-{n}", "title": f"{entry.title} {place}", "asked_as": own})
        policies[copy.id] = copy
    return Grown(policies, dict(library.stories), dict(library.phrases))


def _texts(name: str) -> list[str]:
    lines = (BLIND / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines if line]


def _timed(understanding: Understanding, texts: list[str]) -> tuple[float, float]:
    spent = []
    for text in texts:
        began = time.process_time()
        understanding.read(text)
        spent.append((time.process_time() - began) * 1000)
    spent.sort()
    return spent[len(spent) // 2], spent[int(len(spent) * 0.99)]


def _score(understanding: Understanding, name: str) -> dict[str, float]:
    cases = [json.loads(x) for x in (BLIND / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() if x]
    first = three = refused = wrongly = 0
    outside = [c for c in cases if c["kind"] == "none"]
    for case in cases:
        ranked = understanding.ranked_ids(case["text"])[:3]
        if case["kind"] == "none":
            right = ranked[0] == "none"
            refused += right
            wrongly += not right and not ranked[0].startswith("intent:")
            first, three = first + right, three + right
        else:
            first += ranked[0] in case["accept"]
            three += bool({*case["accept"], *case["also"]} & set(ranked))
    return {
        f"{name}_first": round(first / len(cases), 3),
        f"{name}_three": round(three / len(cases), 3),
        f"{name}_none_refused": round(refused / len(outside), 3),
        f"{name}_none_answered": round(wrongly / len(outside), 3),
    }


def run() -> dict[str, float]:
    """Print and return: build times in seconds, times a question in milliseconds, shares right on the blind questions."""
    library = Library.load(ROOT / "content")
    first, texts = _texts("dev"), _texts("held")
    figures: dict[str, float] = {}
    for name, shelf in (("now", library), ("grown", grown(library))):
        began = time.process_time()
        understanding = Understanding.build(shelf)
        figures[f"build_{name}_s"] = round(time.process_time() - began, 2)
        for text in first:
            understanding.read(text)
        middle, slow = _timed(understanding, texts)
        figures |= {f"read_{name}_median_ms": round(middle, 2), f"read_{name}_p99_ms": round(slow, 2)}
        began = time.process_time()
        understanding.read("hom nay toi ke chuyen dai cho vui, nha toi o xa. " * 2_000)
        figures[f"read_{name}_100kB_ms"] = round((time.process_time() - began) * 1000, 1)
        if name == "now":
            figures |= (
                _score(understanding, "dev")
                | _score(understanding, "held")
                | _score(understanding, "third")
                | _score(understanding, "fourth")
            )
    for name, value in figures.items():
        print(f"understand {name}: {value}")
    return figures


if __name__ == "__main__":
    run()
