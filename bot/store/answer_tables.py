"""The tables of editing, answers for all, keys of integrations and saved views. A change needs a migration."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from bot.store.columns import NUMBERED, BigId, Json, Moment, metadata, number

_OPEN = text("state in ('draft','submitted')")

#: content being written at the desk; at most one open draft an entry and unit ("" = every unit)
edits = Table(
    "edits",
    metadata,
    number(),
    Column("kind", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("unit", Text, nullable=False),
    #: counts every change: who saves over a version they have not seen is told
    Column("version", Integer, nullable=False),
    #: as far as it was written; whether it is whole is asked when it is handed in
    Column("body", Json, nullable=False),
    #: hash of the file below it, and the published version it was begun from (0 = none)
    Column("base_hash", Text, nullable=False),
    Column("base_version", Integer, nullable=False),
    #: accounts of everybody who wrote in it, in order: none of them approves it
    Column("authors", Json, nullable=False),
    Column("state", Text, nullable=False),
    #: personal details a human looked at and let stand, as hashes of what they are and where
    Column("confirmed", Json, nullable=False),
    #: the case whose answer it was, and the questions it is to answer (`unanswered`)
    Column("case_id", BigId, ForeignKey("cases.id"), index=True),
    Column("questions", Json, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("begun_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False, index=True),
    CheckConstraint("state in ('draft','submitted','published','dropped')", name="state"),
    Index("ix_edits_open", "kind", "entry_id", "unit", unique=True, sqlite_where=_OPEN),
    **NUMBERED,
)

#: who was told of an answer for all: nobody is told twice
answers_told = Table(
    "answers_told",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("conversation_id", BigId, ForeignKey("conversations.id"), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Index(None, "conversation_id"),
)

#: keys of other systems; the key itself is shown once and not kept
api_keys = Table(
    "api_keys",
    metadata,
    number(),
    #: "" = the whole installation
    Column("unit", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("created_by", BigId, ForeignKey("officials.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used", Moment),
    Column("revoked", Boolean, nullable=False, server_default=text("false")),
    **NUMBERED,
)

#: an official's own filters of a list, by the list's address
saved_views = Table(
    "saved_views",
    metadata,
    Column("official_id", BigId, ForeignKey("officials.id"), primary_key=True),
    Column("page", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
