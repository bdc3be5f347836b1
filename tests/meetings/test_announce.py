"""Create and change meetings in the browser: bad input is kept, sending twice makes one, nobody overwrites unseen."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from participation.extensions import db
from participation.journal import list_entries
from participation.meetings import rules
from participation.meetings.models import Meeting
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_meeting, sign_in
from tests.support.filling import fields_of, fill, send

NEW = "/equipe/rencontres/nouvelle"
GOOD = {
    "title": "Café citoyen, place du Marché",
    "bodies": ["fabrique"],
    "type": "cafe_citoyen",
    "level": "consultation",
    "quartiers": ["le-quai"],
    "place": "Salle des fêtes",
    "held_on": "2026-04-02",
    "start": "18:30",
    "end": "20:00",
}


def only_meeting() -> Meeting:
    db.session.expire_all()
    return db.session.scalars(sa.select(Meeting)).one()


def number_of_meetings() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Meeting)) or 0


@pytest.mark.both_databases
def test_animator_can_create_a_meeting(as_animator: CheckedClient):
    answer = fill(as_animator, NEW, **GOOD)
    meeting = only_meeting()
    assert answer.status_code == 303
    assert answer.location == f"/equipe/rencontres/{meeting.ref}"
    assert meeting.ref.startswith("2026-04-02-cafe-citoyen-place-du-marche-")
    assert (meeting.status, meeting.type, meeting.level) == ("prevue", "cafe_citoyen", "consultation")
    assert meeting.starts_at == dt.datetime(2026, 4, 2, 16, 30, tzinfo=dt.UTC)
    assert meeting.ends_at == dt.datetime(2026, 4, 2, 18, tzinfo=dt.UTC)
    assert [body.slug for body in meeting.bodies] == ["fabrique"]
    assert [quartier.slug for quartier in meeting.quartiers] == ["le-quai"]
    assert [entry.sentence for entry in list_entries(db.session(), "meeting", meeting.ref)] == ["Rencontre créée."]
    page = as_animator.get(answer.location)
    assert "Café citoyen, place du Marché" in page.text
    assert "de 18\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30 à 20\N{NO-BREAK SPACE}h" in page.text
    assert "On vous demande votre avis. La mairie décide." in page.text


def test_what_is_unknown_stays_unknown(as_admin: CheckedClient):
    unknown = {"level": "", "quartiers": None, "place": " ", "start": "", "end": ""}
    assert fill(as_admin, NEW, **(GOOD | unknown)).status_code == 303
    meeting = only_meeting()
    assert (meeting.level, meeting.place, meeting.starts_at, meeting.ends_at, meeting.quartiers) == (
        None,
        None,
        None,
        None,
        [],
    )
    assert "Non renseigné" in as_admin.get(f"/equipe/rencontres/{meeting.ref}").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Donnez un nom à la rencontre."),
        ("title", "x" * 201, "trop long"),
        ("bodies", [], "Cochez au moins une instance."),
        ("bodies", ["nulle-part"], "Cette instance n&#39;existe pas"),
        ("quartiers", ["nulle-part"], "Ce quartier n&#39;existe pas"),
        ("type", "", "Choisissez un type de rencontre."),
        ("type", "debat", "Choisissez dans la liste."),
        ("level", "discussion", "Choisissez dans la liste."),
        ("held_on", "", "Donnez la date de la rencontre."),
        ("held_on", "2026-02-30", "Cette date n&#39;existe pas."),
        ("held_on", "bientôt", "Cette date n&#39;existe pas."),
        ("held_on", "2010-01-01", "l&#39;année va de 2014 à 2040"),
        ("start", "25:00", "Cette heure n&#39;existe pas."),
        ("start", "vers midi", "Cette heure n&#39;existe pas."),
        ("end", "18:00", "La fin est avant le début"),
        ("place", "x" * 301, "trop long"),
    ],
)
def test_bad_input_is_explained_and_kept(as_admin: CheckedClient, field: str, value: object, sentence: str):
    answer = fill(as_admin, NEW, **(GOOD | {field: value}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Erreur" in answer.text
    assert number_of_meetings() == 0
    kept = fields_of(answer, NEW)
    typed = {name: text if isinstance(text, list) else [text] for name, text in (GOOD | {field: value}).items()}
    for name, texts in typed.items():
        if (name, value) in ((field, "debat"), (field, "discussion")) or "nulle-part" in texts:
            continue  # no such choice can be shown
        assert kept.get(name, []) == texts, name


def test_a_refused_form_can_be_sent_again_once_corrected(as_admin: CheckedClient):
    refused = fill(as_admin, NEW, **(GOOD | {"held_on": "2010-01-01"}))
    assert send(as_admin, refused, NEW, held_on="2026-04-02").status_code == 303
    assert number_of_meetings() == 1


@pytest.mark.both_databases
def test_a_double_click_makes_one_meeting(as_admin: CheckedClient):
    page = as_admin.get(NEW)
    first, second = send(as_admin, page, NEW, **GOOD), send(as_admin, page, NEW, **GOOD)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert number_of_meetings() == 1


def test_back_and_another_content_is_said_and_makes_nothing(as_admin: CheckedClient):
    page = as_admin.get(NEW)
    send(as_admin, page, NEW, **GOOD)
    answer = send(as_admin, page, NEW, **(GOOD | {"title": "Autre chose"}))
    assert answer.status_code == 409
    assert "déjà été envoyé" in answer.text
    assert number_of_meetings() == 1


def test_a_form_without_its_key_is_refused(as_admin: CheckedClient):
    answer = fill(as_admin, NEW, **GOOD, cle="")
    assert answer.status_code == 422
    assert "Rechargez la page" in answer.text
    assert number_of_meetings() == 0


@pytest.mark.parametrize("text", ["زيارة الحي", "🎉 Fête 🎉", "=1+1", "<b>gras</b>", "a\x00b\u202ec", "l'été « ici »"])
def test_any_writing_is_stored_or_cleaned(as_admin: CheckedClient, text: str):
    answer = fill(as_admin, NEW, **(GOOD | {"title": text, "place": text}))
    assert answer.status_code == 303
    assert only_meeting().title == text.replace("\x00", "")
    for address in (answer.location, f"/rencontres/{only_meeting().ref}", "/rencontres", "/rencontres/agenda.ics"):
        assert as_admin.get(address).status_code == 200


def test_a_meeting_made_after_another_has_all_but_its_date(as_admin: CheckedClient, town: Town):
    make_meeting(
        "modele",
        [town.fabric, town.joint],
        title="Balade",
        type="balade_urbaine",
        level="concertation",
        quartiers=[town.quay],
        place="Parvis",
        starts_at=dt.datetime(2026, 3, 12, 17, tzinfo=dt.UTC),
    )
    db.session.commit()
    filled = fields_of(as_admin.get(f"{NEW}?modele=modele"), NEW)
    assert filled["title"] == ["Balade"]
    assert sorted(filled["bodies"]) == ["fabrique", "inter"]
    assert (filled["type"], filled["level"], filled["quartiers"]) == (["balade_urbaine"], ["concertation"], ["le-quai"])
    assert (filled["place"], filled["start"], filled["held_on"]) == (["Parvis"], ["18:00"], [""])
    assert as_admin.get(f"{NEW}?modele=inconnu").status_code == 404


def test_the_list_of_bodies_has_ones_own_first_and_only_open_ones(as_animator: CheckedClient, town: Town):
    make_body("ancienne", [town.north], name="Ancienne", closed_on=dt.date(2025, 1, 1))
    db.session.commit()
    text = as_animator.get(NEW).text
    assert text.index("Vos instances") < text.index("Fabrique du Nord") < text.index("Conseil du Sud")
    assert "Ancienne" not in text


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"closed_on": dt.date(2026, 4, 1)}, "est fermée à cette date"),
        ({"opened_on": dt.date(2026, 4, 3)}, "pas encore"),
    ],
)
def test_a_body_that_is_not_open_that_day_cannot_organise(
    as_admin: CheckedClient, town: Town, dates: dict[str, dt.date], sentence: str
):
    make_body("breve", [town.north], name="Brève", **dates)
    db.session.commit()
    answer = fill(as_admin, NEW, **(GOOD | {"bodies": ["breve", "fabrique"]}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert sorted(fields_of(answer, NEW)["bodies"]) == ["breve", "fabrique"]


# Change


@pytest.fixture
def meeting(town: Town) -> Meeting:
    meeting = make_meeting("renc-a", [town.fabric], title="Atelier", place="Salle A", held_on=dt.date(2026, 4, 2))
    db.session.commit()
    return meeting


EDIT = "/equipe/rencontres/renc-a/modifier"


@pytest.mark.both_databases
def test_animator_can_change_a_meeting(as_animator: CheckedClient, meeting: Meeting):
    answer = fill(as_animator, EDIT, place="Salle B", bodies=["fabrique", "conseil"], start="9h")
    assert (answer.status_code, answer.location) == (303, "/equipe/rencontres/renc-a")
    changed = only_meeting()
    assert (changed.place, changed.version) == ("Salle B", 2)
    assert changed.starts_at == dt.datetime(2026, 4, 2, 7, tzinfo=dt.UTC)
    assert [body.slug for body in changed.bodies] == ["conseil", "fabrique"]
    entry = list_entries(db.session(), "meeting", "renc-a")[-1]
    assert entry.sentence == "Rencontre modifiée : heure de début, instances, lieu."
    assert entry.details == {
        "starts_at": [None, "2026-04-02T07:00:00+00:00"],
        "bodies": [["fabrique"], ["conseil", "fabrique"]],
        "place": [None, None],
    }


@pytest.mark.both_databases
def test_a_change_of_bodies_alone_is_a_new_version(as_admin: CheckedClient, meeting: Meeting):
    fill(as_admin, EDIT, bodies=["fabrique", "conseil"])
    assert only_meeting().version == 2


def test_sending_the_same_change_twice_is_no_conflict(as_admin: CheckedClient, meeting: Meeting):
    page = as_admin.get(EDIT)
    first, second = (send(as_admin, page, EDIT, place="Salle B") for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert only_meeting().version == 2
    assert len(list_entries(db.session(), "meeting", "renc-a")) == 1


@pytest.mark.both_databases
def test_a_stale_form_shows_both_and_saves_nothing(
    as_admin: CheckedClient, town: Town, app: Flask, meeting: Meeting, client: CheckedClient
):
    page = as_admin.get(EDIT)
    other = app.test_client()
    sign_in(other, town.animator)
    fill(other, EDIT, place="Salle de l'autre", level="information")
    answer = send(as_admin, page, EDIT, place="Salle à moi", title="Atelier vélo")
    assert answer.status_code == 409
    assert only_meeting().place == "Salle de l'autre"
    assert fields_of(answer, EDIT)["place"] == ["Salle à moi"]
    assert fields_of(answer, EDIT)["title"] == ["Atelier vélo"]
    assert "Salle de l&#39;autre" in answer.text
    assert "On ne sait pas encore" in answer.text
    assert "Information : On vous informe." in answer.text
    again = send(as_admin, answer, EDIT)
    assert again.status_code == 303
    assert (only_meeting().place, only_meeting().title) == ("Salle à moi", "Atelier vélo")


@pytest.mark.both_databases
def test_somebody_who_saves_between_reading_and_writing_is_seen(
    as_admin: CheckedClient, meeting: Meeting, monkeypatch: pytest.MonkeyPatch, database_kind: str
):
    """Two requests read the same version; the database tells the second one to write that it came too late.

    SQLite lets one request write at a time, so there the other one's change is undone with ours, and ours goes on.
    """
    edit, page = rules.edit, as_admin.get(EDIT)
    others = [sa.update(Meeting.__table__).values(place="Salle de l'autre", version=2)]

    def slow(session: Session, *args: Any, **kwargs: Any) -> bool:
        if others and database_kind == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(others.pop())
        elif others:
            session.connection().execute(others.pop())
        return edit(session, *args, **kwargs)

    monkeypatch.setattr(rules, "edit", slow)
    answer = send(as_admin, page, EDIT, place="Salle à moi")
    assert not others
    assert answer.status_code == {"postgresql": 409, "sqlite": 303}[database_kind]
    assert only_meeting().place == {"postgresql": "Salle de l'autre", "sqlite": "Salle à moi"}[database_kind]
    if answer.status_code == 409:
        assert fields_of(answer, EDIT)["place"] == ["Salle à moi"]
        assert "Salle de l&#39;autre" in answer.text


def test_a_held_meeting_cannot_move_to_the_future(as_admin: CheckedClient, meeting: Meeting):
    meeting.status, meeting.held_on = "tenue", dt.date(2026, 3, 1)
    db.session.commit()
    answer = fill(as_admin, EDIT, held_on="2026-04-02")
    assert answer.status_code == 422
    assert "dans l&#39;avenir" in answer.text
    assert fill(as_admin, EDIT, held_on="2026-03-02").status_code == 303


def test_a_closed_body_stays_on_the_meetings_it_organised(as_admin: CheckedClient, town: Town, meeting: Meeting):
    town.fabric.closed_on = dt.date(2026, 4, 1)
    db.session.commit()
    assert fill(as_admin, EDIT, place="Salle B").status_code == 303
    assert fill(as_admin, EDIT, held_on="2026-04-03").status_code == 422


# Cancel


CANCEL = "/equipe/rencontres/renc-a/annuler"


def test_a_planned_meeting_can_be_cancelled_with_a_reason(as_animator: CheckedClient, meeting: Meeting):
    assert fill(as_animator, CANCEL, reason=" ").status_code == 422
    assert only_meeting().status == "prevue"
    page = as_animator.get(CANCEL)
    first, second = (send(as_animator, page, CANCEL, reason="La salle est fermée.") for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert (only_meeting().status, only_meeting().cancel_reason) == ("annulee", "La salle est fermée.")
    assert "La salle est fermée." in as_animator.get("/rencontres/renc-a").text


def test_a_held_meeting_cannot_be_cancelled(as_admin: CheckedClient, meeting: Meeting):
    page = as_admin.get(CANCEL)
    meeting.status, meeting.held_on = "tenue", dt.date(2026, 3, 1)
    db.session.commit()
    answer = send(as_admin, page, CANCEL, reason="Trop tard")
    assert answer.status_code == 422
    assert "on ne peut plus l&#39;annuler" in answer.text
    assert fields_of(answer, CANCEL)["reason"] == ["Trop tard"]


def test_a_mistaken_cancellation_can_be_taken_back(as_admin: CheckedClient, meeting: Meeting):
    fill(as_admin, CANCEL, reason="Erreur")
    for _ in range(2):
        page = as_admin.get("/equipe/rencontres/renc-a")
        token = fields_of(as_admin.get(CANCEL), CANCEL)["csrf_token"]
        assert page.status_code == 200
        assert as_admin.post("/equipe/rencontres/renc-a/retablir", data={"csrf_token": token}).status_code == 303
    assert (only_meeting().status, only_meeting().cancel_reason) == ("prevue", None)
