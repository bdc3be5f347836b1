"""What is sent about an agenda, and the outcome of a proposal at a meeting, in which words."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField

from participation.fields import CountField, DayField, LineField
from participation.forms import CreatingForm, at_most, needed
from participation.opinions.forms import UNKNOWN, listed
from participation.opinions.rules import LONGEST_TEXT
from participation.proposals.forms import EuroField
from participation.proposals.history import FUNDING_NAMES
from participation.proposals.models import STEP_KINDS


class AgendaForm(CreatingForm):
    """A button of the agenda: which proposal, and where it goes."""

    proposition = HiddenField()
    place = HiddenField()


class OutcomeForm(CreatingForm):
    """What a meeting decides of a proposal."""

    version = HiddenField()
    kind = RadioField(_l("Ce que la rencontre décide"), [needed(_l("Choisissez ce que la rencontre a décidé."))])
    short_answer = LineField(
        _l("La réponse en une phrase simple"),
        [at_most(300)],
        description=_l("C'est ce que les habitants liront en premier."),
    )
    reason = TextAreaField(
        _l("Pourquoi ?"),
        [needed(_l("Dites pourquoi, en mots simples : toute réponse a sa raison.")), at_most(LONGEST_TEXT)],
        description=_l("En mots simples. Tout le monde pourra le lire."),
    )
    votes_for = CountField(_l("Votes pour"))
    votes_against = CountField(_l("Votes contre"))
    abstentions = CountField(_l("Abstentions"))
    due_on = DayField(_l("Pour quand ?"))
    owner = LineField(
        _l("Qui s'en occupe ?"),
        [at_most(300)],
        description=_l("Un service ou une fonction, pas le nom d'une personne."),
    )
    funding = SelectField(_l("Avec quels moyens ?"), default="")
    amount = EuroField(
        _l("Montant en euros"), render_kw={"inputmode": "decimal", "autocomplete": "off", "class": "width-short"}
    )
    deliberation = LineField(
        _l("Délibération"), [at_most(500)], description=_l("Son numéro, ou l'adresse de la page où on peut la lire.")
    )

    def offer(self, kinds: Iterable[str], means: Mapping[str, str]) -> None:
        """Fill the lists."""
        self.kind.choices = listed((kind, STEP_KINDS[kind]) for kind in kinds)
        names = {slug: means.get(slug) or name for slug, name in FUNDING_NAMES.items()}
        self.funding.choices = listed(names.items(), UNKNOWN)
