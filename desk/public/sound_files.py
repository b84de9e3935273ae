"""Files to carry away: a bulletin's sound, a day's bundle. Downloads that broke off go on; what was taken back is gone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, date, timedelta
from email.utils import format_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from audio.catalogue import TYPES
from bot import bundle as bundles
from bot import clips, station
from bot.bundle import Bundle
from bot.clock import Clock
from bot.errors import LoaThonError
from bot.store import Store
from bot.store.blobs import Blobs
from bot.store.bulletins import BulletinRow
from bot.store.clips import ClipRow
from desk.api.pace import Pace
from desk.days import day_told
from desk.public.guard import ASK_FIRST, is_held
from desk.public.views import Scope

_ENDINGS = {"mp3": "mp3", "ogg": "opus"}
#: a zip that nobody fetched again is made anew
KEPT_FOR = timedelta(days=3)
#: all zips together: a month of bulletins of one station, or a week of a handful of them
BYTES_MOST = 1_000_000_000
#: zips of other days than today and tomorrow that are made at once, and then a second, whoever asks: no broadcaster
#: carries more, and one is some megabytes of reading and writing
FAR_BURST, FAR_PER_S = 20.0, 0.1
#: days before and after today of which a bundle can be had
BUNDLE_DAYS = 31


def file_name(row: BulletinRow, ending: str) -> str:
    """A plain name that says which bulletin it is: `ban-tin-20261122-0530.mp3`."""
    return f"ban-tin-{row.air_on:%Y%m%d}-{row.slot_at.replace(':', '')}.{ending}"


async def sound_answer(request: Request, blobs: Blobs, row: BulletinRow, name: str, keep: str = ASK_FIRST) -> Response:
    """The file of that name; `?tai` has it saved rather than played."""
    ending = name.rpartition(".")[2]
    form = _ENDINGS.get(ending, "")
    if form not in row.files or name != file_name(row, ending):
        return Response(status_code=404)
    sha256 = str(row.files[form]["sha256"])
    headers = {
        "etag": f'"{sha256[:40]}"',
        "cache-control": keep,
        "last-modified": format_datetime((row.published_at or row.updated_at).astimezone(UTC), usegmt=True),
    }
    if keep == ASK_FIRST:
        # players on other sites may play it
        headers["access-control-allow-origin"] = "*"
    return await _file(request, blobs.path(sha256), headers, TYPES[form], name)


class TooManyBundlesError(LoaThonError):
    """bundle.too_many_days"""

    @property
    def wait_s(self) -> int:
        """Seconds until one more is made."""
        return int(str(self.values["wait"]))


class VoiceNotes:
    """Entries read aloud, for their pages and for channels that can only be given a link."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, scope: Scope, entry: str) -> ClipRow | None:
        """The voice note of what the entry says today; None while nobody asked for it in a chat."""
        one = clips.wanted(scope.library, entry, scope.unit_id, scope.day) if scope.unit_id else None
        if one is None:
            return None
        async with self._store.read() as tx:
            (row,) = await clips.found(tx, [(one.note.text_hash, one.voice.name, one.note.unit)])
        return row if row and "mp3" in row.files else None

    async def reader(self, scope: Scope, entry: str) -> str:
        """Who reads the entry aloud: "person", "voice" or, where it cannot be heard, ""."""
        row = await self.find(scope, entry)
        return "" if row is None else "person" if clips.is_persons(row) else "voice"

    async def answer(self, request: Request, scope: Scope) -> Response:
        """The file for players that know MP3."""
        # the name it was asked by: that of a story may tell where it happened
        name = request.path_params["entry"]
        row = await self.find(scope, name)
        if row is None:
            return Response(status_code=404)
        sha256 = str(row.files["mp3"]["sha256"])
        headers = {"etag": f'"{sha256[:40]}"', "cache-control": ASK_FIRST}
        return await _file(request, self._store.blobs.path(sha256), headers, TYPES["mp3"], f"{name}.mp3")


class Bundles:
    """Zips of a day, made when first asked for and kept while nothing in them changes. `folder` holds one folder a unit."""

    def __init__(self, store: Store, clock: Clock, folder: Path) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._pace = Pace(clock.monotonic, FAR_BURST, FAR_PER_S)
        self._kept: dict[tuple[str, date], tuple[Bundle, Path]] = {}
        # one at a time: each writes some megabytes
        self._turn = asyncio.Lock()

    async def answer(self, request: Request, scope: Scope) -> Response | None:
        """The zip; None where there is nothing to play nor to recall. Raises `MissingSoundError`, `TooManyBundlesError`."""
        day = _day(request.path_params["day"])
        if day is None or scope.unit is None or abs(day - scope.day) > timedelta(days=BUNDLE_DAYS):
            return None
        unit, blobs = scope.unit.id, self._store.blobs
        async with self._store.read() as tx:
            found = await station.bundle_of(tx, scope.library, blobs, unit, day, today=scope.day, at=self._clock.true())
        if not found.tracks and not found.recalled:
            return None
        path = await self._path(unit, found, is_near=day in {scope.day, scope.day + timedelta(days=1)})
        # the name changes with any byte of it
        headers = {"etag": f'"{path.stem.rpartition(".")[2]}"', "cache-control": ASK_FIRST}
        return await _file(request, path, headers, "application/zip", bundles.zip_name(found), saved=True)

    async def _path(self, unit: str, found: Bundle, *, is_near: bool) -> Path:
        async with self._turn:
            known = self._kept.get((unit, found.day))
            if known and known[0] == found and known[1].exists():
                return known[1]
            if not is_near and (wait := self._pace.wait_s("")) > 0:
                raise TooManyBundlesError(wait=wait)
            oldest = (self._clock.true() - KEPT_FOR).timestamp()
            path = await asyncio.to_thread(_made, found, unit, self._folder, oldest)
            self._kept = {key: kept for key, kept in self._kept.items() if kept[1].exists()}
            self._kept[unit, found.day] = (found, path)
            return path


async def _file(
    request: Request, path: Path, headers: dict[str, str], media_type: str, name: str, *, saved: bool = False
) -> Response:
    if is_held(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    try:
        found = await asyncio.to_thread(path.stat)
    except FileNotFoundError:
        return Response(status_code=404)
    return FileResponse(
        path,
        headers=headers,
        media_type=media_type,
        filename=name,
        stat_result=found,
        content_disposition_type="attachment" if saved or "tai" in request.query_params else "inline",
    )


def _made(found: Bundle, unit: str, folder: Path, oldest: float) -> Path:
    """The zip in the unit's folder. Those made before that moment (seconds since 1970) go, and the oldest of all units
    where they need more room than they may.
    """
    path = bundles.keep_zip(found, folder / unit)
    room, others = BYTES_MOST - path.stat().st_size, list[tuple[float, int, Path]]()
    for old in folder.glob("*/*.zip"):
        # another process may have taken it away
        with suppress(FileNotFoundError):
            others.append((old.stat().st_mtime, old.stat().st_size, old))
    for made_at, size, old in sorted(others, reverse=True):
        if old == path:
            continue
        room -= size
        if room < 0 or made_at < oldest:
            old.unlink(missing_ok=True)
    return path


def _day(told: str) -> date | None:
    try:
        return day_told(told)
    except ValueError:
        return None
