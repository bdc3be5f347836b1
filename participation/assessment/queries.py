"""What the pages of the assessment show beside the figures: the contract's own figures, other places, other years."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation.assessment.frame import Frame
from participation.assessment.models import AssessmentMeeting
from participation.assessment.period import PERIODS, Period
from participation.assessment.scope import CONTRACT, Scope
from participation.assessment.scoping import meeting_belongs
from participation.bodies.models import Body, BodyKind, Representation, representation_body
from participation.contract.models import Baseline, Commune, Contract, Quartier
from participation.formatting import date_fr, french, number_fr
from participation.meetings.models import Meeting, meeting_body
from participation.permissions import Acting

CADENCES, ANSWER_DAYS, SEATS = "R1.cadence", "PC4.answer_days_median", "PC2.seats"


def list_baselines(session: Session, frame: Frame) -> dict[str, list[Baseline]]:
    """Return the figures that the contract prints, by indicator, oldest first: they are those of the whole contract."""
    if frame.place.scope != Scope():
        return {}
    found: dict[str, list[Baseline]] = {}
    query = sa.select(Baseline).where(Baseline.indicator.is_not(None)).order_by(Baseline.year, Baseline.position)
    for baseline in session.scalars(query):
        found.setdefault(str(baseline.indicator), []).append(baseline)
    return found


def list_context(session: Session, frame: Frame) -> list[Baseline]:
    """Return the contract's figures from before it that no indicator repeats (l.1445-1479): of the whole only."""
    if frame.place.scope != Scope():
        return []
    query = sa.select(Baseline).where(Baseline.indicator.is_(None)).order_by(Baseline.year, Baseline.position)
    return list(session.scalars(query))


def list_targets(session: Session, frame: Frame) -> dict[str, str]:
    """Return what is promised of a figure, in words, by indicator: the contract's cadences and seats, and the delay of
    answer once the élus have confirmed it. Nothing else has a target (indicators.md, Reading).
    """
    targets = {CADENCES: _("toutes, dit le contrat")}
    if frame.response_days_confirmed:
        targets[ANSWER_DAYS] = ngettext(
            "%(days)s jour au plus, délai fixé par les élus",
            "%(days)s jours au plus, délai fixé par les élus",
            frame.response_days,
            days=number_fr(frame.response_days),
        )
    seats = _promised_seats(session) if frame.place.scope == Scope() else []
    if seats:
        targets[SEATS] = _("%(seats)s, dit le contrat", seats=", ".join(f"{number} ({kind})" for kind, number in seats))
    return targets


def _promised_seats(session: Session) -> list[tuple[str, int]]:
    """Return the seats that the contract promises to bodies of residents, by the kind of body they are in (l.1711)."""
    query = (
        sa.select(BodyKind.name, sa.func.sum(Representation.seats))
        .join(Representation, Representation.to_kind == BodyKind.slug)
        .join(representation_body, representation_body.c.representation_id == Representation.id)
        .group_by(BodyKind.name)
        .order_by(BodyKind.name)
    )
    return [(french(name), int(number)) for name, number in session.execute(query)]


def find_portrait(session: Session, frame: Frame) -> dict[str, Any] | None:
    """Return who took part before, {year, text} as the contract words it: of the whole contract, None elsewhere."""
    contract = session.get(Contract, 1)
    return contract.announced.get("portrait") if contract and frame.place.scope == Scope() else None


def list_public_places(session: Session) -> list[tuple[Scope, str]]:
    """Return every commune, then every quartier, with its name."""
    communes = session.execute(sa.select(Commune.slug, Commune.name).order_by(Commune.position, Commune.slug))
    quartiers = session.execute(sa.select(Quartier.slug, Quartier.name).order_by(Quartier.position, Quartier.slug))
    return [
        *((Scope("commune", slug), name) for slug, name in communes),
        *((Scope("quartier", slug), name) for slug, name in quartiers),
    ]


def list_bodies(session: Session) -> list[tuple[Scope, str]]:
    """Return every instance with its name, by name."""
    bodies = session.execute(sa.select(Body.slug, Body.name).order_by(Body.name, Body.slug))
    return [(Scope("instance", slug), name) for slug, name in bodies]


