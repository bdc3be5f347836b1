"""People's administration: invite, change, close, erase; what each role may give."""

import re

import pytest
import sqlalchemy as sa

from participation import journal
from participation.extensions import db
from participation.people import rules
from participation.people.models import Account, AccountIdentity, OneTimeLink, OutboxMail
from tests.people.conftest import link_in
from tests.support import factory
from tests.support.filling import fields_of, fill, send

INVITE = "/admin/personnes/inviter"
NEW = "nouvelle@exemple.fr"


@pytest.fixture
def places(app):
    with app.app_context():
        arras = factory.make_commune("arras")
        factory.make_quartier("quatre-as", [arras])
        factory.make_body("fabrique", [arras])
        db.session.commit()


@pytest.fixture
def act_as(app, client, make_person, make_link, places):
    """Sign in with a role; gives the account's number."""

    def act_as(role="admin", email="cheffe@exemple.fr"):
        number = make_person(email, role)
        path = make_link(number)
        assert send(client, client.get(path), path).status_code == 303
        return number

    return act_as


def invite(client, email=NEW, role="animateur", function="Animatrice, centre social", scopes=("commune:arras",)):
    return fill(client, INVITE, email=email, role=role, function=function, scopes=list(scopes))


def number_of(app, email=NEW) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(AccountIdentity.account_id).where(AccountIdentity.email == email))


def sentences(app, number) -> str:
    with app.app_context():
        entries = journal.list_entries(db.session(), "account", str(number))
        return " ".join(f"{entry.actor} {entry.sentence} {entry.details}" for entry in entries)


@pytest.mark.both_databases
def test_admin_invites(app, client, act_as, mails):
    act_as()
    answer = invite(client, email=" Nouvelle@Exemple.fr ")
    number = number_of(app)
    assert (answer.status_code, answer.location) == (303, f"/admin/personnes/{number}")
    page = client.get(answer.location)
    shown = re.search(r"/equipe/entrer/[\w-]+", page.text)
    [(to, _subject, body)] = mails()
    assert to == NEW
    assert shown
    assert shown[0] == link_in(body)
    again = client.get(answer.location)
    assert "/equipe/entrer/" not in again.text, "shown once"
    other = app.test_client()
    assert send(other, other.get(shown[0]), shown[0]).status_code == 303
    assert other.get("/equipe/compte").status_code == 200
    assert "exemple.fr" not in sentences(app, number)
    assert "Animatrice, centre social" in sentences(app, number)
    assert client.get("/admin/personnes").text.count(NEW) == 1


