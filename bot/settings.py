"""Every setting, read from the environment alone. `docs/settings.md` explains each; a test keeps the two together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.errors import SettingError, SocksError, UnknownSettingError

#: where the people live: what is stored in UTC is shown in this zone
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{20,}")

#: name -> default as text; the whole list, those of the audio process too (`audio.settings` reads them)
NAMES: Mapping[str, str] = {
    "LOATHON_DATA_DIR": "data",
    "LOATHON_DATABASE_URL": "",
    "LOATHON_CONTENT_DIR": "",
    "LOATHON_HTTP_HOST": "127.0.0.1",
    "LOATHON_HTTP_PORT": "8080",
    "LOATHON_PUBLIC_URL": "",
    "LOATHON_UNIT": "",
    "LOATHON_TELEGRAM_TOKEN": "",
    "LOATHON_TELEGRAM_BOTS": "",
    "LOATHON_TELEGRAM_API_URL": "https://api.telegram.org",
    "LOATHON_TELEGRAM_LIMITS": "on",
    "LOATHON_TELEGRAM_WEBHOOK": "off",
    "LOATHON_TELEGRAM_PROXY": "",
    "LOATHON_VOICE_ONLINE": "on",
    "LOATHON_VOICE_GTTS_TLD": "com",
    "LOATHON_VOICE_PIPER": "",
    "LOATHON_VOICE_VIENEU": "",
    "LOATHON_AUDIO_CACHE_MB": "1024",
    "LOATHON_OIDC_ISSUER": "",
    "LOATHON_OIDC_CLIENT_ID": "",
    "LOATHON_OIDC_CLIENT_SECRET": "",
    "LOATHON_NOW": "",
    "LOATHON_LOG": "info",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; `from_env` is the only way they come in."""

    data_dir: Path
    #: an SQLAlchemy URL with its async driver named
    database_url: str
    content_dir: Path
    http_host: str
    http_port: int
    #: where people reach us from outside, without a trailing slash
    public_url: str
    unit: str
    telegram_token: str
    telegram_bots: Path | None
    telegram_api_url: str
    #: messages a second of one bot, 0 = as fast as it can
    telegram_limits: int
    #: deliveries come to `public_url`; without it we poll
    telegram_webhook: bool
    #: an http(s) proxy on the way to Telegram, "" = none
    telegram_proxy: str
    #: the common sign-in of officials, "" = none
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    #: the calendar's start; None = the true date
    now: datetime | None
    log_level: str

    @property
    def on_sqlite(self) -> bool:
        """Whether the embedded database is used: then one long-lived process only."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read and check the settings; raises `SettingError` naming the setting and the mend."""
        unknown = sorted(n for n in env if n.startswith("LOATHON_") and n not in NAMES)
        if unknown:
            near = get_close_matches(unknown[0], NAMES, n=3, cutoff=0.0)
            raise UnknownSettingError(name=unknown[0], near=", ".join(near))
        value = {name: env.get(name, "").strip() or default for name, default in NAMES.items()}
        data_dir = Path(value["LOATHON_DATA_DIR"]).expanduser().resolve()
        host, port = value["LOATHON_HTTP_HOST"], _port(value["LOATHON_HTTP_PORT"])
        bots = value["LOATHON_TELEGRAM_BOTS"]
        return cls(
            data_dir=data_dir,
            database_url=database_url(value["LOATHON_DATABASE_URL"], data_dir),
            content_dir=_content_dir(value["LOATHON_CONTENT_DIR"]),
            http_host=host,
            http_port=port,
            public_url=_address("LOATHON_PUBLIC_URL", value["LOATHON_PUBLIC_URL"] or f"http://{_spell(host)}:{port}"),
            unit=value["LOATHON_UNIT"],
            telegram_token=_token(value["LOATHON_TELEGRAM_TOKEN"]),
            telegram_bots=Path(bots).expanduser().resolve() if bots else None,
            telegram_api_url=_address("LOATHON_TELEGRAM_API_URL", value["LOATHON_TELEGRAM_API_URL"]),
            telegram_limits=_limits(value["LOATHON_TELEGRAM_LIMITS"]),
            telegram_webhook=_one_of("LOATHON_TELEGRAM_WEBHOOK", value["LOATHON_TELEGRAM_WEBHOOK"], ("on", "off"))
            == "on",
            telegram_proxy=_proxy(value["LOATHON_TELEGRAM_PROXY"]),
            oidc_issuer=_issuer(value["LOATHON_OIDC_ISSUER"], value["LOATHON_OIDC_CLIENT_ID"]),
            oidc_client_id=value["LOATHON_OIDC_CLIENT_ID"],
            oidc_client_secret=value["LOATHON_OIDC_CLIENT_SECRET"],
            now=_moment(value["LOATHON_NOW"]),
            log_level=_one_of("LOATHON_LOG", value["LOATHON_LOG"], ("debug", "info", "warning", "error")),
        )


