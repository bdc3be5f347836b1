"""The button that tells an answer by mail to those who asked, on the page where it is noted that it was told."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from participation.extensions import db
from participation.following import telling
from participation.following.views import bp
from participation.forms import CreatingForm
from participation.fragments import provide
from participation.keys import settings
from participation.permissions import actor, may, requires
from participation.proposals import queries
from participation.proposals.models import DECISIONS, Circuit, Step
from participation.proposals.team_views import load_circuit
from participation.sending import Answer, send


@bp.post("/equipe/propositions/<ref>/etapes/<int:number>/courriel")
@requires("proposal.told", load=load_circuit)
def tell_by_mail(circuit: Circuit) -> Answer:
    """Write to those who asked, and note that the answer was told."""
    assert request.view_args
    proposal = circuit.proposal
    step, form = queries.get_step(proposal, request.view_args["number"]), CreatingForm()

    def act() -> str:
        queries.lock(db.session(), proposal)
        number = telling.send(db.session(), proposal, step, by=actor())
        flash(_("C'est noté : la réponse part par courriel à %(who)s.", who=_addresses(number, circuit)), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    def again() -> str:
        return render_template("following/not_told.html", proposal=proposal, step=step, form=form)

    return send(form, act, again)


def _addresses(number: int, circuit: Circuit) -> str:
    """Return how many addresses, in words; an élu reads no figure of fewer than five people (security.md R18)."""
    if number < settings().small_count and not may("opinion.read", circuit):
        return _("moins de %(n)s adresses", n=settings().small_count)
    return ngettext("%(num)s adresse", "%(num)s adresses", number)


def _by_mail(step: Step) -> Markup | None:
    """Offer to write to those who asked, or say that nobody did, or that it is done."""
    circuit = Circuit(step.proposal)
    if step.kind not in DECISIONS or not may("proposal.told", circuit):
        return None
    asked = 0 if step.told_addresses else len(telling.list_contacts(db.session(), step.proposal))
    page = render_template(
        "following/_told_for_team.html",
        step=step,
        asked=_addresses(asked, circuit) if asked else None,
        told=_addresses(step.told_addresses, circuit) if step.told_addresses else None,
        form=CreatingForm(formdata=None),
    )
    return Markup(page)  # noqa: S704  # our own template, escaped as any other


provide("told.team", _by_mail)
