"""What higher features add to the writing of minutes: a first draft, and a page to go through before publishing."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from participation.meetings.models import Meeting

Drafter = Callable[[Session, Meeting], str | None]
Review = Callable[[Meeting], str | None]

_drafters: list[Drafter] = []
_reviews: list[Review] = []


def draft_with(drafter: Drafter) -> None:
    """Let a higher feature write a first draft, in Markdown; None where it knows nothing of the meeting."""
    if drafter not in _drafters:
        _drafters.append(drafter)


def review_at(review: Review) -> None:
    """Let a higher feature name the address to go through before publishing; None where there is nothing left."""
    if review not in _reviews:
        _reviews.append(review)


def first_draft(session: Session, meeting: Meeting) -> str | None:
    """Return the minutes as written so far, else what a higher feature drafts of them; nothing is kept by that."""
    if meeting.minutes or meeting.minutes_published_on:
        return meeting.minutes
    return next(filter(None, (drafter(session, meeting) for drafter in _drafters)), None)


def review_of(meeting: Meeting) -> str | None:
    """Return the address to go through before the minutes are published."""
    return next(filter(None, (review(meeting) for review in _reviews)), None)
