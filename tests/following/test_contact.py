"""The address of an author: asked with consent, confirmed, told of news without a word of it, erased alone."""

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
import time_machine

from participation.extensions import db
from participation.following import contacts
from participation.following.models import Contact, Draft, FollowCode
from participation.opinions.models import Opinion
from participation.people.models import OutboxMail
from tests.following.conftest import CODE, NOW, Give
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_proposal
from tests.support.filling import fields_of

ADDRESS = "fatou@exemple.fr"
GOOD = {"courriel": ADDRESS, "accord": "y", "age": "y"}
DAY = dt.timedelta(days=1)
Open = Callable[[], str]


@pytest.fixture(autouse=True)
def clock(today: dt.date) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moving:
        yield moving


def mails() -> list[OutboxMail]:
    return list(db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def empty_box() -> None:
    db.session.execute(sa.delete(OutboxMail))
    db.session.commit()


def link_in(mail: OutboxMail) -> str:
    found = re.search(r"/prevenir/\w+", mail.body)
    assert found
    return found[0]


@pytest.fixture
def confirmed(client: CheckedClient, give: Give, opened: Open) -> Opinion:
    """An opinion whose author confirmed an address; the box of mails is empty."""
    opinion = give(sent=NOW)
    client.post(f"{opened()}/courriel", data=GOOD)
    client.post(f"{link_in(mails()[0])}/confirmer")
    empty_box()
    return opinion


def work() -> None:
    for job in (contacts.tell_news, contacts.purge):
        job(db.session())
        db.session.commit()


def set_state(opinion: Opinion, **values: object) -> None:
    db.session.execute(sa.update(Opinion).where(Opinion.id == opinion.id).values(**values))
    db.session.commit()


# Asking


def test_boxes_are_not_ticked_and_needed(client: CheckedClient, give: Give, opened: Open):
    give(sent=NOW)
    path = opened()
    page = client.get(f"{path}/contact").text
    assert "checked" not in page
    for left_out, said in [
        ("accord", "Cochez la case si vous voulez un courriel."),
        ("age", "Avant 15 ans, nous ne gardons pas d'adresse."),
        ("courriel", "Écrivez votre adresse de courriel."),
    ]:
        data = {name: value for name, value in GOOD.items() if name != left_out}
        answer = client.post(f"{path}/courriel", data=data)
        assert answer.status_code == 303
        assert answer.location.startswith(f"{path}/contact?essai=")
        assert ADDRESS not in answer.location
        shown = client.get(answer.location)
        assert said in html.unescape(shown.text)
        kept = fields_of(shown, f"{path}/courriel")
        assert {name: value[0] for name, value in kept.items() if value[0]} == data, "what was typed stays"
    assert (db.session.query(Contact).count(), db.session.query(Draft).count()) == (0, 0)
    assert "checked" not in client.get(f"{path}/contact").text, "opened anew, the form is empty"
    assert mails() == []


@pytest.mark.parametrize(
    "typed", ["fatou", "fatou@", "a b@exemple.fr", "fatou@exemple.fr, autre@exemple.fr", "x" * 300]
)
def test_address_that_cannot_be_says_what_to_do(client: CheckedClient, give: Give, opened: Open, typed: str):
    give(sent=NOW)
    answer = client.post(f"{opened()}/courriel", data=GOOD | {"courriel": typed})
    assert answer.status_code == 303
    assert "prenom@exemple.fr" in client.get(answer.location).text
    assert db.session.query(Contact).count() == 0


@pytest.mark.both_databases
def test_asked_twice_sends_one_mail(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW)
    path = opened()
    for _ in range(3):
        assert client.post(f"{path}/courriel", data=GOOD).status_code == 303
    assert [mail.to_address for mail in mails()] == [ADDRESS]
    contact = contacts.find(db.session(), opinion)
    assert contact
    assert (contact.address, contact.confirmed_at) == (ADDRESS, None)
    assert "confirmez votre adresse" in html.unescape(client.get(f"{path}/contact").text)
    assert "Ne plus recevoir de courriel" in client.get(path).text


def test_address_given_says_at_once_that_a_mail_waits(client: CheckedClient, give: Give, opened: Open):
    give(sent=NOW)
    answer = client.post(f"{opened()}/courriel", data=GOOD, follow_redirects=True)
    assert "Nous vous avons écrit. Ouvrez le courriel et confirmez votre adresse." in html.unescape(answer.text)


def test_another_address_takes_its_place(client: CheckedClient, give: Give, opened: Open, clock):
    give(sent=NOW)
    client.post(f"{opened()}/courriel", data=GOOD)
    clock.shift(dt.timedelta(seconds=1))
    client.post(f"{opened()}/courriel", data=GOOD | {"courriel": "autre@exemple.fr"})
    assert [contact.address for contact in db.session.query(Contact)] == ["autre@exemple.fr"]
    first, second = map(link_in, mails())
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_nobody_fills_a_stranger_s_mailbox(client: CheckedClient, give: Give, opened: Open):
    answers = []
    for words in ("chat", "lune", "pain", "velo", "pont", "table", "lion", "mer"):
        code = f"{words}-lune-pain-velo-pont"
        give(code=code, sent=NOW)
        path = client.post("/suivi/chercher", data={"mots": code}).location
        page = client.post(f"{path}/courriel", data=GOOD, follow_redirects=True)
        answers.append("Attendez un quart d'heure." in html.unescape(page.text))
    assert answers == [False] * contacts.MOST_MAILS + [True] * 3
    assert len(mails()) == contacts.MOST_MAILS


# Confirming


def test_link_shows_a_button_and_only_the_button_confirms(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW)
    client.post(f"{opened()}/courriel", data=GOOD)
    link = link_in(mails()[0])
    for _ in range(2):
        assert "Confirmer mon adresse" in client.get(link).text
    found = contacts.find(db.session(), opinion)
    assert found
    assert found.confirmed_at is None, "a page that is only looked at confirms nothing"
    for _ in range(2):
        answer = client.post(f"{link}/confirmer", follow_redirects=True)
        assert "Votre adresse est confirmée" in html.unescape(answer.text)
    db.session.expire_all()
    assert found.confirmed_at == NOW
    assert ADDRESS not in client.get(link).text


def test_unknown_link_says_so(client: CheckedClient, give: Give):
    for answer in (client.get("/prevenir/abc"), client.post("/prevenir/abc/confirmer")):
        assert answer.status_code == 404
        assert "Ce lien ne marche plus" in answer.text


def test_unconfirmed_address_is_erased_after_seven_days(client: CheckedClient, give: Give, opened: Open, clock):
    give(sent=NOW)
    client.post(f"{opened()}/courriel", data=GOOD)
    clock.shift(7 * DAY)
    work()
    assert db.session.query(Contact).count() == 1
    clock.shift(dt.timedelta(seconds=1))
    work()
    assert db.session.query(Contact).count() == 0
    assert db.session.query(Opinion).count() == 1


# News


@pytest.mark.both_databases
def test_news_is_told_once_for_each_state(client: CheckedClient, confirmed: Opinion):
    work()
    assert mails() == [], "nothing new yet"
    set_state(confirmed, moderation="publie")
    for _ in range(3):
        work()
    assert [mail.subject for mail in mails()] == ["Il y a du nouveau"]
    set_state(confirmed, moderation="reserve")
    work()
    assert len(mails()) == 1, "read all the same"
    proposal = make_proposal("prop-1", [{"kind": "transmise"}])
    set_state(confirmed, proposal_id=proposal.id)
    work()
    work()
    assert len(mails()) == 2


def test_mail_says_nothing_but_that_there_is_news(client: CheckedClient, confirmed: Opinion):
    set_state(confirmed, moderation="publie")
    work()
    (mail,) = mails()
    said = f"{mail.subject} {mail.body}"
    assert not any(word in said for word in ("Des bancs", "Café", "Quai", confirmed.ref, *CODE.split("-")))
    assert "/suivi\n" in mail.body
    assert link_in(mail) in mail.body


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("en", "ltr"), ("ar", "rtl")])
def test_contact_keeps_the_language_of_the_page(
    client: CheckedClient, give: Give, opened: Open, language: str, direction: str
):
    opinion = give(sent=NOW)
    path = opened()
    assert f'dir="{direction}"' in client.get(f"{path}/contact?l={language}").text
    client.post(f"{path}/courriel?l={language}", data=GOOD)
    kept = contacts.find(db.session(), opinion)
    assert kept
    assert kept.language == language


