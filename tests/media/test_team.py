"""What the team does with a recording or a photo: writes down, describes, publishes, keeps, erases."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskCliRunner

from participation.cli import work_command
from participation.database import now
from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.journal import JournalEntry, list_entries
from participation.media import rules, storage, tasks
from participation.media.models import Media
from participation.opinions import rules as opinion_rules
from participation.opinions.models import VOICE_PENDING, Opinion
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_media, make_opinion
from tests.support.filling import fill, send
from tests.support.town import Town


@pytest.fixture
def voice(town: Town) -> Media:
    """A message that nobody has written down."""
    opinion = make_opinion("avis-vocal", meeting=town.cafe, moderation="en_attente", text=VOICE_PENDING)
    return make_media("voix", "audio", opinion=opinion)


@pytest.fixture
def photo(town: Town) -> Media:
    opinion = make_opinion("avis-photo", meeting=town.cafe, moderation="en_attente", text="Le banc est cassé.")
    return make_media("photo", "photo", opinion=opinion, width=640, height=480)


def reread(media: Media) -> Media:
    db.session.expire_all()
    return media


def files() -> list[str]:
    return sorted(storage.stored_names())


def sentences(ref: str) -> list[str]:
    return [entry.sentence for entry in list_entries(db.session(), "opinion", ref)]


# Recordings


def test_a_voice_is_written_down_and_erased(as_animator: CheckedClient, voice: Media):
    page = as_animator.get("/equipe/avis/avis-vocal").text
    assert '<audio class="player" controls preload="none" src="/medias/voix"' in page
    assert "Il dure 7 secondes." in page
    assert 'href="/equipe/medias/voix/ecrire"' in page
    form = as_animator.get("/equipe/medias/voix/ecrire", follow_redirects=True)
    assert 'src="/medias/voix"' in form.text
    done = send(as_animator, form, "/equipe/medias/voix/ecrit", text="البنك مكسور", language="ar")
    assert (done.status_code, done.location) == (303, "/equipe/avis/avis-vocal")
    assert (reread(voice).opinion.text, voice.opinion.language) == ("البنك مكسور", "ar")
    assert voice.written_down_at
    assert voice.erased_at
    assert files() == []
    page = as_animator.get("/equipe/avis/avis-vocal").text
    assert "<audio" not in page
    assert "Il a été écrit le 20 mars 2026" in page
    assert sentences("avis-vocal") == ["Message vocal écrit, enregistrement effacé."]
    assert opinion_rules.moderate(db.session(), voice.opinion, "publie", by=None)


def test_an_unwritten_voice_is_never_published(as_animator: CheckedClient, voice: Media):
    answer = fill(as_animator, "/equipe/avis/avis-vocal", "/equipe/avis/avis-vocal/lecture", moderation="publie")
    assert answer.status_code == 422
    assert "Un message vocal n&#39;est pas encore écrit." in answer.text
    page = as_animator.get("/equipe/avis")
    chosen = send(as_animator, page, "/equipe/avis/choisis", avis=["avis-vocal"], faire="publie")
    assert chosen.status_code == 422
    assert "Un message vocal n&#39;est pas encore écrit." in chosen.text
    edited = fill(as_animator, "/equipe/avis/avis-vocal/modifier", "/equipe/avis/avis-vocal", text="Autre chose")
    assert edited.status_code == 422
    assert reread(voice).opinion.moderation == "en_attente"
    assert voice.opinion.text == VOICE_PENDING


def test_the_words_that_came_with_a_voice_stay(town: Town, voice: Media):
    voice.opinion.text = "Le banc."
    rules.write_down(db.session(), voice, "Il est cassé.", "fr", by=town.animator)
    assert voice.opinion.text == "Le banc.\n\nIl est cassé."


def test_writing_down_twice_keeps_the_first_and_what_was_typed(as_animator: CheckedClient, voice: Media):
    first = as_animator.get("/equipe/medias/voix/ecrire", follow_redirects=True)
    second = as_animator.get("/equipe/medias/voix/ecrire", follow_redirects=True)
    action = "/equipe/medias/voix/ecrit"
    assert send(as_animator, first, action, text="Un").status_code == 303
    assert send(as_animator, first, action, text="Un").status_code == 303, "the same form again"
    late = send(as_animator, second, action, text="Deux mots à moi")
    assert late.status_code == 409
    assert "Ce fichier n&#39;est plus là" in late.text
    assert "Deux mots à moi" in late.text
    assert reread(voice).opinion.text == "Un"
    assert len(sentences("avis-vocal")) == 1
    assert as_animator.get("/equipe/medias/voix/ecrire").location == "/equipe/avis/avis-vocal"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Écrivez ce que vous entendez, mot pour mot."),
        (VOICE_PENDING, "Écrivez ce que la personne dit, avec ses mots."),
        ("x" * 20_001, "Ce texte est trop long"),
    ],
)
def test_a_transcript_that_says_nothing_is_refused(as_animator: CheckedClient, voice: Media, text: str, sentence: str):
    answer = fill(as_animator, "/equipe/medias/voix/ecrire", "/equipe/medias/voix/ecrit", text=text)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert reread(voice).is_kept
    assert len(files()) == 1


def test_a_published_opinion_takes_no_transcript(town: Town, voice: Media):
    voice.opinion.text, voice.opinion.moderation = "Le banc.", "publie"
    with pytest.raises(Refusal, match="Cet avis est publié"):
        rules.write_down(db.session(), voice, "Il est cassé.", "fr", by=town.admin)


def test_a_voice_is_no_photo_and_a_photo_no_voice(town: Town, voice: Media, photo: Media):
    with pytest.raises(Refusal):
        rules.publish_photo(db.session(), voice, "Une voix", by=town.admin)
    with pytest.raises(Refusal):
        rules.keep_photo(db.session(), voice, by=town.admin)
    with pytest.raises(Refusal):
        rules.write_down(db.session(), photo, "Un banc", "fr", by=town.admin)
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(Media).where(Media.kind == "audio").values(published_at=now(), description="x"))


# Photos


def test_a_photo_is_published_with_its_description(as_animator: CheckedClient, client: CheckedClient, photo: Media):
    page = as_animator.get("/equipe/avis/avis-photo").text
    assert 'src="/medias/photo" alt="Photo de ' in page
    assert "Décrire et publier la photo" in page
    address, action = "/equipe/medias/photo/decrire", "/equipe/medias/photo/publiee"
    without = fill(as_animator, address, action, description=" ")
    assert without.status_code == 422
    assert "Décrivez la photo en une phrase." in without.text
    assert fill(as_animator, address, action, description="Un banc <cassé>").status_code == 303
    assert reread(photo).published_at
    assert not photo.is_public, "not before its opinion"
    assert "/medias/photo" not in client.get("/avis").text
    opinion_rules.moderate(db.session(), photo.opinion, "publie", by=None)
    shown = 'src="/medias/photo" alt="Un banc &lt;cassé&gt;" width="640" height="480"'
    assert shown in client.get("/avis").text
    assert shown in client.get("/rencontres/cafe").text
    assert sentences("avis-photo")[0] == "Photo décrite et publiée."


def test_a_photo_is_kept_for_the_team_or_erased(as_animator: CheckedClient, photo: Media):
    page = as_animator.get("/equipe/avis/avis-photo")
    assert send(as_animator, page, "/equipe/medias/photo/gardee").status_code == 303
    assert reread(photo).kept_at
    assert "Elle est gardée pour l'équipe." in as_animator.get("/equipe/avis/avis-photo").text
    fill(as_animator, "/equipe/medias/photo/decrire", "/equipe/medias/photo/publiee", description="Un banc")
    assert reread(photo).published_at
    assert photo.kept_at is None
    page = as_animator.get("/equipe/avis/avis-photo")
    assert "Ne plus publier la photo" in page.text
    send(as_animator, page, "/equipe/medias/photo/gardee")
    assert reread(photo).published_at is None
    assert len(files()) == 1
    assert fill(as_animator, "/equipe/medias/photo/effacer", "/equipe/medias/photo/effacee").status_code == 303
    assert reread(photo).erased_at
    assert files() == []
    assert "Elle a été effacée le" in as_animator.get("/equipe/avis/avis-photo").text
    late = send(as_animator, page, "/equipe/medias/photo/gardee")
    assert late.status_code in {303, 409}


def test_a_photo_of_somebody_who_speaks_to_the_team_alone_stays_there(
    as_animator: CheckedClient, town: Town, photo: Media
):
    photo.opinion.reserve_asked = True
    db.session.commit()
    assert "Décrire et publier la photo" not in as_animator.get("/equipe/avis/avis-photo").text
    with pytest.raises(Refusal, match="seule l'équipe"):
        rules.publish_photo(db.session(), photo, "Un banc", by=town.admin)


def test_the_list_says_what_waits(as_animator: CheckedClient, voice: Media, photo: Media):
    page = as_animator.get("/equipe/avis").text
    assert "Message vocal à écrire" in page
    assert "Photo à regarder" in page
    photo.kept_at = now()
    assert "Photo gardée pour l'équipe" in as_animator.get("/equipe/avis").text


def test_the_list_costs_one_query_more_whatever_its_length(as_animator: CheckedClient, town: Town):
    def queries() -> int:
        seen: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        as_animator.get("/equipe/avis")
        return sum("FROM media" in statement for statement in seen)

    for number in range(12):
        opinion = make_opinion(meeting=town.cafe, moderation="en_attente", text=f"Avis {number}")
        make_media(opinion=opinion)
    assert queries() == 1


def test_an_elu_sees_nothing_of_it(enter, town: Town, voice: Media, photo: Media):  # type: ignore[no-untyped-def]
    photo.opinion.moderation = "publie"
    client = enter(town.elu)
    for path in ("ecrire", "decrire", "effacer"):
        assert client.get(f"/equipe/medias/voix/{path}").status_code == 404
    assert "/medias/" not in client.get("/rencontres/cafe").text


# Erased


def test_an_author_takes_everything_back(town: Town, photo: Media):
    make_media("voix-2", "audio", opinion=photo.opinion)
    db.session.commit()
    rules.erase_all(db.session(), photo.opinion)
    rules.erase_all(db.session(), photo.opinion)
    db.session.commit()
    assert files() == []
    assert sorted(sentences("avis-photo")) == ["Enregistrement effacé.", "Photo effacée."]


def test_a_voice_goes_after_thirty_days(town: Town, voice: Media, photo: Media):
    with time_machine.travel(now() + dt.timedelta(days=30), tick=False):
        tasks.erase_old_voices(db.session())
        db.session.commit()
        assert len(files()) == 2, "thirty days, not less"
    opinions = db.session.scalar(sa.select(sa.func.count()).select_from(Opinion))
    with time_machine.travel(now() + dt.timedelta(days=400), tick=False):
        for _round in range(2):
            tasks.erase_old_voices(db.session())
            db.session.commit()
        assert files() == [photo.stored_name]
        assert reread(voice).erased_at == now()
        assert voice.written_down_at is None
        assert sentences("avis-vocal") == ["Enregistrement effacé : 30 jours ont passé."]
        assert voice.opinion.text == VOICE_PENDING
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == opinions
        with pytest.raises(Conflict):
            rules.write_down(db.session(), voice, "Trop tard", "fr", by=town.admin)


def test_the_team_is_told_that_a_voice_went_unwritten(as_animator: CheckedClient, voice: Media):
    voice.erased_at = now()
    page = as_animator.get("/equipe/avis/avis-vocal").text
    assert "sans être écrit" in page
    assert "/medias/voix" not in page


def test_a_file_that_a_backup_lacks_is_said_to_be_missing(as_animator: CheckedClient, voice: Media, photo: Media):
    for media in (voice, photo):
        storage.find(media.stored_name).unlink()
        page = as_animator.get(f"/equipe/avis/{media.opinion.ref}").text
        assert "Ce fichier n'est plus sur le serveur." in page
        assert f"/medias/{media.ref}" not in page


def test_work_does_it(cli: FlaskCliRunner, voice: Media):
    voice.created_at = now() - dt.timedelta(days=31)
    db.session.commit()
    result = cli.invoke(work_command, ["--once"])
    assert result.exit_code == 0, result.output
    assert db.session.scalar(sa.select(Media.erased_at)) is not None
    assert files() == []


def test_no_word_of_it_is_in_the_journal(as_animator: CheckedClient, voice: Media, photo: Media):
    fill(as_animator, "/equipe/medias/voix/ecrire", "/equipe/medias/voix/ecrit", text="Motsecret", language="fr")
    fill(as_animator, "/equipe/medias/photo/decrire", "/equipe/medias/photo/publiee", description="Motsecret")
    lines = db.session.scalars(sa.select(JournalEntry)).all()
    assert len(lines) == 2
    assert not any("Motsecret" in f"{line.sentence}{line.details}" for line in lines)
