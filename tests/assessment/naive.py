"""A second computation of every indicator, for the tests only: plain Python over the rows of a package, one at a time.

Written from the definitions, not from the engine; slow, and as literal as the definitions are. A package is a mapping
of tables (contrat, communes, quartiers, instances, cadences, rencontres, propositions, etapes, avis, mandats), each a
list of rows with the columns of the exchange format; counts are numbers, dates are dates, lists are lists, an unknown
value is None.
"""

import datetime as dt
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Package = dict[str, list[Row]]

DECISIONS = ("retenue", "retenue_en_partie", "non_retenue")
OUTREACH = ("cafe_citoyen", "stand", "micro_trottoir", "balade_urbaine", "porte_a_porte", "temps_convivial")
LEVELS = ("information", "consultation", "concertation", "coproduction", "codecision")


def assess(package: Package, years: tuple[int, int], kind: str, slug: str | None, as_of: dt.date) -> dict[str, Row]:
    """Return every indicator as the assessment's JSON gives it, by code."""
    return _Reading(package, years, kind, slug, as_of).indicators()


class _Reading:
    """One package, read for one period, one place, one date."""

    def __init__(self, package: Package, years: tuple[int, int], kind: str, slug: str | None, as_of: dt.date) -> None:
        self.contract = package["contrat"][0]
        self.quartiers = {row["slug"]: row for row in package["quartiers"]}
        self.bodies = {row["slug"]: row for row in package["instances"]}
        self.meetings = {row["ref"]: row for row in package["rencontres"]}
        self.proposals = {row["ref"]: row for row in package["propositions"]}
        self.mandates = package["mandats"]
        self.cadences = package["cadences"]
        self.opinions = package["avis"]
        self.steps: dict[str, list[tuple[int, Row]]] = {ref: [] for ref in self.proposals}
        numbers = dict.fromkeys(self.proposals, 0)
        for step in package["etapes"]:
            ref = step["proposition"]
            numbers[ref] += 1
            if step["annulee_le"] is None:
                self.steps[ref].append((numbers[ref], step))
        self.years = years
        self.first, self.last = dt.date(years[0], 1, 1), dt.date(years[1], 12, 31)
        self.kind, self.slug = kind, slug
        self.as_of = as_of
        self.end = min(as_of, self.last)

    # what happened when

    def happened(self, day: dt.date) -> bool:
        return self.first <= day <= self.last and day <= self.as_of

    def in_force(self, mandate: Row) -> bool:
        return mandate["debut"] <= self.end and (mandate["fin"] is None or mandate["fin"] >= self.end)

    def steps_so_far(self, ref: str) -> list[tuple[int, Row]]:
        return [(number, step) for number, step in self.steps[ref] if step["date"] <= self.as_of]

    def received_on(self, ref: str) -> dt.date:
        day: dt.date = self.steps[ref][0][1]["date"]
        return day

    # what belongs to the place

    def body_here(self, slug: str) -> bool:
        body = self.bodies[slug]
        return {
            "contract": True,
            "commune": self.slug in body["communes"],
            "quartier": self.slug in body["quartiers"],
            "instance": self.slug == slug,
        }[self.kind]

    def quartiers_of_meeting(self, meeting: Row) -> set[str]:
        if meeting["quartiers"]:
            return set(meeting["quartiers"])
        return {quartier for slug in meeting["instances"] for quartier in self.bodies[slug]["quartiers"]}

    def meeting_here(self, meeting: Row) -> bool:
        if self.kind == "quartier":
            return self.slug in self.quartiers_of_meeting(meeting)
        return any(self.body_here(slug) for slug in meeting["instances"])

    def opinion_here(self, opinion: Row) -> bool:
        if self.kind == "contract":
            return True
        meeting = self.meetings[opinion["rencontre"]] if opinion["rencontre"] else None
        if self.kind == "quartier":
            return self.slug in self.quartiers_of_opinion(opinion, meeting)
        if meeting:
            return any(self.body_here(slug) for slug in meeting["instances"])
        if opinion["instance"]:
            return self.body_here(opinion["instance"])
        return self.kind == "commune" and self.slug in self.quartiers[opinion["quartier"]]["communes"]

    def quartiers_of_opinion(self, opinion: Row, meeting: Row | None) -> set[str]:
        if opinion["quartier"]:
            return {opinion["quartier"]}
        if meeting:
            return self.quartiers_of_meeting(meeting)
        return set(self.bodies[opinion["instance"]]["quartiers"])

    def proposal_here(self, ref: str) -> bool:
        proposal = self.proposals[ref]
        if self.kind == "quartier":
            quartiers = proposal["quartiers"] or self.bodies[proposal["instance"]]["quartiers"]
            return self.slug in quartiers
        return self.body_here(proposal["instance"])

    def mandate_here(self, mandate: Row) -> bool:
        if self.body_here(mandate["instance"]):
            return True
        return mandate["aupres_de"] is not None and self.body_here(mandate["aupres_de"])

    # the indicators

    def indicators(self) -> dict[str, Row]:
        self.all_counting = [m for m in self.meetings.values() if m["statut"] == "tenue" and self.happened(m["date"])]
        self.counting = [m for m in self.all_counting if self.meeting_here(m)]
        found: dict[str, Row] = {}
        for part in (
            self.of_bodies,
            self.of_opinions,
            self.of_cohort,
            self.of_answers,
            self.of_meetings,
            self.of_headcounts,
            self.of_cadences,
            self.of_mandates,
        ):
            found |= part()
        return found

    def met(self, slug: str) -> list[Row]:
        return [m for m in self.all_counting if slug in m["instances"]]

    def residents_came(self, slug: str) -> bool:
        return any(m["habitants"] is not None and m["habitants"] >= 1 for m in self.met(slug))

    def seat_filled(self, slug: str) -> bool:
        return any(m["genre"] == "representant" and m["aupres_de"] == slug and self.in_force(m) for m in self.mandates)

    def exists(self, body: Row) -> bool:
        opened = body["ouverte_le"] is None or body["ouverte_le"] <= self.end
        closed_before = body["fermee_le"] is not None and body["fermee_le"] < self.first
        return opened and not closed_before

    def of_bodies(self) -> dict[str, Row]:
        here = [body for slug, body in self.bodies.items() if self.body_here(slug)]
        instances = [b for b in here if b["famille"] == "participation" and b["genre"] != "demarche" and self.exists(b)]
        active = [b for b in instances if self.met(b["slug"])]
        governance = [b for b in here if b["famille"] == "gouvernance" and self.met(b["slug"])]
        peopled = [b for b in governance if self.residents_came(b["slug"]) or self.seat_filled(b["slug"])]
        came = [b for b in here if b["genre"] != "demarche" and self.residents_came(b["slug"])]
        by_kind: dict[str, int] = {}
        by_commune: dict[str, int] = {}
        for body in active:
            by_kind[body["genre"]] = by_kind.get(body["genre"], 0) + 1
            for commune in body["communes"]:
                by_commune[commune] = by_commune.get(commune, 0) + 1
        return {
            "PC1.existing": _count(b["slug"] for b in instances),
            "PC1.active": _count(b["slug"] for b in active) | {"by": {"kind": by_kind, "commune": by_commune}},
            "PC2.bodies_with_residents": _count(b["slug"] for b in peopled),
            "PC2.bodies": _count(b["slug"] for b in governance),
            "PC3.bodies": _count(b["slug"] for b in came),
        }

    def of_opinions(self) -> dict[str, Row]:
        here = [
            a
            for a in self.opinions
            if a["moderation"] != "rejete" and self.happened(a["date"]) and self.opinion_here(a)
        ]
        followed = [a for a in here if a["proposition"] and self.received_on(a["proposition"]) <= self.as_of]
        refs = [a["ref"] for a in here]
        return {
            "PC4.opinions": _count(refs),
            "PC4.opinions_followed_share": _share([a["ref"] for a in followed], refs, "denominateur_vide"),
        }

    def of_cohort(self) -> dict[str, Row]:
        cohort = [ref for ref in self.proposals if self.proposal_here(ref) and self.happened(self.received_on(ref))]
        state = {ref: self.steps_so_far(ref)[-1][1]["etape"] for ref in cohort}
        had = {ref: [step["etape"] for _, step in self.steps_so_far(ref)] for ref in cohort}
        received = [ref for ref in cohort if state[ref] != "regroupee"]
        standing = [ref for ref in received if state[ref] != "retiree"]
        submitted = [ref for ref in standing if any(kind in ("transmise", *DECISIONS) for kind in had[ref])]
        answered = [ref for ref in standing if any(kind in DECISIONS for kind in had[ref])]
        last_decision = {ref: [kind for kind in had[ref] if kind in DECISIONS][-1] for ref in answered}
        accepted = [ref for ref in answered if last_decision[ref] in ("retenue", "retenue_en_partie")]
        done = [ref for ref in accepted if state[ref] == "realisee"]
        return {
            "PC4.received": _count(received),
            "PC4.submitted_share": _share(submitted, standing, "denominateur_vide"),
            "PC4.answered_share": _share(answered, standing, "denominateur_vide"),
            "PC4.accepted_share": _share(accepted, answered, "denominateur_vide"),
            "PC4.done_share": _share(done, accepted, "denominateur_vide"),
        }

    def of_answers(self) -> dict[str, Row]:
        days: dict[str, int] = {}
        decided, told, late = [], [], []
        for ref in filter(self.proposal_here, self.proposals):
            decisions = [(n, step) for n, step in self.steps[ref] if step["etape"] in DECISIONS]
            if decisions and self.happened(decisions[0][1]["date"]):
                days[ref] = (decisions[0][1]["date"] - self.received_on(ref)).days
            for number, step in decisions:
                if self.happened(step["date"]):
                    decided.append(f"{ref}#{number}")
                    if step["restituee_le"] is not None and step["restituee_le"] <= self.as_of:
                        told.append(f"{ref}#{number}")
            if self.is_late(ref):
                late.append(ref)
        return {
            "PC4.answer_days_median": _median(days),
            "PC4.told_share": _share(told, decided, "denominateur_vide"),
            "PC4.overdue": _count(late),
        }

    def is_late(self, ref: str) -> bool:
        so_far = self.steps_so_far(ref)
        if not so_far or so_far[-1][1]["etape"] not in ("transmise", "ajournee"):
            return False
        due = so_far[-1][1]["echeance"]
        if due is None:
            sent = [step["date"] for _, step in so_far if step["etape"] == "transmise"]
            due = sent[-1] + dt.timedelta(days=self.contract["delai_de_reponse"])
        return bool(due < self.as_of)

    def of_meetings(self) -> dict[str, Row]:
        here = self.counting
        refs = [m["ref"] for m in here]
        wide = [m["ref"] for m in here if self.communautaire(m)]
        governance = [m for m in here if any(self.bodies[s]["famille"] == "gouvernance" for s in m["instances"])]
        counted = [m for m in governance if m["habitants"] is not None]
        with_residents = _share(
            [m["ref"] for m in counted if m["habitants"] >= 1],
            [m["ref"] for m in counted],
            "non_renseigne" if governance else "aucune_rencontre",
        )
        with_residents["coverage"] = {"counted": len(counted), "of": len(governance)}
        due = [m for m in here if (self.as_of - m["date"]).days >= 15]
        in_time = [
            m["ref"]
            for m in due
            if m["compte_rendu_publie_le"] is not None
            and (m["compte_rendu_publie_le"] - m["date"]).days <= 15
            and m["compte_rendu_publie_le"] <= self.as_of
        ]
        found = {
            "PC2.meetings_with_residents_share": with_residents,
            "G1.total": _count(refs),
            "G1.communale": _count(ref for ref in refs if ref not in wide),
            "G1.communautaire": _count(wide),
            "G3.count": self.institutions(),
            "A1.outreach_share": _share([m["ref"] for m in here if m["type"] in OUTREACH], refs, "aucune_rencontre"),
            "T1.minutes_15d_share": _share(
                in_time, [m["ref"] for m in due], "denominateur_vide" if here else "aucune_rencontre"
            ),
        }
        given = {"counted": sum(m["niveau"] is not None for m in here), "of": len(here)}
        for level in LEVELS:
            found[f"L1.{level}"] = _count(m["ref"] for m in here if m["niveau"] == level) | {"coverage": given}
        return found

    def communautaire(self, meeting: Row) -> bool:
        organisers = [self.bodies[slug] for slug in meeting["instances"]]
        communes = {commune for body in organisers for commune in body["communes"]}
        return any(body["echelle"] == "intercommunale" for body in organisers) or len(communes) > 1

    def institutions(self) -> Row:
        present: dict[str, int] = {}
        for meeting in self.counting:
            for name in set(meeting["institutions"]):
                present[name] = present.get(name, 0) + 1
        return _count(present) | {"by": {"institution": present}}

    def of_headcounts(self) -> dict[str, Row]:
        residents, people = self.total("habitants"), self.total("participants")
        mean: Row = dict(people) | {"value": None, "numerator": people["value"], "denominator": 0}
        mean["denominator"] = people["coverage"]["counted"]
        if mean["denominator"]:
            mean["value"] = people["value"] / mean["denominator"]
        else:
            mean["why"] = "non_renseigne" if self.counting else "aucune_rencontre"
        return {
            "PC3.attendances": residents,
            "G2.total": people,
            "G2.mean": mean,
            "D1.first_time_share": self.part("primo_participants", ["habitants"]),
            "D2.qpv_share": self.part("habitants_qpv", ["habitants"]),
            "D3.women_share": self.part("femmes", ["femmes", "hommes"]),
            "D4.under26_share": self.part("moins_26", ["habitants"]),
            "D4.over60_share": self.part("plus_60", ["habitants"]),
            "D5.rate_per_1000": self.rate(residents),
        }

    def total(self, column: str) -> Row:
        counted = [m for m in self.counting if m[column] is not None]
        figure: Row = {
            "value": sum(m[column] for m in counted),
            "coverage": {"counted": len(counted), "of": len(self.counting)},
            "rows": sorted(m["ref"] for m in counted),
        }
        if self.counting and not counted:
            figure |= {"value": None, "why": "non_renseigne"}
        return figure

    def part(self, part: str, whole: list[str]) -> Row:
        counted = [m for m in self.counting if m[part] is not None and all(m[column] is not None for column in whole)]
        numerator: int | None = sum(m[part] for m in counted)
        denominator: int | None = sum(m[column] for m in counted for column in whole)
        figure: Row = {"value": None}
        if denominator:
            assert numerator is not None
            figure["value"] = numerator / denominator
        elif counted:
            figure["why"] = "denominateur_vide"
        elif self.counting:
            figure["why"] = "non_renseigne"
            numerator = denominator = None
        else:
            figure["why"] = "aucune_rencontre"
        return figure | {
            "numerator": numerator,
            "denominator": denominator,
            "coverage": {"counted": len(counted), "of": len(self.counting)},
            "rows": sorted(m["ref"] for m in counted),
        }

    def rate(self, residents: Row) -> Row:
        population = None
        if self.kind == "contract":
            population = self.contract["population"]
        elif self.kind == "quartier":
            assert self.slug is not None
            population = self.quartiers[self.slug]["population"]
        figure: Row = {
            "value": None,
            "numerator": residents["value"],
            "denominator": population,
            "coverage": residents["coverage"],
            "rows": residents["rows"],
        }
        if population is None:
            figure["why"] = "population_inconnue"
        elif residents["value"] is None:
            figure["why"] = "non_renseigne"
        else:
            figure["value"] = residents["value"] / population * 1000
        return figure

    def of_cadences(self) -> dict[str, Row]:
        by: dict[str, dict[str, int]] = {}
        years = range(self.years[0], self.years[1] + 1)
        if any(self.contract["debut"] <= year <= self.contract["fin"] for year in years):
            for cadence in self.cadences:
                expected = self.expected(cadence)
                if expected and any(self.body_here(slug) for slug in cadence["instances"]):
                    key = "+".join(sorted(cadence["instances"]))
                    key += f":{cadence['type']}" if cadence["type"] else ""
                    by[key] = {"held": self.held(cadence), "expected": expected}
        kept = [key for key, numbers in by.items() if numbers["held"] >= numbers["expected"]]
        return {"R1.cadence": _share(kept, by, "denominateur_vide") | {"by": by}}

    def held(self, cadence: Row) -> int:
        return sum(
            set(cadence["instances"]) <= set(m["instances"]) and cadence["type"] in (None, m["type"])
            for m in self.all_counting
        )

    def expected(self, cadence: Row) -> int:
        days = [self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        open_days = sum(all(self.is_open(slug, day) for slug in cadence["instances"]) for day in days)
        a_year = cadence["par_an"] * (self.years[1] - self.years[0] + 1)
        return math.ceil(Fraction(a_year * open_days, len(days)))

    def is_open(self, slug: str, day: dt.date) -> bool:
        body = self.bodies[slug]
        return (body["ouverte_le"] is None or body["ouverte_le"] <= day) and (
            body["fermee_le"] is None or day <= body["fermee_le"]
        )

    def of_mandates(self) -> dict[str, Row]:
        here = [m for m in self.mandates if self.mandate_here(m)]
        members = [
            m for m in here if m["genre"] == "membre" and self.bodies[m["instance"]]["famille"] == "participation"
        ]
        seats = [m for m in here if m["genre"] == "representant" and m["aupres_de"] and self.is_seat(m["aupres_de"])]
        return {
            "PC2.seats": _count(m["ref"] for m in seats if self.in_force(m)),
            "M1.members": _count(m["ref"] for m in members if self.in_force(m)),
            "M1.entries": _count(m["ref"] for m in members if self.happened(m["debut"])),
            "M1.exits": _count(m["ref"] for m in members if m["fin"] is not None and self.happened(m["fin"])),
        }

    def is_seat(self, slug: str) -> bool:
        body = self.bodies[slug]
        return body["famille"] == "gouvernance" or body["genre"] == "conseil_de_quartier"


def _count(refs: Iterable[str]) -> Row:
    rows = sorted(refs)
    return {"value": len(rows), "rows": rows}


def _share(numerator: Iterable[str], denominator: Iterable[str], why: str) -> Row:
    rows, of_rows = sorted(numerator), sorted(denominator)
    figure: Row = {"value": len(rows) / len(of_rows)} if of_rows else {"value": None, "why": why}
    return figure | {
        "numerator": len(rows),
        "denominator": len(of_rows),
        "coverage": None,
        "rows": rows,
        "of_rows": of_rows,
    }


def _median(days: dict[str, int]) -> Row:
    values = sorted(days.values())
    if not values:
        return {"value": None, "why": "denominateur_vide", "rows": []}
    low, high = values[(len(values) - 1) // 2], values[len(values) // 2]
    return {"value": (low + high) / 2, "rows": sorted(days)}
