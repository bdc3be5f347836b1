"""Minutes: a draft that nobody outside sees, published as shown, corrected in the open, and harmless."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine

from participation.extensions import db
from participation.journal import list_entries
from participation.meetings.models import Meeting
from participation.minutes.models import CHECKS as CHECKED
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting
from tests.support.filling import fields_of, fill, send

TEAM = "/equipe/rencontres/renc-a"
WRITE = f"{TEAM}/compte-rendu"
CHECKS = f"{TEAM}/avant-de-publier"
PUBLISH = f"{TEAM}/publier"
PUBLIC = "/rencontres/renc-a"

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<b onmouseover=alert(1)>ici</b>",
    "[clic](javascript:alert(1))",
    "[clic](JaVaScRiPt:alert(1))",
    "[clic](&#106;avascript:alert(1))",
    "[clic](data:text/html;base64,PHNjcmlwdD4=)",
    "[clic](vbscript:msgbox(1))",
    "![image](x){onerror=alert(1)}",
    "![image](https://pisteur.exemple.fr/x.png)",
    "<a href='javascript:alert(1)'>clic</a>",
    '<https://exemple.fr/" onclick="alert(1)>',
    "[clic](<javascript:alert(1)>)",
    "<div hx-get='/admin' hx-trigger='load'>x</div>",
    "<div data-hx-get='/admin'>x</div>",
    "<iframe src='//pisteur.exemple.fr'></iframe>",
    "<style>body{display:none}</style>",
    "<form action='//pisteur.exemple.fr'><input name=x></form>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "</div></main><script>alert(1)</script>",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<<script>script>alert(1)<</script>/script>",
    "[a]: javascript:alert(1)\n\n[a]",
]


@pytest.fixture(autouse=True)
def meeting(town: Town) -> Meeting:
    meeting = make_meeting("renc-a", [town.fabric], status="tenue", title="Café du quai")
    db.session.commit()
    return meeting


def only_meeting() -> Meeting:
    db.session.expire_all()
    return db.session.scalars(sa.select(Meeting)).one()


def publish(client: CheckedClient, text: str) -> None:
    assert fill(client, WRITE, text=text, faire="publier").location == CHECKS
    assert fill(client, CHECKS, fait=list(CHECKED)).location == PUBLISH
    answer = fill(client, PUBLISH)
    assert (answer.status_code, answer.location) == (303, TEAM)


def correct(client: CheckedClient, text: str, reason: str = "Une faute") -> None:
    assert fill(client, WRITE, text=text, reason=reason, faire="corriger").status_code == 303


@pytest.mark.both_databases
def test_a_draft_is_kept_and_nobody_outside_sees_it(as_animator: CheckedClient, new_client):
    assert fill(as_animator, WRITE, text="# Secret\r\n\r\nBrouillon", faire="garder").status_code == 303
    assert only_meeting().minutes == "# Secret\n\nBrouillon"
    assert only_meeting().minutes_published_on is None
    for reader in (new_client(), as_animator):
        page = reader.get(PUBLIC).text
        assert "Brouillon" not in page
        assert "n'est pas encore publié" in page
        assert reader.get(f"{PUBLIC}/compte-rendu/1").status_code == 404


@pytest.mark.both_databases
def test_minutes_are_read_again_then_published(as_animator: CheckedClient, new_client, today: dt.date):
    publish(as_animator, "## Bancs\n\nOn veut **des bancs**.")
    meeting = only_meeting()
    assert meeting.minutes_published_on == today
    assert [(v.number, v.text, v.reason) for v in meeting.minutes_versions] == [
        (1, "## Bancs\n\nOn veut **des bancs**.", None)
    ]
    page = new_client().get(PUBLIC).text
    assert "<strong>des bancs</strong>" in page
    assert "Publié le 20 mars 2026." in page
    assert "Corrigé le" not in page


def test_publishing_twice_is_once(as_animator: CheckedClient):
    fill(as_animator, WRITE, text="Texte", faire="garder")
    fill(as_animator, CHECKS, fait=list(CHECKED))
    page = as_animator.get(PUBLISH)
    assert [send(as_animator, page, PUBLISH).status_code for _ in range(2)] == [303, 303]
    assert len(only_meeting().minutes_versions) == 1


def test_what_is_published_is_what_was_shown(as_animator: CheckedClient):
    fill(as_animator, WRITE, text="Texte relu", faire="garder")
    fill(as_animator, CHECKS, fait=list(CHECKED))
    page = as_animator.get(PUBLISH)
    fill(as_animator, WRITE, text="Texte de l'autre", faire="garder")
    answer = send(as_animator, page, PUBLISH)
    assert answer.status_code == 409
    assert "Texte de l&#39;autre" in answer.text or "Texte de l'autre" in answer.text
    assert only_meeting().minutes_published_on is None
    assert send(as_animator, answer, PUBLISH).status_code == 303


@pytest.mark.parametrize(
    ("status", "text", "sentence"),
    [("prevue", "Texte", "Dites d&#39;abord que la rencontre a eu lieu"), ("tenue", "", "Le compte rendu est vide")],
)
def test_some_minutes_cannot_be_published(
    as_animator: CheckedClient, meeting: Meeting, status: str, text: str, sentence: str
):
    meeting.status = status
    fill(as_animator, WRITE, text=text, faire="garder")
    answer = fill(as_animator, PUBLISH)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.both_databases
def test_a_correction_is_visible_and_the_earlier_text_stays(as_animator: CheckedClient, new_client):
    publish(as_animator, "Il y avait 12 personnes.")
    correct(as_animator, "Il y avait 21 personnes.", "Les chiffres étaient inversés")
    assert only_meeting().minutes_published_on == dt.date(2026, 3, 20)
    reader = new_client()
    page = reader.get(PUBLIC).text
    assert "Il y avait 21 personnes." in page
    assert "Il y avait 12 personnes." not in page
    assert "Corrigé le 20 mars 2026, 12\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}05 :" in page
    assert "Les chiffres étaient inversés" in page
    earlier = reader.get(f"{PUBLIC}/compte-rendu/1").text
    assert "Il y avait 12 personnes." in earlier
    assert "a été corrigé depuis" in earlier
    assert reader.get(f"{PUBLIC}/compte-rendu/3").status_code == 404
    actions = [entry.action for entry in list_entries(db.session(), "meeting", "renc-a")]
    assert actions == ["meeting.minutes_drafted", "meeting.minutes_published", "meeting.minutes_corrected"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({"reason": ""}, "Dites pourquoi vous corrigez"), ({"text": "", "reason": "x"}, "ne peut pas devenir vide")],
)
def test_a_bad_correction_is_explained_and_kept(as_animator: CheckedClient, sent: dict[str, str], sentence: str):
    publish(as_animator, "Avant")
    typed = {"text": "Après", "faire": "corriger"} | sent
    answer = fill(as_animator, WRITE, **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields_of(answer, WRITE)["text"] == [typed["text"]]
    assert only_meeting().minutes == "Avant"


def test_a_correction_sent_twice_is_one(as_animator: CheckedClient):
    publish(as_animator, "Avant")
    page = as_animator.get(WRITE)
    sent = {"text": "Après", "reason": "Une faute", "faire": "corriger"}
    assert [send(as_animator, page, WRITE, **sent).status_code for _ in range(2)] == [303, 303]
    assert len(only_meeting().minutes_versions) == 2


def test_minutes_published_by_an_import_keep_their_first_text(as_animator: CheckedClient, meeting: Meeting):
    meeting.minutes, meeting.minutes_published_on = "Importé", dt.date(2026, 3, 14)
    db.session.commit()
    correct(as_animator, "Corrigé")
    first, second = only_meeting().minutes_versions
    assert (first.text, first.published_at) == ("Importé", dt.datetime(2026, 3, 14, 11, tzinfo=dt.UTC))
    assert (second.number, second.text) == (2, "Corrigé")


def test_nobody_reads_minutes_before_the_day_of_their_publication(as_animator: CheckedClient, meeting: Meeting):
    meeting.minutes, meeting.minutes_published_on = "Importé pour plus tard", dt.date(2026, 3, 21)
    db.session.commit()
    for address in ("/rencontres?quand=passees", f"/rencontres/{meeting.ref}"):
        page = as_animator.get(address).text
        assert meeting.title in page
        assert "Importé" not in page
        assert "Compte rendu publié" not in page
    assert as_animator.get(f"/rencontres/{meeting.ref}/compte-rendu/1").status_code == 404
    assert "Il sera publié le 21 mars 2026." in as_animator.get(f"/equipe/rencontres/{meeting.ref}").text
    with time_machine.travel(dt.datetime(2026, 3, 20, 23, 5, tzinfo=dt.UTC), tick=False):
        assert "Importé pour plus tard" in as_animator.get(f"/rencontres/{meeting.ref}").text


def test_two_people_who_write_at_once_lose_nothing(as_animator: CheckedClient):
    page = as_animator.get(WRITE)
    fill(as_animator, WRITE, text="Le texte de l'autre", faire="garder")
    answer = send(as_animator, page, WRITE, text="Mon texte", faire="garder")
    assert answer.status_code == 409
    assert fields_of(answer, WRITE)["text"] == ["Mon texte"]
    assert "Le texte de l&#39;autre" in answer.text
    assert only_meeting().minutes == "Le texte de l'autre"


def test_a_preview_saves_nothing(as_animator: CheckedClient):
    answer = fill(as_animator, WRITE, text="# Titre\n\n- un\n- deux", faire="apercu")
    assert answer.status_code == 200
    assert "<li>un</li>" in answer.text
    assert fields_of(answer, WRITE)["text"] == ["# Titre\n\n- un\n- deux"]
    assert only_meeting().minutes is None


def test_htmx_gets_the_preview_alone(as_animator: CheckedClient):
    data = fields_of(as_animator.get(WRITE), WRITE) | {"text": "**gras**", "faire": "apercu"}
    answer = as_animator.post(WRITE, data=data, headers={"HX-Request": "true"})
    assert "<strong>gras</strong>" in answer.text
    assert "<html" not in answer.text
    assert only_meeting().minutes is None


def test_too_long_minutes_are_refused_and_kept(as_animator: CheckedClient):
    answer = fill(as_animator, WRITE, text="x" * 200_001, faire="garder")
    assert answer.status_code == 422
    assert fields_of(answer, WRITE)["text"] == ["x" * 200_001]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_minutes_are_harmless_wherever_they_are_shown(as_animator: CheckedClient, text: str):
    publish(as_animator, text)
    correct(as_animator, text + "\n\nFin", reason=text.replace("\n", " ")[:400])
    preview = fill(as_animator, WRITE, text=text, reason=text, faire="apercu")
    pages = [preview, *(as_animator.get(address) for address in (PUBLIC, f"{PUBLIC}/compte-rendu/1", PUBLISH, TEAM))]
    for page in pages:
        inside = "".join(re.findall(r'class="[^"]*minutes" dir="auto">(.*?)</div>', page.text, re.DOTALL))
        assert not re.search(
            r"<(script|img|svg|iframe|style|form|input|math|div|a [^>]*href=.?(java|data|vb))", inside, re.IGNORECASE
        )
        assert not re.search(r"<[^>]*\s(on\w+|hx-|data-|style)\s*=", inside, re.IGNORECASE)
        assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "text", ["## Deux\n\n#### Quatre", "###### Six\n\n# Un\n\n### Trois", "Titre\n===\n\nSous\n---"]
)
def test_headings_of_minutes_follow_those_of_the_page(as_animator: CheckedClient, text: str):
    """The checked client fails on a page that jumps a level."""
    publish(as_animator, text)
    assert "<h3>" in as_animator.get(PUBLIC).text
