"""Closed versions: read as they were, with what has changed since, the files kept, and who signed."""

import functools
import io
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, json, render_template, request, send_file, url_for
from flask_babel import gettext as _

from participation.assessment import (
    closed_pages,
    closing,
    definitions,
    difference,
    forms,
    kept,
    records,
    signing,
    words,
)
from participation.assessment.changes import tell
from participation.assessment.engine import OF_ROWS, ROWS, assess_frame
from participation.assessment.findings import findings
from participation.assessment.frame import find_frame
from participation.assessment.models import NOTE_KINDS, SIGNATURE_CHOICES, ClosedAssessment, SignatureLink
from participation.assessment.notes import list_notes
from participation.assessment.outputs import as_csv, as_json, from_dict
from participation.assessment.period import Period
from participation.assessment.queries import at
from participation.assessment.reading import Reading, read_full, read_public
from participation.assessment.results import RULES, Assessment
from participation.assessment.review_views import address
from participation.assessment.views import bp
from participation.errors import NotFound
from participation.extensions import db
from participation.keys import settings
from participation.people import mails
from participation.people.rules import clean_email
from participation.permissions import actor, may, public, requires
from participation.sending import Answer, give_key, send

MOST_ROWS = 500
"""References shown of one list of a closed version; the workbook has all of them."""
TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Version:
    """A closed version, and how it is read: by everybody, small counts withheld, or whole."""

    reading: Reading
    closed: ClosedAssessment

    def places(self) -> set[tuple[str, str]]:
        """Return the places of what is read (permissions.py)."""
        return self.reading.places()

    def document(self) -> dict[str, Any]:
        """Return it as interfaces.md gives it, as its reader may see it."""
        if self.reading.full:
            return closing.as_closed_dict(self.closed)
        assert self.closed.public_canonical is not None
        return {**json.loads(self.closed.public_canonical), closing.CLOSED: closing.closing_of(self.closed)}

    def assessment(self) -> Assessment:
        """Return its figures and rows."""
        return from_dict(self.document(), self.reading.frame)

    def figures(self) -> Assessment:
        """Return its figures without the rows: what a page costs does not depend on how much was counted."""
        figures = closing.read_figures(db.session(), self.closed, everybody=not self.reading.full)
        return from_dict(figures, self.reading.frame)

    def shown(self) -> closed_pages.Shown:
        """Return its figures as its page shows them."""
        address = self.url("version" if self.reading.full else "public_version")
        public = not self.reading.full
        return closed_pages.show(
            self.closed, self.reading.frame, self.figures, self.rows_url, address=address, public=public
        )

    def url(self, endpoint: str, **more: Any) -> str:
        """Return the address of a page about this version."""
        return address(self.reading, endpoint, number=self.closed.version, **more)

    def rows_url(self, code: str, part: str = ROWS) -> str:
        """Return the address of one list of rows behind a figure of this version."""
        endpoint = "version_indicator" if self.reading.full else "public_version_indicator"
        return self.url(endpoint, code=code, _anchor=part)


def load(periode: str, number: int, **_more: Any) -> Version:
    """Return a closed version for the team and the élus. Raises NotFound."""
    return _found(read_full(periode), number)


def _found(reading: Reading, number: int) -> Version:
    frame = reading.frame
    closed = closing.find_closed(db.session(), frame.period, frame.place.scope, number)
    if closed is None:
        raise NotFound(_("Cette version du bilan n'existe pas."))
    return Version(Reading(at(frame, closed.as_of), reading.full, reading.code), closed)


# Reading


@bp.get("/elus/bilan/<periode>/version/<int:number>")
@requires("assessment.full", load)
def version(found: Version) -> str:
    """Show a closed version whole, and who signed it."""
    frame = found.reading.frame
    return render_template(
        "assessment/version.html",
        found=found,
        frame=frame,
        shown=found.shown(),
        signatures=signing.list_signatures(db.session(), found.closed),
        choices=SIGNATURE_CHOICES,
        scan_url=functools.partial(found.url, "scan"),
        notes=[note for note in list_notes(db.session(), frame.period, frame.place.scope) if not note.withdrawn_at],
        note_kinds=NOTE_KINDS,
        may_sign=may("assessment.sign") and not signing.has_signed(db.session(), found.closed, actor()),
        may_close=may("assessment.close"),
    )


