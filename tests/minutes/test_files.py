"""Published minutes as files and on paper: the same text as the page's, with real headings, lists and tables."""

import datetime as dt
import io
from typing import Any

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn
from flask import Flask
from playwright.sync_api import Page

from participation.extensions import db
from participation.meetings.models import Decision, Meeting, MinutesVersion
from participation.minutes.outline import outline
from tests.support import factory
from tests.support.checked_client import CheckedClient
from tests.support.paper import open_pdf, words_of
from tests.support.pdf_ua import pdf_faults

TEXT = """## Le square

On a parlé **des bancs** et de [la liste](https://exemple.fr/bancs).

### Cadre de vie

- « Il faut des bancs. »
  - Proposition : poser trois bancs (7 mains levées)
- « نريد مقاعد »

3. D'abord
4. Ensuite

> Le bailleur a répondu.

| Quoi | Combien |
|---|---|
| Bancs | 3 |

## Et après

Merci à tous 😀\x0b.
"""
PAGE = "/rencontres/renc-a"


@pytest.fixture
def meeting(app_context: Flask) -> Meeting:
    factory.make_contract()
    body = factory.make_body("commission", name="Commission du Quai")
    day = dt.date(2026, 3, 14)
    meeting = factory.make_meeting(
        "renc-a", [body], title="Café du quai", status="tenue", minutes=TEXT, minutes_published_on=day, participants=25
    )
    moments = [dt.datetime(2026, 3, number, 10, tzinfo=dt.UTC) for number in (14, 16)]
    for number, (moment, reason) in enumerate(zip(moments, (None, "Une faute"), strict=True), 1):
        meeting.minutes_versions.append(MinutesVersion(number=number, text=TEXT, reason=reason, published_at=moment))
    decision = Decision(ref="dec-a", text="Inviter le bailleur", owner="l'animatrice", due_on=dt.date(2026, 4, 2))
    meeting.decisions.append(decision)
    db.session.commit()
    return meeting


def bookmarks(content: bytes) -> list[tuple[int, str]]:
    """Return the bookmarks of a PDF, each with its depth."""
    found: list[tuple[int, str]] = []

    def walk(items: Any, depth: int) -> None:
        for item in items:
            found.append((depth, str(item.title)))
            walk(item.children, depth + 1)

    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outlines:
        walk(outlines.root, 1)
    return found


def test_the_pdf_is_tagged_titled_and_has_a_bookmark_for_each_heading(client: CheckedClient, meeting: Meeting) -> None:
    answer = client.get(f"{PAGE}/compte-rendu.pdf", headers={"Accept-Language": "ar"})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert not pdf_faults(answer.data, language="fr")
    title = "Compte rendu : Café du quai"
    assert bookmarks(answer.data) == [
        (1, title), (2, "Le square"), (3, "Cadre de vie"), (2, "Et après"), (2, "Ce que la rencontre a décidé")
    ]  # fmt: skip
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert str(pdf.docinfo["/Title"]) == f"{title}, 12 mars 2026"
    words = words_of(answer.data)
    for said in ("25 personnes", "poser trois bancs (7 mains levées)", "3. D'abord", "Corrigé le 16 mars 2026",
                 "Inviter le bailleur l'animatrice 2 avril 2026", "Commission du Quai"):  # fmt: skip
        assert said in words, said


