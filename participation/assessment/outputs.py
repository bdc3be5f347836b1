"""An assessment as JSON and CSV (interfaces.md): the same structure, hence the same figures to the digit."""

import csv
import io
import json
from typing import Any

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
        "indicators": {code: _figure(figure) for code, figure in assessment.figures.items()},
    }


def _figure(figure: Figure) -> dict[str, Any]:
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


def as_json(assessment: Assessment) -> str:
    """Return the JSON text, ending with a line end."""
    return json.dumps(as_dict(assessment), ensure_ascii=False, indent=1) + "\n"


def as_csv(assessment: Assessment) -> str:
    """Return the CSV text: one line an indicator, in order; an empty cell is unknown. Numbers have a decimal point."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for code, figure in assessment.figures.items():
        writer.writerow(
            (
                code,
                str(INDICATORS[code].label),
                figure.value,
                figure.numerator,
                figure.denominator,
                figure.coverage.counted if figure.coverage else None,
                figure.coverage.of if figure.coverage else None,
                figure.why,
            )
        )
    return out.getvalue()
