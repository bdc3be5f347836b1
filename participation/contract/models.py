"""The contract: communes, quartiers, ambitions and objectives, themes, means; read from its file.

One database serves one contract (security.md, Settled): the table `contract` has one row at most.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.permissions import Place

QUARTIER_KINDS = ("qpv", "territoire_vulnerable", "autre")
OBJECTIVE_LEVELS = ("strategic", "operational")

quartier_commune = sa.Table(
    "quartier_commune",
    Model.metadata,
    sa.Column("quartier_id", sa.ForeignKey("quartier.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("commune_id", sa.ForeignKey("commune.id"), primary_key=True, index=True),
)


recipient_commune = sa.Table(
    "recipient_commune",
    Model.metadata,
    sa.Column("recipient_id", sa.ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("commune_id", sa.ForeignKey("commune.id"), primary_key=True, index=True),
)


class Contract(Model):
    """The *contrat de ville* itself: its name, years and the numbers that belong to the whole of it."""

    __tablename__ = "contract"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="only_one"),
        sa.CheckConstraint("starts <= midterm AND midterm <= ends", name="years_in_order"),
        sa.CheckConstraint("response_days > 0", name="response_days_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH))
    name: Mapped[str] = mapped_column(sa.String(200))
    holder: Mapped[str] = mapped_column(sa.String(200))
    siren: Mapped[str | None] = mapped_column(sa.String(9))
    starts: Mapped[int]
    midterm: Mapped[int]
    ends: Mapped[int]
    timezone: Mapped[str] = mapped_column(sa.String(50), default="Europe/Paris")
    response_days: Mapped[int] = mapped_column(default=60)
    """Days to answer a transmitted proposal where no date was announced (indicators.md, PC4.overdue)."""
    response_days_note: Mapped[str | None] = mapped_column(sa.Text)
    response_days_confirmed: Mapped[bool] = mapped_column(default=False)
    """True once an administrator has confirmed the delay: only then does the public read "en retard" from it."""
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    population_line: Mapped[int | None]
    printed_populations: Mapped[list[Any]] = mapped_column(default=list)
    """Other populations as printed: [{quartiers: [slug], value, year, line, note, scope}]; only shown."""
    announced: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the text announces: {strategic, operational, by_ambition: {code: n}}, shown beside what it prints; and
    `portrait`: {year, text} of who took part before, None where it says nothing of it.
    """
    levels: Mapped[list[Any]] = mapped_column(default=list)
    institutions: Mapped[list[Any]] = mapped_column(default=list)
    """Names of institutions that the text prints: suggestions in the meeting form."""
    file_sha256: Mapped[str] = mapped_column(sa.String(64))
    loaded_at: Mapped[dt.datetime]


class Commune(Model):
    """A commune of the contract."""

    __tablename__ = "commune"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    insee: Mapped[str | None] = mapped_column(sa.String(5))
    position: Mapped[int] = mapped_column(default=0)

    quartiers: Mapped[list["Quartier"]] = relationship(
        secondary=quartier_commune, back_populates="communes", order_by="Quartier.position"
    )


class Quartier(Model):
    """A quartier: a QPV or another territory. Its outline is not that of any instance (requirements.md I3)."""

    __tablename__ = "quartier"
    __table_args__ = (one_of("kind", QUARTIER_KINDS),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(30))
    qpv_code: Mapped[str | None] = mapped_column(sa.String(10))
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    population_perimeter: Mapped[str | None] = mapped_column(sa.String(100))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    communes: Mapped[list[Commune]] = relationship(
        secondary=quartier_commune, back_populates="quartiers", order_by=Commune.position
    )

    def places(self) -> set[Place]:
        """Return the quartier and its communes (permissions.py)."""
        return {("quartier", self.slug), *(("commune", commune.slug) for commune in self.communes)}


class Ambition(Model):
    """One of the contract's ambitions."""

    __tablename__ = "ambition"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    objectives: Mapped[list["Objective"]] = relationship(back_populates="ambition", order_by="Objective.position")


class Objective(Model):
    """A strategic objective, or an operational one below it (`parent`)."""

    __tablename__ = "objective"
    __table_args__ = (
        one_of("level", OBJECTIVE_LEVELS),
        sa.CheckConstraint("(level = 'operational') = (parent_id IS NOT NULL)", name="operational_has_parent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    level: Mapped[str] = mapped_column(sa.String(20))
    ambition_id: Mapped[int] = mapped_column(sa.ForeignKey("ambition.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("objective.id"), index=True)
    printed: Mapped[str] = mapped_column(sa.String(20))
    """The number or code as the text prints it ("2E" twice in one objective: `code` tells them apart)."""
    name: Mapped[str] = mapped_column(sa.String(500))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    ambition: Mapped[Ambition] = relationship(back_populates="objectives")
    parent: Mapped["Objective | None"] = relationship(remote_side=[id], back_populates="children")
    children: Mapped[list["Objective"]] = relationship(back_populates="parent", order_by="Objective.position")


class Theme(Model):
    """A field of intervention of the instances (contract l.1742-1745)."""

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)


class Recipient(Model):
    """Someone a proposal may be passed to who is no instance (élus référents, the State's representative).

    Counts in no indicator (exchange-format.md, etapes.csv).
    """

    __tablename__ = "recipient"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    communes: Mapped[list[Commune]] = relationship(secondary=recipient_commune, order_by=Commune.position)
    """Where it is elected, if it is: what is passed to it waits for the élus of these communes."""

    def places(self) -> set[Place]:
        """Return its communes (permissions.py)."""
        return {("commune", commune.slug) for commune in self.communes}


class Means(Model):
    """A means that may pay for a proposal (FTU, budget citoyen, PIC ...); `slug` is the value of `financement`."""

    __tablename__ = "means"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    position: Mapped[int] = mapped_column(default=0)


class Baseline(Model):
    """A figure that the text prints, shown beside today's (47 councillors in 2019, 28 in 2022)."""

    __tablename__ = "baseline"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str | None] = mapped_column(sa.String(40))
    year: Mapped[int]
    value: Mapped[int]
    label: Mapped[str] = mapped_column(sa.String(200))
    line: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
