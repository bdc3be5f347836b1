"""The tests' own tools: they must see what they are there to see."""

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page

from participation.extensions import db
from participation.permissions import public
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.html import csp_faults, faults_of

GOOD = """<!doctype html>
<html lang="fr"><head><title>Rencontres</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>Rencontres</h1>
<form><label for="q">Chercher</label> <input id="q" name="q"><button>Aller</button></form></main></body></html>"""


def test_a_good_page_has_no_fault():
    assert faults_of(GOOD) == []


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("<!doctype html>", "", "doctype"),
        (' lang="fr"', "", "no lang"),
        (' lang="fr"', ' lang="ar"', "dir"),
        ("<title>Rencontres</title>", "<title> </title>", "title"),
        ("<h1>Rencontres</h1>", "", "h1"),
        ("<h1>Rencontres</h1>", "<h1>Un</h1><h1>Deux</h1>", "h1"),
        ("</h1>", "</h1><h3>Trop bas</h3>", "level is missing"),
        ("<main>", "<div>", "</main>"),
        ("<form>", '<form id="q">', 'id="q" 2 times'),
        (' for="q"', "", "no label"),
        (' for="q"', ' for="p"', "names no element"),
        (' name="q"', ' name="q" aria-describedby="nulle-part"', "names no element"),
        ("<button>Aller</button>", "<button></button>", "no words"),
        ("</form>", '<fieldset><p style="color:red">x</p></fieldset></form>', "legend"),
        ("</form>", '<p style="color:red">x</p></form>', "attribute style"),
        ("</form>", '<p onclick="x()">x</p></form>', "attribute onclick"),
        ("</form>", '<p hx-on:click="x()">x</p></form>', "attribute hx-on"),
        ("</form>", '<a href="javascript:x()">x</a></form>', "code in"),
        ("</form>", '<a href="#absent">x</a></form>', "leads nowhere"),
        ("</form>", '<a href="/x"><img src="/x.png" alt=""></a></form>', "no words"),
        ("</form>", '<img src="/x.png"></form>', "no alt"),
        ("</form>", '<img src="//ailleurs.exemple.fr/x.png" alt=""></form>', "another host"),
        ("</head>", "<script>x()</script></head>", "inline script"),
        ("</head>", "<style>p{}</style></head>", "inline style"),
        ("</form>", "<p></form>", "</form>"),
        ("</form>", "<i/></form>", "</form>"),
        ("</h1>", "</h1></div>", "</div>"),
    ],
)
def test_a_bad_page_has_its_fault(was: str, becomes: str, fault: str):
    assert was in GOOD
    faults = faults_of(GOOD.replace(was, becomes, 1))
    assert any(fault in found for found in faults), faults


def test_a_piece_for_htmx_owes_no_frame():
    assert faults_of("<p>Une ligne</p>", fragment=True) == []
    assert faults_of('<p style="x">Une ligne</p>', fragment=True)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (None, "no Content"),
        ("script-src 'self'; frame-ancestors 'none'", "without default-src"),
        ("default-src 'none'", "without frame-ancestors"),
        ("default-src 'self' 'unsafe-inline'; frame-ancestors 'none'", "'unsafe-inline'"),
    ],
)
def test_a_weak_policy_is_seen(policy: str | None, fault: str):
    assert any(fault in found for found in csp_faults(policy))


def test_a_strict_policy_has_no_fault():
    assert csp_faults("default-src 'none'; script-src 'self'; frame-ancestors 'none'") == []


def _serve(app: Flask, html: str) -> None:
    app.add_url_rule("/essai", "essai", public(lambda: html))


def test_the_client_fails_on_a_bad_page(app: Flask, client: CheckedClient):
    _serve(app, GOOD.replace(' lang="fr"', ""))
    with pytest.raises(AssertionError, match="no lang"):
        client.get("/essai")


def test_the_client_gives_a_good_page(app: Flask, client: CheckedClient):
    _serve(app, GOOD)
    assert client.get("/essai").status_code == 200


def test_a_request_sees_what_the_test_wrote(app_context: Flask, client: CheckedClient):
    db.session.execute(sa.text("CREATE TABLE essai (x INTEGER)"))
    db.session.execute(sa.text("INSERT INTO essai VALUES (42)"))
    _serve_count(app_context)
    assert "<h1>42</h1>" in client.get("/essai").text
    assert db.session.scalar(sa.text("SELECT x FROM essai")) == 42


def _serve_count(app: Flask) -> None:
    def view() -> str:
        return GOOD.replace("<h1>Rencontres</h1>", f"<h1>{db.session.scalar(sa.text('SELECT x FROM essai'))}</h1>")

    app.add_url_rule("/essai", "essai", public(view))


@pytest.mark.both_databases
def test_each_database_has_its_tables_and_nothing_in_them(app_context: Flask, database_kind: str):
    assert db.engine.dialect.name == database_kind
    assert set(db.metadata.tables) <= set(sa.inspect(db.engine).get_table_names())
    with count_queries(app_context) as count:
        for table in db.metadata.sorted_tables:
            assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table.name
    assert count.number == len(db.metadata.tables)


def test_tests_do_not_share_a_database(new_sqlite_database, new_postgresql_database):
    assert new_sqlite_database() != new_sqlite_database()
    assert new_postgresql_database() != new_postgresql_database()


def test_a_good_page_in_the_browser(app: Flask, live_server: str, page: Page):
    _serve(app, GOOD)
    page.goto(f"{live_server}/essai")
    assert_accessible(page)
    assert_no_sideways_scroll(page)


def test_a_bad_page_in_the_browser(app: Flask, live_server: str, phone: Page):
    _serve(app, GOOD.replace("</form>", '<img src="/x.png"></form><pre>' + "x" * 500 + "</pre>"))
    phone.goto(f"{live_server}/essai")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(phone)
    with pytest.raises(AssertionError, match="pixels wide"):
        assert_no_sideways_scroll(phone)


def test_a_broken_policy_in_the_browser_is_seen(app: Flask, live_server: str, browser, browser_context_args):
    _serve(app, GOOD.replace("</form>", '<p style="color:red">x</p></form>'))
    seen: list[str] = []
    context = browser.new_context(**browser_context_args)
    context.on("console", lambda message: seen.append(message.text))
    context.new_page().goto(f"{live_server}/essai")
    context.close()
    assert any("Content Security Policy" in text for text in seen)


def test_arabic_letters_have_a_font(app: Flask, live_server: str, page: Page):
    """Without one, the letters of both words would be drawn as the same boxes."""
    _serve(
        app, GOOD.replace("<h1>", '<p><span id="a" lang="ar">ﷲ</span> <span id="b" lang="ar">اااااااا</span></p><h1>')
    )
    page.goto(f"{live_server}/essai")
    assert page.locator("#a").screenshot() != page.locator("#b").screenshot()
