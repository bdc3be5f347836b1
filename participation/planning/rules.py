"""What can happen to a campaign: made, changed, given its meetings; the refusals.

A verb changes the rows of the session, writes the journal, and returns whether anything changed; the caller commits.
A meeting to come that has no questions of its own asks those of its campaign: the general ones, then its quartiers'.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from participation import journal
from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.database import now
from participation.errors import Refusal
from participation.meetings.models import Meeting
from participation.meetings.rules import check_year
from participation.permissions import PERMISSIONS
from participation.planning.models import Campaign, CampaignQuestion
from participation.refs import new_ref
from participation.speaking import doors, opening

MOST_QUESTIONS = opening.MOST_QUESTIONS
LONGEST_QUESTION = 300
LABELS = {
    "body": _l("instance"),
    "title": _l("nom"),
    "purpose": _l("but"),
    "starts_on": _l("début"),
    "ends_on": _l("fin"),
    "restitution_on": _l("date de restitution"),
    "questions": _l("questions"),
}
"""What may change, as the history of a campaign names it."""

Asked = tuple[Quartier | None, str]
"""A question and the quartier in which it is asked; None: everywhere."""


@dataclass(frozen=True)
class Draft:
    """What is said of a campaign. Dates are civil dates in Europe/Paris; None is unknown."""

    body: Body
    title: str
    starts_on: dt.date
    purpose: str | None = None
    ends_on: dt.date | None = None
    restitution_on: dt.date | None = None
    questions: tuple[Asked, ...] = ()


def create(session: Session, draft: Draft, *, by: Any) -> Campaign:
    """Add a campaign. Raises Refusal: no right on its instance, dates that cannot be, too many questions."""
    _check(session, draft, by)
    campaign = Campaign(
        ref=new_ref(str(draft.starts_on.year), draft.title),
        body=draft.body,
        title=draft.title,
        purpose=draft.purpose,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        restitution_on=draft.restitution_on,
        created_at=now(),
    )
    _ask(campaign, draft.questions)
    session.add(campaign)
    journal.record(session, "campaign.created", campaign.ref, _("Démarche créée."), by=by)
    return campaign


def edit(session: Session, campaign: Campaign, draft: Draft, *, by: Any) -> bool:
    """Change a campaign; its meetings to come that ask its questions ask the new ones. Raises Refusal as `create`."""
    _check(session, draft, by)
    before = {meeting.id: questions_for(campaign, meeting) for meeting in campaign.meetings}
    values = {name: getattr(draft, name) for name in LABELS if name != "questions"}
    changed = [name for name, value in values.items() if getattr(campaign, name) != value]
    for name in changed:
        setattr(campaign, name, values[name])
    if _ask(campaign, draft.questions):
        changed.append("questions")
        flag_modified(campaign, "title")  # its next version, though only rows around it changed
        for meeting in campaign.meetings:
            _prepare(session, campaign, meeting, before[meeting.id], by=by)
    if changed:
        what = ", ".join(str(LABELS[name]) for name in changed)
        journal.record(session, "campaign.edited", campaign.ref, _("Démarche modifiée : %(what)s.", what=what), by=by)
    return bool(changed)


def attach(session: Session, campaign: Campaign, meetings: Collection[Meeting], *, by: Any) -> bool:
    """Make these its meetings; those to come that have no questions yet get the campaign's."""
    known = set(campaign.meetings)
    if known == set(meetings):
        return False
    for gone in known.difference(meetings):
        if _texts(gone) == questions_for(campaign, gone):
            _prepare(session, None, gone, _texts(gone), by=by)
    campaign.meetings = sorted(meetings, key=lambda meeting: (meeting.held_on, meeting.id))
    for added in set(meetings) - known:
        _prepare(session, campaign, added, (), by=by)
    flag_modified(campaign, "title")
    journal.record(session, "campaign.meetings_changed", campaign.ref, _("Rencontres de la démarche modifiées."), by=by)
    return True


def questions_for(campaign: Campaign, meeting: Meeting) -> tuple[str, ...]:
    """Return what the campaign asks at a meeting: its general questions, then those of the meeting's quartiers."""
    here = {quartier.id for quartier in doors.list_quartiers_of(meeting)}
    general = [row.text for row in campaign.questions if row.quartier is None]
    own = [row.text for row in campaign.questions if row.quartier and row.quartier.id in here]
    return tuple(dict.fromkeys([*general, *own]))[:MOST_QUESTIONS]


def _texts(meeting: Meeting) -> tuple[str, ...]:
    return tuple(question.text for question in meeting.questions)


def _prepare(session: Session, campaign: Campaign | None, meeting: Meeting, before: Sequence[str], *, by: Any) -> None:
    """Let a meeting to come ask what the campaign asks, unless somebody chose other questions for it."""
    if meeting.status == "prevue" and _texts(meeting) in ((), tuple(before)):
        questions = questions_for(campaign, meeting) if campaign else ()
        opening.ask_at_meeting(session, meeting, questions, by=by)


# Checks and rows


def _check(session: Session, draft: Draft, by: Any) -> None:
    if not PERMISSIONS["campaign.edit"](by, draft.body):
        raise Refusal(_("Choisissez une de vos instances."), field="body")
    check_year(session, draft.starts_on)
    if draft.ends_on and draft.ends_on < draft.starts_on:
        raise Refusal(_("La fin est avant le début. Vérifiez les dates."), field="ends_on")
    if draft.restitution_on and draft.restitution_on < draft.starts_on:
        raise Refusal(_("La restitution est avant le début. Vérifiez les dates."), field="restitution_on")
    _check_questions(draft.questions)


def _check_questions(questions: Sequence[Asked]) -> None:
    general = sum(1 for quartier, _text in questions if quartier is None)
    own: dict[Quartier | None, int] = {}
    for quartier, text in questions:
        own[quartier] = own.get(quartier, 0) + 1
        if len(text) > LONGEST_QUESTION:
            raise Refusal(_("Une question est trop longue : %(max)s caractères au plus.", max=LONGEST_QUESTION))
    most = max((number for quartier, number in own.items() if quartier), default=0)
    if general + most > MOST_QUESTIONS:
        raise Refusal(
            _("Six questions au plus à une même rencontre, celles de son quartier comprises. Enlevez-en."),
            field="questions",
        )


def _ask(campaign: Campaign, questions: Iterable[Asked]) -> bool:
    """Make the rows say `questions`, in that order; rows keep their places, so that no two stand at the same one."""
    wanted = list(questions)
    rows = campaign.questions
    if [(row.quartier, row.text) for row in rows] == wanted:
        return False
    for position, (quartier, text) in enumerate(wanted):
        if position < len(rows):
            rows[position].quartier, rows[position].text, rows[position].position = quartier, text, position
        else:
            rows.append(CampaignQuestion(position=position, quartier=quartier, text=text))
    del rows[len(wanted) :]
    return True
