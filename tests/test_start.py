"""The program starts light: what few requests need is loaded by the first of them."""

import os
import subprocess
import sys
from collections.abc import Callable

from flask import Flask
from flask.cli import FlaskGroup

from tests.support import ROOT
from tests.support.apps import SECRETS

HEAVY = {
    "PIL", "alembic", "docx", "email_validator", "flask_migrate", "icalendar", "lxml", "markdown_it", "pillow_heif",
    "psycopg", "rapidfuzz", "segno", "snowballstemmer", "typst", "xlsxwriter",
}  # fmt: skip
PROGRAM = """
import gc, sys
import participation
gc_was = (gc.isenabled(), gc.get_freeze_count() > 0)
client = participation.create_app().test_client()
assert [client.get(path).status_code for path in ("/", "/propositions", "/rencontres", "/c")] == [200] * 4
print(*gc_was, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_start_and_residents_pages_load_no_heavy_library(new_sqlite_database: Callable[[], str], tmp_path):
    environ = {
        "PATH": os.environ["PATH"],
        "PARTICIPATION_INSTANCE": str(tmp_path / "instance"),
        "DATABASE_URL": new_sqlite_database(),
        "SECRET_KEY": SECRETS["secret_key"],
    }
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    collects, frozen, *loaded = done.stdout.split()
    assert not HEAVY & set(loaded)
    assert {"flask", "sqlalchemy", "participation"} <= set(loaded)
    assert (collects, frozen) == ("True", "True")  # the collector that paused for the start is at work again


def test_flask_still_finds_the_migrations(app: Flask):
    flask, runner = FlaskGroup(create_app=lambda: app), app.test_cli_runner()
    assert "upgrade" in runner.invoke(flask, ["db", "--help"]).output
    done = runner.invoke(flask, ["db", "upgrade"])
    assert done.exit_code == 0, done.output
