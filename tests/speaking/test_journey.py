"""The whole journey of words: scripts off, no cookie kept, a fresh browser at each step (ux.md R2, R14, R17)."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Request, expect

from participation.database import now
from participation.extensions import db
from participation.meetings.models import AskedQuestion
from participation.opinions import rules
from participation.opinions.models import Opinion
from participation.speaking.models import MeetingCode
from tests.speaking.sending import WORDS
from tests.support.browser import PHONE, NewContext
from tests.support.factory import make_account, make_contract, make_meeting

QUESTION = "Que faut-il changer place de Rouen ?"
MOST_TAPS = 3
MOST_BYTES, MOST_REQUESTS = 30_000, 8


@pytest.fixture
def meeting(app_context: Flask) -> None:
    """A café citoyen that is open now, with four digits, a question, a level and a date for the answer."""
    make_contract()
    meeting = make_meeting(
        "cafe", title="Café du Quai", held_on=now().date(), level="consultation",
        answer_due_on=now().date() + dt.timedelta(days=90),
    )  # fmt: skip
    hour = dt.timedelta(hours=1)
    db.session.add(MeetingCode(meeting_id=meeting.id, digits="4821", opens_at=now() - hour, closes_at=now() + hour))
    db.session.add(AskedQuestion(meeting_id=meeting.id, position=0, text=QUESTION))
    db.session.commit()


class Phone:
    """A phone without scripts that keeps no cookie; it counts taps, requests and addresses."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
        self.context, self.taps = context, 0
        self.requests: list[Request] = []
        self.page.on("requestfinished", self._count)

    def _count(self, request: Request) -> None:
        self.requests.append(request)

    def tap(self, role: str, name: str) -> None:
        """Tap on what bears the name."""
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # a role
        self.taps += 1
        assert self.context.cookies() == []


@pytest.fixture
def borrow(new_context: NewContext):
    """Make phones that have never been here."""
    return lambda: Phone(new_context(java_script_enabled=False))


def _words(page: Page) -> list[str]:
    return page.locator("ol[dir=ltr] li").all_inner_texts()


def test_from_the_digits_to_the_answer(live_server: str, meeting: None, borrow):
    first = borrow()
    first.page.goto(f"{live_server}/c/4821")
    expect(first.page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    _asks_nobody_s_name(first.page)
    first.tap("link", "Écrire")
    _asks_nobody_s_name(first.page)
    first.tap("textbox", "Écrivez votre avis")
    first.page.keyboard.type(WORDS)
    first.page.wait_for_timeout(2000)  # nobody writes a sentence in less
    first.tap("button", "Envoyer mon avis")
    assert first.taps <= MOST_TAPS
    expect(first.page.get_by_role("heading", level=1)).to_contain_text("Votre avis est bien arrivé")
    code = _words(first.page)
    assert len(code) == 5
    _weighs_little(first)
    assert not any(word in request.url for request in first.requests for word in code)

    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.text, opinion.question, opinion.channel) == (WORDS, QUESTION, "telephone")
    rules.moderate(db.session(), opinion, "publie", by=make_account())
    opinion.created_at -= dt.timedelta(hours=1)
    db.session.commit()

    typing = borrow()
    typing.page.goto(f"{live_server}/suivi")
    typing.page.get_by_role("textbox").fill(" ".join(code).upper())
    typing.tap("button", "Voir mon avis")
    expect(typing.page.locator("main")).to_contain_text(WORDS)
    expect(typing.page.locator("main")).to_contain_text("Lu")

    scanning = borrow()
    scanning.page.goto(f"{live_server}/R/{'-'.join(code).upper()}")
    assert re.search(r"/suivi/[\w-]+$", scanning.page.url)
    expect(scanning.page.locator("main")).to_contain_text(WORDS)


def _asks_nobody_s_name(page: Page) -> None:
    assert page.locator("input[type=email], input[type=tel], [autocomplete*=name], [autocomplete=email]").count() == 0


def _weighs_little(phone: Phone) -> None:
    """The three pages and all that they load, from nowhere else (ux.md R6)."""
    assert len({urlsplit(request.url).netloc for request in phone.requests}) == 1
    sizes = [request.sizes() for request in phone.requests]
    assert len(sizes) <= MOST_REQUESTS, [request.url for request in phone.requests]
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= MOST_BYTES


def test_in_arabic_it_is_the_same(live_server: str, meeting: None, no_script_page: Page):
    page = no_script_page
    page.goto(f"{live_server}/c/4821")
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator(".choices a").nth(1).click()
    page.get_by_role("textbox").fill("نريد مقاعد قرب المدرسة")
    page.wait_for_timeout(2000)
    page.locator("#parole .button-main").click()
    assert len(_words(page)) == 5
    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.text, opinion.language) == ("نريد مقاعد قرب المدرسة", "ar")
