"""The one page on which an élu answers a proposal (ux.md, screen 25)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from participation import clock
from participation.actions import answering
from participation.actions.answering_forms import ReplyForm
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.opinions.forms import version_of
from participation.permissions import actor, requires
from participation.proposals import offers, queries, step_rules
from participation.proposals.models import WAITING, Circuit, Proposal
from participation.proposals.team_views import load_circuit
from participation.proposals.views import story
from participation.sending import Answer, give_key, send

bp = Blueprint("answering", __name__, url_prefix="/equipe/propositions/<ref>")

QUOTED = 3
"""Opinions quoted on the page: the others are a link away."""


@bp.get("/repondre")
@requires("proposal.decide_at_meeting", load=load_circuit)
def ask(circuit: Circuit) -> Answer | str:
    """Show what residents ask and the form of the answer; a proposal that waits for none leads to its page."""
    proposal = circuit.proposal
    if proposal.state not in WAITING:
        flash(_("Cette proposition a déjà sa réponse."), "info")
        return redirect(_page_of(proposal), 303)
    form = ReplyForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    last = max(step.on_date for step in proposal.steps)
    given = {"version": str(proposal.version), "on_date": max(clock.today(), last), "cle": form.cle.data}
    form.process(formdata=None, data=given)
    return _page(proposal, form)


@bp.post("/reponse")
@requires("proposal.decide_at_meeting", load=load_circuit)
def create(circuit: Circuit) -> Answer:
    """Give the answer, once."""
    proposal = circuit.proposal
    form = ReplyForm()
    _offer(form, proposal)

    def act() -> str:
        queries.lock(db.session(), proposal)
        answering.answer(db.session(), proposal, _reply(form), version=version_of(form), by=actor())
        flash(_("Votre réponse est publiée. Il reste à la dire aux habitants."), "success")
        return url_for("waiting.own") if actor().role == "elu" else _page_of(proposal)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _page(proposal, form)

    return send(form, act, again)


def _page_of(proposal: Proposal) -> str:
    return url_for("team_proposals.show", ref=proposal.ref)


def _page(proposal: Proposal, form: ReplyForm) -> str:
    _offer(form, proposal)
    quoted, number = queries.list_published_opinions(db.session(), proposal, QUOTED)
    return render_template(
        "actions/answer.html", form=form, opinions=quoted, number_of_opinions=number, **story(proposal)
    )


def _offer(form: ReplyForm, proposal: Proposal) -> None:
    form.offer(
        kinds=step_rules.possible_kinds(proposal, actor()),
        meetings=_meetings(proposal, form.meeting.data),
        means={row.slug: row.name for row in offers.list_means(db.session())},
        today=clock.today(),
    )


def _meetings(proposal: Proposal, also: str | None) -> list[Meeting]:
    """Return the meetings to choose from, the one that is chosen already among them."""
    bodies = [proposal.body, *(step.to_body for step in proposal.steps if step.to_body)]
    meetings = offers.list_meetings_for(db.session(), actor(), bodies, clock.today())
    extra = offers.find_meeting(db.session(), also)
    return [extra, *meetings] if extra and extra not in meetings else meetings


def _reply(form: ReplyForm) -> answering.Reply:
    """Return what the form says, with the rows that it names."""
    assert form.on_date.data is not None  # the form has asked for it
    said: dict[str, Any] = {
        name: form[name].data for name in ("short_answer", "reason", "on_date", "next", "owner", "deliberation")
    }
    return answering.Reply(
        **said,
        decision=form.decision.data,
        due_on=form.until(clock.today()),
        funding=form.funding.data or None,
        amount_cents=form.amount.data,
        meeting=offers.find_meeting(db.session(), form.meeting.data),
    )
