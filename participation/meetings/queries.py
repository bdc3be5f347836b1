"""What can be asked about meetings. Every list has an order; none loads a row per row."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, defer, selectinload

from participation.bodies.models import Body, body_commune, body_quartier
from participation.contract.models import Commune, Contract, Quartier
from participation.errors import NotFound
from participation.meetings.models import (
    Decision,
    Meeting,
    MeetingInstitution,
    MinutesVersion,
    meeting_body,
    meeting_quartier,
)
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting, Scope
from participation.refs import REF_PATTERN

CALENDAR_LIMIT = 2000
"""Most meetings that agenda.ics gives: about ten times what the contract's cadences ask for in a year."""
SUGGESTED_INSTITUTIONS = 60


@dataclass(frozen=True)
class Filters:
    """What a reader asks of a list; None is no filter. Slugs that nobody bears give an empty list."""

    body: str | None = None
    quartier: str | None = None
    commune: str | None = None
    type: str | None = None
    year: str | None = None
    status: str | None = None


# One meeting


def find_meeting(session: Session, ref: str) -> Meeting | None:
    """Return the meeting with all that its pages show and its rights need."""
    if not REF_PATTERN.fullmatch(ref):
        return None
    return session.scalar(sa.select(Meeting).where(Meeting.ref == ref).options(*_whole()))


def get_meeting(session: Session, ref: str) -> Meeting:
    """Return the meeting. Raises NotFound."""
    meeting = find_meeting(session, ref)
    if meeting is None:
        raise NotFound(_("Cette rencontre n'existe pas. Cherchez-la dans la liste des rencontres."))
    return meeting


def get_decision(session: Session, meeting_ref: str, ref: str) -> Decision:
    """Return a decision of that meeting. Raises NotFound."""
    query = (
        sa.select(Decision)
        .join(Decision.meeting)
        .where(Meeting.ref == meeting_ref, Decision.ref == ref)
        .options(selectinload(Decision.meeting).options(*_whole()))
    )
    readable = REF_PATTERN.fullmatch(meeting_ref) and REF_PATTERN.fullmatch(ref)
    decision = session.scalar(query) if readable else None
    if decision is None:
        raise NotFound(_("Cette décision n'existe pas. Cherchez-la sur la page de la rencontre."))
    return decision


def get_minutes_version(meeting: Meeting, number: int) -> MinutesVersion:
    """Return a text of the minutes that was published. Raises NotFound."""
    for version in meeting.minutes_versions:
        if version.number == number:
            return version
    raise NotFound(_("Cette version du compte rendu n'existe pas."))


def _whole() -> tuple[Any, ...]:
    return (
        selectinload(Meeting.bodies).options(selectinload(Body.communes), selectinload(Body.quartiers)),
        selectinload(Meeting.quartiers),
        selectinload(Meeting.institutions),
        selectinload(Meeting.decisions),
        selectinload(Meeting.minutes_versions),
    )


# Lists


def list_for_team(session: Session, account: Acting, filters: Filters, arguments: Mapping[str, str]) -> Page[Meeting]:
    """Return one page of the meetings that the account may edit, the latest first."""
    query = _filtered(filters).options(*_card(), selectinload(Meeting.decisions))
    if account.role not in TEAM:
        query = query.where(in_places(account.scopes))
    return page_by_date(session, query, Meeting.held_on, Meeting.id, arguments)


def list_upcoming(
    session: Session, filters: Filters, arguments: Mapping[str, str], today: dt.date, size: int
) -> Page[Meeting]:
    """Return one page of the meetings from today on, planned or cancelled, the next one first."""
    query = _filtered(filters).where(Meeting.status.in_(("prevue", "annulee")), Meeting.held_on >= today)
    return page_by_date(session, _light(query), Meeting.held_on, Meeting.id, arguments, newest_first=False, size=size)


def list_past(
    session: Session, filters: Filters, arguments: Mapping[str, str], today: dt.date, size: int
) -> Page[Meeting]:
    """Return one page of the meetings that took place, or whose day has passed without a word; the latest first."""
    passed = sa.and_(Meeting.status == "prevue", Meeting.held_on < today)
    query = _filtered(filters).where(sa.or_(Meeting.status == "tenue", passed))
    return page_by_date(session, _light(query), Meeting.held_on, Meeting.id, arguments, size=size)


def list_for_calendar(session: Session, filters: Filters, since: dt.date) -> list[Meeting]:
    """Return the meetings from `since` on, the latest first; cancelled ones too, for a calendar must learn of it."""
    query = _light(_filtered(filters)).where(Meeting.held_on >= since)
    return list(session.scalars(query.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(CALENDAR_LIMIT)))


def _card() -> tuple[Any, ...]:
    return selectinload(Meeting.bodies), selectinload(Meeting.quartiers)


def _light(query: "sa.Select[Meeting]") -> "sa.Select[Meeting]":
    """Leave the minutes out: a list does not show them, and a draft is nobody's business."""
    return query.options(*_card(), defer(Meeting.minutes, raiseload=True))


