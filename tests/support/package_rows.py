"""A package of the exchange format, as rows of Python values, put straight into the tables.

For tests that need many small databases fast, and that must not depend on the importer. Columns that a package leaves
out stay empty; texts that no test reads are made up.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from participation.database import Base

Row = Mapping[str, Any]
_AT = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_COUNTS = {
    "participants": "participants",
    "habitants": "residents",
    "habitants_qpv": "qpv_residents",
    "primo_participants": "first_timers",
    "femmes": "women",
    "hommes": "men",
    "moins_26": "under_26",
    "plus_60": "over_60",
    "elus": "elus",
    "agents": "agents",
}
_WAITING = ("transmise", "ajournee")
_DECISIONS = ("non_retenue", "retenue", "retenue_en_partie")


def insert_package(connection: sa.Connection, package: Mapping[str, list[dict[str, Any]]]) -> None:
    """Insert the package's rows into a database that has none."""
    writer = _Writer(connection)
    writer.ground(package)
    writer.meetings(package["rencontres"])
    writer.proposals(package["propositions"], package["etapes"])
    writer.opinions(package["avis"])
    writer.mandates(package["mandats"])


class _Writer:
    """Knows the identifiers that it gave: (table, slug or ref) -> id."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.ids: dict[tuple[str, str], int] = {}

    def put(self, table: str, rows: Iterable[Row]) -> None:
        values = [dict(row) for row in rows]
        if values:
            self.connection.execute(sa.insert(Base.metadata.tables[table]), values)

    def name(self, table: str, names: Iterable[str]) -> None:
        self.ids |= {(table, name): number for number, name in enumerate(names, start=1)}

    def id(self, table: str, name: str | None) -> int | None:
        return None if name is None else self.ids[table, name]

    def links(self, table: str, rows: list[dict[str, Any]], owner: str, column: str, of: str) -> None:
        """Fill a table of pairs: `owner` (`body`, ...) has several `of` (`commune`, ...) in its list `column`."""
        key = "ref" if "ref" in rows[0] else "slug" if rows else ""
        self.put(
            table,
            [
                {f"{owner}_id": self.id(owner, row[key]), f"{of}_id": self.id(of, name)}
                for row in rows
                for name in row[column]
            ],
        )

    def ground(self, package: Mapping[str, list[dict[str, Any]]]) -> None:
        contract = package["contrat"][0]
        self.put(
            "contract",
            [
                {
                    "id": 1,
                    "slug": "essai",
                    "name": "Contrat d'essai",
                    "holder": "Ville d'essai",
                    "starts": contract["debut"],
                    "midterm": contract["debut"],
                    "ends": contract["fin"],
                    "timezone": "Europe/Paris",
                    "response_days": contract["delai_de_reponse"],
                    "response_days_confirmed": False,
                    "population": contract["population"],
                    "file_sha256": "0" * 64,
                    "printed_populations": [],
                    "announced": {},
                    "levels": [],
                    "institutions": [],
                    "loaded_at": _AT,
                }
            ],
        )
        communes, quartiers, bodies = package["communes"], package["quartiers"], package["instances"]
        self.name("commune", (row["slug"] for row in communes))
        self.name("quartier", (row["slug"] for row in quartiers))
        self.name("body", (row["slug"] for row in bodies))
        self.put(
            "commune",
            ({"id": n, "slug": r["slug"], "name": r["slug"], "position": n} for n, r in enumerate(communes, start=1)),
        )
        self.put(
            "quartier",
            (
                {
                    "id": n,
                    "slug": r["slug"],
                    "name": r["slug"],
                    "kind": "qpv",
                    "population": r["population"],
                    "position": n,
                }
                for n, r in enumerate(quartiers, start=1)
            ),
        )
        self.links("quartier_commune", quartiers, "quartier", "communes", "commune")
        self.put(
            "body_kind", ({"slug": kind, "name": kind, "position": 0} for kind in sorted({r["genre"] for r in bodies}))
        )
        self.put(
            "body",
            (
                {
                    "id": self.id("body", r["slug"]),
                    "slug": r["slug"],
                    "name": r["slug"],
                    "kind": r["genre"],
                    "family": r["famille"],
                    "scale": r["echelle"],
                    "opened_on": r["ouverte_le"],
                    "closed_on": r["fermee_le"],
                    "inferred": False,
                    "version": 1,
                }
                for r in bodies
            ),
        )
        self.links("body_commune", bodies, "body", "communes", "commune")
        self.links("body_quartier", bodies, "body", "quartiers", "quartier")
        self.cadences(package["cadences"])

    def cadences(self, rows: list[dict[str, Any]]) -> None:
        keys = ["+".join(r["instances"]) + (f":{r['type']}" if r["type"] else "") for r in rows]
        self.put(
            "cadence",
            (
                {"id": n, "key": key, "meeting_type": r["type"], "per_year": r["par_an"], "label": key, "position": n}
                for n, (key, r) in enumerate(zip(keys, rows, strict=True), start=1)
            ),
        )
        self.put(
            "cadence_body",
            (
                {"cadence_id": n, "body_id": self.id("body", slug)}
                for n, r in enumerate(rows, start=1)
                for slug in r["instances"]
            ),
        )

    def meetings(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        self.name("meeting", (row["ref"] for row in rows))
        self.put(
            "meeting",
            (
                {
                    "id": self.id("meeting", r["ref"]),
                    "ref": r["ref"],
                    "title": r["ref"],
                    "type": r["type"],
                    "level": r["niveau"],
                    "status": r["statut"],
                    "held_on": r["date"],
                    "minutes_published_on": r["compte_rendu_publie_le"],
                    "created_at": _AT,
                    "version": 1,
                    **{name: r.get(column) for column, name in _COUNTS.items()},
                }
                for r in rows
            ),
        )
        self.links("meeting_body", rows, "meeting", "instances", "body")
        self.links("meeting_quartier", rows, "meeting", "quartiers", "quartier")
        self.put(
            "meeting_institution",
            ({"meeting_id": self.id("meeting", r["ref"]), "name": name} for r in rows for name in r["institutions"]),
        )

    def proposals(self, rows: list[dict[str, Any]], steps: list[dict[str, Any]]) -> None:
        if not rows:
            return
        self.name("proposal", (row["ref"] for row in rows))
        walks = {row["ref"]: [step for step in steps if step["proposition"] == row["ref"]] for row in rows}
        self.put("proposal", (self.proposal(row, walks[row["ref"]]) for row in rows))
        self.links("proposal_quartier", rows, "proposal", "quartiers", "quartier")
        for walk in walks.values():
            self.put("step", self.walk(walk))

    def proposal(self, row: Row, walk: list[dict[str, Any]]) -> dict[str, Any]:
        valid = [step for step in walk if step["annulee_le"] is None]
        decisions = [step for step in valid if step["etape"] in _DECISIONS]
        sent = any(step["etape"] == "transmise" for step in valid)
        return {
            "id": self.id("proposal", row["ref"]),
            "ref": row["ref"],
            "title": row["ref"],
            "body_id": self.id("body", row["instance"]),
            "received_on": valid[0]["date"],
            "answered_on": decisions[0]["date"] if decisions else None,
            "road": 4 + (decisions[-1]["etape"] != "non_retenue") if decisions else int(sent),
            "state": valid[-1]["etape"],
            "state_on": valid[-1]["date"],
            "due_on": valid[-1]["echeance"] if valid[-1]["etape"] in _WAITING else None,
            "created_at": _AT,
            "version": 1,
        }

    def walk(self, walk: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = []
        for position, step in enumerate(walk, start=1):
            later = [other for other in walk[position:] if other["annulee_le"] is None]
            valid = step["annulee_le"] is None
            rows.append(
                {
                    "proposal_id": self.id("proposal", step["proposition"]),
                    "position": position,
                    "on_date": step["date"],
                    "kind": step["etape"],
                    "reason": step["motif"],
                    "due_on": step["echeance"],
                    "told_on": step["restituee_le"],
                    "to_body_id": self.id("body", step["vers"]) if step["etape"] == "transmise" else None,
                    "to_proposal_id": self.id("proposal", step["vers"]) if step["etape"] == "regroupee" else None,
                    "voided_on": step["annulee_le"],
                    "voided_reason": step["annulee_motif"],
                    "superseded_on": later[0]["date"] if valid and later else None,
                    "created_at": _AT,
                }
            )
        return rows

    def opinions(self, rows: list[dict[str, Any]]) -> None:
        self.put(
            "opinion",
            (
                {
                    "ref": r["ref"],
                    "received_on": r["date"],
                    "meeting_id": self.id("meeting", r["rencontre"]),
                    "body_id": self.id("body", r["instance"]),
                    "quartier_id": self.id("quartier", r["quartier"]),
                    "proposal_id": self.id("proposal", r["proposition"]),
                    "moderation": r["moderation"],
                    "text": "Un banc.",
                    "created_at": _AT,
                    "version": 1,
                }
                for r in rows
            ),
        )

    def mandates(self, rows: list[dict[str, Any]]) -> None:
        self.put(
            "mandate",
            (
                {
                    "ref": r["ref"],
                    "body_id": self.id("body", r["instance"]),
                    "kind": r["genre"],
                    "seat_body_id": self.id("body", r["aupres_de"]),
                    "started_on": r["debut"],
                    "ended_on": r["fin"],
                }
                for r in rows
            ),
        )
