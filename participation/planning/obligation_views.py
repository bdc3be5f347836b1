"""The board of what the contract asks for: who may read it sees the instances of their places."""

from flask import abort, render_template, request

from participation import clock
from participation.extensions import db
from participation.permissions import actor, requires
from participation.planning import obligations
from participation.planning.views import bp


@bp.get("/equipe/obligations")
@requires("obligation.read")
def duties() -> str:
    """Show the cadences of a year: held, planned, late."""
    today = clock.today()
    asked = request.args.get("annee", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        abort(404)
    year = int(asked) if asked else today.year
    board = obligations.board(db.session(), actor(), year, today)
    if board and asked and year not in board.years:
        abort(404)
    return render_template("planning/obligations.html", board=board, year=year, today=today)
