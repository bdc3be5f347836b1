"""What can be asked about campaigns. Every list has an order; none loads a row per row."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, defer, selectinload

from participation.bodies.models import Body
from participation.errors import NotFound
from participation.meetings.models import Meeting
from participation.meetings.queries import in_places
from participation.opinions.models import REJECTED, Opinion
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting
from participation.planning.models import Campaign, CampaignQuestion, campaign_meeting
from participation.refs import REF_PATTERN

AROUND = dt.timedelta(days=31)
"""Meetings are offered from so long before a campaign begins, to so long after it ends."""
LONGEST = dt.timedelta(days=366)
"""A campaign without an end is offered the meetings of a year."""
MOST_OFFERED = 300


def get_campaign(session: Session, ref: str) -> Campaign:
    """Return the campaign with all that its pages show. Raises NotFound."""
    query = sa.select(Campaign).where(Campaign.ref == ref).options(*_whole())
    campaign = session.scalar(query) if REF_PATTERN.fullmatch(ref) else None
    if campaign is None:
        raise NotFound(_("Cette démarche n'existe pas. Cherchez-la dans la liste des démarches."))
    return campaign


def _places() -> tuple[Any, ...]:
    """Return what rights need of an instance."""
    return selectinload(Body.communes), selectinload(Body.quartiers)


def _whole() -> tuple[Any, ...]:
    meeting = (
        defer(Meeting.minutes, raiseload=True),
        selectinload(Meeting.bodies).options(*_places()),
        selectinload(Meeting.quartiers),
        selectinload(Meeting.questions),
    )
    return (
        selectinload(Campaign.body).options(*_places()),
        selectinload(Campaign.meetings).options(*meeting),
        selectinload(Campaign.questions).selectinload(CampaignQuestion.quartier),
    )


def list_campaigns(session: Session, arguments: Mapping[str, str]) -> Page[Campaign]:
    """Return one page of the campaigns, the latest first."""
    query = sa.select(Campaign).options(selectinload(Campaign.body).options(*_places()))
    return page_by_date(session, query, Campaign.starts_on, Campaign.id, arguments)


def list_of_body(session: Session, body: Body) -> list[Campaign]:
    """Return the campaigns that an instance runs, the latest first."""
    query = sa.select(Campaign).where(Campaign.body_id == body.id)
    return list(session.scalars(query.order_by(Campaign.starts_on.desc(), Campaign.id.desc())))


def list_of_meeting(session: Session, meeting: Meeting) -> list[Campaign]:
    """Return the campaigns to which a meeting belongs."""
    query = sa.select(Campaign).join(campaign_meeting).where(campaign_meeting.c.meeting_id == meeting.id)
    return list(session.scalars(query.order_by(Campaign.starts_on, Campaign.id)))


def list_offered(session: Session, campaign: Campaign, account: Acting) -> list[Meeting]:
    """Return the meetings that the account may put in a campaign: those of its time, of the account's places."""
    until = max(filter(None, (campaign.ends_on, campaign.restitution_on)), default=campaign.starts_on + LONGEST)
    query = (
        sa.select(Meeting)
        .where(Meeting.status != "annulee", Meeting.held_on.between(campaign.starts_on - AROUND, until + AROUND))
        .options(
            defer(Meeting.minutes, raiseload=True),
            selectinload(Meeting.bodies).selectinload(Body.quartiers),
            selectinload(Meeting.quartiers),
            selectinload(Meeting.questions),
        )
        .order_by(Meeting.held_on, Meeting.id)
        .limit(MOST_OFFERED)
    )
    if account.role not in TEAM:
        query = query.where(in_places(account.scopes))
    return list(session.scalars(query))


def count_said(session: Session, campaign: Campaign) -> dict[int, int]:
    """Return meeting -> opinions given at it; those that moderation rejected do not count (indicators.md)."""
    query = (
        sa.select(Opinion.meeting_id, sa.func.count())
        .join(campaign_meeting, campaign_meeting.c.meeting_id == Opinion.meeting_id)
        .where(campaign_meeting.c.campaign_id == campaign.id, Opinion.moderation != REJECTED)
        .group_by(Opinion.meeting_id)
    )
    return {meeting_id: number for meeting_id, number in session.execute(query) if meeting_id}


def get_plain_meeting(session: Session, ref: str) -> Meeting:
    """Return a meeting without what hangs on it: the room's screen asks every few seconds. Raises NotFound."""
    query = sa.select(Meeting).where(Meeting.ref == ref).options(defer(Meeting.minutes, raiseload=True))
    meeting = session.scalar(query) if REF_PATTERN.fullmatch(ref) else None
    if meeting is None:
        raise NotFound(_("Cette rencontre n'existe pas. Cherchez-la dans la liste des rencontres."))
    return meeting


def latest_published(session: Session, meeting: Meeting, most: int) -> tuple[list[Opinion], int]:
    """Return the latest published opinions of a meeting, the newest first, and how many are published."""
    public = sa.select(Opinion).where(Opinion.meeting_id == meeting.id, Opinion.is_public)
    latest = list(session.scalars(public.order_by(Opinion.id.desc()).limit(most)))
    return latest, session.scalar(sa.select(sa.func.count()).select_from(public.subquery())) or 0
