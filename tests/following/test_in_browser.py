"""The form of five words, the receipt, the follow-up in a real browser: languages, sizes, keyboard, no script."""

import datetime as dt
import io
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Request, expect

from participation.clock import today as this_day
from participation.database import now
from participation.extensions import db
from participation.following import contacts, rules, visits
from participation.opinions.models import Opinion
from tests.support.accessibility import assert_accessible
from tests.support.browser import PHONE, NewContext, assert_no_sideways_scroll
from tests.support.factory import make_body, make_contract, make_meeting, make_opinion, make_proposal, make_quartier

NEW, OLD, LATE, TAKEN = (f"{word}-lune-pain-velo-pont" for word in ("chat", "table", "lion", "mer"))
WORDS = ["chat", "lune", "pain", "velo", "pont"]
DAY = dt.timedelta(days=1)


@pytest.fixture
def followed(app_context: Flask) -> dict[str, Opinion]:
    """Four opinions with codes: just sent, answered through merged proposals, late, taken back."""
    make_contract()
    quay = make_quartier("le-quai", name="Le Quai")
    body = make_body("commission", quartiers=[quay], name="Commission citoyenne du Quai")
    meeting = make_meeting("cafe", [body], title="Café du Quai", answer_due_on=this_day() + 60 * DAY)
    old = make_meeting("ancien", [body], title="Vieux café", answer_due_on=this_day() - 3 * DAY)
    end = make_proposal("prop-2", [{"kind": "transmise"}, {"kind": "retenue", "short_answer": "Les bancs arrivent."}])
    first = make_proposal("prop-1", [{"kind": "regroupee", "to_proposal": end}])
    texts = {"channel": "telephone", "language": "fr", "quartier": quay}
    made = {
        NEW: make_opinion(text="Des bancs à l'ombre.", meeting=meeting, moderation="en_attente", **texts),
        OLD: make_opinion(text="Il manque des bancs.", meeting=meeting, proposal_id=first.id, **texts),
        LATE: make_opinion(text="نريد مقاعد في الظل", meeting=old, **texts | {"language": "ar"}),
        TAKEN: make_opinion(text="À retirer.", meeting=meeting, **texts),
    }
    for code, opinion in made.items():
        rules.attach(db.session(), code, opinion)
        if code != NEW:
            opinion.created_at = now() - 10 * DAY
    made[TAKEN].withdrawal_asked_at = now()
    contacts.ask(db.session(), made[OLD], "fatou@exemple.fr", language="fr")
    db.session.commit()
    return made


def addresses() -> list[str]:
    """Return the addresses of each page behind a code, and of the form."""
    new, old, late, taken = (f"/suivi/{visits.token_for(code)}" for code in (NEW, OLD, LATE, TAKEN))
    forms = [f"{new}/{way}" for way in ("modifier", "retirer", "photo", "contact")]
    found = contacts.find(db.session(), rules_of(OLD))
    assert found
    mail = urlsplit(contacts.link(found)).path
    return ["/suivi", new, old, late, taken, *forms, f"{old}/retirer", f"{old}/contact", mail, "/prevenir/fini"]


def rules_of(code: str) -> Opinion:
    row = visits.find(db.session(), code)
    assert row
    assert row.opinion
    return row.opinion


