"""What the team types about instances."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.bodies.models import FAMILIES, LEVELS, SCALES, Body, BodyKind
from participation.bodies.rules import LONGEST_NAME, BodyValues
from participation.contract.models import Commune, Quartier
from participation.fields import DayField, LineField
from participation.forms import CheckboxListField, CreatingForm, EditingForm, Form, at_most, named_choice, needed

ALL = SelectChoice("", _l("Toutes"))
CHOOSE = SelectChoice("", _l("Choisissez"))
UNKNOWN = SelectChoice("", _l("Non renseigné"))


def _listed(names: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in names.items()]


class BodyFilters(Form):
    """Which instances to show; read from the address."""

    class Meta(Form.Meta):
        """It changes nothing and needs no protection."""

        csrf = False

    commune = SelectField(_l("Commune"))
    famille = SelectField(_l("Famille"), choices=[ALL, *_listed(FAMILIES)])

    def offer(self, communes: list[Commune]) -> None:
        """Offer the communes."""
        self.commune.choices = [ALL, *(named_choice(commune.slug, commune.name) for commune in communes)]


class BodyFields(Form):
    """What an instance is."""

    name = LineField(_l("Nom"), [needed(_l("Écrivez le nom de l'instance.")), at_most(LONGEST_NAME)])
    kind = SelectField(_l("Genre"), description=_l("Si aucun ne convient, laissez vide et écrivez-le dessous."))
    new_kind = LineField(_l("Nouveau genre"), [at_most(100)], description=_l("Par exemple « Table de quartier »."))
    family = SelectField(
        _l("Famille"),
        [needed(_l("Choisissez la famille."))],
        choices=[CHOOSE, *_listed(FAMILIES)],
        description=_l("Participation : les habitants y parlent. Gouvernance : le contrat y est piloté."),
    )
    scale = SelectField(_l("Échelle"), [needed(_l("Choisissez l'échelle."))], choices=[CHOOSE, *_listed(SCALES)])
    communes = CheckboxListField(_l("Communes"), [needed(_l("Cochez au moins une commune."))])
    quartiers = CheckboxListField(_l("Quartiers"))
    level = SelectField(_l("Niveau de participation"), choices=[UNKNOWN, *_listed(LEVELS)])
    note = TextAreaField(
        _l("Présentation"),
        [at_most(2000)],
        description=_l("Ce qu'elle fait, en quelques phrases simples. Tout le monde la lit."),
    )

    def offer(self, communes: list[Commune], quartiers: list[Quartier], kinds: list[BodyKind]) -> None:
        """Offer the contract's places and kinds."""
        self._communes = {commune.slug: commune for commune in communes}
        self._quartiers = {quartier.slug: quartier for quartier in quartiers}
        self.communes.choices = _listed({slug: commune.name for slug, commune in self._communes.items()})
        self.quartiers.choices = _listed({slug: quartier.name for slug, quartier in self._quartiers.items()})
        self.kind.choices = [CHOOSE, *_listed({kind.slug: kind.name for kind in kinds})]

    def values(self) -> BodyValues:
        """Return what was typed."""
        return BodyValues(
            name=self.name.data or "",
            kind=self.kind.data or None,
            new_kind=self.new_kind.data or None,
            family=self.family.data,
            scale=self.scale.data,
            communes=[self._communes[slug] for slug in self.communes.data or []],
            quartiers=[self._quartiers[slug] for slug in self.quartiers.data or []],
            level=self.level.data or None,
            opened_on=self.opened_on.data,  # each form below has it
            note=self.note.data,
        )


class NewBodyForm(BodyFields, CreatingForm):
    """Add an instance."""

    opened_on = DayField(_l("Date d'ouverture"), [needed(_l("Écrivez la date d'ouverture, comme 12/03/2026."))])


class EditBodyForm(BodyFields, EditingForm):
    """Change an instance. Its opening may be unknown: the text of the contract seldom says it."""

    opened_on = DayField(_l("Date d'ouverture"))

    def show(self, body: Body) -> None:
        """Fill the form with the instance as it is."""
        for name in ("name", "kind", "family", "scale", "opened_on", "note", "version"):
            self[name].data = getattr(body, name)
        self.level.data = body.level or ""
        self.communes.data = [commune.slug for commune in body.communes]
        self.quartiers.data = [quartier.slug for quartier in body.quartiers]


class CloseBodyForm(EditingForm):
    """Close an instance."""

    closed_on = DayField(_l("Dernier jour"), [needed(_l("Écrivez la date, comme 12/03/2026."))])
    reason = TextAreaField(
        _l("Pourquoi elle ferme"),
        [needed(_l("Écrivez pourquoi l'instance ferme : les habitants le liront.")), at_most(1000)],
    )
    end_mandates = BooleanField(_l("Mettre fin aussi aux mandats en cours, le même jour"), default=True)
