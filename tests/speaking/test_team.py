"""The team opens a meeting to residents: digits, a window, questions, an announced answer; and a quartier's own."""

import datetime as dt
import html
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation import journal
from participation.bodies.models import Question
from participation.database import now
from participation.errors import Refusal
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.permissions import Acting
from participation.speaking import doors, opening
from participation.speaking.models import MeetingCode
from participation.speaking.opening import Preparation
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_meeting
from tests.support.filling import fields_of
from tests.support.town import Town

DAY = dt.timedelta(days=1)
PARIS = dt.timedelta(hours=1)
"""In March, before the clocks change, Paris is an hour ahead of UTC."""


@pytest.fixture
def cafe(town: Town) -> Meeting:
    """A café on 24 March 2026 at 17:00 in Paris."""
    meeting = make_meeting(
        "cafe-a-venir",
        [town.commission],
        title="Café des bancs",
        held_on=dt.date(2026, 3, 24),
        starts_at=dt.datetime(2026, 3, 24, 16, tzinfo=dt.UTC),
    )
    db.session.commit()
    return meeting


def page_of(meeting: Meeting) -> str:
    return f"/equipe/rencontres/{meeting.ref}/parole"


def fill(client: CheckedClient, url: str, **values: Any) -> dict[str, Any]:
    return {**fields_of(client.get(url), url), **values}


def code_of(meeting: Meeting) -> MeetingCode:
    db.session.flush()
    db.session.expire_all()
    code = db.session.get(MeetingCode, meeting.id)
    assert code
    return code


def journal_of(kind: str, ref: str) -> list[str]:
    return [entry.action for entry in journal.list_entries(db.session(), kind, ref)]


# Opening