def scopes_of(account: Acting) -> list[Scope]:
    """Return the account's own scopes."""
    return [Scope(scope.kind, scope.slug) for scope in account.scopes]


def list_periods(frame: Frame, today_year: int) -> list[Period]:
    """Return the years of the contract that have begun, latest first, and the periods that have."""
    starts, ends = frame.contract_years
    years = [Period(year, year) for year in range(min(ends, today_year), starts - 1, -1)]
    return years + [Period(first, last) for first, last in PERIODS.values() if starts <= first <= today_year]


def at(frame: Frame, day: dt.date) -> Frame:
    """Return the frame read at another date."""
    return replace(frame, as_of=day)


MOST_REVIEWS = 60
"""Meetings offered as the one where an assessment is presented."""


def list_reviews(session: Session, frame: Frame) -> list[tuple[str, str]]:
    """Return the meetings at which an assessment may be presented, as (ref, words): yearly reviews first, then those of
    governance bodies; those of the place before others, the latest first.

    From the period's first day to a year after its last (contract l.1717, 2191).
    """
    until = dt.date(frame.period.last_year + 1, 12, 31)
    here = meeting_belongs(Meeting.id, frame.place.scope.kind)
    query = (
        sa.select(Meeting.ref, Meeting.title, Meeting.held_on)
        .where(Meeting.held_on.between(frame.period.first, until), Meeting.status != "annulee")
        .order_by(
            *(sa.case((first, 0), else_=1) for first in (Meeting.type == "bilan_annuel", _of_governance())),
            *([] if here is None else [sa.case((here, 0), else_=1)]),
            Meeting.held_on.desc(),
            Meeting.id.desc(),
        )
        .limit(MOST_REVIEWS)
    )
    rows = session.execute(query, frame.parameters())
    return [(ref, f"{date_fr(day)} : {title}") for ref, title, day in rows]


def _of_governance() -> sa.ColumnElement[bool]:
    """Whether one of a meeting's organisers is a governance body."""
    organised = sa.select(meeting_body.c.meeting_id).join(Body, Body.id == meeting_body.c.body_id)
    return Meeting.id.in_(organised.where(Body.family == "gouvernance"))


@dataclass(frozen=True)
class Presented:
    """An assessment that is presented at a meeting."""

    period: str
    scope: Scope
    name: str

    @property
    def argument(self) -> dict[str, str]:
        """The argument that names its place in an address; none for the whole contract."""
        return {} if self.scope == Scope() else {"perimetre": str(self.scope)}

    def places(self) -> set[tuple[str, str]]:
        """Return the place itself (permissions.py): a narrower right than that reads none of it here."""
        return {(self.scope.kind, self.scope.slug)} if self.scope.slug else set()


def list_presented(session: Session, meeting: Meeting) -> list[Presented]:
    """Return the assessments presented at a meeting, the whole contract's first. Two queries at most."""
    rows = session.execute(
        sa.select(AssessmentMeeting.period, AssessmentMeeting.scope_kind, AssessmentMeeting.scope_slug)
        .where(AssessmentMeeting.meeting_id == meeting.id)
        .order_by(AssessmentMeeting.period, AssessmentMeeting.scope_kind != CONTRACT, AssessmentMeeting.scope_slug)
    ).all()
    names = _names(session) if rows else {}
    found = [(period, Scope(kind, slug or None)) for period, kind, slug in rows]
    return [Presented(period, scope, names[scope]) for period, scope in found if scope in names]


def _names(session: Session) -> dict[Scope, str]:
    """Return the name of every place, in one query."""
    parts = [
        sa.select(sa.literal(kind), model.slug, model.name)
        for kind, model in (("commune", Commune), ("quartier", Quartier), ("instance", Body))
    ]
    whole = sa.select(sa.literal(CONTRACT), sa.literal(""), Contract.name)
    return {Scope(kind, slug or None): name for kind, slug, name in session.execute(sa.union_all(whole, *parts))}
