"""The Telegram bots of a house: one by its token, or several, each speaking for a unit. Tokens never reach the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import LoaThonError
from bot.settings import Settings, is_token


class BotsFileError(LoaThonError):
    """settings.bots_file"""


@dataclass(frozen=True, slots=True)
class BotSetting:
    """One bot. `unit`: whose office it speaks for ("" = the house's own)."""

    token: str = field(repr=False)
    unit: str = ""
    #: updates are delivered to us; else we poll
    webhook: bool = False

    @property
    def account(self) -> str:
        """The bot's id, which stands before the colon of its token."""
        return self.token.partition(":")[0]


def read_bots(settings: Settings, env: Mapping[str, str]) -> list[BotSetting]:
    """The bots of the settings.

    The file is a list of `unit` with `token_file` or `token_variable`, and `webhook` where it differs from the house's.

    Raises `BotsFileError` naming the line's number in the list and what is wrong; never the token.
    """
    webhook = settings.telegram_webhook
    bots = [BotSetting(settings.telegram_token, settings.unit, webhook)] if settings.telegram_token else []
    if settings.telegram_bots:
        listed = _lines(settings.telegram_bots)
        bots += [_bot(settings.telegram_bots, number, line, env, webhook=webhook) for number, line in listed]
    accounts = [bot.account for bot in bots]
    twice = next((account for account in accounts if accounts.count(account) > 1), None)
    if twice:
        raise BotsFileError(path=settings.telegram_bots, number=accounts.index(twice) + 1, wrong=twice)
    return bots


def _lines(path: Path) -> list[tuple[int, Any]]:
    try:
        listed = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise BotsFileError(path=path, number=0, wrong=type(error).__name__) from error
    if not isinstance(listed, list):
        raise BotsFileError(path=path, number=0, wrong="unit, token_file | token_variable")
    return list(enumerate(listed, 1))


def _bot(path: Path, number: int, line: Any, env: Mapping[str, str], *, webhook: bool) -> BotSetting:
    named = set(line) - {"webhook"} if isinstance(line, dict) else set()
    if named not in ({"unit", "token_file"}, {"unit", "token_variable"}):
        raise BotsFileError(path=path, number=number, wrong="unit, token_file | token_variable")
    if "token_variable" in line:
        token = env.get(str(line["token_variable"]), "").strip()
        where = str(line["token_variable"])
    else:
        file = path.parent / str(line["token_file"])
        where = file.name
        try:
            token = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            token = ""
    if not is_token(token):
        raise BotsFileError(path=path, number=number, wrong=where)
    asked = line.get("webhook", webhook)
    if not isinstance(asked, bool):
        raise BotsFileError(path=path, number=number, wrong="webhook: true | false")
    return BotSetting(token, str(line["unit"]), asked)
