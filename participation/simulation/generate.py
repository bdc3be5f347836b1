"""Generated, plausible, fictitious years: for the demonstration, and for measures at any size.

The same seed, sizes and date always give the same rows. Rows go in by bulk insert, with the same derived columns as
the rules write (`proposals.rules.settle`).
"""

import datetime as dt
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.bodies.models import LEVELS, Body, Mandate
from participation.clock import from_local, today
from participation.database import now
from participation.meetings.models import (
    MEETING_TYPES,
    Decision,
    Meeting,
    MeetingInstitution,
    meeting_body,
    meeting_quartier,
)
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal, ProposalWord, Step, proposal_objective, proposal_quartier
from participation.proposals.rules import settle
from participation.proposals.search import word_rows
from participation.simulation import texts
from participation.simulation.ground import Days, Ground, MadeProposal, read_ground
from participation.simulation.steps import PATHS, make_steps, with_mistake

MARK = "simu"
"""Every generated reference begins with it: what is fictitious can be told, and is never generated twice."""
WORDS: Any = ProposalWord.__table__
BATCH = 5_000
GOVERNANCE_TYPES = ("comite", "comite", "reunion")
UNFINISHED = ("recueillie", "etude", "transmise", "ajournee")
RECENT = 12
"""Roads that are not at their end began at one of the last meetings: few wait for years."""
STEP_DAYS = 30
"""Days that a step takes here, on average: a long road begins early enough to be walked."""

MEETING_WEIGHTS = {
    "reunion": 8,
    "cafe_citoyen": 9,
    "atelier": 4,
    "balade_urbaine": 2,
    "micro_trottoir": 2,
    "stand": 3,
    "porte_a_porte": 1,
    "temps_convivial": 2,
    "reunion_publique": 2,
    "restitution": 2,
    "bilan_annuel": 1,
    "election": 1,
    "comite": 2,
}


@dataclass
class Sizes:
    """How much to generate."""

    years: int
    meetings: int
    proposals: int
    opinions: int


@dataclass
class Rows:
    """What waits to be inserted, by table."""

    tables: dict[sa.Table, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: Any, **values: Any) -> None:
        """Keep one row."""
        self.tables.setdefault(getattr(table, "__table__", table), []).append(values)

    def flush(self, session: Session) -> None:
        """Insert what waits, in the order in which tables were first used."""
        for table, rows in self.tables.items():
            for start in range(0, len(rows), BATCH):
                session.execute(sa.insert(table), rows[start : start + BATCH])
        self.tables.clear()


def simulate(session: Session, sizes: Sizes, seed: int, until: dt.date | None = None) -> None:
    """Fill the database with `sizes` fictitious rows, ending at `until` (default: today, in Europe/Paris).

    Needs a loaded contract. Raises ValueError where this seed was generated before: a second time adds nothing.
    """
    chance = random.Random(seed)  # noqa: S311  # plausible data, no secret
    prefix = f"{MARK}{seed}"
    if session.scalar(sa.select(Meeting.id).where(Meeting.ref.startswith(f"{prefix}-")).limit(1)):
        raise ValueError(f"seed {seed} is in the database already")
    last = until or today()
    days = Days(dt.date(last.year - sizes.years + 1, 1, 1), last, chance)
    ground = read_ground(session)
    rows = Rows()
    meetings = list(_meetings(rows, ground, sizes.meetings, prefix, days, chance, _next_id(session, Meeting)))
    rows.flush(session)
    made = _proposals(rows, ground, sizes.proposals, prefix, days, meetings, chance, session)
    rows.flush(session)
    _opinions(rows, ground, sizes.opinions, prefix, days, meetings, made, chance)
    _mandates(rows, ground, prefix, days, chance)
    rows.flush(session)


@dataclass
class _Meeting:
    id: int
    ref: str
    day: dt.date
    bodies: list[Body]
    held: bool


