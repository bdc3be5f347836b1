"""Closing an assessment: its figures and rows are kept as a version that never changes (indicators.md, Reading)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.assessment import kept, paper, workbook
from participation.assessment.engine import assess_frame
from participation.assessment.frame import Frame
from participation.assessment.models import ClosedAssessment, ClosedFigures
from participation.assessment.outputs import as_dict
from participation.assessment.period import Period
from participation.assessment.results import Assessment
from participation.assessment.scope import Scope
from participation.assessment.small_counts import for_public
from participation.database import REF_LENGTH, now
from participation.errors import Conflict, Refusal
from participation.keys import settings

CLOSED = "closed"
"""The part of the JSON that its hash leaves out (interfaces.md)."""
PROGRAM = "Administration du site"
"""Who closes from the command line."""


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 canonical JSON of a document of interfaces.md, without `closed`."""
    return rfc8785.dumps({name: value for name, value in document.items() if name != CLOSED})


def sha256(document: Mapping[str, Any]) -> str:
    """Return the hexadecimal SHA-256 of the document's canonical form."""
    return hashlib.sha256(canonical(document)).hexdigest()


def close(session: Session, frame: Frame, *, by: Any = None) -> ClosedAssessment:
    """Keep the assessment of `frame` as the next version; the caller commits. `by`: an account, None for the program.

    Raises Refusal for a date of reading still to come or before the period, and Conflict where somebody else closes
    the same one at this moment.
    """
    _check_day(frame)
    assessment = assess_frame(session, frame)
    text = canonical(as_dict(assessment))
    scope = frame.place.scope
    closed = ClosedAssessment(
        period=frame.period.name,
        scope_kind=scope.kind,
        scope_slug=scope.slug or "",
        version=_next_version(session, frame.period, scope),
        as_of=frame.as_of,
        rules=assessment.rules,
        canonical=text.decode(),
        sha256=hashlib.sha256(text).hexdigest(),
        closed_at=now(),
        closed_by=str(by.function) if by else PROGRAM,
        public_canonical=_for_everybody(session, assessment),
    )
    _keep_files(session, closed, assessment, frame)
    session.add(closed)
    try:
        session.flush()
        session.add_all(figures_alone(closed))
        session.flush()
    except IntegrityError:
        session.rollback()
        raise Conflict(_("Quelqu'un d'autre ferme ce bilan en ce moment. Rechargez la page.")) from None
    sentence = _("Bilan %(period)s fermé, version %(version)s.", period=closed.period, version=closed.version)
    journal.record(
        session,
        "assessment.closed",
        ref_of_closed(closed)[:REF_LENGTH],
        sentence,
        by=by,
        details={"sha256": closed.sha256},
    )
    return closed


def _for_everybody(session: Session, assessment: Assessment) -> str | None:
    """Return what strangers may read of it, None where the place is not public (interfaces.md, Public figures)."""
    if not assessment.place.scope.public:
        return None
    return canonical(as_dict(for_public(session, assessment, settings().small_count))).decode()


def figures_alone(closed: ClosedAssessment) -> list[ClosedFigures]:
    """Return what its pages read instead of the whole: the figures for those who read all, and for everybody."""
    texts = {False: closed.canonical, True: closed.public_canonical}
    return [
        ClosedFigures(closed_id=closed.id, everybody=who, document=_bare(text)) for who, text in texts.items() if text
    ]


def _bare(text: str) -> str:
    document = json.loads(text)
    for figure in document["indicators"].values():
        for name in ("rows", "of_rows", "by"):
            figure.pop(name, None)
    return rfc8785.dumps(document).decode()


def read_figures(session: Session, closed: ClosedAssessment, *, everybody: bool) -> dict[str, Any]:
    """Return the figures of a version, without its rows, as interfaces.md gives them."""
    row = session.get(ClosedFigures, (closed.id, everybody))
    text = row.document if row else _bare((closed.public_canonical if everybody else closed.canonical) or "")
    return {**json.loads(text), CLOSED: closing_of(closed)}


