"""A case code read from a slip: digits, digits with spaces, or digits in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.model.codes import CODE_LENGTH, is_code
from bot.model.fold import clean
from bot.understand.tokens import Token, token

_RUN = re.compile(r"\d(?:[ .\-_]{0,2}\d)*")


class Codes:
    """Finds a code whose check digit is right; a wrong one is no code."""

    def __init__(self, digits: Mapping[str, int]) -> None:
        self._digits: dict[str, str] = {}
        for word, value in digits.items():
            if 0 <= value <= 9:
                self._digits.setdefault(token(word).folded, str(value))

    def find(self, text: str, words: Sequence[Token]) -> str:
        """The code in a text, or an empty string. `words` are the text's tokens."""
        runs = [re.sub(r"\D", "", run) for run in _RUN.findall(clean(text[:2_000]))]
        spoken = ""
        for t in words[:400]:
            digit = t.folded if t.folded.isdigit() else self._digits.get(t.folded, "")
            if not digit:
                runs.append(spoken)
                spoken = ""
            spoken += digit
        # a longer run is a phone or account number: seven digits out of it mean nothing
        return next((run for run in (*runs, spoken) if len(run) == CODE_LENGTH and is_code(run)), "")
