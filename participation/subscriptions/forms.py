"""What anybody may send to follow something by mail: no account, no token (origin.py)."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from participation.forms import CreatingForm, Form, needed
from participation.subscriptions.models import PACES

_PACES = [SelectChoice(value=word, label=label) for word, label in PACES.items()]
_WHEN = _l("Choisissez quand vous voulez un courriel.")


class FollowForm(CreatingForm):
    """An address, how often to write, and two boxes that nobody ticked beforehand."""

    class Meta(CreatingForm.Meta):
        """Nobody is signed in: no token, so that it works without cookies."""

        csrf = False

    courriel = EmailField(
        _l("Votre adresse de courriel"),
        [needed(_l("Écrivez votre adresse de courriel."))],
        render_kw={"autocomplete": "email", "maxlength": 254},
    )
    rythme = RadioField(_l("Quand voulez-vous un courriel ?"), [needed(_WHEN)], choices=_PACES, validate_choice=False)
    accord = BooleanField(
        _l("J'accepte de recevoir des courriels sur ce sujet."),
        [DataRequired(_l("Cochez la case si vous voulez des courriels."))],
    )
    age = BooleanField(
        _l("J'ai 15 ans ou plus."),
        [DataRequired(_l("Cochez la case si vous avez 15 ans. Avant 15 ans, nous ne gardons pas d'adresse."))],
    )


class PaceForm(Form):
    """How often to write, from the page of a mail's link."""

    class Meta(Form.Meta):
        """The address of the page is what gives the right."""

        csrf = False

    rythme = RadioField(_l("Quand voulez-vous un courriel ?"), [needed(_WHEN)], choices=_PACES, validate_choice=False)
