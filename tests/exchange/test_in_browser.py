"""Import and export in a real browser: files chosen, faults seen, the summary confirmed; readable on a phone."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.exchange.helpers import meeting, table
from tests.support.accessibility import assert_accessible
from tests.support.browser import NewContext, assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in


@pytest.fixture
def team_page(contract: Flask, client: CheckedClient, live_server: str, new_context: NewContext) -> Page:
    """A page 320 pixels wide in which a chef de projet is signed in."""
    sign_in(client, make_account("chef_projet"))
    cookie = client.get_cookie("equipe")
    assert cookie
    context = new_context()
    context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 568})
    return page


def send(page: Page, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    page.get_by_label("Vos fichiers").set_input_files(path)
    page.get_by_role("button", name="Vérifier").click()


def test_a_file_is_corrected_then_imported(team_page: Page, live_server: str, tmp_path: Path) -> None:
    path = tmp_path / "rencontres.csv"
    team_page.goto(f"{live_server}/equipe/import")
    assert_accessible(team_page)
    assert_no_sideways_scroll(team_page)
    send(team_page, path, table(meeting(niveau="débat")))
    expect(team_page.locator("#fautes")).to_contain_text("n'est pas un niveau connu")
    assert_accessible(team_page)
    assert_no_sideways_scroll(team_page)
    send(team_page, path, table(meeting(niveau="consultation")))
    expect(team_page.get_by_role("heading", level=1)).to_have_text("Voici ce qui va changer")
    assert_accessible(team_page)
    assert_no_sideways_scroll(team_page)
    team_page.get_by_role("button", name="Importer").click()
    expect(team_page.locator("main")).to_contain_text("1 rencontre ajoutée")
    assert_accessible(team_page)


def test_the_export_is_downloaded(team_page: Page, live_server: str) -> None:
    team_page.goto(f"{live_server}/equipe/export")
    assert_accessible(team_page)
    assert_no_sideways_scroll(team_page)
    with team_page.expect_download() as download:
        team_page.get_by_role("link", name="Fichiers .csv (.zip)").first.click()
    assert download.value.suggested_filename == "participation-export.zip"
