"""Proposals for the team: make one from opinions, change what it says, see which answers are owed."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participation import clock, journal
from participation.addresses import beside
from participation.bodies.models import Body
from participation.errors import Refusal
from participation.extensions import db
from participation.formatting import datetime_fr
from participation.idempotency import was_sent
from participation.meetings.models import Meeting
from participation.meetings.queries import get_meeting, list_bodies, list_quartiers
from participation.opinions import queries as opinion_queries
from participation.opinions.forms import version_of
from participation.opinions.models import REJECTED, Opinion
from participation.opinions.queries import list_themes
from participation.permissions import actor, may, requires
from participation.proposals import offers, queries, rules, step_rules
from participation.proposals.cards import cards
from participation.proposals.forms import (
    AttachFilters,
    AttachForm,
    EditProposalForm,
    KeyForm,
    NewProposalForm,
    TeamFilters,
)
from participation.proposals.models import Circuit, Proposal
from participation.proposals.similar import LONGEST_COMPARED, Near, similar
from participation.proposals.views import asked_filters, beside_steps, kept_filters, offer, story
from participation.sending import Answer, give_key, send

bp = Blueprint("team_proposals", __name__)

MOST_OPINIONS = 200
"""Opinions attached in one go."""
CREATE_ANYWAY = "quand-meme"
ASK_FROM = 80
"""How near (similar.py) another proposal is when the team is asked whether to create one more. It merges nothing."""


def load(ref: str) -> Proposal:
    """Return the proposal of an address. Raises NotFound."""
    return queries.get_proposal(db.session(), ref)


def load_circuit(ref: str, **_others: Any) -> Circuit:
    """Return the proposal of an address, seen by those who act on its steps. Raises NotFound."""
    return Circuit(load(ref))


# Lists


@bp.get("/equipe/propositions")
@requires("proposal.step")
def index() -> str:
    """Show the proposals on which the account may act, or all of them."""
    form = TeamFilters(request.args)
    offer(form)
    asked = asked_filters(form, confirmed=True)
    everywhere = bool(request.args.get("toutes"))
    page = queries.list_for_team(db.session(), actor(), asked, request.args, clock.today(), mine=not everywhere)
    return render_template(
        "proposals/team_index.html",
        cards=cards(db.session(), page.items, clock.today(), team=True),
        beside=beside(page),
        filters=form,
        active=everywhere or asked != queries.Filters(confirmed=True),
        kept=kept_filters(),
    )


# Make


@bp.get("/equipe/propositions/nouvelle")
@requires("proposal.create")
def new() -> Answer | str:
    """Show the form, filled after the opinions (`?avis=`) and the meeting (`?rencontre=`) that the address names."""
    form = NewProposalForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    opinions = _readable(request.args.getlist("avis"))
    meeting = _meeting_of(request.args.get("rencontre"), opinions)
    form.process(formdata=None, data={**_guessed(opinions, meeting), "cle": form.cle.data})
    return _new_page(
        form,
        opinions,
        left_out=len(set(request.args.getlist("avis"))) - len(opinions),
        near=similar(db.session(), " ".join(opinion.text for opinion in opinions)[:LONGEST_COMPARED]),
    )


@bp.post("/equipe/propositions")
@requires("proposal.create")
def create() -> Answer:
    """Make the proposal."""
    form = NewProposalForm()
    _offer_new(form)
    refs = request.form.getlist("avis")
    near = _near_enough(form)
    if near:
        return _new_page(form, _readable(refs), near=near, asking=True), 422

    def act() -> str:
        body = next((body for body in list_bodies(db.session()) if body.slug == form.body.data), None)
        assert body is not None  # the form has checked it
        assert form.on_date.data is not None
        proposal = rules.create(
            db.session(),
            _draft(form),
            body=body,
            on_date=form.on_date.data,
            meeting=offers.find_meeting(db.session(), form.rencontre.data),
            opinions=_found(refs),
            by=actor(),
        )
        flash(_("La proposition est créée."), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    return send(form, act, lambda: _new_page(form, _readable(refs)))


def _near_enough(form: NewProposalForm) -> list[Near]:
    """Return what is so near that the team is asked first, once; nothing where the form has a fault or was sent."""
    if request.form.get("valider") == CREATE_ANYWAY or not form.validate() or was_sent(request.form):
        return []
    near = similar(db.session(), f"{form.title.data} {form.text.data or ''}")
    return near if near and near[0].score >= ASK_FROM else []


def _new_page(
    form: NewProposalForm,
    opinions: list[Opinion],
    *,
    left_out: int = 0,
    near: Sequence[Near] = (),
    asking: bool = False,
) -> str:
    _offer_new(form)
    return render_template(
        "proposals/new.html",
        form=form,
        opinions=opinions,
        meeting=offers.find_meeting(db.session(), form.rencontre.data),
        left_out=left_out,
        near=near,
        asking=CREATE_ANYWAY if asking else None,
    )


def _offer_new(form: NewProposalForm) -> None:
    form.offer(
        themes=list_themes(db.session()),
        quartiers=list_quartiers(db.session()),
        objectives=offers.list_objectives(db.session()),
    )
    today = clock.today()
    bodies = (body for body in list_bodies(db.session()) if not (body.closed_on and body.closed_on < today))
    form.offer_bodies(body for body in bodies if may("proposal.create", body))


def _readable(refs: list[str]) -> list[Opinion]:
    """Return the opinions of these refs that may feed a proposal and that the account may read."""
    found = opinion_queries.list_by_refs(db.session(), refs[:MOST_OPINIONS])
    return [
        opinion
        for opinion in found
        if opinion.moderation != REJECTED
        and opinion.proposal_id is None
        and (opinion.is_public or may("opinion.read", opinion))
    ]


def _found(refs: list[str]) -> list[Opinion]:
    """Return the opinions of these refs. Raises Refusal where one does not exist or there are too many."""
    wanted = list(dict.fromkeys(refs))
    if len(wanted) > MOST_OPINIONS:
        raise Refusal(_("Choisissez moins d'avis : %(max)s au plus à la fois.", max=MOST_OPINIONS))
    found = opinion_queries.list_by_refs(db.session(), wanted)
    if len(found) != len(wanted):
        raise Refusal(_("Un des avis choisis n'existe plus. Rechargez la liste."))
    return found


def _meeting_of(ref: str | None, opinions: list[Opinion]) -> Meeting | None:
    """Return the meeting where the proposal is made: the one named, else the one where all was said."""
    if ref:
        return get_meeting(db.session(), ref)
    meetings = {opinion.meeting for opinion in opinions}
    return meetings.pop() if len(meetings) == 1 else None


def _guessed(opinions: list[Opinion], meeting: Meeting | None) -> dict[str, Any]:
    """Return what the opinions and the meeting say already."""
    themes = {opinion.theme.slug for opinion in opinions if opinion.theme}
    quartiers = {opinion.quartier.slug for opinion in opinions if opinion.quartier}
    bodies = list(meeting.bodies) if meeting else [opinion.body for opinion in opinions if opinion.body]
    day = meeting.held_on if meeting else clock.today()
    return {
        "theme": themes.pop() if len(themes) == 1 else "",
        "quartiers": sorted(quartiers),
        "body": _own_body(bodies),
        "on_date": min(day, clock.today()),
        "rencontre": meeting.ref if meeting else "",
    }


def _own_body(bodies: list[Body]) -> str:
    own = {body.slug for body in bodies if may("proposal.create", body)}
    return own.pop() if len(own) == 1 else ""


def _draft(form: NewProposalForm | EditProposalForm) -> rules.Draft:
    quartiers, objectives = set(form.quartiers.data or ()), set(form.objectives.data or ())
    return rules.Draft(
        title=form.title.data or "",
        text=form.text.data,
        theme=next((theme for theme in list_themes(db.session()) if theme.slug == form.theme.data), None),
        quartiers=tuple(row for row in list_quartiers(db.session()) if row.slug in quartiers),
        objectives=tuple(row for row in offers.list_objectives(db.session()) if row.code in objectives),
    )


# One proposal


@bp.get("/equipe/propositions/<ref>")
@requires("proposal.step", load=load_circuit)
def show(circuit: Circuit) -> str:
    """Show the history, what can be done next, and the opinions behind it."""
    proposal = circuit.proposal
    opinions = queries.list_opinions(db.session(), proposal)
    readable = [o for o in opinions if o.is_public or may("opinion.read", o)]
    return render_template(
        "proposals/team_show.html",
        circuit=circuit,
        kinds=step_rules.possible_kinds(proposal, actor()),
        opinions=readable,
        number_of_opinions=len(opinions),
        key=KeyForm(formdata=None),
        journal_rows=[
            [datetime_fr(entry.at), entry.actor, entry.sentence]
            for entry in journal.list_entries(db.session(), "proposal", proposal.ref)
        ],
        beside_steps=beside_steps("steps.team", proposal),
        **story(proposal),
    )


@bp.get("/equipe/propositions/<ref>/modifier")
@requires("proposal.edit", load=load)
def edit(proposal: Proposal) -> Answer | str:
    """Show the form that changes what the proposal says."""
    form = EditProposalForm(
        formdata=None,
        data={
            "title": proposal.title,
            "text": proposal.text,
            "theme": proposal.theme.slug if proposal.theme else "",
            "quartiers": [quartier.slug for quartier in proposal.quartiers],
            "objectives": [objective.code for objective in proposal.objectives],
            "version": str(proposal.version),
        },
    )
    return give_key(form) or _edit_page(proposal, form)


def _edit_page(proposal: Proposal, form: EditProposalForm, *, stale: bool = False) -> str:
    _offer_edit(form)
    return render_template("proposals/edit.html", proposal=proposal, form=form, stale=stale)


def _offer_edit(form: EditProposalForm) -> None:
    form.offer(
        themes=list_themes(db.session()),
        quartiers=list_quartiers(db.session()),
        objectives=offers.list_objectives(db.session()),
    )


@bp.post("/equipe/propositions/<ref>")
@requires("proposal.edit", load=load)
def change(proposal: Proposal) -> Answer:
    """Change what the proposal says."""
    form = EditProposalForm()
    _offer_edit(form)

    def act() -> str:
        queries.lock(db.session(), proposal)
        if rules.edit(db.session(), proposal, _draft(form), version=version_of(form), by=actor()):
            flash(_("La proposition est modifiée."), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    def again() -> str:
        stale = version_of(form) != proposal.version
        form.version.data = str(proposal.version)
        return _edit_page(proposal, form, stale=stale)

    return send(form, act, again)


# Its opinions


@bp.get("/equipe/propositions/<ref>/avis")
@requires("proposal.edit", load=load)
def opinions_to_attach(proposal: Proposal) -> str:
    """Show opinions that feed no proposal yet, to attach some."""
    return _attach_page(proposal, AttachForm(formdata=None))


def _attach_page(proposal: Proposal, form: AttachForm) -> str:
    filters = AttachFilters(request.args)
    filters.offer(
        bodies=list_bodies(db.session()), quartiers=list_quartiers(db.session()), themes=list_themes(db.session())
    )
    asked = opinion_queries.Filters(
        body=request.args.get("instance") or None,
        quartier=request.args.get("quartier") or None,
        theme=request.args.get("theme") or None,
    )
    page = offers.list_opinions_to_attach(db.session(), actor(), asked, request.args)
    return render_template(
        "proposals/attach.html",
        proposal=proposal,
        form=form,
        page=page,
        beside=beside(page),
        filters=filters,
        active=asked != opinion_queries.Filters(),
    )


@bp.post("/equipe/propositions/<ref>/avis")
@requires("proposal.edit", load=load)
def attach(proposal: Proposal) -> Answer:
    """Attach the opinions that are ticked."""
    form = AttachForm()
    refs = request.form.getlist("avis")

    def act() -> str:
        if not refs:
            raise Refusal(_("Cochez au moins un avis dans la liste."))
        number = rules.attach(db.session(), proposal, _found(refs), by=actor())
        flash(ngettext("%(num)s avis est rattaché.", "%(num)s avis sont rattachés.", number), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    return send(form, act, lambda: _attach_page(proposal, form))


@bp.post("/equipe/propositions/<ref>/avis/<opinion>/detacher")
@requires("proposal.edit", load=lambda ref, opinion: load(ref))
def detach(proposal: Proposal) -> Answer:
    """Take back that the proposal comes of an opinion."""
    assert request.view_args
    opinion = opinion_queries.get_opinion(db.session(), request.view_args["opinion"])
    form = KeyForm()

    def act() -> str:
        if rules.detach(db.session(), proposal, opinion, by=actor()):
            flash(_("L'avis est détaché de la proposition."), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    return send(form, act, lambda: _refused(proposal, form))


def _refused(proposal: Proposal, form: KeyForm) -> str:
    return render_template("proposals/refused.html", proposal=proposal, form=form)
