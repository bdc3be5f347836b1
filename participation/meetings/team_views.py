"""Meetings for the team: announce, hold, cancel, and see what is left to do."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation import clock, journal
from participation.bodies.models import LEVELS
from participation.extensions import db
from participation.forms import Form, clean_text
from participation.meetings import forms, queries, rules
from participation.meetings.models import BREAKDOWNS, Meeting
from participation.meetings.queries import Filters
from participation.meetings.saving import Changes, done, load_meeting, once, save
from participation.meetings.tasks import left_to_do
from participation.meetings.words import COUNT_NAMES, level_sentence, names
from participation.permissions import TEAM, actor, in_scope, requires

bp = Blueprint("team_meetings", __name__, url_prefix="/equipe/rencontres")
bp.context_processor(names)


# The list


@bp.get("")
@requires("meeting.create")
def index() -> str:
    """Show the meetings of the account's scope."""
    asked = Filters(body=clean_text(request.args.get("instance")), status=clean_text(request.args.get("statut")))
    page = queries.list_for_team(db.session(), actor(), asked, request.args)
    form = forms.TeamFilters(request.args)
    bodies = queries.list_bodies(db.session())
    form.offer(bodies, _mine(bodies))
    kept: dict[str, Any] = {name: request.args[name] for name in ("statut", "instance") if request.args.get(name)}
    return render_template(
        "meetings/team_index.html",
        meetings=page.items,
        form=form,
        active=bool(kept),
        tasks={meeting.id: left_to_do(meeting, clock.today()) for meeting in page.items},
        previous=url_for(".index", **kept, **page.previous) if page.previous else None,
        next=url_for(".index", **kept, **page.next) if page.next else None,
    )


def _mine(bodies: Any) -> set[str] | None:
    """Return the slugs of the bodies in the account's scope, None where its role reaches all."""
    account = actor()
    return None if account.role in TEAM else {body.slug for body in bodies if in_scope(account, body)}


# Announce


@bp.get("/nouvelle")
@requires("meeting.create")
def new() -> str:
    """Show a form filled after another meeting (`modele`), or for an instance: that of the address, the only one."""
    model = request.args.get("modele")
    form = forms.NewMeetingForm(data=forms.copied(load_meeting(model)) if model else _begun())
    return _announce_page(form, None)


def _begun() -> dict[str, Any]:
    """Return what stands in an empty form: instances and type of the address, else the account's only instance."""
    asked, scopes = request.args.getlist("instance"), actor().scopes
    if not asked and len(scopes) == 1 and scopes[0].kind == "instance":
        asked = [scopes[0].slug]
    return {"bodies": asked, "type": request.args.get("type", "")}


@bp.post("/nouvelle")
@requires("meeting.create")
def create() -> ResponseReturnValue:
    """Add a meeting, once."""
    form = forms.NewMeetingForm()
    _offer_places(form)
    if not form.validate():
        return _announce_page(form, None), 422

    def add() -> str:
        meeting = rules.create(db.session(), form.plan(), by=actor())
        return url_for(".show", ref=meeting.ref)

    return once(add, form, lambda: _announce_page(form, None))


@bp.get("/<ref>/modifier")
@requires("meeting.edit", load_meeting)
def edit(meeting: Meeting) -> str:
    """Show what is announced, to change it."""
    return _announce_page(forms.EditMeetingForm(data=forms.announced(meeting)), meeting)


@bp.post("/<ref>/modifier")
@requires("meeting.edit", load_meeting)
def update(meeting: Meeting) -> ResponseReturnValue:
    """Change what is announced."""
    form = forms.EditMeetingForm()
    _offer_places(form)

    def current(now: Meeting) -> Form:
        fresh = forms.EditMeetingForm(formdata=None, data=forms.announced(now))
        _offer_places(fresh)
        return fresh

    return save(
        form,
        meeting,
        change=lambda now: rules.edit(db.session(), now, form.plan(), by=actor()),
        page=lambda now, changes: _announce_page(form, now, changes),
        current=current,
    )


