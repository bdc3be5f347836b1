"""What can happen to instances and mandates: create, rename, close, reopen; sit and leave."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.bodies import queries
from participation.bodies.models import (
    FAMILIES,
    LEVELS,
    MANDATE_KINDS,
    SCALES,
    TEAM_KIND_POSITION,
    Body,
    BodyAlias,
    BodyKind,
    Mandate,
    MandatePerson,
)
from participation.contract.models import Commune, Quartier
from participation.database import REF_LENGTH
from participation.errors import Refusal
from participation.refs import new_ref, slugify

LONGEST_NAME = 200
YEARS_AROUND = 10
"""A date farther from the contract's years is a slip (exchange-format.md, Bad input)."""
_RESERVED = frozenset({"nouvelle"})
"""Words that stand where a slug stands in an address."""


class NameTaken(Refusal):
    """An open instance of the same name exists in the commune."""


class ScaleMismatch(Refusal):
    """The scale and the number of communes contradict each other."""


class QuartierElsewhere(Refusal):
    """A quartier lies in none of the instance's communes."""


class DatesInDisorder(Refusal):
    """An end before its beginning, or a date far from the contract."""


class AlreadyClosed(Refusal):
    """The instance was closed before."""


class NotClosed(Refusal):
    """The instance is open."""


class SeatMismatch(Refusal):
    """A representative without a seat elsewhere, or a seat elsewhere for somebody who is none."""


@dataclass(frozen=True)
class BodyValues:
    """What the team says of an instance. `kind` is a slug; `new_kind`, if given, the name of a kind to create."""

    name: str
    family: str
    scale: str
    communes: list[Commune]
    quartiers: list[Quartier]
    kind: str | None = None
    new_kind: str | None = None
    level: str | None = None
    opened_on: dt.date | None = None
    note: str | None = None


def is_closed(body: Body, day: dt.date) -> bool:
    """Whether the instance's last day is before `day`."""
    return body.closed_on is not None and body.closed_on < day


# Instances


def create_body(session: Session, values: BodyValues, by: Any) -> Body:
    """Add an instance; its slug, made of its name, never changes. Raises the refusals above."""
    if values.opened_on is None:
        raise Refusal(
            _("Écrivez la date d'ouverture. Si elle n'est pas connue, prenez le début du contrat."), field="opened_on"
        )
    body = Body(slug=_new_slug(session, values), aliases=[], communes=[], quartiers=[])
    _check(session, body, values)
    _write(session, body, values)
    session.add(body)
    session.flush()
    sentence = _("Instance créée : %(name)s.", name=body.name)
    journal.record(session, "body.created", body.slug, sentence, by=by, details=_recorded(_changes({}, _state(body))))
    return body


def change_body(session: Session, body: Body, values: BodyValues, by: Any) -> dict[str, Any]:
    """Change an instance and return {what: [before, after]}; an old name is kept for ever. Raises refusals."""
    _check(session, body, values)
    before = _state(body)
    if values.name != body.name:
        _keep_name(body, values.name)
    _write(session, body, values)
    changes = _changes(before, _state(body))
    if not changes:
        return {}
    sa.orm.attributes.flag_modified(body, "name")  # a change of communes alone makes a new version too
    sentence = _("Instance modifiée : %(what)s.", what=", ".join(_label(name) for name in changes))
    if "name" in changes:
        sentence = _("Instance renommée : « %(old)s » devient « %(new)s ».", old=before["name"], new=body.name)
    journal.record(session, "body.changed", body.slug, sentence, by=by, details=_recorded(changes))
    return changes


def close_body(session: Session, body: Body, *, on: dt.date, reason: str, end_mandates: bool, by: Any) -> int:
    """Close an instance after `on`, its last day, and return how many mandates end with it.

    Raises AlreadyClosed, DatesInDisorder, or Refusal where no reason is given.
    """
    if body.closed_on is not None:
        raise AlreadyClosed(_("Cette instance est déjà fermée. Pour changer la date, rouvrez-la d'abord."))
    if not reason.strip():
        raise Refusal(_("Écrivez pourquoi l'instance ferme : les habitants le liront."), field="reason")
    _check_near(session, on, "closed_on")
    if body.opened_on and on < body.opened_on:
        raise DatesInDisorder(
            _("Cette date est avant l'ouverture (%(day)s). Vérifiez-la.", day=f"{body.opened_on:%d/%m/%Y}"),
            field="closed_on",
        )
    body.closed_on, body.closing_reason = on, reason.strip()
    ended = _end_mandates(session, body, on) if end_mandates else 0
    sentence = _("Instance fermée. Dernier jour : %(day)s.", day=f"{on:%d/%m/%Y}")
    details = {"closed_on": [None, on.isoformat()], "mandates": [ended, 0]}
    journal.record(session, "body.closed", body.slug, sentence, by=by, details=details)
    return ended


