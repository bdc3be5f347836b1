"""What is new since a line of the journal, by what can be followed: the journal says what changed, the pages what is.

A thing is told as it stands when the mail is written, so that a step voided meanwhile is not told, and ten steps in a
day are one piece of news.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session, aliased, defer, undefer

from participation import clock
from participation.bodies.models import Body, body_quartier
from participation.contract.models import Quartier
from participation.formatting import weekday_fr
from participation.journal import JournalEntry
from participation.keys import settings
from participation.meetings.models import Meeting, meeting_body, meeting_quartier
from participation.proposals import history
from participation.proposals.models import Proposal, Step, proposal_quartier
from participation.proposals.queries import find_contract
from participation.subscriptions.subjects import Subject

TOLD = {
    "proposal": (
        *("created", "step_added", "step_voided", "steps_imported", "told", "merged_in"),
        *("action_added", "action_done", "action_told", "action_dropped"),
    ),
    "meeting": ("created", "cancelled", "minutes_published"),
}
"""What the journal notes that is news to everybody, by kind of object. What an import adds is of the past; a correction
of minutes shows on their page, and writes to nobody."""
BATCH = 500
Key = tuple[str, str]
"""(kind, ref) of what can be followed, or of what changed."""


@dataclass
class News:
    """What changed: by what can be followed, each changed thing with the last line of the journal about it."""

    until: int
    changed: dict[Key, dict[Key, int]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, subject: Key, since: int) -> list[Key]:
        """Return what changed after the line `since`, the latest first."""
        found = [(line, thing) for thing, line in self.changed.get(subject, {}).items() if line > since]
        return [thing for _line, thing in sorted(found, reverse=True)]


def collect(session: Session, since: int, until: int) -> News:
    """Return what changed by the journal's lines after `since` and up to `until`."""
    news = News(until)
    for kind, verbs in TOLD.items():
        lines = _last_lines(session, kind, verbs, since, until)
        followed = _of_proposals if kind == "proposal" else _of_meetings
        refs = list(lines)
        for start in range(0, len(refs), BATCH):
            for ref, subject in followed(session, refs[start : start + BATCH]):
                news.changed[subject][kind, ref] = lines[ref]
    return news


def _last_lines(session: Session, kind: str, verbs: Iterable[str], since: int, until: int) -> dict[str, int]:
    query = (
        sa.select(JournalEntry.object_ref, sa.func.max(JournalEntry.id))
        .where(
            JournalEntry.id > since,
            JournalEntry.id <= until,
            JournalEntry.action.in_([f"{kind}.{verb}" for verb in verbs]),
        )
        .group_by(JournalEntry.object_ref)
    )
    return dict(session.execute(query).all())


# Who follows what changed


def _of_proposals(session: Session, refs: list[str]) -> Iterator[tuple[str, Key]]:
    """Yield each proposal with what follows it: itself, what was merged into it, its instances, its quartiers."""
    asked = Proposal.ref.in_(refs)
    for ref in refs:
        yield ref, ("proposal", ref)
    yield from _merged_into(session, refs)
    named = sa.exists().where(proposal_quartier.c.proposal_id == Proposal.id)
    queries = {
        "body": (
            sa.select(Proposal.ref, Body.slug).join(Body, Body.id == Proposal.body_id).where(asked),
            sa.select(Proposal.ref, Body.slug)
            .join(Step, Step.proposal_id == Proposal.id)
            .join(Body, Body.id == Step.to_body_id)
            .where(asked, Step.voided_on.is_(None)),
        ),
        "quartier": (
            sa.select(Proposal.ref, Quartier.slug)
            .join(proposal_quartier, proposal_quartier.c.proposal_id == Proposal.id)
            .join(Quartier, Quartier.id == proposal_quartier.c.quartier_id)
            .where(asked),
            sa.select(Proposal.ref, Quartier.slug)
            .join(body_quartier, body_quartier.c.body_id == Proposal.body_id)
            .join(Quartier, Quartier.id == body_quartier.c.quartier_id)
            .where(asked, ~named),
        ),
    }
    yield from _pairs(session, queries)


