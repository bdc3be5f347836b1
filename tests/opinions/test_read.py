"""Reading, correcting, publishing, rejecting and answering opinions; what nobody outside the team ever sees."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.opinions import rules
from participation.opinions.models import Opinion
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_body, make_opinion, make_proposal
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

INBOX = "/equipe/avis"


def shown(client: CheckedClient, query: str = "") -> list[str]:
    """Return the refs listed, in their order."""
    page = client.get(f"{INBOX}{query}")
    assert page.status_code == 200
    return re.findall(r'class="card-title"><a href="/equipe/avis/([^"]*)"', page.text)


def reread(opinion: Opinion) -> Opinion:
    db.session.expire_all()
    return opinion


# The list


def test_the_list_begins_with_what_waits_oldest_first(as_admin: CheckedClient, town: Town):
    for ref, day in (("b", 12), ("a", 11), ("c", 13)):
        make_opinion(ref, meeting=town.cafe, moderation="en_attente", received_on=dt.date(2026, 3, day))
    make_opinion("lu", meeting=town.cafe)
    assert shown(as_admin) == ["a", "b", "c"]
    assert "3 avis attendent d'être lus." in as_admin.get(INBOX).text
    assert shown(as_admin, "?moderation=publie") == ["lu"]
    assert shown(as_admin, "?moderation=") == ["c", "lu", "b", "a"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("instance=commission-du-quai", "at-cafe own"),
        ("instance=conseil-du-sud", "at-council"),
        ("quartier=le-quai", "at-cafe own"),
        ("quartier=la-colline", "hill"),
        ("theme=cadre-de-vie", "own"),
        ("rencontre=cafe", "at-cafe"),
        ("rencontre=nulle-part", ""),
        ("theme=%00", ""),
        ("moderation=danse", ""),
    ],
)
def test_the_list_is_filtered(as_admin: CheckedClient, town: Town, query: str, found: str):
    waiting = {"moderation": "en_attente"}
    make_opinion("at-cafe", meeting=town.cafe, **waiting)
    make_opinion("at-council", meeting=town.session, **waiting)
    make_opinion("own", body=town.commission, theme=town.theme, **waiting)
    make_opinion("hill", meeting=town.cafe, quartier=town.hill, **waiting)  # its own quartier before its meeting's
    expected = found.split()
    if query.startswith(("instance=commission", "rencontre=cafe")):
        expected.append("hill")
    assert sorted(shown(as_admin, f"?{query}")) == sorted(expected)


def test_the_list_has_pages_that_keep_the_filters(as_admin: CheckedClient, town: Town):
    for number in range(25):
        make_opinion(f"o-{number:02}", meeting=town.cafe, moderation="en_attente")
    page = as_admin.get(f"{INBOX}?instance=commission-du-quai").text
    following = re.search(r'rel="next" href="([^"]*)"', page)
    assert following
    address = following[1].replace("&amp;", "&")
    assert "instance=commission-du-quai" in address
    assert shown(as_admin, address.removeprefix(INBOX)) == [f"o-{number}" for number in range(20, 25)]


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (("instance", "commission-du-quai"), "at-cafe own"),
        (("commune", "nord"), "at-cafe own quay"),
        (("quartier", "le-quai"), "at-cafe own quay"),
        (("commune", "sud"), "at-council"),
        (("instance", "autre"), ""),
    ],
)
def test_animator_reads_what_is_in_scope(
    enter: Callable[[Account], CheckedClient], town: Town, scope: tuple[str, str], found: str
):
    make_body("autre")
    make_opinion("at-cafe", meeting=town.cafe)
    make_opinion("at-council", meeting=town.session)
    make_opinion("own", body=town.commission)
    make_opinion("quay", quartier=town.quay)
    animator = enter(make_account("animateur", scope))
    assert sorted(shown(animator, "?moderation=")) == sorted(found.split())
    for ref in ("at-cafe", "at-council", "own", "quay"):
        assert animator.get(f"{INBOX}/{ref}").status_code == (200 if ref in found.split() else 404), ref


@pytest.mark.parametrize("role", ["elu", "representant"])
def test_elu_and_representative_read_and_moderate_nothing(
    client: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town, role: str
):
    make_opinion("avis-1", meeting=town.cafe, moderation="en_attente")
    who = enter(make_account(role, ("instance", "commission-du-quai"), ("commune", "nord")))
    for page in (INBOX, f"{INBOX}/avis-1", f"{INBOX}/avis-1/modifier", f"{INBOX}/avis-1/repondre"):
        assert who.get(page).status_code == 404, page
    token = fields_of(who.get("/equipe/avis/nouveau?rencontre=cafe", follow_redirects=True), INBOX)["csrf_token"]
    for page in ("avis-1", "avis-1/lecture", "avis-1/reponse", "choisis"):
        assert who.post(f"{INBOX}/{page}", data={"csrf_token": token}).status_code == 404, page


# Publish, keep, reject


@pytest.mark.parametrize(
    ("moderation", "sentence"), [("publie", "Avis publié."), ("reserve", "Avis gardé pour l'équipe.")]
)
def test_an_opinion_is_published_or_kept(as_animator: CheckedClient, town: Town, moderation: str, sentence: str):
    opinion = make_opinion("avis-1", meeting=town.cafe, moderation="en_attente")
    answer = fill(as_animator, f"{INBOX}/avis-1", f"{INBOX}/avis-1/lecture", moderation=moderation)
    assert answer.status_code == 303
    assert reread(opinion).moderation == moderation
    (entry,) = list_entries(db.session(), "opinion", "avis-1")
    assert (entry.sentence, entry.details) == (sentence, {"moderation": ["en_attente", moderation]})


def test_an_opinion_is_rejected_with_a_reason_only(as_animator: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe, moderation="en_attente")
    refused = fill(as_animator, f"{INBOX}/avis-1", f"{INBOX}/avis-1/lecture", moderation="rejete")
    assert refused.status_code == 422
    assert "Dites pourquoi cet avis n&#39;est pas publié" in refused.text
    answer = send(as_animator, refused, f"{INBOX}/avis-1/lecture", moderation="rejete", reason="Il nomme une personne.")
    assert answer.status_code == 303
    assert (reread(opinion).moderation, opinion.moderation_reason) == ("rejete", "Il nomme une personne.")
    assert "Il nomme une personne." in as_animator.get(f"{INBOX}/avis-1").text
    (entry,) = list_entries(db.session(), "opinion", "avis-1")
    assert "personne" not in entry.sentence
    fill(as_animator, f"{INBOX}/avis-1", f"{INBOX}/avis-1/lecture", moderation="publie")
    assert (reread(opinion).moderation, opinion.moderation_reason) == ("publie", None)


def test_an_opinion_cannot_wait_again(town: Town):
    opinion = make_opinion(meeting=town.cafe)
    with pytest.raises(Refusal):
        rules.moderate(db.session(), opinion, "en_attente", by=town.admin)
    assert not rules.moderate(db.session(), opinion, "publie", by=town.admin)


def test_several_are_read_at_once(as_animator: CheckedClient, town: Town):
    mine = [make_opinion(f"o-{n}", meeting=town.cafe, moderation="en_attente") for n in range(3)]
    foreign = make_opinion("loin", meeting=town.session, moderation="en_attente")
    rejected = make_opinion("non", meeting=town.cafe, moderation="rejete", moderation_reason="Injure")
    answer = fill(as_animator, INBOX, f"{INBOX}/choisis", avis=["o-0", "o-1", "loin", "non"], faire="publie")
    assert answer.status_code == 303
    assert "2 avis ont été lus." in as_animator.get(answer.location).text
    reread(foreign)
    assert [o.moderation for o in (*mine, foreign, rejected)] == [
        "publie", "publie", "en_attente", "en_attente", "rejete",
    ]  # fmt: skip


@pytest.mark.parametrize(("refs", "what"), [([], "publie"), ([], "proposer"), (["o-0"], "rejete"), (["o-0"], None)])
def test_a_choice_of_nothing_says_what_to_do(as_animator: CheckedClient, town: Town, refs: list[str], what: str | None):
    make_opinion("o-0", meeting=town.cafe, moderation="en_attente")
    answer = fill(as_animator, INBOX, f"{INBOX}/choisis", avis=refs, faire=what)
    assert answer.status_code == 422
    assert "Cochez" in answer.text or "Choisissez" in answer.text


# Correct


def test_an_opinion_is_corrected_before_it_is_published(as_animator: CheckedClient, town: Town):
    opinion = make_opinion(
        "avis-1", meeting=town.cafe, moderation="en_attente", text="Il fait noir", question="Libre ?"
    )
    page = as_animator.get(f"{INBOX}/avis-1/modifier", follow_redirects=True)
    assert fields_of(page, f"{INBOX}/avis-1")["question_free"] == ["Libre ?"]
    answer = send(
        as_animator, page, f"{INBOX}/avis-1", text="Il fait noir, le soir.", theme="cadre-de-vie", language="fr"
    )
    assert answer.status_code == 303
    assert (reread(opinion).text, opinion.theme, opinion.version) == ("Il fait noir, le soir.", town.theme, 2)
    (entry,) = list_entries(db.session(), "opinion", "avis-1")
    assert entry.sentence == "Avis corrigé : texte, thème, langue."
    assert "soir" not in str(entry.details)


def test_the_words_of_a_published_opinion_do_not_change(as_animator: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe, text="Il fait noir")
    path = f"{INBOX}/avis-1"
    refused = fill(as_animator, f"{path}/modifier", path, text="Il fait beau")
    assert refused.status_code == 422
    assert "ses mots ne changent plus" in refused.text
    assert fields_of(refused, path)["text"] == ["Il fait beau"]
    assert fill(as_animator, f"{path}/modifier", path, theme="cadre-de-vie").status_code == 303
    assert (reread(opinion).text, opinion.theme) == ("Il fait noir", town.theme)


def test_an_old_form_keeps_what_was_typed(as_animator: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe, moderation="en_attente", text="Avant")
    page = as_animator.get(f"{INBOX}/avis-1/modifier", follow_redirects=True)
    opinion.text = "Entre-temps"
    db.session.commit()
    answer = send(as_animator, page, f"{INBOX}/avis-1", text="Le mien")
    assert answer.status_code == 409
    assert "Entre-temps" in answer.text
    assert fields_of(answer, f"{INBOX}/avis-1")["text"] == ["Le mien"]
    assert reread(opinion).text == "Entre-temps"
    assert send(as_animator, answer, f"{INBOX}/avis-1").status_code == 303
    assert reread(opinion).text == "Le mien"
    with pytest.raises(Conflict):
        rules.edit(db.session(), opinion, rules.Said("X", opinion.received_on), version=1, by=town.admin)


def test_an_opinion_never_loses_its_place(as_admin: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", quartier=town.quay, moderation="en_attente")
    answer = fill(as_admin, f"{INBOX}/avis-1/modifier", f"{INBOX}/avis-1", quartier="")
    assert answer.status_code == 422
    assert reread(opinion).quartier == town.quay


def test_an_imported_language_and_a_long_text_stay(as_admin: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe, moderation="en_attente", language="pcd", text="é" * 30_000)
    assert fill(as_admin, f"{INBOX}/avis-1/modifier", f"{INBOX}/avis-1", channel="papier").status_code == 303
    assert (reread(opinion).language, opinion.channel, len(opinion.text)) == ("pcd", "papier", 30_000)


# Answer


def test_an_opinion_has_a_short_answer_of_its_own(as_animator: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe)
    path = f"{INBOX}/avis-1"
    answer = fill(as_animator, f"{path}/repondre", f"{path}/reponse", answer="La lampe est changée.")
    assert answer.status_code == 303
    assert (reread(opinion).answer, opinion.answered_on) == ("La lampe est changée.", dt.date(2026, 3, 20))
    for page in ("/avis", "/rencontres/cafe", path):
        assert "La lampe est changée." in as_animator.get(page).text
    assert [entry.sentence for entry in list_entries(db.session(), "opinion", "avis-1")] == [
        "Réponse donnée à cet avis."
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"answer": ""}, "Écrivez la réponse"),
        ({"answer": "x" * 1001}, "trop long"),
        ({"answered_on": "2026-03-21"}, "pas encore arrivée"),
        ({"answered_on": "2026-03-11"}, "avant l&#39;avis"),
        ({"answered_on": ""}, "Indiquez la date de la réponse"),
    ],
)
def test_a_wrong_answer_says_what_to_do(as_admin: CheckedClient, town: Town, values: dict[str, Any], sentence: str):
    make_opinion("avis-1", meeting=town.cafe)
    path = f"{INBOX}/avis-1"
    answer = fill(as_admin, f"{path}/repondre", f"{path}/reponse", **({"answer": "Oui."} | values))
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_opinion_that_fed_a_proposal_is_answered_by_it(as_admin: CheckedClient, town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe, proposal_id=make_proposal().id)
    path = f"{INBOX}/avis-1"
    assert "/repondre" not in as_admin.get(path).text
    answer = fill(as_admin, f"{path}/repondre", f"{path}/reponse", answer="Oui.")
    assert answer.status_code == 422
    assert reread(opinion).answer is None


def test_elu_answers_a_published_opinion_and_sees_no_other(enter: Callable[[Account], CheckedClient], town: Town):
    opinion = make_opinion("avis-1", meeting=town.cafe)
    make_opinion("avis-2", meeting=town.cafe, moderation="reserve")
    make_opinion("avis-3", meeting=town.session)
    elu = enter(town.elu)
    path = f"{INBOX}/avis-1"
    assert fill(elu, f"{path}/repondre", f"{path}/reponse", answer="C'est noté.").status_code == 303
    assert reread(opinion).answer == "C'est noté."
    for ref in ("avis-2", "avis-3"):
        assert elu.get(f"{INBOX}/{ref}/repondre").status_code == 404


def test_elu_finds_the_way_to_answer_on_the_meeting_page(
    client: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town
):
    make_opinion("avis-1", meeting=town.cafe)
    assert "/equipe/avis/avis-1/repondre" in enter(town.elu).get("/rencontres/cafe").text
    assert "repondre" not in client.get("/rencontres/cafe").text
    assert "repondre" not in enter(make_account("elu", ("commune", "sud"))).get("/rencontres/cafe").text


# For everybody


def test_everybody_reads_published_opinions_word_for_word(client: CheckedClient, town: Town):
    make_opinion(meeting=town.cafe, text="Il fait noir,\nle soir.", question="Que changer ?", theme=town.theme)
    make_opinion(quartier=town.hill, text="نريد مقاعد", language="ar")
    page = client.get("/avis").text
    assert "Il fait noir,\nle soir." in page
    assert "Que changer ?" in page
    assert '<blockquote dir="auto" lang="ar">' in page
    for query, found in (("rencontre=cafe", "noir"), ("theme=cadre-de-vie", "noir"), ("quartier=la-colline", "نريد"),
                         ("instance=commission-du-quai", "noir")):  # fmt: skip
        text = client.get(f"/avis?{query}").text
        assert found in text
        assert ("noir" in text) != ("نريد" in text)


def test_a_long_opinion_opens_on_demand(client: CheckedClient, town: Town):
    make_opinion(meeting=town.cafe, text="mot " * 1000)
    page = client.get("/avis").text
    assert "Lire tout l'avis" in page
    assert "mot " * 999 in page


def test_nothing_that_is_not_published_is_ever_on_a_public_page(client: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", title="Un banc", body=town.commission, meeting=town.cafe)
    place = {"meeting": town.cafe, "theme": town.theme, "proposal_id": proposal.id, "answer": "CANARI réponse"}
    for moderation in ("en_attente", "reserve", "rejete"):
        make_opinion(f"canari-{moderation}", moderation=moderation, text="CANARI texte", question="CANARI question",
                     moderation_reason="CANARI motif", **place)  # fmt: skip
    make_opinion(quartier=town.quay, moderation="reserve", text="CANARI quartier")
    make_opinion(body=town.commission, moderation="en_attente", text="CANARI instance")
    db.session.commit()
    pages = ["/", "/avis", "/avis?rencontre=cafe", "/avis?quartier=le-quai", "/avis?theme=cadre-de-vie",
             "/avis?instance=commission-du-quai", "/avis?moderation=reserve", "/propositions", "/reponses",
             "/propositions/prop-1-un-banc", "/rencontres", "/rencontres/cafe", "/quartiers/le-quai", "/quartiers",
             "/contrat", "/instances", "/instances/commission-du-quai", "/rencontres/agenda.ics"]  # fmt: skip
    for page in pages:
        answer = client.get(page)
        assert answer.status_code in {200, 404}, page
        assert "canari" not in answer.text.lower(), page
    assert "3 avis" not in client.get("/rencontres/cafe").text  # the rejected one counts nowhere
    assert "2 avis ont été notés." in client.get("/rencontres/cafe").text


@pytest.mark.both_databases
@pytest.mark.usefixtures("app_context")
def test_the_database_wants_a_place_and_an_answer_that_has_words():
    opinion = make_opinion()
    db.session.commit()
    for values in (
        {"meeting_id": None},
        {"answered_on": dt.date(2026, 3, 20)},
        {"moderation": "danse"},
        {"channel": "x"},
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(sa.update(Opinion).where(Opinion.id == opinion.id).values(**values))
        db.session.rollback()
