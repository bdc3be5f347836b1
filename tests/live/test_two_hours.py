"""Two hours of a meeting of 25 people, recorded without a network in few taps, then published: all once, in order.

Counted in November 2026: 6 taps before, 144 during, 12 after, « Terminer » and two masked names included.
"""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from participation import clock
from participation.extensions import db
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto, ShowOfHands
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal
from tests.live.hand import Hand, prepare, says
from tests.support.browser import PHONE

MOST_BEFORE, MOST_DURING, MOST_AFTER = 8, 160, 12
BANDS = ("Moins de 18 ans", "18 à 25 ans", "26 à 39 ans", "40 à 59 ans", "60 ans et plus")
POINTS = ("L'éclairage", "Le square", "Les poubelles", "La fête de quartier")
OPINIONS = [f"Avis {number} : il faudrait que ça change ici." for number in range(29)]
OPINIONS.append("Demandez à Mme Lefebvre, au 06 12 34 56 78, elle sait.")
PROPOSED = {3: 7, 8: 12, 14: 0, 20: 21, 26: 5}
"""Opinions that become proposals, with the hands raised."""
DECISIONS = [f"Décision {number}, dite devant tous." for number in range(5)]


@pytest.fixture
def telephone(telephone: BrowserContext) -> Page:
    """A tab of the animator's telephone, as wide as its screen."""
    page = telephone.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    return page


@pytest.fixture
def paperboard(tmp_path: Path) -> Path:
    """A photo of what was written on the wall."""
    picture = tmp_path / "tableau.jpg"
    Image.effect_noise((1600, 1200), 40).convert("RGB").save(picture, quality=80)
    return picture


def _before(hand: Hand) -> None:
    """From the team's first page to the screen of a new meeting, ready without a network."""
    page = hand.page
    page.goto("/equipe")
    hand.tap(page.get_by_role("link", name="Refaire la dernière"))
    hand.tap(page.locator("[name=held_on]"))
    page.locator("[name=held_on]").fill(_as_typed(page.locator("[name=held_on]")))
    hand.tap("Créer la rencontre")
    hand.tap(page.get_by_role("link", name="Préparer hors réseau"))
    prepare(hand)
    hand.tap(page.get_by_role("link", name="Ouvrir l'écran de la rencontre"))
    expect(page.get_by_role("button", name="Commencer")).to_be_visible()


def _as_typed(field: Locator) -> str:
    """Return today's date as the field wants it."""
    today = clock.today()
    return today.isoformat() if field.get_attribute("type") == "date" else today.strftime("%d/%m/%Y")


def _arrive(hand: Hand) -> None:
    for number in range(25):
        hand.tap(BANDS[number % 5])
    expect(hand.page.locator("[data-etat=habitants]")).to_have_text("25")


def _count(hand: Hand) -> None:
    hand.tap(hand.page.get_by_text("Autres totaux"))
    for name, number in (("Viennent pour la première fois", 6), ("Habitent un quartier prioritaire", 19)):
        hand.total(name, number)
    hand.total("Femmes", 14)
    hand.total("Hommes", 11)
    hand.tap("Un de plus : Élus et élues")
    for name in ("Bailleur d'essai", "Centre social d'essai"):
        hand.write(hand.page.locator("#nom"), name)
        hand.tap(hand.page.locator("#institutions").get_by_role("button", name="Ajouter"))


