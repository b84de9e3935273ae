"""Alembic's environment: always on the connection `schema.migrate` hands in."""

from alembic import context

import bot.store.answer_tables
import bot.store.broadcast_tables
import bot.store.bulletin_tables
import bot.store.case_tables
import bot.store.official_tables
import bot.store.tables  # noqa: F401 - they fill the metadata
from bot.store.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # both databases: the whole upgrade is one transaction, begun by the caller
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
