"""Files as people and their software really make them: each is read, or answered with what to do."""

import csv
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.acceptance.conftest import Make
from tests.acceptance.package import HILL, QUAYS, Package, table
from tests.acceptance.program import Program

MEETING = {"ref": "r1", "date": "2025-03-14", "instances": QUAYS, "type": "reunion", "titre": "Un", "statut": "tenue"}
ONE = table([MEETING])
ADDED = "Import : 1 rencontre ajoutée."


def exported_row(program: Program, name: str = "rencontres") -> str:
    """Return the table as exported, without its header."""
    return program.export()[f"{name}.csv"].decode().partition("\n")[2]


def test_what_office_software_writes_in_france(program: Program) -> None:
    """Each file says the same, so that only the first one changes anything."""
    row = {**MEETING, "titre": 'Été à l’école, "5 €" ; suite', "compte_rendu": "Une ligne\nDeux lignes"}
    said = {
        program.take({"rencontres": table([row], separator).replace("\n", end).encode(encoding)})
        for encoding in ("utf-8", "utf-8-sig", "cp1252")
        for separator in (",", ";")
        for end in ("\n", "\r\n")
    }
    assert said == {ADDED, "Import : rien ne change."}
    assert '"Été à l’école, ""5 €"" ; suite"' in exported_row(program)
    assert '"Une ligne\nDeux lignes"' in exported_row(program)


def test_any_writing_is_kept_as_it_is(program: Program, new_program: Make) -> None:
    titles = ["👩🏽‍🌾 Le café", "اجتماع الحي", "a\tb", "  deux espaces", "\ufeffmarque", "ligne\nligne", "0012", "VRAI"]
    rows = [{**MEETING, "ref": f"r{number}", "titre": title} for number, title in enumerate(titles)]
    program.take({"rencontres": table(rows)})
    first = program.export()
    kept = csv.DictReader(io.StringIO(first["rencontres.csv"].decode(), newline=""))
    assert [row["titre"] for row in kept] == titles
    workbook_path = program.new_path(".xlsx")
    program.run("export", workbook_path)
    for same in (first, workbook_path):
        again = new_program()
        again.take(same)
        assert again.export() == first


FORMULAS = [
    ("=1+1", "=1+1", "'=1+1"),
    ("'=1+1", "=1+1", "'=1+1"),
    ("''=1+1", "'=1+1", "''=1+1"),
    ("-5 degrés", "-5 degrés", "'-5 degrés"),
    ("'@ici", "@ici", "'@ici"),
    ("'aujourd'hui", "'aujourd'hui", "'aujourd'hui"),
    ("''", "''", "''"),
    (" =1", " =1", " =1"),
]
"""As written in a CSV, as it is meant, and as it is written again: one `'` protects where it must, and nowhere else."""


def test_formulas_are_texts_and_stay_so(program: Program, new_program: Make) -> None:
    rows = [{**MEETING, "ref": f"r{number}", "titre": row[0]} for number, row in enumerate(FORMULAS)]
    program.take({"rencontres": table(rows)})
    lines = exported_row(program).splitlines()
    assert [line.split(",")[6] for line in lines] == [protected for _written, _meant, protected in FORMULAS]
    workbook_path = program.new_path(".xlsx")
    program.run("export", workbook_path)
    cells = [row[6] for row in openpyxl.load_workbook(workbook_path)["rencontres"].iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        (meant, "s") for _written, meant, _protected in FORMULAS
    ]
    again = new_program()
    again.take(workbook_path)
    assert again.export() == program.export()


def test_blank_lines_and_columns_around_a_table_are_passed_over(program: Program) -> None:
    head, row, _ = ONE.split("\n")
    assert program.take({"rencontres": f"\n{head},,\n\n{row},,\n,,,,,,,\n , , \n\n"}) == ADDED


def test_a_header_in_capitals_is_answered_with_the_right_names(unchanged: Program) -> None:
    faults = unchanged.refuses({"rencontres": ONE.replace("titre", "Titre")})
    assert faults == [
        "rencontres.csv, ligne 1, Titre : cette colonne n'est pas connue ; la plus proche : titre",
        "rencontres.csv, ligne 1, titre : cette colonne manque ; elle est obligatoire",
    ]


def test_columns_may_come_in_any_order_and_lists_are_sorted(program: Program) -> None:
    row = {**dict(reversed(MEETING.items())), "instances": f"{QUAYS}; {HILL};;{QUAYS}", "quartiers": "les-quais"}
    program.take({"rencontres": table([row])})
    assert f",{HILL};{QUAYS},reunion," in exported_row(program)


def test_decomposed_accents_are_kept(program: Program) -> None:
    """A Mac writes « é » as two characters in what it names."""
    name = unicodedata.normalize("NFD", "Comité d'été")
    program.take(Package().body("comite-d-ete", "participation", "table_ronde", "port-lanse", nom=name))
    assert f"comite-d-ete,{name},table_ronde" in exported_row(program, "instances")


