"""What the team may send about proposals, and the filters of everybody, in which words."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField, widgets
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice

from participation.bodies.models import Body
from participation.contract.models import Commune, Objective, Quartier, Recipient, Theme
from participation.fields import CountField, DayField, LineField
from participation.formatting import date_short
from participation.forms import CheckboxListField, CreatingForm, at_most, clean_text, named_choice, needed
from participation.meetings.models import Meeting
from participation.opinions.forms import ALL, UNKNOWN, listed, slugged
from participation.opinions.rules import LONGEST_TEXT
from participation.proposals.history import FUNDING_NAMES, STATES
from participation.proposals.models import OUTCOMES
from participation.proposals.step_rules import ASKED

LARGEST_AMOUNT = Decimal(1_000_000_000)
"""Euros: beyond, it is a slip of the keyboard."""
LONGEST_QUESTION = 200
"""Characters of what is searched; the rest is cut."""


class EuroField(Field):
    """An amount in euros, kept in cents: `12000`, `12 000,50 €`. Empty is unknown, never zero."""

    widget = widgets.TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:.2f}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount. Raises ValueError with the sentence to show."""
        text = re.sub(r"[\s€]", "", "".join(valuelist)).replace(",", ".")
        self.data = None
        if not text:
            return
        sentence = _("Écrivez un montant en euros, par exemple 12000 ou 350,50.")
        if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text, re.ASCII):
            raise ValueError(sentence)
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValueError(sentence) from None
        if amount > LARGEST_AMOUNT:
            raise ValueError(_("Ce montant est trop grand. Vérifiez-le."))
        self.data = int(amount * 100)


def objective_choices(objectives: Iterable[Objective]) -> list[SelectChoice]:
    """Return the objectives, each strategic one and those below it under « ambition : strategic »."""
    choices = []
    for objective in objectives:
        above = objective.parent or objective
        label = (
            f"{objective.printed}. {objective.name}" if objective is above else f"{objective.printed} {objective.name}"
        )
        group = f"{objective.ambition.name} : {above.printed}. {above.name}"
        choices.append(SelectChoice(value=objective.code, label=label, optgroup=group))
    return choices


class _ProposalFields(CreatingForm):
    """What a proposal says and serves."""

    title = LineField(
        _l("Titre"),
        [needed(_l("Donnez un titre à la proposition, en une phrase courte."))],
        description=_l("Une phrase courte, que tout le monde comprend."),
    )
    text = TextAreaField(_l("Ce que les habitants proposent"))
    theme = SelectField(_l("Thème"), default="")
    quartiers = CheckboxListField(_l("Quartiers"))
    objectives = CheckboxListField(
        _l("Objectifs du contrat"), description=_l("Cochez ceux que la proposition sert, si vous les connaissez.")
    )

    def offer(self, *, themes: Iterable[Theme], quartiers: Iterable[Quartier], objectives: Iterable[Objective]) -> None:
        """Fill the lists."""
        self.theme.choices = slugged(themes)
        self.quartiers.choices = slugged(quartiers, None)
        self.objectives.choices = objective_choices(objectives)


class NewProposalForm(_ProposalFields):
    """Make a proposal, from opinions or not."""

    rencontre = HiddenField()
    body = SelectField(
        _l("Instance qui porte la proposition"),
        [needed(_l("Choisissez l'instance qui porte la proposition."))],
        default="",
    )
    on_date = DayField(_l("Recueillie le"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])

    def offer_bodies(self, bodies: Iterable[Body]) -> None:
        """Fill the list of bodies."""
        self.body.choices = slugged(bodies, _("Choisissez une instance"))


class EditProposalForm(_ProposalFields):
    """Change what a proposal says."""

    version = HiddenField()


