"""What a resident's phone does with her words: sends them once, keeps them while it cannot, and says what is true."""

import re

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from participation.following import codes
from tests.speaking.phone import (
    DOOR,
    answer,
    dump,
    expect_nothing_kept,
    expect_panel,
    expect_receipt,
    lose_answers,
    open_form,
    reach_again,
    send,
    texts,
)
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll

NO_NETWORK = "Il n'y a pas de réseau."
WORDS = "Le soir, l'allée est trop sombre."
CODE = "[name=code]"
LANGUAGES = ["fr", "en", "ar"]


# Sending


def test_words_arrive_once_and_leave_nothing_in_the_phone(tab: Page, app: Flask) -> None:
    send(open_form(tab, words=WORDS))
    expect_receipt(tab)
    assert texts(app) == [WORDS]
    expect_nothing_kept(tab)


def test_whole_way_by_keyboard(tab: Page, app: Flask) -> None:
    open_form(tab)
    tab.locator("#texte").focus()
    tab.keyboard.type(WORDS)
    while not tab.locator("#parole .button-main:focus").count():
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_form_that_has_served_takes_nothing_else_and_says_so(tab: Page, app: Flask) -> None:
    form = open_form(tab, words=WORDS).url
    send(tab)
    expect_receipt(tab)
    tab.goto(form)
    tab.locator("#texte").fill("Encore autre chose.")
    send(tab)
    expect_panel(tab, "Votre avis est déjà arrivé.")
    expect(tab.get_by_role("link", name="Donner un autre avis")).to_be_visible()
    assert_accessible(tab)
    assert texts(app) == [WORDS]
    expect_nothing_kept(tab)


def test_button_that_leads_elsewhere_sends_nothing(tab: Page, app: Flask) -> None:
    open_form(tab, words=WORDS)
    tab.locator("#parole [formaction]").click()
    expect(tab).to_have_url(re.compile("#proches$"))
    expect(tab.locator("#texte")).to_have_value(WORDS)
    assert (texts(app), dump(tab)) == ([], [])
    send(tab)
    expect_receipt(tab)
    assert texts(app) == [WORDS]


# Without network


@pytest.mark.parametrize("language", LANGUAGES)
def test_network_cut_after_load_keeps_and_sends_once_it_is_back(
    tab: Page, telephone: BrowserContext, app: Flask, language: str
) -> None:
    open_form(tab, words=WORDS, language=language)
    telephone.set_offline(True)
    send(tab)
    expect(tab.locator("#telephone")).to_be_visible()
    expect(tab.locator("#telephone li").filter(visible=True)).to_have_count(5)
    expect(tab.locator("#telephone h2:focus")).to_be_visible()
    expect(tab.locator("#parole")).to_be_hidden()
    assert_accessible(tab)
    assert_no_sideways_scroll(tab)
    assert [row["fields"][-1] for row in dump(tab)] == [["lecture", "publie"]]
    assert texts(app) == []
    telephone.set_offline(False)
    expect_receipt(tab)
    assert texts(app) == [WORDS]
    expect_nothing_kept(tab)


def test_phone_says_what_is_true_and_shows_the_code_it_will_send(
    tab: Page, telephone: BrowserContext, app: Flask
) -> None:
    open_form(tab, words=WORDS)
    telephone.set_offline(True)
    send(tab)
    expect_panel(tab, NO_NETWORK)
    panel = tab.locator("#telephone")
    for sentence in (
        "Votre avis est gardé dans ce téléphone.",
        "Il partira tout seul quand le réseau revient. Laissez cette page ouverte.",
    ):
        expect(panel.get_by_text(sentence)).to_be_visible()
    expect(panel.get_by_role("link", name="Donner un autre avis")).to_be_hidden()
    code = "-".join(panel.locator("ol li").all_inner_texts())
    assert codes.parse(code) == code
    assert ["code", code] in dump(tab)[0]["fields"]
    tab.get_by_role("button", name="Envoyer maintenant").click()
    expect(tab.locator("#telephone-statut")).to_have_text("Pas encore parti. Nous réessayons tout seuls.")
    telephone.set_offline(False)
    expect_receipt(tab)


def test_reload_without_network_or_after_it_still_sends(tab: Page, telephone: BrowserContext, app: Flask) -> None:
    open_form(tab, words=WORDS)
    answer(tab, 503)
    send(tab)
    expect_panel(tab, "Ça ne marche pas chez nous.")
    tab.reload()
    expect_panel(tab, "Ça ne marche pas chez nous.")
    expect(tab.locator("#parole")).to_be_hidden()
    reach_again(tab)
    tab.get_by_role("button", name="Envoyer maintenant").click()
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_answer_lost_after_the_server_took_it_makes_one(tab: Page, app: Flask) -> None:
    lost = lose_answers(tab, times=2)
    send(open_form(tab, words=WORDS))
    expect_receipt(tab)
    assert len(lost) == 2
    assert texts(app) == [WORDS]
    expect_nothing_kept(tab)


# What else may come back