def zipped(path: Path, members: Iterable[tuple[str, str | bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "members",
    [
        [("rencontres.csv", ONE)],
        [("Mon dossier/", ""), ("Mon dossier/rencontres.csv", ONE), ("Mon dossier/datapackage.json", "{}")],
        [("a/rencontres.csv", ONE), ("__MACOSX/a/._rencontres.csv", b"\0\5"), ("a/.DS_Store", b"\0")],
    ],
)
def test_a_zip_with_or_without_a_folder(program: Program, members: list[tuple[str, str | bytes]]) -> None:
    assert program.take(zipped(program.new_path(".zip"), members)) == ADDED


def test_a_folder_whose_name_ends_in_zip_and_a_single_file(program: Program) -> None:
    folder = program.new_path(".zip")
    folder.mkdir()
    (folder / "rencontres.csv").write_text(ONE)
    assert program.take(folder) == ADDED
    assert program.take(folder / "rencontres.csv") == "Import : rien ne change."


def damaged(text: bytes) -> bytes:
    """Return an archive in which a byte of the content is not what its checksum says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("rencontres.csv"), text)  # without a date: the same bytes each time
    return buffer.getvalue().replace(b"Un,tenue", b"Du,tenue", 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vide.zip", b""),
        ("faux.zip", b"bonjour"),
        ("abime.zip", damaged(ONE.encode())),
        ("coupe.zip", damaged(ONE.encode())[:60]),
        ("vieux.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("photo.png", b"\x89PNG\r\n\x1a\n\0"),
        ("rencontres.csv", b"PK\x03\x04" + bytes(range(256))),
    ],
)
def test_another_kind_of_file_is_answered_in_one_line(unchanged: Program, name: str, content: bytes) -> None:
    path = unchanged.folder / name
    path.write_bytes(content)
    assert len(unchanged.refuses(path)) == 1


def test_names_that_lead_out_of_an_archive_lead_nowhere(unchanged: Program) -> None:
    for name in ("../rencontres.csv", "/tmp/rencontres.csv", "a/b/rencontres.csv", "a\\rencontres.csv"):
        assert len(unchanged.refuses(zipped(unchanged.new_path(".zip"), [(name, ONE)]))) == 1


def test_a_zip_bomb_is_refused_before_it_is_opened(unchanged: Program) -> None:
    path = unchanged.new_path(".zip")
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("rencontres.csv", "w") as member:
        for _ in range(300):
            member.write(b"0" * 1_000_000)
    assert path.stat().st_size < 2_000_000
    assert unchanged.refuses(path) == [
        "l'ensemble : c'est plus de 256 Mo une fois décompressé ; partagez-le en plusieurs imports"
    ]


def workbook(path: Path, rows: Sequence[Sequence[Any]], sheet: str = "rencontres") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.create_sheet("Feuil2")  # a spreadsheet adds blank ones
    book.save(path)
    return path


HEAD = [*MEETING, "heure_debut", "heure_fin", "participants"]


def test_cells_of_a_workbook_are_read_as_what_they_show(program: Program) -> None:
    day, begin, end = dt.date(2025, 3, 14), dt.time(18, 30), dt.time(0, 15)
    rows = [
        HEAD,
        ["r1", day, QUAYS, "reunion", "Typée", "tenue", begin, end, 20],
        ["r2", dt.datetime.combine(day, dt.time()), QUAYS, "reunion", 2025, "tenue", "18:30", None, 20.0],
        [3, "2025-03-14", QUAYS, "reunion", True, "tenue", None, None, "20"],
        ["  ", None, "", None, None, None, None, None, None],
    ]
    program.take(workbook(program.new_path(".xlsx"), rows))
    assert exported_row(program).splitlines() == [
        f"3,2025-03-14,,,{QUAYS},reunion,VRAI,,,,tenue,20,,,,,,,,,,,,",
        f"r1,2025-03-14,18:30,00:15,{QUAYS},reunion,Typée,,,,tenue,20,,,,,,,,,,,,",
        f"r2,2025-03-14,18:30,,{QUAYS},reunion,2025,,,,tenue,20,,,,,,,,,,,,",
    ]


def test_a_formula_and_a_half_person_are_named_by_their_place(unchanged: Program) -> None:
    rows = [HEAD, ["r1", dt.date(2025, 3, 14), QUAYS, "reunion", "=1+1", "tenue", None, None, 20.5]]
    title, people = unchanged.refuses(workbook(unchanged.new_path(".xlsx"), rows))
    assert title.startswith("feuille rencontres, ligne 2, titre : cellule E2 : cette cellule contient une formule ; ")
    assert people.startswith("feuille rencontres, ligne 2, participants : « 20.5 » n'est pas un nombre ; ")


def test_a_damaged_workbook_is_answered(unchanged: Program) -> None:
    whole = workbook(
        unchanged.new_path(".xlsx"), [HEAD, ["r1", "2025-03-14", QUAYS, "reunion", "Un", "tenue", "", "", 1]]
    )
    with zipfile.ZipFile(whole) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    cut = [(name, content[:-30] if "sheet1" in name else content) for name, content in parts]
    assert "cette feuille est abîmée" in unchanged.refuses(zipped(unchanged.new_path(".xlsx"), cut))[0]
    assert len(unchanged.refuses(workbook(unchanged.new_path(".xlsx"), [HEAD], sheet="Réunions"))) == 1


def test_a_hundred_thousand_lines(unchanged: Program) -> None:
    head, row, _ = ONE.split("\n")
    lines = "".join(f"{row.replace('r1', f'r{number:05}', 1)}\n" for number in range(100_000))
    said = unchanged.load({"rencontres": f"{head}\n{lines}x,y\n"})
    assert said.status == 1
    assert said.faults[0].startswith("rencontres.csv, ligne 100002 : ")
