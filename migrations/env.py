"""How Alembic reaches the database: through the running application, on its own connection."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from participation.database import UtcDateTime

database = current_app.extensions["migrate"].db


def render_item(kind: str, thing: object, _autogen: object) -> str | bool:
    """Write our own column types as the plain types that they are in the database."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def same_type(_context: object, _inspected: object, _column: object, stored: object, wanted: object) -> bool | None:
    """Compare our own column types as the plain types that they are in the database."""
    if isinstance(wanted, UtcDateTime):
        return not isinstance(stored, sa.DateTime)
    return None


def migrate(connection: sa.Connection) -> None:
    """Run the migrations on `connection`."""
    options = {**current_app.extensions["migrate"].configure_args, "compare_type": same_type}
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_item=render_item,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database: set DATABASE_URL.")
with database.engine.connect() as open_connection:
    if open_connection.dialect.name == "sqlite":
        # Altering a table makes it anew there: dropping the old one must not cascade to what refers to it.
        open_connection.connection.execute("PRAGMA foreign_keys=OFF")
    try:
        migrate(open_connection)
        open_connection.commit()
    finally:
        open_connection.invalidate()
