"""Reading what waits, one opinion after the other: each act, the words to decide on, the walk, and taking it back."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from participation.database import now
from participation.errors import Refusal
from participation.extensions import db
from participation.following import rules as following
from participation.following import visits
from participation.journal import list_entries
from participation.meetings.models import MeetingInstitution
from participation.opinions import masking, rules, translations, undoing
from participation.opinions.masking import KEEP, MASK, ByHand
from participation.opinions.models import VOICE_PENDING, Opinion
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_media, make_opinion
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

INBOX = "/equipe/avis"
WALK = f"{INBOX}/lire"
CODE = "chat-lune-pain-velo-pont"


def waiting(ref: str, **values: Any) -> Opinion:
    return make_opinion(ref, **({"moderation": "en_attente"} | values))


def reread(opinion: Opinion) -> Opinion:
    db.session.expire_all()
    return opinion


def at(answer: TestResponse) -> str:
    """Return the opinion whose reading page an answer leads to."""
    found = re.search(r"/equipe/avis/([^/?]+)/lire", answer.location)
    return found[1] if found else answer.location


def act(client: CheckedClient, ref: str, what: str, query: str = "", **values: Any) -> TestResponse:
    page = client.get(f"{INBOX}/{ref}/lire{query}")
    return send(client, page, f"{INBOX}/{ref}/lu", faire=what, **values)


def keys(page: TestResponse) -> dict[str, str]:
    """Return words proposed for masking -> the name of the field that decides on them."""
    found = re.findall(r"<mark><bdi>([^<]*)</bdi></mark></legend>.*?name=\"(mot-[0-9a-f]+)\"", page.text, re.DOTALL)
    return dict(found)


def sentences(ref: str) -> list[str]:
    return [entry.sentence for entry in list_entries(db.session(), "opinion", ref)]


# The walk


def three(town: Town) -> None:
    for number, day in ((1, 11), (2, 12), (3, 13)):
        waiting(f"o-{number}", meeting=town.cafe, received_on=town.cafe.held_on.replace(day=day))
    waiting("loin", meeting=town.session, received_on=town.cafe.held_on.replace(day=1))
    waiting("voix", meeting=town.cafe, text=VOICE_PENDING)
    make_opinion("lu", meeting=town.cafe)


@pytest.mark.both_databases
def test_after_each_act_the_next_one_is_shown_oldest_first(as_animator: CheckedClient, town: Town):
    three(town)
    assert at(as_animator.get(WALK)) == "o-1"
    assert "3 encore à lire." in as_animator.get(f"{INBOX}/o-1/lire").text
    assert at(act(as_animator, "o-1", "publie")) == "o-2"
    assert at(act(as_animator, "o-2", "reserve")) == "o-3"
    last = act(as_animator, "o-3", "rejete", motif="publicite")
    end = as_animator.get(last.location)
    assert "Tous les avis sont lus" in end.text
    assert "Annuler, le relire" in end.text
    rows = db.session.execute(sa.select(Opinion.ref, Opinion.moderation, Opinion.moderation_reason)).all()
    states = {ref: (state, reason) for ref, state, reason in rows}
    assert states["o-1"] == ("publie", None)
    assert states["o-2"] == ("reserve", None)
    assert states["o-3"] == ("rejete", "C'est une publicité.")
    assert {states[ref][0] for ref in ("loin", "voix")} == {"en_attente"}


@pytest.mark.both_databases
def test_one_is_passed_and_comes_back_in_the_end(as_animator: CheckedClient, town: Town):
    three(town)
    page = as_animator.get(f"{INBOX}/o-1/lire").text
    later = re.search(r'class="pages-next"><a href="([^"]*)"', page)
    assert later
    assert at(as_animator.get(later[1])) == "o-2"
    before = re.search(r'<li><a href="([^"]*avant=[^"]*)"', as_animator.get(f"{INBOX}/o-2/lire").text)
    assert before
    assert at(as_animator.get(before[1])) == "o-1"
    assert at(act(as_animator, "o-3", "publie")) == "o-1"  # past the end, what was passed


def test_the_filters_are_kept_and_voice_waits_apart(as_admin: CheckedClient, town: Town):
    three(town)
    waiting("o-4", meeting=town.cafe, theme=town.theme)
    waiting("o-5", meeting=town.cafe, theme=town.theme)
    assert at(as_admin.get(WALK)) == "loin"
    query = "?theme=cadre-de-vie&instance=commission-du-quai"
    first = as_admin.get(f"{WALK}{query}")
    assert (at(first), "theme=cadre-de-vie" in first.location) == ("o-4", True)
    page = as_admin.get(f"{INBOX}/o-4/lire{query}")
    assert "2 encore à lire." in page.text
    action = re.search(r'id="decider" method="post" action="([^"]*)"', page.text)
    assert action
    form = fields_of(page, f"{INBOX}/o-4/lu")
    answer = as_admin.post(action[1].replace("&amp;", "&"), data={**form, "faire": "publie"})
    assert (at(answer), "theme=cadre-de-vie" in answer.location) == ("o-5", True)
    assert at(as_admin.get(f"{WALK}?voix=oui")) == "voix"
    assert "Écrire 1 message vocal" in as_admin.get(INBOX).text
    assert "Lire 5 avis, un par un" in as_admin.get(INBOX).text


def test_a_page_costs_the_same_however_many_wait(as_animator: CheckedClient, town: Town):
    def queries() -> int:
        seen: list[str] = []

        def note(*arguments: Any) -> None:
            seen.append(arguments[2])

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert as_animator.get(f"{INBOX}/o-0/lire").status_code == 200
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    waiting("o-0", meeting=town.cafe)
    few = queries()
    for number in range(1, 40):
        waiting(f"o-{number}", meeting=town.cafe, text="Ma voisine Fatima (06 12 34 56 78).")
    assert queries() == few


# Words to decide on

FIRST, LAST = ("Fatima", "Karim", "Sylvie", "Ahmed", "Nadia"), ("Benali", "Lefebvre", "Caron", "Haddad")
PLANTED = [
    *(f"{first} {last}" for first, last in zip(FIRST, (*LAST, "Nowak"), strict=True)),
    "Mme Delattre", "mme delattre", "monsieur dupont", "M. de la Tour", "Dr Nowak",
    "06 12 34 56 78", "+33 6 12 34 56 78", "03.21.00.00.00",
    "prenom.nom@exemple.fr", "essai+quartier@exemple.org",
    "12 rue des Lilas", "4 bis, avenue Pierre Exemple", "bâtiment B", "appartement 12", "entrée C",
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_proposed_and_holds_publishing_back(as_animator: CheckedClient, town: Town, planted: str):
    opinion = waiting("o-1", meeting=town.cafe, text=f"Le banc est cassé, voyez avec {planted}, qui sait pourquoi.")
    page = as_animator.get(f"{INBOX}/o-1/lire")
    found = keys(page)
    assert any(planted.rsplit(maxsplit=1)[-1] in words for words in found), (planted, found)
    refused = send(as_animator, page, f"{INBOX}/o-1/lu", faire="publie")
    assert refused.status_code == 422
    assert "Avant de publier, décidez de" in refused.text
    done = send(as_animator, page, f"{INBOX}/o-1/lu", faire="publie", **dict.fromkeys(found.values(), MASK))
    assert done.status_code == 303
    assert reread(opinion).moderation == "publie"
    assert planted.rsplit(maxsplit=1)[-1] not in opinion.text


def test_twenty_are_planted():
    assert len(PLANTED) == 20


def test_some_words_are_masked_and_others_kept(client: CheckedClient, as_animator: CheckedClient, town: Town):
    text = "Le square Fatima Benali est sale. Appelez Mme Lefebvre au 06 12 34 56 78, Mme Lefebvre sait."
    opinion = waiting("o-1", meeting=town.cafe, text=text, language="fr")
    translations.translate(db.session(), opinion, "en", "Call Mme Lefebvre.", by=town.animator)
    db.session.commit()
    page = as_animator.get(f"{INBOX}/o-1/lire")
    found = keys(page)
    assert list(found) == ["Fatima Benali", "Mme Lefebvre", "06 12 34 56 78"]
    chosen = {found["Fatima Benali"]: KEEP, found["Mme Lefebvre"]: MASK}
    refused = send(as_animator, page, f"{INBOX}/o-1/lu", faire="publie", **chosen)
    assert refused.status_code == 422
    assert "« 06 12 34 56 78 »" in refused.text
    assert reread(opinion).text == text  # nothing is masked by half
    assert f'name="{found["Mme Lefebvre"]}" value="masquer" checked' in refused.text
    done = send(as_animator, refused, f"{INBOX}/o-1/lu", faire="publie", **chosen, **{found["06 12 34 56 78"]: MASK})
    assert done.status_code == 303
    shown = "Le square Fatima Benali est sale. Appelez [nom masqué] au [téléphone masqué], [nom masqué] sait."
    assert (reread(opinion).text, opinion.moderation) == (shown, "publie")
    assert [row.text for row in opinion.translations] == ["Call [nom masqué]."]
    public = client.get("/avis").text
    assert shown in public
    assert "Entre crochets : ce que l'équipe a masqué." in public
    masked, published = list_entries(db.session(), "opinion", "o-1")[1:]
    assert (masked.action, masked.details) == ("opinion.masked", {"nom": [0, 3], "telephone": [0, 1]})
    assert published.action == "opinion.published"
    assert "Lefebvre" not in str([vars(entry) for entry in (masked, published)])


def test_words_marked_by_hand_are_masked_before_anything_is_published(as_animator: CheckedClient, town: Town):
    opinion = waiting("o-1", meeting=town.cafe, text="Le gros du second est un voleur. Un vrai VOLEUR.")
    refused = act(as_animator, "o-1", "masquer", autres="escroc", nature="insulte")
    assert refused.status_code == 422
    assert "« escroc » n&#39;est pas dans l&#39;avis" in refused.text
    assert fields_of(refused, f"{INBOX}/o-1/lu")["autres"] == ["escroc"]
    done = act(as_animator, "o-1", "masquer", autres="un  voleur\nvoleur\n", nature="insulte")
    assert at(done) == "o-1"
    assert reread(opinion).text == "Le gros du second est [insulte masquée]. Un vrai [insulte masquée]."
    assert opinion.moderation == "en_attente"
    assert "C&#39;est masqué. Relisez, puis décidez." in as_animator.get(done.location).text
    nothing = act(as_animator, "o-1", "masquer")
    assert nothing.status_code == 422
    assert "écrivez les mots à masquer" in nothing.text


def test_names_of_places_and_of_institutions_present_are_not_proposed(town: Town):
    town.cafe.institutions.append(MeetingInstitution(name="Foyer Dupuis"))
    opinion = waiting("o-1", meeting=town.cafe, text="Au café du Quai, le Foyer Dupuis aide bien.")
    assert masking.doubts(opinion, masking.known_names(db.session())) == []


def test_a_published_opinion_is_not_masked(town: Town):
    opinion = make_opinion("o-1", meeting=town.cafe, text="Un voleur.")
    with pytest.raises(Refusal, match="publié"):
        masking.mask(db.session(), opinion, {}, ByHand(["voleur"], "insulte"), [], by=town.admin)


@pytest.mark.parametrize("by_list", [True, False])
def test_no_way_publishes_a_name_that_nobody_decided_on(as_animator: CheckedClient, town: Town, by_list: bool):
    named = waiting("o-1", meeting=town.cafe, text="Voyez avec Karim Benali.")
    plain = waiting("o-2", meeting=town.cafe, text="Des bancs.")
    if by_list:
        answer = fill(as_animator, INBOX, f"{INBOX}/choisis", avis=["o-1", "o-2"], faire="publie")
        after = as_animator.get(answer.location).text
        assert "1 avis a été lu." in after
        assert "1 avis n&#39;est pas publié" in after
        assert reread(plain).moderation == "publie"
    else:
        page = as_animator.get(f"{INBOX}/o-1")
        assert "Relire les noms, puis publier" in page.text
        answer = send(as_animator, page, f"{INBOX}/o-1/lecture", moderation="publie")
        assert answer.status_code == 422
    assert reread(named).moderation == "en_attente"


def test_an_opinion_written_down_with_a_name_waits(as_animator: CheckedClient, town: Town):
    answer = fill(
        as_animator, f"{INBOX}/nouveau?rencontre=cafe", INBOX, text="Voyez avec Karim Benali.", moderation="publie"
    )
    assert "décidez de chaque nom" in as_animator.get(answer.location).text
    assert db.session.scalars(sa.select(Opinion.moderation)).one() == "en_attente"


def test_an_author_reads_what_was_masked_and_why(as_animator: CheckedClient, town: Town):
    opinion = waiting("o-1", meeting=town.cafe, text="Karim Benali est un voleur.")
    following.attach(db.session(), CODE, opinion)
    db.session.commit()
    page = as_animator.get(f"{INBOX}/o-1/lire")
    chosen = dict.fromkeys(keys(page).values(), MASK)
    send(as_animator, page, f"{INBOX}/o-1/lu", faire="publie", autres="voleur", nature="insulte", **chosen)
    with time_machine.travel(now().replace(day=21)):
        told = as_animator.get(f"/suivi/{visits.token_for(CODE)}").text
    assert "[nom masqué] est un [insulte masquée]." in told
    assert "Nous avons masqué un nom : personne ne doit être reconnu." in told
    assert "Nous avons masqué des mots qui peuvent blesser." in told


# Refuse with a reason


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"motif": "sujet"}, "Il ne parle ni du quartier ni de la ville."),
        ({"reason": "Il parle d'un procès."}, "Il parle d'un procès."),
        ({"motif": "prive", "reason": "Redites-le."}, "Il raconte la vie privée de quelqu'un. Redites-le."),
    ],
)  # fmt: skip
def test_a_reason_is_chosen_or_written_and_its_author_reads_it(
    as_animator: CheckedClient, town: Town, given: dict[str, str], kept: str
):
    opinion = waiting("o-1", meeting=town.cafe)
    following.attach(db.session(), CODE, opinion)
    db.session.commit()
    refused = act(as_animator, "o-1", "rejete", motif="inconnu")
    assert refused.status_code == 422
    assert "Choisissez un motif, ou écrivez-le" in refused.text
    assert act(as_animator, "o-1", "rejete", **given).status_code == 303
    assert (reread(opinion).moderation, opinion.moderation_reason) == ("rejete", kept)
    told = as_animator.get(f"/suivi/{visits.token_for(CODE)}").text
    assert kept.replace("'", "&#39;") in told
    assert "1 avis" in as_animator.get("/aide").text


def test_what_only_the_team_may_read_is_not_published(as_animator: CheckedClient, town: Town):
    opinion = waiting("o-1", meeting=town.cafe, reserve_asked=True)
    assert 'value="publie"' not in as_animator.get(f"{INBOX}/o-1/lire").text
    assert act(as_animator, "o-1", "publie").status_code == 422
    assert act(as_animator, "o-1", "danse").status_code == 422
    assert reread(opinion).moderation == "en_attente"


# Two people at a time


@pytest.mark.both_databases
def test_a_second_animator_is_told_and_nothing_is_done_twice(
    as_animator: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town
):
    opinion = waiting("o-1", meeting=town.cafe)
    other = enter(town.admin)
    mine, theirs = (who.get(f"{INBOX}/o-1/lire") for who in (as_animator, other))
    assert send(as_animator, mine, f"{INBOX}/o-1/lu", faire="publie").status_code == 303
    answer = send(other, theirs, f"{INBOX}/o-1/lu", faire="rejete", motif="double")
    assert answer.status_code == 409
    assert "vient de lire cet avis : « Publié ». Votre choix n&#39;a rien changé." in answer.text
    assert (reread(opinion).moderation, sentences("o-1")) == ("publie", ["Avis publié."])
    again = send(as_animator, mine, f"{INBOX}/o-1/lu", faire="publie")
    assert (again.status_code, sentences("o-1")) == (303, ["Avis publié."])


def test_words_changed_meanwhile_are_read_again(as_animator: CheckedClient, town: Town):
    opinion = waiting("o-1", meeting=town.cafe, text="Avant")
    page = as_animator.get(f"{INBOX}/o-1/lire")
    opinion.text = "Entre-temps"
    db.session.commit()
    answer = send(as_animator, page, f"{INBOX}/o-1/lu", faire="rejete", reason="Mon motif")
    assert answer.status_code == 409
    assert "Entre-temps" in answer.text
    assert fields_of(answer, f"{INBOX}/o-1/lu")["reason"] == ["Mon motif"]
    assert send(as_animator, answer, f"{INBOX}/o-1/lu", faire="rejete").status_code == 303


# Take it back


@pytest.mark.both_databases
def test_a_mistake_is_taken_back_from_the_screen_that_follows(as_animator: CheckedClient, town: Town):
    opinion, _next = waiting("o-1", meeting=town.cafe), waiting("o-2", meeting=town.cafe)
    after = as_animator.get(act(as_animator, "o-1", "rejete", motif="sujet").location)
    assert "C'est noté : « Non publié »." in after.text
    back = send(as_animator, after, f"{INBOX}/o-1/reprendre")
    assert at(back) == "o-1"
    assert (reread(opinion).moderation, opinion.moderation_reason) == ("en_attente", None)
    assert sentences("o-1") == [
        "Avis non publié, avec un motif.",
        "Lecture annulée : l'avis attend de nouveau d'être lu.",
    ]
    assert send(as_animator, after, f"{INBOX}/o-1/reprendre").status_code == 303  # sent twice
    assert len(sentences("o-1")) == 2
    assert act(as_animator, "o-1", "publie").status_code == 303


def test_only_who_has_just_done_it_takes_it_back(
    as_animator: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town
):
    opinion, _next = waiting("o-1", meeting=town.cafe), waiting("o-2", meeting=town.cafe)
    after = as_animator.get(act(as_animator, "o-1", "publie").location)
    other = enter(make_account("animateur", ("commune", "nord")))
    assert "Annuler, le relire" not in other.get(f"{INBOX}/o-2/lire?fait=o-1").text
    assert not undoing.may_undo(db.session(), reread(opinion), by=None)
    fill(as_animator, f"{INBOX}/o-1/repondre", f"{INBOX}/o-1/reponse", answer="Oui.")
    refused = send(as_animator, after, f"{INBOX}/o-1/reprendre")
    assert refused.status_code == 422
    assert "ne s&#39;annule plus d&#39;ici" in refused.text
    assert reread(opinion).moderation == "publie"


def test_after_half_an_hour_it_is_not_taken_back_any_more(town: Town):
    opinion = waiting("o-1", meeting=town.cafe)
    rules.moderate(db.session(), opinion, "publie", by=town.animator)
    db.session.flush()
    assert undoing.may_undo(db.session(), opinion, by=town.animator)
    with time_machine.travel(now() + undoing.WITHIN):
        assert not undoing.may_undo(db.session(), opinion, by=town.animator)


# Voice and languages


def test_a_voice_is_written_down_beside_the_playback_then_read(as_animator: CheckedClient, town: Town):
    opinion = waiting("o-1", meeting=town.cafe, text=VOICE_PENDING)
    make_media("voix", "audio", opinion=opinion)
    waiting("o-2", meeting=town.cafe)
    page = as_animator.get(f"{INBOX}/o-1/lire?voix=oui")
    assert 'src="/medias/voix"' in page.text
    assert 'value="publie"' not in page.text
    action = re.search(r'action="(/equipe/medias/voix/ecrit[^"]*)"', page.text)
    assert action
    form = fields_of(page, "/equipe/medias/voix/ecrit")
    form |= {"text": ["Voyez Karim Benali."], "language": ["fr"]}
    written = as_animator.post(action[1].replace("&amp;", "&"), data=form)
    assert at(written) == "o-1"
    page = as_animator.get(written.location)
    assert list(keys(page)) == ["Karim Benali"]
    done = send(as_animator, page, f"{INBOX}/o-1/lu", faire="publie", **dict.fromkeys(keys(page).values(), MASK))
    assert done.status_code == 303
    assert (reread(opinion).text, opinion.moderation) == ("Voyez [nom masqué].", "publie")


def test_a_translation_is_written_from_the_same_page(as_animator: CheckedClient, town: Town):
    opinion = waiting("o-1", meeting=town.cafe, text="نريد مقاعد", language="ar")
    page = as_animator.get(f"{INBOX}/o-1/lire?instance=commission-du-quai")
    action = re.search(r'action="(/equipe/avis/o-1/traduction[^"]*)"', page.text)
    assert action
    form = fields_of(page, f"{INBOX}/o-1/traduction") | {"text": ["Nous voulons des bancs."]}
    answer = as_animator.post(action[1].replace("&amp;", "&"), data=form)
    assert (at(answer), "instance=commission-du-quai" in answer.location) == ("o-1", True)
    assert "Nous voulons des bancs." in as_animator.get(answer.location).text
    assert [row.language for row in reread(opinion).translations] == ["fr"]


def test_a_photo_is_described_and_the_walk_goes_on(as_animator: CheckedClient, town: Town):
    make_media("photo", opinion=waiting("o-1", meeting=town.cafe), width=640, height=480)
    page = as_animator.get(f"{INBOX}/o-1/lire?rencontre=cafe")
    describe = re.search(r'href="(/equipe/medias/photo/decrire[^"]*)"', page.text)
    assert describe
    form = as_animator.get(describe[1].replace("&amp;", "&"), follow_redirects=True)
    action = re.search(r'action="(/equipe/medias/photo/publiee[^"]*)"', form.text)
    assert action
    sent = fields_of(form, "/equipe/medias/photo/publiee") | {"description": ["Un banc cassé"]}
    answer = as_animator.post(action[1].replace("&amp;", "&"), data=sent)
    assert (at(answer), "rencontre=cafe" in answer.location) == ("o-1", True)


def test_nobody_else_reads_here(client: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town):
    waiting("o-1", meeting=town.cafe)
    assert client.get(WALK).status_code == 303
    for role in ("elu", "representant"):
        who = enter(make_account(role, ("instance", "commission-du-quai")))
        assert [who.get(path).status_code for path in (WALK, f"{INBOX}/o-1/lire")] == [404, 404], role
    far = enter(make_account("animateur", ("commune", "sud")))
    assert "Tous les avis sont lus" in far.get(WALK).text
    assert far.get(f"{INBOX}/o-1/lire").status_code == 404


@pytest.mark.both_databases
def test_of_two_at_the_same_moment_one_is_told(
    as_animator: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town
):
    waiting("o-1", meeting=town.cafe)
    both = (as_animator, enter(town.admin))
    pages = [who.get(f"{INBOX}/o-1/lire") for who in both]
    together = threading.Barrier(2)

    def press(number: int) -> int:
        together.wait()
        given = ({"faire": "publie"}, {"faire": "rejete", "motif": "double"})[number]
        return send(both[number], pages[number], f"{INBOX}/o-1/lu", **given).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, (0, 1))) == [303, 409]
    db.session.rollback()
    assert len(sentences("o-1")) == 1
