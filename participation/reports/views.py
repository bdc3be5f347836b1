"""« Signaler »: anybody says that a published text should be looked at again, without an account or a cookie."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from participation.addresses import meeting_address
from participation.extensions import db
from participation.idempotency import once
from participation.origin import from_this_site
from participation.permissions import public
from participation.reports import rules
from participation.reports.forms import ReportForm
from participation.reports.subjects import WORDS_OF_ADDRESSES, Subject, find_public
from participation.sending import give_key

bp = Blueprint("reports", __name__)


@bp.get("/signaler/<subject>/<ref>")
@public
def report(subject: str, ref: str) -> Response | str:
    """Show the text and the form; its one-use key is in the address."""
    found = find_public(db.session(), subject, ref)
    form = ReportForm(formdata=None)
    return give_key(form) or render_template(
        "reports/report.html", subject=found, word=subject, form=form, back=address_of_subject(found)
    )


@bp.post("/signaler/<subject>/<ref>/envoi")
@public
@from_this_site
def send(subject: str, ref: str) -> Response:
    """Take the report in, once."""
    form = ReportForm()

    def act() -> str:
        found = find_public(db.session(), subject, ref)
        try:
            rules.report(db.session(), found, form.reason.data, form.words.data, request.remote_addr or "")
        except rules.TooMany:
            db.session.rollback()
            abort(429)
        return url_for("reports.thanks", subject=subject, ref=ref)

    return once(request.form, act)


@bp.get("/signaler/<subject>/<ref>/merci")
@public
def thanks(subject: str, ref: str) -> str:
    """Say what happens next; the text itself may be gone by now."""
    if subject not in WORDS_OF_ADDRESSES:
        abort(404)
    return render_template("reports/thanks.html")


def address_of_subject(subject: Subject) -> str:
    """Return the public page on which the text is read."""
    if subject.kind == "minutes":
        return meeting_address(subject.ref)
    if subject.kind in {"proposal", "answer"}:
        return url_for("proposals.show", ref=subject.ref)
    meeting = getattr(subject.thing, "meeting", None)
    return url_for("opinions.published", rencontre=meeting.ref) if meeting else url_for("opinions.published")
