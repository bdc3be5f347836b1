"""What the author does, code in hand: change, take back, add a photo; and what the team then does."""

import datetime as dt
import html
import io
from collections.abc import Callable

import pytest
import time_machine
from PIL import Image
from werkzeug.test import Client, TestResponse

from participation.extensions import db
from participation.following import author
from participation.following.models import Draft
from participation.journal import list_entries
from participation.media.models import Media
from participation.opinions.models import PHOTO_ALONE, TAKEN_BACK, VOICE_PENDING, Opinion
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_proposal, sign_in
from tests.support.filling import fields_of, fill
from tests.support.town import Town

NOW = dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC)
CODE = "chat-lune-pain-velo-pont"
Give = Callable[..., Opinion]
Open = Callable[[], str]


@pytest.fixture(autouse=True)
def clock(today: dt.date):
    with time_machine.travel(NOW, tick=False) as moving:
        yield moving


def post(client: CheckedClient, path: str, **data: str) -> str:
    """Send a form; return the page that it leads to, as text."""
    return html.unescape(client.post(path, data=data, follow_redirects=True).text)


def now_in_database(opinion: Opinion) -> Opinion:
    db.session.expire_all()
    found = db.session.get(Opinion, opinion.id)
    assert found
    return found


def change(client: CheckedClient, path: str, text: str, readers: str = "publie") -> str:
    return post(client, f"{path}/modification", texte=text, lecture=readers)


# Change


def test_author_changes_words_and_readers(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW)
    path = opened()
    form = fields_of(client.get(f"{path}/modifier"), f"{path}/modification")
    assert (form["texte"], form["lecture"]) == (["Des bancs."], ["publie"])
    page = change(client, path, "Des bancs à l'ombre.", "reserve")
    assert "Des bancs à l'ombre." in page
    assert "Seule l'équipe du quartier le lit." in page
    kept = now_in_database(opinion)
    assert (kept.text, kept.reserve_asked, kept.moderation) == ("Des bancs à l'ombre.", True, "en_attente")
    change(client, path, "Des bancs à l'ombre.", "reserve")
    lines = [entry.action for entry in list_entries(db.session(), "opinion", opinion.ref)]
    assert lines == ["opinion.changed"], "the same again changes nothing"


def test_what_was_read_meanwhile_is_read_again(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW, moderation="publie")
    change(client, opened(), "Autre chose.")
    assert now_in_database(opinion).moderation == "en_attente"
    assert "Autre chose" not in client.get("/avis").text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Écrivez votre avis, ou retirez-le."),
        ("   \n ", "Écrivez votre avis, ou retirez-le."),
        ("x" * 20_001, "Ce texte est trop long."),
        ("Mon code : chat lune pain vélo pont", "Vos cinq mots sont dans votre texte."),
    ],
)
def test_faults_of_a_change_keep_what_was_typed(client: CheckedClient, give: Give, opened: Open, text: str, said: str):
    opinion = give(sent=NOW)
    path = opened()
    answer = client.post(f"{path}/modification", data={"texte": text, "lecture": "reserve"})
    assert answer.status_code == 303
    assert answer.location.startswith(f"{path}/modifier?essai="), "a page that Back and Reload may ask for again"
    shown = client.get(answer.location)
    assert fields_of(shown, f"{path}/modification")["lecture"] == ["reserve"]
    page = html.unescape(shown.text)
    assert said in page
    assert "<title>Erreur : " in page
    assert text.strip() in page
    assert now_in_database(opinion).text == "Des bancs."


def test_what_was_typed_waits_no_longer_than_it_serves(client: CheckedClient, give: Give, opened: Open, clock):
    give(sent=NOW)
    path = opened()
    refused = client.post(f"{path}/modification", data={"texte": "Mon code : chat lune pain velo pont"}).location
    assert "Mon code" in client.get(refused).text
    assert "Mon code" not in client.get(f"{path}/modifier").text, "opened anew, the form holds what was sent"
    change(client, path, "Autre chose.")
    assert db.session.query(Draft).count() == 0
    for text in ("", "Mon code : chat lune pain velo pont"):
        client.post(f"{path}/modification", data={"texte": text})
    assert db.session.query(Draft).count() == 1
    post(client, f"{path}/retrait")
    assert db.session.query(Draft).count() == 0, "who takes back leaves no word"
    assert client.get(f"{path}/modifier?essai=AAAA").status_code == 303


