"""Residents' short evaluation of what was done: a face, and words if they like. No account, one per phone.

« Les habitants participeront aux actions qu'ils auront co-construites et à leur évaluation » (contract l.1813). The
database knows a phone on this proposal alone, as for supports (proposals/supports.py). Faces count at once; words are
public once the team has read them. Rules and queries without HTTP; the caller commits.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation import clock, journal
from participation.actions.models import FACES, Evaluation
from participation.database import insert_into
from participation.errors import Conflict, NotFound, Refusal
from participation.keys import keyed_hash, settings
from participation.paging import Page, page_by_date
from participation.people import rates
from participation.permissions import TEAM, Acting
from participation.proposals import queries as proposal_queries
from participation.proposals.models import Proposal
from participation.refs import new_ref

LONGEST = 500
"""Characters of the words: a short evaluation."""
MOST_FROM_AN_ADDRESS = 450
"""Taps in a quarter of an hour from one network address, as for supports (security.md R09)."""
SHOWN = 20
"""Words shown on the page of a proposal, the latest."""
WAITING, PUBLISHED, REJECTED = "en_attente", "publie", "rejete"


class TooMany(Refusal):
    """So many taps from one address that it is a script, or a crowd that can wait."""

    status = 429


@dataclass(frozen=True)
class Tally:
    """What phones said: of each face how many, and which is this phone's, if any."""

    counts: Mapping[str, int]
    mine: Evaluation | None

    @property
    def shown(self) -> dict[str, int]:
        """Return what everybody may read of the counts."""
        return rounded(self.counts, settings().small_count)


def rounded(counts: Mapping[str, int], step: int) -> dict[str, int]:
    """Return of each count the multiple of `step` that it has reached; 0 for none.

    No figure below `step` can be read from these, nor had by subtracting one from another, today or from one day to
    the next (security.md R18).
    """
    return {face: number - number % step for face, number in counts.items()}


# A phone


def is_open(proposal: Proposal) -> bool:
    """Whether residents may say what they think of it: it is done."""
    return proposal.state == "realisee"


def give(session: Session, proposal: Proposal, phone: str, face: str, address: str) -> None:
    """Count the phone's face, in the place of the one it gave before. Words it gave stay.

    `address` is the network address, kept as a keyed hash for a quarter of an hour. Raises Refusal where the proposal
    is not done, or for a face that is none, and TooMany.
    """
    if not is_open(proposal):
        raise Refusal(_("Cette proposition n'est pas encore faite. Revenez plus tard."))
    if face not in FACES:
        raise Refusal(_("Choisissez un des trois visages."))
    _meter(session, address)
    row = insert_into(session, Evaluation).values(
        ref=new_ref("eval", str(clock.today().year)),
        proposal_id=proposal.id,
        phone_hash=hash_of(phone, proposal),
        face=face,
        moderation=PUBLISHED,
        given_on=clock.today(),
    )
    mine = [Evaluation.proposal_id, Evaluation.phone_hash]
    session.execute(row.on_conflict_do_update(index_elements=mine, set_={"face": face}))


def say(session: Session, proposal: Proposal, phone: str, words: str | None, language: str, address: str) -> bool:
    """Keep the words of a phone that gave a face; return whether they changed. The team reads them before they show.

    `language` is the page's (BCP 47); None for `words` takes them back. Raises Refusal without a face or for words
    that are too long, and TooMany.
    """
    mine = of_phone(session, proposal, phone)
    if mine is None or not is_open(proposal):
        raise Refusal(_("Choisissez d'abord un des trois visages."))
    if words and len(words) > LONGEST:
        raise Refusal(_("C'est trop long. Écrivez %(max)s lettres au plus.", max=LONGEST), field="mots")
    _meter(session, address)
    if mine.words == words:
        return False
    mine.words, mine.language = words, language if words else None
    mine.moderation, mine.moderation_reason = (WAITING if words else PUBLISHED), None
    return True


