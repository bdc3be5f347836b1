"""The assessment as files: for the team and the élus whole, for everybody with small counts withheld; and one sheet."""

import io

from flask import Response, request, send_file

from participation import printing
from participation.assessment import paper, sheet, workbook
from participation.assessment.outputs import as_csv, as_dict, as_json
from participation.assessment.reading import Reading, read_full, read_public
from participation.assessment.version_views import TYPES
from participation.assessment.views import bp, first_page
from participation.extensions import db
from participation.permissions import public, requires


def load(periode: str, ending: str) -> Reading:
    """Return what a file of the team and the élus is asked. Raises NotFound, WrongQuestion."""
    return read_full(periode)


@bp.get("/elus/bilan/<periode>.<any(pdf, xlsx, csv, json):ending>")
@requires("assessment.full", load)
def full_file(reading: Reading) -> Response:
    """Give the whole assessment as it stands, as a file."""
    ending: str = request.view_args["ending"]  # type: ignore[index]
    if ending == "pdf":
        return printing.pdf_answer(paper.as_pdf(db.session(), reading.assess(), reading.frame), _name(reading))
    return _answer(reading, ending)


@bp.get("/bilan/<periode>.<any(csv, json):ending>")
@public
def public_file(periode: str, ending: str) -> Response:
    """Give to everybody the assessment of a public place as a file, small counts withheld."""
    return _answer(read_public(periode), ending)


@bp.get("/bilan/<periode>/imprimer")
@public
def public_sheet(periode: str) -> Response:
    """Give the public page as one A4 sheet, in the page's language."""
    reading = read_public(periode)
    return printing.pdf_answer(sheet.as_pdf(reading, **first_page(reading)), _name(reading))


def _answer(reading: Reading, ending: str) -> Response:
    assessment = reading.assess(rows=True)
    if ending == "csv":
        content = as_csv(assessment).encode()
    elif ending == "json":
        content = as_json(as_dict(assessment)).encode()
    else:
        content = workbook.as_xlsx(as_dict(assessment))
    answer = send_file(
        io.BytesIO(content), TYPES[ending], as_attachment=True, download_name=f"{_name(reading)}.{ending}"
    )
    answer.headers["Cache-Control"] = "private, no-cache"  # counts move at once, and depend on who asks
    answer.vary.add("Cookie")
    return answer


def _name(reading: Reading) -> str:
    """Return the file's name without its ending: `bilan-2025`, `bilan-2025-commune-arras`."""
    scope = reading.frame.place.scope
    return "-".join(filter(None, ("bilan", str(reading.frame.period), scope.slug and scope.kind, scope.slug)))
