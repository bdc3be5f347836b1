"""Opinions that came in a flood: the team finds them apart, and refuses them together with a reason."""

import pytest

from participation.errors import Refusal
from participation.exchange.exporting import contents
from participation.exchange.tables import OPINIONS
from participation.extensions import db
from participation.journal import list_entries
from participation.opinions import rules
from participation.opinions.models import Opinion
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_opinion
from tests.support.filling import fields_of, fill
from tests.support.town import Town

INBOX = "/equipe/avis"
FLOOD = f"{INBOX}/en-masse"


def reread(opinion: Opinion) -> Opinion:
    db.session.expire_all()
    db.session.refresh(opinion)
    return opinion


def test_the_list_shows_them_apart(as_animator: CheckedClient, town: Town):
    make_opinion("o-masse", meeting=town.cafe, moderation="en_attente", from_flood=True, text="Achetez ici")
    make_opinion("o-seul", meeting=town.cafe, moderation="en_attente", text="Des bancs")
    assert "Arrivé en masse" in as_animator.get(INBOX).text
    page = as_animator.get(f"{INBOX}?arrivee=masse&moderation=en_attente").text
    assert "Achetez ici" in page
    assert "Des bancs" not in page
    assert FLOOD in page


def test_they_are_refused_together_with_a_reason(as_animator: CheckedClient, town: Town):
    many = [
        make_opinion(f"o-{n}", meeting=town.cafe, moderation="en_attente", from_flood=True, text="Achetez ici")
        for n in range(25)
    ]
    alone = make_opinion(meeting=town.cafe, moderation="en_attente")
    read = make_opinion(meeting=town.cafe, from_flood=True)
    foreign = make_opinion(meeting=town.session, moderation="en_attente", from_flood=True)
    answer = fill(as_animator, FLOOD, FLOOD, reason="")
    assert answer.status_code == 422
    assert "Dites pourquoi" in answer.text
    answer = fill(as_animator, FLOOD, FLOOD, reason="Publicité")
    assert "25 avis ne sont pas publiés." in as_animator.get(answer.location).text
    for opinion in (*many, alone, read, foreign):
        reread(opinion)
    assert {(o.moderation, o.moderation_reason) for o in many} == {("rejete", "Publicité")}
    assert [o.moderation for o in (alone, read, foreign)] == ["en_attente", "publie", "en_attente"]
    assert [entry.action for entry in list_entries(db.session(), "opinion", "o-0")] == ["opinion.rejected"]


def test_what_came_after_the_page_was_shown_waits(as_admin: CheckedClient, town: Town):
    shown = make_opinion(meeting=town.cafe, moderation="en_attente", from_flood=True)
    page = as_admin.get(FLOOD, follow_redirects=True)
    later = make_opinion(meeting=town.cafe, moderation="en_attente", from_flood=True)
    assert as_admin.post(FLOOD, data=fields_of(page, FLOOD) | {"reason": "Publicité"}).status_code == 303
    reread(shown)
    reread(later)
    assert (shown.moderation, later.moderation) == ("rejete", "en_attente")


def test_the_filters_of_the_list_hold(as_admin: CheckedClient, town: Town):
    here = make_opinion(meeting=town.cafe, moderation="en_attente", from_flood=True)
    there = make_opinion(quartier=town.hill, moderation="en_attente", from_flood=True)
    address = f"{FLOOD}?quartier=la-colline"
    page = as_admin.get(address, follow_redirects=True)
    assert as_admin.post(address, data=fields_of(page, FLOOD) | {"reason": "Publicité"}).status_code == 303
    reread(here)
    reread(there)
    assert (here.moderation, there.moderation) == ("en_attente", "rejete")


def test_nothing_left_to_refuse_says_so(as_admin: CheckedClient, town: Town):
    assert "0 avis" in as_admin.get(FLOOD, follow_redirects=True).text


# Who asked that only the team reads


def test_what_is_asked_for_the_team_alone_is_never_published(town: Town):
    opinion = make_opinion(meeting=town.cafe, moderation="en_attente", reserve_asked=True)
    with pytest.raises(Refusal, match="seule l'équipe"):
        rules.moderate(db.session(), opinion, "publie", by=town.admin)
    assert rules.moderate(db.session(), opinion, "reserve", by=town.admin)


def test_read_with_others_it_stays_with_the_team(as_animator: CheckedClient, town: Town):
    opinions = [
        make_opinion(f"o-{n}", meeting=town.cafe, moderation="en_attente", reserve_asked=bool(n)) for n in range(2)
    ]
    fill(as_animator, INBOX, f"{INBOX}/choisis", avis=["o-0", "o-1"], faire="publie")
    for opinion in opinions:
        reread(opinion)
    assert [opinion.moderation for opinion in opinions] == ["publie", "reserve"]


def test_its_page_says_so_and_does_not_offer_to_publish(as_admin: CheckedClient, town: Town):
    make_opinion("o", meeting=town.cafe, moderation="en_attente", reserve_asked=True)
    page = as_admin.get(f"{INBOX}/o").text
    assert "La personne a demandé que seule l'équipe lise cet avis." in page
    assert 'value="publie"' not in page


def test_whatever_an_import_says_it_is_not_public(client: CheckedClient, town: Town):
    make_opinion(meeting=town.cafe, moderation="publie", reserve_asked=True, text="canari-equipe")
    assert "canari-equipe" not in client.get("/avis").text
    with contents(db.engine, small_count=5, open_data=True) as package:
        assert not any("canari-equipe" in row for row in package.rows(OPINIONS))
