"""The words of a code, tokens and addresses are in no log, no mail and no address but the QR's (security.md R07)."""

import io
import json
import logging
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from participation.cli import program
from participation.extensions import db
from participation.following import contacts
from participation.following.models import Contact, FollowCode
from participation.logs import MaskedRecord, mask
from participation.opinions.models import TAKEN_BACK, Opinion
from tests.following.conftest import CODE, Give
from tests.support.checked_client import CheckedClient
from tests.support.secrets import Watch
from tests.support.town import Town

_PROGRAM = str(Path(sys.executable).with_name("participation"))

# The watch over the whole suite (tests/support/secrets.py)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("address", f"/suivi?mots={CODE}"),
        ("address", f"/suivi?mots={CODE.replace('-', '%20').upper()}"),
        ("Location", f"/suivi?mots={CODE.replace('-', '+')}"),
        ("title", f"{CODE.replace('-', ' ')} – Participation"),
        ("log", "written to fatou%40exemple.fr"),
        ("journal_entry", "('Adresse Fatou@exemple.fr confirmée.',)"),
        ("outbox_mail", f"Vos mots : {CODE}"),
    ],
)
def test_control_the_watch_sees_what_is_told(place: str, text: str):
    watch = Watch({CODE}, {"fatou@exemple.fr"}, [("log", "GET /suivi/…"), (place, text)])
    assert watch.leaks() == [f"{place}: {text}"]


def test_control_the_watch_hears_the_program(secrets_watched: Watch, client: CheckedClient, give: Give):
    give()
    client.get(f"/r/{CODE}")
    client.get("/aide?mots=rien")
    logging.getLogger("participation").warning("said")
    assert CODE in secrets_watched.codes
    assert {("address", "/aide?mots=rien"), ("log", "said")} <= set(secrets_watched.said)
    assert "title" in dict(secrets_watched.said)


# Logs


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("GET /r/chat-lune-pain-velo-pont HTTP/1.1", "GET /r/… HTTP/1.1"),
        ("GET /R/CHAT-LUNE-PAIN-VELO-PONT?l=ar", "GET /R/…?l=ar"),
        ("/suivi/AbC_-1?x=1", "/suivi/…?x=1"),
        ("/suivi/AbC/modifier", "/suivi/…/modifier"),
        ("/langue/ar?suite=%2Fsuivi%2FAbC-1", "/langue/ar?suite=%2Fsuivi%2F…"),
        ("/langue/ar?suite=/suivi/AbC-1", "/langue/ar?suite=/suivi/…"),
        ("http://exemple.fr/r/chat-lune", "http://exemple.fr/r/…"),
        ("/suivi?essai=AbC-1&l=fr", "/suivi?essai=…&l=fr"),
        ("/prevenir/abc/confirmer", "/prevenir/…/confirmer"),
        ("/equipe/entrer/abc?suite=/equipe", "/equipe/entrer/…?suite=/equipe"),
        ("/ecrire/m3-0-abc /m/cafe/photo", "/ecrire/… /m/cafe/photo"),
        ("POST /suivi/chercher", "POST /suivi/chercher"),
        ("/rencontres/cafe /prevenir/fini /suivi", "/rencontres/cafe /prevenir/fini /suivi"),
    ],
)
def test_addresses_are_masked(line: str, masked: str):
    assert mask(line) == masked


def test_every_log_of_the_process_is_masked(app):
    assert logging.getLogRecordFactory() is MaskedRecord
    out = io.StringIO()
    handler, log = logging.StreamHandler(out), logging.getLogger("gunicorn.error")
    log.addHandler(handler)
    try:
        log.error("Error handling request %s", "/r/chat-lune-pain-velo-pont")
    finally:
        log.removeHandler(handler)
    assert out.getvalue() == "Error handling request /r/…\n"


