"""The way from what was recorded to published minutes: a draft, five checks, words to mask."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.orm import Session

from participation.errors import Refusal
from participation.extensions import db
from participation.fragments import provide
from participation.live.queries import state_of
from participation.meetings import review
from participation.meetings import rules as meetings
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.minutes import rules
from participation.minutes.draft import draft
from participation.minutes.models import CHECKS
from participation.opinions.models import Opinion
from participation.opinions.queries import count_by_moderation
from participation.permissions import actor, requires
from participation.seats.queries import presences_of, told_at

bp = Blueprint("minutes", __name__, url_prefix="/equipe/rencontres/<ref>")
CHECK_NAMES = {
    "presents": _l("Le nombre de présents est juste."),
    "avis": _l("Les avis sont relus."),
    "noms": _l("Les noms sont masqués."),
    "decisions": _l("Chaque décision dit qui et pour quand."),
    "groupe": _l("Le compte rendu est lu au groupe."),
}
KIND_NAMES = {
    "nom": _l("Nom ?"),
    "telephone": _l("Téléphone ?"),
    "courriel": _l("Courriel ?"),
    "adresse": _l("Adresse ?"),
}


@bp.get("/avant-de-publier")
@requires("meeting.edit", load_meeting)
def checks(meeting: Meeting) -> str:
    """Show the five checks, and the words to decide on."""
    return _page(meeting)


def _page(meeting: Meeting, fault: Refusal | None = None, typed: Mapping[str, str] | None = None) -> str:
    session = db.session()
    return render_template(
        "minutes/checks.html",
        meeting=meeting,
        doubts=rules.doubts(session, meeting),
        done=rules.checks_done(session, meeting) if fault is None else set(request.form.getlist("fait")),
        names=CHECK_NAMES,
        kinds=KIND_NAMES,
        hints=_hints(meeting),
        fault=fault,
        typed=typed or {},
    )


def _hints(meeting: Meeting) -> dict[str, str]:
    """Return what the program can tell about each check."""
    waiting = count_by_moderation(db.session(), Opinion.meeting_id == meeting.id)
    lacking = sum(1 for row in meeting.decisions if not (row.owner and row.due_on))
    return {
        "presents": _("Non renseigné.")
        if meeting.participants is None
        else _("%(n)s présents.", n=meeting.participants),
        "avis": _("Avis à lire : %(n)s.", n=waiting.get("en_attente", 0)),
        "decisions": _("Décisions sans responsable ou sans date : %(n)s.", n=lacking),
    }


@bp.post("/avant-de-publier")
@requires("meeting.edit", load_meeting)
def declare(meeting: Meeting) -> Any:
    """Mask or keep the words that were looked at, and keep which checks are done."""
    sent = request.form
    choices = {name[3:]: value for name, value in sent.items() if name.startswith("nom")}
    try:
        rules.decide(db.session(), meeting, choices, by=actor())
        rules.check(db.session(), meeting, set(sent.getlist("fait")), by=actor())
    except Refusal as refusal:
        db.session.rollback()
        return _page(load_meeting(meeting.ref), refusal, sent), refusal.status
    db.session.commit()
    flash(_("Enregistré."), "success")
    return redirect(_left_to_check(meeting) or url_for("meeting_minutes.publication", ref=meeting.ref), 303)


def _left_to_check(meeting: Meeting) -> str | None:
    """Return the address of the checks while one is left, or a word without a decision."""
    session = db.session()
    done = rules.checks_done(session, meeting) >= set(CHECKS) and not rules.undecided(session, meeting)
    return None if done else url_for("minutes.checks", ref=meeting.ref)


review.review_at(_left_to_check)


@bp.post("/brouillon")
@requires("meeting.edit", load_meeting)
def make_draft(meeting: Meeting) -> Any:
    """Write the minutes from what was recorded, where nothing is written yet."""
    if meeting.minutes:
        flash(_("Un texte est déjà écrit : il n'est pas remplacé."), "warning")
    else:
        meetings.draft_minutes(db.session(), meeting, draft(db.session(), meeting), by=actor())
        db.session.commit()
        flash(_("Le brouillon est écrit à partir de ce qui a été noté. Relisez-le."), "success")
    return redirect(url_for("meeting_minutes.minutes", ref=meeting.ref), 303)


def _recorded(session: Session, meeting: Meeting) -> str | None:
    return draft(session, meeting) if _something_is_noted(session, meeting) else None


def _something_is_noted(session: Session, meeting: Meeting) -> bool:
    """Whether there is something to draft of: what was recorded live, or brought and told between instances."""
    noted = presences_of(session, meeting) or told_at(session, meeting)
    return bool(noted) or state_of(session, meeting).taken > 0


review.draft_with(_recorded)


def _of_meeting(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee" or meeting.minutes_published_on:
        return None
    recorded = meeting.minutes is None and _something_is_noted(db.session(), meeting)
    text = render_template("minutes/_of_meeting.html", meeting=meeting, recorded=recorded)
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.team", _of_meeting)
