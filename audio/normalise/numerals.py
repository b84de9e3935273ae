"""Numbers to words: counts, decimals, years, digit strings, Roman numerals.

School reading of Vietnamese numbers (mot/tu/lam after tens, the named zero ten, the named zero hundred between groups);
the words themselves come from `audio/lexicon/numbers.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_LONGEST_COUNT = 21  # digits; anything longer is a code, read digit by digit


@dataclass(frozen=True, eq=False)
class Numerals:
    """Says numbers with the given words (`numbers:` of the lexicon)."""

    words: Mapping[str, str]
    digits: tuple[str, ...]
    scales: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        return self.words[name]

    @lru_cache(maxsize=4096)  # noqa: B019 - one Numerals lives as long as its lexicon
    def count(self, digits: str) -> str:
        """`"1104"`: the count in words. Leading zeros are silent; a string of over 21 digits is read digit by digit."""
        digits = digits.lstrip("0") or "0"
        if digits == "0":
            return self.digits[0]
        if len(digits) > _LONGEST_COUNT:
            return self.each(digits)
        padded = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [padded[i : i + 3] for i in range(0, len(padded), 3)]
        parts: list[str] = []
        for place, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
            top = len(self.scales) - 1
            if group != "000":
                parts.append(self._group(group, full=bool(parts)))
                if place % top:
                    parts.append(self.scales[place % top])
            # every third group closes with the highest scale word, once for each time it is due
            if place and place % top == 0 and parts:
                parts.extend([self.scales[top]] * (place // top if group != "000" or place == top else 0))
        return " ".join(parts)

    def _group(self, group: str, *, full: bool) -> str:
        hundreds, tens, ones = (int(c) for c in group)
        out: list[str] = []
        if hundreds or full:
            out += [self.digits[hundreds], self.words["hundred"]]
        if tens == 0:
            if ones:
                out += [self.words["zero_tens"], self.digits[ones]] if out else [self.digits[ones]]
        else:
            out += [self.words["ten"]] if tens == 1 else [self.digits[tens], self.words["tens"]]
            if ones:
                out.append(self._unit(tens, ones))
        return " ".join(out)

    def _unit(self, tens: int, ones: int) -> str:
        if ones == 1 and tens > 1:
            return self.words["one_after_tens"]
        if ones == 4 and tens > 1:
            return self.words["four_after_tens"]
        return self.words["five_after_tens"] if ones == 5 else self.digits[ones]

    def each(self, digits: str) -> str:
        """Digit by digit; anything that is not a digit is passed over."""
        return " ".join(self.digits[int(c)] for c in digits if c in "0123456789")

    def padded(self, digits: str) -> str:
        """A form or document number: its leading zeros are said, one by one."""
        bare = digits.lstrip("0")
        if not bare or len(digits) - len(bare) > 1:
            return self.each(digits)
        zeros = [self.digits[0]] * (len(digits) - len(bare))
        return " ".join([*zeros, self.count(bare)])

    def decimal(self, whole: str, fraction: str) -> str:
        """`("2", "93")`. A fraction of zeros only is silent; one that starts with zero or is long goes digit by digit."""
        if not fraction.strip("0"):
            return self.count(whole)
        tail = self.each(fraction) if fraction[0] == "0" or len(fraction) > 3 else self.count(fraction)
        return f"{self.count(whole)} {self.words['point']} {tail}"

    def written(self, number: str) -> str:
        """A number as Vietnamese writes it: dots (or spaces) group thousands, the comma is the decimal sign.

        A lone dot that does not group three digits is taken as a decimal sign; two or more commas group thousands.
        """
        if number.count(",") > 1 and "." not in number:
            return self.count(number.replace(",", ""))
        whole, _, fraction = number.partition(",")
        if "." in whole and not re.fullmatch(r"\d{1,3}(?:\.\d{3})+", whole):
            whole, _, dotted = whole.partition(".")
            return self.decimal(whole, re.sub(r"\D", "", dotted) + fraction)
        whole = re.sub(r"\D", "", whole)
        return self.decimal(whole, fraction) if fraction else self.count(whole)

    def month(self, digits: str) -> str:
        """Month, quarter or weekday number: the fourth has its own word."""
        value = digits.lstrip("0")
        return self.words["fourth"] if value == "4" else self.count(value)

    def ordinal(self, digits: str) -> str:
        """What follows the ordinal word: first and fourth have their own words."""
        value = digits.lstrip("0")
        return self.words["first"] if value == "1" else self.month(value)

    def day(self, digits: str, *, early: bool = True) -> str:
        """Day of the month; days 1-10 take the word that carries on a horn unless it was already said."""
        value = self.count(digits)
        return f"{self.words['early_day']} {value}" if early and int(digits) <= 10 else value


def value_of(number: str) -> float:
    """Value of a written number; 0.0 when it has none."""
    whole, _, fraction = number.replace(" ", "").partition(",")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", whole):
        whole = whole.replace(".", "")
    try:
        return float(f"{whole}.{fraction}" if fraction and "." not in whole else whole)
    except ValueError:
        return 0.0


def roman_value(letters: str) -> int:
    """Value of a well-formed Roman numeral, 0 for anything else."""
    if not letters or not _ROMAN.fullmatch(letters):
        return 0
    total = 0
    for here, after in zip(letters, letters[1:] + " ", strict=True):
        value = _ROMAN_VALUES[here]
        total += -value if value < _ROMAN_VALUES.get(after, 0) else value
    return total