def _next_id(session: Session, model: Any) -> int:
    return (session.scalar(sa.select(sa.func.max(model.id))) or 0) + 1


def _meetings(
    rows: Rows, ground: Ground, count: int, prefix: str, days: Days, chance: random.Random, first_id: int
) -> Iterator[_Meeting]:
    kinds, weights = list(MEETING_WEIGHTS), list(MEETING_WEIGHTS.values())
    not_yet = list(kinds)
    for number in range(count):
        bodies, kind = _organisers(ground, number, chance)
        if kind is None and bodies[0].family == "gouvernance":
            kind = chance.choice(GOVERNANCE_TYPES)
        if kind is None:
            kind = not_yet.pop() if not_yet else chance.choices(kinds, weights)[0]
        status = _status(number, chance)
        day = days.any() if status != "prevue" else days.last + dt.timedelta(days=chance.randint(3, 75))
        meeting = _Meeting(first_id + number, f"{prefix}-renc-{number + 1}", day, bodies, status == "tenue")
        _write_meeting(rows, ground, meeting, kind, status, chance)
        yield meeting


def _organisers(ground: Ground, number: int, chance: random.Random) -> tuple[list[Body], str | None]:
    if number % 5 == 4 and ground.cadences:  # what the contract asks for happens too, joint meetings included
        cadence = chance.choice(ground.cadences)
        if all(body.closed_on is None for body in cadence.bodies):
            return list(cadence.bodies), cadence.meeting_type
    pool = ground.governance if number % 7 == 6 and ground.governance else ground.bodies
    return [chance.choice(pool)], None


def _status(number: int, chance: random.Random) -> str:
    if number % 11 == 9:
        return "annulee"
    return "prevue" if number % 10 == 7 else "tenue"


def _write_meeting(
    rows: Rows, ground: Ground, meeting: _Meeting, kind: str, status: str, chance: random.Random
) -> None:
    start = dt.time(chance.choice((9, 10, 14, 17, 18, 18, 19)), chance.choice((0, 30)))
    at = from_local(meeting.day, start)
    published = None
    if meeting.held and chance.random() < 0.75:
        published = min(meeting.day + dt.timedelta(days=chance.choice((2, 5, 9, 14, 21))), today())
    counts = _headcount(chance) if meeting.held else {}
    rows.add(
        Meeting,
        id=meeting.id,
        ref=meeting.ref,
        title=f"{MEETING_TYPES[kind]} : {meeting.bodies[0].name}",
        type=kind,
        level=chance.choice([*LEVELS, None]),
        status=status,
        held_on=meeting.day,
        starts_at=at,
        ends_at=at + dt.timedelta(hours=2),
        place=chance.choice(texts.PLACES),
        cancel_reason="Salle indisponible." if status == "annulee" else None,
        minutes=texts.MINUTES if meeting.held else None,
        minutes_published_on=published,
        created_at=now(),
        version=1,
        **{name: counts.get(name) for name in _COUNTS},
    )
    for body in meeting.bodies:
        rows.add(meeting_body, meeting_id=meeting.id, body_id=body.id)
    quartiers = {quartier.id for body in meeting.bodies for quartier in body.quartiers}
    for quartier_id in sorted(quartiers)[:2] if chance.random() < 0.6 else ():
        rows.add(meeting_quartier, meeting_id=meeting.id, quartier_id=quartier_id)
    if not meeting.held:
        return
    for name in sorted(chance.sample(ground.institutions, min(len(ground.institutions), chance.randint(0, 3)))):
        rows.add(MeetingInstitution, meeting_id=meeting.id, name=name)
    for number in range(chance.choice((0, 0, 1, 2))):
        due = meeting.day + dt.timedelta(days=chance.choice((15, 30, 60)))
        done = due if due <= today() and chance.random() < 0.6 else None
        rows.add(
            Decision,
            ref=f"{meeting.ref}-deci-{number + 1}",
            meeting_id=meeting.id,
            text=chance.choice(texts.DECISIONS),
            owner=chance.choice(texts.OWNERS),
            due_on=due,
            done_on=done,
        )


