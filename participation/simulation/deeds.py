"""What is done of accepted proposals in the demonstration, with residents, and what they then say of it."""

import datetime as dt
import io
import random
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation import clock
from participation.actions import evaluations, rules
from participation.actions.models import FACES, Action, ActionNote, Evaluation
from participation.database import now
from participation.media import rules as media
from participation.proposals.models import ACCEPTED, Proposal
from participation.simulation import texts
from participation.simulation.generate import MARK
from participation.simulation.phones import draw_bench

_PHONES = 30
"""Phones that may say what they think of one proposal."""


def fill(session: Session, seed: int) -> None:
    """Plan and tell actions of the generated proposals that were accepted; let phones evaluate those that are done."""
    chance = random.Random(seed)  # noqa: S311  # plausible data, no secret
    accepted = sa.select(Proposal).where(Proposal.state.in_((*ACCEPTED, "en_cours", "realisee"))).order_by(Proposal.id)
    for number, proposal in enumerate(session.scalars(accepted).all()):
        session.add_all(_actions(proposal, number, chance))
    session.flush()
    done = [proposal for proposal in session.scalars(accepted) if proposal.state == "realisee"]
    for proposal in done:
        session.add_all(_faces(proposal, chance))
    _show(session)
    session.flush()


def _actions(proposal: Proposal, number: int, chance: random.Random) -> Iterator[Action]:
    """Yield one or two actions of a proposal; every fifth accepted one has none yet."""
    if proposal.state != "realisee" and number % 5 == 4:
        return
    for place in range(1, chance.randint(1, 2) + 1):
        text, told = chance.choice(texts.ACTIONS)
        due_on = proposal.state_on + dt.timedelta(days=chance.choice((20, 60, 120)))
        finished = proposal.state == "realisee" or chance.random() < 0.3
        action = Action(
            ref=f"{MARK}-action-{number}-{place}",
            proposal=proposal,
            text=text,
            owner=chance.choice(texts.OWNERS) if chance.random() < 0.8 else None,
            due_on=due_on,
            residents=chance.choice(texts.WITH_RESIDENTS) if chance.random() < 0.5 else None,
            done_on=min(due_on, clock.today()) if finished else None,
            author="Cheffe de projet de quartier",
            created_at=now(),
        )
        if finished or chance.random() < 0.4:
            day = action.done_on or min(proposal.state_on, clock.today())
            action.notes = [ActionNote(on_date=day, text=told, author="Animateur de quartier", created_at=now())]
        yield action


def _faces(proposal: Proposal, chance: random.Random) -> Iterator[Evaluation]:
    """Yield what some phones say; a few with words, read by the team or not yet."""
    for number in range(chance.randint(0, _PHONES)):
        face = chance.choices(list(FACES), weights=(6, 2, 1))[0]
        words = chance.choice(texts.EVALUATIONS[face]) if number < 3 else None
        waits = bool(words) and chance.random() < 0.4
        yield Evaluation(
            ref=f"{MARK}-eval-{proposal.id}-{number}",
            proposal_id=proposal.id,
            phone_hash=evaluations.hash_of(f"{MARK}-phone-{number}", proposal),
            face=face,
            words=words,
            moderation=evaluations.WAITING if waits else evaluations.PUBLISHED,
            language="fr" if words else None,
            given_on=clock.today(),
        )


def _show(session: Session) -> None:
    """Show benches that were made, in a photo, if some were asked for and an action of theirs is told."""
    asked = sa.and_(Proposal.title.startswith("Des bancs"), Proposal.state.in_(("en_cours", "realisee")))
    benches = sa.select(Action).join(Proposal).join(Action.notes).where(asked).order_by(Action.id.desc()).limit(1)
    action = session.scalar(benches)
    if action:
        photo = media.read_photo(io.BytesIO(draw_bench("#2f6f5e")))
        rules.add_photo(session, action.notes[-1], photo, "Un banc neuf, peint en vert, au bord d'une pelouse.")
