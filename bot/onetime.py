"""One-time codes on a phone (RFC 6238) and the recovery codes for whoever lost it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from collections.abc import Callable
from datetime import datetime

import pyotp

#: RFC 6238, 4: steps of 30 s; one step either way for clocks that differ
STEP_S = 30
_DRIFT = 1
RECOVERY_CODES = 8
_ISSUER = "Loa Thon"

#: gives that many random bytes
Draw = Callable[[int], bytes]


def new_secret(draw: Draw) -> str:
    """160 random bits (RFC 4226, 4) in base32."""
    return base64.b32encode(draw(20)).decode()


def address(secret: str, login: str) -> str:
    """The `otpauth:` address that a phone's app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def picture(secret: str, login: str) -> str:
    """That address as a QR code: an `<svg>` without style or script, to be put into a page as it is."""
    # imported here: it is needed once in an official's life, and each start would pay for it
    import segno  # noqa: PLC0415

    out = io.BytesIO()
    segno.make_qr(address(secret, login)).save(out, kind="svg", xmldecl=False, scale=5, border=4, omitsize=True)
    return out.getvalue().decode().strip()


def step_of(secret: str, code: str, at: datetime, after: int) -> int | None:
    """The step a code belongs to, if it is right now and later than step `after`; else None."""
    digits = "".join(code.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if step > after and hmac.compare_digest(totp.at(step * STEP_S), digits):
            return step
    return None


def new_recovery(draw: Draw) -> list[str]:
    """Codes to be written on paper, shown once: 80 bits each, in groups of four letters."""
    codes = [base64.b32encode(draw(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def recovery_hash(official_id: int, code: str) -> str:
    """What is kept of a recovery code; 80 random bits need no slow hash."""
    plain = "".join(c for c in code.casefold() if c.isalnum())
    return hashlib.sha256(f"{official_id}:{plain}".encode(errors="replace")).hexdigest()
