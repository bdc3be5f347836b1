"""What a person may send about a meeting, in which words."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from participation.bodies.models import LEVELS, Body
from participation.contract.models import Commune, Quartier
from participation.errors import Refusal
from participation.fields import ClockField, CountField, DayField, LineField
from participation.formatting import NOT_KNOWN, date_fr, time_fr
from participation.forms import CheckboxListField, CreatingForm, EditingForm, Form, at_most, named_choice, needed
from participation.meetings.models import HEADCOUNTS, MEETING_STATUSES, MEETING_TYPES, Decision, Meeting
from participation.meetings.rules import headcount_faults
from participation.meetings.values import Attendance, Plan, Resolution, institution_names
from participation.meetings.words import COUNT_NAMES

NO_NAMES = _l("N'écrivez ni nom de personne, ni santé, ni religion, ni opinion politique.")
"""Under every free text (legal-and-context.md, D6)."""
_NOT_IN_LIST = _l("Choisissez dans la liste.")


class MeetingForm(Form):
    """What is announced of a meeting. Call `offer` before it is shown or validated."""

    title = LineField(
        _l("Nom de la rencontre"),
        [needed(_l("Donnez un nom à la rencontre.")), at_most(200)],
        description=_l("Par exemple : « Café citoyen, place de Rouen ». N'écrivez pas de nom de personne."),
    )
    held_on = DayField(_l("Date"), [needed(_l("Donnez la date de la rencontre."))])
    start = ClockField(_l("Heure de début"))
    end = ClockField(_l("Heure de fin"))
    place = LineField(
        _l("Lieu"),
        [at_most(300)],
        description=_l("Par exemple : « Centre social, 2 rue des Écoles ». N'écrivez pas de nom de personne."),
    )
    bodies = CheckboxListField(
        _l("Instances qui organisent"),
        [needed(_l("Cochez au moins une instance."))],
        validate_choice=False,
        description=_l("Si plusieurs instances se réunissent ensemble, cochez-les toutes : c'est une seule rencontre."),
    )
    type = SelectField(
        _l("Type de rencontre"),
        [needed(_l("Choisissez un type de rencontre."))],
        default="",
        invalid_choice_message=_NOT_IN_LIST,
    )
    level = RadioField(
        _l("Niveau de participation"),
        default="",
        invalid_choice_message=_NOT_IN_LIST,
        description=_l("Dites-le avant la rencontre : les personnes savent alors qui décide."),
    )
    quartiers = CheckboxListField(
        _l("Quartiers concernés"),
        validate_choice=False,
        description=_l("Si vous n'en cochez aucun, ce sont ceux des instances qui organisent."),
    )

    def offer(
        self,
        bodies: Sequence[Body],
        quartiers: Sequence[Quartier],
        levels: Mapping[str, Any],
        mine: Collection[str] | None,
    ) -> None:
        """Fill the lists. `levels` gives the sentence of each level; `mine` the slugs of the bodies in the account's
        scope, None where all are.
        """
        self._bodies = {body.slug: body for body in bodies}
        self._quartiers = {quartier.slug: quartier for quartier in quartiers}
        day = self.held_on.data
        shown = [body for body in bodies if is_open(body, day) or body.slug in (self.bodies.data or ())]
        self.bodies.choices = body_choices(shown, mine)
        self.quartiers.choices = quartier_choices(quartiers)
        self.type.choices = [SelectChoice("", _("Choisissez")), *_listed(MEETING_TYPES)]
        self.level.choices = [
            *(SelectChoice(code, f"{name} : {levels[code]}") for code, name in LEVELS.items()),
            SelectChoice("", _("On ne sait pas encore")),
        ]

    def validate_bodies(self, field: Any) -> None:
        """Refuse an instance that does not exist (any more)."""
        _refuse_unknown(field, self._bodies, _("Cette instance n'existe pas. Rechargez la page."))

    def validate_quartiers(self, field: Any) -> None:
        """Refuse a quartier that does not exist (any more)."""
        _refuse_unknown(field, self._quartiers, _("Ce quartier n'existe pas. Rechargez la page."))

    def plan(self) -> Plan:
        """Return what was sent, once it is valid."""
        assert self.held_on.data
        return Plan(
            title=self.title.data,
            type=self.type.data,
            held_on=self.held_on.data,
            bodies=tuple(self._bodies[slug] for slug in self.bodies.data),
            level=self.level.data or None,
            quartiers=tuple(self._quartiers[slug] for slug in self.quartiers.data or ()),
            place=self.place.data,
            start=self.start.data,
            end=self.end.data,
        )

    def refuse(self, refusal: Refusal) -> None:
        """Show the rules' `start_time` and `end_time` beside the fields of the form."""
        names = {"start_time": "start", "end_time": "end"}
        super().refuse(Refusal(refusal.message, field=names.get(refusal.field or "", refusal.field)))


class NewMeetingForm(MeetingForm, CreatingForm):
    """A meeting to come, or one that was not written down yet."""


