"""Help and the pages that the law asks for: accessibility, personal data, legal notice, site map."""

import datetime as dt

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l

from participation.clock import today
from participation.extensions import db
from participation.keys import settings
from participation.language import COOKIE
from participation.meetings.words import level_sentence
from participation.opinions.queries import count_hidden
from participation.pages import site_map as plan
from participation.pages.queries import find_contract
from participation.pages.views import bp
from participation.people.sessions import cookie_name
from participation.permissions import public
from participation.proposals import phones
from participation.reports.queries import count_of_year

DECLARED_ON = dt.date(2026, 11, 23)
"""When the accessibility declaration was established; RGAA asks for a new one after 3 years at most."""
RGAA = "4.1.2"

_STATES = (
    ("en_attente", _l("L'équipe ne l'a pas encore lu.")),
    ("publie", _l("L'équipe l'a lu.")),
    ("transmise", _l("Ceux qui décident l'ont reçu. Ils doivent répondre.")),
    ("ajournee", _l("La décision viendra plus tard. On vous dit pourquoi.")),
    ("retenue", _l("C'est oui, en entier ou en partie.")),
    ("realisee", _l("C'est terminé.")),
    ("non_retenue", _l("C'est non. On vous dit pourquoi.")),
    ("en_retard", _l("La date promise pour la réponse est passée.")),
)
"""What each state means to whoever reads it (ux.md 4.6)."""
_WORDS = (
    (_l("Rencontre"), _l("Un moment où l'on parle ensemble : café, réunion, balade.")),
    (_l("Avis"), _l("Ce que dit une personne, avec ses mots.")),
    (_l("Proposition"), _l("Une idée à réaliser. Elle vient d'un ou plusieurs avis.")),
    (_l("Réponse"), _l("Ce que dit la mairie ou un partenaire : oui, non, et pourquoi.")),
    (_l("Instance"), _l("Un groupe qui se réunit souvent, comme un conseil de quartier.")),
    (_l("Bilan"), _l("Les chiffres de l'année : ce qui a été dit, et ce qui a été fait.")),
)


@bp.get("/aide")
@public
def help_page() -> str:
    """Say how to take part, what becomes of an opinion, and whom to call."""
    contract = find_contract(db.session())
    levels = [level_sentence(level["code"], contract) for level in contract.levels] if contract else []
    return render_template(
        "pages/help.html",
        contract=contract,
        site=settings(),
        states=_STATES,
        words=_WORDS,
        levels=levels,
        reports=count_of_year(db.session(), today().year),
        hidden=count_hidden(db.session(), today().year),
    )


@bp.get("/accessibilite")
@public
def accessibility() -> str:
    """Show the accessibility declaration, in the form that the law asks for (RGAA, obligations)."""
    return render_template("pages/accessibility.html", site=settings(), declared_on=DECLARED_ON, rgaa=RGAA)


@bp.get("/donnees-personnelles")
@public
def personal_data() -> str:
    """Say what is kept, why, for how long, and which rights people have (RGPD, articles 12 to 22)."""
    contract = find_contract(db.session())
    cookies = {
        "language": COOKIE,
        "phone": phones.cookie_name(),
        "forms": current_app.config["SESSION_COOKIE_NAME"],
        "team": cookie_name(),
    }
    return render_template("pages/personal_data.html", site=settings(), contract=contract, cookies=cookies)


@bp.get("/mentions-legales")
@public
def legal_notice() -> str:
    """Say who publishes and who hosts the site."""
    return render_template("pages/legal_notice.html", site=settings())


@bp.get("/plan-du-site")
@public
def site_map() -> str:
    """List the pages for everybody (RGAA 12.1: a second way to navigate)."""
    return render_template("pages/site_map.html", sections=plan.sections())