def test_the_docx_reads_back_whole(client: CheckedClient, meeting: Meeting) -> None:
    answer = client.get(f"{PAGE}/compte-rendu.docx")
    assert "compte-rendu-renc-a.docx" in answer.headers["Content-Disposition"]
    document = docx.Document(io.BytesIO(answer.data))
    paragraphs = [(one.style.name if one.style else "", one.text) for one in document.paragraphs if one.text]
    assert [line for line in paragraphs if line[0].startswith("Heading")] == [
        ("Heading 1", "Compte rendu : Café du quai"), ("Heading 2", "Le square"), ("Heading 3", "Cadre de vie"),
        ("Heading 2", "Et après"), ("Heading 2", "Ce que la rencontre a décidé"),
    ]  # fmt: skip
    assert [line for line in paragraphs if line[0].startswith(("List", "Quote"))] == [
        ("List Bullet", "« Il faut des bancs. »"),
        ("List Bullet 2", "Proposition : poser trois bancs (7 mains levées)"),
        ("List Bullet", "« نريد مقاعد »"),
        ("List Number", "D'abord"),
        ("List Number", "Ensuite"),
        ("Quote", "Le bailleur a répondu."),
    ]
    assert ("Normal", "On a parlé des bancs et de la liste (https://exemple.fr/bancs).") in paragraphs
    assert ("Normal", "Merci à tous 😀.") in paragraphs
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert tables == [
        [["Quoi", "Combien"], ["Bancs", "3"]],
        [
            ["Décision", "Qui s'en charge", "Pour quand"],
            ["Inviter le bailleur", "l'animatrice", "2 avril 2026"],
        ],
    ]
    assert all(list(table.rows[0]._tr.iter(qn("w:tblHeader"))) for table in document.tables)
    assert (document.core_properties.language, document.core_properties.author) == ("fr", "")
    assert document.core_properties.title == "Compte rendu : Café du quai, 12 mars 2026"
    assert {one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))} == {"fr"}


@pytest.mark.parametrize("ending", ["pdf", "docx"])
def test_a_draft_is_its_teams_alone_and_says_so(
    app: Flask, client: CheckedClient, meeting: Meeting, ending: str
) -> None:
    meeting.minutes_published_on = None
    db.session.commit()
    address = f"{PAGE}/compte-rendu.{ending}"
    assert client.get(address).status_code == 404
    for scope, status in ((("instance", "ailleurs"), 404), (("instance", "commission"), 200)):
        somebody = app.test_client()
        factory.sign_in(somebody, factory.make_account("animateur", scope))
        answer = somebody.get(address)
        assert answer.status_code == status
    if ending == "pdf":
        assert "Brouillon : ce compte rendu n'est pas publié." in words_of(answer.data)
    meeting.minutes = None
    db.session.commit()
    assert somebody.get(address).status_code == 404


def test_the_page_leads_to_the_files_once_there_is_something_to_read(client: CheckedClient, meeting: Meeting) -> None:
    assert f"{PAGE}/compte-rendu.pdf" in client.get(PAGE).text
    meeting.minutes_published_on = None
    db.session.commit()
    assert f"{PAGE}/compte-rendu" not in client.get(PAGE).text


def test_no_address_that_runs_a_program_gets_into_a_file() -> None:
    [block] = outline("[clic](https://exemple.fr) ![x](y) <b>gras</b> `code`")
    assert [run["href"] for run in block["runs"] if run["text"] == "clic"] == ["https://exemple.fr"]
    hrefs = {run["href"] for one in outline("[a](ftp://exemple.fr) [b](JaVaScript:alert(1))") for run in one["runs"]}
    assert hrefs == {None}


def test_the_minutes_of_two_hours_print_on_four_sheets_at_most(live_server: str, page: Page, meeting: Meeting) -> None:
    """25 people, 30 opinions, 5 proposals, 5 decisions, as a whole evening is recorded (issue: live meetings)."""
    said = "« Le soir, on ne voit rien entre l'arrêt de bus et l'école, il faudrait une lampe de plus. »"
    points = [f"## Point {number}\n\n" + "\n".join([f"- {said}"] * 6) for number in range(1, 6)]
    meeting.minutes = "\n\n".join(points)
    for number in range(4):
        values = {"text": f"Demander une lampe, rue {number}", "owner": "la mairie", "due_on": dt.date(2026, 5, 2)}
        meeting.decisions.append(Decision(ref=f"dec-{number}", **values))
    for _number in range(30):
        factory.make_opinion(meeting=meeting, text=said)
    db.session.commit()
    page.goto(live_server + PAGE)
    printed = page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"})
    assert len(open_pdf(printed)) <= 4
    assert "Point 5" in words_of(printed)
    answer = page.request.get(f"{live_server}{PAGE}/compte-rendu.pdf")
    assert len(open_pdf(answer.body())) <= 4
