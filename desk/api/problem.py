"""Errors of the API as problem documents (RFC 9457), in Vietnamese."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.errors import say

MEDIA_TYPE = "application/problem+json"
#: kind of problem -> status; its sentence stands in `messages.vi.yaml` under `api`
STATUS: Mapping[str, int] = {
    "bad-request": 400,
    "no-key": 401,
    "no-scope": 403,
    "not-found": 404,
    "no-method": 405,
    "conflict": 409,
    "gone": 410,
    "too-large": 413,
    "not-json": 415,
    "wrong": 422,
    "refused": 422,
    "too-many": 429,
    "broken": 500,
    "busy": 503,
}


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    #: a URN of this API: tells machines which problem it is
    type: str = Field(pattern="^urn:loathon:problem:[a-z-]+$")
    #: the kind of problem
    title: str
    status: int = Field(ge=400, le=599)
    #: one sentence for people, in Vietnamese
    detail: str
    #: with `wrong`: the fields
    fields: list[str] = Field(default_factory=list)


class ProblemError(Exception):
    """A request that is not served."""

    def __init__(
        self, kind: str, *, fields: Sequence[str] = (), headers: Mapping[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.fields = fields
        self.headers = dict(headers or {})
        self.values = values


def answer(error: ProblemError) -> Response:
    """The document."""
    told = Problem(
        type=f"urn:loathon:problem:{error.kind}",
        title=error.kind.replace("-", " "),
        status=STATUS[error.kind],
        detail=say(f"api.{error.kind}", **error.values),
        fields=list(error.fields),
    )
    body = json.dumps(told.model_dump(exclude_defaults=True), ensure_ascii=False)
    headers = {"cache-control": "no-store", **error.headers}
    return Response(body, told.status, headers, media_type=MEDIA_TYPE)