class StepForm(CreatingForm):
    """Add a step: `for_kind` keeps only what that kind asks (step_rules.ASKED)."""

    version = HiddenField()
    genre = HiddenField()
    to = SelectField(
        _l("À qui est-elle transmise ?"), [needed(_l("Choisissez à qui la proposition est transmise."))], default=""
    )
    carrier = LineField(
        _l("Qui la porte ?"),
        [at_most(300)],
        description=_l("Une fonction, pas le nom d'une personne. Par exemple : ses deux représentants."),
    )
    carried_to = SelectField(_l("À quelle rencontre est-elle portée ?"), default="")
    to_proposal = LineField(
        _l("Référence de l'autre proposition"),
        [needed(_l("Choisissez la proposition avec laquelle celle-ci est regroupée."))],
    )
    short_answer = LineField(
        _l("La réponse en une phrase simple"),
        [at_most(300)],
        description=_l("C'est ce que les habitants liront en premier."),
    )
    reason = TextAreaField(_l("Précisions"), [at_most(LONGEST_TEXT)])
    owner = LineField(
        _l("Qui s'en occupe ?"),
        [at_most(300)],
        description=_l("Un service ou une fonction, pas le nom d'une personne."),
    )
    due_on = DayField(_l("Échéance"))
    funding = SelectField(_l("Avec quels moyens ?"), default="")
    amount = EuroField(
        _l("Montant en euros"), render_kw={"inputmode": "decimal", "autocomplete": "off", "class": "width-short"}
    )
    on_date = DayField(_l("Date de cette étape"), [needed(_l("Indiquez la date, par exemple 12/03/2026."))])
    body = SelectField(_l("Instance"), default="")
    meeting = SelectField(_l("À quelle rencontre ?"), default="")
    votes_for = CountField(_l("Votes pour"))
    votes_against = CountField(_l("Votes contre"))
    abstentions = CountField(_l("Abstentions"))
    deliberation = LineField(
        _l("Délibération"), [at_most(500)], description=_l("Son numéro, ou l'adresse de la page où on peut la lire.")
    )

    def for_kind(self, kind: str) -> None:
        """Keep what this kind asks, in the words of this kind."""
        asked = {*ASKED[kind], "on_date", "version", "genre", "cle", "csrf_token"}
        for name in list(self._fields):
            if name not in asked:
                del self[name]
        if "due_on" in self:
            self.due_on.label.text = _DUE_LABELS.get(kind, _l("Pour quand ?"))
        self.reason.label.text = _REASON_LABELS.get(kind, _l("Pourquoi ?"))
        if kind in OUTCOMES:
            ask = needed(_l("Dites pourquoi, en mots simples : toute réponse a sa raison."))
            self.reason.validators = [ask, *self.reason.validators]
            self.reason.flags.required = True
        if kind == "realisee":
            self.reason.validators = [needed(_l("Dites ce qui a été fait : les habitants le liront."))]
            self.reason.flags.required = True
        if "body" in self:
            self.body.label.text = _l("Transmise par") if kind == "transmise" else _l("Instance qui prend cette étape")

    def offer(
        self,
        *,
        bodies: Iterable[Body],
        recipients: Iterable[Recipient],
        meetings: Iterable[Meeting],
        means: Mapping[str, str],
        coming: Iterable[Meeting] = (),
    ) -> None:
        """Fill the lists that are left; `coming` are meetings to which a proposal may be carried."""
        bodies = list(bodies)
        if "to" in self:
            self.to.choices = [
                SelectChoice(value="", label=_("Choisissez")),
                *(SelectChoice(value=f"i:{b.slug}", label=b.name, optgroup=_("Instances")) for b in bodies),
                *(
                    SelectChoice(value=f"d:{r.slug}", label=r.name, optgroup=_("Autres destinataires"))
                    for r in recipients
                ),
            ]
        if "body" in self:
            self.body.choices = slugged(bodies)
        if "meeting" in self:
            self.meeting.choices = meeting_choices(meetings)
        if "carried_to" in self:
            self.carried_to.choices = meeting_choices(coming, _("Pas encore connue"))
        if "funding" in self:
            names = {slug: means.get(slug) or name for slug, name in FUNDING_NAMES.items()}
            self.funding.choices = listed(names.items(), UNKNOWN)


_DUE_LABELS = {"transmise": _l("Réponse attendue avant le"), "ajournee": _l("Réponse attendue avant le")}
_REASON_LABELS = {
    "etude": _l("Ce qui est étudié"),
    "transmise": _l("Message pour l'instance qui reçoit"),
    "en_cours": _l("Où en est-on ?"),
    "realisee": _l("Ce qui a été fait"),
    "regroupee": _l("Pourquoi les regrouper ?"),
}


def meeting_choices(meetings: Iterable[Meeting], none: str | None = None) -> list[SelectChoice]:
    """Return meetings by date and title, after `none` (default: « Sans rencontre »)."""
    return listed(((m.ref, f"{date_short(m.held_on)} · {m.title}") for m in meetings), none or _("Sans rencontre"))


