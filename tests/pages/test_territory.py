"""The public pages of the contract, its communes and quartiers, on both contracts."""

import datetime as dt
import re

import pytest
import time_machine
from flask import Flask

from participation.bodies.load import load_contract
from participation.bodies.models import Body
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.contract.models import Commune, Objective, Quartier
from participation.database import now
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal, Step
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries

pytestmark = pytest.mark.usefixtures("app_context")
DAY = dt.date(2026, 3, 2)


@pytest.fixture
def real(app_context: Flask) -> None:
    """The real contract."""
    load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
    db.session.commit()


@pytest.fixture
def fictitious(app_context: Flask) -> None:
    """The small invented one."""
    load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
    db.session.commit()


def propose(ref: str, body: str, *codes: str, state: str = "recueillie", quartiers: tuple[str, ...] = ()) -> Proposal:
    """Record a proposal with one opinion that is published and one that waits."""
    proposal = Proposal(
        ref=ref,
        title=f"Proposition {ref}",
        body=db.session.query(Body).filter_by(slug=body).one(),
        received_on=DAY,
        state=state,
        state_on=DAY,
        created_at=now(),
        objectives=[db.session.query(Objective).filter_by(code=code).one() for code in codes],
        quartiers=[db.session.query(Quartier).filter_by(slug=slug).one() for slug in quartiers],
    )
    db.session.add(proposal)
    db.session.flush()
    for position, kind in enumerate(("recueillie", "transmise", "retenue"), start=1):
        step = Step(
            proposal=proposal,
            position=position,
            on_date=DAY,
            kind=kind,
            to_body=proposal.body if kind == "transmise" else None,
            reason="Utile.",
            short_answer="Oui.",
            created_at=now(),
        )
        db.session.add(step)
    for moderation, text in (("publie", f"Dit et publié pour {ref}"), ("en_attente", f"Dit et pas encore lu {ref}")):
        opinion = Opinion(
            ref=f"avis-{ref}-{moderation}",
            received_on=DAY,
            body=proposal.body,
            text=text,
            moderation=moderation,
            proposal_id=proposal.id,
            created_at=now(),
        )
        db.session.add(opinion)
    db.session.commit()
    return proposal


def meet(ref: str, body: str, held_on: dt.date, status: str = "prevue") -> None:
    organiser = db.session.query(Body).filter_by(slug=body).one()
    meeting = Meeting(
        ref=ref,
        title=f"Rencontre {ref}",
        type="reunion",
        held_on=held_on,
        status=status,
        created_at=now(),
        bodies=[organiser],
    )
    db.session.add(meeting)
    db.session.commit()


def page(client: CheckedClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status
    return " ".join(response.get_data(as_text=True).split())


def said(html: str) -> str:
    """Return the text without its tags."""
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("\xa0", " ").split())


@pytest.mark.usefixtures("real")
def test_anyone_can_read_the_tree_with_both_numbers(client: CheckedClient) -> None:
    text = page(client, "/contrat")
    assert "22 objectifs stratégiques imprimés (22 annoncés)" in text
    assert "107 objectifs opérationnels imprimés (103 annoncés)" in text
    assert "27 objectifs opérationnels imprimés (23 annoncés)" in text
    assert text.count('href="/contrat/') == 4 + 22 + 107
    assert "délai à fixer par les élus (60 jours proposés)" in text
    assert text.index("2E Lutter contre la précarité") < text.index("2E Accéder à des espaces naturels")


@pytest.mark.usefixtures("fictitious")
def test_another_contract_shows_as_it_is(client: CheckedClient) -> None:
    text = page(client, "/contrat")
    assert "<h1>Rives de l&#39;Anse</h1>" in text
    assert "sous 30 jours" in text
    assert "5 objectifs opérationnels imprimés (6 annoncés)" in text


@pytest.mark.parametrize(
    ("code", "kind", "title"),
    [
        ("TRA", "Ambition du contrat", "<h1>Quartier de transitions</h1>"),
        ("TRA-2", "Objectif stratégique", "<h1>2. Développer les espaces à vocation naturelle"),
        ("TRA-2Ebis", "Objectif opérationnel", "<h1>2E Accéder à des espaces naturels"),
    ],
)
@pytest.mark.usefixtures("real")
def test_anyone_can_read_an_objective(client: CheckedClient, code: str, kind: str, title: str) -> None:
    text = page(client, f"/contrat/{code}")
    assert kind in text
    assert title in text
    assert "Contrat, ligne" in text
    assert "Personne n'a encore parlé de cet objectif." in text


@pytest.mark.usefixtures("real")
def test_objective_shows_what_was_said_and_done_under_it(client: CheckedClient) -> None:
    propose("prop-1", "fabrique-citoyenne", "TRA-2Ebis", "TRA-2A", state="realisee")
    propose("prop-2", "fabrique-citoyenne", "TRA-1A")
    propose("prop-3", "fabrique-citoyenne", "TRA-2Ebis", state="regroupee")
    tree = page(client, "/contrat")
    assert "Quartier de transitions" in tree
    assert "(2 propositions, 1 réalisée)" in tree
    for code in ("TRA-2Ebis", "TRA-2"):
        text = page(client, f"/contrat/{code}")
        assert "2 avis d'habitants." in text
        assert "Fait : 1 proposition" in said(text)
        assert "Proposition prop-1" in text
        assert "Oui." in text
        assert "Dit et publié pour prop-1" in text
        assert "pas encore lu" not in text
        assert "prop-2" not in text
        assert "prop-3" not in text
    assert "Fait : 1 proposition" in said(page(client, "/contrat/TRA"))


