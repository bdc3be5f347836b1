"""Meetings (*rencontres*): when, where, by whom, who came in numbers, what was decided, what was written down."""

import datetime as dt

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.bodies.models import LEVELS, Body
from participation.clock import to_local, today
from participation.contract.models import Quartier
from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.permissions import Place

MEETING_TYPES = {
    "reunion": _l("Réunion"),
    "cafe_citoyen": _l("Café citoyen"),
    "atelier": _l("Atelier"),
    "balade_urbaine": _l("Balade urbaine"),
    "micro_trottoir": _l("Micro-trottoir"),
    "stand": _l("Stand"),
    "porte_a_porte": _l("Porte-à-porte"),
    "temps_convivial": _l("Temps convivial"),
    "reunion_publique": _l("Réunion publique"),
    "restitution": _l("Restitution"),
    "bilan_annuel": _l("Bilan annuel"),
    "election": _l("Élection"),
    "comite": _l("Comité"),
}
OUTREACH_TYPES = ("cafe_citoyen", "stand", "micro_trottoir", "balade_urbaine", "porte_a_porte", "temps_convivial")
"""*Aller vers* (indicators.md, A1.outreach_share)."""
MEETING_STATUSES = {"prevue": _l("Prévue"), "tenue": _l("Tenue"), "annulee": _l("Annulée")}

HEADCOUNTS = (
    "participants",
    "residents",
    "qpv_residents",
    "first_timers",
    "women",
    "men",
    "under_26",
    "over_60",
    "elus",
    "agents",
)
"""Every count of people of a meeting. Empty is unknown, never zero (indicators.md)."""
BREAKDOWNS = ("qpv_residents", "first_timers", "women", "men", "under_26", "over_60")
"""Counts that describe the residents present; small ones are masked for the public (exchange-format.md)."""
PARTS = (
    (("residents", "elus", "agents"), "participants"),
    (("qpv_residents",), "residents"),
    (("first_timers",), "residents"),
    (("women", "men"), "residents"),
    (("under_26", "over_60"), "residents"),
)
"""(parts, whole): the parts that are known may not add up to more than a whole that is known (exchange-format.md)."""

