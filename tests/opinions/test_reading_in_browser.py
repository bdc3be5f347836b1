"""Five opinions read with the keyboard alone on a small phone; each state accessible; words chosen by touching them."""

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.opinions.models import VOICE_PENDING, Opinion
from tests.support import factory
from tests.support.accessibility import assert_accessible
from tests.support.browser import PHONE, NewContext, assert_no_sideways_scroll

WALK = "/equipe/avis/lire"
WORDS = ("Des bancs.", "Voyez avec Karim Benali.", "Achetez ici.", "Je ne sais pas.", "Pour vous seuls.", "La fin.")


@pytest.fixture
def reader(app: Flask, live_server: str, new_context: NewContext) -> Page:
    """An animator's phone, with six opinions that wait."""
    context = new_context(base_url=live_server)
    client = app.test_client()
    with app.app_context():
        factory.make_contract()
        quartier = factory.make_quartier("les-essais", [factory.make_commune()])
        body = factory.make_body("commission", quartiers=[quartier])
        meeting = factory.make_meeting("cafe", [body], title="Café du jour")
        for number, words in enumerate(WORDS, start=1):
            factory.make_opinion(f"o-{number}", meeting=meeting, text=words, moderation="en_attente", language="fr")
        spoken = factory.make_opinion("voix", meeting=meeting, text=VOICE_PENDING, moderation="en_attente")
        factory.make_media("un-message", "audio", opinion=spoken)
        db.session.commit()
        factory.sign_in(client, factory.make_account("animateur", ("instance", "commission")))
    cookie = client.get_cookie("equipe")
    assert cookie
    context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])
    page = context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    return page


def tab_to(page: Page, label: str) -> int:
    """Press Tab until what bears the label has the focus; return how many times."""
    for times in range(1, 25):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const on = document.activeElement;
                return ((on.labels && on.labels.length) ? on.labels[0] : on).textContent.trim(); }"""
        )
        if told == label:
            return times
    raise AssertionError(f"{label}: the keyboard does not come there")


def press(page: Page, label: str) -> int:
    """Go to the control with Tab, press Enter, wait for the next opinion; return how many keys that took."""
    times = tab_to(page, label)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return times + 1


def states(app: Flask) -> dict[str, str]:
    with app.app_context():
        return dict(db.session.execute(sa.select(Opinion.ref, Opinion.moderation)).all())


def said(page: Page) -> str:
    return page.locator("#mots blockquote").inner_text().strip()


def test_five_opinions_are_read_with_the_keyboard_alone(reader: Page, app: Flask) -> None:
    reader.goto(WALK)
    assert said(reader) == WORDS[0]
    assert_accessible(reader)
    assert press(reader, "Publier") == 2

    assert said(reader) == WORDS[1]
    tab_to(reader, "Masquer")
    reader.keyboard.press("Space")
    assert_accessible(reader)
    press(reader, "Publier")

    assert said(reader) == WORDS[2]
    tab_to(reader, "Ne pas publier, avec un motif")
    reader.keyboard.press("Enter")
    press(reader, "Ne pas publier")
    expect(reader.get_by_role("alert")).to_contain_text("Choisissez un motif")
    assert_accessible(reader)
    assert_no_sideways_scroll(reader)
    tab_to(reader, "Il contient des insultes ou des menaces.")
    reader.keyboard.press("Space")
    press(reader, "Ne pas publier")

    assert said(reader) == WORDS[3]
    press(reader, "Passer")
    assert said(reader) == WORDS[4]
    press(reader, "Garder pour l'équipe")
    assert said(reader) == WORDS[5]
    expect(reader.locator(".notice-success")).to_contain_text("Gardé pour l'équipe")
    assert_accessible(reader)
    press(reader, "Annuler, le relire")
    assert said(reader) == WORDS[4]

    expected = ("publie", "publie", "rejete", "en_attente", "en_attente", "en_attente")
    assert states(app) == {f"o-{n}": state for n, state in enumerate(expected, start=1)} | {"voix": "en_attente"}


def test_words_touched_in_the_text_are_masked(reader: Page, app: Flask) -> None:
    reader.goto("/equipe/avis/o-3/lire")
    button = reader.get_by_role("button", name="Masquer les mots choisis")
    expect(button).to_be_hidden()
    reader.evaluate(
        """() => {
            const words = document.querySelector("#mots p").firstChild, from = words.data.indexOf("ici");
            getSelection().setBaseAndExtent(words, from, words, from + 3);
        }"""
    )
    button.click()
    expect(reader.get_by_label("Autres mots à masquer")).to_have_value("ici")
    reader.get_by_label("Ce que sont ces mots").select_option("adresse")
    with reader.expect_navigation():
        reader.get_by_role("button", name="Masquer ces mots").click()
    assert said(reader) == "Achetez [adresse masquée]."


@pytest.mark.parametrize("width", [320, 1280])
def test_the_other_states_are_accessible(reader: Page, app: Flask, width: int) -> None:
    reader.set_viewport_size({"width": width, "height": 800})
    for path in ("/equipe/avis", "/equipe/avis/o-2/lire", f"{WALK}?voix=oui", f"{WALK}?theme=aucun"):
        reader.goto(path)
        assert_no_sideways_scroll(reader)
        assert_accessible(reader)
