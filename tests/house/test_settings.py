"""Settings come from the environment alone, and a mistake is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.errors import LoaThonError, SettingError, say
from bot.settings import Settings


def test_defaults() -> None:
    settings = Settings.from_env({"PATH": "/bin"})
    assert settings.database_url == f"sqlite+aiosqlite:///{Path.cwd() / 'data' / 'loathon.db'}"
    assert settings.on_sqlite
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://localhost:8080"
    assert settings.content_dir.is_dir()
    assert settings.telegram_limits == 30
    assert settings.now is None


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("LOATHON_DATABASE_URL", "postgres://u:p@h/d", "database_url", "postgresql+asyncpg://u:p@h/d"),
        ("LOATHON_DATABASE_URL", "postgresql://h/d", "database_url", "postgresql+asyncpg://h/d"),
        ("LOATHON_DATABASE_URL", "sqlite:////x/y.db", "database_url", "sqlite+aiosqlite:////x/y.db"),
        ("LOATHON_HTTP_PORT", "0", "http_port", 0),
        ("LOATHON_HTTP_HOST", "0.0.0.0", "public_url", "http://localhost:8080"),
        ("LOATHON_PUBLIC_URL", "https://xa.example.vn/", "public_url", "https://xa.example.vn"),
        ("LOATHON_TELEGRAM_API_URL", "http://localhost:1/", "telegram_api_url", "http://localhost:1"),
        ("LOATHON_TELEGRAM_LIMITS", "OFF", "telegram_limits", 0),
        ("LOATHON_TELEGRAM_LIMITS", "1000", "telegram_limits", 1000),
        ("LOATHON_TELEGRAM_WEBHOOK", "on", "telegram_webhook", True),
        ("LOATHON_TELEGRAM_PROXY", "http://u:p@h:3128", "telegram_proxy", "http://u:p@h:3128"),
        ("LOATHON_UNIT", " xa-tu-ky ", "unit", "xa-tu-ky"),
        ("LOATHON_NOW", "2026-12-31", "now", datetime(2026, 12, 30, 17, tzinfo=UTC)),
        ("LOATHON_NOW", "2026-12-31T08:00", "now", datetime(2026, 12, 31, 1, tzinfo=UTC)),
        ("LOATHON_NOW", "2026-12-31T08:00Z", "now", datetime(2026, 12, 31, 8, tzinfo=UTC)),
        ("LOATHON_LOG", "Debug", "log_level", "debug"),
    ],
)
def test_what_is_set(name: str, text: str, field: str, value: object) -> None:
    assert getattr(Settings.from_env({name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LOATHON_HTTP_PORT", "65536"),
        ("LOATHON_HTTP_PORT", "-1"),
        ("LOATHON_HTTP_PORT", "٨٠٨٠"),
        ("LOATHON_DATABASE_URL", "mysql://x"),
        ("LOATHON_NOW", "mai"),
        ("LOATHON_TELEGRAM_LIMITS", "maybe"),
        ("LOATHON_TELEGRAM_LIMITS", "0"),
        ("LOATHON_TELEGRAM_WEBHOOK", "https://xa.example.vn"),
        ("LOATHON_TELEGRAM_PROXY", "socks5://h:1080"),
        ("LOATHON_TELEGRAM_API_URL", "api.telegram.org"),
        ("LOATHON_PUBLIC_URL", "xa.example.vn"),
        ("LOATHON_TELEGRAM_TOKN", "x"),
        ("LOATHON_TELEGRAM_TOKEN", "abc"),
        ("LOATHON_TELEGRAM_TOKEN", "123456789:AAF short"),
    ],
)
def test_mistakes_are_told_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingError) as told:
        Settings.from_env({name: text})
    assert name in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["socks5://h:1080", "SOCKS4://h:1080", "socks5h://u:p@h:1080"])
def test_a_socks_proxy_is_answered_with_what_to_do(text: str) -> None:
    with pytest.raises(SettingError, match=r"http://127\.0\.0\.1:8118") as told:
        Settings.from_env({"LOATHON_TELEGRAM_PROXY": text})
    assert "u:p" not in str(told.value)


def test_a_name_nobody_knows_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingError) as told:
        Settings.from_env({"LOATHON_TELEGRAM_TOKN": "x"})
    assert "LOATHON_TELEGRAM_TOKEN" in str(told.value)


def test_the_calendar_moves_and_runs_on() -> None:
    true = datetime(2026, 11, 21, 18, tzinfo=UTC)
    clock = Clock(true=lambda: true, shift=timedelta(days=40))
    assert clock.now() == true + timedelta(days=40)
    assert clock.today() == date(2027, 1, 1), "it is past midnight in Vietnam"
    assert Clock.starting(None).shift == timedelta()
    began = Clock.starting(datetime(2030, 1, 1, tzinfo=UTC))
    assert began.now() >= datetime(2030, 1, 1, tzinfo=UTC)


def test_messages_are_filled_and_unknown_ones_are_a_fault() -> None:
    assert "8080" in say("run.port_taken", port=8080)
    for key in ("", "run", "run.no_such", "run.port_taken.more"):
        with pytest.raises(KeyError):
            say(key)
    assert str(SettingError(name="X", mend="y")) == say("settings.wrong", name="X", mend="y")
    assert issubclass(SettingError, LoaThonError)
