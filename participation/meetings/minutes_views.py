"""What a meeting leaves, for the team: its minutes, drafted then published, and its decisions, followed up."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation import clock
from participation.errors import Refusal
from participation.extensions import db, htmx
from participation.meetings import forms, queries, review, rules
from participation.meetings.models import Decision, Meeting
from participation.meetings.saving import Changes, done, load_meeting, once, save
from participation.permissions import actor, requires

bp = Blueprint("meeting_minutes", __name__, url_prefix="/equipe/rencontres")


def _decision(ref: str, decision_ref: str) -> Decision:
    return queries.get_decision(db.session(), ref, decision_ref)


# Minutes


@bp.get("/<ref>/compte-rendu")
@requires("meeting.edit", load_meeting)
def minutes(meeting: Meeting) -> str:
    """Show the minutes, to write or to correct them; what was recorded is drafted already."""
    form = _minutes_form(meeting)
    form.text.data = review.first_draft(db.session(), meeting)
    return _minutes_page(form, meeting)


@bp.post("/<ref>/compte-rendu")
@requires("meeting.edit", load_meeting)
def write_minutes(meeting: Meeting) -> ResponseReturnValue:
    """Preview, keep, or correct the minutes; `faire` says which button was pressed."""
    form = forms.MinutesForm()
    wish = request.form.get("faire", "garder")
    if wish == "apercu":
        if htmx:
            return render_template("meetings/_preview.html", text=form.text.data)
        return _minutes_page(form, meeting, preview=True)

    def change(now: Meeting) -> bool:
        if now.minutes_published_on:
            return rules.correct_minutes(db.session(), now, form.text.data, form.reason.data, by=actor())
        return rules.draft_minutes(db.session(), now, form.text.data, by=actor())

    return save(
        form,
        meeting,
        change=change,
        page=lambda now, changes: _minutes_page(form, now, changes),
        current=_minutes_form,
        after=_before_publishing(meeting) if wish == "publier" else None,
    )


def _before_publishing(meeting: Meeting) -> str:
    return review.review_of(meeting) or url_for(".publication", ref=meeting.ref)


def _minutes_form(meeting: Meeting) -> forms.MinutesForm:
    return forms.MinutesForm(formdata=None, data={"version": str(meeting.version), "text": meeting.minutes})


def _minutes_page(
    form: forms.MinutesForm, meeting: Meeting, changes: Changes | None = None, *, preview: bool = False
) -> str:
    return render_template("meetings/minutes.html", form=form, meeting=meeting, changes=changes, preview=preview)


@bp.get("/<ref>/publier")
@requires("meeting.edit", load_meeting)
def publication(meeting: Meeting) -> str:
    """Show what everybody will read, before it is published."""
    return _publish_page(_confirm_form(meeting), meeting)


@bp.post("/<ref>/publier")
@requires("meeting.edit", load_meeting)
def publish(meeting: Meeting) -> ResponseReturnValue:
    """Publish the minutes as they were shown."""
    form = forms.ConfirmForm()
    return save(
        form,
        meeting,
        change=lambda now: rules.publish_minutes(db.session(), now, by=actor()),
        page=lambda now, changes: _publish_page(form, now, changes),
        current=_confirm_form,
        message=_("Le compte rendu est publié. Vous pouvez le corriger. La correction sera visible."),
    )


def _confirm_form(meeting: Meeting) -> forms.ConfirmForm:
    return forms.ConfirmForm(formdata=None, data={"version": str(meeting.version)})


def _publish_page(form: forms.ConfirmForm, meeting: Meeting, changes: Changes | None = None) -> str:
    left = None if meeting.minutes_published_on else review.review_of(meeting)
    return render_template("meetings/publish.html", form=form, meeting=meeting, changes=changes, left=left)


# Decisions


@bp.get("/<ref>/decisions")
@requires("meeting.edit", load_meeting)
def decisions(meeting: Meeting) -> str:
    """Show what the meeting decided, and a form to add to it."""
    return _decisions_page(forms.NewDecisionForm(), meeting)


@bp.post("/<ref>/decisions")
@requires("meeting.edit", load_meeting)
def add_decision(meeting: Meeting) -> ResponseReturnValue:
    """Add a decision, once."""
    form = forms.NewDecisionForm()
    ref = meeting.ref
    if not form.validate():
        return _decisions_page(form, meeting), 422

    def add() -> str:
        rules.add_decision(db.session(), meeting, form.resolution(), by=actor())
        return url_for(".decisions", ref=ref)

    return once(add, form, lambda: _decisions_page(form, load_meeting(ref)))


@bp.get("/<ref>/decisions/<decision_ref>")
@requires("meeting.edit", _decision)
def decision(thing: Decision) -> str:
    """Show a decision, to change it."""
    return _decision_page(_decision_form(thing), thing)


@bp.post("/<ref>/decisions/<decision_ref>")
@requires("meeting.edit", _decision)
def edit_decision(thing: Decision) -> ResponseReturnValue:
    """Change a decision."""
    form = forms.EditDecisionForm()
    if not form.validate():
        return _decision_page(form, thing), 422
    stale = form.version.data != forms.decision_version(thing)
    try:
        changed = rules.edit_decision(db.session(), thing, form.resolution(), by=actor())
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _decision_page(form, thing), 422
    if stale and changed:
        db.session.rollback()
        changes = forms.differences(form, _decision_form(thing))
        form.version.data = forms.decision_version(thing)
        return _decision_page(form, thing, changes), 409
    db.session.commit()
    return done(_("Enregistré."), url_for(".decisions", ref=thing.meeting.ref))


@bp.post("/<ref>/decisions/<decision_ref>/faite")
@requires("meeting.edit", _decision)
def complete_decision(thing: Decision) -> ResponseReturnValue:
    """Say that a decision was carried out today."""
    rules.complete_decision(db.session(), thing, clock.today(), by=actor())
    db.session.commit()
    return done(_("La décision est notée comme faite."), url_for(".decisions", ref=thing.meeting.ref))


def _decision_form(thing: Decision) -> forms.EditDecisionForm:
    data = {name: getattr(thing, name) for name in ("text", "owner", "due_on", "done_on")}
    return forms.EditDecisionForm(formdata=None, data={"version": forms.decision_version(thing), **data})


def _decisions_page(form: forms.NewDecisionForm, meeting: Meeting) -> str:
    return render_template("meetings/decisions.html", form=form, meeting=meeting, today=clock.today())


def _decision_page(form: forms.EditDecisionForm, thing: Decision, changes: Changes | None = None) -> str:
    return render_template("meetings/decision.html", form=form, decision=thing, meeting=thing.meeting, changes=changes)
