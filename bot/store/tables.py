"""The tables but those of cases (`case_tables.py`). A change needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.columns import NUMBERED, BigId, Json, Moment, metadata, number

#: single facts: installation key, overlay revision
meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: keys of inbound things already taken, as keyed hashes: no chat id stays here
seen = Table(
    "seen",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("seen_at", Moment, nullable=False, index=True),
)

#: raw updates that could not be read and inbound that made `advance` raise
quarantine = Table(
    "quarantine",
    metadata,
    number(),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "channel", "account", "chat"),
    **NUMBERED,
)

#: who consented; the unit of broadcast, contest and erasure
contacts = Table(
    "contacts",
    metadata,
    number(),
    Column("unit", Text, nullable=False, server_default=""),
    Column("hamlet", Text, nullable=False, server_default=""),
    Column("facts", Json, nullable=False, server_default="{}"),
    Column("created_at", Moment, nullable=False),
    **NUMBERED,
)

#: one chat on one account of one channel: the unit of order, lock and session
conversations = Table(
    "conversations",
    metadata,
    number(),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("contact_id", BigId, ForeignKey("contacts.id"), index=True),
    Column("session", Json, nullable=False, server_default="{}"),
    #: blocked us or left: no bulk until they come back
    Column("gone_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("active_at", Moment, nullable=False, index=True),
    UniqueConstraint("channel", "account", "chat"),
    **NUMBERED,
)

#: name, phone …: apart from everything else, every reading is written in `audit`
identities = Table(
    "identities",
    metadata,
    number(),
    Column("contact_id", BigId, ForeignKey("contacts.id"), index=True),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), index=True),
    Column("body", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    **NUMBERED,
)

#: one purpose per tap with the version of the text agreed to (Law 91/2025/QH15); withdrawal closes the row
consents = Table(
    "consents",
    metadata,
    number(),
    Column("contact_id", BigId, ForeignKey("contacts.id"), nullable=False),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Index(None, "contact_id", "purpose"),
    **NUMBERED,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("contact_id", BigId, ForeignKey("contacts.id"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("hamlet", Text, nullable=False, server_default=""),
    Column("since", Moment, nullable=False),
    #: at-once, weekly or monthly: the same for all topics of a contact
    Column("often", Text, nullable=False, server_default="at-once"),
    Index(None, "unit", "topic"),
)

#: what goes out, and for channels without a wire the mailbox itself
outbox = Table(
    "outbox",
    metadata,
    number(),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    #: bot, or person: their own words as the mailbox shows them again
    Column("author", Text, nullable=False, server_default="bot"),
    Column("body", Json, nullable=False),
    Column("is_reply", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    #: pieces of a long text already sent
    Column("pieces", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    #: times it was repeated after an unknown outcome
    Column("repeats", Integer, nullable=False, server_default="0"),
    #: the lease under which it was claimed
    Column("epoch", BigId, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    #: the channel's id of what was sent, or of what the person sent
    Column("message_id", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    CheckConstraint("state in ('queued','sending','sent','failed','gone','unknown')", name="state"),
    Index("ix_outbox_conversation_id_id", "conversation_id", "id"),
    Index(
        "ix_outbox_turn",
        "conversation_id",
        "id",
        sqlite_where=text("state in ('queued','sending')"),
    ),
    #: small even when millions are sent: only what is still to do
    Index(
        "ix_outbox_open",
        "channel",
        "account",
        "due_at",
        sqlite_where=text("state in ('queued','sending')"),
    ),
    #: what never arrived, counted for officials
    Index(
        "ix_outbox_lost",
        "state",
        sqlite_where=text("state in ('failed','gone','unknown')"),
    ),
    **NUMBERED,
)

#: one bot's polling, sending and limiting belong to the holder of its row
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigId, nullable=False),
    Column("until", Moment, nullable=False),
)

media_handles = Table(
    "media_handles",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("handle", Text, nullable=False),
)

#: what the bot could not answer: a worklist for new entries
unanswered = Table(
    "unanswered",
    metadata,
    number(),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), index=True),
    Column("unit", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("offered", Json, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    #: "" = nobody looked at it; "entry:<id>" that answers it, "done", "ignored"
    Column("settled", Text, nullable=False, server_default=""),
    Column("settled_at", Moment),
    **NUMBERED,
)

erasures = Table(
    "erasures",
    metadata,
    number(),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("cancelled_at", Moment),
    #: when the person was told that it is done; the chat id goes only after that message went out
    Column("told_at", Moment),
    Column("done_at", Moment),
    **NUMBERED,
)

#: wrong codes and PINs, by keyed hash of who tried and of the case tried
guesses = Table(
    "guesses",
    metadata,
    number(),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "who", "at"),
    **NUMBERED,
)

jobs = Table(
    "jobs",
    metadata,
    number(),
    Column("kind", Text, nullable=False),
    Column("args", Json, nullable=False),
    #: at most one waiting job per key
    Column("key", Text, unique=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    #: a claim that is not finished by then may be taken by another worker
    Column("claimed_until", Moment),
    Column("error", Text, nullable=False, server_default=""),
    CheckConstraint("state in ('waiting','running','failed')", name="state"),
    Index(None, "state", "due_at"),
    **NUMBERED,
)

#: one row a searchable thing; the index over it differs per database (`search.py`)
search_docs = Table(
    "search_docs",
    metadata,
    number(),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("unit", Text, nullable=False, server_default=""),
    #: official's account that must never see it ("" = none)
    Column("hidden_from", Text, nullable=False, server_default=""),
    Column("exact", Text, nullable=False),
    Column("folded", Text, nullable=False),
    UniqueConstraint("kind", "ref"),
    **NUMBERED,
)
