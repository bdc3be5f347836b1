"""What can be followed: a proposal, an instance, a quartier. All of it is public."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.addresses import body_address, quartier_address
from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.errors import NotFound
from participation.proposals.models import Proposal

WORDS = {"proposition": "proposal", "instance": "body", "quartier": "quartier"}
"""Word of an address -> subject of a subscription."""
_KINDS = {kind: word for word, kind in WORDS.items()}
_TABLES = {
    "proposal": (Proposal.ref, Proposal.title),
    "body": (Body.slug, Body.name),
    "quartier": (Quartier.slug, Quartier.name),
}


@dataclass(frozen=True)
class Subject:
    """One thing that can be followed. `ref` is a proposal's reference, or the slug of an instance or a quartier."""

    kind: str
    ref: str
    name: str
    """French: words of the database."""

    @property
    def word(self) -> str:
        """Return its word in addresses."""
        return _KINDS[self.kind]

    @property
    def path(self) -> str:
        """Return the address of its page, without the host."""
        if self.kind == "proposal":
            return f"/propositions/{quote(self.ref)}"
        return body_address(self.ref) if self.kind == "body" else quartier_address(self.ref)


def get(session: Session, word: str, ref: str) -> Subject:
    """Return what an address names. Raises NotFound."""
    kind = WORDS.get(word)
    found = find_all(session, kind, [ref]) if kind else {}
    if ref not in found:
        raise NotFound(_("Cette page n'existe pas. Cherchez dans les propositions, les instances ou les quartiers."))
    return found[ref]


def find_all(session: Session, kind: str, refs: Iterable[str]) -> dict[str, Subject]:
    """Return those that exist among the things of one kind, by their reference."""
    key, name = _TABLES[kind]
    rows = session.execute(sa.select(key, name).where(key.in_(list(refs))))
    return {ref: Subject(kind, ref, " ".join(text.split())) for ref, text in rows}
