"""closed assessments, which never change."""

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
        sa.Column("xlsx_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_assessment")),
        sa.UniqueConstraint(
            "period",
            "scope_kind",
            "scope_slug",
            "version",
            name=op.f("uq_closed_assessment_period_scope_kind_scope_slug_version"),
        ),
    )
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
    op.drop_table("closed_assessment")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION closed_assessment_never_changes()")
