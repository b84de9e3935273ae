"""Case codes and PINs: digits a grandmother can read aloud, with a check digit."""

from __future__ import annotations

import hashlib

#: totally anti-symmetric quasigroup of order 10: H. M. Damm, "Total anti-symmetrische Quasigruppen" (Marburg, 2004);
#: its check digit refuses every single-digit slip and every swap of neighbours
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

#: 6 random digits and a check digit
CODE_LENGTH = 7
PIN_LENGTH = 4


def _fold(digits: str) -> int:
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state


def is_code(digits: str) -> bool:
    """Whether these are seven digits whose check digit is right."""
    return len(digits) == CODE_LENGTH and digits.isascii() and digits.isdigit() and _fold(digits) == 0


def draw(seed: bytes, purpose: str, attempt: int = 0) -> int:
    """A number drawn from a turn's seed, the same at every replay; 64 bits, different per purpose and attempt."""
    return int.from_bytes(
        hashlib.blake2b(seed, digest_size=8, person=f"{purpose}{attempt}".encode()[:16]).digest(), "big"
    )


def new_code(seed: bytes, attempt: int = 0) -> str:
    """Seven digits drawn from the seed. `attempt` > 0 when an earlier one was taken."""
    body = f"{draw(seed, 'code', attempt) % 10 ** (CODE_LENGTH - 1):0{CODE_LENGTH - 1}d}"
    return body + str(_fold(body))


def new_pin(seed: bytes) -> str:
    """Four digits, shown once, that open a case's texts from another chat."""
    return f"{draw(seed, 'pin') % 10**PIN_LENGTH:0{PIN_LENGTH}d}"
