"""`loathon user` and `loathon audit`, as whoever holds the machine types them."""

from __future__ import annotations

import io
from collections.abc import Awaitable
from pathlib import Path

import pytest

from bot import cli, cli_user
from bot.errors import LoaThonError
from bot.library import Library
from bot.officials import LastAdministratorError, UnknownOfficialError, WrongRoleError
from bot.passwords import WeakPasswordError
from bot.sessions import Door, WrongPasswordError
from bot.settings import Settings
from bot.store import Store, schema
from bot.store.blobs import Blobs
from tests.harness.clock import Hands

PASSWORD = "lúa chín đầu đồng"
CHAIR = cli_user.Given("lanh-dao", "xa-tu-ky", (), is_chair=True)
ADMIN = cli_user.Given("quan-tri", "", (), is_chair=False, whole=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    content = Path(__file__).parents[2] / "content"
    return Settings.from_env({"LOATHON_DATA_DIR": str(tmp_path), "LOATHON_CONTENT_DIR": str(content)})


@pytest.fixture(autouse=True)
def _one_library(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Library, "load", lambda _path: library)


async def told(act: Awaitable[int], out: io.StringIO) -> str:
    assert await act == 0
    text = out.getvalue()
    out.truncate(0)
    out.seek(0)
    return text


async def test_a_life_of_accounts(settings: Settings, hands: Hands) -> None:
    out, clock = io.StringIO(), hands.clock
    assert "Chưa có" in await told(cli_user.show(settings, clock, out), out)
    added = cli_user.add(settings, clock, out, login="admin", name="Quản trị", given=ADMIN, ask=lambda: PASSWORD)
    assert "admin" in await told(added, out)
    invited = await told(cli_user.invite(settings, clock, out, login="chu-tich", name="Bà Tịch", given=CHAIR), out)
    assert "http://localhost:8080/ban/moi/" in invited
    reset = await told(cli_user.reset_link(settings, clock, out, login="admin"), out)
    assert "http://localhost:8080/ban/dat-lai/" in reset
    lines = (await told(cli_user.show(settings, clock, out), out)).splitlines()
    assert lines == [
        "admin\tQuản trị\tđang dùng\tQuản trị, toàn hệ thống",
        "chu-tich\tBà Tịch\tchờ đặt mật khẩu\tLãnh đạo, xã Tứ Kỳ",
    ]
    await told(cli_user.bind(settings, clock, out, login="chu-tich", external="https://a 1"), out)
    await told(cli_user.disable(settings, clock, out, login="chu-tich"), out)
    with pytest.raises(LastAdministratorError):
        await cli_user.disable(settings, clock, out, login="admin")
    with pytest.raises(UnknownOfficialError):
        await cli_user.disable(settings, clock, out, login="ai\x00")


async def test_a_typed_password_works_at_the_door(settings: Settings, hands: Hands) -> None:
    clock = hands.clock
    await cli_user.add(settings, clock, io.StringIO(), login="admin", name="A", given=ADMIN, ask=lambda: PASSWORD)
    await schema.migrate(settings.database_url)
    store = await Store.open(settings.database_url, Blobs(settings.data_dir))
    door = Door(store)
    await door.sign_in("admin", PASSWORD, address="", agent="", at=hands.at)
    with pytest.raises(WrongPasswordError):
        await door.sign_in("admin", "khác hẳn", address="", agent="", at=hands.at)
    await store.close()


@pytest.mark.parametrize(
    ("given", "password", "error"),
    [
        (cli_user.Given("vua", "", (), is_chair=False), PASSWORD, WrongRoleError),
        (ADMIN, "ngắn", WeakPasswordError),
        (ADMIN, "", WeakPasswordError),
    ],
)
async def test_what_is_wrong_makes_no_account(
    settings: Settings, hands: Hands, given: cli_user.Given, password: str, error: type[LoaThonError]
) -> None:
    out = io.StringIO()
    with pytest.raises(error):
        await cli_user.add(settings, hands.clock, out, login="a-b-c", name="A", given=given, ask=lambda: password)
    await cli_user.show(settings, hands.clock, out)
    assert "a-b-c" not in out.getvalue()


def test_roles_are_listed_with_what_they_may(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["user", "roles"]) == 0
    told_ = capsys.readouterr().out
    assert "lanh-dao\tLãnh đạo" in told_
    assert "- Ký xác nhận một nội dung" in told_


def test_a_password_typed_differently_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["một hai ba bốn", "một hai ba năm", "một hai ba bốn", "một hai ba bốn"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert cli_user.ask_password() == ""
    assert cli_user.ask_password() == "một hai ba bốn"
