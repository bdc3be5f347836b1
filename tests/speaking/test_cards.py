"""Posters, table cards and opinion cards: what stands on them, what their codes say, and typing them in later."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from participation.extensions import db
from participation.following import codes
from participation.following.models import FollowCode
from participation.journal import JournalEntry
from participation.meetings.models import AskedQuestion, Meeting
from participation.opinions.models import Opinion
from participation.people.models import Account
from participation.speaking.models import MeetingCode
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, make_opinion, make_theme
from tests.support.filling import fields_of
from tests.support.paper import code_sizes, codes_of, open_pdf, words_of
from tests.support.pdf_ua import pdf_faults
from tests.support.town import Town

SITE = "HTTP://127.0.0.1:8000"
CAFE = "/equipe/rencontres/cafe-k7x2p"


@pytest.fixture
def cafe(town: Town) -> Meeting:
    """A café citoyen of the next days, with its question and its four digits."""
    meeting = make_meeting(
        "cafe-k7x2p",
        [town.commission],
        title="Café du marché",
        place="Maison de quartier",
        held_on=dt.date(2026, 3, 25),
        level="consultation",
        answer_due_on=dt.date(2026, 6, 30),
        starts_at=dt.datetime(2026, 3, 25, 17, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 3, 25, 19, tzinfo=dt.UTC),
    )
    meeting.questions.append(AskedQuestion(position=1, text="Que faut-il changer au marché ?"))
    opening = {
        "opens_at": dt.datetime(2026, 3, 25, 16, tzinfo=dt.UTC),
        "closes_at": dt.datetime(2026, 3, 26, tzinfo=dt.UTC),
    }
    db.session.add(MeetingCode(meeting=meeting, digits="4821", **opening))
    db.session.commit()
    return meeting


# Posters and table cards


@pytest.mark.usefixtures("cafe")
def test_the_poster_says_all_that_one_needs_to_come_in(as_animator: CheckedClient):
    answer = as_animator.get(f"{CAFE}/affiche.pdf")
    assert answer.mimetype == "application/pdf"
    assert not pdf_faults(answer.data)
    assert len(open_pdf(answer.data)) == 1
    assert codes_of(answer.data) == [f"{SITE}/M/CAFE-K7X2P"]
    assert min(code_sizes(answer.data)) >= 120
    said = words_of(answer.data)
    for words in (
        "Et vous, que voulez-vous dire ?", "Que faut-il changer au marché ?", "Scannez.", "Parlez ou écrivez.",
        "Sans compte.", "127.0.0.1:8000/C", "puis", "4821", "Pas de téléphone ? Prenez une carte.", "Café du marché",
        "Mercredi 25 mars 2026, de 18 h à 20 h", "Maison de quartier",
        "On vous demande votre avis. La mairie décide. La mairie répond avant le 30 juin 2026.",
    ):  # fmt: skip
        assert words in said
    assert "Scan. Speak or write. No account needed." in said, "each other language wholly, never half in French"
    assert said.count("Parlez ou écrivez.") == 1
    page = as_animator.get(f"{CAFE}/affiche").text
    for words in (
        "Que faut-il changer au marché ?",
        "4821",
        "127.0.0.1:8000/C",
        "La mairie répond avant le 30 juin 2026.",
    ):
        assert words in page


@pytest.mark.usefixtures("cafe")
def test_four_table_cards_stand_on_a_sheet(as_animator: CheckedClient):
    answer = as_animator.get(f"{CAFE}/cartes.pdf")
    assert len(open_pdf(answer.data)) == 1
    assert codes_of(answer.data) == [f"{SITE}/M/CAFE-K7X2P"] * 4
    assert min(code_sizes(answer.data)) >= 40
    assert words_of(answer.data).count("4821") == 4
    assert as_animator.get(f"{CAFE}/cartes").text.count("4821") == 4


def test_without_digits_the_permanent_address_is_to_be_typed(as_animator: CheckedClient, cafe: Meeting):
    db.session.execute(sa.delete(MeetingCode))
    cafe.questions.clear()
    db.session.commit()
    said = words_of(as_animator.get(f"{CAFE}/affiche.pdf").data)
    assert "127.0.0.1:8000/M/CAFE-K7X2P" in said
    assert "4821" not in said
    assert said.count("Et vous, que voulez-vous dire ?") == 1


def test_several_questions_stand_on_the_poster(as_animator: CheckedClient, cafe: Meeting):
    cafe.questions.append(AskedQuestion(position=2, text="Et pour les enfants 😀 市 ?"))
    db.session.commit()
    content = as_animator.get(f"{CAFE}/affiche.pdf").data
    said = words_of(content)
    assert "Que faut-il changer au marché ?" in said
    assert "Et pour les enfants □ □ ?" in said
    assert not pdf_faults(content)


def test_a_ref_that_has_capitals_keeps_them(as_animator: CheckedClient, town: Town):
    make_meeting("Renc-A", [town.commission])
    db.session.commit()
    assert codes_of(as_animator.get("/equipe/rencontres/Renc-A/affiche.pdf").data) == ["http://127.0.0.1:8000/m/Renc-A"]


@pytest.mark.usefixtures("town")
def test_a_quartier_has_a_poster_of_its_own(as_animator: CheckedClient, client: CheckedClient):
    answer = as_animator.get("/equipe/quartiers/le-quai/affiche.pdf")
    [address] = codes_of(answer.data)
    assert address == "http://127.0.0.1:8000/quartiers/le-quai"
    assert client.get("/quartiers/le-quai").status_code == 200
    said = words_of(answer.data)
    assert "Le Quai" in said
    assert "Puis choisissez votre quartier." in said
    assert 'href="/equipe/quartiers/le-quai/affiche"' in as_animator.get("/equipe/affiches").text
    assert as_animator.get("/equipe/quartiers/le-quai/affiche").status_code == 200
    assert as_animator.get("/equipe/quartiers/nulle-part/affiche").status_code == 404


@pytest.mark.usefixtures("cafe")
def test_the_address_on_paper_answers(as_animator: CheckedClient, client: CheckedClient):
    [address] = codes_of(as_animator.get(f"{CAFE}/affiche.pdf").data)
    assert client.get(address.removeprefix(SITE)).status_code == 200
    assert client.get("/C/4821").status_code == 200


def test_the_meetings_page_leads_to_what_can_be_printed(
    as_animator: CheckedClient, enter: Callable[..., CheckedClient], cafe: Meeting, town: Town
):
    page = as_animator.get(CAFE).text
    for name in ("affiche", "cartes", "cartes-avis", "saisir-carte"):
        assert f'href="{CAFE}/{name}"' in page
    assert enter(town.elu).get(f"{CAFE}/saisir-carte").status_code in {200, 302}
    assert enter(town.elu).get(f"{CAFE}/affiche").status_code == 404


# Opinion cards


def print_cards(client: CheckedClient, **values: object) -> TestResponse:
    form = fields_of(client.get(f"{CAFE}/cartes-avis"), f"{CAFE}/cartes-avis")
    return client.post(f"{CAFE}/cartes-avis", data={**form, "sheets": "1", "valider": "page", **values})


def words_on(page: TestResponse) -> list[str]:
    """Return the codes on a page of cards, as parse() returns them."""
    lists = re.findall(r'<ul class="paper-words"[^>]*>(.*?)</ul>', page.text)
    return ["-".join(re.findall(r"<li>(\w+)</li>", found)) for found in lists]


def test_each_card_has_a_code_of_its_own_of_which_only_the_hash_is_kept(as_animator: CheckedClient, cafe: Meeting):
    page = print_cards(as_animator)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Imprimez maintenant." in page.text
    printed = words_on(page)
    assert len(set(printed)) == 8
    assert all(codes.parse(code) == code for code in printed)
    rows = db.session.scalars(sa.select(FollowCode)).all()
    assert {row.code_hash for row in rows} == {codes.hash_of(code) for code in printed}
    assert {row.meeting_id for row in rows} == {cafe.id}
    assert all(row.opinion_id is None for row in rows)
    line = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.action == "meeting.cards_printed")).one()
    assert line.sentence == "8 cartes préparées pour l'impression."
    everything = str(
        [
            [str(value) for value in row]
            for table in db.metadata.sorted_tables
            for row in db.session.execute(sa.select(table))
        ]
    )
    for code in printed:
        assert code not in everything


@pytest.mark.usefixtures("cafe")
def test_the_pdf_carries_the_addresses_of_the_codes(as_animator: CheckedClient):
    answer = print_cards(as_animator, sheets="2", valider="pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(open_pdf(answer.data)) == 2
    assert not pdf_faults(answer.data)
    addresses = codes_of(answer.data)
    assert len(set(addresses)) == 16
    kept = set(db.session.scalars(sa.select(FollowCode.code_hash)))
    said = words_of(answer.data)
    for address in addresses:
        assert address.startswith(f"{SITE}/R/")
        code = address.removeprefix(f"{SITE}/R/").lower()
        assert codes.hash_of(code) in kept
        assert said.count(code.replace("-", " ")) == 2, "on the stub that is kept, and on the side that comes back"
    for words in ("Que faut-il changer au marché ?", "Tout le monde, après lecture", "Seulement l'équipe du quartier"):
        assert said.count(words) == 16


@pytest.mark.usefixtures("cafe")
def test_printing_again_gives_other_codes(as_animator: CheckedClient):
    first, second = words_on(print_cards(as_animator)), words_on(print_cards(as_animator))
    assert not set(first) & set(second)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FollowCode)) == 16


@pytest.mark.usefixtures("cafe")
@pytest.mark.parametrize("sheets", ["0", "11", "-1", "beaucoup", "1.5", "9" * 40])
def test_too_many_sheets_are_refused(as_animator: CheckedClient, sheets: str):
    assert print_cards(as_animator, sheets=sheets).status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FollowCode)) == 0


def test_of_several_questions_one_is_chosen(as_animator: CheckedClient, cafe: Meeting):
    cafe.questions.append(AskedQuestion(position=2, text="Et les enfants ?"))
    db.session.commit()
    page = print_cards(as_animator, question="1").text
    assert page.count("Et les enfants ?") == 8
    assert "Que faut-il" not in page
    assert print_cards(as_animator, question="7").status_code == 422


# Typing cards in


def type_in(client: CheckedClient, **values: object) -> TestResponse:
    page = client.get(f"{CAFE}/saisir-carte", follow_redirects=True)
    form = fields_of(page, f"{CAFE}/cartes-saisies")
    return client.post(f"{CAFE}/cartes-saisies", data={**form, "text": "Plus de bancs.", **values})


@pytest.fixture
def printed(as_animator: CheckedClient, cafe: Meeting) -> list[str]:
    """The codes of eight printed cards."""
    return words_on(print_cards(as_animator))


@pytest.mark.both_databases
def test_a_card_that_comes_back_becomes_its_authors_opinion(as_animator: CheckedClient, printed: list[str], town: Town):
    answer = type_in(as_animator, code=printed[0].upper().replace("-", "  "), language="ar", theme="cadre-de-vie")
    assert answer.status_code == 303
    assert printed[0].split("-")[0] not in answer.location
    opinion = db.session.scalars(sa.select(Opinion)).one()
    said = (
        opinion.text,
        opinion.channel,
        opinion.language,
        opinion.question,
        opinion.moderation,
        opinion.reserve_asked,
    )
    assert said == ("Plus de bancs.", "papier", "ar", "Que faut-il changer au marché ?", "en_attente", False)
    assert opinion.theme
    assert opinion.quartier == town.quay, "the only quartier of its instance"
    row = db.session.scalars(sa.select(FollowCode).where(FollowCode.opinion_id == opinion.id)).one()
    assert row.code_hash == codes.hash_of(printed[0])
    page = as_animator.get(answer.location, follow_redirects=True).text
    assert "Carte enregistrée." in page
    assert "1 carte est enregistrée pour cette rencontre." in page
    assert "Plus de bancs." not in page
    assert '<option selected value="ar">' in page, "the next card is probably in the same language"


def test_a_ticked_box_keeps_it_for_the_team(as_animator: CheckedClient, printed: list[str]):
    assert type_in(as_animator, code=printed[0], reader="reserve").status_code == 303
    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.moderation, opinion.reserve_asked) == ("reserve", True)


def test_a_card_is_typed_in_once(as_animator: CheckedClient, printed: list[str]):
    assert type_in(as_animator, code=printed[0]).status_code == 303
    again = type_in(as_animator, code=printed[0], text="Autre chose.")
    assert again.status_code == 422
    assert "Cette carte est déjà enregistrée." in again.text
    assert "Autre chose." in again.text, "what was typed is kept"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == 1


def test_the_same_form_sent_twice_makes_one(as_animator: CheckedClient, printed: list[str]):
    page = as_animator.get(f"{CAFE}/saisir-carte", follow_redirects=True)
    form = {**fields_of(page, f"{CAFE}/cartes-saisies"), "code": printed[0], "text": "Plus de bancs."}
    answers = [as_animator.post(f"{CAFE}/cartes-saisies", data=form) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [303] * 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == 1


def test_words_that_no_card_has_get_help(as_animator: CheckedClient, printed: list[str]):
    words = printed[0].split("-")
    one_slip = "-".join([words[0] + "x", *words[1:]])
    assert type_in(as_animator, code=one_slip).status_code == 303, "one slip is mended"
    stranger = codes.new_code()
    assert "Aucune carte imprimée ne porte ces cinq mots." in type_in(as_animator, code=stranger).text
    assert "Vous en avez écrit 3." in type_in(as_animator, code=" ".join(words[:3])).text
    lost = type_in(as_animator, code=f"{words[0]}xyx {words[1]} {words[2]}qzq {words[3]} {words[4]}")
    assert lost.status_code == 422
    assert f"« {words[0]}xyx » n&#39;est pas un mot de nos cartes." in lost.text
    assert f"« {words[0]} »" in lost.text
    assert type_in(as_animator, code="").status_code == 422
    assert type_in(as_animator, code=printed[1], text=" ").status_code == 422


def test_a_refused_card_leaves_nothing(as_animator: CheckedClient, printed: list[str]):
    assert type_in(as_animator, code=printed[0], received_on="2027-01-01").status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == 0
    assert type_in(as_animator, code=printed[0]).status_code == 303, "the card may still be typed in"


def test_the_form_that_was_sent_keeps_no_word_of_a_code(as_animator: CheckedClient, printed: list[str]):
    type_in(as_animator, code=printed[0])
    rows = [
        [str(v) for v in row] for table in db.metadata.sorted_tables for row in db.session.execute(sa.select(table))
    ]
    assert printed[0] not in str(rows)
    assert " ".join(printed[0].split("-")) not in str(rows)


def test_the_number_of_queries_does_not_grow(app: Flask, as_animator: CheckedClient, cafe: Meeting, printed: list[str]):
    pages = [f"{CAFE}/affiche", f"{CAFE}/cartes.pdf", f"{CAFE}/cartes-avis", f"{CAFE}/saisir-carte?cle=" + "k" * 40,
             "/equipe/affiches", CAFE]  # fmt: skip

    def count() -> list[int]:
        numbers = []
        for address in pages:
            with count_queries(app) as counted:
                assert as_animator.get(address).status_code == 200
            numbers.append(counted.number)
        return numbers

    few = count()
    for number in range(6):
        cafe.questions.append(AskedQuestion(position=number + 2, text=f"Question {number} ?"))
        make_theme()
        make_opinion(meeting=cafe)
        type_in(as_animator, code=printed[number])
    db.session.commit()
    assert count() == few


@pytest.mark.usefixtures("cafe")
def test_nobody_else_prints_codes(enter: Callable[[Account], CheckedClient], client: CheckedClient, town: Town):
    assert client.post(f"{CAFE}/cartes-avis", data={"sheets": "1"}).status_code in {401, 409}
    assert enter(town.elu).get(f"{CAFE}/cartes-avis").status_code == 404
