"""The history of a proposal in sentences: who, in which function, when, at which meeting, why, until when."""

import datetime as dt

import pytest
from flask import Flask

from participation.extensions import db
from participation.proposals import history
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_opinion, make_proposal
from tests.support.html import Page
from tests.support.town import Town


def story_of(client: CheckedClient, ref: str, **headers: str) -> list[str]:
    """Return the text of each step of the public page, blanks made one."""
    page = client.get(f"/propositions/{ref}", follow_redirects=True, headers=headers)
    assert page.status_code == 200
    lines = [element for element in Page(page.text).find_all("li") if element.get("id").startswith("etape-")]
    return [" ".join(" ".join(line.text).split()).replace(" .", ".") for line in lines]


def test_the_whole_story_is_told(client: CheckedClient, town: Town):
    steps = [
        {"kind": "transmise", "on_date": dt.date(2026, 3, 13), "body": town.commission, "to_body": town.council,
         "due_on": dt.date(2026, 6, 30), "meeting": town.cafe, "author": "Animatrice du Quai"},
        {"kind": "retenue_en_partie", "on_date": dt.date(2026, 3, 18), "body": town.council, "meeting": town.session,
         "short_answer": "Oui pour deux lampes.", "reason": "Le budget suffit pour deux.", "owner": "Voirie",
         "due_on": dt.date(2026, 12, 1), "funding": "ftu", "amount_cents": 1_200_000, "votes_for": 12,
         "votes_against": 3, "abstentions": 1, "deliberation": "2026-041", "author": "Adjointe de quartier",
         "told_on": dt.date(2026, 3, 19), "told_meeting": town.session},
        {"kind": "en_cours", "on_date": dt.date(2026, 3, 19), "reason": "Les lampes sont commandées."},
        {"kind": "realisee", "on_date": dt.date(2026, 3, 19), "voided_on": dt.date(2026, 3, 20),
         "voided_reason": "Une lampe manque."},
    ]  # fmt: skip
    make_proposal("prop-1", steps, body=town.commission, meeting=town.cafe)
    first, sent, answered, under_way, voided = story_of(client, "prop-1")
    assert first == (
        "Recueillie 12 mars 2026 Le 12 mars 2026, la commission citoyenne du Quai a recueilli cette proposition. "
        "C'était à la rencontre Café du Quai."
    )
    assert sent == (
        "Transmise 13 mars 2026 Le 13 mars 2026, la commission citoyenne du Quai a transmis cette proposition "
        "au conseil du Sud. Réponse attendue avant le 30 juin 2026. C'était à la rencontre Café du Quai. "
        "Noté par : Animatrice du Quai"
    )
    assert answered == (
        "Retenue en partie 18 mars 2026 Le 18 mars 2026, le conseil du Sud a dit oui, en partie. "
        "C'est prévu avant le 1er décembre 2026. C'était à la rencontre Séance du conseil. "
        "Oui pour deux lampes. Le budget suffit pour deux. Qui s'en occupe : Voirie "
        "Avec quels moyens : Fonds de travaux urbains : 12 000 € Vote : 12 pour, 3 contre, 1 abstention "
        "Délibération : 2026-041 Réponse donnée aux habitants le 19 mars 2026. C'était à la rencontre "
        "Séance du conseil. Noté par : Adjointe de quartier"
    )
    assert under_way.endswith("Le 19 mars 2026, des nouvelles : c'est en cours. Les lampes sont commandées.")
    assert voided.endswith("Étape annulée le 20 mars 2026 : Une lampe manque.")


@pytest.mark.parametrize(
    ("name", "subject", "after_to"),
    [
        ("Commission citoyenne du Quai", "la commission citoyenne du Quai", "à la commission citoyenne du Quai"),
        ("Conseil de quartier 1", "le conseil de quartier 1", "au conseil de quartier 1"),
        ("Équipe d'animation", "l'équipe d'animation", "à l'équipe d'animation"),
        ("Élus d'Achicourt", "les élus d'Achicourt", "aux élus d'Achicourt"),
        ("Représentant de l'État", "le représentant de l'État", "au représentant de l'État"),
        ("MOUS", "« MOUS »", "à « MOUS »"),
        ("Les Quatre As", "« Les Quatre As »", "à « Les Quatre As »"),
    ],
)
def test_names_of_instances_stand_in_french_sentences(app: Flask, name: str, subject: str, after_to: str):
    with app.test_request_context("/propositions"):
        assert (history.the(name), history.to_the(name)) == (subject, after_to)


