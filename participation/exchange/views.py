"""Import and export in the browser: files are checked, what would change is shown, then confirmed."""

import tempfile
from contextlib import AbstractContextManager
from typing import BinaryIO, TypeVar

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation import idempotency, journal
from participation.errors import Conflict, NotFound
from participation.exchange import blank, exporting, importing, known, plan, sources, uploads, writing
from participation.exchange.faults import BadPackage, Faults
from participation.exchange.forms import ConfirmForm, UploadForm
from participation.exchange.plan import Plan
from participation.exchange.tables import TABLES
from participation.exchange.uploads import Upload
from participation.extensions import db
from participation.forms import CreatingForm
from participation.keys import settings
from participation.permissions import TEAM, actor, requires

bp = Blueprint("exchange", __name__, url_prefix="/equipe")
FAULTS_SHOWN = 200
FormOf = TypeVar("FormOf", bound=CreatingForm)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# Import


@bp.get("/import")
@requires("data.import")
def import_form() -> str:
    """Show what can be imported and how."""
    return _form_page(UploadForm())


@bp.post("/import")
@requires("data.import")
def upload() -> ResponseReturnValue:
    """Check files; keep them if they can be imported, show every fault if not. Nothing is written."""
    form = UploadForm()
    if not form.validate():
        return _form_page(form), 422
    kept = uploads.keep(form.files.data, actor().id, form.cle.data or "")
    try:
        uploads.remember(kept, _shown(_plan(kept, writes=False)))
    except BadPackage as bad:
        uploads.forget(kept.token)
        return _form_page(form, bad), 422
    return redirect(url_for(".summary", token=kept.token), 303)


@bp.get("/import/<token>")
@requires("data.import")
def summary(token: str) -> str:
    """Show what the import would change, to confirm it."""
    return _summary_page(uploads.find(token, actor().id))


@bp.post("/import/<token>")
@requires("data.import")
def confirm(token: str) -> ResponseReturnValue:
    """Import, once, what was shown; if the data has changed since, show it again."""

    def write() -> str:
        kept = uploads.find(token, actor().id)
        done = _plan(kept, writes=True)
        if _shown(done) != kept.summary:
            uploads.remember(kept, _shown(done))
            raise Conflict(
                _("Quelqu'un a changé ces données entre-temps. Voici ce que l'import changerait maintenant.")
            )
        importing.carry_out(db.session.connection(), done, by=actor(), ref=token)
        return url_for(".imported", token=token)

    try:
        answer = idempotency.once(request.form, write)
    except BadPackage as bad:
        db.session.rollback()
        uploads.forget(token)
        return _form_page(_fresh(UploadForm), bad), 422
    except Conflict as conflict:
        db.session.rollback()
        return _summary_page(uploads.find(token, actor().id), conflict.message), 409
    uploads.forget(token)
    return answer


@bp.get("/import/<token>/fait")
@requires("data.import")
def imported(token: str) -> str:
    """Show what an import did, to whoever did it."""
    lines = journal.list_entries(db.session(), "import", token)
    if not lines or lines[0].account_id != actor().id:
        raise NotFound(_("Cet import n'existe pas. Regardez dans le journal."))
    return render_template("exchange/imported.html", sentence=lines[0].sentence)


@bp.get("/import/modele.xlsx")
@requires("data.import")
def blank_xlsx() -> Response:
    """Give the blank workbook."""
    file = _temporary()
    blank.write_xlsx(known.load(db.session.connection()), file)
    return _attachment(file, "participation-modele.xlsx", _XLSX)


@bp.get("/import/modeles.zip")
@requires("data.import")
def blank_zip() -> Response:
    """Give the blank CSV files."""
    file = _temporary()
    blank.write_zip(known.load(db.session.connection()), file)
    return _attachment(file, "participation-modeles.zip", "application/zip")


def _plan(kept: Upload, *, writes: bool) -> Plan:
    faults = Faults()
    source = sources.from_files(kept.files, faults)
    return plan.make(db.session.connection(), source, faults, by=actor(), writes=writes)


def _shown(done: Plan) -> dict[str, object]:
    """Return what is shown of a plan and what tells it from another, as JSON gives them back."""
    return {"counts": [list(row) for row in done.counts()], "fingerprint": done.fingerprint()}


def _fresh(kind: type[FormOf]) -> FormOf:
    """Return a form of its own, with a new key, whatever was sent."""
    form = kind(formdata=None)
    form.cle.data = idempotency.new_key()
    return form


def _form_page(form: UploadForm, bad: BadPackage | None = None) -> str:
    return render_template(
        "exchange/import.html",
        form=form,
        tables=TABLES,
        faults=bad.faults[:FAULTS_SHOWN] if bad else (),
        total=bad.total if bad else 0,
        everywhere=actor().role in TEAM,
        form_errors=bool(bad or form.errors),
    )


def _summary_page(kept: Upload, changed: str | None = None) -> str:
    rows = (kept.summary or {}).get("counts", [])
    return render_template(
        "exchange/summary.html",
        form=_fresh(ConfirmForm),
        token=kept.token,
        names=[name for name, _path in kept.files],
        rows=rows,
        anything=any(added or updated for _name, added, updated, _same in rows),
        changed=changed,
    )


# Export


@bp.get("/export")
@requires("data.export")
def export_page() -> str:
    """Show what can be downloaded."""
    return render_template("exchange/export.html")


@bp.get("/export.zip")
@requires("data.export")
def export_zip() -> Response:
    """Give everything as CSV files; with `?donnees=ouvertes`, what everybody may have."""
    file = _temporary()
    with _contents() as contents:
        writing.write_zip(contents, file)
    return _attachment(file, _export_name("zip"), "application/zip")


@bp.get("/export.xlsx")
@requires("data.export")
def export_xlsx() -> Response:
    """Give everything as a workbook; with `?donnees=ouvertes`, what everybody may have."""
    file = _temporary()
    with _contents() as contents:
        writing.write_xlsx(contents, file)
    return _attachment(file, _export_name("xlsx"), _XLSX)


def _contents() -> AbstractContextManager[exporting.Contents]:
    # Names of mandates never leave by the browser: only a meeting's own team sees them (security.md 2).
    return exporting.contents(db.engine, small_count=settings().small_count, open_data=_open_data(), names=False)


def _open_data() -> bool:
    return request.args.get("donnees") == "ouvertes"


def _export_name(suffix: str) -> str:
    return f"participation-{'donnees-ouvertes' if _open_data() else 'export'}.{suffix}"


def _temporary() -> BinaryIO:
    return tempfile.TemporaryFile()  # gone once it is closed


def _attachment(file: BinaryIO, name: str, mimetype: str) -> Response:
    file.seek(0)
    answer = send_file(file, mimetype=mimetype, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
