"""Every indicator, in order: its code, label, the rows it runs over, and one pure function that says what it counts.

The function's docstring is its exact definition (Y is the period, R the date of reading, E the earlier of R and the
period's last day); `meaning` says it in plain French to whoever reads the figure. Codes are stable: they are the keys
of every export. Changing a definition makes a new `results.RULES`.

The contract (l.2241-2245, 2265-2267) names the blocks of PC and G; the others answer its prose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from participation.assessment import proposal_relations, relations
from participation.assessment.relations import Relation
from participation.assessment.shapes import Count, Mean, Median, Part, Rate, Shape, Share, Sum
from participation.bodies.models import LEVELS
from participation.proposals.models import DECIDED, TRANSMITTED

BLOCKS = {
    "PC1": _l("Nombre d'instances"),
    "PC2": _l("Implication dans la gouvernance"),
    "PC3": _l("Instances auxquelles les habitants participent"),
    "PC4": _l("Prise en compte de leurs avis"),
    "G": _l("Gouvernance"),
    "D": _l("Qui participe ?"),
    "L": _l("Comment on participe"),
    "R": _l("Ce que le contrat promet"),
}
"""Blocks of the page: the contract's own four in its order, its governance, then what its prose asks for."""

SHARE, NUMBER, DAYS = "share", "number", "days"
Describe = Callable[[Any], Shape]


@dataclass(frozen=True)
class Indicator:
    """One line of the assessment. `rows`: what kind of thing its rows are; `unit`: share, number or days."""

    code: str
    label: Any
    block: str
    relation: str
    unit: str
    rows: str
    meaning: Any
    describe: Describe

    @property
    def definition(self) -> str:
        """The exact definition."""
        return " ".join((self.describe.__doc__ or "").split())


RELATIONS: dict[str, Callable[[str], Relation]] = {
    "bodies": relations.bodies,
    "meetings": relations.meetings,
    "mandates": relations.mandates,
    "opinions": relations.opinions,
    "cohort": proposal_relations.cohort,
    "first_decisions": proposal_relations.first_decisions,
    "decisions": proposal_relations.decisions,
    "waiting": proposal_relations.waiting,
    "institutions": relations.institutions,
    "cadences": relations.cadences,
}
WHATEVER_THE_PERIOD = ("waiting",)
"""Relations of which the rows depend on the place and the date of reading alone."""
_ROWS = {
    "bodies": "body",
    "meetings": "meeting",
    "mandates": "mandate",
    "opinions": "opinion",
    "cohort": "proposal",
    "first_decisions": "proposal",
    "decisions": "step",
    "waiting": "proposal",
    "institutions": "institution",
    "cadences": "cadence",
}

INDICATORS: dict[str, Indicator] = {}
"""Every indicator by code, in the order of every export."""


def _indicator(
    code: str, label: Any, block: str, relation: str, meaning: Any, unit: str = NUMBER
) -> Callable[[Describe], Describe]:
    def register(describe: Describe) -> Describe:
        INDICATORS[code] = Indicator(code, label, block, relation, unit, _ROWS[relation], meaning, describe)
        return describe

    return register


# Nombre d'instances


def _participation(body: Any) -> Any:
    return ~body.governance & ~body.campaign


@_indicator(
    "PC1.existing",
    _l("Instances existantes"),
    "PC1",
    "bodies",
    _l("Les instances de participation ouvertes à un moment de l'année. Une campagne n'est pas une instance."),
)
def existing(body: Any) -> Shape:
    """Participation bodies, campaigns aside, that opened on or before E (an unknown date counts as before the contract)
    and did not close before the first day of Y.
    """
    return Count(_participation(body) & body.existing)


@_indicator(
    "PC1.active",
    _l("Instances actives"),
    "PC1",
    "bodies",
    _l("Parmi elles, celles qui ont tenu au moins une rencontre."),
)
def active(body: Any) -> Shape:
    """Those of PC1.existing that organised at least one meeting that counts; `by` kind and by commune."""
    return Count(_participation(body) & body.existing & body.met, by=("kind", "commune"))


