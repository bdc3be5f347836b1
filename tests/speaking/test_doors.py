"""How residents come in: digits, addresses, what an open, coming, past or cancelled meeting shows."""

import datetime as dt
import html
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from participation.contract.models import Quartier
from participation.extensions import db
from participation.meetings.models import AskedQuestion, Meeting
from participation.speaking.doors import MEETING, QUARTIER, find_door, qr_path
from participation.speaking.keys import read_key
from participation.speaking.models import MeetingCode
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_meeting, make_proposal, make_quartier
from tests.support.town import Town

HOUR = dt.timedelta(hours=1)
NOW = dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC)
DEFAULT = "Que voulez-vous dire sur votre quartier ?"

Prepare = Callable[..., Meeting]


@pytest.fixture
def prepare(town: Town) -> Prepare:
    """Make a meeting of today with four digits, open for three hours unless told otherwise."""

    def make(digits: str = "4821", opens: dt.datetime = NOW - HOUR, closes: dt.datetime = NOW + 2 * HOUR, **values):
        values.setdefault("bodies", [town.commission])
        values.setdefault("ref", f"cafe-{digits}")
        meeting = make_meeting(title=f"Café {digits}", held_on=NOW.date(), **values)
        db.session.add(MeetingCode(meeting_id=meeting.id, digits=digits, opens_at=opens, closes_at=closes))
        db.session.commit()
        return meeting

    return make


def page(answer: TestResponse) -> str:
    return html.unescape(answer.text)


def ask(meeting_or_quartier: Meeting | Quartier, *texts: str) -> None:
    column = "meeting_id" if isinstance(meeting_or_quartier, Meeting) else "quartier_id"
    for position, text in enumerate(texts):
        db.session.add(AskedQuestion(position=position, text=text, **{column: meeting_or_quartier.id}))
    db.session.commit()


# The four digits


@pytest.mark.parametrize("typed", ["4821", " 48 21 ", "48-21", "٤٨٢١"])
def test_resident_types_the_digits_as_she_reads_them(client: CheckedClient, prepare: Prepare, typed: str):
    prepare()
    answer = client.get("/c", query_string={"code": typed})
    assert (answer.status_code, answer.location) == (303, "/c/4821")
    assert DEFAULT in page(client.get(answer.location))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Tapez les quatre chiffres."),
        ("482", "Un code a quatre chiffres. Vérifiez l'affiche."),
        ("chat lune", "Un code a quatre chiffres. Vérifiez l'affiche."),
        ("<b>4", "Un code a quatre chiffres. Vérifiez l'affiche."),
    ],
)
def test_bad_digits_say_what_to_do_and_stay_in_the_field(client: CheckedClient, town: Town, typed: str, sentence: str):
    answer = client.get("/c", query_string={"code": typed})
    assert answer.status_code == 422
    assert sentence in page(answer)
    assert "<title>Erreur : Donner mon avis" in page(answer)
    assert 'href="#code"' in page(answer)


@pytest.mark.parametrize("path", ["/c/1234", "/C/1234", "/c/12345", "/c/chat", "/c/1234/ecrire"])
def test_unknown_digits_say_what_to_do(client: CheckedClient, prepare: Prepare, path: str):
    prepare()
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Nous ne trouvons pas ce code. Vérifiez les quatre chiffres." in page(answer)
    assert "Le Quai" in page(answer), "another way in"


def test_joining_page_lists_open_meetings_and_quartiers(client: CheckedClient, prepare: Prepare):
    prepare()
    prepare("1111", opens=NOW + HOUR)
    prepare("2222", opens=NOW - 3 * HOUR, closes=NOW)
    prepare("3333", status="annulee")
    text = page(client.get("/C"))
    assert 'href="/m/cafe-4821"' in text
    assert not any(f"cafe-{digits}" in text for digits in ("1111", "2222", "3333"))
    assert 'href="/quartiers/le-quai"' in text


# An open meeting


