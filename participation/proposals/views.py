"""Proposals for everybody: the list, the history of one, the answers; and what they add to other features' pages."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from participation import clock
from participation.addresses import beside, here
from participation.extensions import db
from participation.fragments import fragments_of_each, provide
from participation.meetings.models import Meeting
from participation.meetings.queries import list_bodies, list_communes, list_quartiers
from participation.opinions.models import Opinion
from participation.opinions.queries import list_themes
from participation.permissions import may, public
from participation.proposals import history, offers, phones, queries, step_rules, supports
from participation.proposals.cards import Card, cards
from participation.proposals.forms import PublicFilters
from participation.proposals.models import Proposal

bp = Blueprint("proposals", __name__)

QUOTED = 30
"""Opinions quoted on the page of a proposal."""
QUOTED_OPEN = 5
"""Those of them that are in sight; the others open at a tap, so that the story goes on soon."""


FILTER_NAMES = ("q", "instance", "commune", "quartier", "theme", "objectif", "etat", "retard", "toutes")
"""Arguments of an address that choose proposals."""


# The list


@bp.get("/propositions")
@public
def index() -> str:
    """Show the proposals, the latest first."""
    form = PublicFilters(request.args)
    offer(form)
    contract = queries.find_contract(db.session())
    asked = asked_filters(form, confirmed=bool(contract and contract.response_days_confirmed))
    page = queries.list_for_everybody(db.session(), asked, request.args, clock.today())
    standings = supports.standings(db.session(), page.items, phones.leave_number())
    return render_template(
        "proposals/index.html",
        cards=cards(db.session(), page.items, clock.today(), standings=standings),
        beside=beside(page),
        filters=form,
        searched=asked.search,
        active=asked != queries.Filters(confirmed=asked.confirmed, search=asked.search),
        here=here(),
        tapped=tapped(),
        kept=kept_filters(),
    )


def kept_filters() -> dict[str, str]:
    """Return the filters of the address, for an address that shows the same rows in another way."""
    return {name: request.args[name] for name in FILTER_NAMES if request.args.get(name)}


def tapped() -> dict[str, Any]:
    """Return what has just happened to the support of a proposal, by the proposal's ref, as its address says."""
    return {request.args.get("carte", ""): request.args.get("soutien", "")}


def asked_filters(form: PublicFilters, *, confirmed: bool) -> queries.Filters:
    """Return what the address asks of a list of proposals."""
    state = history.STATES.get(request.args.get("etat", ""))
    return queries.Filters(
        search=form.q.data or None,
        body=request.args.get("instance") or None,
        commune=request.args.get("commune") or None,
        quartier=request.args.get("quartier") or None,
        theme=request.args.get("theme") or None,
        objective=request.args.get("objectif") or None,
        states=state[1] if state else (),
        late=bool(request.args.get("retard")),
        confirmed=confirmed,
    )


def offer(form: PublicFilters) -> None:
    """Fill the lists of the filters."""
    form.offer(
        bodies=list_bodies(db.session()),
        communes=list_communes(db.session()),
        quartiers=list_quartiers(db.session()),
        themes=list_themes(db.session()),
        objectives=offers.list_objectives(db.session()),
    )


# One proposal


@bp.get("/propositions/<ref>")
@public
def show(ref: str) -> str | Response:
    """Show the history of a proposal; `ref` may be followed by the slug of its title."""
    proposal = queries.get_proposal(db.session(), queries.resolve(db.session(), ref))
    canonical = queries.canonical_paths(db.session(), [(proposal.ref, proposal.title)])[proposal.ref]
    if ref != canonical:
        moved = url_for("proposals.show", ref=canonical)
        asked = request.query_string.decode("ascii", "ignore")
        return redirect(f"{moved}?{asked}" if asked else moved, 302)  # not for ever: a title may change
    opinions, number = queries.list_published_opinions(db.session(), proposal, QUOTED)
    standing = supports.standings(db.session(), [proposal], phones.leave_number())[proposal.id]
    return render_template(
        "proposals/show.html",
        standing=standing,
        here=here(),
        tapped=tapped(),
        opinions=opinions,
        number_of_opinions=number,
        quoted=QUOTED_OPEN,
        may_step=may("proposal.step", proposal),
        beside_steps=beside_steps("steps.public", proposal),
        **story(proposal),
    )


def beside_steps(slot: str, proposal: Proposal) -> dict[int, Markup]:
    """Return what the features above show beside each step, by the step's number."""
    found = fragments_of_each(slot, proposal.steps)
    return {step.position: found[step.id] for step in proposal.steps if step.id in found}


def story(proposal: Proposal) -> dict[str, Any]:
    """Return what the public page and the team's page of a proposal both tell."""
    due = history.due_of(proposal, queries.find_contract(db.session()), clock.today())
    means = {row.slug: row.name for row in offers.list_means(db.session())}
    return {
        "proposal": proposal,
        "lines": history.tell(proposal, means),
        "due": due,
        "card": Card(proposal, "", history.answer_of(proposal), due),
        "state_sentence": history.state_sentence(proposal, due),
        "merged": queries.list_merged_into(db.session(), proposal),
        "continues": step_rules.last_step(proposal).to_proposal,
    }


# What proposals add to other pages


def _of_meeting(meeting: Meeting) -> Markup | None:
    born = cards(db.session(), queries.list_born_at(db.session(), meeting), clock.today())
    steps = queries.list_steps_at(db.session(), meeting)
    if not born and not steps:
        return None
    return _fragment("proposals/_of_meeting.html", born=born, steps=steps, meeting=meeting, votes=history.votes)


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if not may("proposal.create", meeting):
        return None
    born = cards(db.session(), queries.list_born_at(db.session(), meeting), clock.today(), team=True)
    return _fragment("proposals/_of_meeting_for_team.html", born=born, meeting=meeting)


def _of_opinion(opinion: Opinion) -> Markup | None:
    proposal = db.session.get(Proposal, opinion.proposal_id) if opinion.proposal_id else None
    chain = step_rules.merged_after(db.session(), proposal.id) if proposal else []
    final = db.session.get(Proposal, chain[-1]) if chain else proposal
    return _fragment(
        "proposals/_of_opinion.html",
        opinion=opinion,
        proposal=proposal,
        final=final,
        state=history.opinion_state(opinion, final),
    )


def _fragment(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
provide("opinion.team", _of_opinion)
