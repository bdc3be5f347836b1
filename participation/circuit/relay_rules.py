"""Projects discussed in one instance and relayed to others: « des relais des projets évoqués » (contract l.1719).

A verb changes the rows of the session and writes the journal; the caller commits. `by` is the acting account.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from participation import journal
from participation.bodies.models import Body
from participation.circuit.models import Relay, RelayCopy
from participation.circuit.rules import LONGEST_CARRIER
from participation.database import now
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.opinions.rules import LONGEST_TEXT, check_day, check_past, check_version
from participation.permissions import PERMISSIONS
from participation.proposals.rules import LONGEST_TITLE, check_open, check_text
from participation.refs import new_ref

LABELS = {
    "title": _l("titre"),
    "text": _l("texte"),
    "carrier": _l("qui relaie"),
    "meeting": _l("rencontre"),
    "on_date": _l("date"),
    "to": _l("instances"),
}
"""What may change, as the history of a relay names it."""


@dataclass(frozen=True)
class RelayDraft:
    """What is relayed, and to whom. `on_date` None: the meeting's day; None elsewhere is unknown."""

    title: str
    to: tuple[Body, ...]
    text: str | None = None
    carrier: str | None = None
    meeting: Meeting | None = None
    on_date: dt.date | None = None


@dataclass(frozen=True)
class Reply:
    """What one instance said of what was relayed to it. `on_date` None: the meeting's day."""

    text: str | None = None
    on_date: dt.date | None = None
    meeting: Meeting | None = None


def create(session: Session, from_body: Body, draft: RelayDraft, *, by: Any) -> Relay:
    """Relay a project from an instance to others. Raises Refusal: to nobody, no right, dates that cannot be."""
    if not any(PERMISSIONS["relay.edit"](by, body) for body in (from_body, *draft.to)):
        raise Refusal(_("Choisissez au moins une de vos instances : celle qui relaie, ou une de celles qui reçoivent."))
    day = _check(session, from_body, draft, None)
    relay = Relay(
        ref=new_ref("relais", str(day.year)),
        from_body=from_body,
        meeting=draft.meeting,
        on_date=day,
        title=draft.title,
        text=draft.text,
        carrier=draft.carrier,
        author=str(by.function) if by else None,
        created_at=now(),
        copies=[RelayCopy(body=body) for body in draft.to],
    )
    session.add(relay)
    journal.record(session, "relay.created", relay.ref, _("Projet relayé à : %(who)s.", who=_names(draft.to)), by=by)
    return relay


def edit(session: Session, relay: Relay, draft: RelayDraft, *, version: int, by: Any) -> bool:
    """Change what is relayed and to whom; return whether anything changed.

    An instance that has spoken of it stays. Raises Refusal, and Conflict where `version` is not the relay's.
    """
    check_version(relay.version, version)
    day = _check(session, relay.from_body, draft, relay)
    _check_kept(relay, draft.to)
    values = {"title": draft.title, "text": draft.text, "carrier": draft.carrier, "meeting": draft.meeting}
    changed = [name for name, value in {**values, "on_date": day}.items() if getattr(relay, name) != value]
    for name in changed:
        setattr(relay, name, {**values, "on_date": day}[name])
    if {copy.body for copy in relay.copies} != set(draft.to):
        _send_to(relay, draft.to)
        changed.append("to")
    if changed:
        _touch(relay)
        what = ", ".join(str(LABELS[name]) for name in changed)
        journal.record(session, "relay.edited", relay.ref, _("Relais modifié : %(what)s.", what=what), by=by)
    return bool(changed)


def reply(session: Session, relay: Relay, copy: RelayCopy, said: Reply, *, version: int, by: Any) -> bool:
    """Say that an instance spoke of it, when, and what it said; return whether that changes anything.

    Raises Refusal for a day that cannot be or a meeting that is not its own; Conflict where `version` is not the
    relay's.
    """
    check_version(relay.version, version)
    day = said.on_date or (said.meeting.held_on if said.meeting else None)
    if day is None:
        raise Refusal(_("Indiquez quand c'était : une date, ou une rencontre."), field="discussed_on")
    _check_reply(relay, copy, said, day)
    if (copy.discussed_on, copy.meeting, copy.reply) == (day, said.meeting, said.text):
        return False
    copy.discussed_on, copy.meeting, copy.reply = day, said.meeting, said.text
    _touch(relay)
    sentence = _("%(who)s en a parlé le %(date)s.", who=copy.body.name, date=date_fr(day))
    journal.record(session, "relay.discussed", relay.ref, sentence, by=by)
    return True


