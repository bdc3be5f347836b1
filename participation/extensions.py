"""The extensions: made here, configured in `create_app`."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_babel import Babel
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from participation.database import Base

db = SQLAlchemy(model_class=Base)
babel = Babel()
login_manager = LoginManager()
csrf = CSRFProtect()
htmx = HTMX()

if TYPE_CHECKING:
    from flask_migrate import Migrate

    class Model(Base):
        """`db.Model` as the type checker sees it."""

        __abstract__ = True
else:
    Model = db.Model


class Migrations:
    """Where `flask db`, `upgrade` and migrations/env.py look for the migrations: `app.extensions["migrate"]`.

    It stands in for Flask-Migrate's own object, which loads Alembic: a process that only answers needs neither.
    """

    configure_args = {"compare_type": True, "render_as_batch": True}

    def __init__(self, folder: Path) -> None:
        self.db = db
        self.directory = str(folder)

    def init_app(self, app: Flask) -> None:
        """Have the application's migrations found."""
        app.extensions["migrate"] = self

    @functools.cached_property
    def migrate(self) -> "Migrate":
        """Flask-Migrate itself, for who migrates."""
        from flask_migrate import Migrate

        return Migrate(db=db, directory=self.directory, **self.configure_args)
