"""Numbers in figures and in words, and what they tell: an age, a year, a sum."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.library.schema.words import NumberWords, Span
from bot.understand.tokens import Token, token


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from tokens `start` to `end` (end not included)."""

    start: int
    end: int
    value: float


def _figure(word: str) -> float | None:
    """A written figure: 2.200.000, 1,9, 75; a date or a fraction is none."""
    if "/" in word or not (word.isascii() and word[:1].isdigit()):
        return None
    parts = word.replace(",", ".").split(".")
    if not all(p.isdigit() for p in parts):
        return None
    if len(parts) > 1 and all(len(p) == 3 for p in parts[1:]):
        return float("".join(parts)[:15])
    return float(".".join(parts[:2])[:15])


#: a day or a month with its year: 1/1/2027, 31.12.2026, 1/2027
_DATE = re.compile(r"(?:(\d{1,2})[/.])?(\d{1,2})[/.](20\d\d)")


def _year_of(word: str) -> int | None:
    """The year of a date in figures; a document's number ("351/2025", "07/2021/N") is none."""
    told = _DATE.fullmatch(word)
    if told is None:
        return None
    day, month, year = told.groups(default="1")
    return int(year) if 1 <= int(day) <= 31 and 1 <= int(month) <= 12 else None


@dataclass(slots=True)
class _Run:
    """A number being read: whole thousands in `total`, what is below them in `current`."""

    total: float = 0.0
    current: float = 0.0
    last_power: int = 0
    seen: bool = False

    def power(self, power: int) -> None:
        """Ten, hundred, thousand, million, billion."""
        if power == 10:
            self.current = max(self.current, 1) * 10
        elif power == 100:
            self.current = (self.current % 10 or 1) * 100
        else:
            self.total, self.current = self.total + max(self.current, 1) * power, 0.0
        self.last_power, self.seen = power, True

    def digit(self, digit: float, *, last: bool) -> None:
        """A digit or a figure; `last` when no power follows: \"2 million 8\" is 2.8 million, \"seven two\" is 72."""
        if self.last_power >= 1000 and digit < 10 and last:
            self.total += digit * self.last_power / 10
        elif self.last_power in {10, 100} or not self.seen or self.current == 0:
            self.current += digit
        else:
            self.current = self.current * 10 + digit
        self.seen = True


