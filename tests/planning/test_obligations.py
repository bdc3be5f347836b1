"""What the contract asks for: the board says what R1.cadence says, looks ahead, and raises no false alarm."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from participation.assessment import engine
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.models import Cadence
from participation.extensions import db
from participation.people.models import Account, AccountIdentity, OutboxMail
from participation.planning import obligations
from participation.planning.reminders import remind
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_account, make_body, make_meeting
from tests.support.town import Town

BOARD = "/equipe/obligations"


def promise(*bodies: Any, per_year: int, kind: str | None = None, label: str = "Deux fois par an") -> Cadence:
    key = "+".join(sorted(body.slug for body in bodies)) + (f":{kind}" if kind else "")
    cadence = Cadence(key=key, per_year=per_year, meeting_type=kind, label=label, line=1725, bodies=list(bodies))
    db.session.add(cadence)
    db.session.flush()
    return cadence


def held(day: str, *bodies: Any, **values: Any) -> None:
    make_meeting(bodies=bodies, held_on=dt.date.fromisoformat(day), **({"status": "tenue"} | values))


def planned(day: str, *bodies: Any, **values: Any) -> None:
    held(day, *bodies, status="prevue", **values)


def duty(day: str) -> obligations.Duty:
    today = dt.date.fromisoformat(day)
    (found,) = obligations.duties_of_year(db.session(), today.year, today)
    return found


@pytest.mark.both_databases
def test_a_joint_cadence_counts_joint_meetings_alone(town: Town):
    promise(town.commission, town.council, per_year=2)
    held("2026-02-03", town.commission, town.council)
    held("2026-02-10", town.commission)
    planned("2026-10-03", town.council, town.commission)
    planned("2026-11-03", town.council)
    planned("2027-01-03", town.council, town.commission)
    held("2026-05-05", town.council, town.commission, status="annulee")
    found = duty("2026-03-20")
    assert (found.held, found.expected, found.state) == (1, 2, obligations.PLANNED)
    assert [one.held_on for one in found.planned] == [dt.date(2026, 10, 3)]


def test_only_meetings_of_its_type_keep_a_promise(town: Town):
    promise(town.commission, per_year=1, kind="bilan_annuel")
    held("2026-02-03", town.commission)
    assert duty("2026-03-20").held == 0
    held("2026-02-04", town.commission, type="bilan_annuel")
    assert duty("2026-03-20").state == obligations.KEPT


@pytest.mark.both_databases
def test_its_numbers_are_those_of_the_assessment(town: Town):
    town.council.opened_on = dt.date(2026, 9, 1)
    promise(town.commission, per_year=12)
    promise(town.commission, town.council, per_year=4)
    for day in ("2026-01-05", "2026-03-20", "2026-09-15"):
        held(day, town.commission, town.council)
    for day in (dt.date(2026, 3, 20), dt.date(2026, 12, 31), dt.date(2027, 2, 1)):
        told = engine.told_apart(db.session(), "R1.cadence", find_frame(db.session(), Period(2026, 2026), Scope(), day))
        found = obligations.duties_of_year(db.session(), 2026, day)
        assert {one.cadence.key: {"held": one.held, "expected": one.expected} for one in found} == told


@pytest.mark.parametrize(
    ("per_year", "day", "state"),
    [
        (1, "2026-12-31", obligations.TO_PLAN),  # the pace of one a year is behind only once the year is over
        (2, "2026-07-02", obligations.TO_PLAN),
        (2, "2026-07-03", obligations.LATE),  # half of the year is over
        (4, "2026-04-01", obligations.TO_PLAN),
        (4, "2026-04-03", obligations.LATE),
        (12, "2026-02-02", obligations.LATE),
    ],
)
def test_late_is_behind_an_even_pace(town: Town, per_year: int, day: str, state: str):
    promise(town.commission, per_year=per_year)
    db.session.delete(town.cafe)
    assert duty(day).state == state


def test_what_is_planned_in_time_is_not_late(town: Town):
    promise(town.council, per_year=2)
    db.session.delete(town.session)
    planned("2026-11-02", town.council)
    assert duty("2026-10-01").state == obligations.LATE
    planned("2026-11-09", town.council)
    assert duty("2026-10-01").state == obligations.PLANNED


def test_a_past_year_is_kept_or_missed_and_a_past_meeting_waits_to_be_confirmed(town: Town):
    promise(town.commission, per_year=2)
    planned("2026-03-15", town.commission)
    found = duty("2026-03-20")
    assert ([one.held_on for one in found.unconfirmed], found.planned) == ([dt.date(2026, 3, 15)], [])
    (over,) = obligations.duties_of_year(db.session(), 2026, dt.date(2027, 1, 1))
    assert (over.state, over.held, over.months_left) == (obligations.MISSED, 1, 0)


# The page


def test_an_instance_without_a_number_is_never_late(as_animator: CheckedClient, town: Town, words: Any):
    text = words(as_animator.get(BOARD))
    assert "Le contrat ne fixe pas de nombre" in text
    assert "rien n'est en retard" in text
    assert "state-late" not in text
    assert "Conseil du Sud" not in text, "another instance"


def test_the_board_says_how_many_are_left_and_leads_to_a_meeting_with_everything_ticked(
    as_admin: CheckedClient, town: Town, words: Any
):
    promise(town.commission, town.council, per_year=2, kind="bilan_annuel")
    db.session.commit()
    text = words(as_admin.get(BOARD))
    assert "Il reste 2 rencontres à prévoir. Il reste 9 mois après celui-ci." in text
    assert "Contrat, ligne 1725" in text
    new = as_admin.get(
        "/equipe/rencontres/nouvelle?instance=commission-du-quai&instance=conseil-du-sud&type=bilan_annuel"
    )
    assert new.text.count(" checked") == 3, "two instances, and the level that nobody knows"
    assert '<option selected value="bilan_annuel">' in new.text


def test_elus_read_their_places_and_begin_nothing(enter: Any, town: Town, words: Any):
    promise(town.commission, per_year=6)
    promise(town.council, per_year=1, label="Celle du Sud")
    db.session.commit()
    page = enter(town.elu).get(BOARD)
    text = words(page)
    assert "Deux fois par an" in text
    assert "Celle du Sud" not in text
    assert "/equipe/rencontres" not in page.text


@pytest.mark.parametrize("year", ["2023", "2031", "26", "٢٠٢٦"])
def test_a_year_outside_the_contract_is_not_there(as_admin: CheckedClient, town: Town, year: str):
    assert as_admin.get(f"{BOARD}?annee={year}").status_code == 404


def test_without_a_contract_the_page_says_so(client: CheckedClient, app_context: Flask, words: Any):
    from tests.support.factory import sign_in

    sign_in(client, make_account("admin"))
    assert "Aucun contrat n'est chargé." in words(client.get(BOARD))


def test_the_board_costs_the_same_for_many(app: Flask, as_admin: CheckedClient, town: Town):
    promise(town.commission, per_year=2)
    planned("2026-10-03", town.commission)
    db.session.commit()
    as_admin.get(BOARD)
    with count_queries(app) as few:
        as_admin.get(BOARD)
    for _number in range(8):
        body = make_body()
        promise(body, town.council, per_year=2)
        planned("2026-10-03", body, town.council)
        make_body()
    db.session.commit()
    with count_queries(app) as many:
        as_admin.get(BOARD)
    assert few.number == many.number <= 20


# Reminders


def reachable(account: Account, name: str) -> Account:
    account.identity = AccountIdentity(email=f"{name}@exemple.fr")
    db.session.commit()
    return account


def mails() -> list[OutboxMail]:
    return list(db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.to_address)))


@pytest.mark.both_databases
def test_who_is_in_charge_is_reminded_once(town: Town):
    reachable(town.animator, "animatrice")
    reachable(town.representative, "representant")
    reachable(town.elu, "elue")
    reachable(town.admin, "equipe")
    reachable(make_account("animateur", ("instance", "conseil-du-sud")), "autre")
    promise(town.commission, per_year=1, kind="bilan_annuel")
    promise(town.commission, per_year=12)
    autumn = dt.date(2026, 10, 1)
    assert remind(db.session(), autumn) == 2
    db.session.commit()
    assert [mail.to_address for mail in mails()] == ["animatrice@exemple.fr", "representant@exemple.fr"]
    assert "2 engagements en 2026" in mails()[0].body
    assert "/equipe/obligations" in mails()[0].body
    assert "Quai" not in mails()[0].subject + mails()[0].body
    assert remind(db.session(), autumn) == 0
    assert remind(db.session(), dt.date(2026, 12, 24)) == 0
    assert len(mails()) == 2
    assert remind(db.session(), dt.date(2027, 12, 1)) == 2, "another year, another reminder"


def test_nobody_is_reminded_too_early_or_of_what_is_planned(town: Town):
    reachable(town.animator, "animatrice")
    promise(town.commission, per_year=1, kind="bilan_annuel")
    assert remind(db.session(), dt.date(2026, 9, 29)) == 0
    planned("2026-12-10", town.commission, type="bilan_annuel")
    assert remind(db.session(), dt.date(2026, 12, 1)) == 0


def test_where_nobody_is_in_charge_the_contracts_team_is_told(town: Town):
    promise(town.council, per_year=12)
    assert remind(db.session(), dt.date(2026, 10, 1)) == 0, "nobody has an address"
    reachable(town.admin, "equipe")
    assert remind(db.session(), dt.date(2026, 10, 1)) == 1, "and the reminder is not lost"


def test_the_command_says_what_it_did(cli: FlaskCliRunner, town: Town):
    from participation.planning.commands import remind_command

    reachable(town.animator, "animatrice")
    promise(town.commission, per_year=12)
    db.session.commit()
    assert cli.invoke(remind_command).output == "1 courriel de rappel.\n"
    assert cli.invoke(remind_command).output == "Rien à rappeler.\n"
