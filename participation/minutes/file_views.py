"""Minutes as files: everybody's once published, before that for those who prepare them."""

import datetime as dt
import io

from flask import Blueprint, Response, abort, render_template, send_file
from markupsafe import Markup

from participation import printing
from participation.extensions import db
from participation.fragments import provide
from participation.meetings import queries
from participation.meetings.models import Meeting
from participation.minutes.document import LANGUAGE, document_of, title_of
from participation.minutes.docx import as_docx
from participation.permissions import may, public

bp = Blueprint("minutes_files", __name__)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/rencontres/<ref>/compte-rendu.<any(pdf, docx):ending>")
@public
def minutes_file(ref: str, ending: str) -> Response:
    """Give the minutes as PDF or DOCX; a draft to the team of the meeting alone."""
    meeting = queries.get_meeting(db.session(), ref)
    if not meeting.minutes or not (meeting.minutes_are_public or may("meeting.edit", meeting)):
        abort(404)
    name, data, title = f"compte-rendu-{meeting.ref}", document_of(meeting), title_of(meeting)
    if ending == "pdf":
        contract = queries.find_contract(db.session())
        head = printing.letterhead(contract.name if contract else None)
        content = printing.pdf("minutes", {**head, **data}, title=title, language=LANGUAGE)
        answer = printing.pdf_answer(content, name)
    else:
        content = as_docx(data, title=title, language=LANGUAGE, written=_written(meeting))
        answer = send_file(io.BytesIO(content), _DOCX, as_attachment=True, download_name=f"{name}.docx")
        answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("Cookie")
    return answer


def _written(meeting: Meeting) -> dt.datetime:
    """Return when the text became what it is, as far as known."""
    versions = meeting.minutes_versions
    return versions[-1].published_at if versions else meeting.created_at


def _links(meeting: Meeting) -> Markup | None:
    text = render_template("minutes/_files.html", meeting=meeting) if meeting.minutes else ""
    return Markup(text) if text else None  # noqa: S704  # a template of our own, which escapes


provide("meeting.minutes", _links)