# Implication dans la gouvernance


@_indicator(
    "PC2.bodies_with_residents",
    _l("Instances de gouvernance avec habitants"),
    "PC2",
    "bodies",
    _l("Les comités qui se sont réunis, et où un habitant était présent ou a un siège."),
)
def bodies_with_residents(body: Any) -> Shape:
    """Those of PC2.bodies of which a meeting in Y had at least one resident present, or in which a resident seat is
    filled on E.
    """
    return Count(body.governance & body.met & (body.met_residents | body.seat_filled))


@_indicator(
    "PC2.bodies",
    _l("Instances de gouvernance réunies"),
    "PC2",
    "bodies",
    _l("Les comités qui pilotent le contrat et qui ont tenu au moins une réunion."),
)
def governance_bodies(body: Any) -> Shape:
    """Governance bodies that held at least one meeting in Y."""
    return Count(body.governance & body.met)


@_indicator(
    "PC2.meetings_with_residents_share",
    _l("Part des réunions de gouvernance avec habitants"),
    "PC2",
    "meetings",
    _l("Sur les réunions des comités où les habitants ont été comptés, celles où il y en avait au moins un."),
    SHARE,
)
def governance_meetings_with_residents(meeting: Any) -> Shape:
    """Meetings in scope any of whose organisers is a governance body: those with at least one resident / those where
    residents were counted.
    """
    return Share(
        meeting.residents >= 1,
        of=meeting.governance & meeting.residents.is_not(None),
        among=meeting.governance,
        covered=True,
    )


@_indicator(
    "PC2.seats",
    _l("Sièges d'habitants"),
    "PC2",
    "mandates",
    _l("Les places tenues par des habitants dans un comité ou un conseil de quartier, à la date du bilan."),
)
def seats(mandate: Any) -> Shape:
    """Resident seats in force on E in a governance body or a conseil de quartier."""
    return Count(mandate.resident_seat & mandate.in_force)


# Instances auxquelles les habitants participent


@_indicator(
    "PC3.bodies",
    _l("Instances auxquelles des habitants participent"),
    "PC3",
    "bodies",
    _l("Les instances et comités où au moins un habitant est venu. Les campagnes ne comptent pas."),
)
def bodies_where_residents_come(body: Any) -> Shape:
    """Bodies of both families, campaigns aside, with at least one meeting in Y with at least one resident present."""
    return Count(~body.campaign & body.met_residents)


@_indicator(
    "PC3.attendances",
    _l("Présences d'habitants"),
    "PC3",
    "meetings",
    _l("Le total des habitants présents. Une personne venue trois fois compte trois fois."),
)
def attendances(meeting: Any) -> Shape:
    """Sum of residents present over the meetings in scope where they were counted."""
    return Sum(meeting.residents)


# Prise en compte de leurs avis


@_indicator(
    "PC4.opinions",
    _l("Avis recueillis"),
    "PC4",
    "opinions",
    _l("Les avis reçus, sauf ceux que l'équipe a refusés. Ceux gardés pour l'équipe comptent aussi."),
)
def opinions(_opinion: Any) -> Shape:
    """Opinions dated in Y and not after R, unless rejected by moderation."""
    return Count(sa.true())


@_indicator(
    "PC4.opinions_followed_share",
    _l("Avis ayant nourri une proposition"),
    "PC4",
    "opinions",
    _l("Sur ces avis, ceux qui sont à l'origine d'une proposition."),
    SHARE,
)
def opinions_followed(opinion: Any) -> Shape:
    """Opinions in Y linked to a proposal received on or before R / opinions in Y."""
    return Share(opinion.linked_to.is_not(None), of=sa.true())


def _received(proposal: Any) -> Any:
    """Not merged at R: the one it was merged into stands for it."""
    return proposal.state != "regroupee"


def _standing(proposal: Any) -> Any:
    """Neither merged nor withdrawn at R."""
    return proposal.road.is_not(None)


