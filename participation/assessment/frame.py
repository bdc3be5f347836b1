"""What an assessment is computed for: days and place, resolved once and handed to every relation."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from participation.assessment.period import Period
from participation.assessment.scope import Place, Scope, find_place
from participation.clock import today
from participation.contract.models import Contract

MINUTES_DAYS = 15
"""Days within which minutes are to be published (indicators.md, T1)."""


@dataclass(frozen=True)
class Frame:
    """The inputs of indicators.md: period Y, scope S, date of reading R (`as_of`), and E (`end`)."""

    period: Period
    place: Place
    as_of: dt.date
    contract_slug: str
    contract_years: tuple[int, int]
    response_days: int
    response_days_confirmed: bool

    @property
    def end(self) -> dt.date:
        """E: the earlier of R and the last day of the period. Before the period's first day, nothing has happened."""
        return min(self.as_of, self.period.last)

    @property
    def in_contract(self) -> bool:
        """Whether a year of the period is one of the contract's: a cadence binds in them only (R1.cadence)."""
        return self._in_contract(self.period)

    @property
    def before(self) -> Period | None:
        """The period whose figures stand beside, None where it is wholly before or after the contract's years."""
        earlier = self.period.before
        return earlier if earlier and self._in_contract(earlier) else None

    def _in_contract(self, period: Period) -> bool:
        starts, ends = self.contract_years
        return starts <= period.last_year and period.first_year <= ends

    def parameters(self) -> dict[str, object]:
        """Return the values of the bound parameters of sql.py."""
        return {
            "first": self.period.first,
            "last": self.period.last,
            "as_of": self.as_of,
            "end": self.end,
            "minutes_due": self.as_of - dt.timedelta(days=MINUTES_DAYS),
            "answer_due": self.as_of - dt.timedelta(days=self.response_days),
            "years": self.period.years,
            "days": self.period.days,
            "in_contract": int(self.in_contract),
            "place": self.place.id,
        }


def find_frame(session: Session, period: Period, scope: Scope, as_of: dt.date | None = None) -> Frame:
    """Return the frame, read at `as_of` (default: today in Europe/Paris). Raises UnknownPlace."""
    return frame_of(session, period, find_place(session, scope), as_of)


def frame_of(session: Session, period: Period, place: Place, as_of: dt.date | None = None) -> Frame:
    """Return the frame of a place that was found already. Raises UnknownPlace where no contract is loaded."""
    contract = session.get(Contract, 1)
    if contract is None:
        find_place(session, Scope())
    assert contract is not None
    return Frame(
        period=period,
        place=place,
        as_of=as_of or today(),
        contract_slug=contract.slug,
        contract_years=(contract.starts, contract.ends),
        response_days=contract.response_days,
        response_days_confirmed=contract.response_days_confirmed,
    )
