"""What can happen to a report: somebody makes it without an account, somebody of the team looks at it and decides.

A verb changes the rows of the session; the caller commits. The journal tells what the team did, never what was said.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.clock import today
from participation.database import now
from participation.errors import Conflict, Refusal
from participation.opinions import rules as opinions
from participation.opinions.models import PUBLIC_MODERATION, Opinion
from participation.people import rates
from participation.refs import new_ref
from participation.reports.models import OUTCOMES, REASONS, Report
from participation.reports.queries import Reported, waiting_about
from participation.reports.subjects import Subject

LONGEST_WORDS = 2_000
"""Characters of what may be added to a report."""
MOST_FROM_AN_ADDRESS = 60
"""Reports in a quarter of an hour from one network address."""
MOST_WAITING = 50
"""Reports of one text that wait at a time: the team has seen enough to look at it."""
KEPT = dt.timedelta(days=365)
"""How long the words of a report are kept after it was looked at."""
DECISIONS = ("garder", "rejete", "reserve", "retirer")
"""Leave it; no longer publish the opinion; keep it for the team; the text was corrected or taken down by hand."""


class TooMany(Refusal):
    """So many reports from one address that it is a script."""

    status = 429


def report(session: Session, subject: Subject, reason: str | None, words: str | None, address: str) -> Report | None:
    """Add a report of the subject; None where enough of them wait already. A reason that is not one is « autre ».

    `address` is the network address, kept as a keyed hash for a quarter of an hour. Raises TooMany.
    """
    if rates.tries(session, "report", address) >= MOST_FROM_AN_ADDRESS:
        raise TooMany(_("Il y a beaucoup de signalements en même temps. Réessayez plus tard."))
    rates.note(session, "report", address)
    if len(waiting_about(session, subject.kind, subject.ref)) >= MOST_WAITING:
        return None
    made = Report(
        ref=new_ref("sign", today().isoformat()),
        subject=subject.kind,
        subject_ref=subject.ref,
        reason=reason if reason in REASONS else "autre",
        words=(words or "")[:LONGEST_WORDS] or None,
        reported_at=now(),
    )
    session.add(made)
    return made


def decide(session: Session, reported: Reported, decision: str, reason: str | None, *, by: Any) -> bool:
    """Close the report, and the others that wait about the same text; return whether anything changed.

    An opinion that is no longer published says `reason` to its author. Raises Refusal without a reason, or for a
    decision that does not fit the text; Conflict where somebody else has decided otherwise.
    """
    row = reported.report
    fitting = decisions_for(row.subject)
    if decision not in fitting:
        raise Refusal(_("Choisissez ce que vous décidez."), field="decision")
    if not reason:
        raise Refusal(_("Dites pourquoi, en une phrase."), field="reason")
    outcome = "garde" if decision == "garder" else "retire"
    if row.looked_at is not None:
        if row.outcome == outcome:
            return False
        raise Conflict(_("Quelqu'un d'autre a déjà décidé : « %(outcome)s ».", outcome=OUTCOMES[str(row.outcome)]))
    _hide(session, reported, decision, reason, by)
    for waiting in waiting_about(session, row.subject, row.subject_ref):
        waiting.looked_at, waiting.outcome, waiting.outcome_reason = now(), outcome, reason
        sentence = _("Signalement examiné : %(outcome)s.", outcome=str(OUTCOMES[outcome]).lower())
        journal.record(session, "report.looked_at", waiting.ref, sentence, by=by)
    return True


def decisions_for(kind: str) -> tuple[str, ...]:
    """Return what may be decided about a subject of this kind; only opinions are hidden by the decision itself."""
    return ("garder", "rejete", "reserve") if kind == "opinion" else ("garder", "retirer")


def _hide(session: Session, reported: Reported, decision: str, reason: str, by: Any) -> None:
    opinion = reported.subject.thing if reported.subject else None
    if decision in {"rejete", "reserve"} and isinstance(opinion, Opinion) and opinion.moderation == PUBLIC_MODERATION:
        opinions.moderate(session, opinion, decision, reason=reason, by=by)


def purge(session: Session) -> None:
    """Forget the words of the reports that were looked at a year ago; the counts stay. The caller commits."""
    old = sa.and_(Report.looked_at < now() - KEPT, Report.words.is_not(None))
    session.execute(sa.update(Report).where(old).values(words=None))
