"""Load a whole contract file: what contract/load.py writes, then the instances, cadences, seats and questions.

A body remembers what the file last said of it (`from_file`). A value that still stands as the file left it follows
the file; one that the team has changed in the browser stays theirs.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation import journal
from participation.bodies.models import (
    TEAM_KIND_POSITION,
    Body,
    BodyAlias,
    BodyKind,
    Cadence,
    Question,
    Representation,
)
from participation.contract.file import ContractFile, Instance
from participation.contract.load import InUse, LoadReport, drop, load_territory, lock, shown, sync, update
from participation.contract.models import Commune, Quartier

_FIELDS = ("name", "kind", "family", "scale", "level", "inferred", "note", "line")
Places = Mapping[str, Mapping[str, Any]]
"""The communes and quartiers of the contract by slug, under `communes` and `quartiers`."""


def load_contract(session: Session, file: ContractFile, by: journal.Actor | None = None) -> LoadReport:
    """Bring the database in line with `file`; the caller commits. Loading the same file again changes nothing.

    `by` is who asks, None for a command. Raises OtherContract if the database serves another contract, InUse if the
    file leaves out something in use; nothing is changed then.
    """
    report = LoadReport(file.contract.name)
    with session.begin_nested():
        lock(session)
        stale = load_territory(session, file, report)
        kinds = {slug: {"name": name} for slug, name in file.kinds.items()}
        # Kinds made in the browser are not the file's to drop.
        the_files = sa.or_(BodyKind.position < TEAM_KIND_POSITION, BodyKind.slug.in_(kinds))
        _, old_kinds = sync(session, BodyKind, "slug", kinds, report, "genre", the_files)
        bodies, old_bodies = _load_bodies(session, file, report)
        _load_cadences(session, file, bodies, report)
        _load_representation(session, file, bodies, report)
        _load_questions(session, file, bodies, report)
        stale = [("instance", old_bodies), ("genre", old_kinds), *stale]
        refused = [line for what, rows in stale for line in drop(session, what, rows, report)]
        if refused:
            raise InUse(refused)
        if report:
            journal.record(
                session, "contract.loaded", file.contract.slug, report.sentence(), by=by, details=_details(report)
            )
    return report


def _details(report: LoadReport) -> dict[str, Any]:
    return {**report.changed, **{name: [name, None] for name in report.removed}}


def _load_bodies(session: Session, file: ContractFile, report: LoadReport) -> tuple[dict[str, Body], list[Body]]:
    """Write the instances; return them by slug, and those that came from the file and are no longer in it."""
    places: Places = {
        "communes": {row.slug: row for row in session.scalars(sa.select(Commune))},
        "quartiers": {row.slug: row for row in session.scalars(sa.select(Quartier))},
    }
    parts = (selectinload(Body.communes), selectinload(Body.quartiers), selectinload(Body.aliases))
    rows = {body.slug: body for body in session.scalars(sa.select(Body).options(*parts).order_by(Body.slug))}
    for instance in file.instances:
        said = _said(instance)
        if instance.slug in rows:
            _merge(rows[instance.slug], said, places, report)
        else:
            rows[instance.slug] = _new_body(instance.slug, said, places)
            session.add(rows[instance.slug])
            report.added.append(f"instance {instance.slug}")
    session.flush()
    named = {instance.slug for instance in file.instances}
    return rows, [body for body in rows.values() if body.slug not in named and body.from_file is not None]


def _said(instance: Instance) -> dict[str, Any]:
    """Return what the file says of an instance, as `from_file` keeps it."""
    return {name: getattr(instance, name) for name in _FIELDS} | {
        "opened_on": shown(instance.opened),
        "closed_on": shown(instance.closed),
        "communes": sorted(instance.communes),
        "quartiers": sorted(instance.quartiers),
        "aliases": sorted(instance.aliases),
    }


def _new_body(slug: str, said: dict[str, Any], places: Places) -> Body:
    body = Body(slug=slug, from_file=said, aliases=[BodyAlias(name=name) for name in said["aliases"]])
    for name in (name for name in said if name != "aliases"):
        setattr(body, name, _value(name, said[name], places))
    return body


def _value(name: str, said: Any, places: Places) -> Any:
    """Return what to put in the body's attribute for what the file says of it."""
    if name in places:
        return [places[name][slug] for slug in said]
    if name in {"opened_on", "closed_on"} and said:
        return dt.date.fromisoformat(said)
    return said


