"""« Refaire la dernière »: one page to confirm, with the date ready (ux.md 2.2: two taps)."""

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _

from participation import clock
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.meetings.words import names
from participation.permissions import actor, requires
from participation.planning import repeating
from participation.planning.forms import RepeatForm
from participation.sending import Answer, give_key, send

bp = Blueprint("planning", __name__)
bp.context_processor(names)


@bp.get("/equipe/rencontres/<ref>/refaire")
@requires("meeting.edit", load_meeting)
def repetition(meeting: Meeting) -> Answer | str:
    """Show what the next meeting would be: like this one, at a later date."""
    form = RepeatForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    form.held_on.data = repeating.next_date(meeting, clock.today())
    form.start.data = meeting.start_time
    return _page(form, meeting)


@bp.post("/equipe/rencontres/<ref>/refaire")
@requires("meeting.edit", load_meeting)
def repeat(meeting: Meeting) -> Answer:
    """Plan the meeting, once."""
    form = RepeatForm()
    ref = meeting.ref

    def act() -> str:
        assert form.held_on.data
        made = repeating.repeat(db.session(), meeting, form.held_on.data, form.start.data, by=actor())
        flash(_("La rencontre est créée."), "success")
        return url_for("team_meetings.show", ref=made.ref)

    return send(form, act, lambda: _page(form, load_meeting(ref)))


def _page(form: RepeatForm, meeting: Meeting) -> str:
    return render_template("planning/repeat.html", form=form, meeting=meeting)
