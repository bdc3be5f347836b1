"""Translations of opinions: a form of the team, and what everybody reads beside the original."""

from collections.abc import Sequence

from flask import flash, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from participation.extensions import db
from participation.fragments import provide_each
from participation.language import current
from participation.opinions import queries, translations
from participation.opinions.forms import TranslationForm, language_name
from participation.opinions.models import Opinion
from participation.opinions.reading_views import page_of
from participation.opinions.views import bp
from participation.permissions import actor, requires
from participation.sending import Answer, give_key, send


def _opinion(ref: str) -> Opinion:
    return queries.get_opinion(db.session(), ref)


@bp.app_context_processor
def _names() -> dict[str, object]:
    """Give templates the name of a language in the page's own."""
    return {"language_names": lambda code: (current().languages.get(code) or language_name(code)).lower()}


@bp.get("/equipe/avis/<ref>/traduction")
@requires("opinion.moderate", load=_opinion)
def translate(opinion: Opinion) -> Answer | str:
    """Show the form of a translation; `?langue=` opens the one that there is."""
    language = request.args.get("langue") or ("ar" if opinion.language == "fr" else "fr")
    known = translations.find(opinion, language)
    form = TranslationForm(formdata=None, data={"language": language, "text": known.text if known else ""})
    return give_key(form) or _page(opinion, form)


def _page(opinion: Opinion, form: TranslationForm) -> str:
    return render_template("opinions/translate.html", opinion=opinion, form=form)


@bp.post("/equipe/avis/<ref>/traduction")
@requires("opinion.moderate", load=_opinion)
def save_translation(opinion: Opinion) -> Answer:
    """Keep a translation, or correct it."""
    form = TranslationForm()

    def act() -> str:
        if translations.translate(db.session(), opinion, form.language.data, form.text.data or "", by=actor()):
            flash(_("La traduction est gardée. L'avis reste dans ses mots."), "success")
        return page_of(opinion)

    return send(form, act, lambda: _page(opinion, form))


def _beside_each(opinions: Sequence[Opinion]) -> dict[int, Markup]:
    """Show the translations of each opinion under its own words."""
    found = translations.of_opinions(db.session(), opinions)
    return {number: _part(rows) for number, rows in found.items()}


def _part(rows: Sequence[translations.OpinionTranslation]) -> Markup:
    text = render_template("opinions/_translations.html", rows=rows)
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide_each("opinions.public", _beside_each)
