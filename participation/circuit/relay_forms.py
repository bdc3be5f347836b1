"""What the team may send about relays, in which words."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField

from participation.bodies.models import Body
from participation.circuit.rules import LONGEST_CARRIER
from participation.fields import DayField, LineField
from participation.forms import CheckboxListField, CreatingForm, at_most, needed
from participation.meetings.models import Meeting
from participation.opinions.forms import slugged
from participation.opinions.rules import LONGEST_TEXT
from participation.proposals.forms import meeting_choices
from participation.proposals.rules import LONGEST_TITLE


class _RelayFields(CreatingForm):
    """What is relayed, and to whom."""

    title = LineField(
        _l("Le projet, en une phrase"),
        [needed(_l("Dites quel projet est relayé, en une phrase courte.")), at_most(LONGEST_TITLE)],
    )
    text = TextAreaField(
        _l("Ce qui en a été dit"),
        [at_most(LONGEST_TEXT)],
        description=_l("En mots simples, sans nom de personne. Tout le monde pourra le lire."),
    )
    meeting = SelectField(_l("À quelle rencontre en a-t-on parlé ?"), default="")
    on_date = DayField(_l("Date"), description=_l("Vide : la date de la rencontre choisie."))
    carrier = LineField(
        _l("Qui le relaie ?"),
        [at_most(LONGEST_CARRIER)],
        description=_l("Une fonction, pas le nom d'une personne. Par exemple : les deux représentants."),
    )
    to = CheckboxListField(
        _l("À qui le relayer ?"), [needed(_l("Choisissez au moins une instance à qui relayer le projet."))]
    )

    def offer(self, *, meetings: Iterable[Meeting], bodies: Iterable[Body]) -> None:
        """Fill the lists."""
        self.meeting.choices = meeting_choices(meetings)
        self.to.choices = slugged(bodies, None)


class NewRelayForm(_RelayFields):
    """Relay a project."""

    from_body = SelectField(
        _l("Où en a-t-on parlé ?"), [needed(_l("Choisissez l'instance où l'on a parlé du projet."))], default=""
    )

    def offer_origins(self, bodies: Iterable[Body]) -> None:
        """Fill the list of instances."""
        self.from_body.choices = slugged(bodies, _l("Choisissez une instance"))


class EditRelayForm(_RelayFields):
    """Change what is relayed, and to whom."""

    version = HiddenField()


class ReplyForm(CreatingForm):
    """What one instance said of it."""

    version = HiddenField()
    reply_meeting = SelectField(_l("À quelle rencontre en a-t-elle parlé ?"), default="")
    discussed_on = DayField(_l("Date"), description=_l("Vide : la date de la rencontre choisie."))
    reply = TextAreaField(
        _l("Ce qu'elle en dit"),
        [at_most(LONGEST_TEXT)],
        description=_l("En mots simples, sans nom de personne. Tout le monde pourra le lire."),
    )

    def offer(self, meetings: Iterable[Meeting]) -> None:
        """Fill the list of meetings."""
        self.reply_meeting.choices = meeting_choices(meetings)
