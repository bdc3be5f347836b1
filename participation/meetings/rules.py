"""What can happen to a meeting: the verbs, each idempotent, and the refusals.

A verb changes the rows of the session, writes the journal, and returns whether anything changed; the caller commits.
The pure checks (counts that fit in their whole, times that exist) serve the import too.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from participation import clock, journal
from participation.bodies.models import Body
from participation.clock import from_local
from participation.contract.models import Contract
from participation.database import now
from participation.errors import Refusal
from participation.meetings.models import (
    HEADCOUNTS,
    PARTS,
    Decision,
    Meeting,
    MeetingInstitution,
    MinutesVersion,
)
from participation.meetings.values import Attendance, Organisers, Plan, Resolution
from participation.permissions import PERMISSIONS
from participation.refs import new_ref

LONGEST_MEETING = dt.timedelta(hours=12)
"""An end earlier on the clock than the start is the next morning's, unless that makes a meeting longer than this."""
YEARS_AROUND = 10
"""A meeting's date lies in the contract's years, plus or minus these (exchange-format.md, Bad input)."""
_FREE_TEXT = ("title", "place", "text", "owner")
"""The journal says that they changed, not what they say: it can never be erased."""

COUNT_LABELS = {
    "participants": "participants",
    "residents": "habitants",
    "qpv_residents": "habitants_qpv",
    "first_timers": "primo_participants",
    "women": "femmes",
    "men": "hommes",
    "under_26": "moins_26",
    "over_60": "plus_60",
    "elus": "elus",
    "agents": "agents",
}
"""Columns of rencontres.csv by the name of the count."""


def headcount_faults(
    counts: Mapping[str, int | None], labels: Mapping[str, str] = COUNT_LABELS
) -> list[tuple[str, str]]:
    """Return (count at fault, French sentence) for each group of parts larger than its whole.

    Only what is known is compared (exchange-format.md, Bad input). `labels` are the names that the reader knows.
    """
    faults = []
    for parts, whole in PARTS:
        known = [(part, counts.get(part)) for part in parts if counts.get(part) is not None]
        total = sum(value for _part, value in known if value is not None)
        limit = counts.get(whole)
        if known and limit is not None and total > limit:
            names = " + ".join(labels[part] for part, _value in known)
            sentence = _(
                "%(names)s = %(total)s, c'est plus que %(whole)s = %(limit)s ; corrigez l'un ou l'autre",
                names=names, total=total, whole=labels[whole], limit=limit,
            )  # fmt: skip
            faults.append((known[0][0], sentence))
    return faults


