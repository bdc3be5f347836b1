"""What an address asks of the assessment: period, place, date, indicator; and what its reader may see of it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from participation.assessment import engine
from participation.assessment.frame import Frame, find_frame, frame_of
from participation.assessment.indicators import INDICATORS
from participation.assessment.period import Period, read_day
from participation.assessment.results import Assessment
from participation.assessment.scope import Scope
from participation.assessment.small_counts import for_public
from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.forms import clean_text
from participation.keys import settings
from participation.permissions import Place as RightsPlace


class WrongQuestion(Refusal):
    """An argument of the address cannot be read."""

    status = 400


@dataclass(frozen=True)
class Reading:
    """What an address asks for, found. `full`: read by the team or an élu, with everything and at any date."""

    frame: Frame
    full: bool
    code: str | None = None

    def places(self) -> set[RightsPlace]:
        """Return the places of what is read (permissions.py)."""
        return self.frame.place.places()

    def assess(self, *, rows: bool = False, beside: Assessment | None = None) -> Assessment:
        """Return the assessment, as this reader may see it. `beside`: as engine.assess_frame."""
        return self._as_read(engine.assess_frame(db.session(), self.frame, rows=rows, beside=beside))

    def assess_one(self) -> Assessment:
        """Return the figures beside the one asked for, as this reader may see them."""
        assert self.code
        return self._as_read(engine.assess_relation(db.session(), self.code, self.frame))

    def _as_read(self, assessment: Assessment) -> Assessment:
        return assessment if self.full else for_public(db.session(), assessment, settings().small_count)

    def before(self) -> "Reading | None":
        """Return the same reading of the period before; None where there is none."""
        earlier = self.frame.before
        if earlier is None:
            return None
        return Reading(frame_of(db.session(), earlier, self.frame.place, self.frame.as_of), self.full, self.code)

    def url(
        self, period: Period | None = None, scope: Scope | None = None, code: str | None = None, **more: Any
    ) -> str:
        """Return the address of another page of the assessment, with what this one was asked."""
        endpoint = ("full" if self.full else "public") + ("_indicator" if code else "")
        return self.url_of(endpoint, period, scope, **({"code": code} if code else {}), **more)

    def rows_url(self, code: str, part: str = engine.ROWS) -> str:
        """Return the address of one list of rows behind a figure."""
        return self.url(code=code, _anchor=part)

    def url_of(self, endpoint: str, period: Period | None = None, scope: Scope | None = None, **more: Any) -> str:
        """Return the address of any route about a period, with what this one was asked."""
        asked = place_argument(scope or self.frame.place.scope)
        if self.full and request.args.get("au"):
            asked["au"] = self.frame.as_of
        return url_for(f"assessment.{endpoint}", periode=period or self.frame.period, **asked, **more)


def read_public(periode: str, code: str | None = None) -> Reading:
    """Return what a public page is asked. Raises NotFound, WrongQuestion."""
    scope = asked_scope()
    if not scope.public:
        raise NotFound(_("Le bilan d'une instance est réservé à l'équipe et aux élus."))
    return Reading(find_frame(db.session(), _period(periode), scope), full=False, code=_code(code))


def read_full(periode: str, code: str | None = None) -> Reading:
    """Return what a page of the team and the élus is asked. Raises NotFound, WrongQuestion."""
    return Reading(find_frame(db.session(), _period(periode), asked_scope(), asked_day()), full=True, code=_code(code))


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as fault:
        raise NotFound(str(fault)) from None


def _code(code: str | None) -> str | None:
    if code is not None and code not in INDICATORS:
        raise NotFound(_("Cet indicateur n'existe pas. Choisissez-en un sur la page du bilan."))
    return code


def asked_scope() -> Scope:
    """Return the scope of the argument `perimetre`; the whole contract without it."""
    text = clean_text(request.args.get("perimetre"))
    try:
        return Scope.parse(text) if text else Scope()
    except ValueError as fault:
        raise WrongQuestion(str(fault)) from None


def asked_day() -> dt.date | None:
    """Return the date of the argument `au`; None without it."""
    text = clean_text(request.args.get("au"))
    try:
        return read_day(text) if text else None
    except ValueError as fault:
        raise WrongQuestion(str(fault)) from None


def place_argument(scope: Scope) -> dict[str, Any]:
    """Return the argument that names the scope in an address; none for the whole contract."""
    return {} if scope == Scope() else {"perimetre": str(scope)}
