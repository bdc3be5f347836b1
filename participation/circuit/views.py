"""What the way between instances adds to the pages of proposals, meetings and instances."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from markupsafe import Markup

from participation import clock
from participation.bodies.models import Body
from participation.circuit import queries, relay_queries
from participation.extensions import db
from participation.fragments import provide, provide_each
from participation.meetings.models import Meeting
from participation.permissions import may
from participation.proposals.models import Circuit, Step


def fragment(template: str, **values: Any) -> Markup:
    """Return a part of a page, made by a template of this feature."""
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


# Beside each step of a proposal


def _of_steps(steps: Sequence[Step]) -> dict[int, Markup]:
    known = queries.transmissions_of(db.session(), steps)
    return {number: fragment("circuit/_of_step.html", row=row) for number, row in known.items()}


def _of_steps_for_team(steps: Sequence[Step]) -> dict[int, Markup]:
    sent = [step for step in steps if step.kind == "transmise" and step.voided_on is None]
    if not sent or not may("proposal.step", Circuit(sent[0].proposal)):
        return {}
    known = queries.transmissions_of(db.session(), sent)
    return {step.id: fragment("circuit/_of_step_for_team.html", step=step, row=known.get(step.id)) for step in sent}


# On a meeting's page


def _of_meeting(meeting: Meeting) -> Markup | None:
    session = db.session()
    shown = {
        "carried": queries.list_carried_to(session, meeting),
        "reported": queries.list_reported_at(session, meeting),
        "relayed": relay_queries.list_born_at(session, meeting),
        "spoken_of": relay_queries.list_spoken_of_at(session, meeting),
    }
    return fragment("circuit/_of_meeting.html", **shown) if any(shown.values()) else None


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee" or not may("relay.edit", meeting):
        return None
    waiting = relay_queries.list_waiting(db.session(), meeting.bodies)
    return fragment("circuit/_of_meeting_for_team.html", meeting=meeting, waiting=waiting)


# On an instance's page


def _of_body(body: Body) -> Markup | None:
    session = db.session()
    shown = {
        "received": queries.list_received(session, body),
        "sent": queries.list_sent(session, body),
        "relayed_to": relay_queries.list_to(session, body),
        "relayed_from": relay_queries.list_from(session, body),
    }
    return fragment("circuit/_of_body.html", body=body, **shown) if any(shown.values()) else None


def _of_body_for_team(body: Body) -> Markup | None:
    if not may("proposal.step", body):
        return None
    shown = {
        "unreported": queries.list_unreported(db.session(), body, clock.today()),
        "waiting": relay_queries.list_waiting(db.session(), [body]),
    }
    return fragment("circuit/_of_body_for_team.html", body=body, **shown)


provide_each("steps.public", _of_steps)
provide_each("steps.team", _of_steps)
provide_each("steps.team", _of_steps_for_team)
provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
provide("body.public", _of_body)
provide("body.team", _of_body_for_team)
