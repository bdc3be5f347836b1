"""read the assessment from indexes alone: closed versions without their texts, meetings with their identifier.

On SQLite what stands after a long text in a row is read through that text: an index holds all the rest. PostgreSQL
has the identifier of a row in an index only where it is named.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_closed_assessment_without_texts", "closed_assessment"
COLUMNS = (
    *("period", "scope_kind", "scope_slug", "version", "as_of", "rules", "sha256", "closed_at", "closed_by"),
    *("xlsx_sha256", "pdf_sha256"),
)
COUNTED = (
    *("status", "held_on", "participants", "residents", "qpv_residents", "first_timers", "women", "men", "under_26"),
    *("over_60", "level", "type", "minutes_published_on"),
)


def upgrade() -> None:
    """Add the one index, and make the other anew."""
    op.create_index(NAME, TABLE, COLUMNS)
    op.drop_index("ix_meeting_counted", "meeting")
    op.create_index("ix_meeting_counted", "meeting", (*COUNTED, "id"))


def downgrade() -> None:
    """Take both back."""
    op.drop_index("ix_meeting_counted", "meeting")
    op.create_index("ix_meeting_counted", "meeting", COUNTED)
    op.drop_index(NAME, TABLE)