def _answered(proposal: Any) -> Any:
    return proposal.road >= DECIDED


def _accepted(proposal: Any) -> Any:
    """The last decision at R accepts."""
    return (proposal.road > DECIDED) & (proposal.road % 2 == 1)


@_indicator(
    "PC4.received",
    _l("Propositions reçues"),
    "PC4",
    "cohort",
    _l("Les propositions dont la première étape date de l'année, sauf celles regroupées avec une autre."),
)
def received(proposal: Any) -> Shape:
    """Proposals of cohort Y (first step in Y, voided ones passed over, and not after R) that are not merged at R."""
    return Count(_received(proposal))


@_indicator(
    "PC4.submitted_share",
    _l("Part transmise"),
    "PC4",
    "cohort",
    _l("Sur les propositions reçues et non retirées, celles transmises à qui peut décider."),
    SHARE,
)
def submitted(proposal: Any) -> Shape:
    """Cohort Y, merged and withdrawn ones aside, that had at R a step `transmise` or any decision / that cohort."""
    return Share(proposal.road >= TRANSMITTED, of=_standing(proposal))


@_indicator(
    "PC4.answered_share",
    _l("Part ayant reçu une réponse motivée"),
    "PC4",
    "cohort",
    _l("Sur les propositions reçues et non retirées, celles qui ont eu une décision. Un report n'est pas une réponse."),
    SHARE,
)
def answered(proposal: Any) -> Shape:
    """Cohort Y, merged and withdrawn ones aside, with a decision (retenue, retenue_en_partie, non_retenue) at R / that
    cohort. An adjournment is not an answer.
    """
    return Share(_answered(proposal), of=_standing(proposal))


@_indicator(
    "PC4.accepted_share",
    _l("Part retenue"),
    "PC4",
    "cohort",
    _l("Sur les propositions qui ont eu une décision, celles retenues, en tout ou en partie."),
    SHARE,
)
def accepted(proposal: Any) -> Shape:
    """Last decision at R is retenue or retenue_en_partie / cohort answered (PC4.answered_share's numerator)."""
    return Share(_accepted(proposal), of=_answered(proposal))


@_indicator(
    "PC4.done_share",
    _l("Part réalisée"),
    "PC4",
    "cohort",
    _l("Sur les propositions retenues, celles qui sont réalisées."),
    SHARE,
)
def done(proposal: Any) -> Shape:
    """State at R is realisee / cohort accepted (PC4.accepted_share's numerator)."""
    return Share(proposal.state == "realisee", of=_accepted(proposal))


@_indicator(
    "PC4.answer_days_median",
    _l("Délai médian de réponse"),
    "PC4",
    "first_decisions",
    _l("Le nombre de jours avant la première décision. Une proposition sur deux a attendu moins."),
    DAYS,
)
def answer_days(answer: Any) -> Shape:
    """Over the proposals (any cohort, merged and withdrawn ones too) whose first decision is dated in Y and not after
    R: median of the days from first step to first decision, the mean of the two middle ones.
    """
    return Median(answer.days, answer.number, answer.until, answer.total)


@_indicator(
    "PC4.told_share",
    _l("Part restituée aux habitants"),
    "PC4",
    "decisions",
    _l("Sur les décisions de l'année, celles expliquées aux habitants, en rencontre ou par message."),
    SHARE,
)
def told(decision: Any) -> Shape:
    """Decision steps dated in Y and not after R (any cohort) told back on or before R / those decision steps."""
    return Share(decision.told, of=sa.true())


@_indicator(
    "PC4.overdue",
    _l("Réponses en retard"),
    "PC4",
    "waiting",
    _l("Les propositions transmises ou reportées qui attendent une réponse après la date prévue."),
)
def overdue(proposal: Any) -> Shape:
    """Proposals (any cohort) whose state at R is transmise or ajournee and whose due date is before R, whatever Y. Due
    date: the one announced by the last step; without one, the date of the last `transmise` + `response_days`.
    """
    return Count(proposal.late)


# Gouvernance


