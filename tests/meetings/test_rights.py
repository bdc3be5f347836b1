"""Who may do what with meetings: a stranger signs in, a foreigner finds nothing, any organising body is enough."""

import datetime as dt

import pytest
import sqlalchemy as sa

from participation.extensions import db
from participation.meetings.models import Decision, Meeting
from tests.meetings.conftest import Town
from tests.meetings.test_announce import GOOD, NEW
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_meeting, sign_in
from tests.support.filling import fields_of, fill

PAGES = ["", "/modifier", "/tenir", "/annuler", "/compte-rendu", "/publier", "/decisions", "/decisions/dec-1"]
POSTS = ["/modifier", "/tenir", "/annuler", "/retablir", "/compte-rendu", "/publier", "/decisions", "/decisions/dec-1",
         "/decisions/dec-1/faite"]  # fmt: skip


@pytest.fixture(autouse=True)
def meeting(town: Town) -> Meeting:
    meeting = make_meeting("renc-a", [town.fabric], status="tenue", participants=30, residents=20, women=3)
    meeting.decisions = [Decision(ref="dec-1", text="Inviter le bailleur")]
    db.session.commit()
    return meeting


def enter(client: CheckedClient, role: str, *scopes: tuple[str, str]) -> CheckedClient:
    sign_in(client, make_account(role, *scopes))
    return client


def test_stranger_is_sent_to_sign_in(client: CheckedClient):
    for page in ["/equipe/rencontres", NEW, *(f"/equipe/rencontres/renc-a{page}" for page in PAGES)]:
        answer = client.get(page)
        assert answer.status_code == 303, page
        assert answer.location.startswith("/equipe/connexion"), page


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("animateur", [("instance", "conseil")]),
        ("animateur", [("commune", "sud")]),
        ("animateur", [("quartier", "la-colline")]),
        ("animateur", []),
        ("representant", [("instance", "conseil")]),
        ("elu", [("instance", "fabrique")]),
    ],
)
def test_foreigner_finds_nothing(client: CheckedClient, role: str, scopes: list[tuple[str, str]]):
    token = fields_of(client.get("/equipe/connexion"))["csrf_token"]
    enter(client, role, *scopes)
    for page in PAGES:
        assert client.get(f"/equipe/rencontres/renc-a{page}").status_code == 404, page
    for page in POSTS:
        answer = client.post(f"/equipe/rencontres/renc-a{page}", data={"csrf_token": token})
        assert answer.status_code == 404, page
    db.session.expire_all()
    assert db.session.scalars(sa.select(Meeting)).one().version == 1


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("admin", []),
        ("chef_projet", []),
        ("animateur", [("instance", "fabrique")]),
        ("animateur", [("commune", "nord"), ("instance", "conseil")]),
        ("animateur", [("quartier", "le-quai")]),
        ("representant", [("instance", "fabrique")]),
    ],
)
def test_those_in_charge_open_every_page(client: CheckedClient, role: str, scopes: list[tuple[str, str]]):
    enter(client, role, *scopes)
    for page in PAGES:
        assert client.get(f"/equipe/rencontres/renc-a{page}").status_code == 200, page
    assert "renc-a" in client.get("/equipe/rencontres").text


def test_a_joint_meeting_belongs_to_each_of_its_bodies(client: CheckedClient, town: Town):
    make_meeting("renc-joint", [town.fabric, town.council])
    for scope in (("instance", "fabrique"), ("instance", "conseil"), ("commune", "sud")):
        other = client.application.test_client()
        enter(other, "animateur", scope)
        assert other.get("/equipe/rencontres/renc-joint/modifier").status_code == 200


