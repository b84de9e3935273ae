"""`/bien-nhan`: whoever holds a receipt sees whether the history of their case is still the one it was written for."""

from __future__ import annotations

from datetime import timedelta

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.casework.receipt import Verdict, receipt_holds
from bot.clock import Clock
from bot.served import Headed
from bot.settings import LOCAL
from bot.store import Store, guesses
from desk.public.forms import small_form
from desk.public.guard import HEADERS
from desk.public.pages import PublicPages

PATH = "/bien-nhan"
#: wrong tries of one address in an hour: a whole hamlet may sit behind one, and 64 bits are not found by trying
WRONG_MAX = 30
WRONG_FOR = timedelta(hours=1)


class Receipts:
    """The page. It tells nothing of a case but whether a receipt fits and when it was written."""

    def __init__(self, public: PublicPages, store: Store, clock: Clock) -> None:
        self._public = public
        self._store = store
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        """Its one route."""
        return [
            Route(PATH, self.page, methods=["GET", "POST"], middleware=[Middleware(Headed, headers=HEADERS)]),
        ]

    async def page(self, request: Request) -> Response:
        """The form; filled in, what came of it. Code and receipt go in the body: addresses end up in logs."""
        code, typed, verdict, is_barred = "", "", None, False
        if request.method == "POST":
            form = await small_form(request)
            code, typed = form.get("ma", [""])[0][:20], form.get("so", [""])[0][:100]
            verdict = await self._verdict(request, code, typed)
            is_barred = verdict is None
        status = 429 if is_barred else 200 if verdict is None or verdict.holds else 400
        written = f"{verdict.at.astimezone(LOCAL):%H:%M %d/%m/%Y}" if verdict and verdict.at else ""
        told = {"code": code, "typed": typed, "verdict": verdict, "is_barred": is_barred, "written": written}
        answer = self._public.shown(request, None, "receipt.html", status=status, **told)
        answer.headers["cache-control"] = "no-store"
        return answer

    async def _verdict(self, request: Request, code: str, typed: str) -> Verdict | None:
        """None when that address tried too often."""
        at = self._clock.true()
        async with self._store.write() as tx:
            who = guesses.digest(tx, "receipt", request.client.host if request.client else "")
            if (await guesses.since(tx, [who], at - WRONG_FOR)).get(who, 0) >= WRONG_MAX:
                return None
            verdict = await receipt_holds(tx, code, typed)
            if not verdict.holds:
                await guesses.add(tx, [who], at)
        return verdict
