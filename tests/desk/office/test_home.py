"""The first page of the desk: what waits for whom."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from bot.model.case import CaseKind
from bot.store import airings
from tests.casework.conftest import Desk
from tests.desk.office.announcer import on_air
from tests.desk.office.conftest import Client, NewClient, add_official
from tests.desk.office.test_broadcasts import hand_over, households, write
from tests.desk.office.test_content import NEWS, approved, begin_news, handed_in
from tests.harness.clock import Hands
from tests.harness.site import Running


def told(page: str) -> list[str]:
    """Where the lines of what waits lead."""
    part = page.partition('id="cho-duyet"')[2].partition("</section>")[0]
    return re.findall(r'class="go" href="([^"]+)"', part)


async def test_what_waits_for_a_word_is_told_to_whoever_may_give_it(
    place: Running, writer: Client, chair: Client, hands: Hands, tmp_path: Path
) -> None:
    assert told((await chair.get("/ban")).text) == []
    await households(place, 1)
    message = await write(writer)
    assert "Chờ người khác duyệt" in (await hand_over(writer, message)).text
    news = await begin_news(writer)
    await handed_in(writer, news)
    bulletin = (await on_air(place, hands, tmp_path))["bulletin"]
    begun = await begin_news(writer, title="Tin còn đang viết", once="b")

    shown = await chair.get("/ban")
    assert told(shown.text) == [message, f"/ban/loa/tin/{bulletin}", f"/ban/noi-dung/ban/{news}"]
    assert NEWS["title"] in shown.text
    assert f"/ban/noi-dung/ban/{begun}" not in shown.text
    for path in told(shown.text):
        assert re.search(r"Duyệt", (await chair.get(path)).text), path
    # nobody is asked for a word on what they wrote, or have no say in
    assert told((await writer.get("/ban")).text) == []

    await approved(chair, news)
    assert told((await chair.get("/ban/cho-duyet")).text) == [message, f"/ban/loa/tin/{bulletin}"]
    # a bulletin whose day is over waits for nobody
    hands.move(days=2)
    await chair.sign_in("chu.tich")
    assert told((await chair.get("/ban/cho-duyet")).text) == [message]


async def test_an_announcer_ticks_off_what_is_aired_today_on_the_first_page(
    place: Running, client: Client, hands: Hands, tmp_path: Path
) -> None:
    await on_air(place, hands, tmp_path)
    await add_official(place, "phat.thanh", "phat-thanh-vien")
    await client.sign_in("phat.thanh")
    blank = await client.get("/ban")
    assert "Hôm nay chưa có bản tin nào sẵn sàng phát" in blank.text
    assert 'href="/ban/loa?xa=xa-tu-ky"' in blank.text
    hands.move(days=1, hours=8)
    await client.sign_in("phat.thanh")
    shown = await client.get("/ban")
    assert "chưa có bản tin nào sẵn sàng" not in shown.text
    assert "Hôm nay phát" in shown.text
    assert "Hôm nay phát" in (await client.get("/ban/cho-duyet")).text
    assert "Ai lo" not in shown.text, "nobody is shown what they may not do"
    assert "Số điện thoại của xã" not in shown.text
    action = re.search(r'action="(/ban/loa/so/\d+/phat)"', shown.text)
    assert action
    done = await client.fill("/ban", action[1], tai="dau", xa="xa-tu-ky", tre="600")
    assert done.path.startswith("/ban?")
    assert "Đã phát" in done.text
    async with place.house.store.read() as tx:
        row = await airings.get(tx, int(action[1].split("/")[4]))
    assert row is not None
    assert row.aired_at == hands.at - timedelta(minutes=10), "it was tapped where there was no network"
    own = re.search(r'href="(/ban/loa/tin/\d+)"', done.text)
    assert own
    paper = await client.get(own[1])
    assert "Tải tệp MP3" in paper.text
    sound = re.search(r'href="([^"]+\.mp3\?tai)"', paper.text)
    assert sound
    got = await client.get(sound[1])
    assert got.headers["content-disposition"].startswith('attachment; filename="ban-tin-2026')


async def test_other_communes_matters_wait_for_others(
    place: Running, writer: Client, new_client: NewClient, hands: Hands, tmp_path: Path
) -> None:
    await households(place, 1)
    assert "Chờ người khác duyệt" in (await hand_over(writer, await write(writer))).text
    await handed_in(writer, await begin_news(writer))
    await on_air(place, hands, tmp_path)
    await add_official(place, "noi.khac", "lanh-dao", unit="xa-muong-ang", is_chair=True)
    other = await new_client()
    await other.sign_in("noi.khac")
    assert told((await other.get("/ban")).text) == []


async def test_new_and_late_cases_are_counted(place: Running, client: Client, hands: Hands) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    desk = Desk(place.house.store, hands)
    await desk.brings("Hỏi về thẻ", kind=CaseKind.QUESTION)
    hands.move(days=60)
    await desk.brings("Cống tắc", chat="nha-b", kind=CaseKind.FEEDBACK)
    await client.sign_in("can.bo")
    assert "/ban/ho-so/tom-tat" in (await client.get("/ban")).text
    shown = (await client.get("/ban/ho-so/tom-tat")).text
    for view, number in (("?xem=moi", 2), ("?xem=tre", 1)):
        assert f'href="/ban/ho-so{view}"><span class="count">{number}</span>' in shown
