"""What opinions and proposals add to the pages of meetings and to one another's."""

import datetime as dt

from participation.extensions import db
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting, make_opinion, make_proposal
from tests.support.town import Town


def test_a_meeting_shows_what_was_said_born_decided_and_told_there(client: CheckedClient, town: Town):
    make_opinion(meeting=town.cafe, text="Il fait noir.")
    make_opinion(meeting=town.cafe, moderation="en_attente")
    make_proposal(title="Née ici", body=town.commission, meeting=town.cafe)
    decided = [{"kind": "transmise"}, {"kind": "retenue", "meeting": town.cafe}]
    make_proposal(title="Décidée ici", body=town.commission, steps=decided)
    told = [{"kind": "transmise"}, {"kind": "retenue", "told_on": dt.date(2026, 3, 19), "told_meeting": town.cafe}]
    make_proposal(title="Dite ici", body=town.commission, steps=told)
    voided = [{"kind": "etude", "meeting": town.cafe, "voided_on": dt.date(2026, 3, 19)}]
    make_proposal(title="Annulée ici", body=town.commission, steps=voided)
    page = client.get("/rencontres/cafe").text
    assert "Il fait noir." in page
    assert "2 avis ont été notés. 1 est encore à lire par l'équipe." in page
    assert "1 proposition est née ici." in page
    for title in ("Née ici", "Décidée ici", "Dite ici"):
        assert title in page
    assert "Annulée ici" not in page


def test_a_meeting_to_come_says_nothing_of_opinions(client: CheckedClient, town: Town):
    make_meeting("bientot", [town.commission], held_on=dt.date(2026, 5, 1))
    assert "Ce que les habitants ont dit" not in client.get("/rencontres/bientot").text
    assert "Aucun avis n'a été noté" in client.get("/rencontres/cafe").text


def test_the_team_finds_the_ways_on_the_meeting_page(as_animator: CheckedClient, town: Town):
    make_opinion(meeting=town.cafe, moderation="en_attente")
    make_proposal(title="Née ici", body=town.commission, meeting=town.cafe)
    page = as_animator.get("/equipe/rencontres/cafe").text
    for address in ("/equipe/avis/nouveau?rencontre=cafe", "/equipe/propositions/nouvelle?rencontre=cafe"):
        assert f'href="{address}"' in page
    assert "1 avis noté. 1 à lire." in page
    assert "Née ici" in page


def test_an_opinion_shows_what_became_of_it_through_a_merger(as_admin: CheckedClient, town: Town):
    final = make_proposal("prop-3", title="La grande", steps=[{"kind": "transmise"}, {"kind": "retenue"}])
    middle = make_proposal("prop-2", title="La moyenne", steps=[{"kind": "regroupee", "to_proposal": final}])
    first = make_proposal("prop-1", title="La petite", steps=[{"kind": "regroupee", "to_proposal": middle}])
    make_opinion("avis-1", meeting=town.cafe, proposal_id=first.id)
    page = as_admin.get("/equipe/avis/avis-1").text
    assert "Oui, prévu" in page
    assert "La petite" in page
    assert "La grande" in page
    public = as_admin.get("/propositions/prop-1", follow_redirects=True).text
    assert 'Elle continue avec une autre proposition. <a href="/propositions/prop-2">' in public


def test_an_opinion_that_fed_nothing_offers_to_make_a_proposal(as_admin: CheckedClient, town: Town):
    make_opinion("avis-1", meeting=town.cafe)
    make_opinion("avis-2", meeting=town.cafe, moderation="rejete", moderation_reason="Injure")
    assert 'href="/equipe/propositions/nouvelle?avis=avis-1"' in as_admin.get("/equipe/avis/avis-1").text
    assert "nouvelle?avis=" not in as_admin.get("/equipe/avis/avis-2").text


def test_opinions_that_cannot_be_taken_are_named_as_left_out(as_animator: CheckedClient, town: Town):
    taken = make_opinion("pris", meeting=town.cafe, proposal_id=make_proposal().id)
    free = make_opinion("libre", meeting=town.cafe)
    db.session.commit()
    address = f"/equipe/propositions/nouvelle?avis={taken.ref}&avis={free.ref}&avis=nulle-part"
    page = as_animator.get(address, follow_redirects=True).text
    assert "2 avis choisis ne sont pas repris" in page
    assert 'value="libre"' in page
    assert 'value="pris"' not in page