@contextmanager
def running(arguments: list[str], instance: Path) -> Iterator[tuple[str, Path]]:
    """Run the program's own server in a process; give its address and the file of all that it prints."""
    environ = os.environ | {"PARTICIPATION_INSTANCE": str(instance), "DATABASE_URL": "", "FLASK_APP": "wsgi"}
    subprocess.run([_PROGRAM, "init"], env=environ, check=True, capture_output=True)
    log = instance / "sortie.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(arguments, stdout=out, stderr=subprocess.STDOUT, env=environ)
        try:
            yield _address(process, log), log
        finally:
            process.terminate()
            process.wait(30)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        found = re.search(r"(?:répond sur|Running on) (http://\S+)", log.read_text())
        if found and _answers(found[1]):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(f"{address}/sante", timeout=10).status == 200)
    except OSError:
        return False


_SERVERS = {
    "gunicorn": [_PROGRAM, "serve", "--port", "0"],
    "werkzeug": [sys.executable, "-m", "flask", "--debug", "run", "--port", "0", "--no-reload"],
}


@pytest.mark.parametrize("server", list(_SERVERS))
def test_servers_print_no_code(server: str, tmp_path: Path):
    with running(_SERVERS[server], tmp_path) as (address, log):
        for path in (
            f"/r/{CODE}",
            f"/R/{CODE.upper()}",
            f"/suivi/{CODE}",
            f"/r/{CODE}%00",
            f"/langue/ar?suite=/r/{CODE}",
        ):
            try:
                urllib.request.urlopen(address + path, timeout=20)
            except urllib.error.HTTPError as fault:
                assert fault.code < 500  # noqa: PT017  # an answer all the same
        bad = urllib.request.Request(f"{address}/suivi/chercher", data=f"mots={CODE}".encode())
        urllib.request.urlopen(bad, timeout=20)
    printed = log.read_text()
    assert "chat" not in printed.lower()
    assert "lune-pain" not in printed.lower()
    if server == "werkzeug":
        assert "GET /r/… HTTP" in printed, "the control: requests are logged there"


# One code's data, shown and erased


def test_show_and_erase_by_command(cli: FlaskCliRunner, give: Give, town: Town):
    opinion = give(text="Des bancs canari.")
    other = give(code="table-lune-pain-velo-pont", text="Autre avis.")
    for one, address in ((opinion, "fatou@exemple.fr"), (other, "autre@exemple.fr")):
        contacts.ask(db.session(), one, address, language="fr")
    db.session.commit()
    kept_as = opinion.id, other.id
    db.session.rollback()
    shown = cli.invoke(program, ["follow", "show"], input="Chat lune pain vélo pont\n")
    assert shown.exit_code == 0, shown.output
    data = json.loads(shown.output)
    assert data["avis"]["texte"] == "Des bancs canari."
    assert data["contact"]["courriel"] == "fatou@exemple.fr"
    assert not any(word in shown.output for word in ("Autre", "autre@", "velo"))

    db.session.rollback()
    erased = cli.invoke(program, ["follow", "erase"], input=CODE)
    assert erased.exit_code == 0
    db.session.expire_all()
    kept = db.session.get(Opinion, kept_as[0])
    assert kept
    assert (kept.text, kept.moderation) == (TAKEN_BACK, "rejete")
    assert [contact.address for contact in db.session.query(Contact)] == ["autre@exemple.fr"]
    assert db.session.query(FollowCode).count() == 1
    rest = db.session.get(Opinion, kept_as[1])
    assert rest
    assert rest.text == "Autre avis."
    db.session.rollback()
    assert cli.invoke(program, ["follow", "erase"], input=CODE).exit_code == 1


@pytest.mark.parametrize("typed", ["", "bonjour", "tissu scene cameleon ciboule cocktail"])
def test_command_says_what_is_wrong(cli: FlaskCliRunner, town: Town, typed: str):
    result = cli.invoke(program, ["follow", "show"], input=typed)
    assert result.exit_code == 1
    assert "Aucun avis n'a ce code." in result.output