def _keep_files(session: Session, closed: ClosedAssessment, assessment: Assessment, frame: Frame) -> None:
    told = closing_of(closed)
    document = {**as_dict(assessment), CLOSED: told}
    closed.xlsx_sha256 = kept.put(file_name(closed, "xlsx"), workbook.as_xlsx(document))
    closed.pdf_sha256 = kept.put(file_name(closed, "pdf"), paper.as_pdf(session, assessment, frame, told))


def find_file(closed: ClosedAssessment, ending: str) -> bytes | None:
    """Return the kept `xlsx` or `pdf`, as it was; None where it is gone or damaged."""
    return kept.find(file_name(closed, ending), getattr(closed, f"{ending}_sha256"))


def _check_day(frame: Frame) -> None:
    if frame.as_of > clock.today():
        raise Refusal(_("Cette date de lecture n'est pas encore arrivée : un bilan se ferme sur ce qui est connu."))
    if frame.as_of < frame.period.first:
        raise Refusal(_("Cette date de lecture est avant la période : il n'y aurait rien à lire."))


def _next_version(session: Session, period: Period, scope: Scope) -> int:
    last = session.scalar(sa.select(sa.func.max(ClosedAssessment.version)).where(*_same(period, scope)))
    return (last or 0) + 1


def _same(period: Period, scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ClosedAssessment.period == period.name,
        ClosedAssessment.scope_kind == scope.kind,
        ClosedAssessment.scope_slug == (scope.slug or ""),
    )


def ref_of_closed(closed: ClosedAssessment) -> str:
    """Return how files and the journal name a version: `2025-v1`, `2025-v2-commune-arras`."""
    kind = closed.scope_kind if closed.scope_slug else ""
    return "-".join(part for part in (closed.period, f"v{closed.version}", kind, closed.scope_slug) if part)


def file_name(closed: ClosedAssessment, ending: str) -> str:
    """Return the name of a kept file: `bilan-2025-v1-commune-arras.xlsx`."""
    return f"bilan-{ref_of_closed(closed)}.{ending}"


def scope_of(closed: ClosedAssessment) -> Scope:
    """Return the scope of a version."""
    return Scope(closed.scope_kind, closed.scope_slug or None)


def find_closed(session: Session, period: Period, scope: Scope, version: int | None = None) -> ClosedAssessment | None:
    """Return a closed version, the last one by default, its texts read when asked for; None where there is none."""
    versions = list_closed(session, period, scope)  # few, and read from an index that holds no text
    if version is None:
        return versions[-1] if versions else None
    return next((one for one in versions if one.version == version), None)


def list_closed(session: Session, period: Period, scope: Scope) -> list[ClosedAssessment]:
    """Return every version, the first one first, without its figures."""
    return list(session.scalars(sa.select(ClosedAssessment).where(*_same(period, scope)).order_by("version")))


def as_closed_dict(closed: ClosedAssessment) -> dict[str, Any]:
    """Return the closed assessment as interfaces.md gives it, with `closed`."""
    return {**json.loads(closed.canonical), CLOSED: closing_of(closed)}


def closing_of(closed: ClosedAssessment) -> dict[str, Any]:
    """Return `closed`: version, moment (UTC), the function of who closed it, and the hash."""
    return {
        "version": closed.version,
        "closed_at": closed.closed_at.isoformat(),
        "by": closed.closed_by,
        "sha256": closed.sha256,
    }


def verify(document: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a closed document, None if its hash is right. It may come from anywhere."""
    closing = document.get(CLOSED)
    if not isinstance(closing, Mapping) or not isinstance(closing.get("sha256"), str):
        return _("Ce fichier n'est pas un bilan fermé : il n'a pas d'empreinte.")
    try:
        found = sha256(document)
    except rfc8785.CanonicalizationError:
        return _("Ce fichier contient une valeur qu'un bilan ne peut pas contenir.")
    if found != closing["sha256"]:
        return _(
            "Ce bilan a été modifié depuis sa fermeture. Empreinte écrite : %(written)s ; empreinte du contenu : "
            "%(found)s.",
            written=closing["sha256"],
            found=found,
        )
    return None
