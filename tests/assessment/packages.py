"""Random packages for the engine's tests: small contracts in which every rule of the definitions has a case.

`make_package(seed)` gives the tables of the exchange format as lists of rows (and the contract's own), always the same
for the same seed. Dates crowd around the ends of years, where the rules change their mind.
"""

import datetime as dt
import random
from typing import Any

from participation.bodies.models import LEVELS, MANDATE_KINDS
from participation.meetings.models import MEETING_TYPES
from participation.opinions.models import MODERATIONS
from participation.proposals.models import DECISIONS, OUTCOMES
from participation.proposals.rules import TRANSITIONS

Row = dict[str, Any]
Package = dict[str, list[Row]]

COMMUNES = ("arras", "achicourt", "saint-nicolas")
QUARTIERS = ("centre", "jean-jaures", "nord", "ouest")
KINDS = ("commission_citoyenne", "conseil_de_quartier", "fabrique_citoyenne", "demarche", "comite_technique", "autre")
INSTITUTIONS = ("CAF", "caf", "Préfecture", "Éducation nationale", "École", "Zèbre & fils", "œuvre", "Bailleur")
READ_ON = tuple(
    map(
        dt.date.fromisoformat,
        (
            "2024-12-31",
            "2025-06-30",
            "2025-12-31",
            "2026-01-01",
            "2026-01-02",
            "2026-01-31",
            "2027-01-14",
            "2027-03-01",
        ),
    )
)
"""Days at which the tests read a package: some things happen on them, others just before or after."""
_TURNS = [dt.date(year, month, day) for year in (2025, 2026) for month, day in ((1, 1), (1, 2), (6, 30), (12, 31))]


