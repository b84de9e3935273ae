"""Content written at the desk, answers for the whole hamlet, keys of integrations, saved views."""

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _number() -> "sa.Column[object]":
    return sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False)


def _big(name: str, *, nullable: bool) -> "sa.Column[object]":
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, columns.Moment(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table('edits',
    _number(),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('entry_id', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', columns.Json(), nullable=False),
    sa.Column('base_hash', sa.Text(), nullable=False),
    sa.Column('base_version', sa.Integer(), nullable=False),
    sa.Column('authors', columns.Json(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('confirmed', columns.Json(), nullable=False),
    _big('case_id', nullable=True),
    sa.Column('questions', columns.Json(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    _moment('begun_at'),
    _moment('changed_at'),
    sa.CheckConstraint("state in ('draft','submitted','published','dropped')", name=op.f('ck_edits_state')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_edits_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edits')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_edits_case_id'), 'edits', ['case_id'], unique=False)
    op.create_index(op.f('ix_edits_changed_at'), 'edits', ['changed_at'], unique=False)
    still_open = sa.text("state in ('draft','submitted')")
    op.create_index('ix_edits_open', 'edits', ['kind', 'entry_id', 'unit'], unique=True,
                    sqlite_where=still_open, postgresql_where=still_open)
    op.create_table('answers_told',
    sa.Column('entry_id', sa.Text(), nullable=False),
    _big('conversation_id', nullable=False),
    _moment('at'),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_answers_told_conversation_id')),
    sa.PrimaryKeyConstraint('entry_id', 'conversation_id', name=op.f('pk_answers_told'))
    )
    op.create_index(op.f('ix_answers_told_at'), 'answers_told', ['at'], unique=False)
    op.create_index(op.f('ix_answers_told_conversation_id'), 'answers_told', ['conversation_id'], unique=False)
    op.create_table('api_keys',
    _number(),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('scopes', columns.Json(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    _big('created_by', nullable=False),
    _moment('created_at'),
    _moment('last_used', nullable=True),
    sa.Column('revoked', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['officials.id'], name=op.f('fk_api_keys_created_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('hash', name=op.f('uq_api_keys_hash')),
    sqlite_autoincrement=True
    )
    op.create_table('saved_views',
    _big('official_id', nullable=False),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    _moment('saved_at'),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_saved_views_official_id')),
    sa.PrimaryKeyConstraint('official_id', 'page', 'name', name=op.f('pk_saved_views'))
    )

    for column in (
    sa.Column('state', sa.Text(), server_default='published', nullable=False),
    sa.Column('authors', columns.Json(), server_default='[]', nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    ):
        op.add_column('content_versions', column)
    op.add_column('unanswered', sa.Column('settled', sa.Text(), server_default='', nullable=False))
    op.add_column('unanswered', _moment('settled_at', nullable=True))
