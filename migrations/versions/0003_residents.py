"""what residents need: codes, drafts, recordings and photos, supports, reports, words of proposals."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "draft",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_saved_at", "draft", ["saved_at"])

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_ref", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('retire', 'garde')", name=op.f("ck_report_outcome_known")),
        sa.CheckConstraint("reason IN ('nom', 'insulte', 'faux', 'autre')", name=op.f("ck_report_reason_known")),
        sa.CheckConstraint(
            "subject IN ('opinion', 'proposal', 'minutes', 'answer')", name=op.f("ck_report_subject_known")
        ),
        sa.CheckConstraint("(looked_at IS NULL) = (outcome IS NULL)", name=op.f("ck_report_looked_at_with_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("ref", name=op.f("uq_report_ref")),
    )
    op.create_index("ix_report_looked_at_reported_at_id", "report", ["looked_at", "reported_at", "id"])
    op.create_index("ix_report_subject_ref", "report", ["subject_ref"])

    op.create_table(
        "asked_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("quartier_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("(meeting_id IS NULL) <> (quartier_id IS NULL)", name=op.f("ck_asked_question_one_place")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_asked_question_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quartier_id"], ["quartier.id"], name=op.f("fk_asked_question_quartier_id_quartier"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_question")),
        sa.UniqueConstraint("meeting_id", "position", name=op.f("uq_asked_question_meeting_id_position")),
        sa.UniqueConstraint("quartier_id", "position", name=op.f("uq_asked_question_quartier_id_position")),
    )
    op.create_table(
        "meeting_code",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("digits", sa.String(length=4), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_meeting_code_closes_after")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_code_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meeting_code")),
        sa.UniqueConstraint("digits", name=op.f("uq_meeting_code_digits")),
    )
    op.create_index("ix_meeting_code_closes_at", "meeting_code", ["closes_at"])

    op.create_table(
        "proposal_word",
        sa.Column(
            "word",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_word_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "proposal_id", name=op.f("pk_proposal_word")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_proposal_word_proposal_id_word", "proposal_word", ["proposal_id", "word"])

    op.create_table(
        "support",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_support_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", "phone_hash", name=op.f("pk_support")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_state", sa.String(length=30), nullable=True),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_contact_opinion_id_opinion"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_contact_opinion_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_contact_token_hash")),
    )
    op.create_index("ix_contact_asked_at", "contact", ["asked_at"])

    op.create_table(
        "follow_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_follow_code_meeting_id_meeting"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_follow_code_opinion_id_opinion"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_follow_code_code_hash")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_follow_code_opinion_id")),
    )
    op.create_index("ix_follow_code_last_seen_on", "follow_code", ["last_seen_on"])
    op.create_index("ix_follow_code_meeting_id", "follow_code", ["meeting_id"])

    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("stored_name", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('audio', 'photo')", name=op.f("ck_media_kind_known")),
        sa.CheckConstraint(
            "published_at IS NULL OR (kind = 'photo' AND description IS NOT NULL)", name=op.f("ck_media_public_photo")
        ),
        sa.CheckConstraint("published_at IS NULL OR kept_at IS NULL", name=op.f("ck_media_public_or_kept")),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_media_opinion_id_opinion"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("ref", name=op.f("uq_media_ref")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_media_stored_name")),
    )
    op.create_index("ix_media_kind_erased_at_created_at", "media", ["kind", "erased_at", "created_at"])
    op.create_index("ix_media_opinion_id", "media", ["opinion_id"])

    op.add_column("meeting", sa.Column("answer_due_on", sa.Date(), nullable=True))
    op.add_column("opinion", sa.Column("from_flood", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("opinion", sa.Column("reserve_asked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("opinion", sa.Column("withdrawal_asked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("opinion", "withdrawal_asked_at")
    op.drop_column("opinion", "reserve_asked")
    op.drop_column("opinion", "from_flood")
    op.drop_column("meeting", "answer_due_on")
    op.drop_table("media")
    op.drop_table("follow_code")
    op.drop_table("contact")
    op.drop_table("support")
    op.drop_table("proposal_word")
    op.drop_table("meeting_code")
    op.drop_table("asked_question")
    op.drop_table("report")
    op.drop_table("draft")