def _merged_into(session: Session, refs: list[str]) -> Iterator[tuple[str, Key]]:
    """Yield each proposal with those that were merged into it, however many times over."""
    source = aliased(Proposal)
    query = (
        sa.select(Proposal.ref, source.ref)
        .join(Step, Step.to_proposal_id == Proposal.id)
        .join(source, source.id == Step.proposal_id)
        .where(Step.kind == "regroupee", Step.voided_on.is_(None))
    )
    reached: dict[str, set[str]] = {ref: {ref} for ref in refs}
    while reached:
        found = session.execute(query.where(Proposal.ref.in_(list(reached)))).all()
        following: dict[str, set[str]] = defaultdict(set)
        for into, merged in found:
            for ref in reached[into]:
                yield ref, ("proposal", merged)
            following[merged] |= reached[into]
        reached = following


def _of_meetings(session: Session, refs: list[str]) -> Iterator[tuple[str, Key]]:
    """Yield each meeting with the instances that hold it and its quartiers."""
    asked = Meeting.ref.in_(refs)
    bodies = sa.select(Meeting.ref, Body.slug).join(meeting_body, meeting_body.c.meeting_id == Meeting.id)
    named = sa.exists().where(meeting_quartier.c.meeting_id == Meeting.id)
    queries = {
        "body": (bodies.join(Body, Body.id == meeting_body.c.body_id).where(asked),),
        "quartier": (
            sa.select(Meeting.ref, Quartier.slug)
            .join(meeting_quartier, meeting_quartier.c.meeting_id == Meeting.id)
            .join(Quartier, Quartier.id == meeting_quartier.c.quartier_id)
            .where(asked),
            sa.select(Meeting.ref, Quartier.slug)
            .join(meeting_body, meeting_body.c.meeting_id == Meeting.id)
            .join(body_quartier, body_quartier.c.body_id == meeting_body.c.body_id)
            .join(Quartier, Quartier.id == body_quartier.c.quartier_id)
            .where(asked, ~named),
        ),
    }
    yield from _pairs(session, queries)


def _pairs(session: Session, queries: Mapping[str, tuple["sa.Select[str, str]", ...]]) -> Iterator[tuple[str, Key]]:
    for kind, several in queries.items():
        for query in several:
            for ref, slug in session.execute(query):
                yield ref, (kind, slug)


# In words


class Teller:
    """Tells changed things in a language, each once: the same news goes to many."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._today = clock.today()
        self._told: dict[tuple[Key, str], str | None] = {}

    def tell(self, thing: Key, language: str) -> str | None:
        """Return the paragraph of what changed; None where there is nothing to tell of it today."""
        asked = thing, language
        if asked not in self._told:
            with force_locale(language):
                self._told[asked] = self._proposal(thing[1]) if thing[0] == "proposal" else self._meeting(thing[1])
        return self._told[asked]

    def _proposal(self, ref: str) -> str | None:
        query = sa.select(Proposal).where(Proposal.ref == ref).options(undefer(Proposal.answer_due_on))
        proposal = self._session.scalar(query)
        if proposal is None:
            return None
        due = history.due_of(proposal, find_contract(self._session), self._today)
        title = _("Proposition : %(title)s", title=" ".join(proposal.title.split()))
        address = settings().public_url + Subject("proposal", ref, "").path
        return "\n".join((title, history.state_sentence(proposal, due), address))

    def _meeting(self, ref: str) -> str | None:
        query = sa.select(Meeting).where(Meeting.ref == ref).options(defer(Meeting.minutes, raiseload=True))
        meeting = self._session.scalar(query)
        sentence = _meeting_sentence(meeting, self._today) if meeting else None
        return f"{sentence}\n{settings().public_url}/rencontres/{ref}" if sentence else None


def _meeting_sentence(meeting: Meeting, today: dt.date) -> str | None:
    """Say what is new of a meeting; its title may name a place, so the day alone is told."""
    day = weekday_fr(meeting.held_on)
    if meeting.status == "annulee":
        return _("La rencontre du %(day)s est annulée.", day=day) if meeting.held_on >= today else None
    if meeting.minutes_are_public:
        return _("Le compte rendu de la rencontre du %(day)s est publié.", day=day)
    return _("Une rencontre est prévue : %(day)s.", day=day) if meeting.held_on >= today else None
