"""What the program writes to people, put in the box of mails in the transaction of its cause (outbox.py sends it).

Nothing that a resident wrote and no place stands in a mail, subject or body (security.md R22).
"""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.database import insert_into, now
from participation.keys import keyed_hash, settings
from participation.people.models import OutboxMail


def queue_mail(
    session: Session, dedup_key: str, to: str, subject: str, body: str, *, end_url: str | None = None
) -> None:
    """Put a mail in the box; a second one with the same `dedup_key` is not. The caller commits.

    `end_url` is the whole address to which one POST ends mails of this kind, for the mail program's own button.
    """
    values = {"dedup_key": dedup_key, "to_address": to, "subject": subject, "body": body, "end_url": end_url}
    moment = now()
    mail = insert_into(session, OutboxMail).values(**values, created_at=moment, run_after=moment, attempts=0)
    session.execute(mail.on_conflict_do_nothing(index_elements=[OutboxMail.dedup_key]))


def queue_link(session: Session, to: str, url: str, *, invitation: bool) -> None:
    """Put the mail of a one-time link in the box."""
    if invitation:
        subject = _("Votre compte pour le site de participation")
        first = _("Un compte vous attend sur le site de participation du contrat de ville.")
        until = _("Ce lien marche une fois, pendant %(n)s jours.", n=settings().invitation_days)
    else:
        subject = _("Votre lien de connexion")
        first = _("Voici votre lien pour entrer sur le site de participation.")
        until = _("Ce lien marche une fois, pendant %(n)s minutes.", n=settings().sign_in_link_minutes)
    rest = _("Vous n'avez rien demandé ? Ne faites rien : sans ce lien, personne n'entre.")
    body = "\n\n".join((_("Bonjour,"), first, url, until, rest)) + "\n"
    queue_mail(session, keyed_hash(url, "mail"), to, subject, body)


def queue_signature_link(session: Session, to: str, url: str, *, days: int) -> None:
    """Put the mail of a personal link to sign an assessment in the box; its address is erased once it has gone."""
    first = _("On vous demande de lire et de signer le bilan de la participation.")
    until = _("Ce lien est personnel. Il marche une fois, pendant %(n)s jours.", n=days)
    body = "\n\n".join((_("Bonjour,"), first, url, until)) + "\n"
    queue_mail(session, keyed_hash(url, "mail"), to, _("Un bilan à signer"), body)
