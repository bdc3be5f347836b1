"""The journal: what happened, when, by whom (as a function, never a name), and the sentence to show.

Append-only: the database itself refuses to change or remove a line (migrations). It holds no words of residents and
no personal data, so nothing in it ever needs erasing.

Each line carries a hash over its own content and the hash of the line before: whoever changes, removes or slips in a
line behind the database's back breaks the chain from there on (security.md R19). `participation check` walks it.
Lines are written one transaction at a time, so that the chain has no fork.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
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
    hash: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 over the hash of the line before and this line's content."""


FIRST = "0" * 64
"""Stands before the first line."""
_LOCK = 0x706172746963
"""Advisory lock that lets one transaction at a time add lines on PostgreSQL; SQLite has one writer anyway."""
_CONTENT = ("account_id", "actor", "action", "object_kind", "object_ref", "sentence", "details")


class Chain:
    """The end of the chain, held until the transaction ends: lines are stamped in the order in which they are added."""

    def __init__(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        last = sa.select(JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1)
        self._last = connection.scalar(last) or FIRST

    def stamp(self, values: Mapping[str, Any]) -> str:
        """Return the hash of the next line, given by its columns."""
        self._last = digest(self._last, values)
        return self._last


def digest(previous: str, values: Mapping[Any, Any]) -> str:
    """Return the hash of a line that stands after the one of hash `previous`."""
    content = [values["at"].astimezone(dt.UTC).isoformat(), *(values.get(name) for name in _CONTENT)]
    text = json.dumps([previous, *content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@sa.event.listens_for(Session, "before_flush")
def _stamp(session: Session, _context: object, _instances: object) -> None:
    """Stamp the lines that are about to be written, in the order in which they will be."""
    lines = [one for one in session.new if isinstance(one, JournalEntry)]
    if lines:
        chain = Chain(session.connection())
        for line in sorted(lines, key=lambda one: sa.inspect(one).insert_order or 0):
            line.hash = chain.stamp({name: getattr(line, name) for name in ("at", *_CONTENT)})


def first_broken(session: Session) -> int | None:
    """Return the number of the first line that is not what was written, or does not follow the one before it.

    None where the whole chain holds. Reads every line, a thousand at a time.
    """
    previous = FIRST
    columns = (JournalEntry.id, JournalEntry.hash, JournalEntry.at, *(getattr(JournalEntry, name) for name in _CONTENT))
    query = sa.select(*columns).order_by(JournalEntry.id).execution_options(yield_per=1000)
    with session.execute(query) as rows:
        for row in rows.mappings():
            if row["hash"] != digest(previous, row):
                return int(row["id"])
            previous = row["hash"]
    return None


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
