"""Home, help, legal pages and health: everything that belongs to no single feature."""

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, render_template

from participation.extensions import db
from participation.permissions import public

bp = Blueprint("pages", __name__)


@bp.get("/")
@public
def home() -> str:
    """Show what is on and what changed."""
    return render_template("pages/home.html")


@bp.get("/sante")
@public
def alive() -> Response:
    """Say that the process answers; asks the database nothing (interfaces.md)."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/sante/pret")
@public
def ready() -> Response:
    """Say whether the database answers and its migrations are all applied (interfaces.md)."""
    directory = current_app.extensions["migrate"].directory
    try:
        connection = db.session.connection()
        applied = MigrationContext.configure(connection).get_current_heads()
    except sa.exc.SQLAlchemyError:
        return Response("la base de données ne répond pas\n", 503, mimetype="text/plain")
    if set(applied) != set(ScriptDirectory(directory).get_heads()):
        return Response("des migrations restent à appliquer\n", 503, mimetype="text/plain")
    return Response("prêt\n", mimetype="text/plain")
