"""Headers of the public pages, and answers that a browser need not fetch twice."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

#: where the people live (DESIGN.md, names)
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
#: a page may be this old after officials published something
FRESH_S = 300
FRESH = f"public, max-age={FRESH_S}"
#: nothing from elsewhere runs, frames or learns of the reader
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; script-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "microphone=(), camera=(), geolocation=(), interest-cohort=()",
}


def midnight(day: date) -> datetime:
    """The beginning of a day where the people live."""
    return datetime.combine(day, time(), LOCAL)


def fresh_until_midnight(now: datetime) -> str:
    """How long a page of now (aware) may be held: no longer than its day lasts where the people live."""
    here = now.astimezone(LOCAL)
    left = midnight(here.date() + timedelta(days=1)) - here
    return f"public, max-age={min(FRESH_S, int(left.total_seconds()))}"


#: kept, but never used without asking: what is taken back must be gone at once
ASK_FIRST = "public, no-cache"


def cached(
    request: Request,
    body: str | bytes,
    media_type: str,
    *,
    changed: date | None = None,
    status: int = 200,
    keep: str = FRESH,
) -> Response:
    """The answer with its ETag; 304 when the browser has it. `keep`: how long others may hold it."""
    data = body.encode() if isinstance(body, str) else body
    tag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
    headers = {"etag": tag, "cache-control": keep}
    if changed:
        headers["last-modified"] = format_datetime(midnight(changed).astimezone(UTC), usegmt=True)
    if status == 200 and is_held(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(data, status, headers, media_type=media_type)


def is_held(request: Request, tag: str) -> bool:
    """Whether the browser has what that entity tag names (RFC 9110, 13.1.2)."""
    held = (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(","))
    return tag in held
