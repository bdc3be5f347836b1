"""Signing a closed assessment: by a signed-in élu, by a personal link, or on paper with its scan (ux.md 2.3).

A signature is about one version and never changes. What somebody asks to be corrected makes a new version, which is
signed anew; the first one stays readable with its signatures.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from participation import clock, journal
from participation.assessment import kept
from participation.assessment.closing import ref_of_closed
from participation.assessment.models import SIGNATURE_CHOICES, ClosedAssessment, Signature, SignatureLink
from participation.database import REF_LENGTH, now
from participation.errors import NotFound, Refusal
from participation.keys import keyed_hash, new_token

LINK_DAYS = 30
"""How long a personal link lives (ux.md 2.3)."""
LONGEST_WORDS = 4_000
LARGEST_SCAN = 10 * 1024 * 1024
"""Bytes of a scan."""
SCAN_KINDS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
"""First bytes of what a scanner makes, and the ending under which it is kept."""
_PURPOSE = "signature"


class DeadSignatureLink(NotFound):
    """The link was used, has expired, or never existed: all three look the same."""

    status = 410


def sign(session: Session, closed: ClosedAssessment, choice: str, words: str | None, *, by: Any) -> bool:
    """Sign as the signed-in account; return whether that is new: the same word twice is one signature.

    Raises Refusal: an unknown choice, a reserve or a correction without words, another word than the first.
    """
    kept_words = _checked(choice, words)
    earlier = session.scalar(
        sa.select(Signature).where(Signature.closed_id == closed.id, Signature.account_id == by.id)
    )
    if earlier is not None:
        return _again(earlier, choice, kept_words)
    row = Signature(
        closed_id=closed.id,
        function=by.function,
        choice=choice,
        words=kept_words,
        signed_on=clock.today(),
        recorded_at=now(),
        account_id=by.id,
    )
    _add(session, closed, row, by)
    return True


def has_signed(session: Session, closed: ClosedAssessment, account: Any) -> bool:
    """Whether the account has signed the version."""
    mine = sa.select(Signature.id).where(Signature.closed_id == closed.id, Signature.account_id == account.id)
    return session.scalar(mine) is not None


def _again(earlier: Signature, choice: str, words: str | None) -> bool:
    if (earlier.choice, earlier.words) != (choice, words):
        raise Refusal(
            _("Vous avez déjà signé cette version : une signature ne change pas. Demandez une nouvelle version.")
        )
    return False


def _checked(choice: str, words: str | None) -> str | None:
    if choice not in SIGNATURE_CHOICES:
        raise Refusal(_("Choisissez : valider, valider avec une réserve, ou demander une correction."), field="choice")
    if choice == "valide":
        return None
    if not words:
        raise Refusal(_("Écrivez votre réserve, ou ce qu'il faut corriger."), field="words")
    if len(words) > LONGEST_WORDS:
        raise Refusal(_("Ce texte est trop long : %(max)s caractères au plus.", max=LONGEST_WORDS), field="words")
    return words


def _add(session: Session, closed: ClosedAssessment, row: Signature, by: Any) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise Refusal(_("Cette version vient d'être signée ainsi. Rechargez la page.")) from None
    sentence = _(
        "Bilan signé par %(function)s : %(choice)s.", function=row.function, choice=SIGNATURE_CHOICES[row.choice]
    )
    journal.record(session, "assessment.signed", ref_of_closed(closed)[:REF_LENGTH], sentence, by=by)


# Personal links


def invite(session: Session, closed: ClosedAssessment, function: str, *, by: Any) -> str:
    """Make a personal link for somebody in that function and return its token, which is nowhere else.

    Raises Refusal without a function.
    """
    if not function:
        raise Refusal(_("Écrivez la fonction de la personne, par exemple : maire d'Achicourt."), field="function")
    token, moment = new_token(), now()
    session.add(
        SignatureLink(
            closed_id=closed.id,
            token_hash=keyed_hash(token, _PURPOSE),
            function=function,
            created_at=moment,
            expires_at=moment + dt.timedelta(days=LINK_DAYS),
        )
    )
    sentence = _("Invitation à signer le bilan : %(function)s.", function=function)
    journal.record(session, "assessment.signature_asked", ref_of_closed(closed)[:REF_LENGTH], sentence, by=by)
    return token


def get_link(session: Session, token: str) -> SignatureLink:
    """Return the living link of a token. Raises DeadSignatureLink."""
    query = sa.select(SignatureLink).where(SignatureLink.token_hash == keyed_hash(token, _PURPOSE))
    link = session.scalar(query.options(joinedload(SignatureLink.closed)))
    if link is None or link.used_at is not None or link.expires_at < now():
        raise DeadSignatureLink(
            _(
                "Ce lien ne marche plus : il a servi, ou il a plus de %(days)s jours. Demandez-en un autre.",
                days=LINK_DAYS,
            )
        )
    return link


def sign_by_link(session: Session, link: SignatureLink, choice: str, words: str | None) -> Signature:
    """Sign in the function of the link, which is then used up. Raises Refusal as `sign`."""
    row = Signature(
        closed_id=link.closed_id,
        function=link.function,
        choice=choice,
        words=_checked(choice, words),
        signed_on=clock.today(),
        recorded_at=now(),
        link_id=link.id,
    )
    link.used_at = now()
    _add(session, link.closed, row, None)
    return row


# Paper


def sign_on_paper(
    session: Session,
    closed: ClosedAssessment,
    function: str,
    choice: str,
    words: str | None,
    *,
    signed_on: dt.date,
    scan: bytes,
    by: Any,
) -> Signature:
    """Record a signature given on paper, with its scan. Raises Refusal: no function, a date that cannot be, no scan."""
    if not function:
        raise Refusal(_("Écrivez la fonction de la personne qui a signé."), field="function")
    if not clock.to_local(closed.closed_at).date() <= signed_on <= clock.today():
        raise Refusal(_("Vérifiez la date : entre la fermeture du bilan et aujourd'hui."), field="signed_on")
    ending = _scan_ending(scan)
    checked = _checked(choice, words)
    name = f"signature-{secrets.token_hex(16)}.{ending}"
    row = Signature(
        closed_id=closed.id,
        function=function,
        choice=choice,
        words=checked,
        signed_on=signed_on,
        recorded_at=now(),
        on_paper=True,
        scan_name=name,
        scan_sha256=kept.put(name, scan),
    )
    _add(session, closed, row, by)
    return row


def _scan_ending(scan: bytes) -> str:
    if len(scan) > LARGEST_SCAN:
        raise Refusal(_("Ce fichier est trop lourd : 10 Mo au plus."), field="scan")
    for first, ending in SCAN_KINDS.items():
        if scan.startswith(first):
            return ending
    raise Refusal(_("Ajoutez le scan du papier signé : un PDF, ou une photo JPEG ou PNG."), field="scan")


def list_signatures(session: Session, closed: ClosedAssessment) -> Sequence[Signature]:
    """Return the signatures of a version, in the order in which they were recorded."""
    query = sa.select(Signature).where(Signature.closed_id == closed.id).order_by(Signature.id)
    return session.scalars(query).all()
