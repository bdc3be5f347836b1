"""`participation remind`: writes to who is in charge before a year slips. Exit status: 0 done, 1 no database."""

import sys

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from participation import clock
from participation.extensions import db
from participation.planning.models import CadenceReminder
from participation.planning.reminders import remind


@click.command("remind")
@with_appcontext
def remind_command() -> None:
    """Rappelle par courriel, une fois par an, les rencontres que le contrat demande et que personne n'a prévues."""
    if not sa.inspect(db.engine).has_table(CadenceReminder.__tablename__):
        click.echo("La base n'est pas prête ; lancez d'abord : participation init", err=True)
        sys.exit(1)
    number = remind(db.session(), clock.today())
    db.session.commit()
    click.echo(f"{number} courriel{'s' if number > 1 else ''} de rappel." if number else "Rien à rappeler.")
