"""Dates, months, quarters, weekdays and the ranges between them."""

from __future__ import annotations

import calendar
import re

from audio.normalise.lexicon import Lexicon
from audio.normalise.numerals import Numerals, roman_value
from audio.normalise.page import Page
from audio.normalise.spans import Hit

_TO = r"\s*[-\u2013\u2014]\s*"
_FULL = re.compile(r"(\d{1,2})\s?([/.\-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d|[./]\d)")
_ISO = re.compile(r"((?:19|20)\d\d)-(\d{2})-(\d{2})(?!\d)")
# every day with its month inside a date or a range of dates
_NUMBERED = re.compile(
    r"(?<!\d)(?:(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<day>\d{1,2})\s?(?:(?P<mark>[/.-])\s?(?P<month>\d{1,2})\s?(?P=mark)\s?(?P<year>(?:19|20)\d\d)"
    r"|[/.]\s?(?P<alone>\d{1,2})))(?!\d)"
)
_SPAN = re.compile(rf"(\d{{1,2}})(?:/(\d{{1,2}}))?(?:/(\d{{4}}))?{_TO}(\d{{1,2}})/(\d{{1,2}})(?:/(\d{{4}}))?(?![\d/])")
_MONTHS = re.compile(rf"(\d{{1,2}})(?:/((?:19|20)\d\d))?{_TO}(\d{{1,2}})(?:/((?:19|20)\d\d))?(?![\d/%,.]\d|\d|/\d|%)")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s?([/\-.])\s?((?:19|20)\d\d)(?![\d/]|[.,]\d|-\d)")
_DAY_MONTH = re.compile(r"(\d{1,2})\s?([/.\-])\s?(\d{1,2})(?![\d/%]|[.,]\d|-\d)")
_DAY = re.compile(r"(\d{1,2})(?![\d/%]|[.,:]\d|h)")
_DAY_LIST = re.compile(
    r"\s*(?:,|;|&|-|\u2013|[^\W\d_]{2,3}\s)\s*(?:[^\W\d_]{4}\s)?\d{1,2}(?:\s*(?:,|[^\W\d_]{2}\s)\s*\d{1,2}){0,6}(?:/\d|\s[^\W\d_]{5}\s\d)"
)
_YEARS = re.compile(rf"((?:19|20)\d\d){_TO}((?:19|20)\d\d)(?!\d|/\d)")
_YEARS_SLASH = re.compile(r"((?:19|20)\d\d)/((?:19|20)\d\d)(?!\d)")
_WEEKDAYS = re.compile(r"([2-7])((?:\s*(?:,|;|[^\W\d_]{2}\s)\s*[2-7](?![\d/.]))+)(?!\d|,\d|\s?%)")
_WEEKDAY_SPAN = re.compile(rf"([2-7]){_TO}([2-7]|CN)(?!\d|/)")
_WEEKDAYS_DASHED = re.compile(r"[2-7](?:-[2-7]){2,}(?!\d|/)")
_T_CODE = re.compile(r"T\.?\s?(\d{1,2})(?:\s?/\s?((?:19|20)\d\d))?(?![\w%]|[.,]\d)")
# another weekday, or the date of this one
_DAY_AFTER = re.compile(
    r"\s?(?:,|-|\u2013|&)\s?(?:T[2-7]|CN)(?!\w)|\s?,?\s?\(?(?:[^\W\d_]{4}\s)?(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])(?!\d)"
)
# the first so many months of a year
_MONTHS_OF = re.compile(r"([1-9]|[1-6]\d)T(?:\s?/\s?((?:19|20)\d\d)(?!\d))?(?!\w|[.,]\d)")
_Q_CODE = re.compile(r"Q\.?([1-4]|I{1,3}|IV)\s?/\s?((?:19|20)\d\d)(?!\d)")


def _day(text: str) -> bool:
    return 1 <= int(text) <= 31


def _month(text: str) -> bool:
    return 1 <= int(text) <= 12


def impossible(written: str) -> bool:
    """Whether a date as it is written has a day its month does not have; 29 February stands where no year is told."""
    for found in _NUMBERED.finditer(written):
        year, day = found["y"] or found["year"], found["d"] or found["day"]
        month = found["m"] or found["month"] or found["alone"]
        leap = not year or calendar.isleap(int(year))
        if _month(month) and int(day) > (29 if int(month) == 2 and leap else calendar.monthrange(2001, int(month))[1]):
            return True
    return False


