"""What the server writes down: calls, violations, and the refusals it answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Refusal(Exception):
    """An answer with `ok: false`: Telegram's status, its description, and `parameters` where it gives any."""

    def __init__(self, status: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        answer: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return {**answer, "parameters": self.parameters} if self.parameters else answer


def bad_request(text: str, parameters: dict[str, Any] | None = None) -> Refusal:
    """400, worded as Telegram does."""
    return Refusal(400, f"Bad Request: {text}", parameters)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of the Bot API a client broke. `code` is a short name of the rule."""

    code: str
    method: str
    text: str

    def __str__(self) -> str:
        return f"{self.code} in {self.method}: {self.text}"


@dataclass(slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    mime: str
    data: bytes


@dataclass(slots=True)
class Call:
    """One request as it came and how it was answered. `status` 0 = no answer was given (dropped)."""

    number: int
    account: int
    method: str
    args: dict[str, Any]
    at: float
    uploads: dict[str, Upload] = field(default_factory=dict)
    status: int = 0
    description: str = ""
    fault: str = ""

    @property
    def chat_id(self) -> int | str | None:
        """The chat the call names."""
        return self.args.get("chat_id")
