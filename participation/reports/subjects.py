"""What can be reported: a published opinion, a proposal's text, an answer, minutes and decisions of a meeting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body
from participation.errors import NotFound
from participation.meetings.models import Meeting
from participation.opinions import queries as opinions
from participation.opinions.models import PUBLIC_MODERATION, Opinion
from participation.permissions import Place, Placed
from participation.proposals.models import OUTCOMES, Proposal

if TYPE_CHECKING:
    from sqlalchemy.orm.strategy_options import _AbstractLoad

WORDS_OF_ADDRESSES = {"avis": "opinion", "proposition": "proposal", "reponse": "answer", "compte-rendu": "minutes"}
"""How an address names each subject."""
NAMES = {
    "opinion": _l("Un avis"),
    "proposal": _l("Une proposition"),
    "answer": _l("Une réponse"),
    "minutes": _l("Un compte rendu"),
}


@dataclass(frozen=True)
class Subject:
    """A text that may be reported, as it stands now; `thing` is the row that holds it."""

    kind: str
    ref: str
    thing: Placed
    title: str | None
    """None for an opinion: it has none."""
    text: str
    language: str | None
    public: bool
    """Whether everybody may read it."""

    @property
    def name(self) -> Any:
        """What it is, in words."""
        return NAMES[self.kind]

    def places(self) -> set[Place]:
        """Return where it belongs (permissions.py)."""
        return self.thing.places()


def find_public(session: Session, word: str, ref: str) -> Subject:
    """Return what an address names. Raises NotFound where there is nothing that everybody may read."""
    subject = find(session, WORDS_OF_ADDRESSES.get(word, ""), ref)
    if subject is None or not subject.public:
        raise NotFound(_("Ce texte n'est plus publié, ou il n'existe pas."))
    return subject


def find(session: Session, kind: str, ref: str) -> Subject | None:
    """Return the subject, published or not; None where there is none."""
    return find_all(session, [(kind, ref)]).get((kind, ref))


def find_all(session: Session, named: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Subject]:
    """Return the subjects named (kind, ref) that exist, in three queries and what their rights need."""
    refs: dict[str, set[str]] = {}
    for kind, ref in named:
        refs.setdefault(kind, set()).add(ref)
    said = opinions.list_by_refs(session, sorted(refs.get("opinion", ())))
    proposed = _proposals(session, sorted(refs.get("proposal", set()) | refs.get("answer", set())))
    met = _meetings(session, sorted(refs.get("minutes", ())))
    found = [_opinion(opinion) for opinion in said]
    found += [_proposal(proposal) for proposal in proposed if proposal.ref in refs.get("proposal", ())]
    found += [
        answer for proposal in proposed if (answer := _answer(proposal)) and proposal.ref in refs.get("answer", ())
    ]
    found += [_minutes(meeting) for meeting in met]
    return {(subject.kind, subject.ref): subject for subject in found}


def _opinion(opinion: Opinion) -> Subject:
    public = opinion.moderation == PUBLIC_MODERATION and opinion.withdrawal_asked_at is None
    return Subject("opinion", opinion.ref, opinion, None, opinion.text, opinion.language, public)


def _proposal(proposal: Proposal) -> Subject:
    return Subject("proposal", proposal.ref, proposal, proposal.title, proposal.text or "", "fr", public=True)


def _answer(proposal: Proposal) -> Subject | None:
    """Return what was answered to the proposal, the last answer first: yes, no, later, or why it stopped."""
    answers = [step for step in reversed(proposal.steps) if step.kind in OUTCOMES and step.voided_on is None]
    if not answers:
        return None
    text = "\n".join(part for step in answers for part in (step.short_answer, step.reason) if part)
    return Subject("answer", proposal.ref, proposal, proposal.title, text, "fr", public=True)


def _minutes(meeting: Meeting) -> Subject:
    """Return what was published of a meeting: its decisions, at once, and its minutes, once they are public."""
    minutes = meeting.minutes if meeting.minutes_are_public else None
    text = "\n".join(filter(None, (*(decision.text for decision in meeting.decisions), minutes)))
    return Subject("minutes", meeting.ref, meeting, meeting.title, text, "fr", bool(text))


def _proposals(session: Session, refs: list[str]) -> list[Proposal]:
    query = sa.select(Proposal).where(Proposal.ref.in_(refs)).order_by(Proposal.id)
    parts = (
        selectinload(Proposal.body).options(*_body_parts()),
        selectinload(Proposal.quartiers),
        selectinload(Proposal.steps),
    )
    return list(session.scalars(query.options(*parts))) if refs else []


def _meetings(session: Session, refs: list[str]) -> list[Meeting]:
    query = sa.select(Meeting).where(Meeting.ref.in_(refs)).order_by(Meeting.id)
    parts = (
        selectinload(Meeting.bodies).options(*_body_parts()),
        selectinload(Meeting.quartiers),
        selectinload(Meeting.decisions),
    )
    return list(session.scalars(query.options(*parts))) if refs else []


def _body_parts() -> "tuple[_AbstractLoad, ...]":
    return selectinload(Body.communes), selectinload(Body.quartiers)
