"""One box for everything: accents or none, exact spelling first, and nothing that is not the asker's."""

from __future__ import annotations

from bot.found import Text, Words, best
from bot.store import questions
from tests.casework.conftest import Desk
from tests.desk.office.caseworker import member
from tests.desk.office.conftest import UNIT, Client, add_official, contents, on_both
from tests.harness.site import Running


@on_both
async def test_everything_of_ones_own_is_found(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly", "quan-tri")
    code = await desk.brings("Đèn đường thôn Đông hỏng", topic="nha-o")
    async with place.house.store.write() as tx:
        at = place.house.clock.now()
        await questions.add(tx, [(None, UNIT, "đèn đường do ai quản lý", ())], at)  # type: ignore[list-item]
    before = await contents(place)
    for asked in ("den duong", "đèn đường", "DEN DUONG hong"):
        shown = (await client.get(f"/ban/tim?q={asked}")).text
        assert f'href="/ban/ho-so/{code}"' in shown, asked
    assert "Câu hỏi máy chưa trả lời được" in (await client.get("/ban/tim?q=den duong")).text
    assert f'href="/ban/ho-so/{code}"' in (await client.get(f"/ban/tim?q={code}")).text
    people = (await client.get("/ban/tim?q=ong lan")).text
    assert "Ông lan" in people
    assert "Xã Tứ Kỳ".lower() in (await client.get("/ban/tim?q=tu ky")).text.lower()
    entry = (await client.get("/ban/tim?q=tien dien ho ngheo")).text
    assert "Hỗ trợ tiền điện" in entry
    assert "Không tìm thấy gì" in (await client.get("/ban/tim?q=xyzxyz")).text
    assert "Không tìm thấy gì" not in (await client.get("/ban/tim")).text
    assert (await client.get('/ban/tim?q=" OR 1 NEAR(*%27')).status == 200
    assert await contents(place) == before


async def test_nothing_beyond_ones_rights_is_found(place: Running, desk: Desk, client: Client) -> None:
    await add_official(place, "nguoi.giau.ten", "quan-tri")
    code = await desk.brings("Đèn đường thôn Đông hỏng")
    await member(place, desk, client, "nguoi.xem", "nguoi-xem")
    assert code not in (await client.get("/ban/tim?q=den duong")).text
    assert code not in (await client.get(f"/ban/tim?q={code}")).text.replace(f'value="{code}"', "")
    assert "giau.ten" not in (await client.get("/ban/tim?q=nguoi giau")).text.split("</form>", 2)[2]
    # what everybody reads, in the form everybody reads it
    assert 'href="/cs/' in (await client.get("/ban/tim?q=tien dien ho ngheo")).text


async def test_a_case_about_the_seeker_is_not_found(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "tan", "can-bo-xu-ly")
    code = await desk.brings("Ông tan đòi tiền bồi dưỡng", topic="nha-o")
    assert code not in (await client.get("/ban/tim?q=boi duong")).text


def test_exact_spelling_comes_first_and_each_word_begins_one() -> None:
    told = ["ma cà rồng", "má nuôi", "mã số", "Mạ lúa", "lama", "số mã"]
    texts = [(one, Text.of(one)) for one in told]
    assert best(Words.of("mã"), texts, 9) == ["mã số", "số mã", "ma cà rồng", "má nuôi", "Mạ lúa"]
    assert best(Words.of("ma"), texts, 2) == ["ma cà rồng", "má nuôi"]
    assert best(Words.of("SO ma"), texts, 9) == ["mã số", "số mã"]
    assert best(Words.of("-- ?"), texts, 9) == []
    assert best(Words.of("d"), [(1, Text.of("Đèn"))], 9) == [1]
