"""Opinions that came among very many in a few minutes (security.md R09): the team may refuse all of them at once."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participation.errors import Refusal
from participation.extensions import db
from participation.opinions import queries, rules
from participation.opinions.forms import FloodForm
from participation.opinions.models import REJECTED, Opinion
from participation.opinions.views import asked_filters, bp
from participation.permissions import actor, may, requires
from participation.sending import Answer, give_key, send

MOST = 1000
"""Opinions refused at once; for more, once again."""
SHOWN = 20


@bp.get("/equipe/avis/en-masse")
@requires("opinion.moderate")
def flood() -> Answer | str:
    """Ask why none of them is published; the address has the filters of the list."""
    form = FloodForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    opinions = _opinions(None)
    form.dernier.data = str(opinions[-1].id) if opinions else ""
    return _page(form, opinions)


@bp.post("/equipe/avis/en-masse")
@requires("opinion.moderate")
def reject_flood() -> Answer:
    """Refuse those that the page counted; what came since waits."""
    form = FloodForm()
    opinions = _opinions(_last(form))

    def act() -> str:
        if not opinions:
            raise Refusal(_("Ces avis sont déjà lus. Retournez à la liste."))
        for opinion in opinions:
            rules.moderate(db.session(), opinion, REJECTED, reason=form.reason.data, by=actor())
        flash(ngettext("%(num)s avis n'est pas publié.", "%(num)s avis ne sont pas publiés.", len(opinions)), "success")
        return url_for("opinions.inbox")

    return send(form, act, lambda: _page(form, opinions))


def _opinions(up_to: int | None) -> list[Opinion]:
    found = queries.list_flood(db.session(), actor(), asked_filters(request.args), up_to, MOST)
    return [opinion for opinion in found if may("opinion.moderate", opinion)]


def _last(form: FloodForm) -> int:
    text = form.dernier.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _page(form: FloodForm, opinions: list[Opinion]) -> str:
    return render_template("opinions/flood.html", form=form, opinions=opinions, shown=SHOWN)
