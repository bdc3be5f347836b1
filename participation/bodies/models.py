"""Bodies (*instances*): what they are, where they belong, who sits in them, how often they must meet."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.contract.models import Commune, Quartier
from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.permissions import Place

FAMILIES = {"participation": _l("Participation"), "gouvernance": _l("Gouvernance")}
SCALES = {"communale": _l("Communale"), "intercommunale": _l("Intercommunale")}
LEVELS = {
    "information": _l("Information"),
    "consultation": _l("Consultation"),
    "concertation": _l("Concertation"),
    "coproduction": _l("Coproduction"),
    "codecision": _l("Codécision"),
}
"""Levels of participation (contract l.202, 1525)."""
MANDATE_KINDS = {
    "membre": _l("Membre"),
    "representant": _l("Représentant ou représentante"),
    "animateur": _l("Animateur ou animatrice"),
    "elu_referent": _l("Élu ou élue de référence"),
    "partenaire": _l("Partenaire"),
}
CAMPAIGN_KIND = "demarche"
"""A campaign counts neither in PC1 nor in PC3.bodies (indicators.md)."""
TEAM_KIND_POSITION = 1000
"""Kinds made in the browser stand from this position on, after those of the contract file, which cannot drop them."""
QUARTIER_COUNCIL_KIND = "conseil_de_quartier"
"""PC2.seats counts residents' seats in these besides the governance bodies (indicators.md)."""

