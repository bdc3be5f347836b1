"""What representatives tell their own instance of another's meeting: its own team notes it, everybody reads it."""

from collections.abc import Sequence

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock, editing
from participation.bodies.models import Body
from participation.editing import Differences
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.permissions import actor, may, requires
from participation.seats import queries, rules
from participation.seats.forms import ToldForm
from participation.seats.models import Presence
from participation.seats.views import bp, part


def load_presence(ref: str, slug: str) -> Presence:
    """Return what is noted of an instance at a meeting, which is the address. Raises NotFound."""
    return queries.get_presence(db.session(), ref, slug)


@bp.get("/equipe/rencontres/<ref>/retours/<slug>")
@requires("meeting.edit", load_presence)
def ask_told(row: Presence) -> str:
    """Ask what was told, and where; `rencontre` in the address is the meeting to be chosen already."""
    form = _as_it_is(row)
    if row.told_on is None:
        form.told_meeting.data = request.args.get("rencontre", "")
    return _page(row, form)


@bp.post("/equipe/rencontres/<ref>/retours/<slug>")
@requires("meeting.edit", load_presence)
def note_told(row: Presence) -> ResponseReturnValue:
    """Note what was told, never over what somebody else noted meanwhile."""
    form, ref, slug = ToldForm(), row.meeting.ref, row.body.slug
    offered = {meeting.ref: meeting for meeting in _offer(row, form)}
    if not form.validate():
        return _page(row, form), 422

    def change(now: Presence) -> bool:
        told = rules.Told(form.told.data, offered.get(form.told_meeting.data), form.told_on.data)
        return rules.tell(db.session(), now, told, by=actor())

    answer: ResponseReturnValue = editing.save(
        form,
        lambda: load_presence(ref, slug),
        change=change,
        again=lambda now, differences: _page(now, form, differences),
        current=_as_it_is,
        done=_done,
    )
    return answer


def _done(row: Presence, _changed: bool) -> Response:
    flash(_("C'est noté."), "success")
    where = url_for("team_bodies.show", slug=row.body.slug)
    if row.told_meeting and may("meeting.edit", row.told_meeting):
        where = url_for("team_meetings.show", ref=row.told_meeting.ref)
    return make_response(redirect(where, 303))


def _as_it_is(row: Presence) -> ToldForm:
    data = {
        "told": row.told,
        "told_meeting": row.told_meeting.ref if row.told_meeting else "",
        "told_on": None if row.told_meeting else row.told_on,
        "version": row.version,
    }
    form = ToldForm(formdata=None, data=data)
    _offer(row, form)
    return form


def _offer(row: Presence, form: ToldForm) -> Sequence[Meeting]:
    meetings = queries.meetings_to_tell_at(db.session(), row)
    if row.told_meeting and row.told_meeting not in meetings:
        meetings.append(row.told_meeting)
    form.offer(meetings)
    return meetings


def _page(row: Presence, form: ToldForm, differences: Differences | None = None) -> str:
    _offer(row, form)
    return render_template("seats/told.html", row=row, form=form, differences=differences)


# On the pages of both meetings and of the instance


def _told_here(meeting: Meeting) -> Markup | None:
    rows = queries.told_at(db.session(), meeting)
    return part("seats/_told_here.html", rows=rows) if rows else None


def _reports(meeting: Meeting) -> Markup | None:
    """What was brought here and told here, and what may still be told here; for those who write of the meeting."""
    if meeting.status == "annulee":
        return None
    session, own = db.session(), [body.id for body in meeting.bodies if may("meeting.edit", body)]
    brought = [row for row in queries.presences_of(session, meeting) if row.brought]
    told, waiting = queries.told_at(session, meeting), queries.list_untold(session, own, meeting.held_on)
    if not (brought or told or waiting):
        return None
    to_tell = [row for rows in waiting.values() for row in rows]
    begun = meeting.held_on <= clock.today()
    return part("seats/_reports.html", meeting=meeting, brought=brought, told=told, to_tell=to_tell, begun=begun)


def _to_tell(body: Body) -> Markup | None:
    rows = queries.list_untold(db.session(), [body.id], clock.today()).get(body.id)
    return part("seats/_to_tell.html", rows=rows) if rows and may("meeting.edit", body) else None


provide("meeting.public", _told_here)
provide("meeting.team", _reports)
provide("meeting.beside.team", _reports)
provide("body.team", _to_tell)
