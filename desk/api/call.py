"""`Call`: one line of the API's table, from which routes and the OpenAPI document are made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import Clock
from bot.integrations import Caller
from bot.library import Library
from bot.library.schema.unit import Unit
from bot.store import Store
from desk.api.problem import ProblemError


@dataclass(frozen=True, slots=True)
class Premises:
    """The house as the API sees it. `library` gives the one that serves; `unit`: of this installation, "" = none."""

    store: Store
    clock: Clock
    library: Callable[[], Library]
    public_url: str
    unit: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a key that may."""

    request: Request
    office: Premises
    #: the library of this request, whatever is published meanwhile
    library: Library
    caller: Caller
    query: Any
    body: Any

    def param(self, name: str) -> str:
        """A piece of the path."""
        return str(self.request.path_params[name])

    def unit(self, asked: str) -> Unit | None:
        """The unit asked for, else the key's, else the installation's; 404 for one nobody knows."""
        wanted = asked or self.caller.key.unit or self.office.unit
        if asked and asked not in self.library.units:
            raise ProblemError("not-found")
        return self.library.units.get(wanted)

    def own_unit(self, asked: str) -> Unit:
        """A unit the key is for; 404 for any other."""
        unit = self.library.units.get(asked)
        if unit is None or unit.id not in self.caller.units:
            raise ProblemError("not-found")
        return unit


Serve = Callable[[Ask], Awaitable[BaseModel | Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """One address and method. `scope`: what the key must have been given; `answer` None = bytes of `media_types`."""

    method: str
    path: str
    scope: str
    serve: Serve
    summary: str
    answer: type[BaseModel] | None = None
    #: the status of what was newly made, besides 200
    made: int = 0
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    #: name in the path -> JSON schema
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    media_types: tuple[str, ...] = ("application/json",)
    #: whether answers carry an ETag and a second asking may get 304
    is_tagged: bool = False
    #: problems of its own, besides those any call may meet
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Unique in the API."""
        return f"{self.method.lower()}{self.path.replace('/', '-').replace('{', '').replace('}', '').replace('.', '-')}"


def written(answer: BaseModel) -> bytes:
    """The answer as JSON."""
    return json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")).encode()


def tagged(request: Request, data: bytes) -> Response:
    """An answer a client may keep and ask again for whether it changed (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization"}
    held = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in held.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type="application/json")
