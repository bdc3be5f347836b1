"""The name of the contract, which every page wears: asked once for each page, and never a reason for it to fail."""

import sqlalchemy as sa
from flask import g

from participation.contract.models import Contract
from participation.extensions import db
from participation.pages.views import bp


def contract_name() -> str | None:
    """Return the contract's name; None where none is loaded, where the tables are not made, or the database is down."""
    if "contract_name" not in g:
        g.contract_name = None if g.get("crashed") else _read()
    name: str | None = g.contract_name
    return name


def _read() -> str | None:
    try:
        with db.session.no_autoflush:  # drawing a page is no reason to write
            return db.session.scalar(sa.select(Contract.name).limit(1))
    except sa.exc.SQLAlchemyError:
        return None


@bp.app_context_processor
def _names() -> dict[str, object]:
    return {"contract_name": contract_name()}
