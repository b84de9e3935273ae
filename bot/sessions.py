"""The front door: passwords, one-time codes, lockout, and the sessions of those who came in.

All moments are true time. What a page keeps is the token alone, in a cookie; here only its hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import onetime, passwords, rights
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.official import Assignment, Official, OfficialState
from bot.officials import Draw, is_login, spell_login, token_hash
from bot.passwords import Passwords
from bot.store import Store, Tx, UnavailableError, audit, guesses, lockout
from bot.store import officials as rows
from bot.store import sessions as session_rows
from bot.store.lockout import Failures
from bot.store.sessions import SessionRow

#: a session not used so long is over: a working day with its lunch
IDLE_FOR = timedelta(hours=8)
#: and over after so long in any case
LASTS_FOR = timedelta(days=7)
#: how long the one-time code may take after the password
CODE_FOR = timedelta(minutes=5)
#: a session's last use is written down at most so often
_SEEN_EVERY = timedelta(minutes=1)

#: wrong tries that cost nothing; from then on the wait doubles from the first to the most. An address may be a whole
#: office behind one line, so it is given more.
FREE_TRIES, FREE_TRIES_ADDRESS = 5, 20
WAIT_FIRST_S, WAIT_MOST_S = 5, 900
#: wrong tries count so long
FAILURES_FOR = timedelta(hours=24)


class WrongPasswordError(LoaThonError):
    """officials.wrong_password"""


class WrongCodeError(LoaThonError):
    """officials.wrong_code"""


class LockedError(LoaThonError):
    """officials.locked"""

    @property
    def wait_s(self) -> int:
        """Seconds until the next try is looked at."""
        return int(str(self.values["wait_s"]))


class DeadLinkError(LoaThonError):
    """officials.dead_link"""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a right password gives: a token for the cookie, new at every sign-in."""

    token: str
    #: the one-time code is still to come: `confirm_code` gives another token for it
    needs_code: bool
    official_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, as listed to its owner."""

    id: int
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    is_this: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a request."""

    official: Official
    session_id: int
    #: belongs in every form of this session; compare with `hmac.compare_digest`
    csrf: str


