"""Who owes an answer: the proposals of PC4.overdue, by the body or recipient that they were last sent to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from participation.assessment.frame import Frame
from participation.assessment.proposal_relations import waiting
from participation.assessment.records import Record, list_records
from participation.assessment.sql import AS_OF
from participation.bodies.models import Body
from participation.contract.models import Recipient
from participation.proposals.models import Proposal, Step

MOST_OWING, FIRST_PAGE_OWING, MOST_EACH = 50, 3, 10
"""Who is named on the indicator's own page and on the first one, and the answers listed of each."""


@dataclass(frozen=True)
class Owed:
    """Answers owed by one. `name`: without what stands in brackets, None where no transmission says to whom; `since`:
    the oldest transmission.
    """

    name: str | None
    number: int
    since: dt.date | None
    proposals: Sequence[Record]


def list_owed(session: Session, frame: Frame, most: int = MOST_OWING) -> list[Owed]:
    """Return who owes answers, the oldest first, at most `most`. Four queries at most, whatever the rows."""
    late = _late(frame.place.scope.kind)
    owing = session.execute(_owing(late).limit(most), frame.parameters()).all()
    if not owing:
        return []
    listed = session.execute(_listed(late), frame.parameters()).all()
    records = list_records(session, "proposal", [ref for ref, *_to in listed])
    sent = [(to, record) for (_ref, *to), record in zip(listed, records, strict=True)]
    return [
        Owed(
            name and name.partition(" (")[0], number, since, [record for to, record in sent if to == [body, recipient]]
        )
        for body, recipient, name, number, since in owing
    ]


def _late(kind: str) -> Any:
    """Proposals of PC4.overdue with the last transmission that stood at R: to whom, and when."""
    relation = waiting(kind)
    step, later = aliased(Step), aliased(Step)
    last = (
        sa.select(sa.func.max(later.position))
        .where(
            later.proposal_id == relation.c.id,
            later.kind == "transmise",
            later.voided_on.is_(None),
            later.on_date <= AS_OF,
        )
        .correlate(relation.facts)
        .scalar_subquery()
    )
    return (
        sa.select(
            Proposal.ref.label("ref"),
            step.to_body_id.label("body"),
            step.to_recipient_id.label("recipient"),
            step.on_date.label("since"),
        )
        .select_from(relation.source)
        .outerjoin(step, sa.and_(step.proposal_id == relation.c.id, step.position == last))
        .where(relation.c.late)
        .subquery("owed")
    )


def _owing(late: Any) -> Any:
    oldest = sa.func.min(late.c.since).label("oldest")
    grouped = (
        sa.select(late.c.body, late.c.recipient, sa.func.count().label("number"), oldest)
        .group_by(late.c.body, late.c.recipient)
        .subquery("owing")
    )
    return (
        sa.select(
            grouped.c.body,
            grouped.c.recipient,
            sa.func.coalesce(Body.name, Recipient.name),
            grouped.c.number,
            grouped.c.oldest,
        )
        .select_from(grouped)
        .outerjoin(Body, Body.id == grouped.c.body)
        .outerjoin(Recipient, Recipient.id == grouped.c.recipient)
        .order_by(grouped.c.oldest.is_(None), grouped.c.oldest, grouped.c.body, grouped.c.recipient)
    )


def _listed(late: Any) -> Any:
    place = sa.func.row_number().over(partition_by=(late.c.body, late.c.recipient), order_by=(late.c.since, late.c.ref))
    ranked = sa.select(late, place.label("place")).subquery("ranked")
    return (
        sa.select(ranked.c.ref, ranked.c.body, ranked.c.recipient)
        .where(ranked.c.place <= MOST_EACH)
        .order_by(ranked.c.since, ranked.c.ref)
    )