@pytest.fixture
def blocked(new_context: NewContext) -> Iterator[BrowserContext]:
    """A phone without scripts that keeps no cookie."""
    context = new_context(java_script_enabled=False)
    yield context
    assert context.cookies() == []


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.usefixtures("followed")
def test_pages_are_accessible_and_fit(page: Page, live_server: str, language: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    for address in addresses():
        answer = page.goto(f"{live_server}{address}?l={language}")
        assert answer
        assert answer.status == 200, address
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        assert_accessible(page)
        assert_no_sideways_scroll(page)
    page.set_viewport_size({"width": 320, "height": 256})
    for address in addresses()[:5]:
        page.goto(f"{live_server}{address}?l={language}")
        assert_no_sideways_scroll(page)


@pytest.mark.usefixtures("followed")
def test_states_after_a_fault_are_accessible(phone: Page, live_server: str):
    phone.goto(f"{live_server}/suivi")
    for _ in range(6):
        phone.get_by_label("Tapez les cinq mots de votre code.").fill("lune chat pain velo pomme")
        phone.get_by_role("button", name="Voir mon avis").click()
        assert_accessible(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Attendez un peu")
    new = f"{live_server}/suivi/{visits.token_for(NEW)}"
    phone.goto(f"{new}/modifier")
    phone.get_by_label("Votre avis").fill("")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    assert_accessible(phone)
    phone.goto(f"{new}/contact")
    phone.get_by_role("button", name="Envoyer mon adresse").click()
    expect(phone.get_by_role("alert").get_by_role("link")).to_have_count(3)
    assert_accessible(phone)
    phone.goto(f"{new}/photo")
    phone.get_by_role("button", name="Envoyer la photo").click()
    assert_accessible(phone)
    phone.goto(f"{live_server}/suivi/{'x' * 108}")
    assert_accessible(phone)


@pytest.mark.usefixtures("followed")
def test_whole_follow_up_without_scripts_and_cookies(blocked: BrowserContext, live_server: str):
    seen: list[str] = []
    page = blocked.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of the library's own
    page.on("request", lambda request: seen.append(_address(request)))
    page.goto(f"{live_server}/suivi")
    page.get_by_label("Tapez les cinq mots de votre code.").fill("Chat, lune, pain, vélo, pnot")
    page.get_by_role("button", name="Voir mon avis").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Votre avis est bien arrivé.")
    assert page.locator(".code-words li").all_text_contents() == WORDS
    page.get_by_role("link", name=re.compile("Modifier ou retirer")).click()
    page.get_by_label("Votre avis").fill("Des bancs et des arbres.")
    page.get_by_label("Seulement l'équipe du quartier").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Des bancs et des arbres.")).to_be_visible()
    page.get_by_role("link", name="Recevoir un courriel").click()
    page.get_by_label("Votre adresse de courriel").fill("amina@exemple.fr")
    page.get_by_label("J'accepte de recevoir").check()
    page.get_by_label("J'ai 15 ans ou plus.").check()
    page.get_by_role("button", name="Envoyer mon adresse").click()
    page.goto(f"{live_server}/suivi/{visits.token_for(NEW)}")
    page.get_by_role("link", name=re.compile("Modifier ou retirer")).click()
    page.get_by_role("link", name="Retirer mon avis").click()
    page.get_by_role("button", name="Retirer mon avis").click()
    expect(page.get_by_text("Vous avez retiré cet avis.").first).to_be_visible()
    assert not any(word in address for address in seen for word in (*WORDS, "amina", "bancs"))


def _address(request: Request) -> str:
    return f"{request.url} {request.headers.get('referer', '')}"


@pytest.mark.usefixtures("followed")
def test_back_after_a_fault_never_asks_to_send_again(blocked: BrowserContext, live_server: str):
    page = blocked.new_page()
    page.goto(f"{live_server}/suivi/{visits.token_for(NEW)}/modifier")
    page.get_by_label("Votre avis").fill("Mes mots : chat lune pain vélo pont")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#texte-erreur")).to_contain_text("Vos cinq mots sont dans votre texte.")
    expect(page.locator(".error-summary:focus")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Votre avis")).to_have_value("Mes mots : chat lune pain vélo pont")
    page.get_by_label("Votre avis").fill("Des bancs et des arbres.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Votre avis est bien arrivé.")
    page.go_back()
    expect(page.get_by_label("Votre avis")).to_have_value("Des bancs et des arbres.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Modifier mon avis")


@pytest.mark.usefixtures("followed")
def test_drawing_is_read_by_a_phone_and_leads_back(page: Page, live_server: str, new_context: NewContext):
    page.goto(f"{live_server}/suivi/{visits.token_for(NEW)}")
    picture = Image.open(io.BytesIO(page.locator(".code-drawing").screenshot(scale="css")))
    (read,) = zxingcpp.read_barcodes(picture)
    path = urlsplit(read.text).path
    assert path.lower() == f"/r/{NEW}"
    other = new_context(java_script_enabled=False).new_page()
    other.goto(live_server + path)
    expect(other.get_by_role("heading", level=1)).to_have_text("Merci. Votre avis est bien arrivé.")
    assert not any(word in other.url.lower() + other.title().lower() for word in WORDS)


@pytest.mark.usefixtures("followed")
def test_by_keyboard_alone(page: Page, live_server: str):
    page.goto(f"{live_server}/suivi")
    _tab_to(page, "#mots")
    page.keyboard.type("chat lune pain velo pont")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Votre avis est bien arrivé.")
    _tab_to(page, "a[href$='/modifier']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Modifier mon avis")
    _tab_to(page, "#texte")
    page.keyboard.press("Control+A")
    page.keyboard.type("Des arbres.")
    _tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Des arbres.")).to_be_visible()


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


@pytest.mark.usefixtures("followed")
def test_words_keep_their_language_and_direction_in_arabic(phone: Page, live_server: str):
    phone.goto(f"{live_server}/suivi/{visits.token_for(NEW)}?l=ar")
    words = phone.locator(".code-words")
    expect(words).to_have_attribute("lang", "fr")
    expect(words).to_have_attribute("dir", "ltr")
    places = [box["x"] for box in (word.bounding_box() for word in words.locator("li").all()[:2]) if box]
    assert places[0] < places[1], "from left to right"
