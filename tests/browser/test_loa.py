"""The loudspeaker in a real Chromium: a bulletin made, approved by another, heard, carried away; a voice recorded."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import podcastparser
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from audio.child import AudioChild
from audio.spec import WorkerOptions
from bot.bulletins import editing
from bot.clock import Clock
from bot.jobs.bulletins import BulletinMaker
from bot.jobs.worker import Worker
from bot.store import airings, bulletins, sources
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visits
from tests.browser.test_desk import checked, sign_in
from tests.desk.office.conftest import UNIT, add_official
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AIR = "2026-11-22"


@dataclass
class Sounding:
    """A site with its studio: offline, with the voice that is always there."""

    place: Running
    worker: Worker

    async def work(self) -> None:
        """Everything that waits is made."""
        while await self.worker.step():
            pass


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own."""
    folder = tmp_path_factory.mktemp("loa")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        await add_official(one, "phat.thanh", "phat-thanh-vien")
        await add_official(one, "chu.tich", "lanh-dao", is_chair=True)
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def sounding(place: Running, tmp_path: Path) -> AsyncIterator[Sounding]:
    """Its studio."""
    house = place.house
    child = AudioChild(WorkerOptions(cache_dir=str(tmp_path / "sound"), online=False))
    folder = house.settings.data_dir / "loa"
    maker = BulletinMaker(house.store, house.clock, child, lambda: house.shelf.library, folder)
    kinds = {editing.MAKE: maker.make, editing.PUBLISH: maker.publish, sources.RECALL: maker.take_back}
    yield Sounding(place, Worker(house.store, house.clock, kinds))
    await child.close()


async def plays(page: Page) -> float:
    """Play what is on the page; how long it is, once it has moved on."""
    seconds: float = await page.evaluate(
        """() => new Promise((done, failed) => {
          const player = document.querySelector("audio");
          player.addEventListener("timeupdate", () => player.currentTime > 0.3 && done(player.duration));
          player.addEventListener("error", () => failed(player.error.message));
          player.play().catch(failed);
        })"""
    )
    return seconds


async def fetched(one: Visit, path: str) -> bytes:
    """What a program would be given."""
    response = await one.context.request.get(one.url + path)
    assert response.status == 200, path
    return await response.body()


async def chosen(page: Page) -> None:
    """The proposal for tomorrow morning, made shorter by hand: one entry and news of the day."""
    await page.get_by_role("button", name="Soạn theo gợi ý 22/11/2026 05:30").click()
    await expect(page.get_by_role("heading", level=2, name="Các bài")).to_be_visible()
    while await (buttons := page.get_by_role("button", name="Bỏ", exact=False)).count() > 2:
        await buttons.nth(1).click()
        await expect(page.get_by_role("heading", level=2, name="Các bài")).to_be_visible()
    await page.get_by_role("link", name="Viết tin, phóng sự").click()
    await page.get_by_label("Tên bài").fill("Họp thôn")
    await page.get_by_label("Đoạn 1", exact=True).fill("Bảy giờ tối mai, mời bà con họp ở nhà văn hóa thôn.")
    await page.get_by_role("button", name="Lưu", exact=True).click()


