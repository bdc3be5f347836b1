"""When the largest thing of a page is drawn on an old phone with a weak network, against a bare page (ux.md R7).

The phone is Chromium with a processor six times slower, 400 ms from question to answer and 400 kbit/s (`--full`: EDGE
too), its memory empty at each visit; the program answers by its own server, on the demonstration. The bare page is a
heading without a style: what the network alone costs. Two seconds are four times the half second of that page. Noted
besides: how far things move while the page comes in (layout shift, 0.02 at most in ux.md).

Seen in November 2026 on two cores that other work shared: 1.3 to 1.9 s by 3G, 2.4 to 2.8 s by EDGE, nothing moved.
"""

import http.server
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from participation.simulation import phones
from tests.bench import Ratio
from tests.support.browser import FLAGS, PHONE, chromium, chromium_environment, pytest_configure

ROUNDS = 5
LIMIT = 4
SLOWER = 6
NETWORKS = {"3G": (400, 400), "EDGE": (840, 240)}
"""Milliseconds from question to answer, kilobits a second both ways."""
PAGES = {
    "a meeting": f"/m/{phones.OPEN_REF}",
    "the four digits": f"/c/{phones.DIGITS}",
    "writing": f"/m/{phones.OPEN_REF}/ecrire",
    "a receipt": f"/r/{next(iter(phones.CODES))}",
    "an answer": f"/r/{list(phones.CODES)[2]}",
    "five words": "/suivi",
    "a quartier": "/quartiers/blancs-monts-hochettes",
    "answers": "/reponses",
}
"""Where a phone comes in; an address that leads on is followed first, without being slowed."""
_BARE = (
    b"<!doctype html><html lang=fr><meta name=viewport content='width=device-width'><title>Rien</title><h1>Rien</h1>"
)
_PAINTED = """() => new Promise((done) => {
  const seen = { paint: 0, shift: 0 };
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { seen.paint = Math.max(seen.paint, entry.startTime); });
  watch("layout-shift", (entry) => { seen.shift += entry.hadRecentInput ? 0 : entry.value; });
  setTimeout(() => done([seen.paint / 1000, seen.shift]), 1000);
})"""


def measure(full: bool) -> Iterator[Ratio]:
    """Draw each page in turn with the bare one, five times each; yield the medians."""
    pytest_configure()
    with ExitStack() as stack:
        base, bare = stack.enter_context(_demonstration()), stack.enter_context(_bare_site())
        playwright, program = stack.enter_context(sync_playwright()), chromium()
        browser = playwright.chromium.launch(
            executable_path=str(program), env=chromium_environment(program), args=list(FLAGS)
        )
        addresses = _where_they_lead(browser, base)
        for network in NETWORKS if full else list(NETWORKS)[:1]:
            for name, address in addresses.items():
                yield _compare(browser, network, name, address, bare)
        browser.close()


def _compare(browser: Browser, network: str, name: str, address: str, bare: str) -> Ratio:
    ours, reference = [], []
    for _ in range(ROUNDS):
        reference.append(_draw(browser, bare, network)[0])
        ours.append(_draw(browser, address, network))
    shift = statistics.median(moved for _painted, moved in ours)
    drawn = statistics.median(painted for painted, _moved in ours)
    title = f"{name} drawn by {network}, moving by {shift:.3f}"
    return Ratio(title, drawn, statistics.median(reference), "a bare page", LIMIT)


def _draw(browser: Browser, address: str, network: str) -> tuple[float, float]:
    """Return when the largest thing was drawn, in seconds, and the layout shift, in a browser that was never there."""
    context = browser.new_context(viewport=PHONE, locale="fr-FR")  # type: ignore[arg-type]  # a type of the library's
    page = context.new_page()
    latency, kilobits = NETWORKS[network]
    rate = {"downloadThroughput": kilobits * 125, "uploadThroughput": kilobits * 125}
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency, **rate})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load")
    painted, moved = page.evaluate(_PAINTED)
    context.close()
    return painted, moved


def _where_they_lead(browser: Browser, base: str) -> dict[str, str]:
    page = browser.new_page()
    found = {}
    for name, path in PAGES.items():
        answer: Any = page.goto(base + path)
        assert answer.status == 200, path
        found[name] = page.url
    page.close()
    return found


@contextmanager
def _demonstration() -> Iterator[str]:
    """Run the program's own server on a demonstration of its own; give its address."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "PARTICIPATION_INSTANCE": folder}
        command = [str(Path(sys.executable).with_name("participation")), "serve", "--demo", "--port", "0"]
        server = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout
            said = next(found for line in server.stdout if (found := re.search(r"répond sur (\S+)", line)))
            yield said[1]
        finally:
            server.terminate()
            server.wait()


@contextmanager
def _bare_site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Bare(http.server.BaseHTTPRequestHandler):
    """One heading, whatever is asked for."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(_BARE)))
        self.end_headers()
        self.wfile.write(_BARE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
