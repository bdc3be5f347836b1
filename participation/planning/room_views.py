"""The room's screen: for a projector, the code to scan, the question, and published opinions as they come.

Anybody may open it: it shows nothing that is not on public pages. It asks again every few seconds, by a script or,
where there is none, by loading itself again; once the meeting is over it stops.
"""

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.permissions import may, public, requires
from participation.planning import queries
from participation.planning.views import bp
from participation.qr import qr_svg
from participation.sending import Answer
from participation.speaking import cards, doors
from participation.speaking.doors import Door

SHOWN = 8
"""Opinions on the screen: the latest ones."""
SECONDS = 8
"""Between two questions of the script."""
SECONDS_WITHOUT_SCRIPT = 20
"""Between two loadings of the page."""
GOES_ON = (doors.BEFORE, doors.OPEN, doors.UNPREPARED)


@bp.get("/salle/<ref>")
@public
def room(ref: str) -> str:
    """Show the screen of a meeting."""
    meeting = queries.get_plain_meeting(db.session(), ref)
    door = doors.meeting_door(db.session(), meeting)
    return render_template(
        "planning/room.html",
        meeting=meeting,
        door=door,
        data=cards.poster(db.session(), door),
        drawing=qr_svg,
        label=_("Code à scanner pour donner votre avis"),
        seconds=SECONDS,
        pause=SECONDS_WITHOUT_SCRIPT,
        **_said(meeting, door),
    )


@bp.get("/equipe/rencontres/<ref>/ecran")
@requires("meeting.edit", load_meeting)
def room_of_team(meeting: Meeting) -> Answer:
    """Lead to the screen from the address that the team knows (interfaces.md, Addresses)."""
    return redirect(url_for(".room", ref=meeting.ref))


@bp.get("/salle/<ref>/avis")
@public
def room_opinions(ref: str) -> Response:
    """Give the opinions alone, for the script; 304 where nothing is new."""
    meeting = queries.get_plain_meeting(db.session(), ref)
    door = doors.meeting_door(db.session(), meeting)
    answer = jsonify(avis=render_template("planning/_room_opinions.html", **_said(meeting, door)))
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _said(meeting: Meeting, door: Door) -> dict[str, object]:
    opinions, number = queries.latest_published(db.session(), meeting, SHOWN)
    return {"opinions": opinions, "number": number, "goes_on": goes_on(meeting, door)}


def goes_on(meeting: Meeting, door: Door) -> bool:
    """Whether something may still come: the meeting is planned, and its door is not closed for good."""
    return meeting.status == "prevue" and door.standing in GOES_ON


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee" or not may("meeting.edit", meeting):
        return None
    address = url_for("planning.room", ref=meeting.ref)
    return Markup(render_template("planning/_room_of_meeting.html", address=address))  # noqa: S704  # it escapes


provide("meeting.team", _of_meeting_for_team)
