"""What an author may send from the page of her code. No token: the address of the page is what gives the right."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, FileField, Form, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from participation.errors import Refusal
from participation.following import codes
from participation.forms import needed
from participation.opinions.rules import LONGEST_TEXT

EVERYBODY, TEAM = "publie", "reserve"
LONGEST_KEPT = 3 * LONGEST_TEXT
"""Characters of a text that is kept for the form to show again, long enough for somebody to cut it."""


class AuthorForm(Form):
    """Base of these forms: a refusal of the rules is shown beside its field."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; sentences that wait for a language get the page's, so that templates see texts."""
        good = bool(super().validate(extra_validators))
        for field in self:
            field.errors = [str(error) for error in field.errors]
        return good

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside its field, or above the form if it has none."""
        field: Any = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]

    def faults(self) -> dict[str, list[str]]:
        """Return what is wrong, by the name of the field; what belongs to none under an empty name."""
        found = {name: [str(error) for error in field.errors] for name, field in self._fields.items()}
        return {name: said for name, said in {**found, "": list(self.form_errors)}.items() if said}

    def show(self, faults: dict[str, list[str]]) -> None:
        """Say again what `faults` said of a form that was sent before."""
        for name, said in faults.items():
            if name in self._fields:
                self._fields[name].errors = said
            else:
                self.form_errors += said


class FindForm(AuthorForm):
    """Five words."""

    mots = StringField(
        _l("Tapez les cinq mots de votre code."),
        [needed(_l("Tapez les cinq mots de votre code."))],
        description=_l("Exemple : chat lune pain vélo pont"),
        render_kw={"maxlength": codes.LONGEST, "autocomplete": "off", "spellcheck": "false"},
    )


class ChangeForm(AuthorForm):
    """Other words, other readers."""

    texte = TextAreaField(_l("Votre avis"), render_kw={"maxlength": LONGEST_TEXT})
    lecture = RadioField(
        _l("Qui peut lire votre avis ?"),
        [needed(_l("Choisissez qui peut lire cet avis."))],
        choices=[
            SelectChoice(EVERYBODY, _l("Tout le monde, après la lecture par l'équipe")),
            SelectChoice(TEAM, _l("Seulement l'équipe du quartier")),
        ],
    )


class PhotoForm(AuthorForm):
    """A photo."""

    photo = FileField(_l("Votre photo"), [needed(_l("Choisissez une photo."))], render_kw={"accept": "image/*"})


class ContactForm(AuthorForm):
    """An address, and two boxes that nobody ticked beforehand."""

    courriel = EmailField(
        _l("Votre adresse de courriel"),
        [needed(_l("Écrivez votre adresse de courriel."))],
        render_kw={"autocomplete": "email", "maxlength": 254},
    )
    accord = BooleanField(
        _l("J'accepte de recevoir un courriel quand il y a du nouveau."),
        [DataRequired(_l("Cochez la case si vous voulez un courriel."))],
    )
    age = BooleanField(
        _l("J'ai 15 ans ou plus."),
        [DataRequired(_l("Cochez la case si vous avez 15 ans. Avant 15 ans, nous ne gardons pas d'adresse."))],
    )
