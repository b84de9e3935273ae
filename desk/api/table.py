"""Every address of the API, one line each."""

from __future__ import annotations

from desk.api import content, loa, matters
from desk.api.call import Call
from desk.api.case_shapes import Cases, CasesAsked, CaseSent, CaseTaken, CaseTold
from desk.api.shapes import (
    CODE_PARAM,
    ENTRY_PARAM,
    NUMBER_PARAM,
    UNIT_PARAM,
    Aired,
    AiredTold,
    Broadcasts,
    BroadcastsAsked,
    Bulletin,
    Bulletins,
    DayAsked,
    Entries,
    EntriesAsked,
    EntryAsked,
    EntryTold,
    FiguresAsked,
    FiguresTold,
    Nothing,
    Programme,
    Question,
    Recalls,
    Understood,
    Units,
)

_UNIT, _ENTRY, _NUMBER, _CODE = (
    {"unit": UNIT_PARAM},
    {"entry": ENTRY_PARAM},
    {"number": NUMBER_PARAM},
    {"code": CODE_PARAM},
)
_FORMAT = {"type": "string", "enum": ["mp3", "opus", "wav"]}
_SOUNDS = ("audio/mpeg", "audio/ogg", "audio/wav")


def _entries(kind: str, told: str) -> tuple[Call, Call]:
    """The list of a kind, and one of it."""
    return (
        Call(
            "GET", f"/{kind}", "content", content.listed(kind), f"{told} that hold today",
            Entries, query=EntriesAsked, is_tagged=True, problems=("not-found",),
        ),
        Call(
            "GET", f"/{kind}/{{entry}}", "content", content.one(kind), f"One of the {kind}, as a household is told it",
            EntryTold, query=EntryAsked, params=_ENTRY, is_tagged=True, problems=("not-found",),
        ),
    )  # fmt: skip


CALLS: tuple[Call, ...] = (
    Call("GET", "/units", "", content.units, "The key's units, and the words of consent", Units, is_tagged=True),
    *_entries("policies", "Policies"),
    *_entries("stories", "Stories of model households"),
    *_entries("faq", "Answers a unit gave for everybody"),
    *_entries("announcements", "Announcements of a unit"),
    Call(
        "POST", "/ask", "ask", content.understood, "What a question means, and the entries that answer it",
        Understood, body=Question, problems=("not-found",),
    ),
    Call(
        "GET", "/units/{unit}/programme", "clips", loa.programme, "A unit's day on the loudspeakers",
        Programme, query=DayAsked, params=_UNIT, is_tagged=True, problems=("not-found",),
    ),
    Call(
        "GET", "/units/{unit}/bulletins", "clips", loa.bulletins, "Published bulletins of a unit",
        Bulletins, params=_UNIT, is_tagged=True, problems=("not-found",),
    ),
    Call(
        "GET", "/units/{unit}/recalls", "clips", loa.recalls, "Bulletins of a unit that were taken back",
        Recalls, params=_UNIT, is_tagged=True, problems=("not-found",),
    ),
    Call(
        "GET", "/bulletins/{number}", "clips", loa.bulletin, "One bulletin",
        Bulletin, params=_NUMBER, is_tagged=True, problems=("not-found", "gone"),
    ),
    Call(
        "GET", "/bulletins/{number}/sound/{format}", "clips", loa.sound, "The sound of a bulletin, ranges served",
        params={**_NUMBER, "format": _FORMAT}, media_types=_SOUNDS, is_tagged=True, problems=("not-found", "gone"),
    ),
    Call(
        "POST", "/airings", "airings", loa.aired, "A bulletin was aired: its code on the run sheet",
        AiredTold, body=Aired, problems=("not-found", "conflict"),
    ),
    Call(
        "GET", "/broadcasts", "broadcasts", matters.broadcasts, "How far broadcasts got, never to whom",
        Broadcasts, query=BroadcastsAsked, is_tagged=True,
    ),
    Call(
        "GET", "/units/{unit}/figures", "figures", matters.figures, "A unit's quarter, small numbers hidden",
        FiguresTold, query=FiguresAsked, params=_UNIT, is_tagged=True, problems=("not-found",),
    ),
    Call(
        "GET", "/cases", "cases-read", matters.cases, "Cases of the key's units: states and dates",
        Cases, query=CasesAsked, is_tagged=True, problems=("not-found",),
    ),
    Call(
        "POST", "/cases", "cases-send", matters.send, "Open a case for a household that agreed",
        CaseTaken, made=201, body=CaseSent, problems=("refused", "conflict"),
    ),
    Call(
        "GET", "/cases/{code}", "cases-read|cases-send", matters.case, "How far a case is",
        CaseTold, params=_CODE, is_tagged=True, problems=("not-found",),
    ),
)  # fmt: skip

#: for calls that ask nothing behind the address
NO_QUERY = Nothing
