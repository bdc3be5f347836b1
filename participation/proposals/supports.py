"""Supports (*soutiens*): one phone, one proposal, one support, taken back as easily. No vote, no count of people.

They are never added to hands raised nor to any figure of the assessment. Rules and queries without HTTP: the phone's
random number comes from its cookie (phones.py). The database keeps a keyed hash of the number and the proposal
together, so that not even the team could follow one phone from a proposal to the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.database import insert_into
from participation.errors import Refusal
from participation.keys import keyed_hash
from participation.people import rates
from participation.proposals.models import Proposal, Support

CLOSED = frozenset({"realisee", "abandonnee", "regroupee", "retiree"})
"""States at the end of the road: there is nothing left to support."""
MOST_FROM_AN_ADDRESS = 450
"""Taps in a quarter of an hour from one network address: 60 phones of a café make 7 each (security.md R09)."""


class TooMany(Refusal):
    """So many taps from one address that it is a script, or a crowd that can wait."""

    status = 429


@dataclass(frozen=True)
class Standing:
    """How a proposal stands: how many phones support it, whether this one does, whether it still may.

    `known`: the phone bears a number; without one its support cannot be counted.
    """

    count: int
    mine: bool
    open: bool
    known: bool


def is_open(proposal: Proposal) -> bool:
    """Whether the proposal can still be supported."""
    return proposal.state not in CLOSED


def give(session: Session, proposal: Proposal, phone: str, address: str) -> bool:
    """Count the phone's support; return whether it was not counted yet. The caller commits.

    `address` is the network address, kept as a keyed hash for a quarter of an hour. Raises Refusal for a proposal at
    the end of its road, and TooMany.
    """
    if not is_open(proposal):
        raise Refusal(_("Cette proposition est terminée. On ne peut plus la soutenir."))
    _meter(session, address)
    row = {"proposal_id": proposal.id, "phone_hash": hash_of(phone, proposal), "given_on": clock.today()}
    added = session.execute(insert_into(session, Support).values(row).on_conflict_do_nothing())
    return bool(added.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def take_back(session: Session, proposal: Proposal, phone: str, address: str) -> bool:
    """Take the phone's support back, of any proposal; return whether there was one. Raises TooMany."""
    _meter(session, address)
    mine = sa.and_(Support.proposal_id == proposal.id, Support.phone_hash == hash_of(phone, proposal))
    removed = session.execute(sa.delete(Support).where(mine))
    return bool(removed.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def standings(session: Session, proposals: Iterable[Proposal], phone: str | None) -> Mapping[int, Standing]:
    """Return how each proposal stands, by identifier, in one query."""
    proposals = list(proposals)
    hashes = [hash_of(phone, proposal) for proposal in proposals] if phone else []
    mine = sa.func.max(sa.case((Support.phone_hash.in_(hashes), 1), else_=0))
    query = (
        sa.select(Support.proposal_id, sa.func.count(), mine)
        .where(Support.proposal_id.in_([proposal.id for proposal in proposals]))
        .group_by(Support.proposal_id)
    )
    counted = {number: (count, bool(own)) for number, count, own in session.execute(query)}
    return {
        proposal.id: Standing(*counted.get(proposal.id, (0, False)), open=is_open(proposal), known=phone is not None)
        for proposal in proposals
    }


def hash_of(phone: str, proposal: Proposal) -> str:
    """Return the keyed hash by which the database knows this phone on this proposal, and on no other."""
    return keyed_hash(f"{phone}\0{proposal.ref}", "support")


def _meter(session: Session, address: str) -> None:
    if rates.tries(session, "support", address) >= MOST_FROM_AN_ADDRESS:
        raise TooMany(_("Il y a beaucoup de soutiens en même temps. Réessayez dans un quart d'heure."))
    rates.note(session, "support", address)
