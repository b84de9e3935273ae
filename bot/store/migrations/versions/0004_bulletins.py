"""Clips, bulletins, the broadcast log."""

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clips',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('entry', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('voice', sa.Text(), nullable=False),
    sa.Column('text_hash', sa.Text(), nullable=False),
    sa.Column('files', columns.Json(), server_default='{}', nullable=False),
    sa.Column('sound', columns.Json(), server_default='{}', nullable=False),
    sa.Column('lesser', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('made_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('needed_at', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clips')),
    sa.UniqueConstraint('text_hash', 'profile', 'voice', name=op.f('uq_clips_text_hash_profile_voice')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_clips_entry_unit'), 'clips', ['entry', 'unit'], unique=False)
    op.create_index(op.f('ix_clips_needed_at'), 'clips', ['needed_at'], unique=False)
    op.create_table('bulletins',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('air_on', sa.Text(), nullable=False),
    sa.Column('slot_at', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), server_default='', nullable=False),
    sa.Column('title', sa.Text(), server_default='', nullable=False),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('target_s', sa.Integer(), nullable=False),
    sa.Column('items', columns.Json(), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('editors', columns.Json(), server_default='[]', nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), server_default='0', nullable=False),
    sa.Column('script', columns.Json(), server_default='[]', nullable=False),
    sa.Column('text_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('ends_on', sa.Text(), nullable=True),
    sa.Column('progress', sa.Integer(), server_default='0', nullable=False),
    sa.Column('sound', columns.Json(), server_default='{}', nullable=False),
    sa.Column('files', columns.Json(), server_default='{}', nullable=False),
    sa.Column('sound_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('lesser', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('approved_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('approved_text', sa.Text(), server_default='', nullable=False),
    sa.Column('approved_sound', sa.Text(), server_default='', nullable=False),
    sa.Column('approved_document', sa.Text(), server_default='', nullable=False),
    sa.Column('accepts_residue', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('published_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('withdrawn_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Text(), server_default='', nullable=False),
    sa.Column('withdrawn_why', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('updated_at', columns.Moment(timezone=True), nullable=False),
    sa.CheckConstraint("priority in ('thuong','uu-tien','khan-cap')", name=op.f('ck_bulletins_priority')),
    sa.CheckConstraint("state in ('draft','waiting','approved','published','withdrawn')", name=op.f('ck_bulletins_state')),
    sa.ForeignKeyConstraint(['approved_by'], ['officials.id'], name=op.f('fk_bulletins_approved_by')),
    sa.ForeignKeyConstraint(['author_id'], ['officials.id'], name=op.f('fk_bulletins_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulletins')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_bulletins_state_air_on'), 'bulletins', ['state', 'air_on'], unique=False)
    op.create_index(op.f('ix_bulletins_unit_air_on'), 'bulletins', ['unit', 'air_on'], unique=False)
    op.create_table('airings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('bulletin_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), server_default='', nullable=False),
    sa.Column('air_on', sa.Text(), nullable=False),
    sa.Column('slot_at', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('aired_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('who', sa.Text(), server_default='', nullable=False),
    sa.Column('how', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("how in ('','web','bot','code','usb')", name=op.f('ck_airings_how')),
    sa.ForeignKeyConstraint(['bulletin_id'], ['bulletins.id'], name=op.f('fk_airings_bulletin_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_airings')),
    sa.UniqueConstraint('bulletin_id', 'zone', 'air_on', 'slot_at', name=op.f('uq_airings_bulletin_id_zone_air_on_slot_at')),
    sa.UniqueConstraint('code', name=op.f('uq_airings_code')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_airings_unit_air_on'), 'airings', ['unit', 'air_on'], unique=False)
