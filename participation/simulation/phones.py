"""What residents do with their phones, for the demonstration: a meeting open today, codes, a voice, photos, supports.

Deterministic like the rest of the demonstration; only the open meeting moves along, to the day of each start.
"""

import datetime as dt
import io
import math
import random
import struct
import wave
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation import clock
from participation.bodies.models import Body
from participation.clock import from_local
from participation.contract.models import Quartier
from participation.database import now
from participation.following import rules as following
from participation.media import rules as media
from participation.meetings.models import AskedQuestion, Meeting
from participation.opinions.models import VOICE_PENDING, Opinion
from participation.proposals import supports
from participation.proposals.models import Proposal, Support
from participation.reports.models import Report
from participation.simulation.generate import MARK
from participation.speaking.models import MeetingCode

DIGITS = "4821"
OPEN_REF = f"{MARK}-cafe-du-jour"
QUESTION = "Qu'est-ce qu'il faut changer en premier dans votre quartier ?"
BETWEEN_MEETINGS = (
    ("Qu'est-ce qui va bien dans votre quartier ?", "Où manque-t-il de la lumière le soir ?"),
    ("Que manque-t-il aux enfants du quartier ?",),
)
CODES = {
    "chat-lune-pain-velo-pont": (),
    "table-jardin-lampe-fleur-clef": ("transmise", "ajournee"),
    "livre-nuage-soleil-mouton-citron": ("retenue", "retenue_en_partie", "en_cours"),
    "abricot-agenda-album-avril-avenue": ("realisee",),
    "abeille-allee-amandier-ananas-arbuste": ("non_retenue", "abandonnee"),
}
"""Codes to try, and the states of the proposal that came of the opinion (none: nobody has read it yet)."""
FIRST_HOUR, LAST_HOUR = 9, 18
"""Between which hours, in Europe/Paris, a café citoyen is likely to begin."""
_PHONES = 40
_SECONDS = 3
_RATE = 16_000  # samples a second


def fill(session: Session, seed: int) -> None:
    """Add what residents did by phone to a generated demonstration."""
    chance = random.Random(seed)  # noqa: S311  # plausible data, no secret
    _ask_between_meetings(session)
    _support(session, chance)
    _give_codes(session)
    _send_voice_and_photos(session)
    _report(session)


def open_today(session: Session) -> Meeting:
    """Return a meeting at which one may speak from now until tonight, the same one at each start."""
    meeting = session.scalar(sa.select(Meeting).where(Meeting.ref == OPEN_REF)) or _make_meeting(session)
    today = clock.today()
    hour = min(max(clock.to_local(now()).hour, FIRST_HOUR), LAST_HOUR)
    meeting.held_on, meeting.starts_at = today, from_local(today, dt.time(hour))
    meeting.answer_due_on = today + dt.timedelta(days=60)
    code = session.get(MeetingCode, meeting.id) or MeetingCode(meeting_id=meeting.id, digits=DIGITS)
    code.opens_at = now() - dt.timedelta(hours=1)
    code.closes_at = max(now() + dt.timedelta(hours=3), from_local(today, dt.time(23, 59)))
    session.add(code)
    session.flush()
    return meeting


def _make_meeting(session: Session) -> Meeting:
    body = host(session)
    meeting = Meeting(
        ref=OPEN_REF,
        title=f"Café citoyen : {body.quartiers[0].name if body.quartiers else body.name}",
        type="cafe_citoyen",
        level="consultation",
        status="prevue",
        held_on=clock.today(),
        place="Au pied de l'immeuble, près du square",
        bodies=[body],
        quartiers=body.quartiers[:1],
        questions=[AskedQuestion(position=0, text=QUESTION)],
        created_at=now(),
    )
    session.add(meeting)
    session.flush()
    return meeting


def host(session: Session) -> Body:
    """Return who holds a café citoyen: an instance where residents meet, one of a single quartier if there is one."""
    bodies = session.scalars(sa.select(Body).where(Body.closed_on.is_(None)).order_by(Body.slug)).all()
    return min(
        bodies,
        key=lambda body: (
            body.family != "participation",
            body.kind != "commission_citoyenne",
            len(body.quartiers) != 1,
        ),
    )


def _ask_between_meetings(session: Session) -> None:
    quartiers = list(session.scalars(sa.select(Quartier).order_by(Quartier.position, Quartier.id)))[::2]
    for number, quartier in enumerate(quartiers):
        texts = BETWEEN_MEETINGS[number % len(BETWEEN_MEETINGS)]
        session.add_all(AskedQuestion(quartier_id=quartier.id, position=at, text=text) for at, text in enumerate(texts))


