"""The history of a proposal, told in sentences: who, in which function, when, at which meeting, why, and until when.

Pure: it reads the rows that a query has loaded and returns what a page shows. Nothing here is a right or a decision.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from babel.numbers import format_currency
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from participation.addresses import meeting_address, web_address
from participation.contract.models import Contract
from participation.formatting import date_fr, french
from participation.language import current
from participation.meetings.models import Meeting
from participation.opinions.models import REJECTED, Opinion
from participation.proposals.models import DECISIONS, STEP_KINDS, WAITING, Proposal, Step

STATES = {
    "lu": (_l("Lu"), ("recueillie", "etude")),
    "transmis": (_l("Transmis"), ("transmise",)),
    "plus-tard": (_l("Plus tard"), ("ajournee",)),
    "oui": (_l("Oui, prévu"), ("retenue", "retenue_en_partie", "en_cours")),
    "fait": (_l("Fait"), ("realisee",)),
    "non": (_l("Non"), ("non_retenue", "abandonnee")),
    "regroupee": (_l("Regroupée"), ("regroupee",)),
    "retiree": (_l("Retirée"), ("retiree",)),
}
"""The states that residents read (ux.md 4.6), by the word that stands in addresses."""

FUNDING_NAMES = {
    "ftu": _l("Fonds de travaux urbains"),
    "budget_citoyen": _l("Budget citoyen"),
    "pic": _l("Projet d'initiative citoyenne"),
    "tfpb": _l("Abattement de taxe foncière des bailleurs"),
    "p147": _l("Crédits de la politique de la ville"),
    "droit_commun": _l("Budget ordinaire"),
    "bailleur": _l("Bailleur"),
    "autre": _l("Autre"),
}
"""Names of the means where the contract file gives none."""

_FEMININE = (
    "commission", "concertation", "fabrique", "maîtrise", "maison", "mission", "parole", "réunion", "revue", "table",
)  # fmt: skip
_MASCULINE = ("bureau", "centre", "collectif", "comité", "conseil", "forum", "groupe", "représentant", "réseau")
_ELIDED = ("adjoint", "adjointe", "agora", "assemblée", "association", "atelier", "équipe", "instance")
_PLURAL = ("assises", "ateliers", "conseils", "échanges", "élus", "élues", "habitants", "rencontres")
"""First words of names of bodies and recipients, by the French article they take."""


@dataclass(frozen=True)
class Line:
    """One step as told. `facts` are (label, text, address or None); `voided` is the reason of its correction."""

    number: int
    kind: str
    name: str
    on_date: dt.date
    sentences: list[str]
    short_answer: str | None = None
    reason: str | None = None
    meeting: tuple[str, str] | None = None
    """(title, address)."""
    other: tuple[str, str] | None = None
    """(title, ref) of the proposal it was merged into."""
    facts: list[tuple[str, str, str | None]] = field(default_factory=list)
    told: str | None = None
    told_meeting: tuple[str, str] | None = None
    is_decision: bool = False
    author: str | None = None
    voided: str | None = None
    voided_on: dt.date | None = None


@dataclass(frozen=True)
class Due:
    """Until when an answer is owed. `announced`: a date was given, it is not the default delay."""

    on: dt.date
    announced: bool
    late: bool
    days: int
    """Days left; negative when late."""
    public: bool
    """Whether the public may read it: a date was announced, or the default delay was confirmed."""


def tell(proposal: Proposal, means: Mapping[str, str]) -> list[Line]:
    """Return the history, oldest first, voided steps in their place. `means` are the names of the contract's means."""
    return [_line(step, means) for step in proposal.steps]


def tell_step(step: Step) -> Line:
    """Return one step of the history by itself, the means by which it is paid named as the program names them."""
    return _line(step, {})


def due_of(proposal: Proposal, contract: Contract | None, today: dt.date) -> Due | None:
    """Return until when an answer is owed, None where none is (indicators.md, PC4.overdue); late from the day after."""
    due_on = proposal.answer_due_on
    if proposal.state not in WAITING or due_on is None:
        return None
    announced = proposal.due_on is not None
    return Due(
        on=due_on,
        announced=announced,
        late=due_on < today,
        days=(due_on - today).days,
        public=announced or bool(contract and contract.response_days_confirmed),
    )


def opinion_state(opinion: Opinion, proposal: Proposal | None) -> str:
    """Return what became of an opinion, as a state of components/status.html (ux.md 4.6).

    `proposal` is the one it fed, or the one into which that was merged in the end.
    """
    if opinion.moderation == REJECTED:
        return REJECTED
    if opinion.answer:
        return "reponse"
    return proposal.state if proposal else opinion.moderation


