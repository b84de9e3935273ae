"""Faults to inject: what Telegram and the way to it do on bad days."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.harness.botapi.records import Call

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
)


@dataclass(slots=True)
class Fault:
    """One planned fault. `what`: error, gateway, drop-before, drop-after, hold-before, hold-after."""

    what: str
    method: str | None = None
    chat: int | None = None
    when: Callable[[Call], bool] | None = None
    #: how often; None = always
    times: int | None = 1
    status: int = 0
    description: str = ""
    retry_after: int = 0
    migrate_to: int | None = None
    #: set when a request has come to this fault
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let the held answers go."""
        self.released.set()

    def cancel(self) -> None:
        """Stop happening; what is held goes on."""
        self.times = 0
        self.released.set()

    def fits(self, call: Call) -> bool:
        """Whether this call meets the fault."""
        return (
            self.times != 0
            and self.method in {None, call.method}
            and (self.chat is None or str(call.chat_id) == str(self.chat))
            and (self.when is None or self.when(call))
        )


class Faults:
    """The queue of planned faults; of those that fit the first is used."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, fault: Fault) -> Fault:
        """Add one."""
        self._planned.append(fault)
        return fault

    def flood(
        self,
        retry_after: int,
        method: str | None = None,
        chat: int | None = None,
        when: Callable[[Call], bool] | None = None,
        times: int | None = 1,
    ) -> Fault:
        """429 with `retry_after`; given a chat it concerns that chat, else the whole bot."""
        text = f"Too Many Requests: retry after {retry_after}"
        return self.plan(Fault("error", method, chat, when, times, 429, text, retry_after))

    def error(
        self,
        status: int,
        description: str,
        method: str | None = None,
        chat: int | None = None,
        when: Callable[[Call], bool] | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Any refusal."""
        return self.plan(Fault("error", method, chat, when, times, status, description))

    def bad_gateway(
        self,
        method: str | None = None,
        chat: int | None = None,
        when: Callable[[Call], bool] | None = None,
        times: int | None = 1,
    ) -> Fault:
        """502 with an HTML body, nothing processed."""
        return self.plan(Fault("gateway", method, chat, when, times))

    def drop(
        self,
        method: str | None = None,
        chat: int | None = None,
        when: Callable[[Call], bool] | None = None,
        times: int | None = 1,
        *,
        after: bool,
    ) -> Fault:
        """Close the connection without an answer, before or after the call took effect."""
        return self.plan(Fault("drop-after" if after else "drop-before", method, chat, when, times))

    def hold(
        self,
        method: str | None = None,
        chat: int | None = None,
        when: Callable[[Call], bool] | None = None,
        times: int | None = 1,
        *,
        after: bool = True,
    ) -> Fault:
        """A slow answer: waits for `release()`, after (or before) the call took effect."""
        return self.plan(Fault("hold-after" if after else "hold-before", method, chat, when, times))

    def take(self, call: Call) -> Fault | None:
        """The fault this call meets, counted down."""
        for fault in self._planned:
            if fault.fits(call):
                if fault.times is not None:
                    fault.times -= 1
                call.fault = fault.what
                return fault
        return None

    def stop(self) -> None:
        """Release everything that is held."""
        for fault in self._planned:
            fault.cancel()