class VoidForm(CreatingForm):
    """Void a mistaken step."""

    version = HiddenField()
    reason = TextAreaField(
        _l("Pourquoi annuler cette étape ?"),
        [needed(_l("Dites pourquoi cette étape est annulée : tout le monde pourra le lire.")), at_most(1000)],
        description=_l("L'étape reste visible, barrée, avec ce motif."),
    )


class ToldForm(CreatingForm):
    """Say when a decision was told back to residents."""

    told_on = DayField(_l("Date"), description=_l("Vide : la date de la rencontre choisie."))
    meeting = SelectField(_l("À quelle rencontre ?"), default="")

    def offer(self, meetings: Iterable[Meeting]) -> None:
        """Fill the list of meetings."""
        self.meeting.choices = meeting_choices(meetings)


class KeyForm(CreatingForm):
    """A button alone."""


class PublicFilters(PlainForm):
    """What the list of proposals shows."""

    q = StringField(
        _l("Chercher une proposition"),
        filters=[lambda text: (clean_text(text) or "")[:LONGEST_QUESTION]],
        widget=widgets.SearchInput(),
        render_kw={"maxlength": LONGEST_QUESTION, "dir": "auto", "enterkeyhint": "search"},
    )
    instance = SelectField(_l("Instance"), default="")
    commune = SelectField(_l("Commune"), default="")
    quartier = SelectField(_l("Quartier"), default="")
    theme = SelectField(_l("Thème"), default="")
    objectif = SelectField(_l("Objectif du contrat"), default="")
    etat = SelectField(
        _l("Où en est-elle ?"),
        default="",
        choices=listed(((word, name) for word, (name, _kinds) in STATES.items()), ALL),
    )
    retard = BooleanField(_l("Réponse en retard"))

    def offer(
        self,
        *,
        bodies: Iterable[Body],
        communes: Iterable[Commune],
        quartiers: Iterable[Quartier],
        themes: Iterable[Theme],
        objectives: Iterable[Objective],
    ) -> None:
        """Fill the lists; only strategic objectives are offered, another one that the address names is added."""
        for field, rows in (
            (self.instance, bodies), (self.commune, communes), (self.quartier, quartiers), (self.theme, themes),
        ):  # fmt: skip
            field.choices = slugged(rows, ALL)
        self.objectif.choices = [
            SelectChoice("", ALL),
            *(
                named_choice(o.code, f"{o.printed}. {o.name}", o.ambition.name)
                for o in objectives
                if o.parent_id is None or o.code == self.objectif.data
            ),
        ]


class TeamFilters(PublicFilters):
    """The same, with the choice of one's own proposals only."""

    toutes = BooleanField(_l("Montrer aussi celles des autres instances"))


class AnswerFilters(PlainForm):
    """What the page of answers shows."""

    quartier = SelectField(_l("Quartier"), default="")
    theme = SelectField(_l("Thème"), default="")
    rencontre = SelectField(_l("Rencontre"), default="")
    annee = SelectField(_l("Année"), default="")

    def offer(
        self,
        *,
        quartiers: Iterable[Quartier],
        themes: Iterable[Theme],
        meetings: Iterable[Meeting],
        years: Iterable[int],
    ) -> None:
        """Fill the lists."""
        self.rencontre.choices = [
            SelectChoice("", ALL),
            *(named_choice(m.ref, f"{date_short(m.held_on)} · {m.title}") for m in meetings),
        ]
        self.quartier.choices = slugged(quartiers, ALL)
        self.theme.choices = slugged(themes, ALL)
        self.annee.choices = listed(((str(year), str(year)) for year in years), ALL)


class AttachForm(CreatingForm):
    """Attach the opinions that are ticked."""


class AttachFilters(PlainForm):
    """Which opinions are offered."""

    instance = SelectField(_l("Instance"), default="")
    quartier = SelectField(_l("Quartier"), default="")
    theme = SelectField(_l("Thème"), default="")

    def offer(self, *, bodies: Iterable[Body], quartiers: Iterable[Quartier], themes: Iterable[Theme]) -> None:
        """Fill the lists."""
        for field, rows in ((self.instance, bodies), (self.quartier, quartiers), (self.theme, themes)):
            field.choices = slugged(rows, ALL)
