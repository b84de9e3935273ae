"""One request of an official who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.library import Library
from bot.model.official import Official
from bot.sessions import SignedIn
from desk.office import Frames, Office
from desk.refused import MissingError


def address(request: Request) -> str:
    """The address a request comes from, as the server tells it."""
    return request.client.host if request.client else ""


def agent(request: Request) -> str:
    """What the browser calls itself."""
    return request.headers.get("user-agent", "")[:200]


def text(form: FormData, name: str, most: int = 4000) -> str:
    """A field as it was typed, trimmed; "" when it is missing, a file or longer than `most` characters allow."""
    held = form.get(name)
    return _clean(held)[:most] if isinstance(held, str) else ""


def _clean(held: str) -> str:
    """Without signs that no keyboard types and PostgreSQL refuses (NUL)."""
    told = ("\n" if c == "\n" else " " if c.isspace() else c for c in held.replace("\r\n", "\n"))
    return "".join(c for c in told if c == "\n" or c.isprintable()).strip()


def typed(form: FormData, name: str) -> str:
    """A password exactly as it was typed, spaces too."""
    held = form.get(name)
    return held[:1000] if isinstance(held, str) else ""


def texts(form: FormData, name: str) -> tuple[str, ...]:
    """All values of a field, as of several ticks."""
    return tuple(held for held in form.getlist(name) if isinstance(held, str) and held)


async def file(form: FormData, name: str) -> bytes:
    """An uploaded file; b"" when there is none."""
    held = form.get(name)
    return await held.read() if isinstance(held, UploadFile) else b""


@dataclass(frozen=True)
class Visit:
    """Who asks what. `form` is empty unless the request carries one; its token was checked."""

    request: Request
    office: Office
    frames: Frames
    #: the library of this request, whatever is published meanwhile
    library: Library
    signed_in: SignedIn
    form: FormData
    #: the menu's entry that is open
    here: str

    @property
    def official(self) -> Official:
        """Who asks, with their rights of today."""
        return self.signed_in.official

    @property
    def address(self) -> str:
        """Where the request comes from; for lockout and the list of sessions."""
        return address(self.request)

    def param(self, name: str) -> str:
        """A piece of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, most: int = 200) -> str:
        """A value behind the question mark."""
        return _clean(self.request.query_params.get(name, ""))[:most]

    def text(self, name: str, most: int = 4000) -> str:
        """A field of the form."""
        return text(self.form, name, most)

    def reached(self, action: str) -> tuple[str, ...]:
        """The library's units in which this official may do that at all, the installation's own first."""
        scopes = self.official.reach.get(action, ())
        mine = [unit for unit in self.library.units if any(s.units is None or unit in s.units for s in scopes)]
        return tuple(sorted(mine, key=lambda unit: (unit != self.office.unit, self.library.units[unit].name)))

    def unit(self, action: str) -> str:
        """The unit meant by `?xa=`, else the first reached; raises `MissingError` beyond the official's reach."""
        mine = self.reached(action)
        asked = self.query("xa", 60) or next(iter(mine), "")
        if asked not in mine:
            raise MissingError
        return asked

    def page(self, name: str, /, *, status: int = 200, **values: Any) -> Response:
        """A page for this official."""
        done = self.query("xong") if self.request.method != "POST" else ""
        shared = {"me": self.official, "csrf": self.signed_in.csrf, "here": self.here, "done": done}
        return self.frames.page(name, status=status, **{**shared, **values})

    def onward(self, path: str, done: str = "") -> Response:
        """After something was written: the page that shows it, with a word that it is done (a key of `base.html`)."""
        mark = f"{'&' if '?' in path else '?'}xong={done}" if done else ""
        return RedirectResponse(path + mark, 303)