def _filtered(filters: Filters) -> "sa.Select[Meeting]":
    query = sa.select(Meeting)
    if filters.status:
        query = query.where(Meeting.status == filters.status)
    if filters.type:
        query = query.where(Meeting.type == filters.type)
    if filters.body:
        query = query.where(Meeting.id.in_(_of_bodies(Body.slug == filters.body)))
    if filters.commune:
        query = query.where(Meeting.id.in_(_of_communes([filters.commune])))
    if filters.quartier:
        query = query.where(Meeting.id.in_(_of_quartier(filters.quartier)))
    if filters.year:
        query = query.where(_in_year(filters.year))
    return query


def _in_year(text: str) -> sa.ColumnElement[bool]:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text)):
        return sa.false()
    return Meeting.held_on.between(dt.date(int(text), 1, 1), dt.date(int(text), 12, 31))


# Places


def in_places(scopes: Iterable[Scope]) -> sa.ColumnElement[bool]:
    """Return the condition that one of the scopes is one of the meeting's `places()` (models.py)."""
    slugs: dict[str, list[str]] = {"instance": [], "commune": [], "quartier": []}
    for scope in scopes:
        slugs[scope.kind].append(scope.slug)
    return Meeting.id.in_(
        sa.union(
            _of_bodies(Body.slug.in_(slugs["instance"])),
            _of_communes(slugs["commune"]),
            _naming_quartiers(slugs["quartier"]),
            _of_bodies_in_quartiers(slugs["quartier"]),
        )
    )


def _of_bodies(condition: sa.ColumnElement[bool]) -> "sa.Select[int]":
    return (
        sa.select(meeting_body.c.meeting_id)
        .join_from(Body, meeting_body, meeting_body.c.body_id == Body.id)
        .where(condition)
    )


def _of_communes(slugs: list[str]) -> "sa.Select[int]":
    return (
        sa.select(meeting_body.c.meeting_id)
        .join_from(Commune, body_commune, body_commune.c.commune_id == Commune.id)
        .join(meeting_body, meeting_body.c.body_id == body_commune.c.body_id)
        .where(Commune.slug.in_(slugs))
    )


def _naming_quartiers(slugs: list[str]) -> "sa.Select[int]":
    return (
        sa.select(meeting_quartier.c.meeting_id)
        .join_from(Quartier, meeting_quartier, meeting_quartier.c.quartier_id == Quartier.id)
        .where(Quartier.slug.in_(slugs))
    )


def _of_bodies_in_quartiers(slugs: list[str]) -> "sa.Select[int]":
    return (
        sa.select(meeting_body.c.meeting_id)
        .join_from(Quartier, body_quartier, body_quartier.c.quartier_id == Quartier.id)
        .join(meeting_body, meeting_body.c.body_id == body_quartier.c.body_id)
        .where(Quartier.slug.in_(slugs))
    )


def _of_quartier(slug: str) -> "sa.CompoundSelect[int]":
    """Return the meetings of a quartier: that name it, or name none and whose bodies have it (indicators.md)."""
    names_one = sa.exists().where(meeting_quartier.c.meeting_id == meeting_body.c.meeting_id)
    return sa.union(_naming_quartiers([slug]), _of_bodies_in_quartiers([slug]).where(~names_one))


# What forms and filters offer


def find_contract(session: Session) -> Contract | None:
    """Return the contract, None where none is loaded yet."""
    return session.get(Contract, 1)


def list_bodies(session: Session) -> list[Body]:
    """Return every body with its communes and quartiers, by name."""
    query = sa.select(Body).order_by(Body.name, Body.id)
    return list(session.scalars(query.options(selectinload(Body.communes), selectinload(Body.quartiers))))


def list_quartiers(session: Session) -> list[Quartier]:
    """Return every quartier with its communes, in the contract's order."""
    query = sa.select(Quartier).order_by(Quartier.position, Quartier.id).options(selectinload(Quartier.communes))
    return list(session.scalars(query))


def list_communes(session: Session) -> list[Commune]:
    """Return every commune, in the contract's order."""
    return list(session.scalars(sa.select(Commune).order_by(Commune.position, Commune.id)))


def list_years(session: Session) -> list[int]:
    """Return the years from the first meeting's to the last one's, the latest first."""
    first = sa.select(sa.func.min(Meeting.held_on)).scalar_subquery()
    last = sa.select(sa.func.max(Meeting.held_on)).scalar_subquery()
    ends = session.execute(sa.select(first, last)).one()
    return list(range(ends[1].year, ends[0].year - 1, -1)) if ends[0] else []


def list_institution_names(session: Session) -> list[str]:
    """Return names to tick: those of the contract in its order, then those used before, the most frequent first."""
    contract = find_contract(session)
    named = [str(name) for name in contract.institutions] if contract else []
    query = (
        sa.select(MeetingInstitution.name)
        .group_by(MeetingInstitution.name)
        .order_by(sa.func.count().desc(), MeetingInstitution.name)
        .limit(SUGGESTED_INSTITUTIONS)
    )
    return [*named, *(name for name in session.scalars(query) if name not in named)]
