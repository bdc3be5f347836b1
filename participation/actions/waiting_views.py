"""« Donner suite » (ux.md, screen 25): what is owed, by whom, until when; and an élu's own page."""

from typing import Any

from flask import Blueprint, render_template, request

from participation import clock
from participation.actions import waiting
from participation.addresses import beside
from participation.extensions import db
from participation.formatting import date_fr
from participation.opinions.models import Opinion
from participation.paging import Page
from participation.permissions import actor, requires
from participation.proposals.cards import cards
from participation.proposals.models import STEP_KINDS, Proposal
from participation.proposals.queries import list_waiting
from participation.proposals.step_rules import last_sent

bp = Blueprint("waiting", __name__)

SHOWN = 5
"""Opinions and untold answers on an élu's own page: the others are a link away."""


@bp.get("/elus")
@requires("answers.own")
def own() -> str:
    """Show an élu what waits for them: proposals to answer first, then opinions, then answers to tell."""
    session, account = db.session(), actor()
    page = waiting.list_owed_by(session, account, request.args)
    unanswered = waiting.list_unanswered(session, account, {})
    untold = waiting.list_untold(session, account, {})
    return render_template(
        "actions/own.html",
        account=account,
        **_proposals(page),
        opinions=unanswered.items[:SHOWN],
        number_of_opinions=waiting.count_unanswered(session, account),
        late=_late(unanswered.items[:SHOWN]),
        steps=untold.items[:SHOWN],
        number_of_steps=waiting.count_untold(session, account),
        kinds=STEP_KINDS,
    )


def _proposals(page: Page[Proposal]) -> dict[str, Any]:
    """Return what a list of proposals to answer shows: of each, who owes the answer."""
    return {
        "cards": cards(db.session(), page.items, clock.today(), team=True),
        "beside": beside(page),
        "sent": {proposal.id: last_sent(proposal) for proposal in page.items},
    }


def _late(opinions: list[Opinion]) -> dict[int, str]:
    """Return of each opinion whose meeting announced a date of answer that is past, that date in words."""
    today = clock.today()
    dates = {opinion.id: opinion.meeting.answer_due_on for opinion in opinions if opinion.meeting}
    return {number: date_fr(day) for number, day in dates.items() if day and day < today}


@bp.get("/equipe/suites")
@requires("team.home")
def owed() -> str:
    """Show the proposals that wait for an answer, the oldest due first."""
    return render_template("actions/owed.html", **_proposals(list_waiting(db.session(), actor(), request.args)))


@bp.get("/equipe/suites/avis")
@requires("opinion.answer")
def unanswered() -> str:
    """Show the opinions that wait for a short answer of their own, the oldest first."""
    page = waiting.list_unanswered(db.session(), actor(), request.args)
    return render_template("actions/unanswered.html", page=page, beside=beside(page), late=_late(page.items))


@bp.get("/equipe/suites/a-dire")
@requires("proposal.told")
def untold() -> str:
    """Show the answers that nobody has told residents yet, the oldest first."""
    page = waiting.list_untold(db.session(), actor(), request.args)
    return render_template("actions/untold.html", page=page, beside=beside(page), kinds=STEP_KINDS)
