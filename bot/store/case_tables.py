"""The tables of cases. A change needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.store.columns import NUMBERED, BigId, Moment, metadata, number

#: what still needs somebody's hand
_OPEN = text("state <> 'da-tra-loi' and state <> 'dong'")
_UNSCREENED = text("not screened")
_GIVEN, _JOINED = text("official_id is not null"), text("merged_into is not null")

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
    #: how it came: bot, or what an official entered it from (`bot.casework.entry.SOURCES`)
    Column("source", Text, nullable=False, server_default="bot"),
    #: body of the unit's data it was routed to; empty = nobody named
    Column("body", Text, nullable=False, server_default=""),
    #: report of wrongdoing: giu = with the custodian alone, xong = settled, kin = sealed to a key held outside
    Column("custody", Text, nullable=False, server_default=""),
    #: whether its words so far were matched against the officials; until then nobody sees it
    Column("screened", Boolean, nullable=False, server_default=false()),
    Column("official_id", BigId, ForeignKey("officials.id")),
    #: working seconds granted and used; the clock runs while `clock_since` is set, `due_at` is when it runs out
    Column("allowed_s", Integer),
    Column("spent_s", Integer, nullable=False, server_default="0"),
    Column("clock_since", Moment),
    Column("due_at", Moment),
    Column("warned_at", Moment),
    Column("escalated_at", Moment),
    Column("answered_at", Moment),
    Column("closed_at", Moment),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("merged_into", BigId, ForeignKey("cases.id")),
    CheckConstraint("custody in ('','giu','xong','kin')", name="custody"),
    Index(None, "unit", "state", "opened_at"),
    #: most cases have neither: an index of all of them would only lead lists astray
    Index("ix_cases_official_id", "official_id", sqlite_where=_GIVEN),
    Index("ix_cases_merged_into", "merged_into", sqlite_where=_JOINED),
    Index("ix_cases_updated_at_id", "updated_at", "id"),
    Index("ix_cases_opened_at_id", "opened_at", "id"),
    Index("ix_cases_open", "due_at", "id", sqlite_where=_OPEN),
    Index("ix_cases_unscreened", "id", sqlite_where=_UNSCREENED),
    **NUMBERED,
)

#: who waits for the answer, each with a code and PIN of their own: the one who opened it and all who joined
case_askers = Table(
    "case_askers",
    metadata,
    number(),
    Column("case_id", BigId, ForeignKey("cases.id"), nullable=False, index=True),
    #: none for who came in person, called or wrote on paper
    Column("conversation_id", BigId, ForeignKey("conversations.id"), index=True),
    Column("code", Text, nullable=False, unique=True),
    Column("pin_hash", Text, nullable=False, server_default=""),
    Column("asked_at", Moment, nullable=False),
    Column("rating", Integer),
    Column("rated_at", Moment),
    #: how an answer that no channel carries reached them, ticked by an official
    Column("told_by", Text, nullable=False, server_default=""),
    Column("told_at", Moment),
    CheckConstraint("rating between 1 and 5", name="rating"),
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

#: officials who never see a case, in no list, count, search, export or notice
case_hidden = Table(
    "case_hidden",
    metadata,
    Column("case_id", BigId, ForeignKey("cases.id"), primary_key=True),
    Column("official_id", BigId, ForeignKey("officials.id"), primary_key=True, index=True),
    #: post, name, kin, or set by the custodian
    Column("why", Text, nullable=False),
)

#: officials against whose name and posts every case was matched; who is not here sees no case
case_screens = Table(
    "case_screens",
    metadata,
    Column("official_id", BigId, ForeignKey("officials.id"), primary_key=True, autoincrement=False),
    #: of name and posts: a change asks for another look at all cases
    Column("fingerprint", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

#: the chat in which an official wants notices: code, kind, due time and link only
notice_addresses = Table(
    "notice_addresses",
    metadata,
    Column("official_id", BigId, ForeignKey("officials.id"), primary_key=True, autoincrement=False),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("linked_at", Moment, nullable=False),
)

#: one-time links by which a chat becomes such an address
notice_links = Table(
    "notice_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("official_id", BigId, ForeignKey("officials.id"), nullable=False, index=True),
    Column("expires_at", Moment, nullable=False),
)

#: who has a case open at the desk; rows older than a minute are dropped with the next one written
case_readers = Table(
    "case_readers",
    metadata,
    Column("case_id", BigId, ForeignKey("cases.id"), primary_key=True),
    Column("official_id", BigId, ForeignKey("officials.id"), primary_key=True, index=True),
    Column("at", Moment, nullable=False, index=True),
)
