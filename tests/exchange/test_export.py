"""Exports: the same bytes each time, the same again after an import; open data without what is personal."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from participation.bodies.load import load_contract
from participation.contract.file import read_contract
from participation.exchange import exporting, writing
from participation.exchange.tables import TABLES
from participation.extensions import db
from participation.meetings.models import MeetingInstitution
from participation.opinions.models import Opinion
from participation.simulation.generate import Sizes, simulate
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.exchange import helpers
from tests.exchange.conftest import Make
from tests.exchange.helpers import ALL_FILES, exported, faults_of, load, meeting, row, table
from tests.exchange.test_import import WHOLE
from tests.support.apps import dispose, make_app

pytestmark = pytest.mark.usefixtures("contract")
Another = Callable[[], Any]


@pytest.fixture
def another(tmp_path: Path, database_kind: str, request: pytest.FixtureRequest) -> Another:
    """Open the context of one more application, on an empty database with the same contract."""
    make = request.getfixturevalue(f"new_{database_kind}_database")

    @contextmanager
    def open_context() -> Iterator[Flask]:
        app = make_app(make(), tmp_path / "other")
        with app.app_context():
            load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
            db.session.commit()
            yield app
            db.session.rollback()
        dispose(app)

    return open_context


def texts(name: str, files: dict[str, bytes]) -> list[list[str]]:
    return [line.split(",") for line in files[f"{name}.csv"].decode().splitlines()]


@pytest.mark.both_databases
def test_what_is_exported_imports_and_exports_to_the_same_bytes(write: Make, another: Another, tmp_path: Path) -> None:
    load(write(WHOLE))
    first = exported()
    assert first.keys() == ALL_FILES
    with another():
        load(helpers.package(tmp_path / "again", first))
        assert exported() == first
        assert not load(tmp_path / "again")


@pytest.mark.both_databases
def test_generated_years_go_through_the_round_trip(another: Another, tmp_path: Path) -> None:
    simulate(db.session(), Sizes(2, 60, 60, 80), seed=7, until=dt.date(2026, 6, 30))
    first = exported()
    with another():
        load(helpers.package(tmp_path / "again", first))
        assert exported() == first


def test_a_workbook_goes_through_the_round_trip(write: Make, another: Another, tmp_path: Path) -> None:
    load(write(WHOLE))
    first = exported()
    path = tmp_path / "p.xlsx"
    with exporting.contents(db.engine, small_count=5) as contents:
        writing.write(contents, path)
    with another():
        load(path)
        assert exported() == first


def test_columns_and_lines_are_those_of_the_format(write: Make) -> None:
    load(write(WHOLE))
    files = exported()
    assert files["decisions.csv"].decode().splitlines() == [
        "ref,rencontre,texte,responsable,echeance,faite_le",
        "d1,r1,Inviter le bailleur,Animatrice,2026-04-01,2026-03-30",
    ]
    assert files["propositions.csv"].decode().splitlines() == [
        "ref,titre,texte,instance,quartiers,thematique,objectifs,rencontre,etat",
        "p1,Un banc,Près de l'école.,assemblee-les-quais,,commerces,EAU-1;EAU-1A,r1,transmise",
        "p2,Un banc,,assemblee-les-quais,,,,,regroupee",
    ]
    assert [line[0:3] for line in texts("etapes", files)[1:]] == [
        ["p1", "2026-03-12", "recueillie"],
        ["p1", "2026-03-20", "transmise"],
        ["p2", "2026-03-12", "recueillie"],
        ["p2", "2026-03-21", "regroupee"],
    ]


def test_rows_are_in_code_point_order(write: Make) -> None:
    refs = ["r10", "r2", "R1", "a_b", "a-b", "a.b", "aB", "ab"]
    load(write({"rencontres": table(*(meeting(ref=ref) for ref in refs))}))
    assert [line[0] for line in texts("rencontres", exported())[1:]] == sorted(refs)


def test_a_text_that_a_spreadsheet_would_run_is_protected(write: Make) -> None:
    load(write({"avis": table(row("avis", texte="'=1+1", question="''-2"))}))
    assert ",'=1+1," in exported()["avis.csv"].decode()
    assert ",''-2," in exported()["avis.csv"].decode()


def test_an_institution_with_a_semicolon_stays_one(write: Make, another: Another, tmp_path: Path) -> None:
    load(write(WHOLE))
    db.session.execute(sa.update(MeetingInstitution).values(name="A;B").where(MeetingInstitution.name.like("Office%")))
    first = exported()
    with another():
        load(helpers.package(tmp_path / "again", first))
        assert exported() == first
        assert len(list(db.session.scalars(sa.select(MeetingInstitution)))) == 2


def test_the_descriptor_says_what_the_files_hold(write: Make) -> None:
    load(write(WHOLE))
    files = exported()
    described = json.loads(files["datapackage.json"])
    assert described["version"] == "1.0.0"
    assert [resource["path"] for resource in described["resources"]] == [one.file for one in TABLES]
    for resource in described["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert files[resource["path"]].decode().splitlines()[0].split(",") == names
    statut = described["resources"][0]["schema"]["fields"][10]
    assert statut["constraints"] == {"required": True, "enum": ["prevue", "tenue", "annulee"]}


# Open data

PRIVATE = {
    "mandats": table(row("mandats", nom="Camille Fictive")),
    "rencontres": table(
        meeting(habitants="20", femmes="18", hommes="2", moins_26="4", plus_60="9", compte_rendu="Brouillon"),
        meeting(ref="r2", compte_rendu="Publié", compte_rendu_publie_le="2026-03-20"),
        meeting(ref="r3", compte_rendu="Pour plus tard", compte_rendu_publie_le="2036-03-20"),
    ),
    "avis": table(
        *(row("avis", ref=state, moderation=state, texte=f"mot {state}") for state in ("publie", "reserve", "rejete")),
        row("avis", ref="attente", texte="mot en attente"),
    ),
}


def test_open_data_holds_nothing_personal_or_unpublished(write: Make) -> None:
    load(write(PRIVATE))
    everything = b"".join(exported(open_data=True).values())
    assert b"mot publie" in everything
    for private in ("Camille", "mot reserve", "mot rejete", "mot en attente", "Brouillon", "Pour plus tard"):
        assert private.encode() not in everything
        assert private.encode() in b"".join(exported().values())
    assert texts("mandats", exported(open_data=True))[0] == ["ref", "instance", "genre", "aupres_de", "debut", "fin"]


def test_open_data_hides_small_headcounts_and_what_gives_them_away(write: Make) -> None:
    load(write(PRIVATE))
    titles, line, *_others = texts("rencontres", exported(open_data=True))
    shown = dict(zip(titles, line, strict=True))
    assert [shown[name] for name in ("habitants", "femmes", "hommes", "moins_26", "plus_60")] == ["20", "", "", "", "9"]


def test_open_data_can_be_imported(write: Make, another: Another, tmp_path: Path) -> None:
    load(write(PRIVATE))
    with another():
        assert faults_of(helpers.package(tmp_path / "again", exported(open_data=True))) == []


# Writing


@contextmanager
def full_contents(write: Make) -> Iterator[exporting.Contents]:
    load(write(WHOLE))
    with exporting.contents(db.engine, small_count=5) as contents:
        yield contents


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["p", "p.zip", "p.xlsx"])
def test_a_second_export_replaces_the_first_with_the_same_bytes(write: Make, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    written = []
    with full_contents(write) as contents:
        for _ in range(2):
            writing.write(contents, out / name)
            paths = [out / name] if (out / name).is_file() else sorted((out / name).iterdir())
            written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    assert names(out) == {name}


@pytest.mark.parametrize("name", ["p", "p.zip", "p.xlsx"])
def test_an_export_that_fails_leaves_nothing(
    write: Make, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()

    def broken(*_arguments: object) -> Iterator[list[str]]:
        yield ["r1"]
        raise OSError(28, "No space left on device")

    with full_contents(write) as contents:
        monkeypatch.setattr(exporting.Contents, "rows", broken)
        with pytest.raises(writing.CannotWrite, match="No space left"):
            writing.write(contents, out / name)
    assert names(out) == set()


def test_a_folder_with_other_things_is_left_alone(write: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "photo.jpg").write_bytes(b"x")
    with full_contents(write) as contents, pytest.raises(writing.CannotWrite, match="autre chose"):
        writing.write(contents, out)
    assert names(out) == {"photo.jpg"}


@pytest.mark.parametrize("name", ["nulle-part/p.zip", "nulle-part/p"])
def test_a_folder_that_is_not_there_is_told(write: Make, tmp_path: Path, name: str) -> None:
    with full_contents(write) as contents, pytest.raises(writing.CannotWrite, match="n'existe pas"):
        writing.write(contents, tmp_path / name)


def test_a_workbook_runs_nothing(write: Make) -> None:
    load(write({"avis": table(row("avis", texte="'=1+1", question="<r><t>x</t></r>", reponse="http://exemple.fr"))}))
    file = io.BytesIO()
    with exporting.contents(db.engine, small_count=5) as contents:
        writing.write_xlsx(contents, file)
    with zipfile.ZipFile(file) as archive:
        assert not [
            name for name in archive.namelist() if b"<f>" in archive.read(name) or b"<hyperlink" in archive.read(name)
        ]
    cells = [cell for line in openpyxl.load_workbook(file)["avis"].iter_rows() for cell in line if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {"=1+1", "<r><t>x</t></r>", "http://exemple.fr"} <= {cell.value for cell in cells}


def test_a_text_too_long_for_a_workbook_is_told_not_cut(write: Make) -> None:
    load(write({"avis": table(row("avis", texte="x" * 32_768))}))
    with (
        exporting.contents(db.engine, small_count=5) as contents,
        pytest.raises(writing.CannotWrite, match="trop long"),
    ):
        writing.write_xlsx(contents, io.BytesIO())


def test_line_ends_written_by_others_do_not_break_the_round_trip(write: Make, another: Another, tmp_path: Path) -> None:
    load(write({"avis": table(row("avis"))}))
    db.session.execute(sa.update(Opinion).values(text="a\r\r\nb\rc"))
    first = exported()
    assert b'"a\nb\rc"' in first["avis.csv"]
    with another():
        load(helpers.package(tmp_path / "again", first))
        assert exported() == first
