"""The demonstration: two fictitious years on the loaded contract, what residents sent, one account for each role."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.bodies.models import Body, Cadence
from participation.meetings.models import Meeting
from participation.people import queries, rules
from participation.people.models import ROLES, Account
from participation.permissions import Place
from participation.simulation import deeds, phones, plans, ways
from participation.simulation.generate import MARK, Sizes, simulate

SIZES = Sizes(years=2, meetings=84, proposals=60, opinions=320)
SEED = 2024
FUNCTIONS = {
    "admin": "Équipe du contrat",
    "chef_projet": "Cheffe de projet de quartier",
    "animateur": "Animateur de quartier",
    "elu": "Adjointe de quartier",
    "representant": "Représentante des habitants",
}


def fill(session: Session, sizes: Sizes = SIZES) -> None:
    """Fill an empty database with the demonstration; of one that has it, only the open meeting moves to today."""
    if session.scalar(sa.select(Meeting.id).where(Meeting.ref.startswith(MARK)).limit(1)) is None:
        simulate(session, sizes, SEED)
        phones.fill(session, SEED)
        deeds.fill(session, SEED)
        ways.fill(session, SEED)
        plans.fill(session)
    phones.open_today(session)


def lines_for_residents(address: str) -> list[str]:
    """Return what to try as a resident, in French; `address` is the program's, without a slash at its end."""
    return [
        f"Rencontre ouverte : {address}/c, code {phones.DIGITS}",
        f"Codes de suivi à essayer sur {address}/suivi :",
        *(f"  {code}" for code in phones.CODES),
    ]


def tokens(session: Session) -> list[tuple[str, str]]:
    """Return (role in French, one-time token) for an account of each role, made at the first call."""
    given = []
    for role, label in ROLES.items():
        account = _account(session, role)
        purpose = "sign_in" if queries.has_come(session, account) else "invitation"
        given.append((str(label), rules.issue_link(session, account, purpose)))
    return given


def _account(session: Session, role: str) -> Account:
    address = f"{role.replace('_', '-')}@demonstration.example"
    return queries.find_by_email(session, address) or rules.create_account(
        session, address, role, _places(session, role), FUNCTIONS[role], None
    )


def _places(session: Session, role: str) -> list[Place]:
    """Return a plausible scope: the bodies of a joint cadence, whose communes the élu answers for.

    The animator also has the instance of the open meeting, to try what the team does there.
    """
    joint = sa.select(Cadence).where(Cadence.key.contains("+")).order_by(Cadence.key).limit(1)
    cadence = session.scalar(joint)
    bodies = cadence.bodies if cadence else list(session.scalars(sa.select(Body).order_by(Body.slug).limit(2)))
    if role == "animateur":
        return [("instance", slug) for slug in dict.fromkeys(body.slug for body in [*bodies, phones.host(session)])]
    if role == "representant":
        return [("instance", bodies[0].slug)]
    if role == "elu":
        return [("commune", bodies[0].communes[0].slug)]
    return []