async def test_a_bulletin_for_tomorrow_morning(visit: Visits, place: Running, sounding: Sounding) -> None:
    announcer = await visit("/ban/vao", PHONE)
    await sign_in(announcer, "phat.thanh")
    await announcer.page.goto(place.url + "/ban/loa")
    await checked(announcer, "loa-week")
    await chosen(announcer.page)
    await expect(announcer.page.get_by_role("main")).to_contain_text("Họp thôn")
    await checked(announcer, "loa-paper")
    await announcer.page.get_by_role("button", name="Làm tiếng").click()
    await expect(announcer.page.get_by_role("progressbar")).to_be_visible()
    await checked(announcer, "loa-making")
    await sounding.work()
    await announcer.page.get_by_role("button", name="Trình duyệt").click()
    await expect(announcer.page.get_by_role("main")).to_contain_text("Người soạn không tự duyệt")

    chair = await visit("/ban/vao", DESKTOP)
    await sign_in(chair, "chu.tich")
    await chair.page.goto(place.url + "/ban/loa")
    await chair.page.get_by_role("link", name="Bản tin 5:30 ngày 22/11/2026").click()
    assert await plays(chair.page) > 20
    await checked(chair, "loa-approve")
    await chair.page.get_by_role("button", name="Duyệt, cho phát").click()
    await expect(chair.page.get_by_role("status")).to_contain_text("Đã duyệt")
    await sounding.work()
    await expect(chair.page.get_by_role("main")).to_contain_text("Bản tin đã lên trang loa")

    listener = await visit("/", PHONE)
    await listener.page.get_by_role("link", name="Nghe loa của xã").click()
    await checked(listener, "loa-station")
    await listener.page.get_by_role("link", name="Bản tin 5:30 ngày 22/11/2026").click()
    await expect(listener.page.get_by_role("main")).to_contain_text("Bảy giờ tối mai, mời bà con họp")
    await expect(listener.page.get_by_role("main")).to_contain_text("Giọng đọc tổng hợp")
    seconds = await plays(listener.page)
    await checked(listener, "loa-bulletin")

    await listener.page.goto(f"{place.url}/loa/{UNIT}")
    async with listener.page.expect_download() as downloading:
        await listener.page.get_by_role("link", name="Tải cả gói ngày mai để chép USB").click()
    download = await downloading.value
    bundle = zipfile.ZipFile(await download.path())
    assert bundle.namelist()[0] == "01/01_BAN-TIN-5-30_20261122.mp3"
    assert bundle.namelist()[-1].endswith("SHA256SUMS.txt")
    sound = bundle.read(bundle.namelist()[0])
    feed = podcastparser.parse("http://x", io.BytesIO(await fetched(listener, f"/loa/{UNIT}/podcast.xml")))
    assert feed["episodes"] == [], "a subscriber hears it from its day on"
    (told,) = json.loads(await fetched(listener, f"/loa/{UNIT}/danh-sach.json"))["items"]
    assert told["bytes"] == len(sound)
    assert abs(told["seconds"] - seconds) <= 1
    assert await fetched(listener, told["url"].removeprefix(place.url)) == sound

    await announcer.page.goto(f"{place.url}/ban/loa/so?den={AIR}")
    await checked(announcer, "loa-log")
    await announcer.page.get_by_role("button", name="Đã phát Bản tin 5:30").click()
    await expect(announcer.page.get_by_role("alert")).to_contain_text("Chưa đến giờ phát")

    await chair.page.get_by_text("Thu hồi bản tin", exact=True).click()
    await chair.page.get_by_label("Lý do", exact=True).fill("Đổi giờ họp")
    await chair.page.get_by_role("button", name="Thu hồi", exact=True).click()
    await expect(chair.page.get_by_role("status")).to_contain_text("Đã thu hồi")
    await listener.page.goto(f"{place.url}/loa/{UNIT}")
    await expect(listener.page.get_by_role("main")).to_contain_text("Đổi giờ họp")
    await checked(listener, "loa-recalled")
    answer = await listener.context.request.get(told["url"])
    assert answer.status == 410


async def recorded(page: Page, name: str) -> dict[str, Any]:
    """Press record, wait until two seconds are told, stop: what the form holds now."""
    await page.get_by_role("button", name=f"Thu {name}", exact=True).click()
    form = page.locator(f"form[data-name='{name}']")
    await page.wait_for_function(
        "name => document.querySelector(`form[data-name='${name}'] meter`).value > 0.01", arg=name
    )
    await expect(form.locator("[data-told]")).to_have_text("2″")
    assert await form.locator("meter").evaluate("meter => meter.value") > 0
    await page.get_by_role("button", name=f"Dừng {name}", exact=True).click()
    await expect(form.locator("audio")).to_be_visible()
    held: dict[str, Any] = await form.evaluate(
        """async form => {
          const file = form.elements.sound.files[0];
          const view = new DataView(await file.arrayBuffer());
          return { type: file.type, size: file.size, rate: view.getUint32(24, true), bits: view.getUint16(34, true) };
        }"""
    )
    return held