body_commune = sa.Table(
    "body_commune",
    Model.metadata,
    sa.Column("body_id", sa.ForeignKey("body.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("commune_id", sa.ForeignKey("commune.id"), primary_key=True, index=True),
)
body_quartier = sa.Table(
    "body_quartier",
    Model.metadata,
    sa.Column("body_id", sa.ForeignKey("body.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("quartier_id", sa.ForeignKey("quartier.id"), primary_key=True, index=True),
)
cadence_body = sa.Table(
    "cadence_body",
    Model.metadata,
    sa.Column("cadence_id", sa.ForeignKey("cadence.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("body_id", sa.ForeignKey("body.id"), primary_key=True, index=True),
)
representation_body = sa.Table(
    "representation_body",
    Model.metadata,
    sa.Column("representation_id", sa.ForeignKey("representation.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("body_id", sa.ForeignKey("body.id"), primary_key=True, index=True),
)


class BodyKind(Model):
    """A kind of body and its French label. Kinds are data: another contract has others (requirements.md I1)."""

    __tablename__ = "body_kind"

    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    position: Mapped[int] = mapped_column(default=0)


class Body(Model):
    """An instance: a commission citoyenne, a conseil de quartier, a comité ... with its dates."""

    __tablename__ = "body"
    __table_args__ = (
        one_of("family", tuple(FAMILIES)),
        one_of("scale", tuple(SCALES)),
        one_of("level", tuple(LEVELS)),
        sa.CheckConstraint("closed_on IS NULL OR opened_on IS NULL OR opened_on <= closed_on", name="closes_after"),
        sa.Index("ix_body_family_kind", "family", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.ForeignKey("body_kind.slug"), index=True)
    family: Mapped[str] = mapped_column(sa.String(20))
    scale: Mapped[str] = mapped_column(sa.String(20))
    level: Mapped[str | None] = mapped_column(sa.String(20))
    opened_on: Mapped[dt.date | None]
    """Unknown counts as before the contract (indicators.md)."""
    closed_on: Mapped[dt.date | None]
    closing_reason: Mapped[str | None] = mapped_column(sa.Text)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"), index=True)
    """The body whose sub-group this one is (contract l.1895)."""
    note: Mapped[str | None] = mapped_column(sa.Text)
    inferred: Mapped[bool] = mapped_column(default=False)
    """True where the text implies the body without naming it; pages say so."""
    line: Mapped[int | None]
    from_file: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """The values last loaded from the contract file, to tell what the team changed since; None: made in the browser."""
    version: Mapped[int] = mapped_column(default=1)

    kind_row: Mapped[BodyKind] = relationship()
    parent: Mapped["Body | None"] = relationship(remote_side=[id])
    communes: Mapped[list[Commune]] = relationship(secondary=body_commune, order_by=Commune.position)
    quartiers: Mapped[list[Quartier]] = relationship(secondary=body_quartier, order_by=Quartier.position)
    aliases: Mapped[list["BodyAlias"]] = relationship(
        back_populates="body", cascade="all, delete-orphan", order_by="BodyAlias.name"
    )

    __mapper_args__ = {"version_id_col": version}

    def places(self) -> set[Place]:
        """Return the body itself, its communes and its quartiers (permissions.py)."""
        return {
            ("instance", self.slug),
            *(("commune", commune.slug) for commune in self.communes),
            *(("quartier", quartier.slug) for quartier in self.quartiers),
        }


class BodyAlias(Model):
    """Another name of a body, kept for ever: old posters and minutes still name it so."""

    __tablename__ = "body_alias"
    __table_args__ = (sa.UniqueConstraint("body_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.Text)

    body: Mapped[Body] = relationship(back_populates="aliases")


class Cadence(Model):
    """How often bodies must meet, alone or all together (contract l.1717, 1725, 2095-2139)."""

    __tablename__ = "cadence"
    __table_args__ = (sa.CheckConstraint("per_year > 0", name="per_year_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(400), unique=True)
    """Its instances joined with `+` in code-point order, and `:type` if it has one (indicators.md, R1.cadence)."""
    meeting_type: Mapped[str | None] = mapped_column(sa.String(30))
    per_year: Mapped[int]
    label: Mapped[str] = mapped_column(sa.String(300))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    bodies: Mapped[list[Body]] = relationship(secondary=cadence_body, order_by=Body.slug)


class Representation(Model):
    """Seats that bodies hold in another kind of body (two of each commission in its conseil de quartier, l.1711)."""

    __tablename__ = "representation"

    id: Mapped[int] = mapped_column(primary_key=True)
    to_kind: Mapped[str] = mapped_column(sa.ForeignKey("body_kind.slug"))
    seats: Mapped[int]
    line: Mapped[int | None]

    from_bodies: Mapped[list[Body]] = relationship(secondary=representation_body, order_by=Body.slug)


class Question(Model):
    """A ready-made question, for one body's campaign or for all (contract l.1504-1509)."""

    __tablename__ = "question"
    __table_args__ = (sa.UniqueConstraint("body_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str | None] = mapped_column(sa.Text)
    line: Mapped[int | None]

    body: Mapped[Body | None] = relationship()


class Mandate(Model):
    """A seat in a body, with its dates; who holds it stands apart in MandatePerson (no quorum, l.1713).

    In force from `started_on` to `ended_on`, both included. For a `representant`, `seat_body` is the body in which
    the seat is held and `body` the one it speaks for.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        one_of("kind", tuple(MANDATE_KINDS)),
        sa.CheckConstraint("ended_on IS NULL OR started_on <= ended_on", name="ends_after"),
        sa.Index("ix_mandate_body_id_kind_started_on", "body_id", "kind", "started_on"),
        sa.Index("ix_mandate_seat_body_id_kind_started_on", "seat_body_id", "kind", "started_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    kind: Mapped[str] = mapped_column(sa.String(20), default="membre")
    seat_body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"))
    started_on: Mapped[dt.date]
    ended_on: Mapped[dt.date | None]

    body: Mapped[Body] = relationship(foreign_keys=[body_id])
    seat_body: Mapped[Body | None] = relationship(foreign_keys=[seat_body_id])
    person: Mapped["MandatePerson | None"] = relationship(back_populates="mandate", cascade="all, delete-orphan")

    def places(self) -> set[Place]:
        """Return the places of both its bodies (permissions.py)."""
        return self.body.places() | (self.seat_body.places() if self.seat_body else set())


class MandatePerson(Model):
    """Personal data: the name of who holds a mandate. Erased alone; the mandate and its figures stay."""

    __tablename__ = "mandate_person"

    mandate_id: Mapped[int] = mapped_column(sa.ForeignKey("mandate.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)

    mandate: Mapped[Mandate] = relationship(back_populates="person")
