"""What the database holds that rows may name: the contract's vocabularies, and the instances."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from participation.bodies.models import Body, BodyKind, body_commune, body_quartier
from participation.contract.models import Commune, Contract, Objective, Quartier, Recipient, Theme, quartier_commune
from participation.errors import Refusal
from participation.exchange.tables import NAMED_TABLES
from participation.permissions import Place

YEARS_AROUND = 10
"""A date of a meeting, step or opinion lies in the contract's years or this many around (exchange-format.md)."""
CHUNK = 1000
"""Rows asked for at a time by their references."""
_VOCABULARIES: dict[str, tuple[type[Any], str]] = {
    "communes": (Commune, "slug"),
    "quartiers": (Quartier, "slug"),
    "thematiques": (Theme, "slug"),
    "objectifs": (Objective, "code"),
    "destinataires": (Recipient, "slug"),
    "instances": (Body, "slug"),
}
NOUNS = {
    "communes": (_l("n'est pas une commune du contrat"), _l("la plus proche")),
    "quartiers": (_l("n'est pas un quartier du contrat"), _l("le plus proche")),
    "thematiques": (_l("n'est pas une thématique du contrat"), _l("la plus proche")),
    "objectifs": (_l("n'est pas un code d'objectif du contrat"), _l("le plus proche")),
    "instances": (_l("n'est pas une instance connue"), _l("la plus proche")),
    "destinataires": (_l("n'est ni une instance ni un destinataire connu"), _l("le plus proche")),
    "rencontres": (_l("n'est la référence d'aucune rencontre, ni de l'import ni de la base"), _l("la plus proche")),
    "propositions": (_l("n'est la référence d'aucune proposition, ni de l'import ni de la base"), _l("la plus proche")),
}
"""By vocabulary: what a word is that is not in it, and how the nearest one is named."""


class NoContract(Refusal):
    """No contract is loaded: there is nothing that rows could name."""


@dataclass(frozen=True)
class Known:
    """Identifiers by slug or code of each vocabulary, and the contract's years."""

    first_year: int
    last_year: int
    ids: dict[str, dict[str, int]]
    kinds: frozenset[str]
    """Kinds of instances."""
    body_places: dict[str, frozenset[Place]]
    quartier_places: dict[str, frozenset[Place]]

    def words(self, vocabulary: str) -> dict[int, str]:
        """Return the slugs or codes of a vocabulary by identifier."""
        return {number: word for word, number in self.ids[vocabulary].items()}


def load(connection: sa.Connection) -> Known:
    """Return what is known. Raises NoContract."""
    years = connection.execute(sa.select(Contract.starts, Contract.ends)).first()
    if years is None:
        raise NoContract(_("Aucun contrat n'est chargé. Lancez d'abord : participation init"))
    ids = {
        name: _pairs(connection, sa.select(getattr(model, key), model.id))
        for name, (model, key) in _VOCABULARIES.items()
    }
    communes, quartiers = ({number: word for word, number in ids[name].items()} for name in ("communes", "quartiers"))
    quartier_places = _places(connection, "quartier", ids["quartiers"], {"commune": (quartier_commune, communes)})
    around = {"commune": (body_commune, communes), "quartier": (body_quartier, quartiers)}
    return Known(
        years.starts - YEARS_AROUND,
        years.ends + YEARS_AROUND,
        ids,
        frozenset(connection.scalars(sa.select(BodyKind.slug))),
        _places(connection, "instance", ids["instances"], around),
        quartier_places,
    )


def _pairs(connection: sa.Connection, query: sa.Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(query)}


def _places(
    connection: sa.Connection, kind: str, ids: dict[str, int], around: dict[str, tuple[sa.Table, dict[int, str]]]
) -> dict[str, frozenset[Place]]:
    """Return by slug the thing itself and what it is attached to (the models' `places()`)."""
    places: dict[int, set[Place]] = {number: {(kind, slug)} for slug, number in ids.items()}
    for what, (link, words) in around.items():
        for own, other in connection.execute(sa.select(*list(link.c)[:2])):
            places[own].add((what, words[other]))
    return {slug: frozenset(places[number]) for slug, number in ids.items()}


def ids_of(connection: sa.Connection, name: str, keys: Collection[str]) -> dict[str, int]:
    """Return the identifiers of the rows of `rencontres`, `propositions` or `instances` that exist, by ref or slug."""
    table = NAMED_TABLES[name]
    assert table.key
    key = table.main.c[table.key]
    query = sa.select(key, table.main.c.id).where(key.in_(sa.bindparam("keys", expanding=True)))
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        found.update((word, number) for word, number in connection.execute(query, {"keys": chunk}))
    return found


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterable[list[Any]]:
    """Yield the items in lists of at most `size`."""
    chunk: list[Any] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