@pytest.mark.parametrize(
    ("bodies", "status"),
    [(["fabrique"], 303), (["fabrique", "conseil"], 303), (["conseil"], 422), (["conseil", "inter"], 422)],
)
def test_animator_creates_for_an_own_body_alone_or_with_others(
    as_animator: CheckedClient, bodies: list[str], status: int
):
    answer = fill(as_animator, NEW, **(GOOD | {"bodies": bodies}))
    assert answer.status_code == status
    if status == 422:
        assert "Cochez au moins une instance dont vous vous occupez" in answer.text
        assert fields_of(answer, NEW)["bodies"] == bodies


def test_naming_an_own_quartier_gives_no_right_to_anothers_body(client: CheckedClient):
    enter(client, "animateur", ("quartier", "le-quai"))
    answer = fill(client, NEW, **(GOOD | {"bodies": ["conseil"], "quartiers": ["le-quai"]}))
    assert answer.status_code == 422


def test_animator_cannot_give_the_meeting_away(as_animator: CheckedClient):
    edit = "/equipe/rencontres/renc-a/modifier"
    assert fill(as_animator, edit, bodies=["conseil"]).status_code == 422
    assert fill(as_animator, edit, bodies=["conseil", "fabrique"]).status_code == 303
    assert fill(as_animator, edit, bodies=["fabrique"], place="Ici").status_code == 303


def test_who_has_a_right_by_the_quartier_alone_can_still_edit(client: CheckedClient, town: Town):
    make_meeting("renc-q", [town.joint], quartiers=[town.hill])
    enter(client, "animateur", ("quartier", "la-colline"))
    assert fill(client, "/equipe/rencontres/renc-q/modifier", place="Ici").status_code == 303
    assert fill(client, "/equipe/rencontres/renc-q/modifier", quartiers=None).status_code == 422


@pytest.mark.parametrize(
    ("role", "scopes", "sees"),
    [
        ("admin", [], True),
        ("elu", [("commune", "nord")], True),
        ("elu", [("commune", "sud")], False),
        ("animateur", [("instance", "fabrique")], True),
        ("animateur", [("instance", "conseil")], False),
        ("representant", [("instance", "fabrique")], True),
    ],
)
def test_breakdowns_are_for_those_in_charge(
    client: CheckedClient, role: str, scopes: list[tuple[str, str]], sees: bool
):
    enter(client, role, *scopes)
    assert ("Chiffres détaillés" in client.get("/rencontres/renc-a").text) is sees


def test_everybody_sees_the_totals_alone(client: CheckedClient):
    page = client.get("/rencontres/renc-a").text
    assert "30 personnes," in page
    assert "dont 20 habitants et habitantes." in page
    assert "Chiffres détaillés" not in page
    assert "Femmes" not in page
    assert "Ouvrir côté équipe" not in page


def test_the_team_list_holds_the_account_s_own(as_animator: CheckedClient, town: Town):
    make_meeting("renc-sud", [town.council], title="Chez les autres")
    make_meeting("renc-joint", [town.council, town.fabric], title="Avec les autres", held_on=dt.date(2026, 4, 1))
    text = as_animator.get("/equipe/rencontres").text
    assert "Chez les autres" not in text
    assert text.index("Avec les autres") < text.index("renc-a")


def test_the_team_list_can_be_filtered(as_admin: CheckedClient, town: Town):
    make_meeting("renc-p", [town.council], title="À préparer", held_on=dt.date(2026, 4, 1))
    for query, there in {
        "": 2,
        "?statut=prevue": 1,
        "?instance=conseil": 1,
        "?statut=tenue&instance=conseil": 0,
    }.items():
        assert as_admin.get(f"/equipe/rencontres{query}").text.count('<article class="card') == there, query
    assert "Aucune rencontre ne correspond" in as_admin.get("/equipe/rencontres?statut=nimporte").text


def test_what_is_left_to_do_is_said(as_admin: CheckedClient, meeting: Meeting):
    page = as_admin.get("/equipe/rencontres/renc-a").text
    for words in ("niveau de participation", "Compléter les décisions", "Écrire le compte rendu."):
        assert words in page
    assert "Dire le niveau de participation" in as_admin.get("/equipe/rencontres").text