def test_old_link_still_erases(client: CheckedClient, confirmed: Opinion):
    set_state(confirmed, moderation="publie")
    work()
    first = link_in(mails()[0])
    set_state(confirmed, moderation="rejete", moderation_reason="Un nom.")
    work()
    assert link_in(mails()[1]) == first
    assert "Effacer mon adresse" in client.get(first).text
    assert db.session.query(Contact).count() == 1
    for _ in range(2):
        answer = client.post(f"{first}/effacer", follow_redirects=True)
        assert "Votre adresse est effacée" in html.unescape(answer.text)
    assert db.session.query(Contact).count() == 0
    assert db.session.get(Opinion, confirmed.id)


def test_author_erases_the_address_from_the_page(client: CheckedClient, confirmed: Opinion, opened: Open):
    path = opened()
    assert "Votre adresse est confirmée." in html.unescape(client.get(f"{path}/contact").text)
    assert ADDRESS not in client.get(f"{path}/contact").text
    for _ in range(2):
        assert client.post(f"{path}/courriel/effacer").status_code == 303
    assert db.session.query(Contact).count() == 0


def test_taking_back_erases_the_address(client: CheckedClient, confirmed: Opinion, opened: Open):
    client.post(f"{opened()}/retrait")
    assert db.session.query(Contact).count() == 0


# How long


@pytest.mark.both_databases
def test_address_is_erased_a_year_after_the_answer(client: CheckedClient, confirmed: Opinion, clock):
    set_state(confirmed, moderation="publie", answer="Oui.", answered_on=dt.date(2026, 9, 1))
    clock.move_to(dt.datetime(2027, 9, 1, 12, tzinfo=dt.UTC))
    work()
    assert db.session.query(Contact).count() == 1
    clock.shift(DAY)
    work()
    assert db.session.query(Contact).count() == 0


def test_address_of_an_opinion_that_nobody_answers_is_erased_after_two_years(client: CheckedClient, confirmed, clock):
    clock.shift(730 * DAY)
    work()
    assert db.session.query(Contact).count() == 1
    clock.shift(DAY)
    work()
    assert db.session.query(Contact).count() == 0


def test_codes_that_open_nothing_are_erased(client: CheckedClient, confirmed: Opinion, clock):
    clock.shift(366 * DAY)
    work()
    assert db.session.query(FollowCode).count() == 1
    clock.shift(DAY)
    work()
    assert db.session.query(FollowCode).count() == 0
    assert db.session.query(Opinion).count() == 1