async def test_a_voice_is_recorded_in_the_browser(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE, permissions=["microphone"])
    await sign_in(one, "phat.thanh")
    await one.page.goto(f"{place.url}/ban/loa/moi?air_on={AIR}")
    await checked(one, "loa-new")
    await one.page.get_by_label("Tên bản tin").fill("Tin bà Hoa")
    await one.page.get_by_role("button", name="Lưu").click()
    await one.page.get_by_role("link", name="Viết tin, phóng sự").click()
    await checked(one, "loa-write")
    await one.page.get_by_label("Tên bài").fill("Vườn bà Hoa")
    await one.page.get_by_label("Đoạn 1", exact=True).fill("Bà Hoa kể chuyện. Vườn nhà bà ba năm nay tốt.")
    await one.page.get_by_role("button", name="Lưu rồi thu giọng người").click()
    await one.page.get_by_role("button", name="Chia lời thành từng hơi đọc").click()
    await expect(one.page.get_by_role("listitem").filter(has_text="Vườn nhà bà ba năm nay tốt.")).to_be_visible()
    held = await recorded(one.page, "đoạn 1")
    assert held["type"] == "audio/wav"
    assert held["bits"] == 16
    assert held["size"] == pytest.approx(44 + 2 * held["rate"] * 2.3, rel=0.3)
    await checked(one, "loa-record")
    await one.page.get_by_role("button", name="Gửi bản thu đoạn 1").click()
    # the browser's false microphone beeps: the verdict itself is tested at the desk
    await expect(one.page.get_by_role("button", name="Nhận bản này đoạn 1")).to_be_visible()
    await checked(one, "loa-taken")
    assert await plays(one.page) > 0.2


async def test_without_a_microphone_a_file_is_chosen(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE)
    await one.page.add_init_script("delete Navigator.prototype.mediaDevices")
    await sign_in(one, "phat.thanh")
    await one.page.goto(f"{place.url}/ban/loa/moi?air_on={AIR}")
    await one.page.get_by_role("button", name="Lưu").click()
    await one.page.get_by_role("link", name="Viết tin, phóng sự").click()
    await one.page.get_by_label("Tên bài").fill("Tin")
    await one.page.get_by_label("Đoạn 1", exact=True).fill("Mời bà con họp.")
    await one.page.get_by_role("button", name="Lưu rồi thu giọng người").click()
    await expect(one.page.get_by_text("Máy này không thu được trong trang")).to_be_visible()
    await expect(one.page.get_by_label("Tệp tiếng cho đoạn 1")).to_be_visible()
    await one.page.get_by_role("button", name="Gửi bản thu đoạn 1").click()
    await expect(one.page.get_by_role("alert")).to_contain_text("Chưa có tiếng nào")


async def test_the_other_pages_fit(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE, color_scheme="dark")
    await sign_in(one, "phat.thanh")
    await one.page.goto(f"{place.url}/ban/loa")
    await one.page.get_by_role("button", name="Soạn theo gợi ý 23/11/2026 05:30").click()
    paper = one.page.url.partition("?")[0]
    for name, path in (("them", f"{paper}/them"), ("sua", f"{paper}/sua"), ("giong", f"{place.url}/ban/loa/giong")):
        await one.page.goto(path)
        await checked(one, f"loa-{name}")
    for path in ("/loa/ma", f"/loa/{UNIT}/999999"):
        await one.page.goto(place.url + path)
        await checked(one, "public-" + path.strip("/").replace("/", "_"))


#: a second of sound as a browser records it by itself: WebM with Opus
WEBM = """async () => {
  const context = new AudioContext();
  await context.resume();
  const tone = context.createOscillator(), out = context.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const recorder = new MediaRecorder(out.stream), parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  await new Promise((done) => { tone.onended = done; tone.stop(context.currentTime + 1.2); });
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return Array.from(bytes);
}"""


