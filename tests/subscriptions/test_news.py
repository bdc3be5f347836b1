"""What is new is told once, at the pace asked for, in the person's language, and tells only what is public."""

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import journal
from participation.extensions import db
from participation.meetings import rules as meetings
from participation.meetings.models import Meeting
from participation.proposals import rules as proposal_rules
from participation.proposals import step_rules
from participation.proposals.models import Proposal
from participation.subscriptions import tasks
from participation.subscriptions.models import Subscription
from participation.subscriptions.tasks import MOST_NEWS
from tests.subscriptions.conftest import ADDRESS, Follow, empty_box, link_in, mails, work
from tests.support.database import count_queries
from tests.support.factory import declare_checks, make_meeting, make_proposal
from tests.support.town import TODAY, Town

PAGE = "/suivre/proposition/prop-bancs"
DAY = dt.timedelta(days=1)


def step(town: Town, proposal: Proposal, kind: str, **values: Any) -> None:
    """Add a step, as the team does; the journal notes it."""
    proposal = db.session.get_one(Proposal, proposal.id)
    draft = step_rules.StepDraft(kind, TODAY, reason="raison-de-la-mairie", **values)
    step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
    db.session.commit()


def told(subject: str = "proposal") -> int:
    return db.session.scalars(sa.select(Subscription.told_until).where(Subscription.subject == subject)).one()


@pytest.mark.both_databases
def test_each_news_is_told_once(town: Town, proposal: Proposal, follow: Follow):
    follow(PAGE)
    assert work() == [], "nothing new since it was confirmed"
    step(town, proposal, "retenue", short_answer="phrase-courte")
    for _ in range(3):
        waiting = work()
    [mail] = waiting
    assert (mail.to_address, mail.subject) == (ADDRESS, "Il y a du nouveau")
    assert "Proposition : Des bancs au square\nOui, c'est prévu.\n" in mail.body
    assert "/propositions/prop-bancs\n" in mail.body
    empty_box()
    assert work() == []
    step(town, proposal, "en_cours")
    assert len(work()) == 1


def test_ten_steps_are_one_piece_of_news_as_it_stands(town: Town, proposal: Proposal, follow: Follow):
    follow(PAGE)
    for kind in ("retenue", "en_cours", "en_cours", "realisee"):
        step(town, proposal, kind)
    [mail] = work()
    assert mail.body.count("Des bancs au square") == 2, "what is followed, and what is new"
    assert "C'est fait." in mail.body
    assert "Oui, c'est prévu." not in mail.body


def test_a_mail_tells_nothing_but_what_everybody_reads_in_a_list(town: Town, proposal: Proposal, follow: Follow):
    link = follow("/suivre/quartier/le-quai")
    step(town, proposal, "retenue", short_answer="phrase-courte")
    make_meeting("renc-x", [town.commission], title="titre-de-rencontre", place="lieu-de-rencontre", held_on=TODAY)
    journal.record(db.session(), "meeting.created", "renc-x", "Rencontre annoncée.", by=None)
    db.session.commit()
    [mail] = work()
    said = f"{mail.subject} {mail.body}"
    hidden = ("texte-de-la", "raison-de", "phrase-courte", "titre-de", "lieu-de", "Adjointe", town.admin.function)
    assert not [word for word in hidden if word in said]
    assert ADDRESS not in said
    assert link_in(mail) == link
    assert (mail.end_url or "").endswith(f"{link}/fin")


@pytest.mark.both_databases
def test_who_is_told_of_a_proposal(town: Town, proposal: Proposal, follow: Follow):
    other = make_proposal("prop-autre", body=town.council)
    db.session.commit()
    for path in (
        *(PAGE, "/suivre/instance/commission-du-quai", "/suivre/instance/conseil-du-sud", "/suivre/quartier/le-quai"),
        *("/suivre/quartier/la-colline", "/suivre/proposition/prop-autre"),
    ):
        follow(path, courriel=f"{path.rpartition('/')[2]}@exemple.fr")
    step(town, proposal, "retenue")
    assert {mail.to_address.partition("@")[0] for mail in work()} == {
        *("prop-bancs", "commission-du-quai", "conseil-du-sud", "le-quai")
    }
    empty_box()
    step(town, other, "etude")
    assert {mail.to_address.partition("@")[0] for mail in work()} == {"prop-autre", "conseil-du-sud"}


