"""Elections: a held meeting of that type opens the mandates of those who were elected there."""

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from participation.bodies.models import Body
from participation.bodies.queries import get_body, list_bodies
from participation.errors import Refusal
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.permissions import actor, may, requires
from participation.seats import mandate_queries as queries
from participation.seats import mandates as rules
from participation.seats.election_forms import ElectionForm
from participation.seats.mandate_views import seat_of
from participation.seats.views import bp, part
from participation.sending import Answer, give_key, send


@bp.get("/equipe/rencontres/<ref>/mandats")
@requires("meeting.edit", load_meeting)
def ask_elected(meeting: Meeting) -> Answer | str:
    """Ask who was elected; before the election is held, say what to do first."""
    rules.check_election(meeting)
    form = ElectionForm(formdata=None, data={"started_on": meeting.held_on})
    return give_key(form) or _page(meeting, form)


@bp.post("/equipe/rencontres/<ref>/mandats")
@requires("meeting.edit", load_meeting)
def open_elected(meeting: Meeting) -> Answer:
    """Open the mandates of those who were elected, once."""
    form, ref = ElectionForm(), meeting.ref
    _offer(meeting, form)

    def act() -> str:
        body = get_body(db.session(), form.body.data)
        holders, substitutes = form.winners()
        if not may("mandate.names", body) and (holders.names or substitutes.names):
            raise Refusal(_("Seule l'animation de cette instance écrit des noms. Écrivez des nombres."), field="body")
        opened = rules.elect(db.session(), load_meeting(ref), seat_of(form, body), holders, substitutes, by=actor())
        flash(ngettext("%(num)s mandat est ouvert.", "%(num)s mandats sont ouverts.", len(opened)), "success")
        return url_for("team_meetings.show", ref=ref)

    return send(form, act, lambda: _page(load_meeting(ref), form))


def _own(meeting: Meeting) -> list[Body]:
    """Return the organisers whose mandates this account may open: a joint meeting is that of several."""
    return [body for body in meeting.bodies if may("mandate.edit", body)]


def _offer(meeting: Meeting, form: ElectionForm) -> None:
    form.offer(_own(meeting), list_bodies(db.session()))


def _page(meeting: Meeting, form: ElectionForm) -> str:
    _offer(meeting, form)
    return render_template(
        "seats/elected.html",
        meeting=meeting,
        form=form,
        opened=queries.opened_at(db.session(), meeting),
        with_names=any(may("mandate.names", body) for body in _own(meeting)),
    )


# On the meeting's page


def _opened(meeting: Meeting) -> Markup | None:
    if meeting.type != "election" or meeting.status != "tenue":
        return None
    opened = queries.opened_at(db.session(), meeting)
    return part("seats/_opened.html", opened=opened) if opened.number else None


def _to_open(meeting: Meeting) -> Markup | None:
    if meeting.type != "election" or meeting.status == "annulee":
        return None
    return part("seats/_to_open.html", meeting=meeting, opened=queries.opened_at(db.session(), meeting))


provide("meeting.public", _opened)
provide("meeting.team", _to_open)