@pytest.mark.parametrize("path", ["/c/4821", "/C/4821", "/m/cafe-4821", "/M/CAFE-4821"])
def test_every_way_in_shows_the_four_ways_to_speak_in_order(client: CheckedClient, prepare: Prepare, path: str):
    prepare()
    text = page(client.get(path))
    ways = ["/m/cafe-4821/parler", "/m/cafe-4821/ecrire", "/m/cafe-4821/photo", "/propositions?quartier=le-quai"]
    places = [text.index(f'href="{way}"') for way in ways]
    assert places == sorted(places)
    assert f"<h1>{DEFAULT}</h1>" in text
    assert "C'est gratuit. Vous n'avez pas besoin de compte. Vous ne donnez pas votre nom." in text


def test_a_ref_is_read_as_written_before_it_is_read_in_lower_case(client: CheckedClient, prepare: Prepare):
    prepare("1111", ref="RENC-A")
    prepare("2222", ref="renc-a")
    assert "Café 1111" in page(client.get("/m/RENC-A"))
    assert "Café 2222" in page(client.get("/m/renc-a"))
    assert "Café 2222" in page(client.get("/M/Renc-A"))


def test_qr_is_in_capitals_only_where_that_leads_back(prepare: Prepare):
    assert qr_path(prepare()) == "/M/CAFE-4821"
    assert qr_path(prepare("1111", ref="Mixte-1")) == "/m/Mixte-1"


def test_level_and_announced_date_are_said(client: CheckedClient, prepare: Prepare):
    prepare(level="consultation", answer_due_on=dt.date(2026, 6, 30))
    text = page(client.get("/c/4821"))
    assert "On vous demande votre avis. La mairie décide. La mairie répond avant le 30 juin 2026." in text


def test_no_date_is_promised_that_was_not_announced(client: CheckedClient, prepare: Prepare):
    prepare(level="consultation")
    text = page(client.get("/c/4821"))
    assert "On vous demande votre avis. La mairie décide." in text
    assert "répond avant" not in text


def test_nothing_is_promised_where_nothing_was_announced(client: CheckedClient, prepare: Prepare):
    prepare()
    text = page(client.get("/c/4821"))
    assert "L'équipe lit chaque avis." in text
    assert "décide" not in text


def test_proposals_of_the_place_are_counted(client: CheckedClient, prepare: Prepare, town: Town):
    prepare()
    assert "Lisez les idées des habitants." in page(client.get("/c/4821"))
    make_proposal(body=town.commission)
    make_proposal(body=town.council)
    assert "1 proposition des habitants." in page(client.get("/c/4821"))


@pytest.mark.parametrize("way", ["ecrire", "parler", "photo"])
@pytest.mark.parametrize("start", ["/c/4821", "/M/CAFE-4821"])
def test_each_way_leads_to_a_form_with_a_fresh_key(client: CheckedClient, prepare: Prepare, way: str, start: str):
    meeting = prepare()
    first, second = (client.get(f"{start}/{way}") for _time in range(2))
    assert first.status_code == 302
    assert first.location.startswith(f"/{way}/")
    assert first.location != second.location
    with client.application.app_context():
        key = read_key(first.location.rpartition("/")[2])
    assert (key.kind, key.id, key.question) == (MEETING, meeting.id, 0)


# Several questions


def test_one_question_of_the_meeting_is_the_heading(client: CheckedClient, prepare: Prepare):
    ask(prepare(), "Où mettre des bancs ?")
    assert "<h1>Où mettre des bancs ?</h1>" in page(client.get("/c/4821"))
    assert '<h1><bdi lang="fr">Où mettre des bancs ?</bdi></h1>' in page(client.get("/c/4821?l=ar"))


def test_with_several_questions_a_resident_picks_one(client: CheckedClient, prepare: Prepare):
    ask(prepare(), "Où mettre des bancs ?", "Que changer au parc ?")
    text = page(client.get("/c/4821"))
    assert "<h1>Choisissez une question</h1>" in text
    assert 'href="/m/cafe-4821?question=1"' in text
    text = page(client.get("/m/cafe-4821?question=1"))
    assert "<h1>Que changer au parc ?</h1>" in text
    assert 'href="/m/cafe-4821/ecrire?question=1"' in text
    with client.application.app_context():
        key = read_key(client.get("/m/cafe-4821/ecrire?question=1").location.rpartition("/")[2])
    assert key.question == 1


