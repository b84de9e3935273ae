"""Where a conversation stands. A session is small, JSON-ready and belongs to one conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """A flow under way: the answers are the state, the node is recomputed by replay.

    `revision` is the library's when the run began. `answers` are (node, value) in order; values are plain JSON.
    """

    flow: str
    revision: str
    answers: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """State of one conversation between two messages."""

    unit: str = ""
    hamlet: str = ""
    #: household facts the person told; kept beyond the conversation only with consent
    facts: dict[str, Any] = field(default_factory=dict)
    #: "flow/node" or "entry:<id>[/part]" last shown: what "lai", "0" and "tiep" refer to
    place: str = ""
    run: Run | None = None
    #: payloads of the buttons last offered, so that "1" or "2" can be typed
    offered: tuple[str, ...] = ()
    #: the person's own words that led here, kept for "ask an official" until answered or the next question
    asked: str = ""
    #: purpose -> version of the consent text agreed to
    consents: dict[str, str] = field(default_factory=dict)
    greeted: bool = False
    #: times at which a wrong case code or PIN was tried, newest last
    wrong_tries: tuple[datetime, ...] = ()
    #: turns taken; part of every generated id
    turn: int = 0
    #: when the person was last here; what was told without consent is forgotten some hours later
    seen_at: datetime | None = None
