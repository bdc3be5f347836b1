"""The first page: two minutes to read, one chart a block, who owes answers; and the public's one sheet of paper."""

import dataclasses
import datetime as dt
import gzip
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import headlines, notes, owed, words
from participation.assessment.engine import assess
from participation.assessment.frame import Frame, find_frame
from participation.assessment.indicators import INDICATORS
from participation.assessment.period import Period
from participation.assessment.results import Coverage, Figure
from participation.assessment.scope import Place, Scope
from participation.bodies.models import Body
from participation.contract.models import Baseline, Contract
from participation.extensions import db
from participation.proposals.models import Proposal, Step
from tests.assessment.packages import make_package
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package
from tests.support.paper import codes_of, open_pdf, words_of
from tests.support.pdf_ua import pdf_faults

MOST_WORDS = 350
MOST_BYTES = 40_000
PLACE = Place(Scope(), 1, "Contrat d'essai")
FRAME = Frame(Period(2025, 2025), PLACE, dt.date(2026, 1, 31), "essai", (2024, 2030), 60, response_days_confirmed=True)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def year(app_context: Flask) -> Flask:
    """An application with a random year in it."""
    insert_package(db.session.connection(), make_package(9))
    for number, (at, value) in enumerate(((2019, 47), (2022, 28))):
        db.session.add(Baseline(indicator="M1.members", year=at, value=value, label="Conseillers", position=number))
    contract = db.session.get(Contract, 1)
    assert contract
    contract.announced = {**contract.announced, "portrait": {"year": 2022, "text": "Des personnes à la retraite."}}
    db.session.commit()
    return app_context


def main_of(page: Any) -> str:
    return str(page.text.partition("<main")[2].partition("</main>")[0].partition(">")[2])


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