def take_back(session: Session, relay: Relay, copy: RelayCopy, *, by: Any) -> bool:
    """Take back a reply noted by mistake; return whether there was one."""
    if copy.discussed_on is None:
        return False
    copy.discussed_on = copy.meeting = copy.reply = None
    _touch(relay)
    sentence = _("Réponse de %(who)s retirée : elle était notée par erreur.", who=copy.body.name)
    journal.record(session, "relay.reply_removed", relay.ref, sentence, by=by)
    return True


def _names(bodies: Sequence[Body]) -> str:
    return ", ".join(body.name for body in bodies)


def _touch(relay: Relay) -> None:
    """Give the relay its next version also where only its copies changed."""
    flag_modified(relay, "title")


def _send_to(relay: Relay, bodies: Sequence[Body]) -> None:
    known = {copy.body: copy for copy in relay.copies}
    relay.copies = [known.get(body) or RelayCopy(body=body) for body in bodies]


def _check(session: Session, from_body: Body, draft: RelayDraft, before: Relay | None) -> dt.date:
    """Raise Refusal for what cannot be relayed; return the day on which it was discussed."""
    day = draft.on_date or (draft.meeting.held_on if draft.meeting else None)
    if day is None:
        raise Refusal(_("Indiquez quand on en a parlé : une date, ou une rencontre."), field="on_date")
    check_day(session, day, "on_date")
    check_text(draft.title, before.title if before else None, "title", LONGEST_TITLE)
    check_text(draft.text, before.text if before else None, "text", LONGEST_TEXT)
    check_text(draft.carrier, before.carrier if before else None, "carrier", LONGEST_CARRIER)
    _check_meeting(from_body, draft.meeting, day, "meeting")
    _check_bodies(from_body, draft.to, day, before)
    return day


def _check_bodies(from_body: Body, to: Sequence[Body], day: dt.date, before: Relay | None) -> None:
    if not to:
        raise Refusal(_("Choisissez au moins une instance à qui relayer le projet."), field="to")
    if from_body in to:
        raise Refusal(_("L'instance qui relaie ne se relaie pas le projet à elle-même."), field="to")
    known = {copy.body for copy in before.copies} if before else set()
    if before is None:
        check_open(from_body, day, "from_body")
    for body in to:
        if body not in known:
            check_open(body, day, "to")


def _check_meeting(body: Body, meeting: Meeting | None, day: dt.date, field: str) -> None:
    if meeting is None:
        return
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Choisissez-en une autre."), field=field)
    if body not in meeting.bodies:
        raise Refusal(
            _("« %(name)s » n'organise pas cette rencontre. Choisissez une de ses rencontres.", name=body.name),
            field=field,
        )
    if meeting.held_on > day:
        raise Refusal(
            _("La rencontre a lieu le %(date)s. Vérifiez la date.", date=date_fr(meeting.held_on)),
            field="on_date" if field == "meeting" else "discussed_on",
        )


def _check_kept(relay: Relay, to: Sequence[Body]) -> None:
    spoken = [copy.body for copy in relay.copies if copy.discussed_on and copy.body not in to]
    if spoken:
        raise Refusal(_("« %(name)s » en a déjà parlé : elle reste.", name=_names(spoken)), field="to")


def _check_reply(relay: Relay, copy: RelayCopy, said: Reply, day: dt.date) -> None:
    check_past(day, "discussed_on")
    check_text(said.text, copy.reply, "reply", LONGEST_TEXT)
    if day < relay.on_date:
        raise Refusal(
            _("Le projet est relayé depuis le %(date)s : la réponse vient après.", date=date_fr(relay.on_date)),
            field="discussed_on",
        )
    _check_meeting(copy.body, said.meeting, day, "reply_meeting")
