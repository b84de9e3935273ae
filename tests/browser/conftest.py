"""A real Chromium on a real site: the house with its engine, store and content."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.clock import Clock
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
#: without these Chromium looks up its maker's hosts at every start
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


def chromium() -> str:
    """The machine's Chromium (`deploy/ensure_chromium.py` installs Debian's)."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next((p for n in names if (p := shutil.which(n))), None)
    assert found, "no Chromium here: run deploy/ensure_chromium.py"
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One site for all browser tests, on 21 November 2026."""
    folder = tmp_path_factory.mktemp("site")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chrome() -> AsyncIterator[Browser]:
    """One browser process; each test has its own context, as a private window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield browser
        await browser.close()


@dataclass
class Visit:
    """A page that may not complain: errors of the page and requests to other hosts fail the test at its end."""

    page: Page
    context: BrowserContext
    url: str
    shots: Path
    complaints: list[str]

    async def shot(self, name: str) -> Path:
        """A screenshot for the eyes."""
        path = self.shots / f"{name}.png"
        await self.page.screenshot(path=path)
        return path

    async def say(self, text: str) -> None:
        """Type and send."""
        await self.page.get_by_label("Câu hỏi của bác").fill(text)
        await self.page.get_by_role("button", name="Gửi", exact=True).click()

    async def tap(self, label: str) -> None:
        """Tap the newest button of that label."""
        await self.page.get_by_role("log").get_by_role("button", name=label, exact=True).last.click()

    async def no_violations(self) -> None:
        """What axe finds wrong for people with a screen reader or weak eyes: nothing."""
        results = await Axe().run(self.page)
        assert results.violations_count == 0, results.generate_report()


# a test machine may be slow; what is expected ends the wait as soon as it is there
expect.set_options(timeout=20_000)

Visits = Callable[..., Awaitable[Visit]]


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go."""
    folder = os.environ.get("SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return Path(folder)
    return tmp_path_factory.mktemp("shots")


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chrome: Browser, place: Running, shots: Path) -> AsyncIterator[Visits]:
    """`await visit("/chat", PHONE, …)` opens a page in a fresh context."""
    opened: list[Visit] = []

    async def open_page(path: str, size: dict[str, int] | None = None, **options: object) -> Visit:
        context = await chrome.new_context(
            viewport=size or PHONE,
            locale="vi-VN",
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(20_000)
        page = await context.new_page()
        one = Visit(page, context, place.url, shots, [])
        page.on("pageerror", lambda error: one.complaints.append(f"page error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((place.url, "blob:", "data:"))
                else one.complaints.append(f"request to {request.url}")
            ),
        )
        page.on(
            "console",
            lambda message: one.complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )
        opened.append(one)
        await page.goto(place.url + path)
        return one

    yield open_page
    for one in opened:
        await one.context.close()
        assert one.complaints == []
