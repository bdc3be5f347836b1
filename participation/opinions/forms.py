"""What the team may send about opinions, in which words. Lists of the contract are given by the view (`offer`)."""

from collections.abc import Iterable
from typing import Any

from babel import Locale
from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.bodies.models import Body, Question
from participation.contract.models import Quartier, Theme
from participation.fields import DayField, LineField
from participation.forms import CreatingForm, at_most, named_choice, needed
from participation.opinions.masking import BY_HAND, KIND_NAMES, ByHand
from participation.opinions.models import CHANNELS, MODERATIONS

UNKNOWN = _l("Non renseigné")
ALL = _l("Tout")
LANGUAGES = ("fr", "ar", "en", "kab", "tr", "pl", "pt", "es", "it", "ro", "uk", "ru", "zh", "wo", "ln")
"""Languages offered (BCP 47); an opinion brought by an import may have another one."""


def listed(pairs: Iterable[tuple[str, Any]], nothing: Any = None) -> list[SelectChoice]:
    """Return the choices of a list; `nothing` is the first one, empty, if given."""
    first = [] if nothing is None else [SelectChoice("", nothing)]
    return [*first, *(SelectChoice(value, label) for value, label in pairs)]


def slugged(rows: Iterable[Any], nothing: Any = UNKNOWN) -> list[SelectChoice]:
    """Return the choices of an optional list of rows that have a slug and a name."""
    return [*listed((), nothing), *(named_choice(row.slug, row.name) for row in rows)]


def language_choices(current: str | None = None) -> list[SelectChoice]:
    """Return the languages by their French name; an uncommon one that the opinion has already is offered too."""
    codes = [*LANGUAGES, *([current] if current and current not in LANGUAGES else [])]
    return listed(((code, language_name(code)) for code in codes), UNKNOWN)


def language_name(code: str) -> str:
    """Return the French name of a language (BCP 47 tag), the tag itself where there is none."""
    return str(Locale("fr").languages.get(code, code)).capitalize()


class _OpinionFields(CreatingForm):
    """What is written down of an opinion."""

    text = TextAreaField(
        _l("Mots exacts de la personne"),
        [needed(_l("Écrivez ce que la personne a dit."))],
        description=_l("Dans sa langue. N'écrivez pas de nom ni d'adresse."),
    )
    received_on = DayField(_l("Date"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])
    body = SelectField(_l("Instance"), default="")
    quartier = SelectField(_l("Quartier"), default="")
    theme = SelectField(_l("Thème"), default="")
    question = SelectField(_l("Question posée"), default="")
    question_free = LineField(
        _l("Autre question"), [at_most(500)], description=_l("Écrivez-la si elle n'est pas dans la liste.")
    )
    channel = SelectField(_l("Comment l'avis est arrivé"), default="", choices=listed(CHANNELS.items(), UNKNOWN))
    language = SelectField(_l("Langue"), default="")

    def offer(
        self,
        *,
        bodies: Iterable[Body],
        quartiers: Iterable[Quartier],
        themes: Iterable[Theme],
        questions: Iterable[Question],
        language: str | None = None,
    ) -> None:
        """Fill the lists."""
        self.body.choices = slugged(bodies)
        self.quartier.choices = slugged(quartiers)
        self.theme.choices = slugged(themes)
        self.question.choices = listed(((str(q.id), q.text) for q in questions), UNKNOWN)
        self.language.choices = language_choices(language)


class NewOpinionForm(_OpinionFields):
    """Write an opinion down."""

    rencontre = HiddenField()
    moderation = RadioField(
        _l("Qui peut lire cet avis ?"), [needed(_l("Choisissez qui peut lire cet avis."))], default="en_attente"
    )

    def offer_moderation(self, *, may_publish: bool) -> None:
        """Offer to publish at once to those who may moderate."""
        now = [("publie", _l("Tout le monde, dès maintenant"))] if may_publish else []
        later = ("en_attente", _l("Tout le monde, après la lecture par l'équipe"))
        self.moderation.choices = listed([*now, later, ("reserve", _l("Seulement l'équipe du quartier"))])


class EditOpinionForm(_OpinionFields):
    """Correct an opinion."""

    version = HiddenField()


class ModerationForm(CreatingForm):
    """Publish, keep or refuse; the button pressed says which."""

    moderation = StringField()
    reason = TextAreaField(
        _l("Pourquoi l'avis n'est pas publié"),
        [at_most(1000)],
        description=_l("Seulement si vous ne publiez pas. La personne pourra le lire."),
    )


