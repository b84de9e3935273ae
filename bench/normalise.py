"""How fast written Vietnamese becomes spoken: sentences a second on one core, warm, and the cost of the first one.

Run alone with `python -m bench.normalise`. The goal is 1,000 sentences a second (a 15-minute bulletin has about 150).
"""

from __future__ import annotations

import time
from pathlib import Path

import yaml

from audio.normalise import read

CASES = Path(__file__).resolve().parent.parent / "tests" / "audio" / "normalise" / "cases.yaml"
SECONDS = 2.0


def run() -> dict[str, float]:
    """Print and return the figures: `first_ms`, `sentences_per_s`, `words_per_s`, `sentences`."""
    texts = [case["in"] for group in yaml.safe_load(CASES.read_text(encoding="utf-8")).values() for case in group]
    began = time.perf_counter()
    read(texts[0])
    first_ms = (time.perf_counter() - began) * 1000
    sentences = [t for t in texts if len(t.split()) >= 8] or texts
    count = words = 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS:
        for text in sentences:
            words += len(read(text).text.split())
        count += len(sentences)
    figures = {
        "first_ms": round(first_ms, 1),
        "sentences_per_s": round(count / spent, 1),
        "words_per_s": round(words / spent, 1),
        "sentences": float(len(sentences)),
    }
    for name, value in figures.items():
        print(f"normalise {name}: {value}")
    return figures


if __name__ == "__main__":
    run()
