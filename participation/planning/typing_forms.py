"""The long form that types in the sheet of a meeting: the same parts, in the same order as on paper."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import FieldList, FormField, SelectField, TextAreaField

from participation.contract.models import Theme
from participation.errors import Refusal
from participation.fields import ClockField, CountField, DayField, LineField
from participation.forms import CreatingForm, Form, at_most
from participation.live.events import BANDS, COUNTS, LONGEST_LINE, LONGEST_TEXT
from participation.live.words import BAND_NAMES, COUNT_WORDS
from participation.media.rules import LONGEST_DESCRIPTION
from participation.opinions.forms import listed, slugged
from participation.planning import sheet

MORE = 5
"""Rows that one press of « Ajouter » adds."""
MOST_OPINIONS = 60


class Row(Form):
    """One row of a part; empty, it is left out."""

    NEEDED: tuple[str, Any] = ("", "")
    """The field without which a row says nothing, and the sentence where it is empty."""

    class Meta(Form.Meta):
        """The whole form has the token."""

        csrf = False

    def is_empty(self) -> bool:
        """Whether nothing was typed in it."""
        return not any(field.data for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Say what is missing in a row that is not empty."""
        good = bool(super().validate(extra_validators))
        name, sentence = self.NEEDED
        return self.fault(name, sentence, when=not self.is_empty() and not self[name].data) and good

    def fault(self, name: str, sentence: Any, *, when: bool) -> bool:
        """Put a sentence beside a field; return whether it was not at fault."""
        if when:
            self[name].errors = [*self[name].errors, str(sentence)]
        return not when


class PointRow(Row):
    """An item of the agenda."""

    NEEDED = ("titre", _l("Nommez ce point, ou videz la ligne."))

    heure = ClockField(_l("Heure"))
    titre = LineField(_l("Point"), [at_most(LONGEST_LINE)])
    note = TextAreaField(_l("Ce qui s'est dit"), [at_most(LONGEST_TEXT)])


