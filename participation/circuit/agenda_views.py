"""Proposals that a meeting decides on: its agenda, and the outcome of each, in plain forms."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock
from participation.circuit import agenda_queries, agenda_rules
from participation.circuit.agenda_forms import AgendaForm, OutcomeForm
from participation.circuit.views import fragment
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.opinions.forms import version_of
from participation.permissions import actor, may, requires
from participation.proposals import offers, queries
from participation.proposals.models import STEP_KINDS, Proposal
from participation.proposals.views import story
from participation.sending import Answer, give_key, send

bp = Blueprint("agenda", __name__, url_prefix="/equipe/rencontres/<ref>/a-decider")
RIGHT = "proposal.decide_at_meeting"


def load(ref: str, **_others: Any) -> Meeting:
    """Return the meeting of an address. Raises NotFound."""
    return load_meeting(ref)


@bp.get("")
@requires(RIGHT, load)
def show(meeting: Meeting) -> str:
    """Show the agenda, and proposals that could be on it."""
    return _page(meeting, AgendaForm(formdata=None))


def _page(meeting: Meeting, form: AgendaForm) -> str:
    items = agenda_queries.list_agenda(db.session(), meeting)
    searched = request.args.get("q", "").strip()[:200]
    return render_template(
        "circuit/agenda.html",
        meeting=meeting,
        form=form,
        items=[(item, agenda_rules.decided_at(item.proposal, meeting)) for item in items],
        offered=agenda_queries.list_offered(db.session(), meeting),
        searched=searched,
        found=agenda_queries.search_waiting(db.session(), meeting, searched) if searched else [],
        to_come=meeting.held_on > clock.today(),
        kinds_for=agenda_rules.kinds_for,
    )


def _proposal(ref: str | None) -> Proposal:
    return queries.get_proposal(db.session(), ref or "")


def _back(meeting: Meeting) -> str:
    return url_for("agenda.show", ref=meeting.ref)


@bp.post("")
@requires(RIGHT, load)
def add(meeting: Meeting) -> Answer:
    """Put a proposal on the agenda."""
    form = AgendaForm()

    def act() -> str:
        if agenda_rules.add(db.session(), meeting, _proposal(form.proposition.data), by=actor()):
            flash(_("La proposition est à l'ordre du jour."), "success")
        return _back(meeting)

    return send(form, act, lambda: _page(meeting, form))


@bp.post("/place")
@requires(RIGHT, load)
def move(meeting: Meeting) -> Answer:
    """Put a proposal at another place of the agenda."""
    form = AgendaForm()
    place = str(form.place.data or "")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        abort(400)

    def act() -> str:
        agenda_rules.move(db.session(), meeting, _proposal(form.proposition.data), int(place))
        return _back(meeting)

    return send(form, act, lambda: _page(meeting, form))


@bp.post("/retirer")
@requires(RIGHT, load)
def remove(meeting: Meeting) -> Answer:
    """Take a proposal off the agenda."""
    form = AgendaForm()

    def act() -> str:
        if agenda_rules.remove(db.session(), meeting, _proposal(form.proposition.data), by=actor()):
            flash(_("La proposition n'est plus à l'ordre du jour."), "success")
        return _back(meeting)

    return send(form, act, lambda: _page(meeting, form))


# The outcome of one


def _on_agenda(meeting: Meeting) -> Proposal:
    """Return the proposal of the address, which is on the meeting's agenda."""
    assert request.view_args
    proposal = _proposal(request.view_args["proposition"])
    if agenda_rules.find(db.session(), meeting, proposal) is None:
        abort(404)
    return proposal


def _offer(form: OutcomeForm, kinds: Iterable[str]) -> None:
    form.offer(kinds, {row.slug: row.name for row in offers.list_means(db.session())})


@bp.get("/<proposition>")
@requires(RIGHT, load)
def ask_outcome(meeting: Meeting) -> Answer | str:
    """Ask what the meeting decides of a proposal."""
    proposal = _on_agenda(meeting)
    if not agenda_rules.kinds_for(proposal):
        return redirect(_back(meeting))
    form = OutcomeForm(formdata=None, data={"version": str(proposal.version)})
    return give_key(form) or _outcome_page(meeting, proposal, form)


def _outcome_page(meeting: Meeting, proposal: Proposal, form: OutcomeForm) -> str:
    _offer(form, agenda_rules.kinds_for(proposal) or agenda_rules.OFFERED)
    opinions, number = queries.list_published_opinions(db.session(), proposal, 3)
    return render_template(
        "circuit/outcome.html", meeting=meeting, form=form, opinions=opinions, number=number, **story(proposal)
    )


@bp.post("/<proposition>")
@requires(RIGHT, load)
def decide(meeting: Meeting) -> Answer:
    """Record what the meeting decides of a proposal."""
    proposal, form = _on_agenda(meeting), OutcomeForm()
    _offer(form, agenda_rules.OFFERED)  # all of them: the same sent again finds the proposal decided

    def act() -> str:
        queries.lock(db.session(), proposal)
        step = agenda_rules.decide(
            db.session(), meeting, proposal, _outcome(form), version=version_of(form), by=actor()
        )
        flash(_("Décision notée : « %(kind)s ».", kind=STEP_KINDS[step.kind]), "success")
        return _back(meeting)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _outcome_page(meeting, proposal, form)

    return send(form, act, again)


def _outcome(form: OutcomeForm) -> agenda_rules.Outcome:
    return agenda_rules.Outcome(
        kind=form.kind.data,
        reason=form.reason.data,
        short_answer=form.short_answer.data,
        owner=form.owner.data,
        due_on=form.due_on.data,
        funding=form.funding.data or None,
        amount_cents=form.amount.data,
        votes_for=form.votes_for.data,
        votes_against=form.votes_against.data,
        abstentions=form.abstentions.data,
        deliberation=form.deliberation.data,
    )


# On a meeting's page


def _of_meeting(meeting: Meeting) -> Markup | None:
    """Show what is to be decided; what was decided stands with what was said of proposals.

    What was answered elsewhere meanwhile is not to be decided any more.
    """
    if meeting.status == "annulee":
        return None
    past = meeting.held_on < clock.today()
    items = agenda_queries.list_agenda(db.session(), meeting)
    undecided = [item for item in items if not agenda_rules.decided_at(item.proposal, meeting)]
    shown = undecided if past else [item for item in undecided if agenda_rules.kinds_for(item.proposal)]
    return fragment("circuit/_agenda_of_meeting.html", items=shown, past=past) if shown else None


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee" or not may(RIGHT, meeting):
        return None
    number = agenda_queries.count_agenda(db.session(), meeting)
    return fragment("circuit/_agenda_of_meeting_for_team.html", meeting=meeting, number=number)


provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
