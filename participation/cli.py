"""The program's own command, `participation` (interfaces.md): it acts on the database that DATABASE_URL names.

Exit status: 0 done, 1 the input or the data is at fault, 2 wrong usage.
"""

import os
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import ScriptInfo, with_appcontext
from flask_migrate import upgrade

from participation import create_app, french_click, server
from participation.assessment.commands import assess_command
from participation.backup import backup_command, restore_command
from participation.bodies.commands import contract_cli
from participation.bodies.load import load_contract
from participation.checking import check_command
from participation.config import SHIPPED_CONTRACT, ConfigError
from participation.contract.file import read_contract
from participation.contract.load import has_contract
from participation.exchange.commands import export_command, import_command
from participation.extensions import db
from participation.following import contacts, drafts
from participation.following.commands import follow_cli
from participation.media import tasks as media_tasks
from participation.people import first
from participation.people.commands import JOBS, user_cli, work_command
from participation.people.rules import link_url
from participation.planning.commands import remind_command
from participation.proposals.search import index_missing
from participation.reports import rules as report_rules
from participation.retention import purge_command
from participation.simulation import demo as demonstration
from participation.simulation.commands import simulate_command
from participation.subscriptions import rules as subscription_rules
from participation.subscriptions import tasks as subscription_tasks

french_click.install()

program = click.Group(
    "participation",
    help="Rencontres, avis, propositions et bilan de la participation d'un contrat de ville.",
    context_settings={"obj": ScriptInfo(create_app=create_app), "help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command; say in one sentence what is wrong with the settings, if anything is."""
    try:
        program()
    except ConfigError as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)


@program.command("init")
@with_appcontext
def init_command() -> None:
    """Crée ou met à jour la base et charge le contrat livré ; relancée, ne change rien."""
    prepare_database()
    click.echo("La base est prête.")


def prepare_database() -> None:
    """Create or migrate the database, index what searches look in, load the shipped contract where there is none."""
    upgrade(directory=current_app.extensions["migrate"].directory)
    if index_missing(db.session()):
        db.session.commit()
    if not has_contract(db.session()):
        report = load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        db.session.commit()
        click.echo(report.sentence())


@program.command("serve")
@click.option("--port", type=french_click.Port(), default=server.PORT, show_default=True)
@click.option("--demo", is_flag=True, help="Une base à part, remplie d'une année fictive.")
def serve_command(port: int, demo: bool) -> None:
    """Prépare la base, montre l'adresse et un lien de connexion, puis répond."""
    try:
        listener = server.open_port(port)
    except server.PortError as fault:
        raise click.ClickException(str(fault)) from fault
    address = server.address(listener)
    environ = {"PUBLIC_URL": os.environ.get("PUBLIC_URL") or address}
    if demo:
        folder = Path(os.environ.get("PARTICIPATION_INSTANCE", "instance")) / "demo"
        environ |= {"PARTICIPATION_INSTANCE": str(folder), "PARTICIPATION_DEMO": "oui", "DATABASE_URL": ""}
    os.environ.update(environ)
    with create_app().app_context():
        prepare_database()
        for line in _demo_lines() if demo else _first_lines():
            click.echo(line)
        db.session.remove()
        db.engine.dispose()
    click.echo(f"Participation répond sur {address}  (Ctrl+C pour arrêter)")
    server.run(listener, environ)


def _first_lines() -> list[str]:
    token = first.first_admin_token(db.session())
    db.session.commit()
    return [f"Premier lien de connexion (sert une fois) : {link_url(token)}"] if token else []


def _demo_lines() -> list[str]:
    demonstration.fill(db.session())
    lines = [f"{role} : {link_url(token)}" for role, token in demonstration.tokens(db.session())]
    db.session.commit()
    address = os.environ["PUBLIC_URL"].rstrip("/")
    first_line = "Démonstration : tout est fictif. Liens de connexion (chacun sert une fois) :"
    return [first_line, *lines, *demonstration.lines_for_residents(address)]


JOBS += [media_tasks.erase_old_voices, media_tasks.sweep, drafts.purge, report_rules.purge]
JOBS += [contacts.tell_news, contacts.purge, subscription_tasks.tell_news, subscription_rules.purge]

for command in (
    contract_cli,
    user_cli,
    follow_cli,
    import_command,
    export_command,
    assess_command,
    work_command,
    remind_command,
    simulate_command,
    check_command,
    backup_command,
    restore_command,
    purge_command,
):
    program.add_command(command)
