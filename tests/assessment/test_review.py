"""Reviewing, closing and signing an assessment in the browser."""

import datetime as dt
import hashlib
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import closing
from participation.assessment.indicators import INDICATORS
from participation.assessment.models import AssessmentNote, ClosedAssessment, Signature, SignatureLink
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.people.models import OutboxMail
from tests.assessment.packages import make_package
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in
from tests.support.filling import fields_of, fill, send
from tests.support.package_rows import insert_package

SEED = 9
TODAY = dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC)
VERSION = "/elus/bilan/2025/version/1"


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def year(app_context: Flask) -> Flask:
    insert_package(db.session.connection(), make_package(SEED))
    db.session.commit()
    return app_context


@pytest.fixture
def admin(year: Flask) -> CheckedClient:
    return _browser_of(year, "admin", "cheffe de projet")


@pytest.fixture
def elu(year: Flask) -> CheckedClient:
    return _browser_of(year, "elu", "adjointe au maire")


def _browser_of(app: Flask, role: str, function: str) -> CheckedClient:
    client = app.test_client()
    account = make_account(role, function=function)
    db.session.commit()
    sign_in(client, account)
    db.session.commit()
    return client  # type: ignore[return-value]


def _close(admin: CheckedClient, day: str = "31/01/2026") -> Any:
    return fill(admin, "/equipe/bilan/2025/fermer", as_of=day)


def _twice(client: CheckedClient, address: str, action: str, **values: Any) -> list[str]:
    """Send a form twice, as a double click does; return where each sending led."""
    page = client.get(address, follow_redirects=True)
    data = fields_of(page, action) | values
    return [str(client.post(action, data=data).location) for _time in range(2)]


def _one(model: Any) -> Any:
    db.session.expire_all()
    return db.session.scalars(sa.select(model)).one()


def test_the_contracts_team_closes_a_year_once(admin: CheckedClient) -> None:
    close = "/equipe/bilan/2025/fermer"
    assert _twice(admin, close, close, as_of="31/01/2026") == [VERSION, VERSION]
    closed = _one(ClosedAssessment)
    assert (closed.version, closed.as_of, closed.closed_by) == (1, dt.date(2026, 1, 31), "cheffe de projet")
    page = admin.get(VERSION)
    assert closed.sha256 in page.text
    assert "Rien : les mêmes chiffres et les mêmes lignes." in admin.get(f"{VERSION}/changements").text


@pytest.mark.parametrize(("day", "words"), [("", "Écrivez la date"), ("01/01/2999", "pas encore arrivée")])
def test_a_date_that_cannot_be_is_said_and_nothing_is_closed(admin: CheckedClient, day: str, words: str) -> None:
    answer = _close(admin, day)
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalar(sa.select(sa.func.count(ClosedAssessment.id))) == 0


FILES = ("json", "csv", "xlsx", "pdf")


def _files(admin: CheckedClient) -> dict[str, bytes]:
    return {ending: admin.get(f"{VERSION}/bilan.{ending}").data for ending in FILES}