@pytest.mark.usefixtures("real")
def test_unknown_places_and_codes_are_not_found(client: CheckedClient) -> None:
    for path in ("/contrat/XYZ-9", "/quartiers/nulle-part", "/communes/nulle-part", "/contrat/%00", "/quartiers/é"):
        assert client.get(path).status_code == 404


def test_without_a_contract_the_pages_say_so(client: CheckedClient) -> None:
    for path in ("/contrat", "/quartiers"):
        assert "Aucun contrat n'est encore chargé" in page(client, path)


@pytest.mark.usefixtures("real")
def test_anyone_can_list_communes_and_quartiers(client: CheckedClient) -> None:
    text = page(client, "/quartiers")
    assert text.count('href="/quartiers/chanteclair-cevennes"') == 2
    assert "Population non renseignée" in text
    assert "Territoire de vulnérabilité" in text
    assert "Bonnettes - St Pol - Baudimont + Blancs Monts - Hochettes : 7 200" in text.replace("\u202f", " ")


@time_machine.travel(dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC), tick=False)
@pytest.mark.usefixtures("real")
def test_quartier_shows_its_instances_meetings_and_proposals(client: CheckedClient) -> None:
    meet("renc-futur", "fabrique-citoyenne", dt.date(2026, 4, 1))
    meet("renc-passe", "fabrique-citoyenne", dt.date(2026, 2, 1), "tenue")
    meet("renc-ailleurs", "conseil-participatif-beaurains", dt.date(2026, 4, 1))
    propose("prop-ici", "fabrique-citoyenne", quartiers=("quatre-as",))
    propose("prop-portee", "fabrique-citoyenne")
    propose("prop-voisine", "fabrique-citoyenne", quartiers=("cheminots-jean-jaures-moulin-hacart",))
    quatre_as = db.session.query(Quartier).filter_by(slug="quatre-as").one()
    said = Opinion(
        ref="avis-q", received_on=DAY, quartier=quatre_as, text="Plus de bancs", moderation="publie", created_at=now()
    )
    db.session.add(said)
    text = page(client, "/quartiers/quatre-as")
    for shown in ("Fabrique citoyenne", "renc-futur", "renc-passe", "prop-ici", "prop-portee", "Plus de bancs"):
        assert shown in text
    for hidden in ("renc-ailleurs", "prop-voisine"):
        assert hidden not in text
    commune = page(client, "/communes/achicourt")
    for shown in ("Conseil de quartier 1", "Quatre As", "renc-futur", "prop-voisine", "Comité de pilotage"):
        assert shown in commune


@pytest.mark.usefixtures("real")
def test_unknown_population_and_code_are_said_not_zero(client: CheckedClient) -> None:
    text = page(client, "/quartiers/blancs-monts-hochettes")
    assert text.count("Non renseigné") == 2


@pytest.mark.parametrize(
    "path",
    ["/contrat", "/contrat/TRA", "/contrat/TRA-2", "/quartiers", "/quartiers/quatre-as", "/communes/achicourt"],
)
@pytest.mark.usefixtures("real")
def test_pages_cost_the_same_however_much_there_is(app: Flask, client: CheckedClient, path: str) -> None:
    def fill(start: int, stop: int) -> None:
        for n in range(start, stop):
            propose(f"prop-{n}", "fabrique-citoyenne", "TRA-2A", "TRA-1A", quartiers=("quatre-as",))
            meet(f"renc-{n}", "fabrique-citoyenne", dt.date(2026, 1, 1) + dt.timedelta(days=n), "tenue")

    fill(0, 2)
    with count_queries(app) as few:
        page(client, path)
    fill(2, 14)
    with count_queries(app) as many:
        page(client, path)
    assert many.number == few.number
    assert many.number <= 25


@pytest.mark.usefixtures("real")
def test_long_list_of_proposals_goes_on_over_pages(client: CheckedClient) -> None:
    for n in range(22):
        propose(f"prop-{n:02}", "fabrique-citoyenne", "TRA-2A")
    first = page(client, "/contrat/TRA-2A")
    assert "prop-21" in first
    assert "Proposition prop-00" not in first
    following = first[first.index('rel="next" href="') + len('rel="next" href="') :].partition('"')[0]
    assert "Proposition prop-00" in page(client, following.replace("&amp;", "&"))


@pytest.mark.both_databases
def test_pages_read_the_same_on_both_databases(client: CheckedClient) -> None:
    load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
    db.session.commit()
    propose("prop-1", "assemblee-la-colline", "EAU-1A", "LIEN-1A", quartiers=("la-colline",))
    assert "(1 proposition)" in page(client, "/contrat")
    assert "2 avis d'habitants." in page(client, "/contrat/EAU")
    assert "prop-1" in page(client, "/quartiers/la-colline")
    assert "prop-1" in page(client, f"/communes/{db.session.query(Commune).first().slug}")  # type: ignore[union-attr]
