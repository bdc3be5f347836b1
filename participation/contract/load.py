"""Bring the database in line with a contract file: the contract itself, its territory, objectives and word lists.

The instances, cadences and questions follow in bodies/load.py, which is also where a whole load starts. Everything
here compares before it writes, so that loading the same file again changes nothing.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.contract.file import ContractFile, Header
from participation.contract.models import (
    Ambition,
    Baseline,
    Commune,
    Contract,
    Means,
    Objective,
    Quartier,
    Recipient,
    Theme,
)
from participation.database import now
from participation.errors import Conflict, Refusal
from participation.extensions import Model
from participation.people.models import AccountScope

Row = TypeVar("Row", bound=Model)


@dataclass
class LoadReport:
    """What a load did. `changed` maps "quartier les-quais : name" to [before, after]; nothing in it is personal."""

    contract: str
    added: list[str] = field(default_factory=list)
    changed: dict[str, list[Any]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Sentences: what the file says otherwise but the team has changed since, and so stays as the team wrote it."""

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.changed or self.removed)

    def sentence(self) -> str:
        """Return what happened in one French sentence."""
        if not self:
            return f"Contrat « {self.contract} » : rien à changer."
        done = (
            _count(len(self.added), "ajout", "ajouts"),
            _count(len(self.changed), "changement", "changements"),
            _count(len(self.removed), "retrait", "retraits"),
        )
        return f"Contrat « {self.contract} » chargé : {', '.join(done)}."


class InUse(Refusal):
    """The file leaves out things that are in use; `lines` says each and what uses it."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__(f"Rien n'a été chargé. {'. '.join(lines)}.")


class OtherContract(Conflict):
    """The database already serves another contract."""


Stale = list[tuple[str, Sequence[Any]]]
"""What rows are called and the rows that the file no longer has, in the order in which they can be removed."""


def has_contract(session: Session) -> bool:
    """Whether a contract has been loaded into this database."""
    return session.scalar(sa.select(sa.func.count()).select_from(Contract)) != 0


def lock(session: Session) -> None:
    """Make a second load wait for this one (SQLite already lets one transaction write at a time)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("LOCK TABLE contract IN SHARE ROW EXCLUSIVE MODE"))


def load_territory(session: Session, file: ContractFile, report: LoadReport) -> Stale:
    """Write the contract, communes, quartiers, objectives, themes, recipients, means and baselines of `file`.

    Returns the rows that it no longer has; raises OtherContract if the database serves another one.
    """
    _load_header(session, file, report)
    communes, old_communes = sync(
        session, Commune, "slug", {c.slug: {"name": c.name, "insee": c.insee} for c in file.communes}, report, "commune"
    )
    _, old_quartiers = sync(session, Quartier, "slug", _quartiers(file, communes), report, "quartier")
    old_objectives = _load_objectives(session, file, report)
    themes = {t.slug: {"name": t.name, "line": t.line} for t in file.themes}
    recipients = {
        r.slug: {"name": r.name, "line": r.line, "communes": [communes[slug] for slug in r.communes]}
        for r in file.recipients
    }
    _, old_themes = sync(session, Theme, "slug", themes, report, "thématique")
    _, old_recipients = sync(session, Recipient, "slug", recipients, report, "destinataire")
    _, old_means = sync(session, Means, "slug", {m.slug: {"name": m.name} for m in file.means}, report, "moyen")
    _load_baselines(session, file, report)
    lists: Stale = [("thématique", old_themes), ("destinataire", old_recipients), ("moyen", old_means)]
    return [*old_objectives, *lists, ("quartier", old_quartiers), ("commune", old_communes)]


def _load_header(session: Session, file: ContractFile, report: LoadReport) -> None:
    contract = session.get(Contract, 1)
    if contract is None:
        values = _header(file) | _response(file.contract)
        session.add(Contract(id=1, slug=file.contract.slug, file_sha256=file.sha256, loaded_at=now(), **values))
        report.added.append(f"contrat {file.contract.slug}")
        return
    if contract.slug != file.contract.slug:
        raise OtherContract(
            f"Cette base contient déjà le contrat « {contract.name} » ({contract.slug}) ; le fichier est celui de "
            f"« {file.contract.name} » ({file.contract.slug}). Un autre contrat demande une autre base."
        )
    values = _header(file)
    if contract.file_sha256 != file.sha256:
        contract.file_sha256, contract.loaded_at = file.sha256, now()
        values |= _new_response(contract, file.contract, report)
    update(contract, values, report, f"contrat {contract.slug}")