def _merge(body: Body, said: dict[str, Any], places: Places, report: LoadReport) -> None:
    """Take over what the file says of a body, except where the team has written something else since."""
    before = body.from_file or {}
    if before == said:
        return
    for name in (name for name in said if name != "aliases"):
        now, after = shown(getattr(body, name)), said[name]
        if now == after or (name in before and before[name] == after):
            continue
        if name in before and before[name] == now:
            setattr(body, name, _value(name, after, places))
            report.changed[f"instance {body.slug} : {name}"] = [now, after]
        else:
            report.kept.append(
                f"instance {body.slug}, {name} : {_brief(now)} est gardé (le fichier dit {_brief(after)})"
            )
    _merge_aliases(body, before.get("aliases", []), said["aliases"], report)
    body.from_file = said


def _merge_aliases(body: Body, before: Sequence[str], said: Sequence[str], report: LoadReport) -> None:
    """Add the names that the file gives and remove those it no longer gives; the team's own stay."""
    present = sorted(alias.name for alias in body.aliases)
    wanted = sorted((set(present) - set(before)) | set(said))
    if present != wanted:
        kept = [alias for alias in body.aliases if alias.name in wanted]
        body.aliases = [*kept, *(BodyAlias(name=name) for name in wanted if name not in present)]
        report.changed[f"instance {body.slug} : aliases"] = [present, wanted]


def _brief(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return f"« {text} »" if value not in (None, [], "") else "rien"


def _load_cadences(session: Session, file: ContractFile, bodies: Mapping[str, Body], report: LoadReport) -> None:
    wanted = {
        c.key: {
            "meeting_type": c.meeting_type,
            "per_year": c.per_year,
            "label": c.label,
            "line": c.line,
            "bodies": [bodies[slug] for slug in c.instances],
        }
        for c in file.cadences
    }
    _, old = sync(session, Cadence, "key", wanted, report, "cadence")
    for cadence in old:
        session.delete(cadence)
        report.removed.append(f"cadence {cadence.key}")
    session.flush()


def _load_representation(session: Session, file: ContractFile, bodies: Mapping[str, Body], report: LoadReport) -> None:
    wanted = [(r.to_kind, r.seats, r.line, sorted(r.instances)) for r in file.representation]
    rows = list(session.scalars(sa.select(Representation).order_by(Representation.id)))
    if [(r.to_kind, r.seats, r.line, shown(r.from_bodies)) for r in rows] == wanted:
        return
    for row in rows:
        session.delete(row)
    for to_kind, seats, line, slugs in wanted:
        from_bodies = [bodies[slug] for slug in slugs]
        session.add(Representation(to_kind=to_kind, seats=seats, line=line, from_bodies=from_bodies))
    report.changed["représentation"] = [len(rows), len(wanted)]
    session.flush()


def _load_questions(session: Session, file: ContractFile, bodies: Mapping[str, Body], report: LoadReport) -> None:
    """Write the questions of each campaign; those that belong to no body are the team's and stay."""
    query = sa.select(Question).where(Question.body_id.is_not(None)).order_by(Question.id)
    rows = {(row.body_id, row.number): row for row in session.scalars(query)}
    for question in file.questions:
        what = f"question {question.instance} {question.number}"
        values = {"text": question.text, "note": question.note, "line": question.line}
        row = rows.pop((bodies[question.instance].id, question.number), None)
        if row is not None:
            update(row, values, report, what)
        else:
            session.add(Question(body=bodies[question.instance], number=question.number, **values))
            report.added.append(what)
    for row in rows.values():
        session.delete(row)
        report.removed.append(f"question {row.body.slug if row.body else ''} {row.number}")
    session.flush()
