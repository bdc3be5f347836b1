"""The journal: what happened, when, by whom (as a function, never a name), and the sentence to show.

Append-only: the database itself refuses to change or remove a line (migrations). It holds no words of residents and
no personal data, so nothing in it ever needs erasing.
"""

import datetime as dt
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import REF_LENGTH, now
from participation.extensions import Model

PROGRAM = "programme"
"""`actor` of what no person did: an import on the command line, a migration."""


class Actor(Protocol):
    """Who acts: an account, seen as far as the journal needs."""

    id: Any
    function: Any


class JournalEntry(Model):
    """One line of the journal."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        sa.Index("ix_journal_entry_object_kind_object_ref_id", "object_kind", "object_ref", "id"),
        sa.Index("ix_journal_entry_account_id_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    account_id: Mapped[int | None]
    """No foreign key: the line outlives the account."""
    actor: Mapped[str] = mapped_column(sa.String(200))
    """The function of who acted."""
    action: Mapped[str] = mapped_column(sa.String(60))
    """`<object>.<verb>`, such as `meeting.cancelled`."""
    object_kind: Mapped[str] = mapped_column(sa.String(30))
    object_ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH))
    sentence: Mapped[str] = mapped_column(sa.Text)
    """French, as shown in a history."""
    details: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """What changed: {field: [before, after]}, without free text of residents."""


def record(
    session: Session,
    action: str,
    object_ref: str,
    sentence: str,
    *,
    by: Actor | None,
    details: dict[str, Any] | None = None,
) -> JournalEntry:
    """Add a line to the journal, in the transaction of the change itself.

    `action` is `<object>.<verb>`; `object_ref` the ref or slug; `by` the acting account, None for the program.
    """
    entry = JournalEntry(
        at=now(),
        account_id=by.id if by else None,
        actor=str(by.function) if by else PROGRAM,
        action=action,
        object_kind=action.partition(".")[0],
        object_ref=object_ref,
        sentence=sentence,
        details=details,
    )
    session.add(entry)
    return entry


def list_entries(session: Session, object_kind: str, object_ref: str) -> list[JournalEntry]:
    """Return the journal of one object, oldest first."""
    query = (
        sa.select(JournalEntry)
        .where(JournalEntry.object_kind == object_kind, JournalEntry.object_ref == object_ref)
        .order_by(JournalEntry.id)
    )
    return list(session.scalars(query))