def _header(file: ContractFile) -> dict[str, Any]:
    whole = next((p for p in file.populations if p.scope == "contrat"), None)
    header = file.contract
    return {
        "name": header.name,
        "holder": header.holder,
        "siren": header.siren,
        "starts": header.starts,
        "midterm": header.midterm,
        "ends": header.ends,
        "timezone": header.timezone,
        "population": whole.value if whole else None,
        "population_year": whole.year if whole else None,
        "population_line": whole.line if whole else None,
        "printed_populations": _printed_populations(file),
        "announced": _announced(file),
        "levels": [{"code": level.code, "name": level.name, "sentence": level.sentence} for level in file.levels],
        "institutions": list(file.institutions),
    }


def _printed_populations(file: ContractFile) -> list[dict[str, Any]]:
    return [
        {
            "scope": p.scope,
            "quartiers": list(p.quartiers),
            "value": p.value,
            "year": p.year,
            "source": p.source,
            "note": p.note,
            "line": p.line,
        }
        for p in file.populations
        if p.scope != "contrat"
    ]


def _announced(file: ContractFile) -> dict[str, Any]:
    return {
        "strategic": file.announced.strategic if file.announced else None,
        "operational": file.announced.operational if file.announced else None,
        "by_ambition": {a.code: a.announced for a in file.ambitions if a.announced is not None},
        "portrait": {"year": file.portrait.year, "text": file.portrait.text} if file.portrait else None,
    }


def _response(header: Header) -> dict[str, Any]:
    return {
        "response_days": header.response.days,
        "response_days_note": header.response.note,
        "response_days_confirmed": not header.response.to_confirm,
    }


def _new_response(contract: Contract, header: Header, report: LoadReport) -> dict[str, Any]:
    """Return the delay of a changed file, unless it is a mere default and an administrator has confirmed one here."""
    if contract.response_days_confirmed and header.response.to_confirm:
        if contract.response_days != header.response.days:
            report.kept.append(
                f"délai de réponse : {contract.response_days} jours, confirmé ici, est gardé "
                f"(le fichier propose {header.response.days})"
            )
        return {}
    return _response(header)


def _quartiers(file: ContractFile, communes: Mapping[str, Commune]) -> dict[str, dict[str, Any]]:
    return {
        q.slug: {
            "name": q.name,
            "kind": q.kind,
            "qpv_code": q.qpv_code,
            "population": q.population.value if q.population else None,
            "population_year": q.population.year if q.population else None,
            "population_perimeter": q.population.perimeter if q.population else None,
            "line": q.line,
            "communes": [communes[slug] for slug in q.communes],
        }
        for q in file.quartiers
    }


def _load_objectives(session: Session, file: ContractFile, report: LoadReport) -> Stale:
    """Write ambitions and objectives; return the old ones, children before their parents."""
    _free_ambition_slugs(session, file)
    wanted = {a.code: {"slug": a.slug, "name": a.name, "line": a.line} for a in file.ambitions}
    ambitions, old_ambitions = sync(session, Ambition, "code", wanted, report, "ambition")
    strategic = {
        s.code: {
            "level": "strategic",
            "ambition": ambitions[a.code],
            "parent": None,
            "printed": str(s.number),
            "name": s.name,
            "line": s.line,
        }
        for a in file.ambitions
        for s in a.strategic
    }
    objectives, old = sync(session, Objective, "code", strategic, report, "objectif", among=_of_level("strategic"))
    operational = {
        o.code: {
            "level": "operational",
            "ambition": ambitions[a.code],
            "parent": objectives[s.code],
            "printed": o.printed_code,
            "name": o.name,
            "line": o.line,
        }
        for a in file.ambitions
        for s in a.strategic
        for o in s.operational
    }
    _, old_children = sync(session, Objective, "code", operational, report, "objectif", among=_of_level("operational"))
    return [("objectif", old_children), ("objectif", old), ("ambition", old_ambitions)]


def _free_ambition_slugs(session: Session, file: ContractFile) -> None:
    """Give a passing slug to the ambitions whose slug changes: two may swap theirs, and a slug is unique."""
    wanted = {a.code: a.slug for a in file.ambitions}
    for ambition in session.scalars(sa.select(Ambition).order_by(Ambition.code)):
        if ambition.slug in wanted.values() and wanted.get(ambition.code) != ambition.slug:
            ambition.slug = f"~{ambition.code}"
    session.flush()


def _of_level(level: str) -> sa.ColumnElement[bool]:
    return Objective.level == level


def _load_baselines(session: Session, file: ContractFile, report: LoadReport) -> None:
    fields = ("indicator", "year", "value", "label", "line")
    rows = list(session.scalars(sa.select(Baseline).order_by(Baseline.position, Baseline.id)))
    wanted = [{name: getattr(baseline, name) for name in fields} for baseline in file.baselines]
    if [{name: getattr(row, name) for name in fields} for row in rows] == wanted:
        return
    for row in rows:
        session.delete(row)
    session.add_all(Baseline(position=n, **values) for n, values in enumerate(wanted))
    report.changed["repères"] = [len(rows), len(wanted)]


