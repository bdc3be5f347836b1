"""A proposal is done: what was done, shown to residents; and the photos of actions over HTTP."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock
from participation.actions import queries, rules
from participation.actions.forms import CLOSED, DoneForm, KeyForm
from participation.actions.models import Action, ActionPhoto
from participation.actions.sent_photo import sent_photo
from participation.actions.views import bp
from participation.errors import Refusal
from participation.extensions import db
from participation.media.serving import serve
from participation.opinions.forms import version_of
from participation.permissions import actor, public, requires
from participation.proposals import queries as proposals
from participation.proposals.models import Circuit, Proposal
from participation.proposals.team_views import load_circuit
from participation.sending import Answer, give_key, send


@bp.get("/equipe/propositions/<ref>/fait")
@requires("proposal.step", load=load_circuit)
def ask_done(circuit: Circuit) -> Answer | str:
    """Ask what was done of a proposal; one that is not under way leads to its page."""
    proposal = circuit.proposal
    if proposal.state not in rules.UNDER_WAY:
        flash(_("Cette proposition n'est pas en cours : elle ne peut pas être notée comme faite."), "info")
        return redirect(_page_of(proposal), 303)
    form = DoneForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    given = {"version": str(proposal.version), "on_date": clock.today(), "cle": form.cle.data}
    form.process(formdata=None, data=given)
    return _done_page(proposal, form, _ask_for_open(form, proposal))


def _page_of(proposal: Proposal) -> str:
    return url_for("team_proposals.show", ref=proposal.ref)


def _ask_for_open(form: DoneForm, proposal: Proposal) -> list[Action]:
    """Return the open actions of a proposal, of which the form asks what they become."""
    left = queries.list_open_of(db.session(), proposal)
    form.ask_for_open(len(left))
    return left


def _done_page(proposal: Proposal, form: DoneForm, left: list[Action]) -> str:
    return render_template("actions/done.html", form=form, proposal=proposal, left=left, today=clock.today())


@bp.post("/equipe/propositions/<ref>/realisation")
@requires("proposal.step", load=load_circuit)
def finish(circuit: Circuit) -> Answer:
    """Say that a proposal is done."""
    proposal = circuit.proposal
    form = DoneForm()
    left = _ask_for_open(form, proposal)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _done_page(proposal, form, left)

    try:
        photo = sent_photo(form)
    except Refusal as refusal:
        form.refuse(refusal)
        return again(), refusal.status

    def act() -> str:
        assert form.on_date.data is not None  # the form has asked for it
        news = rules.News(form.text.data or "", form.on_date.data, photo, form.description.data)
        done = rules.Done(news, form.short_answer.data, close=bool(left) and form.left.data == CLOSED)
        proposals.lock(db.session(), proposal)
        rules.finish(db.session(), proposal, done, version=version_of(form), by=actor())
        flash(
            _("C'est noté : la proposition est faite. Les habitants peuvent maintenant dire ce qu'ils en pensent."),
            "success",
        )
        return _page_of(proposal)

    return send(form, act, again)


# Photos


def _photo(ref: str) -> ActionPhoto:
    return queries.get_photo(db.session(), ref)


@bp.get("/photos/<ref>")
@public
def photo(ref: str) -> Response:
    """Give a photo of an action: it is public, as the page on which it stands; an erased one does not exist."""
    found = _photo(ref)
    if not found.is_kept:
        abort(404)
    return serve(found, "photo", everybody=True)


def _action_of_photo(ref: str) -> Action:
    return _photo(ref).note.action


@bp.get("/equipe/photos/<ref>/effacer")
@requires("proposal.void_step", load=_action_of_photo)
def ask_to_erase(action: Action) -> Answer | str:
    """Ask before erasing a photo: it cannot be taken back."""
    found = _asked_photo(action)
    if not found.is_kept:
        return redirect(url_for("actions.show", ref=action.ref), 303)
    form = KeyForm(formdata=None)
    return give_key(form) or _erase_page(action, found, form)


def _asked_photo(action: Action) -> ActionPhoto:
    assert request.view_args
    return next(one for note in action.notes for one in note.photos if one.ref == request.view_args["ref"])


def _erase_page(action: Action, found: ActionPhoto, form: KeyForm) -> str:
    return render_template("actions/erase_photo.html", action=action, photo=found, form=form)


@bp.post("/equipe/photos/<ref>/effacee")
@requires("proposal.void_step", load=_action_of_photo)
def erase_photo(action: Action) -> Answer:
    """Erase a photo."""
    found, form = _asked_photo(action), KeyForm()

    def act() -> str:
        rules.erase_photo(db.session(), found, by=actor())
        flash(_("La photo est effacée."), "success")
        return url_for("actions.show", ref=action.ref)

    return send(form, act, lambda: _erase_page(action, found, form))