def _differences(page: Any) -> tuple[list[str], list[str]]:
    """Return the labels of the figures that the page says differ, and the objects of the history that it names."""
    part = page.text.partition("</h1>")[2].partition("</main>")[0]
    table, _title, history = part.partition("Ce que dit l")
    first = [re.search(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[2:]]
    lines = re.findall(r'class="figure-detail">\(([^)]*)\)</span></li>', history)
    return [unescape(cell[1].strip()) for cell in first if cell], lines


def _counted_meetings() -> list[Meeting]:
    held = sa.select(Meeting).where(Meeting.status == "tenue", Meeting.participants.is_not(None))
    year = Meeting.held_on.between(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    return list(db.session.scalars(held.where(year).order_by(Meeting.id)))


def test_what_was_edited_since_is_told_and_nothing_else(admin: CheckedClient, tmp_path: Path) -> None:
    _close(admin)
    before = _files(admin)
    edited, other = _counted_meetings()[:2]
    ref, participants, title = edited.ref, edited.participants, other.title
    assert participants is not None
    answer = fill(admin, f"/equipe/rencontres/{ref}/tenir", participants=str(participants + 3))
    assert answer.status_code == 303, answer.text
    assert fill(admin, f"/equipe/rencontres/{other.ref}/modifier", title=f"{title} bis").status_code == 303
    assert _differences(admin.get(f"{VERSION}/changements")) == (["Participants", "Participants par réunion"], [ref])
    assert _files(admin) == before
    kept = tmp_path / "bilan.json"
    kept.write_bytes(before["json"])
    assert closing.verify(json.loads(kept.read_text(encoding="utf-8"))) is None
    closed = _one(ClosedAssessment)
    codes = [line.partition(",")[0] for line in before["csv"].decode("utf-8-sig").splitlines()[1:]]
    assert codes == list(INDICATORS)
    assert hashlib.sha256(before["xlsx"]).hexdigest() == closed.xlsx_sha256
    assert hashlib.sha256(before["pdf"]).hexdigest() == closed.pdf_sha256


def test_a_row_that_no_longer_counts_is_named_with_its_line(admin: CheckedClient) -> None:
    _close(admin)
    meeting = next(one for one in _counted_meetings() if not one.minutes_published_on)
    ref = meeting.ref
    page = admin.get(f"/equipe/rencontres/{ref}")
    action = f"/equipe/rencontres/{ref}/retablir"
    assert send(admin, page, action).status_code == 303
    shown = admin.get(f"{VERSION}/changements")
    labels, lines = _differences(shown)
    assert "Réunions tenues" in labels
    assert lines == [ref]
    assert f'<a href="/rencontres/{ref}">' in shown.text.partition("Lignes en moins")[2].partition("</table>")[0]


def test_files_of_a_version_stay_when_another_is_closed(admin: CheckedClient) -> None:
    _close(admin)
    before = _files(admin)
    ref = _counted_meetings()[0].ref
    fill(admin, f"/equipe/rencontres/{ref}/tenir", participants="901")
    assert _close(admin).location == "/elus/bilan/2025/version/2"
    assert _files(admin) == before
    second = admin.get("/elus/bilan/2025/version/2/changements")
    assert _differences(second) == ([], [])
    assert "Rien : les mêmes chiffres" in second.text
    review = admin.get("/elus/bilan/2025/relecture").text
    assert VERSION in review
    assert "/elus/bilan/2025/version/2" in review


def test_everybody_reads_a_closed_version_with_small_counts_withheld(admin: CheckedClient, year: Flask) -> None:
    _close(admin)
    stranger = year.test_client()
    page = stranger.get("/bilan/2025/version/1")
    assert page.status_code == 200
    assert "Fermé le 10 février 2026" in page.text
    assert "/bilan/2025/version/1" in stranger.get("/bilan/2025").text
    rows = stranger.get("/bilan/2025/version/1/PC1.existing")
    assert rows.status_code == 200
    assert stranger.get("/bilan/2025/version/2").status_code == 404
    assert stranger.get(VERSION).status_code == 303
    closed = _one(ClosedAssessment)
    with year.test_request_context():
        assert closed.public_canonical is not None
        assert closing.find_closed(db.session(), *_asked(), version=1) is not None


def _asked() -> Any:
    return Period(2025, 2025), Scope()


def test_the_first_page_leads_elus_to_the_version_that_they_sign(admin: CheckedClient, elu: CheckedClient) -> None:
    first = "/elus/bilan/2025"
    assert "Lire et signer" not in elu.get(first).text
    _close(admin)
    assert f'<a href="{VERSION}">Lire et signer</a>' in elu.get(first).text
    assert f'<a href="{VERSION}">Lire cette version</a>' in admin.get(first).text
    assert f'href="{VERSION}/signer"' in elu.get(VERSION).text
    for client, address in ((elu, VERSION), (elu, "/bilan/2025/version/1")):
        assert 'class="findings"' in client.get(address).text


def test_everybody_reads_who_signed_and_with_what_reserve(
    admin: CheckedClient, elu: CheckedClient, year: Flask
) -> None:
    _close(admin)
    fill(elu, f"{VERSION}/signer", choice="reserve", words="Compter aussi les ateliers")
    page = year.test_client().get("/bilan/2025/version/1").text
    assert "adjointe au maire" in page
    assert "Validé avec une réserve" in page
    assert "Compter aussi les ateliers" in page


def test_an_elu_signs_in_four_taps_and_only_once(admin: CheckedClient, elu: CheckedClient) -> None:
    _close(admin)
    assert "Signer ce bilan" in elu.get(VERSION).text
    answer = fill(elu, f"{VERSION}/signer", choice="valide")
    assert (answer.status_code, answer.location) == (303, VERSION)
    assert "Signer ce bilan" not in elu.get(VERSION).text
    assert "Lire cette version" in elu.get("/elus/bilan/2025").text
    again = fill(elu, f"{VERSION}/signer", choice="valide")
    assert again.status_code == 303
    other = fill(elu, f"{VERSION}/signer", choice="correction", words="Il manque une rencontre.")
    assert other.status_code == 422
    assert "une signature ne change pas" in other.text
    signature = _one(Signature)
    assert (signature.function, signature.choice, signature.words) == ("adjointe au maire", "valide", None)
    assert "adjointe au maire" in admin.get(VERSION).text


@pytest.mark.parametrize("choice", ["reserve", "correction"])
def test_a_reserve_needs_its_words(admin: CheckedClient, elu: CheckedClient, choice: str) -> None:
    _close(admin)
    answer = fill(elu, f"{VERSION}/signer", choice=choice, words=" ")
    assert answer.status_code == 422
    assert "Écrivez votre réserve" in answer.text
    assert fill(elu, f"{VERSION}/signer", choice=choice, words="Voir la page 2").status_code == 303
    assert _one(Signature).words == "Voir la page 2"


def test_a_personal_link_signs_once_without_an_account(admin: CheckedClient, year: Flask) -> None:
    _close(admin)
    sent = fill(admin, "/equipe/bilan/2025/version/1/inviter", function="maire d'Achicourt", email="maire@exemple.fr")
    assert sent.status_code == 303, sent.text
    mail = _one(OutboxMail)
    assert mail.to_address == "maire@exemple.fr"
    path = re.search(r"/signer/\S+", mail.body)
    assert path
    stranger = year.test_client()
    page = stranger.get(path[0], follow_redirects=True)
    assert "maire d&#39;Achicourt" in page.text or "maire d'Achicourt" in page.text
    assert _one(SignatureLink).used_at is None, "a GET writes nothing"
    sent_to = f"{path[0]}/envoi"
    led = _twice(stranger, path[0], sent_to, choice="reserve", words="Compter aussi les ateliers")
    assert led == ["/signer/merci", "/signer/merci"]
    assert stranger.get(path[0]).status_code == 410
    assert _one(Signature).function == "maire d'Achicourt"
    assert "maire@exemple.fr" not in admin.get(VERSION).text


def test_a_personal_link_dies_after_thirty_days(admin: CheckedClient, year: Flask) -> None:
    _close(admin)
    fill(admin, "/equipe/bilan/2025/version/1/inviter", function="préfète", email="etat@exemple.fr")
    path = re.search(r"/signer/\S+", _one(OutboxMail).body)
    assert path
    with time_machine.travel(TODAY + dt.timedelta(days=31), tick=False):
        assert year.test_client().get(path[0]).status_code == 410


def test_a_signature_on_paper_keeps_its_scan(admin: CheckedClient) -> None:
    _close(admin)
    scan = b"%PDF-1.7 signed"
    answer = fill(
        admin,
        "/equipe/bilan/2025/version/1/papier",
        function="maire d'Arras",
        signed_on="10/02/2026",
        choice="valide",
        scan=(io.BytesIO(scan), "scan.pdf"),
    )
    assert answer.status_code == 303, answer.text
    row = _one(Signature)
    assert (row.on_paper, row.signed_on) == (True, dt.date(2026, 2, 10))
    assert "sur papier" in admin.get(VERSION).text
    assert admin.get(f"{VERSION}/scan/{row.id}").data == scan


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"signed_on": "09/02/2026"}, "entre la fermeture du bilan"),
        ({"signed_on": "11/02/2026"}, "entre la fermeture du bilan"),
        ({"scan": (io.BytesIO(b"<svg onload=alert(1)>"), "scan.pdf")}, "un PDF, ou une photo"),
        ({"scan": None}, "un PDF, ou une photo"),
        ({"function": " "}, "fonction"),
    ],
)
def test_what_is_wrong_with_a_paper_is_said(admin: CheckedClient, values: dict[str, Any], words: str) -> None:
    _close(admin)
    given = {
        "function": "maire", "signed_on": "10/02/2026", "choice": "valide",
        "scan": (io.BytesIO(b"%PDF-1.7"), "scan.pdf"),
    }  # fmt: skip
    answer = fill(admin, "/equipe/bilan/2025/version/1/papier", **(given | values))
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Signature.id))) == 0


