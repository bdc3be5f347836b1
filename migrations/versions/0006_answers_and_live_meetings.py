"""the way of a proposal between instances, actions and their evaluation, subscriptions by mail; live meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_ref", sa.String(length=64), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_until", sa.Integer(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.CheckConstraint("pace IN ('tout', 'semaine', 'mois')", name=op.f("ck_subscription_pace_known")),
        sa.CheckConstraint("subject IN ('proposal', 'body', 'quartier')", name=op.f("ck_subscription_subject_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "address", "subject", "subject_ref", name=op.f("uq_subscription_address_subject_subject_ref")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_subscription_token_hash")),
    )
    op.create_index("ix_subscription_asked_at", "subscription", ["asked_at"])
    op.create_index("ix_subscription_pace_next_on_id", "subscription", ["pace", "next_on", "id"])
    op.create_index("ix_subscription_subject_subject_ref", "subscription", ["subject", "subject_ref"])

    op.create_table(
        "relay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("from_body_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["from_body_id"], ["body.id"], name=op.f("fk_relay_from_body_id_body")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_relay_meeting_id_meeting"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
        sa.UniqueConstraint("ref", name=op.f("uq_relay_ref")),
    )
    op.create_index("ix_relay_from_body_id_on_date_id", "relay", ["from_body_id", "on_date", "id"])
    op.create_index("ix_relay_meeting_id", "relay", ["meeting_id"])

    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("residents", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("dropped_reason", sa.Text(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(dropped_on IS NULL AND dropped_reason IS NULL) "
            "OR (dropped_on IS NOT NULL AND dropped_reason IS NOT NULL AND LENGTH(TRIM(dropped_reason)) > 0)",
            name=op.f("ck_action_dropped_has_reason"),
        ),
        sa.CheckConstraint("done_on IS NULL OR dropped_on IS NULL", name=op.f("ck_action_done_or_dropped")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_action_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("ref", name=op.f("uq_action_ref")),
    )
    op.create_index("ix_action_done_on_due_on", "action", ["done_on", "due_on"])
    op.create_index("ix_action_proposal_id", "action", ["proposal_id"])

    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("face", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("moderation", sa.String(length=20), nullable=False),
        sa.Column("moderation_reason", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.CheckConstraint("face IN ('oui', 'un_peu', 'non')", name=op.f("ck_evaluation_face_known")),
        sa.CheckConstraint(
            "moderation IN ('en_attente', 'publie', 'rejete')", name=op.f("ck_evaluation_moderation_known")
        ),
        sa.CheckConstraint(
            "moderation <> 'rejete' OR (moderation_reason IS NOT NULL AND LENGTH(TRIM(moderation_reason)) > 0)",
            name=op.f("ck_evaluation_rejected_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_evaluation_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("proposal_id", "phone_hash", name=op.f("uq_evaluation_proposal_id_phone_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_evaluation_ref")),
    )
    op.create_index("ix_evaluation_moderation_id", "evaluation", ["moderation", "id"])

    op.create_table(
        "proposal_link",
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('scission', 'liee')", name=op.f("ck_proposal_link_kind_known")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_proposal_link_two_proposals")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["proposal.id"], name=op.f("fk_proposal_link_from_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["proposal.id"], name=op.f("fk_proposal_link_to_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("from_id", "to_id", name=op.f("pk_proposal_link")),
    )
    op.create_index("ix_proposal_link_to_id", "proposal_link", ["to_id"])

    op.create_table(
        "relay_copy",
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("discussed_on", sa.Date(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_relay_copy_body_id_body")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_relay_copy_meeting_id_meeting"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name=op.f("fk_relay_copy_relay_id_relay"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("relay_id", "body_id", name=op.f("pk_relay_copy")),
    )
    op.create_index("ix_relay_copy_body_id", "relay_copy", ["body_id"])
    op.create_index("ix_relay_copy_meeting_id", "relay_copy", ["meeting_id"])

    op.create_table(
        "to_decide",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_to_decide_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_to_decide_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "proposal_id", name=op.f("pk_to_decide")),
    )
    op.create_index("ix_to_decide_meeting_id_position", "to_decide", ["meeting_id", "position"])
    op.create_index("ix_to_decide_proposal_id", "to_decide", ["proposal_id"])

    op.create_table(
        "action_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name=op.f("fk_action_note_action_id_action"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_note")),
    )
    op.create_index("ix_action_note_action_id", "action_note", ["action_id"])

    op.create_table(
        "transmission",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reported_meeting_id", sa.Integer(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_transmission_meeting_id_meeting"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reported_meeting_id"],
            ["meeting.id"],
            name=op.f("fk_transmission_reported_meeting_id_meeting"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["step.id"], name=op.f("fk_transmission_step_id_step"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_transmission")),
    )
    op.create_index("ix_transmission_meeting_id", "transmission", ["meeting_id"])
    op.create_index("ix_transmission_reported_meeting_id", "transmission", ["reported_meeting_id"])

    op.create_table(
        "action_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("stored_name", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["action_note.id"], name=op.f("fk_action_photo_note_id_action_note"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_photo")),
        sa.UniqueConstraint("ref", name=op.f("uq_action_photo_ref")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_action_photo_stored_name")),
    )
    op.create_index("ix_action_photo_note_id", "action_photo", ["note_id"])

    op.create_table(
        "recipient_commune",
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_id"], ["commune.id"], name=op.f("fk_recipient_commune_commune_id_commune")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipient.id"],
            name=op.f("fk_recipient_commune_recipient_id_recipient"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recipient_id", "commune_id", name=op.f("pk_recipient_commune")),
    )
    op.create_index("ix_recipient_commune_commune_id", "recipient_commune", ["commune_id"])
    op.add_column("step", sa.Column("told_addresses", sa.Integer(), nullable=True))

    op.add_column("proposal", sa.Column("sent_on", sa.Date(), nullable=True))
    last_sent = (
        "SELECT MAX(CASE kind WHEN 'transmise' THEN on_date END) FROM step "
        "WHERE step.proposal_id = proposal.id AND step.voided_on IS NULL"
    )
    op.execute(f"UPDATE proposal SET sent_on = ({last_sent}) WHERE state IN ('transmise', 'ajournee')")
    op.create_index("ix_proposal_sent_on_due_on", "proposal", ["sent_on", "due_on"])

    op.add_column("outbox_mail", sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox_mail", sa.Column("end_url", sa.String(length=500), nullable=True))

    op.create_table(
        "mail_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.CheckConstraint("why IN ('inconnu', 'refuse', 'perime')", name=op.f("ck_mail_report_why_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_report")),
    )
    op.create_index("ix_mail_report_at", "mail_report", ["at"])

    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint("ref", name=op.f("uq_agenda_item_ref")),
    )
    op.create_index("ix_agenda_item_meeting_id_position", "agenda_item", ["meeting_id", "position"])

    op.create_table(
        "live_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made", sa.String(length=64), nullable=True),
        sa.Column("undone_by", sa.String(length=36), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_live_event_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_event")),
    )
    op.create_index("ix_live_event_meeting_id_kind", "live_event", ["meeting_id", "kind"])

    op.create_table(
        "mask_choice",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("fragment_hash", sa.String(length=64), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.CheckConstraint("choice IN ('masquer', 'garder')", name=op.f("ck_mask_choice_choice_known")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_mask_choice_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "fragment_hash", name=op.f("pk_mask_choice")),
    )
    op.create_table(
        "meeting_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_key_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_meeting_key_token_hash")),
    )
    op.create_index("ix_meeting_key_expires_at", "meeting_key", ["expires_at"])
    op.create_index("ix_meeting_key_meeting_id", "meeting_key", ["meeting_id"])

    op.create_table(
        "meeting_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("stored_name", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_photo_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_photo")),
        sa.UniqueConstraint("event_id", name=op.f("uq_meeting_photo_event_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_meeting_photo_ref")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_meeting_photo_stored_name")),
    )
    op.create_index("ix_meeting_photo_meeting_id", "meeting_photo", ["meeting_id"])

    op.create_table(
        "publication_check",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "point IN ('presents', 'avis', 'noms', 'decisions', 'groupe')",
            name=op.f("ck_publication_check_point_known"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_publication_check_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "point", name=op.f("pk_publication_check")),
    )
    op.create_table(
        "cadence_reminder",
        sa.Column("cadence_key", sa.String(length=400), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cadence_key", "year", name=op.f("pk_cadence_reminder")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("restitution_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_campaign_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("ref", name=op.f("uq_campaign_ref")),
    )
    op.create_index("ix_campaign_body_id", "campaign", ["body_id"])
    op.create_index("ix_campaign_starts_on_id", "campaign", ["starts_on", "id"])

    op.create_table(
        "presence",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("substitutes", sa.Integer(), nullable=False),
        sa.Column("brought", sa.Text(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("told_meeting_id", sa.Integer(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.CheckConstraint("present >= 0 AND substitutes >= 0", name=op.f("ck_presence_not_negative")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_presence_body_id_body")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_presence_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["told_meeting_id"], ["meeting.id"], name=op.f("fk_presence_told_meeting_id_meeting"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "body_id", name=op.f("pk_presence")),
    )
    op.create_index("ix_presence_body_id", "presence", ["body_id"])
    op.create_index("ix_presence_told_meeting_id", "presence", ["told_meeting_id"])

    op.create_table(
        "campaign_meeting",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_meeting_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_campaign_meeting_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "meeting_id", name=op.f("pk_campaign_meeting")),
    )
    op.create_index("ix_campaign_meeting_meeting_id", "campaign_meeting", ["meeting_id"])

    op.create_table(
        "campaign_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("quartier_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_question_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quartier_id"], ["quartier.id"], name=op.f("fk_campaign_question_quartier_id_quartier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_question")),
        sa.UniqueConstraint("campaign_id", "position", name=op.f("uq_campaign_question_campaign_id_position")),
    )
    op.create_index("ix_campaign_question_quartier_id", "campaign_question", ["quartier_id"])

    op.create_table(
        "elected",
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandate.id"], name=op.f("fk_elected_mandate_id_mandate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_elected_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mandate_id", name=op.f("pk_elected")),
    )
    op.create_index("ix_elected_meeting_id", "elected", ["meeting_id"])

    op.create_table(
        "show_of_hands",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("hands", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_show_of_hands_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_show_of_hands_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "proposal_id", name=op.f("pk_show_of_hands")),
    )
    op.create_index("ix_show_of_hands_proposal_id", "show_of_hands", ["proposal_id"])

    op.create_table(
        "substitute",
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandate.id"], name=op.f("fk_substitute_mandate_id_mandate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mandate_id", name=op.f("pk_substitute")),
    )
    op.create_table(
        "opinion_translation",
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("translated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_opinion_translation_opinion_id_opinion"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("opinion_id", "language", name=op.f("pk_opinion_translation")),
    )
    op.create_table(
        "recorded_opinion",
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("agenda_item_id", sa.Integer(), nullable=True),
        sa.Column("card", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"],
            ["agenda_item.id"],
            name=op.f("fk_recorded_opinion_agenda_item_id_agenda_item"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_recorded_opinion_opinion_id_opinion"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("opinion_id", name=op.f("pk_recorded_opinion")),
        sa.UniqueConstraint("event_id", name=op.f("uq_recorded_opinion_event_id")),
    )
    op.create_index("ix_recorded_opinion_agenda_item_id", "recorded_opinion", ["agenda_item_id"])

    op.add_column("decision", sa.Column("answer_from", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("decision", "answer_from")
    op.drop_table("recorded_opinion")
    op.drop_table("opinion_translation")
    op.drop_table("substitute")
    op.drop_table("show_of_hands")
    op.drop_table("elected")
    op.drop_table("cadence_reminder")
    op.drop_table("campaign_question")
    op.drop_table("campaign_meeting")
    op.drop_table("presence")
    op.drop_table("campaign")
    op.drop_table("publication_check")
    op.drop_table("meeting_photo")
    op.drop_table("meeting_key")
    op.drop_table("mask_choice")
    op.drop_table("live_event")
    op.drop_table("agenda_item")
    op.drop_index("ix_proposal_sent_on_due_on", table_name="proposal")
    op.drop_column("proposal", "sent_on")
    op.drop_table("mail_report")
    op.drop_column("outbox_mail", "end_url")
    op.drop_column("outbox_mail", "handed_at")
    op.drop_column("step", "told_addresses")
    op.drop_table("recipient_commune")
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
