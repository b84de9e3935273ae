"""`PublicPages`: the routes of the public site. Its words are in `templates/`, its facts in the library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.engine.routes import Route as Screen
from bot.library import Entry, Library
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.story import Story
from bot.served import Assets, Headed
from desk.public.cards import Card, Cards
from desk.public.finding import find
from desk.public.guard import ASK_FIRST, FRESH, HEADERS, cached, fresh_until_midnight, midnight
from desk.public.views import Scope, blocks, changed_on, preview, sources

_HERE = Path(__file__).parent
_HTML = "text/html; charset=utf-8"
#: entries the feed names
FEED_MAX = 40
#: lines on the first page
NEWS_SHOWN = 5


class PublicPages:
    """The public site.

    library: gives the library that serves. today: the calendar's day where the people live. public_url: where the site is
    reached, for links that are forwarded. unit: whose words are told unless the address says `?xa=`; "" = nobody's.
    heard: who reads an entry aloud ("person", "voice", "" = nobody); without it none can be heard. now: the calendar's
    moment, aware: no page is held over midnight; without it pages are held their whole time.
    """

    def __init__(
        self,
        library: Callable[[], Library],
        *,
        today: Callable[[], date],
        public_url: str,
        unit: str = "",
        heard: Callable[[Scope, str], Awaitable[str]] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._library = library
        self._today = today
        self._public_url = public_url.rstrip("/")
        self._unit = unit
        self._heard = heard
        self._now = now
        self._assets = Assets.read(_HERE / "static")
        self._cards = Cards()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.globals.update(version=self._assets.version, site=self._public_url, Screen=Screen)
        self._templates.filters.update(blocks=blocks, preview=preview)

    def routes(self) -> list[BaseRoute]:
        """All routes; `missing` is the handler for whatever else is asked of the site."""
        guard = [Middleware(Headed, headers=HEADERS)]

        def route(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
            return Route(path, endpoint, middleware=guard)

        return [
            route("/", self.home),
            route("/cs", self.policies),
            route("/cs/{entry}", self.entry),
            route("/chuyen", self.stories),
            route("/chuyen/{entry}", self.entry),
            route("/hoi-dap", self.answers),
            route("/hoi-dap/{entry}", self.entry),
            route("/tin", self.news),
            route("/tin/{entry}", self.entry),
            route("/chu-de", self.policies),
            route("/chu-de/{topic}", self.topic),
            route("/tim", self.search),
            route("/anh/{entry}.png", self.card),
            route("/tin.atom", self.feed),
            route("/sitemap.xml", self.sitemap),
            route("/robots.txt", self.robots),
            route("/favicon.ico", self._assets.favicon),
            route("/static/{version}/{name}", self._assets.serve),
        ]

    async def home(self, request: Request) -> Response:
        """Chat, search, topics, what changes, stories."""
        scope = self._scope(request)
        news, topics = scope.changing()[:NEWS_SHOWN], scope.library.topics.values()
        told = scope.told()[:NEWS_SHOWN]
        return self._page(request, scope, "home.html", news=news, topics=topics, told=told)

    async def policies(self, request: Request) -> Response:
        """Every policy, by topic."""
        scope = self._scope(request)
        return self._page(request, scope, "policies.html", topics=scope.library.topics.values())

    async def stories(self, request: Request) -> Response:
        """Every story."""
        scope = self._scope(request)
        return self._page(request, scope, "stories.html", stories=scope.stories())

    async def answers(self, request: Request) -> Response:
        """Every answer the unit gave for everybody."""
        scope = self._scope(request)
        return self._page(request, scope, "answers.html", answered=scope.answered())

    async def news(self, request: Request) -> Response:
        """What the unit announces, what it answered lately, what changes."""
        scope = self._scope(request)
        return self._page(
            request,
            scope,
            "news.html",
            told=scope.told(),
            answered=scope.answered()[:NEWS_SHOWN],
            changing=scope.changing(),
        )

    async def topic(self, request: Request) -> Response:
        """One topic's policies."""
        scope = self._scope(request)
        topic = scope.library.topics.get(request.path_params["topic"])
        if topic is None:
            return self._missing(request, scope)
        return self._page(
            request,
            scope,
            "topic.html",
            topic=topic,
            policies=scope.policies(topic.id),
            answered=scope.answered(topic.id),
        )

    async def entry(self, request: Request) -> Response:
        """One policy or story; former ids and the other kind's path lead to its place."""
        scope = self._scope(request)
        if not scope.library.has(request.path_params["entry"]):
            return self._missing(request, scope)
        entry = scope.library.entry(request.path_params["entry"], scope.unit_id)
        path = scope.entry_path(entry)
        if request.url.path != path:
            return RedirectResponse(scope.href(path), 301)
        seen = scope.answer(entry.id)
        return self._page(
            request,
            scope,
            "entry.html",
            changed=changed_on(entry, scope.day),
            entry=entry,
            seen=seen,
            read_by=await self._heard(scope, entry.id) if self._heard is not None else "",
            topic=None if isinstance(entry, Story) else scope.library.topics.get(entry.topic or ""),
            sources=sources(entry, seen),
            related=[scope.library.entry(other) for other in seen.related],
            link=self._public_url + scope.href(path),
            card=self._card_path(scope, entry),
        )

    async def search(self, request: Request) -> Response:
        """`?q=`: what the library has for these words."""
        scope = self._scope(request)
        asked = " ".join(request.query_params.get("q", "").split())[:300]
        html = self._html(scope, "search.html", asked=asked, found=find(scope, asked) if asked else None)
        return Response(html, media_type=_HTML, headers={"cache-control": "no-store"})

    async def card(self, request: Request) -> Response:
        """The picture of a link preview; an address with an old version gets today's."""
        scope = self._scope(request)
        name = request.path_params["entry"]
        if name != "loa-thon" and not scope.library.has(name):
            return Response(status_code=404)
        entry = scope.library.entry(name, scope.unit_id) if name != "loa-thon" else None
        card = self._card(scope, entry)
        png = await asyncio.to_thread(self._cards.png, card)
        response = cached(request, png, "image/png", keep=self._keep())
        if request.query_params.get("v") == card.version:
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response

    async def feed(self, request: Request) -> Response:
        """What changed, newest first (RFC 4287)."""
        scope = self._scope(request)
        told_here = [e for e in scope.library.entries() if scope.library.tells(e, scope.unit_id, scope.day)]
        dated = [(changed_on(e, scope.day), e) for e in told_here]
        dated.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
        told = [
            {"entry": e, "seen": scope.answer(e.id), "path": scope.entry_path(e), "updated": midnight(d).isoformat()}
            for d, e in dated[:FEED_MAX]
        ]
        updated = told[0]["updated"] if told else midnight(scope.day).isoformat()
        xml = self._html(scope, "feed.xml", told=told, updated=updated)
        changed = dated[0][0] if dated else None
        return cached(request, xml, "application/atom+xml; charset=utf-8", changed=changed, keep=self._keep())

    async def sitemap(self, request: Request) -> Response:
        """Every page for search engines (sitemaps.org)."""
        scope = self._scope(request)
        pages = [(scope.entry_path(e), changed_on(e, scope.day).isoformat()) for e in scope.library.entries()]
        topics = [f"/chu-de/{topic}" for topic in scope.library.topics]
        xml = self._html(scope, "sitemap.xml", pages=pages, plain=["/", "/cs", "/chuyen", "/tin", "/hoi-dap", *topics])
        return cached(request, xml, "application/xml", keep=self._keep())

    async def robots(self, request: Request) -> Response:
        """Conversations and searches are nobody's to list."""
        text = f"User-agent: *\nDisallow: /chat\nDisallow: /tim\nSitemap: {self._public_url}/sitemap.xml\n"
        return cached(request, text, "text/plain; charset=utf-8")

    async def missing(self, request: Request, _error: Exception | None = None) -> Response:
        """The page for an address nobody knows; fits `Starlette(exception_handlers={404: ...})`."""
        response = self._missing(request, self._scope(request))
        response.headers.update(HEADERS)
        return response

    async def broken(self, request: Request, _error: Exception) -> Response:
        """The page for a fault of ours, wherever on the site; fits `Starlette(exception_handlers={Exception: ...})`."""
        response = self._page(request, self._scope(request), "broken.html", status=500)
        response.headers.update({**HEADERS, "cache-control": "no-store"})
        return response

    def scope_of(self, unit: str) -> Scope | None:
        """Today as that unit tells it; None for a unit nobody knows."""
        library = self._library()
        if unit not in library.units:
            return None
        return Scope(library, library.units[unit], self._today(), unit if unit != self._unit else "")

    def shown(
        self, request: Request, scope: Scope | None, template: str, /, *, status: int = 200, **values: object
    ) -> Response:
        """A page of another part of the site, in this site's frame; never used again without asking."""
        around = scope or self._scope(request)
        return cached(request, self._html(around, template, **values), _HTML, status=status, keep=ASK_FIRST)

    def words(self, name: str) -> dict[str, object]:
        """What a template sets, for what is no page."""
        return vars(self._templates.get_template(name).module)

    def _scope(self, request: Request) -> Scope:
        library = self._library()
        for asked in (request.query_params.get("xa", ""), self._unit):
            try:
                unit = library.unit(asked)
            except KeyError:
                continue
            return Scope(library, unit, self._today(), unit.id if unit.id != self._unit else "")
        return Scope(library, None, self._today())

    def _page(
        self,
        request: Request,
        scope: Scope,
        name: str,
        *,
        changed: date | None = None,
        status: int = 200,
        **values: object,
    ) -> Response:
        html = self._html(scope, name, **values)
        return cached(request, html, _HTML, changed=changed, status=status, keep=self._keep())

    def _keep(self) -> str:
        return fresh_until_midnight(self._now()) if self._now else FRESH

    def _missing(self, request: Request, scope: Scope) -> Response:
        response = self._page(request, scope, "missing.html", status=404)
        response.headers["cache-control"] = "no-store"
        return response

    def _html(self, scope: Scope, template: str, /, **values: object) -> str:
        own_card = f"/anh/loa-thon.png?v={self._card(scope, None).version}"
        return self._templates.get_template(template).render(**{"scope": scope, "card": own_card, **values})

    def _card_path(self, scope: Scope, entry: Entry) -> str:
        separator = "&" if scope.asked else "?"
        return f"{scope.href(f'/anh/{scope.library.open_id(entry.id)}.png')}{separator}v={self._card(scope, entry).version}"

    def _card(self, scope: Scope, entry: Entry | None) -> Card:
        words = vars(self._templates.get_template("card.html").module)
        if entry is None:
            return Card(words["kind_site"], words["title_site"], scope.unit.office if scope.unit else "")
        seen = scope.answer(entry.id)
        stamp = seen.stamp or seen.signed_line
        if isinstance(entry, Story):
            return Card(words["kind_story"], entry.title, stamp)
        if isinstance(entry, Faq | Announcement):
            return Card(words["kind_answer" if isinstance(entry, Faq) else "kind_news"], entry.title, stamp)
        topic = scope.library.topics.get(entry.topic)
        return Card(topic.title if topic else words["kind_site"], entry.title, stamp)