@bp.get("/elus/bilan/<periode>/version/<int:number>/changements")
@requires("assessment.full", load)
def version_changes(found: Version) -> str:
    """Show what has changed since a closing: what would be read today at the same date, and by which rules."""
    then, frame = found.assessment(), found.reading.frame
    changes = difference.compare(then, assess_frame(db.session(), frame))
    return render_template(
        "assessment/version_changes.html",
        found=found,
        frame=frame,
        changes=tell(db.session(), changes),
        redefined=definitions.changed(then.rules) if then.rules != RULES else None,
        rules=RULES,
        edits=difference.list_edits(db.session(), found.closed, then, changes),
    )


@bp.get("/bilan/<periode>/version/<int:number>")
@public
def public_version(periode: str, number: int) -> str:
    """Show a closed version to everybody, with the counts of people that are too small withheld."""
    found = _found(read_public(periode), number)
    return render_template(
        "assessment/public_version.html",
        found=found,
        frame=found.reading.frame,
        shown=found.shown(),
        signatures=signing.list_signatures(db.session(), found.closed),
        choices=SIGNATURE_CHOICES,
        small_count=settings().small_count,
    )


@bp.get("/elus/bilan/<periode>/version/<int:number>/<code>")
@requires("assessment.full", load)
def version_indicator(found: Version) -> str:
    """Show exactly the rows that a figure of a closed version counted."""
    return _rows_page(found, request.view_args["code"], "assessment/version_indicator.html")  # type: ignore[index]


@bp.get("/bilan/<periode>/version/<int:number>/<code>")
@public
def public_version_indicator(periode: str, number: int, code: str) -> str:
    """Show to everybody the rows that a figure of a closed version counted."""
    return _rows_page(_found(read_public(periode), number), code, "assessment/public_version_indicator.html")


def _rows_page(found: Version, code: str, template: str) -> str:
    then, frame = found.assessment(), found.reading.frame
    if code not in then.figures:
        raise NotFound(_("Cet indicateur n'existe pas. Choisissez-en un sur la page du bilan."))
    figure = then.figures[code]
    lists = [
        {
            "part": part,
            "records": records.list_records(db.session(), definitions.find(code, then.rules).rows, refs[:MOST_ROWS]),
            "more": max(0, len(refs) - MOST_ROWS),
        }
        for part, refs in ((ROWS, figure.rows), (OF_ROWS, figure.of_rows))
        if refs is not None
    ]
    line = words.line_of(code, then, frame, public=not found.reading.full)
    return render_template(template, found=found, frame=frame, line=line, lists=lists)


