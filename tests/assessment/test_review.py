"""Reviewing, closing and signing an assessment in the browser."""

import datetime as dt
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import closing
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
    assert "Rien : les mêmes chiffres et les mêmes lignes." in page.text


@pytest.mark.parametrize(("day", "words"), [("", "Écrivez la date"), ("01/01/2999", "pas encore arrivée")])
def test_a_date_that_cannot_be_is_said_and_nothing_is_closed(admin: CheckedClient, day: str, words: str) -> None:
    answer = _close(admin, day)
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalar(sa.select(sa.func.count(ClosedAssessment.id))) == 0


def test_what_was_edited_since_is_told_and_the_version_stays(admin: CheckedClient) -> None:
    _close(admin)
    before = {ending: admin.get(f"{VERSION}/bilan.{ending}").data for ending in ("json", "csv", "xlsx", "pdf")}
    held = sa.select(Meeting).where(Meeting.status == "tenue", Meeting.participants.is_not(None))
    meeting = db.session.scalars(held.where(sa.extract("year", Meeting.held_on) == 2025)).first()
    assert meeting is not None
    ref, participants = meeting.ref, meeting.participants + 3
    answer = fill(admin, f"/equipe/rencontres/{ref}/tenir", participants=str(participants))
    assert answer.status_code == 303, answer.text
    page = admin.get(VERSION)
    assert re.findall(r'class="figure-detail">\((renc[^)]*|[^)]*)\)</span></li>', page.text)[-1:] == [ref]
    assert "Participants" in page.text
    assert {ending: admin.get(f"{VERSION}/bilan.{ending}").data for ending in before} == before


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


def test_an_elu_signs_in_four_taps_and_only_once(admin: CheckedClient, elu: CheckedClient) -> None:
    _close(admin)
    answer = fill(elu, f"{VERSION}/signer", choice="valide")
    assert (answer.status_code, answer.location) == (303, VERSION)
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