def reopen_body(session: Session, body: Body, by: Any) -> None:
    """Open a closed instance again; mandates that ended stay ended. Raises NotClosed."""
    if body.closed_on is None:
        raise NotClosed(_("Cette instance est ouverte."))
    sentence = _("Instance rouverte. Elle était fermée depuis le %(day)s.", day=f"{body.closed_on:%d/%m/%Y}")
    details = {"closed_on": [body.closed_on.isoformat(), None]}
    body.closed_on = body.closing_reason = None
    journal.record(session, "body.reopened", body.slug, sentence, by=by, details=details)


# Mandates


def add_mandate(
    session: Session,
    body: Body,
    *,
    kind: str,
    started_on: dt.date,
    ended_on: dt.date | None,
    seat_body: Body | None,
    name: str | None,
    by: Any,
) -> Mandate:
    """Add a mandate; `name` is personal data, kept apart and never in the journal. Raises the refusals above."""
    _check_mandate(session, body, kind, started_on, ended_on, seat_body)
    mandate = Mandate(
        ref=new_ref("mandat"), body=body, kind=kind, seat_body=seat_body, started_on=started_on, ended_on=ended_on
    )
    if name:
        mandate.person = MandatePerson(name=name)
    session.add(mandate)
    session.flush()
    sentence = _(
        "Mandat ajouté : %(kind)s, à partir du %(day)s.", kind=MANDATE_KINDS[kind], day=f"{started_on:%d/%m/%Y}"
    )
    details = {"mandate": [None, mandate.ref]}
    journal.record(session, "body.mandate_added", body.slug, sentence, by=by, details=details)
    return mandate


def end_mandate(session: Session, mandate: Mandate, on: dt.date, by: Any) -> None:
    """End a mandate after `on`, its last day. Raises DatesInDisorder."""
    if mandate.ended_on == on:
        return
    _check_near(session, on, "ended_on")
    if on < mandate.started_on:
        raise DatesInDisorder(
            _("Cette date est avant le début du mandat (%(day)s). Vérifiez-la.", day=f"{mandate.started_on:%d/%m/%Y}"),
            field="ended_on",
        )
    before = mandate.ended_on.isoformat() if mandate.ended_on else None
    mandate.ended_on = on
    sentence = _("Mandat terminé : %(kind)s, le %(day)s.", kind=MANDATE_KINDS[mandate.kind], day=f"{on:%d/%m/%Y}")
    details = {"mandate": [mandate.ref, mandate.ref], "ended_on": [before, on.isoformat()]}
    journal.record(session, "body.mandate_ended", mandate.body.slug, sentence, by=by, details=details)


def erase_name(session: Session, mandate: Mandate, by: Any) -> None:
    """Erase the name of who holds a mandate; the mandate and its figures stay."""
    if mandate.person is None:
        return
    mandate.person = None
    sentence = _("Nom effacé d'un mandat : %(kind)s.", kind=MANDATE_KINDS[mandate.kind])
    details = {"mandate": [mandate.ref, mandate.ref]}
    journal.record(session, "body.name_erased", mandate.body.slug, sentence, by=by, details=details)


# Checks


def _check(session: Session, body: Body, values: BodyValues) -> None:
    if not values.name.strip() or len(values.name) > LONGEST_NAME:
        raise Refusal(_("Écrivez le nom de l'instance, en %(max)s caractères au plus.", max=LONGEST_NAME), field="name")
    for field, value, known in (("family", values.family, FAMILIES), ("scale", values.scale, SCALES)):
        if value not in known:
            raise Refusal(_("Choisissez dans la liste."), field=field)
    if values.level is not None and values.level not in LEVELS:
        raise Refusal(_("Choisissez dans la liste."), field="level")
    _check_places(values)
    if values.opened_on:
        _check_near(session, values.opened_on, "opened_on")
        if body.closed_on and values.opened_on > body.closed_on:
            raise DatesInDisorder(
                _("Cette date est après la fermeture (%(day)s). Vérifiez-la.", day=f"{body.closed_on:%d/%m/%Y}"),
                field="opened_on",
            )
    other = queries.find_namesake(session, values.name, values.communes, body)
    if other is not None and body.closed_on is None:
        raise NameTaken(
            _("Une instance du même nom existe déjà dans cette commune. Donnez un nom qui les distingue."), field="name"
        )


def _check_places(values: BodyValues) -> None:
    if values.scale == "communale" and len(values.communes) != 1:
        raise ScaleMismatch(
            _("Une instance communale a une seule commune. Cochez-en une, ou choisissez « Intercommunale »."),
            field="communes",
        )
    if values.scale == "intercommunale" and len(values.communes) < 2:
        raise ScaleMismatch(
            _("Une instance intercommunale a au moins deux communes. Cochez-les, ou choisissez « Communale »."),
            field="communes",
        )
    chosen = {commune.slug for commune in values.communes}
    elsewhere = [q.name for q in values.quartiers if chosen.isdisjoint(commune.slug for commune in q.communes)]
    if elsewhere:
        raise QuartierElsewhere(
            _("Ces quartiers ne sont pas dans les communes cochées : %(names)s.", names=", ".join(elsewhere)),
            field="quartiers",
        )


