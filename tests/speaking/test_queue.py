"""Several opinions wait in a phone: tabs, a browser that is killed, a line that fails; each arrives, and only once."""

import contextlib
import io
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from playwright.sync_api import TimeoutError as NotThere

from tests.speaking.phone import (
    DOOR,
    SENT,
    BadLine,
    expect_nothing_kept,
    expect_panel,
    expect_receipt,
    open_form,
    send,
    texts,
)
from tests.support.accessibility import assert_accessible
from tests.support.browser import start_again

NO_NETWORK = "Il n'y a pas de réseau."
FIVE = [f"Avis numéro {number}." for number in range(5)]
SAMPLE = 3


def keep_all(telephone: BrowserContext, words: list[str]) -> list[Page]:
    """Open a form for each of these, lose the network, send them all; return their tabs."""
    tabs = [open_form(telephone.new_page(), words=text) for text in words]
    telephone.set_offline(True)
    for tab in tabs:
        send(tab)
        expect_panel(tab, NO_NETWORK)
    return tabs


def is_known(tab: Page) -> str:
    """Wait until the page knows what became of its words, and say it."""
    for _ in range(100):
        if SENT.search(tab.url):
            return "reçu"
        if tab.get_by_role("heading", name="Votre avis est déjà arrivé.").is_visible():
            return "déjà arrivé"
        tab.wait_for_timeout(100)
    return "inconnu"


def test_every_tab_finds_its_own_receipt(telephone: BrowserContext, app: Flask) -> None:
    tabs = keep_all(telephone, FIVE[:3])
    telephone.set_offline(False)
    for tab in tabs:
        expect_receipt(tab)
    assert len({tab.url for tab in tabs}) == 3
    assert texts(app) == FIVE[:3]
    expect_nothing_kept(tabs[0])


def test_same_form_in_two_tabs_makes_one(telephone: BrowserContext, app: Flask) -> None:
    first, second = open_form(telephone.new_page(), words="Le même."), telephone.new_page()
    second.goto(first.url)
    second.locator("#texte").fill("Le même.")
    send(first)
    second.bring_to_front()
    with contextlib.suppress(NotThere):  # it may turn to the receipt by itself, just before the tap
        second.locator("#parole .button-main").click(timeout=3000)
    known = [is_known(tab) for tab in (first, second)]  # each has a code of its own, and one of them has arrived
    assert sorted(known) in (["déjà arrivé", "reçu"], ["reçu", "reçu"])
    assert texts(app) == ["Le même."]
    expect_nothing_kept(first)


@pytest.mark.parametrize("path", [DOOR, "/suivi", f"{DOOR}/photo"])
def test_other_pages_of_residents_show_what_is_kept_and_send_it(
    telephone: BrowserContext, app: Flask, path: str
) -> None:
    for tab in keep_all(telephone, FIVE[:2]):
        tab.close()
    telephone.set_offline(False)
    telephone.route("**/envoi/*", lambda route: route.abort())
    page = telephone.new_page()
    page.goto(path)
    expect_panel(page, "Avis gardés dans ce téléphone : 2")
    expect(page.locator("main form, .choices").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.locator("#telephone-statut")).to_have_text("Pas encore parti. Nous réessayons tout seuls.")
    telephone.unroute("**/envoi/*")
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect_panel(page, "C'est parti. Votre avis est bien arrivé.")
    expect(page.get_by_role("link", name="Voir mon avis et mon code")).to_have_count(2)
    assert_accessible(page)
    assert texts(app) == FIVE[:2]
    expect_nothing_kept(page)


def test_one_that_cannot_arrive_does_not_hold_up_the_others(telephone: BrowserContext, app: Flask) -> None:
    tabs = keep_all(telephone, FIVE[:3])
    bad = tabs[0].url.rpartition("/")[2]
    telephone.route(f"**/envoi/{bad}", lambda route: route.fulfill(status=500))
    telephone.set_offline(False)
    for tab in tabs[1:]:
        expect_receipt(tab)
    expect_panel(tabs[0], "Ça ne marche pas chez nous.")
    assert texts(app) == FIVE[1:3]


# A browser that is killed


@pytest.fixture
def start(playwright: Playwright, tmp_path: Path, live_server: str) -> Iterator[Callable[[], BrowserContext]]:
    """Start the phone's browser, again on what it kept the time before."""
    started: list[BrowserContext] = []

    def make() -> BrowserContext:
        context = start_again(playwright, tmp_path / "phone", live_server)
        started.append(context)
        return context

    yield make
    for context in started[-1:]:
        context.close()


def kill(profile: Path) -> int:
    """End the processes of the browser that runs on this profile, at once and without a word; return how many."""
    killed = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(profile).encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
                killed += 1
        except (FileNotFoundError, ProcessLookupError):
            pass
    return killed


SEEDS = [pytest.param(seed, marks=[] if seed < SAMPLE else [pytest.mark.full]) for seed in range(20)]


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_with_a_full_queue_nothing_is_lost_or_doubled(
    start: Callable[[], BrowserContext], quay: None, app: Flask, tmp_path: Path, seed: int
) -> None:
    """Killed at any moment of the sending, on a line that loses one sending in three and one answer in three."""
    chance = random.Random(seed)
    phone = start()
    keep_all(phone, FIVE)
    line = BadLine(app.wsgi_app, seed)
    app.wsgi_app = line  # type: ignore[method-assign]  # how Flask's documentation wraps an application
    if chance.random() < 0.8:
        phone.set_offline(False)
        time.sleep(chance.uniform(0, 1.5))
    assert kill(tmp_path / "phone")
    page = start().new_page()
    page.goto(DOOR)
    until = time.monotonic() + 60
    while time.monotonic() < until and page.evaluate(_WAITING):
        page.evaluate("dispatchEvent(new Event('online'))")  # the back-off would make the test long
        page.wait_for_timeout(300)
    assert texts(app) == FIVE
    assert line.sendings >= 1
    expect_nothing_kept(page)


_WAITING = """() => new Promise((done) => {
  indexedDB.open("parole").onsuccess = (event) => {
    event.target.result.transaction("avis").objectStore("avis").count().onsuccess = (count) => {
      event.target.result.close();
      done(count.target.result);
    };
  };
})"""


def test_seeds_do_lose_answers() -> None:
    """The bad line is bad: of the same sending, some never arrive, some arrive unheard, some are answered."""
    seen = set()
    for seed in range(12):
        line = BadLine(lambda environ, start_response: (seen.add("arrived"), [b""])[1], seed)
        environ = {"PATH_INFO": "/envoi/x", "wsgi.input": io.BytesIO(), "werkzeug.socket": Mock()}
        try:
            list(line(environ, lambda *_: None))
            seen.add("heard")
        except ConnectionResetError:
            seen.add("cut")
    assert seen == {"arrived", "heard", "cut"}
