"""Writing opinions down: at a meeting or without one, many in a row, by those who may, once each."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from participation.bodies.models import Question
from participation.errors import Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.opinions import rules
from participation.opinions.models import Opinion
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_meeting
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

NEW = "/equipe/avis/nouveau"
CREATE = "/equipe/avis"
AT_CAFE = f"{NEW}?rencontre=cafe"


def opinions() -> list[Opinion]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Opinion).order_by(Opinion.id)))


def test_animator_writes_down_what_was_said_at_a_meeting(as_animator: CheckedClient, town: Town):
    question = Question(number=1, text="Que pensez-vous de votre quartier ?", body_id=None)
    db.session.add(question)
    db.session.commit()
    page = as_animator.get(AT_CAFE, follow_redirects=True)
    given = fields_of(page, CREATE)
    assert "Café du Quai" in page.text
    assert (given["received_on"], given["moderation"], given["rencontre"]) == (["2026-03-12"], ["en_attente"], ["cafe"])
    answer = send(
        as_animator, page, CREATE, text="  Il fait noir,\r\nle soir. ", theme="cadre-de-vie", quartier="le-quai",
        question=str(question.id), channel="oral", language="fr",
    )  # fmt: skip
    (opinion,) = opinions()
    assert answer.location == f"/equipe/avis/{opinion.ref}"
    assert opinion.text == "Il fait noir,\nle soir."
    assert (opinion.meeting, opinion.body, opinion.quartier, opinion.theme) == (town.cafe, None, town.quay, town.theme)
    assert (opinion.question, opinion.channel, opinion.language) == (
        "Que pensez-vous de votre quartier ?",
        "oral",
        "fr",
    )
    assert (opinion.moderation, opinion.received_on) == ("en_attente", dt.date(2026, 3, 12))
    assert opinion.ref.startswith("avis-2026-03-12-")
    (entry,) = list_entries(db.session(), "opinion", opinion.ref)
    assert (entry.sentence, entry.actor) == ("Avis noté.", "Animatrice du Quai")


def test_team_writes_an_opinion_down_without_a_meeting(as_admin: CheckedClient, town: Town):
    assert fill(as_admin, NEW, CREATE, text="Merci.", quartier="la-colline").status_code == 303
    assert fill(as_admin, NEW, CREATE, text="Bravo.", body="conseil-du-sud").status_code == 303
    first, second = opinions()
    assert (first.meeting, first.body, first.quartier) == (None, None, town.hill)
    assert (second.body, second.quartier, second.received_on) == (town.council, None, dt.date(2026, 3, 20))


def test_a_free_question_comes_before_the_list(as_admin: CheckedClient, town: Town):
    fill(as_admin, AT_CAFE, CREATE, text="Oui.", question_free="Et le marché ?")
    assert opinions()[0].question == "Et le marché ?"


def test_many_are_written_in_a_row_with_the_context_kept(as_animator: CheckedClient, town: Town):
    said = {"theme": "cadre-de-vie", "quartier": "le-quai", "question_free": "Et ici ?", "channel": "oral",
            "language": "ar", "moderation": "publie"}  # fmt: skip
    answer = fill(as_animator, AT_CAFE, CREATE, text="Un.", valider="autre", **said)
    for number in range(3):
        assert answer.status_code == 303
        page = as_animator.get(answer.location, follow_redirects=True)
        assert "L&#39;avis est gardé." in page.text
        given = fields_of(page, CREATE)
        assert given["text"] == [""]
        assert {name: given[name] for name in said} == {name: [value] for name, value in said.items()}
        answer = send(as_animator, page, CREATE, text=f"Encore {number}.", valider="autre")
    assert len(opinions()) == 4
    assert {opinion.meeting for opinion in opinions()} == {town.cafe}


@pytest.mark.parametrize("moderation", ["publie", "en_attente", "reserve"])
def test_whoever_moderates_chooses_who_may_read(as_animator: CheckedClient, town: Town, moderation: str):
    fill(as_animator, AT_CAFE, CREATE, text="Un mot.", moderation=moderation)
    (opinion,) = opinions()
    assert opinion.moderation == moderation
    assert len(list_entries(db.session(), "opinion", opinion.ref)) == (1 if moderation == "en_attente" else 2)


@pytest.mark.parametrize("role", ["representant", "elu"])
def test_others_leave_it_to_be_read_or_keep_it_for_the_team(
    enter: Callable[[Account], CheckedClient], town: Town, role: str
):
    who = enter(make_account(role, ("instance", "commission-du-quai")))
    page = who.get(AT_CAFE, follow_redirects=True)
    assert 'value="publie"' not in page.text
    answer = send(who, page, CREATE, text="Un mot.")
    assert answer.status_code == 303
    assert answer.location.startswith(NEW)  # the opinion itself is not theirs to read
    assert who.get(f"/equipe/avis/{opinions()[0].ref}").status_code == 404
    assert fill(who, AT_CAFE, CREATE, text="À part.", moderation="reserve").status_code == 303
    assert fill(who, AT_CAFE, CREATE, text="Tout de suite.", moderation="publie").status_code == 422
    assert [opinion.moderation for opinion in opinions()] == ["en_attente", "reserve"]


def test_nobody_writes_elsewhere_than_in_scope(as_animator: CheckedClient, town: Town):
    assert "Conseil du Sud" not in as_animator.get(NEW, follow_redirects=True).text
    answer = fill(as_animator, f"{NEW}?rencontre=seance", CREATE, text="Un mot.", quartier="le-quai")
    assert answer.status_code == 422
    assert "dans vos instances" in answer.text
    assert fill(as_animator, NEW, CREATE, text="Un mot.", quartier="la-colline").status_code == 422
    assert opinions() == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "Écrivez ce que la personne a dit."),
        ({"text": " \n\t "}, "Écrivez ce que la personne a dit."),
        ({"text": "\x00\x01"}, "Écrivez ce que la personne a dit."),
        ({"text": "x" * 100_000}, "Ce texte est trop long : 100000 caractères, 20000 au plus."),
        ({"received_on": ""}, "Indiquez la date"),
        ({"received_on": "32/01/2026"}, "Cette date n&#39;existe pas"),
        ({"received_on": "2026-03-21"}, "pas encore arrivée"),
        ({"received_on": "1926-03-12"}, "entre 2014 et 2040"),
        ({"quartier": ""}, "Choisissez une instance ou un quartier"),
        ({"theme": "danse"}, "choix"),
        ({"channel": "pigeon"}, "choix"),
        ({"moderation": "tout"}, "choix"),
        ({"question_free": "q" * 501}, "Ce texte est trop long"),
    ],
)
def test_a_wrong_form_says_what_to_do_and_keeps_what_was_typed(
    as_admin: CheckedClient, town: Town, values: dict[str, Any], sentence: str
):
    good: dict[str, Any] = {"text": "Un mot gardé.", "quartier": "le-quai", "question_free": "Pourquoi ?"}
    answer = fill(as_admin, NEW, CREATE, **(good | values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>\n    Erreur :" in answer.text or "<title>Erreur :" in answer.text
    kept = fields_of(answer, CREATE)
    for name in good.keys() - values.keys():
        assert kept[name] == [good[name]]
    assert opinions() == []


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("مرحبا، نريد مقاعد", "مرحبا، نريد مقاعد"),
        ("Des 🌳 et des 👩‍👩‍👧", "Des 🌳 et des 👩‍👩‍👧"),
        ("avant\x00après", "avantaprès"),
        ("e\u0301clairage", "éclairage"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=1+1", "=1+1"),
        ("é" * 20_000, "é" * 20_000),
        ("ligne 1\r\nligne 2\rligne 3", "ligne 1\nligne 2\nligne 3"),
    ],
)
def test_any_words_are_kept_as_they_were_said(as_admin: CheckedClient, town: Town, typed: str, kept: str):
    answer = fill(as_admin, AT_CAFE, CREATE, text=typed, moderation="publie")
    assert answer.status_code == 303
    (opinion,) = opinions()
    assert opinion.text == kept
    for page in (answer.location, "/equipe/avis?moderation=", "/avis", "/rencontres/cafe"):
        shown = as_admin.get(page)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text


def test_an_opinion_sent_twice_is_one(as_admin: CheckedClient, town: Town):
    page = as_admin.get(AT_CAFE, follow_redirects=True)
    answers = [send(as_admin, page, CREATE, text="Un mot.") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    back = as_admin.get(f"{page.request.path}?{page.request.query_string.decode()}")
    assert send(as_admin, back, CREATE, text="Un mot.").location == answers[0].location
    assert len(opinions()) == 1
    other = send(as_admin, back, CREATE, text="Un autre mot.")
    assert other.status_code == 409
    assert fields_of(other, CREATE)["text"] == ["Un autre mot."]
    assert send(as_admin, other, CREATE).status_code == 303
    assert len(opinions()) == 2


def test_nobody_said_anything_at_a_cancelled_meeting(as_admin: CheckedClient, town: Town):
    make_meeting("annulee", [town.commission], status="annulee")
    answer = fill(as_admin, f"{NEW}?rencontre=annulee", CREATE, text="Un mot.")
    assert answer.status_code == 422
    assert "Cette rencontre est annulée" in answer.text


def test_a_meeting_that_does_not_exist_is_not_found(as_admin: CheckedClient, town: Town):
    assert as_admin.get(f"{NEW}?rencontre=nulle-part").status_code == 404


def test_before_the_meeting_the_day_is_today(as_admin: CheckedClient, town: Town):
    make_meeting("bientot", [town.commission], held_on=dt.date(2026, 5, 1))
    given = fields_of(as_admin.get(f"{NEW}?rencontre=bientot", follow_redirects=True), CREATE)
    assert given["received_on"] == ["2026-03-20"]


def test_the_rules_want_a_place(town: Town):
    with pytest.raises(Refusal, match="appartient à un lieu"):
        rules.log(db.session(), rules.Said("Un mot.", dt.date(2026, 3, 20)), meeting=None, by=town.admin)


def test_stranger_is_sent_to_sign_in(client: CheckedClient, town: Town):
    for page in (NEW, "/equipe/avis", "/equipe/avis/avis-1", "/equipe/avis/avis-1/modifier"):
        assert client.get(page).location.startswith("/equipe/connexion")
