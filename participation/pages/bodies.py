"""What an instance's page shows of the features above it: its meetings and its proposals."""

from flask import render_template
from markupsafe import Markup

from participation.addresses import beside
from participation.bodies.models import Body
from participation.clock import today
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import MEETING_TYPES
from participation.meetings.queries import Filters as MeetingFilters
from participation.meetings.queries import list_past, list_upcoming
from participation.paging import Page
from participation.proposals.cards import cards
from participation.proposals.models import Proposal
from participation.proposals.queries import Filters, list_for_everybody

MEETINGS = 5
"""Meetings shown, to come and past; the whole list is a link away."""


def _meetings_and_proposals(body: Body) -> Markup:
    session, day = db.session(), today()
    asked = MeetingFilters(body=body.slug)
    # The first page only: the address's cursor would be taken for the meetings' as well.
    page: Page[Proposal] = list_for_everybody(session, Filters(body=body.slug), {}, day)
    text = render_template(
        "pages/_of_body.html",
        body=body,
        upcoming=list_upcoming(session, asked, {}, day, MEETINGS),
        past=list_past(session, asked, {}, day, MEETINGS),
        type_names=MEETING_TYPES,
        cards=cards(session, page.items, day),
        beside=beside(Page([], {}, {})),
        more=bool(page.next),
    )
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("body.public", _meetings_and_proposals)