class Numbers:
    """Reads the numbers of a clause, from `words-numbers`."""

    def __init__(self, words: NumberWords) -> None:
        self._words = words
        self._digits = self._keys(words.digits)
        self._powers = self._keys(words.powers)
        self._fillers = {token(w).folded for w in words.fillers}
        self._half = {token(w).folded for w in words.half}
        self._age = {token(w).folded for w in words.age}
        relative = {tuple(token(w).folded for w in k.split()): v for k, v in words.relative_years.items()}
        self._relative: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for said, ahead in relative.items():
            self._relative.setdefault(said[0], []).append((said, ahead))
        #: words with which one word for a digit, or none, tells something
        self._telling = frozenset({*self._powers, *self._age})
        self._beginning = frozenset({*self._digits, *self._powers})
        self._any = frozenset({*self._telling, *self._digits, *self._relative})

    @staticmethod
    def _keys(table: dict[str, int]) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for word, value in table.items():
            t = token(word)
            found.setdefault(t.folded, []).append((t.mark, value))
        return found

    @staticmethod
    def _look(table: dict[str, list[tuple[str, int]]], t: Token) -> int | None:
        """The value of a number word; an accent that was typed must agree unless no reading agrees."""
        if not (readings := table.get(t.folded)):
            return None
        for mark, value in readings:
            if mark == t.mark:
                return value
        return readings[0][1] if t.mark.isascii() and t.mark.endswith("0") else None

    def read(self, tokens: Sequence[Token]) -> list[Number]:
        """All numbers, left to right; a number word alone (\"nam\" is also \"year\") counts only beside another one."""
        found: list[Number] = []
        end = 0
        for start, t in enumerate(tokens):
            if start < end or not self._begins(t):
                continue
            if (number := self._number(tokens, start)) is not None:
                found.append(number)
                end = number.end
        return found

    def _number(self, tokens: Sequence[Token], start: int) -> Number | None:
        run = _Run()
        i = start
        while i < len(tokens):
            t = tokens[i]
            figure = _figure(t.folded)
            digit = figure if figure is not None else self._look(self._digits, t)
            power = self._look(self._powers, t)
            if power is not None and (run.seen or power == 10):
                run.power(power)
            elif digit is not None and (not run.seen or self._goes_on(tokens, i, start, figure)):
                run.digit(digit, last=not self._power_follows(tokens, i))
            elif run.seen and t.folded in self._half and run.last_power >= 1000:
                run.total += run.last_power / 2
            elif not (run.seen and t.folded in self._fillers and i + 1 < len(tokens) and self._is_digit(tokens[i + 1])):
                break
            i += 1
        return Number(start, i, run.total + run.current) if run.seen else None

    def _is_digit(self, t: Token) -> bool:
        return _figure(t.folded) is not None or self._look(self._digits, t) is not None

    def _power_follows(self, tokens: Sequence[Token], i: int) -> bool:
        return i + 1 < len(tokens) and self._look(self._powers, tokens[i + 1]) is not None

    def _goes_on(self, tokens: Sequence[Token], i: int, start: int, figure: float | None) -> bool:
        """Words run on after words (\"bay hai\") and after a power; figures after a power only (\"2 trieu 8\")."""
        before = tokens[i - 1]
        if i - start >= 12:
            return False
        if self._look(self._powers, before) is not None:
            return True
        return figure is None and _figure(before.folded) is None

    def telling(self, t: Token) -> bool:
        """Whether a clause may tell a number because this word stands in it; without any such word it tells none."""
        return t.folded in self._relative or self._begins(t)

    def _begins(self, t: Token) -> bool:
        """Whether a number may begin with this word; one that begins so may still be none ("07/2021")."""
        if t.is_number:
            return True
        if t.folded not in self._beginning:
            return False
        return self._look(self._digits, t) is not None or self._look(self._powers, t) == 10

    def concepts(self, tokens: Sequence[Token], today: date, persons: Iterable[int]) -> dict[str, float]:
        """Concepts that the numbers of a clause tell: ages, sums, years. `persons` are positions of person words."""
        found: dict[str, float] = {}
        words = [t.folded for t in tokens]
        if self._any.isdisjoint(words) and "".join(words).isalpha():
            return found
        if not self._telling.isdisjoint(words) or self._tells(words):
            self._told(tokens, persons, found)
        if not self._relative.keys().isdisjoint(words):
            self._years_from(words, today, found)
        return found

    def _tells(self, words: Sequence[str]) -> bool:
        """Whether there is a figure, or two words for digits: one alone ("nam", "ba") tells nothing without an age."""
        digits = self._digits
        return sum([word in digits for word in words]) > 1 or any(word[0].isdigit() for word in words)

    def _told(self, tokens: Sequence[Token], persons: Iterable[int], found: dict[str, float]) -> None:
        people = list(persons)
        for n in self.read(tokens):
            after = tokens[n.end].folded if n.end < len(tokens) else ""
            before = tokens[n.start - 1].folded if n.start else ""
            if after in self._age or before in self._age:
                self._within(self._words.ages, n.value, found, 1.0)
            elif 60 <= n.value <= 110 and n.end == len(tokens) and any(p < n.start for p in people):
                self._within(self._words.ages, n.value, found, 0.8)
            if n.value >= 100_000:
                self._within(self._words.sums, n.value, found, 1.0)
            elif n.end - n.start == 1 and 2000 <= n.value <= 2100:
                self._within(self._words.years, n.value, found, 1.0)
        for t in tokens:
            if t.is_number and (year := _year_of(t.folded)) is not None:
                self._within(self._words.years, year, found, 1.0)

    def _years_from(self, words: Sequence[str], today: date, found: dict[str, float]) -> None:
        for i, word in enumerate(words):
            for said, ahead in self._relative.get(word, ()):
                if tuple(words[i : i + len(said)]) == said:
                    self._within(self._words.years, today.year + ahead, found, 1.0)

    @staticmethod
    def _within(spans: Iterable[Span], value: float, found: dict[str, float], weight: float) -> None:
        for span in spans:
            if span.at_least <= value <= span.at_most:
                found[span.concept] = max(found.get(span.concept, 0.0), weight)
