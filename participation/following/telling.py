"""An answer told by mail to those who asked: the authors of the opinions behind a proposal who confirmed an address.

The mail says only that there is an answer; it is read with the five words (security.md R22). Sending it is what a
person does, and what counts as told; that a receipt may be looked up does not (indicators.md, PC4.told_share).
"""

from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.errors import Refusal
from participation.following import contacts
from participation.following.models import Contact
from participation.opinions.models import REJECTED, Opinion
from participation.proposals import step_rules
from participation.proposals.models import Proposal, Step


def list_contacts(session: Session, proposal: Proposal) -> list[Contact]:
    """Return one confirmed contact of each address behind a proposal, those of proposals merged into it among them.

    Opinions that count only, and whose author has not asked to have them back.
    """
    query = (
        sa.select(Contact)
        .join(Opinion, Opinion.id == Contact.opinion_id)
        .where(
            Contact.confirmed_at.is_not(None),
            Opinion.proposal_id.in_(_with_merged(proposal)),
            Opinion.moderation != REJECTED,
            Opinion.withdrawal_asked_at.is_(None),
        )
        .order_by(Contact.id)
    )
    return list({contact.address: contact for contact in reversed(session.scalars(query).all())}.values())


def _with_merged(proposal: Proposal) -> "sa.Select[int]":
    """Return the identifiers of a proposal and of all that were merged into it, one after the other."""
    whole = sa.select(sa.literal(proposal.id).label("id")).cte("merged", recursive=True)
    merger = sa.and_(Step.to_proposal_id == whole.c.id, Step.kind == "regroupee", Step.voided_on.is_(None))
    whole = whole.union(sa.select(Step.proposal_id).join(whole, merger))
    return sa.select(whole.c.id)


def send(session: Session, proposal: Proposal, step: Step, *, by: Any) -> int:
    """Put a mail in the box for each address that asked, and note that the decision was told; return how many.

    They are not told once more of the same news (contacts.tell_news). Raises Refusal where nobody asked, where it was
    mailed already, and for a step that is no decision.
    """
    if step.told_addresses:
        raise Refusal(_("Cette réponse est déjà partie par courriel."))
    asked = list_contacts(session, proposal)
    if not asked:
        raise Refusal(_("Personne n'a demandé de courriel. Dites la réponse à une rencontre."))
    step_rules.tell_by_mail(session, proposal, step, len(asked), by=by)
    for contact in asked:
        with force_locale(contact.language):
            contacts.send_answer(session, contact, f"{proposal.ref}#{step.position}")
    return len(asked)