def test_fault_is_said_as_on_the_page_of_those_without_scripts(tab: Page, app: Flask) -> None:
    open_form(tab, words="Appelez-moi au 03 21 00 00 00.")
    title = tab.title()
    send(tab)
    expect(tab.locator(".error-summary:focus")).to_be_visible()
    assert tab.title() == f"Erreur : {title}"
    assert tab.locator("#texte").input_value() == "Appelez-moi au 03 21 00 00 00."
    assert tab.locator("#texte").get_attribute("aria-describedby") == "texte-aide texte-erreur"
    assert_accessible(tab)
    assert_no_sideways_scroll(tab)
    expect_nothing_kept(tab)
    tab.locator(".error-summary a").click()
    expect(tab.locator("#texte")).to_be_focused()
    tab.locator("#texte").fill(WORDS)
    send(tab)
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_empty_form_is_not_kept_even_without_network(tab: Page, telephone: BrowserContext) -> None:
    open_form(tab)
    telephone.set_offline(True)
    send(tab)
    expect(tab.locator(".error-summary a")).to_have_text("Écrivez votre avis, ou choisissez Parler.")
    assert dump(tab) == []


def test_faults_do_not_pile_up(tab: Page) -> None:
    open_form(tab)
    send(tab)
    send(tab)
    expect(tab.locator(".error")).to_have_count(1)
    expect(tab.locator(".error-summary")).to_have_count(1)
    assert tab.title().count("Erreur") == 1


def test_too_much_at_once_waits_as_long_as_the_server_asks(tab: Page, app: Flask) -> None:
    open_form(tab, words=WORDS)
    tab.clock.install()
    answer(tab, 429, headers={"Retry-After": "300"}, json={"faute": "Attendez cinq minutes."})
    send(tab)
    expect_panel(tab, "Votre avis n'est pas encore parti.")
    expect(tab.get_by_text("Attendez cinq minutes.")).to_be_visible()
    assert_accessible(tab)
    reach_again(tab)
    tab.clock.run_for(200_000)
    assert texts(app) == []
    tab.clock.run_for(200_000)
    expect_receipt(tab)
    assert texts(app) == [WORDS]


@pytest.mark.parametrize(
    "options",
    [
        {"status": 200, "body": "<h1>Bienvenue sur le réseau du café</h1>", "content_type": "text/html"},
        {"status": 200, "json": {"suivi": "//ailleurs.exemple.fr/"}},
        {"status": 201, "body": '{"suivi": "/sui', "content_type": "application/json"},
        {"status": 404, "body": ""},
        {"status": 409, "body": "", "content_type": "text/html"},
        {"status": 502, "body": ""},
    ],
    ids=["sign-in-page", "elsewhere", "cut-short", "not-found", "somebody-else's-conflict", "gateway"],
)
def test_only_our_own_answer_lets_words_go(tab: Page, app: Flask, options: dict) -> None:
    open_form(tab, words=WORDS)
    answer(tab, **options)
    send(tab)
    expect_panel(tab, "Ça ne marche pas chez nous.")
    assert len(dump(tab)) == 1
    assert_accessible(tab)
    reach_again(tab)
    tab.get_by_role("button", name="Envoyer maintenant").click()
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_form_that_is_too_old_gives_the_words_to_a_new_one(tab: Page, app: Flask) -> None:
    open_form(tab, words=WORDS)
    tab.get_by_label("Seulement l'équipe du quartier").check()
    old = tab.url
    answer(tab, 410, json={"faute": "Cette page est ouverte depuis plus d'un jour."})
    send(tab)
    expect_panel(tab, "Avis qui ne partent plus tout seuls : 1")
    assert_accessible(tab)
    reach_again(tab)
    tab.get_by_role("button", name="Reprendre mon avis").click()
    expect(tab).not_to_have_url(old)
    expect(tab.locator("#texte")).to_have_value(WORDS)
    expect(tab.get_by_label("Seulement l'équipe du quartier")).to_be_checked()
    assert len(dump(tab)) == 1  # until the new one is kept in its place
    send(tab)
    expect_receipt(tab)
    assert texts(app) == [WORDS]
    expect_nothing_kept(tab)


def test_words_of_more_than_a_week_are_given_back_and_never_dropped(
    tab: Page, telephone: BrowserContext, app: Flask
) -> None:
    open_form(tab, words=WORDS)
    telephone.set_offline(True)
    send(tab)
    expect_panel(tab, NO_NETWORK)
    tab.evaluate(_AGE)
    telephone.set_offline(False)
    tab.goto(f"{DOOR}/ecrire")
    expect_panel(tab, "Avis qui ne partent plus tout seuls : 1")
    assert texts(app) == []
    assert len(dump(tab)) == 1
    tab.get_by_role("button", name="Reprendre mon avis").click()
    expect(tab.locator("#texte")).to_have_value(WORDS)


_AGE = """() => new Promise((done) => {
  indexedDB.open("parole").onsuccess = (event) => {
    const rows = event.target.result.transaction("avis", "readwrite").objectStore("avis");
    rows.getAll().onsuccess = (all) => {
      all.target.result.forEach((row) => rows.put(Object.assign(row, {at: row.at - 8 * 864e5})));
      rows.transaction.oncomplete = done;
    };
  };
})"""


