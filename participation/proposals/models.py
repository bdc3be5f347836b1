"""Proposals: from an opinion to a decision to done, told by an append-only list of steps."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from participation.bodies.models import Body
from participation.contract.models import Contract, Objective, Quartier, Recipient, Theme
from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.permissions import Place

STEP_KINDS = {
    "recueillie": _l("Recueillie"),
    "etude": _l("À l'étude"),
    "transmise": _l("Transmise"),
    "ajournee": _l("Ajournée"),
    "retenue": _l("Retenue"),
    "retenue_en_partie": _l("Retenue en partie"),
    "non_retenue": _l("Non retenue"),
    "en_cours": _l("En cours"),
    "realisee": _l("Réalisée"),
    "abandonnee": _l("Abandonnée"),
    "regroupee": _l("Regroupée"),
    "retiree": _l("Retirée"),
}
DECISIONS = ("retenue", "retenue_en_partie", "non_retenue")
"""Answers to a proposal; an adjournment is not one (indicators.md, PC4.answered_share)."""
ACCEPTED = ("retenue", "retenue_en_partie")
OUTCOMES = (*DECISIONS, "ajournee", "abandonnee")
"""Steps that need a reason (exchange-format.md)."""
WAITING = ("transmise", "ajournee")
"""States in which an answer is owed (indicators.md, PC4.overdue)."""
TRANSMITTED, DECIDED = 1, 4
"""Least values of `Proposal.road` that tell of a transmission, and of a decision."""
DEFAULT_RESPONSE_DAYS = 60
"""Days to answer where there is no contract to say (indicators.md, PC4.overdue)."""
FUNDINGS = ("ftu", "budget_citoyen", "pic", "tfpb", "p147", "droit_commun", "bailleur", "autre")

proposal_quartier = sa.Table(
    "proposal_quartier",
    Model.metadata,
    sa.Column("proposal_id", sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("quartier_id", sa.ForeignKey("quartier.id"), primary_key=True),
    sa.Index("ix_proposal_quartier_quartier_id_proposal_id", "quartier_id", "proposal_id"),
)
proposal_objective = sa.Table(
    "proposal_objective",
    Model.metadata,
    sa.Column("proposal_id", sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("objective_id", sa.ForeignKey("objective.id"), primary_key=True),
    sa.Index("ix_proposal_objective_objective_id_proposal_id", "objective_id", "proposal_id"),
)


class Proposal(Model):
    """A proposal and where it belongs. What became of it follows from its steps.

    `received_on`, `answered_on`, `state`, `state_on`, `road`, `sent_on` and `due_on` repeat what the steps say, so that
    lists are filtered and figures counted by an index; only `rules.settle` writes them, in the transaction that changes
    a step.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", tuple(STEP_KINDS)),
        sa.Index("ix_proposal_received_on_id", "received_on", "id"),
        sa.Index("ix_proposal_state_received_on_id", "state", "received_on", "id"),
        sa.Index("ix_proposal_body_id_received_on", "body_id", "received_on", "state_on", "state", "road"),
        sa.Index("ix_proposal_body_id_answered_on", "body_id", "answered_on", "received_on"),
        sa.Index("ix_proposal_theme_id_received_on", "theme_id", "received_on"),
        sa.Index("ix_proposal_due_on", "due_on"),
        sa.Index("ix_proposal_sent_on_due_on", "sent_on", "due_on"),
        # For the yearly assessment: what became of a cohort, and how long answers took, read from the index alone.
        sa.Index("ix_proposal_counted", "received_on", "state_on", "state", "road", "id"),
        sa.Index("ix_proposal_answered", "answered_on", "received_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    title: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str | None] = mapped_column(sa.Text)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    """The instance that carries it."""
    theme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("theme.id"))
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    """Where it was made."""
    received_on: Mapped[dt.date]
    """Date of its first step: its cohort (indicators.md)."""
    answered_on: Mapped[dt.date | None]
    """Date of its first decision."""
    state: Mapped[str] = mapped_column(sa.String(20))
    """Kind of its last step that is not voided."""
    state_on: Mapped[dt.date]
    road: Mapped[int] = mapped_column(default=0, server_default="0")
    """How far it came: 0 before any transmission, TRANSMITTED after one, DECIDED or more after a decision, odd where
    the last one accepts."""
    sent_on: Mapped[dt.date | None]
    """Date of its last transmission while an answer is owed."""
    due_on: Mapped[dt.date | None]
    """The date announced for the answer while one is owed; None where none was announced (`response_days` applies)."""
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    body: Mapped[Body] = relationship()
    theme: Mapped[Theme | None] = relationship()
    meeting: Mapped[Meeting | None] = relationship()
    quartiers: Mapped[list[Quartier]] = relationship(secondary=proposal_quartier, order_by=Quartier.position)
    objectives: Mapped[list[Objective]] = relationship(secondary=proposal_objective, order_by=Objective.code)
    opinions: Mapped[list[Opinion]] = relationship(
        primaryjoin=lambda: Proposal.id == sa.orm.foreign(Opinion.proposal_id), order_by=Opinion.id
    )
    steps: Mapped[list["Step"]] = relationship(
        back_populates="proposal",
        cascade="all, delete-orphan",
        order_by="Step.position",
        foreign_keys="Step.proposal_id",
    )

    if TYPE_CHECKING:
        answer_due_on: Mapped[dt.date | None]
        """The day by which an answer is owed, while one is: `due_on`, else the last transmission + response_days."""

    __mapper_args__ = {"version_id_col": version}

    def places(self) -> set[Place]:
        """Return the places of the body that carries it and its own quartiers (permissions.py)."""
        return self.body.places() | {("quartier", quartier.slug) for quartier in self.quartiers}


class Step(Model):
    """One step of a proposal. Never removed: a mistaken one is voided with a reason and keeps its place and number.

    `superseded_on` is the date of the next step that is not voided (None: none yet). A proposal's state at a date R
    is thus the one step with `voided_on` empty, `on_date` <= R and `superseded_on` empty or > R: no order to compute.
    Of steps of one day the last has it so; the earlier ones never hold.
    """

    __tablename__ = "step"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "position"),
        one_of("kind", tuple(STEP_KINDS)),
        one_of("funding", FUNDINGS),
        sa.CheckConstraint("position > 0", name="position_positive"),
        sa.CheckConstraint(
            f"kind NOT IN ({', '.join(repr(kind) for kind in OUTCOMES)}) "
            "OR (reason IS NOT NULL AND LENGTH(TRIM(reason)) > 0)",
            name="outcome_has_reason",
        ),
        sa.CheckConstraint(
            "kind <> 'transmise' OR ((to_body_id IS NULL) <> (to_recipient_id IS NULL))", name="transmitted_to_one"
        ),
        sa.CheckConstraint(
            "(kind = 'regroupee') = (to_proposal_id IS NOT NULL) "
            "AND (to_proposal_id IS NULL OR to_proposal_id <> proposal_id)",
            name="merged_into_another",
        ),
        sa.CheckConstraint(
            "kind = 'transmise' OR (to_body_id IS NULL AND to_recipient_id IS NULL)", name="only_transmitted_goes_on"
        ),
        sa.CheckConstraint(
            f"told_on IS NULL OR kind IN ({', '.join(repr(kind) for kind in DECISIONS)})", name="only_decision_is_told"
        ),
        sa.CheckConstraint(
            "(voided_on IS NULL AND voided_reason IS NULL) "
            "OR (voided_on IS NOT NULL AND voided_reason IS NOT NULL AND LENGTH(TRIM(voided_reason)) > 0)",
            name="voided_has_reason",
        ),
        sa.CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        sa.CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0", name="votes_not_negative"),
        # For the yearly assessment: decisions of a year, answers owed, and what had become of a proposal, read from the
        # index alone (long reasons and answers make rows heavy).
        sa.Index("ix_step_dated", "kind", "on_date", "voided_on", "told_on", "proposal_id", "position"),
        sa.Index(
            "ix_step_standing",
            *("kind", "superseded_on", "on_date", "voided_on", "due_on", "proposal_id"),
            *("to_body_id", "to_recipient_id"),
        ),
        sa.Index(
            "ix_step_history",
            *("proposal_id", "position", "kind", "on_date", "superseded_on", "voided_on"),
            *("to_body_id", "to_recipient_id"),
        ),
        sa.Index("ix_step_meeting_id", "meeting_id"),
        sa.Index("ix_step_to_body_id", "to_body_id"),
        sa.Index("ix_step_to_recipient_id", "to_recipient_id"),
        sa.Index("ix_step_to_proposal_id", "to_proposal_id"),
        sa.Index("ix_step_told_meeting_id", "told_meeting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"))
    position: Mapped[int]
    """1 for the first; a step is named `<proposal ref>#<position>` (indicators.md)."""
    on_date: Mapped[dt.date]
    kind: Mapped[str] = mapped_column(sa.String(20))
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    short_answer: Mapped[str | None] = mapped_column(sa.Text)
    """One plain sentence that residents read first."""
    to_body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"))
    to_recipient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("recipient.id"))
    to_proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"))
    due_on: Mapped[dt.date | None]
    funding: Mapped[str | None] = mapped_column(sa.String(20))
    amount_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    owner: Mapped[str | None] = mapped_column(sa.Text)
    """Who does it: a function, not a name."""
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    abstentions: Mapped[int | None]
    deliberation: Mapped[str | None] = mapped_column(sa.Text)
    told_on: Mapped[dt.date | None]
    """When the answer was told back to residents, entered by a person (indicators.md, PC4.told_share)."""
    told_meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"))
    told_addresses: Mapped[int | None]
    """To how many addresses the answer was mailed, where it was told by mail."""
    voided_on: Mapped[dt.date | None]
    voided_reason: Mapped[str | None] = mapped_column(sa.Text)
    superseded_on: Mapped[dt.date | None]
    author: Mapped[str | None] = mapped_column(sa.String(200))
    """Function of who recorded it, for the history page; None for an import."""
    created_at: Mapped[dt.datetime]

    proposal: Mapped[Proposal] = relationship(back_populates="steps", foreign_keys=[proposal_id])
    body: Mapped[Body | None] = relationship(foreign_keys=[body_id])
    meeting: Mapped[Meeting | None] = relationship(foreign_keys=[meeting_id])
    to_body: Mapped[Body | None] = relationship(foreign_keys=[to_body_id])
    to_recipient: Mapped[Recipient | None] = relationship(foreign_keys=[to_recipient_id])
    to_proposal: Mapped[Proposal | None] = relationship(foreign_keys=[to_proposal_id])
    told_meeting: Mapped[Meeting | None] = relationship(foreign_keys=[told_meeting_id])


class HeldPath(Model):
    """A proposal several of whose steps one transaction changes at once (held.py).

    The database refuses each change that leaves the steps outside the table of exchange-format.md; of a held proposal
    it looks at the path as a whole, when it is let go. A row names nobody as its `nobody`, so no transaction can be
    committed with one.
    """

    __tablename__ = "held_path"
    __table_args__ = (sa.CheckConstraint("nobody = 0 AND proposal_id > 0", name="until_commit"),)

    proposal_id: Mapped[int] = mapped_column(
        sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    nobody: Mapped[int] = mapped_column(
        sa.ForeignKey("held_path.proposal_id", deferrable=True, initially="DEFERRED"), server_default="0"
    )


@dataclass(frozen=True)
class Circuit:
    """A proposal, seen by those who act on its steps: the body that carries it, and those it was passed to.

    A recipient that is no instance acts where it is elected.
    """

    proposal: Proposal

    def places(self) -> set[Place]:
        """Return the places of the proposal and of the bodies it was passed to (permissions.py)."""
        held = (step for step in self.proposal.steps if step.voided_on is None)
        passed = (one for step in held for one in (step.to_body, step.to_recipient) if one)
        return self.proposal.places().union(*(one.places() for one in passed))


class _AddDays(sa.sql.functions.FunctionElement[dt.date]):
    """A date some days later, on either database."""

    name = "add_days"
    type = sa.Date()
    inherit_cache = True


@compiles(_AddDays, "sqlite")
def _add_days_sqlite(element: _AddDays, compiler: Any, **options: Any) -> str:
    day, days = element.clauses
    return f"date({compiler.process(day, **options)}, ({compiler.process(days, **options)}) || ' days')"


@compiles(_AddDays, "postgresql")
def _add_days_postgresql(element: _AddDays, compiler: Any, **options: Any) -> str:
    day, days = element.clauses
    return f"({compiler.process(day, **options)} + {compiler.process(days, **options)})"


def response_days() -> sa.ColumnElement[int]:
    """Return how many days there are to answer where no date was announced, as the contract says."""
    return sa.func.coalesce(sa.select(Contract.response_days).scalar_subquery(), DEFAULT_RESPONSE_DAYS)


def sent_before(day: dt.date) -> sa.ColumnElement[bool]:
    """Return the condition that the default delay was over on `day`, in a form that the index of `sent_on` answers."""
    return Proposal.sent_on < _AddDays(sa.literal(day, sa.Date), -response_days())


def _answer_due_on() -> sa.ColumnElement[dt.date | None]:
    return sa.func.coalesce(Proposal.due_on, _AddDays(Proposal.sent_on, response_days()), type_=sa.Date())


Proposal.answer_due_on = column_property(_answer_due_on(), deferred=True)


class Support(Model):
    """A phone supports a proposal, until one tap takes it back. No vote, never added to hands raised (ux.md R9)."""

    __tablename__ = "support"

    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    phone_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Keyed hash of the random number in the phone's own cookie and of the proposal: phones cannot be followed."""
    given_on: Mapped[dt.date]


class ProposalWord(Model):
    """A word of a proposal as searches see it: folded and stemmed (stems.py). Rebuilt whenever the text changes."""

    __tablename__ = "proposal_word"
    __table_args__ = (
        sa.Index("ix_proposal_word_proposal_id_word", "proposal_id", "word"),
        {"sqlite_with_rowid": False},  # the key is all there is: one copy of it less
    )

    word: Mapped[str] = mapped_column(
        sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), primary_key=True
    )
    """Ordered by its bytes, so that the words with one beginning stand together on both databases."""
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
