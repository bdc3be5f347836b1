"""What may be sent about a report: by anybody, and by the team."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField

from participation.forms import CreatingForm, at_most, needed
from participation.opinions.forms import listed
from participation.reports.models import REASONS
from participation.reports.rules import LONGEST_WORDS

DECISION_NAMES = {
    "garder": _l("Laisser ce texte publié"),
    "rejete": _l("Ne plus publier cet avis"),
    "reserve": _l("Garder cet avis pour l'équipe"),
    "retirer": _l("J'ai corrigé ou retiré ce texte"),
}


class ReportForm(CreatingForm):
    """Report a text: one tap is enough, nothing is asked that one must answer."""

    class Meta(CreatingForm.Meta):
        """Nobody is signed in: no token, so that it works without cookies (origin.py)."""

        csrf = False

    reason = RadioField(_l("Qu'est-ce qui ne va pas ?"), choices=listed(REASONS.items()), validate_choice=False)
    words = TextAreaField(
        _l("Vous voulez ajouter quelque chose ?"),
        description=_l("N'écrivez pas votre nom."),
        render_kw={"maxlength": LONGEST_WORDS},
    )


class DecisionForm(CreatingForm):
    """Decide what becomes of what was reported."""

    decision = RadioField(
        _l("Que décidez-vous ?"),
        [needed(_l("Choisissez ce que vous décidez."))],
        choices=listed(DECISION_NAMES.items()),
    )
    reason = TextAreaField(
        _l("Pourquoi ?"),
        [needed(_l("Dites pourquoi, en une phrase.")), at_most(1000)],
        description=_l("Si un avis n'est plus publié, la personne qui l'a donné lira ce motif."),
    )

    def offer(self, decisions: Iterable[str]) -> None:
        """Keep what may be decided here."""
        self.decision.choices = listed((word, DECISION_NAMES[word]) for word in decisions)
