"""A strict stand-in for api.telegram.org, on a port of this machine.

    async with BotApiServer() as server:
        bot = Bot(server.token, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot")
        lan = server.user(7, first_name="Lan")
        await lan.says("/start")
        ...
        assert (await lan.hears()).text == "..."
        assert server.violations == []

Every request is checked against the written Bot API (`spec.json`); what breaks a rule is answered as Telegram answers and
kept in `violations`. Normal refusals (blocked, chat not found, not modified) are answered and kept in `calls` only.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.harness.botapi import editing, profile, sending
from tests.harness.botapi.accounts import Account
from tests.harness.botapi.context import METHODS, Context
from tests.harness.botapi.faults import BAD_GATEWAY, Fault, Faults
from tests.harness.botapi.limits import Limits, Penalties
from tests.harness.botapi.people import GroupChat, UserChat
from tests.harness.botapi.records import Call, Refusal, Upload, Violation
from tests.harness.botapi.requests import read, refusal_of, typed
from tests.harness.botapi.secrets_watch import TokenWatch, holds
from tests.harness.botapi.spec import load

__all__ = ["BotApiServer", "editing", "profile", "sending"]

_TOKEN = re.compile(r"\d{5,12}:[A-Za-z0-9_-]{30,50}")
#: these put a message into a chat and count against the flood limits
COUNTED = re.compile(r"send(?!ChatAction|MessageDraft)|copyMessages?$|forwardMessages?$")


class BotApiServer:
    """The server. `clock` (monotonic seconds) and `now` (POSIX time) can be replaced; `unit_s` is how long one second of
    a long poll or of a webhook's retry delay takes; `limits` None enforces no flood limits."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        limits: Limits | None = None,
        unit_s: float = 1.0,
        keep_calls: bool = True,
    ) -> None:
        self.spec = load()
        self.clock, self.now, self.unit_s, self.limits = clock, now, unit_s, limits
        self.violations: list[Violation] = []
        self.calls: list[Call] = []
        self.faults = Faults()
        self.penalties = Penalties(clock)
        self.accounts: dict[str, Account] = {}
        self._keep_calls = keep_calls
        #: requests that never became a call: wrong token, unreadable body
        self.turned_away = 0
        self._called = 0
        self._news = asyncio.Event()
        self._people: dict[tuple[int, int], UserChat | GroupChat] = {}
        self._watch = TokenWatch(lambda: self.accounts, lambda text: self.violate("token-in-log", "", text))
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.bot = self.add_bot()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def token(self) -> str:
        """Token of the first bot."""
        return self.bot.token

    def add_bot(self, username: str | None = None) -> Account:
        """One more bot on this server."""
        number = 700_000_001 + len(self.accounts)
        secret = f"AAH{number:x}-test_only_never_a_real_secret"
        account = Account(f"{number}:{secret}", username or f"loa{number}_bot", self.clock, self.now, self.unit_s)
        self.accounts[account.token] = account
        return account

    async def start(self, port: int = 0) -> None:
        """Listen; a stopped server may be started again on its old port."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/{rest:.*}", self._not_found)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        address = self._runner.addresses[0]
        self.url = f"http://127.0.0.1:{address[1]}"
        self._watch.start()

    async def stop(self) -> None:
        """Let held answers go, end polls and deliveries, close the port."""
        self._watch.stop()
        self.faults.stop()
        for account in self.accounts.values():
            account.updates.stop()
            if account.webhook is not None:
                await account.webhook.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def port(self) -> int:
        """The port, to start again on."""
        return int(self.url.rpartition(":")[2])

    def user(self, user_id: int, *, bot: Account | None = None, **names: Any) -> UserChat:
        """A person's private chat with the (first) bot; the same object for the same person."""
        account = bot or self.bot
        key = (account.id, user_id)
        if key not in self._people:
            self._people[key] = UserChat(self, account, user_id, {"first_name": f"User{user_id}", **names})
        found = self._people[key]
        assert isinstance(found, UserChat)
        return found

    def group(
        self, group_id: int, title: str = "Thôn", *, bot: Account | None = None, kind: str = "group"
    ) -> GroupChat:
        """A group with the (first) bot in it; ids of groups are negative."""
        account = bot or self.bot
        key = (account.id, group_id)
        if key not in self._people:
            self._people[key] = GroupChat(self, account, group_id, kind, title)
        found = self._people[key]
        assert isinstance(found, GroupChat)
        return found

    def send_raw(self, update: dict[str, Any], bot: Account | None = None) -> dict[str, Any]:
        """Queue any JSON object as an update, however poisonous."""
        return (bot or self.bot).updates.push_raw(update)

    def violate(self, code: str, method: str, text: str) -> None:
        """Write a violation down."""
        self.violations.append(Violation(code, method, text))

    def calls_of(self, method: str, chat: int | None = None) -> list[Call]:
        """Calls of one method, of one chat if given."""
        return [c for c in self.calls if c.method == method and (chat is None or str(c.chat_id) == str(chat))]

    async def called(self, method: str, times: int = 1, timeout_s: float = 5.0) -> list[Call]:
        """Wait until a method was called (and answered) so many times."""
        async with asyncio.timeout(timeout_s):
            while len(done := [c for c in self.calls_of(method) if c.status or c.fault]) < times:
                self._news.clear()
                await self._news.wait()
        return done

    async def turned_off(self, times: int, timeout_s: float = 5.0) -> None:
        """Wait until so many requests were turned away before they became calls."""
        async with asyncio.timeout(timeout_s):
            while self.turned_away < times:
                self._news.clear()
                await self._news.wait()

    async def called_in(self, method: str, times: int = 1, timeout_s: float = 5.0) -> list[Call]:
        """Wait until a method was called so many times, answered or not: to know that a long poll has begun."""
        async with asyncio.timeout(timeout_s):
            while len(calls := self.calls_of(method)) < times:
                self._news.clear()
                await self._news.wait()
        return calls

    async def _not_found(self, _: web.Request) -> web.Response:
        return _json(Refusal(404, "Not Found").body(), 404)

    def _account(self, request: web.Request) -> Account:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise Refusal(404, "Not Found")
        account = self.accounts.get(token)
        if account is None:
            raise Refusal(401, "Unauthorized")
        return account

    async def _download(self, request: web.Request) -> web.Response:
        try:
            account = self._account(request)
        except Refusal as refusal:
            return _json(refusal.body(), refusal.status)
        stored = account.files.by_path.get(request.match_info["path"])
        call = self._record(account, "file", {"path": request.match_info["path"]}, {})
        fault = self.faults.take(call)
        if fault is not None and (answer := await self._before(request, account, call, fault)):
            return answer
        if fault is not None and fault.what == "drop-after":
            return _dropped(request, call)
        if fault is not None and fault.what == "hold-after":
            await _hold(fault)
        if stored is None or stored.expired:
            call.status = 404
            return _json(Refusal(404, "Not Found: temporarily unavailable").body(), 404)
        call.status = 200
        body = stored.data + bytes(max(0, stored.size - len(stored.data)))
        return web.Response(body=body, content_type="application/octet-stream")

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            account = self._account(request)
            name = request.match_info["method"]
            raw, uploads = await read(request)
        except Refusal as refusal:
            self.turned_away += 1
            self._news.set()
            return _json(refusal.body(), refusal.status)
        self._look_for_tokens(name, request, raw)
        call = self._record(account, name, raw, uploads)
        try:
            return await self._answer(request, account, call)
        finally:
            self._news.set()

    async def _answer(self, request: web.Request, account: Account, call: Call) -> web.Response:
        fault = self.faults.take(call)
        if fault is not None and (early := await self._before(request, account, call, fault)):
            return early
        status, body = await self._perform(account, call)
        if fault is not None and fault.what == "drop-after":
            return _dropped(request, call)
        if fault is not None and fault.what == "hold-after":
            await _hold(fault)
        call.status, call.description = status, body.get("description", "")
        return _json(body, status)

    async def _before(self, request: web.Request, account: Account, call: Call, fault: Fault) -> web.Response | None:
        if fault.what == "hold-before":
            await _hold(fault)
        if fault.what.endswith(("before", "after")) and fault.what != "drop-before":
            return None
        fault.reached.set()
        if fault.what == "drop-before":
            return _dropped(request, call)
        if fault.what == "gateway":
            call.status = 502
            return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")
        parameters = {"retry_after": fault.retry_after} if fault.retry_after else None
        if fault.retry_after and COUNTED.match(call.method):
            await self._note_early(account, call)
            chat = fault.chat
            self.penalties.tell((account.id, chat), fault.retry_after)
            self.penalties.refused(account.id, _number(call.chat_id), fault.retry_after)
        call.status, call.description = fault.status, fault.description
        return _json(Refusal(fault.status, fault.description, parameters).body(), fault.status)

    async def perform(
        self, account: Account, name: str, raw: dict[str, Any], uploads: dict[str, Upload]
    ) -> dict[str, Any]:
        """Carry a call out that did not come by a request of its own (a webhook's answer)."""
        call = self._record(account, name, raw, uploads)
        call.status, body = await self._perform(account, call)
        self._news.set()
        return body

    async def _perform(self, account: Account, call: Call) -> tuple[int, dict[str, Any]]:
        try:
            self._check(account, call)
            self._flood_gate(account, call)
            handler = METHODS.get(call.method)
            if handler is not None:
                result = await handler(Context(self, account, call))
            elif self.spec.methods[call.method].returns == "Boolean":
                result = True
            else:
                return 501, Refusal(501, f"Not Implemented: the test server does not play {call.method}").body()
        except Refusal as refusal:
            return refusal.status, refusal.body()
        return 200, {"ok": True, "result": result}

    def _check(self, account: Account, call: Call) -> None:
        """Types, limits and names against the written API; numbers of chats and messages become typed arguments."""
        method = self.spec.methods.get(call.method)
        if method is None:
            self.violate("unknown-method", call.method, "no such method")
            raise Refusal(404, "Not Found: method not found")
        call.args, faults = typed(self.spec, method, call.args, call.uploads)
        refusals = []
        for fault in faults:
            self.violate(fault.code, call.method, f"{fault.path}: {fault.text}")
            refusals.append(refusal_of(fault, method))
        if refused := next((r for r in refusals if r is not None), None):
            raise refused

    def _flood_gate(self, account: Account, call: Call) -> None:
        if not COUNTED.match(call.method):
            return
        chat = account.chats.get(_number(call.chat_id))
        self._early(account, call)
        if self.limits is None or chat is None:
            return
        full = self.limits.admit(account.id, chat.id, group=chat.is_group, now=self.clock())
        if full is not None:
            scope, seconds = full
            self.violate("over-limit", call.method, f"{'bot' if scope[1] is None else 'chat'} limit, chat {chat.id}")
            self.penalties.tell(scope, seconds)
            self.penalties.refused(account.id, chat.id, seconds)
            raise _too_many(seconds)

    def _early(self, account: Account, call: Call) -> None:
        standing = self.penalties.standing(account.id, _number(call.chat_id))
        if standing is None:
            return
        scope, seconds, known = standing
        if known:
            self.violate("early-retry", call.method, f"chat {call.chat_id}, {seconds} s before the end of the wait")
            self.penalties.tell(scope, seconds + 1)
        self.penalties.refused(account.id, _number(call.chat_id), seconds)
        raise _too_many(seconds)

    async def _note_early(self, account: Account, call: Call) -> None:
        try:
            self._early(account, call)
        except Refusal:
            return

    def _look_for_tokens(self, name: str, request: web.Request, raw: dict[str, Any]) -> None:
        heads = " ".join(f"{k}: {v}" for k, v in request.headers.items())
        seen = heads + " " + " ".join(str(v) for v in raw.values())
        for token in self.accounts:
            if holds(token, seen):
                self.violate("token-in-request", name, "a token stands in a header or parameter")

    def _record(self, account: Account, name: str, raw: dict[str, Any], uploads: dict[str, Upload]) -> Call:
        self._called += 1
        call = Call(self._called, account.id, name, dict(raw), self.clock(), uploads)
        if self._keep_calls:
            self.calls.append(call)
        self._news.set()
        return call


def _number(chat_id: Any) -> int:
    try:
        return int(chat_id)
    except (TypeError, ValueError):
        return 0


def _too_many(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


async def _hold(fault: Fault) -> None:
    fault.reached.set()
    await fault.released.wait()


def _dropped(request: web.Request, call: Call) -> web.Response:
    """Cut the connection; the answer that aiohttp wants goes nowhere."""
    call.status = 0
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _json(body: dict[str, Any], status: int) -> web.Response:
    return web.Response(
        body=json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        status=status,
        content_type="application/json",
    )
