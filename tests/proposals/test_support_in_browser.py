"""A support on a small phone: two taps after the meeting's page, by keyboard alone, without scripts, in Arabic."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from participation.extensions import db
from participation.proposals.models import Support
from tests.support.accessibility import assert_accessible
from tests.support.browser import NewContext, assert_no_sideways_scroll
from tests.support.factory import make_proposal
from tests.support.town import Town

SMALL = {"width": 320, "height": 568}
NAME = "Je soutiens cette proposition : Des bancs au Quai"


@pytest.fixture
def proposed(town: Town) -> Town:
    for number in range(8):
        make_proposal(title=f"Autre idée {number}", body=town.commission)
    make_proposal("prop-1", title="Des bancs au Quai", body=town.commission, quartiers=[town.quay])
    make_proposal("prop-2", title="مقاعد في الحديقة", body=town.commission, steps=[{"kind": "regroupee"}])
    db.session.commit()
    return town


def supports() -> int:
    """Return how many supports there are now."""
    number = db.session.query(Support).count()
    db.session.rollback()  # on SQLite an open transaction of the test locks the browser's requests out
    return number


def test_one_tap_on_the_card_and_back_at_the_card(proposed: Town, live_server: str, no_script_page: Page):
    page = no_script_page
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # the library's own type
    page.goto(f"{live_server}/propositions?quartier=le-quai")
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_text("Votre soutien est compté.")).to_be_in_viewport()
    expect(page).to_have_url(f"{live_server}/propositions?quartier=le-quai&soutien=donne&carte=prop-1#carte-prop-1")
    assert supports() == 1
    page.reload()
    assert supports() == 1
    page.get_by_role("button", name="Je retire mon soutien : Des bancs au Quai").click()
    expect(page.get_by_text("Votre soutien est retiré.")).to_be_in_viewport()
    assert supports() == 0
    page.go_back()
    expect(page.get_by_text("Votre soutien est retiré.")).to_have_count(0)


def test_by_keyboard_alone(proposed: Town, live_server: str, page: Page):
    page.goto(f"{live_server}/propositions?q=quai")
    button = page.get_by_role("button", name=NAME)
    for _n in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Votre soutien est compté.")).to_be_visible()
    assert supports() == 1
    page.get_by_label("Chercher une proposition").fill("dragon")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Aucune proposition ne parle de « dragon ».")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_accessible_before_and_after(proposed: Town, live_server: str, page: Page, language: str):
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # the library's own type
    page.goto(f"{live_server}/propositions?l={language}")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.locator("form[method=post] button").first.click()
    expect(page.locator("article [role=status]")).to_be_visible()
    for address in ("", "/propositions/prop-1?l=" + language, "/propositions/prop-2?l=" + language):
        if address:
            page.goto(live_server + address)
        assert_accessible(page)
        assert_no_sideways_scroll(page)


def test_where_cookies_are_blocked(proposed: Town, live_server: str, new_context: NewContext):
    context: BrowserContext = new_context()
    page = context.new_page()
    page.goto(f"{live_server}/propositions?q=quai")
    context.clear_cookies()
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_text("Votre soutien n'est pas compté.")).to_be_visible()
    assert_accessible(page)
    assert supports() == 0
