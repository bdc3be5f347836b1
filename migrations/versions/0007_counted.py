"""how far each proposal came and when it was first answered, for the yearly assessment; the indexes that it counts by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STANDING = "FROM step WHERE step.proposal_id = proposal.id AND step.voided_on IS NULL"
DECISIONS = f"{STANDING} AND kind IN ('retenue', 'retenue_en_partie', 'non_retenue')"
FIRST_DECISION = f"(SELECT MIN(on_date) {DECISIONS})"
LAST_DECISION = f"(SELECT CASE kind WHEN 'non_retenue' THEN 4 ELSE 5 END {DECISIONS} ORDER BY position DESC LIMIT 1)"
SENT = f"(SELECT MAX(CASE kind WHEN 'transmise' THEN 1 ELSE 0 END) {STANDING})"

WAS = {
    "ix_opinion_counted": (
        "opinion", "received_on", "moderation", "meeting_id", "body_id", "quartier_id", "proposal_id",
    ),
    "ix_opinion_meeting_id": ("opinion", "meeting_id"),
    "ix_opinion_quartier_id_received_on": ("opinion", "quartier_id", "received_on"),
    "ix_proposal_body_id_received_on": ("proposal", "body_id", "received_on"),
    "ix_step_dated": (
        "step", "kind", "on_date", "proposal_id", "position", "voided_on", "superseded_on", "told_on", "due_on",
    ),
    "ix_step_history": ("step", "proposal_id", "position", "kind", "on_date", "superseded_on", "voided_on"),
}  # fmt: skip
"""The indexes that change, as they were: table and columns."""
IS = {
    "ix_opinion_counted": ("opinion", "received_on", "moderation", "proposal_id"),
    "ix_opinion_counted_at": (
        "opinion", "meeting_id", "received_on", "moderation", "proposal_id", "body_id", "quartier_id",
    ),
    "ix_opinion_quartier_id_received_on": ("opinion", "quartier_id", "received_on", "moderation", "proposal_id"),
    "ix_proposal_counted": ("proposal", "received_on", "state_on", "state", "road", "id"),
    "ix_proposal_answered": ("proposal", "answered_on", "received_on", "id"),
    "ix_proposal_body_id_received_on": ("proposal", "body_id", "received_on", "state_on", "state", "road"),
    "ix_proposal_body_id_answered_on": ("proposal", "body_id", "answered_on", "received_on"),
    "ix_step_dated": ("step", "kind", "on_date", "voided_on", "told_on", "proposal_id", "position"),
    "ix_step_standing": (
        "step", "kind", "superseded_on", "on_date", "voided_on", "due_on", "proposal_id", "to_body_id",
        "to_recipient_id",
    ),
    "ix_step_history": (
        "step", "proposal_id", "position", "kind", "on_date", "superseded_on", "voided_on", "to_body_id",
        "to_recipient_id",
    ),
}  # fmt: skip
"""The same and new ones, as they are."""


def upgrade() -> None:
    """Go forward."""
    op.add_column("proposal", sa.Column("answered_on", sa.Date(), nullable=True))
    op.add_column("proposal", sa.Column("road", sa.Integer(), server_default="0", nullable=False))
    op.execute(f"UPDATE proposal SET answered_on = {FIRST_DECISION}, road = COALESCE({LAST_DECISION}, {SENT}, 0)")
    _replace(WAS, IS)
    op.create_table(
        "closed_figures",
        sa.Column("closed_id", sa.Integer(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_id"], ["closed_assessment.id"], name=op.f("fk_closed_figures_closed_id_closed_assessment")
        ),
        sa.PrimaryKeyConstraint("closed_id", "everybody", name=op.f("pk_closed_figures")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("closed_figures")
    _replace(IS, WAS)
    op.drop_column("proposal", "road")
    op.drop_column("proposal", "answered_on")


def _replace(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> None:
    for name, (table, *_columns) in old.items():
        op.drop_index(name, table_name=table)
    for name, (table, *columns) in new.items():
        op.create_index(name, table, columns)
