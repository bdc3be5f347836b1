"""The assessment on paper: what a PDF shows, every value as text, to be read, questioned and signed (ux.md R26)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import printing, qr
from participation.assessment import engine, notes, queries, records, words
from participation.assessment.findings import findings
from participation.assessment.frame import Frame, frame_of
from participation.assessment.indicators import BLOCKS
from participation.assessment.models import NOTE_KINDS, AssessmentNote
from participation.assessment.results import Assessment
from participation.formatting import date_fr, number_fr
from participation.keys import settings
from participation.language import current

SIGNATURE_ROWS = 8
"""Empty lines for signatures by hand."""
_CADENCES = "R1.cadence"


def as_pdf(session: Session, assessment: Assessment, frame: Frame, closing: Mapping[str, Any] | None = None) -> bytes:
    """Return the document, in the page's language. `closing`: `closed` of interfaces.md, None for a live one."""
    return printing.pdf(
        "assessment", _data(session, assessment, frame, closing), title=_title(frame), language=current().language
    )


def _title(frame: Frame) -> str:
    return _("Bilan %(period)s de la participation", period=frame.period)


def _data(session: Session, assessment: Assessment, frame: Frame, closing: Mapping[str, Any] | None) -> dict[str, Any]:
    before = _before(session, frame)
    lines = words.blocks(assessment, frame, before, queries.list_baselines(session, frame))
    return {
        **printing.letterhead(None),
        "place": frame.place.name,
        "as_of": _("Situation au %(day)s.", day=date_fr(assessment.as_of)),
        "findings": [one.sentence for one in findings(assessment, frame)],
        "blocks": [_block(one) for one in lines],
        "columns": [_("Indicateur"), str(frame.period), _earlier(frame), _("Repères et comptage")],
        "cadences": _cadences(session, frame),
        "notes": _notes(session, frame),
        "standing": _standing(closing),
        "signatures": SIGNATURE_ROWS if closing else 0,
        "texts": _texts(),
        "qr": _qr(frame, closing),
    }


def _before(session: Session, frame: Frame) -> Assessment | None:
    earlier = frame.before
    if earlier is None:
        return None
    return engine.assess_frame(session, frame_of(session, earlier, frame.place, frame.as_of), rows=False)


def _earlier(frame: Frame) -> str:
    return str(frame.before) if frame.before else ""


def _block(block: words.Block) -> dict[str, Any]:
    return {"title": block.title, "lines": [_line(line) for line in block.lines]}


def _line(line: words.Line) -> dict[str, Any]:
    figure = line.figure
    marks = [f"{number_fr(baseline.value)} ({baseline.year})" for baseline in line.baselines]
    coverage = words.coverage_of(figure)
    return {
        "label": line.label,
        "value": words.written(line.indicator, figure),
        "before": line.before or "",
        "share": figure.value if line.share and figure.value is not None else None,
        "more": " ".join([_("Repères : %(marks)s.", marks=", ".join(marks))] if marks else [])
        + (" " if marks and coverage else "")
        + coverage,
    }


def _cadences(session: Session, frame: Frame) -> list[list[str]]:
    by = engine.told_apart(session, _CADENCES, frame)
    return [
        [promise.label, number_fr(promise.held), number_fr(promise.expected), promise.state]
        for promise in records.list_promises(session, by, frame)
    ]


def _notes(session: Session, frame: Frame) -> list[dict[str, str]]:
    kept = notes.list_notes(session, frame.period, frame.place.scope)
    return [
        {"kind": _about(note), "author": note.author, "text": note.text} for note in kept if note.withdrawn_at is None
    ]


def _about(note: AssessmentNote) -> str:
    kind = str(NOTE_KINDS[note.kind])
    return f"{kind} ({BLOCKS[note.block]})" if note.block else kind


def _standing(closing: Mapping[str, Any] | None) -> str:
    if closing is None:
        return _("Bilan non fermé : ces chiffres peuvent encore changer.")
    return _("Version %(version)s, empreinte %(hash)s", version=closing["version"], hash=closing["sha256"])


def _texts() -> dict[str, str]:
    return {
        "in_short": _("En bref"),
        "cadences": _("Les rythmes promis"),
        "notes": _("Commentaires, remarques et réserves"),
        "signatures": _("Signatures"),
        "function": _("Fonction"),
        "choice": _("Validé, avec réserve, ou à corriger"),
        "date": _("Date"),
        "hand": _("Signature"),
        "rhythm": _("Rythme"),
        "held": _("Tenues"),
        "expected": _("Prévues"),
        "state": _("État"),
        "online": _("Ce bilan en ligne, avec les lignes derrière chaque chiffre"),
    }


def _qr(frame: Frame, closing: Mapping[str, Any] | None) -> dict[str, object]:
    scope = frame.place.scope
    path = f"/elus/bilan/{frame.period}" + (f"/version/{closing['version']}" if closing else "")
    address = settings().public_url + path + (f"?perimetre={scope}" if scope.slug else "")
    return {**qr.drawn_for_paper(address, label=_("Code à scanner pour lire ce bilan en ligne")), "address": address}