class OpinionRow(Row):
    """What one person said, and the proposal that came of it."""

    NEEDED = ("texte", _l("Écrivez ce qui est dit, ou videz la ligne."))
    named: frozenset[str] = frozenset()
    """Numbers of the agenda's items that are filled in."""

    texte = TextAreaField(_l("Ce que dit la personne"), [at_most(LONGEST_TEXT)])
    point = SelectField(_l("Point"), default="")
    theme = SelectField(_l("Thème"), default="")
    question = SelectField(_l("Question"), default="")
    proposition = LineField(_l("Proposition, en une phrase"), [at_most(300)])
    mains = CountField(_l("Mains levées"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Say also what it refers to and is not there."""
        good = super().validate(extra_validators)
        item, hands = self.point.data, self.mains.data
        there = self.fault("point", _("Ce point n'est pas rempli plus haut."), when=item and item not in self.named)
        sentence = _("Écrivez la proposition pour laquelle on a levé la main.")
        return self.fault("proposition", sentence, when=bool(hands) and not self.proposition.data) and there and good


class DecisionRow(Row):
    """What the meeting decided."""

    NEEDED = ("texte", _l("Écrivez la décision, ou videz la ligne."))

    texte = TextAreaField(_l("Ce qui est décidé"), [at_most(2000)])
    responsable = LineField(_l("Qui s'en charge (une fonction)"), [at_most(200)])
    echeance = DayField(_l("Pour quand"))
    reponse_de = LineField(_l("Réponse attendue de"), [at_most(200)])


class _Counts(CreatingForm):
    """Who was there, in numbers."""

    debut = ClockField(_l("Début à"))
    fin = ClockField(_l("Fin à"))
    institutions = TextAreaField(
        _l("Institutions présentes"),
        [at_most(20_000)],
        description=_l("Une par ligne. Écrivez le nom de l'institution, pas celui de la personne."),
    )
    photo = FileField(
        _l("Photo de la feuille ou du tableau"),
        description=_l("Sans personne dessus, ni nom."),
        render_kw={"accept": "image/*"},
    )
    description = LineField(_l("Ce que montre la photo"), [at_most(LONGEST_DESCRIPTION)])
    points = FieldList(FormField(PointRow), min_entries=sheet.POINTS, max_entries=30)
    avis = FieldList(FormField(OpinionRow), min_entries=sheet.OPINIONS, max_entries=MOST_OPINIONS)
    decisions = FieldList(FormField(DecisionRow), min_entries=sheet.DECISIONS, max_entries=30)

    def validate(self, extra_validators: Any = None) -> bool:
        """Say beside each row what it lacks, and above where nothing was typed at all."""
        named = frozenset(str(n) for n, row in enumerate(self.points, start=1) if row.titre.data)
        for row in self.avis:
            row.form.named = named
        good = bool(super().validate(extra_validators)) and self._photo_is_whole()
        if good and not self._anything():
            self.form_errors.append(_("Rien n'est écrit. Recopiez la feuille, puis enregistrez."))
            return False
        return good

    def _photo_is_whole(self) -> bool:
        """Say what a photo lacks: its description, or itself."""
        if self.photo.data and not self.description.data:
            self.description.errors = [_("Dites ce que montre la photo.")]
        elif self.description.data and not self.photo.data:
            self.photo.errors = [_("Choisissez la photo, ou videz ce qu'elle montre.")]
        return not (self.photo.errors or self.description.errors)

    def _anything(self) -> bool:
        rows = [*self.points, *self.avis, *self.decisions]
        numbers = (self[name].data is not None for name in (*(f"age_{band}" for band in BANDS), *COUNTS))
        return (
            any(not row.form.is_empty() for row in rows)
            or any(numbers)
            or bool(self.institutions.data or self.photo.data)
        )

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the rules beside its count or its photo, else above: rows have names of their own."""
        super().refuse(refusal if refusal.field in (*COUNTS, "photo", "description") else Refusal(refusal.message))


TypingForm: Any = type(
    "TypingForm",
    (_Counts,),
    {
        **{f"age_{band}": CountField(BAND_NAMES[band]) for band in BANDS},
        **{name: CountField(COUNT_WORDS[name]) for name in COUNT_WORDS},
    },
)
"""The whole form: a count for each age band and each total, named as the headcounts are, then the three tables."""


def offer(form: Any, themes: Iterable[Theme], questions: Sequence[str]) -> None:
    """Fill the lists of the rows."""
    points = [(str(n), _("Point %(n)s", n=n)) for n in range(1, len(form.points) + 1)]
    themes = list(themes)
    for row in form.avis:
        row.point.choices = listed(points, _("Aucun"))
        row.theme.choices = slugged(themes)
        row.question.choices = listed(((text, text) for text in questions), _("Aucune en particulier"))


def add_rows(form: Any) -> None:
    """Add empty rows for opinions."""
    for _row in range(min(MORE, MOST_OPINIONS - len(form.avis))):
        form.avis.append_entry()


def filled(rows: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Yield (number from 1, row) of the rows in which something was typed."""
    return ((number, row.form) for number, row in enumerate(rows, start=1) if not row.form.is_empty())


PARTS = {
    "presents": (*(f"age_{band}" for band in BANDS), *COUNT_WORDS, "institutions"),
    "ordre-du-jour": ("points",),
    "avis": ("avis",),
    "decisions": ("decisions",),
    "photos": ("photo", "description"),
}
"""Anchor of each part that folds -> its fields."""


def unfolded(form: Any) -> set[str]:
    """Return the anchors of the parts in which something was typed, or is at fault: these are shown open."""
    return {anchor for anchor, names in PARTS.items() if any(_speaks(form[name]) for name in names)}


def _speaks(field: Any) -> bool:
    if isinstance(field, FieldList):
        return any(row.errors or not row.form.is_empty() for row in field)
    return bool(field.errors) or field.data not in (None, "")