def test_change_ends_after_half_an_hour(client: CheckedClient, give: Give, opened: Open, clock):
    opinion = give(sent=NOW)
    clock.shift(dt.timedelta(minutes=29))
    late = opened()
    assert "encore 1 minute)" in html.unescape(client.get(late).text)
    clock.shift(dt.timedelta(minutes=1))
    assert client.get(f"{late}/modifier").status_code == 303
    assert "Les 30 minutes sont passées." in change(client, late, "Trop tard.")
    assert now_in_database(opinion).text == "Des bancs."


@pytest.mark.parametrize("untouchable", ["rejete", "answered", "fed", "papier"])
def test_what_was_dealt_with_is_not_changed(client: CheckedClient, give: Give, opened: Open, untouchable: str):
    values = {
        "rejete": {"moderation": "rejete", "moderation_reason": "Un nom."},
        "answered": {"moderation": "publie", "answer": "Oui.", "answered_on": dt.date(2026, 3, 20)},
        "fed": {"moderation": "publie", "proposal_id": make_proposal().id},
        "papier": {"channel": "papier"},
    }
    opinion = give(sent=NOW, **values[untouchable])
    path = opened()
    assert "/modifier" not in client.get(path).text
    change(client, path, "Autre chose.")
    assert now_in_database(opinion).text == "Des bancs."


@pytest.mark.parametrize("placeholder", [VOICE_PENDING, PHOTO_ALONE])
def test_nobody_is_made_to_say_what_stands_for_a_file(
    client: CheckedClient, give: Give, opened: Open, placeholder: str
):
    opinion = give(sent=NOW, text=placeholder)
    path = opened()
    assert placeholder not in html.unescape(client.get(f"{path}/modifier").text)
    change(client, path, "", "reserve")
    kept = now_in_database(opinion)
    assert (kept.text, kept.reserve_asked) == (placeholder, True)


def test_other_readers_than_the_two_are_refused(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW)
    assert client.post(f"{opened()}/modification", data={"texte": "A", "lecture": "tous"}).location.count(
        "/modifier?essai="
    )
    assert now_in_database(opinion).text == "Des bancs."


# Take back


def erase(client: Client, opinion: Opinion) -> TestResponse:
    """Erase the words as the team does."""
    return fill(client, f"/equipe/avis/{opinion.ref}/retrait", f"/equipe/avis/{opinion.ref}/retrait/effacer")


def test_just_sent_it_is_erased_at_once(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW, answer=None)
    path = opened()
    assert "Vos mots sont effacés tout de suite, pour toujours." in html.unescape(client.get(f"{path}/retirer").text)
    page = post(client, f"{path}/retrait")
    assert "Vous avez retiré cet avis." in page
    assert "Des bancs" not in page
    kept = now_in_database(opinion)
    assert (kept.text, kept.moderation) == (TAKEN_BACK, "rejete")
    assert kept.moderation_reason == "Retiré par la personne qui l'a écrit."
    post(client, f"{path}/retrait")
    assert len(list_entries(db.session(), "opinion", opinion.ref)) == 1, "again: nothing"


def test_later_it_is_hidden_at_once_and_the_team_erases(
    client: CheckedClient, give: Give, opened: Open, town: Town, clock
):
    opinion = give(sent=NOW, moderation="publie")
    assert "Des bancs." in client.get("/avis").text
    clock.shift(dt.timedelta(days=2))
    path = opened()
    page = post(client, f"{path}/retrait")
    assert "Vous avez demandé le retrait. L'équipe va effacer vos mots." in page
    assert "Des bancs." not in client.get("/avis").text
    assert now_in_database(opinion).text == "Des bancs."

    team = client.application.test_client()
    sign_in(team, town.animator)
    assert "1 retrait demandé" in html.unescape(team.get("/equipe").text)
    assert opinion.ref in team.get("/equipe/retraits").text
    assert "Retrait demandé" in html.unescape(team.get(f"/equipe/avis/{opinion.ref}").text)
    done = erase(team, opinion)
    assert (done.status_code, done.location) == (303, "/equipe/retraits")
    assert now_in_database(opinion).text == TAKEN_BACK
    assert opinion.ref not in team.get("/equipe/retraits").text
    assert "Vous avez retiré cet avis." in html.unescape(client.get(opened()).text)