def test_team_reserves_digits_for_the_usual_window(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    answer = as_admin.post(url, data=fill(as_admin, url))
    assert (answer.status_code, answer.location) == (303, url)
    code = code_of(cafe)
    assert len(code.digits) == 4
    assert code.opens_at == dt.datetime(2026, 3, 24, 15, tzinfo=dt.UTC), "an hour before"
    assert code.closes_at == dt.datetime(2026, 3, 25, 22, 59, tzinfo=dt.UTC), "23:59 in Paris, a day after"
    text = as_admin.get(url).text
    assert code.digits in text
    assert "Pas encore ouverte" in text
    assert journal_of("meeting", cafe.ref) == ["meeting.speaking_prepared"]


def test_a_meeting_without_a_time_opens_at_midnight_in_paris(town: Town):
    meeting = make_meeting(held_on=dt.date(2026, 7, 1))
    assert opening.default_window(meeting) == (
        dt.datetime(2026, 6, 30, 22, tzinfo=dt.UTC),
        dt.datetime(2026, 7, 2, 21, 59, tzinfo=dt.UTC),
    )


def test_sending_again_changes_nothing(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    sent = fill(as_admin, url)
    as_admin.post(url, data=sent)
    digits, version = code_of(cafe).digits, db.session.get_one(Meeting, cafe.id).version
    assert as_admin.post(url, data=sent).status_code == 303
    assert as_admin.post(url, data=fill(as_admin, url)).status_code == 303
    assert (code_of(cafe).digits, db.session.get_one(Meeting, cafe.id).version) == (digits, version)
    assert len(journal_of("meeting", cafe.ref)) == 1


def test_team_changes_window_questions_and_answer(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    as_admin.post(url, data=fill(as_admin, url))
    changed = {
        "opens_on": "2026-03-24", "opens_time": "16h30", "closes_on": "24/03/2026", "closes_time": "21:00",
        "question_1": "Où mettre des bancs ?", "question_3": "Que changer au parc ?", "answer_due_on": "2026-06-30",
    }  # fmt: skip
    assert as_admin.post(url, data=fill(as_admin, url, **changed)).status_code == 303
    code = code_of(cafe)
    assert code.opens_at == dt.datetime(2026, 3, 24, 15, 30, tzinfo=dt.UTC)
    assert code.closes_at == dt.datetime(2026, 3, 24, 20, tzinfo=dt.UTC)
    meeting = db.session.get_one(Meeting, cafe.id)
    assert [(q.position, q.text) for q in meeting.questions] == [
        (0, "Où mettre des bancs ?"),
        (1, "Que changer au parc ?"),
    ]
    assert meeting.answer_due_on == dt.date(2026, 6, 30)
    last = journal.list_entries(db.session(), "meeting", cafe.ref)[-1]
    assert last.details
    assert last.details["questions"] == [None, None], "free text does not go where nothing is erased"
    assert last.details["answer_due_on"] == [None, "2026-06-30"]


@pytest.mark.usefixtures("cafe")
def test_ready_made_questions_are_ticked_into_the_list(as_admin: CheckedClient, cafe: Meeting, town: Town):
    db.session.add(Question(body_id=town.council.id, number=1, text="Loin d'ici ?"))
    db.session.add(Question(body_id=town.commission.id, number=1, text="Comment va le quartier ?", note="à adapter"))
    db.session.commit()
    url = page_of(cafe)
    text = html.unescape(as_admin.get(url).text)
    assert text.index("Comment va le quartier ? (à adapter)") < text.index("Loin d'ici ?"), "its own first"
    ready = db.session.scalar(sa.select(Question.id).where(Question.text == "Comment va le quartier ?"))
    sent = fill(as_admin, url, question_1="Et les bancs ?", ready=[str(ready), "999999", "x"])
    assert as_admin.post(url, data=sent).status_code == 303
    meeting = db.session.get_one(Meeting, cafe.id)
    db.session.refresh(meeting)
    assert [q.text for q in meeting.questions] == ["Et les bancs ?", "Comment va le quartier ?"]
    assert "(à adapter)" not in as_admin.get(url).text, "what is asked is not offered again"


def test_questions_change_places_and_go(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    as_admin.post(url, data=fill(as_admin, url, question_1="Une ?", question_2="Deux ?", question_3="Trois ?"))
    as_admin.post(url, data=fill(as_admin, url, question_1="Trois ?", question_2="", question_3="Une ?"))
    db.session.expire_all()
    asked = db.session.get_one(Meeting, cafe.id).questions
    assert [(q.position, q.text) for q in asked] == [(0, "Trois ?"), (1, "Une ?")]


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"closes_on": "2026-03-23"}, "closes_on", "La fin est avant le début."),
        ({"opens_on": "2025-03-24"}, "opens_on", "à plus d'un mois de la rencontre"),
        ({"closes_on": "2027-03-24"}, "closes_on", "à plus d'un mois de la rencontre"),
        ({"closes_on": ""}, "closes_on", "Donnez une date."),
        ({"closes_time": "25:00"}, "closes_time", "Cette heure n'existe pas."),
        ({"closes_on": "2026-03-29", "closes_time": "02:30"}, "closes_time", "on passe de 2 h à 3 h"),
        ({"answer_due_on": "2026-03-23"}, "answer_due_on", "Cette date est avant la rencontre."),
        ({"answer_due_on": "2126-03-23"}, "answer_due_on", "dans plus de trois ans"),
        ({"question_2": "x" * 201}, "question_2", "Ce texte est trop long"),
    ],
)
def test_what_cannot_be_says_why_and_stays_in_the_form(
    as_admin: CheckedClient, cafe: Meeting, sent: dict[str, str], field: str, sentence: str
):
    url = page_of(cafe)
    answer = as_admin.post(url, data=fill(as_admin, url, question_1="Gardée ?", **sent))
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    assert sentence in text
    assert f'href="#{field}"' in text
    assert "Gardée ?" in text
    db.session.expire_all()
    assert db.session.get(MeetingCode, cafe.id) is None
    assert not db.session.get_one(Meeting, cafe.id).questions


