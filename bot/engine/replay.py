"""Playing a conversation through the pure engine: transcripts, `loathon talk --repro`, and what a test needs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.engine.advance import advance
from bot.library import Library
from bot.model.events import CaseOpened, Event, Lookup, Said
from bot.model.inbound import Attachment, ConversationKey, Found, Inbound, InboundKind, MediaKind
from bot.model.outbound import Outbound
from bot.model.session import Session

#: more rounds of lookups than this in one turn is a fault of the engine
LOOKUP_ROUNDS = 12
Answerer = Callable[[Lookup], Any]


@dataclass
class Player:
    """One conversation, played message by message. Ids come from the turn's number, so a replay is exact."""

    library: Library
    now: datetime
    answerer: Answerer
    session: Session = field(default_factory=Session)
    key: ConversationKey = field(default_factory=lambda: ConversationKey("console", "local", "1"))
    events: list[Event] = field(default_factory=list)
    is_group: bool = False
    _turns: int = 0

    def text(self, text: str) -> list[Outbound]:
        """The person types."""
        return self.play(InboundKind.TEXT, text=text)

    def press(self, press: str) -> list[Outbound]:
        """The person presses the button with this payload, shown or not."""
        return self.play(InboundKind.PRESS, press=press)

    def start(self, payload: str = "") -> list[Outbound]:
        """The person opens the chat, perhaps by a deep link."""
        return self.play(InboundKind.START, start=payload)

    def photo(self, ref: str = "photo-1", caption: str = "") -> list[Outbound]:
        """The person sends a photo."""
        return self.play(InboundKind.MEDIA, text=caption, attachments=(Attachment(MediaKind.PHOTO, ref),))

    def play(self, kind: InboundKind, **fields: Any) -> list[Outbound]:
        """Any inbound; gives what the bot says."""
        self._turns += 1
        inbound = Inbound(
            key=self.key,
            external_id=f"m:{self.key.chat}:{self._turns}",
            kind=kind,
            received_at=self.now,
            seed=hashlib.blake2b(f"{self.key}/{self._turns}".encode(), digest_size=16).digest(),
            is_group=self.is_group,
            **fields,
        )
        for _ in range(LOOKUP_ROUNDS):
            turn = advance(self.session, inbound, self.library, self.now)
            if not turn.lookups:
                self.session = turn.session
                self.events += turn.events
                return [e.outbound for e in turn.events if isinstance(e, Said)]
            found = tuple(Found(q.kind, q.args, self.answerer(q)) for q in turn.lookups)
            inbound = replace(inbound, found=inbound.found + found)
        raise RuntimeError("the engine keeps asking for lookups")

    def opened(self) -> list[CaseOpened]:
        """The cases opened so far."""
        return [e for e in self.events if isinstance(e, CaseOpened)]
