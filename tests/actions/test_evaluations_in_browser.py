"""Three faces on a small phone: one tap, without scripts, by keyboard, in Arabic, accessible before and after."""

import pytest
from playwright.sync_api import Page, expect

from participation.actions.models import Evaluation
from participation.extensions import db
from participation.following import rules as following
from tests.actions.test_evaluations import CODE, DONE
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.deeds import make_action, make_action_photo, make_evaluation, make_note
from tests.support.factory import make_opinion, make_proposal
from tests.support.town import Town

SMALL = {"width": 320, "height": 568}
LONG = "Un très long mot : " + "anticonstitutionnellement" * 12


@pytest.fixture
def done(town: Town) -> Town:
    """A done proposal that shows everything, and an opinion with a code behind it."""
    proposal = make_proposal("prop-1", DONE, title="Des bancs au Quai", body=town.commission)
    make_action_photo(make_note(make_action(proposal=proposal, text=LONG, done_on=proposal.state_on), LONG))
    for number in range(7):
        make_evaluation(proposal, words=LONG if number == 0 else None, moderation="publie", language="fr")
    opinion = make_opinion(meeting=town.cafe, proposal_id=proposal.id, channel="papier")
    following.attach(db.session(), CODE, opinion)
    db.session.commit()
    return town


def rows() -> list[tuple[str, str | None]]:
    db.session.expire_all()
    found = [(row.face, row.words) for row in db.session.query(Evaluation).order_by(Evaluation.id)]
    db.session.rollback()  # on SQLite an open transaction of the test locks the browser's requests out
    return found[7:]


def test_one_tap_then_words_without_scripts(done: Town, live_server: str, no_script_page: Page):
    page = no_script_page
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # the library's own type
    page.goto(f"{live_server}/propositions/prop-1")
    page.get_by_role("button", name="Un peu").click()
    expect(page.get_by_text("Merci. Votre réponse est comptée.")).to_be_in_viewport()
    assert rows() == [("un_peu", None)]
    page.get_by_label("Voulez-vous ajouter quelques mots ?").fill("Il en faudrait trois.")
    page.get_by_role("button", name="Envoyer mes mots").click()
    expect(page.get_by_text("L'équipe lit vos mots avant de les publier.")).to_be_visible()
    assert_no_sideways_scroll(page)
    assert rows() == [("un_peu", "Il en faudrait trois.")]
    page.get_by_role("button", name="Je retire ma réponse").click()
    expect(page.get_by_text("Votre réponse est retirée.")).to_be_visible()
    assert rows() == []


def test_from_the_receipt_by_keyboard_alone(done: Town, live_server: str, page: Page):
    page.goto(f"{live_server}/suivi")
    page.get_by_label("cinq mots").fill(CODE)
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Oui", exact=True)
    expect(button).to_be_visible()
    receipt = page.url
    for _n in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Merci. Votre réponse est comptée.")).to_be_visible()
    assert page.url == f"{receipt}?evaluation=comptee#evaluation"
    assert rows() == [("oui", None)]
    assert_accessible(page)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_accessible_and_narrow_before_and_after(done: Town, live_server: str, page: Page, language: str):
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # the library's own type
    page.goto(f"{live_server}/propositions/prop-1?l={language}")
    for button in page.locator(".faces button").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 48
    assert_no_sideways_scroll(page)
    assert_accessible(page)
    page.locator(".faces button").first.click()
    expect(page.locator(".faces [aria-pressed=true]")).to_have_count(1)
    assert_no_sideways_scroll(page)
    assert_accessible(page)
