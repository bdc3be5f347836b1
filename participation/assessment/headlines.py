"""The first page's charts: one figure a block, year by year on one scale, under a title that states the point.

"Qui participe ?" and the levels show several figures of one year instead. A title compares with the year before only
what compares (ux.md R27): two whole years in which meetings were held, shares of 20 or more, counts made in every
meeting. Each value stands beside its bar in words and leads to the rows that it counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
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
    "D": (
        "D1.first_time_share",
        "D2.qpv_share",
        "D3.women_share",
        "D4.under26_share",
        "D4.over60_share",
        "M1.members",
    ),
    "L": ("L1.information", "L1.consultation", "L1.concertation", "L1.coproduction", "L1.codecision"),
    "R": ("R1.cadence",),
}
"""The figures of each block's chart. M1 stands beside "Qui participe ?" where the contract prints what it was."""
CADENCES, MEMBERS, LEVELS, PEOPLE = "R1.cadence", "M1.members", "L", "D"
HELD = "G1.total"
_CODES = (*(code for block, codes in CHOSEN.items() if block not in (LEVELS, PEOPLE) for code in codes), MEMBERS)

FIRST_PAGE_YEARS = 2
"""This year and the one before: the first page is read in two minutes; the page of a figure has all its years."""
PUBLIC_YEARS = 4

History = Sequence[tuple[Period, Mapping[str, Figure]]]
"""Years, earliest first, each with its figures as their reader may see them."""


@dataclass(frozen=True)
class Bar:
    """One bar: its year, level or public, its value (None: unknown), the value in words, and the way to its rows.

    `detail`: what it was a year earlier.
    """

    label: str
    value: float | None
    text: str
    href: str | None = None
    current: bool = False
    target: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class Headline:
    """One chart. `top`: the end of its scale, None for the largest value; `note`: what was counted.

    `years`: whether its bars are years.
    """

    code: str
    title: str
    bars: Sequence[Bar]
    row_label: str
    top: float | None = None
    note: str = ""
    years: bool = True


def list_history(session: Session, reading: Reading, known: Sequence[Assessment]) -> History:
    """Return what the charts of the first page compare: the year or period asked for after the one before, or where a
    period has none before it, its own years.

    `known`: these two, computed already by the same reader. A query for each relation of each other year, never more
    for more rows.
    """
    period = reading.frame.period
    if period.years > 1 and period.before:
        return [(one.period, one.figures) for one in sorted(known, key=lambda one: one.period.first_year)]
    most = FIRST_PAGE_YEARS if period.years == 1 else period.years
    return _history(session, reading, {one.period: one.figures for one in known}, _CODES, most)


def list_years(session: Session, reading: Reading) -> History:
    """Return the years of the contract that had begun, up to the period asked for, with one figure: one query a year,
    and for the small counts of the public three more: so there the last PUBLIC_YEARS.
    """
    assert reading.code
    starts, ends = reading.frame.contract_years
    return _history(session, reading, {}, (reading.code,), ends - starts + 1 if reading.full else PUBLIC_YEARS)


def _history(
    session: Session,
    reading: Reading,
    known: Mapping[Period, Mapping[str, Figure]],
    codes: Sequence[str],
    most: int,
) -> History:
    def figures(period: Period) -> Mapping[str, Figure]:
        return _figures(session, reading, frame_of(session, period, *_here(reading)), codes)

    return [(period, known.get(period) or figures(period)) for period in _periods(reading.frame, most)]


def _here(reading: Reading) -> tuple[Any, Any]:
    return reading.frame.place, reading.frame.as_of


def _periods(frame: Frame, most: int) -> list[Period]:
    """Return the contract's years, or those of the period asked for; of a year outside the contract, itself."""
    starts = frame.contract_years[0] if frame.period.years == 1 else frame.period.first_year
    last = min(frame.period.last_year, max(frame.as_of.year, frame.period.first_year))
    first = max(min(starts, last), last - most + 1)
    return [Period(year, year) for year in range(first, last + 1) if year <= frame.as_of.year or year == last]