@_indicator(
    "G1.total",
    _l("Réunions tenues"),
    "G",
    "meetings",
    _l("Toutes les rencontres tenues. Une rencontre commune à deux instances compte une fois."),
)
def held(_meeting: Any) -> Shape:
    """Meetings in scope that are held, in Y and not after R."""
    return Count(sa.true())


@_indicator(
    "G1.communale",
    _l("Réunions tenues, échelle communale"),
    "G",
    "meetings",
    _l("Celles dont les instances sont d'une seule commune."),
)
def held_communal(meeting: Any) -> Shape:
    """Those of G1.total that are not communautaires."""
    return Count(~meeting.communautaire)


@_indicator(
    "G1.communautaire",
    _l("Réunions tenues, échelle communautaire"),
    "G",
    "meetings",
    _l("Celles qui réunissent plusieurs communes."),
)
def held_communautaire(meeting: Any) -> Shape:
    """Those of G1.total of which an organiser has the scale `intercommunale`, or whose organisers belong to more than
    one commune between them.
    """
    return Count(meeting.communautaire)


@_indicator("G2.total", _l("Participants"), "G", "meetings", _l("Le total des personnes présentes."))
def participants(meeting: Any) -> Shape:
    """Sum of participants over the meetings in scope where they were counted."""
    return Sum(meeting.participants)


@_indicator(
    "G2.mean",
    _l("Participants par réunion"),
    "G",
    "meetings",
    _l("Le total des personnes présentes, divisé par les rencontres où elles ont été comptées."),
)
def participants_mean(meeting: Any) -> Shape:
    """G2.total / meetings where participants were counted."""
    return Mean(meeting.participants)


@_indicator(
    "G3.count",
    _l("Institutions représentées"),
    "G",
    "institutions",
    _l("Les institutions notées présentes à une rencontre au moins."),
)
def institutions(_institution: Any) -> Shape:
    """Distinct institutions (exact name, trimmed, NFC) named present at a meeting in Y; `by` the meetings of each."""
    return Count(sa.true(), by=("institution",))


# Qui participe ?


@_indicator(
    "D1.first_time_share",
    _l("Primo-participants"),
    "D",
    "meetings",
    _l("Sur les habitants présents, ceux qui venaient pour la première fois."),
    SHARE,
)
def first_timers(meeting: Any) -> Shape:
    """First-timers / residents, over the meetings where both were counted."""
    return Part(meeting.first_timers, (meeting.residents,))


@_indicator(
    "D2.qpv_share",
    _l("Habitants des QPV"),
    "D",
    "meetings",
    _l("Sur les habitants présents, ceux qui vivent dans un quartier prioritaire."),
    SHARE,
)
def qpv_residents(meeting: Any) -> Shape:
    """QPV residents / residents, over the meetings where both were counted."""
    return Part(meeting.qpv_residents, (meeting.residents,))


@_indicator(
    "D3.women_share",
    _l("Femmes"),
    "D",
    "meetings",
    _l("Sur les femmes et les hommes comptés, les femmes."),
    SHARE,
)
def women(meeting: Any) -> Shape:
    """Women / (women + men counted), over the meetings where both were counted."""
    return Part(meeting.women, (meeting.women, meeting.men))


@_indicator(
    "D4.under26_share",
    _l("Moins de 26 ans"),
    "D",
    "meetings",
    _l("Sur les habitants présents, ceux de moins de 26 ans."),
    SHARE,
)
def under_26(meeting: Any) -> Shape:
    """Residents under 26 / residents, over the meetings where both were counted."""
    return Part(meeting.under_26, (meeting.residents,))


@_indicator(
    "D4.over60_share",
    _l("60 ans et plus"),
    "D",
    "meetings",
    _l("Sur les habitants présents, ceux de 60 ans et plus."),
    SHARE,
)
def over_60(meeting: Any) -> Shape:
    """Residents of 60 and over / residents, over the meetings where both were counted."""
    return Part(meeting.over_60, (meeting.residents,))


