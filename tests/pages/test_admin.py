"""The contract's settings: the delay of answers, confirmed once and for all loads of the file."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.bodies.load import load_contract
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.contract.models import Contract
from participation.database import now
from participation.extensions import db
from participation.journal import JournalEntry
from participation.people.mails import queue_mail
from participation.people.models import MailReport
from participation.permissions import PERMISSIONS
from tests.support import factory
from tests.support.checked_client import CheckedClient
from tests.support.filling import fill

pytestmark = pytest.mark.usefixtures("app_context")
DELAY = "/admin/delai-de-reponse"


@pytest.fixture
def contract(app_context: Flask) -> Contract:
    """The real contract, whose delay is to be confirmed."""
    load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
    db.session.commit()
    return db.session.scalars(sa.select(Contract)).one()


@pytest.fixture
def admin(client: CheckedClient, contract: Contract) -> CheckedClient:
    """An administrator's browser."""
    factory.sign_in(client, factory.make_account("admin", function="Cheffe de la mission"))
    return client


def lines() -> list[JournalEntry]:
    query = sa.select(JournalEntry).where(JournalEntry.action == "contract.delay_confirmed").order_by(JournalEntry.id)
    return list(db.session.scalars(query))


def test_admin_can_confirm_the_delay(admin: CheckedClient, contract: Contract) -> None:
    page = admin.get("/admin").get_data(as_text=True)
    assert "60 jours sont proposés" in page
    assert fill(admin, "/admin", DELAY, days="45").headers["Location"] == "/admin"
    db.session.refresh(contract)
    assert (contract.response_days, contract.response_days_confirmed) == (45, True)
    line = lines()[0]
    assert line.sentence == "Délai de réponse confirmé : 45 jours."
    assert line.actor == "Cheffe de la mission"
    assert line.details == {"response_days": [60, 45], "response_days_confirmed": [False, True]}
    page = admin.get("/admin").get_data(as_text=True)
    assert "Confirmé : 45 jours." in page
    assert "sous 45 jours" in admin.get("/contrat").get_data(as_text=True)


def test_confirming_twice_writes_one_line(admin: CheckedClient, contract: Contract) -> None:
    for _again in range(2):
        assert fill(admin, "/admin", DELAY, days="60").status_code == 303
    assert len(lines()) == 1
    assert fill(admin, "/admin", DELAY, days="90").status_code == 303
    assert [line.details for line in lines()][1] == {"response_days": [60, 90]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Écrivez un nombre de jours"),
        ("0", "de 1 à 365 jours"),
        ("366", "de 1 à 365 jours"),
        ("deux mois", "Écrivez un nombre entier"),
        ("-3", "Écrivez un nombre entier"),
    ],
)
def test_admin_cannot_confirm_nonsense(admin: CheckedClient, contract: Contract, typed: str, said: str) -> None:
    answer = fill(admin, "/admin", DELAY, days=typed)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert said in text
    assert f'value="{typed}"' in text
    db.session.refresh(contract)
    assert not contract.response_days_confirmed
    assert not lines()


def test_confirmed_delay_stays_after_the_file_is_loaded_again(
    admin: CheckedClient, contract: Contract, tmp_path: Path
) -> None:
    fill(admin, "/admin", DELAY, days="45")
    changed = tmp_path / "contrat.toml"
    changed.write_text(
        SHIPPED_CONTRACT.read_text().replace('contrat.nom = "Cœur de quartier"', 'contrat.nom = "Cœur de ville"', 1)
    )
    for path in (SHIPPED_CONTRACT, changed):
        load_contract(db.session(), read_contract(path))
        db.session.commit()
        db.session.refresh(contract)
        assert (contract.response_days, contract.response_days_confirmed) == (45, True)
    assert contract.name == "Cœur de ville"


def test_settings_say_what_the_operator_left_open(admin: CheckedClient) -> None:
    page = admin.get("/admin").get_data(as_text=True)
    for variable in ("PUBLISHER", "HOST_NAME", "DPO_CONTACT", "CONTACT_PHONE", "CONTACT_EMAIL", "MAIL_URL"):
        assert f"<code>{variable}</code>" in page


def test_without_a_contract_the_settings_say_how_to_load_one(client: CheckedClient) -> None:
    factory.sign_in(client, factory.make_account("admin"))
    assert "participation init" in client.get("/admin").get_data(as_text=True)


@pytest.mark.parametrize("role", ["chef_projet", "animateur", "elu", "representant"])
def test_others_cannot_see_or_change_the_settings(client: CheckedClient, contract: Contract, role: str) -> None:
    assert "contract.manage" in PERMISSIONS
    factory.sign_in(client, factory.make_account(role, ("commune", "arras")))
    assert client.get("/admin").status_code == 404
    assert client.get("/equipe/compte").status_code == 200


def test_stranger_is_sent_to_sign_in(client: CheckedClient) -> None:
    answer = client.get("/admin")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/equipe/connexion?suite=")


def test_admin_learns_of_mails_that_may_not_have_arrived(admin: CheckedClient) -> None:
    assert "Aucun courriel n'attend." in admin.get("/admin").get_data(as_text=True)
    queue_mail(db.session(), "a", "quelquun@exemple.fr", "Votre lien", "Bonjour")
    report = MailReport(message_id="abc123", at=now(), why="inconnu", subject="Votre lien de connexion")
    db.session.add(report)
    db.session.commit()
    page = admin.get("/admin").get_data(as_text=True)
    assert "1 courriel attend de partir" in page
    assert "1 courriel n'est peut-être pas arrivé." in page
    assert "abc123" in page
    assert "On ne sait pas s'il est parti" in page.replace("&#39;", "'")
    assert "quelquun@exemple.fr" not in page
