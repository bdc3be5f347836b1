"""The list of proposals to download: what is shown, with the filters of the address and the rights of who asks."""

import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

import sqlalchemy as sa
from flask import Response, request, send_file
from flask_babel import gettext as _

from participation import clock
from participation.errors import Refusal
from participation.exchange import proposal_list
from participation.extensions import db
from participation.permissions import actor, public, requires
from participation.proposals import queries
from participation.proposals.forms import PublicFilters
from participation.proposals.team_views import bp as team_bp
from participation.proposals.views import asked_filters, bp

AT_ONCE = 2
"""Files made at the same time by one process: each reads all that it holds."""
PATIENCE = 20
"""Seconds that a reader waits for the turn."""
_WRITERS: dict[str, tuple[Callable[[Iterable[list[str]], BinaryIO], None], str]] = {
    "csv": (proposal_list.write_csv, "text/csv"),
    "xlsx": (proposal_list.write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Refusal):
    """Too many files are being made at once."""

    status = 503


@bp.get("/propositions.<any(csv, xlsx):ending>")
@public
def export(ending: str) -> Response:
    """Give the proposals that the address asks for, with what everybody may read of them."""
    contract = queries.find_contract(db.session())
    confirmed = bool(contract and contract.response_days_confirmed)
    asked = asked_filters(PublicFilters(request.args), confirmed=confirmed)
    return _file(ending, queries.conditions_of(db.session(), asked, clock.today()), team=False)


@team_bp.get("/equipe/propositions.<any(csv, xlsx):ending>")
@requires("proposal.step")
def export_for_team(ending: str) -> Response:
    """Give the proposals on which the account may act, or all of them, as the team's list shows them."""
    asked = asked_filters(PublicFilters(request.args), confirmed=True)
    mine = not request.args.get("toutes")
    return _file(ending, queries.conditions_for_team(db.session(), actor(), asked, clock.today(), mine=mine), team=True)


def _file(ending: str, conditions: Sequence[sa.ColumnElement[bool]], *, team: bool) -> Response:
    write, kind = _WRITERS[ending]
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed once it is sent, and gone then
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy(_("Beaucoup de personnes téléchargent en ce moment. Réessayez dans une minute."))
    try:
        with db.engine.connect() as connection:  # not the request's own: it reads one state, whatever is written
            connection.execution_options(only_reads=True)
            write(proposal_list.Proposals(connection, conditions, clock.today(), team=team).rows(), file)
    finally:
        _turns.release()
    size = file.tell()
    file.seek(0)
    answer = send_file(file, mimetype=kind, as_attachment=True, download_name=f"propositions.{ending}")
    answer.content_length = size
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