def test_team_erases_nothing_that_nobody_asked_back(client: CheckedClient, give: Give, town: Town):
    opinion = give(sent=NOW)
    sign_in(client, town.animator)
    done = erase(client, opinion)
    assert done.status_code == 422
    assert now_in_database(opinion).text == "Des bancs."


def test_asked_back_is_listed_where_one_acts(give: Give, town: Town):
    opinion = give(sent=NOW - dt.timedelta(days=1))
    author.take_back(db.session(), opinion)
    db.session.commit()
    seen = {name: author.list_asked(db.session(), getattr(town, name)) for name in ("admin", "animator")}
    assert seen == {"admin": [opinion], "animator": [opinion]}
    town.animator.scopes[0].slug = "conseil-du-sud"
    db.session.commit()
    assert author.list_asked(db.session(), town.animator) == []


def test_opinion_taken_back_counts_no_more(client: CheckedClient, give: Give, opened: Open):
    give(sent=NOW)
    post(client, f"{opened()}/retrait")
    assert db.session.query(Opinion).filter(Opinion.moderation != "rejete").count() == 0


# A photo


def photo(colour: str = "teal") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "JPEG")
    out.seek(0)
    return out


def send_photo(client: CheckedClient, path: str, file: io.BytesIO | None = None):
    data = {"photo": (file or photo(), "a.jpg")}
    return client.post(f"{path}/ajout-photo", data=data, content_type="multipart/form-data")


def test_photo_is_added_once(client: CheckedClient, give: Give, opened: Open):
    opinion = give(sent=NOW)
    path = opened()
    assert "Ajouter une photo" in html.unescape(client.get(path).text)
    for file in (photo(), photo(), photo("red")):
        assert send_photo(client, path, file).status_code == 303
    assert [(one.kind, one.opinion_id) for one in db.session.query(Media)] == [("photo", opinion.id)]
    assert "Ajouter une photo" not in html.unescape(client.get(path).text)
    assert now_in_database(opinion).text == "Des bancs."


def test_what_is_no_photo_says_what_to_do_and_may_be_tried_again(client: CheckedClient, give: Give, opened: Open):
    give(sent=NOW)
    path = opened()
    answer = send_photo(client, path, io.BytesIO(b"<svg onload=alert(1)>"))
    assert answer.status_code == 303
    assert "<title>Erreur : " in client.get(answer.location).text
    nothing = client.post(f"{path}/ajout-photo", follow_redirects=True)
    assert "Choisissez une photo." in html.unescape(nothing.text)
    assert send_photo(client, path).status_code == 303
    assert db.session.query(Media).count() == 1


def test_photo_is_refused_later_and_without_a_code(client: CheckedClient, give: Give, opened: Open, clock):
    give(sent=NOW)
    clock.shift(dt.timedelta(hours=1))
    late = send_photo(client, opened())
    assert "On ne peut plus ajouter de photo" in html.unescape(client.get(late.location).text)
    assert send_photo(client, "/suivi/" + "x" * 108).status_code == 404
    assert db.session.query(Media).count() == 0


def test_photo_that_is_too_heavy_says_so(client: CheckedClient, give: Give, opened: Open):
    give(sent=NOW)
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    body = head + bytes(13 * 1024 * 1024) + b"\r\n--x--\r\n"
    path = opened()
    answer = client.post(f"{path}/ajout-photo", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.location.startswith(f"{path}/photo?essai=")
    assert "La photo est trop lourde. Choisissez une autre photo." in html.unescape(client.get(answer.location).text)