class EditMeetingForm(MeetingForm, EditingForm):
    """A change of what is announced."""


class HoldForm(EditingForm):
    """Who came, in numbers. Call `offer` before it is shown."""

    participants = CountField(COUNT_NAMES["participants"], description=_l("Enfants compris."))
    residents = CountField(COUNT_NAMES["residents"])
    elus = CountField(COUNT_NAMES["elus"])
    agents = CountField(COUNT_NAMES["agents"])
    first_timers = CountField(COUNT_NAMES["first_timers"])
    qpv_residents = CountField(COUNT_NAMES["qpv_residents"])
    women = CountField(COUNT_NAMES["women"])
    men = CountField(COUNT_NAMES["men"])
    under_26 = CountField(COUNT_NAMES["under_26"])
    over_60 = CountField(COUNT_NAMES["over_60"])
    known_institutions = CheckboxListField(_l("Institutions présentes"), validate_choice=False)
    institutions = TextAreaField(
        _l("Autres institutions présentes"),
        [at_most(20_000)],
        description=_l("Une par ligne. Écrivez le nom de l'institution, pas celui de la personne."),
    )

    def offer(self, names: Sequence[str]) -> None:
        """Fill the list of names to tick; those already ticked stay in it."""
        ticked = [name for name in self.known_institutions.data or () if name not in names]
        self.known_institutions.choices = [SelectChoice(name, name) for name in (*names, *ticked)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Say every group of counts that is larger than its whole, each beside its first count."""
        good = bool(super().validate(extra_validators))
        faults = headcount_faults(self.counts(), {name: str(label) for name, label in COUNT_NAMES.items()})
        for name, sentence in faults:
            self.refuse(Refusal(sentence[0].upper() + sentence[1:] + ".", field=name))
        return good and not faults

    def counts(self) -> dict[str, int | None]:
        """Return the counts by the name of the column."""
        return {name: self[name].data for name in HEADCOUNTS}

    def attendance(self) -> Attendance:
        """Return what was sent. Raises Refusal for a list of institutions that is too long."""
        known = [choice.value for choice in self.known_institutions.choices]
        texts = [*(self.known_institutions.data or ()), self.institutions.data or ""]
        return Attendance(self.counts(), institution_names(texts, known))


class CancelForm(EditingForm):
    """Why a meeting does not take place."""

    reason = TextAreaField(
        _l("Pourquoi la rencontre est-elle annulée ?"),
        [needed(_l("Dites pourquoi la rencontre est annulée : les habitants le liront.")), at_most(1000)],
        description=_l("Tout le monde lira cette phrase. N'écrivez pas de nom de personne."),
    )


class MinutesForm(EditingForm):
    """The minutes; `reason` serves a correction only."""

    text = TextAreaField(_l("Compte rendu"), [at_most(200_000)], description=NO_NAMES)
    reason = LineField(
        _l("Pourquoi corrigez-vous ce compte rendu ?"),
        [at_most(500)],
        description=_l("Tout le monde lira cette phrase : pas de nom de personne. L'ancien texte reste lisible."),
    )


class ConfirmForm(EditingForm):
    """A button that needs nothing but the version it was shown with."""


class ResolutionForm(Form):
    """What a meeting decided about itself."""

    text = TextAreaField(
        _l("Qu'a décidé la rencontre ?"),
        [needed(_l("Écrivez la décision, par exemple : « inviter le bailleur ».")), at_most(2000)],
        description=NO_NAMES,
    )
    owner = LineField(
        _l("Qui s'en charge ?"),
        [at_most(200)],
        description=_l("Une fonction, pas un nom. Par exemple : « l'animatrice du centre social »."),
    )
    due_on = DayField(_l("Pour quand ?"))

    def resolution(self) -> Resolution:
        """Return what was sent."""
        done = self._fields.get("done_on")
        return Resolution(self.text.data, self.owner.data, self.due_on.data, done.data if done else None)


class NewDecisionForm(ResolutionForm, CreatingForm):
    """A decision to add."""


class EditDecisionForm(ResolutionForm, EditingForm):
    """A decision to change; `version` is a digest of what it said (`decision_version`)."""

    done_on = DayField(_l("Faite le"))


class PublicFilters(PlainForm):
    """What a reader asks of the public list; sent by GET."""

    instance = SelectField(_l("Instance"), validate_choice=False)
    quartier = SelectField(_l("Quartier"), validate_choice=False)
    commune = SelectField(_l("Commune"), validate_choice=False)
    type = SelectField(_l("Type de rencontre"), validate_choice=False)
    annee = SelectField(_l("Année"), validate_choice=False)

    def offer(
        self, bodies: Sequence[Body], quartiers: Sequence[Quartier], communes: Sequence[Commune], years: Iterable[int]
    ) -> None:
        """Fill the lists."""
        everywhere = SelectChoice("", _("Toutes"))
        self.instance.choices = [everywhere, *body_choices(bodies, None)]
        self.quartier.choices = [SelectChoice("", _("Tous")), *(named_choice(row.slug, row.name) for row in quartiers)]
        self.commune.choices = [everywhere, *(named_choice(row.slug, row.name) for row in communes)]
        self.type.choices = [SelectChoice("", _("Tous")), *_listed(MEETING_TYPES)]
        self.annee.choices = [everywhere, *(SelectChoice(str(year), str(year)) for year in years)]


class TeamFilters(PlainForm):
    """What the team asks of its list; sent by GET."""

    statut = SelectField(_l("Où elle en est"), validate_choice=False)
    instance = SelectField(_l("Instance"), validate_choice=False)

    def offer(self, bodies: Sequence[Body], mine: Collection[str] | None) -> None:
        """Fill the lists."""
        self.statut.choices = [SelectChoice("", _("Toutes")), *_listed(MEETING_STATUSES)]
        self.instance.choices = [SelectChoice("", _("Toutes")), *body_choices(bodies, mine)]


# Lists


def is_open(body: Body, day: dt.date | None) -> bool:
    """Whether the body is open on that day, or is not closed where the day is not known yet."""
    if day is None:
        return body.closed_on is None
    return (body.opened_on is None or body.opened_on <= day) and (body.closed_on is None or day <= body.closed_on)


def body_choices(bodies: Iterable[Body], mine: Collection[str] | None) -> list[SelectChoice]:
    """Return the bodies under the name of their commune, those of `mine` (if not None) first, in a group of theirs."""

    def group(body: Body) -> tuple[int, str]:
        if mine is not None and body.slug in mine:
            return -1, _("Vos instances")
        if len(body.communes) == 1:
            return body.communes[0].position, body.communes[0].name
        return 10_000 + bool(body.communes), _("Plusieurs communes") if body.communes else _("Tout le contrat")

    ordered = sorted(bodies, key=lambda body: (*group(body), body.name, body.slug))
    return [named_choice(body.slug, body.name, group(body)[1]) for body in ordered]


def quartier_choices(quartiers: Iterable[Quartier]) -> list[SelectChoice]:
    """Return the quartiers with the name of their communes."""
    return [
        SelectChoice(row.slug, f"{row.name} ({', '.join(commune.name for commune in row.communes)})")
        for row in quartiers
    ]


def _listed(labels: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(code, str(label)) for code, label in labels.items()]


def _refuse_unknown(field: Any, known: Mapping[str, object], message: str) -> None:
    if any(slug not in known for slug in field.data or ()):
        raise ValidationError(message)


# What the forms start from


def announced(meeting: Meeting) -> dict[str, Any]:
    """Return the data of an EditMeetingForm."""
    return {
        "version": str(meeting.version),
        "title": meeting.title,
        "type": meeting.type,
        "level": meeting.level or "",
        "held_on": meeting.held_on,
        "start": meeting.start_time,
        "end": meeting.end_time,
        "place": meeting.place,
        "bodies": [body.slug for body in meeting.bodies],
        "quartiers": [quartier.slug for quartier in meeting.quartiers],
    }


def copied(meeting: Meeting) -> dict[str, Any]:
    """Return the data of a NewMeetingForm made after another meeting: all but its date."""
    return {name: value for name, value in announced(meeting).items() if name not in ("version", "held_on")}


def counted(meeting: Meeting, names: Collection[str]) -> dict[str, Any]:
    """Return the data of a HoldForm; `names` are those that can be ticked."""
    present = [row.name for row in meeting.institutions]
    return {
        "version": str(meeting.version),
        **{name: getattr(meeting, name) for name in HEADCOUNTS},
        "known_institutions": [name for name in present if name in names],
        "institutions": "\n".join(name for name in present if name not in names),
    }


def decision_version(decision: Decision) -> str:
    """Return a digest of what the decision says."""
    said = repr((decision.text, decision.owner, decision.due_on, decision.done_on))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# Two versions of the same thing


def differences(typed: Form, current: Form) -> list[tuple[str, str, str]]:
    """Return (label, what was typed, what is there now) of each field that differs between two forms of one class."""
    return [
        (str(field.label.text), _in_words(field), _in_words(current[field.short_name]))
        for field in typed
        if field.widget.__class__.__name__ != "HiddenInput" and _in_words(field) != _in_words(current[field.short_name])
    ]


def _in_words(field: Any) -> str:
    data = field.data
    if isinstance(field, SelectMultipleField):
        return ", ".join(sorted(str(choice.label) for choice in field.iter_choices() if choice.selected)) or NOT_KNOWN
    if isinstance(field, SelectField):
        return next((str(choice.label) for choice in field.iter_choices() if choice.selected), NOT_KNOWN)
    if isinstance(data, dt.date):
        return date_fr(data)
    if isinstance(data, dt.time):
        return time_fr(data)
    return NOT_KNOWN if data is None or data == "" else str(data)
