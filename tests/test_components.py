"""The components and base pages: right HTML, words that help, readable by everybody on any screen."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, get_template_attribute, render_template_string
from playwright.sync_api import Page

from tests.styleguide.__main__ import paths
from tests.styleguide.app import ERROR_PAGES, make_styleguide
from tests.support.accessibility import assert_accessible
from tests.support.apps import dispose
from tests.support.browser import PHONE, assert_no_sideways_scroll
from tests.support.server import serving

SMALL = {"width": 320, "height": 568}
SHORT = {"width": 320, "height": 256}  # 400 % zoom of 1280 by 1024 (WCAG 1.4.10)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with the style guide; its pages never read the database."""
    app = make_styleguide(tmp_path_factory.mktemp("styleguide"))
    yield app
    dispose(app)


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """Where the style guide is served."""
    with serving(app) as address:
        yield address


def draw(app: Flask, name: str, *arguments: Any, language: str = "fr", **options: Any) -> str:
    """Return the HTML of the component `name` as one line of text with its tags."""
    with app.test_request_context(f"/?l={language}"):
        return " ".join(str(get_template_attribute("components/ui.html", name)(*arguments, **options)).split())


def words(html: str) -> str:
    """Return what a person reads of `html`."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("path", paths())
def test_page_is_sound_in_every_language(app: Flask, path: str, language: str) -> None:
    page = app.test_client().get(f"{path}?l={language}").get_data(as_text=True)  # the client checks the HTML
    if not path.startswith("/equipe"):
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page


@pytest.mark.parametrize("code", ERROR_PAGES)
def test_error_page_says_what_to_do_and_blames_nobody(app: Flask, code: int) -> None:
    text = app.test_client().get(f"/styleguide/erreur/{code}").get_data(as_text=True)
    assert not re.search(rf"oups|invalide|erreur {code}|\b{code}\b", words(text), re.IGNORECASE)
    assert 'href="/aide"' in text
    assert 'href="tel:0321000000"' in text


def test_title_of_a_faulty_form_says_so_first(app: Flask) -> None:
    client = app.test_client()
    assert "<title>Erreur : Nouvelle" in client.get("/styleguide/erreurs").get_data(as_text=True)
    assert "<title>Nouvelle" in client.get("/styleguide/formulaire").get_data(as_text=True)


def test_error_summary_leads_to_each_faulty_field(app: Flask) -> None:
    page = app.test_client().get("/styleguide/erreurs").get_data(as_text=True)
    box = page[page.index('id="errors"') : page.index("<form")]
    targets = re.findall(r'href="#([\w-]+)"', box)
    assert {"title", "text", "on", "count", "level", "bodies", "lines-0-institution"} <= set(targets)
    for target in targets:
        assert re.search(rf'<(?:input|select|textarea)[^>]* id="{target}"', page), target
    assert "La rencontre est déjà annulée" in box


def test_faulty_field_names_its_error_and_keeps_what_was_typed(app: Flask) -> None:
    page = app.test_client().get("/styleguide/erreurs").get_data(as_text=True)
    control = re.search(r'<input[^>]* id="count"[^>]*>', page)
    assert control
    assert 'aria-describedby="count-erreur"' in control[0]
    assert 'aria-invalid="true"' in control[0]
    assert 'value="-2"' in control[0]


def test_only_optional_fields_are_marked(app: Flask) -> None:
    page = app.test_client().get("/styleguide/formulaire").get_data(as_text=True)
    labels = {name: words(label) for name, label in re.findall(r'<label for="(\w+)">(.*?)</label>', page)}
    assert labels["title"] == "Titre de la rencontre"
    assert labels["email"] == "Adresse de courriel (pas obligatoire)"


def test_form_carries_its_one_use_key(app: Flask) -> None:
    page = app.test_client().get("/styleguide/formulaire").get_data(as_text=True)
    assert re.search(r'<input id="cle" name="cle" type="hidden" value="[\w-]{20,}">', page)
    assert 'name="csrf_token"' in page


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"value": 0.75, "share": True, "numerator": 9, "denominator": 12}, "9 sur 12"),
        ({"value": 0.31, "share": True, "numerator": 62, "denominator": 200}, "31 % 62 sur 200"),
        ({"value": 0, "share": True, "numerator": 0, "denominator": 20}, "0 % 0 sur 20"),
        ({"value": 0}, "0"),
        ({"value": None}, "Non renseigné"),
        ({"value": None, "why": "denominateur_vide"}, "Rien à compter"),
        ({"value": 3, "coverage": {"counted": 14, "of": 20}}, "3 Compté dans 14 rencontres sur 20."),
    ],
)
def test_figure_never_shows_a_percentage_of_few_nor_an_unknown_as_zero(
    app: Flask, options: dict[str, Any], shown: str
) -> None:
    text = words(draw(app, "figure_value", "Réponses", **options)).replace("\xa0", " ").replace("\u202f", " ")
    assert text == f"Réponses {shown}"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("en_attente", "Reçu"),
        ("publie", "Lu"),
        ("reserve", "Lu"),
        ("recueillie", "Lu"),
        ("etude", "Lu"),
        ("transmise", "Transmis"),
        ("ajournee", "Plus tard"),
        ("retenue", "Oui, prévu"),
        ("retenue_en_partie", "Oui, prévu"),
        ("en_cours", "Oui, prévu"),
        ("realisee", "Fait"),
        ("non_retenue", "Non"),
        ("abandonnee", "Non"),
        ("rejete", "Non publié"),
        ("retiree", "Retirée"),
        ("regroupee", "Regroupée"),
        ("en_retard", "En retard"),
    ],
)
def test_state_is_a_word_and_a_shape(app: Flask, state: str, word: str) -> None:
    html = draw(app, "status", state)
    assert words(html) == word
    assert "<svg" in html


def test_text_of_people_is_escaped_in_every_card(app: Flask) -> None:
    evil = '<script>"x'
    html = draw(app, "proposal_card", evil, "/p", "transmise", answer=evil, theme=evil)
    html += draw(app, "meeting_card", evil, "/m", evil, place=evil, bodies=[evil]) + draw(app, "quote", evil)
    html += draw(app, "table", evil, [evil], [[evil]]) + draw(app, "facts", [(evil, evil)])
    assert "<script" not in html
    assert html.count("&lt;script&gt;&#34;x") >= 10


def test_chart_draws_nothing_for_an_unknown_value(app: Flask) -> None:
    html = draw(app, "bar_table", "b", "T", [{"label": "A", "value": None, "text": "Non renseigné"}])
    assert "<svg" not in html
    html = draw(app, "bar_table", "b", "T", [{"label": "A", "value": 0, "text": "0"}])
    assert 'width="0.0%"' in html


def test_bars_of_one_chart_share_one_scale(app: Flask) -> None:
    rows = [{"label": "A", "value": 40, "text": "40", "target": 80}, {"label": "B", "value": 20, "text": "20"}]
    assert re.findall(r'bar-done" x="0" y="6" width="([\d.]+)%', draw(app, "bar_table", "b", "T", rows)) == [
        "50.0",
        "25.0",
    ]


def test_empty_whole_does_not_break_a_chart(app: Flask) -> None:
    assert "<svg" in draw(app, "stacked_bar", "s", "T", "D", [("A", 0, "0"), ("B", 0, "0")])


def test_menu_shows_only_addresses_that_exist(app: Flask) -> None:
    with app.test_request_context("/rencontres/cafe"):
        frame = render_template_string(
            "{% for i in nav_items %}{{ i.url }}{% if i.current %}*{% endif %} {% endfor %}"
        ).split()
    assert "/rencontres*" in frame
    assert all(app.url_map.bind("x").match(url.rstrip("*")) for url in frame)


def test_language_link_leads_back_to_the_same_page(app: Flask) -> None:
    page = app.test_client().get("/styleguide/public").get_data(as_text=True)
    assert re.search(r'href="/langue/ar\?suite=%2Fstyleguide%2Fpublic" lang="ar"', page)


def test_residents_pages_load_no_script_and_the_teams_load_htmx(app: Flask) -> None:
    client = app.test_client()
    assert "<script" not in client.get("/styleguide/public").get_data(as_text=True)
    team = client.get("/equipe/styleguide/equipe").get_data(as_text=True)
    assert re.search(r'<script src="/static/htmx\.\w+\.js" defer>', team)
    assert '"allowEval":false' in team


@pytest.mark.parametrize("path", paths()[:6])
def test_page_is_accessible_and_fits_in_small_screens(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}{path}?l=fr")
    assert_accessible(page)
    for size, language in ((SMALL, "fr"), (SHORT, "fr"), (SMALL, "ar")):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict of the library's own
        page.goto(f"{address}{path}?l={language}")
        for summary in page.locator("summary:visible").all():
            summary.click()
        assert_no_sideways_scroll(page)
    assert_accessible(page)


def test_page_bears_large_text(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 640, "height": 800})
    page.goto(f"{address}/styleguide/public")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_no_sideways_scroll(page)


def test_targets_are_large_enough_for_a_thumb(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of the library's own
    page.goto(f"{address}/styleguide/formulaire")
    page.locator(".menu-toggle summary").click()
    small = page.evaluate(
        """() => [...document.querySelectorAll('header a, header summary, footer a, button, .option label, ' +
             'input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea, .filters summary')]
           .filter(e => e.offsetParent)
           .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
           .filter(([, box]) => box.height < 47.5 || box.width < 44).map(([html, box]) => html + box.height)"""
    )
    assert not small


def test_menu_opens_without_script(no_script_page: Page, address: str) -> None:
    no_script_page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of the library's own
    no_script_page.goto(f"{address}/styleguide/public")
    menu = no_script_page.locator("nav.menu")
    assert not menu.is_visible()
    no_script_page.locator(".menu-toggle summary").click()
    assert menu.is_visible()


def test_error_summary_has_the_focus_without_script(no_script_page: Page, address: str) -> None:
    no_script_page.goto(f"{address}/styleguide/erreurs")
    assert no_script_page.locator("#errors:focus").count() == 1


def test_paper_shows_what_is_folded_and_no_menu(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide/public")
    folded = page.locator(".fold-body")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert not page.locator("nav.menu").is_visible()
    assert page.locator(".paper-only").is_visible()


def test_long_list_of_boxes_can_be_searched_and_keeps_what_is_ticked(page: Page, address: str) -> None:
    page.goto(f"{address}/equipe/styleguide/equipe")
    boxes = page.get_by_label("Conseil citoyen")
    assert boxes.count() == 14
    boxes.first.check()
    page.get_by_label("Chercher dans la liste").fill("ete")
    assert page.locator(".option:visible").count() == 8  # seven « Été », and the one that is ticked
    page.get_by_label("Chercher dans la liste").press("Enter")
    assert page.url.endswith("/equipe")


def test_long_list_is_whole_without_script(no_script_page: Page, address: str) -> None:
    no_script_page.goto(f"{address}/equipe/styleguide/equipe")
    assert not no_script_page.get_by_label("Chercher dans la liste").is_visible()
    assert no_script_page.get_by_label("Conseil citoyen").count() == 14