def test_everything_can_be_erased_from_the_phone(tab: Page, telephone: BrowserContext, app: Flask) -> None:
    other = open_form(telephone.new_page(), words="D'un autre onglet.")
    open_form(tab, words=WORDS)
    telephone.set_offline(True)
    send(other)
    expect_panel(other, NO_NETWORK)
    send(tab)
    expect_panel(tab, NO_NETWORK)
    tab.once("dialog", lambda dialog: dialog.dismiss())
    tab.get_by_role("button", name="Tout effacer de ce téléphone").click()
    assert len(dump(tab)) == 2
    tab.once("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Tout effacer de ce téléphone").click()
    expect_panel(tab, "Ce téléphone ne garde plus rien ici.")
    assert_accessible(tab)
    expect(tab.locator("#texte")).to_have_value("")
    expect(other.locator("#telephone")).to_be_hidden()
    telephone.set_offline(False)
    tab.wait_for_timeout(1500)
    assert (dump(tab), texts(app)) == ([], [])


# The phone's own five words


def test_phone_makes_its_own_code_from_all_the_words_without_bias(tab: Page) -> None:
    tab.add_init_script("crypto.getRandomValues = (bits) => { bits.set([0, 1023, 1024, 65535, 512]); return bits; };")
    open_form(tab)
    tab.locator("#texte").focus()
    words = codes.words()
    expected = "-".join(words[number] for number in (0, 1023, 0, 1023, 512))
    expect(tab.locator(CODE)).to_have_value(expected)


def test_codes_of_two_forms_differ_and_are_the_phone_s(tab: Page) -> None:
    seen = set()
    for _ in range(2):
        open_form(tab)
        served = tab.locator(CODE).input_value()
        tab.locator("#texte").focus()
        expect(tab.locator(CODE)).not_to_have_value(served)
        seen |= {served, tab.locator(CODE).input_value()}
    assert len(seen) == 4
    assert all(codes.parse(code) == code for code in seen)


@pytest.mark.parametrize("body", ["", "chat lune"], ids=["none", "too-few"])
def test_code_of_the_page_stays_where_the_words_cannot_be_fetched(tab: Page, app: Flask, body: str) -> None:
    tab.route("**/mots.*.txt", lambda route: route.fulfill(body=body) if body else route.abort())
    open_form(tab)
    served = tab.locator(CODE).input_value()
    with tab.expect_request("**/mots.*.txt"):
        tab.locator("#texte").fill(WORDS)
    tab.wait_for_timeout(200)
    expect(tab.locator(CODE)).to_have_value(served)
    send(tab)
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_code_that_is_taken_is_replaced(tab: Page, app: Flask) -> None:
    send(open_form(tab, words="Le premier."))
    expect_receipt(tab)
    open_form(tab, words=WORDS)
    tab.wait_for_timeout(300)
    before = tab.locator(CODE).input_value()
    answer(tab, 422, json={"fautes": {"code": "Ce code sert déjà : en voici un autre. Envoyez de nouveau."}})
    send(tab)
    expect(tab.locator(".error-summary li")).to_have_text("Ce code sert déjà : en voici un autre. Envoyez de nouveau.")
    expect(tab.locator(CODE)).not_to_have_value(before)
    reach_again(tab)
    send(tab)
    expect_receipt(tab)


def test_code_and_words_stand_in_no_address(tab: Page, app: Flask) -> None:
    seen: list[str] = []
    tab.on("request", lambda request: seen.append(request.url))
    open_form(tab, words="Motuniquedecetavis.")
    code = tab.locator(CODE).input_value()
    send(tab)
    expect_receipt(tab)
    assert not [url for url in seen if "Motunique" in url or any(word in url for word in code.split("-"))]


# Where the phone can do less


@pytest.mark.parametrize("missing", ["indexedDB", "fetch", "AbortController"])
def test_form_goes_as_without_scripts_where_the_browser_lacks_something(tab: Page, app: Flask, missing: str) -> None:
    tab.add_init_script(f"Object.defineProperty(window, '{missing}', {{value: undefined}});")
    send(open_form(tab, words=WORDS))
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_form_goes_as_without_scripts_where_the_phone_has_no_room(tab: Page, app: Flask) -> None:
    tab.add_init_script("IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };")
    send(open_form(tab, words=WORDS))
    expect_receipt(tab)
    assert texts(app) == [WORDS]


def test_two_tabs_send_once_each_also_without_locks(telephone: BrowserContext, app: Flask) -> None:
    telephone.add_init_script(
        "Object.defineProperty(navigator, 'locks', {value: undefined}); delete window.BroadcastChannel;"
    )
    tabs = [open_form(telephone.new_page(), words=f"Avis {number}.") for number in range(2)]
    telephone.set_offline(True)
    for one in tabs:
        send(one)
        expect_panel(one, NO_NETWORK)
    telephone.set_offline(False)
    for one in tabs:
        one.wait_for_timeout(1500)
    assert texts(app) == ["Avis 0.", "Avis 1."]
    expect_nothing_kept(tabs[0])