@bp.get("/elus/bilan/<periode>/version/<int:number>/bilan.<any(json, csv, xlsx, pdf):ending>")
@requires("assessment.full", load)
def version_file(found: Version) -> Response:
    """Give a file of a closed version: the same bytes for ever."""
    ending: str = request.view_args["ending"]  # type: ignore[index]
    if ending == "json":
        content: bytes | None = as_json(found.document()).encode()
    elif ending == "csv":
        content = as_csv(found.assessment()).encode()
    else:
        content = closing.find_file(found.closed, ending)
    if content is None:
        raise NotFound(_("Ce fichier n'est plus là, ou il a été abîmé. Demandez à l'équipe de le reprendre."))
    answer = send_file(
        io.BytesIO(content), TYPES[ending], as_attachment=True, download_name=closing.file_name(found.closed, ending)
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


# Signing


@bp.get("/elus/bilan/<periode>/version/<int:number>/signer")
@requires("assessment.sign", load)
def sign_form(found: Version) -> Any:
    """Ask an élu for their decision on a version."""
    form = forms.SignForm()
    return give_key(form) or _sign_page(found, form)


@bp.post("/elus/bilan/<periode>/version/<int:number>/signer")
@requires("assessment.sign", load)
def sign(found: Version) -> Answer:
    """Sign a version, once."""
    form, closed = forms.SignForm(), found.closed

    def act() -> str:
        if signing.sign(db.session(), closed, form.choice.data, form.words.data, by=actor()):
            flash(_("Votre signature est enregistrée. Merci."), "success")
        return found.url("version")

    return send(form, act, lambda: _sign_page(found, form))


def _sign_page(found: Version, form: forms.SignForm) -> str:
    return render_template(
        "assessment/sign.html", found=found, frame=found.reading.frame, form=form, function=actor().function
    )


@bp.get("/equipe/bilan/<periode>/version/<int:number>/inviter")
@requires("assessment.close", load)
def invite_form(found: Version) -> Any:
    """Ask to whom a personal link to sign goes."""
    form = forms.InviteForm()
    return give_key(form) or _invite_page(found, form)


@bp.post("/equipe/bilan/<periode>/version/<int:number>/inviter")
@requires("assessment.close", load)
def invite(found: Version) -> Answer:
    """Send a personal link, once."""
    form = forms.InviteForm()

    def act() -> str:
        email = clean_email(form.email.data)
        token = signing.invite(db.session(), found.closed, form.function.data or "", by=actor())
        url = settings().public_url + url_for("assessment.sign_by_link_form", token=token)
        mails.queue_signature_link(db.session(), email, url, days=signing.LINK_DAYS)
        flash(_("Le lien personnel part par e-mail. Il marche une fois, pendant 30 jours."), "success")
        return found.url("version")

    return send(form, act, lambda: _invite_page(found, form))


def _invite_page(found: Version, form: forms.InviteForm) -> str:
    return render_template("assessment/invite.html", found=found, form=form)


@bp.get("/equipe/bilan/<periode>/version/<int:number>/papier")
@requires("assessment.close", load)
def paper_form(found: Version) -> Any:
    """Ask for a signature given on paper, and its scan."""
    form = forms.PaperForm()
    return give_key(form) or _paper_page(found, form)


@bp.post("/equipe/bilan/<periode>/version/<int:number>/papier")
@requires("assessment.close", load)
def sign_on_paper(found: Version) -> Answer:
    """Record a signature given on paper, once."""
    form = forms.PaperForm()

    def act() -> str:
        signing.sign_on_paper(
            db.session(),
            found.closed,
            form.function.data or "",
            form.choice.data,
            form.words.data,
            signed_on=form.day(),
            scan=form.content(),
            by=actor(),
        )
        flash(_("La signature sur papier est enregistrée."), "success")
        return found.url("version")

    return send(form, act, lambda: _paper_page(found, form))


def _paper_page(found: Version, form: forms.PaperForm) -> str:
    return render_template("assessment/paper.html", found=found, form=form)


@bp.get("/elus/bilan/<periode>/version/<int:number>/scan/<int:signature>")
@requires("assessment.full", load)
def scan(found: Version) -> Response:
    """Give the scan of a signature on paper."""
    wanted: int = request.view_args["signature"]  # type: ignore[index]
    row = next((one for one in signing.list_signatures(db.session(), found.closed) if one.id == wanted), None)
    content = kept.find(row.scan_name, row.scan_sha256) if row and row.scan_name and row.scan_sha256 else None
    if row is None or content is None:
        raise NotFound(_("Ce scan n'est pas là."))
    answer = send_file(io.BytesIO(content), as_attachment=True, download_name=str(row.scan_name))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# By a personal link


@bp.get("/signer/<token>")
@public
def sign_by_link_form(token: str) -> Any:
    """Show what is to be signed to whoever holds a personal link."""
    link, form = signing.get_link(db.session(), token), forms.SignForm()
    return give_key(form) or _link_page(link, token, form)


@bp.post("/signer/<token>/envoi")
@public
def sign_by_link(token: str) -> Answer:
    """Sign with a personal link, which is then used up."""
    form = forms.SignForm()

    def act() -> str:
        signing.sign_by_link(db.session(), signing.get_link(db.session(), token), form.choice.data, form.words.data)
        return url_for("assessment.signed")

    return send(form, act, lambda: _link_page(signing.get_link(db.session(), token), token, form))


@bp.get("/signer/merci")
@public
def signed() -> str:
    """Say that a signature is recorded."""
    return render_template("assessment/signed.html")


def _link_page(link: SignatureLink, token: str, form: forms.SignForm) -> str:
    closed = link.closed
    frame = find_frame(db.session(), Period.parse(closed.period), closing.scope_of(closed), closed.as_of)
    then = from_dict(closing.read_figures(db.session(), closed, everybody=False), frame)
    return render_template(
        "assessment/sign_by_link.html",
        link=link,
        closed=closed,
        frame=frame,
        findings=findings(then, frame),
        blocks=words.blocks(then, frame),
        form=form,
        token=token,
    )
