"""Actions for the team: plan, tell how it goes on, finish, give up; and what everybody sees of them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock
from participation.actions import queries, rules
from participation.actions.forms import ActionFilters, ActionForm, DropForm, KeyForm, NewsForm
from participation.actions.models import Action
from participation.actions.sent_photo import sent_photo
from participation.addresses import beside
from participation.errors import Refusal
from participation.extensions import db
from participation.fragments import provide
from participation.opinions.forms import version_of
from participation.permissions import actor, may, requires
from participation.proposals.models import Circuit, Proposal
from participation.proposals.team_views import load_circuit
from participation.sending import Answer, give_key, send

bp = Blueprint("actions", __name__)

WITHOUT_SHOWN = 10
"""Accepted proposals without any action that the list names."""


def _action(ref: str) -> Action:
    return queries.get_action(db.session(), ref)


# The list


@bp.get("/equipe/actions")
@requires("proposal.step")
def index() -> str:
    """Show the open actions, the soonest first, or the late or ended ones; and what was accepted without any."""
    session, account, today = db.session(), actor(), clock.today()
    form = ActionFilters(request.args)
    shown = form.etat.data if form.validate() else queries.OPEN
    page = queries.list_for_team(session, account, shown, request.args, today)
    return render_template(
        "actions/index.html",
        actions=page.items,
        beside=beside(page),
        filters=form,
        shown=shown,
        without=queries.list_without_action(session, account, WITHOUT_SHOWN) if shown == queries.OPEN else [],
        today=today,
    )


# Plan


@bp.get("/equipe/propositions/<ref>/actions/nouvelle")
@requires("proposal.step", load=load_circuit)
def new(circuit: Circuit) -> Answer | str:
    """Show the form that plans an action."""
    form = ActionForm(formdata=None)
    return give_key(form) or _new_page(circuit.proposal, form)


def _new_page(proposal: Proposal, form: ActionForm) -> str:
    return render_template("actions/new.html", form=form, proposal=proposal)


@bp.post("/equipe/propositions/<ref>/actions")
@requires("proposal.step", load=load_circuit)
def create(circuit: Circuit) -> Answer:
    """Plan an action."""
    proposal, form = circuit.proposal, ActionForm()

    def act() -> str:
        action = rules.add(db.session(), proposal, _draft(form), by=actor())
        flash(_("L'action est prévue."), "success")
        return _page_of(action)

    return send(form, act, lambda: _new_page(proposal, form))


def _draft(form: ActionForm) -> rules.ActionDraft:
    return rules.ActionDraft(form.text.data or "", form.owner.data, form.due_on.data, form.residents.data)


def _page_of(action: Action) -> str:
    return url_for("actions.show", ref=action.ref)


# One action


@bp.get("/equipe/actions/<ref>")
@requires("proposal.step", load=_action)
def show(action: Action) -> Answer | str:
    """Show an action, what was told of it, and the form to tell more."""
    form = NewsForm(formdata=None)
    keyed = give_key(form) if action.is_open else None
    if keyed:
        return keyed
    form.process(formdata=None, data={"on_date": clock.today(), "cle": form.cle.data})
    return _page(action, form)


def _page(action: Action, form: NewsForm) -> str:
    return render_template(
        "actions/show.html", action=action, form=form, key=KeyForm(formdata=None), today=clock.today()
    )


@bp.get("/equipe/actions/<ref>/modifier")
@requires("proposal.step", load=_action)
def edit(action: Action) -> Answer | str:
    """Show the form that changes what an action says."""
    given = {name: getattr(action, name) for name in rules.LABELS} | {"version": str(action.version)}
    form = ActionForm(formdata=None, data=given)
    return give_key(form) or _edit_page(action, form)


def _edit_page(action: Action, form: ActionForm) -> str:
    return render_template("actions/edit.html", form=form, action=action)


@bp.post("/equipe/actions/<ref>")
@requires("proposal.step", load=_action)
def change(action: Action) -> Answer:
    """Change what an action says."""
    form = ActionForm()

    def act() -> str:
        if rules.change(db.session(), action, _draft(form), version=version_of(form), by=actor()):
            flash(_("L'action est modifiée."), "success")
        return _page_of(action)

    def again() -> str:
        form.version.data = str(action.version)
        return _edit_page(action, form)

    return send(form, act, again)


@bp.post("/equipe/actions/<ref>/nouvelles")
@requires("proposal.step", load=_action)
def tell(action: Action) -> Answer:
    """Add news to an action, with a photo if there is one; or say that it is done."""
    form = NewsForm()
    try:
        photo = sent_photo(form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(action, form), refusal.status

    def act() -> str:
        assert form.on_date.data is not None  # the form has asked for it
        news = rules.News(form.text.data or "", form.on_date.data, photo, form.description.data)
        rules.tell(db.session(), action, news, done=bool(form.done.data), by=actor())
        flash(
            _("L'action est faite. Merci.") if form.done.data else _("C'est noté. Tout le monde peut le lire."),
            "success",
        )
        return _page_of(action)

    return send(form, act, lambda: _page(action, form))


# Given up, begun again


@bp.get("/equipe/actions/<ref>/arreter")
@requires("proposal.step", load=_action)
def ask_drop(action: Action) -> Answer | str:
    """Ask why an action is given up."""
    if not action.is_open:
        return redirect(_page_of(action), 303)
    form = DropForm(formdata=None)
    return give_key(form) or _drop_page(action, form)


def _drop_page(action: Action, form: DropForm) -> str:
    return render_template("actions/drop.html", form=form, action=action)


@bp.post("/equipe/actions/<ref>/arret")
@requires("proposal.step", load=_action)
def drop(action: Action) -> Answer:
    """Give an action up, for a reason."""
    form = DropForm()

    def act() -> str:
        if rules.drop(db.session(), action, form.reason.data, by=actor()):
            flash(_("L'action est arrêtée. Elle reste visible, avec son motif."), "success")
        return _page_of(action)

    return send(form, act, lambda: _drop_page(action, form))


@bp.post("/equipe/actions/<ref>/rouvrir")
@requires("proposal.step", load=_action)
def reopen(action: Action) -> Answer:
    """Take back that an action is done or given up."""
    form = KeyForm()

    def act() -> str:
        if rules.reopen(db.session(), action, by=actor()):
            flash(_("L'action est rouverte."), "success")
        return _page_of(action)

    return send(form, act, lambda: _page(action, NewsForm(formdata=None)))


# What actions add to other pages


def _of_proposal(proposal: Proposal) -> Markup | None:
    """Show everybody what is being done of a proposal."""
    return _shown(queries.list_of(db.session(), proposal), "actions/_of_proposal.html", proposal)


def _of_proposal_for_team(proposal: Proposal) -> Markup | None:
    """Show the team the actions of a proposal, and what may be done about them."""
    if not may("proposal.step", Circuit(proposal)):
        return None
    actions = queries.list_of(db.session(), proposal)
    if not actions and proposal.state not in rules.UNDER_WAY:
        return None
    return _part(
        "actions/_of_proposal_for_team.html",
        proposal=proposal,
        actions=actions,
        under_way=proposal.state in rules.UNDER_WAY,
        today=clock.today(),
    )


def _warning(proposal: Proposal) -> Markup | None:
    """Warn whoever is about to say that a proposal is done while actions are open."""
    return _shown(queries.list_open_of(db.session(), proposal), "actions/_open_for_team.html", proposal)


def _shown(actions: list[Action], template: str, proposal: Proposal) -> Markup | None:
    if not actions:
        return None
    return _part(template, proposal=proposal, actions=actions, today=clock.today(), living=queries.LIVING)


def _part(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


provide("proposal.deeds.public", _of_proposal)
provide("receipt.public", _of_proposal)
provide("proposal.team", _of_proposal_for_team)
provide("proposal.done.team", _warning)
