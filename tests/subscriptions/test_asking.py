"""Following by mail is asked with consent, confirmed by the mail, changed and ended by its link."""

import datetime as dt
import html
from typing import Any

import pytest
import sqlalchemy as sa

from participation.extensions import db
from participation.proposals.models import Proposal
from participation.subscriptions import rules
from participation.subscriptions.models import Subscription
from tests.subscriptions.conftest import ADDRESS, GOOD, NOW, Follow, empty_box, link_in, mails, work
from tests.support.checked_client import CheckedClient
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

PAGE = "/suivre/proposition/prop-bancs"
DAY = dt.timedelta(days=1)


def rows() -> list[Subscription]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Subscription).order_by(Subscription.id)))


def ask(client: CheckedClient, path: str = PAGE, **values: Any) -> Any:
    return fill(client, path, f"{path}/envoi", **GOOD | values)


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("/propositions/prop-bancs-des-bancs-au-square", PAGE),
        ("/instances/commission-du-quai", "/suivre/instance/commission-du-quai"),
        ("/quartiers/le-quai", "/suivre/quartier/le-quai"),
    ],
)
def test_pages_lead_to_a_form_that_asks_for_consent(client: CheckedClient, proposal: Proposal, page: str, path: str):
    assert f'href="{path}"' in client.get(page).text
    form = client.get(path, follow_redirects=True)
    assert "checked" not in form.text
    assert fields_of(form, f"{path}/envoi").keys() == {"cle", "courriel"}
    assert ask(client, path).location.endswith(f"{path}/courriel")
    assert "Ouvrez votre courriel" in client.get(f"{path}/courriel").text
    assert [(row.address, row.confirmed_at) for row in rows()] == [(ADDRESS, None)]


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("accord", "Cochez la case si vous voulez des courriels."),
        ("age", "Avant 15 ans, nous ne gardons pas d'adresse."),
        ("courriel", "Écrivez votre adresse de courriel."),
        ("rythme", "Choisissez quand vous voulez un courriel."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    client: CheckedClient, proposal: Proposal, left_out: str, said: str
):
    answer = ask(client, **{left_out: None})
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert left_out == "courriel" or ADDRESS in answer.text
    assert (rows(), mails()) == ([], [])


@pytest.mark.parametrize("values", [{"courriel": "amina"}, {"courriel": "a, b@exemple.fr"}, {"rythme": "heure"}])
def test_what_cannot_be_is_refused(client: CheckedClient, proposal: Proposal, values: dict[str, str]):
    answer = ask(client, **values)
    assert answer.status_code == 422
    assert (rows(), mails()) == ([], [])


@pytest.mark.parametrize("path", ["/suivre/proposition/rien", "/suivre/avis/prop-bancs", "/suivre/quartier/x"])
def test_what_does_not_exist_cannot_be_followed(client: CheckedClient, proposal: Proposal, path: str):
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/envoi", data=GOOD | {"cle": "k" * 43}).status_code == 404
    assert client.get(f"{path}/courriel").status_code == 404


@pytest.mark.both_databases
def test_the_same_form_sent_again_and_the_same_request_send_one_mail(client: CheckedClient, proposal: Proposal):
    page = client.get(PAGE, follow_redirects=True)
    for _ in range(2):
        assert send(client, page, f"{PAGE}/envoi", **GOOD).status_code == 303
    assert ask(client, rythme="mois").status_code == 303
    assert [mail.to_address for mail in mails()] == [ADDRESS]
    assert [row.pace for row in rows()] == ["mois"]
    assert client.post(f"{link_in(mails()[0])}/confirmer").status_code == 303


def test_asked_again_later_a_fresh_link_goes_and_the_old_one_is_dead(client: CheckedClient, proposal: Proposal, clock):
    ask(client)
    clock.shift(rules.AGAIN)
    ask(client)
    first, second = map(link_in, mails())
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert len(rows()) == 1


def test_nobody_learns_by_asking_who_follows(client: CheckedClient, proposal: Proposal, follow: Follow):
    link = follow(PAGE, rythme="semaine")
    answer = ask(client, rythme="tout")
    other = ask(client, courriel="autre@exemple.fr")
    assert answer.location == other.location
    known, new = rows()
    assert (known.pace, known.confirmed_at) == ("semaine", NOW), "whoever asks changes nothing"
    assert link_in(mails()[0]) == link
    assert new.confirmed_at is None


def test_nobody_fills_a_stranger_s_mailbox(client: CheckedClient, town: Town):
    paths = [f"/suivre/instance/{slug}" for slug in ("commission-du-quai", "conseil-du-sud")]
    paths += [f"/suivre/quartier/{slug}" for slug in ("le-quai", "la-colline")]
    answers = [ask(client, path).status_code for path in paths]
    follow_again = [ask(client, path).status_code for path in paths[:2]]
    assert answers == [303] * 4
    assert follow_again == [303, 422]
    assert len(mails()) == 4


