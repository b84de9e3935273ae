"""The public pages: complete, dated, small, safe to forward."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from types import MappingProxyType
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from bot.engine.routes import parse_start
from bot.library import EntryKey, Library, Overlay, Signature, answer, read_folder
from desk.public import PublicPages
from desk.public.cards import SIZE, Card, Cards
from desk.public.views import Block, blocks, preview
from tests.desk.conftest import CONTENT, SITE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")

ATOM = "{http://www.w3.org/2005/Atom}"
#: the whole of an entry's page: markup, style, script (issue: 30 kB)
PAGE_MAX = 30_000


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_every_entry_has_its_page(reader: Reader, library: Library) -> None:
    parts = sum([len((await reader.get(f"/static/x/{name}"))[0].encode()) for name in ("public.css", "share.js")])
    for entry in library.entries():
        kind = "chuyen" if library.kind_of(entry.id) == "stories" else "cs"
        shown = library.open_id(entry.id)
        html, headers = await reader.get(f"/{kind}/{shown}")
        seen = answer(library, entry.id, reader.shelf.day, "xa-tu-ky")
        told = text_of(html)
        assert seen.title in told.replace("&#34;", '"')
        assert seen.stamp in told
        assert seen.signed_line in told
        assert all(part.title in told for part in seen.parts), entry.id
        assert len(html.encode()) + parts < PAGE_MAX, entry.id
        assert "set-cookie" not in headers
        assert f'<meta property="og:url" content="{SITE}/{kind}/{shown}">' in html
        assert "{" not in told, entry.id


async def test_policy_names_its_documents(reader: Reader) -> None:
    html, _ = await reader.get("/cs/an-trua-tre-mau-giao")
    assert "277/2025/NĐ-CP" in html
    assert "Theo quy định đến ngày 21/11/2026" in html


async def test_ended_entry_says_so_and_leads_on(reader: Reader) -> None:
    reader.shelf.day = date(2027, 1, 1)
    html, _ = await reader.get("/cs/chuan-ngheo-2022-2026")
    assert "Đã kết thúc" in html
    assert "/cs/chuan-ngheo-2027-2030" in html
    reader.shelf.day = date(2026, 12, 31)
    html, _ = await reader.get("/cs/chuan-ngheo-2027-2030")
    assert "Sắp áp dụng" in html


async def test_signature_is_shown_where_the_commune_confirmed(reader: Reader, library: Library) -> None:
    entry = next(e for e in library.policies.values() if e.confidence.value != "high")
    html, _ = await reader.get(f"/cs/{entry.id}")
    assert library.stamps.unsigned in html
    signature = Signature("xa-tu-ky", date(2026, 11, 21), "chu-tich")
    overlay = Overlay(
        signatures=MappingProxyType({EntryKey("policies", entry.id, "xa-tu-ky"): signature}), revision="1"
    )
    base, _ = read_folder(CONTENT)
    reader.shelf.library = Library.build(base, overlay)
    html, _ = await reader.get(f"/cs/{entry.id}")
    assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in html
    # another commune has not confirmed it
    html, _ = await reader.get(f"/cs/{entry.id}?xa=xa-dak-doa")
    assert library.stamps.unsigned in html


async def test_other_unit_speaks_on_its_own_pages(reader: Reader) -> None:
    html, _ = await reader.get("/cs/ho-tro-tien-dien?xa=xa-dak-doa")
    assert "UBND xã Đak Đoa" in html
    assert "start=u_xa-dak-doa__e_ho-tro-tien-dien" in html
    assert 'href="/cs?xa=xa-dak-doa"' in html
    assert f"{SITE}/cs/ho-tro-tien-dien?xa=xa-dak-doa" in html
    html, _ = await reader.get("/cs/ho-tro-tien-dien?xa=khong-co%00")
    assert "UBND xã Tứ Kỳ" in html


async def test_ask_link_opens_the_entry_in_the_chat(reader: Reader) -> None:
    html, _ = await reader.get("/cs/ho-tro-tien-dien")
    start = unquote(re.search(r'class="big" href="/chat\?start=([^"]+)"', html)[1])
    assert [r.name for r in parse_start(start)] == ["unit", "e"]


async def test_text_to_forward_is_clean_and_whole(reader: Reader) -> None:
    html, _ = await reader.get("/cs/ho-tro-tien-dien")
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)[1]
    assert text.startswith("Hỗ trợ tiền điện") or text.splitlines()[0]
    assert "Theo quy định đến ngày" in text
    assert text.endswith(f"{SITE}/cs/ho-tro-tien-dien")
    assert "<" not in text


async def test_former_and_foreign_paths_lead_to_the_page(reader: Reader, library: Library) -> None:
    story = next(iter(library.stories))
    _, headers = await reader.get(f"/cs/{story}?xa=xa-dak-doa", status=301)
    assert headers["location"] == f"/chuyen/{library.open_id(story)}?xa=xa-dak-doa"
    base, _ = read_folder(CONTENT)
    renamed = library.policies["ho-tro-tien-dien"].model_copy(update={"formerly": ("tien-dien-cu",)})
    policies = {**base.records["policies"], renamed.id: renamed}
    reader.shelf.library = Library.build(
        base.__class__(**{**vars(base), "records": {**base.records, "policies": policies}})
    )
    _, headers = await reader.get("/cs/tien-dien-cu", status=301)
    assert headers["location"] == "/cs/ho-tro-tien-dien"


@pytest.mark.parametrize("path", ["/cs/khong-co", "/chu-de/khong-co", "/chuyen/x", "/linh-tinh", "/cs/%2e%2e%2fetc"])
async def test_unknown_is_told_kindly_with_a_search_box(reader: Reader, path: str) -> None:
    html, headers = await reader.get(path, status=404)
    assert "Không thấy trang này" in html
    assert 'action="/tim"' in html
    assert headers["cache-control"] == "no-store"


async def test_browser_need_not_fetch_twice(reader: Reader) -> None:
    _, headers = await reader.get("/cs/ho-tro-tien-dien")
    assert "GMT" in headers["last-modified"]
    body, again = await reader.get("/cs/ho-tro-tien-dien", status=304, **{"if-none-match": headers["etag"]})
    assert body == ""
    assert again["etag"] == headers["etag"]
    await reader.get("/cs/ho-tro-tien-dien", **{"if-none-match": '"other"'})


async def test_headers_let_nothing_in(reader: Reader) -> None:
    for path in ("/", "/cs", "/tim?q=x", "/tin.atom", "/static/x/public.css", "/anh/loa-thon.png"):
        _, headers = await reader.get(path)
        assert headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "set-cookie" not in headers, path
    html, _ = await reader.get("/cs/ho-tro-tien-dien")
    assert " style=" not in html
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?://(?!loa\.example)", html)


@pytest.mark.parametrize(
    ("asked", "entry"),
    [("tien dien ho ngheo", "ho-tro-tien-dien"), ("thẻ bảo hiểm y tế cho hộ nghèo", "bhyt-ho-ngheo")],
)
async def test_search_finds_without_accents(reader: Reader, asked: str, entry: str) -> None:
    html, headers = await reader.get(f"/tim?q={asked}")
    assert f'href="/cs/{entry}"' in html
    assert headers["cache-control"] == "no-store"


async def test_search_warns_of_danger_first(reader: Reader) -> None:
    html, _ = await reader.get("/tim?q=nha chay roi cuu voi")
    assert html.index('class="alarm"') < html.index("tro-giup-khan-cap-mai-tang")


@pytest.mark.parametrize("asked", ["", "   ", "<script>alert(1)</script>", "x" * 5000, "%00%ff", "giá vàng hôm nay"])
async def test_search_takes_anything(reader: Reader, asked: str) -> None:
    html, _ = await reader.get(f"/tim?q={asked}")
    assert "<script>alert" not in html


async def test_preview_picture_is_drawn_once_and_kept(reader: Reader) -> None:
    html, _ = await reader.get("/cs/ho-tro-tien-dien")
    url = re.search(r'og:image" content="([^"]+)"', html)[1]
    path = url.removeprefix(SITE)
    async with reader.session.get(reader.url + path) as response:
        data = await response.read()
        assert response.headers["cache-control"].endswith("immutable")
    assert Image.open(io.BytesIO(data)).size == SIZE
    assert len(data) < 60_000
    _, headers = await reader.get(path.partition("?")[0])
    assert "immutable" not in headers["cache-control"]
    await reader.get("/anh/khong-co.png", status=404)


async def test_longest_title_stays_inside_the_picture() -> None:
    cards = Cards()
    card = Card("Chủ đề", "Hỗ trợ " * 40, "Theo quy định")
    assert cards.png(card) is cards.png(card)
    assert cards.png(Card("", "X" * 90, ""))


async def test_feed_is_atom_newest_first(reader: Reader) -> None:
    reader.shelf.day = date(2027, 1, 2)
    body, headers = await reader.get("/tin.atom")
    assert headers["content-type"].startswith("application/atom+xml")
    root = ET.fromstring(body)
    updated = [e.text for e in root.iter(f"{ATOM}updated")][1:]
    assert updated == sorted(updated, reverse=True)
    ids = [e.find(f"{ATOM}id").text for e in root.iter(f"{ATOM}entry")]
    assert f"{SITE}/cs/chuan-ngheo-2027-2030" in ids[:10]
    assert len(ids) == len(set(ids))


async def test_sitemap_and_robots_name_the_pages(reader: Reader, library: Library) -> None:
    body, _ = await reader.get("/sitemap.xml")
    assert body.count("<loc>") == 5 + len(library.topics) + len(list(library.entries()))
    body, _ = await reader.get("/robots.txt")
    assert "Disallow: /chat" in body
    assert f"{SITE}/sitemap.xml" in body


async def test_lists_lead_to_everything(reader: Reader, library: Library) -> None:
    policies, _ = await reader.get("/cs")
    stories, _ = await reader.get("/chuyen")
    home, _ = await reader.get("/")
    assert all(f'href="/cs/{policy}"' in policies for policy in library.policies)
    assert all(f'href="/chuyen/{library.open_id(story)}"' in stories for story in library.stories)
    for topic in library.topics:
        assert f'href="/chu-de/{topic}"' in home
        await reader.get(f"/chu-de/{topic}")


async def test_unconsented_story_names_no_article(reader: Reader, library: Library) -> None:
    for story in library.stories.values():
        html, _ = await reader.get(f"/chuyen/{library.open_id(story.id)}")
        if story.consent is None:
            assert story.id not in html
            assert not any(source in html for source in story.sources)
            told = text_of(html)
            assert story.place.commune_then is None or story.place.commune_then not in told


async def test_blocks_tell_lists_from_paragraphs() -> None:
    assert blocks("Một\n- hai\n- ba\n\nBốn") == [
        Block(False, ("Một",)),
        Block(True, ("hai", "ba")),
        Block(False, ("Bốn",)),
    ]


async def test_blocks_join_what_was_broken_in_a_sentence() -> None:
    assert blocks("- dùng không quá\n50 kWh\n- mục hai\nCâu mới") == [
        Block(True, ("dùng không quá 50 kWh", "mục hai")),
        Block(False, ("Câu mới",)),
    ]


async def test_preview_is_cut_at_a_word() -> None:
    assert preview("a b") == "a b"
    assert preview("chữ " * 100).endswith("chữ…")


async def test_a_fault_of_ours_is_told_in_words_and_quotes_nothing(library: Library) -> None:
    async def fails(_request: Request) -> None:
        raise ValueError("bà Mận")

    pages = PublicPages(lambda: library, today=lambda: date(2026, 11, 21), public_url=SITE, unit="xa-tu-ky")
    app = Starlette(routes=[Route("/hong", fails)], exception_handlers={Exception: pages.broken})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://xa.example") as client:
        told = await client.get("/hong")
    assert told.status_code == 500
    assert told.headers["cache-control"] == "no-store"
    assert "làm lại" in text_of(told.text)
    assert "Mận" not in told.text


@pytest.mark.parametrize(("asked", "found", "topic"), [("bhyt", "bhyt-ho-ngheo", "bhyt"), ("vay", "vay-", "tin-dung")])
async def test_search_knows_a_thing_by_its_name(reader: Reader, asked: str, found: str, topic: str) -> None:
    html, _ = await reader.get(f"/tim?q={asked}")
    assert f'href="/cs/{found}' in html
    assert f'href="/chu-de/{topic}"' in html
    assert "Chưa có trang nào" not in html


async def test_search_that_finds_nothing_shows_the_topics(reader: Reader, library: Library) -> None:
    html, _ = await reader.get("/tim?q=giá vàng hôm nay")
    assert all(f'href="/chu-de/{topic}"' in html for topic in library.topics)


@pytest.mark.parametrize(
    ("moment", "keeps"),
    [("2026-12-31T16:50:00+00:00", 300), ("2026-12-31T16:59:00+00:00", 60), ("2026-12-31T17:00:00+00:00", 300)],
)
async def test_no_page_is_held_over_midnight_where_people_live(library: Library, moment: str, keeps: int) -> None:
    now = datetime.fromisoformat(moment)
    pages = PublicPages(lambda: library, today=now.date, public_url=SITE, now=lambda: now)
    transport = httpx.ASGITransport(app=Starlette(routes=pages.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as reader:
        for path in ("/", "/cs/chuan-ngheo-2022-2026", "/tin.atom"):
            assert (await reader.get(path)).headers["cache-control"] == f"public, max-age={keeps}"
