"""What the tests measure in a browser is the whole page, however slowly it comes."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.screen import assert_bears_large_text

PAGE = b"""<!doctype html><html lang=fr><head><title>Lent</title></head>
<body><main><h1>Lent</h1><p><a href=/ style='display:inline-block;padding:1em'>Encore une fois</a></p></main>"""


class _Slow(BaseHTTPRequestHandler):
    """Sends its headers at once and its page only when a browser has long taken the answer as begun."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE[:1])
        time.sleep(0.5)
        self.wfile.write(PAGE[1:])

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is for faults."""


@pytest.fixture
def slow() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("measure", [assert_accessible, assert_no_sideways_scroll, assert_bears_large_text])
def test_a_page_still_on_its_way_is_waited_for(phone: Page, slow: str, measure: Callable[[Page], None]) -> None:
    phone.goto(slow)
    phone.get_by_role("link", name="Encore une fois").click()
    measure(phone)
