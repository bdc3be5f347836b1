"""Participation: the meetings, opinions, proposals and yearly assessment of a *contrat de ville*."""
# ruff: noqa: E402  # the collector pauses before the modules load

import gc

_collects = gc.isenabled()
gc.disable()  # what modules make while they load stays: looking for garbage among it takes a tenth of the start

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from participation import (
    assets,
    compression,
    errors_pages,
    formatting,
    fragments,
    headers,
    language,
    logs,
    navigation,
    permissions,
    routes,
    tables,
)
from participation.config import Settings, read_settings
from participation.database import tune
from participation.extensions import Migrations, csrf, db, htmx
from participation.people import sessions

gc.freeze()  # nor is it looked at again: a whole collection would stop each request under way for a tenth of a second
if _collects:
    gc.enable()

__all__ = ["MIGRATIONS", "create_app", "tables"]

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application: a table of contents."""
    logs.init_app()
    settings = settings or read_settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(settings.instance), static_folder=None)
    app.config.from_mapping(_flask_config(settings))
    app.extensions["participation.settings"] = settings
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]

    db.init_app(app)
    with app.app_context():
        tune(db.engine)
    compression.init_app(app, sessions.cookie_name)
    Migrations(MIGRATIONS).init_app(app)
    sessions.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    language.init_app(app)
    formatting.init_app(app)
    fragments.init_app(app)
    navigation.init_app(app)
    assets.init_app(app)
    headers.init_app(app)
    errors_pages.init_app(app)

    routes.init_app(app)
    app.jinja_env.globals["may"] = permissions.may
    permissions.check_every_route(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    prefix = "__Host-" if settings.https else ""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # A failed statement's values may be somebody's address: they stay out of the log.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": not settings.testing},
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "SESSION_COOKIE_NAME": f"{prefix}formulaire",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "TESTING": settings.testing,
    }