async def test_what_a_telephone_recorded_is_read_by_the_page(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "phat.thanh")
    await one.page.goto(f"{place.url}/ban/loa/doc")
    await checked(one, "loa-readings")
    await one.page.get_by_role("link", name="Thu giọng", exact=False).first.click()
    kit = one.page.url
    await checked(one, "loa-reading")
    await one.page.get_by_text("Chọn tệp đã thu sẵn").first.click()
    webm = bytes(await one.page.evaluate(WEBM))
    assert webm[:4] == b"\x1aE\xdf\xa3"
    field = one.page.get_by_label("Tệp tiếng cho đoạn 1", exact=True)
    await field.set_input_files({"name": "thu.webm", "mimeType": "audio/webm", "buffer": webm})
    await expect(one.page.get_by_text("Trang đọc được tệp này").first).to_be_visible()
    await one.page.get_by_role("button", name="Gửi bản thu đoạn 1", exact=True).click()
    await expect(one.page.get_by_label("Nghe đoạn 1")).to_be_visible()
    await one.page.goto(f"{kit}&doan=1")
    original = one.page.get_by_role("link", name="Tải tệp gốc đoạn 1")
    await expect(original).to_be_visible()
    await checked(one, "loa-reading-taken")
    assert await fetched(one, str(await original.get_attribute("href"))) == webm
    assert await plays(one.page) > 1
    # a file no browser reads either is kept as it came
    await one.page.goto(f"{kit}&doan=2")
    await one.page.get_by_text("Chọn tệp đã thu sẵn").first.click()
    field = one.page.get_by_label("Tệp tiếng cho đoạn 2", exact=True)
    await field.set_input_files({"name": "thu.amr", "mimeType": "audio/amr", "buffer": b"#!AMR\n" + bytes(900)})
    await one.page.get_by_role("button", name="Gửi bản thu đoạn 2", exact=True).click()
    await expect(one.page.get_by_text("Tệp AMR: giữ nguyên, chưa ghép được vào bản tin.")).to_be_visible()
    await checked(one, "loa-reading-kept")
    # what is too large is told before it is sent
    await one.page.goto(f"{kit}&doan=3")
    await one.page.get_by_text("Chọn tệp đã thu sẵn").first.click()
    field = one.page.get_by_label("Tệp tiếng cho đoạn 3", exact=True)
    await field.evaluate(
        """field => {
          const held = new DataTransfer();
          held.items.add(new File([new Uint8Array(60000001)], "dai.wav"));
          field.files = held.files;
          field.dispatchEvent(new Event("change"));
        }"""
    )
    await expect(one.page.get_by_text("Tệp lớn quá 60 MB").first).to_be_visible()
    assert await field.evaluate("field => field.files.length") == 0


async def test_a_tap_without_a_network_is_kept_and_sent(visit: Visits, place: Running) -> None:
    house = place.house
    today, at = house.clock.today(), house.clock.true()
    async with house.store.write() as tx:
        given = {"unit": UNIT, "air_on": today, "slot_at": "05:30", "today": today, "at": at}
        number = await editing.create(tx, None, house.shelf.library, **given)
        await bulletins.change(tx, number, state="published", published_at=at)
        line = {"bulletin_id": number, "unit": UNIT, "zone": "", "air_on": today, "slot_at": "05:30", "code": "1234566"}
        await airings.plan(tx, [line])
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "phat.thanh")
    await one.page.goto(f"{place.url}/ban")
    tick = one.page.get_by_role("button", name="Đã phát", exact=False)
    await expect(tick).to_be_visible()
    await checked(one, "home-aired")
    await one.context.set_offline(True)
    await tick.click()
    await expect(one.page.get_by_text("Chưa có mạng")).to_be_visible()
    await expect(tick).to_be_hidden()
    await checked(one, "home-kept")
    await one.context.set_offline(False)
    await expect(one.page.get_by_text(re.compile(r"^Đã phát 1\d:\d\d$"))).to_be_visible()
    row_of_it = one.page.locator("li.pair", has_text="05:30")
    hour, name = await row_of_it.locator("strong").bounding_box(), await row_of_it.locator("a").bounding_box()
    assert hour
    assert name
    assert hour["height"] < 40, "not broken letter by letter"
    assert name["width"] > 100
    await checked(one, "home-ticked")
    await expect(one.page.get_by_text("Chưa có mạng")).to_be_hidden()
    async with house.store.read() as tx:
        (row,) = await airings.of_bulletin(tx, number)
    assert row.how == "web"
    await one.page.goto(f"{place.url}/ban/loa/tin/{number}")
    await checked(one, "loa-published")
