"""What the library tells: policies, stories, answers for everybody, announcements; and what words mean."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot.engine.index import reading_of
from bot.integration_cases import PURPOSE
from bot.library import Entry, Library, answer
from bot.library.answer import Status, status_on
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.says import Consents
from bot.library.schema.story import Story
from desk.api.call import Ask, Serve, tagged, written
from desk.api.problem import ProblemError
from desk.api.shapes import Entries, EntryLine, EntryTold, Part, Understood, UnitLine, Units
from desk.public.finding import find
from desk.public.views import Scope, sources


def listed(kind: str) -> Serve:
    """The list of one kind: what is told in that unit and holds today, by id."""

    async def serve(ask: Ask) -> Response:
        scope = _scope(ask, ask.query.unit)
        known = {entry.id: entry for entry in ask.library.entries() if ask.library.kind_of(entry.id) == kind}
        topic, after = ask.query.topic, ask.query.after
        found = [
            ask.library.entry(ident, scope.unit_id)
            for ident in sorted(known)
            if ident > after and _holds(ask.library, known[ident], scope)
        ]
        found = [entry for entry in found if not topic or _topic(entry) == topic]
        shown = found[: ask.query.limit]
        onward = shown[-1].id if len(found) > len(shown) else None
        lines = [EntryLine(**_line(ask, scope, entry)) for entry in shown]
        return tagged(ask.request, written(Entries(items=lines, next=onward)))

    return serve


def one(kind: str) -> Serve:
    """One entry of that kind; former ids lead to what it is called now."""

    async def serve(ask: Ask) -> Response:
        scope = _scope(ask, ask.query.unit)
        name = ask.param("entry")
        if not ask.library.has(name) or ask.library.kind_of(ask.library.id_of(name)) != kind:
            raise ProblemError("not-found")
        entry = ask.library.entry(name, scope.unit_id)
        if isinstance(entry, Faq | Announcement) and not _told_there(ask.library, entry, scope.unit_id):
            raise ProblemError("not-found")
        return tagged(ask.request, written(_told(ask, scope, entry)))

    return serve


async def units(ask: Ask) -> Response:
    """The units of the key, and the words of consent."""
    known = [ask.library.units[name] for name in sorted(ask.caller.units) if name in ask.library.units]
    lines = [
        UnitLine(
            id=unit.id,
            name=unit.name,
            office=unit.office,
            level=unit.level,
            hamlets=sorted(hamlet.id for hamlet in unit.hamlets),
        )
        for unit in known
    ]
    consent = ask.library.phrase(Consents).consents[PURPOSE]
    return tagged(ask.request, written(Units(items=lines, consent_text=consent.text, consent_version=consent.version)))


async def understood(ask: Ask) -> Understood:
    """What a text means, with the entries that answer it. Nothing of it is kept."""
    scope = _scope(ask, ask.body.unit)
    reading = reading_of(ask.library, ask.body.text, scope.day, scope.unit_id)
    found = find(scope, ask.body.text)
    return Understood(
        kind=reading.kind.value,
        intent=reading.intent,
        warning=found.warning.text if found.warning else "",
        items=[_told(ask, scope, entry) for entry in found.entries],
    )


def _scope(ask: Ask, asked: str) -> Scope:
    unit = ask.unit(asked)
    return Scope(ask.library, unit, ask.office.clock.today(), unit.id if unit and unit.id != ask.office.unit else "")


def _holds(library: Library, entry: Entry, scope: Scope) -> bool:
    own = library.entry(entry.id, scope.unit_id)
    return status_on(own, scope.day) is Status.CURRENT and library.tells(own, scope.unit_id, scope.day)


def _told_there(library: Library, entry: Faq | Announcement, unit: str | None) -> bool:
    """Whether it is, was or will be told there: what is another unit's own affair is not."""
    return library.tells(entry, unit, entry.valid_to or entry.valid_from or entry.reviewed_on)


def _topic(entry: Entry) -> str | None:
    return None if isinstance(entry, Story) else entry.topic


def _line(ask: Ask, scope: Scope, entry: Entry) -> dict[str, Any]:
    seen = answer(ask.library, entry.id, scope.day, scope.unit_id)
    return {
        "id": entry.id,
        "kind": seen.kind,
        "title": seen.title,
        "topic": _topic(entry),
        "status": seen.status.value,
        "valid_from": None if isinstance(entry, Story) else entry.valid_from,
        "valid_to": None if isinstance(entry, Story) else entry.valid_to,
        "reviewed_on": entry.reviewed_on,
        "signed": seen.signed,
        "url": f"{ask.office.public_url}{scope.href(scope.entry_path(entry))}",
    }


def _told(ask: Ask, scope: Scope, entry: Entry) -> EntryTold:
    seen = answer(ask.library, entry.id, scope.day, scope.unit_id)
    return EntryTold(
        **_line(ask, scope, entry),
        text=seen.text,
        parts=[Part(key=part.key, title=part.title, text=part.text) for part in seen.parts],
        script=seen.script,
        airable=seen.airable,
        confidence=seen.confidence.value,
        stamp=seen.stamp,
        signed_line=seen.signed_line,
        instead=seen.instead,
        sources=[link.href or link.title for link in sources(entry, seen)],
    )
