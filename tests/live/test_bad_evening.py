"""The worst evening: two devices, two tabs, a line that loses answers, a browser killed while it sends.

Whatever happens, at the end the server has each thing once and in the order of its device, counts add up, and of a
text that two devices wrote both versions are kept. The pill never says that all is sent while something waits.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from participation.extensions import db
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from tests.live.hand import SCREEN
from tests.speaking.phone import BadLine
from tests.speaking.test_queue import kill
from tests.support.browser import NewContext, start_again

SEEDS = [pytest.param(seed, marks=[] if seed < 3 else [pytest.mark.full]) for seed in range(20)]
SENDING = r".*/en-direct/evenements$"
PATIENCE = 60
"""Seconds that a seed may take to send all; most take two."""

_RECORD = """async ([name, arrivals, opinions]) => {
  const field = (id, words) => { document.getElementById(id).value = words; };
  const press = (form) => form.querySelector("button[type=submit]").click();
  const form = (kind) => document.querySelector(`form[data-evenement=${kind}]`);
  for (let n = 0; n < arrivals; n += 1) { document.querySelector("button[name=tranche][value=plus_60]").click(); }
  for (let n = 0; n < opinions; n += 1) { field("avis-texte", `${name} ${n}`); press(form("avis")); }
  field("decision-texte", `Décision ${name}`);
  press(form("decision"));
  const note = document.querySelector("form[data-evenement=note]");
  note.elements.texte.value = `Note ${name}`;
  press(note);
}"""
"""What somebody records, faster than any hand: the page's own forms are sent."""

_STANDS = """() => new Promise((done) => {
  const pill = document.getElementById("etat-envoi");
  const said = pill.hidden ? "" : pill.textContent;
  indexedDB.open("direct").onsuccess = (event) => {
    event.target.result.transaction("evenements").objectStore("evenements").count().onsuccess = (count) => {
      event.target.result.close();
      done([said, count.target.result]);
    };
  };
})"""


@pytest.fixture
def agenda(hall: Flask) -> None:
    """One item, which both devices know."""
    with hall.app_context():
        meeting = db.session.scalars(sa.select(Meeting)).one()
        db.session.add(AgendaItem(ref="square", meeting=meeting, position=1, title="Le square"))
        db.session.commit()


@pytest.fixture
def start(
    playwright: Playwright, tmp_path: Path, live_server: str, sign_in: Callable[[BrowserContext], None]
) -> Iterator[Callable[[], BrowserContext]]:
    """Start the first device's browser, again on what it kept the time before; its sign-in does not outlive it."""
    started: list[BrowserContext] = []

    def make() -> BrowserContext:
        context = start_again(playwright, tmp_path / "device", live_server)
        sign_in(context)
        started.append(context)
        return context

    yield make
    for context in started[-1:]:
        context.close()


def _open(context: BrowserContext, tabs: int) -> list[Page]:
    pages = [context.new_page() for _tab in range(tabs)]
    for page in pages:
        page.goto(SCREEN)
        expect(page.locator("#etat-envoi")).to_be_attached()
    return pages


def _record(page: Page, name: str, waiting: int) -> None:
    """Record six arrivals, three opinions, a decision and a note; `waiting` is then in the device."""
    page.evaluate(_RECORD, [name, 6, 3])
    expect(page.locator("#etat-envoi")).to_have_text(f"Gardé ici : {waiting}")


def _add_photo(page: Page, picture: Path) -> None:
    page.locator("#photo").set_input_files(picture)
    page.locator("#description").fill("Le tableau")
    page.get_by_role("button", name="Garder la photo").click()
    expect(page.locator("[data-etat=photos] > li")).to_have_count(1)


def _send_all(pages: list[Page]) -> None:
    """Wait until nothing is left in any device, asking again and again; the pill is true at each look."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        stand = [page.evaluate(_STANDS) for page in pages]
        assert not [said for said, waiting in stand if said.startswith("Tout est envoyé") and waiting]
        if not any(waiting for _said, waiting in stand):
            return
        for page in pages:
            page.evaluate("dispatchEvent(new Event('online'))")  # the back-off would make the test long
        pages[0].wait_for_timeout(100)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_thing_arrives_once(
    start: Callable[[], BrowserContext],
    new_context: NewContext,
    live_server: str,
    sign_in: Callable[[BrowserContext], None],
    hall: Flask,
    agenda: None,
    tmp_path: Path,
    seed: int,
) -> None:
    chance = random.Random(seed)
    Image.effect_noise((800, 600), 40).convert("RGB").save(tmp_path / "tableau.jpg")
    first, other = start(), new_context(base_url=live_server)
    sign_in(other)
    tabs, others = _open(first, 2), _open(other, 1)
    for context in (first, other):
        context.set_offline(True)
    _record(tabs[0], "A", 11)
    _record(tabs[1], "B", 22)
    _record(others[0], "C", 11)
    _add_photo(tabs[0], tmp_path / "tableau.jpg")
    expect(tabs[0].locator("#etat-envoi")).to_have_text("Gardé ici : 23")
    line = BadLine(hall.wsgi_app, seed, SENDING)
    hall.wsgi_app = line  # type: ignore[method-assign]  # how Flask's documentation wraps an application
    for context in (first, other):
        context.set_offline(False)
    time.sleep(chance.uniform(0, 0.6))
    assert kill(tmp_path / "device")
    tabs = _open(start(), 2)
    _send_all([*tabs, *others])
    assert line.sendings >= 1
    _check(hall)
    for page in (*tabs, *others):
        page.reload()
        expect(page.locator("[data-etat=habitants]")).to_have_text("18")
        expect(page.locator("[data-etat=avis] > li")).to_have_count(9)
        expect(page.locator("#etat-envoi")).to_contain_text("Tout est envoyé (")


def _check(app: Flask) -> None:
    with app.app_context():
        session = db.session
        texts = session.scalars(sa.select(Opinion.text).order_by(Opinion.id)).all()
        assert sorted(texts) == sorted(f"{name} {number}" for name in "ABC" for number in range(3))
        for name in "ABC":
            assert [text for text in texts if text[0] == name] == [f"{name} {number}" for number in range(3)]
        assert sorted(session.scalars(sa.select(Decision.text))) == ["Décision A", "Décision B", "Décision C"]
        assert session.scalars(sa.select(MeetingPhoto.description)).all() == ["Le tableau"]
        events = session.scalars(sa.select(LiveEvent).order_by(LiveEvent.recorded_at)).all()
        notes = [event.data["texte"] for event in events if event.kind == "note"]
        assert sorted(notes) == ["Note A", "Note B", "Note C"], "every version is kept"
        assert session.scalars(sa.select(AgendaItem.notes)).one() == notes[-1], "the last one stands"
        arrivals = [event.data["n"] for event in events if event.kind == "arrivee"]
        assert (len(arrivals), sum(arrivals)) == (18, 18)
        for device in {event.device for event in events}:
            numbers = sorted(event.number for event in events if event.device == device)
            assert numbers == list(range(1, len(numbers) + 1))
        assert sorted(Counter(event.device for event in events).values()) == [11, 23]
