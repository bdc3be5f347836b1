"""What the team types after an election: who was elected, in numbers and, where they may, in names."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from participation.bodies.forms import CHOOSE
from participation.bodies.models import Body
from participation.fields import CountField
from participation.forms import CreatingForm, at_most, named_choice, needed
from participation.seats.mandate_forms import SeatFields
from participation.seats.mandates import LONGEST_NAME, MOST, Winners


class ElectionForm(SeatFields, CreatingForm):
    """Open the mandates of those who were elected. Call `offer` before it is shown or validated."""

    body = SelectField(_l("Mandats de l'instance"), [needed(_l("Choisissez l'instance."))])
    holders = CountField(_l("Nombre de personnes élues"))
    holder_names = TextAreaField(
        _l("Noms des personnes élues, un par ligne"),
        [at_most(MOST * LONGEST_NAME)],
        description=_l("Vous pouvez n'en écrire aucun. Seule l'animation de l'instance les lit."),
    )
    substitutes = CountField(
        _l("Nombre de suppléants élus, en plus"), description=_l("Seulement pour des représentants.")
    )
    substitute_names = TextAreaField(_l("Noms des suppléants, un par ligne"), [at_most(MOST * LONGEST_NAME)])

    def offer(self, bodies: Sequence[Body], seats: Sequence[Body]) -> None:
        """Offer the instances whose mandates may be opened, and those where a representative may sit."""
        choices = [named_choice(body.slug, body.name) for body in bodies]
        self.body.choices = choices if len(choices) == 1 else [CHOOSE, *choices]
        self.offer_seats(seats)

    def winners(self) -> tuple[Winners, Winners]:
        """Return the holders and the substitutes; a number left empty is that of the names."""
        return (
            _winners(self.holders.data, self.holder_names.data),
            _winners(self.substitutes.data, self.substitute_names.data),
        )


def _winners(number: int | None, text: str | None) -> Winners:
    names = [" ".join(line.split()) for line in (text or "").splitlines() if line.strip()]
    return Winners(len(names) if number is None else number, names)
