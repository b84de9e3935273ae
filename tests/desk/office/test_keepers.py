"""The last keeper of reports leaves only after a second word."""

from __future__ import annotations

from tests.desk.office.conftest import UNIT, Client, add_official
from tests.harness.site import Running


async def test_the_last_keeper_s_account_is_closed_after_a_second_word(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    number = await add_official(place, "giu", "giu-danh-tinh")
    await client.sign_in("quan.tri")
    assert "Người giữ kín tin" not in (await client.get(f"/ban?xa={UNIT}")).text
    page = f"/ban/nguoi/{number}"
    warned = await client.fill(page, f"{page}/khoa")
    assert warned.status == 400
    assert "người cuối cùng giữ kín" in warned.text
    assert 'name="sure" value="1"' in warned.text
    closed = await client.fill(page, f"{page}/khoa", sure="1")
    assert "Đã khóa" in closed.text
    assert "Người giữ kín tin" in (await client.get(f"/ban?xa={UNIT}")).text
