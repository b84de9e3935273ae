"""What the library tells: only what holds today and is told there; asked again, 304; a page after the other."""

from __future__ import annotations

from datetime import date

import pytest
from starlette.applications import Starlette

from bot.library import Base, EntryKey, Library, Overlay, Published, read_folder
from bot.library.answer import Status, status_on
from bot.library.schema.answers import Announcement
from desk.api import Api
from tests.api.conftest import CONTENT, LIBRARY, Outside, premises

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def base() -> Base:
    read, faults = read_folder(CONTENT)
    assert not faults
    return read


def announced(ident: str, unit: str, since: str, until: str) -> tuple[EntryKey, Published]:
    entry = Announcement.model_validate(
        {
            "id": ident, "title": "Sửa đường liên thôn", "short": "Sửa đường", "topic": "bo-may", "unit": unit,
            "reviewed_on": "2026-11-20", "answer": "Xã sửa đường. Bà con đi đường khác.",
            "broadcast": "Xã sửa đường.", "valid_from": since, "valid_to": until,
        }
    )  # fmt: skip
    return EntryKey("announcements", ident, unit), Published(entry)


async def test_policies_are_those_that_hold_today(outside: Outside) -> None:
    key = await outside.key("content")
    found = await outside.asks(key, "/policies", limit=200)
    held = sorted(p.id for p in LIBRARY.policies.values() if status_on(p, TODAY) is Status.CURRENT)
    assert [one["id"] for one in found["items"]] == held
    assert len(held) < len(LIBRARY.policies)
    assert found["next"] is None
    assert all(one["status"] == "current" for one in found["items"])
    assert all(one["url"].startswith("https://loa.example/cs/") for one in found["items"])
    one = (await outside.asks(key, "/policies", topic="tien-dien"))["items"]
    assert [line["id"] for line in one] == ["ho-tro-tien-dien"]


async def test_pages_follow_each_other_and_lose_nothing(outside: Outside) -> None:
    key = await outside.key("content")
    whole = [one["id"] for one in (await outside.asks(key, "/stories", limit=200))["items"]]
    told: list[str] = []
    after = ""
    while after is not None:
        page = await outside.asks(key, "/stories", limit=7, after=after)
        told += [one["id"] for one in page["items"]]
        after = page["next"]
    assert told == whole
    assert len(whole) == 18


async def test_an_entry_comes_with_day_source_and_status(outside: Outside) -> None:
    key = await outside.key("content")
    found = await outside.asks(key, "/policies/ho-tro-tien-dien")
    assert found["text"]
    assert found["stamp"]
    assert {part["key"] for part in found["parts"]} == {"who", "what", "how", "grounds"}
    assert "{" not in found["text"] + found["script"]
    assert found["sources"]
    ended = next(p for p in LIBRARY.policies.values() if status_on(p, TODAY) is Status.ENDED)
    gone = await outside.asks(key, f"/policies/{ended.id}")
    assert (gone["status"], gone["airable"]) == ("ended", False)
    assert gone["text"].startswith(gone["text"][:5])
    await outside.asks(key, "/policies/khong-co", 404)
    await outside.asks(key, "/stories/ho-tro-tien-dien", 404)
    story = await outside.asks(key, "/stories/kon-tum-nhom-choi-dot-nguoi-khuyet-tat")
    assert not any("/" in source.removeprefix("https://") for source in story["sources"]), "its address names the place"


async def test_what_did_not_change_is_not_sent_again(outside: Outside) -> None:
    key = await outside.key("content")
    async with outside.client(key) as client:
        first = await client.get("/policies")
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        again = await client.get("/policies", headers={"if-none-match": f'"x", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.get("/policies?limit=3", headers={"if-none-match": tag})).status_code == 200
        head = await client.head("/policies")
        assert (head.status_code, head.content) == (200, b"")


async def test_announcements_are_told_where_they_are_meant(outside: Outside, base: Base) -> None:
    entries = dict(
        (
            announced("sua-duong", "xa-tu-ky", "2026-11-01", "2026-12-01"),
            announced("da-xong", "xa-tu-ky", "2026-10-01", "2026-10-02"),
            announced("xa-ben", "xa-muong-ang", "2026-11-01", "2026-12-01"),
        )
    )
    library = Library.build(base, Overlay(entries=entries, revision="1"))
    outside.app = Starlette(routes=Api(premises(outside.store, outside.hands, library)).routes())
    key = await outside.key("content", "ask")
    found = await outside.asks(key, "/announcements")
    assert [one["id"] for one in found["items"]] == ["sua-duong"]
    told = await outside.asks(key, "/announcements/sua-duong")
    assert "Bà con đi đường khác" in told["text"]
    assert told["signed"] is True
    assert (await outside.asks(key, "/announcements/da-xong"))["status"] == "ended"
    await outside.asks(key, "/announcements/xa-ben", 404)
    other = await outside.asks(key, "/announcements", unit="xa-muong-ang")
    assert [one["id"] for one in other["items"]] == ["xa-ben"]
    await outside.asks(key, "/announcements", 404, unit="xa-khong-co")


async def test_units_come_with_the_words_of_consent(outside: Outside) -> None:
    key = await outside.key("content")
    found = await outside.asks(key, "/units")
    assert [one["id"] for one in found["items"]] == ["xa-tu-ky"]
    assert found["consent_version"] == "v2"
    assert "đồng ý" in found["consent_text"]


@pytest.mark.parametrize(
    ("text", "kind", "first"),
    [
        ("ho ngheo co duoc ho tro tien dien khong", "answer", "ho-tro-tien-dien"),
        ("nhà tôi đang cháy cứu với", "danger", None),
        ("hôm nay đội nào đá bóng", "refuse", None),
    ],
)
async def test_questions_are_understood(outside: Outside, text: str, kind: str, first: str | None) -> None:
    key = await outside.key("ask")
    found = await outside.sends(key, "/ask", {"text": text})
    assert found["kind"] == kind
    assert (found["items"][0]["id"] if first else None) == first
    assert bool(found["warning"]) is (kind == "danger")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "bad-request"),
        (b'{"text": "\xff"}', "bad-request"),
        (b'{"text": "\\ud800"}', "bad-request"),
        (b"[]", "wrong"),
        (b'{"text": ""}', "wrong"),
        (b'{"text": 5}', "wrong"),
        (b'{"text": "a", "more": 1}', "wrong"),
        (b"[" * 60_000, "bad-request"),
        (b'{"text": "' + b"a" * 64_000 + b'"}', "too-large"),
    ],
)
async def test_what_is_not_well_formed_is_told(outside: Outside, body: bytes, kind: str) -> None:
    key = await outside.key("ask")
    async with outside.client(key) as client:
        found = await client.post("/ask", content=body, headers={"content-type": "application/json; charset=utf-8"})
        assert found.json()["type"] == f"urn:loathon:problem:{kind}"
        plain = await client.post("/ask", content=b'{"text": "a"}', headers={"content-type": "text/plain"})
    assert plain.status_code == 415


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=1.0", "limt=3", "limit=1&limit=2", "unit=%00"]
)
async def test_a_slip_in_the_address_is_told(outside: Outside, query: str) -> None:
    key = await outside.key("content")
    async with outside.client(key) as client:
        found = await client.get(f"/policies?{query}")
    assert found.status_code == 422
    assert found.json()["fields"]


async def test_nul_and_the_like_never_reach_the_database(outside: Outside) -> None:
    key = await outside.key("ask")
    assert (await outside.sends(key, "/ask", {"text": "tiền\x00 điện\x07"}))["kind"] == "answer"