def _spell(host: str) -> str:
    """An address a person on this machine can open."""
    return "localhost" if host in {"0.0.0.0", "::", "127.0.0.1"} else host  # noqa: S104 - compared, not bound


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise SettingError(name="LOATHON_HTTP_PORT", mend="0-65535")
    return int(text)


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise SettingError(name=name, mend=" | ".join(choices))
    return text.lower()


def is_token(text: str) -> bool:
    """Whether it has the form of a bot's token: the bot's number, a colon, a secret (core.telegram.org/bots/api)."""
    return _TOKEN.fullmatch(text) is not None


def _token(text: str) -> str:
    if text and not is_token(text):
        raise SettingError(name="LOATHON_TELEGRAM_TOKEN", mend="123456789:AAF…")
    return text


def _limits(text: str) -> int:
    """Telegram's own 30 messages a second, none at all, or what a paid broadcast allows."""
    named = {"on": 30, "off": 0}
    if text.lower() in named:
        return named[text.lower()]
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10_000):
        raise SettingError(name="LOATHON_TELEGRAM_LIMITS", mend="on | off | 1000")
    return int(text)


def _proxy(text: str) -> str:
    if text.lower().startswith("socks"):
        raise SocksError(name="LOATHON_TELEGRAM_PROXY")
    if text and not text.startswith(("http://", "https://")):
        raise SettingError(name="LOATHON_TELEGRAM_PROXY", mend="http://host:3128, http://user:password@host:3128")
    return text


def _address(name: str, text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise SettingError(name=name, mend="https://…")
    return text.rstrip("/")


def _issuer(text: str, client_id: str) -> str:
    """Compared sign by sign with what the provider says of itself, so it stays as it was written."""
    if text and not text.startswith(("http://", "https://")):
        raise SettingError(name="LOATHON_OIDC_ISSUER", mend="https://…")
    if text and not client_id:
        raise SettingError(name="LOATHON_OIDC_CLIENT_ID", mend="…")
    return text


def _moment(text: str) -> datetime | None:
    """A date or a moment; without a zone it is local time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(name="LOATHON_NOW", mend="2026-12-31, 2026-12-31T08:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)


def database_url(text: str, data_dir: Path) -> str:
    """A database's address as SQLAlchemy takes it; "" = SQLite in the data folder. Raises `SettingError`."""
    if not text:
        return f"sqlite+aiosqlite:///{data_dir / 'loathon.db'}"
    for given, driver in (
        ("postgresql+asyncpg://", "postgresql+asyncpg://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgres://", "postgresql+asyncpg://"),
        ("sqlite+aiosqlite:///", "sqlite+aiosqlite:///"),
        ("sqlite:///", "sqlite+aiosqlite:///"),
    ):
        if text.startswith(given):
            return driver + text.removeprefix(given)
    raise SettingError(name="LOATHON_DATABASE_URL", mend="sqlite:///…, postgresql://…")


def _content_dir(text: str) -> Path:
    """The named folder, else `content/` here, else the one beside the package."""
    if text:
        return Path(text).expanduser().resolve()
    here = Path.cwd() / "content"
    return here if here.is_dir() else Path(__file__).resolve().parent.parent / "content"
