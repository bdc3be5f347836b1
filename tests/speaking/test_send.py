"""What a resident sends becomes an opinion, with its receipt; what has a fault comes back with what was typed."""

import datetime as dt
import html
import io
import logging
import re
import wave

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from PIL import Image

from participation.cli import JOBS
from participation.extensions import db
from participation.following import drafts
from participation.following.models import Draft, FollowCode
from participation.forms import clean_text
from participation.idempotency import SentForm
from participation.journal import JournalEntry
from participation.media.models import Media
from participation.opinions.models import PHOTO_ALONE, VOICE_PENDING, Opinion
from participation.opinions.rules import LONGEST_TEXT
from participation.speaking.doors import Door, quartier_door
from participation.speaking.keys import hash_of, make_key, read_key
from participation.speaking.rules import code_of, plausible_language, shows_contact
from tests.speaking.sending import CODE, JSON, OTHER_CODE, WORDS, followed, key, open_meeting, opinions, post
from tests.support.checked_client import CheckedClient
from tests.support.town import TODAY, Town


@pytest.fixture
def door(town: Town) -> Door:
    """The quartier's own door."""
    return quartier_door(db.session(), town.quay)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    return out.getvalue()


def tone() -> bytes:
    """Return a second of a hum, as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join((8000 * (n // 20 % 2)).to_bytes(2, "little") for n in range(8000)))
    return out.getvalue()


def seen(client: CheckedClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return html.unescape(answer.text)


# What an opinion becomes


def test_words_sent_between_meetings_are_of_the_quartier(client: CheckedClient, town: Town, door: Door):
    opinion = followed(post(client, key(door)))
    assert (opinion.text, opinion.received_on, opinion.channel) == (WORDS, TODAY, "web")
    assert (opinion.quartier, opinion.meeting, opinion.body, opinion.question) == (town.quay, None, None, None)
    assert (opinion.moderation, opinion.reserve_asked, opinion.from_flood, opinion.language) == (
        "en_attente",
        False,
        False,
        "fr",
    )


def test_words_sent_at_a_meeting_answer_its_question(client: CheckedClient, town: Town):
    meeting = open_meeting(town, "Que changer ?", "Que garder ?")
    opinion = followed(post(client, key(meeting, 1)))
    assert (opinion.meeting, opinion.question, opinion.channel) == (town.cafe, "Que garder ?", "telephone")


def test_a_question_removed_meanwhile_loses_nothing(client: CheckedClient, town: Town):
    cle = key(open_meeting(town, "Que changer ?", "Que garder ?"), 1)
    town.cafe.questions.pop()
    assert followed(post(client, cle)).question is None


def test_a_form_opened_during_the_meeting_is_taken_after_it(client: CheckedClient, town: Town, today: dt.date):
    cle = key(open_meeting(town))
    with time_machine.travel(dt.datetime(2026, 3, 21, 9, tzinfo=dt.UTC), tick=False):
        opinion = followed(post(client, cle))
    assert opinion.meeting == town.cafe
    assert opinion.received_on == dt.date(2026, 3, 21)


def test_who_asked_that_only_the_team_reads_is_still_read(client: CheckedClient, door: Door):
    opinion = followed(post(client, key(door), lecture="reserve"))
    assert (opinion.moderation, opinion.reserve_asked) == ("en_attente", True)


def test_the_journal_holds_no_word(client: CheckedClient, door: Door):
    followed(post(client, key(door)))
    line = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.action == "opinion.received")).one()
    assert (line.actor, line.account_id, line.details) == ("programme", None, None)
    assert "bancs" not in line.sentence


def test_a_page_in_arabic_writes_the_journal_in_french(client: CheckedClient, door: Door):
    post(client, key(door), headers={"Accept-Language": "ar"})
    line = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.action == "opinion.received")).one()
    assert line.sentence == "Avis envoyé par une personne, sans compte."


@pytest.mark.parametrize(
    ("text", "tag", "kept"),
    [
        (WORDS, "fr", "fr"),
        ("نريد مقاعد", "ar", "ar"),
        ("نريد مقاعد", "fr", None),
        ("Bghina korsi", "ar", None),
        ("👍👍", "fr", None),
        ("2026 !", "fr", None),
        ("Ławki", "pl", "pl"),
        (WORDS, "pt-BR", "pt-BR"),
        (WORDS, "", None),
        (WORDS, "<b>", None),
        (WORDS, "fr-" + "x" * 40, None),
        (None, "fr", None),
    ],
)
def test_the_language_is_the_page_s_where_it_may_be(text: str | None, tag: str, kept: str | None):
    assert plausible_language(text, tag) == kept


# A voice, a photo


def test_a_voice_alone_waits_to_be_written_down(client: CheckedClient, door: Door):
    answer = post(client, key(door), texte="", page="parler", enregistrement=(io.BytesIO(tone()), "m.wav"))
    opinion = followed(answer)
    assert (opinion.text, opinion.language) == (VOICE_PENDING, None)
    assert [media.kind for media in db.session.scalars(sa.select(Media))] == ["audio"]


def test_a_photo_alone_says_so(client: CheckedClient, door: Door):
    answer = post(client, key(door), texte="", page="photo", photo=(io.BytesIO(picture()), "p.jpg"))
    assert followed(answer).text == PHOTO_ALONE
    assert [media.kind for media in db.session.scalars(sa.select(Media))] == ["photo"]


def test_words_on_the_page_of_photos_need_no_photo(client: CheckedClient, door: Door):
    assert followed(post(client, key(door), page="photo", photo=(io.BytesIO(b""), ""))).text == WORDS


def test_a_file_that_is_no_photo_keeps_the_words(client: CheckedClient, door: Door):
    cle = key(door)
    answer = post(client, cle, page="photo", photo=(io.BytesIO(b"<svg onload=alert(1)>"), "p.jpg"))
    assert answer.headers["Location"] == f"/photo/{cle}"
    page = seen(client, answer.headers["Location"])
    assert WORDS in page
    assert 'id="photo-erreur"' in page
    assert opinions() == []
    assert db.session.scalars(sa.select(Media)).all() == []


# Faults


def test_nothing_said_comes_back_with_what_to_do(client: CheckedClient, door: Door):
    cle = key(door)
    for page, sentence in {
        "ecrire": "Écrivez votre avis, ou choisissez Parler.",
        "parler": "Enregistrez votre voix, ou choisissez Écrire.",
        "photo": "Choisissez une photo, ou écrivez quelques mots.",
    }.items():
        answer = post(client, cle, texte=" \r\n\x00", page=page)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/{page}/{cle}")
        assert seen(client, f"/{page}/{cle}").count(sentence) >= 2
    assert "<title>Erreur : " in seen(client, f"/ecrire/{cle}")
    assert opinions() == []


def test_a_fault_keeps_what_was_typed_and_chosen(client: CheckedClient, door: Door):
    cle = key(door)
    long = "<b>Bonjour</b> " * 2000
    post(client, cle, texte=long, lecture="reserve")
    page = seen(client, f"/ecrire/{cle}")
    assert long.strip() in page
    assert re.search(r'value="reserve" checked', page)
    assert "Ce texte est trop long." in page


def test_the_longest_text_is_taken_whole(client: CheckedClient, door: Door):
    text = "é" * LONGEST_TEXT
    assert followed(post(client, key(door), texte=text)).text == text


def test_one_s_own_five_words_in_the_text_are_refused(client: CheckedClient, door: Door):
    cle = key(door)
    spoken = CODE.replace("-", " ").upper()
    post(client, cle, texte=f"Mon code est {spoken}.")
    assert "Vos cinq mots sont dans votre texte." in seen(client, f"/ecrire/{cle}")
    assert followed(post(client, cle, texte=f"Mon code est {OTHER_CODE}."))


@pytest.mark.parametrize(
    "text", ["Appelez-moi au 06 12 34 56 78.", "Écrivez à alice@exemple.fr !", "+33(0)6.12.34.56.78"]
)
def test_a_number_or_an_address_is_warned_of_once(client: CheckedClient, door: Door, text: str):
    cle = key(door)
    post(client, cle, texte=text)
    page = seen(client, f"/ecrire/{cle}")
    assert "Votre texte sera public." in page
    assert text in page
    assert followed(post(client, cle, texte=text)).text == text


def test_what_only_the_team_reads_is_not_warned_of(client: CheckedClient, door: Door):
    assert followed(post(client, key(door), texte="06 12 34 56 78", lecture="reserve"))


@pytest.mark.parametrize("text", ["Le 12/03/2026 à 18h30", "62000 Arras", "3 bancs, 12 arbres, 2026", "moi@", "@place"])
def test_dates_and_counts_are_no_telephone_number(text: str):
    assert not shows_contact(text)


def test_a_code_in_use_is_replaced(client: CheckedClient, door: Door):
    post(client, key(door))
    cle = key(door)
    before = code_of(read_key(cle), 0)
    assert f'value="{before}"' in seen(client, f"/ecrire/{cle}")
    post(client, cle, texte="Un autre avis.")
    page = seen(client, f"/ecrire/{cle}")
    assert "Ce code sert déjà" in page
    assert "Un autre avis." in page
    assert f'value="{before}"' not in page
    assert len(opinions()) == 1
    assert followed(post(client, cle, texte="Un autre avis.", code=code_of(read_key(cle), 1)))


@pytest.mark.parametrize("code", ["", "chat-chien", "x" * 5000, "\x00"])
def test_a_code_that_is_none_is_replaced(client: CheckedClient, door: Door, code: str):
    cle = key(door)
    assert post(client, cle, code=code).headers["Location"] == f"/ecrire/{cle}"
    assert "Votre code était illisible" in seen(client, f"/ecrire/{cle}")


def test_an_unsigned_key_opens_nothing(client: CheckedClient, door: Door):
    for address in ("/ecrire/x", "/parler/x", "/photo/x"):
        assert client.get(address).status_code == 404
    assert post(client, "q1-0-1-" + "x" * 16).status_code == 404


def test_a_page_a_day_old_gives_a_fresh_form_and_keeps_the_words(client: CheckedClient, door: Door):
    cle = key(door, age=dt.timedelta(hours=25))
    assert client.get(f"/ecrire/{cle}").headers["Location"] == f"{door.home_url}/ecrire?question=0"
    answer = post(client, cle)
    assert answer.status_code == 303
    fresh = answer.headers["Location"]
    assert fresh != f"/ecrire/{cle}"
    page = seen(client, fresh)
    assert WORDS in page
    assert "Cette page était trop vieille." in page


@pytest.mark.parametrize(("days", "status"), [(1, 201), (7.9, 201), (8.1, 410)])
def test_what_a_phone_has_kept_is_taken_for_a_week_longer(client: CheckedClient, door: Door, days: float, status: int):
    cle = key(door, age=dt.timedelta(days=days, hours=0.1))
    assert post(client, cle, headers=JSON).status_code == status
    assert post(client, cle, headers=JSON).status_code == (200 if status == 201 else status)
    assert [opinion.text for opinion in opinions()] == [WORDS] * (status == 201)


def test_what_a_phone_has_kept_of_a_meeting_arrives_after_it(client: CheckedClient, town: Town):
    with time_machine.travel(dt.datetime(2026, 3, 18, 10, tzinfo=dt.UTC), tick=False):
        cle = key(open_meeting(town))
    assert post(client, cle, headers=JSON).status_code == 201


def test_a_page_a_day_old_of_a_meeting_that_is_over_shows_the_words(client: CheckedClient, town: Town):
    with time_machine.travel(dt.datetime(2026, 3, 18, 10, tzinfo=dt.UTC), tick=False):
        cle = key(open_meeting(town))
    answer = post(client, cle)
    assert answer.status_code == 410
    assert WORDS in html.unescape(answer.text)


# From another site, by a program


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://autre.exemple.fr"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 303),
    ],
)
def test_other_sites_cannot_send(client: CheckedClient, door: Door, headers: dict[str, str], status: int):
    assert post(client, key(door), headers=headers).status_code == status
    assert len(opinions()) == (status == 303)


def test_json_says_what_a_phone_s_queue_needs(client: CheckedClient, door: Door):
    cle = key(door)
    answer = post(client, cle, headers=JSON)
    assert answer.status_code == 201
    assert re.fullmatch(r"/suivi/[\w-]+", answer.json["suivi"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert post(client, cle, headers=JSON).status_code == 200
    other = post(client, cle, texte="Autre chose.", headers=JSON)
    assert (other.status_code, list(other.json)) == (409, ["faute"])
    empty = post(client, key(door), texte="", headers=JSON)
    assert (empty.status_code, list(empty.json["fautes"])) == (422, ["texte"])


# Drafts


def test_a_draft_goes_when_the_opinion_has_come_and_after_a_day(client: CheckedClient, door: Door):
    sent, left = key(door), key(door)
    for cle in (sent, left):
        post(client, cle, texte="")
    post(client, sent)
    db.session.expire_all()
    assert [draft.key_hash for draft in db.session.scalars(sa.select(Draft))] == [hash_of(left)]
    with time_machine.travel(dt.datetime(2026, 3, 21, 11, 4, tzinfo=dt.UTC), tick=False):
        _work()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 1
    with time_machine.travel(dt.datetime(2026, 3, 21, 11, 6, tzinfo=dt.UTC), tick=False):
        assert drafts.find(db.session(), hash_of(left)) is None
        _work()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def _work() -> None:
    assert drafts.purge in JOBS
    drafts.purge(db.session())
    db.session.commit()


def test_showing_a_form_writes_nothing(client: CheckedClient, door: Door):
    for page in ("ecrire", "parler", "photo"):
        client.get(f"/{page}/{key(door)}")
    for model in (Draft, SentForm, Opinion, FollowCode):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_only_the_page_of_voices_may_ask_for_the_microphone(client: CheckedClient, door: Door):
    rights = {page: client.get(f"/{page}/{key(door)}").headers["Permissions-Policy"] for page in ("ecrire", "parler")}
    assert "microphone=(self)" in rights["parler"]
    assert "microphone=()" in rights["ecrire"]


# Any text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_kept_as_it_was_said(app_context: Flask, client: CheckedClient, door: Door, text: str):
    cle = make_key(door)
    said = clean_text(text)
    with time_machine.travel(dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC), tick=False):
        answer = post(client, cle, texte=text, code=code_of(read_key(cle), 0), lecture="reserve")
        assert answer.status_code == 303
        if said is None:
            assert answer.headers["Location"] == f"/ecrire/{cle}"
        else:
            assert followed(answer).text == said
    db.session.execute(sa.text("DELETE FROM rate_window"))


def test_neither_words_nor_codes_reach_the_log(client: CheckedClient, door: Door, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    cle = key(door)
    post(client, cle, texte="")
    post(client, cle)
    post(client, cle)
    post(client, cle, texte="Autre chose.")
    post(client, key(door), texte=CODE)
    post(client, key(door))
    for secret in (CODE, CODE.split("-")[0], "bancs", cle):
        assert secret not in caplog.text
