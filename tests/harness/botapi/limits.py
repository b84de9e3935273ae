"""Flood limits as Telegram's FAQ states them, and who must wait until when."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

#: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
PER_BOT_S = 30
PER_GROUP_MINUTE = 20

Scope = tuple[int, int | None]


@dataclass(slots=True)
class Limits:
    """Sliding windows per bot, chat and group.

    `slack_s` forgives what a machine busy with other work squeezes together on the way from the client: twice the rate
    is a violation still; the limiter's exact figures are tried with a clock that tests set.
    """

    per_bot_s: int = PER_BOT_S
    per_chat_s: int = 1
    per_group_minute: int = PER_GROUP_MINUTE
    slack_s: float = 0.5
    _sent: dict[tuple[str, int, int], deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, account: int, chat: int, *, group: bool, now: float) -> tuple[Scope, int] | None:
        """Count a message in, or name the scope that is full and the whole seconds to wait."""
        rules: list[tuple[tuple[str, int, int], int, float, Scope]] = [
            (("bot", account, 0), self.per_bot_s, 1.0, (account, None)),
            (("chat", account, chat), self.per_chat_s, 1.0, (account, chat)),
        ]
        if group:
            rules.append((("group", account, chat), self.per_group_minute, 60.0, (account, chat)))
        for key, most, window_s, scope in rules:
            sent = self._sent[key]
            while sent and sent[0] <= now - window_s + self.slack_s:
                sent.popleft()
            if len(sent) >= most:
                return scope, max(1, math.ceil(sent[0] + window_s - now))
        for key, *_ in rules:
            self._sent[key].append(now)
        return None


class Penalties:
    """Waits that were told. A request before its end is a violation and prolongs it.

    Who was answered 429 knows of it after `grace_s`. A message to another chat may have been on its way when the bot was
    told, and a busy machine reads it `slack_s` later.
    """

    def __init__(self, clock: Callable[[], float], grace_s: float = 0.05, slack_s: float = 0.5) -> None:
        self._clock = clock
        self._grace_s, self._slack_s = grace_s, slack_s
        #: (account, chat) -> when it was answered 429 itself last, and until when it was to wait
        self._refused: dict[tuple[int, int | None], tuple[float, float]] = {}
        self._until: dict[Scope, tuple[float, float]] = {}

    def tell(self, scope: Scope, retry_after: int) -> None:
        """A 429 with `retry_after` is answered now for a chat, or (chat None) for the whole bot."""
        now = self._clock()
        self._until[scope] = (now, now + retry_after)

    def refused(self, account: int, chat: int | None, retry_after: int) -> None:
        """A message to that chat is answered 429 now."""
        now = self._clock()
        self._refused[account, chat] = (now, now + retry_after)

    def standing(self, account: int, chat: int | None) -> tuple[Scope, int, bool] | None:
        """The wait a message runs into: scope, seconds left, and whether the client could have known."""
        now = self._clock()
        for scope in ((account, None), (account, chat)):
            told, until = self._until.get(scope, (0.0, 0.0))
            if now < until:
                refused, its_end = self._refused.get((account, chat), (0.0, 0.0))
                knows = refused + self._grace_s < now < its_end or now > told + self._slack_s
                return scope, max(1, math.ceil(until - now)), knows
            self._until.pop(scope, None)
        return None