def test_a_script_is_stopped(client: CheckedClient, proposal: Proposal):
    for number in range(rules.MOST_FROM_AN_ADDRESS):
        rules.rates.note(db.session(), "abonnement", "127.0.0.1")
        assert number < rules.MOST_FROM_AN_ADDRESS
    db.session.commit()
    answer = ask(client)
    assert answer.status_code == 429
    assert "Réessayez plus tard." in html.unescape(answer.text)
    assert mails() == []


def test_another_site_cannot_subscribe_a_visitor(client: CheckedClient, proposal: Proposal):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post(f"{PAGE}/envoi", data=GOOD | {"cle": "k" * 43}, headers=headers)
    assert answer.status_code == 403
    assert rows() == []


# The link


@pytest.mark.both_databases
def test_only_the_button_confirms(client: CheckedClient, proposal: Proposal):
    ask(client)
    link = link_in(mails()[0])
    for _ in range(2):
        page = client.get(link)
        assert "Confirmer mon adresse" in page.text
        assert ADDRESS not in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
    assert rows()[0].confirmed_at is None
    for _ in range(2):
        answer = client.post(f"{link}/confirmer", follow_redirects=True)
        assert "Votre adresse est confirmée" in answer.text
    assert rows()[0].confirmed_at == NOW


def test_the_pace_is_changed_by_the_link(client: CheckedClient, proposal: Proposal, follow: Follow):
    link = follow(PAGE)
    assert client.post(f"{link}/rythme", data={"rythme": "semaine"}).status_code == 303
    assert (rows()[0].pace, rows()[0].next_on) == ("semaine", dt.date(2026, 3, 23))
    assert client.post(f"{link}/rythme", data={"rythme": "heure"}).status_code == 422
    assert client.post(f"{link}/rythme", data={"rythme": "mois"}).status_code == 303
    assert (rows()[0].pace, rows()[0].next_on) == ("mois", dt.date(2026, 4, 1))


def test_one_click_of_a_mail_program_ends_it_without_a_redirection(
    client: CheckedClient, proposal: Proposal, follow: Follow
):
    link = follow(PAGE)
    assert client.get(f"{link}/fin").location.endswith(link)
    assert len(rows()) == 1, "a page that is only looked at ends nothing"
    headers = {"Sec-Fetch-Site": "cross-site"}
    for _ in range(2):
        answer = client.post(f"{link}/fin", data={"List-Unsubscribe": "One-Click"}, headers=headers)
        assert (answer.status_code, answer.text) == (200, "")
    assert rows() == []


def test_the_button_ends_one_or_all(client: CheckedClient, proposal: Proposal, follow: Follow):
    links = [follow(f"/suivre/quartier/{slug}") for slug in ("le-quai", "la-colline")]
    links.append(follow(PAGE))
    answer = client.post(f"{links[0]}/fin", follow_redirects=True)
    assert "Votre adresse est effacée" in answer.text
    assert len(rows()) == 2
    assert client.post(f"{links[1]}/fin", data={"tout": "1"}).status_code == 303
    assert rows() == []
    gone = client.get(links[2])
    assert gone.status_code == 404
    assert "Il n'y a rien à effacer." in html.unescape(gone.text)
    for verb in ("confirmer", "rythme", "fin"):
        assert client.post(f"{links[2]}/{verb}", data={"rythme": "mois"}).status_code == 303


# How long


def test_an_address_that_nobody_confirmed_is_erased_after_seven_days(client: CheckedClient, proposal, clock):
    ask(client)
    clock.shift(rules.UNCONFIRMED)
    work()
    assert len(rows()) == 1
    clock.shift(1)
    work()
    assert rows() == []


@pytest.mark.both_databases
def test_a_confirmed_one_is_erased_after_two_years_or_a_year_after_the_end(
    client: CheckedClient, proposal: Proposal, follow: Follow, clock
):
    follow(PAGE)
    follow("/suivre/quartier/le-quai")
    proposal.state, proposal.state_on = "realisee", dt.date(2026, 5, 1)
    db.session.commit()
    clock.move_to(dt.datetime(2027, 5, 1, 12, tzinfo=dt.UTC))
    work()
    assert len(rows()) == 2
    clock.shift(DAY)
    work()
    assert [row.subject for row in rows()] == ["quartier"]
    clock.move_to(NOW + rules.AT_MOST)
    work()
    assert len(rows()) == 1
    clock.shift(1)
    work()
    assert rows() == []
    empty_box()
