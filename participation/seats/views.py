"""Representatives of other instances at a meeting: a form of the team, and what everybody reads."""

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation.bodies.models import Body
from participation.bodies.queries import get_body
from participation.errors import Refusal
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.queries import get_meeting
from participation.permissions import actor, requires
from participation.seats import queries, rules
from participation.seats.forms import PresenceForm
from participation.sending import Answer, give_key, send

bp = Blueprint("seats", __name__)


def _meeting(ref: str, slug: str) -> Meeting:
    return get_meeting(db.session(), ref)


def _body() -> Body:
    assert request.view_args
    return get_body(db.session(), request.view_args["slug"])


@bp.get("/equipe/rencontres/<ref>/representants/<slug>")
@requires("meeting.edit", load=_meeting)
def ask_presence(meeting: Meeting) -> Answer | str:
    """Ask who came for an instance."""
    body = _body()
    row = queries.find_presence(db.session(), meeting, body)
    names = ("present", "substitutes", "brought")
    form = PresenceForm(formdata=None, data={name: getattr(row, name) for name in names} if row else {})
    return give_key(form) or _page(meeting, body, form)


def _page(meeting: Meeting, body: Body, form: PresenceForm) -> str:
    return render_template("seats/presence.html", meeting=meeting, body=body, form=form)


@bp.post("/equipe/rencontres/<ref>/representants/<slug>")
@requires("meeting.edit", load=_meeting)
def note_presence(meeting: Meeting) -> Answer:
    """Note who came for an instance."""
    body, form = _body(), PresenceForm()

    def act() -> str:
        if form.present.data is None:
            raise Refusal(_("Écrivez combien sont venus. Zéro si personne n'est venu."), field="present")
        seen = rules.Seen(form.present.data, form.substitutes.data or 0, form.brought.data or None)
        if rules.note(db.session(), meeting, body, seen, by=actor()):
            flash(_("C'est noté."), "success")
        return url_for("team_meetings.show", ref=meeting.ref)

    return send(form, act, lambda: _page(meeting, body, form))


# On the meeting's page


def _of_meeting(meeting: Meeting) -> Markup | None:
    rows = queries.presences_of(db.session(), meeting)
    return part("seats/_of_meeting.html", rows=rows) if rows else None


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    represented = queries.list_represented(db.session(), meeting) if meeting.status == "tenue" else []
    if not represented:
        return None
    known = {row.body_id: row for row in queries.presences_of(db.session(), meeting)}
    return part("seats/_of_meeting_for_team.html", meeting=meeting, represented=represented, known=known)


def part(template: str, **values: Any) -> Markup:
    """Return a part of a page of another feature."""
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
