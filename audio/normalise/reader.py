"""One pass over the text: each place is classified once, by the first rule that fits, and said once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from audio.normalise.codes import Codes
from audio.normalise.contacts import Addresses, Phones
from audio.normalise.dates import Dates, impossible
from audio.normalise.documents import Documents
from audio.normalise.letters import Letters
from audio.normalise.lexicon import Lexicon
from audio.normalise.marks import Marks
from audio.normalise.page import PAUSES, Page
from audio.normalise.pairs import Pairs
from audio.normalise.quantities import Quantities
from audio.normalise.source import Source, regular
from audio.normalise.spans import Hit, Mark, Residue, Span, Spoken
from audio.normalise.times import Times

_TOKEN = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
_WEB_MARK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+\-]{0,80}(?:@|\.[A-Za-z]{2}|://)")
_TERM_CODE = re.compile(r"([^\W\d_]+)\d+[-/][^\W\d_]")
_DATED = frozenset({"date", "date-range"})
_QUARTERS = frozenset({"QI", "QII", "QIII", "QIV"})
_LONGEST_SMALL = 5  # letters of the longest small-letter abbreviation or unit

Rule = Callable[[Page, int], Hit | None]


class Reader:
    """The rules of one lexicon, compiled once."""

    def __init__(self, lexicon: Lexicon, *, respell: bool = False) -> None:
        self._lexicon = lexicon
        documents = Documents(lexicon)
        dates, times, pairs = Dates(lexicon), Times(lexicon), Pairs(lexicon)
        quantities, phones = Quantities(lexicon), Phones(lexicon)
        self._quantities = quantities
        self._addresses = Addresses(lexicon)
        self._letters = Letters(lexicon, documents, respell=respell)
        self._codes = Codes(lexicon)
        self._marks = Marks(lexicon, documents)
        self._phones = phones
        self._dates = dates
        # the order is the grammar: the more a form says about itself, the earlier it is asked
        self._digit_rules: tuple[Rule, ...] = (
            documents.number,
            documents.standard,
            pairs.cued_code,
            dates.full,
            dates.span,
            dates.months,
            dates.years,
            dates.month_year,
            phones.phone,
            phones.identity,
            dates.weekdays,
            times.clock,
            dates.day_month,
            pairs.pair,
            pairs.dotted,
            quantities.sizes,
            quantities.degrees,
            quantities.mixed,
            quantities.ratio,
            dates.day,
            dates.month,
            quantities.several,
            quantities.amount,
            pairs.code,
        )

    def read(self, written: str) -> Spoken:
        """Never raises; every character is said, silent by rule, or in the residue."""
        source = regular(written)
        page = Page(source.text, self._lexicon)
        residue = list(source.dropped)
        text, at = source.text, 0
        out: list[str] = []
        marks: list[tuple[str, int, int]] = []
        spans: list[Span] = []
        length = 0
        for token in _TOKEN.finditer(text):
            pos = token.start()
            if pos < at:
                continue
            hit = self._hit(page, pos, token.group(), token.end())
            if hit is None:
                self._odd(source, pos, token.group(), residue)
                continue
            if not hit.kind:
                residue.append(Residue("symbol", text[pos : hit.end], *source.place(pos, hit.end)))
                hit = Hit(hit.end, "symbol", hit.spoken)
            if hit.spoken.strip(" ,"):
                page.hits.append((pos, hit))
            gap = text[at:pos]
            spoken = hit.spoken
            before = (gap or (out[-1] if out else ""))[-1:]
            if spoken[:1] == "," and (not before or before in " ,.;:!?\u2026(\n") and self._stopped(out, gap):
                spoken = spoken[1:]
            if spoken and spoken[0].isalnum() and before.isalnum():
                spoken = f" {spoken}"
            after = text[hit.end : hit.end + 1]
            if not spoken and before.isalnum() and after and after not in PAUSES:
                spoken = " "  # a silent mark between two words does not glue them
            if spoken and spoken[-1].isalnum() and after.isalnum():
                spoken += " "
            elif after and after in ",.;:!?)\u2026":
                spoken = spoken.rstrip(" ")
            out += [gap, spoken]
            start = length + len(gap)
            length = start + len(spoken)
            if spoken.strip():
                marks.append((hit.kind, start, length))
            _add(spans, Span(hit.kind, *source.place(pos, hit.end), text[pos : hit.end], hit.spoken.strip()))
            residue += _doubted(source, pos, hit)
            at = hit.end
        out.append(text[at:])
        said, places = _tidy("".join(out), marks)
        return Spoken(said, tuple(spans), tuple(sorted(residue, key=lambda r: (r.start, r.end))), places)

    def _hit(self, page: Page, pos: int, token: str, end: int) -> Hit | None:
        first = token[0]
        if first.isdigit():
            return self._digit(page, pos)
        if first.isalpha():
            return self._letter(page, pos, token, end)
        if first in "+(*#":
            phone = self._phones.marked(page, pos)
            if phone:
                return phone
        money = self._quantities.prefixed(page, pos)
        if money:
            return money
        if first == "@":
            return self._addresses.handle(page, pos) or self._marks.mark(page, pos)
        return self._marks.mark(page, pos)

    def _digit(self, page: Page, pos: int) -> Hit | None:
        if _WEB_MARK.match(page.text, pos):
            web = self._addresses.mail(page, pos) or self._addresses.site(page, pos)
            if web:
                return web
        for rule in self._digit_rules:
            hit = rule(page, pos)
            if hit is not None:
                return hit
        # digits glued to something no rule knows: say the number and go on
        end = pos + 1
        while page.char(end).isdigit():
            end += 1
        return Hit(end, "number", self._lexicon.numerals.padded(page.text[pos:end]))

    def _letter(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """A word: the commune's own names first, then what is said by its form, then by its letters."""
        letters, codes = self._letters, self._codes
        hit = (
            letters.name(page, pos)
            or self._address(page, pos, end)
            or self._quantities.loose(page, pos, word, end)
            or self._quantities.times(page, pos, word, end)
            or letters.foreign(page, pos, word, end)
            or letters.marked(page, pos)
            or codes.milestone(page, pos, word)
        )
        if hit:
            return hit
        if word.islower():
            return letters.small(page, pos, word, end) if len(word) <= _LONGEST_SMALL else None
        return self._capitalised(page, pos, word, end)

    def _address(self, page: Page, pos: int, end: int) -> Hit | None:
        after = page.char(end)
        if not after or after not in ".@:-_0123456789" or not _WEB_MARK.match(page.text, pos):
            return None
        return self._addresses.mail(page, pos) or self._addresses.site(page, pos)

    def _capitalised(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        letters = self._letters
        after = page.char(end)
        if after.isdigit() or (after in {".", " ", "-"} and page.char(end + 1).isdigit()):
            hit = self._codes.road(page, pos) or (self._dates.code(page, pos) if word in {"T", "Q"} else None)
            hit = hit or (self._codes.coded(page, pos) if after.isdigit() and not self._opens_code(page, pos) else None)
            if hit:
                return hit
        if word in _QUARTERS and after == "/":
            hit = self._dates.code(page, pos)
            if hit:
                return hit
        if word[1:].islower() and word not in self._lexicon.abbreviations:
            return None
        return letters.capitals(page, pos, word, end)

    def _opens_code(self, page: Page, pos: int) -> bool:
        """True when letters with digits open a document code, such as a term of the Assembly."""
        m = _TERM_CODE.match(page.text, pos)
        return bool(m and m[1] in self._lexicon.documents.terms)

    @staticmethod
    def _stopped(out: list[str], gap: str) -> bool:
        """True when the text so far ends with a pause already, or has not begun."""
        last = ("".join(out[-3:]) + gap).rstrip(" ")
        return not last or last[-1] in ",.;:!?\u2026(\n"

    @staticmethod
    def _odd(source: Source, pos: int, token: str, residue: list[Residue]) -> None:
        """Letters of an alphabet no Vietnamese voice can say are kept, and reported."""
        if token[0].isalpha() and not token.isascii() and any(not _latin(c) for c in token):
            residue.append(Residue("script", token, *source.place(pos, pos + len(token))))


def _add(spans: list[Span], span: Span) -> None:
    """Two pieces read out of one written character, such as a power, are one span."""
    if spans and span.start < spans[-1].end:
        last = spans.pop()
        said = f"{last.spoken} {span.spoken}".strip()
        span = Span(span.kind, last.start, max(last.end, span.end), last.written + span.written, said)
    spans.append(span)


@lru_cache(maxsize=2048)
def _latin(ch: str) -> bool:
    return "LATIN" in unicodedata.name(ch, "") or bool(unicodedata.combining(ch))


def _tidy(text: str, marks: list[tuple[str, int, int]]) -> tuple[str, tuple[Mark, ...]]:
    """One blank between words, none before a closing mark or at the ends; the marks move along."""
    keep: list[str] = []
    moved: list[int] = []
    previous = "\n"
    size_kept = 0
    for i, ch in enumerate(text):
        moved.append(size_kept)
        if ch == "\n":
            if previous == " " and keep:
                keep.pop()
                size_kept -= 1
                moved[-1] -= 1
                previous = keep[-1][-1] if keep else "\n"
            if previous == "\n":
                continue
        if ch == " " and (previous in " \n" or text[i + 1 : i + 2] == "\n"):
            continue
        # a kept line break is written as a blank line, so that no later reading takes it for a cut line
        keep.append("\n\n" if ch == "\n" else ch)
        size_kept += len(keep[-1])
        previous = ch
    moved.append(size_kept)
    said = "".join(keep)
    cut = len(said) - len(said.lstrip())
    final = said.strip()
    places: list[Mark] = []
    for kind, start, end in marks:
        a, b = max(0, moved[start] - cut), min(len(final), moved[end] - cut)
        while a < b and final[a].isspace():
            a += 1
        while b > a and final[b - 1].isspace():
            b -= 1
        if a < b:
            places.append(Mark(kind, a, b))
    if not unicodedata.is_normalized("NFC", final):
        return unicodedata.normalize("NFC", final), ()
    return final, tuple(places)


def _doubted(source: Source, pos: int, hit: Hit) -> Iterator[Residue]:
    """What of a piece that was read is reported: guessed letters, a picture that is silent, a day no calendar has."""
    text = source.text
    yield from (Residue("unknown-abbreviation", text[a:b], *source.place(a, b)) for a, b in hit.unknown)
    is_dated = hit.kind in _DATED and impossible(text[pos : hit.end])
    if is_dated or hit.kind == "decoration":
        end = pos + len(text[pos : hit.end].rstrip())
        yield Residue("impossible-date" if is_dated else hit.kind, text[pos:end], *source.place(pos, end))