class Door:
    """Lets officials in. One a process, for its bound on passwords hashed at once."""

    def __init__(self, store: Store, draw: Draw = secrets.token_bytes) -> None:
        self._store = store
        self._draw = draw
        self._passwords = Passwords()

    async def sign_in(self, login: str, password: str, *, address: str, agent: str, at: datetime) -> Entrance:
        """A session for the right password. Raises `WrongPasswordError` (whatever was wrong) and `LockedError`."""
        async with self._store.write() as tx:
            official_id = await rows.id_of(tx, login.strip().lower()) if is_login(login) else None
            # locked: tries on one account are counted one after the other
            known = await rows.secrets(tx, official_id, locked=True) if official_id is not None else None
            tries = await _begin(tx, login, address, at)
        fits = await self._passwords.fits(known.password_hash if known else "", password)
        if known is None or not fits or known.state is not OfficialState.ACTIVE:
            await self._failed(known.official_id if known else None, at)
            raise WrongPasswordError
        renewed = await self._passwords.hashed(password) if self._passwords.is_old(known.password_hash) else ""
        async with self._store.write() as tx:
            now = await rows.secrets(tx, known.official_id, locked=True)
            if now is None or now.password_hash != known.password_hash or now.state is not OfficialState.ACTIVE:
                raise WrongPasswordError
            await lockout.take_back(tx, tries, at)
            if renewed:
                await rows.change(tx, known.official_id, password_hash=renewed)
            if now.totp_secret:
                return await self._let_in(tx, known.official_id, address, agent, at, needs_code=True)
            await lockout.clear(tx, tries[0])
            return await self._let_in(tx, known.official_id, address, agent, at)

    async def confirm_code(self, token: str, code: str, *, address: str, agent: str, at: datetime) -> Entrance:
        """The full session behind a half one, for a right one-time or recovery code.

        Raises `WrongCodeError`, `LockedError`, and `DeadLinkError` when the password has to be given again.
        """
        async with self._store.write() as tx:
            half = await session_rows.find(tx, token_hash(token), at=at, seen_after=at - CODE_FOR)
            known = await rows.secrets(tx, half.official_id, locked=True) if half and not half.is_full else None
            if half is None or known is None or known.state is not OfficialState.ACTIVE:
                raise DeadLinkError
            tries = guesses.digest(tx, "code", str(known.official_id))
            await _hold_back(tx, {tries: FREE_TRIES}, at)
            if await _takes(tx, known, code, at):
                await lockout.clear(tx, tries)
                await session_rows.revoke(tx, known.official_id, at, number=half.id)
                return await self._let_in(tx, known.official_id, address, agent, at)
            await guesses.add(tx, [tries], at)
            who = f"official:{known.official_id}"
            await audit.note(tx, who, "code-failed", who, at=at)
        raise WrongCodeError

    async def enter_external(self, external_id: str, *, address: str, agent: str, at: datetime) -> Entrance:
        """A session for an account of the common sign-in bound here; its provider asked for what it asks.

        Raises `WrongPasswordError` when it is bound to nobody active.
        """
        async with self._store.write() as tx:
            number = await rows.id_of_external(tx, external_id)
            known = await rows.secrets(tx, number) if number is not None else None
            if known is None or known.state is not OfficialState.ACTIVE:
                raise WrongPasswordError
            return await self._let_in(tx, known.official_id, address, agent, at)

    async def set_up(
        self, token: str, *, login: str, name: str, password: str, on: date, address: str, agent: str, at: datetime
    ) -> Entrance:
        """The first administrator's account, for the set-up link.

        Raises `DeadLinkError`, `WeakPasswordError`, `WrongLoginError`.
        """
        login = spell_login(login)
        passwords.check(password, login)
        await self.link_purpose(token, at=at)
        kept = await self._passwords.hashed(password)
        async with self._store.write() as tx:
            found = await rows.link(tx, token_hash(token), at, locked=True)
            if found is None or found.purpose != "setup" or await rows.active_with(tx, rights.ADMINISTRATOR, on):
                raise DeadLinkError
            number = await rows.id_of(tx, login)
            if number is None:
                number = await rows.add(tx, login, name, at)
            role = Assignment(0, rights.ADMINISTRATOR, "", "", (), is_chair=False, since=on, until=None)
            await rows.assign(tx, number, role)
            await rows.change(tx, number, name=name, password_hash=kept, state=OfficialState.ACTIVE.value)
            await rows.use_link(tx, found.id, at)
            entrance = await self._let_in(tx, number, address, agent, at)
            await audit.note(tx, f"official:{number}", "set-up", f"official:{number}", at=at)
            return entrance

    async def link_purpose(self, token: str, *, at: datetime) -> str:
        """What a link is for: setup, invite or reset. Raises `DeadLinkError`."""
        async with self._store.read() as tx:
            found = await rows.link(tx, token_hash(token), at)
        if found is None:
            raise DeadLinkError
        return found.purpose

    async def choose_password(self, token: str, password: str, *, address: str, agent: str, at: datetime) -> Entrance:
        """Use an invitation or a reset link. All earlier sessions of the account end.

        A one-time code, where one is set, is still asked: `needs_code`. Raises `DeadLinkError`, `WeakPasswordError`.
        """
        async with self._store.read() as tx:
            found = await rows.link(tx, token_hash(token), at)
            official = await rows.by_id(tx, found.official_id) if found and found.official_id is not None else None
        if official is None:
            raise DeadLinkError
        passwords.check(password, official.login)
        kept = await self._passwords.hashed(password)
        async with self._store.write() as tx:
            found = await rows.link(tx, token_hash(token), at, locked=True)
            known = await rows.secrets(tx, official.id, locked=True)
            if found is None or known is None or known.state is OfficialState.DISABLED:
                raise DeadLinkError
            await rows.change(tx, official.id, password_hash=kept, state=OfficialState.ACTIVE.value)
            await rows.use_link(tx, found.id, at)
            await session_rows.revoke(tx, official.id, at)
            await lockout.clear(tx, _account(tx, official.login))
            entrance = await self._let_in(tx, official.id, address, agent, at, needs_code=bool(known.totp_secret))
            await audit.note(tx, official.who, f"password-{found.purpose}", official.who, at=at)
            return entrance

    async def change_password(self, signed_in: SignedIn, old: str, new: str, *, address: str, at: datetime) -> None:
        """Another password; all other sessions end. Raises `WrongPasswordError`, `LockedError`, `WeakPasswordError`."""
        official = signed_in.official
        passwords.check(new, official.login)
        await self.prove(official, old, address=address, at=at)
        kept = await self._passwords.hashed(new)
        async with self._store.write() as tx:
            await rows.change(tx, official.id, password_hash=kept)
            await session_rows.revoke(tx, official.id, at, but=signed_in.session_id)
            await audit.note(tx, official.who, "password-changed", official.who, at=at)

    async def prove(self, official: Official, password: str, *, address: str, at: datetime) -> None:
        """Ask for the password once more before something grave. Raises `WrongPasswordError`, `LockedError`."""
        async with self._store.write() as tx:
            known = await rows.secrets(tx, official.id, locked=True)
            tries = await _begin(tx, official.login, address, at)
        if known is None or not await self._passwords.fits(known.password_hash, password):
            await self._failed(official.id, at)
            raise WrongPasswordError
        async with self._store.write() as tx:
            await lockout.take_back(tx, tries, at)

    async def _failed(self, official_id: int | None, at: datetime) -> None:
        if official_id is not None:
            async with self._store.write() as tx:
                who = f"official:{official_id}"
                await audit.note(tx, who, "sign-in-failed", who, at=at)

    async def _let_in(
        self, tx: Tx, official_id: int, address: str, agent: str, at: datetime, *, needs_code: bool = False
    ) -> Entrance:
        token = self._draw(32).hex()
        until = at + (CODE_FOR if needs_code else LASTS_FOR)
        await session_rows.add(
            tx,
            token_hash(token),
            official_id,
            is_full=not needs_code,
            address=address,
            agent="".join(sign for sign in agent if sign.isprintable())[:200],
            at=at,
            until=until,
        )
        if not needs_code:
            who = f"official:{official_id}"
            await audit.note(tx, who, "signed-in", who, at=at)
        return Entrance(token, needs_code, official_id, until)


