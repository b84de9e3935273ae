"""`Office`: what every page of the desk is given."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bot import rights
from bot.broadcast_counts import Counts
from bot.bulletins.recording import Listen
from bot.clock import Clock
from bot.library import Library
from bot.model.channel_state import ChannelState
from bot.model.official import Official
from bot.served import Assets
from bot.sessions import Door
from bot.settings import LOCAL
from bot.store import Store, Tx
from desk.keys import Cookies

if TYPE_CHECKING:
    from bot.oidc import Provider

_HERE = Path(__file__).parent

#: path, name of the title in `base.html`, action that opens it (several: any of them)
MENU: tuple[tuple[str, str, str], ...] = (
    ("/ban", "home", "desk"),
    ("/ban/ho-so", "cases", "case-read|case-keep"),
    ("/ban/noi-dung", "content", "entry-correct|case-answer|broadcast-write"),
    ("/ban/tin", "broadcasts", "broadcast-write|broadcast-approve"),
    ("/ban/xac-nhan", "signing", "entry-correct"),
    ("/ban/loa", "horn", "broadcast-write|broadcast-approve|clip-record"),
    ("/ban/so-lieu", "figures", "report-read"),
    ("/ban/don-vi", "units", "units"),
    ("/ban/nguoi", "people", "officials"),
    ("/ban/ket-noi", "integrations", "integrations"),
    ("/ban/nhat-ky", "audit", "audit-read"),
    ("/ban/quyen", "rights", "desk"),
    ("/ban/toi", "account", "desk"),
)


def opens(official: Official, action: str) -> bool:
    """Whether an action, or any of several written `one|other`, is this official's anywhere at all."""
    return any(rights.may_anywhere(official, one) for one in action.split("|"))


def _day(day: date | datetime) -> str:
    """A day as it is written in Vietnam; moments where the people live."""
    local = day.astimezone(LOCAL) if isinstance(day, datetime) else day
    return f"{local.day:02}/{local.month:02}/{local.year}"


def _moment(at: datetime) -> str:
    """Hour, minute and day."""
    local = at.astimezone(LOCAL)
    return f"{local:%H:%M} {_day(local)}"


def _hour(at: datetime) -> str:
    """Hour and minute."""
    return f"{at.astimezone(LOCAL):%H:%M}"


@dataclass(frozen=True)
class Office:
    """The house as the desk sees it.

    library: gives the library that serves. renew: returns when that library has everything published so far.
    unit: of this installation, "" = none.
    """

    store: Store
    clock: Clock
    library: Callable[[], Library]
    renew: Callable[[], Awaitable[object]]
    public_url: str
    unit: str
    #: measures recordings
    listen: Listen
    #: unit a bot speaks for ("" = the house) -> its @name, as far as any process has heard it
    bot_names: Callable[[], Awaitable[Mapping[str, str]]]
    #: how the house's bots are doing, whichever process has them
    channels: Callable[[Tx], Awaitable[Sequence[ChannelState]]]
    #: the common sign-in, where one is set up
    provider: Provider | None = None
    draw: Callable[[int], bytes] = secrets.token_bytes
    assets: Assets = field(default_factory=lambda: Assets.read(_HERE / "static"))

    @cached_property
    def door(self) -> Door:
        """Passwords are hashed behind this one door, a few at a time."""
        return Door(self.store, self.draw)

    @cached_property
    def counts(self) -> Counts:
        """How many a message to households would reach, as its pages show it."""
        return Counts(self.store, self.clock.monotonic)

    @property
    def cookies(self) -> Cookies:
        """The desk's cookies."""
        return Cookies(self.public_url.startswith("https://"))

    @property
    def office_name(self) -> str:
        """How the installation's committee signs."""
        unit = self.library().units.get(self.unit)
        return unit.office if unit else ""


class Frames:
    """The templates."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._templates.globals.update(
            version=office.assets.version,
            roles=rights.roles(),
            actions=rights.actions(),
            public_url=office.public_url,
            has_common=office.provider is not None,
        )
        self._templates.filters.update(day=_day, hour=_hour, moment=_moment)

    def html(self, name: str, /, *, me: Official | None = None, csrf: str = "", here: str = "", **values: Any) -> str:
        """A page or a part of one. `csrf`: the token of its forms."""
        told = {"done": "", "wrong": "", **values}
        menu = [(path, title) for path, title, action in MENU if me and opens(me, action)]
        library = self._office.library()
        return self._templates.get_template(name).render(
            me=me,
            csrf=csrf,
            here=here,
            menu=menu,
            office=self._office.office_name,
            library=library,
            units=library.units,
            topics=library.topics,
            today=self._office.clock.today(),
            **told,
        )

    def page(self, name: str, /, *, status: int = 200, **values: Any) -> Response:
        """The same as an answer."""
        return HTMLResponse(self.html(name, **values), status)