def test_who_followed_what_was_merged_follows_what_it_became(town: Town, proposal: Proposal, follow: Follow):
    into = make_proposal("prop-grand", [{"kind": "transmise", "to_body": town.council}], title="Un grand square")
    last = make_proposal("prop-tout", [{"kind": "transmise", "to_body": town.council}], title="Tout le square")
    db.session.commit()
    follow(PAGE)
    step(town, proposal, "regroupee", to_proposal=into)
    step(town, into, "regroupee", to_proposal=last)
    work()
    empty_box()
    step(town, last, "retenue")
    [mail] = work()
    assert "Proposition : Tout le square\nOui, c'est prévu." in mail.body


@pytest.mark.parametrize(
    ("action", "values", "sentence"),
    [
        ("created", {"held_on": TODAY + DAY}, "Une rencontre est prévue : samedi 21 mars 2026."),
        ("cancelled", {"held_on": TODAY, "status": "annulee"}, "La rencontre du vendredi 20 mars 2026 est annulée."),
        (
            "minutes_published",
            {"held_on": TODAY - DAY, "status": "tenue", "minutes": "notes-de-seance", "minutes_published_on": TODAY},
            "Le compte rendu de la rencontre du jeudi 19 mars 2026 est publié.",
        ),
        ("created", {"held_on": TODAY - DAY}, None),
        ("edited", {"held_on": TODAY + DAY}, None),
        (
            "minutes_published",
            {"held_on": TODAY - DAY, "status": "tenue", "minutes": "x", "minutes_published_on": TODAY + DAY},
            None,
        ),
    ],
)
def test_meetings_are_told_by_their_day(
    town: Town, follow: Follow, action: str, values: dict[str, Any], sentence: str | None
):
    follow("/suivre/instance/commission-du-quai")
    make_meeting("renc-x", [town.commission], **values)
    journal.record(db.session(), f"meeting.{action}", "renc-x", "Une ligne.", by=None)
    db.session.commit()
    bodies = [mail.body for mail in work()]
    assert bool(bodies) == bool(sentence)
    if sentence:
        assert f"{sentence}\nhttp" in bodies[0]
        assert "notes-de-seance" not in bodies[0]


def test_a_long_list_is_cut_and_the_rest_counted(town: Town, follow: Follow):
    follow("/suivre/instance/commission-du-quai")
    for _ in range(MOST_NEWS + 3):
        draft = proposal_rules.Draft("Une proposition")
        proposal_rules.create(db.session(), draft, body=town.commission, on_date=TODAY, by=town.admin)
    db.session.commit()
    [mail] = work()
    assert mail.body.count("Proposition : ") == MOST_NEWS
    assert "Et 3 autres nouvelles." in mail.body


@pytest.mark.parametrize(
    ("pace", "days"),
    [("semaine", (dt.date(2026, 3, 23), dt.date(2026, 3, 30))), ("mois", (dt.date(2026, 4, 1), dt.date(2026, 5, 1)))],
)
def test_a_digest_waits_for_its_day_and_for_the_morning(
    town: Town, proposal: Proposal, follow: Follow, clock: Any, pace: str, days: tuple[dt.date, dt.date]
):
    follow(PAGE, rythme=pace)
    step(town, proposal, "retenue")
    assert work() == []
    for hour, written in ((5, 0), (6, 1), (20, 1)):  # UTC; in Paris it is 7 or 8, then 22
        summer = days[0] >= dt.date(2026, 3, 29)
        clock.move_to(dt.datetime(days[0].year, days[0].month, days[0].day, hour + (not summer), 5, tzinfo=dt.UTC))
        assert len(work()) == written
    empty_box()
    clock.move_to(dt.datetime(days[1].year, days[1].month, days[1].day, 12, tzinfo=dt.UTC))
    assert work() == [], "nothing is written where nothing is new"
    step(town, proposal, "en_cours")
    assert work() == [], "its day has gone by: the next one comes"


