"""Doors: what a resident speaks through, a meeting or, between meetings, a quartier (ux.md 2.1, R1).

A meeting is open from `MeetingCode.opens_at` to `closes_at`, once the team has prepared it; a quartier always is. Each
has a permanent address, which posters carry; the four digits of a meeting only lead there (security.md, Settled).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation import clock
from participation.addresses import quartier_address
from participation.contract.models import Quartier
from participation.database import now
from participation.errors import NotFound
from participation.meetings.models import AskedQuestion, Meeting
from participation.meetings.queries import find_meeting
from participation.proposals.models import Proposal
from participation.proposals.queries import of_quartier
from participation.speaking.models import MeetingCode

MEETING, QUARTIER = "m", "q"
"""Kinds of doors."""

UNPREPARED, BEFORE, OPEN, OVER, CANCELLED = "unprepared", "before", "open", "over", "cancelled"
"""Where a door stands. Unprepared: the meeting is today or later, and the team has not said when one may speak."""


@dataclass(frozen=True)
class Door:
    """What a resident speaks through. Questions are named by their place in `questions`, from 0."""

    kind: str
    """`m` (a meeting) or `q` (a quartier)."""
    id: int
    """Of the row in the database."""
    title: str
    """French, as all names of the database."""
    questions: list[str]
    """Never empty: where the team asked none, the default one, in the language of the page."""
    is_default: bool
    """Whether `questions` holds the default question alone."""
    standing: str
    level: str | None = None
    """Announced level of participation; None where none was announced."""
    answer_due_on: dt.date | None = None
    """Until when the town announced an answer; None where no date was announced."""
    meeting: Meeting | None = None
    quartier: Quartier | None = None
    code: MeetingCode | None = None
    """The meeting's four digits and its opening, if the team has prepared it."""

    @property
    def is_open(self) -> bool:
        """Whether one may speak here now."""
        return self.standing == OPEN

    @property
    def home_url(self) -> str:
        """The permanent address of the page where the ways to speak are."""
        if self.meeting:
            return meeting_path(self.meeting)
        assert self.quartier
        return quartier_address(self.quartier.slug)

    def asked(self, question: int) -> str | None:
        """Return the question that the team asked, to be kept with the answer; None for the default one.

        Raises NotFound for a number that no question has (any more).
        """
        if not 0 <= question < len(self.questions):
            raise NotFound(_("Cette question n'est plus posée. Choisissez une autre question."))
        return None if self.is_default else self.questions[question]


def default_question() -> str:
    """Return the question of a door for which the team has asked none, in the language of the page."""
    return _("Que voulez-vous dire sur votre quartier ?")


def meeting_path(meeting: Meeting) -> str:
    """Return the permanent address of a meeting's door, without the host."""
    return f"/m/{quote(meeting.ref)}"


def qr_path(meeting: Meeting) -> str:
    """Return the same address in capitals, which make a smaller QR; as it is where capitals would lead elsewhere."""
    return f"/M/{quote(meeting.ref.upper())}" if meeting.ref == meeting.ref.lower() else meeting_path(meeting)


def find_door(session: Session, kind: str, row_id: int) -> Door:
    """Return a door by its kind and the id of its row. Raises NotFound."""
    found: Meeting | Quartier | None = None
    if kind == MEETING:
        found = session.get(Meeting, row_id)
    elif kind == QUARTIER:
        found = session.get(Quartier, row_id)
    if found is None:
        raise NotFound(_("Cette page n'existe plus. Choisissez votre quartier."))
    return meeting_door(session, found) if isinstance(found, Meeting) else quartier_door(session, found)


def meeting_door(session: Session, meeting: Meeting) -> Door:
    """Return the door of a meeting."""
    code = session.get(MeetingCode, meeting.id)
    asked = [question.text for question in meeting.questions]
    return Door(
        kind=MEETING,
        id=meeting.id,
        title=meeting.title,
        questions=asked or [default_question()],
        is_default=not asked,
        standing=standing_of(meeting, code),
        level=meeting.level,
        answer_due_on=meeting.answer_due_on,
        meeting=meeting,
        code=code,
    )


