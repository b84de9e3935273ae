"""A new database, made from the tables as they are now: what they once were is for databases that were made then.

Alembic and all revisions cost a first start a quarter of a second and 12 MB that its process then keeps. The tests hold
both ways to the same tables, columns, constraints, indexes and rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table

from bot.store import dialect
from bot.store.every_table import TABLES

#: as Alembic has it
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def create(connection: Connection, revision: str) -> None:
    """Make everything in an empty database and note that it stands at `revision`."""
    for table in TABLES:
        dialect.create_table(connection, table)
    dialect.index_search(connection)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=revision))
