"""The open-data package of one civil year: what everybody may read, to use again (exchange-format.md).

The same database gives the same bytes on the same day, whoever asks and in whatever language.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import sqlalchemy as sa

from participation.contract.models import Commune, Contract, Quartier, quartier_commune
from participation.exchange.csvcells import csv_line
from participation.exchange.datapackage import described, resource
from participation.exchange.exporting import Contents
from participation.exchange.tables import DESCRIPTOR, TABLES, VERSION
from participation.exchange.writing import csv_chunks, zip_member

LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte 2.0",
    "path": "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
}
"""The licence of Etalab for public data (CRPA D323-2-1); its name is that of the SPDX list."""


@dataclass(frozen=True)
class File:
    """A CSV file beside the tables of the format: its name without .csv, its Table Schema and its content."""

    name: str
    help: str
    fields: Sequence[dict[str, Any]]
    content: bytes = b""

    def resource(self) -> dict[str, Any]:
        """Return its description for datapackage.json."""
        return described(self.name, self.help, {"fields": list(self.fields), "missingValues": [""]})


_TERRITORIES = (
    {"name": "genre", "type": "string", "description": "commune ou quartier", "constraints": {"required": True}},
    {"name": "slug", "type": "string", "description": "nom court", "constraints": {"required": True}},
    {"name": "nom", "type": "string", "description": "nom", "constraints": {"required": True}},
    {"name": "code_insee", "type": "string", "description": "code Insee de la commune ; vide : pas encore connu"},
    {"name": "code_qpv", "type": "string", "description": "code du quartier prioritaire ; vide : pas encore connu"},
    {"name": "communes", "type": "string", "description": "communes d'un quartier, séparées par « ; »"},
)
"""INSEE and QPV codes are texts: a Corsican one holds a letter, others begin with 0."""


def territories(connection: sa.Connection) -> File:
    """Return the communes and the quartiers of the contract, with the codes by which other data name them."""
    lines = [csv_line(str(field["name"]) for field in _TERRITORIES), *_communes(connection), *_quartiers(connection)]
    help_ = "Les communes et les quartiers du contrat."
    return File("territoires", help_, _TERRITORIES, "".join(lines).encode())


def _communes(connection: sa.Connection) -> Iterator[str]:
    rows = connection.execute(sa.select(Commune.slug, Commune.name, Commune.insee))
    for slug, name, insee in sorted(rows):
        yield csv_line(("commune", slug, name, insee or "", "", ""))


def _quartiers(connection: sa.Connection) -> Iterator[str]:
    pairs = (
        sa.select(quartier_commune.c.quartier_id, Commune.slug)
        .join(Commune, Commune.id == quartier_commune.c.commune_id)
        .order_by(quartier_commune.c.quartier_id)
    )
    communes: dict[int, list[str]] = {}
    for quartier, slug in connection.execute(pairs):
        communes.setdefault(quartier, []).append(slug)
    rows = connection.execute(sa.select(Quartier.slug, Quartier.name, Quartier.qpv_code, Quartier.id))
    for slug, name, code, number in sorted(rows, key=lambda row: row[0]):
        yield csv_line(("quartier", slug, name, "", code or "", ";".join(sorted(communes.get(number, ())))))


@dataclass(frozen=True)
class Package:
    """A year's package: the contents of that year, as open data, and the files beside the tables."""

    contents: Contents
    beside: Sequence[File]

    def chunks(self, name: str) -> Iterator[bytes] | None:
        """Return the pieces of a file of the package; None where it has no such file."""
        if name == DESCRIPTOR:
            return iter([self.descriptor().encode()])
        for table in TABLES:
            if table.file == name:
                return csv_chunks(self.contents, table)
        found = [file for file in self.beside if f"{file.name}.csv" == name]
        return iter([found[0].content]) if found else None

    def names(self) -> list[str]:
        """Return the names of its files, the descriptor first."""
        return [DESCRIPTOR, *(table.file for table in TABLES), *(f"{file.name}.csv" for file in self.beside)]

    def write_zip(self, file: BinaryIO) -> None:
        """Write the whole package as an archive."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in self.names():
                with zip_member(archive, name) as member:
                    member.writelines(self.chunks(name) or ())

    def descriptor(self) -> str:
        """Return the text of datapackage.json (Frictionless Data Package, Table Schemas)."""
        contents, year = self.contents, self.contents.year
        contract = contents.connection.execute(sa.select(Contract.name, Contract.holder)).first()
        package = {
            "profile": "tabular-data-package",
            "name": f"participation-{year}",
            "title": f"{contract.name if contract else 'Participation'} : participation, {year}",
            "description": _LEFT_OUT.format(small=contents.small_count),
            "version": VERSION,
            "licenses": [LICENCE],
            "contributors": [{"title": contract.holder, "role": "publisher"}] if contract else [],
            "resources": [resource(table, contents) for table in TABLES] + [file.resource() for file in self.beside],
        }
        return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


_LEFT_OUT = (
    "Ce qui est public, et rien de plus. N'y sont pas : les noms, les avis que l'équipe n'a pas publiés ou que leur "
    "auteur a repris, les comptes rendus non publiés. Un effectif d'habitants est vide s'il n'a pas été compté, s'il "
    "est inférieur à {small} personnes, ou s'il permettrait d'en calculer un."
)
