"""What can be asked about recordings and photos. Every list has an order."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation.errors import NotFound
from participation.extensions import Model
from participation.media.models import Media
from participation.opinions.models import Opinion
from participation.opinions.queries import whole

Table = TypeVar("Table", bound=Model)


def get_media(session: Session, ref: str) -> Media:
    """Return the recording or photo with what its rights need; an erased one too. Raises NotFound."""
    query = sa.select(Media).where(Media.ref == ref).options(selectinload(Media.opinion).options(*whole()))
    media = session.scalar(query)
    if media is None:
        raise NotFound(_("Ce fichier n'est plus là."))
    return media


def of_opinion(session: Session, opinion: Opinion) -> list[Media]:
    """Return what came with an opinion, erased or not, in the order in which it came."""
    return list(session.scalars(sa.select(Media).where(Media.opinion_id == opinion.id).order_by(Media.id)))


def of_opinions(session: Session, opinions: Iterable[Opinion]) -> dict[int, list[Media]]:
    """Return what is still there of several opinions, by the opinion's identifier, in one query."""
    found: dict[int, list[Media]] = {}
    wanted = [opinion.id for opinion in opinions]
    if wanted:
        query = sa.select(Media).where(Media.opinion_id.in_(wanted), Media.erased_at.is_(None)).order_by(Media.id)
        for media in session.scalars(query):
            found.setdefault(media.opinion_id, []).append(media)
    return found


_holders: list[Any] = [Media]


def holds_files(model: type[Table]) -> type[Table]:
    """Have files named by rows of a higher feature's table kept as those of Media: counted, checked, never swept.

    The table has `ref`, `stored_name`, `size` (bytes), `sha256`, `created_at` and `erased_at`. A class decorator.
    """
    _holders.append(model)
    return model


def holders() -> tuple[Any, ...]:
    """Return the tables whose rows name files in the folder of uploads, Media first."""
    return tuple(_holders)


def total_bytes(session: Session) -> int:
    """Return how many bytes all stored files have together."""
    sums = (sa.select(sa.func.coalesce(sa.func.sum(one.size), 0)).where(one.erased_at.is_(None)) for one in _holders)
    return sum(session.scalar(query) or 0 for query in sums)


def kept_or_erased(session: Session, names: Sequence[str]) -> dict[str, bool]:
    """Return of each of these stored names that a row has whether its file is kept."""
    found: dict[str, bool] = {}
    for one in _holders:
        rows = session.execute(sa.select(one.stored_name, one.erased_at.is_(None)).where(one.stored_name.in_(names)))
        found.update({name: bool(kept) for name, kept in rows})
    return found
