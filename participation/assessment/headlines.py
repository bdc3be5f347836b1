"""The first page's charts: one figure a block, year by year on one scale, under a title that states the point.

A title compares with the year before only what compares (ux.md R27): two whole years, shares of 20 or more, counts
made in every meeting. Each bar stands beside its value in words and leads to the rows of its year.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.assessment import words
from participation.assessment.engine import figures_of
from participation.assessment.frame import Frame, frame_of
from participation.assessment.indicators import INDICATORS, SHARE
from participation.assessment.period import Period
from participation.assessment.reading import Reading
from participation.assessment.results import SMALL_COUNT, Assessment, Figure
from participation.assessment.small_counts import for_public
from participation.bodies.models import LEVELS as LEVEL_NAMES
from participation.contract.models import Baseline
from participation.formatting import number_fr, percent_fr
from participation.keys import settings

CHOSEN = {
    "PC1": ("PC1.active",),
    "PC2": ("PC2.meetings_with_residents_share",),
    "PC3": ("PC3.attendances",),
    "PC4": ("PC4.answered_share",),
    "G": ("G1.total",),
    "D": ("D1.first_time_share", "M1.members"),
    "L": ("L1.information", "L1.consultation", "L1.concertation", "L1.coproduction", "L1.codecision"),
    "R": ("R1.cadence",),
}
"""The figures of each block's chart. M1 stands beside "Qui participe ?" where the contract prints what it was."""
CADENCES, MEMBERS, LEVELS = "R1.cadence", "M1.members", "L"
_CODES = tuple(code for block, codes in CHOSEN.items() if block != LEVELS for code in codes)
_RELATIONS = tuple(dict.fromkeys(INDICATORS[code].relation for code in _CODES))

MOST_YEARS = 4
"""The latest ones: a chart is read at one glance, and every year has its own page."""

History = Sequence[tuple[Period, Mapping[str, Figure]]]
"""Years, earliest first, each with its figures as their reader may see them."""


@dataclass(frozen=True)
class Bar:
    """One bar: its year or level, its value (None: unknown), the value in words, and the way to its rows."""

    label: str
    value: float | None
    text: str
    href: str | None = None
    current: bool = False
    target: float | None = None


@dataclass(frozen=True)
class Headline:
    """One chart. `top`: the end of its scale, None for the largest value; `note`: what was counted, and the target."""

    code: str
    title: str
    bars: Sequence[Bar]
    row_label: str
    top: float | None = None
    note: str = ""


def list_history(session: Session, reading: Reading, known: Sequence[Assessment]) -> History:
    """Return the contract's latest years that had begun, up to the period asked for, as `reading` may see them.

    `known`: assessments computed already, by the same reader. A query for each relation of each other year, three more
    for the small counts of the public: never more for more rows.
    """
    found = {assessment.period: assessment.figures for assessment in known}
    return [
        (period, found.get(period) or _figures(session, reading, frame_of(session, period, *_here(reading))))
        for period in _periods(reading.frame)
    ]


def _here(reading: Reading) -> tuple[Any, Any]:
    return reading.frame.place, reading.frame.as_of


def _periods(frame: Frame) -> list[Period]:
    """Return the contract's years, or those of the period asked for; of a year outside the contract, itself."""
    starts = frame.contract_years[0] if frame.period.years == 1 else frame.period.first_year
    last = min(frame.period.last_year, max(frame.as_of.year, frame.period.first_year))
    first = max(min(starts, last), last - MOST_YEARS + 1)
    return [Period(year, year) for year in range(first, last + 1) if year <= frame.as_of.year or year == last]


def _figures(session: Session, reading: Reading, frame: Frame) -> Mapping[str, Figure]:
    figures: dict[str, Figure] = {}
    for relation in _RELATIONS:
        figures |= figures_of(session, relation, frame)
    assessment = Assessment(frame.contract_slug, frame.period, frame.place, frame.as_of, figures)
    return (assessment if reading.full else for_public(session, assessment, settings().small_count)).figures


def list_headlines(
    blocks: Sequence[words.Block], reading: Reading, before: Assessment | None, history: History
) -> dict[str, list[Headline]]:
    """Return the charts of each block. `blocks`: its lines as the page shows them; `before`: the period before."""
    return {block.key: _headlines(block, blocks, reading, before, history) for block in blocks if block.key in CHOSEN}


