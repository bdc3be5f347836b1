"""What the team may ask and send about cards, in which words."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField

from participation.contract.models import Quartier, Theme
from participation.fields import DayField, LineField
from participation.forms import CreatingForm, Form, at_most, needed
from participation.opinions.forms import UNKNOWN, language_choices, listed, slugged
from participation.opinions.rules import LONGEST_TEXT
from participation.speaking.card_rules import MOST_SHEETS

EVERYBODY, TEAM_ALONE = "publie", "reserve"


class PrintCardsForm(Form):
    """How many cards to print, and which question stands on them."""

    question = SelectField(_l("Question sur les cartes"), [needed(_l("Choisissez une question."))], default="0")
    sheets = SelectField(
        _l("Nombre de feuilles"),
        [needed(_l("Choisissez le nombre de feuilles."))],
        coerce=int,
        default=1,
        choices=listed((str(n), f"{n} ({8 * n})") for n in range(1, MOST_SHEETS + 1)),
        description=_l("Huit cartes par feuille. Entre parenthèses, le nombre de cartes."),
    )

    def offer(self, questions: list[str]) -> None:
        """Fill the list of questions; with one there is nothing to choose."""
        if len(questions) == 1:
            del self.question
        else:
            self.question.choices = listed((str(n), text) for n, text in enumerate(questions))


class TypeCardForm(CreatingForm):
    """A card that came back, typed in."""

    code = LineField(
        _l("Les cinq mots de la carte"),
        [needed(_l("Écrivez les cinq mots de la carte.")), at_most(200)],
        description=_l("Ils sont en bas de la carte."),
    )
    text = TextAreaField(
        _l("Mots exacts de la personne"),
        [needed(_l("Écrivez ce que la personne a dit.")), at_most(LONGEST_TEXT)],
        description=_l("Dans sa langue. N'écrivez pas de nom ni d'adresse."),
    )
    reader = RadioField(
        _l("Qui peut lire cet avis ?"),
        [needed(_l("Choisissez qui peut lire cet avis."))],
        default=EVERYBODY,
        choices=listed(
            [
                (EVERYBODY, _l("Tout le monde, après la lecture par l'équipe")),
                (TEAM_ALONE, _l("Seulement l'équipe du quartier")),
            ]
        ),
        description=_l("Si aucune case n'est cochée, laissez le premier choix."),
    )
    question = SelectField(_l("Question posée"), default="")
    theme = SelectField(_l("Thème"), default="")
    quartier = SelectField(_l("Quartier"), default="")
    language = SelectField(_l("Langue"), default="")
    received_on = DayField(_l("Date"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])

    def offer(
        self, *, questions: Iterable[tuple[str, str]], themes: Iterable[Theme], quartiers: Iterable[Quartier]
    ) -> None:
        """Fill the lists; `questions` are (value, text)."""
        self.question.choices = listed(questions, UNKNOWN)
        self.theme.choices = slugged(themes)
        self.quartier.choices = slugged(quartiers)
        self.language.choices = language_choices()


def kept(form: TypeCardForm) -> dict[str, Any]:
    """Return what the next card begins with: all but the words of this one."""
    names = ("question", "theme", "quartier", "language")
    return {name: form[name].data for name in names if form[name].data}
