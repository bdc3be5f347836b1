"""What can be asked about opinions. Every list has an order; none loads a row per row."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body, Question, body_commune, body_quartier
from participation.contract.models import Commune, Quartier, Theme, quartier_commune
from participation.errors import NotFound
from participation.meetings.models import Meeting, meeting_body, meeting_quartier
from participation.meetings.queries import in_places as meeting_in_places
from participation.opinions.models import PUBLIC_MODERATION, REJECTED, TAKEN_BACK, Opinion
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting, Scope


@dataclass(frozen=True)
class Filters:
    """What a reader asks of a list; None is no filter. Slugs that nobody bears give an empty list."""

    body: str | None = None
    quartier: str | None = None
    theme: str | None = None
    meeting: str | None = None
    moderation: str | None = None
    from_flood: bool = False
    """Only those that came among very many."""


def list_for_team(session: Session, account: Acting, filters: Filters, arguments: Mapping[str, str]) -> Page[Opinion]:
    """Return one page of the opinions that the account may read: the queue oldest first, other lists latest first."""
    query = filtered(filters).options(*_card())
    if account.role not in TEAM:
        query = query.where(in_places(account.scopes))
    newest_first = filters.moderation != "en_attente"
    return page_by_date(session, query, Opinion.received_on, Opinion.id, arguments, newest_first=newest_first)


def list_flood(session: Session, account: Acting, filters: Filters, up_to: int | None, most: int) -> list[Opinion]:
    """Return the opinions that came among very many and wait to be read, the first first; `up_to`: the last `id`."""
    query = filtered(replace(filters, moderation="en_attente", from_flood=True)).options(*whole())
    if account.role not in TEAM:
        query = query.where(in_places(account.scopes))
    if up_to is not None:
        query = query.where(Opinion.id <= sa.literal(up_to, sa.BigInteger))
    return list(session.scalars(query.order_by(Opinion.id).limit(most)))


def list_published(session: Session, filters: Filters, arguments: Mapping[str, str]) -> Page[Opinion]:
    """Return one page of the published opinions, the latest first."""
    query = filtered(filters).where(Opinion.is_public).options(*_card())
    return page_by_date(session, query, Opinion.received_on, Opinion.id, arguments)


def find_opinion(session: Session, ref: str) -> Opinion | None:
    """Return the opinion with all that its page shows and its rights need."""
    return session.scalar(sa.select(Opinion).where(Opinion.ref == ref).options(*whole()))


def get_opinion(session: Session, ref: str) -> Opinion:
    """Return the opinion. Raises NotFound."""
    opinion = find_opinion(session, ref)
    if opinion is None:
        raise NotFound(_("Cet avis n'existe pas. Cherchez-le dans la liste des avis."))
    return opinion


def list_by_refs(session: Session, refs: Sequence[str]) -> list[Opinion]:
    """Return the opinions of these refs that exist, the oldest first, with what their rights and masking need."""
    read = (selectinload(Opinion.translations), selectinload(Opinion.meeting).selectinload(Meeting.institutions))
    query = sa.select(Opinion).where(Opinion.ref.in_(refs)).options(*whole(), *read)
    return list(session.scalars(query.order_by(Opinion.received_on, Opinion.id)))


def count_waiting(session: Session, account: Acting) -> int:
    """Return how many opinions wait to be read by this account."""
    query = sa.select(sa.func.count()).select_from(Opinion).where(Opinion.moderation == "en_attente")
    if account.role not in TEAM:
        query = query.where(in_places(account.scopes))
    return session.scalar(query) or 0


def count_by_moderation(session: Session, condition: sa.ColumnElement[bool]) -> dict[str, int]:
    """Return the number of opinions of each moderation that meet the condition, rejected ones left out.

    One that its author asked to have back is no longer among the published: the team keeps it until it is erased.
    """
    taken_back = sa.and_(Opinion.moderation == PUBLIC_MODERATION, ~Opinion.is_public)
    moderation = sa.case((taken_back, "reserve"), else_=Opinion.moderation).label("seen")
    query = sa.select(moderation, sa.func.count()).where(condition, Opinion.moderation != REJECTED).group_by("seen")
    return dict(session.execute(query).all())


def count_hidden(session: Session, year: int) -> int:
    """Return how many opinions received in a year the team decided not to publish; those taken back left out.

    Each has its reason, which its author reads; everybody reads how many they are.
    """
    received = Opinion.received_on.between(dt.date(year, 1, 1), dt.date(year, 12, 31))
    hidden = sa.and_(received, Opinion.moderation == REJECTED, Opinion.text != TAKEN_BACK)
    return session.scalar(sa.select(sa.func.count()).select_from(Opinion).where(hidden)) or 0


def list_questions(session: Session) -> list[Question]:
    """Return the ready-made questions, those of all bodies first, then by body and number."""
    query = sa.select(Question).order_by(Question.body_id.is_not(None), Question.body_id, Question.number)
    return list(session.scalars(query.options(selectinload(Question.body))))


def list_themes(session: Session) -> list[Theme]:
    """Return the themes in the contract's order."""
    return list(session.scalars(sa.select(Theme).order_by(Theme.position, Theme.id)))


