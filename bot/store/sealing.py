"""Sealed to a key that is held outside: this installation can write it and never read it again.

HPKE (RFC 9180): X25519, HKDF-SHA256, ChaCha20-Poly1305, base mode, single shot. The sealed bytes are the encapsulated key
followed by the ciphertext, as base64.
"""

from __future__ import annotations

import base64
import json
from typing import Any

_INFO = b"loa-thon case v1"
#: hex digits of an X25519 key
KEY_DIGITS = 64


class SealError(ValueError):
    """No key, or nothing that was sealed to it."""


def seal(public_key: str, told: dict[str, Any]) -> str:
    """Seal this to a public key (64 hex digits). Raises `SealError`."""
    # imported here: nearly no house seals, and the library is large
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey  # noqa: PLC0415

    try:
        key = X25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        sealed = _suite().encrypt(json.dumps(told, ensure_ascii=False).encode(), key, info=_INFO)
    except ValueError as error:
        raise SealError(public_key) from error
    return base64.b64encode(sealed).decode()


def unseal(private_key: str, sealed: str) -> dict[str, Any]:
    """What was sealed, for who holds the private key (64 hex digits). Raises `SealError`."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415

    try:
        key = X25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
        told: dict[str, Any] = json.loads(_suite().decrypt(base64.b64decode(sealed), key, info=_INFO))
    except (ValueError, InvalidTag) as error:
        raise SealError from error
    return told


def new_key() -> tuple[str, str]:
    """(private, public) as hex, made where the private one stays: never on the machine of the installation."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415

    key = X25519PrivateKey.generate()
    return key.private_bytes_raw().hex(), key.public_key().public_bytes_raw().hex()


def _suite() -> Any:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite  # noqa: PLC0415

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
