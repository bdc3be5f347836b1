"""A resident's phone in the tests: her forms in a real browser, what it keeps, and what has reached the server."""

import random
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect

from participation.extensions import db
from participation.opinions.models import Opinion
from participation.speaking import flood
from tests.support.browser import PHONE, NewContext
from tests.support.factory import make_contract, make_quartier

DOOR = "/quartiers/le-quai"
SENT = re.compile(r"/suivi/")
SEND = re.compile("^Envoyer (mon avis|mon message|ma photo)$")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_DUMP = """async () => {
  const rows = [];
  for (const {name} of await indexedDB.databases()) {
    const base = await new Promise((ok) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
    for (const store of base.objectStoreNames) {
      const all = base.transaction(store).objectStore(store).getAll();
      rows.push(...await new Promise((ok) => { all.onsuccess = () => ok(all.result); }));
    }
    base.close();
  }
  for (const name of await caches.keys()) { rows.push({cache: name}); }
  return rows.concat(Object.keys(localStorage), Object.keys(sessionStorage));
}"""


@pytest.fixture
def quay(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quartier where one may speak at once, however fast one types."""
    monkeypatch.setattr(flood, "SHORTEST", 0)
    with app.app_context():
        make_contract()
        make_quartier("le-quai", name="Le Quai")
        db.session.commit()


@pytest.fixture
def telephone(new_context: NewContext, live_server: str, quay: None) -> BrowserContext:
    """The browser of a small phone; paths lead to the live server."""
    return new_context(base_url=live_server)


@pytest.fixture
def tab(telephone: BrowserContext) -> Page:
    """One of its tabs, as wide as its screen."""
    tab = telephone.new_page()
    tab.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    return tab


def open_form(page: Page, mode: str = "ecrire", words: str | None = None, language: str = "fr") -> Page:
    """Open a fresh form, with these words typed in it."""
    page.goto(f"{DOOR}/{mode}")
    if language != "fr":
        page.goto(f"{page.url}?l={language}")
    expect(page.locator("#parole")).to_be_visible()
    if words is not None:
        page.locator("#texte").fill(words)
    return page


def send(page: Page) -> None:
    """Tap on the form's button."""
    page.locator("#parole .button-main").click()


def expect_receipt(page: Page) -> None:
    """Wait for the receipt."""
    expect(page).to_have_url(SENT)


def expect_panel(page: Page, heading: str) -> None:
    """Wait until the phone says this."""
    expect(page.locator("#telephone h2").filter(visible=True).first).to_have_text(heading)


def expect_nothing_kept(page: Page) -> None:
    """Wait, a second at most, until nothing is left in the phone."""
    page.wait_for_timeout(200)
    for _ in range(8):
        if not dump(page):
            return
        page.wait_for_timeout(100)
    assert dump(page) == []


def dump(page: Page) -> list[Any]:
    """Return all that scripts have stored in the phone for this site."""
    return page.evaluate(_DUMP)


def texts(app: Flask) -> list[str]:
    """Return what has reached the server, in alphabetical order."""
    with app.app_context():
        return list(db.session.scalars(sa.select(Opinion.text).order_by(Opinion.text)))


def answer(page: Page, status: int, **options: Any) -> None:
    """Let every sending of this page be answered so, without reaching the server."""
    page.route("**/envoi/*", lambda route: route.fulfill(status=status, **options))


def reach_again(page: Page) -> None:
    """Let sendings reach the server again."""
    page.unroute("**/envoi/*")


def lose_answers(page: Page, times: int = 1) -> list[str]:
    """Let the server take in the next sendings, and cut the line before it answers; return the addresses so cut."""
    lost: list[str] = []

    def cut(route: Route) -> None:
        if len(lost) < times:
            route.fetch()
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/envoi/*", cut)
    return lost


class BadLine:
    """A line that fails one sending in three before the server has it, and one in three before its answer is back."""

    def __init__(self, app: Wsgi, seed: int, sending: str = r"/envoi/") -> None:
        self._app, self._chance, self._sending = app, random.Random(seed), re.compile(sending)
        self.sendings = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve the request, or not."""
        fate = self._chance.random() if self._sending.match(environ["PATH_INFO"]) else 1
        self.sendings += fate < 1
        if fate < 1 / 3:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return self._cut(environ)
        answer = self._app(environ, start_response if fate > 2 / 3 else lambda *_: lambda _: None)
        if fate > 2 / 3:
            return answer
        list(answer)
        getattr(answer, "close", lambda: None)()
        return self._cut(environ)

    def _cut(self, environ: dict[str, Any]) -> Iterator[bytes]:
        environ["werkzeug.socket"].shutdown(
            socket.SHUT_RDWR
        )  # else the server would keep the line for the next request
        raise ConnectionResetError
        yield b""
