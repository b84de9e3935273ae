"""Delivery by webhook: in order within a chat, repeated until a 2xx (tdlib/telegram-bot-api, WebhookActor.cpp)."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from tests.harness.botapi.records import bad_request

if TYPE_CHECKING:
    from tests.harness.botapi.accounts import Account
    from tests.harness.botapi.server import BotApiServer

#: core.telegram.org/bots/api#setwebhook
_PORTS = frozenset({443, 80, 88, 8443})
_DELAY_MAX_S = 60.0
#: methods a webhook's answer may not call
_NOT_IN_ANSWER = ("get", "setWebhook", "deleteWebhook", "close", "logOut")


def check_url(url: str) -> None:
    """HTTPS and the four ports; the machine itself is open to tests, as a local Bot API server would allow."""
    parts = urlsplit(url)
    try:
        if ipaddress.ip_address(parts.hostname or "").is_loopback:
            return
    except ValueError:
        pass
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def chat_of(update: dict[str, Any]) -> str:
    """The chat or person an update belongs to: updates of one are delivered one at a time."""
    for body in update.values():
        if isinstance(body, dict):
            inner = body.get("message", body)
            owner = (inner if isinstance(inner, dict) else {}).get("chat") or body.get("from") or {}
            if isinstance(owner, dict) and "id" in owner:
                return str(owner["id"])
    return ""


class Webhook:
    """A running delivery."""

    def __init__(self, server: BotApiServer, account: Account, url: str, secret: str, connections: int) -> None:
        self.url = url
        self.last_error = ""
        #: every POST: update_id and the status answered (0 = no answer)
        self.posts: list[tuple[Any, int]] = []
        self._server, self._account, self._secret = server, account, secret
        self._slots = asyncio.Semaphore(min(100, max(1, connections)))
        self._queues: dict[str, deque[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to deliver."""
        self._spawn(self._share_out())

    async def stop(self) -> None:
        """End; what is undelivered waits for the next poll or webhook."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        left = sorted((u for q in self._queues.values() for u in q), key=lambda u: u["update_id"])
        self._account.updates.pending.extendleft(reversed(left))
        if left:
            self._account.updates.arrived.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _share_out(self) -> None:
        updates = self._account.updates
        while True:
            await updates.arrived.wait()
            for update in updates.drain():
                name = chat_of(update)
                if name in self._queues:
                    self._queues[name].append(update)
                else:
                    self._queues[name] = deque([update])
                    self._spawn(self._deliver(name))

    async def _deliver(self, name: str) -> None:
        queue = self._queues[name]
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        async with aiohttp.ClientSession() as session:
            failures = 0
            while queue:
                async with self._slots:
                    wait_s = await self._post(session, queue[0], headers)
                if wait_s is None:
                    queue.popleft()
                    failures = 0
                else:
                    failures += 1
                    await asyncio.sleep(min(_DELAY_MAX_S, max(wait_s, float(2**failures))) * self._server.unit_s)
        del self._queues[name]

    async def _post(
        self, session: aiohttp.ClientSession, update: dict[str, Any], headers: dict[str, str]
    ) -> float | None:
        """Deliver once; None when it was taken, else the seconds asked for before the next try."""
        data = json.dumps(update).encode()
        head = {"Content-Type": "application/json", **headers}
        try:
            async with session.post(self.url, data=data, headers=head) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.last_error = type(error).__name__
            self.posts.append((update["update_id"], 0))
            return 0.0
        self.posts.append((update["update_id"], response.status))
        if 200 <= response.status < 300:
            await self._answer(body)
            return None
        self.last_error = f"Wrong response from the webhook: {response.status} {response.reason}"
        try:
            return float(response.headers.get("Retry-After", 0))
        except ValueError:
            return 0.0

    async def _answer(self, body: bytes) -> None:
        """A call inside the answer: done once, its result never seen."""
        try:
            call = json.loads(body or b"{}")
        except ValueError:
            return
        if not isinstance(call, dict) or not isinstance(name := call.pop("method", None), str):
            return
        if not name.startswith(_NOT_IN_ANSWER):
            await self._server.perform(self._account, name, call, {})
