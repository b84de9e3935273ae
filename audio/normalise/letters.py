"""Abbreviations, capitals, initials, foreign words and the commune's own names."""

from __future__ import annotations

import re

from audio.normalise.documents import Documents, spelled
from audio.normalise.headings import in_heading, is_name
from audio.normalise.lexicon import Lexicon, Sense
from audio.normalise.page import PAUSES, Page
from audio.normalise.quantities import alternation
from audio.normalise.romans import Romans
from audio.normalise.spans import Hit
from audio.normalise.syllables import has_tone_or_vowel_mark, is_careless, is_sayable, is_syllable

_W = r"[^\W\d_]+"
_JOINED = re.compile(rf"{_W}(?:\s?&\s?{_W}|\s?[-\u2013]\s?{_W}|\.{_W}|,\s?{_W}(?=\s?&)){{1,6}}")
_WORD = re.compile(_W)
_INITIALS = re.compile(r"[A-Z\u0110](?:\.[A-Z\u0110](?![^\W\d_]))+\.?")
_SERIES = re.compile(r"([A-Z\u0110]{1,3}) ?(\d{4,})(?![^\W_]|[.,]\d)")
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_DOTTED_LETTERS = 4  # with stops between; fewer are a person's initials


class Letters:
    """Rules for a letter."""

    def __init__(self, lexicon: Lexicon, documents: Documents, *, respell: bool) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals
        self._documents = documents
        self._respell = respell
        self._romans = Romans(lexicon)
        # written forms that hold a mark, found whole before anything else
        marked = [k for k in {**lexicon.abbreviations, **lexicon.contexts} if not k.isalpha()]
        self._marked = re.compile(rf"(?:{alternation(marked)})(?:(?<=\.)|(?![^\W\d_]))")
        self._marked_first = frozenset(k[0] for k in marked)
        self._names = re.compile(rf"(?:{alternation(lexicon.names)})(?![^\W_])") if lexicon.names else None
        self._name_first = frozenset(k[0] for k in lexicon.names)
        hyphened = [k for k in lexicon.foreign if not k.isalpha()]
        self._hyphened = re.compile(rf"(?:{alternation(hyphened)})(?![^\W_])", re.IGNORECASE)
        self._hyphened_first = frozenset(k[0] for k in hyphened)

    # ---- whole forms

    def name(self, page: Page, pos: int) -> Hit | None:
        """A name of the commune's own table."""
        if page.text[pos] not in self._name_first or self._names is None:
            return None
        m = self._names.match(page.text, pos)
        if not m:
            return None
        return Hit(m.end(), "name", self._lexicon.names[m.group()] or m.group())

    def foreign(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """A known foreign word: as it stands, or respelled when the voice needs that."""
        low = word.lower()
        if low[0] in self._hyphened_first and (self._respell or "-" in page.text[end : end + 1]):
            m = self._hyphened.match(page.text, pos)
            if m and (self._respell or not any(c.isdigit() for c in m.group())):
                low, end = m.group().lower(), m.end()
        if low not in self._lexicon.foreign or (low == word.lower() and not self._lexicon.is_foreign(word)):
            return None
        written = page.text[pos:end]
        say = self._lexicon.foreign[low] if self._respell else ""
        return Hit(end, "foreign", say or written)

    def marked(self, page: Page, pos: int) -> Hit | None:
        """An abbreviation written with a slash, stop or hyphen."""
        if page.text[pos] not in self._marked_first:
            return None
        m = self._marked.match(page.text, pos)
        if not m:
            return None
        end = m.end()
        initials = _INITIALS.match(page.text, pos)
        if initials and m.group()[1:] == "." and initials.end() > end:
            return None
        spoken = self._sense(page, pos, end, m.group())
        if spoken is None:
            return None
        gap = " " if m.group()[-1] == "." and page.char(end).isalnum() else ""
        return Hit(end, "abbreviation", page.unsaid(pos, spoken) + gap)

    def small(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """A small-letter abbreviation or a unit after a number word."""
        lexicon = self._lexicon
        if word in lexicon.abbreviations or word in lexicon.contexts:
            stop = page.char(end) == "." and page.next_char(end + 1).islower()
            spoken = self._sense(page, pos, end, word)
            if spoken:
                return Hit(end + stop, "abbreviation", spoken)
        unit = lexicon.units.get(word) if len(word) > 1 else None
        unit = unit or (lexicon.magnitudes.get(word) if word in {"k", "tr"} else None)
        if unit and unit != word and self._after_number(page, pos):
            return Hit(end, "measure", unit)
        return None

    def _after_number(self, page: Page, pos: int) -> bool:
        """True right after a number, written in digits or in words; silent marks may stand between."""
        cut = pos
        while cut and (page.char(cut - 1) == " " or not (page.char(cut - 1).isalnum() or page.char(cut - 1) in PAUSES)):
            cut -= 1
        if page.hits and page.hits[-1][1].end >= cut:
            words = page.hits[-1][1].spoken.split()
        else:
            words = page.words_before(cut, 1) if cut < pos and page.char(cut - 1).isalnum() else []
        return bool(words) and words[-1].lower() in self._lexicon.cues["number_word"]

    # ---- capitals

    def capitals(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """A token with capitals: code, joined abbreviation, abbreviation, Roman numeral, heading word; else spelled."""
        series = _SERIES.match(page.text, pos) if page.cued(pos, "series_before") else None
        if series:
            return Hit(series.end(), "code", f"{' '.join(series[1])} {self._say.each(series[2])}")
        initials = _INITIALS.match(page.text, pos)
        letters = "".join(c for c in initials.group() if c.isalpha()) if initials else ""
        if initials and len(letters) >= _DOTTED_LETTERS and letters in self._lexicon.abbreviations:
            return Hit(initials.end(), "abbreviation", page.unsaid(pos, self._lexicon.abbreviations[letters]))
        if initials:
            return Hit(initials.end(), "initials", " ".join(c for c in initials.group() if c.isalpha()))
        bare = self._documents.bare(page, pos)
        if bare:
            return bare
        joined = self._joined(page, pos)
        if joined:
            return joined
        dotted = self._dotted(page, pos, word, end)
        if dotted:
            return dotted
        roman = self._romans.number(page, pos, word, end)
        if roman and not (
            is_syllable(word)
            and set(word) > {"I"}
            and not self._romans.sure(page, pos, end)
            and in_heading(page, pos, end)
        ):
            return roman
        if len(word) == 1 and word not in self._lexicon.contexts:
            return None
        spoken = self._abbreviation(page, pos, end, word)
        if spoken is not None:
            guessed = page.guessed == pos and word not in page.own
            return Hit(end, "abbreviation", page.unsaid(pos, spoken), ((pos, end),) if guessed else ())
        if not word.isupper() or len(word) == 1:
            return self._mixed(page, pos, end, word)
        if is_syllable(word) or (is_sayable(word) and is_name(page, pos, end, word)):
            return Hit(end, "capitals", word.lower())
        before = tuple(page.words_before(pos, 2))
        said = self._documents.guess(word, before) or spelled(self._lexicon, word)
        return Hit(end, "abbreviation", said, ((pos, end),))

    def _mixed(self, page: Page, pos: int, end: int, word: str) -> Hit | None:
        """A short form typed in both cases: read as if in capitals where that is known, else spelled and reported."""
        if not is_careless(word) or word in self._lexicon.units:
            return None
        spoken = self._sense(page, pos, end, word.upper())
        if spoken:
            return Hit(end, "abbreviation", page.unsaid(pos, spoken))
        return Hit(end, "abbreviation", spelled(self._lexicon, word), ((pos, end),))

    def _abbreviation(self, page: Page, pos: int, end: int, word: str) -> str | None:
        own = page.own.get(word)
        if own:
            return own
        sayable = is_syllable(word) and word.isupper()
        if sayable and in_heading(page, pos, end):
            # in a line of capitals a short word is an abbreviation only where its own rule says so
            senses = () if has_tone_or_vowel_mark(word) or len(word) > 2 else self._lexicon.contexts.get(word, ())
            sure = (s.say for s in senses if (s.before or s.after) and self._fits(page, pos, end, s))
            return next(sure, None)
        spoken = self._sense(page, pos, end, word)
        if spoken is not None:
            return spoken
        if not word.isupper():
            return None
        if sayable:
            # a few bodies happen to be spelled like a syllable; a word with its marks never is one
            return None if has_tone_or_vowel_mark(word) else self._documents.body(word)
        return self._documents.body(word) or self._documents.joined(word)

    def _sense(self, page: Page, pos: int, end: int, word: str) -> str | None:
        senses = self._lexicon.contexts.get(word)
        if senses is not None:
            counted = page.char(pos - 2).isdigit() and page.char(pos - 1) == " "
            for sense in senses:
                if self._fits(page, pos, end, sense):
                    page.guessed = -1 if sense.sure else pos
                    if counted and (sense.before or sense.after):
                        page.counted[word] = (pos, sense.say)
                        return sense.say
                    return (self._as_counted(page, pos, word) if counted else None) or sense.say
            return None
        return self._lexicon.abbreviations.get(word) or None

    @staticmethod
    def _as_counted(page: Page, pos: int, word: str) -> str | None:
        """What the same short form counted earlier in the sentence: "1.204 HS received, 1.187 HS answered"."""
        earlier, say = page.counted.get(word, (pos, None))
        return say if earlier < pos and not _SENTENCE_END.search(page.text, earlier, pos) else None

    def _fits(self, page: Page, pos: int, end: int, sense: Sense) -> bool:
        return (not sense.before or self._left_fits(page, pos, sense.before)) and (
            not sense.after or self._right_fits(page, end, sense.after)
        )

    @staticmethod
    def _left_fits(page: Page, pos: int, wanted: tuple[str, ...]) -> bool:
        left = page.left(pos).rstrip("(\u201c\"'*_ ")
        for want in wanted:
            if want == "<start>":
                if not left or left[-1] in ".;:!?-\n":
                    return True
            elif want == "<number>":
                if left[-1:].isdigit():
                    return True
            elif left.endswith(want) and (left == want or not (want[0] + left[-len(want) - 1]).isalnum()):
                return True
        return False

    def _right_fits(self, page: Page, end: int, wanted: tuple[str, ...]) -> bool:
        raw = page.text[end : end + 48]
        cut = raw.lstrip(" .") if raw[:1] == "." else raw.lstrip(" ")
        # the next sentence says nothing of the short form this one ends with
        right = "" if raw[:2] == ". " and cut[:1].isupper() and cut[1:2].islower() else cut.lower()
        return any(self._class(cut, want) if want[0] == "<" else _starts(right, want) for want in wanted)

    @staticmethod
    def _class(cut: str, want: str) -> bool:
        word = _WORD.match(cut)
        token = word.group() if word else ""
        if want == "<number>":
            return cut[:1].isdigit()
        if want == "<code>":
            return bool(re.match(r"\(?\d+[/-]", cut))
        if want == "<colon>":
            return cut[:1] == ":"
        if want == "<end>":
            return not cut or cut[0] in ".,;)!?\n"
        if want == "<caps>":
            return len(token) > 1 and token.isupper()
        if want == "<name>":
            return bool(token) and token[0].isupper() and (len(token) == 1 or not token.isupper())
        return bool(token) and token[0].islower()

    def _joined(self, page: Page, pos: int) -> Hit | None:
        """Capitals joined by &, hyphen, stop or comma: looked up as one, the longest run first."""
        m = _JOINED.match(page.text, pos)
        if not m:
            return None
        run = m.group()
        parts = re.split(r"(\s?[&\-\u2013.,]\s?)", run)
        for count in range(len(parts), 1, -2):
            words = parts[:count:2]
            if count < 3 or not all(_capital(w) for w in words):
                continue
            if any(" " in mark and "&" not in mark for mark in parts[1:count:2]) and min(map(len, words)) == 1:
                continue  # a dash set apart after a lone letter joins two things, not one short form
            if "," in "".join(parts[1:count:2]) and "&" not in "".join(parts[1:count:2]):
                continue
            end = pos + len("".join(parts[:count]))
            if not page.free(end):
                continue
            key = "".join(words)
            table = self._lexicon.abbreviations
            spoken = table.get("".join(parts[:count])) or self._specific(page, pos, end, key)
            if spoken:
                # the stop of a title belongs to it when a name follows
                end += page.char(end) == "." and "." in run and page.next_char(end + 1).isupper()
                return Hit(end, "abbreviation", page.unsaid(pos, spoken))
        return None

    def _specific(self, page: Page, pos: int, end: int, key: str) -> str | None:
        """The run as one abbreviation: as the text explains it, by its neighbours, from the table, or as a body's parts."""
        said = page.own.get(key) or self._sense(page, pos, end, key)
        return said or (self._documents.body(key) if len(key) >= 4 else None)

    def _dotted(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """Short forms with a stop: `TP.`, `P.5`, `KT.`, road numbers, `A1`."""
        if page.char(end) == ".":
            key = f"{word}."
            if key in self._lexicon.contexts and not self._initial(page, pos, word):
                spoken = self._sense(page, pos, end + 1, key)
                if spoken:
                    return Hit(end + 1, "abbreviation", f"{spoken} ")
            if word in self._lexicon.abbreviations or word in self._lexicon.contexts:
                nxt = page.right(end + 1)[:1]
                after = page.text[end + 1 : end + 3].lstrip()
                if (
                    nxt
                    and (after[:1].isupper() or after[:1].isdigit())
                    and len(word) <= 4
                    and page.char(end + 1) != "\n"
                ):
                    spoken = self._abbreviation(page, pos, end, word)
                    if spoken and self._is_title(page, end, spoken):
                        return Hit(end + 1, "abbreviation", page.unsaid(pos, spoken) + " ")
        return None

    def _is_title(self, page: Page, end: int, spoken: str) -> bool:
        """A stop that belongs to the short form: no blank after it, or a title or the noun of a place."""
        return page.char(end + 1) != " " or spoken in self._lexicon.cues["title"]

    @staticmethod
    def _initial(page: Page, pos: int, word: str) -> bool:
        """True for the initial of a person: a capitalised word stands right before, with no comma."""
        if len(word) > 1:
            return False
        left = page.text[max(0, pos - 24) : pos]
        if re.search(r"(?:^|[^\w])[^\W\d_]\.\s?$", left):
            return True
        m = re.search(r"([^\W\d_]+) $", left)
        return bool(m and m[1][0].isupper() and not m[1].isupper())


def _capital(word: str) -> bool:
    return word.isupper() or (len(word) >= 3 and sum(c.isupper() for c in word) >= 2)


def _starts(right: str, want: str) -> bool:
    return right.startswith(want) and (len(right) == len(want) or not right[len(want)].isalnum())
