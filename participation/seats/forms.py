"""What the team types about representatives at a meeting."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.fields import CountField, DayField
from participation.formatting import date_fr
from participation.forms import CreatingForm, EditingForm, at_most, named_choice, needed
from participation.meetings.models import Meeting

_LONGEST = 2000


class PresenceForm(CreatingForm):
    """Who came for an instance, and what they brought."""

    present = CountField(
        _l("Représentants présents"), [needed(_l("Écrivez combien sont venus. Zéro si personne n'est venu."))]
    )
    substitutes = CountField(_l("Dont suppléants"))
    brought = TextAreaField(
        _l("Ce qu'ils ont apporté de leur instance"),
        [at_most(_LONGEST)],
        description=_l("Sans nom de personne. Tout le monde pourra le lire."),
    )


class ToldForm(EditingForm):
    """What they told their own instance. Call `offer` before it is shown or validated."""

    told = TextAreaField(
        _l("Ce qu'ils ont raconté à leur instance"),
        [at_most(_LONGEST)],
        description=_l("Sans nom de personne. Tout le monde pourra le lire."),
    )
    told_meeting = SelectField(_l("Raconté à quelle rencontre ?"), default="")
    told_on = DayField(
        _l("Ou à quelle date ?"), description=_l("Seulement si ce n'était pas à une rencontre de l'instance.")
    )

    def offer(self, meetings: Sequence[Meeting]) -> None:
        """Offer the meetings of the instance at which it may have been told, the latest first."""
        choices = [named_choice(row.ref, f"{date_fr(row.held_on)} – {row.title}") for row in meetings]
        self.told_meeting.choices = [SelectChoice("", _l("Aucune de ces rencontres")), *choices]
