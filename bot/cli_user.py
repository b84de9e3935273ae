"""`loathon user`: accounts of the desk for whoever holds the machine."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import TextIO

from bot import officials, passwords, rights
from bot.casework import keepers
from bot.clock import Clock
from bot.errors import say
from bot.library import Library
from bot.model.official import Assignment, Official
from bot.officials import Link
from bot.sessions import Door
from bot.settings import Settings
from bot.store import Store, schema, sessions
from bot.store.blobs import Blobs


@dataclass(frozen=True, slots=True)
class Given:
    """A role as the command line names it."""

    role: str
    #: "" = the installation's own unit, or the whole installation if it has none
    unit: str
    topics: tuple[str, ...]
    is_chair: bool
    whole: bool = False

    def assignment(self, settings: Settings, since: date) -> Assignment:
        """From that day, without end."""
        unit = "" if self.whole else self.unit or settings.unit
        return Assignment(0, self.role, unit, "", self.topics, self.is_chair, since, None)


def ask_password() -> str:
    """Typed twice without being shown; raises `WeakPasswordError` by its length 0 when the two differ."""
    first, second = getpass.getpass(say("cli.user.password")), getpass.getpass(say("cli.user.password_again"))
    return first if first == second else ""


async def add(
    settings: Settings,
    clock: Clock,
    out: TextIO,
    *,
    login: str,
    name: str,
    given: Given,
    ask: Callable[[], str] = ask_password,
) -> int:
    """A new account with a password typed here. Raises the errors of `officials.invite` and `passwords.check`."""
    async with _open(settings) as (store, library):
        password = ask()
        passwords.check(password, login)
        link = await _invite(store, library, settings, clock, login=login, name=name, given=given)
        at = clock.true()
        await Door(store).choose_password(link.token, password, address="", agent="", at=at)
        async with store.write() as tx:
            await sessions.revoke(tx, link.official_id or 0, at)
    print(say("cli.user.added", login=login), file=out)
    return 0


async def invite(settings: Settings, clock: Clock, out: TextIO, *, login: str, name: str, given: Given) -> int:
    """A new account and the link by which it chooses a password."""
    async with _open(settings) as (store, library):
        link = await _invite(store, library, settings, clock, login=login, name=name, given=given)
    print(say("cli.user.link", login=login, url=link.address(settings.public_url)), file=out)
    return 0


async def reset_link(settings: Settings, clock: Clock, out: TextIO, *, login: str) -> int:
    """A one-time link for a forgotten password. Raises `UnknownOfficialError`, `NotAllowedError` for a closed account."""
    async with _open(settings) as (store, library), store.write() as tx:
        target = await officials.by_login(tx, login, library, clock.today())
        link = await officials.new_link(tx, None, target, at=clock.true())
    print(say("cli.user.link", login=login, url=link.address(settings.public_url)), file=out)
    return 0


async def disable(settings: Settings, clock: Clock, out: TextIO, *, login: str) -> int:
    """Close an account; says so where nobody keeps reports afterwards.

    Raises `UnknownOfficialError`, `LastAdministratorError`.
    """
    left = ""
    async with _open(settings) as (store, library), store.write() as tx:
        target = await officials.by_login(tx, login, library, clock.today())
        try:
            await keepers.require_another(tx, library, target, clock.today())
        except keepers.LastKeeperError as error:
            # whoever holds the machine is warned, not held up: an account may have to go at once
            left = str(error)
        await officials.disable(tx, None, target, on=clock.today(), at=clock.true())
    print(say("cli.user.disabled", login=login), file=out)
    if left:
        print(left, file=out)
    return 0


async def bind(settings: Settings, clock: Clock, out: TextIO, *, login: str, external: str) -> int:
    """Bind an account to one of the common sign-in ("issuer subject"); "" = unbind. Raises `UnknownOfficialError`."""
    async with _open(settings) as (store, library), store.write() as tx:
        target = await officials.by_login(tx, login, library, clock.today())
        await officials.bind_external(tx, None, target, external or None, at=clock.true())
    print(say("cli.user.bound" if external else "cli.user.unbound", login=login), file=out)
    return 0


async def show(settings: Settings, clock: Clock, out: TextIO) -> int:
    """All accounts, one a line, with their roles."""
    async with _open(settings) as (store, library), store.read() as tx:
        everyone = await officials.every(tx, library, clock.today())
    for one in everyone:
        print(f"{one.login}\t{one.name}\t{say(f'cli.user.state_{one.state.value}')}\t{_roles(one, library)}", file=out)
    if not everyone:
        print(say("cli.user.nobody"), file=out)
    return 0


def roles(out: TextIO) -> int:
    """All roles, one a line, with what each may do."""
    for role in rights.roles().values():
        print(f"{role.id}\t{role.title}. {role.about}", file=out)
        for action in role.may:
            print(f"\t- {rights.actions()[action].title}", file=out)
    return 0


async def _invite(
    store: Store, library: Library, settings: Settings, clock: Clock, *, login: str, name: str, given: Given
) -> Link:
    async with store.write() as tx:
        return await officials.invite(
            tx,
            None,
            library,
            login=login,
            name=name,
            assignments=[given.assignment(settings, clock.today())],
            at=clock.true(),
        )


def _roles(official: Official, library: Library) -> str:
    return "; ".join(_told(a, library) for a in official.assignments) or say("cli.user.no_role")


def _told(assignment: Assignment, library: Library) -> str:
    role = rights.roles()[assignment.role].title
    unit = library.units[assignment.unit].name if assignment.unit in library.units else say("cli.user.whole")
    topics: Sequence[str] = [library.topics[t].title for t in assignment.topics if t in library.topics]
    return f"{role}, {unit}" + (f" ({', '.join(topics)})" if topics else "")


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[Store, Library]]:
    await schema.migrate(settings.database_url)
    library = Library.load(settings.content_dir)
    store = await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))
    try:
        yield store, library
    finally:
        await store.close()
