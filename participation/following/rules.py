"""What can happen to a follow-up code: it is given to an opinion, printed on a card, opened.

A verb changes the rows of the session; the caller commits.
"""

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import clock
from participation.database import insert_into, now
from participation.errors import Refusal
from participation.following import codes, visits
from participation.following.models import FollowCode
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion


class CodeTaken(Refusal):
    """Another opinion has this code already: the form needs a fresh one."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Ce code sert déjà à un autre avis. Prenez un autre code."), field="code")


def attach(session: Session, code: str, opinion: Opinion) -> FollowCode:
    """Give the code to an opinion that has none yet, and return its row; a printed card's row is taken over.

    `code` is as `codes.parse` returns it. Given again to the same opinion, it changes nothing. Raises CodeTaken where
    another opinion has it, and Refusal for words that are no code.
    """
    if codes.parse(code) != code:
        raise Refusal(_("Ces mots ne font pas un code. Vérifiez les cinq mots."), field="code")
    session.flush()
    hashed, today = codes.hash_of(code), clock.today()
    new = insert_into(session, FollowCode).values(
        code_hash=hashed, opinion_id=opinion.id, created_at=now(), last_seen_on=today
    )
    try:
        with session.begin_nested():
            session.execute(new.on_conflict_do_nothing(index_elements=[FollowCode.code_hash]))
            session.execute(_take_over(hashed).values(opinion_id=opinion.id, last_seen_on=today))
    except IntegrityError:  # the opinion has another code
        raise CodeTaken from None
    row = session.scalars(
        sa.select(FollowCode).where(FollowCode.code_hash == hashed), execution_options={"populate_existing": True}
    ).one()
    if row.opinion_id != opinion.id:
        raise CodeTaken
    return row


def _take_over(hashed: str) -> "sa.Update":
    """Return the statement that takes a card which nobody has filled in: of two at once, the second changes nothing."""
    unused = sa.update(FollowCode).where(FollowCode.code_hash == hashed, FollowCode.opinion_id.is_(None))
    return unused.execution_options(synchronize_session=False)


def open_visit(session: Session, follow_code: FollowCode, code: str) -> str:
    """Return the token of a page where the code is followed for half an hour; the year of access begins anew.

    For a POST: it writes today's date. A GET makes its token by `visits.token_for`.
    """
    if follow_code.last_seen_on != clock.today():
        follow_code.last_seen_on = clock.today()
    return visits.token_for(code)


def print_codes(session: Session, n: int, meeting: Meeting | None) -> list[str]:
    """Return `n` codes for printed cards, kept as hashes until somebody's words are typed in with them."""
    printed: list[str] = []
    while len(printed) < n:
        code = codes.new_code()
        card = insert_into(session, FollowCode).values(
            code_hash=codes.hash_of(code), meeting_id=meeting.id if meeting else None, created_at=now()
        )
        unseen = card.on_conflict_do_nothing(index_elements=[FollowCode.code_hash]).returning(FollowCode.id)
        if session.scalar(unseen) is not None:
            printed.append(code)
    return printed
