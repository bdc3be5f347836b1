"""What is near to what somebody is writing: three proposals with their buttons of support, suggested and no more."""

from dataclasses import dataclass
from typing import Any

from participation.addresses import here
from participation.extensions import db
from participation.following.models import Draft
from participation.proposals import phones, supports
from participation.proposals.models import Proposal
from participation.proposals.similar import LONGEST_COMPARED, similar
from participation.proposals.supports import Standing
from participation.proposals.views import tapped

ASKED = "proches"
"""Name in a draft: its author asked what is near."""


@dataclass(frozen=True)
class NearOnes:
    """What is near to a draft, with the supports of each, and where their buttons lead back."""

    found: list[tuple[Proposal, Standing]]
    here: str
    tapped: dict[str, Any]


def near_ones(draft: Draft | None) -> NearOnes | None:
    """Return what is near to a draft, three at most; None where its author has not asked."""
    if draft is None or not draft.fields.get(ASKED):
        return None
    found = [one.proposal for one in similar(db.session(), draft.fields.get("texte", "")[:LONGEST_COMPARED])]
    standings = supports.standings(db.session(), found, phones.leave_number() if found else None)
    return NearOnes([(proposal, standings[proposal.id]) for proposal in found], here(), tapped())
