"""What the team may send about a campaign, in which words."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.errors import Refusal
from participation.fields import DayField, LineField
from participation.formatting import date_fr
from participation.forms import CheckboxListField, CreatingForm, EditingForm, Form, at_most, needed
from participation.meetings.forms import body_choices
from participation.meetings.models import Meeting
from participation.opinions.forms import listed
from participation.planning.models import Campaign
from participation.planning.rules import Asked, Draft

LONGEST = 5000
PREFIX = "quartier_"
"""Of the fields for the questions of one quartier."""


class CampaignForm(Form):
    """A campaign; `for_quartiers` adds a field for each quartier. Call `offer` before it is shown or validated."""

    title = LineField(
        _l("Nom de la démarche"),
        [needed(_l("Donnez un nom à la démarche.")), at_most(200)],
        description=_l("Par exemple : « Parole aux quartiers, été 2026 »."),
    )
    body = SelectField(
        _l("Instance qui la mène"), [needed(_l("Choisissez l'instance qui mène la démarche."))], default=""
    )
    purpose = TextAreaField(
        _l("À quoi sert-elle ?"),
        [at_most(LONGEST)],
        description=_l("En mots simples. Tout le monde le lira : pas de nom de personne."),
    )
    starts_on = DayField(_l("Début"), [needed(_l("Donnez la date du début."))])
    ends_on = DayField(_l("Fin"))
    restitution_on = DayField(
        _l("Date de restitution"), description=_l("Quand dira-t-on aux habitants ce qui en est sorti ?")
    )
    questions = TextAreaField(
        _l("Questions posées partout"),
        [at_most(LONGEST)],
        description=_l("Une par ligne. Elles deviennent celles de chaque rencontre de la démarche."),
    )

    def offer(self, bodies: Sequence[Body], quartiers: Sequence[Quartier]) -> None:
        """Fill the lists."""
        self._bodies = {body.slug: body for body in bodies}
        self._quartiers = quartiers
        self.body.choices = [*listed((), _l("Choisissez")), *body_choices(bodies, None)]

    def refuse(self, refusal: Refusal) -> None:
        """Show the rules' `held_on` beside the field of the form."""
        field = "starts_on" if refusal.field == "held_on" else refusal.field
        super().refuse(Refusal(refusal.message, field=field))

    def of_quartiers(self) -> list[Any]:
        """Return the fields for the questions of one quartier."""
        return [field for name, field in self._fields.items() if name.startswith(PREFIX)]

    def draft(self) -> Draft:
        """Return what was sent, once it is valid."""
        assert self.starts_on.data
        return Draft(
            body=self._bodies[self.body.data],
            title=self.title.data or "",
            purpose=self.purpose.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            restitution_on=self.restitution_on.data,
            questions=tuple(self._asked()),
        )

    def _asked(self) -> Iterable[Asked]:
        yield from ((None, text) for text in _lines(self.questions.data))
        for quartier in self._quartiers:
            yield from ((quartier, text) for text in _lines(self._fields[f"{PREFIX}{quartier.id}"].data))


def _lines(text: str | None) -> list[str]:
    """Return the lines that say something, each once."""
    lines = (" ".join(line.split()) for line in (text or "").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


class NewCampaignForm(CampaignForm, CreatingForm):
    """A campaign to come."""


class EditCampaignForm(CampaignForm, EditingForm):
    """A change of a campaign."""


def for_quartiers(base: Any, quartiers: Iterable[Quartier]) -> Any:
    """Return the form with a field for the questions of each quartier."""
    fields = {f"{PREFIX}{row.id}": TextAreaField(row.name, [at_most(LONGEST)]) for row in quartiers}
    return type(base.__name__, (base,), fields)


def said(campaign: Campaign) -> dict[str, Any]:
    """Return the data of an EditCampaignForm."""
    asked: dict[str, list[str]] = {}
    for row in campaign.questions:
        name = f"{PREFIX}{row.quartier.id}" if row.quartier else "questions"
        asked.setdefault(name, []).append(row.text)
    return {
        "version": str(campaign.version),
        "title": campaign.title,
        "body": campaign.body.slug,
        "purpose": campaign.purpose,
        "starts_on": campaign.starts_on,
        "ends_on": campaign.ends_on,
        "restitution_on": campaign.restitution_on,
        **{name: "\n".join(texts) for name, texts in asked.items()},
    }


class AttachForm(EditingForm):
    """The meetings of a campaign. Call `offer` before it is shown or validated."""

    meetings = CheckboxListField(_l("Rencontres de la démarche"), validate_choice=False)

    def offer(self, meetings: Sequence[Meeting]) -> None:
        """Fill the list."""
        self._meetings = {meeting.ref: meeting for meeting in meetings}
        self.meetings.choices = [SelectChoice(row.ref, f"{date_fr(row.held_on)} : {row.title}") for row in meetings]

    def chosen(self, campaign: Campaign) -> Collection[Meeting]:
        """Return the meetings ticked, and those of the campaign that were not offered."""
        ticked = [self._meetings[ref] for ref in self.meetings.data or () if ref in self._meetings]
        return [*ticked, *(meeting for meeting in campaign.meetings if meeting.ref not in self._meetings)]
