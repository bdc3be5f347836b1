"""Every page that residents may open, on the demonstration: what measures of weight and of accessibility walk over."""

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import HTTPException

from participation.bodies.load import load_contract
from participation.clock import today
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.contract.models import Quartier
from participation.extensions import db
from participation.following import contacts, visits
from participation.meetings.models import Meeting
from participation.meetings.rules import correct_minutes
from participation.opinions.models import Opinion
from participation.simulation import demo, phones
from participation.simulation.generate import Sizes
from participation.subscriptions import rules as subscriptions
from participation.subscriptions.models import Subscription
from tests.support.checked_client import CheckedClient
from tests.support.html import Page

SIZES = Sizes(years=2, meetings=40, proposals=40, opinions=120)
ELSEWHERE = re.compile(r"/(equipe|admin|elus|langue|static)\b")
"""The team's pages, the language of this one, files."""
WAY = re.compile(r"/(ecrire|parler|photo)$")
"""Ways to speak: one address leads to each."""
ADDRESS = "camille@exemple.fr"
MISSING = "/nulle-part"
"""An address where there is nothing."""


@dataclass(frozen=True)
class ResidentPage:
    """A page that answered with HTML."""

    endpoint: str
    """Name of its route; `not_found` for the page of an address where there is nothing."""
    address: str
    """Where it was found, redirects followed: path and query."""


@pytest.fixture
def demonstration(app: Flask) -> Flask:
    """The application on the shipped contract, filled with a smaller demonstration."""
    with app.app_context():
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        demo.fill(db.session(), SIZES)
        add_rare_pages()
        db.session.commit()
    return app


def add_rare_pages() -> None:
    """Add to a demonstration what gives pages that it lacks: minutes that were corrected, an address to confirm."""
    meeting = db.session.scalars(_held_with_minutes()).one()
    correct_minutes(db.session(), meeting, "Le texte corrigé.", "Une date était fausse.", by=None)
    contacts.ask(db.session(), _followed(), ADDRESS, language="fr")
    for quartier, confirmed in zip(_quartiers(), (False, True), strict=True):
        subscriptions.ask(db.session(), quartier, ADDRESS, "tout", language="fr", network="")
        if confirmed:
            subscriptions.confirm(db.session(), _subscription(quartier))


def _held_with_minutes() -> sa.Select[Meeting]:
    held = sa.select(Meeting).where(Meeting.status == "tenue", Meeting.minutes_published_on <= today())
    return held.order_by(Meeting.held_on.desc(), Meeting.id).limit(1)


def _followed() -> Opinion:
    """Return the first opinion of the demonstration that has a code."""
    return visits.read(db.session(), visits.token_for(next(iter(phones.CODES)))).opinion


def _quartiers() -> list[subscriptions.Subject]:
    """Return two quartiers that somebody follows."""
    rows = db.session.execute(sa.select(Quartier.slug, Quartier.name).order_by(Quartier.position).limit(2))
    return [subscriptions.Subject("quartier", slug, name) for slug, name in rows]


def _subscription(subject: subscriptions.Subject) -> Subscription:
    return db.session.scalars(sa.select(Subscription).where(Subscription.subject_ref == subject.ref)).one()


def first_addresses(app: Flask) -> list[str]:
    """Return where the walk begins: what links lead to, and what people hold in their hands."""
    with app.app_context():
        statuses = ("prevue", "tenue", "annulee")
        by_status = (sa.select(Meeting.ref).where(Meeting.status == status).limit(1) for status in statuses)
        meetings = [phones.OPEN_REF, *filter(None, (db.session.scalar(query) for query in by_status))]
        receipts = [f"/suivi/{visits.token_for(code)}" for code in phones.CODES]
        corrected = db.session.scalars(_held_with_minutes()).one().ref
        contact = contacts.find(db.session(), _followed())
        assert contact
        by_mail = [urlsplit(contacts.link(contact)).path, "/prevenir/fini", "/abonnement/fini"]
        quartiers = _quartiers()
        by_mail += [urlsplit(subscriptions.link(_subscription(quartier))).path for quartier in quartiers]
        by_mail += [f"/suivre/quartier/{quartier.ref}/courriel" for quartier in quartiers]
    fixed = ["/", MISSING, "/suivi", "/c", f"/c/{phones.DIGITS}", f"/rencontres/{corrected}", "/signaler/avis/x/merci"]
    return [*fixed, *(f"/m/{ref}" for ref in meetings), *receipts, *by_mail]


def resident_pages(app: Flask, each: int = 2) -> list[ResidentPage]:
    """Return the pages that a walk over links finds, at most `each` of a kind (with and without a query)."""
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    waiting = first_addresses(app)
    known, kinds = set(waiting), Counter[str]()
    found: dict[str, ResidentPage] = {}
    while waiting:
        answer = client.get(waiting.pop(0), follow_redirects=True)
        if answer.mimetype != "text/html" or answer.status_code not in {200, 404}:
            continue
        address = answer.request.full_path.rstrip("?")
        found[address] = ResidentPage(_endpoint(app, address) or "not_found", address)
        for link in Page(answer.get_data(as_text=True)).find_all("a"):
            linked = _inside(link.get("href"), address)
            kind = linked and linked not in known and _kind(app, linked)
            if linked and kind and kinds[kind] < each:
                kinds[kind] += 1
                known.add(linked)
                waiting.append(linked)
    return list(found.values())


def _inside(link: str, page: str) -> str | None:
    """Return the path and query of a link to a page of residents; None for others."""
    parts = urlsplit(urljoin(f"http://localhost{page}", link))
    if parts.netloc != "localhost" or parts.scheme != "http" or ELSEWHERE.match(parts.path):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _kind(app: Flask, address: str) -> str | None:
    endpoint = _endpoint(app, address)
    way = WAY.search(urlsplit(address).path)
    return endpoint and endpoint + (way[0] if way else "") + "?" * ("?" in address)


def _endpoint(app: Flask, address: str) -> str | None:
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(address).path)[0])
    except HTTPException:
        return None
