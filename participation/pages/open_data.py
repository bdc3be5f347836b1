"""Open data: what there is, and one package a year, built when it is asked for: what is taken back is out at once."""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from flask import Response, render_template, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from participation.assessment import open_data as figures
from participation.clock import today
from participation.errors import NotFound, Refusal
from participation.exchange import exporting, yearly
from participation.exchange.open_data import LICENCE, File, Package, territories
from participation.exchange.tables import DESCRIPTOR
from participation.extensions import db
from participation.keys import settings
from participation.pages.queries import find_contract
from participation.pages.views import bp
from participation.permissions import public

AT_ONCE = 2
"""Packages built at the same time: whoever downloads all of them leaves the pages to the others."""
PATIENCE = 10
"""Seconds that one waits for its turn."""
_PIECE = 1024 * 1024
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "zip": "application/zip"}
_CONTENT = (
    ("rencontres", _l("Les rencontres, et combien de personnes y étaient")),
    ("propositions", _l("Les propositions")),
    ("etapes", _l("Ce que chaque proposition est devenue")),
    ("avis", _l("Les avis publiés")),
    ("decisions", _l("Ce que les rencontres ont décidé")),
    ("instances", _l("Les instances")),
    ("mandats", _l("Les sièges dans les instances, sans les noms")),
    ("territoires", _l("Les communes et les quartiers, avec leurs codes")),
    (figures.NAME, _l("Les chiffres du bilan")),
)
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Refusal):
    """Too many packages are asked for at once."""

    status = 429


@bp.get("/donnees")
@public
def open_data() -> str:
    """Say what can be used again, under which licence, and what is left out and why."""
    return render_template(
        "pages/open_data.html",
        years=_years(),
        content=_CONTENT,
        licence=LICENCE,
        small_count=settings().small_count,
    )


@bp.get("/donnees/<int(fixed_digits=4):year>/<name>")
@public
def open_data_file(year: int, name: str) -> Response:
    """Give one file of a year's package: its description, or a table as CSV."""

    def write(package: Package, file: BinaryIO) -> None:
        chunks = package.chunks(name)
        if chunks is None:
            raise NotFound(_("Ce fichier n'existe pas. Choisissez-en un dans « Données ouvertes »."))
        file.writelines(chunks)

    return _answer(year, write, name, attached=name != DESCRIPTOR)


@bp.get("/donnees/<int(fixed_digits=4):year>.zip")
@public
def open_data_zip(year: int) -> Response:
    """Give a year's whole package."""
    return _answer(year, Package.write_zip, f"participation-{year}.zip", attached=True)


def _years() -> list[int]:
    contract = find_contract(db.session())
    return yearly.list_years(db.session.connection(), contract.starts, today()) if contract else []


def _answer(year: int, write: Callable[[Package, BinaryIO], None], name: str, *, attached: bool) -> Response:
    """Return a file that `write` makes; 304 to whoever has the same bytes already."""
    if year not in _years():
        raise NotFound(
            _("Il n'y a pas de données pour cette année. Choisissez-en une autre dans « Données ouvertes ».")
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed once it is sent, and gone then
    try:
        with _turn(), _package(year) as package:
            write(package, file)
    except Refusal:
        file.close()
        raise
    size, etag = file.tell(), _hash(file)
    kind = _TYPES[name.rpartition(".")[2]]
    answer = send_file(
        file,
        mimetype=kind,
        as_attachment=attached,
        download_name=f"{year}-{name}" if name.endswith(".csv") else name,
        etag=etag,
    )
    answer.content_length = size
    answer.headers["Cache-Control"] = "public, no-cache"  # what is taken back is out at once
    answer.make_conditional(request)
    return answer


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy(_("Beaucoup de personnes téléchargent en ce moment. Réessayez dans une minute."))
    try:
        yield
    finally:
        _turns.release()


@contextmanager
def _package(year: int) -> Iterator[Package]:
    small = settings().small_count
    indicators = figures.public_csv(db.session(), year, small).encode()
    beside = File(figures.NAME, figures.HELP, figures.fields(), indicators)
    with exporting.contents(db.engine, small_count=small, open_data=True, year=year) as contents:
        yield Package(contents, [territories(contents.connection), beside])


def _hash(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
