"""The figures of a year for the open-data package: what everybody may read of the whole contract, in French."""

from typing import Any

from flask_babel import force_locale
from sqlalchemy.orm import Session

from participation.assessment import engine, outputs
from participation.assessment.frame import find_frame
from participation.assessment.indicators import INDICATORS
from participation.assessment.period import Period
from participation.assessment.results import NO_MEETING, NO_POPULATION, NOT_COUNTED, NOTHING_TO_COUNT, SMALL_COUNT
from participation.assessment.scope import Scope
from participation.assessment.small_counts import for_public

NAME = "indicateurs"
HELP = "Les indicateurs de l'année pour l'ensemble du contrat, dans leur état du jour."
WHY = (NO_MEETING, NOT_COUNTED, NOTHING_TO_COUNT, NO_POPULATION, SMALL_COUNT)


def fields() -> list[dict[str, Any]]:
    """Return the Table Schema's fields of `public_csv`."""
    told = {
        "code": ("string", "code de l'indicateur", {"required": True, "enum": list(INDICATORS)}),
        "libelle": ("string", "nom de l'indicateur", {"required": True}),
        "valeur": ("number", "valeur, non arrondie ; une part est entre 0 et 1 ; vide : inconnue", {}),
        "numerateur": ("integer", "ce qui est compté", {"minimum": 0}),
        "denominateur": ("integer", "sur combien", {"minimum": 0}),
        "comptees": ("integer", "rencontres où cela a été compté", {"minimum": 0}),
        "sur": ("integer", "rencontres où cela était à compter", {"minimum": 0}),
        "motif": ("string", "pourquoi la valeur est inconnue", {"enum": list(WHY)}),
    }
    assert tuple(told) == outputs.CSV_COLUMNS
    return [
        {"name": name, "type": kind, "description": help_} | ({"constraints": limits} if limits else {})
        for name, (kind, help_, limits) in told.items()
    ]


def public_csv(session: Session, year: int, threshold: int) -> str:
    """Return the figures of a year as everybody may read them today; `threshold` as in small_counts.py."""
    frame = find_frame(session, Period(year, year), Scope())
    assessment = for_public(session, engine.assess_frame(session, frame, rows=False), threshold)
    with force_locale("fr"):  # the same bytes in every language
        return outputs.as_csv(assessment)