def test_seven_questions_are_too_many(as_admin: CheckedClient, cafe: Meeting, town: Town):
    db.session.add(Question(body_id=town.commission.id, number=1, text="La septième ?"))
    db.session.commit()
    ready = db.session.scalar(sa.select(Question.id))
    url = page_of(cafe)
    six = {f"question_{number}": f"Numéro {number} ?" for number in range(1, 7)}
    answer = as_admin.post(url, data=fill(as_admin, url, **six, ready=str(ready)))
    assert answer.status_code == 422
    assert "Six questions au plus" in answer.text


def test_nobody_saves_over_what_somebody_else_saved(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    stale = fill(as_admin, url, question_1="La mienne ?")
    as_admin.post(url, data=fill(as_admin, url, question_1="Celle d'avant ?"))
    answer = as_admin.post(url, data=stale)
    assert answer.status_code == 409
    text = html.unescape(answer.text)
    assert "La mienne ?" in text
    assert "Celle d'avant ?" in text
    assert as_admin.post(url, data=fields_of(answer, url)).status_code == 303
    db.session.expire_all()
    assert [q.text for q in db.session.get_one(Meeting, cafe.id).questions] == ["La mienne ?"]


def test_a_meeting_does_not_move_beyond_the_answer_that_was_announced(as_admin: CheckedClient, cafe: Meeting):
    as_admin.post(page_of(cafe), data=fill(as_admin, page_of(cafe), answer_due_on="2026-03-30"))
    assert "La mairie répond avant le 30 mars 2026." in as_admin.get(f"/rencontres/{cafe.ref}").text
    url = f"/equipe/rencontres/{cafe.ref}/modifier"
    answer = as_admin.post(url, data=fill(as_admin, url, held_on="2026-03-31"))
    assert answer.status_code == 422
    assert "Changez d'abord la date de réponse." in html.unescape(answer.text)
    assert as_admin.post(url, data=fill(as_admin, url, held_on="2026-03-30")).status_code == 303


def test_a_window_that_the_meeting_left_is_shown(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    as_admin.post(url, data=fill(as_admin, url))
    assert "a changé de date" not in as_admin.get(url).text
    db.session.get_one(Meeting, cafe.id).held_on = dt.date(2026, 4, 2)
    db.session.commit()
    assert "La rencontre a changé de date" in as_admin.get(url).text
    assert "La rencontre a changé de date" in as_admin.get(f"/equipe/rencontres/{cafe.ref}").text


def test_papers_to_print_are_a_link_away(as_admin: CheckedClient, cafe: Meeting):
    url = page_of(cafe)
    as_admin.post(url, data=fill(as_admin, url))
    text = as_admin.get(url).text
    for paper in ("affiche", "cartes", "cartes-avis"):
        assert f'href="/equipe/rencontres/{cafe.ref}/{paper}"' in text
        assert as_admin.get(f"/equipe/rencontres/{cafe.ref}/{paper}").status_code == 200


def test_the_teams_page_of_a_meeting_leads_there(as_admin: CheckedClient, cafe: Meeting):
    text = as_admin.get(f"/equipe/rencontres/{cafe.ref}").text
    assert f'href="{page_of(cafe)}"' in text


# Closing and opening again


def test_team_closes_and_opens_again(cafe: Meeting, town: Town, enter: Callable[..., CheckedClient]):
    opening.prepare(db.session(), cafe, Preparation(*opening.default_window(cafe)), by=town.admin)
    url = page_of(cafe)
    with time_machine.travel(dt.datetime(2026, 3, 24, 17, tzinfo=dt.UTC), tick=False):
        team = enter(town.admin)
        token = fields_of(team.get(url), url)["csrf_token"]
        for _time in range(2):
            assert team.post(f"{url}/fermer", data={"csrf_token": token}).status_code == 303
        assert code_of(cafe).closes_at == now()
        assert "Cette rencontre est finie" in team.get(f"/m/{cafe.ref}").text
        for _time in range(2):
            assert team.post(f"{url}/ouvrir", data={"csrf_token": token}).status_code == 303
        assert code_of(cafe).closes_at == dt.datetime(2026, 3, 25, 22, 59, tzinfo=dt.UTC)
    actions = journal_of("meeting", cafe.ref)
    assert actions[1:] == ["meeting.speaking_closed", "meeting.speaking_opened"]


def test_opened_long_after_it_closes_in_the_evening(as_admin: CheckedClient, cafe: Meeting, town: Town):
    opening.prepare(db.session(), cafe, Preparation(*opening.default_window(cafe)), by=town.admin)
    with time_machine.travel(dt.datetime(2026, 5, 2, 9, tzinfo=dt.UTC), tick=False):
        assert opening.reopen(db.session(), cafe, by=town.admin)
        assert code_of(cafe).closes_at == dt.datetime(2026, 5, 2, 21, 59, tzinfo=dt.UTC)


def test_team_opens_before_the_window(cafe: Meeting, town: Town):
    opening.prepare(db.session(), cafe, Preparation(*opening.default_window(cafe)), by=town.admin)
    with pytest.raises(Refusal, match="pas encore ouverte"):
        opening.close(db.session(), cafe, by=town.admin)
    assert opening.reopen(db.session(), cafe, by=town.admin)
    assert doors.meeting_door(db.session(), cafe).is_open
    assert opening.close(db.session(), cafe, by=town.admin), "in the very second in which it opened"
    assert doors.meeting_door(db.session(), cafe).standing == doors.OVER


def test_nothing_opens_without_digits_or_at_a_cancelled_meeting(cafe: Meeting, town: Town):
    for act in (opening.close, opening.reopen):
        with pytest.raises(Refusal, match="Réservez d'abord"):
            act(db.session(), cafe, by=town.admin)
    opening.prepare(db.session(), cafe, Preparation(*opening.default_window(cafe)), by=town.admin)
    cafe.status, cafe.cancel_reason = "annulee", "Pluie."
    with pytest.raises(Refusal, match="annulée"):
        opening.reopen(db.session(), cafe, by=town.admin)
    with pytest.raises(Refusal, match="annulée"):
        opening.prepare(db.session(), cafe, Preparation(*opening.default_window(cafe)), by=town.admin)


# Digits


@pytest.mark.both_databases
def test_digits_are_not_given_again_within_a_year(app_context: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opening, "_DIGITS", ["1234", "5678"])
    by = make_account()
    start = dt.datetime(2026, 3, 20, 11, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False):
        first, second, third = (make_meeting(held_on=start.date()) for _number in range(3))
        for meeting in (first, second):
            opening.prepare(db.session(), meeting, Preparation(start, start + DAY), by=by)
        assert {code_of(first).digits, code_of(second).digits} == {"1234", "5678"}
        with pytest.raises(Refusal, match="Tous les codes sont pris"):
            opening.prepare(db.session(), third, Preparation(start, start + DAY), by=by)
    db.session.rollback()


@pytest.mark.both_databases
def test_digits_serve_again_after_a_year(app_context: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opening, "_DIGITS", ["1234"])
    by = make_account()
    start = dt.datetime(2026, 3, 20, 11, tzinfo=dt.UTC)
    later = start + 366 * DAY + dt.timedelta(hours=1)
    first, second = make_meeting(held_on=start.date()), make_meeting(held_on=later.date())
    with time_machine.travel(start, tick=False):
        opening.prepare(db.session(), first, Preparation(start, start + DAY), by=by)
    with time_machine.travel(later - dt.timedelta(hours=2), tick=False), pytest.raises(Refusal):
        opening.prepare(db.session(), second, Preparation(later, later + DAY), by=by)
    with time_machine.travel(later, tick=False):
        opening.prepare(db.session(), second, Preparation(later, later + DAY), by=by)
        found = doors.find_code(db.session(), "1234")
        assert found
        assert found.meeting is second
        assert doors.meeting_door(db.session(), first).standing == doors.OVER


@pytest.mark.both_databases
def test_two_people_who_prepare_at_once_reserve_once(app_context: Flask):
    """The second one is told, or finds it done: never two rows, never a crash."""
    admin = make_account()
    meeting = make_meeting(held_on=now().date())
    db.session.commit()
    clients = [_signed_in(app_context, admin) for _number in range(2)]
    url = page_of(meeting)
    forms = [fill(client, url) for client in clients]
    db.session.commit()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda c=client, f=form: answers.append(c.post(url, data=f).status_code))
        for client, form in zip(clients, forms, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    db.session.expire_all()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MeetingCode)) == 1
    assert journal_of("meeting", meeting.ref) == ["meeting.speaking_prepared"]


