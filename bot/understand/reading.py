"""What understanding makes of a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a text is to be answered. Danger and fraud come before everything else."""

    #: the first of `ranked` is the entry that answers
    ANSWER = "answer"
    #: up to three candidates to offer as buttons, beside "ask an official"
    UNSURE = "unsure"
    #: nothing in the library answers it; `ranked` may hold up to two entries that are near, to be named as no answer
    REFUSE = "refuse"
    #: something the bot does; its name is in `intent`
    INTENT = "intent"
    #: somebody is in danger now; `sub` says of what
    DANGER = "danger"
    #: somebody is being cheated; `sub` says how
    FRAUD = "fraud"
    #: a case code was typed; it is in `code`
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Scored:
    """An entry id, or `intent:<name>`, and how strongly the text points to it (log-likelihood units, unbounded)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One text, understood. `ranked` is best first and holds at most three when unsure."""

    kind: Kind
    ranked: tuple[Scored, ...] = ()
    #: one of the intent names of `content/phrases/words-intents.yaml`, without `intent:`
    intent: str = ""
    #: which danger or fraud, a name of `content/phrases/words-danger.yaml`
    sub: str = ""
    #: the topic whose other entries stand behind those in `ranked`, for a message that only named a thing
    topic: str = ""
    #: seven digits whose check digit is right
    code: str = ""
    #: what was recognised, strongest first, for officials and for tests
    why: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ranked ids alone."""
        return tuple(s.id for s in self.ranked)
