"""The common sign-in of a province or ministry (OpenID Connect Core 1.0, code flow with PKCE), where it is set up.

Needs the extra `oidc` (Authlib). It says who somebody is; what they may do stays with the account bound here
(`officials.bind_external`). Nobody gets an account by signing in.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.errors import LoaThonError
from bot.settings import Settings

#: signatures taken: what providers use by default, never "none" nor a shared secret (RFC 8725, 3.2)
ALGORITHMS = ("RS256", "ES256", "PS256")
#: the provider is asked three times at most while somebody waits
_TIMEOUT_S = 10.0
#: clocks may differ
_LEEWAY_S = 60
#: the page of the desk that the provider sends browsers back to
WAY_BACK = "/ban/chung/ve"
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ExternalFailedError(LoaThonError):
    """officials.external_failed"""


@dataclass(frozen=True, slots=True)
class Journey:
    """What the browser keeps (in a cookie of its own) between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, and us as it knows us. `issuer` is https, or this machine."""

    issuer: str
    client_id: str
    client_secret: str
    #: our page that it sends browsers back to
    redirect_uri: str

    async def begin(self) -> tuple[str, Journey]:
        """Where to send the browser, and what it keeps meanwhile. Raises `ExternalFailedError`."""
        journey = Journey(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        return await asyncio.to_thread(self._begin, journey), journey

    async def finish(self, journey: Journey, answer: Mapping[str, str]) -> str:
        """The account at the provider, "issuer subject", from the query it sent the browser back with.

        Raises `ExternalFailedError` for whatever is not as it must be; its cause is for the log.
        """
        code, state = answer.get("code", ""), answer.get("state", "")
        if not code or not hmac.compare_digest(state.encode(), journey.state.encode()):
            raise ExternalFailedError
        if answer.get("iss", self.issuer) != self.issuer:
            # RFC 9207: another provider's answer
            raise ExternalFailedError
        return await asyncio.to_thread(self._finish, journey, code)

    def _begin(self, journey: Journey) -> str:
        try:
            with self._session() as session:
                known = self._discover(session)
                url, _state = session.create_authorization_url(
                    _safe(known["authorization_endpoint"]),
                    state=journey.state,
                    code_verifier=journey.verifier,
                    nonce=journey.nonce,
                )
        except (requests.RequestException, AuthlibBaseError, KeyError, TypeError, ValueError) as error:
            raise ExternalFailedError from error
        return str(url)

    def _finish(self, journey: Journey, code: str) -> str:
        try:
            with self._session() as session:
                known = self._discover(session)
                token = session.fetch_token(
                    _safe(known["token_endpoint"]), code=code, code_verifier=journey.verifier, timeout=_TIMEOUT_S
                )
                served: Any = self._get(session, _safe(known["jwks_uri"]))
                keys = KeySet.import_key_set(served)
            told = jwt.decode(token["id_token"], keys, algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                told.claims,
                told.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.client_id},
                },
                params={"client_id": self.client_id, "nonce": journey.nonce, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=_LEEWAY_S)
            if not hmac.compare_digest(str(claims["nonce"]).encode(), journey.nonce.encode()):
                raise ExternalFailedError
            return f"{self.issuer} {claims['sub']}"
        except (requests.RequestException, AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            raise ExternalFailedError from error

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id,
            self.client_secret,
            scope="openid",
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    def _discover(self, session: OAuth2Session) -> dict[str, Any]:
        known = self._get(session, f"{_safe(self.issuer).rstrip('/')}/.well-known/openid-configuration")
        if known["issuer"] != self.issuer:
            raise ValueError(known["issuer"])
        return known

    @staticmethod
    def _get(session: OAuth2Session, url: str) -> dict[str, Any]:
        answer = session.request("GET", url, withhold_token=True, timeout=_TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        told = answer.json()
        if not isinstance(told, dict):
            raise TypeError(url)
        return told


def provider(settings: Settings) -> Provider | None:
    """The provider of the settings, None when there is none."""
    if not settings.oidc_issuer:
        return None
    back = f"{settings.public_url}{WAY_BACK}"
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, back)


def _safe(url: str) -> str:
    """An address with which secrets may be shared: https, or this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ValueError(url)
    return url
