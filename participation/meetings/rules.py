"""What a meeting may say of itself: counts that fit in their whole, times that exist."""

import datetime as dt
from collections.abc import Mapping

from flask_babel import gettext as _

from participation.clock import from_local
from participation.errors import Refusal
from participation.meetings.models import PARTS

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


def headcount_faults(counts: Mapping[str, int | None]) -> list[tuple[str, str]]:
    """Return (count at fault, French sentence) for each group of parts larger than its whole.

    Only what is known is compared (exchange-format.md, Bad input).
    """
    faults = []
    for parts, whole in PARTS:
        known = [(part, counts.get(part)) for part in parts if counts.get(part) is not None]
        total = sum(value for _part, value in known if value is not None)
        limit = counts.get(whole)
        if known and limit is not None and total > limit:
            names = " + ".join(COUNT_LABELS[part] for part, _value in known)
            sentence = _(
                "%(names)s = %(total)s, c'est plus que %(whole)s = %(limit)s ; corrigez l'un ou l'autre",
                names=names, total=total, whole=COUNT_LABELS[whole], limit=limit,
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
            _("Cette heure n'existe pas : la nuit du changement d'heure saute de 2 h à 3 h. Choisissez une autre heure."),
            field=field,
        ) from None
