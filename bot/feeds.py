"""What others subscribe to: a unit's podcast, playlist, list for automation and calendar. Pure functions, no I/O.

RSS 2.0 with the itunes and podcast namespaces (Apple's and podcastindex.org's requirements for feeds), extended M3U in
UTF-8, JSON, iCalendar (RFC 5545). The same input gives the same bytes, so that an entity tag of them means something; what
was withdrawn is simply not among the episodes.
"""

from __future__ import annotations

import json
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bot.runsheet import Recalled
from bot.settings import LOCAL

RSS_TYPE = "application/rss+xml; charset=utf-8"
M3U_TYPE = "audio/x-mpegurl; charset=utf-8"
JSON_TYPE = "application/json; charset=utf-8"
ICS_TYPE = "text/calendar; charset=utf-8"

#: podcastindex.org's namespace for a feed's own identity
_PODCASTS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
_NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
}
# octets of a line of iCalendar, its end not counted
_FOLD = 75
_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Channel:
    """A unit's station. `link`: its page; `url`: of the feed itself; `image`: square, 1400 to 3000 pixels, if there is
    one; `updated_at`: of its newest change.
    """

    title: str
    about: str
    link: str
    url: str
    author: str
    updated_at: datetime
    image: str = ""
    email: str = ""
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Episode:
    """One published sound. `id` never changes and is never used again; `url`: of the file; `link`: of its page; `label`:
    how a machine's voice is marked; `transcript`: address of the words as plain text; `chapters`: titles and seconds.
    """

    id: str
    title: str
    url: str
    link: str
    media_type: str
    size_bytes: int
    sha256: str
    seconds: float
    published_at: datetime
    text: str = ""
    label: str = ""
    transcript: str = ""
    air_on: date | None = None
    slot_at: str = ""
    zone: str = ""
    priority: str = ""
    valid_until: date | None = None
    chapters: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Airing:
    """One time in the calendar. `id` as above; `changed_at` and `version` move together; `is_off`: it will not be."""

    id: str
    title: str
    starts_at: datetime
    seconds: float
    changed_at: datetime
    text: str = ""
    place: str = ""
    url: str = ""
    version: int = 0
    is_off: bool = False


def rss(channel: Channel, episodes: Sequence[Episode]) -> bytes:
    """The podcast of a station, newest first."""
    names = " ".join(f'xmlns:{name}="{place}"' for name, place in _NAMESPACES.items())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<rss version="2.0" {names}>',
        "<channel>",
        _tag("title", channel.title),
        _tag("link", channel.link),
        _tag("atom:link", href=channel.url, rel="self", type="application/rss+xml"),
        _tag("description", channel.about),
        _tag("language", channel.language),
        _tag("lastBuildDate", _moment(channel.updated_at)),
        _tag("itunes:author", channel.author),
        _tag("itunes:category", text="Government"),
        _tag("itunes:explicit", "false"),
        _tag("itunes:type", "episodic"),
        _tag("podcast:guid", str(uuid.uuid5(_PODCASTS, channel.url.split("://", 1)[-1].rstrip("/")))),
        _tag("podcast:medium", "podcast"),
        _tag("podcast:locked", "no", **({"owner": channel.email} if channel.email else {})),
    ]
    if channel.image:
        lines.append(_tag("itunes:image", href=channel.image))
        picture = (_tag("url", channel.image), _tag("title", channel.title), _tag("link", channel.link))
        lines.append(f"<image>{''.join(picture)}</image>")
    if channel.email:
        owner = (_tag("itunes:name", channel.author), _tag("itunes:email", channel.email))
        lines.append(f"<itunes:owner>{''.join(owner)}</itunes:owner>")
    for episode in _newest_first(episodes):
        lines += _item(episode)
    return "\n".join([*lines, "</channel>", "</rss>", ""]).encode()