def _announce_page(form: forms.MeetingForm, meeting: Meeting | None, changes: Changes | None = None) -> str:
    _offer_places(form)
    return render_template("meetings/announce.html", form=form, meeting=meeting, changes=changes)


def _offer_places(form: forms.MeetingForm) -> None:
    bodies = queries.list_bodies(db.session())
    contract = queries.find_contract(db.session())
    levels = {code: level_sentence(code, contract) for code in LEVELS}
    form.offer(bodies, queries.list_quartiers(db.session()), levels, _mine(bodies))


# One meeting


@bp.get("/<ref>")
@requires("meeting.edit", load_meeting)
def show(meeting: Meeting) -> str:
    """Show a meeting, what is left to do for it, and its history."""
    return render_template(
        "meetings/team_show.html",
        meeting=meeting,
        tasks=left_to_do(meeting, clock.today()),
        level_sentence=level_sentence(meeting.level, queries.find_contract(db.session())),
        count_names=COUNT_NAMES,
        history=journal.list_entries(db.session(), "meeting", meeting.ref),
        today=clock.today(),
    )


@bp.get("/<ref>/tenir")
@requires("meeting.edit", load_meeting)
def attendance(meeting: Meeting) -> str:
    """Ask who came, in numbers."""
    names = queries.list_institution_names(db.session())
    return _hold_page(forms.HoldForm(data=forms.counted(meeting, names)), meeting)


@bp.post("/<ref>/tenir")
@requires("meeting.edit", load_meeting)
def hold(meeting: Meeting) -> ResponseReturnValue:
    """Say that the meeting took place and who came."""
    names = queries.list_institution_names(db.session())
    form = forms.HoldForm()
    form.offer(names)

    def current(now: Meeting) -> Form:
        fresh = forms.HoldForm(formdata=None, data=forms.counted(now, names))
        fresh.offer(names)
        return fresh

    return save(
        form,
        meeting,
        change=lambda now: rules.hold(db.session(), now, form.attendance(), by=actor()),
        page=lambda now, changes: _hold_page(form, now, changes),
        current=current,
    )


def _hold_page(form: forms.HoldForm, meeting: Meeting, changes: Changes | None = None) -> str:
    form.offer(queries.list_institution_names(db.session()))
    return render_template(
        "meetings/hold.html",
        form=form,
        meeting=meeting,
        changes=changes,
        details=BREAKDOWNS,
        early=meeting.held_on > clock.today(),
    )


@bp.get("/<ref>/annuler")
@requires("meeting.edit", load_meeting)
def cancellation(meeting: Meeting) -> str:
    """Ask why the meeting is cancelled."""
    return _cancel_page(_cancel_form(meeting), meeting)


@bp.post("/<ref>/annuler")
@requires("meeting.edit", load_meeting)
def cancel(meeting: Meeting) -> ResponseReturnValue:
    """Cancel the meeting."""
    form = forms.CancelForm()
    return save(
        form,
        meeting,
        change=lambda now: rules.cancel(db.session(), now, form.reason.data, by=actor()),
        page=lambda now, changes: _cancel_page(form, now, changes),
        current=_cancel_form,
    )


def _cancel_form(meeting: Meeting) -> forms.CancelForm:
    data = {"version": str(meeting.version), "reason": meeting.cancel_reason}
    return forms.CancelForm(formdata=None, data=data)


def _cancel_page(form: forms.CancelForm, meeting: Meeting, changes: Changes | None = None) -> str:
    return render_template("meetings/cancel.html", form=form, meeting=meeting, changes=changes)


@bp.post("/<ref>/retablir")
@requires("meeting.edit", load_meeting)
def reopen(meeting: Meeting) -> ResponseReturnValue:
    """Take back a mistaken cancellation or « a eu lieu »."""
    rules.reopen(db.session(), meeting, by=actor())
    db.session.commit()
    return done(_("La rencontre est de nouveau « prévue »."), url_for(".show", ref=meeting.ref))
