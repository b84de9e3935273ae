"""Who is on the other side of a browser: a random secret in a cookie, and what follows from it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.model.inbound import ConversationKey

CHANNEL = "web"
#: 128 random bits cannot be guessed
_SECRET = re.compile(r"[0-9a-f]{32}")
#: browsers keep a cookie at most 400 days (RFC 6265bis, 5.5)
KEPT_FOR_S = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser. Its secret stays in the cookie: the store knows only the chat id derived from it."""

    secret: str
    account: str
    #: whether the browser brought the secret along
    known: bool

    @property
    def key(self) -> ConversationKey:
        """The conversation; whoever reads the store cannot make the cookie of it."""
        chat = hashlib.blake2b(bytes.fromhex(self.secret), digest_size=16, person=b"chat").hexdigest()
        return ConversationKey(CHANNEL, self.account, chat)

    def tag(self, sha256: str, mime: str) -> str:
        """Proof that a file of this type was sent or received in this conversation."""
        key = bytes.fromhex(self.secret)
        return hashlib.blake2b(f"{sha256} {mime}".encode(), digest_size=16, key=key, person=b"file").hexdigest()

    def may_see(self, sha256: str, mime: str, tag: str) -> bool:
        """Whether that proof is right."""
        return hmac.compare_digest(self.tag(sha256, mime).encode(), tag.encode())


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and writes the cookie. `is_secure`: the site is reached by https."""

    account: str
    is_secure: bool

    @property
    def name(self) -> str:
        """With https the prefix keeps neighbours on other subdomains from planting one (RFC 6265bis, 4.1.3)."""
        return "__Host-loathon" if self.is_secure else "loathon"

    def visitor(self, request: Request) -> Visitor:
        """The visitor of this request; a new one if the cookie is missing or was tampered with."""
        held = request.cookies.get(self.name, "")
        known = _SECRET.fullmatch(held) is not None
        return Visitor(held if known else secrets.token_hex(16), self.account, known)

    def keep(self, response: Response, visitor: Visitor) -> None:
        """Send the cookie; renewed at every visit."""
        response.set_cookie(
            self.name,
            visitor.secret,
            max_age=KEPT_FOR_S,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
