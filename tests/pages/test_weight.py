"""What residents' pages weigh on the wire: an old phone, a weak network (ux.md R5, R6).

Bytes are counted at the socket, status line and headers included, as the phone receives them.
"""

import socket
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.support.residents import ResidentPage, demonstration, resident_pages
from tests.support.server import serving

__all__ = ["demonstration"]

MOST = 14_000
"""Bytes of a first response: what a server sends before the phone has to answer (ten packets)."""
GOAL = 8_000
NO_PAGE = {
    "actions.photo": "photos",
    "assessment.api": "data",
    "assessment.openapi": "for machines",
    "assessment.public_file": "a file",
    "assessment.public_sheet": "a file",
    "assessment.public_latest": "leads to the year's page",
    "assessment.public_version": "the year's page, once it is closed",
    "assessment.public_version_indicator": "the indicator's page, once the year is closed",
    "assessment.sign_by_link_form": "for whoever signs",
    "assessment.signed": "for whoever signs",
    "following.from_qr": "leads to the receipt",
    "following.qr_capitals": "leads to the receipt",
    "live_queue.without_network": "shown by the service worker of the team's devices",
    "live_keys.offer": "for whoever records the meeting, from a QR that the team shows",
    "joining.by_digits": "leads to the meeting's page",
    "joining.by_digits_in_capitals": "the same, for QRs",
    "joining.join_in_capitals": "the same, for QRs",
    "joining.meeting_in_capitals": "the same, for QRs",
    "joining.speak_at_meeting": "leads to a form",
    "joining.speak_at_meeting_in_capitals": "leads to a form",
    "joining.speak_by_digits": "leads to a form",
    "joining.speak_by_digits_in_capitals": "leads to a form",
    "joining.speak_in_quartier": "leads to a form",
    "media.show": "photos",
    "meetings.calendar": "data",
    "minutes_files.minutes_file": "a file",
    "pages.alive": "for machines",
    "planning.room": "for a projector, from the team's page",
    "planning.room_opinions": "a part of the room's screen",
    "pages.open_data_file": "data",
    "pages.open_data_zip": "data",
    "pages.ready": "for machines",
    "proposals.answers_feed": "data",
    "proposals.export": "a file",
    "proposals.answers_poster_pdf": "a file",
    "set_language": "leads back",
    "subscriptions.calendar_of_proposal": "data",
    "subscriptions.end_asked": "leads to the page of the mail's link",
    "subscriptions.feed_of_body": "data",
    "subscriptions.feed_of_proposal": "data",
    "subscriptions.feed_of_quartier": "data",
}
"""Public addresses that give no page of their own."""


def received(base: str, address: str, encoding: str, language: str) -> bytes:
    """Return all that the server sends for a page, as it comes."""
    parts = urlsplit(base)
    head = (
        f"GET {address} HTTP/1.0\r\nHost: {parts.netloc}\r\nAccept-Encoding: {encoding}\r\n"
        f"Accept-Language: {language}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        connection.sendall(head.encode())
        chunks = []
        while chunk := connection.recv(65_536):
            chunks.append(chunk)
    return b"".join(chunks)


def weigh(base: str, page: ResidentPage, encoding: str, language: str) -> int:
    """Return the bytes of a page's answer, having seen that it is what was asked for."""
    answer = received(base, page.address, encoding, language)
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith(
        ("http/1.1 404", "http/1.0 404") if page.endpoint == "not_found" else ("http/1.1 200", "http/1.0 200")
    )
    assert f"content-encoding: {encoding}" in head or page.endpoint == "not_found", f"{page.address}\n{head}"
    return len(answer)


def test_every_first_response_is_light(demonstration: Flask) -> None:
    pages = resident_pages(demonstration, each=3)
    heaviest: dict[str, tuple[int, str]] = {}
    with serving(demonstration) as base:
        for page in pages:
            for encoding, language in (("br", "fr"), ("gzip", "ar")):
                size = weigh(base, page, encoding, language)
                what = f"{page.address[:60]} ({encoding}, {language})"
                heaviest[page.endpoint] = max(heaviest.get(page.endpoint, (0, "")), (size, what))
    table = "\n".join(
        f"{size:>7,} {'over the goal' if size > GOAL else '':<14}{endpoint}: {what}"
        for endpoint, (size, what) in sorted(heaviest.items(), key=lambda item: -item[1][0])
    )
    assert max(heaviest.values())[0] <= MOST, f"more than {MOST:,} bytes:\n{table}"


def test_no_page_of_residents_goes_unweighed(demonstration: Flask) -> None:
    seen = {page.endpoint for page in resident_pages(demonstration)} | NO_PAGE.keys()
    unseen = {
        rule.endpoint
        for rule in demonstration.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and getattr(demonstration.view_functions[rule.endpoint], "permission", None) == "public"
        and not rule.rule.startswith(("/equipe", "/admin", "/elus"))
    } - seen
    assert not unseen, "these pages are linked from nowhere: add them to tests/support/residents.py, or to NO_PAGE"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_control_the_bytes_counted_are_those_of_the_page(demonstration: Flask, encoding: str) -> None:
    with serving(demonstration) as base:
        compressed = received(base, "/aide", encoding, "fr")
        plain = received(base, "/aide", "identity", "fr")
    assert len(compressed) * 2 < len(plain)
    assert plain.rstrip().endswith(b"</html>")