async def find(store: Store, token: str, library: Library, *, on: date, at: datetime) -> SignedIn | None:
    """Who is behind a cookie's token, with their rights of that day; None when nobody is (any more)."""
    async with store.read() as tx:
        row = await session_rows.find(tx, token_hash(token), at=at, seen_after=at - IDLE_FOR)
        found = await rows.by_id(tx, row.official_id) if row and row.is_full else None
        if row is None or found is None or found.state is not OfficialState.ACTIVE:
            return None
        csrf = hashlib.blake2b(row.token_hash.encode(), digest_size=24, key=tx.key, person=b"csrf").hexdigest()
    if at - row.seen_at > _SEEN_EVERY:
        # where nothing can be written, the desk can still be read
        with suppress(UnavailableError):
            async with store.write() as tx:
                await session_rows.touch(tx, row.id, at)
    return SignedIn(rights.standing(found, rights.tree(library), on), row.id, csrf)


async def listed(tx: Tx, signed_in: SignedIn, *, at: datetime) -> list[Session]:
    """The official's own sessions, the last used first."""
    held = await session_rows.of_official(tx, signed_in.official.id, at=at, seen_after=at - IDLE_FOR)
    return [_session(row, signed_in.session_id) for row in held]


async def revoke(tx: Tx, signed_in: SignedIn, number: int, *, at: datetime) -> bool:
    """End one of the official's own sessions (signing out is ending this one); whether it was open."""
    ended = await session_rows.revoke(tx, signed_in.official.id, at, number=number) > 0
    if ended:
        await audit.note(tx, signed_in.official.who, "signed-out", signed_in.official.who, at=at)
    return ended


