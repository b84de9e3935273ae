"""Broadcasts and their recipients; how often a household wants news; the outbox's index holds only what is open."""

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("state in ('queued','sending')")
_LOST = sa.text("state in ('failed','gone','unknown')")


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('broadcasts',
    sa.Column('id', _id(), autoincrement=True, nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('topic', sa.Text(), server_default='', nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', columns.Json(), nullable=False),
    sa.Column('entry', sa.Text(), server_default='', nullable=False),
    sa.Column('audience', columns.Json(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('urgent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('send_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('pace', sa.Integer(), nullable=True),
    sa.Column('authors', columns.Json(), nullable=False),
    sa.Column('approved_by', _id(), nullable=True),
    sa.Column('approved_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('approved_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('paused_for', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('updated_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('started_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('ended_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('planned_to', _id(), server_default='0', nullable=False),
    sa.Column('plan_to', _id(), server_default='0', nullable=False),
    sa.Column('fed_to', _id(), server_default='0', nullable=False),
    sa.Column('next_at', columns.Moment(timezone=True), nullable=True),
    *(sa.Column(name, sa.Integer(), server_default='0', nullable=False)
      for name in ('waiting', 'held', 'queued', 'sent', 'failed', 'gone', 'unknown', 'skipped')),
    sa.CheckConstraint(
        "state in ('draft','waiting','approved','running','paused','done','cancelled')",
        name=op.f('ck_broadcasts_state')),
    sa.ForeignKeyConstraint(['approved_by'], ['officials.id'], name=op.f('fk_broadcasts_approved_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broadcasts')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_broadcasts_state'), 'broadcasts', ['state'])
    op.create_table('broadcast_recipients',
    sa.Column('broadcast_id', _id(), autoincrement=False, nullable=False),
    sa.Column('contact_id', _id(), autoincrement=False, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('often', sa.Text(), server_default='at-once', nullable=False),
    sa.Column('outbox_id', _id(), nullable=True),
    sa.PrimaryKeyConstraint('broadcast_id', 'contact_id', name=op.f('pk_broadcast_recipients')),
    sqlite_with_rowid=False
    )
    for name, over, where in (
        ('open', ['broadcast_id', 'outbox_id'], sa.text("state = 'queued'")),
        ('left', ['broadcast_id', 'state', 'contact_id'], _LOST),
        ('held', ['often', 'broadcast_id', 'contact_id'], sa.text("state = 'held'")),
    ):
        op.create_index(f'ix_broadcast_recipients_{name}', 'broadcast_recipients', over,
                        sqlite_where=where, postgresql_where=where)

    with op.batch_alter_table('subscriptions') as table:
        table.add_column(sa.Column('often', sa.Text(), server_default='at-once', nullable=False))

    # what was never sent no longer makes the look for what is due longer: a broadcast leaves many who are gone
    op.drop_index('ix_outbox_open', 'outbox')
    op.create_index('ix_outbox_open', 'outbox', ['channel', 'account', 'due_at'],
                    sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index('ix_outbox_lost', 'outbox', ['state'], sqlite_where=_LOST, postgresql_where=_LOST)
