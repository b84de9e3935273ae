"""The desk: officials and their sessions, the chained audit and its ledger, drafts of corrections."""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ledger',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.Column('heads', columns.Json(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger')),
    sqlite_autoincrement=True
    )
    op.create_table('officials',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('totp_secret', sa.Text(), nullable=True),
    sa.Column('totp_step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('invited','active','disabled')", name=op.f('ck_officials_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officials')),
    sa.UniqueConstraint('external_id', name=op.f('uq_officials_external_id')),
    sa.UniqueConstraint('login', name=op.f('uq_officials_login')),
    sqlite_autoincrement=True
    )
    op.create_table('sealed',
    sa.Column('chain', sa.Text(), nullable=False),
    sa.Column('step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('chain', name=op.f('pk_sealed'))
    )
    op.create_table('assignments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('hamlet', sa.Text(), server_default='', nullable=False),
    sa.Column('topics', columns.Json(), nullable=False),
    sa.Column('is_chair', sa.Boolean(), nullable=False),
    sa.Column('since', sa.Text(), nullable=False),
    sa.Column('until', sa.Text(), nullable=True),
    sa.Column('ended_at', columns.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_assignments_official_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignments')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_assignments_official_id'), 'assignments', ['official_id'], unique=False)

    op.create_table('content_drafts',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('body', columns.Json(), nullable=False),
    sa.Column('base_hash', sa.Text(), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('written_at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['officials.id'], name=op.f('fk_content_drafts_author_id')),
    sa.PrimaryKeyConstraint('kind', 'id', 'unit', name=op.f('pk_content_drafts'))
    )
    op.create_table('delegations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('topics', columns.Json(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('since', sa.Text(), nullable=False),
    sa.Column('until', sa.Text(), nullable=False),
    sa.Column('ended_at', columns.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_delegations_official_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegations')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_delegations_official_id'), 'delegations', ['official_id'], unique=False)

    op.create_table('official_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('expires_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('used_at', columns.Moment(timezone=True), nullable=True),
    sa.CheckConstraint("purpose in ('setup','invite','reset')", name=op.f('ck_official_links_purpose')),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_official_links_official_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_official_links_token_hash')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_official_links_official_id'), 'official_links', ['official_id'], unique=False)

    op.create_table('official_sessions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('is_full', sa.Boolean(), nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('agent', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('seen_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('expires_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('revoked_at', columns.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_official_sessions_official_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_official_sessions_token_hash')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_official_sessions_expires_at'), 'official_sessions', ['expires_at'], unique=False)
    op.create_index(op.f('ix_official_sessions_official_id'), 'official_sessions', ['official_id'], unique=False)

    op.create_table('recovery_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('used_at', columns.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_recovery_codes_official_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_recovery_codes_official_id'), 'recovery_codes', ['official_id'], unique=False)

    for column in (
    sa.Column('step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('before_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('after_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('hash', sa.Text(), server_default='', nullable=False),
    ):
        op.add_column('audit', column)
    _chain_lines_there_were()
    op.create_index(op.f('ix_audit_ref'), 'audit', ['ref'], unique=False)
    op.create_index('ix_audit_step', 'audit', ['step'], unique=True)

    for name in ('signed_by', 'text_hash'):
        op.add_column('signatures', sa.Column(name, sa.Text(), server_default='', nullable=False))

    # the ledger takes its place: it names each head, so that a line of it can be checked against the chain
    op.drop_table('case_seals')


def _chain_lines_there_were() -> None:
    """Lines written before there was a chain become its beginning, spelled as `bot.store.audit` spelled them then."""
    audit = sa.table('audit', *(sa.column(n) for n in ('id', 'who', 'what', 'ref', 'step', 'hash')),
                     sa.column('at', columns.Moment()), sa.column('detail', columns.Json()))
    meta = sa.table('meta', sa.column('name'), sa.column('value'))
    bind, step, head = op.get_bind(), 0, "0" * 64
    for row in bind.execute(sa.select(audit).order_by(audit.c.id)).all():
        step += 1
        told = {'step': step, 'who': row.who, 'what': row.what, 'ref': row.ref, 'detail': row.detail,
                'before_hash': '', 'after_hash': '', 'at': row.at.astimezone(UTC).isoformat()}
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(',', ':'))
        head = hashlib.sha256(f'{head}|{text}'.encode()).hexdigest()
        bind.execute(audit.update().where(audit.c.id == row.id).values(step=step, hash=head))
    if step:
        bind.execute(meta.insert().values(name='audit', value=f'{step}:{head}'))
