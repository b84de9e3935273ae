"""`Work`: gathers what a batch of turns led to and writes it. Nothing else writes what a turn led to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.model.events import (
    CaseAdded,
    CaseOpened,
    CaseRated,
    CaseReopened,
    ConsentGiven,
    ConsentWithdrawn,
    ContactLeft,
    ContactReturned,
    ErasureAsked,
    ErasureCancelled,
    Event,
    NoticesLinked,
    ProfileSaved,
    QuestionUnanswered,
    Said,
    Subscribed,
    Turn,
    Unsubscribed,
    WordsForgotten,
)
from bot.model.inbound import Inbound, InboundKind
from bot.model.outbound import Outbound, OutMedia, OutMediaKind
from bot.model.session import Session
from bot.store import Tx, bell, contacts, conversations, erasures, notice_addresses, outbox, questions, recipients
from bot.store.conversations import Conversation
from bot.store.outbox import Draft
from bot.work.intake import Intake

#: channels whose outbox rows are the mailbox itself: they are sent by being there
MAILBOX_CHANNELS = frozenset({"web"})

#: how far back a chat forgets what was said in it before a report that must not stay here
FORGET_BACK = timedelta(hours=24)
#: consents: keeping household facts; getting news
KEEP_PROFILE = "luu-ho-so"
GET_NEWS = "nhan-tin"


class Work:
    """What a batch led to, on its way into the database.

    now: the calendar's moment, written on cases and consents. at: the true time, by which rows are sent and erased. Both
    aware UTC.
    """

    def __init__(self, tx: Tx, *, now: datetime, at: datetime) -> None:
        self._tx = tx
        self._now = now
        self._at = at
        self._drafts: list[Draft] = []
        self._sessions: dict[int, Session] = {}
        self._deeds: list[tuple[Conversation, Inbound, Turn, Event]] = []
        self._contacts: dict[int, int] = {}
        #: (conversation, unit, text, ids offered)
        self._questions: list[tuple[int, str, str, tuple[str, ...]]] = []
        self._intake = Intake(tx, now=now, at=at)
        #: chats that forget what was said in them lately
        self._forgetting: list[int] = []

    def heard(self, conversation: Conversation, inbound: Inbound) -> None:
        """The person's own words, shown again by a channel whose outbox is its mailbox."""
        if conversation.key.channel not in MAILBOX_CHANNELS or inbound.kind not in {
            InboundKind.TEXT,
            InboundKind.MEDIA,
            InboundKind.PRESS,
        }:
            return
        for outbound in _as_said(inbound):
            self._drafts.append(
                Draft(
                    conversation.id,
                    conversation.key,
                    outbound,
                    state="sent",
                    author="person",
                    message_id=inbound.external_id,
                )
            )

    def took(self, conversation: Conversation, inbound: Inbound, turn: Turn) -> None:
        """One finished turn: its session and events, in order."""
        self._sessions[conversation.id] = turn.session
        for event in turn.events:
            if isinstance(event, Said):
                self.say(conversation, event.outbound)
            else:
                self._deeds.append((conversation, inbound, turn, event))

    def say(self, conversation: Conversation, outbound: Outbound, *, is_reply: bool = True) -> None:
        """A message to this conversation."""
        state = "sent" if conversation.key.channel in MAILBOX_CHANNELS else "queued"
        self._drafts.append(Draft(conversation.id, conversation.key, outbound, is_reply=is_reply, state=state))

    async def write(self) -> None:
        """Write what was gathered since the last call. Raises what the store raises; then nothing of the batch stays."""
        deeds, self._deeds = self._deeds, []
        await self._open_contacts(deeds)
        for conversation, inbound, turn, event in deeds:
            await self._apply(conversation, inbound, turn, event)
        await self._intake.write()
        await questions.add(self._tx, self._questions, self._now)
        if self._forgetting:
            await outbox.forget_said(self._tx, self._forgetting, self._at - FORGET_BACK)
            mine = self._forgetting
            self._drafts = [one for one in self._drafts if one.author != "person" or one.conversation_id not in mine]
            self._forgetting = []
        await outbox.add(self._tx, self._drafts, self._at)
        await conversations.save(self._tx, self._sessions.items(), self._at)
        for draft in self._drafts:
            key = draft.key
            self._tx.ring(
                bell.mailbox(key.channel, key.account, key.chat)
                if key.channel in MAILBOX_CHANNELS
                else bell.outgoing(key.channel, key.account)
            )
        self._drafts.clear()
        self._sessions.clear()
        self._questions.clear()

    async def _open_contacts(self, deeds: list[tuple[Conversation, Inbound, Turn, Event]]) -> None:
        """Who consents becomes a contact."""
        needing = {
            conversation.id
            for conversation, _inbound, _turn, event in deeds
            if isinstance(event, ConsentGiven | Subscribed | ProfileSaved) and self._contact(conversation) is None
        }
        if needing:
            self._contacts |= await contacts.open_for(self._tx, sorted(needing), self._now)

    def _contact(self, conversation: Conversation) -> int | None:
        return self._contacts.get(conversation.id, conversation.contact_id)

    async def _apply(self, conversation: Conversation, inbound: Inbound, turn: Turn, event: Event) -> None:
        contact = self._contact(conversation)
        match event:
            case CaseOpened():
                self._intake.open(conversation, contact, inbound, event)
            case CaseAdded():
                self._intake.add(conversation, inbound, event)
            case CaseRated() | CaseReopened():
                self._intake.say(conversation, inbound, event)
            case WordsForgotten():
                self._forgetting.append(conversation.id)
            case NoticesLinked(token):
                await notice_addresses.link(self._tx, token, conversation.id, self._at)
            case QuestionUnanswered():
                self._questions.append((conversation.id, turn.session.unit, event.text, event.offered))
            case ErasureAsked():
                # the wait is measured in true time, however the calendar was moved
                due = self._at + (event.due_at - self._now)
                await erasures.ask(self._tx, conversation.id, asked_at=self._at, due_at=due)
            case ErasureCancelled():
                await erasures.cancel(self._tx, conversation.id, self._at)
            case ContactLeft():
                await conversations.mark_gone(self._tx, [conversation.id], self._at)
                await outbox.give_up(self._tx, [conversation.id], replies_too=True)
            case ContactReturned():
                await conversations.mark_gone(self._tx, [conversation.id], None)
            case _ if contact is not None:
                await self._agree(conversation, contact, turn, event)

    async def _agree(self, conversation: Conversation, contact: int, turn: Turn, event: Event) -> None:
        """What rests on consent."""
        match event:
            case ConsentGiven(purpose, version):
                await contacts.give(self._tx, [(contact, conversation.id, purpose, version)], self._now)
            case ConsentWithdrawn(purpose):
                await contacts.withdraw(self._tx, contact, purpose, self._now)
                if purpose in {"", KEEP_PROFILE}:
                    await contacts.save_profile(self._tx, contact, facts={}, unit="", hamlet="")
                if purpose in {"", GET_NEWS}:
                    await contacts.unsubscribe(self._tx, contact, ())
                    await recipients.opt_out(self._tx, contact)
            case Subscribed(topics, unit, hamlet, often):
                await contacts.subscribe(self._tx, contact, topics, unit=unit, hamlet=hamlet, at=self._now, often=often)
            case Unsubscribed(topics):
                await contacts.unsubscribe(self._tx, contact, topics)
                if not topics:
                    await recipients.opt_out(self._tx, contact)
            case ProfileSaved(facts):
                session = turn.session
                await contacts.save_profile(self._tx, contact, facts=facts, unit=session.unit, hamlet=session.hamlet)


def _as_said(inbound: Inbound) -> Iterator[Outbound]:
    """What the person wrote and sent, as messages of a mailbox: one per file, the words with the first."""
    text = inbound.text
    for attachment in inbound.attachments:
        kind = OutMediaKind.FILE if attachment.kind == "video" else OutMediaKind(attachment.kind.value)
        media = OutMedia(kind, attachment.ref, attachment.name, attachment.mime)
        yield Outbound(text, media=media)
        text = ""
    if text:
        yield Outbound(text)
