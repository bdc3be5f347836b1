"""Packages written by hand in few words: what a row does not say gets the plainest value that is right."""

import csv
import io
from collections.abc import Iterable
from typing import Any

QUAYS = "assemblee-les-quais"
"""Participation, commune port-lanse, quartier les-quais; with a yearly bilan_annuel."""
HILL = "assemblee-la-colline"
"""Participation, intercommunale, both communes, quartier la-colline; twice a year with QUAYS."""
MILL = "table-du-moulin"
"""Participation, commune val-fleuri, quartier le-moulin; opened on 1 March 2026."""
PORT = "conseil-de-quartier-du-port"
"""Participation, a conseil de quartier of port-lanse, without quartier."""
SUMMER = "ete-au-bord-de-leau"
"""A campaign (demarche), intercommunale, both communes, from 1 June to 15 September 2025."""
STEERING = "comite-de-pilotage"
"""Gouvernance, intercommunale, both communes; four times a year."""
TOWN_COMMITTEE = "comite-port-lanse"
"""Gouvernance, commune port-lanse."""
VALLEY_COMMITTEE = "comite-val-fleuri"
"""Gouvernance, commune val-fleuri."""
OFFICE = "bureau-communautaire"
"""No instance: the contract's only recipient."""

_REASONED = {"retenue", "retenue_en_partie", "non_retenue", "ajournee", "abandonnee"}


def table(rows: Iterable[dict[str, Any]], separator: str = ",") -> str:
    """Return rows as a CSV file; its columns are those that any of them has."""
    rows = list(rows)
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Package:
    """Rows to import; each method adds one and returns the package."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def files(self) -> dict[str, str | bytes]:
        """Return the tables as CSV."""
        return {name: table(rows) for name, rows in self.rows.items()}

    def add(self, name: str, **row: Any) -> "Package":
        """Add a row as it is to a table."""
        self.rows.setdefault(name, []).append(row)
        return self

    def meeting(self, ref: str, day: str, *bodies: str, **more: Any) -> "Package":
        """Add a meeting that was held."""
        row = {"ref": ref, "date": day, "instances": ";".join(bodies), "type": "reunion", "titre": ref}
        return self.add("rencontres", **{**row, "statut": "tenue", **more})

    def proposal(self, ref: str, body: str, *steps: str, **more: Any) -> "Package":
        """Add a proposal and its steps, each written `2025-03-14 etape colonne=valeur ...`."""
        self.add("propositions", ref=ref, titre=ref, instance=body, **more)
        for step in steps:
            self.add("etapes", **_step(ref, step))
        return self

    def opinion(self, ref: str, day: str, **more: Any) -> "Package":
        """Add an opinion."""
        return self.add("avis", ref=ref, date=day, texte="Il manque un banc.", **more)

    def mandate(self, ref: str, body: str, begin: str, end: str = "", **more: Any) -> "Package":
        """Add a mandate."""
        return self.add("mandats", ref=ref, instance=body, debut=begin, fin=end, **more)

    def body(self, slug: str, family: str, kind: str, communes: str, **more: Any) -> "Package":
        """Add an instance."""
        row = {"slug": slug, "nom": slug, "genre": kind, "famille": family, "echelle": "communale"}
        return self.add("instances", **{**row, "communes": communes, **more})


def _step(ref: str, written: str) -> dict[str, str]:
    day, kind, *more = written.split()
    row = {"proposition": ref, "date": day, "etape": kind}
    if kind in _REASONED:
        row["motif"] = "Parce que."
    if kind == "transmise":
        row["vers"] = OFFICE
    return row | dict(part.split("=", 1) for part in more)  # type: ignore[arg-type]  # lists of two
