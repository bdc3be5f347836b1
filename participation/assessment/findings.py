"""The first page's sentences, at most five, written from the figures in the order of the contract's blocks (ux.md 2.3).

Under 20 a share is always "x sur y"; what is unknown is said to be unknown, and nothing is found about nothing. Each
number knows the indicator that it comes from, so that a page can lead from it to the rows that it counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from participation.assessment.engine import OF_ROWS, ROWS
from participation.assessment.frame import Frame
from participation.assessment.results import SMALL_COUNT, Assessment, Figure
from participation.assessment.words import coverage_of
from participation.formatting import number_fr

_MARK = "\x1f"
"""What parts a sentence where its numbers stand: no text of a translation contains it."""


@dataclass(frozen=True)
class Piece:
    """A part of a sentence. `code`: of the indicator that a number comes from, None for mere words; `part`: its list of
    rows that the number counts.
    """

    text: str
    code: str | None = None
    part: str = ROWS


@dataclass(frozen=True)
class Finding:
    """One sentence, in its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return "".join(piece.text for piece in self.pieces)


def findings(assessment: Assessment, frame: Frame, *, public: bool = False) -> list[Finding]:
    """Return the sentences: instances, governance, where residents take part, what became of their words, who comes.

    The public reads "en retard" only where a date was announced or the delay was confirmed (PC4.overdue). Where no
    meeting was held, nothing is said of who came.
    """
    figures = assessment.figures
    told = [
        _bodies(figures["PC1.active"], figures["PC1.existing"]),
        _governance(figures["PC2.bodies_with_residents"], figures["PC2.bodies"]),
        _presence(figures["PC3.bodies"], figures["PC3.attendances"]),
        _answers(assessment, frame, public=public),
        _first_timers(figures["D1.first_time_share"]),
    ]
    return [Finding(tuple(pieces)) for pieces in told if pieces]


Pieces = list[Piece]


def _said(write: Callable[..., str], **numbers: Piece) -> Pieces:
    """Return a sentence in its pieces. `write`: gives it for the words of its numbers, each where it stands."""
    text = write(**{name: f"{_MARK}{name}{_MARK}" for name in numbers})
    return [numbers.get(one, Piece(one)) if place % 2 else Piece(one) for place, one in enumerate(text.split(_MARK))]


def _number(code: str, value: float | None, part: str = ROWS) -> Piece:
    return Piece(number_fr(value), code, part)


def _plain(text: str) -> Pieces:
    return [Piece(text)]


def _whole(value: float | None) -> int:
    """Return the number that chooses the plural."""
    return int(value or 0)


def _bodies(active: Figure, existing: Figure) -> Pieces:
    of = _number("PC1.existing", existing.value)
    if not existing.value:
        return _plain(_("Aucune instance de participation n'existe encore."))
    if not active.value:
        return _said(lambda **told: _("Aucune instance de participation ne s'est réunie, sur %(of)s.", **told), of=of)
    return _said(
        lambda **told: ngettext(
            "%(n)s instance de participation sur %(of)s s'est réunie.",
            "%(n)s instances de participation sur %(of)s se sont réunies.",
            _whole(active.value),
            **told,
        ),
        n=_number("PC1.active", active.value),
        of=of,
    )


def _governance(with_residents: Figure, bodies: Figure) -> Pieces:
    of = _number("PC2.bodies", bodies.value)
    if not bodies.value:
        return _plain(_("Aucune instance de gouvernance ne s'est réunie."))
    if not with_residents.value:
        return _said(
            lambda **told: _("Aucune instance de gouvernance ne fait une place aux habitants, sur %(of)s.", **told),
            of=of,
        )
    return _said(
        lambda **told: ngettext(
            "%(n)s instance de gouvernance sur %(of)s fait une place aux habitants.",
            "%(n)s instances de gouvernance sur %(of)s font une place aux habitants.",
            _whole(with_residents.value),
            **told,
        ),
        n=_number("PC2.bodies_with_residents", with_residents.value),
        of=of,
    )


