"""Which objectives of the contract got proposals in a period and place, and which got none (contract l.882).

A proposal serves an objective if it names it. The proposals are those of PC4.received: received in the period and not
after R, merged ones aside. Only operational objectives are counted: a strategic one is reached through those below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.assessment.frame import Frame
from participation.assessment.scoping import Condition, all_of, proposal_belongs
from participation.assessment.sql import AS_OF, END, FIRST, by_code_point
from participation.contract.models import Ambition, Objective
from participation.errors import NotFound
from participation.proposals.models import Proposal, Step, proposal_objective
from participation.proposals.offers import list_objectives

OPERATIONAL = "operational"


@dataclass(frozen=True)
class Covered:
    """How many operational objectives got a proposal, of how many."""

    number: int
    of: int


@dataclass(frozen=True)
class Branch:
    """One ambition: its operational objectives with a proposal and the number of these, and those without one."""

    ambition: Ambition
    covered: Sequence[tuple[Objective, int]]
    others: Sequence[Objective]

    @property
    def of(self) -> int:
        """How many operational objectives the ambition has."""
        return len(self.covered) + len(self.others)


def count_covered(session: Session, frame: Frame) -> Covered:
    """Return how many operational objectives got a proposal of the period, in one query."""
    served = (
        sa.select(sa.literal(1))
        .select_from(proposal_objective)
        .join(Proposal, Proposal.id == proposal_objective.c.proposal_id)
        .where(proposal_objective.c.objective_id == Objective.id, _received(frame))
        .correlate(Objective)
        .exists()
    )
    query = sa.select(sa.func.count(sa.case((served, 1))), sa.func.count()).where(Objective.level == OPERATIONAL)
    number, of = session.execute(query, frame.parameters()).one()
    return Covered(number, of)


def list_branches(session: Session, frame: Frame) -> list[Branch]:
    """Return every ambition with its operational objectives, in the order of the text. Four queries."""
    numbers = _numbers(session, frame)
    by_ambition: dict[Ambition, list[Objective]] = {}
    for objective in list_objectives(session):
        if objective.level == OPERATIONAL:
            by_ambition.setdefault(objective.ambition, []).append(objective)
    return [
        Branch(
            ambition,
            [(one, numbers[one.id]) for one in objectives if one.id in numbers],
            [one for one in objectives if one.id not in numbers],
        )
        for ambition, objectives in by_ambition.items()
    ]


def _numbers(session: Session, frame: Frame) -> dict[int, int]:
    query = (
        sa.select(proposal_objective.c.objective_id, sa.func.count())
        .join(Proposal, Proposal.id == proposal_objective.c.proposal_id)
        .where(_received(frame))
        .group_by(proposal_objective.c.objective_id)
    )
    return {objective: number for objective, number in session.execute(query, frame.parameters())}  # noqa: C416


def get_objective(session: Session, code: str) -> Objective:
    """Return an operational objective. Raises NotFound."""
    found = session.scalar(sa.select(Objective).where(Objective.code == code, Objective.level == OPERATIONAL))
    if found is None:
        raise NotFound(_("Ce code n'est pas dans le contrat. Cherchez l'objectif dans la liste."))
    return found


def list_proposals(session: Session, frame: Frame, objective: Objective, *, after: str, limit: int) -> list[str]:
    """Return the references of the period's proposals that name the objective, by code point, after that reference."""
    ref = by_code_point(Proposal.ref)
    query = (
        sa.select(Proposal.ref)
        .join(proposal_objective, proposal_objective.c.proposal_id == Proposal.id)
        .where(proposal_objective.c.objective_id == objective.id, _received(frame), ref > after)
    )
    return list(session.scalars(query.order_by(ref).limit(limit), frame.parameters()))


def _received(frame: Frame) -> Condition:
    """The proposals of PC4.received (indicators.md). Merged ones stay merged: no step follows `regroupee`."""
    merged = (
        sa.select(sa.literal(1))
        .where(
            Step.proposal_id == Proposal.id,
            Step.kind == "regroupee",
            Step.voided_on.is_(None),
            Step.on_date <= AS_OF,
        )
        .correlate(Proposal)
        .exists()
    )
    return all_of(Proposal.received_on.between(FIRST, END), ~merged, proposal_belongs(frame.place.scope.kind))
