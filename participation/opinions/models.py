"""Opinions (*avis*): what one person says, word for word. Nothing here tells who."""

import datetime as dt

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from participation.bodies.models import Body
from participation.contract.models import Quartier, Theme
from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.permissions import Place

CHANNELS = {
    "telephone": _l("Téléphone"),
    "oral": _l("Oral"),
    "papier": _l("Papier"),
    "micro_trottoir": _l("Micro-trottoir"),
    "web": _l("Site web"),
}
MODERATIONS = {
    "en_attente": _l("À lire"),
    "publie": _l("Publié"),
    "reserve": _l("Gardé pour l'équipe"),
    "rejete": _l("Non publié"),
}
PUBLIC_MODERATION = "publie"
PHOTO_ALONE = "Photo envoyée sans un mot."
"""Text of an opinion that is only a photo: nobody is made to say what she did not write."""
REJECTED = "rejete"
VOICE_PENDING = "Message vocal, pas encore écrit."
"""Text of an opinion that is only a recording so far, in the database as it stands here, whatever the page's language.
The team writes down what is said (participation/media); until then it cannot be published."""
TAKEN_BACK = "Avis retiré par la personne qui l'a écrit."
"""Text of an opinion whose words were erased because its author took it back; it is rejected, so it does not count."""


class Opinion(Model):
    """One opinion, in the language it was said in.

    It counts unless rejected (indicators.md). `proposal_id` is the proposal it fed; the relation is told from the
    proposals' side (proposals/models.py), because arrows point down.
    """

    __tablename__ = "opinion"
    __table_args__ = (
        one_of("channel", tuple(CHANNELS)),
        one_of("moderation", tuple(MODERATIONS)),
        sa.CheckConstraint(
            "meeting_id IS NOT NULL OR body_id IS NOT NULL OR quartier_id IS NOT NULL", name="belongs_somewhere"
        ),
        sa.CheckConstraint("answered_on IS NULL OR answer IS NOT NULL", name="answered_with_text"),
        sa.Index("ix_opinion_received_on_id", "received_on", "id"),
        sa.Index("ix_opinion_moderation_received_on_id", "moderation", "received_on", "id"),
        sa.Index("ix_opinion_quartier_id_received_on", "quartier_id", "received_on", "moderation", "proposal_id"),
        sa.Index("ix_opinion_theme_id_received_on", "theme_id", "received_on"),
        # For the yearly assessment: which opinions count, where, and which fed a proposal, read from an index alone.
        sa.Index("ix_opinion_counted", "received_on", "moderation", "proposal_id"),
        sa.Index(
            "ix_opinion_counted_at",
            *("meeting_id", "received_on", "moderation", "proposal_id", "body_id", "quartier_id"),
        ),
        sa.Index("ix_opinion_body_id_received_on", "body_id", "received_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    received_on: Mapped[dt.date]
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"))
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"))
    quartier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quartier.id"))
    theme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("theme.id"))
    question: Mapped[str | None] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    channel: Mapped[str | None] = mapped_column(sa.String(20))
    proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    moderation: Mapped[str] = mapped_column(sa.String(20), default="en_attente")
    moderation_reason: Mapped[str | None] = mapped_column(sa.Text)
    """Why it is not published, as its author may read it."""
    language: Mapped[str | None] = mapped_column(sa.String(35))
    """BCP 47 tag."""
    reserve_asked: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Its author asked that only the team read it: it waits to be read as any other, and can never be published."""
    answer: Mapped[str | None] = mapped_column(sa.Text)
    """A short answer of its own, where no proposal came of it."""
    answered_on: Mapped[dt.date | None]
    from_flood: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It came among many in a few minutes, by the same door: the team looks at those apart (security.md R09)."""
    withdrawal_asked_at: Mapped[dt.datetime | None]
    """When its author asked for it to be taken back; from then on it is not public."""
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting | None] = relationship()
    body: Mapped[Body | None] = relationship()
    quartier: Mapped[Quartier | None] = relationship()
    theme: Mapped[Theme | None] = relationship()
    translations: Mapped[list["OpinionTranslation"]] = relationship(
        back_populates="opinion", cascade="all, delete-orphan", order_by="OpinionTranslation.language"
    )

    __mapper_args__ = {"version_id_col": version}

    @validates("text")
    def _drop_translations(self, _name: str, text: str) -> str:
        """Translations go with the words that they translate: other words, or words erased, leave none behind."""
        if sa.inspect(self).persistent and text != self.text:
            self.translations = []
        return text

    @hybrid_property
    def is_public(self) -> bool:
        """Whether everybody may read it: the team published it, and its author asked for nothing else."""
        return self.moderation == PUBLIC_MODERATION and self.withdrawal_asked_at is None and not self.reserve_asked

    @is_public.inplace.expression
    @classmethod
    def _is_public(cls) -> sa.ColumnElement[bool]:
        published = cls.moderation == PUBLIC_MODERATION
        return sa.and_(published, cls.withdrawal_asked_at.is_(None), cls.reserve_asked.is_(sa.false()))

    @property
    def may_become_public(self) -> bool:
        """Whether it can be published at all: written down, and not kept for the team by its author."""
        return self.text != VOICE_PENDING and not self.reserve_asked

    def places(self) -> set[Place]:
        """Return the places of its meeting, body and quartier (permissions.py)."""
        return set().union(*(part.places() for part in (self.meeting, self.body, self.quartier) if part))


class OpinionTranslation(Model):
    """An opinion in another language, by a person of the team, shown beside the original."""

    __tablename__ = "opinion_translation"

    opinion_id: Mapped[int] = mapped_column(sa.ForeignKey("opinion.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(35), primary_key=True)
    """BCP 47 tag."""
    text: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str | None] = mapped_column(sa.String(200))
    """Function of who translated."""
    translated_at: Mapped[dt.datetime]

    opinion: Mapped[Opinion] = relationship(back_populates="translations")
