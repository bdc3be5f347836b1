"""chain the lines of the journal by their hashes."""

import datetime as dt
import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CONTENT = ("account_id", "actor", "action", "object_kind", "object_ref", "sentence", "details")


def upgrade() -> None:
    """Go forward: lines that were there before get their place in the chain."""
    _let_change()
    op.add_column("journal_entry", sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    _stamp_all()
    _refuse_change()


def downgrade() -> None:
    """Go back."""
    _let_change()
    op.drop_column("journal_entry", "hash")
    _refuse_change()


def _stamp_all() -> None:
    journal = sa.table(
        "journal_entry",
        sa.column("id", sa.Integer),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("hash", sa.String),
        sa.column("details", sa.JSON),
        *(sa.column(name) for name in CONTENT if name != "details"),
    )
    connection, previous = op.get_bind(), "0" * 64
    for row in connection.execute(sa.select(journal).order_by(journal.c.id)).mappings().all():
        at = row["at"].replace(tzinfo=dt.UTC) if row["at"].tzinfo is None else row["at"].astimezone(dt.UTC)
        content = [previous, at.isoformat(), *(row[name] for name in CONTENT)]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(sa.update(journal).where(journal.c.id == row["id"]).values(hash=previous))


def _let_change() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER journal_entry_no_{verb}")
    else:
        op.execute("DROP TRIGGER journal_entry_append_only ON journal_entry")


def _refuse_change() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_entry_no_{verb.lower()} BEFORE {verb} ON journal_entry "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
        )
