"""Proposals that say nearly the same: three are suggested, never merged; a person decides.

Measured on pairs of French sentences, no score parts true twins from strangers (the worst twin scored below the best
stranger), so none is used to decide: the three best are shown to whoever writes, and nothing else happens.
"""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.proposals.models import Proposal, ProposalWord
from participation.proposals.stems import first_stems, stems

SUGGESTED = 3
MOST_STEMS = 40
"""Stems of a text that are looked up; the longest ones, which say most."""
MOST_OF_A_STEM = 200
"""Proposals looked at for one stem: the latest."""
MOST_COMPARED = 60
"""Proposals whose words are compared one by one."""
LEFT_OUT = ("regroupee", "retiree")
"""States of what lives on elsewhere, or nowhere."""
LONGEST_COMPARED = 2_000
"""Characters of a text that are compared."""


@dataclass(frozen=True)
class Near:
    """A proposal and how near it is, from 0 to 100: good to order them, not to decide."""

    proposal: Proposal
    score: float


def similar(session: Session, text: str, *, leave_out: int | None = None, most: int = SUGGESTED) -> list[Near]:
    """Return the proposals that are nearest to `text`, the nearest first; `leave_out` is an identifier.

    Costs two queries that do not grow with the table, and that of the quartiers.
    """
    candidates = _sharing(session, text, leave_out)
    if not candidates:
        return []
    asked = first_stems(text[:LONGEST_COMPARED])
    query = (
        sa.select(Proposal)
        .where(Proposal.id.in_(candidates), Proposal.state.not_in(LEFT_OUT))
        .order_by(Proposal.id.desc())
        .options(selectinload(Proposal.quartiers))
    )
    near = [Near(proposal, _score(asked, proposal)) for proposal in session.scalars(query)]
    return sorted(near, key=lambda one: (-one.score, -one.proposal.id))[:most]


def _sharing(session: Session, text: str, leave_out: int | None) -> list[int]:
    """Return the proposals that share the text's rarest stems, those that share most first."""
    asked = sorted(stems(text), key=lambda stem: (-len(stem), stem))[:MOST_STEMS]
    if not asked:
        return []
    found: dict[str, list[int]] = {}
    for stem, number in session.execute(sa.union_all(*map(_latest_with, asked))):
        if number != leave_out:
            found.setdefault(stem, []).append(number)
    weights: Counter[int] = Counter()
    for numbers in found.values():
        for number in numbers:
            weights[number] += 1_000 // len(numbers)  # a stem that few hold says more
    return [number for number, _weight in sorted(weights.items(), key=_heaviest)[:MOST_COMPARED]]


def _heaviest(weighed: tuple[int, int]) -> tuple[int, int]:
    number, weight = weighed
    return -weight, -number


def _latest_with(stem: str) -> "sa.Select[str, int]":
    query = sa.select(ProposalWord.word, ProposalWord.proposal_id).where(ProposalWord.word == stem)
    latest = query.order_by(ProposalWord.proposal_id.desc()).limit(MOST_OF_A_STEM).subquery()
    return sa.select(latest.c.word, latest.c.proposal_id)


def _score(asked: str, proposal: Proposal) -> float:
    """Compare word by word, endings and order aside (rapidfuzz: token_set_ratio), with the title and with the whole."""
    from rapidfuzz import fuzz  # here, not at every start: heavy, for who writes a proposal

    title = first_stems(proposal.title[:LONGEST_COMPARED])
    whole = f"{title} {first_stems((proposal.text or '')[:LONGEST_COMPARED])}".strip()
    return max(fuzz.token_set_ratio(asked, title), fuzz.token_set_ratio(asked, whole) if whole != title else 0.0)
