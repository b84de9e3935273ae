"""What broadcasters, podcast clients and calendars subscribe to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot import feeds, station
from bot.bulletins import recall
from bot.bulletins.recall import Recall
from bot.clock import Clock
from bot.feeds import Channel, Episode
from bot.store import Store, airings, bulletins
from bot.store.bulletins import BulletinRow
from desk.days import day_told
from desk.public.cards import draw_cover
from desk.public.guard import ASK_FIRST, cached, midnight
from desk.public.pages import PublicPages
from desk.public.sound_files import file_name
from desk.public.views import Scope

#: what a calendar holds: days past and days to come
_BEFORE, _AHEAD = timedelta(days=14), timedelta(days=60)


class Subscriptions:
    """The feeds of every unit. `url`: where the site is reached."""

    def __init__(self, public: PublicPages, store: Store, clock: Clock, url: str) -> None:
        self._public = public
        self._store = store
        self._clock = clock
        self._url = url
        self._covers: dict[str, bytes] = {}

    async def podcast(self, request: Request, scope: Scope) -> Response:
        """RSS of everything that was to be aired up to today: nobody hears it before the hamlet does."""
        rows, taken_back = await self._rows(scope)
        rows = [row for row in rows if row.air_on <= scope.day]
        body = feeds.rss(self._channel(scope, rows, taken_back), [self._episode(row) for row in rows])
        return _answer(request, body, feeds.RSS_TYPE)

    async def playlist(self, request: Request, scope: Scope) -> Response:
        """What is to be played, in order: today, or on the day `?ngay=` names."""
        rows, taken_back = await self._rows(scope)
        asked = _asked(request) or scope.day
        told = [self._episode(row) for row in rows if row.air_on == asked]
        return _answer(request, feeds.m3u8(self._channel(scope, rows, taken_back), told), feeds.M3U_TYPE)

    async def automation(self, request: Request, scope: Scope) -> Response:
        """From today on, or of the day `?ngay=` names, with hashes and recalls: programs that play fetch it ahead."""
        rows, taken_back = await self._rows(scope)
        asked = _asked(request)
        told = [self._episode(row) for row in rows if (row.air_on == asked if asked else row.air_on >= scope.day)]
        recalled = [station.recalled(one) for one in taken_back]
        return _answer(request, feeds.playlist(self._channel(scope, rows, taken_back), told, recalled), feeds.JSON_TYPE)

    async def calendar(self, request: Request, scope: Scope) -> Response:
        """When the station speaks; what was taken back is cancelled."""
        unit, today = _unit(scope), scope.day
        since, until = today - _BEFORE, today + _AHEAD
        async with self._store.read() as tx:
            rows = await bulletins.listed(tx, unit=unit, since=since, until=until, states=("published", "withdrawn"))
            lines = await airings.log(tx, unit, since, until)
        known = {row.id: row for row in rows}
        zones = {zone.id: zone.title for zone in scope.library.units[unit].zones}
        host = urlsplit(self._url).hostname or "loa-thon"
        told = [
            replace(station.airing(row, one, site=host, link=self._page(row)), place=zones.get(one.zone, ""))
            for one in (line.airing for line in lines)
            if (row := known.get(one.bulletin_id))
        ]
        return _answer(request, feeds.calendar(station.name_of(scope.library, unit), told), feeds.ICS_TYPE)

    async def cover(self, request: Request, scope: Scope) -> Response:
        """The square picture podcast clients show."""
        title = station.name_of(scope.library, _unit(scope))
        if title not in self._covers:
            foot = str(self._public.words("podcast.html")["foot"])
            self._covers[title] = await asyncio.to_thread(draw_cover, title, foot)
        return cached(request, self._covers[title], "image/png", keep="public, max-age=86400")

    async def _rows(self, scope: Scope) -> tuple[list[BulletinRow], tuple[Recall, ...]]:
        unit, at = _unit(scope), self._clock.true()
        async with self._store.read() as tx:
            rows = await recall.listed(tx, scope.library, unit, scope.day)
            return [row for row in rows if "mp3" in row.files], tuple(await recall.recalls(tx, unit, at))

    def _channel(self, scope: Scope, rows: list[BulletinRow], taken_back: tuple[Recall, ...]) -> Channel:
        unit = _unit(scope)
        moments: list[datetime] = [row.published_at for row in rows if row.published_at]
        moments += [one.withdrawn_at for one in taken_back]
        words, name = self._public.words("podcast.html"), station.name_of(scope.library, unit)
        return Channel(
            title=name,
            about=str(words["about"]),
            link=f"{self._url}/loa/{unit}",
            url=f"{self._url}/loa/{unit}/podcast.xml",
            author=scope.library.unit(unit).office,
            updated_at=max(moments, default=midnight(scope.day)),
            image=f"{self._url}/loa/{unit}/bia.png",
        )

    def _episode(self, row: BulletinRow) -> Episode:
        page = self._page(row)
        return station.episode(row, url=f"{page}/{file_name(row, 'mp3')}", link=page, transcript=f"{page}/loi.txt")

    def _page(self, row: BulletinRow) -> str:
        return recall.page_of(row, self._url)


def _asked(request: Request) -> date | None:
    asked = request.query_params.get("ngay", "")
    try:
        return day_told(asked) if asked else None
    except ValueError:
        return None


def _answer(request: Request, body: bytes, media_type: str) -> Response:
    answer = cached(request, body, media_type, keep=ASK_FIRST)
    answer.headers["access-control-allow-origin"] = "*"
    return answer


def _unit(scope: Scope) -> str:
    if scope.unit is None:
        raise KeyError("unit")
    return scope.unit.id
