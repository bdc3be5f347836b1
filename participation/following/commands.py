"""`participation follow show|erase`: all that is kept behind a code, and its erasure (RGPD, articles 15 and 17).

The five words are read from standard input, so that they stand in no list of commands and no list of processes.
"""

import json
import sys
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from participation.extensions import db
from participation.following import author, codes, contacts
from participation.following.models import FollowCode
from participation.media.queries import of_opinion
from participation.opinions.models import Opinion


@click.group("follow")
def follow_cli() -> None:
    """Ce qui est gardé derrière un code de cinq mots (lus sur l'entrée standard)."""


@follow_cli.command("show")
@with_appcontext
def show_command() -> None:
    """Écrit en JSON tout ce qui est gardé derrière le code."""
    row = _read_row(db.session())
    click.echo(json.dumps(everything(db.session(), row), ensure_ascii=False, indent=2))


@follow_cli.command("erase")
@with_appcontext
def erase_command() -> None:
    """Efface les mots, les fichiers, l'adresse et le code."""
    erase(db.session(), _read_row(db.session()))
    db.session.commit()
    click.echo("C'est effacé.")


def everything(session: Session, row: FollowCode) -> dict[str, Any]:
    """Return all that is kept behind a code, whether it still opens its page or not."""
    opinion = row.opinion
    contact = contacts.find(session, opinion) if opinion else None
    return {
        "code": {"cree_le": _text(row.created_at), "derniere_visite": _text(row.last_seen_on)},
        "avis": _opinion(opinion) if opinion else None,
        "fichiers": [
            {"genre": one.kind, "recu_le": _text(one.created_at), "efface_le": _text(one.erased_at)}
            for one in (of_opinion(session, opinion) if opinion else [])
        ],
        "contact": {
            "courriel": contact.address,
            "langue": contact.language,
            "donne_le": _text(contact.asked_at),
            "confirme_le": _text(contact.confirmed_at),
        }
        if contact
        else None,
    }


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {
        "ref": opinion.ref,
        "date": _text(opinion.received_on),
        "rencontre": opinion.meeting.ref if opinion.meeting else None,
        "quartier": opinion.quartier.slug if opinion.quartier else None,
        "question": opinion.question,
        "texte": opinion.text,
        "langue": opinion.language,
        "moderation": opinion.moderation,
        "motif": opinion.moderation_reason,
        "reponse": opinion.answer,
        "retrait_demande_le": _text(opinion.withdrawal_asked_at),
    }


def _text(value: Any) -> str | None:
    return value.isoformat() if value else None


def erase(session: Session, row: FollowCode) -> None:
    """Erase what is behind a code, and the code; the opinion stays as a line that no longer counts."""
    if row.opinion:
        author.erase_words(session, row.opinion, by=None)
    session.delete(row)


def _read_row(session: Session) -> FollowCode:
    if not sa.inspect(db.engine).has_table(FollowCode.__tablename__):
        _fail("La base n'est pas prête ; lancez d'abord : participation init")
    code = codes.parse(sys.stdin.read(1000))
    query = sa.select(FollowCode).where(FollowCode.code_hash == codes.hash_of(code or ""))
    row = session.scalar(query) if code else None
    if row is None:
        _fail("Aucun avis n'a ce code. Donnez les cinq mots sur l'entrée standard.")
    return row


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
