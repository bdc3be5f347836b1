"""The journal for the contract's team: what happened, the latest first."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from participation.addresses import beside
from participation.extensions import db
from participation.journal import JournalEntry
from participation.pages.forms import JournalFilters
from participation.pages.views import bp
from participation.paging import AFTER, BEFORE, Page
from participation.permissions import requires

PAGE_SIZE = 50
KINDS = {
    "meeting": _l("Rencontres"),
    "decision": _l("Décisions des rencontres"),
    "campaign": _l("Démarches"),
    "opinion": _l("Avis"),
    "proposal": _l("Propositions"),
    "relay": _l("Projets relayés"),
    "quartier": _l("Quartiers"),
    "body": _l("Instances"),
    "mandate": _l("Mandats"),
    "contract": _l("Contrat"),
    "account": _l("Comptes"),
    "report": _l("Signalements"),
    "import": _l("Imports"),
    "assessment": _l("Bilans"),
}
"""Kinds of objects that lines are about (`object_kind`), in words."""


@bp.get("/equipe/journal")
@requires("journal.read")
def journal() -> str:
    """Show the journal, of everything or of one kind or object."""
    form = JournalFilters(request.args)
    form.offer(KINDS)
    kind, ref = form.genre.data or None, form.ref.data or None
    page = list_lines(db.session(), kind, ref, request.args)
    return render_template(
        "pages/journal.html", page=page, beside=beside(page), filters=form, active=bool(kind or ref), kinds=KINDS
    )


def list_lines(
    session: Session, kind: str | None, ref: str | None, arguments: Mapping[str, str], size: int = PAGE_SIZE
) -> Page[JournalEntry]:
    """Return one page of the journal, the latest line first; `apres` or `avant` of the address name the line beside."""
    query = sa.select(JournalEntry)
    if kind:
        query = query.where(JournalEntry.object_kind == kind)
    if ref:
        query = query.where(JournalEntry.object_ref == ref)
    after, before = _number(arguments.get(AFTER)), _number(arguments.get(BEFORE))
    backwards = after is None and before is not None
    bound = before if backwards else after
    if bound is not None:
        # A number that an address made up may be larger than any identifier.
        far = sa.literal(bound, sa.BigInteger)
        query = query.where(JournalEntry.id > far if backwards else JournalEntry.id < far)
    query = query.order_by(JournalEntry.id if backwards else JournalEntry.id.desc())
    rows = list(session.scalars(query.limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        _beside(rows[:1], BEFORE, more if backwards else after is not None),
        _beside(rows[-1:], AFTER, backwards or more),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _beside(row: list[JournalEntry], name: str, wanted: object) -> dict[str, Any]:
    return {name: str(row[0].id)} if row and wanted else {}
