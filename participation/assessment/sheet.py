"""The public assessment on one A4 sheet: five sentences and a chart a block, every value as text (ux.md 2.3, R26)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from participation import printing, qr
from participation.assessment.findings import Finding
from participation.assessment.headlines import Headline, latest
from participation.assessment.reading import Reading
from participation.assessment.words import Block
from participation.formatting import date_fr
from participation.keys import settings
from participation.language import current

LAST_YEARS = 3
"""Bars of a chart on paper: this year, the one before, and the one before that or the contract's own."""
LEVELS = "L"


def as_pdf(
    reading: Reading,
    *,
    findings: Sequence[Finding],
    blocks: Sequence[Block],
    charts: Mapping[str, Sequence[Headline]],
    portrait: Mapping[str, Any] | None,
    **_more: Any,
) -> bytes:
    """Return the document, in the page's language."""
    frame = reading.frame
    data = {
        **printing.letterhead(None),
        "place": frame.place.name,
        "as_of": _("Situation au %(day)s.", day=date_fr(frame.as_of)),
        "in_short": _("En bref"),
        "findings": [one.sentence for one in findings],
        "blocks": [_block(block, charts.get(block.key, ())) for block in blocks],
        "portrait": _portrait(portrait),
        "small": _(
            "Pour protéger les personnes, nous ne donnons pas de chiffre en dessous de %(number)s personnes.",
            number=settings().small_count,
        ),
        "online": _("Ce bilan en ligne, avec tous les chiffres et ce qu'ils comptent"),
        **_address(reading),
    }
    return printing.pdf("public_assessment", data, title=_title(reading), language=current().language)


def _title(reading: Reading) -> str:
    return _("Bilan %(period)s de la participation", period=reading.frame.period)


def _block(block: Block, charts: Sequence[Headline]) -> dict[str, Any]:
    return {"key": block.key, "title": block.title, "charts": [_chart(block.key, chart) for chart in charts]}


def _chart(key: str, chart: Headline) -> dict[str, Any]:
    shown = chart if key == LEVELS or _printed_by_contract(chart) else latest(chart, LAST_YEARS)
    end = shown.top or max([bar.value for bar in shown.bars if bar.value is not None], default=0) or 1
    return {
        "title": shown.title,
        "note": shown.note,
        "columns": [shown.row_label, _("Valeur")],
        "bars": [
            {
                "label": bar.label,
                "text": bar.text,
                "part": None if bar.value is None else min(1, bar.value / end),
                "current": bar.current,
            }
            for bar in shown.bars
        ],
    }


def _printed_by_contract(chart: Headline) -> bool:
    return any(bar.href is None for bar in chart.bars)


def _portrait(portrait: Mapping[str, Any] | None) -> dict[str, str] | None:
    if not portrait:
        return None
    return {"before": _("Avant, en %(year)s, selon le contrat :", year=portrait["year"]), "text": portrait["text"]}


def _address(reading: Reading) -> dict[str, Any]:
    scope = reading.frame.place.scope
    path = f"/bilan/{reading.frame.period}" + (f"?perimetre={scope}" if scope.slug else "")
    address = settings().public_url.rstrip("/") + path
    label = _("Code à scanner pour lire ce bilan en ligne")
    return {"address": address, "qr": qr.drawn_for_paper(address, label=label)}