def moments(day: dt.date, start: dt.time | None, end: dt.time | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return start and end as moments; an end earlier on the clock than the start is on the next day.

    Raises Refusal for a time that the spring clock change skips.
    """
    end_day = day + dt.timedelta(days=1) if start and end and end < start else day
    return _moment(day, start, "start_time"), _moment(end_day, end, "end_time")


def _moment(day: dt.date, time: dt.time | None, field: str) -> dt.datetime | None:
    if time is None:
        return None
    try:
        return from_local(day, time)
    except ValueError:
        raise Refusal(
            _("Cette heure n'existe pas : cette nuit-là, on passe de 2 h à 3 h. Choisissez une autre heure."),
            field=field,
        ) from None


LABELS = {
    "title": _l("nom"),
    "type": _l("type"),
    "level": _l("niveau de participation"),
    "held_on": _l("date"),
    "starts_at": _l("heure de début"),
    "ends_at": _l("heure de fin"),
    "bodies": _l("instances"),
    "quartiers": _l("quartiers"),
    "place": _l("lieu"),
    "text": _l("texte"),
    "owner": _l("responsable"),
    "due_on": _l("échéance"),
    "done_on": _l("date de réalisation"),
}
"""What may change, as the history of a meeting names it."""


# Announce


def create(session: Session, plan: Plan, *, by: Any) -> Meeting:
    """Add a planned meeting. Raises Refusal: right on none of the bodies, a closed body, an impossible date or time."""
    _check_organisers(by, Organisers(plan.bodies), "meeting.create")
    _check_open(plan.bodies, plan.held_on)
    check_year(session, plan.held_on)
    starts_at, ends_at = _moments_of(plan)
    meeting = Meeting(
        ref=new_ref(plan.held_on.isoformat(), plan.title),
        title=plan.title,
        type=plan.type,
        level=plan.level,
        held_on=plan.held_on,
        starts_at=starts_at,
        ends_at=ends_at,
        place=plan.place,
        bodies=_ordered(plan.bodies),
        quartiers=list(plan.quartiers),
        created_at=now(),
    )
    session.add(meeting)
    session.flush()
    journal.record(session, "meeting.created", meeting.ref, _("Rencontre créée."), by=by)
    return meeting


def edit(session: Session, meeting: Meeting, plan: Plan, *, by: Any) -> bool:
    """Change what is announced.

    Raises Refusal as `create` does, for a future date of a meeting that took place, and for a date after that of the
    answer which was announced.
    """
    known = set(meeting.bodies) if plan.held_on == meeting.held_on else set()
    if plan.places() != meeting.places():
        _check_organisers(by, plan, "meeting.edit")
    _check_open([body for body in plan.bodies if body not in known], plan.held_on)
    if plan.held_on != meeting.held_on:
        check_year(session, plan.held_on)
    if meeting.status == "tenue":
        _check_past(plan.held_on, "held_on")
    if meeting.answer_due_on and plan.held_on > meeting.answer_due_on:
        raise Refusal(
            _("La réponse est annoncée pour avant ce jour. Changez d'abord la date de réponse."), field="held_on"
        )
    starts_at, ends_at = _moments_of(plan)
    values = {
        "title": plan.title, "type": plan.type, "level": plan.level, "held_on": plan.held_on, "starts_at": starts_at,
        "ends_at": ends_at, "bodies": _ordered(plan.bodies), "quartiers": list(plan.quartiers), "place": plan.place,
    }  # fmt: skip
    details = _change(meeting, values)
    if details:
        _touch(meeting)
        sentence = _("Rencontre modifiée : %(what)s.", what=", ".join(str(LABELS[name]) for name in details))
        journal.record(session, "meeting.edited", meeting.ref, sentence, by=by, details=details)
    return bool(details)


def cancel(session: Session, meeting: Meeting, reason: str, *, by: Any) -> bool:
    """Cancel a planned meeting, for a reason that everybody may read. Raises Refusal if it took place."""
    if meeting.status == "tenue":
        raise Refusal(_("Cette rencontre a eu lieu : on ne peut plus l'annuler."))
    if (meeting.status, meeting.cancel_reason) == ("annulee", reason):
        return False
    meeting.status, meeting.cancel_reason = "annulee", reason
    journal.record(session, "meeting.cancelled", meeting.ref, _("Rencontre annulée."), by=by)
    return True


def reopen(session: Session, meeting: Meeting, *, by: Any) -> bool:
    """Take back a mistaken cancellation, or « a eu lieu » said of the wrong meeting; the counts stay.

    Raises Refusal once the minutes are published.
    """
    if meeting.status == "prevue":
        return False
    if meeting.minutes_published_on:
        raise Refusal(_("Le compte rendu est publié : cette rencontre a eu lieu."))
    meeting.status, meeting.cancel_reason = "prevue", None
    journal.record(session, "meeting.reopened", meeting.ref, _("Rencontre remise à « prévue »."), by=by)
    return True


# Hold


def hold(session: Session, meeting: Meeting, attendance: Attendance, *, by: Any) -> bool:
    """Say that the meeting took place and who came, or correct it. Raises Refusal: cancelled, still to come, or parts
    that do not fit in their whole.
    """
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Si elle a eu lieu, remettez-la d'abord à « prévue »."))
    _check_past(meeting.held_on, None)
    for count, sentence in headcount_faults(attendance.counts):
        raise Refusal(sentence, field=count)
    details = _change(meeting, {name: attendance.counts.get(name) for name in HEADCOUNTS})
    newly_held = meeting.status != "tenue"
    meeting.status = "tenue"
    others = _name_institutions(meeting, attendance.institutions)
    if not (details or newly_held or others):
        return False
    _touch(meeting)
    if newly_held:
        journal.record(
            session, "meeting.held", meeting.ref, _("La rencontre a eu lieu."), by=by, details=details or None
        )
    else:
        journal.record(
            session, "meeting.counted", meeting.ref, _("Présences corrigées."), by=by, details=details or None
        )
    return True


def _name_institutions(meeting: Meeting, names: Iterable[str]) -> bool:
    """Make `names` the institutions present; return whether that changes them."""
    present = {row.name: row for row in meeting.institutions}
    wanted = set(names)
    if wanted == present.keys():
        return False
    meeting.institutions = [present.get(name) or MeetingInstitution(name=name) for name in sorted(wanted)]
    return True


# Minutes


Guard = Callable[[Session, Meeting], None]
_guards: list[Guard] = []


def before_publishing(guard: Guard) -> None:
    """Let a higher feature refuse that minutes are published: `guard` raises Refusal. The same counts once."""
    if guard not in _guards:
        _guards.append(guard)


def draft_minutes(session: Session, meeting: Meeting, text: str | None, *, by: Any) -> bool:
    """Keep a draft of the minutes, which nobody outside the team sees. Raises Refusal once they are published."""
    if meeting.minutes == text:
        return False
    if meeting.minutes_published_on:
        raise Refusal(
            _("Ce compte rendu est publié. Pour le changer, dites pourquoi vous le corrigez."), field="reason"
        )
    meeting.minutes = text
    journal.record(session, "meeting.minutes_drafted", meeting.ref, _("Brouillon du compte rendu enregistré."), by=by)
    return True


def publish_minutes(session: Session, meeting: Meeting, *, by: Any) -> bool:
    """Publish the draft as it is. Raises Refusal: nothing written, or the meeting has not taken place."""
    if meeting.minutes_published_on:
        return False
    if meeting.status != "tenue":
        raise Refusal(_("Dites d'abord que la rencontre a eu lieu : on publie ensuite son compte rendu."))
    if not meeting.minutes:
        raise Refusal(_("Le compte rendu est vide. Écrivez-le avant de le publier."))
    for guard in _guards:
        guard(session, meeting)
    meeting.minutes_published_on = clock.today()
    _keep_version(meeting, meeting.minutes, None, now())
    journal.record(session, "meeting.minutes_published", meeting.ref, _("Compte rendu publié."), by=by)
    return True


def correct_minutes(session: Session, meeting: Meeting, text: str | None, reason: str | None, *, by: Any) -> bool:
    """Replace published minutes, in the open: the earlier text stays readable, and why. Raises Refusal without text,
    without a reason, or before publication.
    """
    if meeting.minutes_published_on is None:
        raise Refusal(_("Ce compte rendu n'est pas encore publié."))
    if not text:
        raise Refusal(_("Un compte rendu publié ne peut pas devenir vide."), field="text")
    if text == meeting.minutes:
        return False
    if not reason:
        raise Refusal(_("Dites pourquoi vous corrigez ce compte rendu."), field="reason")
    if meeting.minutes and not meeting.minutes_versions:  # an import published it: what was readable until now stays
        moment = from_local(meeting.minutes_published_on, dt.time(12))
        _keep_version(meeting, meeting.minutes, None, moment)
    meeting.minutes = text
    _keep_version(meeting, text, reason, now())
    journal.record(session, "meeting.minutes_corrected", meeting.ref, _("Compte rendu corrigé."), by=by)
    return True


def _keep_version(meeting: Meeting, text: str, reason: str | None, moment: dt.datetime) -> None:
    number = len(meeting.minutes_versions) + 1
    meeting.minutes_versions.append(MinutesVersion(number=number, text=text, reason=reason, published_at=moment))


# Decisions


def add_decision(session: Session, meeting: Meeting, resolution: Resolution, *, by: Any) -> Decision:
    """Add what the meeting decided about itself. Raises Refusal: cancelled, still to come, dates that cannot be."""
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée : elle n'a rien décidé."))
    if meeting.status != "tenue":
        _check_past(meeting.held_on, None)
    _check_resolution(meeting, resolution)
    decision = Decision(
        ref=new_ref("dec", meeting.held_on.isoformat()),
        text=resolution.text,
        owner=resolution.owner,
        due_on=resolution.due_on,
        done_on=resolution.done_on,
    )
    meeting.decisions.append(decision)
    session.flush()
    _record_decision(session, decision, "meeting.decision_added", _("Décision ajoutée."), by=by)
    return decision


def edit_decision(session: Session, decision: Decision, resolution: Resolution, *, by: Any) -> bool:
    """Change a decision. Raises Refusal for dates that cannot be."""
    _check_resolution(decision.meeting, resolution)
    values = {name: getattr(resolution, name) for name in ("text", "owner", "due_on", "done_on")}
    details = _change(decision, values)
    if details:
        sentence = _("Décision modifiée : %(what)s.", what=", ".join(str(LABELS[name]) for name in details))
        _record_decision(session, decision, "meeting.decision_edited", sentence, by=by, details=details)
    return bool(details)


def complete_decision(session: Session, decision: Decision, done_on: dt.date, *, by: Any) -> bool:
    """Say when a decision was carried out; that of one done already stays. Raises Refusal for a future date."""
    if decision.done_on:
        return False
    _check_past(done_on, "done_on")
    decision.done_on = done_on
    details = {"done_on": [None, done_on.isoformat()]}
    _record_decision(session, decision, "meeting.decision_done", _("Décision réalisée."), by=by, details=details)
    return True


def drop_decision(session: Session, decision: Decision, *, by: Any) -> None:
    """Take away a decision noted by mistake while the meeting went on; what was noted stays in its recording."""
    _record_decision(session, decision, "meeting.decision_dropped", _("Décision retirée : notée par erreur."), by=by)
    decision.meeting.decisions.remove(decision)


def _record_decision(
    session: Session, decision: Decision, action: str, sentence: str, *, by: Any, details: dict[str, Any] | None = None
) -> None:
    """Write it in the history of the meeting, which is where it is read."""
    details = {"decision": [None, decision.ref], **(details or {})}
    journal.record(session, action, decision.meeting.ref, sentence, by=by, details=details)


def _check_resolution(meeting: Meeting, resolution: Resolution) -> None:
    if resolution.due_on and resolution.due_on < meeting.held_on:
        raise Refusal(_("Cette échéance est avant la rencontre. Vérifiez la date."), field="due_on")
    if resolution.done_on:
        _check_past(resolution.done_on, "done_on")


# Checks


def check_year(session: Session, day: dt.date) -> None:
    """Raise Refusal for a date outside the contract's years plus or minus ten (exchange-format.md).

    Where no contract is loaded yet, a century: an absurd year is a slip of the keyboard there too.
    """
    contract = session.get(Contract, 1)
    first, last = (contract.starts - YEARS_AROUND, contract.ends + YEARS_AROUND) if contract else (1990, 2100)
    if not first <= day.year <= last:
        raise Refusal(
            _("Cette date est trop loin du contrat : l'année va de %(first)s à %(last)s.", first=first, last=last),
            field="held_on",
        )


def _check_organisers(by: Any, place: Any, permission: str) -> None:
    """Raise Refusal unless `by` (None: the program) has the right on one of the bodies: enough for a joint meeting."""
    if by is not None and not PERMISSIONS[permission](by, place):
        raise Refusal(
            _("Cochez au moins une instance dont vous vous occupez. Les autres peuvent s'y ajouter."), field="bodies"
        )


def _check_open(bodies: Iterable[Body], day: dt.date) -> None:
    for body in bodies:
        if body.closed_on and body.closed_on < day:
            raise Refusal(
                _("« %(name)s » est fermée à cette date. Décochez-la, ou changez la date.", name=body.name),
                field="bodies",
            )
        if body.opened_on and body.opened_on > day:
            raise Refusal(
                _(
                    "« %(name)s » n'est pas encore ouverte à cette date. Décochez-la, ou changez la date.",
                    name=body.name,
                ),
                field="bodies",
            )


def _check_past(day: dt.date, field_name: str | None) -> None:
    if day > clock.today():
        raise Refusal(_("Cette date est dans l'avenir. Attendez ce jour, ou corrigez la date."), field=field_name)


def _moments_of(plan: Plan) -> tuple[dt.datetime | None, dt.datetime | None]:
    starts_at, ends_at = moments(plan.held_on, plan.start, plan.end)
    if starts_at and ends_at and ends_at - starts_at > LONGEST_MEETING:
        raise Refusal(
            _("La fin est avant le début, ou plus de douze heures après. Vérifiez les heures."), field="end_time"
        )
    return starts_at, ends_at


# Changes


def _ordered(bodies: Iterable[Body]) -> list[Body]:
    return sorted(set(bodies), key=lambda body: body.slug)


def _change(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set what differs; return {field: [before, after]}, with None in place of free texts."""
    details = {}
    for name, value in values.items():
        before = getattr(row, name)
        if _plain(before) != _plain(value):
            setattr(row, name, value)
            details[name] = [None, None] if name in _FREE_TEXT else [_plain(before), _plain(value)]
    return details


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(row.slug for row in value)
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def _touch(meeting: Meeting) -> None:
    """Give the meeting its next version also where only rows around it changed (bodies, institutions)."""
    flag_modified(meeting, "title")
