"""The common sign-in, against a small provider on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from bot import officials, sessions
from bot.library import Library
from bot.oidc import ExternalFailedError, Journey, Provider
from bot.sessions import Door, WrongPasswordError
from bot.store import Store
from tests.harness.clock import Hands
from tests.harness.officials import ON, made, role

CLIENT, SECRET = "loa-thon", "s3cret/of:province"
KEY = RSAKey.generate_key(2048, parameters={"kid": "1"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "1"})


@dataclass
class Fake:
    """A provider that does as it is told."""

    url: str = ""
    nonce: str = ""
    challenge: str = ""
    #: claims that differ from the right ones; None = left out
    changed: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    key: Any = field(default_factory=lambda: KEY)
    algorithm: str = "RS256"

    def configuration(self) -> dict[str, str]:
        return {
            "issuer": self.issuer or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
        }

    def token(self, form: dict[str, list[str]], authorization: str) -> dict[str, Any] | None:
        proof = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        if form["code"] != ["code-1"] or base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != self.challenge:
            return None
        if not authorization.startswith("Basic "):
            return None
        now = int(time.time())
        claims = {"iss": self.url, "sub": "cccd-1", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": self.nonce}
        claims = {name: value for name, value in {**claims, **self.changed}.items() if value is not None}
        id_token = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, self.key, algorithms=["RS256", "HS256"])
        return {"access_token": "a", "token_type": "Bearer", "id_token": id_token}


@pytest.fixture
def fake() -> Iterator[Fake]:
    provider = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/jwks":
                self._answer({"keys": [KEY.as_dict(private=False)]})
            elif self.path == "/.well-known/openid-configuration":
                self._answer(provider.configuration())
            else:
                self._answer(None)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            self._answer(provider.token(form, self.headers.get("authorization", "")))

        def _answer(self, told: dict[str, Any] | None) -> None:
            body = json.dumps(told or {"error": "invalid_grant"}).encode()
            self.send_response(200 if told else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


async def leave(fake: Fake) -> tuple[Provider, Journey]:
    """Go to the provider; it notes what it was sent."""
    provider = Provider(fake.url, CLIENT, SECRET, "http://localhost:8080/ban/chung")
    url, journey = await provider.begin()
    asked = parse_qs(urlsplit(url).query)
    assert asked["client_id"] == [CLIENT]
    assert asked["redirect_uri"] == ["http://localhost:8080/ban/chung"]
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid"]
    assert asked["state"] == [journey.state]
    fake.nonce, fake.challenge = asked["nonce"][0], asked["code_challenge"][0]
    assert journey.verifier not in url
    return provider, journey


async def test_who_comes_back_is_known(fake: Fake) -> None:
    provider, journey = await leave(fake)
    assert await provider.finish(journey, {"code": "code-1", "state": journey.state}) == f"{fake.url} cccd-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
    ],
)
async def test_a_token_that_is_not_for_us_is_refused(fake: Fake, changed: dict[str, Any]) -> None:
    provider, journey = await leave(fake)
    fake.changed = changed
    with pytest.raises(ExternalFailedError):
        await provider.finish(journey, {"code": "code-1", "state": journey.state})


async def test_a_token_of_another_key_is_refused(fake: Fake) -> None:
    provider, journey = await leave(fake)
    fake.key = OTHER
    with pytest.raises(ExternalFailedError):
        await provider.finish(journey, {"code": "code-1", "state": journey.state})
    fake.key, fake.algorithm = OctKey.import_key(SECRET), "HS256"
    with pytest.raises(ExternalFailedError):
        await provider.finish(journey, {"code": "code-1", "state": journey.state})


@pytest.mark.parametrize(
    "changed", [{"state": "x"}, {"state": ""}, {"code": ""}, {"code": "code-2"}, {"iss": "https://evil.example"}]
)
async def test_an_answer_that_is_not_ours_is_refused(fake: Fake, changed: dict[str, str]) -> None:
    provider, journey = await leave(fake)
    with pytest.raises(ExternalFailedError):
        await provider.finish(journey, {"code": "code-1", "state": journey.state} | changed)


async def test_a_stolen_code_is_worth_nothing_without_the_cookie(fake: Fake) -> None:
    provider, journey = await leave(fake)
    thief = Journey(journey.state, journey.nonce, "x" * 64)
    with pytest.raises(ExternalFailedError):
        await provider.finish(thief, {"code": "code-1", "state": journey.state})


async def test_a_provider_that_calls_itself_otherwise_is_refused(fake: Fake) -> None:
    fake.issuer = "https://evil.example"
    with pytest.raises(ExternalFailedError):
        await Provider(fake.url, CLIENT, SECRET, "http://localhost/x").begin()


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", "http://dang-nhap.example", "ftp://x", "not an address"])
async def test_no_secret_goes_to_an_open_address_or_nobody(issuer: str) -> None:
    with pytest.raises(ExternalFailedError) as failed:
        await Provider(issuer, CLIENT, SECRET, "http://localhost/x").begin()
    assert "{" not in str(failed.value)


async def test_only_a_bound_account_comes_in(store: Store, library: Library, hands: Hands, fake: Fake) -> None:
    door = Door(store)
    admin = await made(store, library, hands, "admin", role("quan-tri", ""))
    who = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    provider, journey = await leave(fake)
    external = await provider.finish(journey, {"code": "code-1", "state": journey.state})
    here = {"address": "203.0.113.7", "agent": "Firefox", "at": hands.at}
    with pytest.raises(WrongPasswordError):
        await door.enter_external(external, **here)  # type: ignore[arg-type]
    async with store.write() as tx:
        await officials.bind_external(tx, admin, who, external, at=hands.at)
    entrance = await door.enter_external(external, **here)  # type: ignore[arg-type]
    signed_in = await sessions.find(store, entrance.token, library, on=ON, at=hands.at)
    assert signed_in is not None
    assert signed_in.official.login == "can-bo"
    async with store.write() as tx:
        await officials.disable(tx, admin, who, on=ON, at=hands.at)
    with pytest.raises(WrongPasswordError):
        await door.enter_external(external, **here)  # type: ignore[arg-type]
