"""closed assessments, which never change, and what is written and signed about them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "closed_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=9), nullable=False),
        sa.Column("scope_kind", sa.String(length=20), nullable=False),
        sa.Column("scope_slug", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rules", sa.String(length=20), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=200), nullable=False),
        sa.Column("public_canonical", sa.Text(), nullable=True),
        sa.Column("xlsx_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_assessment")),
        sa.UniqueConstraint(
            "period",
            "scope_kind",
            "scope_slug",
            "version",
            name=op.f("uq_closed_assessment_period_scope_kind_scope_slug_version"),
        ),
    )
    op.create_table(
        "assessment_meeting",
        sa.Column("period", sa.String(length=9), nullable=False),
        sa.Column("scope_kind", sa.String(length=20), nullable=False),
        sa.Column("scope_slug", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_assessment_meeting_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("period", "scope_kind", "scope_slug", name=op.f("pk_assessment_meeting")),
    )
    op.create_index("ix_assessment_meeting_meeting_id", "assessment_meeting", ["meeting_id"])
    op.create_table(
        "assessment_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=9), nullable=False),
        sa.Column("scope_kind", sa.String(length=20), nullable=False),
        sa.Column("scope_slug", sa.String(length=64), nullable=False),
        sa.Column("block", sa.String(length=10), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('commentaire', 'remarque', 'reserve', 'habitants')", name=op.f("ck_assessment_note_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_assessment_note_account_id_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_note")),
    )
    op.create_index("ix_assessment_note_account_id", "assessment_note", ["account_id"])
    op.create_index("ix_assessment_note_of", "assessment_note", ["period", "scope_kind", "scope_slug", "id"])
    op.create_table(
        "signature_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closed_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("function", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_id"], ["closed_assessment.id"], name=op.f("fk_signature_link_closed_id_closed_assessment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_signature_link_token_hash")),
    )
    op.create_index("ix_signature_link_closed_id", "signature_link", ["closed_id"])
    op.create_table(
        "signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closed_id", sa.Integer(), nullable=False),
        sa.Column("function", sa.String(length=200), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("scan_name", sa.String(length=100), nullable=True),
        sa.Column("scan_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint("choice = 'valide' OR words IS NOT NULL", name=op.f("ck_signature_reserve_in_words")),
        sa.CheckConstraint("choice IN ('valide', 'reserve', 'correction')", name=op.f("ck_signature_choice_known")),
        sa.CheckConstraint("account_id IS NULL OR link_id IS NULL", name=op.f("ck_signature_one_way")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_signature_account_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["closed_id"], ["closed_assessment.id"], name=op.f("fk_signature_closed_id_closed_assessment")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["signature_link.id"], name=op.f("fk_signature_link_id_signature_link")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("closed_id", "account_id", name=op.f("uq_signature_closed_id_account_id")),
        sa.UniqueConstraint("link_id", name=op.f("uq_signature_link_id")),
    )
    op.create_index("ix_signature_closed_id", "signature", ["closed_id"])
    _never_change()


def _never_change() -> None:
    """Let the database itself refuse to change or remove a closed assessment."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER closed_assessment_no_{verb.lower()} BEFORE {verb} ON closed_assessment "
                "BEGIN SELECT RAISE(ABORT, 'a closed assessment never changes'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION closed_assessment_never_changes() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a closed assessment never changes'; END $$"
    )
    op.execute(
        "CREATE TRIGGER closed_assessment_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON closed_assessment "
        "FOR EACH STATEMENT EXECUTE FUNCTION closed_assessment_never_changes()"
    )


def downgrade() -> None:
    """Go back."""
    for table in ("signature", "signature_link", "assessment_note", "assessment_meeting", "closed_assessment"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION closed_assessment_never_changes()")
