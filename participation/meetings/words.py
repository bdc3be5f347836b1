"""Words about meetings that residents and the team read on several pages."""

from typing import Any

from flask_babel import lazy_gettext as _l

from participation.bodies.models import LEVELS
from participation.contract.models import Contract
from participation.language import current
from participation.meetings.models import MEETING_TYPES

LEVEL_SENTENCES = {
    "information": _l("On vous informe."),
    "consultation": _l("On vous demande votre avis. La mairie décide."),
    "concertation": _l("On en discute ensemble. La mairie décide."),
    "coproduction": _l("On construit le projet ensemble."),
    "codecision": _l("On décide ensemble."),
}
"""Who decides, said plainly (ux.md 5, R1); a contract may have its own sentences."""

COUNT_NAMES = {
    "participants": _l("Personnes présentes, en tout"),
    "residents": _l("Habitants et habitantes"),
    "qpv_residents": _l("Habitent un quartier prioritaire"),
    "first_timers": _l("Viennent pour la première fois"),
    "women": _l("Femmes"),
    "men": _l("Hommes"),
    "under_26": _l("Moins de 26 ans"),
    "over_60": _l("60 ans et plus"),
    "elus": _l("Élus et élues"),
    "agents": _l("Agents et partenaires"),
}


def level_sentence(level: str | None, contract: Contract | None) -> Any:
    """Return who decides at that level, None where no level is known.

    The contract's own sentence is French; on a page in another language the program's is shown, translated.
    """
    if level is None:
        return None
    if contract and current().language == "fr":
        for entry in contract.levels:
            if entry["code"] == level and entry["sentence"]:
                return entry["sentence"]
    return LEVEL_SENTENCES[level]


def names() -> dict[str, Any]:
    """Return what the templates call types and levels by."""
    return {"type_names": MEETING_TYPES, "level_names": LEVELS}
