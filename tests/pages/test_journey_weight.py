"""The whole text journey on the wire: a phone that has never been here, in a real browser (ux.md R6)."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Request, expect

from participation.simulation import phones
from tests.support.browser import PHONE, NewContext
from tests.support.residents import demonstration
from tests.support.server import serving

__all__ = ["demonstration"]

MOST_BYTES = 30_000
MOST_REQUESTS = 8
FONT = re.compile(r"\.(woff2?|ttf|otf)$")


def bytes_of(request: Request) -> int:
    sizes = request.sizes()
    return int(sizes["responseHeadersSize"] + sizes["responseBodySize"])


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_the_text_journey_is_light(demonstration: Flask, new_context: NewContext, scripts: bool) -> None:
    page = new_context(java_script_enabled=scripts).new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))  # noqa: PLW0108  # Playwright marks what it is given
    with serving(demonstration) as base:
        page.goto(f"{base}/m/{phones.OPEN_REF}")
        page.get_by_role("link", name="Écrire").click()
        page.locator("textarea").fill("Il manque un banc devant l'école.")
        page.wait_for_timeout(2_500)
        page.get_by_role("button", name="Envoyer mon avis").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Merci")
        page.wait_for_load_state("networkidle")
        sent = [request for request in done if bytes_of(request)]  # the others came from the phone's own memory
        answered = [(bytes_of(request), request.method, urlsplit(request.url)) for request in sent]
        assert {address.netloc for _size, _method, address in answered} == {urlsplit(base).netloc}
    table = "\n".join(f"{size:>7,} {method} {address.path[:60]}" for size, method, address in answered)
    paths = [address.path for _size, _method, address in answered]
    assert not [path for path in paths if FONT.search(path) or "htmx" in path], table
    assert sum(size for size, _method, _address in answered) <= MOST_BYTES, table
    assert len(answered) <= MOST_REQUESTS, table
