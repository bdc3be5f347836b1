"""How soon a tap on the live screen is answered on an old phone without a network (ux.md 2.2: 100 ms).

The phone is Chromium with a processor six times slower; the meeting has 25 people, 30 opinions, 5 proposals and 5
decisions already, all of them kept in the device. Measured by the browser itself, from the finger to the frame that
shows the answer (Event Timing, in steps of 8 ms). The reference is a bare page whose only button writes a number.

Seen in November 2026 on two quiet cores: medians of 32 to 48 ms, of a decision 64, an opinion 80; no tap above 88. With
other work beside, single taps took up to 136.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from participation import clock
from participation.extensions import db
from tests.bench import Ratio
from tests.bench.bench_import import fresh_app
from tests.support.apps import dispose
from tests.support.browser import FLAGS, PHONE, chromium, chromium_environment, pytest_configure
from tests.support.factory import make_account, make_body, make_meeting, sign_in
from tests.support.server import serving

ROUNDS, ROUNDS_FULL = 5, 20
SLOWER = 6
LIMIT = 6
"""A hundred milliseconds are six times the sixteen of the bare page."""
SHORTEST = 0.016
"""The browser tells of nothing shorter, in seconds."""
SCREEN = "/equipe/rencontres/cafe/en-direct"
TAPS = {
    "an arrival": "button[name=tranche][value='26_39']",
    "« + Présent »": ".live-bar button",
    "« + Avis »": ".live-bar a[href='#avis-texte']",
    "an opinion": "[data-evenement=avis] button",
    "a hand": "[data-etat=avis] [data-si=proposition]:not([hidden]) [data-evenement=mains] button",
    "« + Décision »": ".live-bar a[href='#decision-texte']",
    "a decision": "[data-evenement=decision] button",
    "a total": "[data-evenement=compte] button",
    "the last arrival taken back": "[data-si=derniere-arrivee] button",
}
WRITTEN = {"an opinion": "#avis-texte", "a decision": "#decision-texte"}
"""What is typed before the tap."""
_BARE = "<!doctype html><button>0</button>"
_COUNT = """() => {
  const button = document.querySelector("button");
  button.onclick = () => { button.textContent = Number(button.textContent) + 1; };
}"""
_FILL = """async () => {
  const press = (form) => form.querySelector("button[type=submit]").click();
  const form = (kind, place) => (place || document).querySelector(`form[data-evenement=${kind}]`);
  for (let n = 0; n < 25; n += 1) { document.querySelectorAll("button[name=tranche]")[n % 5].click(); }
  for (let n = 0; n < 30; n += 1) {
    document.getElementById("avis-texte").value = `Avis ${n} : il faudrait que ça change dans le quartier.`;
    press(form("avis"));
  }
  for (let n = 0; n < 5; n += 1) { press(form("proposition", document.querySelectorAll("[data-etat=avis] > li")[n])); }
  for (let n = 0; n < 5; n += 1) {
    document.getElementById("decision-texte").value = `Décision ${n}`;
    press(form("decision"));
  }
  document.querySelectorAll("main details").forEach((fold) => { fold.open = true; });
}"""
_WATCH = """() => {
  window.seen = [];
  new PerformanceObserver((list) => window.seen.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "event", durationThreshold: 16 });
}"""
_TOLD = """() => new Promise((done) => setTimeout(() => {
  done(Math.max(0, ...window.seen) / 1000);
  window.seen = [];
}, 400))"""


def measure(full: bool) -> Iterator[Ratio]:
    """Tap in turn on the bare page and on each button of the screen; yield the medians, naming the slowest."""
    pytest_configure()
    rounds = ROUNDS_FULL if full else ROUNDS
    with _phone() as (bare, screen):
        for name, selector in TAPS.items():
            reference, ours = [], []
            for number in range(rounds):
                reference.append(_tap(bare, "button"))
                if name in WRITTEN:
                    screen.locator(WRITTEN[name]).fill(f"Mots {number}")
                ours.append(_tap(screen, selector))
            title = f"{name}, at most {max(ours) * 1000:.0f} ms"
            yield Ratio(title, statistics.median(ours), statistics.median(reference), "a bare page", LIMIT)


def _tap(page: Page, selector: str) -> float:
    """Return how long the answer took, in seconds."""
    page.bring_to_front()
    button = page.locator(selector).first
    button.scroll_into_view_if_needed()
    page.evaluate(_TOLD)  # the frames of bringing it into view are no answer
    button.click()
    taken: float = page.evaluate(_TOLD)
    return max(taken, SHORTEST)


@contextmanager
def _phone() -> Iterator[tuple[Page, Page]]:
    """Give a bare page and the live screen of a long meeting, without a network, on a slow phone."""
    with tempfile.TemporaryDirectory() as folder:
        app = fresh_app(Path(folder) / "instance")
        client = app.test_client()
        with app.app_context():
            body = make_body("commission")
            make_meeting("cafe", [body], held_on=clock.today(), status="prevue")
            sign_in(client, make_account("animateur", ("instance", "commission")))
            db.session.commit()
        cookie, program = client.get_cookie("equipe"), chromium()
        assert cookie
        with serving(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(program), env=chromium_environment(program), args=list(FLAGS)
            )
            yield _pages(browser, address, cookie.value)
            browser.close()
        dispose(app)


def _pages(browser: Browser, address: str, cookie: str) -> tuple[Page, Page]:
    context = browser.new_context(viewport=PHONE, locale="fr-FR")  # type: ignore[arg-type]  # a type of the library's
    context.add_cookies([{"name": "equipe", "value": cookie, "url": address}])
    screen, bare = context.new_page(), context.new_page()
    bare.set_content(_BARE)
    bare.evaluate(_COUNT)
    screen.goto(address + SCREEN)
    context.set_offline(True)
    screen.evaluate(_FILL)
    screen.get_by_text("Gardé ici : 65").wait_for()
    for page in (screen, bare):
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.evaluate(_WATCH)
    return bare, screen
