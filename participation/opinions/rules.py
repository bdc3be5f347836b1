"""What can happen to an opinion: it is written down as said, read, published or not, and sometimes answered.

A verb changes the rows of the session and writes the journal (without a word of what was said: a line of the journal
is never erased); the caller commits. `by` is the acting account.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.bodies.models import Body
from participation.contract.models import Contract, Quartier, Theme
from participation.database import now
from participation.errors import Conflict, Refusal
from participation.meetings.models import Meeting
from participation.opinions import masking
from participation.opinions.models import PUBLIC_MODERATION, REJECTED, VOICE_PENDING, Opinion
from participation.permissions import PERMISSIONS, Placed
from participation.refs import new_ref

LONGEST_TEXT = 20_000
"""Characters of a text typed in a form: about twenty minutes of speech. An import may bring longer ones."""
YEARS_AROUND = 10
"""A date lies in the contract's years, plus or minus these (exchange-format.md, Bad input)."""


@dataclass(frozen=True)
class Said:
    """What somebody said, and where it belongs; None is unknown. `received_on` is a civil date in Europe/Paris."""

    text: str
    received_on: dt.date
    body: Body | None = None
    quartier: Quartier | None = None
    theme: Theme | None = None
    question: str | None = None
    channel: str | None = None
    language: str | None = None


LABELS = {
    "text": _l("texte"),
    "received_on": _l("date"),
    "body": _l("instance"),
    "quartier": _l("quartier"),
    "theme": _l("thème"),
    "question": _l("question"),
    "channel": _l("canal"),
    "language": _l("langue"),
}
"""What may change, as the history of an opinion names it."""

_DONE = {
    "publie": ("opinion.published", _l("Avis publié.")),
    "reserve": ("opinion.kept", _l("Avis gardé pour l'équipe.")),
    "rejete": ("opinion.rejected", _l("Avis non publié, avec un motif.")),
}


# Write down


def log(session: Session, said: Said, *, meeting: Meeting | None, moderation: str = "en_attente", by: Any) -> Opinion:
    """Write an opinion down. Raises Refusal: no place, no right there, a date or a meeting that cannot be.

    Whoever may moderate there chooses whether it is published at once; for others it waits to be read, or stays with
    the team if its author asked so (`reserve`). Words that look like something to mask have it wait too.
    """
    place = _place(meeting, said)
    if not PERMISSIONS["opinion.create"](by, place):
        raise Refusal(
            _("Vous pouvez noter un avis dans vos instances, communes et quartiers seulement."),
            field=None if meeting else "body",
        )
    _check_moderation(moderation, by, place)
    _check_text(said.text, None)
    check_day(session, said.received_on, "received_on")
    if meeting and meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée : personne n'y a rien dit. Notez l'avis sans rencontre."))
    opinion = Opinion(
        ref=new_ref("avis", said.received_on.isoformat()),
        meeting=meeting,
        moderation=moderation,
        created_at=now(),
        **_values(said),
    )
    session.add(opinion)
    session.flush()
    if moderation == PUBLIC_MODERATION and masking.doubts(opinion, masking.known_names(session)):
        opinion.moderation = moderation = "en_attente"
    journal.record(session, "opinion.logged", opinion.ref, _("Avis noté."), by=by)
    if moderation != "en_attente":
        _record_moderation(session, opinion, by)
    return opinion


def receive(
    session: Session, said: Said, *, meeting: Meeting | None, reserve_asked: bool = False, from_flood: bool = False
) -> Opinion:
    """Take in what a resident sent herself, without an account; it waits to be read.

    `reserve_asked`: only the team may ever read it. `from_flood`: it came among very many. The sender's form has
    checked the text and the place; raises Refusal for a text that is too long.
    """
    _check_text(said.text, None)
    opinion = Opinion(
        ref=new_ref("avis", said.received_on.isoformat()),
        meeting=meeting,
        moderation="en_attente",
        reserve_asked=reserve_asked,
        from_flood=from_flood,
        created_at=now(),
        **_values(said),
    )
    session.add(opinion)
    session.flush()
    # The journal is in French, whatever language the resident's page is in.
    journal.record(session, "opinion.received", opinion.ref, "Avis envoyé par une personne, sans compte.", by=None)
    return opinion


def _place(meeting: Meeting | None, said: Said) -> Placed:
    """Return what the opinion belongs to first: its meeting, else its instance, else its quartier."""
    place = meeting or said.body or said.quartier
    if place is None:
        raise Refusal(_("Choisissez une instance ou un quartier : un avis appartient à un lieu."), field="quartier")
    return place


def _check_moderation(moderation: str, by: Any, place: Placed) -> None:
    allowed = ("en_attente", "reserve")
    if moderation not in allowed and not (moderation == "publie" and PERMISSIONS["opinion.moderate"](by, place)):
        raise Refusal(_("Choisissez qui peut lire cet avis."), field="moderation")


def edit(session: Session, opinion: Opinion, said: Said, *, version: int, by: Any) -> bool:
    """Correct what was written down; return whether anything changed.

    Raises Refusal for the words of a published opinion, and Conflict where `version` is no longer the opinion's.
    """
    check_version(opinion.version, version)
    if said.text != opinion.text and opinion.text == VOICE_PENDING:
        # Written down there, the recording is erased with it.
        raise Refusal(
            _("C'est un message vocal : utilisez « Écrire ce qui est dit », sur la page de l'avis."), field="text"
        )
    if said.text != opinion.text and opinion.moderation == "publie":
        raise Refusal(
            _("Cet avis est publié : ses mots ne changent plus. Retirez-le d'abord de la publication."), field="text"
        )
    if opinion.meeting is None:
        _place(None, said)
    _check_text(said.text, opinion.text)
    if said.received_on != opinion.received_on:
        check_day(session, said.received_on, "received_on")
    values = _values(said)
    changed = [name for name, value in values.items() if getattr(opinion, name) != value]
    for name in changed:
        setattr(opinion, name, values[name])
    if changed:
        sentence = _("Avis corrigé : %(what)s.", what=", ".join(str(LABELS[name]) for name in changed))
        journal.record(session, "opinion.edited", opinion.ref, sentence, by=by)
    return bool(changed)


