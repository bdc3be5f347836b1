"""Sign-in, sign-out, own account; invitations and roles."""

from flask import Blueprint, render_template

from participation.permissions import public

bp = Blueprint("people", __name__)


@bp.get("/equipe/connexion")
@public
def sign_in() -> str:
    """Show the sign-in page."""
    return render_template("people/sign_in.html")