REASONS = {
    "insulte": _l("Il contient des insultes ou des menaces."),
    "personne": _l("Il accuse une personne, ou la fait reconnaître."),
    "prive": _l("Il raconte la vie privée de quelqu'un."),
    "sujet": _l("Il ne parle ni du quartier ni de la ville."),
    "publicite": _l("C'est une publicité."),
    "double": _l("Il est arrivé deux fois : l'autre est gardé."),
    "incompris": _l("Nous ne comprenons pas ce message."),
}
"""Why an opinion is not published, as its author reads it."""


class ReadingForm(CreatingForm):
    """What becomes of an opinion that waits: the button says what; words decided on have fields of their own."""

    version = HiddenField()
    autres = TextAreaField(
        _l("Autres mots à masquer"), [at_most(2000)], description=_l("Un par ligne, comme ils sont écrits dans l'avis.")
    )
    nature = SelectField(_l("Ce que sont ces mots"), default=BY_HAND[0], validate_choice=False)
    motif = RadioField(
        _l("Pourquoi l'avis n'est pas publié"),
        choices=listed(REASONS.items()),
        validate_choice=False,
        description=_l("La personne pourra le lire."),
    )
    reason = TextAreaField(_l("Un autre motif, ou une précision"), [at_most(1000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nature.flags.required = self.motif.flags.required = True  # where the button asks for them
        self.nature.choices = listed((kind, KIND_NAMES[kind]) for kind in BY_HAND)

    def by_hand(self) -> ByHand:
        """Return the words marked by hand, one a line."""
        lines = [line.strip() for line in (self.autres.data or "").splitlines()]
        return ByHand([line for line in lines if line], self.nature.data or "")

    def whole_reason(self) -> str | None:
        """Return the reason that was chosen, with what was written; None for neither."""
        chosen = REASONS.get(self.motif.data or "")
        return " ".join(str(part) for part in (chosen, self.reason.data) if part) or None


class UndoForm(CreatingForm):
    """A button alone."""


class AnswerForm(CreatingForm):
    """A short answer to one opinion."""

    version = HiddenField()
    answer = TextAreaField(
        _l("Votre réponse"),
        [needed(_l("Écrivez la réponse, en une phrase simple.")), at_most(1000)],
        description=_l("Une ou deux phrases simples."),
    )
    answered_on = DayField(_l("Date de la réponse"), [needed(_l("Indiquez la date de la réponse."))])


class TranslationForm(CreatingForm):
    """An opinion in another language, beside the original."""

    language = SelectField(
        _l("Langue de la traduction"), choices=listed((code, language_name(code)) for code in LANGUAGES)
    )
    text = TextAreaField(
        _l("Traduction"),
        [needed(_l("Écrivez la traduction."))],
        description=_l("Ce que la personne a dit, sans rien ajouter. N'écrivez pas de nom ni d'adresse."),
    )


class ChosenForm(CreatingForm):
    """What to do with the opinions that were ticked in a list."""


class FloodForm(CreatingForm):
    """Why none of many opinions that came at once is published; `dernier` is the last one that the page counted."""

    dernier = HiddenField()
    reason = TextAreaField(
        _l("Pourquoi ces avis ne sont pas publiés"),
        [needed(_l("Dites pourquoi : les personnes pourront le lire.")), at_most(1000)],
        description=_l("Chaque personne pourra le lire."),
    )


class Filters(PlainForm):
    """What the list of the team shows."""

    moderation = SelectField(_l("Lecture"), default="", choices=listed(MODERATIONS.items(), ALL))
    instance = SelectField(_l("Instance"), default="")
    quartier = SelectField(_l("Quartier"), default="")
    theme = SelectField(_l("Thème"), default="")
    arrivee = SelectField(_l("Arrivée"), default="", choices=listed([("masse", _l("Arrivés en masse"))], ALL))

    def offer(self, *, bodies: Iterable[Body], quartiers: Iterable[Quartier], themes: Iterable[Theme]) -> None:
        """Fill the lists."""
        for field, rows in ((self.instance, bodies), (self.quartier, quartiers), (self.theme, themes)):
            field.choices = slugged(rows, ALL)


def version_of(form: Any) -> int:
    """Return the version that the form was opened on; -1, which no row has, where the page was not ours."""
    text = str(form.version.data or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
