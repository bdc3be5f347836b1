"""What is exported imports again into an empty contract and exports again to the same bytes; and what never leaves."""

import csv
import io
import json
import re
import zipfile

import pytest
import time_machine

from tests.acceptance.conftest import Make
from tests.acceptance.package import HILL, OFFICE, PORT, QUAYS, Package
from tests.acceptance.program import Program

COLUMNS = {
    "rencontres": """ref date heure_debut heure_fin instances type titre lieu quartiers niveau statut participants
        habitants habitants_qpv primo_participants femmes hommes moins_26 plus_60 elus agents institutions
        compte_rendu compte_rendu_publie_le""",
    "propositions": "ref titre texte instance quartiers thematique objectifs rencontre etat",
    "etapes": """proposition date etape instance rencontre motif vers echeance financement montant restituee_le
        restituee_a reponse_courte responsable pour contre abstentions deliberation annulee_le annulee_motif""",
    "avis": """ref date rencontre instance quartier thematique question texte canal proposition moderation langue
        reponse repondu_le""",
    "decisions": "ref rencontre texte responsable echeance faite_le",
    "instances": "slug nom genre famille echelle communes quartiers niveau ouverte_le fermee_le",
    "mandats": "ref instance nom genre aupres_de debut fin",
}
"""Columns of each table, in the order of exchange-format.md."""
SECRET = "TRES-PRIVE"


def full() -> Package:
    """Return a package in which every column is filled, and every private one holds SECRET."""
    package = Package()
    package.body(
        *("zone-portuaire", "participation", "table_ronde", "val-fleuri;port-lanse"),
        echelle="intercommunale",
        quartiers="le-moulin",
        niveau="codecision",
        nom="Zone, « port »",
        ouverte_le="2024-01-01",
        fermee_le="2030-12-31",
    )
    package.meeting(
        *("r1", "2025-03-14", QUAYS, HILL),
        heure_debut="18:30",
        heure_fin="20:00",
        lieu="Salle",
        quartiers="les-quais;la-colline",
        niveau="consultation",
        participants=30,
        habitants=20,
        habitants_qpv=4,
        primo_participants=5,
        femmes=3,
        hommes=17,
        moins_26=1,
        plus_60=0,
        elus=4,
        agents=2,
        institutions="Mairie;Office",
        compte_rendu=f"# {SECRET}\n\n- non publié",
    )
    package.meeting("r2", "2025-10-26", QUAYS, heure_debut="02:30", heure_fin="02:15", statut="annulee")
    package.meeting(
        "r3", "2025-03-30", QUAYS, heure_debut="03:00", compte_rendu="=Lu", compte_rendu_publie_le="2025-04-02"
    )
    package.proposal(
        "p1",
        QUAYS,
        f"2025-03-14 recueillie instance={QUAYS} rencontre=r1",
        f"2025-03-15 transmise instance={QUAYS} vers={OFFICE} echeance=2025-06-01",
        f"2025-05-01 retenue instance={PORT} financement=ftu montant=1500 restituee_le=2025-05-14 restituee_a=r3 "
        "reponse_courte=Oui responsable=Direction pour=12 contre=1 abstentions=0 deliberation=2025-12",
        "2025-05-01 en_cours annulee_le=2025-06-01 annulee_motif=Erreur",
        texte="Un banc,\nà l'ombre",
        quartiers="les-quais;la-colline",
        thematique="bord-de-leau",
        objectifs="LIEN-1Abis;EAU-1A",
        rencontre="r1",
    )
    package.proposal("p2", HILL, "2025-01-01 recueillie", "2025-01-02 regroupee vers=p3")
    package.proposal("p3", HILL, "2025-01-01 recueillie", "2025-01-03 regroupee vers=p1")
    for ref, moderation in (("a1", "en_attente"), ("a2", "reserve"), ("a3", "rejete"), ("a4", "publie")):
        private = "" if moderation == "publie" else f"{SECRET} "
        package.add(
            *("avis",),
            ref=ref,
            date="2025-03-14",
            rencontre="r1",
            instance=HILL,
            quartier="les-quais",
            thematique="bord-de-leau",
            question=f"{private}Et ?",
            texte=f"{private}سلام",
            canal="web",
            proposition="p1",
            moderation=moderation,
            langue="ar",
            reponse=f"{private}Oui",
            repondu_le="2025-04-01",
        )
    package.add("decisions", ref="d1", rencontre="r3", texte="-1 banc", responsable="Cheffe", echeance="2025-04-01")
    package.mandate("m1", QUAYS, "2025-01-01", nom=f"{SECRET} Alix")
    package.mandate("m2", QUAYS, "2025-01-01", "2026-01-01", nom=SECRET, genre="representant", aupres_de=PORT)
    return package


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_an_export_is_what_was_imported_in_the_order_of_the_format(program: Program) -> None:
    program.take(full())
    exported = program.export()
    assert set(exported) == {"datapackage.json", *(f"{name}.csv" for name in COLUMNS)}
    for name, columns in COLUMNS.items():
        assert exported[f"{name}.csv"].decode().split("\n")[0].split(",") == columns.split()
        assert b"\r" not in exported[f"{name}.csv"]
    meetings = rows_of(exported["rencontres.csv"])
    assert [row["ref"] for row in meetings] == ["r1", "r2", "r3"]
    assert (meetings[0]["instances"], meetings[0]["quartiers"]) == (f"{HILL};{QUAYS}", "la-colline;les-quais")
    assert [(row["heure_debut"], row["heure_fin"]) for row in meetings] == [
        ("18:30", "20:00"),
        ("02:30", "02:15"),
        ("03:00", ""),
    ]
    assert [row["etat"] for row in rows_of(exported["propositions.csv"])] == ["retenue", "regroupee", "regroupee"]
    assert [row["proposition"] for row in rows_of(exported["etapes.csv"])] == ["p1"] * 4 + ["p2"] * 2 + ["p3"] * 2
    assert "zone-portuaire" in exported["instances.csv"].decode().splitlines()[-1]


