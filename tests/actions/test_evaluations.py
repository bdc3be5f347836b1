"""Residents say whether what was done answers them: a face a phone, words the team reads, no figure of few people."""

import concurrent.futures
import html
import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from participation.actions import evaluations
from participation.actions.models import FACES, Evaluation
from participation.extensions import db
from participation.following import rules as following
from participation.journal import list_entries
from participation.people.models import Account
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.deeds import make_evaluation
from tests.support.factory import make_account, make_opinion, make_proposal
from tests.support.filling import fields_of, send
from tests.support.town import Town

Enter = Callable[[Account], CheckedClient]
PAGE = "/propositions/prop-1-des-bancs-au-quai"
ASKED = "Est-ce que ça répond à votre demande ?"
DONE = ({"kind": "transmise"}, {"kind": "retenue"}, {"kind": "realisee"})
CODE = "chat-lune-pain-velo-pont"


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.text)).split())


@pytest.fixture
def done(town: Town) -> Proposal:
    proposal = make_proposal("prop-1", DONE, title="Des bancs au Quai", body=town.commission)
    db.session.commit()
    return proposal


def tap(client: CheckedClient, face: str = "oui", **sent: str) -> TestResponse:
    """Press a face, with what the page puts in the form."""
    return client.post("/propositions/prop-1/evaluation", data={"visage": face, "suite": PAGE, **sent})


def write(client: CheckedClient, text: str, **sent: str) -> TestResponse:
    return client.post("/propositions/prop-1/evaluation/mots", data={"mots": text, "suite": PAGE, **sent})


def rows() -> list[tuple[str, str | None, str]]:
    db.session.expire_all()
    found = db.session.scalars(sa.select(Evaluation).order_by(Evaluation.id))
    return [(row.face, row.words, row.moderation) for row in found]


# One phone


@pytest.mark.both_databases
def test_one_tap_counts_another_face_takes_its_place(client: CheckedClient, done: Proposal):
    assert ASKED in words(client.get(PAGE))
    for face in ("oui", "oui", "non"):
        answer = tap(client, face)
        assert (answer.status_code, answer.location) == (303, f"{PAGE}?evaluation=comptee#evaluation")
    page = client.get(answer.location)
    assert "Merci. Votre réponse est comptée." in words(page)
    assert "Vous avez répondu : Non" in words(page)
    assert 'value="non" aria-pressed="true"' in page.text
    assert rows() == [("non", None, "publie")]


@pytest.mark.both_databases
def test_sixteen_taps_at_once_count_once(app: Flask, client: CheckedClient, done: Proposal):
    client.get(PAGE)
    cookie = client.get_cookie("telephone")
    assert cookie
    number = cookie.value
    db.session.commit()

    def press(n: int) -> int:
        other = app.test_client()
        other.set_cookie("telephone", number)
        return other.post("/propositions/prop-1/evaluation", data={"visage": list(FACES)[n % 3]}).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, range(16))) == {303}
    assert len(rows()) == 1


def test_without_a_cookie_it_says_that_nothing_is_counted_and_gives_the_words_back(
    client: CheckedClient, done: Proposal
):
    assert "Votre téléphone refuse les témoins" in words(client.get(tap(client).location))
    client.delete_cookie("telephone")
    answer = write(client, "Merci pour les bancs")
    assert answer.status_code == 422
    assert "Votre téléphone refuse les témoins" in words(answer)
    assert "Merci pour les bancs" in answer.text
    assert rows() == []


def test_an_answer_is_taken_back_with_its_words(client: CheckedClient, done: Proposal):
    client.get(PAGE)
    tap(client)
    write(client, "Merci")
    answer = client.post("/propositions/prop-1/evaluation/retirer", data={"suite": PAGE})
    assert "Votre réponse est retirée." in words(client.get(answer.location))
    assert rows() == []


@pytest.mark.parametrize("state", ["recueillie", "transmise", "retenue"])
def test_nothing_is_asked_before_it_is_done(client: CheckedClient, town: Town, state: str):
    steps = {"recueillie": (), "transmise": DONE[:1], "retenue": DONE[:2]}[state]
    make_proposal("prop-1", steps, title="Des bancs au Quai", body=town.commission)
    db.session.commit()
    assert ASKED not in words(client.get(PAGE))
    assert tap(client).status_code == 303
    assert rows() == []


