"""An assessment as JSON and CSV (interfaces.md): the same structure, hence the same figures to the digit."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Any

from participation.assessment import definitions
from participation.assessment.frame import Frame
from participation.assessment.indicators import INDICATORS
from participation.assessment.results import Assessment, Coverage, Figure

CSV_COLUMNS = ("code", "libelle", "valeur", "numerateur", "denominateur", "comptees", "sur", "motif")


def as_dict(assessment: Assessment) -> dict[str, Any]:
    """Return the assessment as interfaces.md gives it. Shares are unrounded; a period's `year` is a text."""
    period, scope = assessment.period, assessment.place.scope
    return {
        "contract": assessment.contract,
        "year": period.first_year if period.years == 1 else period.name,
        "scope": {"kind": scope.kind, "slug": scope.slug},
        "as_of": assessment.as_of.isoformat(),
        "rules": assessment.rules,
        "closed": None,
        "indicators": {code: figure_dict(figure) for code, figure in assessment.figures.items()},
    }


def figure_dict(figure: Figure) -> dict[str, Any]:
    """Return one figure as interfaces.md gives it: what tells two figures apart."""
    told: dict[str, Any] = {"value": figure.value}
    if figure.why:
        told["why"] = figure.why
    if figure.parts:
        told |= {"numerator": figure.numerator, "denominator": figure.denominator}
    if figure.parts or figure.covered:
        told["coverage"] = _coverage(figure.coverage)
    for name in ("rows", "of_rows", "by"):
        kept = getattr(figure, name)
        if kept is not None:
            told[name] = list(kept) if isinstance(kept, tuple) else kept
    return told


def _coverage(coverage: Coverage | None) -> dict[str, int] | None:
    return {"counted": coverage.counted, "of": coverage.of} if coverage else None


def from_dict(document: Mapping[str, Any], frame: Frame) -> Assessment:
    """Return the assessment that `as_dict` gave, as it was: `frame` says of which period and place.

    Canonical JSON has lost the order of the indicators; a code that the rules of today no longer have comes last.
    """
    told = document["indicators"]
    ordered = [code for code in INDICATORS if code in told] + [code for code in told if code not in INDICATORS]
    figures = {code: _read_figure(told[code]) for code in ordered}
    as_of = dt.date.fromisoformat(document["as_of"])
    return Assessment(document["contract"], frame.period, frame.place, as_of, figures, document["rules"])


def _read_figure(told: Mapping[str, Any]) -> Figure:
    coverage = told.get("coverage")
    return Figure(
        value=told["value"],
        why=told.get("why"),
        parts="numerator" in told,
        numerator=told.get("numerator"),
        denominator=told.get("denominator"),
        covered="coverage" in told,
        coverage=Coverage(coverage["counted"], coverage["of"]) if coverage else None,
        rows=tuple(told["rows"]) if "rows" in told else None,
        of_rows=tuple(told["of_rows"]) if "of_rows" in told else None,
        by=told.get("by"),
    )


def as_json(document: Mapping[str, Any]) -> str:
    """Return the JSON text of `as_dict`, or of a closed assessment, ending with a line end."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_csv(assessment: Assessment) -> str:
    """Return the CSV text: one line an indicator, in order; an empty cell is unknown. Numbers have a decimal point."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for code, figure in assessment.figures.items():
        writer.writerow(
            (
                code,
                str(definitions.find(code, assessment.rules).label),
                figure.value,
                figure.numerator,
                figure.denominator,
                figure.coverage.counted if figure.coverage else None,
                figure.coverage.of if figure.coverage else None,
                figure.why,
            )
        )
    return out.getvalue()