def _values(said: Said) -> dict[str, Any]:
    return {name: getattr(said, name) for name in LABELS}


def _check_text(text: str, before: str | None) -> None:
    if len(text) > LONGEST_TEXT and text != before:
        raise Refusal(
            _(
                "Ce texte est trop long : %(n)s caractères, %(max)s au plus. Notez-le en plusieurs avis.",
                n=len(text),
                max=LONGEST_TEXT,
            ),
            field="text",
        )


# Read and publish


def moderate(
    session: Session,
    opinion: Opinion,
    moderation: str,
    *,
    reason: str | None = None,
    kept: Collection[str] = (),
    known: Sequence[str] | None = None,
    by: Any,
) -> bool:
    """Publish, keep for the team, or refuse to publish; return whether anything changed.

    A refusal says why (`reason`), and its author may read it. Raises Refusal without one, for a recording that nobody
    has written down (a voice is never published: security.md, Settled), and for publishing while words look like
    something to mask whose key is not in `kept`. `known`: what `masking.known_names` gave, where it is at hand.
    """
    if moderation not in _DONE:
        raise Refusal(_("Choisissez : publier, garder pour l'équipe, ou ne pas publier."))
    if moderation == PUBLIC_MODERATION and opinion.text == VOICE_PENDING:
        raise Refusal(_("Un message vocal n'est pas encore écrit. Écrivez d'abord ce qui est dit, puis publiez-le."))
    if moderation == PUBLIC_MODERATION and opinion.withdrawal_asked_at:
        raise Refusal(_("La personne a demandé le retrait de cet avis : il ne peut pas être publié. Effacez ses mots."))
    if moderation == PUBLIC_MODERATION and opinion.reserve_asked:
        raise Refusal(
            _("La personne a demandé que seule l'équipe lise cet avis : il ne peut pas être publié. Gardez-le.")
        )
    if moderation == REJECTED and not reason:
        raise Refusal(_("Dites pourquoi cet avis n'est pas publié : la personne pourra le lire."), field="reason")
    if moderation == PUBLIC_MODERATION and opinion.moderation != PUBLIC_MODERATION:
        masking.refuse_undecided(opinion, masking.known_names(session) if known is None else known, kept)
    kept_reason = reason if moderation == REJECTED else None
    if (opinion.moderation, opinion.moderation_reason) == (moderation, kept_reason):
        return False
    before = opinion.moderation
    opinion.moderation, opinion.moderation_reason = moderation, kept_reason
    _record_moderation(session, opinion, by, before)
    return True


def _record_moderation(session: Session, opinion: Opinion, by: Any, before: str = "en_attente") -> None:
    action, sentence = _DONE[opinion.moderation]
    details = {"moderation": [before, opinion.moderation]}
    journal.record(session, action, opinion.ref, str(sentence), by=by, details=details)


# Answer


def answer(session: Session, opinion: Opinion, text: str, answered_on: dt.date, *, version: int, by: Any) -> bool:
    """Give the opinion a short answer of its own, dated; return whether anything changed.

    Raises Refusal where a proposal came of the opinion (its answer is the opinion's), and for a date that cannot be.
    """
    check_version(opinion.version, version)
    if opinion.proposal_id is not None:
        raise Refusal(_("Une proposition est née de cet avis : c'est elle qui reçoit la réponse."), field="answer")
    if opinion.moderation == REJECTED:
        raise Refusal(_("Cet avis n'est pas publié : il ne reçoit pas de réponse."), field="answer")
    if (opinion.answer, opinion.answered_on) == (text, answered_on):
        return False
    check_past(answered_on, "answered_on")
    if answered_on < opinion.received_on:
        raise Refusal(_("La réponse ne peut pas être datée avant l'avis."), field="answered_on")
    opinion.answer, opinion.answered_on = text, answered_on
    journal.record(session, "opinion.answered", opinion.ref, _("Réponse donnée à cet avis."), by=by)
    return True


# Dates and versions


def check_day(session: Session, day: dt.date, field: str) -> None:
    """Raise Refusal for a date still to come, or far outside the contract's years (exchange-format.md, Bad input)."""
    check_past(day, field)
    contract = session.get(Contract, 1)
    first, last = (contract.starts - YEARS_AROUND, contract.ends + YEARS_AROUND) if contract else (1900, 2200)
    if not first <= day.year <= last:
        raise Refusal(
            _("Vérifiez l'année : elle doit être entre %(first)s et %(last)s.", first=first, last=last), field=field
        )


def check_past(day: dt.date, field: str) -> None:
    """Raise Refusal for a date after today's in Europe/Paris."""
    if day > clock.today():
        raise Refusal(_("Cette date n'est pas encore arrivée. Vérifiez-la."), field=field)


def check_version(current: int, seen: int) -> None:
    """Raise Conflict where the row has changed since the form was opened."""
    if current != seen:
        raise Conflict(
            _(
                "Quelqu'un d'autre a modifié cette page pendant que vous écriviez. Ce que vous avez écrit est gardé "
                "ci-dessous : relisez, puis envoyez de nouveau."
            )
        )
