"""Emptying the tables, as far as the database lets anybody: what never changes stays, steps go while they are held."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.database import Base
from participation.proposals.models import HeldPath, Proposal

KEPT = ("journal", "closed_assessment", "closed_figures")


def empty(session: Session) -> None:
    """Remove every row that can be removed; the caller commits."""
    session.execute(sa.insert(HeldPath).from_select(["proposal_id"], sa.select(Proposal.id)))
    for table in reversed(Base.metadata.sorted_tables):
        if not table.name.startswith(KEPT) and table is not HeldPath.__table__:
            session.execute(sa.delete(table))
    session.execute(sa.delete(HeldPath))
