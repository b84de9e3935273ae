"""Cookies of the desk and the tokens that prove a form was ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

#: name of the hidden field in every form
FIELD = "the"
#: how long a login form stays good, in seconds
GATE_S = 3600
#: how long somebody may be away at the common sign-in, in seconds
JOURNEY_S = 600


def form_token(secret: str) -> str:
    """The token of the forms of one cookie: nobody who sees the page can make the cookie of it."""
    return hashlib.blake2b(secret.encode(), digest_size=20, person=b"desk form").hexdigest()


def is_ours(secret: str, token: str) -> bool:
    """Whether a form with that token came from a page given to that cookie."""
    return bool(secret) and is_same(form_token(secret), token)


def is_same(one: str, other: str) -> bool:
    """Compare secrets in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and writes the two cookies. `is_secure`: the site is reached by https."""

    is_secure: bool

    @property
    def session_name(self) -> str:
        """With https the prefix keeps neighbours on other subdomains from planting one (RFC 6265bis, 4.1.3)."""
        return self._named("loathon-ban")

    @property
    def gate_name(self) -> str:
        """The cookie of someone who is not signed in yet: their forms need a token too."""
        return self._named("loathon-cua")

    def session(self, request: Request) -> str:
        """The session's token, "" without one."""
        return request.cookies.get(self.session_name, "")[:200]

    def gate_held(self, request: Request) -> str:
        """The secret from before signing in, "" without a sound one."""
        held = request.cookies.get(self.gate_name, "")
        return held if 20 <= len(held) <= 100 else ""

    def gate(self, request: Request) -> str:
        """The same; a new one if the browser brought none."""
        return self.gate_held(request) or secrets.token_urlsafe(24)

    def keep_session(self, response: Response, token: str, max_age_s: int) -> None:
        """Send the session's cookie; the one from before signing in goes."""
        self._set(response, self.session_name, token, max_age_s)
        self._drop(response, self.gate_name)

    def keep_gate(self, response: Response, secret: str) -> None:
        """Send the cookie of the login form."""
        self._set(response, self.gate_name, secret, GATE_S)

    @property
    def journey_name(self) -> str:
        """The cookie of somebody who is away at the common sign-in."""
        return self._named("loathon-cong")

    def journey(self, request: Request) -> list[str]:
        """What was kept for the way back, [] when nothing was."""
        held = request.cookies.get(self.journey_name, "")
        return held.split(".") if held else []

    def keep_journey(self, response: Response, kept: list[str]) -> None:
        """Keep that for the way back; the pieces have no dots."""
        self._set(response, self.journey_name, ".".join(kept), JOURNEY_S)

    def drop_journey(self, response: Response) -> None:
        """Back again."""
        self._drop(response, self.journey_name)

    def drop_session(self, response: Response) -> None:
        """The browser forgets the session."""
        self._drop(response, self.session_name)

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.is_secure else name

    def _set(self, response: Response, name: str, value: str, max_age_s: int) -> None:
        response.set_cookie(
            name, value, max_age=max_age_s, path="/", secure=self.is_secure, httponly=True, samesite="lax"
        )

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.is_secure, httponly=True, samesite="lax")