def _check_mandate(
    session: Session, body: Body, kind: str, started_on: dt.date, ended_on: dt.date | None, seat_body: Body | None
) -> None:
    if kind not in MANDATE_KINDS:
        raise Refusal(_("Choisissez dans la liste."), field="kind")
    if kind == "representant" and (seat_body is None or seat_body.slug == body.slug):
        raise SeatMismatch(_("Choisissez l'instance où cette personne siège pour celle-ci."), field="seat_body")
    if kind != "representant" and seat_body is not None:
        raise SeatMismatch(
            _("Seul un représentant ou une représentante siège dans une autre instance."), field="seat_body"
        )
    _check_near(session, started_on, "started_on")
    if ended_on is not None:
        _check_near(session, ended_on, "ended_on")
        if ended_on < started_on:
            raise DatesInDisorder(_("La fin est avant le début. Vérifiez les deux dates."), field="ended_on")
    if body.closed_on and started_on > body.closed_on:
        raise DatesInDisorder(
            _("L'instance est fermée depuis le %(day)s. Vérifiez la date.", day=f"{body.closed_on:%d/%m/%Y}"),
            field="started_on",
        )


def _check_near(session: Session, day: dt.date, field: str) -> None:
    years = queries.contract_years(session)
    if years and not years[0] - YEARS_AROUND <= day.year <= years[1] + YEARS_AROUND:
        first, last = years[0] - YEARS_AROUND, years[1] + YEARS_AROUND
        raise DatesInDisorder(
            _("Vérifiez l'année : elle est loin du contrat (de %(a)s à %(b)s).", a=first, b=last), field=field
        )


def _new_slug(session: Session, values: BodyValues) -> str:
    """Return a slug of the name; where it is taken, with the commune or a number after it."""
    stem = slugify(values.name)[: REF_LENGTH - 10].strip("-")
    if not stem:  # a name in another script
        return new_ref("instance")
    places = [f"{stem}-{commune.slug}"[:REF_LENGTH].strip("-") for commune in values.communes[:1]]
    numbers = (f"{stem}-{number}" for number in range(2, 1000))
    candidates: Iterable[str] = (slug for group in ([stem], places, numbers) for slug in group)
    return next(slug for slug in candidates if slug not in _RESERVED and not queries.slug_taken(session, slug))


def _write(session: Session, body: Body, values: BodyValues) -> None:
    body.name, body.family, body.scale = values.name.strip(), values.family, values.scale
    body.kind = _kind(session, values)
    body.level, body.opened_on, body.note = values.level, values.opened_on, values.note
    for name in ("communes", "quartiers"):
        wanted = sorted(getattr(values, name), key=lambda place: place.position)
        if {place.id for place in getattr(body, name)} != {place.id for place in wanted}:
            setattr(body, name, wanted)


def _kind(session: Session, values: BodyValues) -> str:
    """Return the slug of the kind; a new one is made once, whatever the case it is written in."""
    if not values.new_kind:
        if not values.kind or session.get(BodyKind, values.kind) is None:
            raise Refusal(_("Choisissez un genre, ou écrivez-en un nouveau."), field="kind")
        return values.kind
    slug = slugify(values.new_kind)[:REF_LENGTH].strip("-").replace("-", "_") or new_ref("genre").replace("-", "_")
    if session.get(BodyKind, slug) is None:
        last = session.scalar(sa.select(sa.func.max(BodyKind.position))) or 0
        session.add(BodyKind(slug=slug, name=values.new_kind, position=max(last + 1, TEAM_KIND_POSITION)))
        session.flush()
    return slug


def _keep_name(body: Body, new: str) -> None:
    names = {alias.name for alias in body.aliases}
    if body.name not in names:
        body.aliases.append(BodyAlias(name=body.name))
    body.aliases = [alias for alias in body.aliases if alias.name != new]


def _end_mandates(session: Session, body: Body, on: dt.date) -> int:
    running = sa.select(Mandate).where(
        sa.or_(Mandate.body_id == body.id, Mandate.seat_body_id == body.id), *queries.in_force(on)
    )
    mandates = [mandate for mandate in session.scalars(running) if mandate.ended_on != on]
    for mandate in mandates:
        mandate.ended_on = on
    return len(mandates)


def _state(body: Body) -> dict[str, Any]:
    return {
        "name": body.name,
        "kind": body.kind,
        "family": body.family,
        "scale": body.scale,
        "level": body.level,
        "opened_on": body.opened_on.isoformat() if body.opened_on else None,
        "note": body.note,
        "communes": sorted(commune.slug for commune in body.communes),
        "quartiers": sorted(quartier.slug for quartier in body.quartiers),
    }


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _recorded(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes as the journal keeps them for ever: that the presentation changed, not its words."""
    return {name: None if name == "note" else pair for name, pair in changes.items()}


def _label(name: str) -> str:
    labels = {
        "name": _("le nom"),
        "kind": _("le genre"),
        "family": _("la famille"),
        "scale": _("l'échelle"),
        "level": _("le niveau"),
        "opened_on": _("la date d'ouverture"),
        "note": _("la présentation"),
        "communes": _("les communes"),
        "quartiers": _("les quartiers"),
    }
    return str(labels[name])