@pytest.mark.parametrize("suffix", ["", ".zip", ".xlsx"])
@pytest.mark.parametrize("open_data", [False, True])
def test_the_same_bytes_again(program: Program, new_program: Make, suffix: str, open_data: bool) -> None:
    options = ["--open-data"] if open_data else []
    program.take(full())
    path = program.new_path(suffix)
    assert program.run("export", path, *options).status == 0
    again = new_program()
    again.take(path)
    assert again.export(*options) == program.export(*options)


def test_time_leaves_no_trace_in_an_export(program: Program) -> None:
    program.take(full())
    made = []
    for day in ("2026-01-01T00:00:00+00:00", "2031-07-14T12:34:56+00:00"):
        for suffix in (".zip", ".xlsx"):
            with time_machine.travel(day):
                made.append(program.new_path(suffix))
                program.run("export", made[-1])
    assert made[0].read_bytes() == made[2].read_bytes()
    assert made[1].read_bytes() == made[3].read_bytes()


def test_open_data_holds_nothing_private(program: Program) -> None:
    program.take(full())
    for suffix in (".zip", ".xlsx"):
        path = program.new_path(suffix)
        program.run("export", path, "--open-data")
        with zipfile.ZipFile(path) as archive:
            assert not [name for name in archive.namelist() if SECRET.encode() in archive.read(name)]
    files = program.export("--open-data")
    assert not [name for name, content in files.items() if SECRET.encode() in content]
    assert [row["ref"] for row in rows_of(files["avis.csv"])] == ["a4"]
    assert "nom" not in files["mandats.csv"].decode().splitlines()[0].split(",")
    meeting = rows_of(files["rencontres.csv"])[0]
    assert (meeting["compte_rendu"], meeting["compte_rendu_publie_le"]) == ("", "")
    counts = ("participants", "habitants", "habitants_qpv", "primo_participants", "femmes", "moins_26", "plus_60")
    # below five people a breakdown is left empty; 17 men of 20 would say how many women there were
    assert [meeting[name] for name in (*counts, "hommes")] == ["30", "20", "", "5", "", "", "0", ""]


@pytest.mark.parametrize("open_data", [False, True])
def test_the_descriptor_describes_the_files(program: Program, open_data: bool) -> None:
    """Every column is named in order, and every cell is of its type and within its constraints (Table Schema)."""
    program.take(full())
    files = program.export(*(["--open-data"] if open_data else []))
    described = json.loads(files["datapackage.json"])
    assert described["version"] == "1.0.0"
    assert {resource["path"] for resource in described["resources"]} == set(files) - {"datapackage.json"}
    for resource in described["resources"]:
        fields = resource["schema"]["fields"]
        rows = rows_of(files[resource["path"]])
        assert files[resource["path"]].decode().split("\n")[0].split(",") == [field["name"] for field in fields]
        wrong = [(field, row) for field in fields for row in rows if not fits(row[field["name"]], field)]
        assert not wrong


PATTERNS = {
    "date": r"\d{4}-\d\d-\d\d",
    "time": r"\d\d:\d\d",
    "integer": r"\d+",
    "number": r"\d+(\.\d+)?",
    "string": r"(?s).+",
}


def fits(cell: str, field: dict[str, object]) -> bool:
    limits = field.get("constraints", {})
    assert isinstance(limits, dict)
    if not cell:
        return not limits.get("required")
    return (
        re.fullmatch(PATTERNS[str(field["type"])], cell) is not None
        and re.fullmatch(limits.get("pattern", r"(?s).+"), cell) is not None
        and cell in limits.get("enum", [cell])
    )


def test_an_export_replaces_an_export_and_nothing_else(program: Program) -> None:
    folder = program.new_path()
    assert program.run("export", folder).status == 0
    assert program.run("export", folder).status == 0
    (folder / "notes.txt").write_text("À garder")
    said = program.run("export", folder)
    assert said.status == 1
    assert len(said.faults) == 1
    assert (folder / "notes.txt").read_text() == "À garder"
