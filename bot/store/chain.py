"""The chain of a case: each step's hash holds the one before, so nothing can be changed or left out unseen.

hash = sha256(previous | metadata | sha256(salt | payload)), each part as hex or canonical text. Redaction deletes salt
and payload and leaves their hash, so the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

#: before the first step
START = "0" * 64


def canonical(value: dict[str, Any]) -> str:
    """One spelling per value: sorted keys, no spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def metadata(code: str, step: int, what: str, who: str, at: datetime) -> str:
    """What stays readable after redaction."""
    return canonical({"code": code, "step": step, "what": what, "who": who, "at": at.astimezone(UTC).isoformat()})


def payload_hash(salt: str, payload: str) -> str:
    """The hash that stays when salt and payload are deleted; the salt keeps short words from being guessed."""
    return hashlib.sha256(f"{salt}|{payload}".encode()).hexdigest()


def link(previous: str, meta: str, hashed_payload: str) -> str:
    """The next head."""
    return hashlib.sha256(f"{previous}|{meta}|{hashed_payload}".encode()).hexdigest()