def sync(
    session: Session,
    model: type[Row],
    key: str,
    wanted: Mapping[str, dict[str, Any]],
    report: LoadReport,
    what: str,
    among: sa.ColumnElement[bool] | None = None,
) -> tuple[dict[str, Row], list[Row]]:
    """Add and update rows of `model` so that they say what `wanted` says, in its order.

    `wanted` maps the value of the column `key` to the other columns; `among` limits the rows looked at. Returns the
    rows by key, and those that `wanted` does not name.
    """
    column = getattr(model, key)
    query = sa.select(model).order_by(column)
    rows = {getattr(row, key): row for row in session.scalars(query if among is None else query.where(among))}
    found: dict[str, Row] = {}
    for position, (name, values) in enumerate(wanted.items()):
        row = rows.get(name)
        if row is None:
            row = model(**{key: name, "position": position}, **values)
            session.add(row)
            report.added.append(f"{what} {name}")
        else:
            update(row, values, report, f"{what} {name}")
            if row.position != position:  # type: ignore[attr-defined]
                row.position = position  # type: ignore[attr-defined]
                report.changed[f"{what} : ordre"] = ["", ""]
        found[name] = row
    session.flush()
    return found, [row for name, row in rows.items() if name not in wanted]


def update(row: Model, values: Mapping[str, Any], report: LoadReport, what: str) -> None:
    """Set the columns and relations of a row that differ from `values`, and report each."""
    for name, value in values.items():
        before, after = shown(getattr(row, name)), shown(value)
        if before != after:
            setattr(row, name, value)
            report.changed[f"{what} : {name}"] = [before, after]


def shown(value: Any) -> Any:
    """Return a value as JSON may hold it: a date in ISO, rows by their slug or code, in code-point order."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Model):
        return getattr(value, "slug", None) or getattr(value, "code", None)
    if isinstance(value, list) and value and isinstance(value[0], Model):
        return sorted(shown(row) for row in value)
    return value


# What a table's rows are called in a refusal, one and several.
_CALLED = {
    "meeting_body": ("rencontre", "rencontres"),
    "meeting_quartier": ("rencontre", "rencontres"),
    "mandate": ("mandat", "mandats"),
    "opinion": ("avis", "avis"),
    "proposal": ("proposition", "propositions"),
    "proposal_quartier": ("proposition", "propositions"),
    "proposal_objective": ("proposition", "propositions"),
    "step": ("étape de proposition", "étapes de propositions"),
    "body": ("instance", "instances"),
    "body_commune": ("instance", "instances"),
    "body_quartier": ("instance", "instances"),
    "quartier_commune": ("quartier", "quartiers"),
    "recipient_commune": ("destinataire", "destinataires"),
    "objective": ("objectif", "objectifs"),
    "cadence_body": ("cadence", "cadences"),
    "representation": ("représentation", "représentations"),
    "representation_body": ("représentation", "représentations"),
    "question": ("question", "questions"),
    "campaign": ("démarche", "démarches"),
    "campaign_question": ("question de démarche", "questions de démarche"),
    "account_scope": ("compte", "comptes"),
}


def drop(session: Session, what: str, rows: Sequence[Any], report: LoadReport) -> list[str]:
    """Remove the rows that nothing points at; return a French line for each that is in use and stays."""
    refused = []
    for row in rows:
        name = shown(row)
        uses = list_uses(session, row)
        if uses:
            refused.append(f"{what} « {name} » sert encore ({', '.join(uses)}) : à remettre dans le fichier")
        else:
            session.delete(row)
            report.removed.append(f"{what} {name}")
    session.flush()
    return refused


def list_uses(session: Session, row: Any) -> list[str]:
    """Return what points at a row, counted: ["3 rencontres", "1 mandat"].

    Read from the foreign keys of every table, so that a feature above counts without being imported. Rows that would
    go along with it (ON DELETE CASCADE) are its own parts and are no use of it.
    """
    counts: dict[str, int] = {}
    for table in Model.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is row.__table__ and key.ondelete != "CASCADE":
                query = sa.select(sa.func.count()).where(key.parent == getattr(row, key.column.name))
                counts[table.name] = counts.get(table.name, 0) + (session.scalar(query) or 0)
    counts["account_scope"] = _count_scopes(session, row)
    return [_count(n, *_CALLED.get(name, (name, name))) for name, n in counts.items() if n]


def _count_scopes(session: Session, row: Any) -> int:
    """Count the accounts whose rights are limited to this place: they name it by its slug, without a foreign key."""
    kind = {"commune": "commune", "quartier": "quartier", "body": "instance"}.get(row.__tablename__)
    if kind is None:
        return 0
    query = sa.select(sa.func.count()).where(AccountScope.kind == kind, AccountScope.slug == row.slug)
    return session.scalar(query) or 0


def _count(n: int, one: str, several: str) -> str:
    return f"{n} {one if n < 2 else several}"