def test_a_plural_is_no_subject(client: CheckedClient, town: Town):
    elected = make_body(name="Échanges du mardi")
    make_proposal("prop-1", [{"kind": "etude", "body": elected}], body=town.commission)
    assert "l'étude de cette proposition a commencé. Par : Échanges du mardi." in story_of(client, "prop-1")[1]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_stands_in_other_languages(client: CheckedClient, town: Town, language: str):
    sent = {"kind": "transmise", "to_recipient": town.elected, "due_on": dt.date(2026, 6, 30)}
    decided = {"kind": "retenue", "amount_cents": 1050, "funding": "ftu"}
    make_proposal("prop-1", [sent, decided], body=town.commission)
    told = story_of(client, "prop-1", **{"Accept-Language": language})
    assert "2026" in told[0]
    assert all(digit not in "".join(told) for digit in "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("https://exemple.fr/deliberation?n=12", True),
        ("http://exemple.fr", True),
        ("javascript:alert(1)", False),
        ("https://exemple.fr un deux", False),
        ("//exemple.fr", False),
        ("https://[", False),
        ("n° 2026-041", False),
    ],
)
def test_a_deliberation_is_a_link_only_if_it_is_safe(client: CheckedClient, town: Town, text: str, linked: bool):
    decided = {"kind": "retenue", "deliberation": text}
    make_proposal("prop-1", [{"kind": "transmise"}, decided], body=town.commission)
    page = client.get("/propositions/prop-1", follow_redirects=True)
    addresses = [element.get("href") for element in Page(page.text).find_all("a")]
    assert (text in addresses) == linked


def test_the_answer_comes_first_and_the_state_is_said_plainly(client: CheckedClient, town: Town):
    make_proposal(
        "prop-1",
        [{"kind": "transmise"}, {"kind": "non_retenue", "short_answer": "Non, la place est classée."}],
        body=town.commission,
    )
    text = client.get("/propositions/prop-1", follow_redirects=True).text
    assert text.index("Non. Voici pourquoi.") < text.index("La réponse</h2>") < text.index("Ce qui s'est passé</h2>")
    assert "Non, la place est classée." in text


def test_published_opinions_are_quoted_and_the_others_counted(client: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", body=town.commission)
    make_opinion(meeting=town.cafe, text="On tombe, le soir.", proposal_id=proposal.id, language="fr")
    make_opinion(meeting=town.cafe, text="المكان مظلم", proposal_id=proposal.id, language="ar")
    for moderation in ("en_attente", "reserve", "rejete"):
        make_opinion(meeting=town.cafe, text="CANARI", proposal_id=proposal.id, moderation=moderation)
    text = client.get("/propositions/prop-1", follow_redirects=True).text
    assert "On tombe, le soir." in text
    assert '<blockquote dir="auto" lang="ar"><p>المكان مظلم</p>' in text
    assert "Et 2 autres avis, qui ne sont pas montrés ici." in text
    assert "CANARI" not in text


@pytest.mark.parametrize(
    ("moderation", "answer", "state", "expected"),
    [
        ("en_attente", None, None, "en_attente"),
        ("publie", None, None, "publie"),
        ("reserve", None, None, "reserve"),
        ("rejete", None, None, "rejete"),
        ("rejete", None, "retenue", "rejete"),
        ("publie", "Merci.", None, "reponse"),
        ("publie", None, "transmise", "transmise"),
        ("reserve", None, "non_retenue", "non_retenue"),
    ],
)
def test_what_became_of_an_opinion(town: Town, moderation: str, answer: str | None, state: str | None, expected: str):
    opinion = make_opinion(meeting=town.cafe, moderation=moderation, answer=answer)
    proposal = make_proposal() if state else None
    if proposal and state:
        proposal.state = state
    assert history.opinion_state(opinion, proposal) == expected
    db.session.rollback()
