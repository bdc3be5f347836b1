"""The first page's five sentences, written from the figures in the order of the contract's blocks (ux.md 2.3, E1).

Under 20 a share is always "x sur y"; what is unknown is said to be unknown. Each sentence names the indicator that it
stands on, so that a page can lead to its rows.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participation.assessment.frame import Frame
from participation.assessment.results import SMALL_COUNT, Assessment, Figure
from participation.formatting import number_fr


@dataclass(frozen=True)
class Finding:
    """One sentence, and the code of the indicator behind it."""

    code: str
    sentence: str


def findings(assessment: Assessment, frame: Frame, *, public: bool = False) -> list[Finding]:
    """Return the sentences: instances, governance, where residents take part, what became of their words, who comes.

    The public reads "en retard" only where a date was announced or the delay was confirmed (PC4.overdue).
    """
    figures = assessment.figures
    late = _late(figures["PC4.overdue"], frame, public=public)
    return [
        Finding("PC1.active", _bodies(figures["PC1.active"], figures["PC1.existing"])),
        Finding("PC2.bodies_with_residents", _governance(figures["PC2.bodies_with_residents"], figures["PC2.bodies"])),
        Finding("PC3.attendances", _presence(figures["PC3.bodies"], figures["PC3.attendances"])),
        Finding("PC4.answered_share", " ".join(filter(None, (_given(figures["PC4.answered_share"]), late)))),
        Finding("D1.first_time_share", _first_timers(figures["D1.first_time_share"])),
    ]


def _bodies(active: Figure, existing: Figure) -> str:
    if not existing.value:
        return _("Aucune instance de participation n'existe encore.")
    if not active.value:
        return _("Aucune instance de participation ne s'est réunie, sur %(of)s.", of=number_fr(existing.value))
    return ngettext(
        "%(n)s instance de participation sur %(of)s s'est réunie.",
        "%(n)s instances de participation sur %(of)s se sont réunies.",
        **_numbers(active.value, existing.value),
    )


def _governance(with_residents: Figure, bodies: Figure) -> str:
    if not bodies.value:
        return _("Aucune instance de gouvernance ne s'est réunie.")
    if not with_residents.value:
        return _("Aucune instance de gouvernance n'a réuni des habitants, sur %(of)s.", of=number_fr(bodies.value))
    return ngettext(
        "%(n)s instance de gouvernance sur %(of)s fait une place aux habitants.",
        "%(n)s instances de gouvernance sur %(of)s font une place aux habitants.",
        **_numbers(with_residents.value, bodies.value),
    )


def _presence(bodies: Figure, attendances: Figure) -> str:
    if attendances.value is None:
        return _("On ne sait pas combien d'habitants sont venus : ils n'ont pas été comptés.")
    if not attendances.value:
        return _("Aucun habitant n'a été compté dans une rencontre.")
    return ngettext(
        "Des habitants participent à %(n)s instance. Présences comptées : %(of)s.",
        "Des habitants participent à %(n)s instances. Présences comptées : %(of)s.",
        **_numbers(bodies.value, attendances.value),
    )


def _late(overdue: Figure, frame: Frame, *, public: bool) -> str:
    if not overdue.value:
        return ""
    if public and not frame.response_days_confirmed:
        return ngettext(
            "%(n)s réponse est attendue depuis plus de %(of)s jours, ou après la date annoncée.",
            "%(n)s réponses sont attendues depuis plus de %(of)s jours, ou après la date annoncée.",
            **_numbers(overdue.value, frame.response_days),
        )
    return ngettext("%(n)s réponse est en retard.", "%(n)s réponses sont en retard.", **_numbers(overdue.value))


def _given(answered: Figure) -> str:
    if not answered.denominator:
        return _("Aucune proposition n'attend de réponse cette année.")
    if not answered.numerator:
        return _("Aucune proposition n'a eu de réponse, sur %(of)s.", of=number_fr(answered.denominator))
    return ngettext(
        "%(n)s proposition sur %(of)s a eu une réponse avec ses raisons.",
        "%(n)s propositions sur %(of)s ont eu une réponse avec ses raisons.",
        **_numbers(answered.numerator, answered.denominator),
    )


def _first_timers(figure: Figure) -> str:
    if figure.why == SMALL_COUNT:
        return _("Trop peu de personnes venaient pour la première fois : nous ne donnons pas le chiffre.")
    if figure.numerator is None or not figure.denominator:
        return _("On ne sait pas combien de personnes venaient pour la première fois.")
    if not figure.numerator:
        return _("Personne ne venait pour la première fois, sur %(of)s habitants.", of=number_fr(figure.denominator))
    return ngettext(
        "%(n)s habitant sur %(of)s venait pour la première fois.",
        "%(n)s habitants sur %(of)s venaient pour la première fois.",
        **_numbers(figure.numerator, figure.denominator),
    )


def _numbers(number: float | None, of: float | None = None) -> dict[str, Any]:
    """Return the arguments of ngettext: `num` chooses the plural; `n` and `of` are shown, in the page's own digits."""
    return {"num": int(number or 0), "n": number_fr(number), "of": number_fr(of)}