def test_a_face_that_is_none_and_another_site_are_refused(client: CheckedClient, done: Proposal):
    client.get(PAGE)
    tap(client, "bof")
    assert rows() == []
    elsewhere = client.post(
        "/propositions/prop-1/evaluation", data={"visage": "oui"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.status_code == 403
    assert tap(client, suite="https://ailleurs.exemple.fr/").location.startswith("/propositions/prop-1")


def test_a_flood_from_one_address_waits(client: CheckedClient, done: Proposal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evaluations, "MOST_FROM_AN_ADDRESS", 3)
    client.get(PAGE)
    for _n in range(3):
        assert tap(client).location.endswith("comptee#evaluation")
    assert "Réessayez dans un quart d'heure." in words(client.get(tap(client, "non").location))
    again = write(client, "Des mots à ne pas perdre")
    assert again.status_code == 429
    assert "Des mots à ne pas perdre" in again.text
    assert rows() == [("oui", None, "publie")]


# Words


def test_words_are_public_once_the_team_has_read_them(
    as_animator: CheckedClient, done: Proposal, client: CheckedClient
):
    phone = client.application.test_client()
    phone.get(PAGE)
    tap(phone, "un_peu")
    sent = write(phone, "Il en faudrait trois.")
    assert "L'équipe lit vos mots avant de les publier." in words(phone.get(sent.location))
    assert "L'équipe n'a pas encore lu vos mots." in words(phone.get(PAGE))
    other = client.application.test_client()
    assert "Il en faudrait trois." not in other.get(PAGE).text
    assert "1 évaluation à lire" in words(as_animator.get("/equipe"))
    assert "Il en faudrait trois." in as_animator.get("/equipe/evaluations").text
    row = db.session.scalars(sa.select(Evaluation)).one()
    path = f"/equipe/evaluations/{row.ref}"
    form = as_animator.get(path)
    assert send(as_animator, form, f"{path}/lecture", faire="publie").status_code == 303
    assert "Il en faudrait trois." in other.get(PAGE).text
    assert list_entries(db.session(), "proposal", "prop-1")[-1].action == "proposal.words_published"
    write(phone, "Il en faudrait quatre.")
    assert "Il en faudrait" not in other.get(PAGE).text, "changed words are read again"


def test_words_changed_while_they_are_read_are_not_published(as_admin: CheckedClient, done: Proposal):
    row = make_evaluation(done, words="Merci")
    db.session.commit()
    path = f"/equipe/evaluations/{row.ref}"
    form = as_admin.get(path)
    row.words = "Autre chose"
    db.session.commit()
    answer = send(as_admin, form, f"{path}/lecture", faire="publie")
    assert answer.status_code == 409
    assert "La personne a changé ses mots entre-temps." in words(answer)
    assert "Autre chose" in words(answer)
    assert rows() == [("oui", "Autre chose", "en_attente")]


def test_words_that_are_not_published_have_a_reason_that_their_author_reads(
    as_admin: CheckedClient, done: Proposal, app: Flask
):
    phone = app.test_client()
    phone.get(PAGE)
    tap(phone)
    write(phone, "Monsieur Untel a tout fait")
    row = db.session.scalars(sa.select(Evaluation)).one()
    path = f"/equipe/evaluations/{row.ref}"
    form = as_admin.get(path)
    silent = send(as_admin, form, f"{path}/lecture", faire="rejete")
    assert silent.status_code == 422
    said = send(as_admin, form, f"{path}/lecture", faire="rejete", reason="On y reconnaît quelqu'un.")
    assert said.status_code == 303
    assert "Vos mots ne sont pas publiés. Voici pourquoi : On y reconnaît quelqu'un." in words(phone.get(PAGE))
    assert "Monsieur Untel" not in app.test_client().get(PAGE).text
    assert "Monsieur Untel" in as_admin.get("/equipe/evaluations?lus=rejete").text


@pytest.mark.both_databases
def test_the_database_itself_wants_that_reason(app_context: Flask):
    row = make_evaluation(make_proposal(), words="Merci")
    db.session.commit()
    row.moderation = "rejete"
    with pytest.raises(IntegrityError):
        db.session.flush()


@pytest.mark.both_databases
def test_the_database_itself_counts_a_phone_once(app_context: Flask):
    proposal = make_proposal()
    make_evaluation(proposal, phone_hash="a" * 64)
    with pytest.raises(IntegrityError):
        make_evaluation(proposal, "non", phone_hash="a" * 64)


def test_words_that_are_too_long_come_back(client: CheckedClient, done: Proposal):
    client.get(PAGE)
    tap(client)
    answer = write(client, "x" * 501)
    assert answer.status_code == 422
    assert "C'est trop long. Écrivez 500 lettres au plus." in words(answer)
    assert "x" * 501 in answer.text
    assert fields_of(answer, "/propositions/prop-1/evaluation/mots")["suite"] == [PAGE]
    assert rows() == [("oui", None, "publie")]


def test_words_bear_the_language_of_their_page(client: CheckedClient, done: Proposal):
    client.get(f"{PAGE}?l=ar")
    client.post("/propositions/prop-1/evaluation?l=ar", data={"visage": "oui"})
    client.post("/propositions/prop-1/evaluation/mots?l=ar", data={"mots": "شكرا"})
    row = db.session.scalars(sa.select(Evaluation)).one()
    assert (row.words, row.language) == ("شكرا", "ar")
    row.moderation = "publie"
    db.session.commit()
    assert '<blockquote dir="auto" lang="ar"><p>شكرا</p>' in client.get(PAGE).text


def test_an_elu_reads_no_unread_word_and_moderates_none(done: Proposal, town: Town, enter: Enter):
    row = make_evaluation(done, words="canari")
    db.session.commit()
    elu = enter(town.elu)
    for path in ("/equipe/evaluations", f"/equipe/evaluations/{row.ref}"):
        assert elu.get(path).status_code == 404
    assert "canari" not in elu.get("/equipe/propositions/prop-1").text
    foreigner = enter(make_account("animateur", ("commune", "sud")))
    assert "canari" not in foreigner.get("/equipe/evaluations").text
    assert foreigner.get(f"/equipe/evaluations/{row.ref}").status_code == 404


# Small counts


@given(st.lists(st.sampled_from(list(FACES)), max_size=60))
def test_no_figure_nor_difference_tells_of_one_to_four(given_faces: list[str]):
    """What is shown are multiples of five: whatever is subtracted, at one moment or between two, is one too."""
    shown, counts = [], dict.fromkeys(FACES, 0)
    for upto in range(len(given_faces) + 1):
        counts = {face: given_faces[:upto].count(face) for face in FACES}
        shown.append(evaluations.rounded(counts, 5))
    figures = {figure for one in shown for figure in (*one.values(), sum(one.values()))}
    assert not {abs(a - b) for a, b in itertools.product(figures, figures)} & {1, 2, 3, 4}
    assert all(0 <= counts[face] - shown[-1][face] < 5 for face in FACES)


def test_the_page_and_the_elu_are_told_what_the_property_allows(
    client: CheckedClient, done: Proposal, enter: Enter, town: Town
):
    assert "Il y a encore trop peu de réponses pour les montrer." in words(client.get(PAGE))
    for face, number in (("oui", 12), ("un_peu", 4), ("non", 5)):
        for _n in range(number):
            make_evaluation(done, face)
    db.session.commit()
    said = "Oui : au moins 10 réponses Un peu : moins de 5 réponses Non : au moins 5 réponses"
    assert said in words(client.get(PAGE))
    assert said in words(enter(town.elu).get("/equipe/propositions/prop-1"))
    assert "Oui : 12 Un peu : 4 Non : 5" in words(enter(town.animator).get("/equipe/propositions/prop-1"))


# From a receipt


def test_the_author_says_so_from_the_receipt_too_even_after_a_merger(client: CheckedClient, done: Proposal, town: Town):
    merged = make_proposal("prop-2", [{"kind": "regroupee", "to_proposal": done}], body=town.commission)
    opinion = make_opinion(meeting=town.cafe, proposal_id=merged.id, channel="papier")
    following.attach(db.session(), CODE, opinion)
    db.session.commit()
    receipt = client.post("/suivi/chercher", data={"mots": CODE}).location
    page = client.get(receipt)
    assert ASKED in words(page)
    (suite,) = fields_of(page, "/propositions/prop-1/evaluation")["suite"]
    answer = tap(client, suite=suite)
    assert answer.location == f"{receipt}?evaluation=comptee#evaluation"
    back = client.get(answer.location)
    assert "Vous avez répondu : Oui" in words(back)
    assert back.headers["Cache-Control"] == page.headers["Cache-Control"]
    assert rows() == [("oui", None, "publie")]


def test_nothing_stored_leads_from_one_proposal_to_another(client: CheckedClient, done: Proposal, town: Town):
    make_proposal("prop-2", DONE, body=town.commission)
    db.session.commit()
    client.get(PAGE)
    for ref in ("prop-1", "prop-2"):
        client.post(f"/propositions/{ref}/evaluation", data={"visage": "oui"})
        client.post(f"/propositions/{ref}/soutien")
    hashes = set(db.session.scalars(sa.select(Evaluation.phone_hash)))
    cookie: Any = client.get_cookie("telephone")
    assert len(hashes) == 2
    assert cookie.value not in hashes