def _support(session: Session, chance: random.Random) -> None:
    """Each proposal that is still on its road is supported by some of the same forty phones."""
    for proposal in session.scalars(sa.select(Proposal).order_by(Proposal.id)):
        if supports.is_open(proposal):
            phones = chance.sample(range(_PHONES), chance.choice((0, 1, 3, 8, 14, 27)))
            session.add_all(
                Support(
                    proposal_id=proposal.id,
                    phone_hash=supports.hash_of(f"{MARK}-{phone}", proposal),
                    given_on=max(proposal.received_on, clock.today() - dt.timedelta(days=chance.randrange(30))),
                )
                for phone in sorted(phones)
            )


def _give_codes(session: Session) -> None:
    for code, states in CODES.items():
        opinion = session.scalars(_with_outcome(states)).first()
        if opinion is not None:
            if states:  # the others were just sent: for half an hour they may be changed
                opinion.created_at = from_local(opinion.received_on, dt.time(18))
            following.attach(session, code, opinion)


def _with_outcome(states: tuple[str, ...]) -> sa.Select[Opinion]:
    query = sa.select(Opinion).order_by(Opinion.received_on.desc(), Opinion.id.desc())
    if not states:
        return query.where(Opinion.moderation == "en_attente", Opinion.answer.is_(None))
    fed = query.join(Proposal, Proposal.id == Opinion.proposal_id)
    in_order = sa.case((Opinion.received_on <= Proposal.received_on, 0), else_=1)  # the story reads from first to last
    fed = fed.order_by(None).order_by(in_order, Opinion.received_on.desc(), Opinion.id.desc())
    return fed.where(Opinion.moderation == "publie", Opinion.answer.is_(None), Proposal.state.in_(states))


def _send_voice_and_photos(session: Session) -> None:
    quartier = session.scalars(sa.select(Quartier).order_by(Quartier.position, Quartier.id)).first()
    voice = _sent(session, "voix-1", VOICE_PENDING, quartier, "en_attente")
    media.take_audio(session, voice, io.BytesIO(_sound()))
    waiting = _sent(session, "photo-1", "Ce banc est cassé depuis l'été.", quartier, "en_attente")
    media.take_photo(session, waiting, io.BytesIO(draw_bench("#8d6b4a")))
    shown = _sent(session, "photo-2", "Voici un banc qui plaît à tout le monde.", quartier, "publie")
    photo = media.take_photo(session, shown, io.BytesIO(draw_bench("#2f6f5e")))
    media.publish_photo(session, photo, "Un banc vert au bord d'une pelouse, sans personne.", by=None)


def _sent(session: Session, name: str, text: str, quartier: Quartier | None, moderation: str) -> Opinion:
    opinion = Opinion(
        ref=f"{MARK}-{name}",
        received_on=clock.today(),
        quartier=quartier,
        text=text,
        channel="web",
        moderation=moderation,
        language=None if text == VOICE_PENDING else "fr",
        created_at=now(),
    )
    session.add(opinion)
    session.flush()
    return opinion


def _sound() -> bytes:
    """Return a WAV file: a soft tone that comes and goes, where a voice would be."""
    samples = (
        int(9000 * math.sin(math.pi * at / _RATE) ** 2 * math.sin(2 * math.pi * 220 * at / _RATE))
        for at in range(_RATE * _SECONDS)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, _RATE, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def draw_bench(colour: str) -> bytes:
    """Return a JPEG: a drawn bench."""
    from PIL import Image, ImageDraw  # heavy, and every start of the program loads this module

    picture = Image.new("RGB", (800, 600), "#cfe3ee")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 400, 800, 600), fill="#7fa66a")
    for top in (250, 300, 370):
        pen.rectangle((180, top, 620, top + 32), fill=colour)
    for left in (210, 570):
        pen.rectangle((left, 250, left + 20, 490), fill="#4a4a4a")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


def _report(session: Session) -> None:
    """Two reports: one that waits, one that was looked at."""
    published = sa.select(Opinion.ref).where(Opinion.moderation == "publie").order_by(Opinion.id).limit(2)
    refs = list(session.scalars(published))
    outcomes: list[dict[str, Any]] = [
        {},
        {"looked_at": now(), "outcome": "garde", "outcome_reason": "Personne ne peut être reconnu dans ce texte."},
    ]
    for number, (ref, outcome) in enumerate(zip(refs, outcomes, strict=False), start=1):
        report = Report(
            ref=f"{MARK}-signalement-{number}",
            subject="opinion",
            subject_ref=ref,
            reason="nom",
            words="Je crois reconnaître ma voisine." if number == 1 else None,
            reported_at=now() - dt.timedelta(hours=3 * number),
            **outcome,
        )
        session.add(report)