_COUNTS = (
    "participants",
    "residents",
    "qpv_residents",
    "first_timers",
    "women",
    "men",
    "under_26",
    "over_60",
    "elus",
    "agents",
)


def _headcount(chance: random.Random) -> dict[str, int | None]:
    """Return counts that fit in their whole; one meeting in eight counted nobody, one in four only the total."""
    draw = chance.random()
    if draw < 0.12:
        return {}
    residents, elus, agents = chance.randint(0, 32), chance.randint(0, 3), chance.randint(1, 4)
    total = residents + elus + agents + chance.randint(0, 4)
    if draw < 0.35:
        return {"participants": total, "residents": residents}
    women, young = chance.randint(0, residents), chance.randint(0, residents // 2)
    return {
        "participants": total,
        "residents": residents,
        "elus": elus,
        "agents": agents,
        "women": women,
        "men": residents - women,
        "under_26": young,
        "over_60": chance.randint(0, residents - young),
        "qpv_residents": chance.randint(residents // 2, residents),
        "first_timers": chance.randint(0, residents),
    }


def _proposals(
    rows: Rows,
    ground: Ground,
    count: int,
    prefix: str,
    days: Days,
    meetings: Sequence[_Meeting],
    chance: random.Random,
    session: Session,
) -> list[MadeProposal]:
    held = sorted((meeting for meeting in meetings if meeting.held), key=lambda meeting: meeting.day)
    first_id = _next_id(session, Proposal)
    made: list[MadeProposal] = []
    for number in range(count):
        path = PATHS[number % len(PATHS)]
        if path[-1] == "regroupee" and not made:
            path = PATHS[0]
        start = max(days.first, days.last - dt.timedelta(days=STEP_DAYS * len(path)))
        early = held[: bisect_right(held, start, key=lambda meeting: meeting.day)]
        if path[-1] in UNFINISHED:
            early = early[-RECENT:]
        meeting = chance.choice(early) if early and chance.random() < 0.8 else None
        body = _carrier(ground, meeting, chance)
        day = meeting.day if meeting else min(start, days.any())
        steps = make_steps(path, day, body, ground, made, days, chance)
        if number % 17 == 16:
            steps = with_mistake(steps)
        proposal = SimpleNamespace(steps=steps)
        settle(proposal)  # type: ignore[arg-type]  # the same derivation as for a stored proposal
        made.append(MadeProposal(first_id + number, day, body, meeting.id if meeting else None))
        _write_proposal(rows, ground, proposal, made[-1], f"{prefix}-prop-{number + 1}", meeting, number, chance)
    return made


def _carrier(ground: Ground, meeting: _Meeting | None, chance: random.Random) -> Body:
    own = [body for body in meeting.bodies if body.family == "participation"] if meeting else []
    return own[0] if own else chance.choice(ground.bodies)


def _write_proposal(
    rows: Rows,
    ground: Ground,
    proposal: SimpleNamespace,
    made: MadeProposal,
    ref: str,
    meeting: _Meeting | None,
    number: int,
    chance: random.Random,
) -> None:
    title, text = texts.PROPOSALS[number % len(texts.PROPOSALS)]
    rows.add(
        Proposal,
        id=made.id,
        ref=ref,
        title=title,
        text=text,
        body_id=made.body.id,
        meeting_id=meeting.id if meeting else None,
        theme_id=chance.choice(ground.themes).id if ground.themes else None,
        received_on=proposal.received_on,
        answered_on=proposal.answered_on,
        state=proposal.state,
        state_on=proposal.state_on,
        road=proposal.road,
        sent_on=proposal.sent_on,
        due_on=proposal.due_on,
        created_at=now(),
        version=1,
    )
    rows.tables.setdefault(WORDS, []).extend(word_rows(made.id, title, text))
    for position, step in enumerate(proposal.steps, start=1):
        rows.add(Step, proposal_id=made.id, position=position, created_at=now(), **vars(step))
    for quartier in made.body.quartiers[:1]:
        rows.add(proposal_quartier, proposal_id=made.id, quartier_id=quartier.id)
    wanted = chance.randint(0, 2) if ground.objectives else 0
    for objective in chance.sample(ground.objectives, min(wanted, len(ground.objectives))):
        rows.add(proposal_objective, proposal_id=made.id, objective_id=objective.id)


_CHANNELS = ("telephone", "oral", "oral", "papier", "micro_trottoir", "web")
_MODERATIONS = ("publie", "publie", "publie", "en_attente", "publie", "reserve", "publie", "rejete")


def _opinions(
    rows: Rows,
    ground: Ground,
    count: int,
    prefix: str,
    days: Days,
    meetings: Sequence[_Meeting],
    proposals: Sequence[MadeProposal],
    chance: random.Random,
) -> None:
    held = [meeting for meeting in meetings if meeting.held]
    born: dict[int | None, list[int]] = {}
    for proposal in proposals:
        born.setdefault(proposal.meeting_id, []).append(proposal.id)
    behind: dict[int | None, str] = {
        proposal.id: texts.BEHIND_PROPOSALS[at % len(texts.PROPOSALS)] for at, proposal in enumerate(proposals)
    }
    for number in range(count):
        meeting = chance.choice(held) if held and chance.random() < 0.85 else None
        day = meeting.day if meeting else days.any()
        fed = _fed(born, meeting, chance)
        language, text = _words(number, chance, behind.get(fed))
        quartier = chance.choice(ground.quartiers) if meeting is None or chance.random() < 0.4 else None
        rows.add(
            Opinion,
            ref=f"{prefix}-avis-{number + 1}",
            received_on=day,
            meeting_id=meeting.id if meeting else None,
            body_id=None,
            quartier_id=quartier.id if quartier else None,
            theme_id=chance.choice(ground.themes).id if ground.themes and chance.random() < 0.8 else None,
            question=None,
            text=text,
            channel=chance.choice(_CHANNELS),
            proposal_id=fed,
            moderation=_MODERATIONS[number % len(_MODERATIONS)],
            moderation_reason="Cite le nom d'une personne." if number % 8 == 7 else None,
            language=language,
            answer=texts.ANSWER if number % 23 == 0 else None,
            answered_on=days.after(day, 20) if number % 23 == 0 else None,
            created_at=now(),
            version=1,
        )


def _fed(born: dict[int | None, list[int]], meeting: _Meeting | None, chance: random.Random) -> int | None:
    """Return the proposal that an opinion fed: one born at the same meeting, or outside meetings like itself."""
    near = born.get(meeting.id if meeting else None, [])
    return chance.choice(near) if near and chance.random() < 0.7 else None


def _words(number: int, chance: random.Random, behind: str | None) -> tuple[str, str]:
    if number % 9 == 5:
        return chance.choice(texts.FOREIGN_OPINIONS)
    return "fr", texts.LONG_OPINION if number % 40 == 11 else behind or chance.choice(texts.OPINIONS)


def _mandates(rows: Rows, ground: Ground, prefix: str, days: Days, chance: random.Random) -> None:
    councils = [body for body in ground.bodies if body.kind == "conseil_de_quartier"] + ground.governance
    number = 0
    for body in ground.bodies:
        for kind in ("membre", "membre", "membre", "representant") if councils else ("membre",) * 3:
            number += 1
            start = days.any()
            rows.add(
                Mandate,
                ref=f"{prefix}-mand-{number}",
                body_id=body.id,
                kind=kind,
                seat_body_id=chance.choice(councils).id if kind == "representant" else None,
                started_on=start,
                ended_on=days.after(start, 400) if chance.random() < 0.2 else None,
            )
