"""The tables of clips, bulletins and the broadcast log. A change needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.store.columns import NUMBERED, BigId, Json, Moment, metadata, number

#: one programme for one slot; what is approved is named by the hashes of its text and of its sound
bulletins = Table(
    "bulletins",
    metadata,
    number(),
    Column("unit", Text, nullable=False),
    #: a day as YYYY-MM-DD and HH:MM where the people live
    Column("air_on", Text, nullable=False),
    Column("slot_at", Text, nullable=False),
    #: loudspeaker zone, "" = all of them
    Column("zone", Text, nullable=False, server_default=""),
    Column("title", Text, nullable=False, server_default=""),
    Column("priority", Text, nullable=False),
    #: why it is urgent
    Column("reason", Text, nullable=False, server_default=""),
    Column("profile", Text, nullable=False),
    Column("target_s", Integer, nullable=False),
    Column("items", Json, nullable=False),
    #: NULL = proposed by the machine
    Column("author_id", BigId, ForeignKey("officials.id")),
    #: everybody who changed it: none of them approves it
    Column("editors", Json, nullable=False, server_default="[]"),
    Column("state", Text, nullable=False),
    #: moves with every edit, so that sound made of an older text is not taken
    Column("revision", Integer, nullable=False, server_default="0"),
    #: the words as they were read: {item, title, text} each, item 0 = the station's own
    Column("script", Json, nullable=False, server_default="[]"),
    Column("text_hash", Text, nullable=False, server_default=""),
    #: first day on which something in it no longer holds
    Column("ends_on", Text),
    #: percent of the sound that is made
    Column("progress", Integer, nullable=False, server_default="0"),
    #: what the audio process reported: seconds, loudness, voice, faults, residue
    Column("sound", Json, nullable=False, server_default="{}"),
    #: format -> {sha256, bytes}
    Column("files", Json, nullable=False, server_default="{}"),
    Column("sound_hash", Text, nullable=False, server_default=""),
    #: a better voice was away when it was made
    Column("lesser", Boolean, nullable=False, server_default="0"),
    #: why it was sent back or could not be published
    Column("note", Text, nullable=False, server_default=""),
    Column("approved_by", BigId, ForeignKey("officials.id")),
    Column("approved_at", Moment),
    Column("approved_text", Text, nullable=False, server_default=""),
    Column("approved_sound", Text, nullable=False, server_default=""),
    #: number of the delegation a deputy approved by
    Column("approved_document", Text, nullable=False, server_default=""),
    #: whoever approved heard what the reader could not read, and accepts it
    Column("accepts_residue", Boolean, nullable=False, server_default="0"),
    Column("published_at", Moment),
    Column("withdrawn_at", Moment),
    Column("withdrawn_by", Text, nullable=False, server_default=""),
    Column("withdrawn_why", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    CheckConstraint("state in ('draft','waiting','approved','published','withdrawn')", name="state"),
    CheckConstraint("priority in ('thuong','uu-tien','khan-cap')", name="priority"),
    Index(None, "unit", "air_on"),
    Index(None, "state", "air_on"),
    **NUMBERED,
)

#: voice notes of entries, by the hash of what is read and the voice that reads it
clips = Table(
    "clips",
    metadata,
    number(),
    Column("entry", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("profile", Text, nullable=False),
    #: engine, region, gender and speed asked for, as one word
    Column("voice", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    #: format -> {sha256, bytes}; empty when it was refused
    Column("files", Json, nullable=False, server_default="{}"),
    Column("sound", Json, nullable=False, server_default="{}"),
    Column("lesser", Boolean, nullable=False, server_default="0"),
    Column("made_at", Moment, nullable=False),
    #: last time it was what its entry says
    Column("needed_at", Moment, nullable=False, index=True),
    UniqueConstraint("text_hash", "profile", "voice"),
    Index(None, "entry", "unit"),
    **NUMBERED,
)

#: the broadcast log: what is to be aired when it is published, `aired_at` once it was
airings = Table(
    "airings",
    metadata,
    number(),
    Column("bulletin_id", BigId, ForeignKey("bulletins.id"), nullable=False),
    Column("unit", Text, nullable=False),
    Column("zone", Text, nullable=False, server_default=""),
    Column("air_on", Text, nullable=False),
    Column("slot_at", Text, nullable=False),
    #: seven digits printed on the run sheet
    Column("code", Text, nullable=False, unique=True),
    Column("aired_at", Moment),
    #: "official:<id>", or "" where the run sheet's code speaks for them
    Column("who", Text, nullable=False, server_default=""),
    Column("how", Text, nullable=False, server_default=""),
    CheckConstraint("how in ('','web','bot','code','usb')", name="how"),
    UniqueConstraint("bulletin_id", "zone", "air_on", "slot_at"),
    Index(None, "unit", "air_on"),
    **NUMBERED,
)
