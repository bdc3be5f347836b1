"""The extensions: made here, configured in `create_app`."""

from typing import TYPE_CHECKING

from flask_babel import Babel
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from participation.database import Base

db = SQLAlchemy(model_class=Base)
migrate = Migrate()
babel = Babel()
login_manager = LoginManager()
csrf = CSRFProtect()
htmx = HTMX()

if TYPE_CHECKING:

    class Model(Base):
        """`db.Model` as the type checker sees it."""

        __abstract__ = True
else:
    Model = db.Model
