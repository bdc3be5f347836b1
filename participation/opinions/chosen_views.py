"""Opinions ticked in the list of the team: published, kept, or made into a proposal, all at once."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participation.errors import Refusal
from participation.extensions import db
from participation.opinions import masking, queries, rules
from participation.opinions.forms import ChosenForm
from participation.opinions.models import PUBLIC_MODERATION
from participation.opinions.views import bp
from participation.permissions import actor, may, requires
from participation.sending import Answer, send


@bp.post("/equipe/avis/choisis")
@requires("opinion.read")
def act_on_chosen() -> Answer:
    """Publish or keep the opinions that are ticked, or begin a proposal with them."""
    refs = list(dict.fromkeys(request.form.getlist("avis")))[:100]
    if request.form.get("faire") == "proposer" and refs:
        return redirect(url_for("team_proposals.new", avis=refs), 303)
    form = ChosenForm()

    def act() -> str:
        number, left = _moderate_chosen(refs, request.form.get("faire", ""))
        if number or not left:
            flash(ngettext("%(num)s avis a été lu.", "%(num)s avis ont été lus.", number), "success")
        if left:
            flash(_not_published(left), "warning")
        return url_for("opinions.inbox")

    def again() -> str:
        return render_template("opinions/chosen.html", form=form)

    return send(form, act, again)


def _not_published(number: int) -> str:
    return ngettext(
        "%(num)s avis n'est pas publié : un nom, un numéro ou une adresse attend votre décision. Lisez-le.",
        "%(num)s avis ne sont pas publiés : un nom, un numéro ou une adresse attend votre décision. Lisez-les.",
        number,
    )


def _moderate_chosen(refs: list[str], moderation: str) -> tuple[int, int]:
    """Moderate those that still wait to be read and are in scope; return how many; how many have words to decide on."""
    if not refs:
        raise Refusal(_("Cochez au moins un avis dans la liste, puis choisissez ce que vous en faites."))
    if moderation not in {"publie", "reserve"}:
        raise Refusal(_("Choisissez : publier, ou garder pour l'équipe."))
    known = masking.known_names(db.session())
    waiting = [o for o in queries.list_by_refs(db.session(), refs) if o.moderation == "en_attente"]
    number = left = 0
    for opinion in waiting:
        # Read is read; whose author asked that only the team read it stays with the team.
        to = "reserve" if opinion.reserve_asked else moderation
        if not may("opinion.moderate", opinion):
            continue
        if to == PUBLIC_MODERATION and masking.doubts(opinion, known):
            left += 1
            continue
        rules.moderate(db.session(), opinion, to, known=known, by=actor())
        number += 1
    return number, left
