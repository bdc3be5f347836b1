"""What each kind of event does: it makes an item, an opinion, a proposal, a decision, or changes one of them."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.contract.models import Quartier, Theme
from participation.database import now
from participation.errors import NotFound, Refusal
from participation.following import codes
from participation.following import rules as following
from participation.following.forms import TEAM
from participation.live import undoing
from participation.live.events import VOICE, Event
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto, RecordedOpinion, ShowOfHands
from participation.live.recorder import Recorder
from participation.media import rules as media
from participation.media import storage
from participation.media.intake import Encoded
from participation.meetings import rules as meetings
from participation.meetings.models import Meeting
from participation.meetings.values import Resolution
from participation.opinions import rules as opinions
from participation.opinions.models import PHOTO_ALONE, VOICE_PENDING, Opinion
from participation.opinions.rules import Said
from participation.proposals import rules as proposals
from participation.proposals.models import Proposal
from participation.refs import new_ref
from participation.speaking.rules import plausible_language


@dataclass(frozen=True)
class Taken:
    """An event with what it acts on."""

    session: Session
    meeting: Meeting
    event: Event
    by: Recorder
    file: Encoded | None

    @property
    def data(self) -> dict[str, Any]:
        """Return the fields of the event."""
        return self.event.data

    @property
    def day(self) -> dt.date:
        """Return the day to which it belongs: the meeting's, or today's where that is still to come."""
        return min(self.meeting.held_on, clock.today())


Effect = Callable[[Taken], str | None]


def apply(session: Session, meeting: Meeting, event: Event, *, by: Recorder, file: Encoded | None) -> str | None:
    """Do what the event says; return the reference of what it made, None where it made nothing. Raises Refusal."""
    effect = EFFECTS.get(event.kind)
    return effect(Taken(session, meeting, event, by, file)) if effect else None


# The agenda


def _add_item(taken: Taken) -> str:
    last = taken.session.scalar(
        sa.select(sa.func.max(AgendaItem.position)).where(AgendaItem.meeting_id == taken.meeting.id)
    )
    item = AgendaItem(
        ref=new_ref("point", taken.event.id[:8]),
        meeting=taken.meeting,
        position=(last or 0) + 1,
        title=taken.data["titre"],
    )
    taken.session.add(item)
    return item.ref


def _begin_item(taken: Taken) -> str:
    item = _item(taken)
    if item is None:
        raise Refusal(_("Choisissez un point de l'ordre du jour."))
    if item.started_at is None or taken.event.recorded_at < item.started_at:
        item.started_at = taken.event.recorded_at
    return item.ref


def _note(taken: Taken) -> str:
    item = _item(taken)
    if item is None:
        raise Refusal(_("Choisissez d'abord le point de l'ordre du jour."))
    if not _later(taken, "note", "point", item.ref):
        item.notes = taken.data["texte"]
    return item.ref


def _item(taken: Taken) -> AgendaItem | None:
    """Return the item that the event names, by its reference or by the event that added it."""
    named = taken.data.get("point")
    if not named:
        return None
    added = taken.session.get(LiveEvent, named)
    ref = added.made if added and added.meeting_id == taken.meeting.id else named
    item = taken.session.scalar(
        sa.select(AgendaItem).where(AgendaItem.meeting_id == taken.meeting.id, AgendaItem.ref == ref)
    )
    if item is None:
        raise NotFound(_("Ce point n'est pas à l'ordre du jour. Ajoutez-le d'abord."))
    return item


def _later(taken: Taken, kind: str, name: str, value: str) -> bool:
    """Whether another device wrote the same text later: the last one wins, both stay in the events."""
    others = taken.session.scalars(
        sa.select(LiveEvent).where(
            LiveEvent.meeting_id == taken.meeting.id,
            LiveEvent.kind == kind,
            LiveEvent.id != taken.event.id,
            LiveEvent.recorded_at > taken.event.recorded_at,
            LiveEvent.made == value if name == "point" else LiveEvent.made.is_not(None),
        )
    )
    return any(name == "point" or other.data.get(name) == value for other in others)


# Opinions and proposals


def _log_opinion(taken: Taken) -> str:
    data = taken.data
    opinion = opinions.log(
        taken.session,
        Said(
            text=data["texte"],
            received_on=taken.day,
            quartier=_only_quartier(taken.meeting),
            theme=_theme(taken),
            question=data["question"],
            channel="papier" if data["carte"] else "oral",
            language=data["langue"],
        ),
        meeting=taken.meeting,
        by=taken.by,
    )
    taken.session.add(
        RecordedOpinion(opinion=opinion, event_id=taken.event.id, agenda_item=_item(taken), card=data["carte"])
    )
    if data["code"]:
        following.attach(taken.session, codes.parse(data["code"]) or "", opinion)
    return opinion.ref


def _hear_resident(taken: Taken) -> str:
    """Take in what a resident wrote, said or showed at the kiosk: her own opinion, as from her own telephone."""
    data, file = taken.data, taken.file
    if data["fichier"] and file is None:
        raise Refusal(_("Le message n'est pas arrivé. Envoyez-le de nouveau."))
    if not data["texte"] and file is None:
        raise Refusal(_("Cet avis est vide."))
    said = Said(
        text=data["texte"] or (VOICE_PENDING if data["fichier"] == VOICE else PHOTO_ALONE),
        received_on=taken.day,
        quartier=_only_quartier(taken.meeting),
        question=data["question"],
        channel="telephone",
        language=plausible_language(data["texte"], data["langue"]),
    )
    opinion = opinions.receive(taken.session, said, meeting=taken.meeting, reserve_asked=data["lecture"] == TEAM)
    if file:
        media.keep(taken.session, opinion, file)
    if data["code"]:
        following.attach(taken.session, codes.parse(data["code"]) or "", opinion)
    return opinion.ref


def _change_opinion(taken: Taken) -> str:
    opinion = _opinion(taken)
    if not _later(taken, "avis_change", "avis", taken.data["avis"]):
        said = Said(
            text=taken.data["texte"],
            theme=_theme(taken),
            **{name: getattr(opinion, name) for name in opinions.LABELS if name not in ("text", "theme")},
        )
        opinions.edit(taken.session, opinion, said, version=opinion.version, by=taken.by)
    return opinion.ref


def _propose(taken: Taken) -> str:
    opinion = _opinion(taken)
    draft = proposals.Draft(
        title=taken.data["titre"],
        theme=opinion.theme,
        quartiers=(opinion.quartier,) if opinion.quartier else tuple(taken.meeting.quartiers),
    )
    proposal = proposals.create(
        taken.session,
        draft,
        body=taken.meeting.bodies[0],
        on_date=taken.day,
        meeting=taken.meeting if taken.meeting.held_on <= taken.day else None,
        opinions=(opinion,),
        by=taken.by,
    )
    taken.session.flush()
    return proposal.ref


def _count_hands(taken: Taken) -> str:
    made = _made_by(taken, "proposition", "proposition")
    proposal = taken.session.scalar(sa.select(Proposal).where(Proposal.ref == made))
    if proposal is None:
        raise NotFound(_("Cette proposition n'est plus là."))
    key = (taken.meeting.id, proposal.id)
    row = taken.session.get(ShowOfHands, key)
    if row is None:
        row = ShowOfHands(meeting_id=key[0], proposal_id=key[1], hands=0)
        taken.session.add(row)
    row.hands = max(row.hands + taken.data["n"], 0)
    return proposal.ref


def _opinion(taken: Taken) -> Opinion:
    made = _made_by(taken, "avis", "avis")
    opinion = taken.session.scalar(sa.select(Opinion).where(Opinion.ref == made).with_for_update())
    if opinion is None:
        raise NotFound(_("Cet avis n'est plus là."))
    return opinion


def _made_by(taken: Taken, name: str, kind: str) -> str | None:
    """Return the reference of what an earlier event of this meeting made. Raises NotFound."""
    earlier = taken.session.get(LiveEvent, taken.data[name])
    if earlier is None or earlier.kind != kind or earlier.meeting_id != taken.meeting.id or earlier.undone_by:
        raise NotFound(_("Ce qui précède n'est pas encore arrivé. Envoyez de nouveau un peu plus tard."))
    return earlier.made


def _theme(taken: Taken) -> Theme | None:
    slug = taken.data.get("theme")
    return taken.session.scalar(sa.select(Theme).where(Theme.slug == slug)) if slug else None


def _only_quartier(meeting: Meeting) -> Quartier | None:
    """Return the meeting's quartier where it has just one: of several, nobody said which."""
    quartiers = meeting.quartiers or [quartier for body in meeting.bodies for quartier in body.quartiers]
    return quartiers[0] if len(set(quartiers)) == 1 else None