class _Shown(HTMLParser):
    """The words that stand on a page before anything is unfolded, without what only screen readers are told."""

    HIDDEN = frozenset({"fold-body", "unseen"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self._hidden = 0
        self._open: list[bool] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "hr", "img", "input", "link", "meta"):
            hides = not self.HIDDEN.isdisjoint((dict(attrs).get("class") or "").split())
            self._open.append(hides)
            self._hidden += hides

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing stands in it."""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += [word for word in data.split() if re.search(r"\w", word)]


def visible_words(page: Any) -> list[str]:
    """Return what the page says before anything is unfolded."""
    return _Shown(main_of(page)).words


# Two minutes


@pytest.mark.parametrize("address", ["/bilan/2025", "/elus/bilan/2025", "/bilan/2024-2026", "/elus/bilan/2030"])
def test_first_page_is_read_in_two_minutes(year: Flask, client: CheckedClient, address: str) -> None:
    sign_in(client, make_account("elu"))
    page = client.get(address)
    assert 100 < len(visible_words(page)) <= MOST_WORDS
    assert len(gzip.compress(page.data)) <= MOST_BYTES


@pytest.mark.parametrize("start", ["/bilan/2025", "/elus/bilan/2025"])
def test_each_block_begins_with_a_chart_that_leads_to_its_rows(year: Flask, client: CheckedClient, start: str) -> None:
    sign_in(client, make_account("elu"))
    page = client.get(start)
    for block, codes in headlines.CHOSEN.items():
        section = page.text.partition(f'aria-labelledby="bloc-{block}"')[2].partition("</section>")[0]
        shown = section if block == headlines.LEVELS else section.partition("<details")[0]
        assert "<caption>" in shown
        for code in codes:
            assert f'href="{start}/{code}"' in shown


def test_what_the_contract_says_of_before_stands_beside(year: Flask, client: CheckedClient) -> None:
    text = plain(main_of(client.get("/bilan/2025")))
    assert "2019, dans le contrat 47" in text
    assert "2022, dans le contrat 28" in text
    assert "Avant, en 2022, selon le contrat : Des personnes à la retraite." in text
    elsewhere = plain(main_of(client.get("/bilan/2025?perimetre=commune:arras")))
    assert "dans le contrat" not in elsewhere
    assert "selon le contrat" not in elsewhere


def test_charts_of_everybody_withhold_small_counts_of_every_year(year: Flask, client: CheckedClient) -> None:
    code = "D1.first_time_share"
    public = {
        period: client.get(f"/api/v1/indicateurs?annee={period}").json["indicators"][code]  # type: ignore[index]
        for period in (2024, 2025)
    }
    page = unescape(client.get(f"/bilan/2025/{code}").text).partition("D'année en année")[2]
    for period, figure in public.items():
        shown = page.partition(f'<a href="/bilan/{period}/{code}">')[2].partition("</a>")[0]
        assert shown, period
        assert ("Trop peu de personnes" in shown) == (figure.get("why") == "petit_effectif")


def test_numbers_of_the_first_sentences_lead_to_the_rows_that_they_count(year: Flask, client: CheckedClient) -> None:
    asked = client.get("/api/v1/indicateurs?annee=2025").json
    assert asked
    sentences = main_of(client.get("/bilan/2025")).partition('class="findings"')[2].partition("</ul>")[0]
    links = re.findall(r'<a href="/bilan/2025/([\w.]+)#(\w+)">([^<]+)</a>', sentences)
    assert {code for code, _, _ in links} >= {"PC1.active", "PC1.existing", "PC3.attendances", "PC4.answered_share"}
    counts = {"PC1.active", "PC1.existing", "PC2.bodies", "PC2.bodies_with_residents", "PC3.bodies", "PC4.overdue"}
    for code, part, number in links:
        figure = asked["indicators"][code]
        if code in counts or code == "PC4.answered_share":
            assert len(figure[part]) == int(number), (code, part)
        page = client.get(f"/bilan/2025/{code}").text
        assert f'id="{part}"' in page


def test_the_number_of_questions_does_not_grow_with_the_rows(year: Flask, client: CheckedClient) -> None:
    sign_in(client, make_account("elu"))
    numbers = []
    for again in range(2):
        with count_queries(year) as count:
            client.get("/elus/bilan/2025")
        numbers.append(count.number)
        if not again:
            multiply_proposals()
    assert numbers[0] == numbers[1]


def multiply_proposals() -> None:
    """Copy each proposal with its steps."""
    for model, numbers in ((Proposal, ("id",)), (Step, ("id", "proposal_id"))):
        table: Any = model.__table__
        rows = [dict(row) for row in db.session.execute(sa.select(table)).mappings()]
        for row in rows:
            row.update({name: row[name] + 1000 for name in numbers})
            if "ref" in row:
                row["ref"] += "-copie"
        db.session.execute(sa.insert(table), rows)
    db.session.commit()


# Titles


def test_a_title_does_not_compare_with_a_year_in_which_nothing_was_held(year: Flask, client: CheckedClient) -> None:
    db.session.execute(
        sa.text("UPDATE meeting SET status = 'prevue', participants = NULL WHERE held_on < '2025-01-01'")
    )
    db.session.commit()
    captions = re.findall(r"<caption>(.*?)</caption>", client.get("/bilan/2025").text)
    assert len(captions) > 6
    assert not [one for one in captions if "2024" in one]


def title_of(app: Flask, code: str, now: Figure, before: Figure | None, frame: Frame = FRAME) -> str:
    line = words.Line(INDICATORS[code], "Réunions", now)
    with app.test_request_context():
        return headlines._title(line, frame, before)


@pytest.mark.parametrize(
    ("value", "title"),
    [
        (9, "Réunions : 9, plus qu'en 2024"),
        (3, "Réunions : 3, moins qu'en 2024"),
        (5, "Réunions : 5, comme en 2024"),
    ],
)
def test_a_title_says_what_changed(app: Flask, value: int, title: str) -> None:
    assert title_of(app, "G1.total", Figure(value), Figure(5)) == title


def test_a_title_compares_only_what_compares(app: Flask) -> None:
    now, before = Figure(9), Figure(5)
    under_way = dataclasses.replace(FRAME, as_of=dt.date(2025, 6, 30))
    assert title_of(app, "G1.total", now, before, under_way) == "Réunions : 9"
    half = Figure(9, covered=True, coverage=Coverage(4, 8))
    assert title_of(app, "PC3.attendances", half, before) == "Réunions : 9"
    few = Figure(0.5, parts=True, numerator=5, denominator=10)
    many = Figure(0.25, parts=True, numerator=10, denominator=40)
    assert title_of(app, "PC4.answered_share", few, many) == "Réunions : 5 sur 10"
    assert title_of(app, "G1.total", now, None) == "Réunions : 9"
    assert title_of(app, "G1.total", now, Figure(None)) == "Réunions : 9"


# Who owes an answer


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", [2, 9, 31])
def test_who_owes_answers_is_named_and_counted(app_context: Flask, seed: int) -> None:
    session = db.session()
    insert_package(session.connection(), make_package(seed))
    with app_context.test_request_context():
        found = owed.list_owed(session, find_frame(session, Period(2025, 2025), Scope()))
    figure = assess(session, Period(2025, 2025), Scope()).figures["PC4.overdue"]
    assert figure.rows is not None
    assert sum(one.number for one in found) <= len(figure.rows)
    if len(found) < owed.MOST_OWING:
        assert sum(one.number for one in found) == len(figure.rows)
    days = [one.since for one in found if one.since]
    assert days == sorted(days)
    for one in found:
        assert len(one.proposals) == min(one.number, owed.MOST_EACH)


def test_elus_read_who_owes_answers_and_the_public_does_not(year: Flask, client: CheckedClient) -> None:
    sign_in(client, make_account("elu"))
    page = client.get("/elus/bilan/2025")
    section = page.text.partition('id="qui-doit-repondre"')[2].partition("</section>")[0]
    assert 'href="/propositions/' in section
    assert 'href="/elus/bilan/2025/PC4.overdue"' in section
    assert 1 <= section.count("<summary>") <= owed.FIRST_PAGE_OWING
    assert 'id="qui-doit-repondre"' in client.get("/elus/bilan/2025/PC4.overdue").text
    for address in ("/bilan/2025", "/bilan/2025/PC4.overdue"):
        assert "qui les doit" not in client.get(address).text


# On paper


def test_the_document_of_the_elus_is_tagged_and_short(year: Flask, client: CheckedClient) -> None:
    sign_in(client, make_account("elu"))
    answer = client.get("/elus/bilan/2025.pdf")
    assert answer.mimetype == "application/pdf"
    assert not pdf_faults(answer.data)
    assert b"/Lang(fr)" in answer.data
    assert open_pdf(answer.data).get_metadata_dict()["Title"] == "Bilan 2025 de la participation"
    assert len(open_pdf(answer.data)) <= 6


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_publics_sheet_is_one_page_in_its_reader_s_language(
    year: Flask, client: CheckedClient, language: str
) -> None:
    content = client.get(f"/bilan/2025/imprimer?l={language}").data
    assert len(open_pdf(content)) == 1
    assert not pdf_faults(content)
    assert f"/Lang({language})".encode() in content
    assert [code.rpartition("/bilan/")[2] for code in codes_of(content)] == ["2025"]


def test_the_publics_sheet_says_what_the_page_says(year: Flask, client: CheckedClient) -> None:
    text = words_of(client.get("/bilan/2025/imprimer").data)
    page = client.get("/bilan/2025").text
    for sentence in re.findall(r"<caption>(.*?)</caption>", page):
        assert plain(sentence) in " ".join(text.split())
    assert "Trop peu de personnes" in text
    assert client.get("/bilan/2025/imprimer?perimetre=instance:instance-0").status_code == 404
    one = client.get("/bilan/2025/imprimer?perimetre=commune:arras")
    assert one.headers["Content-Disposition"] == 'inline; filename="bilan-2025-commune-arras.pdf"'


def test_a_sign_without_a_font_stops_no_paper(year: Flask, client: CheckedClient) -> None:
    db.session.execute(sa.update(Proposal).values(title="Des bancs 😀 市场"))
    db.session.execute(sa.update(Body).values(name=Body.name + " 😀 市场"))
    db.session.execute(sa.update(Contract).values(name="Contrat 😀"))
    db.session.commit()
    sign_in(client, make_account("elu"))
    for address in (
        "/elus/bilan/2025.pdf", "/elus/bilan/2025.pdf?perimetre=instance:instance-0", "/bilan/2025/imprimer",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200
        assert not pdf_faults(answer.data)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_what_elus_wrote_stands_in_the_document(year: Flask, client: CheckedClient, language: str) -> None:
    elu = make_account("elu")
    with year.test_request_context():
        words_said = "Il faut compter les jeunes 😀."
        notes.write(db.session(), Period(2025, 2025), Scope(), "reserve", words_said, block="D", by=elu)
        db.session.commit()
    sign_in(client, elu)
    content = client.get(f"/elus/bilan/2025.pdf?l={language}").data
    assert not pdf_faults(content)
    text = words_of(content)
    assert "Il faut compter les jeunes" in text
    assert language == "ar" or "(Qui participe ?)" in text
