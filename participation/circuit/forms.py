"""What the team may send about the way of proposals between instances, in which words."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField

from participation.circuit.rules import LONGEST_CARRIER, LONGEST_REPORT
from participation.fields import DayField, LineField
from participation.forms import CreatingForm, at_most, needed
from participation.meetings.models import Meeting
from participation.proposals.forms import meeting_choices


class CarryForm(CreatingForm):
    """Who carries a transmission, to which meeting."""

    version = HiddenField()
    carrier = LineField(
        _l("Qui la porte ?"),
        [at_most(LONGEST_CARRIER)],
        description=_l("Une fonction, pas le nom d'une personne. Par exemple : ses deux représentants."),
    )
    carried_to = SelectField(_l("À quelle rencontre est-elle portée ?"), default="")

    def offer(self, meetings: Iterable[Meeting]) -> None:
        """Fill the list of meetings."""
        self.carried_to.choices = meeting_choices(meetings, _("Pas encore connue"))


class ReportForm(CreatingForm):
    """What the carriers told the instance that had sent the proposal."""

    version = HiddenField()
    report = TextAreaField(
        _l("Ce qui a été dit là-bas"),
        [needed(_l("Dites en quelques mots ce qui a été répondu là-bas.")), at_most(LONGEST_REPORT)],
        description=_l("En mots simples, sans nom de personne. Tout le monde pourra le lire."),
    )
    reported_meeting = SelectField(_l("À quelle rencontre l'ont-ils raconté ?"), default="")
    reported_on = DayField(_l("Date"), description=_l("Vide : la date de la rencontre choisie."))

    def offer(self, meetings: Iterable[Meeting]) -> None:
        """Fill the list of meetings."""
        self.reported_meeting.choices = meeting_choices(meetings)
