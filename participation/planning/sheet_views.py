"""The sheet of a meeting: as PDF to print, and the one long form that types it in afterwards."""

from typing import Any

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock
from participation.extensions import db
from participation.fragments import provide
from participation.live import counts, keys
from participation.live.events import BANDS
from participation.live.queries import state_of
from participation.live.words import COUNT_WORDS
from participation.media import rules as media
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.opinions.queries import list_themes
from participation.permissions import may, requires
from participation.planning import typing_forms as forms
from participation.planning.sheet import sheet_of
from participation.planning.typing_in import type_in
from participation.planning.views import bp
from participation.printing import pdf_answer
from participation.sending import Answer, give_key, send
from participation.speaking import doors


@bp.get("/equipe/rencontres/<ref>/feuille.pdf")
@requires("meeting.edit", load_meeting)
def sheet(meeting: Meeting) -> Response:
    """Give the sheet to fill in by hand."""
    return pdf_answer(sheet_of(db.session(), meeting), f"feuille-{meeting.ref}")


@bp.get("/equipe/rencontres/<ref>/saisie")
@requires("meeting.live", load_meeting)
def typing(meeting: Meeting) -> Answer | str:
    """Show the long form."""
    form = forms.TypingForm(formdata=None)
    return give_key(form) or _page(form, meeting)


@bp.post("/equipe/rencontres/<ref>/saisie")
@requires("meeting.live", load_meeting)
def save_typing(meeting: Meeting) -> Answer | str:
    """Record what was typed, once; or add rows to the form."""
    form, ref = forms.TypingForm(), meeting.ref
    _offer(form, meeting)
    if request.form.get("plus"):
        forms.add_rows(form)
        return _page(form, meeting, more=True)

    def act() -> str:
        now = load_meeting(ref)
        by = keys.holder(db.session(), now)
        assert by
        photo = media.read_photo(form.photo.data.stream) if form.photo.data else None
        type_in(db.session(), now, form, by=by, photo=photo)
        flash(_("La feuille est enregistrée. Vous pouvez la détruire."), "success")
        return url_for("team_meetings.show", ref=ref)

    return send(form, act, lambda: _page(form, load_meeting(ref)))


def _offer(form: Any, meeting: Meeting) -> None:
    forms.offer(form, list_themes(db.session()), doors.meeting_door(db.session(), meeting).questions)


def _page(form: Any, meeting: Meeting, *, more: bool = False) -> str:
    """Show the form; `more`: with the rows for opinions that were asked for."""
    _offer(form, meeting)
    if form.photo.data and not form.photo.errors:
        form.photo.errors = [_("Choisissez de nouveau la photo : une page ne peut pas la garder.")]
    state = state_of(db.session(), meeting)
    return render_template(
        "planning/typing.html",
        form=form,
        meeting=meeting,
        bands=[f"age_{band}" for band in BANDS],
        totals=list(COUNT_WORDS),
        unfolded=forms.unfolded(form) | ({"avis"} if more else set()),
        fewest=counts.FEWEST,
        recorded=state.taken,
        residents=state.tally.residents,
        opinions=len(state.opinions),
        early=meeting.held_on > clock.today(),
    )


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee" or not may("meeting.live", meeting):
        return None
    text = render_template("planning/_sheet_of_meeting.html", meeting=meeting, early=meeting.held_on > clock.today())
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.team", _of_meeting_for_team)
