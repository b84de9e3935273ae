"""The bots of a house, and the commands of their menu."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.bots import BotSetting, BotsFileError, read_bots
from bot.engine.replay import Player
from bot.errors import told_under
from bot.library import Library
from bot.settings import Settings

SECRET = "111:SECRET-a-test_only_never_a_real_one"
OTHER = "222:SECRET-b-test_only_never_a_real_one"
BOTS = """
- {unit: xa-a, token_file: a.token}
- {unit: xa-b, token_variable: TOKEN_B}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "bots.yaml").write_text(BOTS, "utf-8")
    (tmp_path / "a.token").write_text(f"{SECRET}\n", "utf-8")
    return Settings.from_env({"LOATHON_TELEGRAM_BOTS": str(tmp_path / "bots.yaml"), "LOATHON_UNIT": "xa-c"})


def test_several_bots_each_for_a_unit(settings: Settings) -> None:
    with_one = replace(settings, telegram_token="333:c")
    bots = read_bots(with_one, {"TOKEN_B": OTHER})
    assert [(bot.account, bot.unit) for bot in bots] == [("333", "xa-c"), ("111", "xa-a"), ("222", "xa-b")]
    assert SECRET not in repr(bots)
    assert read_bots(Settings.from_env({}), {}) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unit: xa-a",
        "- xa-a",
        "- {unit: xa-a}",
        "- {unit: xa-a, token: '1:x'}",
        "[",
        "- {unit: a, token_file: no}",
        "- {unit: a, token_file: bots.yaml}",
        "\x00",
    ],
)
def test_a_wrong_file_is_told_without_the_token(settings: Settings, text: str) -> None:
    assert settings.telegram_bots is not None
    settings.telegram_bots.write_text(text, "utf-8")
    with pytest.raises(BotsFileError) as told:
        read_bots(settings, {})
    assert "\n" not in str(told.value)


def test_one_bot_twice_is_refused(settings: Settings) -> None:
    with pytest.raises(BotsFileError) as told:
        read_bots(settings, {"TOKEN_B": SECRET})
    assert SECRET not in str(told.value)
    assert BotSetting(SECRET).account in str(told.value)


@pytest.mark.parametrize("command", sorted(told_under("commands")))
def test_every_command_leads_somewhere(command: str) -> None:
    # Bot API, BotCommand: 1-32 of a-z, 0-9 and _; 1-256 characters
    assert re.fullmatch(r"[a-z0-9_]{1,32}", command)
    assert 1 <= len(told_under("commands")[command]) <= 256
    player = Player(
        Library.load(Path(__file__).parents[2] / "content"), datetime(2026, 11, 21, 3, tzinfo=UTC), lambda _lookup: ()
    )
    player.start()
    said = [outbound.said for outbound in player.text(f"/{command}")]
    assert said
    assert not {"says/refuse", "says/unsure"} & set(said)