def whole() -> tuple[Any, ...]:
    """Return the loading of all that an opinion's page shows and its rights need (`places()`)."""
    body = (selectinload(Body.communes), selectinload(Body.quartiers))
    return (
        selectinload(Opinion.meeting).options(
            selectinload(Meeting.bodies).options(*body), selectinload(Meeting.quartiers)
        ),
        selectinload(Opinion.body).options(*body),
        selectinload(Opinion.quartier).options(selectinload(Quartier.communes)),
        selectinload(Opinion.theme),
    )


def _card() -> tuple[Any, ...]:
    return (
        selectinload(Opinion.meeting).load_only(Meeting.id, Meeting.ref, Meeting.title, Meeting.held_on, Meeting.type),
        selectinload(Opinion.body),
        selectinload(Opinion.quartier),
        selectinload(Opinion.theme),
    )


# Conditions


def in_places(scopes: Iterable[Scope]) -> sa.ColumnElement[bool]:
    """Return the condition that one of the scopes is one of the opinion's `places()` (models.py)."""
    scopes = list(scopes)
    slugs = {kind: [s.slug for s in scopes if s.kind == kind] for kind in ("instance", "commune", "quartier")}
    quartiers = sa.select(Quartier.id).where(
        sa.or_(
            Quartier.slug.in_(slugs["quartier"]),
            Quartier.id.in_(
                sa.select(quartier_commune.c.quartier_id)
                .join(Commune, Commune.id == quartier_commune.c.commune_id)
                .where(Commune.slug.in_(slugs["commune"]))
            ),
        )
    )
    return sa.or_(
        Opinion.meeting_id.in_(sa.select(Meeting.id).where(meeting_in_places(scopes))),
        Opinion.body_id.in_(bodies_in_places(scopes)),
        Opinion.quartier_id.in_(quartiers),
    )


def bodies_in_places(scopes: Iterable[Scope]) -> "sa.Select[int]":
    """Return the identifiers of the bodies of which one of the scopes is one of the `places()`."""
    scopes = list(scopes)
    slugs = {kind: [s.slug for s in scopes if s.kind == kind] for kind in ("instance", "commune", "quartier")}
    return sa.select(Body.id).where(
        sa.or_(
            Body.slug.in_(slugs["instance"]),
            Body.id.in_(
                sa.select(body_commune.c.body_id)
                .join(Commune, Commune.id == body_commune.c.commune_id)
                .where(Commune.slug.in_(slugs["commune"]))
            ),
            Body.id.in_(bodies_of_quartiers(slugs["quartier"])),
        )
    )


def bodies_of_quartiers(slugs: Iterable[str]) -> "sa.Select[int]":
    """Return the identifiers of the bodies attached to one of these quartiers."""
    return (
        sa.select(body_quartier.c.body_id)
        .join(Quartier, Quartier.id == body_quartier.c.quartier_id)
        .where(Quartier.slug.in_(list(slugs)))
    )


def of_quartier(slug: str) -> sa.ColumnElement[bool]:
    """Return the condition that an opinion is of a quartier (indicators.md, What counts).

    Through its own; where it has none, with a meeting through that meeting's (those it names, else its bodies'),
    without one through its body's.
    """
    own = sa.select(Quartier.id).where(Quartier.slug == slug)
    named = (
        sa.select(meeting_quartier.c.meeting_id)
        .join(Quartier, Quartier.id == meeting_quartier.c.quartier_id)
        .where(Quartier.slug == slug)
    )
    of_bodies = sa.select(meeting_body.c.meeting_id).where(
        meeting_body.c.body_id.in_(bodies_of_quartiers([slug])),
        meeting_body.c.meeting_id.not_in(sa.select(meeting_quartier.c.meeting_id)),
    )
    elsewhere = sa.or_(
        Opinion.meeting_id.in_(named),
        Opinion.meeting_id.in_(of_bodies),
        sa.and_(Opinion.meeting_id.is_(None), Opinion.body_id.in_(bodies_of_quartiers([slug]))),
    )
    return sa.or_(Opinion.quartier_id.in_(own), sa.and_(Opinion.quartier_id.is_(None), elsewhere))


def of_body(slug: str) -> sa.ColumnElement[bool]:
    """Return the condition that an opinion is of a body: said at a meeting it organised, else its own instance."""
    body = sa.select(Body.id).where(Body.slug == slug)
    meetings = sa.select(meeting_body.c.meeting_id).where(meeting_body.c.body_id.in_(body))
    return sa.or_(Opinion.meeting_id.in_(meetings), sa.and_(Opinion.meeting_id.is_(None), Opinion.body_id.in_(body)))


def of_meeting(ref: str) -> sa.ColumnElement[bool]:
    """Return the condition that an opinion was given at a meeting."""
    return Opinion.meeting_id.in_(sa.select(Meeting.id).where(Meeting.ref == ref))


def filtered(filters: Filters) -> "sa.Select[Opinion]":
    """Return the opinions that the filters ask for."""
    query = sa.select(Opinion)
    if filters.moderation:
        query = query.where(Opinion.moderation == filters.moderation)
    if filters.from_flood:
        query = query.where(Opinion.from_flood)
    if filters.meeting:
        query = query.where(of_meeting(filters.meeting))
    if filters.body:
        query = query.where(of_body(filters.body))
    if filters.quartier:
        query = query.where(of_quartier(filters.quartier))
    if filters.theme:
        query = query.where(Opinion.theme_id.in_(sa.select(Theme.id).where(Theme.slug == filters.theme)))
    return query
