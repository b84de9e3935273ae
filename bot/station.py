"""A unit's station as others see it: its day as a bundle, its bulletins as episodes, its times as a calendar."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time

from bot import feeds
from bot.bulletins import day as days
from bot.bulletins import recall
from bot.bundle import Bundle, Track
from bot.library import Library
from bot.library.render import fill
from bot.library.schema.loudspeaker import Loudspeaker
from bot.runsheet import Entry, Recalled
from bot.settings import LOCAL
from bot.store import Tx, airings
from bot.store.airings import AiringRow
from bot.store.blobs import Blobs
from bot.store.bulletins import BulletinRow

#: what is played over loudspeakers and downloaded by clients that play one kind of file
_FORM, _TYPE = "mp3", "audio/mpeg"


def name_of(library: Library, unit: str) -> str:
    """How a unit's station is called on air. Raises `KeyError` for an unknown unit."""
    return fill(library.phrase(Loudspeaker).station, ten=library.unit(unit).name)


async def bundle_of(
    tx: Tx,
    library: Library,
    blobs: Blobs,
    unit: str,
    day: date,
    *,
    today: date,
    at: datetime,
    with_codes: bool = False,
) -> Bundle:
    """What a unit plays that day, in playing order, each bulletin once, and the recalls; not what is over by today.

    `with_codes`: those that tick it off, for the station's own people only: who has one may say that it was aired.
    Without tracks when nothing is published for the day. Raises `KeyError` for an unknown unit.
    """
    shows = await days.programme(tx, library, unit, day)
    playing = (row for show in shows for row in show.bulletins)
    rows = {row.id: row for row in playing if _FORM in row.files and not recall.is_over(row, today)}
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for number in rows if with_codes else ():
        for airing in await airings.of_bulletin(tx, number):
            if airing.air_on == day:
                codes[number].append(airing.code)
    return Bundle(
        name_of(library, unit),
        day,
        tuple(dict.fromkeys(show.slot.at for show in shows)),
        tuple(_track(library, row, blobs, codes[row.id]) for row in rows.values()),
        tuple(recalled(one) for one in await recall.recalls(tx, unit, at)),
    )


def recalled(one: recall.Recall) -> Recalled:
    """A recall as papers and feeds tell it."""
    return Recalled(one.title, one.why, one.withdrawn_at, sha256=(one.sound_hash,) if one.sound_hash else ())


def episode(row: BulletinRow, *, url: str, link: str, transcript: str = "") -> feeds.Episode:
    """A published bulletin for feeds. `url`: of its MP3; `link`: of its page; `transcript`: of its words as text."""
    file = row.files[_FORM]
    return feeds.Episode(
        id=f"loathon-bulletin-{row.id}-{row.revision}",
        title=row.title,
        url=url,
        link=link,
        media_type=_TYPE,
        size_bytes=int(file["bytes"]),
        sha256=str(file["sha256"]),
        seconds=row.seconds,
        published_at=row.published_at or row.updated_at,
        text=words_of(row),
        label=str(row.sound.get("label", "")),
        transcript=transcript,
        air_on=row.air_on,
        slot_at=row.slot_at,
        zone=row.zone,
        priority=row.priority,
        valid_until=row.ends_on,
        chapters=tuple((str(one["title"]), float(one["start_s"])) for one in row.sound.get("chapters", ())),
    )


def airing(row: BulletinRow, one: AiringRow, *, site: str, link: str) -> feeds.Airing:
    """A time for the calendar. `site`: this installation's host, so that ids are its own."""
    at = time.fromisoformat(one.slot_at)
    return feeds.Airing(
        id=f"loathon-airing-{one.id}@{site}",
        title=row.title,
        starts_at=datetime.combine(one.air_on, at, LOCAL),
        seconds=row.seconds,
        changed_at=row.withdrawn_at or row.published_at or row.updated_at,
        text="\n".join(str(chapter["title"]) for chapter in row.sound.get("chapters", ())),
        place=one.zone,
        url=link,
        version=row.revision + (1 if row.withdrawn_at else 0),
        is_off=row.withdrawn_at is not None,
    )


def words_of(row: BulletinRow) -> str:
    """Every word of a bulletin, a line a stretch."""
    return "\n".join(str(line["text"]) for line in row.script)


def _track(library: Library, row: BulletinRow, blobs: Blobs, codes: list[str]) -> Track:
    file = row.files[_FORM]
    told = Entry(
        row.title,
        row.seconds,
        words_of(row),
        str(row.sound.get("label", "")),
        ", ".join(codes),
        library.unit(row.unit).office,
        row.approved_at,
    )
    return Track(told, blobs.path(str(file["sha256"])), str(file["sha256"]), int(file["bytes"]))
