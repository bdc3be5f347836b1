"""Which rows of each table belong to a civil year, found by index: other years cost nothing (open data).

A meeting belongs by its day, with its decisions; an opinion by the day it was given; a proposal by the day it was
received, with all of its steps, later ones too. Instances and mandates last: every package has all of them.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from participation.exchange import stored
from participation.exchange.tables import BODIES, DECISIONS, MANDATES, MEETINGS, OPINIONS, Table
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal


def keys(connection: sa.Connection, table: Table, year: int) -> list[str]:
    """Return the refs of the year's rows in code-point order; of the steps, those of their proposals."""
    if table in (BODIES, MANDATES):
        return stored.all_keys(connection, table)
    return sorted(connection.scalars(of_year(table, dt.date(year, 1, 1), dt.date(year, 12, 31))))


def of_year(table: Table, first: dt.date, last: dt.date) -> sa.Select[Any]:
    """Return a select of the refs of a table's rows from one day to another."""
    if table is MEETINGS:
        return sa.select(Meeting.ref).where(Meeting.held_on.between(first, last))
    if table is DECISIONS:
        return sa.select(Decision.ref).join(Meeting).where(Meeting.held_on.between(first, last))
    if table is OPINIONS:
        return sa.select(Opinion.ref).where(Opinion.received_on.between(first, last), Opinion.is_public)
    return sa.select(Proposal.ref).where(Proposal.received_on.between(first, last))


def list_years(connection: sa.Connection, starts: int, today: dt.date) -> list[int]:
    """Return the years that have a package, latest first: from the contract's first, or the first row's, to now.

    A year without a row has one too: it says that there is nothing.
    """
    firsts = [
        connection.scalar(sa.select(sa.func.min(column)))
        for column in (Meeting.held_on, Opinion.received_on, Proposal.received_on)
    ]
    first = min([starts, *(day.year for day in firsts if day)])
    return list(range(today.year, first - 1, -1))