@_indicator(
    "D5.rate_per_1000",
    _l("Présences pour 1 000 habitants"),
    "D",
    "meetings",
    _l("Les présences d'habitants, rapportées à la population. Elle n'est pas connue partout."),
)
def attendance_rate(meeting: Any) -> Shape:
    """PC3.attendances / population of the scope x 1000, for the contract (its QPVs) or a quartier whose population is
    known.
    """
    return Rate(meeting.residents)


# Comment on participe


def _level(level: str, label: Any, meaning: Any) -> None:
    def of_level(meeting: Any) -> Shape:
        """Meetings in scope of that level; coverage: the level is given / meetings in scope."""
        return Count(meeting.level == level, known=meeting.level.is_not(None))

    _indicator(f"L1.{level}", label, "L", "meetings", meaning)(of_level)


_LEVELS = {
    "information": (_l("Niveau de participation : information"), _l("Les rencontres où l'on informe.")),
    "consultation": (_l("Niveau de participation : consultation"), _l("Les rencontres où l'on demande un avis.")),
    "concertation": (_l("Niveau de participation : concertation"), _l("Les rencontres où l'on discute ensemble.")),
    "coproduction": (_l("Niveau de participation : coproduction"), _l("Les rencontres où l'on construit ensemble.")),
    "codecision": (_l("Niveau de participation : codécision"), _l("Les rencontres où l'on décide ensemble.")),
}
for _name in LEVELS:
    _level(_name, *_LEVELS[_name])


@_indicator(
    "A1.outreach_share",
    _l("Part d'aller-vers"),
    "L",
    "meetings",
    _l("Sur les rencontres tenues, celles qui vont vers les habitants : café citoyen, stand, balade, porte-à-porte…"),
    SHARE,
)
def outreach(meeting: Any) -> Shape:
    """Meetings of an outreach kind / held meetings."""
    return Share(meeting.outreach, of=sa.true(), among=sa.true())


# Ce que le contrat promet


@_indicator(
    "R1.cadence",
    _l("Cadences tenues"),
    "R",
    "cadences",
    _l("Sur les rythmes de réunion promis, ceux qui sont tenus. Avant la fin de l'année, les autres sont en cours."),
    SHARE,
)
def cadence(promise: Any) -> Shape:
    """Cadences kept (held >= expected) / in force (one of its instances in scope, and expected is not 0). Before the
    end of Y an unmet one is under way, not broken, and stays in the denominator.
    """
    return Share(promise.held >= promise.expected, of=promise.expected > 0, by=("cadence",))


@_indicator(
    "M1.members",
    _l("Membres"),
    "R",
    "mandates",
    _l("Les personnes membres d'une instance de participation, à la date du bilan."),
)
def members(mandate: Any) -> Shape:
    """Mandates of kind `membre` in a participation body in force on E."""
    return Count(mandate.member & mandate.in_force)


@_indicator("M1.entries", _l("Entrées"), "R", "mandates", _l("Les personnes devenues membres dans l'année."))
def entries(mandate: Any) -> Shape:
    """Mandates of kind `membre` in a participation body begun in Y and not after E."""
    return Count(mandate.member & mandate.begun)


@_indicator("M1.exits", _l("Sorties"), "R", "mandates", _l("Les personnes qui ont cessé d'être membres dans l'année."))
def exits(mandate: Any) -> Shape:
    """Mandates of kind `membre` in a participation body ended in Y and not after E; one that ends on E is both a member
    and an exit.
    """
    return Count(mandate.member & mandate.ended)


@_indicator(
    "T1.minutes_15d_share",
    _l("Comptes rendus publiés sous 15 jours"),
    "R",
    "meetings",
    _l("Sur les rencontres d'il y a 15 jours ou plus, celles dont le compte rendu a été publié à temps."),
    SHARE,
)
def minutes(meeting: Any) -> Shape:
    """Meetings whose minutes were published within 15 days (and not after R) / meetings at least 15 days before R."""
    return Share(meeting.minutes_in_time, of=meeting.minutes_due, among=sa.true())
