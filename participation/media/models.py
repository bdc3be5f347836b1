"""Recordings and photos: what is known of a file. The bytes lie in the folder of uploads (storage.py)."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.database import one_of
from participation.extensions import Model
from participation.opinions.models import Opinion
from participation.permissions import Place

KINDS = ("audio", "photo")


class Media(Model):
    """A file that came with an opinion, re-encoded by us: nothing is kept or served as it was sent.

    A recording is for the team's ears only and is erased once written down (security.md, Settled); a photo is public
    only when the team published it with its description.
    """

    __tablename__ = "media"
    __table_args__ = (
        one_of("kind", KINDS),
        sa.CheckConstraint("published_at IS NULL OR (kind = 'photo' AND description IS NOT NULL)", name="public_photo"),
        sa.CheckConstraint("published_at IS NULL OR kept_at IS NULL", name="public_or_kept"),
        sa.Index("ix_media_kind_erased_at_created_at", "kind", "erased_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Random; stands in addresses."""
    opinion_id: Mapped[int] = mapped_column(sa.ForeignKey("opinion.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    stored_name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    """Name of the file in the folder of uploads, made by us."""
    size: Mapped[int]
    """Bytes of the stored file."""
    seconds: Mapped[int | None]
    """Length of a recording."""
    width: Mapped[int | None]
    """Of a photo, in pixels, so that a page keeps its place."""
    height: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    description: Mapped[str | None] = mapped_column(sa.Text)
    """What a photo shows, for those who do not see it."""
    created_at: Mapped[dt.datetime]
    written_down_at: Mapped[dt.datetime | None]
    """When the team wrote a recording down."""
    published_at: Mapped[dt.datetime | None]
    kept_at: Mapped[dt.datetime | None]
    """When the team decided to keep a photo for itself."""
    erased_at: Mapped[dt.datetime | None]
    """When the bytes were erased; the row stays, so that the team knows there were some."""

    opinion: Mapped[Opinion] = relationship()

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are still there."""
        return self.erased_at is None

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it: a photo that the team published, of an opinion that is public."""
        return self.is_kept and self.published_at is not None and self.opinion.is_public

    @property
    def waits(self) -> bool:
        """Whether the team has something to do: write the recording down, publish the photo or keep it."""
        return self.is_kept and self.published_at is None and self.kept_at is None

    def places(self) -> set[Place]:
        """Return the places of its opinion (permissions.py)."""
        return self.opinion.places()
