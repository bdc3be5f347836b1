"""What the pages of the contract and of its territory show: a constant number of queries, whatever the number of rows.

Merged and withdrawn proposals are left out: another stands for the first, their authors took the second back.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body, body_commune, body_quartier
from participation.contract.models import Ambition, Commune, Contract, Objective, Quartier
from participation.errors import NotFound
from participation.opinions.models import REJECTED, Opinion
from participation.proposals.models import STEP_KINDS, Proposal, Step, proposal_objective
from participation.proposals.queries import of_objective

GONE = ("regroupee", "retiree")
SHOWN = tuple(state for state in STEP_KINDS if state not in GONE)
QUOTES = 6
"""Opinions quoted on a page."""
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Tally:
    """How many proposals serve an objective, and how many of them are done."""

    proposals: int
    done: int


NOTHING = Tally(0, 0)


# The contract


def find_contract(session: Session) -> Contract | None:
    """Return the contract, None where none has been loaded."""
    return session.get(Contract, 1)


def list_ambitions(session: Session) -> list[Ambition]:
    """Return the ambitions with all their objectives, in the order of the text."""
    query = sa.select(Ambition).order_by(Ambition.position, Ambition.id)
    objectives = selectinload(Ambition.objectives)
    return list(session.scalars(query.options(objectives.selectinload(Objective.children))))


def count_objectives(session: Session) -> dict[str, int]:
    """Return how many objectives of each level the contract prints."""
    query = sa.select(Objective.level, sa.func.count()).group_by(Objective.level)
    return dict(session.execute(query).all())


def tallies(session: Session) -> dict[str, Tally]:
    """Return the tally of each code that any proposal serves: ambitions, strategic and operational objectives.

    A proposal that serves two objectives under one ambition counts once for the ambition.
    """
    parent = sa.orm.aliased(Objective)
    strategic = sa.func.coalesce(parent.code, Objective.code)
    by_ambition = sa.select(Ambition.code).join(Objective, Objective.ambition_id == Ambition.id)
    by_strategic = sa.select(strategic).outerjoin_from(Objective, parent, parent.id == Objective.parent_id)
    by_operational = sa.select(Objective.code).where(Objective.parent_id.is_not(None))
    return {
        **_tallies(session, by_ambition, Ambition.code),
        **_tallies(session, by_strategic, strategic),
        **_tallies(session, by_operational, Objective.code),
    }


def _tallies(session: Session, query: "sa.Select[Any]", code: Any) -> dict[str, Tally]:
    done = sa.case((Proposal.state == "realisee", Proposal.id))
    query = (
        query.add_columns(sa.func.count(Proposal.id.distinct()), sa.func.count(done.distinct()))
        .join(proposal_objective, proposal_objective.c.objective_id == Objective.id)
        .join(Proposal, Proposal.id == proposal_objective.c.proposal_id)
        .where(Proposal.state.not_in(GONE))
        .group_by(code)
    )
    return {found: Tally(proposals, finished) for found, proposals, finished in session.execute(query)}


def get_ambition_or_objective(session: Session, code: str) -> Ambition | Objective:
    """Return the ambition or objective of that code, with its parents and children. Raises NotFound."""
    query = sa.select(Objective).where(Objective.code == code)
    related = (selectinload(Objective.ambition), selectinload(Objective.parent), selectinload(Objective.children))
    found = session.scalar(query.options(*related)) or session.scalar(
        sa.select(Ambition).where(Ambition.code == code).options(selectinload(Ambition.objectives))
    )
    if found is None:
        raise NotFound(_("Ce code n'est pas dans le contrat. Cherchez l'objectif dans la liste."))
    return found


# Territory


def list_communes(session: Session) -> list[Commune]:
    """Return the communes and their quartiers, in the contract's order."""
    query = sa.select(Commune).order_by(Commune.position, Commune.id)
    return list(session.scalars(query.options(selectinload(Commune.quartiers).selectinload(Quartier.communes))))


def get_commune(session: Session, slug: str) -> Commune:
    """Return the commune with its quartiers. Raises NotFound."""
    query = sa.select(Commune).where(Commune.slug == slug)
    commune = session.scalar(query.options(selectinload(Commune.quartiers).selectinload(Quartier.communes)))
    if commune is None:
        raise NotFound(_("Cette commune n'est pas dans le contrat. Cherchez-la dans la liste des quartiers."))
    return commune


def list_bodies_of(session: Session, place: Commune | Quartier) -> list[Body]:
    """Return the bodies attached to a commune or a quartier, those of residents first, then by name."""
    link = body_commune if isinstance(place, Commune) else body_quartier
    column = link.c.commune_id if isinstance(place, Commune) else link.c.quartier_id
    query = sa.select(Body).where(Body.id.in_(sa.select(link.c.body_id).where(column == place.id)))
    order = (Body.family.desc(), Body.name, Body.id)  # "participation" comes after "gouvernance"
    return list(session.scalars(query.options(selectinload(Body.kind_row)).order_by(*order)))


# What was said


def list_quotes(session: Session, condition: Condition) -> list[Opinion]:
    """Return the latest published opinions that meet the condition."""
    query = sa.select(Opinion).where(Opinion.is_public, condition)
    return list(session.scalars(query.order_by(Opinion.received_on.desc(), Opinion.id.desc()).limit(QUOTES)))


def count_opinions(session: Session, condition: Condition) -> int:
    """Return how many opinions count (published or not) and meet the condition."""
    query = sa.select(sa.func.count()).select_from(Opinion).where(Opinion.moderation != REJECTED, condition)
    return session.scalar(query) or 0


def fed(code: str) -> Condition:
    """Return the condition that an opinion fed a proposal that serves the ambition or objective of this code.

    That of one that was merged counts with the proposal into which it was merged: no voice is lost.
    """
    served = sa.select(Proposal.id.label("id")).where(of_objective(code), Proposal.state.not_in(GONE))
    family = served.cte("family", recursive=True)
    merged = sa.select(Step.proposal_id).join(family, Step.to_proposal_id == family.c.id)
    family = family.union(merged.where(Step.kind == "regroupee", Step.voided_on.is_(None)))
    return Opinion.proposal_id.in_(sa.select(family.c.id))
