"""What can happen to an action: planned, told about, done, given up for a reason; and to a proposal that is done.

A verb changes the rows of the session and writes the journal of the proposal; the caller commits. `by` is the acting
account. « Les habitants participeront aux actions qu'ils auront co-construites » (contract l.1813).
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.actions import queries
from participation.actions.models import Action, ActionNote, ActionPhoto
from participation.database import now
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.media import rules as media
from participation.media import storage
from participation.media.intake import Encoded
from participation.opinions.rules import check_past, check_version
from participation.proposals import step_rules
from participation.proposals.models import ACCEPTED, STEP_KINDS, Proposal, Step
from participation.proposals.rules import check_text
from participation.refs import new_ref

UNDER_WAY = (*ACCEPTED, "en_cours")
"""States of a proposal in which actions are planned."""
LONGEST_ACTION = 500
LONGEST_NOTE = 4000
FURTHEST = 3660
"""Days ahead: beyond ten years a date is a slip of the keyboard."""
LABELS = {
    "text": _l("ce qui est à faire"),
    "owner": _l("qui s'en occupe"),
    "due_on": _l("pour quand"),
    "residents": _l("avec les habitants"),
}


@dataclass(frozen=True)
class ActionDraft:
    """What an action says; None is unknown. `owner` is a function, `due_on` a civil date in Europe/Paris."""

    text: str
    owner: str | None = None
    due_on: dt.date | None = None
    residents: str | None = None


@dataclass(frozen=True)
class News:
    """How an action goes on: words of a day, and a photo, drawn anew, with what it shows."""

    text: str
    on_date: dt.date
    photo: Encoded | None = None
    description: str | None = None


# Plan


def add(session: Session, proposal: Proposal, draft: ActionDraft, *, by: Any) -> Action:
    """Plan an action for a proposal. Raises Refusal where nothing was accepted, or for what cannot be."""
    if proposal.state not in UNDER_WAY:
        raise Refusal(
            _(
                "La proposition est « %(state)s ». On prévoit une action quand la réponse est oui.",
                state=STEP_KINDS[proposal.state],
            )
        )
    _check(draft, None)
    action = _new(proposal, draft, by)
    session.add(action)
    session.flush()
    _record(session, action, "action_added", _("Action prévue."), by)
    return action


def _new(proposal: Proposal, draft: ActionDraft, by: Any) -> Action:
    return Action(
        ref=new_ref("action", str(clock.today().year)),
        proposal=proposal,
        text=draft.text,
        owner=draft.owner,
        due_on=draft.due_on,
        residents=draft.residents,
        author=_function(by),
        created_at=now(),
    )


def change(session: Session, action: Action, draft: ActionDraft, *, version: int, by: Any) -> bool:
    """Change what an action says; return whether anything changed. Raises Conflict where `version` is not its."""
    check_version(action.version, version)
    _check_open(action)
    _check(draft, action)
    values = {name: getattr(draft, name) for name in LABELS}
    changed = [name for name, value in values.items() if getattr(action, name) != value]
    for name in changed:
        setattr(action, name, values[name])
    if changed:
        what = ", ".join(str(LABELS[name]) for name in changed)
        _record(session, action, "action_changed", _("Action modifiée : %(what)s.", what=what), by)
    return bool(changed)


def _check(draft: ActionDraft, before: Action | None) -> None:
    check_text(draft.text, before.text if before else None, "text", LONGEST_ACTION)
    check_text(draft.residents, before.residents if before else None, "residents", LONGEST_NOTE)
    if draft.due_on and draft.due_on > clock.today() + dt.timedelta(days=FURTHEST):
        raise Refusal(_("Cette date est trop loin. Vérifiez l'année."), field="due_on")


# Tell how it goes


def tell(session: Session, action: Action, news: News, *, done: bool, by: Any) -> ActionNote:
    """Add news to an action; with `done`, they are what was done, and the action is finished on that day.

    Raises Refusal where the action is finished or given up, for a day to come, and for a photo without a description.
    """
    _check_open(action)
    note = _note(session, action, news, by)
    if done:
        action.done_on = news.on_date
        _record(session, action, "action_done", _("Action faite le %(date)s.", date=date_fr(news.on_date)), by)
    else:
        _record(session, action, "action_told", _("Nouvelles d'une action."), by)
    return note


def _note(session: Session, action: Action, news: News, by: Any) -> ActionNote:
    check_past(news.on_date, "on_date")
    check_text(news.text, None, "text", LONGEST_NOTE)
    note = ActionNote(
        action=action, on_date=news.on_date, text=news.text, author=_function(by), created_at=now(), photos=[]
    )
    session.add(note)
    session.flush()
    if news.photo:
        add_photo(session, note, news.photo, news.description)
    return note


def add_photo(session: Session, note: ActionNote, photo: Encoded, description: str | None) -> ActionPhoto:
    """Add a photo, drawn anew, to news of an action. Raises Refusal without a description, or where no room is left."""
    if not description:
        raise Refusal(_("Décrivez la photo en une phrase, pour ceux qui ne la voient pas."), field="description")
    check_text(description, None, "description", media.LONGEST_DESCRIPTION)
    row = ActionPhoto(
        ref=new_ref("photo", storage.secret()),
        note_id=note.id,
        stored_name=storage.new_name("photo"),
        size=len(photo.data),
        width=photo.width,
        height=photo.height,
        sha256=hashlib.sha256(photo.data).hexdigest(),
        description=description,
        created_at=now(),
    )
    media.place(session, row, photo)
    return row


def erase_photo(session: Session, photo: ActionPhoto, *, by: Any) -> bool:
    """Erase a photo; its row stays. Return whether it was still there."""
    if not photo.is_kept:
        return False
    photo.erased_at = now()
    storage.erase(session, photo.stored_name)
    _record(session, photo.note.action, "action_photo_erased", _("Photo d'une action effacée."), by)
    return True


# End, and begin again


def drop(session: Session, action: Action, reason: str | None, *, by: Any) -> bool:
    """Give an action up, for a reason that everybody may read; return whether it was not yet. Raises Refusal."""
    if action.dropped_on:
        return False
    _check_open(action)
    if not reason:
        raise Refusal(_("Dites pourquoi cette action s'arrête : tout le monde pourra le lire."), field="reason")
    check_text(reason, None, "reason", LONGEST_NOTE)
    action.dropped_on, action.dropped_reason = clock.today(), reason
    _record(session, action, "action_dropped", _("Action arrêtée, avec un motif."), by)
    return True


def reopen(session: Session, action: Action, *, by: Any) -> bool:
    """Take back that an action is done or given up; what was told of it stays. Return whether it was."""
    if action.is_open:
        return False
    action.done_on = action.dropped_on = action.dropped_reason = None
    _record(session, action, "action_reopened", _("Action rouverte : elle n'est pas terminée."), by)
    return True


# The proposal is done


@dataclass(frozen=True)
class Done:
    """What was done of a proposal. `close`: the actions still open are done too."""

    news: News
    short_answer: str | None = None
    close: bool = False


def finish(session: Session, proposal: Proposal, done: Done, *, version: int, by: Any) -> Step:
    """Say that a proposal is done, and show it: a step « réalisée » with what was done, and its photo.

    The photo stands with the last action; where there was none, one is added, done on that day. Raises Refusal and
    Conflict as step_rules.add_step.
    """
    if not done.news.text:
        raise Refusal(_("Dites ce qui a été fait : les habitants le liront."), field="text")
    draft = step_rules.StepDraft(
        kind="realisee",
        on_date=done.news.on_date,
        body=step_rules.holder(proposal),
        reason=done.news.text,
        short_answer=done.short_answer,
    )
    step = step_rules.add_step(session, proposal, draft, version=version, by=by)
    actions = queries.list_of(session, proposal)
    if done.close:
        _close(session, [action for action in actions if action.is_open], done.news.on_date, by)
    if done.news.photo:
        action = actions[-1] if actions else _done_action(session, proposal, done, by)
        _note(session, action, done.news, by)
    return step


def _close(session: Session, actions: Sequence[Action], day: dt.date, by: Any) -> None:
    for action in actions:
        action.done_on = day
        _record(session, action, "action_done", _("Action faite le %(date)s.", date=date_fr(day)), by)


def _done_action(session: Session, proposal: Proposal, done: Done, by: Any) -> Action:
    action = _new(proposal, ActionDraft(done.short_answer or proposal.title), by)
    action.done_on = done.news.on_date
    session.add(action)
    session.flush()
    return action


# Together


def _check_open(action: Action) -> None:
    if action.done_on:
        raise Refusal(_("Cette action est faite. Rouvrez-la pour la changer."))
    if action.dropped_on:
        raise Refusal(_("Cette action est arrêtée. Rouvrez-la pour la changer."))


def _function(by: Any) -> str | None:
    return str(by.function) if by else None


def _record(session: Session, action: Action, verb: str, sentence: str, by: Any) -> None:
    journal.record(
        session, f"proposal.{verb}", action.proposal.ref, sentence, by=by, details={"action": [None, action.ref]}
    )