def _presence(bodies: Figure, attendances: Figure) -> Pieces:
    if attendances.coverage and not attendances.coverage.of:
        return _plain(_("Aucune rencontre n'a été tenue."))
    if attendances.value is None:
        return _plain(_("On ne sait pas combien d'habitants sont venus : ils n'ont pas été comptés."))
    if not attendances.value:
        return _plain(_("Aucun habitant n'a été compté dans une rencontre."))
    came = _number("PC3.attendances", attendances.value)
    if not bodies.value:  # campaigns count in no body
        return [
            *_said(lambda **told: _("Présences d'habitants comptées, hors des instances : %(of)s.", **told), of=came),
            *_counted(attendances),
        ]
    return [
        *_said(
            lambda **told: ngettext(
                "Des habitants participent à %(n)s instance. Présences comptées : %(of)s.",
                "Des habitants participent à %(n)s instances. Présences comptées : %(of)s.",
                _whole(bodies.value),
                **told,
            ),
            n=_number("PC3.bodies", bodies.value),
            of=came,
        ),
        *_counted(attendances),
    ]


def _counted(figure: Figure) -> Pieces:
    """Return in how many meetings it was counted, where it was in fewer than half; the block's chart always says it."""
    if figure.coverage is None or 2 * figure.coverage.counted >= figure.coverage.of:
        return []
    return [Piece(f" {coverage_of(figure)}")]


def _answers(assessment: Assessment, frame: Frame, *, public: bool) -> Pieces:
    figures = assessment.figures
    given, late = (
        _given(figures["PC4.answered_share"], figures["PC4.received"]),
        _late(figures["PC4.overdue"], frame, public=public),
    )
    return [*given, Piece(" "), *late] if late else given


def _late(overdue: Figure, frame: Frame, *, public: bool) -> Pieces:
    if not overdue.value:
        return []
    number = _number("PC4.overdue", overdue.value)
    if public and not frame.response_days_confirmed:
        return _said(
            lambda **told: ngettext(
                "%(n)s réponse est attendue depuis plus de %(of)s jours, ou après la date annoncée.",
                "%(n)s réponses sont attendues depuis plus de %(of)s jours, ou après la date annoncée.",
                _whole(overdue.value),
                **told,
            ),
            n=number,
            of=Piece(number_fr(frame.response_days)),
        )
    return _said(
        lambda **told: ngettext(
            "%(n)s réponse est en retard.", "%(n)s réponses sont en retard.", _whole(overdue.value), **told
        ),
        n=number,
    )


def _given(answered: Figure, received: Figure) -> Pieces:
    code = "PC4.answered_share"
    of = _number(code, answered.denominator, OF_ROWS)
    if not received.value:
        return _plain(_("Aucune proposition n'a été reçue."))
    if not answered.denominator:
        return _plain(_("Les propositions reçues ont toutes été retirées."))
    if not answered.numerator:
        return _said(lambda **told: _("Aucune proposition n'a eu de réponse, sur %(of)s.", **told), of=of)
    return _said(
        lambda **told: ngettext(
            "%(n)s proposition sur %(of)s a eu une réponse avec ses raisons.",
            "%(n)s propositions sur %(of)s ont eu une réponse avec ses raisons.",
            _whole(answered.numerator),
            **told,
        ),
        n=_number(code, answered.numerator),
        of=of,
    )


def _first_timers(figure: Figure) -> Pieces:
    """Of presences, not of persons: somebody who came three times is three of them, and came once for the first."""
    code = "D1.first_time_share"
    if figure.coverage and not figure.coverage.of:
        return []
    if figure.why == SMALL_COUNT:
        return _plain(_("Trop peu de personnes venaient pour la première fois : nous ne donnons pas le chiffre."))
    if figure.numerator is None or not figure.denominator:
        return _plain(_("On ne sait pas combien de personnes venaient pour la première fois."))
    of = _number(code, figure.denominator)
    if not figure.numerator:
        return _said(
            lambda **told: _("Personne ne venait pour la première fois (présences comptées : %(of)s).", **told), of=of
        )
    return [
        *_said(
            lambda **told: ngettext(
                "%(n)s habitant venait pour la première fois (présences comptées : %(of)s).",
                "%(n)s habitants venaient pour la première fois (présences comptées : %(of)s).",
                _whole(figure.numerator),
                **told,
            ),
            n=_number(code, figure.numerator),
            of=of,
        ),
        *_counted(figure),
    ]
