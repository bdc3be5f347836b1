"""Representatives of one instance at a meeting of another: how many came, what they brought and told back; no names."""

import pytest
from playwright.sync_api import Page

from participation.bodies.models import Mandate, MandatePerson
from participation.extensions import db
from participation.journal import list_entries
from participation.meetings.models import Meeting
from participation.people import rules as people
from participation.people.models import AccountIdentity
from participation.seats.models import Elected, Presence, Substitute
from tests.seats.conftest import MANDATES
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_opinion
from tests.support.filling import fill
from tests.support.town import Town

FORM = "/equipe/rencontres/seance/representants/commission-du-quai"
PAGES = (
    "/equipe/avis/avis-ar/traduction",
    "/rencontres/seance",
    "/equipe/rencontres/seance/retours/commission-du-quai",
    "/equipe/rencontres/election/mandats",
    MANDATES,
    f"{MANDATES}/mandat-2",
    f"{MANDATES}/nouveau",
)
"""Other pages of representatives and mandates, and of a translation; each is looked at narrow and wide."""


def noted() -> list[tuple[int, int, str | None]]:
    db.session.expire_all()
    return [(row.present, row.substitutes, row.told) for row in db.session.query(Presence)]


@pytest.mark.both_databases
def test_numbers_what_they_brought_and_told_back_are_noted_and_read(as_admin: CheckedClient, seats: Town) -> None:
    db.session.add(MandatePerson(mandate_id=1, name="canari-nom"))
    db.session.commit()
    team = as_admin.get("/equipe/rencontres/seance").text
    assert "2 titulaires" in team, "the seat that ended counts no more"
    assert "Présence non renseignée" in team
    brought = {"present": "2", "substitutes": "1", "brought": "La demande de bancs."}
    for _again in range(2):
        assert fill(as_admin, FORM, **brought).status_code == 303
    assert noted() == [(2, 1, None)]
    assert "le retour à l'instance reste à noter" in as_admin.get("/equipe/rencontres/seance").text
    page = as_admin.get("/rencontres/seance").text
    for words in ("2 personnes", "La demande de bancs."):
        assert words in page, words
    assert "canari-nom" not in page + as_admin.get(FORM, follow_redirects=True).text
    lines = [line.action for line in list_entries(db.session(), "meeting", "seance")]
    assert lines == ["meeting.represented"]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "fields",
    [
        {"present": ""},
        {"present": "1", "substitutes": "2"},
        {"present": "100"},
    ],
)
def test_what_does_not_fit_is_refused_and_kept(as_admin: CheckedClient, seats: Town, fields: dict[str, str]) -> None:
    answer = fill(as_admin, FORM, brought="Des mots gardés", **fields)
    assert answer.status_code == 422
    assert "Des mots gardés" in answer.text
    assert noted() == []


def test_only_instances_with_a_seat_there_on_that_day(as_admin: CheckedClient, seats: Town, coming: Meeting) -> None:
    assert fill(as_admin, "/equipe/rencontres/cafe/representants/conseil-du-sud", present="1").status_code == 422
    later = "/equipe/rencontres/conseil-avril/representants/commission-du-quai"
    assert fill(as_admin, later, present="1").status_code == 422
    assert noted() == []


def test_nobody_of_another_instance_notes_it(as_animator: CheckedClient, seats: Town) -> None:
    assert as_animator.get(FORM).status_code == 404


def test_the_forms_are_accessible_and_fit_a_phone(live_server: str, page: Page, seats: Town, election: Meeting) -> None:
    seats.admin.identity = AccountIdentity(email="admin@exemple.fr")
    make_opinion("avis-ar", meeting=seats.session, text="نريد مقاعد", language="ar")
    substitute = db.session.query(Mandate).filter_by(ref="mandat-2").one()
    db.session.add_all([Substitute(mandate=substitute), Elected(mandate=substitute, meeting=election)])
    db.session.add(Presence(meeting=seats.session, body=seats.commission, present=2, substitutes=1))
    token = people.issue_link(db.session(), seats.admin, "invitation")
    db.session.commit()
    page.goto(f"{live_server}/equipe/entrer/{token}")
    page.get_by_role("button", name="Entrer").click()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for path in (FORM, *PAGES):
            page.goto(live_server + path)
            assert_accessible(page)
            assert_no_sideways_scroll(page)
