"""The way of a proposal from one instance to another: who carries it, to which meeting, what comes back.

« Il rend compte par l'intermédiaire de ces deux représentants » (contract l.1737). A verb changes the rows of the
session and writes the journal of the proposal; the caller has locked the proposal and commits. `by` is the acting
account.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.bodies.models import Body
from participation.circuit.models import Transmission
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.opinions.rules import check_past, check_version
from participation.proposals.models import Proposal, Step
from participation.proposals.rules import check_text, touch
from participation.proposals.step_rules import StepDraft, when_added

LONGEST_CARRIER = 300
LONGEST_REPORT = 4000


@dataclass(frozen=True)
class Report:
    """What the carriers told the instance that had sent the proposal. `on_date` None: the meeting's day."""

    text: str
    on_date: dt.date | None = None
    meeting: Meeting | None = None


def keep_transmission(session: Session, step: Step, draft: StepDraft) -> None:
    """Keep with a new step who carries the proposal, and to which meeting. Raises Refusal for what cannot be."""
    if step.kind != "transmise" or not (draft.carrier or draft.carried_to):
        return
    _check_carried(step.to_body, step.on_date, draft.carrier, draft.carried_to)
    session.add(Transmission(step_id=step.id, step=step, carrier=draft.carrier, meeting=draft.carried_to))


when_added(keep_transmission)


def carry(
    session: Session,
    proposal: Proposal,
    step: Step,
    carrier: str | None,
    meeting: Meeting | None,
    *,
    version: int,
    by: Any,
) -> bool:
    """Say who carries a transmission, and to which meeting; return whether that changes anything.

    Raises Refusal for a step that is no transmission, or a meeting that cannot be; Conflict where `version` is not
    the proposal's.
    """
    _check_sent(step)
    check_version(proposal.version, version)
    _check_carried(step.to_body, step.on_date, carrier, meeting)
    kept = _kept(session, step)
    if (kept.carrier, kept.meeting) == (carrier, meeting):
        return False
    kept.carrier, kept.meeting = carrier, meeting
    touch(proposal)
    _record(session, proposal, step, "proposal.carried", _("Transmission : qui la porte, et où, est noté."), by)
    return True


def report(session: Session, proposal: Proposal, step: Step, told: Report, *, version: int, by: Any) -> bool:
    """Say what the carriers told the instance that sent the proposal; return whether that changes anything.

    Raises Refusal without words, for a day before the transmission or still to come, a meeting that is cancelled or
    later than the day; Conflict where `version` is not the proposal's.
    """
    _check_sent(step)
    check_version(proposal.version, version)
    day = told.on_date or (told.meeting.held_on if told.meeting else None)
    if day is None:
        raise Refusal(_("Indiquez quand c'était : une date, ou une rencontre."), field="reported_on")
    _check_report(step, told, day)
    kept = _kept(session, step)
    if (kept.reported_on, kept.reported_meeting, kept.report) == (day, told.meeting, told.text):
        return False
    kept.reported_on, kept.reported_meeting, kept.report = day, told.meeting, told.text
    touch(proposal)
    sentence = _("Retour de la transmission noté, le %(date)s.", date=date_fr(day))
    _record(session, proposal, step, "proposal.reported_back", sentence, by)
    return True


def unreport(session: Session, proposal: Proposal, step: Step, *, by: Any) -> bool:
    """Take back a report noted by mistake; return whether there was one."""
    kept = session.get(Transmission, step.id)
    if kept is None or kept.reported_on is None:
        return False
    kept.reported_on = kept.reported_meeting = kept.report = None
    touch(proposal)
    sentence = _("Retour de la transmission retiré : il était noté par erreur.")
    _record(session, proposal, step, "proposal.report_removed", sentence, by)
    return True


def _kept(session: Session, step: Step) -> Transmission:
    kept = session.get(Transmission, step.id)
    if kept is None:
        kept = Transmission(step_id=step.id, step=step)
        session.add(kept)
    return kept


def _record(session: Session, proposal: Proposal, step: Step, action: str, sentence: str, by: Any) -> None:
    journal.record(session, action, proposal.ref, sentence, by=by, details={"position": [None, step.position]})


def _check_sent(step: Step) -> None:
    if step.kind != "transmise" or step.voided_on is not None:
        raise Refusal(_("Cette étape n'est pas une transmission."))


def _check_carried(to: Body | None, sent_on: dt.date, carrier: str | None, meeting: Meeting | None) -> None:
    check_text(carrier, None, "carrier", LONGEST_CARRIER)
    if meeting is None:
        return
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Choisissez-en une autre."), field="carried_to")
    if meeting.held_on < sent_on:
        raise Refusal(
            _("Cette rencontre a eu lieu avant la transmission. Choisissez-en une autre."), field="carried_to"
        )
    if to is not None and to not in meeting.bodies:
        raise Refusal(
            _("« %(name)s » n'organise pas cette rencontre. Choisissez une de ses rencontres.", name=to.name),
            field="carried_to",
        )


def _check_report(step: Step, told: Report, day: dt.date) -> None:
    if not told.text.strip():
        raise Refusal(_("Dites en quelques mots ce qui a été répondu là-bas."), field="report")
    check_text(told.text, None, "report", LONGEST_REPORT)
    check_past(day, "reported_on")
    if day < step.on_date:
        raise Refusal(
            _("La proposition est partie le %(date)s : le retour vient après.", date=date_fr(step.on_date)),
            field="reported_on",
        )
    if told.meeting and told.meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Choisissez-en une autre."), field="reported_meeting")
    if told.meeting and told.meeting.held_on > day:
        raise Refusal(
            _("La rencontre a lieu le %(date)s. Vérifiez la date.", date=date_fr(told.meeting.held_on)),
            field="reported_on",
        )
