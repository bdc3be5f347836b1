"""Opinions for everybody: the published ones, word for word, and what they add to the page of a meeting."""

from typing import Any

from flask import render_template, request
from markupsafe import Markup

from participation.addresses import beside
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.queries import get_meeting
from participation.opinions import queries
from participation.opinions.models import Opinion
from participation.opinions.views import bp
from participation.permissions import may, public


@bp.get("/avis")
@public
def published() -> str:
    """Show the published opinions of a meeting, an instance, a quartier or a theme, word for word."""
    shown = queries.Filters(
        body=request.args.get("instance") or None,
        quartier=request.args.get("quartier") or None,
        theme=request.args.get("theme") or None,
        meeting=request.args.get("rencontre") or None,
    )
    page = queries.list_published(db.session(), shown, request.args)
    meeting = get_meeting(db.session(), shown.meeting) if shown.meeting else None
    return render_template("opinions/published.html", page=page, beside=beside(page), meeting=meeting)


# What opinions add to other pages


def _of_meeting(meeting: Meeting) -> Markup | None:
    numbers = queries.count_by_moderation(db.session(), Opinion.meeting_id == meeting.id)
    page = queries.list_published(db.session(), queries.Filters(meeting=meeting.ref), {})
    if not numbers and meeting.status != "tenue":
        return None
    return _fragment(
        "opinions/_of_meeting.html",
        meeting=meeting,
        opinions=page.items,
        numbers=numbers,
        may_answer=may("opinion.answer", meeting),
    )


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if not may("opinion.create", meeting):
        return None
    numbers = queries.count_by_moderation(db.session(), Opinion.meeting_id == meeting.id)
    return _fragment("opinions/_of_meeting_for_team.html", meeting=meeting, numbers=numbers)


def _fragment(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
