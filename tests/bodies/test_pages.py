"""Instances on screen: for everybody, and for the team."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine

from participation.bodies import rules
from participation.bodies.load import load_contract
from participation.bodies.models import Body, BodyAlias, BodyKind, Mandate, MandatePerson
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.people.models import Account
from tests.support import factory
from tests.support.database import count_queries
from tests.support.filling import fields_of, fill, send

TEAM = "/equipe/instances"
COUNCIL = {
    "name": "Conseil de quartier Est",
    "kind": "conseil_de_quartier",
    "family": "participation",
    "scale": "communale",
    "communes": ["arras"],
    "quartiers": ["saint-michel-goudemand"],
    "level": "concertation",
    "opened_on": "12/03/2026",
}


@pytest.fixture
def contract(app):
    with app.app_context():
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        db.session.commit()


@pytest.fixture
def act_as(app, client, contract):
    """Sign in with a role and scopes."""

    def act_as(role="admin", *scopes):
        with app.app_context():
            factory.sign_in(client, factory.make_account(role, *scopes))

    return act_as


def count(app, table) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table))


def close(app, slug, on=dt.date(2026, 3, 12)) -> None:
    with app.app_context():
        body = db.session.scalar(sa.select(Body).where(Body.slug == slug))
        rules.close_body(db.session(), body, on=on, reason="Regroupée avec la voisine", end_mandates=True, by=None)
        db.session.commit()


# For everybody


def test_everybody_reads_the_list_by_commune(client, contract):
    text = client.get("/instances").text
    assert text.index("<h2>Arras</h2>") < text.index("<h2>Achicourt</h2>") < text.index("Plusieurs communes ensemble")
    assert "Commission citoyenne Jean Jaurès" in text
    assert text.count('href="/instances/') == 35


def test_everybody_chooses_a_commune_and_a_family(client, contract):
    text = client.get("/instances?commune=beaurains&famille=participation").text
    assert "conseil-participatif-beaurains" in text
    assert "fabrique-citoyenne" not in text
    assert "comite-pilotage-cua" not in text
    assert "comite-pilotage-cua" in client.get("/instances?commune=beaurains").text
    assert client.get("/instances?commune=nulle-part&famille=x").text.count('href="/instances/') == 35


def test_an_empty_choice_says_so(client, app):
    with app.app_context():
        factory.make_commune("arras")
        db.session.commit()
    assert "Aucune instance" in client.get("/instances?commune=arras").text


def test_closed_instances_stand_apart(app, client, contract):
    close(app, "fabrique-citoyenne")
    with time_machine.travel("2026-03-13T12:00:00Z"):
        text = client.get("/instances").text
        assert text.index("Instances fermées") < text.index("fabrique-citoyenne")
        page = client.get("/instances/fabrique-citoyenne").text
        assert "fermée depuis le 12 mars 2026" in page
        assert "Regroupée avec la voisine" in page
    with time_machine.travel("2026-03-12T12:00:00Z"):
        text = client.get("/instances").text
        assert text.index("fabrique-citoyenne") < text.index("Instances fermées"), "its last day is an open day"


def test_a_page_says_what_an_instance_is(client, contract):
    text = client.get("/instances/commission-jean-jaures-cheminots").text
    for words in (
        "Commission citoyenne",
        "Concertation",
        "deux fois par an",
        "Fabrique citoyenne",
        "Contrat, ligne 1725",
    ):
        assert words in text
    assert "Elle a 2 places dans chaque instance de ce genre : Conseil de quartier" in text
    assert "Gérer cette instance" not in text


def test_a_page_says_what_the_text_only_implies(client, contract):
    text = client.get("/instances/commission-saint-michel-goudemand").text
    assert "déduite du texte, ligne 1749" in text
    assert "déduite" not in client.get("/instances/fabrique-citoyenne").text


def test_a_page_gives_the_other_names(client, contract):
    assert "Fabrique des quartiers" in client.get("/instances/fabrique-citoyenne").text


def test_a_page_shows_the_questions_of_a_campaign(client, contract):
    assert "Les questions posées" in client.get("/instances/parole-aux-quartiers-2023").text


def test_a_page_shows_meetings_and_proposals(app, client, contract):
    with app.app_context(), time_machine.travel("2026-03-01T12:00:00Z"):
        body = db.session.scalar(sa.select(Body).where(Body.slug == "fabrique-citoyenne"))
        factory.make_meeting("renc-1", [body], title="Café sur la place")
        factory.make_meeting("renc-2", [body], title="Balade passée", held_on=dt.date(2026, 2, 1), status="tenue")
        factory.make_meeting("renc-3", title="Ailleurs")
        db.session.commit()
    with time_machine.travel("2026-03-01T12:00:00Z"):
        text = client.get("/instances/fabrique-citoyenne").text
    assert text.index("Prochaines rencontres") < text.index("Café sur la place") < text.index("Balade passée")
    assert "Ailleurs" not in text


def test_an_unknown_instance_is_not_found(client, contract):
    assert client.get("/instances/nulle-part").status_code == 404


def test_the_pages_cost_the_same_for_many(app, client, contract):
    client.get("/instances")
    with count_queries(app) as few:
        client.get("/instances")
    with count_queries(app) as one:
        client.get("/instances/fabrique-citoyenne")
    with app.app_context():
        communes = [factory.make_commune() for _ in range(5)]
        body = db.session.scalar(sa.select(Body).where(Body.slug == "fabrique-citoyenne"))
        for number in range(30):
            factory.make_body(communes=communes[number % 5 : number % 5 + 1])
            factory.make_meeting(bodies=[body])
        db.session.commit()
    with count_queries(app) as many:
        client.get("/instances")
    with count_queries(app) as full:
        client.get("/instances/fabrique-citoyenne")
    assert many.number == few.number <= 8
    assert full.number <= one.number + 3 <= 30, "two lists with something in them, whatever their length"


# For the team


@pytest.mark.both_databases
def test_the_team_creates_a_council(app, client, act_as):
    act_as("chef_projet")
    answer = fill(client, f"{TEAM}/nouvelle", **COUNCIL)
    assert (answer.status_code, answer.location) == (303, f"{TEAM}/conseil-de-quartier-est")
    text = client.get("/instances/conseil-de-quartier-est").text
    assert "12 mars 2026" in text
    assert "2 places pour chacune de ces instances" in text, "the contract's seats in a council of this kind"
    assert "Instance créée" in client.get(answer.location).text


def test_a_double_click_creates_one(app, client, act_as):
    act_as()
    page = client.get(f"{TEAM}/nouvelle", follow_redirects=True)
    answers = [send(client, page, f"{TEAM}/nouvelle", **COUNCIL) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert count(app, Body) == 36


def test_a_new_kind_is_written_in_the_form(app, client, act_as):
    act_as()
    values = COUNCIL | {"kind": "", "new_kind": "Assemblée de rue", "name": "Assemblée rue de Bapaume"}
    assert fill(client, f"{TEAM}/nouvelle", **values).status_code == 303
    with app.app_context():
        assert db.session.get(BodyKind, "assemblee_de_rue").name == "Assemblée de rue"
    assert "Assemblée de rue" in client.get("/instances/assemblee-rue-de-bapaume").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Écrivez le nom"),
        ({"communes": []}, "Cochez au moins une commune"),
        ({"communes": ["arras", "achicourt"]}, "une seule commune"),
        ({"scale": "intercommunale"}, "au moins deux communes"),
        ({"quartiers": ["quatre-as"]}, "Quatre As"),
        ({"opened_on": ""}, "date d&#39;ouverture"),
        ({"opened_on": "31/02/2026"}, "existe pas"),
        ({"opened_on": "01/01/1926"}, "loin du contrat"),
        ({"kind": ""}, "Choisissez un genre"),
        ({"name": "Commission citoyenne Saint-Michel Goudemand"}, "même nom"),
    ],
)
def test_a_faulty_instance_comes_back_as_typed(app, client, act_as, change, sentence):
    act_as()
    answer = fill(client, f"{TEAM}/nouvelle", **(COUNCIL | {"note": "Écoute & échange"} | change))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Écoute &amp; échange" in answer.text
    assert count(app, Body) == 35


def test_the_team_renames_an_instance(app, client, act_as):
    act_as()
    answer = fill(client, f"{TEAM}/fabrique-citoyenne/modifier", name="La Fabrique")
    assert answer.location == f"{TEAM}/fabrique-citoyenne"
    text = client.get("/instances/fabrique-citoyenne").text
    assert "La Fabrique" in text
    assert "Fabrique citoyenne" in text.split("aussi :")[1]
    assert "devient « La Fabrique »" in client.get(answer.location).text


def test_the_next_load_of_the_contract_keeps_what_the_team_did(app, client, act_as):
    act_as()
    fill(client, f"{TEAM}/fabrique-citoyenne/modifier", name="La Fabrique", kind="", new_kind="Fabrique")
    fill(client, f"{TEAM}/nouvelle", **(COUNCIL | {"kind": "", "new_kind": "Assemblée de rue"}))
    with app.app_context():
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        db.session.commit()
        body = db.session.scalar(sa.select(Body).where(Body.slug == "fabrique-citoyenne"))
        assert (body.name, body.kind) == ("La Fabrique", "fabrique")
        assert "Fabrique citoyenne" in {alias.name for alias in body.aliases}
        assert db.session.get(BodyKind, "assemblee_de_rue")


def test_two_people_do_not_overwrite_each_other(app, client, act_as):
    act_as()
    page = client.get(f"{TEAM}/fabrique-citoyenne/modifier")
    assert fill(client, f"{TEAM}/fabrique-citoyenne/modifier", name="La Première").status_code == 303
    stale = send(client, page, f"{TEAM}/fabrique-citoyenne/modifier", name="La Seconde")
    assert stale.status_code == 409
    assert "Quelqu&#39;un d&#39;autre a changé cette fiche" in stale.text
    assert "La Première" in stale.text
    assert 'value="La Seconde"' in stale.text
    assert send(client, stale, f"{TEAM}/fabrique-citoyenne/modifier").status_code == 303
    with app.app_context():
        body = db.session.scalar(sa.select(Body).where(Body.slug == "fabrique-citoyenne"))
        assert body.name == "La Seconde"
        assert {alias.name for alias in body.aliases} >= {"La Première", "Fabrique citoyenne"}


def test_a_resend_of_a_change_goes_on(app, client, act_as):
    act_as()
    page = client.get(f"{TEAM}/fabrique-citoyenne/modifier")
    answers = [send(client, page, f"{TEAM}/fabrique-citoyenne/modifier", name="La Fabrique") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert count(app, BodyAlias) == 2


def test_the_team_closes_and_reopens(client, act_as):
    act_as()
    where = f"{TEAM}/fabrique-citoyenne/fermer"
    bad = fill(client, where, closed_on="12/03/2026", reason="")
    assert bad.status_code == 422
    assert 'value="2026-03-12"' in bad.text
    page = client.get(where)
    answers = [send(client, page, where, closed_on="12/03/2025", reason="Regroupée") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "fermée depuis le 12 mars 2025" in client.get("/instances/fabrique-citoyenne").text
    assert fill(client, f"{TEAM}/fabrique-citoyenne", f"{TEAM}/fabrique-citoyenne/rouvrir").status_code == 303
    assert "fermée" not in client.get("/instances/fabrique-citoyenne").text


# Mandates


def add_mandate(client, slug="fabrique-citoyenne", **values):
    defaults = {"kind": "membre", "started_on": "2026-01-01"}
    return fill(client, f"{TEAM}/{slug}/mandats/nouveau", **(defaults | values))


def test_an_animator_writes_and_reads_names_in_their_scope(app, client, act_as):
    act_as("animateur", ("commune", "achicourt"))
    assert add_mandate(client, name="Camille Fictif").status_code == 303
    assert "Camille Fictif" in client.get(f"{TEAM}/fabrique-citoyenne/mandats").text
    ref = _ref(app)
    answer = fill(client, f"{TEAM}/fabrique-citoyenne/mandats", f"{TEAM}/fabrique-citoyenne/mandats/{ref}/effacer-nom")
    assert answer.status_code == 303
    assert count(app, MandatePerson) == 0
    assert count(app, Mandate) == 1


@pytest.mark.parametrize(
    ("role", "scopes"),
    [("admin", ()), ("chef_projet", ()), ("representant", (("instance", "fabrique-citoyenne"),))],
)
def test_others_edit_mandates_without_names(app, client, act_as, role, scopes):
    act_as("animateur", ("commune", "achicourt"))
    add_mandate(client, name="Camille Fictif")
    act_as(role, *scopes)
    page = client.get(f"{TEAM}/fabrique-citoyenne/mandats")
    assert "Camille Fictif" not in page.text
    assert 'name="name"' not in client.get(f"{TEAM}/fabrique-citoyenne/mandats/nouveau", follow_redirects=True).text
    assert add_mandate(client, name="Dominique Fictif").status_code == 303
    assert count(app, MandatePerson) == 1, "a name sent all the same is not kept"
    token = fields_of(client.get("/equipe/compte"))["csrf_token"]
    erased = client.post(f"{TEAM}/fabrique-citoyenne/mandats/{_ref(app)}/effacer-nom", data={"csrf_token": token})
    assert erased.status_code == 404


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("animateur", (("commune", "arras"),)),
        ("representant", (("instance", "eapq-arras"),)),
        ("elu", (("commune", "achicourt"),)),
    ],
)
def test_out_of_scope_there_are_no_mandates(client, act_as, role, scopes):
    act_as(role, *scopes)
    assert client.get(f"{TEAM}/fabrique-citoyenne/mandats").status_code == 404


def test_a_representative_sits_somewhere(app, client, act_as):
    act_as()
    assert add_mandate(client, kind="representant").status_code == 422
    assert add_mandate(client, kind="representant", seat_body="conseil-quartier-achicourt-1").status_code == 303
    assert "1 personne représente ici" in client.get("/instances/conseil-quartier-achicourt-1").text
    assert "Fabrique citoyenne" in client.get(f"{TEAM}/conseil-quartier-achicourt-1/mandats").text


def test_a_double_click_adds_one_mandate(app, client, act_as):
    act_as()
    where = f"{TEAM}/fabrique-citoyenne/mandats/nouveau"
    page = client.get(where, follow_redirects=True)
    for _ in range(2):
        assert send(client, page, where, started_on="2026-01-01").status_code == 303
    assert count(app, Mandate) == 1


def test_a_mandate_ends(app, client, act_as):
    act_as()
    add_mandate(client)
    where = f"{TEAM}/fabrique-citoyenne/mandats/{_ref(app)}/fin"
    assert fill(client, where, ended_on="31/12/2025").status_code == 422
    assert fill(client, where, ended_on="31/03/2026").status_code == 303
    assert "31/03/2026" in client.get(f"{TEAM}/fabrique-citoyenne/mandats").text


def test_a_mandate_is_found_under_its_own_instance_alone(app, client, act_as):
    act_as("representant", ("instance", "eapq-arras"))
    with app.app_context():
        body = db.session.scalar(sa.select(Body).where(Body.slug == "fabrique-citoyenne"))
        rules.add_mandate(
            db.session(),
            body,
            kind="membre",
            started_on=dt.date(2026, 1, 1),
            ended_on=None,
            seat_body=None,
            name=None,
            by=None,
        )
        db.session.commit()
    assert client.get(f"{TEAM}/fabrique-citoyenne/mandats/{_ref(app)}/fin").status_code == 404
    assert client.get(f"{TEAM}/eapq-arras/mandats/{_ref(app)}/fin").status_code == 404


def _ref(app) -> str:
    with app.app_context():
        return db.session.scalar(sa.select(Mandate.ref).order_by(Mandate.id))


def test_an_animator_sees_the_instances_of_their_scope(client, act_as):
    act_as("animateur", ("commune", "achicourt"))
    text = client.get(TEAM).text
    assert "fabrique-citoyenne" in text
    assert "comite-pilotage-cua" in text, "an instance of several communes is theirs too"
    assert "eapq-arras" not in text
    assert "nouvelle" not in text


def test_the_account_of_a_request_is_the_sessions(app, client, act_as):
    act_as("admin")
    assert count(app, Account) == 1
