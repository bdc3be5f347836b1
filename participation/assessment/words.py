"""A figure in words: the same ones on the pages and in the printed document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participation.assessment import definitions
from participation.assessment.frame import Frame
from participation.assessment.indicators import BLOCKS, DAYS, SHARE, Indicator
from participation.assessment.results import (
    NO_MEETING,
    NO_POPULATION,
    NOTHING_TO_COUNT,
    SMALL_COUNT,
    Assessment,
    Figure,
)
from participation.contract.models import Baseline
from participation.formatting import number_fr, percent_fr

FEW = 20
"""Below, a share is written "9 sur 12" and never in per cent (ux.md R27)."""
OVERDUE = "PC4.overdue"


@dataclass(frozen=True)
class Line:
    """One indicator as it is shown. `before`: the same one of the period before, in words; None: there is none.

    `target`: what the contract or the élus promise of it, in words; None: nothing.
    """

    indicator: Indicator
    label: str
    figure: Figure
    before: str | None = None
    baselines: Sequence[Baseline] = ()
    target: str | None = None

    @property
    def share(self) -> bool:
        """Whether the value is a part of a whole."""
        return self.indicator.unit == SHARE

    @property
    def unit(self) -> str | None:
        """The unit to write after the value, if it needs one."""
        return _("jours") if self.indicator.unit == DAYS else None


@dataclass(frozen=True)
class Block:
    """Lines under one title."""

    key: str
    title: str
    lines: list[Line]


def blocks(
    assessment: Assessment,
    frame: Frame,
    before: Assessment | None = None,
    baselines: Mapping[str, Sequence[Baseline]] | None = None,
    *,
    targets: Mapping[str, str] | None = None,
    public: bool = False,
) -> list[Block]:
    """Return the assessment's lines, block by block, in the order of the page."""
    lines = [
        line_of(
            code,
            assessment,
            frame,
            before,
            (baselines or {}).get(code, ()),
            target=(targets or {}).get(code),
            public=public,
        )
        for code in assessment.figures
    ]
    return [
        Block(key, str(title), [line for line in lines if line.indicator.block == key]) for key, title in BLOCKS.items()
    ]


def line_of(
    code: str,
    assessment: Assessment,
    frame: Frame,
    before: Assessment | None = None,
    baselines: Sequence[Baseline] = (),
    *,
    target: str | None = None,
    public: bool = False,
) -> Line:
    """Return one indicator as it is shown."""
    indicator = definitions.find(code, assessment.rules)
    earlier = written(indicator, before.figures[code]) if before else None
    label = label_of(indicator, frame, public=public)
    return Line(indicator, label, assessment.figures[code], earlier, baselines, target)


def label_of(indicator: Indicator, frame: Frame, *, public: bool) -> str:
    """Return the indicator's label.

    The public reads "en retard" only where a date was announced or an administrator has confirmed the delay
    (indicators.md, PC4.overdue): until then the same figure bears a name that says what it counts.
    """
    if indicator.code == OVERDUE and public and not frame.response_days_confirmed:
        return _(
            "Réponses attendues après la date annoncée, ou depuis plus de %(days)s jours", days=frame.response_days
        )
    return str(indicator.label)


def written(indicator: Indicator, figure: Figure) -> str:
    """Return a figure in words: `9 sur 12`, `62 % (31 sur 50)`, `12,5 jours`, or why it has no value."""
    if figure.value is None:
        return why_unknown(figure.why)
    if indicator.unit == SHARE:
        parts = _("%(x)s sur %(y)s", x=number_fr(figure.numerator), y=number_fr(figure.denominator))
        few = figure.denominator is not None and figure.denominator < FEW
        return parts if few else f"{percent_fr(figure.value)} ({parts})"
    return number_fr(figure.value) + (f" {_('jours')}" if indicator.unit == DAYS else "")


def why_unknown(why: str | None) -> str:
    """Return why a figure has no value (interfaces.md, `why`)."""
    reasons: dict[str | None, Any] = {
        NO_MEETING: _("Aucune rencontre"),
        NOTHING_TO_COUNT: _("Rien à compter"),
        NO_POPULATION: _("Population inconnue"),
        SMALL_COUNT: _("Trop peu de personnes pour donner un chiffre"),
    }
    return str(reasons.get(why, _("Non renseigné")))


def coverage_of(figure: Figure) -> str:
    """Return in how many meetings the thing was counted; empty where the figure has no coverage."""
    if figure.coverage is None:
        return ""
    counted, of = number_fr(figure.coverage.counted), number_fr(figure.coverage.of)
    return ngettext(
        "Compté dans %(x)s rencontre sur %(y)s.",
        "Compté dans %(x)s rencontres sur %(y)s.",
        figure.coverage.counted,
        x=counted,
        y=of,
    )
