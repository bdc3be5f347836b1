"""What the team types about representatives at a meeting."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from participation.fields import CountField, DayField
from participation.forms import CreatingForm, at_most

_LONGEST = 2000


class PresenceForm(CreatingForm):
    """Who came for an instance, what they brought, what they told back."""

    present = CountField(_l("Représentants présents"))
    substitutes = CountField(_l("Dont suppléants"))
    brought = TextAreaField(
        _l("Ce qu'ils ont apporté de leur instance"),
        [at_most(_LONGEST)],
        description=_l("Sans nom de personne. Tout le monde pourra le lire."),
    )
    told = TextAreaField(
        _l("Ce qu'ils ont raconté en retour à leur instance"),
        [at_most(_LONGEST)],
        description=_l("Sans nom de personne. Tout le monde pourra le lire."),
    )
    told_on = DayField(_l("Date du retour"))