def _figures(session: Session, reading: Reading, frame: Frame, codes: Sequence[str]) -> Mapping[str, Figure]:
    figures: dict[str, Figure] = {}
    for relation in dict.fromkeys(INDICATORS[code].relation for code in codes):
        figures |= figures_of(session, relation, frame)
    charted = {code: figures[code] for code in codes}
    assessment = Assessment(frame.contract_slug, frame.period, frame.place, frame.as_of, charted)
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
    if block.key == PEOPLE:
        *people, members = chosen
        shown = [members] if members.baselines else []
        return [_people(people, reading, before), *(year_by_year(line, reading, before, history) for line in shown)]
    return [year_by_year(line, reading, before, history) for line in chosen]


def year_by_year(line: words.Line, reading: Reading, before: Assessment | None, history: History) -> Headline:
    """Return the chart of one figure, a bar a year after what the contract says of it."""
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
    title = _title(line, reading.frame, _earlier(before, code))
    share = line.indicator.unit == SHARE
    return Headline(code, title, bars, _("Année"), 1.0 if share else None, words.coverage_of(line.figure))


def _earlier(before: Assessment | None, code: str) -> Figure | None:
    """Return the figure of the period before; None where nothing was held then: more than nothing says nothing."""
    held = before.figures.get(HELD) if before else None
    return before.figures[code] if before and (held is None or held.value) else None


def _beside(line: words.Line, figure: Figure) -> str:
    """Return a value as it stands beside its bar: there is little room, and the page of the figure says why."""
    if figure.why == SMALL_COUNT:
        return _("Trop peu de personnes")
    if line.share and figure.value is not None and (figure.denominator or 0) >= words.FEW:
        return percent_fr(figure.value)
    return words.written(line.indicator, figure)


def _baseline(baseline: Baseline) -> Bar:
    return Bar(_("%(year)s, dans le contrat", year=baseline.year), baseline.value, number_fr(baseline.value))


def _title(line: words.Line, frame: Frame, before: Figure | None) -> str:
    said = {"label": line.label, "value": words.written(line.indicator, line.figure)}
    if line.figure.value is None or before is None or not _compare(line, frame, before):
        return _("%(label)s : %(value)s", **said)
    said["period"] = str(frame.before)
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


def _people(lines: Sequence[words.Line], reading: Reading, before: Assessment | None) -> Headline:
    """Return the chart of who comes: each part of the residents on one scale, the year before in words (E9)."""
    first = lines[0]
    bars = [
        Bar(
            label=line.label,
            value=line.figure.value,
            text=_beside(line, line.figure),
            href=reading.url(code=line.indicator.code),
            detail=_year_before(line, reading.frame, _earlier(before, line.indicator.code)),
        )
        for line in lines
    ]
    title = _title(first, reading.frame, _earlier(before, first.indicator.code))
    return Headline(
        first.indicator.code, title, bars, _("Qui"), 1.0, _covered([one.figure for one in lines]), years=False
    )


def _year_before(line: words.Line, frame: Frame, before: Figure | None) -> str:
    if before is None or before.value is None:
        return ""
    return _("%(period)s : %(value)s", period=frame.before, value=_beside(line, before))


def _covered(figures: Sequence[Figure]) -> str:
    """Return in how many meetings shares that stand together were counted: from the least of them to the most."""
    counted = sorted(one.coverage.counted for one in figures if one.coverage)
    if not counted or counted[0] == counted[-1]:
        return words.coverage_of(figures[0])
    given = figures[0].coverage
    return _(
        "Compté dans %(least)s à %(most)s rencontres sur %(of)s.",
        least=number_fr(counted[0]),
        most=number_fr(counted[-1]),
        of=number_fr(given.of if given else None),
    )


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
        title = ngettext(
            "Niveau annoncé dans %(x)s rencontre sur %(y)s",
            "Niveau annoncé dans %(x)s rencontres sur %(y)s",
            first.coverage.counted,
            x=number_fr(first.coverage.counted),
            y=number_fr(first.coverage.of),
        )
    return Headline(lines[0].indicator.code, title, bars, _("Niveau"), years=False)


def latest(headline: Headline, number: int) -> Headline:
    """Return the chart with its last years alone: what one sheet of paper holds. Other charts stay whole."""
    return replace(headline, bars=headline.bars[-number:]) if headline.years else headline
