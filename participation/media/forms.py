"""What the team may send about recordings and photos."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from participation.fields import LineField
from participation.forms import CreatingForm, at_most, needed
from participation.media.rules import LONGEST_DESCRIPTION
from participation.opinions.forms import language_choices


class WriteDownForm(CreatingForm):
    """What a recording says."""

    text = TextAreaField(
        _l("Ce que dit la personne"),
        [needed(_l("Écrivez ce que vous entendez, mot pour mot."))],
        description=_l("Ses mots exacts, dans sa langue. N'écrivez pas de nom ni d'adresse."),
    )
    language = SelectField(_l("Langue parlée"), default="")

    def offer(self, language: str | None) -> None:
        """Fill the list of languages; the page's own, in which it was sent, is known already."""
        self.language.choices = language_choices(language)


class DescribeForm(CreatingForm):
    """What a photo shows."""

    description = LineField(
        _l("Ce que montre la photo"),
        [needed(_l("Décrivez la photo en une phrase.")), at_most(LONGEST_DESCRIPTION)],
        description=_l(
            "Une phrase, lue à ceux qui ne voient pas la photo. Par exemple : un banc cassé devant l'école."
        ),
    )


class ActForm(CreatingForm):
    """A button alone."""
