"""What can be asked about proposals that belong together. Every list has an order; none loads row per row."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.circuit.link_rules import SPLIT
from participation.circuit.models import ProposalLink
from participation.opinions.models import REJECTED, Opinion
from participation.proposals.models import Proposal


@dataclass(frozen=True)
class Linked:
    """A proposal seen from another one. `how`: "origine" (this one was split off it), "partie" (it was split off this
    one) or "liee".
    """

    proposal: Proposal
    how: str


def list_linked(session: Session, proposal: Proposal) -> list[Linked]:
    """Return the proposals linked to one: where it comes from, its parts, then the others, the oldest first."""
    query = (
        sa.select(ProposalLink)
        .where(sa.or_(ProposalLink.from_id == proposal.id, ProposalLink.to_id == proposal.id))
        .options(selectinload(ProposalLink.proposal), selectinload(ProposalLink.origin))
    )
    found = [_seen_from(row, proposal) for row in session.scalars(query)]
    order = ("origine", "partie", "liee")
    return sorted(found, key=lambda one: (order.index(one.how), one.proposal.received_on, one.proposal.id))


def _seen_from(row: ProposalLink, proposal: Proposal) -> Linked:
    ours = row.from_id == proposal.id
    other = row.origin if ours else row.proposal
    if row.kind != SPLIT:
        return Linked(other, "liee")
    return Linked(other, "origine" if ours else "partie")


def count_voices(session: Session, proposals: list[Proposal]) -> dict[int, int]:
    """Return how many opinions count for each of these proposals, by its identifier; those without any left out."""
    query = (
        sa.select(Opinion.proposal_id, sa.func.count())
        .where(Opinion.proposal_id.in_([one.id for one in proposals]), Opinion.moderation != REJECTED)
        .group_by(Opinion.proposal_id)
    )
    return {number: voices for number, voices in session.execute(query) if number is not None}