def make_package(seed: int) -> Package:
    """Return the package of this seed."""
    return _Maker(random.Random(seed)).package()


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.size = chance.choice((0, 1, 1, 2))
        """0: next to nothing, so that the empty cases are met too."""

    def package(self) -> Package:
        chance = self.chance
        quartiers = [self.quartier(slug) for slug in QUARTIERS]
        bodies = [self.body(number) for number in range(chance.randint(3, 9))]
        meetings = [self.meeting(number, bodies) for number in range(self.number(30))]
        proposals = [self.proposal(number, bodies) for number in range(self.number(24))]
        steps = [step for proposal in proposals for step in self.steps(proposal, proposals, bodies)]
        opinions = [self.opinion(number, bodies, meetings, proposals) for number in range(self.number(40))]
        return {
            "contrat": [
                {
                    "debut": 2024,
                    "fin": chance.choice((2030, 2030, 2025)),
                    "population": chance.choice((None, 13100, 700)),
                    "delai_de_reponse": chance.choice((60, 60, 7)),
                }
            ],
            "communes": [{"slug": slug} for slug in COMMUNES],
            "quartiers": quartiers,
            "instances": bodies,
            "cadences": self.cadences(bodies),
            "rencontres": meetings,
            "propositions": proposals,
            "etapes": steps,
            "avis": opinions,
            "mandats": [self.mandate(number, bodies) for number in range(self.number(25))],
        }

    def number(self, most: int) -> int:
        return self.chance.randint(0, 2) if self.size == 0 else self.chance.randint(most // 2, most * self.size)

    def day(self, since: dt.date | None = None) -> dt.date:
        """A day from 2024 to 2027; most are close to the turn of a year or of a half-year, or to a day of reading."""
        chance = self.chance
        draw = chance.random()
        if draw < 0.3:
            day = chance.choice(READ_ON) + dt.timedelta(days=chance.choice((-61, -60, -59, -15, -7, 0, 0, 1)))
        elif draw < 0.7:
            day = chance.choice(_TURNS) + dt.timedelta(days=chance.choice((-15, -1, 0, 0, 0, 1, 15)))
        else:
            day = dt.date(2024, 7, 1) + dt.timedelta(days=chance.randrange(900))
        return max(day, since) if since else day

    def next_reading(self, day: dt.date) -> dt.date:
        """The day of reading that comes next, or the day itself."""
        return next((read_on for read_on in READ_ON if read_on >= day), day)

    def some(self, things: Any, least: int = 0, most: int = 2) -> list[Any]:
        return sorted(self.chance.sample(list(things), min(len(things), self.chance.randint(least, most))))

    def quartier(self, slug: str) -> Row:
        return {
            "slug": slug,
            "communes": self.some(COMMUNES, 1, 2),
            "population": self.chance.choice((None, 1200, 2500)),
        }

    def body(self, number: int) -> Row:
        opened = self.day() if self.chance.random() < 0.5 else None
        closed = self.day(opened) if self.chance.random() < 0.4 else None
        if closed and self.chance.random() < 0.3:
            closed = max(dt.date(closed.year, 1, 1), opened or dt.date.min)
        return {
            "slug": f"instance-{number}",
            "genre": self.chance.choice(KINDS),
            "famille": self.chance.choice(("participation", "participation", "gouvernance")),
            "echelle": self.chance.choice(("communale", "communale", "communale", "intercommunale")),
            "communes": self.some(COMMUNES, 1, self.chance.choice((1, 1, 3))),
            "quartiers": self.some(QUARTIERS, 0, 3),
            "ouverte_le": opened,
            "fermee_le": closed,
        }

    def cadences(self, bodies: list[Row]) -> list[Row]:
        made: dict[tuple[tuple[str, ...], str | None], Row] = {}
        for _ in range(self.chance.randint(0, 5)):
            instances = self.some([body["slug"] for body in bodies], 1, 2)
            kind = self.chance.choice((None, None, "reunion", "bilan_annuel"))
            made[tuple(instances), kind] = {
                "instances": instances,
                "type": kind,
                "par_an": self.chance.choice((1, 1, 2, 4, 12)),
            }
        return list(made.values())

    def meeting(self, number: int, bodies: list[Row]) -> Row:
        chance = self.chance
        day = self.day()
        known = chance.random() < 0.8
        residents = chance.choice((0, 1, 3, 8, 20))
        return {
            "ref": f"renc-{number}",
            "date": day,
            "instances": self.some([body["slug"] for body in bodies], 1, chance.choice((1, 1, 2, 3))),
            "type": chance.choice(("reunion", "bilan_annuel", *MEETING_TYPES)),
            "quartiers": self.some(QUARTIERS, 0, chance.choice((0, 1, 2))),
            "niveau": chance.choice((None, *LEVELS)),
            "statut": chance.choice(("tenue", "tenue", "tenue", "tenue", "prevue", "annulee")),
            **(self.headcount(residents) if known else dict.fromkeys(_COUNTS)),
            "institutions": self.some(INSTITUTIONS, 0, 3),
            "compte_rendu_publie_le": day + dt.timedelta(days=chance.choice((0, 14, 15, 16, 90)))
            if chance.random() < 0.6
            else None,
        }

    def headcount(self, residents: int) -> Row:
        chance = self.chance
        women = chance.randint(0, residents)
        young = chance.randint(0, residents)
        counts = {
            "participants": residents + chance.randint(0, 9),
            "habitants": residents,
            "habitants_qpv": chance.randint(0, residents),
            "primo_participants": chance.randint(0, residents),
            "femmes": women,
            "hommes": chance.randint(0, residents - women),
            "moins_26": young,
            "plus_60": chance.randint(0, residents - young),
        }
        return {name: value if chance.random() < 0.8 else None for name, value in counts.items()}

    def proposal(self, number: int, bodies: list[Row]) -> Row:
        return {
            "ref": f"prop-{number}",
            "instance": self.chance.choice(bodies)["slug"],
            "quartiers": self.some(QUARTIERS, 0, self.chance.choice((0, 2))),
        }

    def steps(self, proposal: Row, proposals: list[Row], bodies: list[Row]) -> list[Row]:
        """A walk of the machine, with mistakes on the way that were voided."""
        chance = self.chance
        others = [other["ref"] for other in proposals if other["ref"] < proposal["ref"]]
        day, state, walk = self.day(), "recueillie", []
        for _ in range(chance.choice((1, 2, 3, 5, 9))):
            if chance.random() < 0.15:
                walk.append(self.step(proposal, day, chance.choice(list(TRANSITIONS)), others, bodies, voided=True))
            walk.append(self.step(proposal, day, state, others, bodies))
            following = [kind for kind in TRANSITIONS[state] if kind != "regroupee" or others]
            if not following:
                break
            state = chance.choice(following)
            if chance.random() < 0.3:
                day = self.next_reading(day)
            else:
                day += dt.timedelta(days=chance.choice((0, 0, 1, 6, 7, 8, 45, 59, 60, 61, 200)))
        if chance.random() < 0.2:
            walk.append(self.step(proposal, day, chance.choice(DECISIONS), others, bodies, voided=True))
        return walk

    def step(
        self, proposal: Row, day: dt.date, kind: str, others: list[str], bodies: list[Row], *, voided: bool = False
    ) -> Row:
        chance = self.chance
        if kind == "regroupee" and not others:
            kind = "etude"
        to = chance.choice(bodies)["slug"] if kind == "transmise" else None
        told = kind in DECISIONS and chance.random() < 0.5
        return {
            "proposition": proposal["ref"],
            "date": day,
            "etape": kind,
            "motif": "Pour une bonne raison." if kind in OUTCOMES else None,
            "vers": chance.choice(others) if kind == "regroupee" else to,
            "echeance": day + dt.timedelta(days=chance.choice((0, 30))) if chance.random() < 0.3 else None,
            "restituee_le": chance.choice((day, self.next_reading(day), day + dt.timedelta(days=100)))
            if told
            else None,
            "annulee_le": day + dt.timedelta(days=chance.choice((0, 30, 400))) if voided else None,
            "annulee_motif": "Erreur de saisie." if voided else None,
        }

    def opinion(self, number: int, bodies: list[Row], meetings: list[Row], proposals: list[Row]) -> Row:
        chance = self.chance
        row: Row = {
            "ref": f"avis-{number}",
            "date": self.day(),
            "rencontre": chance.choice(meetings)["ref"] if meetings and chance.random() < 0.5 else None,
            "instance": chance.choice(bodies)["slug"] if chance.random() < 0.4 else None,
            "quartier": chance.choice(QUARTIERS) if chance.random() < 0.4 else None,
            "proposition": chance.choice(proposals)["ref"] if proposals and chance.random() < 0.5 else None,
            "moderation": chance.choice(("publie", *MODERATIONS)),
        }
        if not (row["rencontre"] or row["instance"] or row["quartier"]):
            row["quartier"] = chance.choice(QUARTIERS)
        return row

    def mandate(self, number: int, bodies: list[Row]) -> Row:
        chance = self.chance
        start = self.day()
        seat = chance.random() < 0.7
        return {
            "ref": f"mandat-{number}",
            "instance": chance.choice(bodies)["slug"],
            "genre": chance.choice(("membre", "membre", "representant", "representant", *MANDATE_KINDS)),
            "aupres_de": chance.choice(bodies)["slug"] if seat else None,
            "debut": start,
            "fin": self.day(start) if chance.random() < 0.6 else None,
        }


_COUNTS = (
    "participants",
    "habitants",
    "habitants_qpv",
    "primo_participants",
    "femmes",
    "hommes",
    "moins_26",
    "plus_60",
)
