"""The address of an author who asked to be told: optional, consented to, confirmed, kept apart, erasable alone.

A mail says only that there is something new: no word of the opinion, no code, no place (security.md R22). The secret
of a contact's links follows from the row and from CODE_KEY, so that the link in an old mail still erases.
"""

import datetime as dt

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.actions.queries import count_news
from participation.database import insert_into, now
from participation.errors import NotFound, Refusal
from participation.following import story
from participation.following.models import Contact, FollowCode
from participation.keys import keyed_hash, settings
from participation.opinions.models import REJECTED, Opinion
from participation.people import rates
from participation.people.mails import queue_mail
from participation.people.rules import clean_email
from participation.proposals.models import DECISIONS, Proposal

UNCONFIRMED = dt.timedelta(days=7)
"""After which an address that nobody confirmed is erased."""
AFTER_ANSWER = dt.timedelta(days=365)
"""After the answer, an address is erased (security.md R20)."""
AT_MOST = dt.timedelta(days=730)
"""After it was given, an address is erased whatever happened (security.md R20)."""
CODES_KEPT = dt.timedelta(days=366)
"""After the last visit; by then the code opens its page no more (visits.last_day)."""
CARDS_KEPT = dt.timedelta(days=730)
"""A printed card that nobody sent back by then is void."""
AGAIN = dt.timedelta(minutes=10)
"""Within which the same address asked again sends no second mail."""
MOST_MAILS = 5
"""Mails to confirm that one address may be sent in a quarter of an hour, whoever asks."""
_ANSWERED = (*DECISIONS, "en_cours", "realisee", "abandonnee", "retiree")
_WORDS = {
    "en_attente": "recu",
    **dict.fromkeys(("publie", "reserve", "recueillie", "etude"), "lu"),
    **dict.fromkeys(("retenue", "retenue_en_partie", "en_cours"), "oui"),
    **dict.fromkeys(("non_retenue", "abandonnee"), "non"),
}
"""States that an author reads as the same word (ux.md 4.6): going from one to the other is no news."""
_GOING_ON = ("oui", "realisee")
"""Words under which actions are told of: each time, there is something new."""


def find(session: Session, opinion: Opinion) -> Contact | None:
    """Return the contact of an opinion, if its author gave one."""
    return session.scalar(sa.select(Contact).where(Contact.opinion_id == opinion.id))


def find_by_token(session: Session, token: str) -> Contact:
    """Return the contact of a link. Raises NotFound where it was erased, or never was."""
    contact = session.scalar(sa.select(Contact).where(Contact.token_hash == _hash(token)))
    if contact is None:
        raise NotFound(_("Cette adresse n'est plus chez nous. Il n'y a rien à effacer."))
    return contact


def ask(session: Session, opinion: Opinion, typed: str, *, language: str) -> None:
    """Keep the address, unconfirmed, and send it the link that confirms; another one takes the place of the first.

    Asked again with the same address, it changes nothing. Raises Refusal: an address that cannot be, too many mails.
    """
    try:
        address = clean_email(typed)
    except Refusal:
        raise Refusal(_("Vérifiez l'adresse de courriel, par exemple prenom@exemple.fr."), field="courriel") from None
    earlier = find(session, opinion)
    if earlier and earlier.address == address and (earlier.confirmed_at or now() - earlier.asked_at < AGAIN):
        return
    if rates.tries(session, "suivi.courriel", address) >= MOST_MAILS:
        raise Refusal(_("Plusieurs courriels sont déjà partis. Attendez un quart d'heure."), field="courriel")
    rates.note(session, "suivi.courriel", address)
    contact = _put(session, opinion, address, language)
    _send_link(session, contact)


def _put(session: Session, opinion: Opinion, address: str, language: str) -> Contact:
    asked_at = now()
    values = {
        "address": address,
        "language": language,
        "token_hash": _hash(_token(opinion.id, asked_at)),
        "asked_at": asked_at,
        "confirmed_at": None,
        "told_state": None,
    }
    row = insert_into(session, Contact).values(opinion_id=opinion.id, **values)
    session.execute(row.on_conflict_do_update(index_elements=[Contact.opinion_id], set_=values))
    return session.scalars(
        sa.select(Contact).where(Contact.opinion_id == opinion.id), execution_options={"populate_existing": True}
    ).one()


def confirm(session: Session, contact: Contact) -> None:
    """Confirm the address: from now on it is told of news. Again: nothing."""
    if contact.confirmed_at is None:
        contact.confirmed_at, contact.told_state = now(), _state(session, contact.opinion)


def erase(session: Session, contact: Contact) -> None:
    """Erase the address; the opinion stays."""
    session.delete(contact)


def link(contact: Contact) -> str:
    """Return the address of the page that confirms, and later erases."""
    return f"{settings().public_url}/prevenir/{_token(contact.opinion_id, contact.asked_at)}"


