"""What people write beside an assessment: the team's comments, élus' remarks and reserves, residents' own appraisal.

A note is never changed. Its author withdraws it and writes another; whoever reads sees what was withdrawn, and when.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.assessment.indicators import BLOCKS
from participation.assessment.models import NOTE_KINDS, AssessmentMeeting, AssessmentNote
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.database import REF_LENGTH, insert_into, now
from participation.errors import NotFound, Refusal
from participation.meetings.models import Meeting
from participation.permissions import TEAM

LONGEST = 4_000
"""Characters of a note: a page."""
OF_ELUS = ("remarque", "reserve")
OF_TEAM = ("commentaire", "habitants")


def kinds_for(account: Any) -> tuple[str, ...]:
    """Return the kinds of note that somebody may write (security.md, section 2: élus comment, the team drafts)."""
    return OF_ELUS if account.role == "elu" else (OF_TEAM if account.role in (*TEAM, "animateur") else ())


def write(
    session: Session, period: Period, scope: Scope, kind: str, text: str, *, block: str | None, by: Any
) -> AssessmentNote:
    """Add a note. Raises Refusal: a kind that `by` may not write, no words, too many, an unknown block."""
    if kind not in kinds_for(by):
        raise Refusal(_("Choisissez ce que vous écrivez : une remarque, ou une réserve."), field="kind")
    if (block is None) != (kind == "habitants") or (block is not None and block not in BLOCKS):
        raise Refusal(_("Choisissez la partie du bilan dont vous parlez."), field="block")
    if not text:
        raise Refusal(_("Écrivez votre texte."), field="text")
    if len(text) > LONGEST:
        raise Refusal(_("Ce texte est trop long : %(max)s caractères au plus.", max=LONGEST), field="text")
    note = AssessmentNote(
        period=period.name,
        scope_kind=scope.kind,
        scope_slug=scope.slug or "",
        block=block,
        kind=kind,
        text=text,
        author=by.function,
        account_id=by.id,
        written_at=now(),
    )
    session.add(note)
    session.flush()
    sentence = _("%(kind)s au bilan %(period)s.", kind=NOTE_KINDS[kind], period=period.name)
    journal.record(session, "assessment.noted", ref_of(period, scope), sentence, by=by)
    return note


def withdraw(session: Session, note: AssessmentNote, *, by: Any) -> bool:
    """Withdraw one's own note; return whether it was there. Raises NotFound for somebody else's."""
    if note.account_id != by.id:
        raise NotFound(_("Cette note n'est pas la vôtre."))
    if note.withdrawn_at is not None:
        return False
    note.withdrawn_at = now()
    ref = ref_of(Period.parse(note.period), Scope(note.scope_kind, note.scope_slug or None))
    journal.record(session, "assessment.note_withdrawn", ref, _("Note retirée du bilan."), by=by)
    return True


def get_note(session: Session, note_id: int) -> AssessmentNote:
    """Return a note. Raises NotFound."""
    note = session.get(AssessmentNote, note_id)
    if note is None:
        raise NotFound(_("Cette note n'existe pas."))
    return note


def list_notes(session: Session, period: Period, scope: Scope) -> Sequence[AssessmentNote]:
    """Return the notes of a period and place, withdrawn ones included, the first one first."""
    query = sa.select(AssessmentNote).where(
        AssessmentNote.period == period.name,
        AssessmentNote.scope_kind == scope.kind,
        AssessmentNote.scope_slug == (scope.slug or ""),
    )
    return session.scalars(query.order_by(AssessmentNote.id)).all()


def ref_of(period: Period, scope: Scope) -> str:
    """Return how the journal names an assessment: `2025` or `2025-commune-arras`."""
    parts = (period.name, scope.kind, scope.slug) if scope.slug else (period.name,)
    return "-".join(parts)[:REF_LENGTH]


# The meeting where it is presented


def present_at(session: Session, period: Period, scope: Scope, meeting: Meeting | None, *, by: Any) -> bool:
    """Say at which meeting the assessment is presented (None: none yet); return whether that changed."""
    current = find_meeting(session, period, scope)
    if (current.id if current else None) == (meeting.id if meeting else None):
        return False
    key = {"period": period.name, "scope_kind": scope.kind, "scope_slug": scope.slug or ""}
    if meeting is None:
        session.execute(sa.delete(AssessmentMeeting).filter_by(**key))
        sentence = _("Le bilan %(period)s n'a plus de rencontre de présentation.", period=period.name)
    else:
        row = insert_into(session, AssessmentMeeting).values(**key, meeting_id=meeting.id)
        session.execute(row.on_conflict_do_update(index_elements=list(key), set_={"meeting_id": meeting.id}))
        sentence = _("Le bilan %(period)s sera présenté à une rencontre.", period=period.name)
    journal.record(session, "assessment.presented", ref_of(period, scope), sentence, by=by)
    return True


def find_meeting(session: Session, period: Period, scope: Scope) -> Meeting | None:
    """Return the meeting at which an assessment is presented; None where none was chosen."""
    query = (
        sa.select(Meeting)
        .join(AssessmentMeeting, AssessmentMeeting.meeting_id == Meeting.id)
        .where(
            AssessmentMeeting.period == period.name,
            AssessmentMeeting.scope_kind == scope.kind,
            AssessmentMeeting.scope_slug == (scope.slug or ""),
        )
    )
    return session.scalar(query)