def _headlines(
    block: words.Block, blocks: Sequence[words.Block], reading: Reading, before: Assessment | None, history: History
) -> list[Headline]:
    lines = {line.indicator.code: line for one in blocks for line in one.lines}
    chosen = [lines[code] for code in CHOSEN[block.key]]
    if block.key == LEVELS:
        return [_levels(chosen, reading)]
    return [
        _years(line, reading, before, history) for line in chosen if line.indicator.code != MEMBERS or line.baselines
    ]


def _years(line: words.Line, reading: Reading, before: Assessment | None, history: History) -> Headline:
    code = line.indicator.code
    target = 1.0 if code == CADENCES else None
    bars = [_baseline(one) for one in line.baselines]
    for period, figures in history:
        figure = figures[code]
        bars.append(
            Bar(
                label=str(period),
                value=figure.value,
                text=_beside(line, figure),
                href=reading.url(period=period, code=code),
                current=period == reading.frame.period,
                target=target,
            )
        )
    title = _title(line, reading.frame, before.figures[code] if before else None)
    share = line.indicator.unit == SHARE
    return Headline(code, title, bars, _("Année"), 1.0 if share else None, _note(line))


def _beside(line: words.Line, figure: Figure) -> str:
    """Return a value as it stands beside its bar: there is little room, and the page of the figure says why."""
    if figure.why == SMALL_COUNT:
        return _("Trop peu de personnes")
    if line.share and figure.value is not None and (figure.denominator or 0) >= words.FEW:
        return percent_fr(figure.value)
    return words.written(line.indicator, figure)


def _baseline(baseline: Baseline) -> Bar:
    return Bar(_("%(year)s, dans le contrat", year=baseline.year), baseline.value, number_fr(baseline.value))


def _note(line: words.Line) -> str:
    promised = _("Le contrat les promet toutes.") if line.indicator.code == CADENCES else ""
    return " ".join(filter(None, (words.coverage_of(line.figure), promised)))


def _title(line: words.Line, frame: Frame, before: Figure | None) -> str:
    said = {"label": line.label, "value": words.written(line.indicator, line.figure)}
    if line.figure.value is None or before is None or not _compare(line, frame, before):
        return _("%(label)s : %(value)s", **said)
    said["period"] = str(frame.period.before)
    assert before.value is not None
    if line.figure.value > before.value:
        return _("%(label)s : %(value)s, plus qu'en %(period)s", **said)
    if line.figure.value < before.value:
        return _("%(label)s : %(value)s, moins qu'en %(period)s", **said)
    return _("%(label)s : %(value)s, comme en %(period)s", **said)


def _compare(line: words.Line, frame: Frame, before: Figure) -> bool:
    """Whether "more" and "less" say something true: of two whole single years, counted alike, and not of a few."""
    return (
        frame.period.years == 1
        and frame.as_of >= frame.period.last
        and all(_solid(line, figure) for figure in (line.figure, before))
    )


def _solid(line: words.Line, figure: Figure) -> bool:
    if figure.value is None or (figure.coverage and figure.coverage.counted < figure.coverage.of):
        return False
    return line.indicator.unit != SHARE or (figure.denominator or 0) >= words.FEW


def _levels(lines: Sequence[words.Line], reading: Reading) -> Headline:
    """Return the chart of the five levels of participation, one beside the other (L1)."""
    bars = [
        Bar(
            label=str(LEVEL_NAMES[line.indicator.code.partition(".")[2]]),
            value=line.figure.value,
            text=words.written(line.indicator, line.figure),
            href=reading.url(code=line.indicator.code),
        )
        for line in lines
    ]
    first = lines[0].figure
    if not first.coverage or not first.coverage.of:
        title = _("Niveau de participation : aucune rencontre")
    else:
        given = {"x": number_fr(first.coverage.counted), "y": number_fr(first.coverage.of)}
        title = _("Niveau annoncé dans %(x)s rencontres sur %(y)s", **given)
    return Headline(lines[0].indicator.code, title, bars, _("Niveau"))


def latest(headline: Headline, number: int) -> Headline:
    """Return the chart with its last bars alone: what one sheet of paper holds."""
    return replace(headline, bars=headline.bars[-number:])
