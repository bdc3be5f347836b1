"""How fast a package is imported, against bare inserts of the same rows into the same tables.

The package: 5,000 meetings and 20,000 opinions with nearly every cell filled, as CSV. The reference: SQLAlchemy Core's
bulk inserts of rows that are ready in memory. The limit asks for a fifth of the reference's rows a second; the memory
is that of a process of its own which imports and does nothing else.
"""

import csv
import datetime as dt
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from participation.bodies.load import load_contract
from participation.bodies.models import LEVELS
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.exchange import importing, plan, sources
from participation.exchange.faults import Faults
from participation.exchange.tables import MEETINGS, OPINIONS
from participation.extensions import db
from participation.meetings.models import MEETING_TYPES
from participation.opinions.models import CHANNELS
from tests.bench import Ratio
from tests.support.apps import dispose, make_app

LIMIT = 5
"""Times the reference: a fifth of its rows a second."""
MEMORY_LIMIT = 400.0
"""MB."""
ROUNDS = 3
_WORDS = (
    "Il faudrait des bancs à l'ombre, un passage piéton devant l'école, plus de lumière le soir et un lieu où se voir. "
)


def measure(full: bool) -> Iterator[Ratio]:
    """Import, and insert the same rows bare; the largest size is ten times the asked one."""
    for meetings, opinions in [(5_000, 20_000), *([(20_000, 100_000)] if full else [])]:
        with tempfile.TemporaryDirectory() as folder:
            yield from _measure(Path(folder), meetings, opinions)


def _measure(folder: Path, meetings: int, opinions: int) -> Iterator[Ratio]:
    package = folder / "package"
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        app = fresh_app(folder / f"import-{number}")
        if not package.exists():
            write_package(app, package, meetings, opinions)
        times[0].append(_timed(lambda: import_package(app, package)))
        rows = _rows(app)
        dispose(app)
        other = fresh_app(folder / f"bare-{number}")
        times[1].append(_timed(lambda: _insert_bare(other, rows)))
        dispose(other)
    size = f"{meetings} meetings and {opinions} opinions"
    yield Ratio(f"import {size}", min(times[0]), min(times[1]), "bare Core inserts", LIMIT)
    peak = _peak_memory(folder / "memory", package)
    yield Ratio(f"memory of the import of {size}", peak, MEMORY_LIMIT, "the limit", 1, unit="Mo")


def fresh_app(folder: Path) -> Flask:
    """Return an application on a new SQLite database that holds the shipped contract."""
    folder.mkdir(parents=True)
    app = make_app(f"sqlite:///{folder / 'bench.db'}", folder)
    with app.app_context():
        db.create_all()
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        db.session.commit()
    return app


def import_package(app: Flask, package: Path) -> None:
    """Import as the command does."""
    with app.app_context(), db.engine.connect() as connection:
        faults = Faults()
        done = plan.make(connection, sources.from_path(package, faults), faults, writes=True)
        importing.carry_out(connection, done, by=None)
        connection.commit()


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def write_package(app: Flask, folder: Path, meetings: int, opinions: int) -> None:
    """Write a plausible package; the same sizes always give the same one."""
    folder.mkdir()
    chance = random.Random(1)
    with app.app_context(), db.engine.connect() as connection:
        words = {
            name: sorted(connection.scalars(sa.text(f"SELECT slug FROM {name}")))
            for name in ("body", "quartier", "theme")
        }
    _write(folder / MEETINGS.file, (_meeting(chance, words, number) for number in range(meetings)))
    _write(folder / OPINIONS.file, (_opinion(chance, words, number, meetings) for number in range(opinions)))


def _write(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def _meeting(chance: random.Random, words: dict[str, list[str]], number: int) -> dict[str, Any]:
    women, men = chance.randrange(30), chance.randrange(30)
    residents = women + men
    return {
        "ref": f"renc-{number:06}",
        "date": _day(chance),
        "heure_debut": "18:30",
        "heure_fin": "20:15",
        "instances": ";".join(sorted(chance.sample(words["body"], chance.choice((1, 1, 1, 2))))),
        "type": chance.choice(list(MEETING_TYPES)),
        "titre": f"Rencontre {number} au centre social",
        "lieu": "Centre social, salle du bas",
        "quartiers": ";".join(sorted(chance.sample(words["quartier"], chance.choice((0, 1, 2))))),
        "niveau": chance.choice([*LEVELS, ""]),
        "statut": "tenue",
        "participants": residents + 5,
        "habitants": residents,
        "habitants_qpv": residents // 2,
        "primo_participants": residents // 3,
        "femmes": women,
        "hommes": men,
        "moins_26": residents // 4,
        "plus_60": residents // 4,
        "elus": 2,
        "agents": 3,
        "institutions": chance.choice(("", "Bailleur fictif", "Bailleur fictif;Centre social fictif")),
        "compte_rendu": chance.choice(("", _WORDS * 3)),
        "compte_rendu_publie_le": "",
    }


def _opinion(chance: random.Random, words: dict[str, list[str]], number: int, meetings: int) -> dict[str, Any]:
    return {
        "ref": f"avis-{number:06}",
        "date": _day(chance),
        "rencontre": chance.choice(("", f"renc-{chance.randrange(meetings):06}")),
        "instance": chance.choice(words["body"]),
        "quartier": chance.choice(words["quartier"]),
        "thematique": chance.choice(words["theme"]),
        "question": "Que faut-il changer ?",
        "texte": f"{number} : {_WORDS * chance.choice((1, 1, 2))}".strip(),
        "canal": chance.choice(list(CHANNELS)),
        "moderation": chance.choice(("publie", "en_attente")),
        "langue": "fr",
    }


def _day(chance: random.Random) -> str:
    return (dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(1000))).isoformat()


def _rows(app: Flask) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return what was imported, table by table, ready to be inserted."""
    names = ("meeting", "meeting_body", "meeting_quartier", "meeting_institution", "opinion")
    with app.app_context(), db.engine.connect() as connection:
        tables = db.metadata.tables
        return [(name, [dict(row) for row in connection.execute(tables[name].select()).mappings()]) for name in names]


def _insert_bare(app: Flask, rows: list[tuple[str, list[dict[str, Any]]]]) -> None:
    with app.app_context(), db.engine.begin() as connection:
        for name, values in rows:
            connection.execute(db.metadata.tables[name].insert(), values)


def _peak_memory(folder: Path, package: Path) -> float:
    """Return the most memory in MB that a process importing the package holds."""
    command = [sys.executable, "-m", "tests.bench.bench_import", str(folder), str(package)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _own_peak() -> float:
    """Return the most memory in MB that this process has held, and not the one that started it (as `ru_maxrss` may)."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    import_package(fresh_app(Path(sys.argv[1])), Path(sys.argv[2]))
    print(_own_peak())