def _signed_in(app: Flask, account: Acting) -> Any:
    from tests.support.factory import sign_in

    client = app.test_client()
    sign_in(client, account)
    return client


# A quartier


def test_animator_of_a_quartier_asks_its_residents(
    town: Town, enter: Callable[..., CheckedClient], client: CheckedClient
):
    theirs = enter(make_account("animateur", ("quartier", "le-quai")))
    url = "/equipe/quartiers/le-quai/question"
    assert f'href="{url}"' in theirs.get("/equipe/quartiers").text
    assert "La Colline" not in theirs.get("/equipe/quartiers").text
    answer = theirs.post(url, data=fill(theirs, url, question_1="Que changer cet été ?"))
    assert (answer.status_code, answer.location) == (303, url)
    assert "Que changer cet été ?" in client.get("/quartiers/le-quai").text
    assert journal_of("quartier", "le-quai") == ["quartier.questions_changed"]
    theirs.post(url, data=fill(theirs, url))
    assert len(journal_of("quartier", "le-quai")) == 1, "nothing changed"
    assert theirs.get("/equipe/quartiers/la-colline/question").status_code == 404


def test_a_quartiers_questions_change_places_and_go(as_admin: CheckedClient, town: Town, client: CheckedClient):
    url = "/equipe/quartiers/le-quai/question"
    as_admin.post(url, data=fill(as_admin, url, question_1="Une ?", question_2="Deux ?"))
    as_admin.post(url, data=fill(as_admin, url, question_1="Deux ?", question_2="Une ?", question_3="Trois ?"))
    asked = doors.list_quartier_questions(db.session(), town.quay)
    assert [(q.position, q.text) for q in asked] == [(0, "Deux ?"), (1, "Une ?"), (2, "Trois ?")]
    as_admin.post(url, data=fill(as_admin, url, question_1="", question_2="", question_3=""))
    assert "Que voulez-vous dire sur votre quartier ?" in client.get("/quartiers/le-quai").text


def test_nobody_changes_a_quartiers_questions_over_anothers(as_admin: CheckedClient, town: Town):
    url = "/equipe/quartiers/le-quai/question"
    stale = fill(as_admin, url, question_1="La mienne ?")
    as_admin.post(url, data=fill(as_admin, url, question_1="L'autre ?"))
    answer = as_admin.post(url, data=stale)
    assert answer.status_code == 409
    assert "La mienne ?" in answer.text
    assert "L&#39;autre ?" in answer.text


@pytest.mark.both_databases
def test_two_people_who_ask_at_once_leave_one_list(app_context: Flask):
    from tests.support.factory import make_quartier

    admin = make_account()
    make_quartier("le-quai")
    db.session.commit()
    clients = [_signed_in(app_context, admin) for _number in range(2)]
    url = "/equipe/quartiers/le-quai/question"
    forms = [fill(client, url, question_1=f"Celle de {number} ?") for number, client in enumerate(clients)]
    db.session.commit()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda c=client, f=form: answers.append(c.post(url, data=f).status_code))
        for client, form in zip(clients, forms, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
