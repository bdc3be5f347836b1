"""Generated years keep the rules that people's data keeps."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.bodies.load import load_contract
from participation.clock import from_local, today
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.following import author, visits
from participation.following.story import tell_story
from participation.media import storage
from participation.media.models import Media
from participation.meetings.models import MEETING_STATUSES, MEETING_TYPES, Meeting
from participation.opinions.models import MODERATIONS, Opinion
from participation.people.models import ROLES, Account
from participation.proposals.models import STEP_KINDS, Proposal, Support
from participation.proposals.rules import path_faults, settle
from participation.reports.models import Report
from participation.simulation import demo, phones, texts
from participation.simulation.generate import Sizes, simulate
from participation.speaking import doors

SIZES = Sizes(years=2, meetings=60, proposals=45, opinions=90)


@pytest.fixture
def loaded(app_context: Flask) -> Flask:
    """A database with the shipped contract."""
    load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
    db.session.commit()
    return app_context


def _digest() -> list[tuple[object, ...]]:
    columns = (Opinion.ref, Opinion.text, Opinion.received_on, Opinion.proposal_id)
    return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(Opinion.id))]


@pytest.mark.both_databases
def test_simulate_fills_every_state_by_valid_paths(loaded: Flask) -> None:
    simulate(db.session(), SIZES, 7)
    proposals = list(db.session.scalars(sa.select(Proposal)))
    assert {proposal.state for proposal in proposals} == set(STEP_KINDS)
    for proposal in proposals:
        kept = _repeated(proposal)
        superseded = [step.superseded_on for step in proposal.steps]
        assert path_faults(proposal.steps) == []
        settle(proposal)
        assert kept == _repeated(proposal)
        assert superseded == [step.superseded_on for step in proposal.steps]
    assert set(db.session.scalars(sa.select(Meeting.type))) == set(MEETING_TYPES)
    assert set(db.session.scalars(sa.select(Meeting.status))) == set(MEETING_STATUSES)
    assert set(db.session.scalars(sa.select(Opinion.moderation))) == set(MODERATIONS)


def _repeated(proposal: Proposal) -> tuple[object, ...]:
    """Return what a proposal repeats of its steps."""
    dates = (proposal.received_on, proposal.answered_on, proposal.state_on, proposal.due_on)
    return (*dates, proposal.state, proposal.road)


def test_simulate_gives_the_same_rows_for_the_same_seed(loaded: Flask) -> None:
    simulate(db.session(), SIZES, 7)
    first = _digest()
    db.session.rollback()
    simulate(db.session(), SIZES, 7)
    assert _digest() == first


def test_simulate_refuses_a_seed_twice(loaded: Flask) -> None:
    simulate(db.session(), SIZES, 7)
    with pytest.raises(ValueError, match="seed 7"):
        simulate(db.session(), SIZES, 7)


def test_simulate_needs_a_contract(app_context: Flask) -> None:
    with pytest.raises(LookupError):
        simulate(db.session(), SIZES, 7)


def test_demo_has_an_account_and_a_link_for_each_role(loaded: Flask) -> None:
    demo.fill(db.session())
    tokens = demo.tokens(db.session())
    assert len(tokens) == len(ROLES) == len({token for _role, token in tokens})
    assert set(db.session.scalars(sa.select(Account.role))) == set(ROLES)
    languages = set(db.session.scalars(sa.select(Opinion.language)))
    assert {"ar", "en", "fr"} <= languages


def test_demo_filled_again_adds_nothing(loaded: Flask) -> None:
    demo.fill(db.session())
    before = _digest()
    demo.fill(db.session())
    demo.tokens(db.session())
    assert len(demo.tokens(db.session())) == len(ROLES)
    assert _digest() == before
    assert db.session.scalar(sa.select(sa.func.count(Account.id))) == len(ROLES)


def test_demo_shows_what_residents_send(loaded: Flask) -> None:
    demo.fill(db.session())
    db.session.commit()
    for code, states in phones.CODES.items():
        visit = visits.read(db.session(), visits.token_for(code))
        proposal = db.session.get(Proposal, visit.opinion.proposal_id) if states else None
        assert (proposal.state if proposal else visit.opinion.moderation) in (states or ("en_attente",)), code
    assert {(media.kind, media.is_public) for media in db.session.scalars(sa.select(Media))} == {
        ("audio", False),
        ("photo", False),
        ("photo", True),
    }
    assert len(storage_names()) == 4, "a voice, two photos of residents, one of an action"
    assert {report.outcome for report in db.session.scalars(sa.select(Report))} == {None, "garde"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Support)) > 20


def storage_names() -> list[str]:
    return list(storage.stored_names())


def test_demo_lets_residents_say_what_their_proposal_answers(loaded: Flask) -> None:
    """A reader who compares what was said with what was done must not doubt the program."""
    demo.fill(db.session())
    behind = {title: said for (title, _), said in zip(texts.PROPOSALS, texts.BEHIND_PROPOSALS, strict=True)}
    fed = sa.select(Opinion.text, Proposal.title).join(Proposal, Proposal.id == Opinion.proposal_id)
    said = db.session.execute(fed.where(Opinion.language == "fr", Opinion.text != texts.LONG_OPINION)).all()
    assert len(said) > 20
    assert [text for text, title in said if text != behind[title]] == []


def test_demo_codes_tell_stories_that_run_forward(loaded: Flask) -> None:
    demo.fill(db.session())
    for code, states in phones.CODES.items():
        opinion = visits.read(db.session(), visits.token_for(code)).opinion
        assert (author.minutes_left(opinion) == 0) is bool(states), "a receipt for what was just sent, else its story"
        days = [moment.on for moment in tell_story(db.session(), opinion).moments if moment.on]
        assert days == sorted(days), code


def test_demo_animator_looks_after_the_open_meeting(loaded: Flask) -> None:
    demo.fill(db.session())
    demo.tokens(db.session())
    animator = db.session.scalars(sa.select(Account).where(Account.role == "animateur")).one()
    meeting = db.session.scalars(sa.select(Meeting).where(Meeting.ref == phones.OPEN_REF)).one()
    assert {("instance", body.slug) for body in meeting.bodies} <= {(s.kind, s.slug) for s in animator.scopes}


@pytest.mark.parametrize(("start", "hour"), [("04:12", 9), ("12:40", 14), ("20:05", 18)])
def test_demo_opens_a_cafe_of_residents_at_a_plausible_hour(loaded: Flask, start: str, hour: int) -> None:
    with time_machine.travel(dt.datetime.fromisoformat(f"2026-06-10T{start}+00:00"), tick=False):
        meeting = phones.open_today(db.session())
        assert meeting.starts_at == from_local(today(), dt.time(hour))
        [door] = doors.list_open_meetings(db.session(), 5)
    assert door.ref == phones.OPEN_REF
    assert [(body.kind, len(body.quartiers)) for body in meeting.bodies] == [("commission_citoyenne", 1)]
    assert meeting.title == f"Café citoyen : {meeting.quartiers[0].name}"
    assert len(meeting.questions) == 1, "three taps from the scan"


@time_machine.travel(dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC), tick=False)
def test_demo_has_a_meeting_open_at_each_start(loaded: Flask) -> None:
    for start in (dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC), dt.datetime(2026, 6, 12, 21, 50, tzinfo=dt.UTC)):
        with time_machine.travel(start, tick=False):
            demo.fill(db.session())
            db.session.commit()
            [meeting] = doors.list_open_meetings(db.session(), 5)
            assert (meeting.ref, meeting.held_on) == (phones.OPEN_REF, today())
            code = doors.find_code(db.session(), phones.DIGITS)
            assert code is not None
            assert code.closes_at > start + dt.timedelta(hours=2)
    words = "\n".join(demo.lines_for_residents("http://127.0.0.1:8000"))
    assert all(code in words for code in [phones.DIGITS, *phones.CODES])
