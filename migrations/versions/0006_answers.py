"""the way of a proposal between instances, actions and their evaluation, subscriptions by mail."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table('subscription',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('subject_ref', sa.String(length=64), nullable=False),
    sa.Column('pace', sa.String(length=10), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_until', sa.Integer(), nullable=False),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.CheckConstraint("pace IN ('tout', 'semaine', 'mois')", name=op.f('ck_subscription_pace_known')),
    sa.CheckConstraint("subject IN ('proposal', 'body', 'quartier')", name=op.f('ck_subscription_subject_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('address', 'subject', 'subject_ref', name=op.f('uq_subscription_address_subject_subject_ref')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_subscription_token_hash'))
    )
    op.create_index('ix_subscription_asked_at', 'subscription', ['asked_at'])
    op.create_index('ix_subscription_pace_next_on_id', 'subscription', ['pace', 'next_on', 'id'])
    op.create_index('ix_subscription_subject_subject_ref', 'subscription', ['subject', 'subject_ref'])

    op.create_table('relay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=64), nullable=False),
    sa.Column('from_body_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=True),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('carrier', sa.Text(), nullable=True),
    sa.Column('author', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['from_body_id'], ['body.id'], name=op.f('fk_relay_from_body_id_body')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_relay_meeting_id_meeting'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay')),
    sa.UniqueConstraint('ref', name=op.f('uq_relay_ref'))
    )
    op.create_index('ix_relay_from_body_id_on_date_id', 'relay', ['from_body_id', 'on_date', 'id'])
    op.create_index('ix_relay_meeting_id', 'relay', ['meeting_id'])

    op.create_table('action',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=64), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('residents', sa.Text(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('author', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_action_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action')),
    sa.UniqueConstraint('ref', name=op.f('uq_action_ref'))
    )
    op.create_index('ix_action_done_on_due_on', 'action', ['done_on', 'due_on'])
    op.create_index('ix_action_proposal_id', 'action', ['proposal_id'])

    op.create_table('evaluation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=64), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('phone_hash', sa.String(length=64), nullable=False),
    sa.Column('face', sa.String(length=10), nullable=False),
    sa.Column('words', sa.Text(), nullable=True),
    sa.Column('moderation', sa.String(length=20), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.CheckConstraint("face IN ('oui', 'un_peu', 'non')", name=op.f('ck_evaluation_face_known')),
    sa.CheckConstraint("moderation IN ('en_attente', 'publie', 'rejete')", name=op.f('ck_evaluation_moderation_known')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_evaluation_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluation')),
    sa.UniqueConstraint('proposal_id', 'phone_hash', name=op.f('uq_evaluation_proposal_id_phone_hash')),
    sa.UniqueConstraint('ref', name=op.f('uq_evaluation_ref'))
    )
    op.create_index('ix_evaluation_moderation_id', 'evaluation', ['moderation', 'id'])

    op.create_table('proposal_link',
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.CheckConstraint("kind IN ('scission', 'liee')", name=op.f('ck_proposal_link_kind_known')),
    sa.CheckConstraint('from_id <> to_id', name=op.f('ck_proposal_link_two_proposals')),
    sa.ForeignKeyConstraint(['from_id'], ['proposal.id'], name=op.f('fk_proposal_link_from_id_proposal'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['to_id'], ['proposal.id'], name=op.f('fk_proposal_link_to_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('from_id', 'to_id', name=op.f('pk_proposal_link'))
    )
    op.create_index('ix_proposal_link_to_id', 'proposal_link', ['to_id'])

    op.create_table('relay_copy',
    sa.Column('relay_id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=True),
    sa.Column('discussed_on', sa.Date(), nullable=True),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_relay_copy_body_id_body')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_relay_copy_meeting_id_meeting'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['relay_id'], ['relay.id'], name=op.f('fk_relay_copy_relay_id_relay'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('relay_id', 'body_id', name=op.f('pk_relay_copy'))
    )
    op.create_index('ix_relay_copy_body_id', 'relay_copy', ['body_id'])
    op.create_index('ix_relay_copy_meeting_id', 'relay_copy', ['meeting_id'])

    op.create_table('to_decide',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_to_decide_meeting_id_meeting'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_to_decide_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', 'proposal_id', name=op.f('pk_to_decide'))
    )
    op.create_index('ix_to_decide_meeting_id_position', 'to_decide', ['meeting_id', 'position'])
    op.create_index('ix_to_decide_proposal_id', 'to_decide', ['proposal_id'])

    op.create_table('action_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('action_id', sa.Integer(), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['action_id'], ['action.id'], name=op.f('fk_action_note_action_id_action'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_note'))
    )
    op.create_index('ix_action_note_action_id', 'action_note', ['action_id'])

    op.create_table('transmission',
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=True),
    sa.Column('meeting_id', sa.Integer(), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('reported_meeting_id', sa.Integer(), nullable=True),
    sa.Column('report', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_transmission_meeting_id_meeting'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['reported_meeting_id'], ['meeting.id'], name=op.f('fk_transmission_reported_meeting_id_meeting'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['step_id'], ['step.id'], name=op.f('fk_transmission_step_id_step'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('step_id', name=op.f('pk_transmission'))
    )
    op.create_index('ix_transmission_meeting_id', 'transmission', ['meeting_id'])
    op.create_index('ix_transmission_reported_meeting_id', 'transmission', ['reported_meeting_id'])

    op.create_table('action_photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=64), nullable=False),
    sa.Column('note_id', sa.Integer(), nullable=False),
    sa.Column('stored_name', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['note_id'], ['action_note.id'], name=op.f('fk_action_photo_note_id_action_note'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_photo')),
    sa.UniqueConstraint('ref', name=op.f('uq_action_photo_ref')),
    sa.UniqueConstraint('stored_name', name=op.f('uq_action_photo_stored_name'))
    )
    op.create_index('ix_action_photo_note_id', 'action_photo', ['note_id'])

    op.add_column('outbox_mail', sa.Column('handed_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("outbox_mail", "handed_at")
    op.drop_table("action_photo")
    op.drop_table("transmission")
    op.drop_table("action_note")
    op.drop_table("to_decide")
    op.drop_table("relay_copy")
    op.drop_table("proposal_link")
    op.drop_table("evaluation")
    op.drop_table("action")
    op.drop_table("relay")
    op.drop_table("subscription")
