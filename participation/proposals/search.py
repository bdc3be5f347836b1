"""Search in what proposals say: an inverted index of our own, the same on both databases (decisions/0012).

A text is found if it holds, for each word asked, a word with the same beginning once both are stemmed. `ProposalWord`
follows the titles and texts: who writes them calls `index`, or `index_rows` in bulk.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.proposals.models import Proposal, ProposalWord
from participation.proposals.stems import stems, words

MOST_WORDS = 8
"""Words of a question that are looked for; a longer one is cut."""
FEW = 1_000
"""Entries of a word that are read at once; one with more is common, and is looked up proposal by proposal instead."""
BATCH = 2_000
_LAST = "\U0010ffff"

_TABLE: sa.Table = ProposalWord.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider


# Keep in step


def index(session: Session, proposal: Proposal) -> None:
    """Write the proposal's words again, after its title or text changed. Flushes; the caller commits."""
    session.flush()
    forget(session.connection(), [proposal.id])
    index_rows(session.connection(), [(proposal.id, proposal.title, proposal.text)])


def forget(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Remove the words of these proposals, given by identifier."""
    rows = [{"of": number} for number in numbers]
    if rows:
        connection.execute(_TABLE.delete().where(_TABLE.c.proposal_id == sa.bindparam("of")), rows)


def index_rows(connection: sa.Connection, texts: Iterable[tuple[int, str, str | None]]) -> None:
    """Add the words of proposals that have none, given as (identifier, title, text), in bulk."""
    rows: list[dict[str, object]] = []
    for number, title, text in texts:
        rows += word_rows(number, title, text)
        if len(rows) >= BATCH:
            connection.execute(_TABLE.insert(), rows)
            rows = []
    if rows:
        connection.execute(_TABLE.insert(), rows)


def word_rows(number: int, title: str, text: str | None) -> list[dict[str, object]]:
    """Return the rows of a proposal's words."""
    return [{"word": stem, "proposal_id": number} for stem in sorted(stems(f"{title} {text or ''}"))]


def index_missing(session: Session) -> int:
    """Give their words to the proposals that have none; return how many there were. The caller commits."""
    wordless = ~sa.exists().where(ProposalWord.proposal_id == Proposal.id)
    query = sa.select(Proposal.id, Proposal.title, Proposal.text).where(wordless).order_by(Proposal.id)
    rows = [(number, title, text) for number, title, text in session.execute(query)]
    index_rows(session.connection(), rows)
    return len(rows)


def rebuild(session: Session) -> int:
    """Write the whole index again, as after a change of the stems; return how many proposals. The caller commits."""
    session.execute(_TABLE.delete())
    return index_missing(session)


# Find


def matching(session: Session, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a proposal holds each word of `text`; false where `text` has no word to look for.

    Costs one query a word, `MOST_WORDS` at most. The rarest words decide: where one has few entries they are read, and
    the condition names the proposals; where all are common, the list's own order finds a page of them soon.
    """
    asked = words(text)[:MOST_WORDS]
    if not asked:
        return sa.false()
    few: set[int] | None = None
    common = []
    for forms in asked:
        found = _entries(session, forms)
        if found is None:
            common.append(_holds(forms))
        else:
            few = found if few is None else few & found
    named = [] if few is None else [Proposal.id.in_(sorted(few))]
    return sa.and_(*named, *common)


def _entries(session: Session, forms: Iterable[str]) -> set[int] | None:
    """Return the proposals that hold a word beginning as one of `forms`; None where there are too many entries."""
    query = sa.select(ProposalWord.proposal_id).where(_begins(forms)).limit(FEW + 1)
    found = list(session.scalars(query))
    return set(found) if len(found) <= FEW else None


def _holds(forms: Iterable[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where(ProposalWord.proposal_id == Proposal.id, _begins(forms))


def _begins(forms: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a word begins as one of `forms`: a range of the index, whatever is in them."""
    ordered = sorted(forms)
    shortest = [form for form in ordered if not any(form != other and form.startswith(other) for other in ordered)]
    return sa.or_(*(sa.and_(ProposalWord.word >= form, ProposalWord.word < form + _LAST) for form in shortest))
