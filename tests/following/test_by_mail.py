"""Being told by mail, from the form to the last mail: a real mail server, browsers that were never here, no scripts."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskCliRunner
from playwright.sync_api import Page, expect

from participation.cli import program
from participation.extensions import db
from participation.following import rules
from participation.following.models import Contact
from participation.opinions import rules as opinions
from participation.opinions.models import Opinion
from tests.following.conftest import CODE
from tests.support.apps import dispose, make_app
from tests.support.browser import NewContext
from tests.support.factory import make_account, make_contract, make_meeting, make_opinion
from tests.support.smtp import Mailbox

ADDRESS = "amina@exemple.fr"
WORDS = "Il manque un abri devant le collège."


@pytest.fixture
def app(db_url: str, tmp_path: Path, mail_server: Controller) -> Iterator[Flask]:
    """The application, which sends its mails to the tests' server."""
    address = f"smtp://127.0.0.1:{mail_server.port}"
    app = make_app(db_url, tmp_path / "instance", mail_url=address, mail_from="participation@exemple.fr")
    yield app
    dispose(app)


@pytest.fixture
def sent(app_context: Flask) -> Opinion:
    """An opinion that was just sent, followed by CODE."""
    make_contract()
    opinion = make_opinion(text=WORDS, meeting=make_meeting("cafe"), moderation="en_attente", channel="telephone")
    rules.attach(db.session(), CODE, opinion)
    db.session.commit()
    return opinion


@pytest.fixture
def work(cli: FlaskCliRunner) -> Callable[[], None]:
    """Do what `participation work --once` does."""

    def one_round() -> None:
        result = cli.invoke(program.commands["work"], ["--once"])
        assert result.exit_code == 0, result.output

    return one_round


def publish(opinion: Opinion) -> None:
    """Let the team have read it."""
    opinions.moderate(db.session(), db.session.merge(opinion), "publie", by=make_account())
    db.session.commit()


def test_from_the_form_to_the_last_mail(
    live_server: str, sent: Opinion, mailbox: Mailbox, work: Callable[[], None], new_context: NewContext
) -> None:
    def stranger() -> Page:
        return new_context(java_script_enabled=False).new_page()

    page = stranger()
    page.goto(f"{live_server}/suivi")
    page.get_by_role("textbox").fill(CODE.replace("-", " "))
    page.get_by_role("button", name="Voir mon avis").click()
    page.get_by_role("link", name="Recevoir un courriel").click()
    page.get_by_label("Votre adresse de courriel").fill(ADDRESS)
    page.get_by_role("button", name="Envoyer mon adresse").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    expect(page.get_by_label("Votre adresse de courriel")).to_have_value(ADDRESS)
    page.get_by_label("J'accepte de recevoir").check()
    page.get_by_label("J'ai 15 ans ou plus.").check()
    page.get_by_role("button", name="Envoyer mon adresse").click()
    expect(page.get_by_text("Ouvrez le courriel et confirmez votre adresse.")).to_be_visible()

    work()
    [asked] = mailbox.received
    assert (asked["To"], asked["Subject"]) == (ADDRESS, "Confirmez votre adresse")
    link = live_server + path_in(asked.get_content())
    confirming = stranger()
    confirming.goto(link)
    confirming.get_by_role("button", name="Confirmer mon adresse").click()
    expect(confirming.get_by_role("heading", level=1)).to_have_text("Votre adresse est confirmée")

    publish(sent)
    work()
    work()
    [_asked, told] = mailbox.received
    assert (told["To"], told["Subject"]) == (ADDRESS, "Il y a du nouveau")
    said = f"{told['Subject']} {told.get_content()}"
    assert not any(word in said for word in (*CODE.split("-"), "abri", "collège", "Café", "cafe"))

    last = stranger()
    last.goto(live_server + path_in(told.get_content()))
    last.get_by_role("button", name="Effacer mon adresse").click()
    expect(last.get_by_role("heading", level=1)).to_have_text("Votre adresse est effacée")
    assert db.session.query(Contact).count() == 0
    assert db.session.query(Opinion).one().text == WORDS


def path_in(mail: str) -> str:
    """Return the path of the link that a mail carries for its reader alone."""
    found = re.search(r"/prevenir/\w+", mail)
    assert found
    return found[0]