async def revoke_others(tx: Tx, signed_in: SignedIn, *, at: datetime) -> int:
    """End all of the official's sessions but this one; how many."""
    ended = await session_rows.revoke(tx, signed_in.official.id, at, but=signed_in.session_id)
    await audit.note(tx, signed_in.official.who, "signed-out-others", signed_in.official.who, at=at)
    return ended


async def start_codes(
    tx: Tx, official: Official, secret: str, code: str, *, at: datetime, draw: Draw = secrets.token_bytes
) -> list[str]:
    """Ask for one-time codes from now on, proved by a first one; the recovery codes, shown once.

    `secret` is one of `onetime.new_secret`, shown as `onetime.picture`. Raises `WrongCodeError`.
    """
    step = onetime.step_of(secret, code, at, 0)
    if step is None:
        raise WrongCodeError
    await rows.change(tx, official.id, totp_secret=secret, totp_step=step)
    codes = onetime.new_recovery(draw)
    await rows.set_recovery(tx, official.id, [onetime.recovery_hash(official.id, one) for one in codes])
    await audit.note(tx, official.who, "codes-started", official.who, at=at)
    return codes


async def stop_codes(tx: Tx, by: Official | None, target: Official, *, at: datetime) -> None:
    """Ask for no one-time codes any more: the official's own wish (after `Door.prove`), or for a lost phone."""
    if by is not None and by.id != target.id:
        rights.require(by, "officials", unit="")
    await rows.change(tx, target.id, totp_secret=None, totp_step=0)
    await rows.set_recovery(tx, target.id, [])
    await audit.note(tx, by.who if by else "may", "codes-stopped", target.who, at=at)


async def _begin(tx: Tx, login: str, address: str, at: datetime) -> tuple[str, str]:
    """Write the try down before it is looked at, so that many at once do not all count as the first.

    Gives the digests to take back when it was right; raises `LockedError`.
    """
    account, place = _account(tx, login), guesses.digest(tx, "sign-in-from", address)
    await _hold_back(tx, {account: FREE_TRIES, place: FREE_TRIES_ADDRESS}, at)
    await guesses.add(tx, [account, place], at)
    return account, place


async def _hold_back(tx: Tx, free: Mapping[str, int], at: datetime) -> None:
    """Raise `LockedError` while too many wrong tries are fresh."""
    failed = await lockout.failures(tx, list(free), at - FAILURES_FOR)
    wait_s = max((_wait_s(failures, free[who], at) for who, failures in failed.items()), default=0)
    if wait_s > 0:
        raise LockedError(wait_s=wait_s)


def _wait_s(failed: Failures, free: int, at: datetime) -> int:
    over = failed.count - free
    if over < 0:
        return 0
    wait_s: int = min(WAIT_MOST_S, WAIT_FIRST_S << min(over, 20))
    return max(0, wait_s - int((at - failed.last_at).total_seconds()))


async def _takes(tx: Tx, known: rows.Secrets, code: str, at: datetime) -> bool:
    step = onetime.step_of(known.totp_secret, code, at, known.totp_step)
    if step is not None:
        await rows.change(tx, known.official_id, totp_step=step)
        return True
    return await rows.use_recovery(tx, known.official_id, onetime.recovery_hash(known.official_id, code), at)


def _account(tx: Tx, login: str) -> str:
    return guesses.digest(tx, "sign-in", login.strip().lower())


def _session(row: SessionRow, this: int) -> Session:
    return Session(row.id, row.address, row.agent, row.created_at, row.seen_at, row.id == this)
