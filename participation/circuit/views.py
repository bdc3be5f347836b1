"""What the way between instances adds to the pages of proposals, meetings and instances."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from markupsafe import Markup

from participation import clock
from participation.bodies.models import Body
from participation.circuit import queries
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
    carried = queries.list_carried_to(db.session(), meeting)
    reported = queries.list_reported_at(db.session(), meeting)
    if not carried and not reported:
        return None
    return fragment("circuit/_of_meeting.html", carried=carried, reported=reported)


# On an instance's page


def _of_body(body: Body) -> Markup | None:
    received, sent = queries.list_received(db.session(), body), queries.list_sent(db.session(), body)
    if not received and not sent:
        return None
    return fragment("circuit/_of_body.html", received=received, sent=sent)


def _of_body_for_team(body: Body) -> Markup | None:
    if not may("proposal.step", body):
        return None
    unreported = queries.list_unreported(db.session(), body, clock.today())
    return fragment("circuit/_of_body_for_team.html", unreported=unreported) if unreported else None


provide_each("steps.public", _of_steps)
provide_each("steps.team", _of_steps)
provide_each("steps.team", _of_steps_for_team)
provide("meeting.public", _of_meeting)
provide("body.public", _of_body)
provide("body.team", _of_body_for_team)
