"""Tables of the desk: officials, how they come in, what they did and what they published."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from bot.store.columns import NUMBERED, BigId, Json, Moment, metadata, number

officials = Table(
    "officials",
    metadata,
    number(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    #: argon2id in its own notation; NULL until the invited one chose a password
    Column("password_hash", Text),
    #: base32; NULL while no one-time code is asked
    Column("totp_secret", Text),
    #: last step of 30 s whose code was taken: no code works twice
    Column("totp_step", BigId, nullable=False, server_default="0"),
    #: "issuer subject" at the common sign-in (OIDC)
    Column("external_id", Text, unique=True),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("state in ('invited','active','disabled')", name="state"),
    **NUMBERED,
)

#: role x unit subtree x topics; ended ones stay to be read with the audit
assignments = Table(
    "assignments",
    metadata,
    number(),
    Column("official_id", BigId, ForeignKey("officials.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    #: "" = the whole installation
    Column("unit", Text, nullable=False),
    Column("hamlet", Text, nullable=False, server_default=""),
    #: [] = all topics
    Column("topics", Json, nullable=False),
    Column("is_chair", Boolean, nullable=False),
    #: days as YYYY-MM-DD where the people live
    Column("since", Text, nullable=False),
    Column("until", Text),
    Column("ended_at", Moment),
    **NUMBERED,
)

#: the chair's written word that a deputy approves in their place
delegations = Table(
    "delegations",
    metadata,
    number(),
    Column("official_id", BigId, ForeignKey("officials.id"), nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("topics", Json, nullable=False),
    Column("document", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("ended_at", Moment),
    **NUMBERED,
)

#: for whoever lost the phone that gives one-time codes; each works once
recovery_codes = Table(
    "recovery_codes",
    metadata,
    number(),
    Column("official_id", BigId, ForeignKey("officials.id"), nullable=False, index=True),
    Column("code_hash", Text, nullable=False),
    Column("used_at", Moment),
    **NUMBERED,
)

#: signed-in browsers; the token itself is only in the cookie
official_sessions = Table(
    "official_sessions",
    metadata,
    number(),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("official_id", BigId, ForeignKey("officials.id"), nullable=False, index=True),
    #: false = the password was right, the one-time code is still to come
    Column("is_full", Boolean, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("agent", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
    **NUMBERED,
)

#: one-time links: first set-up, invitation, forgotten password
official_links = Table(
    "official_links",
    metadata,
    number(),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("official_id", BigId, ForeignKey("officials.id"), index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    CheckConstraint("purpose in ('setup','invite','reset')", name="purpose"),
    **NUMBERED,
)

#: who did or read what; never the content itself. hash = sha256(hash of the step before | metadata)
audit = Table(
    "audit",
    metadata,
    number(),
    Column("at", Moment, nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("ref", Text, nullable=False, server_default=""),
    Column("detail", Json, nullable=False),
    #: 1, 2, 3 … without gaps; a number of the database may skip
    Column("step", BigId, nullable=False, server_default="0"),
    #: sha256 of the object before and after, "" where there was none
    Column("before_hash", Text, nullable=False, server_default=""),
    Column("after_hash", Text, nullable=False, server_default=""),
    Column("hash", Text, nullable=False, server_default=""),
    Index("ix_audit_step", "step", unique=True),
    Index(None, "ref"),
    **NUMBERED,
)

#: where each chain stood when the ledger last took it in
sealed = Table(
    "sealed",
    metadata,
    #: "audit", "case:<code>"
    Column("chain", Text, primary_key=True),
    Column("step", BigId, nullable=False),
    Column("hash", Text, nullable=False),
)

#: the hourly ledger: [chain, step, hash] of every chain that moved since the line before
ledger = Table(
    "ledger",
    metadata,
    number(),
    Column("at", Moment, nullable=False),
    Column("heads", Json, nullable=False),
    Column("hash", Text, nullable=False),
    **NUMBERED,
)

#: what officials published over `content/`
content_versions = Table(
    "content_versions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Json, nullable=False),
    Column("base_hash", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    #: published, or withdrawn: what lies below it serves again
    Column("state", Text, nullable=False, server_default="published"),
    #: accounts of who wrote it
    Column("authors", Json, nullable=False, server_default="[]"),
    Column("note", Text, nullable=False, server_default=""),
)

#: corrections written and not yet signed; one a unit and entry
content_drafts = Table(
    "content_drafts",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("body", Json, nullable=False),
    Column("base_hash", Text, nullable=False),
    Column("author_id", BigId, ForeignKey("officials.id"), nullable=False),
    Column("written_at", Moment, nullable=False),
)

#: a unit's word that an entry is right
signatures = Table(
    "signatures",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("signed_on", Text, nullable=False),
    Column("signed_by_role", Text, nullable=False),
    Column("document", Text, nullable=False, server_default=""),
    #: official's account; sha256 of the text they had before them
    Column("signed_by", Text, nullable=False, server_default=""),
    Column("text_hash", Text, nullable=False, server_default=""),
)
