"""The home page and health: what belongs to no single feature. Help and legal pages: legal.py."""

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template
from flask_babel import lazy_gettext as _l

from participation.clock import today
from participation.extensions import db
from participation.meetings.models import MEETING_TYPES
from participation.navigation import address_of
from participation.pages import home_queries
from participation.pages.queries import find_contract
from participation.permissions import public
from participation.proposals.cards import cards

bp = Blueprint("pages", __name__)

_WAYS = (
    ("/c", "parole", _l("Donner mon avis"), _l("Parlez, écrivez ou prenez une photo. Sans compte.")),
    ("/suivi", "recherche", _l("Qu'est devenu mon avis ?"), _l("Retrouvez-le avec les cinq mots de votre code.")),
    ("/rencontres", "calendrier", _l("Venir à une rencontre"), _l("Il n'y a pas besoin de compte.")),
    ("/quartiers", "lieu", _l("Trouver mon quartier"), _l("Ses rencontres, ses propositions.")),
    ("/propositions", "idee", _l("Lire les propositions"), _l("Elles viennent des habitants.")),
    ("/aide", "info", _l("Comprendre"), _l("Qui lit votre avis ? Qui décide ? Qui répond ?")),
)
"""Ways to take part: address, drawing, label, sentence. What this site does not have is not shown."""
_FIGURES = {
    "G1.total": _l("Rencontres"),
    "PC4.opinions": _l("Avis recueillis"),
    "PC4.received": _l("Propositions reçues"),
    "PC4.answered_share": _l("Propositions qui ont eu une réponse"),
}
"""The figures of the year in residents' words."""


@bp.get("/")
@public
def home() -> str:
    """Show what is on and what changed."""
    session, day = db.session(), today()
    contract = find_contract(session)
    answers = home_queries.list_last_answers(session, day)
    return render_template(
        "pages/home.html",
        contract=contract,
        meetings=home_queries.list_next_meetings(session, day),
        minutes=home_queries.list_last_minutes(session, day),
        answers=list(zip(answers, cards(session, (step.proposal for step in answers), day), strict=True)),
        numbers=home_queries.count_year(session, day) if contract else None,
        type_names=MEETING_TYPES,
        ways=[(icon, label, sentence, address_of(path)) for path, icon, label, sentence in _WAYS if address_of(path)],
        labels=_FIGURES,
    )


@bp.get("/sante")
@public
def alive() -> Response:
    """Say that the process answers; asks the database nothing (interfaces.md)."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/sante/pret")
@public
def ready() -> Response:
    """Say whether the database answers and its migrations are all applied (interfaces.md)."""
    # Here, not at every start: nothing else that answers needs Alembic.
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    directory = current_app.extensions["migrate"].directory
    try:
        connection = db.session.connection()
        applied = MigrationContext.configure(connection).get_current_heads()
    except sa.exc.SQLAlchemyError:
        return Response("la base de données ne répond pas\n", 503, mimetype="text/plain")
    if set(applied) != set(ScriptDirectory(directory).get_heads()):
        return Response("des migrations restent à appliquer\n", 503, mimetype="text/plain")
    return Response("prêt\n", mimetype="text/plain")
