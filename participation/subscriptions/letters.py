"""The mails of subscriptions, in the language in which they were asked for.

They tell only what everybody may read: titles of proposals and where they stand, days of meetings; no word that a
resident gave as an opinion, no answer's text, no place (docs/decisions/0021).
"""

from collections.abc import Sequence

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.keys import keyed_hash, settings
from participation.people.mails import queue_mail
from participation.subscriptions.models import Subscription
from participation.subscriptions.subjects import Subject


def send_link(session: Session, row: Subscription, subject: Subject, link: str) -> None:
    """Send the link that confirms a subscription, or shows one that is confirmed."""
    with force_locale(row.language):
        parts = (
            _("Bonjour,"),
            _("Votre adresse a été donnée pour suivre ceci :"),
            subject.name,
            _("Cliquez ici pour confirmer ou pour choisir :"),
            link,
            _("Sans confirmation, votre adresse est effacée dans 7 jours."),
            _("Vous n'avez rien demandé ? Ne faites rien."),
        )
        key = keyed_hash(f"{row.token_hash}\0{row.confirmed_at}", "abonnement.courriel")
        queue_mail(session, f"abonnement-{key}", row.address, _("Confirmez votre adresse"), _body(parts))


def send_news(
    session: Session, row: Subscription, subject: Subject, link: str, news: Sequence[str], *, left_out: int, until: int
) -> None:
    """Send what is new. `news` are paragraphs in the row's language, `until` the last line of the journal told of."""
    with force_locale(row.language):
        parts = [_("Bonjour,"), _("Il y a du nouveau sur ce que vous suivez :"), subject.name, *news]
        if left_out:
            parts.append(ngettext("Et %(num)s autre nouvelle.", "Et %(num)s autres nouvelles.", left_out))
        parts += [
            _("Pour tout voir :"),
            settings().public_url + subject.path,
            _("Pour recevoir moins de courriels, ou ne plus en recevoir :"),
            link,
        ]
        key = f"abonnement-{row.token_hash[:40]}-{until}"
        queue_mail(session, key, row.address, _("Il y a du nouveau"), _body(parts), end_url=f"{link}/fin")


def _body(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"
