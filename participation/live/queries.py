"""What the live screen shows: the state of a meeting as everything that was received makes it. No names, no codes."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from participation.live import counts
from participation.live.counts import Tally
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto, RecordedOpinion, ShowOfHands
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal

_ARRIVALS = 20
"""Arrivals that a device is told of, to take them back."""
_MAKERS = ("avis", "proposition", "decision", "photo", "point_ajoute")


@dataclass(frozen=True)
class Recorded:
    """Something recorded, with the event that can be taken back."""

    event: str
    thing: Any
    card: str | None = None
    hands: int | None = None
    proposal: "Recorded | None" = None
    item: str | None = None
    """Reference of the agenda's item under which it was said."""


@dataclass
class State:
    """A meeting as recorded so far."""

    began: bool = False
    tally: Tally = field(default_factory=Tally)
    items: list[AgendaItem] = field(default_factory=list)
    current: str | None = None
    """Reference of the item that is being spoken of."""
    opinions: list[Recorded] = field(default_factory=list)
    decisions: list[Recorded] = field(default_factory=list)
    photos: list[Recorded] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)
    """Last event of each kind that may be taken back, by kind."""
    made: dict[str, str] = field(default_factory=dict)
    """Event that made each item, by the item's reference."""
    arrivals: list[LiveEvent] = field(default_factory=list)
    """Arrivals that may be taken back, the last one last."""
    taken: int = 0
    """How many events were received: a state with more of them is a later one."""
    devices: dict[str, int] = field(default_factory=dict)
    """The last event received of each device, by its number there; devices send in order."""


def state_of(session: Session, meeting: Meeting) -> State:
    """Return the state of a meeting, in a constant number of queries."""
    events = list(
        session.scalars(
            sa.select(LiveEvent)
            .where(LiveEvent.meeting_id == meeting.id)
            .order_by(LiveEvent.recorded_at, LiveEvent.number, LiveEvent.id)
        )
    )
    standing = [event for event in events if not event.undone_by]
    made = {event.made: event.id for event in standing if event.made and event.kind in _MAKERS}
    proposals = _proposals(session, meeting, made)
    state = State(
        began=any(event.kind == "commence" for event in standing),
        tally=counts.tally(events),
        items=_items(session, meeting),
        opinions=_opinions(session, meeting, proposals),
        decisions=[Recorded(made[row.ref], row) for row in _decisions(session, meeting) if row.ref in made],
        photos=[Recorded(made[row.ref], row) for row in _photos(session, meeting) if row.ref in made],
    )
    for event in standing:
        if event.kind == "point":
            state.current = event.made
        state.last[event.kind] = event.id
        if event.kind == "arrivee":
            state.arrivals.append(event)
    for event in events:
        state.devices[event.device] = max(event.number, state.devices.get(event.device, 0))
    state.taken, state.made = len(events), made
    return state


def _items(session: Session, meeting: Meeting) -> list[AgendaItem]:
    query = sa.select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
    return list(session.scalars(query.order_by(AgendaItem.position, AgendaItem.id)))


def _opinions(session: Session, meeting: Meeting, proposals: dict[int, Recorded]) -> list[Recorded]:
    rows = session.scalars(
        sa.select(RecordedOpinion)
        .join(RecordedOpinion.opinion)
        .join(LiveEvent, LiveEvent.id == RecordedOpinion.event_id)
        .where(Opinion.meeting_id == meeting.id, LiveEvent.undone_by.is_(None))
        .options(joinedload(RecordedOpinion.opinion).joinedload(Opinion.theme), joinedload(RecordedOpinion.agenda_item))
        .order_by(LiveEvent.recorded_at, LiveEvent.number, LiveEvent.id)
    )
    return [
        Recorded(
            str(row.event_id),
            row.opinion,
            row.card,
            proposal=proposals.get(row.opinion.proposal_id or 0),
            item=row.agenda_item.ref if row.agenda_item else None,
        )
        for row in rows
    ]


def _proposals(session: Session, meeting: Meeting, made: dict[str, str]) -> dict[int, Recorded]:
    """Return the proposals made at the meeting, by their identifier, with the hands raised for each."""
    query = (
        sa.select(Proposal, ShowOfHands.hands)
        .outerjoin(ShowOfHands, sa.and_(ShowOfHands.proposal_id == Proposal.id, ShowOfHands.meeting_id == meeting.id))
        .where(Proposal.ref.in_(list(made)))
    )
    return {row.id: Recorded(made[row.ref], row, hands=hands) for row, hands in session.execute(query)}


def _decisions(session: Session, meeting: Meeting) -> list[Decision]:
    return list(session.scalars(sa.select(Decision).where(Decision.meeting_id == meeting.id).order_by(Decision.id)))


def _photos(session: Session, meeting: Meeting) -> list[MeetingPhoto]:
    query = sa.select(MeetingPhoto).where(MeetingPhoto.meeting_id == meeting.id, MeetingPhoto.erased_at.is_(None))
    return list(session.scalars(query.order_by(MeetingPhoto.id)))


def in_words(state: State) -> dict[str, Any]:
    """Return the state as JSON for another device (keys in French, as in events)."""
    few = state.tally.few
    return {
        "commence": state.began,
        "termine": state.tally.over,
        "habitants": state.tally.residents,
        "tranches": {} if few else dict(state.tally.bands),
        "comptes": dict(state.tally.counts),
        "institutions": list(state.tally.institutions),
        "points": [
            {
                "ref": item.ref,
                "id": state.made.get(item.ref),
                "titre": item.title,
                "courant": item.ref == state.current,
                "note": item.notes,
            }
            for item in state.items
        ],
        "avis": [_opinion_in_words(one) for one in state.opinions],
        "decisions": [
            {
                "id": one.event,
                "texte": one.thing.text,
                "responsable": one.thing.owner,
                "echeance": one.thing.due_on.isoformat() if one.thing.due_on else None,
                "reponse_de": one.thing.answer_from,
            }
            for one in state.decisions
        ],
        "photos": [{"id": one.event, "description": one.thing.description} for one in state.photos],
        "arrivees": [_arrival_in_words(event, few) for event in state.arrivals[-_ARRIVALS:]],
        "nombre": state.taken,
        "recus_de": state.devices,
    }


def _arrival_in_words(event: LiveEvent, few: bool) -> dict[str, Any]:
    return {"id": event.id, "n": event.data["n"], "tranche": "inconnue" if few else event.data["tranche"]}


def _opinion_in_words(one: Recorded) -> dict[str, Any]:
    proposal = one.proposal
    return {
        "id": one.event,
        "texte": one.thing.text,
        "theme": one.thing.theme.slug if one.thing.theme else None,
        "langue": one.thing.language,
        "carte": one.card,
        "proposition": {"id": proposal.event, "titre": proposal.thing.title, "mains": proposal.hands}
        if proposal
        else None,
    }