def test_a_double_click_invites_once(app, client, act_as, mails):
    act_as()
    page = client.get(INVITE, follow_redirects=True)
    values = {"email": NEW, "role": "elu", "function": "Adjointe"}
    first, second = (send(client, page, INVITE, **values) for _ in range(2))
    assert first.location == second.location
    assert len(mails()) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"email": "nouvelle"}, "prenom.nom@exemple.fr"),
        ({"email": ""}, "prenom.nom@exemple.fr"),
        ({"email": "cheffe@exemple.fr"}, "déjà un compte"),
        ({"function": " "}, "Écrivez la fonction"),
        ({"function": "x" * 201}, "trop long"),
        ({"scopes": []}, "au moins un lieu"),
        ({"role": "admin"}, "ne cochez aucun lieu"),
        ({"role": "representant"}, "que des instances"),
        ({"scopes": ["commune:nulle-part"]}, ""),
        ({"role": "empereur", "scopes": []}, ""),
    ],
)
def test_a_faulty_invitation_comes_back_as_typed(app, client, act_as, mails, values, sentence):
    act_as()
    answer = invite(client, **({"function": "Écoute du quartier"} | values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Écoute du quartier" in answer.text or "function" in values
    assert mails() == []


@pytest.mark.parametrize(
    ("role", "scopes"), [("animateur", ("quartier:quatre-as",)), ("representant", ("instance:fabrique",))]
)
def test_chef_projet_invites_animators_and_representatives(app, client, act_as, role, scopes):
    act_as("chef_projet")
    assert invite(client, role=role, scopes=scopes).status_code == 303
    assert number_of(app)


@pytest.mark.parametrize("role", ["admin", "chef_projet", "elu"])
def test_chef_projet_cannot_invite_others(app, client, act_as, role):
    act_as("chef_projet")
    assert f'value="{role}"' not in client.get(INVITE, follow_redirects=True).text
    assert invite(client, role=role, scopes=()).status_code == 422
    assert number_of(app) is None


def test_chef_projet_reads_the_addresses_of_those_whom_they_invite(client, act_as, make_person):
    act_as("chef_projet")
    elu = make_person("elue@exemple.fr", "elu")
    animator = make_person("animatrice@exemple.fr")
    listed = client.get("/admin/personnes").text
    assert "animatrice@exemple.fr" in listed
    assert "elue@exemple.fr" not in listed
    assert "elue@exemple.fr" not in client.get(f"/admin/personnes/{elu}").text
    assert "animatrice@exemple.fr" in client.get(f"/admin/personnes/{animator}").text


@pytest.mark.parametrize("verb", ["", "/desactiver", "/reactiver", "/effacer"])
def test_chef_projet_cannot_manage(client, act_as, make_person, verb):
    act_as("chef_projet")
    number = make_person("animatrice@exemple.fr")
    token = fields_of(client.get("/equipe/compte"))["csrf_token"]
    assert client.post(f"/admin/personnes/{number}{verb}", data={"csrf_token": token}).status_code == 404


def change(client, number, **values):
    return fill(client, f"/admin/personnes/{number}", **values)


def test_admin_changes_role_and_places(app, client, act_as, make_person):
    act_as()
    number = make_person("animatrice@exemple.fr")
    answer = change(client, number, role="representant", scopes=["instance:fabrique"], function="Représentante")
    assert answer.status_code == 303
    with app.app_context():
        account = db.session.get(Account, number)
        assert (account.role, account.function) == ("representant", "Représentante")
        assert [(scope.kind, scope.slug) for scope in account.scopes] == [("instance", "fabrique")]
    assert "le rôle, les lieux, la fonction" in sentences(app, number)
    assert change(client, number, scopes=["instance:fabrique"]).status_code == 303, "saving the same again is nothing"


def test_admin_cannot_change_their_own_role(app, client, act_as, make_person):
    number = act_as()
    make_person("autre@exemple.fr", "admin")
    answer = change(client, number, role="elu")
    assert answer.status_code == 422
    assert "votre propre rôle" in answer.text
    assert change(client, number, function="Cheffe de service").status_code == 303


@pytest.mark.parametrize("verb", ["desactiver", "effacer"])
def test_admin_cannot_close_their_own_account(app, client, act_as, make_person, verb):
    number = act_as()
    make_person("autre@exemple.fr", "admin")
    token = fields_of(client.get("/equipe/compte"))["csrf_token"]
    assert client.post(f"/admin/personnes/{number}/{verb}", data={"csrf_token": token}).status_code == 422
    assert client.get("/equipe/compte").status_code == 200


def test_the_last_admin_stays(app, make_person):
    number = make_person("cheffe@exemple.fr", "admin")
    with app.app_context():
        account = db.session.get(Account, number)
        for act in (
            lambda: rules.deactivate(db.session(), account, None),
            lambda: rules.erase_identity(db.session(), account, None),
            lambda: rules.change_account(db.session(), account, role="elu", scopes=[], function="x", by=None),
        ):
            with pytest.raises(rules.Refusal, match="dernier compte"):
                act()


def test_a_change_on_an_older_version_shows_both(app, client, act_as, make_person):
    act_as()
    number = make_person("animatrice@exemple.fr", "elu")
    page = client.get(f"/admin/personnes/{number}")
    assert change(client, number, function="Première").status_code == 303
    stale = send(client, page, f"/admin/personnes/{number}", function="Seconde")
    assert stale.status_code == 409
    assert "Première" in stale.text
    assert 'value="Seconde"' in stale.text
    assert send(client, stale, f"/admin/personnes/{number}").status_code == 303
    with app.app_context():
        assert db.session.get(Account, number).function == "Seconde"


def test_a_double_click_on_a_change_goes_on(client, act_as, make_person):
    act_as()
    number = make_person("animatrice@exemple.fr", "elu")
    page = client.get(f"/admin/personnes/{number}")
    answers = [send(client, page, f"/admin/personnes/{number}", function="Nouvelle") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]


def test_a_change_of_places_alone_makes_a_new_version(app, make_person, places):
    number = make_person("animatrice@exemple.fr", "elu")
    with app.app_context():
        account = db.session.get(Account, number)
        before = account.version
        rules.change_account(
            db.session(), account, role="elu", scopes=[("commune", "arras")], function=account.function, by=None
        )
        db.session.commit()
        assert account.version == before + 1


def test_admin_closes_and_opens_an_account(app, client, act_as, make_person, make_link):
    act_as()
    number = make_person("animatrice@exemple.fr")
    path = make_link(number)
    assert fill(client, f"/admin/personnes/{number}", f"/admin/personnes/{number}/desactiver").status_code == 303
    assert client.get(path).status_code == 410
    assert fill(client, f"/admin/personnes/{number}", f"/admin/personnes/{number}/reactiver").status_code == 303
    assert client.get(path).status_code == 410, "the old link stays dead"
    assert client.get(make_link(number)).status_code == 200


def test_a_reopened_account_whose_invitation_ended_needs_another(app, client, act_as, make_person, make_link, mails):
    act_as()
    number = make_person("animatrice@exemple.fr")
    make_link(number, "invitation")
    for verb in ("desactiver", "reactiver"):
        fill(client, f"/admin/personnes/{number}", f"/admin/personnes/{number}/{verb}")
    fill(app.test_client(), "/equipe/connexion", email="animatrice@exemple.fr")
    assert mails() == []
    assert fill(client, f"/admin/personnes/{number}", f"/admin/personnes/{number}/invitation").status_code == 303
    assert len(mails()) == 1


def test_erasing_leaves_nothing_of_the_person(app, client, act_as, make_person, make_link):
    act_as()
    number = make_person("a-effacer@exemple.fr")
    make_link(number)
    fill(app.test_client(), "/equipe/connexion", email="a-effacer@exemple.fr")
    page = client.get(f"/admin/personnes/{number}/effacer")
    assert "Fonction d&#39;essai" in page.text
    assert send(client, page, f"/admin/personnes/{number}/effacer").status_code == 303
    with app.app_context():
        account = db.session.get(Account, number)
        assert (account.function, account.active, account.identity) == ("Fonction d'essai", False, None)
        assert db.session.scalars(sa.select(OutboxMail)).all() == []
        assert db.session.scalars(sa.select(OneTimeLink).where(OneTimeLink.account_id == number)).all() == []
        for table in db.metadata.sorted_tables:
            rows = db.session.execute(sa.select(table)).all()
            assert not any("a-effacer" in str(value) for row in rows for value in row), table.name
    assert client.get("/admin/personnes").status_code == 200
    assert client.get(f"/admin/personnes/{number}").status_code == 200
    assert invite(client, email="a-effacer@exemple.fr").status_code == 303, "the address may come back"


def test_nobody_is_invited_twice_once_they_came(client, act_as, make_person, make_link):
    """A second invitation, shown to who makes it, would let them act as somebody else."""
    act_as()
    number = make_person("animatrice@exemple.fr")
    token = fields_of(client.get("/equipe/compte"))["csrf_token"]
    answer = client.post(f"/admin/personnes/{number}/invitation", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "déjà venue" in answer.text


def test_chef_projet_cannot_renew_the_invitation_of_an_elu(client, act_as, make_person, make_link):
    act_as("chef_projet")
    number = make_person("elue@exemple.fr", "elu")
    make_link(number, "invitation")
    token = fields_of(client.get("/equipe/compte"))["csrf_token"]
    answer = client.post(f"/admin/personnes/{number}/invitation", data={"csrf_token": token})
    assert answer.status_code == 422


@pytest.mark.parametrize("number", ["0", "99999", "2147483648", "99999999999999999999"])
def test_an_account_that_is_not_there_is_not_found(client, act_as, number):
    act_as()
    assert client.get(f"/admin/personnes/{number}").status_code == 404


def test_the_list_costs_the_same_for_many(app, client, act_as, make_person):
    from tests.support.database import count_queries

    act_as()
    make_person("a@exemple.fr", "animateur", ("commune", "arras"))
    with count_queries(app) as few:
        client.get("/admin/personnes")
    for number in range(20):
        make_person(f"personne-{number}@exemple.fr", "animateur", ("commune", "arras"))
    with count_queries(app) as many:
        client.get("/admin/personnes")
    assert many.number == few.number <= 10