def answer_of(proposal: Proposal) -> Step | None:
    """Return the last decision on the proposal, None where there is none yet."""
    decisions = [step for step in proposal.steps if step.kind in DECISIONS and step.voided_on is None]
    return decisions[-1] if decisions else None


def state_sentence(proposal: Proposal, due: Due | None) -> str:
    """Return, for residents, what the state means and what comes next (ux.md 5, R8)."""
    if due and due.late and due.public:
        return _("En retard : la réponse devait venir avant le %(date)s.", date=date_fr(due.on))
    if due and due.public:
        if proposal.state == "ajournee":
            return _("Pas maintenant. Une réponse est attendue avant le %(date)s.", date=date_fr(due.on))
        return _("Une réponse est attendue avant le %(date)s.", date=date_fr(due.on))
    return str(_STATE_SENTENCES[proposal.state])


_STATE_SENTENCES = {
    "recueillie": _l("L'équipe a noté cette proposition."),
    "etude": _l("L'équipe étudie cette proposition."),
    "transmise": _l("Une réponse est attendue."),
    "ajournee": _l("Pas maintenant. Voici pourquoi."),
    "retenue": _l("Oui, c'est prévu."),
    "retenue_en_partie": _l("Oui, une partie est prévue."),
    "en_cours": _l("Oui, c'est en cours."),
    "realisee": _l("C'est fait."),
    "non_retenue": _l("Non. Voici pourquoi."),
    "abandonnee": _l("Non, c'est abandonné. Voici pourquoi."),
    "regroupee": _l("Elle continue avec une autre proposition."),
    "retiree": _l("Elle a été retirée."),
}


# One step


def _line(step: Step, means: Mapping[str, str]) -> Line:
    return Line(
        number=step.position,
        kind=step.kind,
        name=str(STEP_KINDS[step.kind]),
        on_date=step.on_date,
        sentences=[_what(step), *_until(step)],
        short_answer=step.short_answer,
        reason=step.reason,
        meeting=_meeting(step.meeting),
        other=(step.to_proposal.title, step.to_proposal.ref) if step.to_proposal else None,
        facts=_facts(step, means),
        told=_told(step),
        told_meeting=_meeting(step.told_meeting),
        is_decision=step.kind in DECISIONS,
        author=step.author,
        voided=step.voided_reason,
        voided_on=step.voided_on,
    )


def _what(step: Step) -> str:
    """Return the sentence of what happened, by whom, on which day."""
    date = date_fr(step.on_date)
    to = to_the(step.to_body.name if step.to_body else step.to_recipient.name if step.to_recipient else "")
    if step.body is None or is_plural(step.body.name):
        sentence = _filled(_UNSIGNED[step.kind], date=date, to=to)
        return sentence if step.body is None else f"{sentence} {_('Par : %(who)s.', who=step.body.name)}"
    return _filled(_SIGNED[step.kind], date=date, who=the(step.body.name), to=to)


def _filled(sentence: object, **words: str) -> str:
    """Return the sentence with its words; in another language than French, names in it are marked as French."""
    return (str(sentence) if _in_french() else Markup(str(sentence))) % words  # noqa: S704  # a text of the catalogues


_SIGNED = {
    "recueillie": _l("Le %(date)s, %(who)s a recueilli cette proposition."),
    "etude": _l("Le %(date)s, %(who)s a commencé à étudier cette proposition."),
    "transmise": _l("Le %(date)s, %(who)s a transmis cette proposition %(to)s."),
    "ajournee": _l("Le %(date)s, %(who)s a remis sa réponse à plus tard."),
    "retenue": _l("Le %(date)s, %(who)s a dit oui."),
    "retenue_en_partie": _l("Le %(date)s, %(who)s a dit oui, en partie."),
    "non_retenue": _l("Le %(date)s, %(who)s a dit non."),
    "en_cours": _l("Le %(date)s, %(who)s a donné des nouvelles : c'est en cours."),
    "realisee": _l("Le %(date)s, %(who)s a annoncé que c'est fait."),
    "abandonnee": _l("Le %(date)s, %(who)s a abandonné cette proposition."),
    "regroupee": _l("Le %(date)s, %(who)s a regroupé cette proposition avec une autre."),
    "retiree": _l("Le %(date)s, %(who)s a retiré cette proposition."),
}
_UNSIGNED = {
    "recueillie": _l("Le %(date)s, cette proposition a été recueillie."),
    "etude": _l("Le %(date)s, l'étude de cette proposition a commencé."),
    "transmise": _l("Le %(date)s, cette proposition a été transmise %(to)s."),
    "ajournee": _l("Le %(date)s, la réponse a été remise à plus tard."),
    "retenue": _l("Le %(date)s, la réponse est oui."),
    "retenue_en_partie": _l("Le %(date)s, la réponse est oui, en partie."),
    "non_retenue": _l("Le %(date)s, la réponse est non."),
    "en_cours": _l("Le %(date)s, des nouvelles : c'est en cours."),
    "realisee": _l("Le %(date)s, c'est fait."),
    "abandonnee": _l("Le %(date)s, cette proposition a été abandonnée."),
    "regroupee": _l("Le %(date)s, cette proposition a été regroupée avec une autre."),
    "retiree": _l("Le %(date)s, cette proposition a été retirée."),
}


