"""The team prepares what residents speak through: a meeting's opening, digits and questions, a quartier's questions."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from participation import clock, editing
from participation.bodies.models import Question
from participation.contract.models import Quartier
from participation.editing import Differences
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.queries import list_quartiers
from participation.meetings.saving import load_meeting
from participation.opinions.queries import list_questions
from participation.permissions import actor, may, requires
from participation.speaking import doors, opening
from participation.speaking.models import MeetingCode
from participation.speaking.team_forms import AskedInQuartier, PreparationForm, QuestionsForm, asked, prepared

bp = Blueprint("team_speaking", __name__)

_PAPERS = (
    ("cards.poster", _l("Affiche A3"), "imprimer"),
    ("cards.table_cards", _l("Cartes de table"), "imprimer"),
    ("cards.ask_opinion_cards", _l("Cartes pour écrire, avec leur code"), "imprimer"),
)
"""What can be printed for a meeting: endpoint, label, drawing."""


# A meeting


@bp.get("/equipe/rencontres/<ref>/parole")
@requires("meeting.edit", load_meeting)
def preparation(meeting: Meeting) -> str:
    """Show the digits, when one may speak, and on which questions."""
    return _meeting_page(_meeting_form(meeting), meeting)


@bp.post("/equipe/rencontres/<ref>/parole")
@requires("meeting.edit", load_meeting)
def prepare(meeting: Meeting) -> ResponseReturnValue:
    """Reserve the digits, or change when one may speak and on what."""
    form = PreparationForm()
    form.offer(_ready(meeting))
    if not form.validate():
        return _meeting_page(form, meeting), 422
    ref = meeting.ref

    def change(now: Meeting) -> bool:
        return opening.prepare(db.session(), now, form.preparation(), by=actor())

    def done(_meeting: Meeting, changed: bool) -> Response:
        return _back_to(ref, _("Enregistré.") if changed else _("Rien n'a changé."))

    return editing.save(
        form,
        lambda: load_meeting(ref),
        change=change,
        again=lambda now, differences: _meeting_page(form, now, differences),
        current=_meeting_form,
        done=done,
    )


@bp.post("/equipe/rencontres/<ref>/parole/fermer")
@requires("meeting.edit", load_meeting)
def close(meeting: Meeting) -> Response:
    """Let nobody speak at the meeting from now on."""
    opening.close(db.session(), meeting, by=actor())
    db.session.commit()
    return _back_to(meeting.ref, _("C'est fermé. Les quatre chiffres mènent au compte rendu et au quartier."))


@bp.post("/equipe/rencontres/<ref>/parole/ouvrir")
@requires("meeting.edit", load_meeting)
def reopen(meeting: Meeting) -> Response:
    """Let residents speak at the meeting from now on."""
    opening.reopen(db.session(), meeting, by=actor())
    db.session.commit()
    return _back_to(meeting.ref, _("C'est ouvert. Les habitants peuvent donner leur avis."))


def _back_to(ref: str, message: str) -> Response:
    flash(message, "success")
    return redirect(url_for(".preparation", ref=ref), 303)


def _meeting_form(meeting: Meeting) -> PreparationForm:
    form = PreparationForm(formdata=None, data=prepared(meeting, db.session.get(MeetingCode, meeting.id)))
    form.offer(_ready(meeting))
    return form


def _ready(meeting: Meeting | None) -> list[Question]:
    """Return the ready-made questions of the contract: at a meeting, those of its bodies first."""
    here = {body.id for body in meeting.bodies} if meeting else set()
    return sorted(list_questions(db.session()), key=lambda question: question.body_id not in here)


def _meeting_page(form: PreparationForm, meeting: Meeting, differences: Differences | None = None) -> str:
    return render_template(
        "speaking/team_door.html",
        form=form,
        differences=differences,
        papers=_papers(meeting),
        **_standing(meeting),
    )


def _standing(meeting: Meeting) -> dict[str, Any]:
    """Return what is said of a meeting's opening: its door, and whether its window still fits its date."""
    door = doors.meeting_door(db.session(), meeting)
    code = door.code
    astray = code and not (
        clock.to_local(code.opens_at).date() <= meeting.held_on <= clock.to_local(code.closes_at).date()
    )
    return {"door": door, "meeting": meeting, "astray": bool(astray) and door.standing in (doors.BEFORE, doors.OPEN)}


def _papers(meeting: Meeting) -> list[tuple[str, Any, str]]:
    """Return (address, label, drawing) of what the person signed in may print for the meeting."""
    views = current_app.view_functions
    return [
        (url_for(endpoint, ref=meeting.ref), label, drawing)
        for endpoint, label, drawing in _PAPERS
        if may(getattr(views[endpoint], "permission", "meeting.edit"), meeting)
    ]


# A quartier


def load_quartier(slug: str) -> Quartier:
    """Return the quartier of an address. Raises NotFound."""
    return doors.get_quartier(db.session(), slug)


@bp.get("/equipe/quartiers")
@requires("quartier.ask")
def quartiers() -> str:
    """List the quartiers of the account's scope, with what is asked there between meetings."""
    session = db.session()
    mine = [quartier for quartier in list_quartiers(session) if may("quartier.ask", quartier)]
    return render_template("speaking/team_quartiers.html", doors=doors.list_quartier_doors(session, mine))


@bp.get("/equipe/quartiers/<slug>/question")
@requires("quartier.ask", load_quartier)
def questions(quartier: Quartier) -> str:
    """Show what is asked in a quartier between meetings."""
    return _quartier_page(_quartier_form(_asked(quartier)), quartier)


@bp.post("/equipe/quartiers/<slug>/question")
@requires("quartier.ask", load_quartier)
def ask(quartier: Quartier) -> ResponseReturnValue:
    """Change what is asked in a quartier between meetings."""
    form = QuestionsForm()
    form.offer(_ready(None))
    if not form.validate():
        return _quartier_page(form, quartier), 422
    slug = quartier.slug

    def change(now: AskedInQuartier) -> bool:
        return opening.ask_in_quartier(db.session(), now.quartier, form.questions(), by=actor())

    def done(_asked: AskedInQuartier, changed: bool) -> Response:
        flash(_("Enregistré.") if changed else _("Rien n'a changé."), "success")
        return redirect(url_for(".questions", slug=slug), 303)

    return editing.save(
        form,
        lambda: _asked(_locked(slug)),
        change=change,
        again=lambda now, differences: _quartier_page(form, now.quartier, differences),
        current=_quartier_form,
        done=done,
    )


def _asked(quartier: Quartier) -> AskedInQuartier:
    return AskedInQuartier(quartier, doors.list_quartier_questions(db.session(), quartier))


def _locked(slug: str) -> Quartier:
    """Return the quartier, kept from others until this transaction ends: it has no version of its own."""
    db.session.execute(sa.select(Quartier.id).where(Quartier.slug == slug).with_for_update())
    return load_quartier(slug)


def _quartier_form(now: AskedInQuartier) -> QuestionsForm:
    form = QuestionsForm(formdata=None, data={"version": now.version, **asked(now.questions)})
    form.offer(_ready(None))
    return form


def _quartier_page(form: QuestionsForm, quartier: Quartier, differences: Differences | None = None) -> str:
    return render_template("speaking/team_quartier.html", form=form, quartier=quartier, differences=differences)


# What doors add to the team's page of a meeting


def _on_meeting_page(meeting: Meeting) -> Markup | None:
    if not may("meeting.edit", meeting) or meeting.status == "annulee":
        return None
    text = render_template("speaking/_of_meeting_for_team.html", **_standing(meeting))
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.team", _on_meeting_page)