class Dates:
    """Rules for a digit (and for the month, quarter and weekday codes T and Q)."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._say: Numerals = lexicon.numerals

    def full(self, page: Page, pos: int) -> Hit | None:
        """Day, month and year; the year with two digits only after a date cue."""
        say = self._say
        iso = _ISO.match(page.text, pos)
        if iso and _month(iso[2]) and _day(iso[3]):
            return Hit(iso.end(), "date", self._date(page, pos, iso[3], iso[2], iso[1]))
        m = _FULL.match(page.text, pos)
        if not m or not _day(m[1]) or not _month(m[3]):
            return None
        year = m[4]
        if len(year) == 2:
            if not page.cued(pos, "date_before") or m[2] == ".":
                return None
            year = ("20" if int(year) < 50 else "19") + year
        elif not 1000 <= int(year) <= 2999:
            return None
        after = re.match(rf"{_TO}(?=\d{{1,2}}\s?([/.\-])\s?\d{{1,2}}\s?\1\s?\d{{4}})", page.text[m.end() :])
        words = self._date(page, pos, m[1], m[3], year)
        if after:
            return Hit(m.end() + after.end(), "date-range", f"{words} {say['to']} ")
        return Hit(m.end(), "date", words)

    def span(self, page: Page, pos: int) -> Hit | None:
        """`17/10-18/11`, `15-20/12/2024`: two days with the range word between them."""
        m = _SPAN.match(page.text, pos)
        if not m:
            return None
        d1, m1, y1, d2, m2, y2 = m.groups()
        if not (_day(d1) and _day(d2) and _month(m2)) or (m1 and not _month(m1)):
            return None
        if m1 is None and (y1 or int(d1) >= int(d2)):
            return None
        say = self._say
        first = (
            say.day(d1)
            + (f" {say['month']} {say.month(m1)}" if m1 else "")
            + (f" {say['year']} {say.count(y1)}" if y1 else "")
        )
        second = self._plain(d2, m2, y2)
        return Hit(m.end(), "date-range", f"{self._lead(page, pos)}{first} {say['to']} {say['day']} {second}")

    def months(self, page: Page, pos: int) -> Hit | None:
        """`9-11/2024` after the month word, `10/2024-3/2025` anywhere."""
        m = _MONTHS.match(page.text, pos)
        if not m or not _month(m[1]) or not _month(m[3]):
            return None
        cued = page.cued(pos, "month")
        if not cued and not (m[2] and m[4]) and not (page.cued(pos, "quarter") and int(m[3]) <= 4):
            return None
        say = self._say
        word = say["quarter"] if page.cued(pos, "quarter") else say["month"]
        lead = "" if cued or page.cued(pos, "quarter") else f"{word} "
        first = say.month(m[1]) + (f" {say['year']} {say.count(m[2])}" if m[2] else "")
        second = say.month(m[3]) + (f" {say['year']} {say.count(m[4])}" if m[4] else "")
        return Hit(m.end(), "date-range", f"{lead}{first} {say['to']} {word} {second}")

    def month_year(self, page: Page, pos: int) -> Hit | None:
        """`4/2024`; after the quarter word it is a quarter."""
        months = _MONTHS_OF.match(page.text, pos)
        if months and (months[2] or page.follows(months.end(), "year_part") or page.cued(pos, "term_before")):
            year = f" {self._say['year']} {self._say.count(months[2])}" if months[2] else ""
            return Hit(months.end(), "period", f"{self._say.count(months[1])} {self._say['month']}{year}")
        m = _MONTH_YEAR.match(page.text, pos)
        if not m or not _month(m[1]) or page.cued(pos, "doc_before"):
            return None
        if m[2] != "/" and not page.cued(pos, "month"):
            return None
        say = self._say
        if page.cued(pos, "issue_before"):
            return Hit(m.end(), "period", f"{say.count(m[1])} {say['year']} {say.count(m[3])}")
        said = page.cued(pos, "month") or page.cued(pos, "quarter")
        lead = "" if said or self._continues(page, pos) else f"{say['month']} "
        return Hit(m.end(), "date", f"{lead}{say.month(m[1])} {say['year']} {say.count(m[3])}")

    def day_month(self, page: Page, pos: int) -> Hit | None:
        """`20/5` where the sentence points to a date; with a dot or hyphen only right after a day word."""
        m = _DAY_MONTH.match(page.text, pos)
        if not m or not _day(m[1]) or not _month(m[3]):
            return None
        if (
            m[2] == "/"
            and page.cued(pos, "street_before")
            and m[1][0] != "0"
            and m.group() not in {"1/2", "1/3", "1/4"}
        ):
            say = self._say
            return Hit(m.end(), "date", f"{say.count(m[1])} {say['month']} {say.month(m[3])}")
        if m[2] == "/":
            if page.cued(pos, "share_before") and page.follows(m.end(), "fraction_noun") and int(m[1]) < int(m[3]):
                return None
            if not (page.cued(pos, "date_before") or self._continues(page, pos)):
                return None
        elif not self._dashed(page, pos, m):
            return None
        elif self._days_only(page, pos, m):
            say = self._say
            return Hit(m.end(), "date-range", f"{say.day(m[1])} {say['to']} {say['day']} {say.day(m[3])}")
        return Hit(m.end(), "date", self._date(page, pos, m[1], m[3], None))

    def _days_only(self, page: Page, pos: int, m: re.Match[str]) -> bool:
        """True for days in the plural, "the days 10-12", and for "day 5-8" of a month named after it, or of every month."""
        if m[2] != "-" or int(m[1]) >= int(m[3]):
            return False
        if page.follows(m.end(), "month") or page.follows(m.end(), "every_month"):
            return page.cued(pos, "day")
        return page.cued(pos, "days_plural")

    def _dashed(self, page: Page, pos: int, m: re.Match[str]) -> bool:
        """A day and a month joined by a dot or hyphen: after a day word, in a list of such dates, or closing a clause."""
        if not page.free(m.end()):
            return False
        if m[2] == "-" and self._continues(page, pos):
            return True
        if page.cued(pos, "day_part") and page.right(m.end())[:1] in {"", ".", ",", ";", ")", "!"}:
            return True
        if m[2] == "-" and not page.cued(pos, "day") and page.follows(m.end(), "month"):
            return False
        if page.char(pos - 1) == "(" and page.char(m.end()) == ")" and int(m[1]) > int(m[3]):
            # a day alone in brackets after its name; no range falls
            return m[2] == "-"
        late = int(m[1]) > 12 and m[2] == "-"
        return page.cued(pos, "date_named") or (late and page.cued(pos, "date_before"))

    def day(self, page: Page, pos: int) -> Hit | None:
        """A bare day after the day word, when a month, a range or a list of days follows."""
        m = _DAY.match(page.text, pos)
        if not m or not _day(m[1]):
            return None
        say = self._say
        if page.cued(pos, "early_day_said"):
            return Hit(m.end(), "date", say.count(m[1]))
        listed = bool(_DAY_LIST.match(page.text, m.end()))
        if not page.cued(pos, "day"):
            return None
        if page.cued(pos, "day_not_date") and not listed:
            return None
        right = page.right(m.end())
        if listed or page.follows(m.end(), "day_follow") or not right or right[0] in ".,;)":
            return Hit(m.end(), "date", say.day(m[1]))
        return None

    def month(self, page: Page, pos: int) -> Hit | None:
        """A bare number after the month, quarter or ordinal word."""
        m = re.compile(r"(\d{1,2})(?![\d/%]|[.,]\d)").match(page.text, pos)
        if not m:
            return None
        if page.cued(pos, "month") and _month(m[1]):
            return Hit(m.end(), "date", self._say.month(m[1]))
        if page.cued(pos, "quarter") and 1 <= int(m[1]) <= 4:
            return Hit(m.end(), "date", self._say.month(m[1]))
        if page.cued(pos, "ordinal"):
            weekday = page.cued(pos, "ordinal_not_weekday")
            return Hit(m.end(), "ordinal", self._say.ordinal(m[1]) if weekday or m[1] != "1" else self._say["first"])
        return None

    def years(self, page: Page, pos: int) -> Hit | None:
        """`2021-2025`; a slash only in a school year or a term."""
        m = _YEARS.match(page.text, pos)
        if not m:
            m = _YEARS_SLASH.match(page.text, pos)
            if not m or not (page.cued(pos, "school_year") or int(m[2]) == int(m[1]) + 1):
                return None
        say = self._say
        return Hit(m.end(), "period", f"{say.count(m[1])} {say['to']} {say.count(m[2])}")

    def weekdays(self, page: Page, pos: int) -> Hit | None:
        """A list or range of weekdays: the weekday word is said before each, as an announcer would."""
        if not page.cued(pos, "weekday") or page.cued(pos, "ordinal_not_weekday"):
            return None
        say = self._say
        span = _WEEKDAY_SPAN.match(page.text, pos)
        if span and not _WEEKDAYS_DASHED.match(page.text, pos):
            last = say["sunday"] if span[2] == "CN" else f"{say['weekday']} {say.month(span[2])}"
            return Hit(span.end(), "weekday", f"{say.month(span[1])} {say['to']} {last}")
        m = _WEEKDAYS.match(page.text, pos)
        dashed = _WEEKDAYS_DASHED.match(page.text, pos)
        if dashed:
            return Hit(
                dashed.end(), "weekday", f", {say['weekday']} ".join(say.month(d) for d in dashed.group().split("-"))
            )
        if not m:
            return None
        rest = re.sub(r"[2-7]", lambda d: f"{say['weekday']} {say.month(d.group())}", m[2])
        return Hit(m.end(), "weekday", say.month(m[1]) + rest.replace(";", ","))

    def code(self, page: Page, pos: int) -> Hit | None:
        """`T4/2024`, `T9`, `T2-T6`, `Q3/2025`."""
        say = self._say
        quarter = _Q_CODE.match(page.text, pos)
        if quarter:
            number = quarter[1] if quarter[1].isdigit() else str(roman_value(quarter[1]))
            return Hit(
                quarter.end(), "date", f"{say['quarter']} {say.month(number)} {say['year']} {say.count(quarter[2])}"
            )
        m = _T_CODE.match(page.text, pos)
        if not m or not _month(m[1]):
            return None
        if m[2]:
            return Hit(m.end(), "date", f"{say['month']} {say.month(m[1])} {say['year']} {say.count(m[2])}")
        others = re.search(r"(?:^|[\s,(])T[2-7]\s?(?:,|-|\u2013)?\s?$", page.text[max(0, pos - 8) : pos])
        follows = _DAY_AFTER.match(page.text, m.end())
        dated = bool(page.hits) and page.hits[-1][1].kind == "date" and page.text[page.hits[-1][1].end : pos] == " ("
        day_part = dated or page.cued(pos, "time_before") or page.cued(pos, "date_named")
        if m[1] in "234567" and (others or follows or day_part):
            return Hit(m.end(), "weekday", f"{say['weekday']} {say.month(m[1])}")
        return Hit(m.end(), "date", f"{say['month']} {say.month(m[1])}")

    # ---- parts

    def _date(self, page: Page, pos: int, day: str, month: str, year: str | None) -> str:
        lead = self._lead(page, pos)
        early = not page.cued(pos, "early_day_said")
        return f"{lead}{self._plain(day, month, year, early=early)}"

    def _plain(self, day: str, month: str, year: str | None, *, early: bool = True) -> str:
        say = self._say
        words = f"{say.day(day, early=early)} {say['month']} {say.month(month)}"
        return f"{words} {say['year']} {say.count(year)}" if year else words

    def _lead(self, page: Page, pos: int) -> str:
        """The day word, unless it was said, a holiday is named, or the date continues a list of dates."""
        if page.cued(pos, "date_named") or self._continues(page, pos):
            return ""
        return f"{self._say['day']} "

    def _continues(self, page: Page, pos: int) -> bool:
        """True when only a list mark or a short joining word stands between the date before and this one."""
        if not page.hits:
            return False
        _, last = page.hits[-1]
        if last.kind not in {"date", "date-range"} or last.end > pos:
            return False
        between = page.text[last.end : pos].strip(" ,")
        return between in {"", self._say["and"], "&"}