def take_back(session: Session, proposal: Proposal, phone: str, address: str) -> bool:
    """Take back all that the phone said; return whether there was something. Raises TooMany."""
    _meter(session, address)
    mine = sa.and_(Evaluation.proposal_id == proposal.id, Evaluation.phone_hash == hash_of(phone, proposal))
    removed = session.execute(sa.delete(Evaluation).where(mine))
    return bool(removed.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def of_phone(session: Session, proposal: Proposal, phone: str) -> Evaluation | None:
    """Return what this phone said of the proposal."""
    query = sa.select(Evaluation).where(
        Evaluation.proposal_id == proposal.id, Evaluation.phone_hash == hash_of(phone, proposal)
    )
    return session.scalar(query)


def hash_of(phone: str, proposal: Proposal) -> str:
    """Return the keyed hash by which the database knows this phone on this proposal, and on no other."""
    return keyed_hash(f"{phone}\0{proposal.ref}", "evaluation")


def _meter(session: Session, address: str) -> None:
    if rates.tries(session, "evaluation", address) >= MOST_FROM_AN_ADDRESS:
        raise TooMany(_("Il y a beaucoup de réponses en même temps. Réessayez dans un quart d'heure."))
    rates.note(session, "evaluation", address)


# What everybody reads


def tally(session: Session, proposal: Proposal, phone: str | None) -> Tally:
    """Return what phones said of a proposal."""
    query = (
        sa.select(Evaluation.face, sa.func.count())
        .where(Evaluation.proposal_id == proposal.id)
        .group_by(Evaluation.face)
    )
    found = dict(session.execute(query).all())
    mine = of_phone(session, proposal, phone) if phone else None
    return Tally({face: found.get(face, 0) for face in FACES}, mine)


def list_published(session: Session, proposal: Proposal) -> list[Evaluation]:
    """Return the latest words that the team has published, the latest first."""
    query = (
        sa.select(Evaluation)
        .where(
            Evaluation.proposal_id == proposal.id,
            Evaluation.moderation == PUBLISHED,
            Evaluation.words.is_not(None),
        )
        .order_by(Evaluation.id.desc())
        .limit(SHOWN)
    )
    return list(session.scalars(query))


# The team reads the words


def get_evaluation(session: Session, ref: str) -> Evaluation:
    """Return an evaluation with what its rights need. Raises NotFound."""
    row = session.scalar(sa.select(Evaluation).where(Evaluation.ref == ref).options(selectinload(Evaluation.proposal)))
    if row is None:
        raise NotFound(_("Ces mots ne sont plus là : la personne les a retirés."))
    proposal_queries.find_proposal(session, row.proposal.ref)  # with what its places need
    return row


def list_for_team(session: Session, account: Acting, moderation: str, arguments: Mapping[str, str]) -> Page[Evaluation]:
    """Return one page of the words of this moderation that the account may read: those to read oldest first."""
    query = _with_words(account, moderation).options(
        selectinload(Evaluation.proposal).load_only(Proposal.id, Proposal.ref, Proposal.title)
    )
    newest_first = moderation != WAITING
    return page_by_date(session, query, Evaluation.given_on, Evaluation.id, arguments, newest_first=newest_first)


def count_waiting(session: Session, account: Acting) -> int:
    """Return how many words wait to be read by this account."""
    return session.scalar(sa.select(sa.func.count()).select_from(_with_words(account, WAITING).subquery())) or 0


def _with_words(account: Acting, moderation: str) -> "sa.Select[Evaluation]":
    query = (
        sa.select(Evaluation)
        .join(Proposal, Proposal.id == Evaluation.proposal_id)
        .where(Evaluation.moderation == moderation, Evaluation.words.is_not(None))
    )
    return query if account.role in TEAM else query.where(proposal_queries.carried_in(account.scopes))


def seal_of(row: Evaluation) -> str:
    """Return what tells the words that were read from others: they may be changed while somebody reads them."""
    return hashlib.sha256((row.words or "").encode()).hexdigest()


def moderate(session: Session, row: Evaluation, moderation: str, *, reason: str | None, read: str, by: Any) -> bool:
    """Publish the words that were read (`read`: seal_of), or refuse to, for a reason; return whether that is new.

    Raises Conflict where they have changed meanwhile, Refusal without a reason.
    """
    if row.words is None or seal_of(row) != read:
        raise Conflict(_("La personne a changé ses mots entre-temps. Relisez-les."))
    if moderation not in {PUBLISHED, REJECTED}:
        raise Refusal(_("Choisissez : publier, ou ne pas publier."))
    if moderation == REJECTED and not reason:
        raise Refusal(_("Dites pourquoi ces mots ne sont pas publiés : la personne pourra le lire."), field="reason")
    kept = reason if moderation == REJECTED else None
    if (row.moderation, row.moderation_reason) == (moderation, kept):
        return False
    row.moderation, row.moderation_reason = moderation, kept
    published = moderation == PUBLISHED
    sentence = _("Mots d'une évaluation publiés.") if published else _("Mots d'une évaluation non publiés, avec motif.")
    verb = "words_published" if published else "words_rejected"
    journal.record(session, f"proposal.{verb}", row.proposal.ref, sentence, by=by)
    return True
