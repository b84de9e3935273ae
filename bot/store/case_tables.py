"""The tables of cases. A change needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.store.columns import NUMBERED, BigId, Moment, metadata, number

#: what a household brought. Words and files of it stand in `case_history`, the name in `identities`.
cases = Table(
    "cases",
    metadata,
    number(),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("hamlet", Text, nullable=False, server_default=""),
    Column("topic", Text, nullable=False, server_default=""),
    Column("entry", Text, nullable=False, server_default=""),
    #: set while open: one case per (entry, unit) however many ask
    Column("join_key", Text, unique=True),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), index=True),
    Column("identity_id", BigId, ForeignKey("identities.id")),
    Column("anonymous", Boolean, nullable=False),
    Column("about_role", Text, nullable=False, server_default=""),
    Column("about_hamlet", Text, nullable=False, server_default=""),
    #: official's role it is with; empty = the unit's inbox
    Column("assigned_to", Text, nullable=False, server_default=""),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    #: last link of the history's chain
    Column("head", Text, nullable=False),
    Column("steps", Integer, nullable=False),
    Index(None, "unit", "state", "opened_at"),
    **NUMBERED,
)

#: who waits for the answer, each with a code and PIN of their own: the one who opened it and all who joined
case_askers = Table(
    "case_askers",
    metadata,
    number(),
    Column("case_id", BigId, ForeignKey("cases.id"), nullable=False, index=True),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("code", Text, nullable=False, unique=True),
    Column("pin_hash", Text, nullable=False, server_default=""),
    Column("asked_at", Moment, nullable=False),
    **NUMBERED,
)

#: hash = sha256(previous | metadata | sha256(salt | payload)), all of it text; redaction clears salt and payload
case_history = Table(
    "case_history",
    metadata,
    number(),
    Column("case_id", BigId, ForeignKey("cases.id"), nullable=False),
    Column("step", Integer, nullable=False),
    #: whose own words these are; cleared with them
    Column("conversation_id", BigId, ForeignKey("conversations.id"), index=True),
    Column("what", Text, nullable=False),
    #: role, never a name: "dan", "may", an official's account id
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("salt", Text),
    Column("payload", Text),
    Column("payload_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("case_id", "step"),
    **NUMBERED,
)

case_attachments = Table(
    "case_attachments",
    metadata,
    number(),
    Column("case_id", BigId, ForeignKey("cases.id"), nullable=False, index=True),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), index=True),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    #: the channel's handle; cleared once the file is here
    Column("ref", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("mime", Text, nullable=False, server_default=""),
    Column("size_bytes", BigId),
    Column("sha256", Text, index=True),
    Column("state", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    CheckConstraint("state in ('waiting','kept','refused','gone','erased')", name="state"),
    **NUMBERED,
)