meeting_body = sa.Table(
    "meeting_body",
    Model.metadata,
    sa.Column("meeting_id", sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("body_id", sa.ForeignKey("body.id"), primary_key=True),
    sa.Index("ix_meeting_body_body_id_meeting_id", "body_id", "meeting_id"),
)
meeting_quartier = sa.Table(
    "meeting_quartier",
    Model.metadata,
    sa.Column("meeting_id", sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("quartier_id", sa.ForeignKey("quartier.id"), primary_key=True),
    sa.Index("ix_meeting_quartier_quartier_id_meeting_id", "quartier_id", "meeting_id"),
)


def _parts_fit(parts: tuple[str, ...], whole: str) -> sa.CheckConstraint:
    total = " + ".join(f"COALESCE({part}, 0)" for part in parts)
    return sa.CheckConstraint(f"{whole} IS NULL OR {total} <= {whole}", name=f"{'_'.join(parts)}_fit")


class Meeting(Model):
    """A meeting of one or several bodies: a joint one is one meeting.

    `held_on` is its civil date in Europe/Paris (planned, held or cancelled); `starts_at` and `ends_at` are moments and
    may be unknown.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        one_of("type", tuple(MEETING_TYPES)),
        one_of("level", tuple(LEVELS)),
        one_of("status", tuple(MEETING_STATUSES)),
        *(sa.CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in HEADCOUNTS),
        *(_parts_fit(*rule) for rule in PARTS),
        sa.Index("ix_meeting_status_held_on_id", "status", "held_on", "id"),
        sa.Index("ix_meeting_held_on_id", "held_on", "id"),
        # For the yearly assessment: headcounts of a year, read from the index alone (minutes make rows heavy).
        sa.Index(
            "ix_meeting_counted",
            *("status", "held_on", "participants", "residents", *BREAKDOWNS, "level", "type"),
            *("minutes_published_on", "id"),
        ),
        sa.Index("ix_meeting_type_held_on_id", "type", "held_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    title: Mapped[str] = mapped_column(sa.Text)
    type: Mapped[str] = mapped_column(sa.String(30))
    level: Mapped[str | None] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(sa.String(20), default="prevue")
    held_on: Mapped[dt.date]
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    place: Mapped[str | None] = mapped_column(sa.Text)
    cancel_reason: Mapped[str | None] = mapped_column(sa.Text)
    participants: Mapped[int | None]
    residents: Mapped[int | None]
    qpv_residents: Mapped[int | None]
    first_timers: Mapped[int | None]
    women: Mapped[int | None]
    men: Mapped[int | None]
    under_26: Mapped[int | None]
    over_60: Mapped[int | None]
    elus: Mapped[int | None]
    agents: Mapped[int | None]
    minutes: Mapped[str | None] = mapped_column(sa.Text)
    """Markdown; a draft until `minutes_published_on`, which an import may set ahead. Past texts: MinutesVersion."""
    minutes_published_on: Mapped[dt.date | None]
    answer_due_on: Mapped[dt.date | None]
    """Until when the town announced an answer to what is said there; None: no date was announced."""
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    bodies: Mapped[list[Body]] = relationship(secondary=meeting_body, order_by=Body.slug)
    quartiers: Mapped[list[Quartier]] = relationship(secondary=meeting_quartier, order_by=Quartier.position)
    institutions: Mapped[list["MeetingInstitution"]] = relationship(
        cascade="all, delete-orphan", order_by="MeetingInstitution.name"
    )
    decisions: Mapped[list["Decision"]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", order_by="Decision.id"
    )
    minutes_versions: Mapped[list["MinutesVersion"]] = relationship(
        cascade="all, delete-orphan", order_by="MinutesVersion.number"
    )
    questions: Mapped[list["AskedQuestion"]] = relationship(
        cascade="all, delete-orphan", order_by="AskedQuestion.position"
    )

    __mapper_args__ = {"version_id_col": version}

    def places(self) -> set[Place]:
        """Return the places of each organising body and the meeting's own quartiers (permissions.py)."""
        own = {("quartier", quartier.slug) for quartier in self.quartiers}
        return own.union(*(body.places() for body in self.bodies))

    @property
    def minutes_are_public(self) -> bool:
        """Whether everybody may read the minutes: from the day of their publication on (Europe/Paris)."""
        return self.minutes_published_on is not None and self.minutes_published_on <= today()

    @property
    def start_time(self) -> dt.time | None:
        """Clock time of the start in Europe/Paris, if known."""
        return to_local(self.starts_at).time() if self.starts_at else None

    @property
    def end_time(self) -> dt.time | None:
        """Clock time of the end in Europe/Paris, if known."""
        return to_local(self.ends_at).time() if self.ends_at else None


class MeetingInstitution(Model):
    """An institution present at a meeting; `name` is trimmed and NFC: G3.count compares it as it is."""

    __tablename__ = "meeting_institution"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(500), primary_key=True)


class MinutesVersion(Model):
    """A published text of minutes: what was readable from `published_at` on, and why it was corrected."""

    __tablename__ = "minutes_version"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    """Why it was corrected; None for the first publication."""
    published_at: Mapped[dt.datetime]


class Decision(Model):
    """What a meeting decided about itself ("inviter le bailleur le 12"); never counted in PC4 (exchange-format.md)."""

    __tablename__ = "decision"
    __table_args__ = (sa.Index("ix_decision_done_on_due_on", "done_on", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    owner: Mapped[str | None] = mapped_column(sa.Text)
    """A function, not a name."""
    due_on: Mapped[dt.date | None]
    done_on: Mapped[dt.date | None]
    answer_from: Mapped[str | None] = mapped_column(sa.Text)
    """From whom an answer is expected: a function or an institution, not a name."""

    meeting: Mapped[Meeting] = relationship(back_populates="decisions")

    def places(self) -> set[Place]:
        """Return the places of its meeting (permissions.py)."""
        return self.meeting.places()


class AskedQuestion(Model):
    """A question put to residents, at a meeting or, between meetings, in a quartier."""

    __tablename__ = "asked_question"
    __table_args__ = (
        sa.CheckConstraint("(meeting_id IS NULL) <> (quartier_id IS NULL)", name="one_place"),
        sa.UniqueConstraint("meeting_id", "position"),
        sa.UniqueConstraint("quartier_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"))
    quartier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quartier.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
