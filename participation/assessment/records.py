"""The rows behind a figure, as a reader sees them: a title, what tells it apart, and the way to the record itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from participation.addresses import body_address, meeting_address
from participation.assessment.frame import Frame
from participation.bodies.models import MANDATE_KINDS, Body, BodyKind, Cadence, Mandate
from participation.contract.models import Commune
from participation.formatting import date_fr, french
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.permissions import may
from participation.proposals.models import STEP_KINDS, Proposal, Step
from participation.proposals.queries import canonical_paths


@dataclass(frozen=True)
class Record:
    """One row. `url`: None where the reader has no page of it; `lang`: of the title; None: the page's own."""

    title: str
    detail: str = ""
    url: str | None = None
    lang: str | None = "fr"


@dataclass(frozen=True)
class Promise:
    """A cadence: meetings held, meetings expected, and what to say of it."""

    label: str
    held: int
    expected: int
    state: str


def list_records(session: Session, kind: str, refs: Sequence[str]) -> list[Record]:
    """Return the records of these references, in their order; `kind` is `Indicator.rows`. Queries: three at most."""
    found = _READERS[kind](session, refs) if refs else {}
    return [found.get(ref, Record(ref)) for ref in refs]


def _meetings(session: Session, refs: Sequence[str]) -> dict[str, Record]:
    query = sa.select(Meeting.ref, Meeting.title, Meeting.held_on).where(Meeting.ref.in_(refs))
    return {ref: Record(title, date_fr(day), meeting_address(ref)) for ref, title, day in session.execute(query)}


def _bodies(session: Session, slugs: Sequence[str]) -> dict[str, Record]:
    query = sa.select(Body.slug, Body.name, BodyKind.name).join(BodyKind).where(Body.slug.in_(slugs))
    return {slug: Record(name, french(kind), body_address(slug)) for slug, name, kind in session.execute(query)}


def _proposals(session: Session, refs: Sequence[str]) -> dict[str, Record]:
    """Proposals with the day they were received: what they are today may not be what they were at the date read."""
    query = sa.select(Proposal.ref, Proposal.title, Proposal.received_on).where(Proposal.ref.in_(refs))
    rows = session.execute(query).all()
    paths = canonical_paths(session, [(ref, title) for ref, title, _day in rows])
    return {
        ref: Record(title, _("reçue le %(day)s", day=date_fr(day)), _proposal_url(paths[ref]))
        for ref, title, day in rows
    }


def _proposal_url(path: str) -> str:
    return url_for("proposals.show", ref=path)


def _steps(session: Session, names: Sequence[str]) -> dict[str, Record]:
    wanted = {name: name.rpartition("#") for name in names}
    query = (
        sa.select(Proposal.ref, Proposal.title, Step.position, Step.kind, Step.on_date)
        .join(Step, Step.proposal_id == Proposal.id)
        .where(Proposal.ref.in_({ref for ref, _hash, _number in wanted.values()}))
    )
    rows = session.execute(query).all()
    paths = canonical_paths(session, {(ref, title) for ref, title, *_rest in rows})
    return {
        f"{ref}#{position}": Record(title, f"{STEP_KINDS[kind]}, {date_fr(day)}", _proposal_url(paths[ref]))
        for ref, title, position, kind, day in rows
    }


def _opinions(session: Session, refs: Sequence[str]) -> dict[str, Record]:
    """Opinions that were published, in their own words; of the others only their day, whoever reads.

    Whoever may read them all has the way to the opinion itself; the page there decides.
    """
    query = sa.select(Opinion).options(joinedload(Opinion.meeting)).where(Opinion.ref.in_(refs))
    return {opinion.ref: _opinion(opinion) for opinion in session.scalars(query)}


def _opinion(opinion: Opinion) -> Record:
    published = opinion.is_public
    url = None
    if may("opinion.read"):
        url = url_for("opinions.show", ref=opinion.ref)
    elif published and opinion.meeting:
        url = meeting_address(opinion.meeting.ref)
    title = opinion.text if published else _("Avis non publié")
    return Record(title, date_fr(opinion.received_on), url, opinion.language if published else None)


def _mandates(session: Session, refs: Sequence[str]) -> dict[str, Record]:
    """Mandates without the name of who holds them."""
    query = (
        sa.select(Mandate).options(joinedload(Mandate.body), joinedload(Mandate.seat_body)).where(Mandate.ref.in_(refs))
    )
    return {mandate.ref: _mandate(mandate) for mandate in session.scalars(query)}


def _mandate(mandate: Mandate) -> Record:
    body = mandate.seat_body or mandate.body
    days = _("depuis le %(day)s", day=date_fr(mandate.started_on))
    if mandate.ended_on:
        days = _("du %(start)s au %(end)s", start=date_fr(mandate.started_on), end=date_fr(mandate.ended_on))
    return Record(body.name, f"{MANDATE_KINDS[mandate.kind]}, {days}", body_address(body.slug))


def _as_they_are(_session: Session, names: Sequence[str]) -> dict[str, Record]:
    return {name: Record(name) for name in names}


_READERS: dict[str, Callable[[Session, Sequence[str]], dict[str, Record]]] = {
    "meeting": _meetings,
    "body": _bodies,
    "proposal": _proposals,
    "step": _steps,
    "opinion": _opinions,
    "mandate": _mandates,
    "institution": _as_they_are,
    "cadence": _as_they_are,
}


def list_promises(session: Session, by: Mapping[str, Mapping[str, int]], frame: Frame) -> list[Promise]:
    """Return the cadences in force, in the contract's order; before the end of the period an unmet one is under way."""
    query = sa.select(Cadence).where(Cadence.key.in_(by)).order_by(Cadence.position, Cadence.key)
    query = query.options(sa.orm.selectinload(Cadence.bodies))
    return [_promise(cadence, by[cadence.key], frame) for cadence in session.scalars(query)]


def _promise(cadence: Cadence, numbers: Mapping[str, int], frame: Frame) -> Promise:
    held, expected = numbers["held"], numbers["expected"]
    state = _("tenu") if held >= expected else (_("en cours") if _under_way(frame) else _("non tenu"))
    names = ", ".join(body.name for body in cadence.bodies)
    return Promise(f"{cadence.label} ({names})", held, expected, state)


def _under_way(frame: Frame) -> bool:
    return frame.as_of < frame.period.last


def named(session: Session, by: Mapping[str, Mapping[str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return a count told apart as (title, [(name, number)]) for each grouping, keys replaced by their names."""
    titles = {"kind": _("Par genre d'instance"), "commune": _("Par commune"), "institution": _("Par institution")}
    models: dict[str, Any] = {"kind": BodyKind, "commune": Commune}
    told = []
    for grouping, numbers in by.items():
        model = models.get(grouping)
        rows = session.execute(sa.select(model.slug, model.name)) if model else ()
        names: dict[str, str] = {slug: name for slug, name in rows}  # noqa: C416  # rows are not tuples of two
        told.append((titles[grouping], sorted((names.get(key, key), number) for key, number in numbers.items())))
    return told