def _token(opinion_id: int, asked_at: dt.datetime) -> str:
    return keyed_hash(f"{opinion_id}\0{asked_at.isoformat()}", "suivi.contact")[:43]


def _hash(token: str) -> str:
    return keyed_hash(token, "suivi.contact.lien")


# Mails


def _send_link(session: Session, contact: Contact) -> None:
    lines = (
        _("Bonjour,"),
        _("Votre adresse a été donnée sur le site de participation."),
        _("Confirmez-la ici :"),
        link(contact),
        _("Sans confirmation, elle est effacée dans 7 jours."),
        _("Vous n'avez rien demandé ? Ne faites rien."),
    )
    queue_mail(session, f"contact-{contact.token_hash}", contact.address, _("Confirmez votre adresse"), _body(lines))


def _send_news(session: Session, contact: Contact, state: str) -> None:
    lines = (
        _("Bonjour,"),
        _("Il y a du nouveau pour vous sur le site de participation."),
        _("Pour lire, tapez vos cinq mots ici :"),
        f"{settings().public_url}/suivi",
        _("Pour ne plus recevoir de courriel et effacer votre adresse :"),
        link(contact),
    )
    key = f"nouvelle-{contact.token_hash}-{state}-{clock.today().isoformat()}"
    queue_mail(session, key, contact.address, _("Il y a du nouveau"), _body(lines))


def send_answer(session: Session, contact: Contact, answer: str) -> None:
    """Write to a confirmed contact that there is an answer (`answer` names it); the state it speaks of is then known.

    In the language of the context; the caller commits.
    """
    lines = (
        _("Bonjour,"),
        _("Il y a une réponse pour vous sur le site de participation."),
        _("Pour la lire, tapez vos cinq mots ici :"),
        f"{settings().public_url}/suivi",
        _("Pour ne plus recevoir de courriel et effacer votre adresse :"),
        link(contact),
    )
    key = keyed_hash(f"{contact.token_hash}\0{answer}", "suivi.reponse")
    end_url = f"{link(contact)}/effacer"
    queue_mail(session, key, contact.address, _("Il y a une réponse"), _body(lines), end_url=end_url)
    contact.told_state = _state(session, contact.opinion)


def _body(lines: tuple[str, ...]) -> str:
    return "\n\n".join(lines) + "\n"


# Jobs of `participation work`


def tell_news(session: Session) -> None:
    """Send a mail to each author whose opinion has another state than at the last mail; the caller commits."""
    for contact in session.scalars(sa.select(Contact).where(Contact.confirmed_at.is_not(None)).order_by(Contact.id)):
        state = _state(session, contact.opinion)
        if state == contact.told_state or not _take(session, contact, state):
            continue
        with force_locale(contact.language):
            _send_news(session, contact, state)


def _take(session: Session, contact: Contact, state: str) -> bool:
    """Note that the author is told of a state; False where another process was first."""
    taken = (
        sa.update(Contact)
        .where(Contact.id == contact.id, Contact.told_state == contact.told_state)
        .values(told_state=state)
        .returning(Contact.id)
    )
    return session.scalar(taken, execution_options={"synchronize_session": False}) is not None


def _state(session: Session, opinion: Opinion) -> str:
    """Return what there is to tell: its state, and how often it was told that what was accepted goes on."""
    final = story.final_proposal(session, opinion)
    state = story.state_of(opinion, final)
    word = _WORDS.get(state, state)
    told = count_news(session, final) if final and word in _GOING_ON else 0
    return f"{word}+{told}" if told else word


def purge(session: Session) -> None:
    """Erase addresses and codes past their time; the caller commits. Opinions stay, and their counts."""
    unconfirmed = sa.and_(Contact.confirmed_at.is_(None), Contact.asked_at < now() - UNCONFIRMED)
    session.execute(sa.delete(Contact).where(sa.or_(unconfirmed, Contact.asked_at < now() - AT_MOST)))
    for contact in session.scalars(sa.select(Contact).where(Contact.asked_at < now() - AFTER_ANSWER)):
        answered = _answered_on(session, contact.opinion)
        if answered and answered < clock.today() - AFTER_ANSWER:
            session.delete(contact)
    _purge_codes(session)


def _answered_on(session: Session, opinion: Opinion) -> dt.date | None:
    """Return the day of the last news that answers an opinion; None while it waits."""
    proposal: Proposal | None = story.final_proposal(session, opinion)
    if proposal and proposal.state in _ANSWERED:
        return proposal.state_on
    return story.read_on(session, opinion) if opinion.moderation == REJECTED else opinion.answered_on


def _purge_codes(session: Session) -> None:
    session.execute(sa.delete(FollowCode).where(FollowCode.last_seen_on < clock.today() - CODES_KEPT))
    unused = sa.and_(FollowCode.opinion_id.is_(None), FollowCode.created_at < now() - CARDS_KEPT)
    session.execute(sa.delete(FollowCode).where(unused))