def test_a_way_without_its_question_asks_for_it(client: CheckedClient, prepare: Prepare):
    ask(prepare(), "Une ?", "Deux ?")
    answer = client.get("/m/cafe-4821/ecrire")
    assert (answer.status_code, answer.location) == (303, "/m/cafe-4821")


@pytest.mark.parametrize("asked", ["2", "-1", "99999999999999999999", "x", ""])
def test_a_question_that_is_no_more_is_chosen_again(client: CheckedClient, prepare: Prepare, asked: str):
    ask(prepare(), "Une ?", "Deux ?")
    assert "Choisissez une question" in page(client.get(f"/m/cafe-4821?question={asked}"))
    assert client.get(f"/m/cafe-4821/ecrire?question={asked}").location == "/m/cafe-4821"


def test_a_door_remembers_what_the_team_asked_and_not_the_default(prepare: Prepare):
    meeting = prepare()
    assert find_door(db.session(), MEETING, meeting.id).asked(0) is None
    ask(meeting, "Où mettre des bancs ?")
    db.session.expire(meeting)
    assert find_door(db.session(), MEETING, meeting.id).asked(0) == "Où mettre des bancs ?"


# Before and after


def test_a_meeting_to_come_says_when_it_opens(client: CheckedClient, prepare: Prepare):
    prepare(opens=dt.datetime(2026, 3, 20, 16, 30, tzinfo=dt.UTC), closes=NOW + 9 * HOUR)
    text = page(client.get("/c/4821"))
    assert "<h1>Cette rencontre n'est pas encore ouverte</h1>" in text
    assert "Elle ouvre le 20 mars 2026 à 17\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30." in text
    assert 'href="/quartiers/le-quai/ecrire"' in text


def test_a_meeting_that_the_team_has_not_prepared_says_so(client: CheckedClient, town: Town):
    make_meeting("renc-a", [town.commission], held_on=NOW.date())
    text = page(client.get("/M/RENC-A"))
    assert "Revenez le jour de la rencontre" in text


def test_a_meeting_that_is_over_shows_its_minutes_and_the_quartiers_question(
    client: CheckedClient, prepare: Prepare, town: Town
):
    prepare(
        closes=NOW - dt.timedelta(minutes=1),
        status="tenue",
        minutes="## Bancs\n\nOn veut des bancs.",
        minutes_published_on=NOW.date(),
    )
    ask(town.quay, "Que changer cet été ?")
    text = page(client.get("/c/4821"))
    assert "<h1>Cette rencontre est finie</h1>" in text
    assert "Vous pouvez encore donner votre avis ici." in text
    assert "<h2>Que changer cet été ?</h2>" in text
    assert 'href="/quartiers/le-quai/parler"' in text
    assert "On veut des bancs." in text
    assert 'href="/rencontres/cafe-4821"' in text
    assert 'href="/reponses?quartier=le-quai"' in text


def test_a_draft_of_minutes_stays_the_teams(client: CheckedClient, prepare: Prepare):
    prepare(closes=NOW, status="tenue", minutes="Brouillon secret")
    text = page(client.get("/c/4821"))
    assert "Brouillon secret" not in text
    assert "Le compte rendu n'est pas encore publié." in text


def test_long_minutes_are_a_link_away(client: CheckedClient, prepare: Prepare):
    prepare(closes=NOW, status="tenue", minutes="Un banc. " * 700, minutes_published_on=NOW.date())
    text = page(client.get("/c/4821"))
    assert "Un banc." not in text
    assert "Lire le compte rendu" in text


def test_a_cancelled_meeting_says_why(client: CheckedClient, prepare: Prepare):
    prepare(status="annulee", cancel_reason="La salle est fermée.")
    text = page(client.get("/c/4821"))
    assert "<h1>Cette rencontre est annulée</h1>" in text
    assert "La salle est fermée." in text


