"""What an élu may send to answer a proposal, in which words."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField, ValidationError

from participation.actions.answering import DECISIONS, MONTHS, months_after
from participation.actions.rules import LONGEST_ACTION
from participation.fields import DayField, LineField
from participation.formatting import date_short
from participation.forms import CreatingForm, at_most, needed
from participation.meetings.models import Meeting
from participation.opinions.forms import UNKNOWN, listed
from participation.opinions.rules import LONGEST_TEXT
from participation.proposals.forms import EuroField, meeting_choices
from participation.proposals.history import FUNDING_NAMES

A_DATE = "date"
NO_DATE = ""
_DECISION_NAMES = {
    "oui": _l("Oui"),
    "oui-en-partie": _l("Oui, en partie"),
    "non": _l("Non"),
    "plus-tard": _l("Plus tard"),
}
_DELAYS = {"1-mois": _l("dans 1 mois"), "3-mois": _l("dans 3 mois"), "6-mois": _l("dans 6 mois")}


class ReplyForm(CreatingForm):
    """The answer to a proposal, on one page."""

    version = HiddenField()
    decision = RadioField(
        _l("Votre réponse"), [needed(_l("Choisissez : oui, oui en partie, non ou plus tard."))], validate_choice=False
    )
    short_answer = LineField(
        _l("La réponse en une phrase simple"),
        [needed(_l("Écrivez la réponse en une phrase simple : les habitants la liront en premier.")), at_most(300)],
        description=_l("C'est ce que les habitants liront en premier."),
    )
    reason = TextAreaField(
        _l("Pourquoi ?"),
        [needed(_l("Dites pourquoi, en mots simples : toute réponse a sa raison.")), at_most(LONGEST_TEXT)],
        description=_l("En mots simples. Tout le monde pourra le lire."),
    )
    next = LineField(
        _l("Ce qui va être fait"),
        [at_most(LONGEST_ACTION)],
        description=_l("Si la réponse est oui. Par exemple : poser deux bancs."),
    )
    owner = LineField(
        _l("Qui s'en occupe ?"),
        [at_most(300)],
        description=_l("Un service ou une fonction, pas le nom d'une personne."),
    )
    when = RadioField(
        _l("Pour quand ?"),
        default=NO_DATE,
        validate_choice=False,
        description=_l("Pour « Plus tard » : quand viendra la réponse."),
    )
    due_on = DayField(_l("À cette date"))
    funding = SelectField(_l("Avec quels moyens ?"), default="")
    amount = EuroField(
        _l("Montant en euros"), render_kw={"inputmode": "decimal", "autocomplete": "off", "class": "width-short"}
    )
    deliberation = LineField(
        _l("Délibération"), [at_most(500)], description=_l("Son numéro, ou l'adresse de la page où on peut la lire.")
    )
    meeting = SelectField(_l("Décidé à quelle rencontre ?"), default="")
    on_date = DayField(_l("Date de la réponse"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])

    def offer(
        self, *, kinds: Collection[str], meetings: Iterable[Meeting], means: Mapping[str, str], today: dt.date
    ) -> None:
        """Fill the lists: the decisions that may follow, the delays with the day on which they end.

        Where none may follow, somebody has answered meanwhile: all are shown, with what was typed; the rules say why.
        """
        possible = {word for word, kind in DECISIONS.items() if kind in kinds} or set(DECISIONS)
        self.decision.choices = listed((word, name) for word, name in _DECISION_NAMES.items() if word in possible)
        delays = [(word, f"{name} ({date_short(months_after(today, MONTHS[word]))})") for word, name in _DELAYS.items()]
        self.when.choices = listed(((NO_DATE, _("Pas de date")), *delays, (A_DATE, _("à une date :"))))
        self.meeting.choices = meeting_choices(meetings)
        names = {slug: means.get(slug) or name for slug, name in FUNDING_NAMES.items()}
        self.funding.choices = listed(names.items(), UNKNOWN)

    def validate_decision(self, field: RadioField) -> None:
        """Refuse a word that is no decision; whether it may follow is said by the rules, once it is known to be new."""
        if field.data not in DECISIONS:
            raise ValidationError(_("Choisissez : oui, oui en partie, non ou plus tard."))

    def validate_when(self, field: RadioField) -> None:
        """Ask for one delay, or one date."""
        if field.data not in (NO_DATE, *MONTHS, A_DATE):
            raise ValidationError(_("Choisissez un délai de la liste, ou une date."))
        if field.data == A_DATE and not self.due_on.data and not self.due_on.process_errors:
            raise ValidationError(_("Écrivez la date, ou choisissez un délai."))
        if field.data in MONTHS and self.due_on.data:
            raise ValidationError(_("Choisissez un délai ou une date, pas les deux."))

    def until(self, today: dt.date) -> dt.date | None:
        """Return the day that was chosen, None for none."""
        months = MONTHS.get(self.when.data or "")
        return months_after(today, months) if months else self.due_on.data
