"""Sessions, messages and inbound as JSON and back; what a newer or older release wrote is read as far as known."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from bot.model.inbound import Inbound
from bot.model.outbound import Outbound
from bot.model.session import Session
from bot.store.columns import Written

_SESSION = TypeAdapter(Session)
_OUTBOUND = TypeAdapter(Outbound)


def session_out(session: Session) -> Written:
    """As JSON, only what differs from a new session: most are small."""
    return Written(_SESSION.dump_json(session, exclude_defaults=True).decode())


def session_in(stored: str) -> Session:
    """The session of the JSON that is stored; fields this code does not know are dropped."""
    return _SESSION.validate_json(stored)


def outbound_written(outbound: Outbound) -> Written:
    """A message as JSON text, defaults left out."""
    return Written(_OUTBOUND.dump_json(outbound, exclude_defaults=True).decode())


def outbound_out(outbound: Outbound) -> dict[str, Any]:
    """The same as plain data."""
    return _OUTBOUND.dump_python(outbound, mode="json", exclude_defaults=True)  # type: ignore[no-any-return]


def outbound_in(body: dict[str, Any]) -> Outbound:
    """The message."""
    return _OUTBOUND.validate_python(body)


@lru_cache(maxsize=64)
def outbound_read(text: str) -> Outbound:
    """The message, of the text that is stored. Of a message to many all share one object."""
    return _OUTBOUND.validate_json(text)


def inbound_out(inbound: Inbound) -> str:
    """An inbound as JSON text, for quarantine: enough to play it again."""
    plain = {name: value for name, value in asdict(inbound).items() if name != "found"}
    return json.dumps({**plain, "seed": inbound.seed.hex()}, default=str, ensure_ascii=False)
