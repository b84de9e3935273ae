"""Alembic's environment: always on the connection `schema.migrate` hands in."""

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # both databases: the whole upgrade is one transaction, begun by the caller
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
