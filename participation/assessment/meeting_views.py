"""What the assessment adds to the page of a meeting: which years are presented there (contract l.1717, 2191)."""

from flask import render_template
from markupsafe import Markup

from participation.assessment import queries
from participation.assessment.scope import PUBLIC_KINDS
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.permissions import may


def _of_meeting(meeting: Meeting) -> Markup | None:
    """For everybody: those that everybody may read."""
    presented = [one for one in queries.list_presented(db.session(), meeting) if one.scope.kind in PUBLIC_KINDS]
    return _rendered(presented, "assessment.public")


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    """For who may read them: each leads to where it is reviewed, closed and signed."""
    presented = [one for one in queries.list_presented(db.session(), meeting) if may("assessment.full", one)]
    return _rendered(presented, "assessment.review")


def _rendered(presented: list[queries.Presented], endpoint: str) -> Markup | None:
    if not presented:
        return None
    return Markup(  # noqa: S704  # a template of our own
        render_template("assessment/_of_meeting.html", presented=presented, endpoint=endpoint)
    )


provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
