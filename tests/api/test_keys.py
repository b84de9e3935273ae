"""Keys: made by who may give what they open, hashed, revoked at once; nothing without one."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bot import integrations
from bot.integrations import Caller, NoNameError, NoScopeError
from bot.library import Library
from bot.rights import NotAllowedError
from bot.store import Tx
from bot.store import officials as rows
from desk.api.pace import SHARED_MOST, SHARED_SPAN_S
from desk.api.table import CALLS
from tests.api.conftest import LIBRARY, Outside
from tests.harness.db import in_full
from tests.harness.officials import UNIT, made, role

SPAN = timedelta(seconds=SHARED_SPAN_S)
ADDRESSES = {"unit": UNIT, "entry": "bhyt-ho-ngheo", "number": "1", "code": "5390002", "format": "mp3"}


def filled(path: str) -> str:
    for name, value in ADDRESSES.items():
        path = path.replace("{" + name + "}", value)
    return path


async def test_nothing_is_told_without_a_key_and_nothing_beyond_its_scopes(outside: Outside) -> None:
    bare = await outside.key("content")
    for call in CALLS:
        outside.hands.move(minutes=1)
        for key, status in (("", 401), ("loathon_" + "a" * 52, 401), (bare, 403)):
            if key == bare and call.scope in {"", "content"}:
                continue
            async with outside.client(key) as client:
                found = await client.request(call.method, filled(call.path), json={} if call.body else None)
            assert found.status_code == status, (call.path, found.text)
            assert found.headers["content-type"] == "application/problem+json"
            told = found.json()
            assert told["status"] == status
            assert re.search("[ạấếọ]", told["detail"]), told
            if status == 401:
                assert found.headers["www-authenticate"].startswith("Bearer")


async def test_the_document_needs_no_key_and_no_answer_sets_a_cookie_or_opens_to_other_sites(outside: Outside) -> None:
    async with outside.client() as client:
        found = await client.get("/openapi.json", headers={"origin": "https://elsewhere.example"})
        asked = await client.options("/units", headers={"origin": "https://elsewhere.example"})
    assert found.status_code == 200
    assert found.json()["openapi"] == "3.1.0"
    assert asked.status_code == 405
    assert "GET" in asked.headers["allow"]
    for one in (found, asked):
        assert "set-cookie" not in one.headers
        assert "access-control-allow-origin" not in one.headers
        assert one.headers["x-content-type-options"] == "nosniff"


async def test_what_breaks_is_told_as_a_problem_and_quoted_in_no_log(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def find(_tx: Tx, _text: str, _library: Library, _on: date) -> Caller | None:
        raise ValueError("chuyện nhà tôi")

    key = await outside.key("content")
    monkeypatch.setattr(integrations, "find", find)
    told = await outside.asks(key, "/units", 500)
    assert (told["status"], "chuyện" in repr(told) + caplog.text) == (500, False)
    assert "ValueError at api/test_keys.py:" in caplog.text.replace("tests/", "")


async def test_calls_with_a_key_are_counted_over_all_processes(outside: Outside) -> None:
    key, other = await outside.key("content"), await outside.key("content", name="Khác")
    async with outside.store.read() as tx:
        callers = [await integrations.find(tx, one, LIBRARY, outside.hands.clock.today()) for one in (key, other)]
    async with outside.store.write() as tx:
        for caller in callers:
            assert caller
            found = [
                await integrations.spend(tx, caller, outside.hands.at, most=SHARED_MOST, span=SPAN)
                for _ in range(SHARED_MOST + 1)
            ]
            assert found == [*[None] * SHARED_MOST, outside.hands.at + SPAN]
        assert await tx.scalar(text("select count(*) from guesses")) == 2 * SHARED_MOST
    # of this process it is the first call; on SQLite there is no other
    told = await outside.asks(key, "/units", 200 if outside.store.dialect == "sqlite" else 429)
    assert outside.store.dialect == "sqlite" or "12 giây" in told["detail"]
    outside.hands.move(seconds=13)
    await outside.asks(key, "/units")


async def test_a_key_is_kept_as_a_hash_alone(outside: Outside) -> None:
    key = await outside.key("content", "ask")
    async with outside.store.read() as tx:
        kept = in_full(await tx.rows(text("select * from api_keys"))) + in_full(
            await tx.rows(text("select * from audit"))
        )
    assert key not in kept
    assert key.removeprefix("loathon_") not in kept
    assert re.fullmatch(r"loathon_[a-z2-7]{52}", key)


async def test_a_revoked_key_serves_no_more(outside: Outside) -> None:
    key = await outside.key("content")
    await outside.asks(key, "/units")
    async with outside.store.write() as tx:
        (row,) = await integrations.listed(tx, outside.chair)
        assert row.last_used == outside.hands.at
        await integrations.revoke(tx, outside.chair, row.id, at=outside.hands.at)
        await integrations.revoke(tx, outside.chair, row.id, at=outside.hands.at)
    await outside.asks(key, "/units", 401)
    async with outside.store.read() as tx:
        (row,) = await integrations.listed(tx, outside.chair)
        assert row.revoked
        told = await tx.rows(text("select what from audit where what like 'key-%' order by id"))
        assert [one[0] for one in told] == ["key-made", "key-revoked"]


async def test_nobody_gives_what_they_may_not_do(outside: Outside) -> None:
    chief = await made(outside.store, LIBRARY, outside.hands, "quan.tri", role("quan-tri", ""))
    other = await made(outside.store, LIBRARY, outside.hands, "xa.khac", role("lanh-dao", "xa-muong-ang"))
    for by, scopes, unit in (
        (chief, ["cases-read"], UNIT),
        (chief, ["cases-send"], ""),
        (chief, ["broadcasts"], UNIT),
        (outside.chair, ["content"], ""),
        (outside.chair, ["content"], "xa-muong-ang"),
        (outside.announcer, ["content"], UNIT),
        (other, ["content"], UNIT),
    ):
        with pytest.raises(NotAllowedError):
            await outside.key(*scopes, unit=unit, by=by)
    with pytest.raises(NoScopeError):
        await outside.key("everything")
    with pytest.raises(NoScopeError):
        await outside.key()
    with pytest.raises(NoNameError):
        await outside.key("content", name=" ")
    await outside.key("content", "ask", "clips", "figures", unit="", by=chief)
    async with outside.store.write() as tx:
        (row,) = await integrations.listed(tx, chief)
        assert await integrations.listed(tx, outside.chair) == []
        with pytest.raises(NotAllowedError):
            await integrations.revoke(tx, outside.chair, row.id, at=outside.hands.at)
        with pytest.raises(NotAllowedError):
            await integrations.revoke(tx, chief, 99, at=outside.hands.at)


async def test_a_key_ends_with_what_its_maker_may(outside: Outside) -> None:
    key = await outside.key("content", "broadcasts")
    await outside.asks(key, "/broadcasts")
    async with outside.store.write() as tx:
        await rows.change(tx, outside.chair.id, state="disabled")
    # nobody answers for it any more: not even what everybody may read, nor questions, is given to it
    for path in ("/broadcasts", "/units"):
        await outside.asks(key, path, 401)
    async with outside.store.write() as tx:
        await rows.change(tx, outside.chair.id, state="active")
    await outside.asks(key, "/broadcasts")


async def test_an_address_that_guesses_no_longer_asks_the_database(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = integrations.find

    async def find(tx: Tx, text: str, library: Library, on: date) -> Caller | None:
        looked.append(text)
        return await real(tx, text, library, on)

    monkeypatch.setattr(integrations, "find", find)
    good = await outside.key("content")
    await outside.asks(good, "/units")
    looked.clear()
    guesses = ["loathon_" + letter * 52 for letter in "abcdefghijklmnopqrstuvwxyz234567"] * 2
    found = []
    for guess in guesses:
        async with outside.client(guess) as client:
            found.append((await client.get("/units")).status_code)
    assert found == [401] * 30 + [429] * 34
    assert looked == guesses[:30]
    # a system behind the same address whose key is good goes on, until it is revoked
    await outside.asks(good, "/units")
    async with outside.store.write() as tx:
        (row,) = await integrations.listed(tx, outside.chair)
        await integrations.revoke(tx, outside.chair, row.id, at=outside.hands.at)
    for _ in range(2):
        await outside.asks(good, "/units", 429)
    assert looked[30:] == [good, good]


async def test_a_key_is_paced_and_told_when_to_come_again(outside: Outside) -> None:
    key, other = await outside.key("content"), await outside.key("content", name="Hệ thống khác")
    async with outside.client(key) as client:
        found = [(await client.get("/units")).status_code for _ in range(61)]
        assert found == [200] * 60 + [429]
        late = await client.get("/units")
        assert 1 <= int(late.headers["retry-after"]) <= 2
        assert "chờ" in late.json()["detail"]
        outside.hands.move(seconds=2)
        assert (await client.get("/units")).status_code == 200
    await outside.asks(other, "/units")
    async with outside.client("wrong") as client:
        found = [(await client.get("/units")).status_code for _ in range(31)]
    assert found == [401] * 30 + [429]