@pytest.mark.parametrize(
    ("language", "subject"), [("fr", "Il y a du nouveau"), ("en", "There is something new"), ("ar", "هناك جديد")]
)
def test_a_mail_is_in_the_language_of_the_page(
    town: Town, proposal: Proposal, follow: Follow, language: str, subject: str
):
    follow(PAGE, language)
    assert db.session.scalars(sa.select(Subscription.language)).all() == [language]
    step(town, proposal, "retenue")
    assert [mail.subject for mail in work()] == [subject]


@pytest.mark.both_databases
def test_several_workers_at_once_write_each_mail_once(app: Flask, town: Town, proposal: Proposal, follow: Follow):
    for number in range(30):
        follow(PAGE, courriel=f"n{number}@exemple.fr")
    step(town, proposal, "retenue")

    def run() -> None:
        with app.app_context():
            tasks.tell_news(db.session())

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mail.to_address for mail in mails()) == sorted(f"n{number}@exemple.fr" for number in range(30))


def test_a_cause_that_was_not_kept_is_not_told(town: Town, proposal: Proposal, follow: Follow):
    follow(PAGE)
    draft = step_rules.StepDraft("retenue", TODAY, reason="Oui.")
    step_rules.add_step(db.session(), db.session.get_one(Proposal, proposal.id), draft, version=1, by=town.admin)
    db.session.rollback()
    assert work() == []


def test_what_is_followed_and_gone_is_no_fault(town: Town, follow: Follow):
    gone = make_proposal("prop-vide", body=town.council)
    db.session.commit()
    follow("/suivre/proposition/prop-vide")
    journal.record(db.session(), "proposal.step_added", "prop-vide", "Une ligne.", by=None)
    db.session.get_one(Proposal, gone.id).ref = "prop-ailleurs"  # as after another import: nothing has that name now
    db.session.commit()
    assert work() == []
    assert told() > 0


def test_queries_do_not_grow_with_those_who_follow(app: Flask, town: Town, proposal: Proposal, follow: Follow):
    """Each mail is written by itself; what it says is asked once."""
    for number in range(3):
        follow(PAGE, courriel=f"a{number}@exemple.fr")
    step(town, proposal, "retenue")
    with count_queries(app) as few:
        work()
    empty_box()
    for number in range(3, 9):
        follow(PAGE, courriel=f"a{number}@exemple.fr")
    step(town, proposal, "en_cours")
    with count_queries(app) as many:
        work()
    assert many.number - few.number == 2 * 6, "one row moved on and one mail written, each"
    assert len(mails()) == 9


def test_a_draft_of_minutes_stays_in_the_team(town: Town, follow: Follow):
    follow("/suivre/instance/commission-du-quai")
    make_meeting("renc-y", [town.commission], held_on=TODAY + DAY, minutes="brouillon-secret")
    journal.record(db.session(), "meeting.created", "renc-y", "Une ligne.", by=None)
    db.session.commit()
    [mail] = work()
    assert "brouillon-secret" not in mail.body


@pytest.mark.both_databases
def test_published_minutes_are_told_once_to_followers_and_a_correction_to_nobody(town: Town, follow: Follow):
    for slug in ("commission-du-quai", "conseil-du-sud"):
        follow(f"/suivre/instance/{slug}", courriel=f"{slug}@exemple.fr")
    cafe = db.session.get_one(Meeting, town.cafe.id)
    meetings.draft_minutes(db.session(), cafe, "On a parlé de bancs-secrets.", by=town.admin)
    db.session.commit()
    assert work() == [], "a draft is nobody's news"
    declare_checks(cafe)
    db.session.commit()
    meetings.publish_minutes(db.session(), cafe, by=town.admin)
    db.session.rollback()
    assert work() == [], "what was not kept is not told"
    meetings.publish_minutes(db.session(), db.session.get_one(Meeting, town.cafe.id), by=town.admin)
    db.session.commit()
    for _ in range(3):
        waiting = work()
    [mail] = waiting
    assert mail.to_address == "commission-du-quai@exemple.fr"
    assert "Le compte rendu de la rencontre du jeudi 12 mars 2026 est publié.\n" in mail.body
    assert "/rencontres/cafe\n" in mail.body
    assert "bancs-secrets" not in mail.body
    empty_box()
    cafe = db.session.get_one(Meeting, town.cafe.id)
    meetings.correct_minutes(db.session(), cafe, "On a parlé du square.", "Une faute", by=town.admin)
    db.session.commit()
    assert work() == []
