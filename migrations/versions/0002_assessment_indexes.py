"""indexes of the yearly assessment."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STEP_DATED = ["kind", "on_date", "proposal_id", "position", "voided_on", "superseded_on", "told_on", "due_on"]
STEP_HISTORY = ["proposal_id", "position", "kind", "on_date", "superseded_on", "voided_on"]
OPINION = ["received_on", "moderation", "meeting_id", "body_id", "quartier_id", "proposal_id"]
MEETING = [
    "status", "held_on", "participants", "residents", "qpv_residents", "first_timers", "women", "men", "under_26",
    "over_60", "level", "type", "minutes_published_on",
]


def upgrade() -> None:
    """Go forward."""
    op.drop_index("ix_step_kind_on_date_proposal_id", table_name="step")
    op.create_index("ix_step_dated", "step", STEP_DATED)
    op.create_index("ix_step_history", "step", STEP_HISTORY)
    op.create_index("ix_opinion_counted", "opinion", OPINION)
    op.create_index("ix_meeting_counted", "meeting", MEETING)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_meeting_counted", table_name="meeting")
    op.drop_index("ix_opinion_counted", table_name="opinion")
    op.drop_index("ix_step_history", table_name="step")
    op.drop_index("ix_step_dated", table_name="step")
    op.create_index("ix_step_kind_on_date_proposal_id", "step", ["kind", "on_date", "proposal_id"])
