"""A unit's station for everybody: today's programme, players with the words beside, files for broadcasters, feeds.

No account, no cookie, no script. What was taken back answers 410 with a sentence; nothing here is used again by a browser
or a proxy without asking whether it still stands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot import station
from bot.bulletins import day as days
from bot.bulletins import log, recall
from bot.bulletins.recall import GoneError
from bot.clock import Clock
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.served import Headed
from bot.store import Store
from bot.store.bulletins import BulletinRow
from desk.public.forms import small_form
from desk.public.guard import ASK_FIRST, HEADERS, cached
from desk.public.pages import PublicPages
from desk.public.sound_files import Bundles, TooManyBundlesError, VoiceNotes, file_name, sound_answer
from desk.public.subscriptions import Subscriptions
from desk.public.views import Scope

#: earlier bulletins on a station's page
EARLIER_SHOWN = 30
#: no table grows so long
_NUMBER_MOST = 10**12


class StationPages:
    """Everything under /loa. `unit`: of this installation; `bundles`: where zips are kept so that broken downloads go on."""

    def __init__(
        self, public: PublicPages, store: Store, clock: Clock, *, public_url: str, unit: str, bundles: Path
    ) -> None:
        self._public = public
        self._unit = unit
        self._store = store
        self._clock = clock
        self._url = public_url.rstrip("/")
        self._bundles = Bundles(store, clock, bundles)
        self._feeds = Subscriptions(public, store, clock, self._url)

    def routes(self) -> list[BaseRoute]:
        """All routes."""
        guard = [Middleware(Headed, headers=HEADERS)]

        def route(path: str, show: Callable[[Request, Scope], Awaitable[Response]]) -> Route:
            async def endpoint(request: Request) -> Response:
                scope = self._public.scope_of(request.path_params["unit"])
                return await show(request, scope) if scope else await self._public.missing(request)

            return Route(path, endpoint, middleware=guard)

        return [
            Route("/loa", self.front, middleware=guard),
            Route("/loa/ma", self.tick, methods=["GET", "POST"], middleware=guard),
            route("/loa/{unit}", self.station),
            route("/loa/{unit}/nghe/{entry}.mp3", VoiceNotes(self._store).answer),
            route("/loa/{unit}/podcast.xml", self._feeds.podcast),
            route("/loa/{unit}/danh-sach.m3u8", self._feeds.playlist),
            route("/loa/{unit}/danh-sach.json", self._feeds.automation),
            route("/loa/{unit}/lich.ics", self._feeds.calendar),
            route("/loa/{unit}/bia.png", self._feeds.cover),
            route("/loa/{unit}/goi/{day}.zip", self.bundle),
            route("/loa/{unit}/{number:int}", self.bulletin),
            route("/loa/{unit}/{number:int}/loi.txt", self.words),
            route("/loa/{unit}/{number:int}/{name}", self.sound),
        ]

    async def front(self, request: Request) -> Response:
        """This installation's station, else which there are."""
        scope = self._public.scope_of(request.query_params.get("xa", "")) or self._public.scope_of(self._unit)
        if scope and scope.unit:
            return RedirectResponse(f"/loa/{scope.unit.id}", 302, {"cache-control": ASK_FIRST})
        return self._public.shown(request, None, "stations.html")

    async def station(self, request: Request, scope: Scope) -> Response:
        """Today, tomorrow, earlier; files and feeds; what was taken back."""
        unit, library, today = _unit(scope), scope.library, scope.day
        async with self._store.read() as tx:
            listed = await recall.listed(tx, library, unit, today)
            shows = await days.programme(tx, library, unit, today)
            tomorrow = await days.programme(tx, library, unit, today + timedelta(days=1))
            taken_back = await recall.recalls(tx, unit, self._clock.true())
        return self._public.shown(
            request,
            scope,
            "station.html",
            name=station.name_of(library, unit),
            shows=[show for show in shows if show.bulletins or show.is_usual],
            tomorrow=[show for show in tomorrow if show.bulletins],
            next_day=today + timedelta(days=1),
            earlier=[row for row in listed if row.air_on < today][:EARLIER_SHOWN],
            recalls=taken_back,
            zones={zone.id: zone.title for zone in library.units[unit].zones},
            file_name=file_name,
        )

    async def bulletin(self, request: Request, scope: Scope) -> Response:
        """One bulletin: the player, every word beside it, files."""
        try:
            row = await self._have(request, scope)
        except GoneError as error:
            return self._gone(request, scope, error)
        except NotAllowedError:
            return await self._public.missing(request)
        return self._public.shown(
            request,
            scope,
            "bulletin.html",
            row=row,
            name=station.name_of(scope.library, row.unit),
            words=_by_item(row),
            file_name=file_name,
            link=f"{self._url}/loa/{row.unit}/{row.id}",
            bylines=sorted({item["byline"] for item in row.items if item.get("byline")}),
        )

    async def words(self, request: Request, scope: Scope) -> Response:
        """Every word as plain text."""
        try:
            row = await self._have(request, scope)
        except (GoneError, NotAllowedError) as error:
            return _refused(error)
        return cached(request, station.words_of(row) + "\n", "text/plain; charset=utf-8", keep=ASK_FIRST)

    async def sound(self, request: Request, scope: Scope) -> Response:
        """The file, whole or from where a download broke off (RFC 9110, 14.2)."""
        try:
            row = await self._have(request, scope)
        except (GoneError, NotAllowedError) as error:
            return _refused(error)
        return await sound_answer(request, self._store.blobs, row, request.path_params["name"])

    async def bundle(self, request: Request, scope: Scope) -> Response:
        """What is played on a day, for a USB stick."""
        try:
            found = await self._bundles.answer(request, scope)
        except LoaThonError as error:
            told = self._public.shown(request, scope, "told.html", status=503, told=str(error))
            if isinstance(error, TooManyBundlesError):
                told.headers["retry-after"] = str(error.wait_s)
            return told
        return found or await self._public.missing(request)

    async def tick(self, request: Request) -> Response:
        """The code on the run sheet says that it was aired; who has the paper needs no account."""
        done, wrong, code, status = False, "", "", 200
        if request.method == "POST":
            code = (await small_form(request)).get("ma", [""])[0][:40]
            tapper = request.client.host if request.client else ""
            # a wrong try is counted, so the transaction ends well even then
            async with self._store.write() as tx:
                try:
                    await log.tick(tx, code, tapper, now=self._clock.now(), at=self._clock.true())
                    done, code = True, ""
                except LoaThonError as error:
                    wrong, status = str(error), 400
        page = self._public.shown(request, None, "tick.html", status=status, is_done=done, wrong=wrong, code=code)
        page.headers["cache-control"] = "no-store"
        return page

    async def _have(self, request: Request, scope: Scope) -> BulletinRow:
        number = request.path_params["number"]
        if number > _NUMBER_MOST:
            raise NotAllowedError
        async with self._store.read() as tx:
            row = await recall.have(tx, scope.library, number, scope.day)
        if row.unit != _unit(scope):
            raise NotAllowedError
        return row

    def _gone(self, request: Request, scope: Scope, error: GoneError) -> Response:
        return self._public.shown(request, scope, "told.html", status=410, told=str(error))


def _refused(error: LoaThonError) -> Response:
    """For programs that fetch files: the sentence as plain text."""
    is_gone = isinstance(error, GoneError)
    return Response(
        str(error), 410 if is_gone else 404, {"cache-control": ASK_FIRST}, media_type="text/plain; charset=utf-8"
    )


def _by_item(row: BulletinRow) -> list[tuple[str, list[str]]]:
    """(title, paragraphs) in the order they are read."""
    found: list[tuple[int, str, list[str]]] = []
    for line in row.script:
        number = int(line["item"])
        if not found or found[-1][0] != number or line["title"]:
            found.append((number, str(line["title"]), []))
        found[-1][2].append(str(line["text"]))
    return [(title, texts) for _number, title, texts in found]


def _unit(scope: Scope) -> str:
    if scope.unit is None:
        raise KeyError("unit")
    return scope.unit.id
