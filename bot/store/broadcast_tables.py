"""The tables of broadcasts. A change needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from bot.store.columns import NUMBERED, BigId, Json, Moment, metadata, number

#: one message from the commune to many households, from its draft to its result
broadcasts = Table(
    "broadcasts",
    metadata,
    number(),
    #: whose it is, by which officials' rights are judged
    Column("unit", Text, nullable=False),
    #: its one topic, "" = none or several; rights that are limited to topics go by it
    Column("topic", Text, nullable=False, server_default=""),
    Column("title", Text, nullable=False),
    Column("body", Json, nullable=False),
    #: entry of the library that the body was made of, "" = written freely
    Column("entry", Text, nullable=False, server_default=""),
    Column("audience", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("reason", Text, nullable=False, server_default=""),
    #: None = when somebody starts it
    Column("send_at", Moment),
    #: messages an hour, None = as fast as the channels allow
    Column("pace", Integer),
    #: ids of all officials who wrote at it: none of them may approve
    Column("authors", Json, nullable=False),
    Column("approved_by", BigId, ForeignKey("officials.id")),
    #: of content, audience and time as they lay before the approver
    Column("approved_hash", Text, nullable=False, server_default=""),
    Column("approved_at", Moment),
    #: why it is paused: official, quiet-hours, entry-changed, restored
    Column("paused_for", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    #: contacts up to this id have been looked at; those up to `plan_to` will be
    Column("planned_to", BigId, nullable=False, server_default="0"),
    Column("plan_to", BigId, nullable=False, server_default="0"),
    #: recipients up to this contact have had their turn
    Column("fed_to", BigId, nullable=False, server_default="0"),
    #: with a pace: when the next message may be handed over
    Column("next_at", Moment),
    #: how many recipients stand in each state: counting a million rows anew would cost more than sending to some
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("held", Integer, nullable=False, server_default="0"),
    Column("queued", Integer, nullable=False, server_default="0"),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("gone", Integer, nullable=False, server_default="0"),
    Column("unknown", Integer, nullable=False, server_default="0"),
    Column("skipped", Integer, nullable=False, server_default="0"),
    CheckConstraint("state in ('draft','waiting','approved','running','paused','done','cancelled')", name="state"),
    Index(None, "state"),
    **NUMBERED,
)

#: who gets it: one row a contact, so that nobody gets it twice. No foreign keys: checking a million of them would be
#: the longest part of planning; erasure removes the rows of a contact
broadcast_recipients = Table(
    "broadcast_recipients",
    metadata,
    Column("broadcast_id", BigId, primary_key=True, autoincrement=False),
    Column("contact_id", BigId, primary_key=True, autoincrement=False),
    #: waiting · held for the digest · queued · sent · failed · gone · unknown · skipped (opted out, or cancelled)
    Column("state", Text, nullable=False),
    #: when a held one is due, as the contact chose
    Column("often", Text, nullable=False, server_default="at-once"),
    #: the message in the outbox while it is queued; a digest is one message for several broadcasts
    Column("outbox_id", BigId),
    #: small even when millions are planned: only what is on its way
    Index(
        "ix_broadcast_recipients_open",
        "broadcast_id",
        "outbox_id",
        sqlite_where=text("state = 'queued'"),
    ),
    #: what officials look up afterwards
    Index(
        "ix_broadcast_recipients_left",
        "broadcast_id",
        "state",
        "contact_id",
        sqlite_where=text("state in ('failed','gone','unknown')"),
    ),
    #: those waiting for their digest, contact by contact
    Index(
        "ix_broadcast_recipients_held",
        "often",
        "broadcast_id",
        "contact_id",
        sqlite_where=text("state = 'held'"),
    ),
    sqlite_with_rowid=False,
)
