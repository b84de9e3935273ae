"""The first shape: conversations, cases, outbox, overlay, jobs, search."""

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), server_default='', nullable=False),
    sa.Column('detail', columns.Json(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_audit_at'), 'audit', ['at'], unique=False)
    op.create_table('case_seals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('heads_hash', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_seals')),
    sqlite_autoincrement=True
    )
    op.create_table('contacts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('unit', sa.Text(), server_default='', nullable=False),
    sa.Column('hamlet', sa.Text(), server_default='', nullable=False),
    sa.Column('facts', columns.Json(), server_default='{}', nullable=False),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts')),
    sqlite_autoincrement=True
    )
    op.create_table('content_versions',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', columns.Json(), nullable=False),
    sa.Column('base_hash', sa.Text(), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=False),
    sa.Column('published_at', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'id', 'unit', 'version', name=op.f('pk_content_versions'))
    )
    op.create_table('guesses',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guesses')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_guesses_who_at'), 'guesses', ['who', 'at'], unique=False)
    op.create_table('jobs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('args', columns.Json(), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('claimed_until', columns.Moment(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("state in ('waiting','running','failed')", name=op.f('ck_jobs_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
    sa.UniqueConstraint('key', name=op.f('uq_jobs_key')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_jobs_state_due_at'), 'jobs', ['state', 'due_at'], unique=False)
    op.create_table('leases',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('epoch', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('until', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases'))
    )
    op.create_table('media_handles',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('handle', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'account', 'kind', 'sha256', name=op.f('pk_media_handles'))
    )
    op.create_table('meta',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_meta'))
    )
    op.create_table('quarantine',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('chat', sa.Text(), server_default='', nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantine')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_quarantine_channel_account_chat'), 'quarantine', ['channel', 'account', 'chat'], unique=False)
    op.create_table('search_docs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), server_default='', nullable=False),
    sa.Column('hidden_from', sa.Text(), server_default='', nullable=False),
    sa.Column('exact', sa.Text(), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_docs')),
    sa.UniqueConstraint('kind', 'ref', name=op.f('uq_search_docs_kind_ref')),
    sqlite_autoincrement=True
    )
    op.create_table('seen',
    sa.Column('id', sa.LargeBinary(length=16), nullable=False),
    sa.Column('seen_at', columns.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seen'))
    )
    op.create_index(op.f('ix_seen_seen_at'), 'seen', ['seen_at'], unique=False)
    op.create_table('signatures',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('signed_on', sa.Text(), nullable=False),
    sa.Column('signed_by_role', sa.Text(), nullable=False),
    sa.Column('document', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('kind', 'id', 'unit', name=op.f('pk_signatures'))
    )
    op.create_table('conversations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('chat', sa.Text(), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('session', columns.Json(), server_default='{}', nullable=False),
    sa.Column('gone_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('active_at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_conversations_contact_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversations')),
    sa.UniqueConstraint('channel', 'account', 'chat', name=op.f('uq_conversations_channel_account_chat')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_conversations_active_at'), 'conversations', ['active_at'], unique=False)
    op.create_index(op.f('ix_conversations_contact_id'), 'conversations', ['contact_id'], unique=False)
    op.create_table('subscriptions',
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('hamlet', sa.Text(), server_default='', nullable=False),
    sa.Column('since', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_subscriptions_contact_id')),
    sa.PrimaryKeyConstraint('contact_id', 'topic', name=op.f('pk_subscriptions'))
    )
    op.create_index(op.f('ix_subscriptions_unit_topic'), 'subscriptions', ['unit', 'topic'], unique=False)
    op.create_table('consents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('given_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('withdrawn_at', columns.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_consents_contact_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_consents_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_consents_contact_id_purpose'), 'consents', ['contact_id', 'purpose'], unique=False)
    op.create_table('erasures',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('due_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('cancelled_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('told_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('done_at', columns.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_erasures_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_erasures_conversation_id'), 'erasures', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_erasures_due_at'), 'erasures', ['due_at'], unique=False)
    op.create_table('identities',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('body', columns.Json(), nullable=False),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_identities_contact_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_identities_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identities')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_identities_contact_id'), 'identities', ['contact_id'], unique=False)
    op.create_index(op.f('ix_identities_conversation_id'), 'identities', ['conversation_id'], unique=False)
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), server_default='bot', nullable=False),
    sa.Column('body', columns.Json(), nullable=False),
    sa.Column('is_reply', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('pieces', sa.Integer(), server_default='0', nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('repeats', sa.Integer(), server_default='0', nullable=False),
    sa.Column('epoch', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('due_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('created_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('sent_at', columns.Moment(timezone=True), nullable=True),
    sa.Column('message_id', sa.Text(), server_default='', nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("state in ('queued','sending','sent','failed','gone','unknown')", name=op.f('ck_outbox_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_outbox_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_outbox_conversation_id_id', 'outbox', ['conversation_id', 'id'], unique=False)
    op.create_index('ix_outbox_open', 'outbox', ['channel', 'account', 'due_at'], unique=False, sqlite_where=sa.text("state <> 'sent'"), postgresql_where=sa.text("state <> 'sent'"))
    op.create_index('ix_outbox_turn', 'outbox', ['conversation_id', 'id'], unique=False, sqlite_where=sa.text("state in ('queued','sending')"), postgresql_where=sa.text("state in ('queued','sending')"))
    op.create_table('unanswered',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('unit', sa.Text(), server_default='', nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.Column('offered', columns.Json(), nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_unanswered_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unanswered')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_unanswered_at'), 'unanswered', ['at'], unique=False)
    op.create_index(op.f('ix_unanswered_conversation_id'), 'unanswered', ['conversation_id'], unique=False)
    op.create_table('cases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('hamlet', sa.Text(), server_default='', nullable=False),
    sa.Column('topic', sa.Text(), server_default='', nullable=False),
    sa.Column('entry', sa.Text(), server_default='', nullable=False),
    sa.Column('join_key', sa.Text(), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('identity_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('about_role', sa.Text(), server_default='', nullable=False),
    sa.Column('about_hamlet', sa.Text(), server_default='', nullable=False),
    sa.Column('assigned_to', sa.Text(), server_default='', nullable=False),
    sa.Column('opened_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('updated_at', columns.Moment(timezone=True), nullable=False),
    sa.Column('head', sa.Text(), nullable=False),
    sa.Column('steps', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_cases_conversation_id')),
    sa.ForeignKeyConstraint(['identity_id'], ['identities.id'], name=op.f('fk_cases_identity_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('code', name=op.f('uq_cases_code')),
    sa.UniqueConstraint('join_key', name=op.f('uq_cases_join_key')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_cases_conversation_id'), 'cases', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_cases_unit_state_opened_at'), 'cases', ['unit', 'state', 'opened_at'], unique=False)
    op.create_table('case_askers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('pin_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('asked_at', columns.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_askers_case_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_case_askers_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_askers')),
    sa.UniqueConstraint('code', name=op.f('uq_case_askers_code')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_case_askers_case_id'), 'case_askers', ['case_id'], unique=False)
    op.create_index(op.f('ix_case_askers_conversation_id'), 'case_askers', ['conversation_id'], unique=False)
    op.create_table('case_attachments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('mime', sa.Text(), server_default='', nullable=False),
    sa.Column('size_bytes', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('added_at', columns.Moment(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('waiting','kept','refused','gone','erased')", name=op.f('ck_case_attachments_state')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_attachments_case_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_case_attachments_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_attachments')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_case_attachments_case_id'), 'case_attachments', ['case_id'], unique=False)
    op.create_index(op.f('ix_case_attachments_conversation_id'), 'case_attachments', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_case_attachments_sha256'), 'case_attachments', ['sha256'], unique=False)
    op.create_table('case_history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('at', columns.Moment(timezone=True), nullable=False),
    sa.Column('metadata', sa.Text(), nullable=False),
    sa.Column('salt', sa.Text(), nullable=True),
    sa.Column('payload', sa.Text(), nullable=True),
    sa.Column('payload_hash', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_history_case_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_case_history_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_history')),
    sa.UniqueConstraint('case_id', 'step', name=op.f('uq_case_history_case_id_step')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_case_history_conversation_id'), 'case_history', ['conversation_id'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("create virtual table search_fts using fts5(exact, folded, tokenize=\"unicode61 remove_diacritics 0\")")
    else:
        op.execute(
            "create index ix_search_docs_words on search_docs using gin (to_tsvector('simple', exact || ' ' || folded))"
        )
