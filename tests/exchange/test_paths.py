"""No import makes a path outside the table of exchange-format.md, nor an outcome without reason: random packages."""

import datetime as dt
import itertools
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from participation.exchange.faults import BadPackage
from participation.extensions import db
from participation.proposals.models import OUTCOMES, STEP_KINDS, Proposal, Step
from tests.exchange.helpers import PROPOSAL, load, package, step, table
from tests.proposals.test_machine import MAY_FOLLOW
from tests.support.factory import make_recipient

DAY = dt.date(2026, 3, 12)


class Row(NamedTuple):
    """One line of etapes.csv, as far as paths and reasons go."""

    kind: str
    later: int
    """Days after the line before."""
    voided: bool
    reason: bool


rows = st.builds(Row, st.sampled_from(list(STEP_KINDS)), st.integers(0, 2), st.booleans(), st.just(True))
likely = st.sampled_from([
    "recueillie transmise retenue en_cours realisee", "recueillie etude transmise ajournee transmise non_retenue",
    "recueillie etude transmise retenue abandonnee", "recueillie transmise non_retenue transmise retenue_en_partie",
    "recueillie regroupee", "recueillie etude retiree",
]).map(lambda words: [Row(kind, 1, False, True) for kind in words.split()])  # fmt: skip
changes = st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["void", "reason", "drop", "kind"])), max_size=2)


def changed(road: list[Row], what: list[tuple[int, str]]) -> list[Row]:
    """Return a road with some lines voided, without reason, left out or of another kind."""
    for place, how in what:
        if place >= len(road):
            continue
        row = road[place]
        put = {
            "void": [row._replace(voided=not row.voided)],
            "reason": [row._replace(reason=False)],
            "drop": [],
            "kind": [row._replace(kind="ajournee")],
        }[how]
        road = [*road[:place], *put, *road[place + 1 :]]
    return road


def is_right(road: list[Row]) -> bool:
    kinds = [row.kind for row in road if not row.voided]
    follows = all(after in MAY_FOLLOW[before].split() for before, after in itertools.pairwise(kinds))
    return bool(kinds) and kinds[0] == "recueillie" and follows and all(r.reason for r in road if r.kind in OUTCOMES)


def csv_of(road: list[Row]) -> str:
    lines, day = [], DAY
    for row in road:
        day += dt.timedelta(days=row.later)
        cells = {"motif": "Parce que." if row.reason else ""}
        cells |= {"transmise": {"vers": "destinataire"}, "regroupee": {"vers": "p2"}}.get(row.kind, {})
        if row.voided:
            cells |= {"annulee_le": "2026-04-30", "annulee_motif": "Noté par erreur."}
        lines.append(step(row.kind, day.isoformat(), **cells))
    return table(*lines, {**step("recueillie"), "proposition": "p2"})


def bring(folder: Path, road: list[Row]) -> bool:
    """Import a road of p1; return whether it was let in."""
    proposals = table(PROPOSAL, {**PROPOSAL, "ref": "p2"})
    try:
        load(package(folder, {"propositions": proposals, "etapes": csv_of(road)}))
    except BadPackage:
        db.session.rollback()
        return False
    return True


def recorded() -> list[tuple[str, bool]]:
    query = sa.select(Step.kind, Step.voided_on).join(Proposal, Proposal.id == Step.proposal_id)
    query = query.where(Proposal.ref == "p1").order_by(Step.position)
    return [(kind, voided is not None) for kind, voided in db.session.execute(query)]


def forget() -> None:
    db.session.execute(sa.delete(Proposal))
    db.session.commit()


@pytest.mark.both_databases
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    road=st.one_of(likely, likely, st.lists(rows, min_size=1, max_size=6)),
    first=changes,
    second=changes.map(lambda some: [(place, how) for place, how in some if how == "void"]),
    more=st.lists(rows, max_size=3),
)
def test_imports_make_no_path_outside_the_table(
    contract: Flask,
    tmp_path: Path,
    road: list[Row],
    first: list[tuple[int, str]],
    second: list[tuple[int, str]],
    more: list[Row],
):
    make_recipient("destinataire")
    db.session.commit()
    before: list[Row] = []
    once = changed(road, first)
    for wanted in (once, changed(once, second) + more):
        if not wanted:
            continue
        right = is_right(wanted) and (not before or [r.kind for r in wanted[: len(before)]] == [r.kind for r in before])
        assert bring(tmp_path / "package", wanted) == right, wanted
        before = wanted if right else before
        assert recorded() == [(row.kind, row.voided) for row in before]
    forget()
    db.session.execute(sa.text("DELETE FROM recipient WHERE slug = 'destinataire'"))
    db.session.commit()


def test_two_steps_that_hold_only_together_are_voided_by_one_import(contract: Flask, tmp_path: Path):
    make_recipient("destinataire")
    db.session.commit()
    road = [Row(kind, 1, False, True) for kind in ("recueillie", "etude", "transmise", "retenue", "abandonnee")]
    assert bring(tmp_path / "package", road)
    assert not bring(tmp_path / "package", changed(road, [(3, "void")]))
    assert bring(tmp_path / "package", changed(road, [(2, "void"), (3, "void")]))
    assert [kind for kind, voided in recorded() if not voided] == ["recueillie", "etude", "abandonnee"]
    again = [road[0]._replace(voided=True), *changed(road[1:], [(n, "void") for n in range(4)]), road[0]]
    assert bring(tmp_path / "package", again)
    assert [kind for kind, voided in recorded() if not voided] == ["recueillie"]