# Decisions and photos


def _decide(taken: Taken) -> str:
    data = taken.data
    due_on = dt.date.fromisoformat(data["echeance"]) if data["echeance"] else None
    decision = meetings.add_decision(
        taken.session, taken.meeting, Resolution(data["texte"], data["responsable"], due_on), by=taken.by
    )
    decision.answer_from = data["reponse_de"]
    return decision.ref


def _keep_photo(taken: Taken) -> str:
    if taken.file is None:
        raise Refusal(_("La photo n'est pas arrivée. Envoyez-la de nouveau."))
    photo = MeetingPhoto(
        ref=new_ref("photo", storage.secret()),
        event_id=taken.event.id,
        meeting=taken.meeting,
        stored_name=storage.new_name("photo"),
        size=len(taken.file.data),
        width=taken.file.width,
        height=taken.file.height,
        sha256=hashlib.sha256(taken.file.data).hexdigest(),
        description=taken.data["description"],
        created_at=now(),
    )
    media.place(taken.session, photo, taken.file)
    return photo.ref


def _undo(taken: Taken) -> str | None:
    event = taken.session.get(LiveEvent, taken.data["evenement"])
    if event is None or event.meeting_id != taken.meeting.id or event.kind == "annule":
        raise NotFound(_("Ce que vous annulez n'est pas encore arrivé. Envoyez de nouveau un peu plus tard."))
    if event.undone_by is None:
        event.undone_by = taken.event.id
        undoing.undo(taken.session, event, by=taken.by)
    return event.made


EFFECTS: dict[str, Effect] = {
    "point_ajoute": _add_item,
    "point": _begin_item,
    "note": _note,
    "avis": _log_opinion,
    "avis_change": _change_opinion,
    "habitant": _hear_resident,
    "proposition": _propose,
    "mains": _count_hands,
    "decision": _decide,
    "photo": _keep_photo,
    "annule": _undo,
}
"""What a kind does besides being kept; the others are only counted (counts.py)."""
