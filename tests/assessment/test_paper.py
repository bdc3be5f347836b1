"""The assessment on paper: few sheets, a code on each, every value a text, and no sign of any script that stops it."""

import datetime as dt
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import closing, notes
from participation.assessment.frame import find_frame
from participation.assessment.indicators import BLOCKS
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.load import load_contract
from participation.bodies.models import Body
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.contract.models import Contract, Quartier
from participation.extensions import db
from participation.simulation.generate import Sizes, simulate
from tests.assessment.packages import make_package
from tests.support.apps import make_app
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package
from tests.support.paper import codes_of, open_pdf, words_of
from tests.support.pdf_ua import pdf_faults

A4 = (595, 842)  # points
MOST_PAGES = 6
YEAR = Period(2025, 2025)
SIGNS = {
    "picture": "Des bancs 😀",
    "family, flag": "👨‍👩‍👧 🇫🇷",
    "Chinese, Thai, Amharic": "市场 ตลาด ገበያ",
    "hieroglyph, private": "\U00013000 \ue000",
    "marks alone": "a\u0338\u20e3 \u0e49",
    "directions": "\u202eabc\u202c \u2067def\u2069",
    "joiners, tags, soft hyphen": "a\u200db\u200cc\u00add \U000e0041",
    "Arabic, Hebrew": "مقاعد جديدة, ספסלים",
    "noncharacter": "x\ufdd0\uffffy",
    "old letters": "ǆ ﷺ ſ ẛ̣ ĳ",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def year(app_context: Flask) -> Flask:
    insert_package(db.session.connection(), make_package(9))
    db.session.commit()
    return app_context


def note(app: Flask, text: str, block: str) -> None:
    with app.test_request_context():
        notes.write(db.session(), YEAR, Scope(), "remarque", text, block=block, by=make_account("elu"))
        db.session.commit()


def test_a_closed_year_of_the_real_contract_fits_on_six_sheets(app_context: Flask, client: CheckedClient) -> None:
    """Many meetings, long names, a remark of 300 signs on each block, room for signatures."""
    load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
    simulate(db.session(), Sizes(years=1, meetings=80, proposals=60, opinions=120), seed=3)
    db.session.commit()
    for block in BLOCKS:
        note(app_context, "Nous avons lu ces chiffres ensemble. " * 8, block)
    with app_context.test_request_context():
        closed = closing.close(db.session(), find_frame(db.session(), YEAR, Scope()))
        db.session.commit()
        content = closing.find_file(closed, "pdf")
    assert content
    pages = list(open_pdf(content))
    assert len(pages) <= MOST_PAGES
    assert {tuple(map(round, page.get_size())) for page in pages} == {A4}
    assert codes_of(content) == ["http://127.0.0.1:8000/elus/bilan/2025/version/1"] * len(pages)
    for number, page in enumerate(pages, start=1):
        said = page.get_textpage().get_text_range()
        assert f"{number} / {len(pages)}" in said
        assert f"Version 1, empreinte {closed.sha256}" in said
    assert not pdf_faults(content, language="fr")


def say_everywhere(app: Flask, signs: str) -> None:
    db.session.execute(sa.update(Body).values(name=f"Conseil {signs}"))
    db.session.execute(sa.update(Quartier).values(name=f"Quartier {signs}"))
    db.session.execute(sa.update(Contract).values(name=f"Contrat {signs}"))
    db.session.commit()
    note(app, f"Nous lisons : {signs}, puis la suite.", "D")


def check_papers(client: CheckedClient) -> None:
    sign_in(client, make_account("elu"))
    for address in ("/elus/bilan/2025.pdf", "/bilan/2025/imprimer?l=ar&perimetre=quartier:nord"):
        content = client.get(address).data
        assert not pdf_faults(content), address
        assert "2025" in words_of(content)
    assert "puis la suite." in words_of(client.get("/elus/bilan/2025.pdf").data)


def test_no_sign_stops_a_paper(year: Flask, client: CheckedClient) -> None:
    say_everywhere(year, " ; ".join(SIGNS.values()))
    check_papers(client)


@pytest.mark.full
@pytest.mark.parametrize("signs", SIGNS.values(), ids=SIGNS)
def test_no_sign_alone_stops_a_paper(year: Flask, client: CheckedClient, signs: str) -> None:
    say_everywhere(year, signs)
    check_papers(client)


PLACES = ("", "perimetre=commune:arras", "perimetre=quartier:nord")


def check_sheet(client: CheckedClient, language: str, period: str, place: str) -> None:
    content = client.get(f"/bilan/{period}/imprimer?l={language}&{place}").data
    assert [tuple(map(round, page.get_size())) for page in open_pdf(content)] == [A4]
    assert not pdf_faults(content, language=language)


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_sheet_is_one_page(year: Flask, client: CheckedClient, language: str) -> None:
    for period, place in (("2025", ""), ("2024-2026", "perimetre=quartier:nord")):
        check_sheet(client, language, period, place)


@pytest.mark.full
@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_sheet_of_every_public_place_and_period_is_one_page(
    year: Flask, client: CheckedClient, language: str
) -> None:
    for period in ("2024", "2025", "2024-2026", "2027-2030"):
        for place in PLACES:
            check_sheet(client, language, period, place)


def charts_of(page: Any) -> list[list[tuple[str, str]]]:
    """Return the rows of each chart of a page, as (what, value)."""
    tables = re.findall(r'<table class="bars">(.*?)</table>', page.text, re.DOTALL)
    row = re.compile(r'<th scope="row">(.*?)</th>.*?<span class="bars-value">(.*?)</span>', re.DOTALL)
    return [[(seen(label), seen(value)) for label, value in row.findall(table)] for table in tables]


def seen(html: str) -> str:
    without = re.sub(r'<span class="unseen">.*?</span>', "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


@pytest.mark.parametrize(("language", "place"), [("fr", ""), ("fr", PLACES[1]), ("en", PLACES[2])])
def test_every_value_of_a_chart_is_a_text_on_the_sheet(
    year: Flask, client: CheckedClient, language: str, place: str
) -> None:
    text = words_of(client.get(f"/bilan/2025/imprimer?l={language}&{place}").data)
    charts = charts_of(client.get(f"/bilan/2025?l={language}&{place}"))
    assert len(charts) >= len(BLOCKS)
    for rows in charts:
        for what, value in rows:
            assert re.search(rf"{re.escape(what)}\s+{re.escape(value)}", text), (what, value)


def test_a_demonstration_is_marked_on_every_sheet(year: Flask, tmp_path: Any) -> None:
    real = year.test_client()
    sign_in(real, make_account("elu"))
    assert "Données de démonstration" not in words_of(real.get("/elus/bilan/2025.pdf").data)
    demo = make_app(str(db.engine.url), tmp_path / "demo", demo=True)
    client = demo.test_client()
    sign_in(client, make_account("elu"))
    for page in open_pdf(client.get("/elus/bilan/2025.pdf").data):
        assert "Données de démonstration : tout est fictif." in page.get_textpage().get_text_range()