def m3u8(channel: Channel, episodes: Sequence[Episode]) -> bytes:
    """The playlist in playing order: by day and time, then as given."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(channel.title)}"]
    for episode in _playing(episodes):
        lines += [f"#EXTINF:{round(episode.seconds)},{_line(episode.title)}", episode.url]
    return "".join(f"{line}\n" for line in lines).encode()


def playlist(channel: Channel, episodes: Sequence[Episode], recalled: Sequence[Recalled] = ()) -> bytes:
    """The same for automation: what to play, how to check it, and what to throw away."""
    data = {
        "version": 1,
        "station": channel.title,
        "link": channel.link,
        "language": channel.language,
        "updated_at": _iso(channel.updated_at),
        "items": [_plain(episode) for episode in _playing(episodes)],
        "recalled": [
            {"title": one.title, "why": one.why, "at": _iso(one.at), "names": one.names, "sha256": one.sha256}
            for one in recalled
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


def calendar(name: str, airings: Sequence[Airing]) -> bytes:
    """When a station speaks, for the calendar of any telephone."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Loa Thon//Loa Thon//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_escaped(name)}",
        f"X-WR-CALNAME:{_escaped(name)}",
        f"X-WR-TIMEZONE:{_ZONE}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        # one offset since 13 June 1975, no summer time
        "BEGIN:VTIMEZONE",
        f"TZID:{_ZONE}",
        "BEGIN:STANDARD",
        "DTSTART:19750613T000000",
        "TZOFFSETFROM:+0700",
        "TZOFFSETTO:+0700",
        "TZNAME:+07",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
    for airing in sorted(airings, key=lambda one: (one.starts_at, one.id)):
        lines += _event(airing)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _item(episode: Episode) -> list[str]:
    words = "\n\n".join(part for part in (episode.text, episode.label) if part)
    enclosure = {"url": episode.url, "length": str(episode.size_bytes), "type": episode.media_type}
    lines = [
        "<item>",
        _tag("title", episode.title),
        _tag("link", episode.link),
        _tag("guid", episode.id, isPermaLink="false"),
        _tag("pubDate", _moment(episode.published_at)),
        _tag("enclosure", **enclosure),
        _tag("itunes:duration", str(round(episode.seconds))),
        _tag("itunes:episodeType", "full"),
        _tag("itunes:explicit", "false"),
    ]
    if words:
        lines.append(_tag("description", words))
    if episode.transcript:
        lines.append(_tag("podcast:transcript", url=episode.transcript, type="text/plain", language="vi"))
    return [*lines, "</item>"]


def _tag(name: str, content: str = "", /, **attributes: str) -> str:
    told = "".join(f" {key}={quoteattr(_clean(value))}" for key, value in attributes.items())
    return f"<{name}{told}>{escape(_clean(content))}</{name}>" if content else f"<{name}{told}/>"


def _clean(text: str) -> str:
    """Only characters XML and JSON readers all take; line breaks stay."""
    kept = (c for c in unicodedata.normalize("NFC", text) if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    # the two code points that XML leaves out among those left
    return "".join(c for c in kept if ord(c) not in {0xFFFE, 0xFFFF})


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _moment(at: datetime) -> str:
    """RFC 2822, where the people live."""
    return format_datetime(at.astimezone(LOCAL))


def _iso(at: datetime) -> str:
    return at.astimezone(LOCAL).isoformat(timespec="seconds")


def _newest_first(episodes: Iterable[Episode]) -> list[Episode]:
    return sorted(episodes, key=lambda one: (one.published_at, one.id), reverse=True)


def _playing(episodes: Iterable[Episode]) -> list[Episode]:
    return sorted(episodes, key=lambda one: (one.air_on or date.max, one.slot_at))


def _plain(episode: Episode) -> dict[str, Any]:
    return {
        "id": episode.id,
        "title": episode.title,
        "url": episode.url,
        "page": episode.link,
        "type": episode.media_type,
        "bytes": episode.size_bytes,
        "sha256": episode.sha256,
        "seconds": round(episode.seconds, 2),
        "published_at": _iso(episode.published_at),
        "air_on": episode.air_on.isoformat() if episode.air_on else None,
        "slot_at": episode.slot_at or None,
        "zone": episode.zone or None,
        "priority": episode.priority or None,
        "valid_until": episode.valid_until.isoformat() if episode.valid_until else None,
        "voice": episode.label or None,
        "text": episode.text,
        "chapters": [{"title": title, "starts_s": round(starts, 2)} for title, starts in episode.chapters],
    }


def _event(airing: Airing) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{airing.id}",
        f"DTSTAMP:{_utc(airing.changed_at)}",
        f"LAST-MODIFIED:{_utc(airing.changed_at)}",
        f"SEQUENCE:{airing.version}",
        f"DTSTART;TZID={_ZONE}:{airing.starts_at.astimezone(LOCAL):%Y%m%dT%H%M%S}",
        f"DURATION:PT{max(1, round(airing.seconds))}S",
        f"SUMMARY:{_escaped(airing.title)}",
        f"STATUS:{'CANCELLED' if airing.is_off else 'CONFIRMED'}",
        # nobody is busy while the loudspeaker speaks
        "TRANSP:TRANSPARENT",
    ]
    for key, value in (("DESCRIPTION", airing.text), ("LOCATION", airing.place)):
        if value:
            lines.append(f"{key}:{_escaped(value)}")
    if airing.url:
        lines.append(f"URL:{airing.url}")
    return [*lines, "END:VEVENT"]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    told = _clean(text).replace("\t", " ").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return told.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Lines of at most 75 octets, cut between letters and never inside one."""
    return b"\r\n ".join(_pieces(line)) + b"\r\n"


def _pieces(line: str) -> Iterator[bytes]:
    held, room = b"", _FOLD
    for letter in line:
        octets = letter.encode()
        if len(held) + len(octets) > room:
            yield held
            # the space that begins the next line is one of its octets
            held, room = b"", _FOLD - 1
        held += octets
    yield held
