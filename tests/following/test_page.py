"""The form of five words, the receipt, the follow-up: what each shows, and where the words may not be."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine

from participation.extensions import db
from participation.following import codes, guesses, rules
from participation.following.models import FollowCode
from participation.keys import keyed_hash
from participation.media.models import Media
from participation.opinions.models import PHOTO_ALONE, VOICE_PENDING, Opinion
from participation.opinions.translations import translate
from participation.people.models import RateWindow
from tests.proposals.test_machine import WAYS
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_proposal, make_recipient
from tests.support.town import Town

CODE = "chat-lune-pain-velo-pont"
NOW = dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC)
TYPED = {"mots": "chat lune pain velo pont"}
SENTENCE = "Nous ne trouvons pas ce code. Vérifiez les cinq mots."

Give = Callable[..., Opinion]


def open_page(client: CheckedClient, typed: str = "chat lune pain velo pont") -> str:
    """Type the words; return the path of the page they open."""
    answer = client.post("/suivi/chercher", data={"mots": typed})
    assert answer.status_code == 303
    return answer.location


def text_of(client: CheckedClient, path: str) -> str:
    return html.unescape(client.get(path).text)


# The form


@pytest.mark.parametrize(
    "typed", ["Chat, lune, pain, vélo, pont", "CHAT LUNE PAIN VELO PONT", "chta lune pain velo pont"]
)
def test_words_open_the_page(client: CheckedClient, give: Give, typed: str):
    give()
    path = open_page(client, typed)
    assert re.fullmatch(r"/suivi/[\w-]{60,140}", path)
    assert "Merci. Votre avis est bien arrivé." in text_of(client, path)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Tapez les cinq mots de votre code."),
        ("lune chat pain velo pont", SENTENCE),
        ("chat lune pain velo", "Un code a cinq mots. Vous en avez écrit 4."),
        ("chta luen pain velo pont", "« chta » : est-ce « chat » ?"),
        ("abracadabra lune pain velo pont", "« abracadabra » n'est pas dans nos mots. Relisez-le."),
        ("<script>", SENTENCE),
        ("\0", "Tapez les cinq mots de votre code."),
    ],
)
def test_words_that_lead_nowhere_stay_in_the_field(client: CheckedClient, give: Give, typed: str, said: str):
    give()
    answer = client.post("/suivi/chercher", data={"mots": typed})
    assert answer.status_code == 303
    assert answer.location.startswith("/suivi?essai=")
    assert not any(word in answer.location.lower() for word in codes.split(typed)), "no word in an address"
    page = client.get(answer.location)
    assert said in html.unescape(page.text)
    assert "<title>Erreur : " in page.text
    assert f'value="{html.escape(typed.strip(chr(0)))}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_text_that_is_no_code_is_not_gone_through_word_by_word(client: CheckedClient, town: Town):
    page = client.post("/suivi/chercher", data={"mots": "tout autre chose que mes mots"}, follow_redirects=True)
    text = html.unescape(page.text)
    assert SENTENCE in text
    assert "Un code a cinq mots. Vous en avez écrit 6." in text
    assert "n'est pas dans nos mots" not in text


def test_missing_field_and_made_up_attempt_are_answered(client: CheckedClient, town: Town):
    assert client.post("/suivi/chercher").status_code == 303
    assert client.get("/suivi?essai=AAAA").status_code == 200
    assert client.get("/suivi").status_code == 200


def test_unused_card_and_closed_code_look_like_unknown_ones(client: CheckedClient, give: Give, town: Town):
    (card,) = rules.print_codes(db.session(), 1, town.cafe)
    give()
    db.session.execute(sa.update(FollowCode).values(last_seen_on=dt.date(2025, 3, 19)))
    db.session.commit()
    for code in (card, CODE, "zoo-" + CODE[5:]):
        page = client.post("/suivi/chercher", data={"mots": code}, follow_redirects=True)
        assert SENTENCE in html.unescape(page.text) or "zoo" in code


# The QR


@pytest.mark.parametrize("path", ["/r/chat-lune-pain-velo-pont", "/R/CHAT-LUNE-PAIN-VELO-PONT"])
def test_qr_leads_on_at_once_and_writes_nothing(client: CheckedClient, give: Give, path: str):
    give()
    before = db.session.scalar(sa.select(FollowCode.last_seen_on))
    with time_machine.travel(NOW + dt.timedelta(days=40)):
        answer = client.get(path)
        assert answer.status_code == 303
        assert re.fullmatch(r"/suivi/[\w-]{60,140}", answer.location)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Qu'est devenu mon avis ?" in text_of(client, answer.location)
    db.session.expire_all()
    assert db.session.scalar(sa.select(FollowCode.last_seen_on)) == before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RateWindow)) == 0


@pytest.mark.parametrize("words", ["lune-chat-pain-velo-pont", "bonjour", "x" * 3000])
def test_strange_qr_leads_to_the_form(client: CheckedClient, town: Town, words: str):
    answer = client.get(f"/r/{words}")
    assert answer.status_code == 303
    assert answer.location.startswith("/suivi?essai=")
    assert client.get(answer.location).status_code == 200


def test_many_strange_qrs_ask_for_one_tap_more_and_shut_nobody_out(client: CheckedClient, give: Give):
    give()
    for _ in range(guesses.MANY):
        client.get("/r/lune-chat-pain-velo-pont")
    answer = client.get(f"/r/{CODE}")
    assert answer.location.startswith("/suivi?essai=")
    assert 'value="chat lune pain velo pont"' in client.get(answer.location).text
    assert open_page(client).startswith("/suivi/")


# Guessing


def test_guesses_are_slowed_and_nobody_is_locked_out(client: CheckedClient, give: Give):
    give()
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(guesses.FREE):
            page = client.post("/suivi/chercher", data={"mots": "lune chat pain velo pont"}, follow_redirects=True)
            assert page.status_code == 200
        # A neighbour behind the same address types her own words: she waits once, and is served.
        waiting = client.post("/suivi/chercher", data=TYPED)
        page = client.get(waiting.location)
        assert page.status_code == 429
        assert page.headers["Retry-After"] == str(guesses.SHORT_WAIT)
        assert "Attendez 10 secondes, puis touchez « Voir mon avis »." in html.unescape(page.text)
        assert "/aide" in page.text
        ticket = re.search(r'name="attente" value="([^"]+)"', page.text)
        assert ticket
        again = TYPED | {"attente": ticket[1]}
        assert client.post("/suivi/chercher", data=again).location.startswith("/suivi?essai="), "too early"
        clock.shift(guesses.SHORT_WAIT)
        other = {"mots": "pont lune pain velo chat", "attente": ticket[1]}
        assert client.post("/suivi/chercher", data=other).location.startswith("/suivi?essai="), "other words wait too"
        assert client.post("/suivi/chercher", data=again).location.startswith("/suivi/")


def test_the_eleventh_failure_waits_longer_with_help(client: CheckedClient, town: Town):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(guesses.MANY):
            answer = client.post("/suivi/chercher", data={"mots": "lune chat pain velo pont"})
            page = client.get(answer.location)
            ticket = re.search(r'name="attente" value="([^"]+)"', page.text)
            if ticket:
                clock.shift(guesses.LONG_WAIT)
                client.post("/suivi/chercher", data={"mots": "lune chat pain velo pont", "attente": ticket[1]})
        page = client.post("/suivi/chercher", data=TYPED, follow_redirects=True)
        assert page.status_code == 429
        assert page.headers["Retry-After"] == str(guesses.LONG_WAIT)


def test_everybody_waits_a_little_when_everybody_guesses(client: CheckedClient, give: Give):
    give()
    key = keyed_hash("suivi.perdu\0*", "rate")
    db.session.add(RateWindow(key_hash=key, window_start=NOW.replace(minute=0), count=guesses.FREE_EVERYWHERE + 50))
    db.session.commit()
    with time_machine.travel(NOW, tick=False):
        assert client.get(client.post("/suivi/chercher", data=TYPED).location).status_code == 429


def test_hit_and_miss_cost_the_same_writes(client: CheckedClient, give: Give):
    give()
    counts = {}
    for name, typed in [("hit", CODE), ("miss", "lune-chat-pain-velo-pont")]:
        client.post("/suivi/chercher", data={"mots": typed})
        counts[name] = db.session.scalar(sa.select(sa.func.count()).select_from(RateWindow))
    assert counts == {"hit": 2, "miss": 4}


# The token


def test_expired_page_asks_for_the_words_again(client: CheckedClient, give: Give):
    give()
    with time_machine.travel(NOW, tick=False) as clock:
        path = open_page(client)
        clock.shift(dt.timedelta(minutes=30))
        answer = client.get(path)
    assert answer.status_code == 410
    assert "Tapez de nouveau les cinq mots." in html.unescape(answer.text)
    assert 'name="mots"' in answer.text
    assert "Des bancs" not in answer.text


@pytest.mark.parametrize("way", ["", "/modifier", "/retirer", "/photo", "/contact"])
def test_made_up_token_asks_for_the_words(client: CheckedClient, town: Town, way: str):
    answer = client.get(f"/suivi/{'x' * 108}{way}")
    assert answer.status_code == 404
    assert 'name="mots"' in answer.text


def test_erased_opinion_is_not_found(client: CheckedClient, give: Give):
    opinion = give()
    path = open_page(client)
    db.session.delete(db.session.get(Opinion, opinion.id))
    db.session.commit()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("way", ["", "/modifier", "/retirer", "/photo", "/contact"])
def test_pages_of_a_code_are_kept_by_nobody(client: CheckedClient, give: Give, way: str):
    give()
    answer = client.get(open_page(client) + way)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    title = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
    assert title
    assert not set(codes.split(title[1])) & set(CODE.split("-"))
    assert not re.search(r'(?:href|action|src)="[^"]*chat-lune', answer.text), "the words are in no address"
    assert "Set-Cookie" not in answer.headers


# What the receipt says


def test_receipt(client: CheckedClient, give: Give, town: Town):
    town.cafe.answer_due_on = dt.date(2026, 6, 30)
    give(sent=NOW - dt.timedelta(minutes=2))
    with time_machine.travel(NOW, tick=False):
        page = text_of(client, open_page(client))
    assert "<h1>Merci. Votre avis est bien arrivé.</h1>" in page
    words = re.search(r'<ol class="code-words" lang="fr" dir="ltr">(.*?)</ol>', page)
    assert words
    assert re.findall(r"<li>(\w+)</li>", words[1]) == CODE.split("-")
    assert "Gardez ce code. Faites une photo de cet écran." in page
    assert "La mairie répond avant le 30 juin 2026." in page
    assert "Modifier ou retirer mon avis (encore 28 minutes)" in page
    assert "<svg" in page
    assert "style=" not in page
    assert "Ajouter une photo" in page
    assert "Des bancs." in page


def test_receipt_promises_no_date_that_nobody_announced(client: CheckedClient, give: Give):
    give()
    with time_machine.travel(NOW, tick=False):
        page = text_of(client, open_page(client))
    assert "répond avant" not in page
    assert "cette semaine" not in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"moderation": "publie", "answer": "Le banc est posé."}, "Le banc est posé."),
        ({"moderation": "rejete", "moderation_reason": "On y lit un nom."}, "On y lit un nom."),
    ],
)
def test_an_answer_within_the_half_hour_is_not_hidden_by_thanks(
    client: CheckedClient, give: Give, values: dict[str, str], said: str
):
    give(**values)
    with time_machine.travel(NOW + dt.timedelta(minutes=5), tick=False):
        assert said in text_of(client, open_page(client))


# What became of it


def later(client: CheckedClient, day: dt.date = dt.date(2026, 3, 20)) -> str:
    with time_machine.travel(dt.datetime.combine(day, dt.time(15), dt.UTC), tick=False):
        return text_of(client, open_page(client))


@pytest.mark.parametrize(
    ("moderation", "said"),
    [
        ("en_attente", "Reçu : l'équipe ne l'a pas encore lu."),
        ("publie", "Lu par l'équipe."),
        ("reserve", "L'équipe le garde pour elle : il n'est pas publié."),
        ("rejete", "Votre avis n'est pas publié. Voici pourquoi."),
    ],
)
def test_states_of_an_opinion_alone(client: CheckedClient, give: Give, moderation: str, said: str):
    give(moderation=moderation, moderation_reason="On y lit un nom." if moderation == "rejete" else None)
    page = later(client)
    assert "<h1>Qu'est devenu mon avis ?</h1>" in page
    assert said in page
    assert ("On y lit un nom." in page) == (moderation == "rejete")


@pytest.mark.parametrize(
    ("kind", "word", "said"),
    [
        ("etude", "Lu", "Lu par l'équipe. Une proposition en est née."),
        ("transmise", "Transmis", "Transmis : la réponse vient avant le 30 juin 2026."),
        ("ajournee", "Plus tard", "Pas maintenant. Une réponse est attendue avant le 30 juin 2026."),
        ("retenue", "Oui, prévu", "Oui, c'est prévu. Voici quand et comment."),
        ("retenue_en_partie", "Oui, prévu", "Oui, une partie est prévue."),
        ("non_retenue", "Non", "Non. Voici pourquoi."),
        ("realisee", "Fait", "C'est fait. Voici ce qui a changé."),
        ("abandonnee", "Non", "Non, c'est abandonné. Voici pourquoi."),
        ("retiree", "Retirée", "Elle a été retirée."),
    ],
)
def test_states_of_a_proposal(client: CheckedClient, give: Give, kind: str, word: str, said: str):
    before = [{"kind": earlier, "on_date": dt.date(2026, 3, 12)} for earlier in WAYS[kind][:-1]]
    step = {"kind": kind, "on_date": dt.date(2026, 3, 13), "short_answer": "Voici la phrase courte."}
    if kind in {"transmise", "ajournee"}:
        step["due_on"] = dt.date(2026, 6, 30)
    proposal = make_proposal("prop-1", [*before, step], title="Des bancs partout")
    give(moderation="publie", proposal_id=proposal.id)
    page = later(client)
    assert f"<strong>{said}</strong>" in page
    assert word in page
    assert "Des bancs partout" in page
    if kind != "etude":
        assert "Voici la phrase courte." in page
        assert "13 mars 2026" in page, "the date of the step"


def test_due_date_past_is_said_openly(client: CheckedClient, give: Give, town: Town):
    due = dt.date(2026, 3, 19)
    proposal = make_proposal("prop-1", [{"kind": "transmise", "due_on": due, "to_recipient": make_recipient()}])
    give(moderation="publie", proposal_id=proposal.id)
    assert "En retard : la réponse devait venir avant le 19 mars 2026." in later(client)


def test_answer_announced_at_the_meeting_and_not_given_is_late(client: CheckedClient, give: Give, town: Town):
    town.cafe.answer_due_on = dt.date(2026, 6, 30)
    give(moderation="publie")
    assert "En retard" not in later(client, dt.date(2026, 6, 30))
    assert "En retard : la réponse devait venir avant le 30 juin 2026." in later(client, dt.date(2026, 7, 1))


def test_answered_opinion_is_never_late(client: CheckedClient, give: Give, town: Town):
    town.cafe.answer_due_on = dt.date(2026, 3, 1)
    give(moderation="publie", answer="Les bancs arrivent en mai.", answered_on=dt.date(2026, 3, 18))
    page = later(client)
    assert "En retard" not in page
    assert "Les bancs arrivent en mai." in page
    assert "Voici la réponse." in page


def test_default_delay_is_told_only_once_confirmed(client: CheckedClient, give: Give, town: Town):
    proposal = make_proposal("prop-1", [{"kind": "transmise"}])
    give(moderation="publie", proposal_id=proposal.id)
    day = dt.date(2026, 12, 1)
    assert "En retard" not in later(client, day)
    town.contract.response_days_confirmed = True
    db.session.commit()
    assert "En retard" in later(client, day)


def test_merged_proposal_is_followed_to_the_end(client: CheckedClient, give: Give):
    steps = [{"kind": "transmise"}, {"kind": "retenue", "reason": "Parce que c'est utile."}]
    end = make_proposal("prop-3", steps, title="Tous les bancs")
    middle = make_proposal("prop-2", [{"kind": "regroupee", "to_proposal": end}], title="Bancs du parc")
    first = make_proposal("prop-1", [{"kind": "regroupee", "to_proposal": middle}], title="Un banc")
    give(moderation="publie", proposal_id=first.id)
    page = later(client)
    assert all(title in page for title in ("Un banc", "Bancs du parc", "Tous les bancs"))
    assert "Oui, c'est prévu." in page
    assert "Parce que c'est utile." in page


def keep_file(opinion: Opinion, kind: str) -> None:
    """Let a file have come with the opinion."""
    names = {"ref": f"{kind}-1", "stored_name": f"{kind}-1", "sha256": "0" * 64}
    db.session.add(Media(opinion_id=opinion.id, kind=kind, size=1, created_at=NOW, **names))
    db.session.commit()


@pytest.mark.parametrize(
    ("text", "kind", "said", "erased"),
    [
        (
            VOICE_PENDING, "audio", "Votre message vocal est bien arrivé. L'équipe va l'écrire.",
            "Votre message vocal est effacé. Il n'a pas été écrit.",
        ),
        (PHOTO_ALONE, "photo", "Votre photo est bien arrivée.", "Votre photo est effacée."),
        ("Ce banc est cassé.", "photo", "Votre photo est bien arrivée.", "Ce banc est cassé."),
    ],
)  # fmt: skip
def test_voice_and_photo_are_said_and_never_played(
    client: CheckedClient, give: Give, text: str, kind: str, said: str, erased: str
):
    keep_file(give(text=text), kind)
    page = later(client)
    assert said in page
    assert "<audio" not in page
    assert "/medias/" not in page
    db.session.execute(sa.update(Media).values(erased_at=NOW))
    db.session.commit()
    assert said not in later(client)
    assert erased in later(client)


# Twelve months


def test_keeping_the_code_another_year(client: CheckedClient, give: Give):
    give()
    with time_machine.travel(dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)):
        path = client.get(f"/r/{CODE}").location
        assert "Votre code marche jusqu'au 20 mars 2027." in text_of(client, path)
        answer = client.post(f"{path}/garder")
        assert "Votre code marche jusqu'au 1er décembre 2027." in text_of(client, answer.location)


@pytest.mark.both_databases
def test_typing_works_on_both_databases(client: CheckedClient, give: Give):
    give()
    assert client.post("/suivi/chercher", data={"mots": "lune"}).location.startswith("/suivi?essai=")
    assert client.post("/suivi/chercher", data={"mots": "lune chat pain velo pont"}).location.startswith(
        "/suivi?essai="
    )
    assert client.get(open_page(client)).status_code == 200


def test_a_translation_stands_under_the_words_of_the_author(client: CheckedClient, give: Give):
    opinion = give(text="نريد حديقة", language="ar")
    translate(db.session(), opinion, "fr", "Nous voulons un jardin.", by=None)
    db.session.commit()
    page = text_of(client, open_page(client))
    assert page.index("نريد حديقة") < page.index("Traduction (français), par l'équipe, le ") < page.index("un jardin.")
