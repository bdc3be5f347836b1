"""What can be asked about reports: those that wait, those looked at, and how many a year brought."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.clock import from_local
from participation.contract.models import Quartier
from participation.database import now
from participation.errors import NotFound
from participation.meetings.models import Meeting
from participation.meetings.queries import in_places as meeting_in_places
from participation.opinions import queries as opinions
from participation.opinions.models import Opinion
from participation.permissions import TEAM, Acting, Place, Scope
from participation.proposals.models import Proposal, proposal_quartier
from participation.reports.models import Report
from participation.reports.subjects import Subject, find, find_all

PROMISE = dt.timedelta(hours=24)
"""A report is looked at within this time (security.md, Settled)."""
SHOWN = 100
"""Reports shown in a list."""


@dataclass(frozen=True)
class Reported:
    """A report and its text; None where that text is gone, and then only the contract's team looks at it."""

    report: Report
    subject: Subject | None

    @property
    def late(self) -> bool:
        """Whether it has waited longer than was promised."""
        return self.report.looked_at is None and now() - self.report.reported_at > PROMISE

    def places(self) -> set[Place]:
        """Return where the text belongs (permissions.py)."""
        return self.subject.places() if self.subject else set()


def get_reported(session: Session, ref: str) -> Reported:
    """Return a report with its text. Raises NotFound."""
    report = session.scalar(sa.select(Report).where(Report.ref == ref))
    if report is None:
        raise NotFound(_("Ce signalement n'existe pas. Cherchez-le dans la liste."))
    return Reported(report, find(session, report.subject, report.subject_ref))


def list_waiting(session: Session, account: Acting) -> list[Reported]:
    """Return the reports that the account has to look at, the longest waiting first, `SHOWN` at most."""
    query = sa.select(Report).where(*_waiting(account)).order_by(Report.reported_at, Report.id)
    return _with_subjects(session, session.scalars(query.limit(SHOWN)))


def count_waiting(session: Session, account: Acting) -> int:
    """Return how many reports wait for this account."""
    return session.scalar(sa.select(sa.func.count()).select_from(Report).where(*_waiting(account))) or 0


def list_looked_at(session: Session, account: Acting) -> list[Reported]:
    """Return the reports looked at last, the latest first, `SHOWN` at most."""
    query = sa.select(Report).where(Report.looked_at.is_not(None), _mine(account))
    return _with_subjects(
        session, session.scalars(query.order_by(Report.looked_at.desc(), Report.id.desc()).limit(SHOWN))
    )


def waiting_about(session: Session, kind: str, ref: str) -> list[Report]:
    """Return the reports of one text that wait, the oldest first."""
    query = sa.select(Report).where(Report.subject == kind, Report.subject_ref == ref, Report.looked_at.is_(None))
    return list(session.scalars(query.order_by(Report.id)))


def count_of_year(session: Session, year: int) -> tuple[int, int]:
    """Return how many reports came in a year (Europe/Paris), and how many had a text taken down."""
    first, after = (from_local(dt.date(number, 1, 1), dt.time()) for number in (year, year + 1))
    taken = sa.func.sum(sa.case((Report.outcome == "retire", 1), else_=0))
    query = sa.select(sa.func.count(), taken).where(Report.reported_at >= first, Report.reported_at < after)
    number, down = session.execute(query).one()
    return number, int(down or 0)


def _with_subjects(session: Session, reports: Iterable[Report]) -> list[Reported]:
    reports = list(reports)
    subjects = find_all(session, ((report.subject, report.subject_ref) for report in reports))
    return [Reported(report, subjects.get((report.subject, report.subject_ref))) for report in reports]


def _waiting(account: Acting) -> tuple[sa.ColumnElement[bool], ...]:
    return Report.looked_at.is_(None), _mine(account)


def _mine(account: Acting) -> sa.ColumnElement[bool]:
    return sa.true() if account.role in TEAM else in_places(account.scopes)


def in_places(scopes: Iterable[Scope]) -> sa.ColumnElement[bool]:
    """Return the condition that one of the scopes is one of the places of what was reported (subjects.py)."""
    scopes = list(scopes)
    said = sa.select(Opinion.ref).where(opinions.in_places(scopes))
    proposed = sa.select(Proposal.ref).where(_proposal_in_places(scopes))
    met = sa.select(Meeting.ref).where(meeting_in_places(scopes))
    return sa.or_(
        sa.and_(Report.subject == "opinion", Report.subject_ref.in_(said)),
        sa.and_(Report.subject.in_(("proposal", "answer")), Report.subject_ref.in_(proposed)),
        sa.and_(Report.subject == "minutes", Report.subject_ref.in_(met)),
    )


def _proposal_in_places(scopes: list[Scope]) -> sa.ColumnElement[bool]:
    named = (
        sa.select(proposal_quartier.c.proposal_id)
        .join(Quartier, Quartier.id == proposal_quartier.c.quartier_id)
        .where(Quartier.slug.in_([scope.slug for scope in scopes if scope.kind == "quartier"]))
    )
    return sa.or_(Proposal.body_id.in_(opinions.bodies_in_places(scopes)), Proposal.id.in_(named))
