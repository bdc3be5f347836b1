"""The place of an assessment: the whole contract, one commune, one quartier or one instance."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body
from participation.contract.models import Commune, Contract, Quartier
from participation.errors import NotFound
from participation.permissions import Place as RightsPlace

CONTRACT = "contract"
KINDS = (CONTRACT, "commune", "quartier", "instance")
PUBLIC_KINDS = (CONTRACT, "commune", "quartier")
"""Scopes whose figures anybody may read (interfaces.md, Public figures)."""

_MODELS: dict[str, Any] = {"commune": Commune, "quartier": Quartier, "instance": Body}


class UnknownPlace(NotFound):
    """No commune, quartier or instance has this slug; the message names the nearest one."""


@dataclass(frozen=True)
class Scope:
    """A scope as it is written: its kind, and the slug that the contract's own scope has not."""

    kind: str = CONTRACT
    slug: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Return the scope written `contract`, `commune:SLUG`, `quartier:SLUG` or `instance:SLUG`.

        Raises ValueError with a French sentence; whether the slug exists is asked by `find_place`.
        """
        kind, colon, slug = text.partition(":")
        if text == CONTRACT:
            return cls()
        if kind in _MODELS and colon and slug:
            return cls(kind, slug)
        raise ValueError(
            _(
                "« %(text)s » n'est pas un périmètre. Écrivez contract, commune:arras, quartier:… ou instance:….",
                text=text,
            )
        )

    @property
    def public(self) -> bool:
        """Whether anybody may read its figures."""
        return self.kind in PUBLIC_KINDS

    def __str__(self) -> str:
        return self.kind if self.slug is None else f"{self.kind}:{self.slug}"


@dataclass(frozen=True)
class Place:
    """A scope found in the database."""

    scope: Scope
    id: int
    name: str
    population: int | None = None
    """Residents, for D5: of the contract's QPVs, or of a quartier where it is known; None everywhere else."""
    belongs: frozenset[RightsPlace] = frozenset()

    def places(self) -> set[RightsPlace]:
        """Return what the place is and belongs to (permissions.py); the contract belongs to no narrower right."""
        return set(self.belongs)


def find_place(session: Session, scope: Scope) -> Place:
    """Return the place of `scope`. Raises UnknownPlace, naming the nearest slug, or where no contract is loaded."""
    if scope.kind == CONTRACT:
        contract = session.get(Contract, 1)
        if contract is None:
            raise UnknownPlace(_("Aucun contrat n'est chargé. Chargez-le avec « participation init »."))
        return Place(scope, contract.id, contract.name, contract.population)
    model = _MODELS[scope.kind]
    query = sa.select(model).where(model.slug == scope.slug)
    if model is not Commune:
        query = query.options(selectinload(model.communes))
    if model is Body:
        query = query.options(selectinload(model.quartiers))
    found = session.scalar(query)
    if found is None:
        raise UnknownPlace(_unknown(session, scope))
    belongs = {("commune", found.slug)} if isinstance(found, Commune) else found.places()
    population = found.population if isinstance(found, Quartier) else None
    return Place(scope, found.id, found.name, population, frozenset(belongs))


def _unknown(session: Session, scope: Scope) -> str:
    slugs = session.scalars(sa.select(_MODELS[scope.kind].slug))
    nearest = get_close_matches(scope.slug or "", list(slugs), n=1, cutoff=0.0)
    if not nearest:
        return _("Le périmètre « %(scope)s » n'existe pas.", scope=scope)
    return _(
        "Le périmètre « %(scope)s » n'existe pas. Le plus proche : %(kind)s:%(nearest)s.",
        scope=scope,
        kind=scope.kind,
        nearest=nearest[0],
    )