def _talk(hand: Hand) -> None:
    page = hand.page
    for point in POINTS:
        hand.write(page.locator("#titre"), point)
        hand.tap("Ajouter ce point")
    for number, words in enumerate(OPINIONS):
        if number % 8 == 0:
            line = page.locator("[data-etat=points] > li").filter(has_text=POINTS[number // 8])
            hand.tap(line.get_by_role("button", name="On en parle maintenant"))
        hand.opinion(words, theme="Propreté" if number % 5 == 0 else None)
        if PROPOSED.get(number):
            hand.proposal(words, PROPOSED[number])
        elif number in PROPOSED:
            line = page.locator("[data-etat=avis] > li").first
            hand.tap(line.get_by_text("En faire une proposition"))
            hand.tap(line.get_by_role("button", name="Proposer"))


def _conclude(hand: Hand, paperboard: Path) -> None:
    page = hand.page
    for words in DECISIONS:
        hand.decision(words, "l'animatrice", "le bailleur")
    hand.taps += 1  # the camera's own button
    page.locator("#photo").set_input_files(paperboard)
    hand.write(page.locator("#description"), "Les idées du groupe, au tableau.")
    hand.tap("Garder la photo")
    expect(page.locator("[data-etat=photos] > li")).to_have_count(1)


def _publish(hand: Hand) -> None:
    page = hand.page
    hand.tap(page.get_by_role("link", name="Écrire le compte rendu"))
    hand.tap("Garder, puis relire avant de publier")
    expect(page.get_by_role("heading", name="Avant de publier")).to_be_visible()
    for box in page.locator("main [type=radio][value=masquer]").all():
        hand.tap(page.locator(f"label[for={box.get_attribute('id')}]"))
    for box in page.locator("main [name=fait]").all():
        hand.tap(page.locator(f"label[for={box.get_attribute('id')}]"))
    hand.tap("Enregistrer, puis relire")
    hand.tap("Publier le compte rendu")
    expect(page.get_by_text("Le compte rendu est publié.")).to_be_visible()


def test_two_hours_without_a_network_in_few_taps(telephone: Page, hall: Flask, paperboard: Path) -> None:
    before = Hand(telephone)
    _before(before)
    telephone.context.set_offline(True)
    telephone.reload()  # from what the device took along
    during = Hand(telephone)
    during.tap("Commencer")
    _arrive(during)
    _talk(during)
    _count(during)
    _conclude(during, paperboard)
    expect(telephone.locator("#etat-envoi")).to_have_text(f"Gardé ici : {_events(PROPOSED)}")
    assert _received(hall) == 0
    after = Hand(telephone)
    after.tap("Terminer")
    telephone.context.set_offline(False)
    says(telephone, "Tout est envoyé (")
    _check_all_arrived(hall)
    _publish(after)
    _check_published(hall)
    assert before.taps <= MOST_BEFORE, before.taps
    assert during.taps <= MOST_DURING, during.taps
    assert after.taps <= MOST_AFTER, after.taps


def _events(proposed: dict[int, int]) -> int:
    """Return how many events the scripted meeting makes until it ends."""
    hands = sum(1 for number in proposed.values() if number)
    return 1 + 25 + 5 + 2 + 2 * len(POINTS) + 30 + len(proposed) + hands + len(DECISIONS) + 1


def _received(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(LiveEvent)) or 0


def _check_all_arrived(app: Flask) -> None:
    with app.app_context():
        session = db.session
        numbers = list(session.scalars(sa.select(LiveEvent.number).order_by(LiveEvent.received_at, LiveEvent.number)))
        assert numbers == list(range(1, _events(PROPOSED) + 2)), "in order, each once"
        said = session.scalars(sa.select(Opinion).order_by(Opinion.id)).all()
        assert [opinion.text for opinion in said] == OPINIONS
        assert [opinion.theme is not None for opinion in said] == [number % 5 == 0 for number in range(30)]
        assert [item.title for item in session.scalars(sa.select(AgendaItem).order_by(AgendaItem.position))] == list(
            POINTS
        )
        titles = session.scalars(sa.select(Proposal.title).order_by(Proposal.id)).all()
        assert titles == [OPINIONS[number] for number in PROPOSED]
        hands = session.scalars(sa.select(ShowOfHands.hands).order_by(ShowOfHands.proposal_id)).all()
        assert hands == [number for number in PROPOSED.values() if number]
        assert session.scalars(sa.select(Decision.text).order_by(Decision.id)).all() == DECISIONS
        assert session.scalars(sa.select(MeetingPhoto.description)).all() == ["Les idées du groupe, au tableau."]
        meeting = session.scalars(sa.select(Meeting).order_by(Meeting.id.desc())).first()
        assert meeting
        counts = (meeting.residents, meeting.women, meeting.men, meeting.elus, meeting.first_timers, meeting.under_26)
        assert counts == (25, 14, 11, 1, 6, 10)
        assert len(meeting.institutions) == 2


def _check_published(app: Flask) -> None:
    with app.app_context():
        meeting = db.session.scalars(sa.select(Meeting).order_by(Meeting.id.desc())).first()
        assert meeting
        assert meeting.minutes_published_on == clock.today()
        told = [*(f"## {point}" for point in POINTS), *DECISIONS]
        places = [meeting.minutes.find(words) for words in told] if meeting.minutes else []
        assert places == sorted(places)
        assert -1 not in places
        assert all(words in (meeting.minutes or "") for words in OPINIONS[:-1])
        assert "Demandez à [masqué], au [masqué], elle sait." in (meeting.minutes or "")
