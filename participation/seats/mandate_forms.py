"""What the team types about mandates: opened, ended, a substitute's or not."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from participation.bodies.forms import UNKNOWN
from participation.bodies.models import MANDATE_KINDS, Body
from participation.fields import DayField
from participation.forms import CreatingForm, Form, at_most, named_choice, needed

HOLDER, SUBSTITUTE = "titulaire", "suppleant"


class SeatFields(Form):
    """Which mandates, where, from when to when."""

    kind = SelectField(
        _l("Mandat"), choices=[SelectChoice(code, name) for code, name in MANDATE_KINDS.items()], default="membre"
    )
    seat_body = SelectField(_l("Siège dans"), description=_l("Seulement pour un représentant ou une représentante."))
    started_on = DayField(_l("Début"), [needed(_l("Écrivez la date de début, comme 12/03/2026."))])
    ended_on = DayField(_l("Fin"), description=_l("Laissez vide si le mandat continue."))

    def offer_seats(self, bodies: Sequence[Body]) -> None:
        """Offer the instances where a representative may sit."""
        self.seat_body.choices = [UNKNOWN, *(named_choice(body.slug, body.name) for body in bodies)]


class MandateForm(SeatFields, CreatingForm):
    """Add a mandate."""

    substitute = BooleanField(
        _l("Pour remplacer un titulaire absent (suppléant ou suppléante)"),
        description=_l("Seulement pour un représentant ou une représentante."),
    )
    name = StringField(
        _l("Nom"),
        [at_most(200)],
        description=_l("Seules les personnes qui animent cette instance le lisent. Il n'est jamais publié."),
    )


class EndMandateForm(Form):
    """End a mandate."""

    ended_on = DayField(_l("Dernier jour du mandat"), [needed(_l("Écrivez la date, comme 12/03/2026."))])


class StandingForm(Form):
    """Whether a representative's mandate is a holder's or a substitute's."""

    standing = RadioField(
        _l("Ce mandat est celui"),
        choices=[
            SelectChoice(HOLDER, _l("d'un ou d'une titulaire")),
            SelectChoice(SUBSTITUTE, _l("d'un suppléant ou d'une suppléante, qui vient à la place")),
        ],
    )
