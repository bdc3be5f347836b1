"""What the team may send to plan: in which words."""

from flask_babel import lazy_gettext as _l

from participation.errors import Refusal
from participation.fields import ClockField, DayField
from participation.forms import CreatingForm, needed


class RepeatForm(CreatingForm):
    """When a meeting is held again."""

    held_on = DayField(_l("Date"), [needed(_l("Donnez la date de la rencontre."))])
    start = ClockField(_l("Heure de début"))

    def refuse(self, refusal: Refusal) -> None:
        """Show the rules' `start_time` beside the field of the form."""
        field = "start" if refusal.field in ("start_time", "end_time") else refusal.field
        super().refuse(Refusal(refusal.message, field=field))
