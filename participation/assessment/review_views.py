"""Reviewing an assessment before it is closed: comments, remarks and reserves, the meeting where it is presented."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from participation import clock
from participation.assessment import closing, forms, notes, queries
from participation.assessment.indicators import BLOCKS
from participation.assessment.models import NOTE_KINDS, AssessmentNote
from participation.assessment.reading import Reading, place_argument, read_full
from participation.assessment.views import bp
from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.forms import Form
from participation.meetings.queries import get_meeting
from participation.permissions import actor, may, requires
from participation.sending import Answer, give_key, send


def address(reading: Reading, endpoint: str, **more: Any) -> str:
    """Return the address of a page about the assessment that is read."""
    place = place_argument(reading.frame.place.scope)
    return url_for(f"assessment.{endpoint}", periode=reading.frame.period, **place, **more)


@bp.get("/elus/bilan/<periode>/relecture")
@requires("assessment.full", load=read_full)
def review(reading: Reading) -> str:
    """Show what was written beside the assessment, the meeting that presents it, and its closed versions."""
    return _review_page(reading)


def _review_page(reading: Reading, presentation: forms.PresentationForm | None = None) -> str:
    session, frame = db.session(), reading.frame
    period, scope = frame.period, frame.place.scope
    meeting = notes.find_meeting(session, period, scope)
    if presentation is None:
        presentation = forms.PresentationForm(formdata=None)
        presentation.show(meeting)
    presentation.offer(queries.list_reviews(session, frame))
    return render_template(
        "assessment/review.html",
        reading=reading,
        frame=frame,
        notes=notes.list_notes(session, period, scope),
        note_kinds=NOTE_KINDS,
        block_names=BLOCKS,
        may_write=bool(notes.kinds_for(actor())),
        me=actor().id,
        plain=Form(formdata=None),
        meeting=meeting,
        presentation=presentation,
        versions=closing.list_closed(session, period, scope),
        may_close=may("assessment.close", reading),
        may_present=may("assessment.close", reading),
        address=lambda endpoint, **more: address(reading, endpoint, **more),
    )


@bp.get("/elus/bilan/<periode>/notes/nouvelle")
@requires("assessment.comment", load=read_full)
def new_note(reading: Reading) -> Any:
    """Show a form to write beside a block: the one that the address names, if it does."""
    form = forms.NoteForm(block=request.args.get("bloc", ""))
    return give_key(form) or _note_page(reading, form)


@bp.post("/elus/bilan/<periode>/notes")
@requires("assessment.comment", load=read_full)
def add_note(reading: Reading) -> Answer:
    """Add a note, once."""
    form = forms.NoteForm()
    form.offer(notes.kinds_for(actor()))

    def add() -> str:
        frame = reading.frame
        notes.write(
            db.session(),
            frame.period,
            frame.place.scope,
            form.kind.data,
            form.text.data or "",
            block=form.part(),
            by=actor(),
        )
        flash(_("Votre texte est ajouté au bilan."), "success")
        return address(reading, "review")

    return send(form, add, lambda: _note_page(reading, form))


def _note_page(reading: Reading, form: forms.NoteForm) -> str:
    form.offer(notes.kinds_for(actor()))
    return render_template(
        "assessment/note.html",
        reading=reading,
        form=form,
        back=address(reading, "review"),
        send_to=address(reading, "add_note"),
    )


@bp.post("/elus/bilan/<periode>/notes/<int:number>/retirer")
@requires("assessment.comment", load=lambda periode, number: _note_of(read_full(periode), number))
def withdraw_note(found: "NoteOf") -> Response:
    """Withdraw one's own note; sent twice, it is withdrawn once."""
    notes.withdraw(db.session(), found.note, by=actor())
    db.session.commit()
    flash(_("Votre texte est retiré. La page dit qu'il l'a été."), "success")
    return redirect(address(found.reading, "review"), 303)


class NoteOf:
    """A note, read with its assessment: it has the places of the latter."""

    def __init__(self, reading: Reading, note: AssessmentNote) -> None:
        self.reading = reading
        self.note = note

    def places(self) -> set[tuple[str, str]]:
        """Return the places of what is read (permissions.py)."""
        return self.reading.places()


def _note_of(reading: Reading, number: int) -> NoteOf:
    note, scope = notes.get_note(db.session(), number), reading.frame.place.scope
    if (note.period, note.scope_kind, note.scope_slug) != (reading.frame.period.name, scope.kind, scope.slug or ""):
        raise NotFound(_("Cette note n'existe pas."))
    return NoteOf(reading, note)


@bp.post("/equipe/bilan/<periode>/rencontre")
@requires("assessment.close", load=read_full)
def present(reading: Reading) -> Any:
    """Say at which meeting the assessment is presented; sent twice, it is said once."""
    form = forms.PresentationForm()
    form.offer(queries.list_reviews(db.session(), reading.frame))
    if not form.validate():
        return _review_page(reading, form), 422
    try:
        chosen = get_meeting(db.session(), form.meeting.data) if form.meeting.data else None
        notes.present_at(db.session(), reading.frame.period, reading.frame.place.scope, chosen, by=actor())
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _review_page(reading, form), refusal.status
    db.session.commit()
    flash(_("C'est enregistré."), "success")
    return redirect(address(reading, "review"), 303)


# Closing


@bp.get("/equipe/bilan/<periode>/fermer")
@requires("assessment.close", load=read_full)
def close_form(reading: Reading) -> Any:
    """Ask at which date the assessment is read before it is closed."""
    form = forms.CloseForm(as_of=min(clock.today(), reading.frame.as_of))
    return give_key(form) or _close_page(reading, form)


@bp.post("/equipe/bilan/<periode>/fermer")
@requires("assessment.close", load=read_full)
def close(reading: Reading) -> Answer:
    """Close the assessment, once: the next version."""
    form = forms.CloseForm()

    def act() -> str:
        closed = closing.close(db.session(), queries.at(reading.frame, form.day()), by=actor())
        flash(_("Le bilan est fermé : version %(version)s.", version=closed.version), "success")
        return address(reading, "version", number=closed.version)

    return send(form, act, lambda: _close_page(reading, form))


def _close_page(reading: Reading, form: forms.CloseForm) -> str:
    return render_template(
        "assessment/close.html",
        reading=reading,
        frame=reading.frame,
        form=form,
        back=address(reading, "review"),
        send_to=address(reading, "close"),
    )