def _told(step: Step) -> str | None:
    if step.told_on is None:
        return None
    if step.told_addresses is None:
        return _("Réponse donnée aux habitants le %(date)s.", date=date_fr(step.told_on))
    if step.told_meeting_id is None:
        return _("Réponse envoyée par courriel à ceux qui l'ont demandé, le %(date)s.", date=date_fr(step.told_on))
    return _("Réponse donnée aux habitants le %(date)s, et par courriel.", date=date_fr(step.told_on))


def _until(step: Step) -> list[str]:
    if step.due_on is None:
        return []
    if step.kind in WAITING:
        return [_("Réponse attendue avant le %(date)s.", date=date_fr(step.due_on))]
    return [_("C'est prévu avant le %(date)s.", date=date_fr(step.due_on))]


def _facts(step: Step, means: Mapping[str, str]) -> list[tuple[str, str, str | None]]:
    found: list[tuple[str, str, str | None]] = []
    if step.owner:
        found.append((_("Qui s'en occupe"), step.owner if _in_french() else french(step.owner), None))
    money = _money(step, means)
    if money:
        found.append((_("Avec quels moyens"), money, None))
    voted = votes(step)
    if voted:
        found.append((_("Vote"), voted, None))
    if step.deliberation:
        found.append((_("Délibération"), step.deliberation, web_address(step.deliberation)))
    return found


def _money(step: Step, means: Mapping[str, str]) -> str:
    own_name = means.get(step.funding or "") if _in_french() else None  # the contract names them in French only
    name = own_name or str(FUNDING_NAMES[step.funding]) if step.funding else ""
    amount = euros(step.amount_cents) if step.amount_cents is not None else ""
    return f"{_(' :')} ".join(part for part in (name, amount) if part)


def euros(cents: int) -> str:
    """Return an amount in euros, with cents only where there are some."""
    pattern = "#,##0.00 ¤" if cents % 100 else "#,##0 ¤"
    locale = "fr" if current().language == "ar" else current()
    return format_currency(cents / 100, "EUR", pattern, locale=locale, currency_digits=False)


def votes(step: Step) -> str:
    """Return how a step was voted, empty where no vote is known: « 12 pour, 3 contre »."""
    parts = []
    if step.votes_for is not None:
        parts.append(_("%(n)s pour", n=step.votes_for))
    if step.votes_against is not None:
        parts.append(_("%(n)s contre", n=step.votes_against))
    if step.abstentions is not None:
        parts.append(ngettext("%(num)s abstention", "%(num)s abstentions", step.abstentions))
    return _(", ").join(parts)


def _meeting(meeting: Meeting | None) -> tuple[str, str] | None:
    return (meeting.title, meeting_address(meeting.ref)) if meeting else None


# Names of bodies inside a French sentence


def the(name: str) -> str:
    """Return a body's name as the subject of a French sentence: `la commission …`; between quotes if unsure."""
    article = _article(name)
    if not article:
        return _quoted(name)
    return article + name[0].lower() + name[1:]


def to_the(name: str) -> str:
    """Return a body's name after « à »: `au conseil …`, `à la commission …`, `aux élus …`."""
    article = _article(name)
    if not article:
        return f"à {_quoted(name)}" if _in_french() else _quoted(name)
    joined = {"le ": "au ", "les ": "aux "}.get(article, f"à {article}")
    return joined + name[0].lower() + name[1:]


def is_plural(name: str) -> bool:
    """Whether a name is a plural in French (`Élus référents`): it cannot be the subject of our sentences."""
    return _in_french() and _first_word(name) in _PLURAL


def _article(name: str) -> str:
    if not _in_french():
        return ""
    word = _first_word(name)
    for words, article in ((_FEMININE, "la "), (_MASCULINE, "le "), (_ELIDED, "l'"), (_PLURAL, "les ")):
        if word in words:
            return article
    return ""


def _first_word(name: str) -> str:
    return name.split(maxsplit=1)[0].lower() if name.split() else ""


def _quoted(name: str) -> str:
    return f"« {name} »" if _in_french() else french(name)


def _in_french() -> bool:
    return current().language == "fr"
