"""« Signaler »: anybody, without an account or a cookie; the team looks within a day, decides, and it is counted."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from participation.database import now
from participation.extensions import db
from participation.journal import JournalEntry
from participation.meetings.models import Decision, MinutesVersion
from participation.opinions.models import Opinion
from participation.people.models import Account
from participation.reports import queries, rules
from participation.reports.models import Report
from tests.support.accessibility import assert_accessible
from tests.support.browser import PHONE, assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, make_opinion, make_proposal, sign_in
from tests.support.filling import fields_of
from tests.support.town import Town


@pytest.fixture
def published(town: Town) -> Town:
    """One text of each kind, in the north, and an opinion of the south."""
    answer = {"kind": "retenue", "short_answer": "Oui, en mai.", "reason": "Le budget est voté."}
    make_proposal("prop-1", [{"kind": "transmise"}, answer], title="Des bancs", text="À l'ombre.", body=town.commission)
    make_opinion("avis-1", meeting=town.cafe, text="Mon voisin crie.")
    make_opinion("avis-2", meeting=town.session, text="Rien à dire.")
    minutes = make_meeting(
        "seance-1", [town.commission], minutes="Nous avons parlé.", minutes_published_on=dt.date(2026, 3, 13)
    )
    db.session.add(MinutesVersion(meeting_id=minutes.id, number=1, text="Nous avons parlé.", published_at=now()))
    db.session.commit()
    return town


TEXTS = {
    "avis/avis-1": "Mon voisin crie.",
    "proposition/prop-1": "À l'ombre.",
    "reponse/prop-1": "Oui, en mai.",
    "compte-rendu/seance-1": "Nous avons parlé.",
}


def report(client: FlaskClient, what: str = "avis/avis-1", **sent: str) -> Report:
    """Report a text by the form; return the latest report."""
    page = client.get(f"/signaler/{what}", follow_redirects=True)
    answer = client.post(f"/signaler/{what}/envoi", data={**fields_of(page, f"/signaler/{what}/envoi"), **sent})
    assert (answer.status_code, answer.location) == (303, f"/signaler/{what}/merci")
    return db.session.query(Report).order_by(Report.id.desc()).populate_existing().first()  # type: ignore[return-value]


# By anybody


@pytest.mark.parametrize("what", TEXTS)
def test_each_published_text_has_its_link_and_is_reported_without_cookies(app: Flask, published: Town, what: str):
    pages = ["/propositions/prop-1-des-bancs", "/rencontres/seance-1", "/rencontres/cafe"]
    client = app.test_client(use_cookies=False)
    assert any(f'href="/signaler/{what}"' in client.get(page).text for page in pages)
    page = client.get(f"/signaler/{what}", follow_redirects=True)
    assert TEXTS[what] in html.unescape(page.text)
    made = report(client, what, reason="nom", words="  C'est ma rue.\x00 ")
    assert (made.subject_ref, made.reason, made.words) == (what.split("/")[1], "nom", "C'est ma rue.")
    assert (made.looked_at, made.outcome) == (None, None)
    assert "en 24 heures" in client.get(f"/signaler/{what}/merci").text


def test_decisions_are_reported_before_minutes_are_public_and_the_draft_stays_hidden(client: CheckedClient, town: Town):
    meeting = make_meeting("seance-3", [town.commission], minutes="Secret")
    db.session.add(Decision(ref="dec-1", meeting_id=meeting.id, text="Inviter le bailleur."))
    db.session.commit()
    assert 'href="/signaler/compte-rendu/seance-3"' in client.get("/rencontres/seance-3").text
    page = client.get("/signaler/compte-rendu/seance-3", follow_redirects=True).text
    assert "Inviter le bailleur." in page
    assert "Secret" not in page
    assert report(client, "compte-rendu/seance-3").subject == "minutes"


def test_opinions_are_reported_wherever_they_are_read(client: CheckedClient, published: Town):
    make_opinion("avis-9", quartier=published.quay, text="La cave prend l'eau.")
    db.session.commit()
    for page in ("/avis", "/quartiers/le-quai"):
        assert 'href="/signaler/avis/avis-9"' in client.get(page).text, page


def test_nothing_has_to_be_filled_in(client: CheckedClient, published: Town):
    assert report(client).reason == "autre"
    assert report(client, reason="n'importe quoi").reason == "autre"
    long = report(client, reason="faux", words="m" * 9000)
    assert (long.reason, len(long.words or "")) == ("faux", rules.LONGEST_WORDS)


@pytest.mark.both_databases
def test_a_report_sent_twice_is_one(client: CheckedClient, published: Town):
    page = client.get("/signaler/avis/avis-1", follow_redirects=True)
    sent = {**fields_of(page, "/signaler/avis/avis-1/envoi"), "reason": "faux"}
    for _n in range(3):
        assert client.post("/signaler/avis/avis-1/envoi", data=sent).status_code == 303
    assert db.session.query(Report).count() == 1
    assert client.post("/signaler/avis/avis-1/envoi", data={**sent, "words": "Autre"}).status_code == 409
    assert client.post("/signaler/avis/avis-1/envoi", data={"reason": "faux"}).status_code == 422
    assert db.session.query(Report).count() == 1


def test_what_is_not_public_cannot_be_reported_nor_read(client: CheckedClient, published: Town):
    make_opinion("avis-3", meeting=published.cafe, text="Secret", moderation="en_attente")
    make_opinion("avis-4", meeting=published.cafe, text="Secret", withdrawal_asked_at=now())
    make_meeting("seance-2", minutes="Secret")
    make_proposal("prop-2")
    for what in ("avis/avis-3", "avis/avis-4", "compte-rendu/seance-2", "reponse/prop-2", "avis/non", "voiture/avis-1"):
        page = client.get(f"/signaler/{what}", follow_redirects=True)
        assert page.status_code == 404
        assert "Secret" not in page.text
        assert client.post(f"/signaler/{what}/envoi", data={"cle": "k" * 43}).status_code == 404
    assert db.session.query(Report).count() == 0


def test_a_flood_of_reports_stops(client: CheckedClient, published: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "MOST_WAITING", 2)
    for _n in range(4):
        report(client)
    assert db.session.query(Report).count() == 2
    monkeypatch.setattr(rules, "MOST_FROM_AN_ADDRESS", 4)
    page = client.get("/signaler/avis/avis-2", follow_redirects=True)
    sent = fields_of(page, "/signaler/avis/avis-2/envoi")
    assert client.post("/signaler/avis/avis-2/envoi", data=sent).status_code == 429
    assert db.session.query(Report).count() == 2


def test_another_site_reports_nothing(client: CheckedClient, published: Town):
    page = client.get("/signaler/avis/avis-1", follow_redirects=True)
    sent = fields_of(page, "/signaler/avis/avis-1/envoi")
    answer = client.post("/signaler/avis/avis-1/envoi", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert db.session.query(Report).count() == 0


# By the team


def decide(client: CheckedClient, made: Report, **sent: str) -> int:
    """Decide about a report; return the status of the answer."""
    page = client.get(f"/equipe/signalements/{made.ref}")
    action = f"/equipe/signalements/{made.ref}/decision"
    return client.post(action, data={**fields_of(page, action), **sent}).status_code


def test_the_team_takes_an_opinion_down_with_its_reason(
    client: CheckedClient, as_animator: CheckedClient, published: Town
):
    first, second = report(client), report(client, reason="nom", words="C'est ma voisine.")
    page = as_animator.get("/equipe")
    assert "2 signalements à regarder" in page.text
    page = as_animator.get(f"/equipe/signalements/{second.ref}").text
    assert "C'est ma voisine." in html.unescape(page)
    assert "1 autre signalement attend" in page
    assert decide(as_animator, second, decision="rejete") == 422
    assert decide(as_animator, second, reason="Cite une personne.") == 422
    assert decide(as_animator, second, decision="rejete", reason="Cite une personne.") == 303
    opinion = db.session.query(Opinion).filter_by(ref="avis-1").populate_existing().one()
    assert (opinion.moderation, opinion.moderation_reason) == ("rejete", "Cite une personne.")
    for made in (first, second):
        db.session.refresh(made)
        assert (made.outcome, made.outcome_reason) == ("retire", "Cite une personne.")
    assert "signalement" not in as_animator.get("/equipe").text.split("<main")[1]
    assert client.get("/signaler/avis/avis-1").status_code == 404
    lines = db.session.query(JournalEntry).filter_by(object_kind="report").all()
    assert [line.actor for line in lines] == ["Animatrice du Quai"] * 2
    assert not any("voisine" in line.sentence for line in lines)


def test_it_may_be_kept_for_the_team_or_left(client: CheckedClient, as_admin: CheckedClient, published: Town):
    kept = report(client, "avis/avis-2")
    assert decide(as_admin, kept, decision="reserve", reason="À relire ensemble.") == 303
    assert db.session.query(Opinion).filter_by(ref="avis-2").populate_existing().one().moderation == "reserve"
    left = report(client)
    assert decide(as_admin, left, decision="garder", reason="Personne n'est cité.") == 303
    assert db.session.query(Opinion).filter_by(ref="avis-1").populate_existing().one().moderation == "publie"
    for what in ("proposition/prop-1", "reponse/prop-1", "compte-rendu/seance-1"):
        made = report(client, what)
        assert "Ouvrir ou corriger le texte" in as_admin.get(f"/equipe/signalements/{made.ref}").text
        assert decide(as_admin, made, decision="rejete", reason="Non.") == 422
        assert decide(as_admin, made, decision="retirer", reason="Le nom est effacé.") == 303
    assert queries.count_of_year(db.session(), now().year) == (5, 4)
    help_page = html.unescape(client.get("/aide").text)
    assert "Cette année : 5 signalements. 4 ont fait retirer un texte." in help_page


def test_two_people_do_not_decide_differently(as_admin: CheckedClient, client: CheckedClient, published: Town):
    made = report(client)
    page = as_admin.get(f"/equipe/signalements/{made.ref}")
    action = f"/equipe/signalements/{made.ref}/decision"
    forms = [{**fields_of(page, action), "reason": "Vu.", "decision": word} for word in ("garder", "rejete", "garder")]
    assert as_admin.post(action, data=forms[0]).status_code == 303
    assert as_admin.post(action, data={**forms[1], "cle": "k" * 43}).status_code == 409
    assert as_admin.post(action, data={**forms[2], "cle": "l" * 43}).status_code == 303
    assert db.session.query(JournalEntry).filter_by(object_kind="report").count() == 1


def test_a_report_that_waits_longer_than_a_day_is_late(as_admin: CheckedClient, client: CheckedClient, published: Town):
    report(client)
    assert "En retard" not in as_admin.get("/equipe/signalements").text
    db.session.query(Report).update({"reported_at": now() - dt.timedelta(hours=24, seconds=1)})
    assert "En retard" in as_admin.get("/equipe/signalements").text


@pytest.mark.both_databases
def test_each_sees_the_reports_of_their_places_only(
    app: Flask, client: CheckedClient, enter: Callable[[Account], CheckedClient], published: Town
):
    here = {report(client, what).ref for what in TEXTS}
    there = report(client, "avis/avis-2").ref
    gone = Report(ref="sign-0", subject="opinion", subject_ref="perdu", reason="autre", reported_at=now())
    db.session.add(gone)
    db.session.commit()

    def seen(account: Account) -> set[str]:
        text = enter(account).get("/equipe/signalements").text
        return set(re.findall(r'href="/equipe/signalements/([^"]+)"', text))

    assert seen(published.admin) == here | {there, "sign-0"}
    assert seen(published.animator) == here
    assert queries.count_waiting(db.session(), published.animator) == len(here)
    for account in (published.elu, published.representative):
        assert enter(account).get("/equipe/signalements").status_code == 404
    animator = enter(published.animator)
    assert animator.get(f"/equipe/signalements/{there}").status_code == 404
    assert animator.get("/equipe/signalements/sign-0").status_code == 404
    assert "n'existe plus" in html.unescape(enter(published.admin).get("/equipe/signalements/sign-0").text)


def test_the_number_of_queries_does_not_grow(app: Flask, as_admin: CheckedClient, published: Town):
    def add(ref: str) -> None:
        for kind, subject in (("opinion", "avis-"), ("proposal", "prop-"), ("answer", "prop-"), ("minutes", "seance-")):
            row = Report(
                ref=f"{kind}-{ref}", subject=kind, subject_ref=f"{subject}{ref}", reason="nom", reported_at=now()
            )
            db.session.add(row)
        db.session.commit()

    def cost() -> int:
        with count_queries(app) as queries_:
            assert as_admin.get("/equipe/signalements").status_code == 200
        return queries_.number

    add("1")
    few = cost()
    for number in range(3, 9):
        make_opinion(f"avis-{number}")
        make_proposal(f"prop-{number}", [{"kind": "transmise"}, {"kind": "non_retenue"}])
        make_meeting(f"seance-{number}", minutes="Dit.", minutes_published_on=dt.date(2026, 3, 13))
        add(str(number))
    assert cost() == few


def test_words_are_forgotten_a_year_after(client: CheckedClient, as_admin: CheckedClient, published: Town):
    made = report(client, words="Ma voisine")
    decide(as_admin, made, decision="garder", reason="Vu.")
    for days, left in ((364, "Ma voisine"), (366, None)):
        with time_machine.travel(now() + dt.timedelta(days=days)):
            rules.purge(db.session())
            db.session.commit()
            assert db.session.query(Report).populate_existing().one().words == left


# In a browser


def test_reporting_is_accessible_and_works_without_scripts(
    published: Town, live_server: str, page: Page, no_script_page: Page, client: CheckedClient
):
    for language in ("fr", "ar"):
        page.set_viewport_size({"width": 320, "height": 568})
        for address in ("/signaler/avis/avis-1", "/signaler/proposition/prop-1", "/signaler/avis/avis-1/merci"):
            page.goto(f"{live_server}{address}?l={language}")
            assert_accessible(page)
            assert_no_sideways_scroll(page)
    no_script_page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the library's own type
    no_script_page.goto(f"{live_server}/rencontres/cafe")
    no_script_page.get_by_role("link", name="Signaler cet avis : Mon voisin crie.").click()
    no_script_page.get_by_label("On y reconnaît une personne").check()
    no_script_page.get_by_role("button", name="Signaler ce texte").click()
    expect(no_script_page.get_by_role("heading", level=1)).to_have_text("Merci. C'est bien signalé.")
    sign_in(client, published.admin)
    cookie = client.get_cookie("equipe")
    assert cookie
    page.context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])
    page.goto(f"{live_server}/equipe/signalements")
    assert_accessible(page)
    page.locator(".card-title a").first.click()
    assert_accessible(page)
    page.get_by_role("button", name="Décider").click()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
