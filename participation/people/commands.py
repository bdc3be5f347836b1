"""`participation user add` and `participation work` (interfaces.md). Exit status: 0 done, 1 refused, 2 wrong usage."""

import sys
import time
from collections.abc import Callable
from typing import NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from participation.errors import Refusal
from participation.extensions import db
from participation.people import outbox, queries, rates, rules
from participation.people.models import ROLES, SCOPE_KINDS, Account
from participation.permissions import Place

PAUSE = 30
"""Seconds between two rounds of `work`."""

Job = Callable[[Session], object]
JOBS: list[Job] = [outbox.purge_reports, rules.purge, rates.purge]
"""What a round of `work` does, in this order, before it sends mails; the program's own command adds those of the
features above."""


def _read_scopes(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> list[Place]:
    """Read each `KIND:SLUG`; whether the place exists is for the rules to say."""
    places = []
    for value in values:
        kind, _colon, slug = value.partition(":")
        if not slug or kind not in SCOPE_KINDS:
            kinds = ", ".join(f"{kind}:…" for kind in SCOPE_KINDS)
            raise click.BadParameter(f"« {value} » : écrivez un genre et un nom court ({kinds}), comme commune:arras.")
        places.append((kind, slug))
    return places


@click.group("user")
def user_cli() -> None:
    """Les comptes de l'équipe, des élus et des représentants."""


@user_cli.command("add")
@click.argument("email", metavar="ADRESSE")
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help="Ce que la personne peut faire.")
@click.option(
    "--scope", "scopes", multiple=True, callback=_read_scopes, metavar="GENRE:NOM", help="Où : commune:arras…"
)
@click.option("--function", metavar="TEXTE", help="Fonction montrée dans les historiques, par exemple « Animatrice ».")
@with_appcontext
def add_command(email: str, role: str, scopes: list[Place], function: str | None) -> None:
    """Crée un compte et donne son lien de connexion ; une adresse connue reçoit seulement un nouveau lien."""
    session = db.session()
    if not sa.inspect(db.engine).has_table(Account.__tablename__):
        _fail("La base n'est pas prête ; lancez d'abord : participation init")
    try:
        account = queries.find_by_email(session, rules.clean_email(email))
        if account is None:
            account = rules.create_account(session, email, role, scopes, function or str(ROLES[role]), None)
            purpose, sentence = "invitation", f"Compte créé : {ROLES[role]}."
        else:
            purpose = "invitation" if queries.invitations(session, [account.id]) else "sign_in"
            sentence = f"Ce compte existe déjà ({ROLES[account.role]}) : rien n'y est changé. Voici un nouveau lien."
        token = rules.issue_link(session, account, purpose)
    except Refusal as refusal:
        session.rollback()
        _fail(refusal.message)
    session.commit()
    click.echo(sentence)
    click.echo(rules.link_url(token))


@click.command("work")
@click.option("--once", is_flag=True, help="Un seul tour, pour une minuterie (cron, systemd).")
@with_appcontext
def work_command(once: bool) -> None:
    """Envoie les courriels en attente et efface ce qui est périmé ; en boucle, ou une fois."""
    if not sa.inspect(db.engine).has_table(Account.__tablename__):
        _fail("La base n'est pas prête ; lancez d'abord : participation init")
    while True:
        work_round(db.session())
        if once:
            return
        time.sleep(PAUSE)


def work_round(session: Session) -> None:
    """Do each job once, each in its own transaction; the mails that they cause leave in the same round."""
    for job in (*JOBS, outbox.send_due):
        job(session)
        session.commit()
        session.expunge_all()


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
