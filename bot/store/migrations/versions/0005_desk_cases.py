"""Cases at the desk: routing, clocks, conflicts, merging, ratings."""

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_OPEN = "state <> 'da-tra-loi' and state <> 'dong'"


def upgrade() -> None:
    with op.batch_alter_table('cases') as batch:
        for column in (
        sa.Column('source', sa.Text(), server_default='bot', nullable=False),
        sa.Column('body', sa.Text(), server_default='', nullable=False),
        sa.Column('custody', sa.Text(), server_default='', nullable=False),
        sa.Column('screened', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('official_id', _ID, nullable=True),
        sa.Column('allowed_s', sa.Integer(), nullable=True),
        sa.Column('spent_s', sa.Integer(), server_default='0', nullable=False),
        sa.Column('clock_since', columns.Moment(timezone=True), nullable=True),
        sa.Column('due_at', columns.Moment(timezone=True), nullable=True),
        sa.Column('warned_at', columns.Moment(timezone=True), nullable=True),
        sa.Column('escalated_at', columns.Moment(timezone=True), nullable=True),
        sa.Column('answered_at', columns.Moment(timezone=True), nullable=True),
        sa.Column('closed_at', columns.Moment(timezone=True), nullable=True),
        sa.Column('reopened', sa.Integer(), server_default='0', nullable=False),
        sa.Column('merged_into', _ID, nullable=True),
        ):
            batch.add_column(column)
        batch.create_foreign_key(op.f('fk_cases_official_id'), 'officials', ['official_id'], ['id'])
        batch.create_foreign_key(op.f('fk_cases_merged_into'), 'cases', ['merged_into'], ['id'])
        batch.create_check_constraint(op.f('ck_cases_custody'), "custody in ('','giu','xong','kin')")
    for name in ('official_id', 'merged_into'):
        given = sa.text(f'{name} is not null')
        op.create_index(f'ix_cases_{name}', 'cases', [name], unique=False, sqlite_where=given, postgresql_where=given)
    op.create_index('ix_cases_updated_at_id', 'cases', ['updated_at', 'id'], unique=False)
    op.create_index('ix_cases_opened_at_id', 'cases', ['opened_at', 'id'], unique=False)
    op.create_index('ix_cases_open', 'cases', ['due_at', 'id'], unique=False,
                    sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN))
    op.create_index('ix_cases_unscreened', 'cases', ['id'], unique=False,
                    sqlite_where=sa.text('not screened'), postgresql_where=sa.text('not screened'))

    with op.batch_alter_table('case_askers') as batch:
        batch.alter_column('conversation_id', existing_type=_ID, nullable=True)
        batch.add_column(sa.Column('rating', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('rated_at', columns.Moment(timezone=True), nullable=True))
        batch.add_column(sa.Column('told_by', sa.Text(), server_default='', nullable=False))
        batch.add_column(sa.Column('told_at', columns.Moment(timezone=True), nullable=True))
        batch.create_check_constraint(op.f('ck_case_askers_rating'), 'rating between 1 and 5')

    op.create_table('case_hidden',
    sa.Column('case_id', _ID, nullable=False),
    sa.Column('official_id', _ID, nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_hidden_case_id')),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_case_hidden_official_id')),
    sa.PrimaryKeyConstraint('case_id', 'official_id', name=op.f('pk_case_hidden'))
    )
    op.create_index(op.f('ix_case_hidden_official_id'), 'case_hidden', ['official_id'], unique=False)

    op.create_table('case_screens',
    sa.Column('official_id', _ID, nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_case_screens_official_id')),
    sa.PrimaryKeyConstraint('official_id', name=op.f('pk_case_screens'))
    )

    op.create_table('notice_addresses',
    sa.Column('official_id', _ID, nullable=False),
    sa.Column('conversation_id', _ID, nullable=False),
    sa.Column('linked_at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_notice_addresses_conversation_id')),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_notice_addresses_official_id')),
    sa.PrimaryKeyConstraint('official_id', name=op.f('pk_notice_addresses'))
    )
    op.create_index(op.f('ix_notice_addresses_conversation_id'), 'notice_addresses', ['conversation_id'], unique=False)

    op.create_table('notice_links',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('official_id', _ID, nullable=False),
    sa.Column('expires_at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_notice_links_official_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_notice_links'))
    )
    op.create_index(op.f('ix_notice_links_official_id'), 'notice_links', ['official_id'], unique=False)

    op.create_table('case_readers',
    sa.Column('case_id', _ID, nullable=False),
    sa.Column('official_id', _ID, nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_readers_case_id')),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_case_readers_official_id')),
    sa.PrimaryKeyConstraint('case_id', 'official_id', name=op.f('pk_case_readers'))
    )
    op.create_index(op.f('ix_case_readers_official_id'), 'case_readers', ['official_id'], unique=False)
    op.create_index(op.f('ix_case_readers_at'), 'case_readers', ['at'], unique=False)
