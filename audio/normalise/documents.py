"""Document numbers: number, year, then a code composed of type, issuer and drafting office.

Forms after Decree 30/2020 on paperwork (number/year/type-issuer) and the Party's own guidance (`05-CT/TW`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from audio.normalise.compounds import Compounds
from audio.normalise.lexicon import Lexicon
from audio.normalise.page import Page
from audio.normalise.spans import Hit

_PART = r"[^\W\d_]+(?:&[^\W\d_]+)*(?:\d{1,3})?"
_CODE = re.compile(rf"{_PART}(?:\s?[-/\u2013]\s?{_PART}){{0,7}}")
_PIECE = re.compile(rf"(\s?)([-/\u2013]?)(\s?)({_PART})")
_NUMBER = re.compile(r"(\d{1,5})([a-z\u0111]?)(?:\s?[/-]\s?((?:19|20)\d\d))?\s*([/-])\s*(?=[^\W\d_])")
_YEAR_ONLY = re.compile(r"(\d{1,5})([a-z\u0111]?)\s?/\s?((?:19|20)\d\d)(?![\d/]|-\d)")
_STANDARD = re.compile(r"(\d{1,5}(?:-\d{1,2})?):((?:19|20)\d\d)(?!\d)")
_MOST_PARTS = 8  # parts of the longest code seen in a joint circular, with room
_LONGEST_RUN = 40  # letters; a longer run of capitals is no abbreviation
_LONGEST_NAME = 4  # initials of the person or place a school is named after
_PIECE_LETTERS = 3  # letters of a piece that is not one of the sure pairs
_SHORT_PIECES = 1  # of a sure run: two pieces of three letters may be cut elsewhere just as well
_TAIL = 4  # letters a known end must have before the letters around it are spelled one by one
_GUESSED = 4  # letters; fewer may be anything
_LIKELY = 0.7  # of a reading, against all others together
_LETTERS = re.compile(r"([^\W\d_]+(?:&[^\W\d_]+)*)(\d*)")


def spelled(lexicon: Lexicon, letters: str) -> str:
    """Letter names; a letter without a name (another alphabet) is left as it is."""
    return " ".join(lexicon.letters.get(c, c) for c in letters.lower() if c.isalpha())


class Documents:
    """Reads document numbers and bare codes."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._tables = lexicon.documents
        pieces = {**lexicon.documents.offices, **lexicon.documents.fields}
        self._pieces = {
            k: v
            for k, v in {**pieces, **lexicon.documents.issuers, **lexicon.abbreviations}.items()
            if len(k) >= 2 and k.isalpha() and k.isupper() and v
        }
        self.joined = lru_cache(maxsize=2048)(self._joined)
        self._half_cached = lru_cache(maxsize=2048)(self._half)
        self._learned: Compounds | None = None

    # ---- rules

    def number(self, page: Page, pos: int) -> Hit | None:
        """A document number at a digit."""
        m = _NUMBER.match(page.text, pos)
        if not m:
            return self._year_only(page, pos)
        code = self._code(
            page,
            m.end(),
            m.group(4),
            named=page.cued(pos, "doc_before") or page.cued(pos, "form_before"),
            year=bool(m.group(3)),
        )
        if code is None:
            return self._year_only(page, pos)
        end, words, unknown = code
        return Hit(end, "document", f"{self._value(m.group(1), m.group(2), m.group(3))} {words}", unknown)

    def blank(self, page: Page, pos: int) -> Hit | None:
        """A code after a slash whose number is not filled in yet, or after a standard's year."""
        m = _CODE.match(page.text, pos + 1)
        code = self._code(page, pos + 1, "/", named=True, year=False) if m else None
        if m is None or code is None:
            return None
        after_document = bool(page.hits) and page.hits[-1][1].end == pos and page.hits[-1][1].kind == "document"
        if not after_document and not (
            re.split(r"[-/]", m.group())[0] in self._tables.types and re.search(r"\w[-/]\w", m.group())
        ):
            return None
        end, words, unknown = code
        return Hit(end, "document", f" {words}", unknown)

    def bare(self, page: Page, pos: int) -> Hit | None:
        """A code without number, such as the decree code in the name of a form."""
        m = _CODE.match(page.text, pos)
        if not m or not re.match(rf"{_PART}[-/\u2013]", m.group()):
            return None
        first, _, rest = re.split(r"([-/\u2013])", m.group(), maxsplit=1)
        second = re.match(_PART, rest.lstrip())
        if first not in self._tables.types or not second or not self._is_issuer(second.group()):
            return None
        code = self._code(page, pos, "", named=True, year=False)
        return Hit(code[0], "document", code[1], code[2]) if code else None

    def standard(self, page: Page, pos: int) -> Hit | None:
        """A technical standard's number and year after its mark."""
        m = _STANDARD.match(page.text, pos)
        words = page.words_before(pos, 1)
        if not m or not words or words[0].upper() not in self._tables.standards:
            return None
        say = self._lexicon.numerals
        number = " ".join(say.padded(p) for p in m.group(1).split("-"))
        return Hit(m.end(), "document", f"{number} {say['year']} {say.count(m.group(2))}")

    def _year_only(self, page: Page, pos: int) -> Hit | None:
        m = _YEAR_ONLY.match(page.text, pos)
        if not m:
            return None
        value = int(m.group(1))
        words = page.words_before(pos)
        named = any(" ".join(words[i:]) in self._lexicon.cues["doc_before"] for i in range(len(words)))
        if not named and value <= 12:
            return None
        if not named and (page.cued(pos, "year") or int(m.group(3)) == value + 1):
            return None
        return Hit(m.end(), "document", self._value(m.group(1), m.group(2), m.group(3)))

    def _value(self, number: str, letter: str, year: str | None) -> str:
        say = self._lexicon.numerals
        words = say.padded(number) + (f" {letter}" if letter else "")
        return f"{words} {say['year']} {say.count(year)}" if year else words

    # ---- codes

    def _code(
        self, page: Page, pos: int, sep: str, *, named: bool, year: bool
    ) -> tuple[int, str, tuple[tuple[int, int], ...]] | None:
        """Parts from `pos` on: (end, words, unknown places), or None when this is no document code."""
        words: list[str] = []
        unknown: list[tuple[int, int]] = []
        known = 0
        issuer = False
        end = at = pos
        while len(words) < _MOST_PARTS and (m := _PIECE.match(page.text, at)):
            before, mark, after, part = m.groups()
            if (words and not mark) or (not words and (mark or before)):
                break
            spaced = bool(before or after) and bool(words)
            reading = self._part(part, first=not words, issuer=issuer)
            if not words:
                reading = self._named_type(page, pos, part) or reading
            if (reading is None or spaced) and not self._code_like(part, spaced=spaced):
                break
            if words and not page.free(m.end()):
                break
            if reading is None:
                unknown.append((m.end() - len(part), m.end()))
                reading = self.guess(part.replace("&", "")) or self._spell(part)
            else:
                known += 1
            issuer = issuer or self._is_issuer(part)
            words.append(reading)
            end = at = m.end()
        if not words or not known or not page.free(end):
            return None
        lone = len(words) == 1
        if lone and not (year or (sep == "/" and (named or page.text[pos:end] in self._tables.issuers))):
            return None
        if sep == "-" and lone and not named:
            return None
        if not named and not year and not self._known_start(page, pos):
            return None
        return end, " ".join(words), tuple(unknown)

    def _named_type(self, page: Page, pos: int, part: str) -> str | None:
        """The type the sentence named just before the number, where the letters allow several."""
        readings = self._tables.type_readings.get(part)
        if not readings or len(readings) < 2:
            return None
        left = page.left(pos)
        return max((r for r in readings if r in left), key=left.rfind, default=None)

    def _known_start(self, page: Page, pos: int) -> bool:
        m = re.compile(_PART).match(page.text, pos)
        first = m.group() if m else ""
        return first in self._tables.types or self._is_issuer(first)

    def _code_like(self, part: str, *, spaced: bool) -> bool:
        if spaced:
            return part in self._tables.types or self._is_issuer(part)
        return part.replace("&", "").isupper() or part in self._tables.types or part in self._tables.issuers

    def _is_issuer(self, part: str) -> bool:
        bare = part.replace("&", "")
        letters = bare.rstrip("0123456789")
        return letters in self._tables.issuers or letters in self._tables.terms or self._prefixed(bare) is not None

    def _part(self, part: str, *, first: bool, issuer: bool) -> str | None:
        m = _LETTERS.fullmatch(part)
        if not m:
            return None
        letters, digits = m.group(1).replace("&", ""), m.group(2)
        say = self._lexicon.numerals
        t = self._tables
        if digits:
            words = t.issuers.get(letters) or self._lexicon.abbreviations.get(letters)
            if words is None:
                return None
            return (
                f"{words} {say['term']} {say.count(digits)}" if letters in t.terms else f"{words} {say.count(digits)}"
            )
        order = (t.types, t.issuers) if first else (t.offices, t.issuers) if issuer else (t.issuers, t.offices)
        for table in order:
            if letters in table:
                return table[letters]
        found = self._prefixed(letters) or t.offices.get(letters) or self._lexicon.abbreviations.get(letters)
        if found is None and letters in self._lexicon.contexts:
            found = self._lexicon.contexts[letters][-1].say
        return found or self._school(letters) or self.joined(letters) or self._both(part)

    def _both(self, part: str) -> str | None:
        """Two fields joined by the sign for "and", each known by itself."""
        if "&" not in part:
            return None
        readings = [self._part(p, first=False, issuer=True) for p in part.split("&")]
        return " ".join(r for r in readings if r) if all(readings) else None

    def _school(self, letters: str) -> str | None:
        """A kind of school and the initials of its name, which are spelled."""
        kind = max((k for k in self._tables.schools if letters.startswith(k)), key=len, default="")
        name = letters[len(kind) :]
        if not kind or not 1 < len(name) <= _LONGEST_NAME or name in self._tables.levels:
            return None
        return f"{self._lexicon.abbreviations[kind]} {spelled(self._lexicon, name)}"

    def _prefixed(self, letters: str) -> str | None:
        for prefix, words in self._tables.prefixes.items():
            rest = letters[len(prefix) :]
            if letters.startswith(prefix) and rest in self._tables.fields:
                return f"{words} {self._tables.fields[rest]}"
        return None

    def _joined(self, letters: str) -> str | None:
        """Cut an unknown run of capitals into known pieces, as few as possible; None when it cannot be done.

        A pair of letters is a piece only where it stands for one thing; all others make a run a guess.
        """
        if len(letters) > _LONGEST_RUN:
            return None
        post = None if letters in self._pieces else self._post(letters)
        if post:
            return post
        if len(letters) < _PIECE_LETTERS:
            return self._tables.compounds.get(letters) or self._pieces.get(letters)
        best: list[list[str] | None] = [[]] + [None] * len(letters)
        short = [0] * (len(letters) + 1)
        for end in range(2, len(letters) + 1):
            for start in range(end - 1):
                piece = letters[start:end]
                if len(piece) < _PIECE_LETTERS and piece not in self._tables.pairs:
                    continue
                head, words = best[start], self._pieces.get(piece) or self._tables.compounds.get(piece)
                here = best[end]
                if head is not None and words is not None and (here is None or len(head) + 1 < len(here)):
                    best[end] = [*head, words]
                    short[end] = short[start] + (len(piece) == _PIECE_LETTERS)
        return " ".join(best[-1]) if best[-1] and short[-1] <= _SHORT_PIECES else self._levelled(letters)

    def guess(self, letters: str, before: tuple[str, ...] = ()) -> str | None:
        """A run nobody listed, as a hearer would take it after the words `before`; the caller reports it as unknown.

        None when no reading stands out: the caller spells it.
        """
        if not letters.isalpha() or len(letters) < _GUESSED:
            return None
        likely = self._compounds.expand(letters, before)
        if likely and likely.known and likely.confidence >= _LIKELY:
            return likely.words
        return self._paired(letters) or self._half_cached(letters)

    @property
    def _compounds(self) -> Compounds:
        """Learned when the first unlisted run is met: most texts have none."""
        if self._learned is None:
            lexicon, t = self._lexicon, self._tables
            senses = (sense.say for senses in lexicon.contexts.values() for sense in senses)
            listed = {
                *lexicon.abbreviations.values(),
                *t.issuers.values(),
                *t.offices.values(),
                *t.fields.values(),
                *senses,
            }
            self._learned = Compounds(sorted(listed), lexicon.parts, lexicon.joining, lexicon.written)
        return self._learned

    def _post(self, letters: str) -> str | None:
        """Who leads a board, or stands in for its head: `PTBQL`, `TBQL`."""
        for mark, words in self._tables.posts.items():
            board = self._pieces.get(letters[len(mark) :]) if letters.startswith(mark) else None
            if board and board.split()[0] in self._tables.boards:
                return f"{words} {board}"
        return None

    def _paired(self, letters: str) -> str | None:
        """Known pieces before or after one pair of letters that mostly stands for one thing."""
        for pair, rest, form in ((letters[:2], letters[2:], "{0} {1}"), (letters[-2:], letters[:-2], "{1} {0}")):
            known = self._tables.compounds.get(pair)
            others = self._pieces.get(rest) or (self._joined(rest) if len(rest) >= 2 * _PIECE_LETTERS else None)
            if known and others and len(rest) >= _PIECE_LETTERS:
                return form.format(known, others)
        return None

    def _half(self, letters: str) -> str | None:
        """A known beginning or end in words, the other letters by their names."""
        for size in range(len(letters) - 1, _TAIL - 1, -1):
            head, tail = self._pieces.get(letters[:size]), self._pieces.get(letters[-size:])
            if head:
                return f"{head} {spelled(self._lexicon, letters[size:])}"
            if tail:
                return f"{spelled(self._lexicon, letters[:-size])} {tail}"
        return None

    def _levelled(self, letters: str) -> str | None:
        """A known body with the letter of its level at the end: the Farmers' Association of a commune."""
        level = self._tables.levels.get(letters[-1:])
        body = self._tables.issuers.get(letters[:-1]) or (
            self._pieces.get(letters[:-1]) if letters[-1:] in self._tables.lowest else None
        )
        return f"{body} {level}" if level and body and len(letters) > 2 else None

    def _spell(self, part: str) -> str:
        m = _LETTERS.fullmatch(part)
        letters, digits = (m.group(1), m.group(2)) if m else (part, "")
        words = spelled(self._lexicon, letters)
        return f"{words} {self._lexicon.numerals.count(digits)}" if digits else words

    def body(self, letters: str) -> str | None:
        """A field, a body named by prefix and field, or a document type, outside a code; None when unknown."""
        if len(letters) < 3:
            return None
        return self._tables.fields.get(letters) or self._prefixed(letters) or self._tables.types.get(letters)