def test_elus_remark_and_the_team_comments(admin: CheckedClient, elu: CheckedClient) -> None:
    new, review = "/elus/bilan/2025/notes/nouvelle", "/elus/bilan/2025/relecture"
    led = _twice(elu, new, "/elus/bilan/2025/notes", kind="reserve", block="PC4", text="Le délai est trop long.")
    assert led == [review, review]
    fill(admin, new, "/elus/bilan/2025/notes", kind="habitants", block="", text="« On nous a écoutés. »")
    page = elu.get(review).text
    assert "Le délai est trop long." in page
    assert "« On nous a écoutés. »" in page
    assert page.count("Retirer mon texte") == 1
    refused = fill(elu, new, "/elus/bilan/2025/notes", kind="remarque", block="", text="Bien")
    assert refused.status_code == 422
    assert "Choisissez la partie du bilan" in refused.text


def test_what_was_written_stands_on_the_first_page(admin: CheckedClient, elu: CheckedClient, year: Flask) -> None:
    """Beside its part for the team and the élus; for everybody, what residents say of how they were heard alone."""
    add = "/elus/bilan/2025/notes"
    offered = elu.get(f"{add}/nouvelle?bloc=PC4", follow_redirects=True)
    assert fields_of(offered, add)["block"] == ["PC4"]
    fill(elu, f"{add}/nouvelle?bloc=PC4", add, kind="reserve", text="Le délai est trop long.")
    fill(admin, f"{add}/nouvelle", add, kind="habitants", block="", text="« On nous a écoutés. »")
    page = elu.get("/elus/bilan/2025").text
    part = page.partition('aria-labelledby="bloc-PC4"')[2].partition("</section>")[0]
    assert "Le délai est trop long." in part
    assert f'{add}/nouvelle?bloc=PC4"' in part
    public = year.test_client().get("/bilan/2025").text
    for shown in (page, public):
        assert "On nous a écoutés" in shown.partition('id="habitants"')[2]
    assert "Le délai est trop long." not in public
    assert "notes/nouvelle" not in public


