"""`Api`: the routes under `/api/v1`, and what stands before every call: whose key, how fast, may it, is it well formed."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import integrations
from bot.errors import say, traced
from bot.integrations import Caller
from bot.store import UnavailableError
from desk.api.call import Ask, Call, Premises, tagged, written
from desk.api.openapi import document
from desk.api.pace import SHARED_MOST, SHARED_SPAN_S, STRANGER_BURST, STRANGER_PER_S, Pace
from desk.api.problem import ProblemError, answer
from desk.api.table import CALLS, NO_QUERY
from desk.visit import address

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
#: a matter has 3,500 letters at most
BODY_BYTES = 64_000
_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Api:
    """The API of a house. No cookie is read or set, and no page of another site may ask (no CORS)."""

    def __init__(self, office: Premises) -> None:
        self._office = office
        monotonic = office.clock.monotonic
        self._pace = Pace(monotonic)
        self._strangers = Pace(monotonic, STRANGER_BURST, STRANGER_PER_S)
        #: digests of keys that were good the last time: a stranger at the same address does not shut them out
        self._good: set[str] = set()
        self._document = json.dumps(
            document(CALLS, server=f"{office.public_url}{PREFIX}", title=say("api.title"), about=say("api.about")),
            ensure_ascii=False,
        ).encode()

    def routes(self) -> list[Mount]:
        """All routes; everything else under the prefix is a problem document too."""
        told = Route("/openapi.json", self._told, methods=["GET"])
        by_path: dict[str, dict[str, Call]] = {}
        for call in CALLS:
            by_path.setdefault(call.path, {})[call.method] = call
        routes = [Route(path, partial(self._serve, calls), methods=list(calls)) for path, calls in by_path.items()]
        app = Starlette(
            routes=[told, *routes],
            middleware=[Middleware(_Headed)],
            exception_handlers={HTTPException: _wrong_way, ProblemError: _problem, UnavailableError: _busy},
        )
        mount = Mount(PREFIX, app)
        # also what has a line break in it is answered here, not by the pages for people
        mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
        return [mount]

    async def _told(self, request: Request) -> Response:
        """The OpenAPI document; needs no key."""
        return tagged(request, self._document)

    async def _serve(self, calls: Mapping[str, Call], request: Request) -> Response:
        call = calls["GET" if request.method == "HEAD" else request.method]
        library = self._office.library()
        caller = await self._caller(request, library)
        if (wait := self._pace.wait_s(caller.who) or await self._wait_s(caller)) > 0:
            raise ProblemError("too-many", headers={"retry-after": str(wait)}, wait=wait)
        if call.scope and not any(caller.may(scope) for scope in call.scope.split("|")):
            raise ProblemError("no-scope")
        _check_path(call, request)
        asked, told = call.query or NO_QUERY, call.body
        query = _read("query", partial(asked.model_validate, _query(request)))
        body = _read("body", partial(told.model_validate_json, await _body(request), strict=True)) if told else None
        answered = await call.serve(Ask(request, self._office, library, caller, query, body))
        if isinstance(answered, Response):
            return answered
        return Response(written(answered), headers={"cache-control": "no-store"}, media_type="application/json")

    async def _wait_s(self, caller: Caller) -> int:
        """Whole seconds until this key may ask, counted over all processes; 0 = now, and on SQLite, which has one."""
        store, at = self._office.store, self._office.clock.true()
        if store.dialect == "sqlite":
            return 0
        async with store.write() as tx:
            free = await integrations.spend(tx, caller, at, most=SHARED_MOST, span=timedelta(seconds=SHARED_SPAN_S))
        return 0 if free is None else max(1, math.ceil((free - at).total_seconds()))

    async def _caller(self, request: Request, library: Any) -> Caller:
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        office, caller, key = self._office, None, text.strip()
        known = integrations.digest(key)
        # who only guesses is stopped here, before the database is asked
        if known not in self._good and (wait := self._strangers.wait_s(address(request), count=False)) > 0:
            raise ProblemError("too-many", headers={"retry-after": str(wait)}, wait=wait)
        if kind.lower() == "bearer" and text.isascii():
            async with office.store.read() as tx:
                caller = await integrations.find(tx, key, library, office.clock.today())
        if caller is None:
            self._good.discard(known)
            if (wait := self._strangers.wait_s(address(request))) > 0:
                raise ProblemError("too-many", headers={"retry-after": str(wait)}, wait=wait)
            raise ProblemError("no-key", headers={"www-authenticate": 'Bearer realm="loathon"'})
        self._good.add(known)
        if caller.is_stale(office.clock.true()):
            async with office.store.write() as tx:
                await integrations.used(tx, caller, office.clock.true())
        return caller


def _query(request: Request) -> dict[str, str]:
    """Each name once: which of two was meant nobody knows."""
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) < len(pairs):
        raise ProblemError("wrong", fields=["query"], where="query")
    return dict(pairs)


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ProblemError("not-json")
    data = b""
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > BODY_BYTES:
                raise ProblemError("too-large", most=BODY_BYTES)
    except ClientDisconnect as error:
        raise ProblemError("bad-request") from error
    return data


def _read(where: str, read: Callable[[], BaseModel]) -> BaseModel:
    try:
        return read()
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        if any(one["type"] == "json_invalid" for one in faults):
            raise ProblemError("bad-request") from error
        fields = sorted({".".join((where, *map(str, one["loc"])))[:120] for one in faults})[:20]
        raise ProblemError("wrong", fields=fields, where=", ".join(fields)) from error


def _check_path(call: Call, request: Request) -> None:
    """A piece of the path that cannot be there is not there."""
    for name, schema in call.params.items():
        given = str(request.path_params[name])
        if schema.get("type") == "integer":
            good = given.isascii() and given.isdigit() and len(given) < 20 and 1 <= int(given) <= schema["maximum"]
            if not good:
                raise ProblemError("not-found")


async def _problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return answer(error)


async def _wrong_way(_request: Request, error: Exception) -> Response:
    """What the router itself says: no such address, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    kind = {404: "not-found", 405: "no-method"}.get(error.status_code, "bad-request")
    return answer(ProblemError(kind, headers=error.headers))


async def _busy(_request: Request, error: Exception) -> Response:
    log.warning("the database cannot be had: %s", error)
    return answer(ProblemError("busy", headers={"retry-after": "15"}))


class _Headed:
    """Adds the headers of every answer; what breaks unforeseen is a problem document too, and is told in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with headers."""
        began = False

        async def send_headed(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                held = {name for name, _ in message["headers"]}
                new = [(n.encode(), v.encode()) for n, v in _HEADERS.items() if n.encode() not in held]
                message = {**message, "headers": [*message["headers"], *new]}
            await send(message)

        try:
            await self._app(scope, receive, send_headed)
        except Exception as error:
            # the last door: a client is told in its own form, the operator by the log
            if began:
                raise
            log.error("the API broke: %s", traced(error))  # noqa: TRY400 - a traceback may quote a person
            await answer(ProblemError("broken"))(scope, receive, send_headed)
