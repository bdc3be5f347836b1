"""What each row must satisfy by itself, once it is completed with what the database holds of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from participation.errors import Refusal
from participation.exchange.draft import Draft
from participation.exchange.nearest import NEAR_MISS, nearest
from participation.exchange.reading import BAD, Sheet
from participation.meetings.models import HEADCOUNTS
from participation.meetings.rules import COUNT_LABELS, headcount_faults, moments

_DATED = {"rencontres", "etapes", "avis"}
"""Tables whose `date` lies in the contract's years or around them (exchange-format.md, Bad input)."""
_TIMES = {"start_time": "heure_debut", "end_time": "heure_fin"}


def check(draft: Draft) -> None:
    """Tell every fault of single rows."""
    for name, sheet in draft.sheets.items():
        _check_keys(draft, sheet)
        if name in _DATED:
            _check_years(draft, sheet)
        if name in _RULES:
            _RULES[name](draft, sheet)


def _check_keys(draft: Draft, sheet: Sheet) -> None:
    key = sheet.table.key
    if key is None:
        return
    seen: dict[str, int] = {}
    for row, value in enumerate(sheet.columns[key]):
        if not isinstance(value, str):
            continue
        first = seen.setdefault(value, row)
        if first != row:
            problem = _("est déjà à la ligne %(line)s ; chaque ligne a le sien", line=sheet.lines[first])
            sheet.fault(draft.faults, row, key, problem, value=value)


def _check_years(draft: Draft, sheet: Sheet) -> None:
    first, last = draft.known.first_year, draft.known.last_year
    days = sheet.columns["date"]
    wrong = {day for day in set(days) if isinstance(day, dt.date) and not first <= day.year <= last}
    if not wrong:
        return
    problem = _(
        "est trop loin des années du contrat ; attendu : une date de %(first)s à %(last)s", first=first, last=last
    )
    for row, day in enumerate(days):
        if day in wrong:
            sheet.fault(draft.faults, row, "date", problem, value=day)


def _check_meetings(draft: Draft, sheet: Sheet) -> None:
    """Parts fit in their whole; times exist. The moments are kept for writing."""
    _check_headcounts(draft, sheet)
    starts: list[Any] = []
    ends: list[Any] = []
    for row, (day, start, end) in draft.rows_of(sheet, "date", "heure_debut", "heure_fin"):
        moment: tuple[Any, Any] = (None, None)
        if (start or end) and BAD not in (day, start, end) and day:
            try:
                moment = moments(day, start, end)
            except Refusal as refusal:
                column = _TIMES[refusal.field or "start_time"]
                sheet.fault(
                    draft.faults,
                    row,
                    column,
                    _("n'existe pas : cette nuit-là, on passe de 2 h à 3 h ; attendu : une autre heure"),
                    value=start if column == "heure_debut" else end,
                )
        starts.append(moment[0])
        ends.append(moment[1])
    sheet.columns["starts_at"], sheet.columns["ends_at"] = starts, ends


def _check_headcounts(draft: Draft, sheet: Sheet) -> None:
    labels = [COUNT_LABELS[name] for name in HEADCOUNTS]
    for row, counts in draft.rows_of(sheet, *labels):
        known = {
            name: count
            for name, count in zip(HEADCOUNTS, counts, strict=True)
            if count is not None and count is not BAD
        }
        if len(known) < 2:
            continue
        for name, problem in headcount_faults(known):
            sheet.fault(draft.faults, row, COUNT_LABELS[name], problem, value=known[name], quotes=False)


def _check_opinions(draft: Draft, sheet: Sheet) -> None:
    for row, (meeting, body, quartier) in draft.rows_of(sheet, "rencontre", "instance", "quartier"):
        if meeting is None and body is None and quartier is None:
            problem = _(
                "cette cellule est vide ; sans rencontre ni quartier, attendu : l'instance à laquelle l'avis s'adresse"
            )
            sheet.fault(draft.faults, row, "instance", problem)
    for row, (answer, answered_on) in draft.rows_of(sheet, "reponse", "repondu_le"):
        if answer is None and isinstance(answered_on, dt.date):
            problem = _("date une réponse qui n'est pas écrite ; attendu : le texte de la réponse, ou pas de date")
            sheet.fault(draft.faults, row, "repondu_le", problem, value=answered_on)


def _check_bodies(draft: Draft, sheet: Sheet) -> None:
    _check_order(draft, sheet, "ouverte_le", "fermee_le", _("est avant l'ouverture ; corrigez l'une des deux dates"))
    recipients = draft.known.ids["destinataires"]
    for row, (slug, kind) in draft.rows_of(sheet, "slug", "genre"):
        if slug in recipients:
            sheet.fault(
                draft.faults,
                row,
                "slug",
                _("est déjà le nom d'un destinataire du contrat ; choisissez-en un autre"),
                value=slug,
            )
        if isinstance(kind, str) and kind not in draft.known.kinds:
            likely = nearest(kind, draft.known.kinds, NEAR_MISS)
            if likely:
                problem = _("ressemble trop à un genre connu ; attendu : %(likely)s", likely=likely)
                sheet.fault(draft.faults, row, "genre", problem, value=kind)


def _check_mandates(draft: Draft, sheet: Sheet) -> None:
    _check_order(draft, sheet, "debut", "fin", _("est avant le début du mandat ; corrigez l'une des deux dates"))
    for row, (kind, seat) in draft.rows_of(sheet, "genre", "aupres_de"):
        if kind == "representant" and seat is None:
            sheet.fault(
                draft.faults,
                row,
                "aupres_de",
                _("cette cellule est vide ; pour un représentant, attendu : l'instance où il siège"),
            )
        elif kind not in ("representant", BAD) and isinstance(seat, str):
            problem = _("n'a de sens que pour un représentant ; videz cette cellule ou écrivez representant dans genre")
            sheet.fault(draft.faults, row, "aupres_de", problem, value=seat)


def _check_order(draft: Draft, sheet: Sheet, earlier: str, later: str, problem: str) -> None:
    for row, (begin, end) in draft.rows_of(sheet, earlier, later):
        if isinstance(begin, dt.date) and isinstance(end, dt.date) and end < begin:
            sheet.fault(draft.faults, row, later, problem, value=end)


_RULES: dict[str, Callable[[Draft, Sheet], None]] = {
    "rencontres": _check_meetings,
    "avis": _check_opinions,
    "instances": _check_bodies,
    "mandats": _check_mandates,
}
