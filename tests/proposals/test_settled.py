"""What a proposal repeats of its steps is what its steps say: as the rules write it, and as the migration wrote it."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from participation.extensions import db
from participation.proposals.models import DECIDED, TRANSMITTED, Proposal
from tests.assessment.packages import make_package
from tests.support.factory import make_proposal
from tests.support.package_rows import insert_package

DAY = dt.date(2025, 3, 1)
VOIDED = {"voided_on": dt.date(2025, 6, 1)}


def day(position: int) -> dt.date:
    """Return the date of a step of `make_proposal`: one a day."""
    return DAY + dt.timedelta(days=position - 1)


@pytest.mark.parametrize(
    ("kinds", "road", "answered_on"),
    [
        ([], 0, None),
        (["etude"], 0, None),
        (["transmise"], TRANSMITTED, None),
        (["transmise", "ajournee"], TRANSMITTED, None),
        (["transmise", "retenue"], DECIDED + 1, day(3)),
        (["transmise", "retenue_en_partie", "en_cours", "realisee"], DECIDED + 1, day(3)),
        (["transmise", "non_retenue"], DECIDED, day(3)),
        (["transmise", "non_retenue", "transmise", "retenue"], DECIDED + 1, day(3)),
        (["transmise", "non_retenue", "transmise"], DECIDED, day(3)),
    ],
)
def test_a_proposal_says_how_far_it_came(
    app_context: Flask, kinds: list[str], road: int, answered_on: dt.date | None
) -> None:
    proposal = make_proposal(steps=[{"kind": kind} for kind in kinds], received_on=DAY)
    assert (proposal.road, proposal.answered_on) == (road, answered_on)


def test_a_voided_step_is_passed_over(app_context: Flask) -> None:
    steps = [{"kind": "transmise"}, {"kind": "non_retenue", **VOIDED}, {"kind": "retenue"}]
    proposal = make_proposal(steps=steps, received_on=DAY)
    assert (proposal.road, proposal.answered_on) == (DECIDED + 1, day(4))
    sent_by_mistake = make_proposal(steps=[{"kind": "transmise", **VOIDED}], received_on=DAY)
    assert (sent_by_mistake.road, sent_by_mistake.answered_on) == (0, None)


@pytest.mark.both_databases
def test_the_migration_writes_the_same_for_proposals_of_before(app_context: Flask) -> None:
    insert_package(db.session.connection(), make_package(11))
    db.session.commit()
    written = repeated()
    assert {road for _ref, road, _day in written} >= {0, TRANSMITTED, DECIDED, DECIDED + 1}
    db.session.remove()
    downgrade(revision="0006")
    upgrade()
    assert repeated() == written


def repeated() -> list[tuple[str, int, dt.date | None]]:
    query = sa.select(Proposal.ref, Proposal.road, Proposal.answered_on).order_by(Proposal.ref)
    return [(ref, road, answered_on) for ref, road, answered_on in db.session.execute(query)]
