"""Passwords: argon2id, sized for a small machine, made again when the parameters change."""

from __future__ import annotations

import asyncio
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import LoaThonError

#: OWASP Password Storage Cheat Sheet, argon2id for small machines: 19 MiB, 2 passes, 1 lane
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: NIST SP 800-63B-4, 3.1.1.2: length counts, not a mixture of signs; the most is there against exhausting the machine
LEAST, MOST = 10, 200
#: at most so many at once: 2 x 19 MiB
_AT_ONCE = 2


class WeakPasswordError(LoaThonError):
    """officials.weak_password"""


def check(password: str, login: str) -> None:
    """Raise `WeakPasswordError` for one that is short, long, the login itself, or a few signs over and over."""
    told = _spelled(password)
    simple = told.casefold()
    if not LEAST <= len(told) <= MOST or login.casefold() in simple or len(set(simple)) < 5 or _is_run(simple):
        raise WeakPasswordError(least=LEAST)


class Passwords:
    """Hashes off the event loop, a few at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_ONCE)
        #: verified in place of the hash of somebody who does not exist, so that both answers take as long
        self._nobody = ""

    async def hashed(self, password: str) -> str:
        """The hash to keep, in argon2's own notation."""
        async with self._room:
            return await asyncio.to_thread(_HASHER.hash, _spelled(password))

    async def fits(self, kept: str, password: str) -> bool:
        """Whether the password is the one behind the hash; "" = nobody's, never fits, takes as long."""
        if not kept and not self._nobody:
            self._nobody = await self.hashed("nobody's password")
        async with self._room:
            return await asyncio.to_thread(_fits, kept or self._nobody, password[:MOST]) and bool(kept)

    @staticmethod
    def is_old(kept: str) -> bool:
        """Whether it was made with other parameters and should be made again at the next sign-in."""
        return _HASHER.check_needs_rehash(kept)


def _fits(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, _spelled(password))
    except (VerificationError, InvalidHashError):
        return False


def _spelled(password: str) -> str:
    # one keyboard composes accents, another does not
    return unicodedata.normalize("NFC", password)


def _is_run(text: str) -> bool:
    """1234567890, abcdefghij: every sign one after the one before."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return len(steps) == 1 or text in {"1234567890", "0123456789", "qwertyuiop"}
