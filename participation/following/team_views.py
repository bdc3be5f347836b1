"""What the team does when an author asks for her opinion back: a list, and a button that erases the words."""

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from participation.extensions import db
from participation.following import author
from participation.following.views import bp
from participation.forms import CreatingForm
from participation.fragments import provide
from participation.opinions.models import TAKEN_BACK, Opinion
from participation.opinions.queries import get_opinion
from participation.permissions import actor, may, requires
from participation.sending import Answer, give_key, send


def _opinion(ref: str) -> Opinion:
    return get_opinion(db.session(), ref)


@bp.get("/equipe/retraits")
@requires("opinion.moderate")
def asked_back() -> str:
    """List the opinions that their authors asked to have back."""
    return render_template("following/asked_back.html", opinions=author.list_asked(db.session(), actor()))


@bp.get("/equipe/avis/<ref>/retrait")
@requires("opinion.moderate", load=_opinion)
def ask_erase(opinion: Opinion) -> Response | str:
    """Ask before the words are erased for good."""
    form = CreatingForm(formdata=None)
    return give_key(form) or _erase_page(opinion, form)


def _erase_page(opinion: Opinion, form: CreatingForm) -> str:
    return render_template("following/erase.html", opinion=opinion, form=form)


@bp.post("/equipe/avis/<ref>/retrait/effacer")
@requires("opinion.moderate", load=_opinion)
def erase(opinion: Opinion) -> Answer:
    """Erase the words, the recording, the photo and the address."""
    form = CreatingForm()

    def act() -> str:
        author.erase_asked(db.session(), opinion, by=actor())
        flash(_("Les mots sont effacés."), "success")
        return url_for("following.asked_back")

    return send(form, act, lambda: _erase_page(opinion, form))


def _of_opinion(opinion: Opinion) -> Markup | None:
    if opinion.withdrawal_asked_at is None:
        return None
    page = render_template(
        "following/_of_opinion.html",
        opinion=opinion,
        erased=opinion.text == TAKEN_BACK,
        may_erase=may("opinion.moderate", opinion),
    )
    return Markup(page)  # noqa: S704  # our own template, escaped as any other


provide("opinion.team", _of_opinion)
provide("opinion.reading.team", _of_opinion)