def quartier_door(session: Session, quartier: Quartier) -> Door:
    """Return the door of a quartier, open between meetings and during them."""
    return _quartier_door(quartier, list_quartier_questions(session, quartier))


def list_quartier_doors(session: Session, quartiers: Sequence[Quartier]) -> list[Door]:
    """Return the doors of these quartiers, in their order."""
    query = sa.select(AskedQuestion).where(AskedQuestion.quartier_id.in_([quartier.id for quartier in quartiers]))
    asked = list(session.scalars(query.order_by(AskedQuestion.position)))
    return [_quartier_door(place, [row for row in asked if row.quartier_id == place.id]) for place in quartiers]


def _quartier_door(quartier: Quartier, questions: Sequence[AskedQuestion]) -> Door:
    asked = [question.text for question in questions]
    return Door(
        kind=QUARTIER,
        id=quartier.id,
        title=quartier.name,
        questions=asked or [default_question()],
        is_default=not asked,
        standing=OPEN,
        quartier=quartier,
    )


def standing_of(meeting: Meeting, code: MeetingCode | None) -> str:
    """Return where a meeting's door stands now."""
    if meeting.status == "annulee":
        return CANCELLED
    if code is None:
        return OVER if meeting.status == "tenue" or meeting.held_on < clock.today() else UNPREPARED
    if now() < code.opens_at:
        return BEFORE
    return OPEN if now() < code.closes_at else OVER


# Ways to a door


def find_meeting_as_written(session: Session, ref: str) -> Meeting | None:
    """Return the meeting whose ref was written, or else read from a QR in capitals."""
    return find_meeting(session, ref) or find_meeting(session, ref.lower())


def find_code(session: Session, digits: str) -> MeetingCode | None:
    """Return what the four digits lead to, open or not."""
    query = sa.select(MeetingCode).where(MeetingCode.digits == digits)
    return session.scalar(query.options(selectinload(MeetingCode.meeting)))


def list_open_meetings(session: Session, most: int) -> list[Meeting]:
    """Return the meetings at which one may speak now, the one that closes first first."""
    query = (
        sa.select(Meeting)
        .join(MeetingCode, MeetingCode.meeting_id == Meeting.id)
        .where(MeetingCode.opens_at <= now(), MeetingCode.closes_at > now(), Meeting.status != "annulee")
        .order_by(MeetingCode.closes_at, Meeting.id)
        .limit(most)
    )
    return list(session.scalars(query))


def list_quartier_questions(session: Session, quartier: Quartier) -> list[AskedQuestion]:
    """Return the questions put in a quartier between meetings, in their order."""
    query = sa.select(AskedQuestion).where(AskedQuestion.quartier_id == quartier.id)
    return list(session.scalars(query.order_by(AskedQuestion.position)))


def get_quartier(session: Session, slug: str) -> Quartier:
    """Return the quartier with its communes. Raises NotFound."""
    query = sa.select(Quartier).where(Quartier.slug == slug).options(selectinload(Quartier.communes))
    quartier = session.scalar(query)
    if quartier is None:
        raise NotFound(_("Ce quartier n'est pas dans le contrat. Cherchez-le dans la liste des quartiers."))
    return quartier


def count_proposals(session: Session, quartiers: Iterable[Quartier]) -> int:
    """Return how many proposals of these quartiers can be supported; of all places where there is no quartier."""
    places = [of_quartier(quartier.slug) for quartier in quartiers]
    query = sa.select(sa.func.count()).select_from(Proposal).where(Proposal.state.not_in(("regroupee", "retiree")))
    return session.scalar(query.where(sa.or_(*places)) if places else query) or 0


def list_quartiers_of(meeting: Meeting) -> list[Quartier]:
    """Return the quartiers of a meeting: its own, or else those of its bodies (indicators.md), in their order."""
    found = set(meeting.quartiers) or {quartier for body in meeting.bodies for quartier in body.quartiers}
    return sorted(found, key=lambda quartier: (quartier.position, quartier.id))
