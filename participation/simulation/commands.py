"""`participation simulate` (interfaces.md): fill with generated data, for measures and demonstrations."""

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from participation.extensions import db
from participation.simulation.generate import Sizes, simulate

_count = click.IntRange(0, 10_000_000)


@click.command("simulate")
@click.option(
    "--years", type=click.IntRange(1, 20), default=1, show_default=True, help="Années, la dernière est celle-ci."
)
@click.option("--meetings", type=_count, default=100, show_default=True, help="Rencontres.")
@click.option("--proposals", type=_count, default=80, show_default=True, help="Propositions.")
@click.option("--opinions", type=_count, default=400, show_default=True, help="Avis.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="La même graine donne les mêmes données."
)
@with_appcontext
def simulate_command(years: int, meetings: int, proposals: int, opinions: int, seed: int) -> None:
    """Ajoute des données inventées mais plausibles à la base."""
    if not sa.inspect(db.engine).has_table("contract"):
        raise click.ClickException("La base n'est pas prête. Lancez d'abord : participation init")
    try:
        simulate(db.session(), Sizes(years, meetings, proposals, opinions), seed)
    except LookupError as fault:
        raise click.ClickException("Aucun contrat n'est chargé. Lancez d'abord : participation init") from fault
    except ValueError as fault:
        raise click.ClickException(
            f"La graine {seed} a déjà servi dans cette base. Choisissez-en une autre."
        ) from fault
    db.session.commit()
    click.echo(f"Ajouté : {meetings} rencontres, {proposals} propositions, {opinions} avis (fictifs).")