def test_a_closed_meeting_gives_no_form(client: CheckedClient, prepare: Prepare):
    prepare(closes=NOW)
    answer = client.get("/c/4821/ecrire")
    assert (answer.status_code, answer.location) == (303, "/m/cafe-4821")


def test_a_meeting_of_several_quartiers_asks_which(client: CheckedClient, prepare: Prepare, town: Town):
    prepare(closes=NOW, quartiers=[town.quay, town.hill])
    text = page(client.get("/c/4821"))
    assert "Choisissez votre quartier" in text
    assert 'href="/quartiers/le-quai"' in text
    assert 'href="/quartiers/la-colline"' in text


def test_a_meeting_without_a_quartier_leads_to_the_list(client: CheckedClient, prepare: Prepare, town: Town):
    prepare(closes=NOW, bodies=[make_body(communes=[town.north])])
    assert "Voir les quartiers" in page(client.get("/c/4821"))


@pytest.mark.parametrize("path", ["/m/nulle-part", "/M/NULLE-PART/ecrire", "/m/%3Cb%3E"])
def test_a_meeting_that_does_not_exist_says_what_to_do(client: CheckedClient, town: Town, path: str):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Tapez les quatre chiffres de l'affiche." in page(answer)


# A quartier


def test_a_quartier_shows_the_same_ways(client: CheckedClient, town: Town):
    text = page(client.get("/quartiers/le-quai"))
    assert f'<h2 id="avis">{DEFAULT}</h2>' in text
    for way in ("parler", "ecrire", "photo"):
        assert f'href="/quartiers/le-quai/{way}"' in text
        answer = client.get(f"/quartiers/le-quai/{way}")
        assert answer.status_code == 302
    with client.application.app_context():
        assert read_key(answer.location.rpartition("/")[2]).kind == QUARTIER


def test_a_quartier_with_several_questions_lets_pick_one(client: CheckedClient, town: Town):
    ask(town.quay, "Une ?", "Deux ?")
    text = page(client.get("/quartiers/le-quai"))
    assert 'href="/quartiers/le-quai?question=1"' in text
    assert 'href="/quartiers/le-quai/ecrire' not in text
    text = page(client.get("/quartiers/le-quai?question=1"))
    assert '<h2 id="avis">Deux ?</h2>' in text
    assert 'href="/quartiers/le-quai/ecrire?question=1"' in text


# Other pages


def test_the_public_page_of_a_meeting_leads_to_its_door_while_it_is_open(client: CheckedClient, prepare: Prepare):
    prepare()
    assert 'href="/m/cafe-4821"' in page(client.get("/rencontres/cafe-4821"))


def test_afterwards_it_leads_to_the_quartier(client: CheckedClient, prepare: Prepare):
    prepare(closes=NOW)
    text = page(client.get("/rencontres/cafe-4821"))
    assert "/m/cafe-4821" not in text
    assert "Vous pouvez encore donner votre avis" in text


def test_home_offers_to_speak_first(client: CheckedClient, town: Town):
    text = page(client.get("/"))
    choices = text[text.index('<ul class="choices">') :]
    assert choices.index('href="/c"') < choices.index('href="/rencontres"')


def test_the_page_asks_little_of_the_database(client: CheckedClient, prepare: Prepare, town: Town):
    meeting = prepare(quartiers=[town.quay])
    ask(meeting, "Une ?")
    with count_queries(client.application) as count:
        client.get("/m/cafe-4821")
    few = count.number
    for number in range(5):
        make_quartier(f"autre-{number}", [town.north])
        make_proposal(body=town.commission)
    ask(town.quay, "Deux ?", "Trois ?")
    with count_queries(client.application) as count:
        client.get("/m/cafe-4821")
    assert count.number == few <= 16


@pytest.mark.parametrize("path", ["/c", "/m/cafe-4821"])
def test_pages_are_light(client: CheckedClient, prepare: Prepare, path: str):
    ask(prepare(level="consultation", answer_due_on=dt.date(2026, 6, 30)), "Où mettre des bancs ?")
    answer = client.get(path)
    assert len(answer.data) < 10_000