def test_a_withdrawn_note_says_that_it_was(elu: CheckedClient, admin: CheckedClient) -> None:
    fill(elu, "/elus/bilan/2025/notes/nouvelle", "/elus/bilan/2025/notes", kind="remarque", block="G", text="À revoir")
    note = _one(AssessmentNote).id
    form = fields_of(admin.get("/elus/bilan/2025/notes/nouvelle", follow_redirects=True))
    assert admin.post(f"/elus/bilan/2025/notes/{note}/retirer", data=form).status_code == 404
    page = elu.get("/elus/bilan/2025/relecture")
    action = f"/elus/bilan/2025/notes/{note}/retirer"
    assert send(elu, page, action).status_code == 303
    shown = elu.get("/elus/bilan/2025/relecture").text
    assert "À revoir" not in shown
    assert "Retiré le 10 février 2026" in shown


def test_the_assessment_is_tied_to_the_meeting_that_presents_it(admin: CheckedClient) -> None:
    meeting = db.session.scalars(sa.select(Meeting).where(Meeting.status != "annulee")).first()
    assert meeting is not None
    offered = re.findall(r'<option value="([^"]+)">', admin.get("/elus/bilan/2025/relecture").text)
    answer = fill(admin, "/elus/bilan/2025/relecture", "/equipe/bilan/2025/rencontre", meeting=offered[0])
    assert answer.status_code == 303
    assert f"/rencontres/{offered[0]}" in admin.get("/elus/bilan/2025/relecture").text
    for address, way in (("/rencontres", "/bilan/2025"), ("/equipe/rencontres", "/elus/bilan/2025/relecture")):
        page = admin.get(f"{address}/{offered[0]}").text
        assert f'href="{way}"' in page.partition("Bilan présenté à cette rencontre")[2]
    assert "Bilan présenté" not in admin.get(f"/rencontres/{offered[1]}").text


def test_the_assessment_of_an_instance_is_shown_at_its_meeting_to_who_may_read_it(admin: CheckedClient) -> None:
    scope = "?perimetre=instance:instance-0"
    offered = re.findall(r'<option value="([^"]+)">', admin.get(f"/elus/bilan/2025/relecture{scope}").text)
    page = admin.get(f"/elus/bilan/2025/relecture{scope}")
    form = fields_of(page, "/equipe/bilan/2025/rencontre") | {"meeting": offered[0]}
    assert admin.post(f"/equipe/bilan/2025/rencontre{scope}", data=form).status_code == 303
    assert f"relecture{scope}" in admin.get(f"/equipe/rencontres/{offered[0]}").text
    assert scope not in admin.get(f"/rencontres/{offered[0]}").text


@pytest.mark.both_databases
def test_yearly_reviews_are_offered_first_then_those_of_governance(admin: CheckedClient) -> None:
    offered = re.findall(r'<option value="([^"]+)">', admin.get("/elus/bilan/2025/relecture").text)
    meetings = {one.ref: one for one in db.session.scalars(sa.select(Meeting))}
    ranks = [
        (
            meetings[ref].type != "bilan_annuel",
            all(body.family != "gouvernance" for body in meetings[ref].bodies),
            -meetings[ref].held_on.toordinal(),
        )
        for ref in offered
    ]
    assert len(ranks) > 5
    assert ranks == sorted(ranks)
