# ruff: noqa: E501  # a case is read best on one line
"""Workbooks: typed cells, what must not run, what spreadsheets write in their own ways."""

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from participation.exchange import writing
from participation.exchange.xlsxcells import sheets, unescape
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.workbooks import open_workbook
from tests.exchange.helpers import BODY, MEETING, OPINION, faults_of, load

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)


def workbook(path: Path, **tables: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def with_part(path: Path, name: str, content: str) -> Path:
    """Replace one part of a workbook."""
    changed = path.with_name("change.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            new.writestr(info, content if info.filename == name else old.read(info))
    return changed


def avis(text: Any, **changes: Any) -> list[list[Any]]:
    values = OPINION | {"texte": text} | changes
    return [list(values), list(values.values())]


@pytest.mark.usefixtures("contract")
def test_typed_cells_are_read_as_what_they_show(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        **MEETING, "ref": 12, "date": dt.date(2026, 3, 12), "heure_debut": dt.time(18, 30), "participants": 20,
        "habitants": 12.0, "titre": 2026, "lieu": True, "compte_rendu": dt.datetime(2026, 3, 20, 9, 15),  # noqa: DTZ001  # a spreadsheet knows no zone
    }  # fmt: skip
    load(workbook(tmp_path / "p.xlsx", rencontres=[list(values), list(values.values())]))
    held = db.session.scalars(sa.select(Meeting)).one()
    assert (held.ref, held.held_on, held.start_time) == ("12", dt.date(2026, 3, 12), dt.time(18, 30))
    assert (held.participants, held.residents, held.title, held.place) == (20, 12, "2026", "VRAI")
    assert held.minutes == "2026-03-20 09:15"


@pytest.mark.usefixtures("contract")
def test_a_formula_is_a_fault_that_names_the_cell(tmp_path: Path) -> None:
    values = MEETING | {"participants": "=10+10"}
    (fault,) = faults_of(workbook(tmp_path / "p.xlsx", rencontres=[list(values), list(values.values())]))
    assert fault == (
        "feuille rencontres, ligne 2, participants : cellule G2 : cette cellule contient une formule ; "
        "remplacez-la par sa valeur (Collage spécial, Valeurs)"
    )


@pytest.mark.usefixtures("contract")
def test_an_error_of_calculation_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(workbook(tmp_path / "p.xlsx", avis=avis("#DIV/0!")))
    assert fault.endswith(
        "cellule D2 : cette cellule contient une erreur de calcul (#DIV/0!) ; corrigez-la ou videz-la"
    )


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize("text", ["+33 1 23", "-5", "@moi", "'=1", "<r>a</r>", " a ", "a\nb", "🙂 مرحبا", "_x000D_"])
def test_a_text_is_kept(tmp_path: Path, text: str) -> None:
    with (tmp_path / "p.xlsx").open("wb") as file, open_workbook(file) as book:
        sheet = writing.Sheet(book, "avis", list(OPINION))
        sheet.add([*list(OPINION.values())[:-1], text])
    load(tmp_path / "p.xlsx")
    assert db.session.scalars(sa.select(Opinion.text)).one() == text


@given(words)
def test_every_text_is_written_and_read_as_it_was(text: str) -> None:
    file = io.BytesIO()
    with open_workbook(file) as book:
        writing.Sheet(book, "avis", ["a", "b"]).add([text, "b"])
    content = file.getvalue()
    read = sheets(lambda: io.BytesIO(content))
    assert [row for _line, row in read.rows("avis", _never)] == [["a", "b"], [text, "b"]]
    with zipfile.ZipFile(file) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def _never(*_where: object) -> None:
    raise AssertionError


@pytest.mark.usefixtures("contract")
def test_an_unknown_sheet_is_named_and_a_blank_one_passed_over(tmp_path: Path) -> None:
    faults = faults_of(
        workbook(tmp_path / "p.xlsx", avis=avis("a"), Feuil2=[], rencontre=[["ref"], ["r1"]], Aide=[["?"]])
    )
    assert faults == ["feuille rencontre : cette feuille n'est pas connue ; attendu : rencontres"]


@pytest.mark.usefixtures("contract")
def test_a_sheet_and_a_file_are_told_apart(tmp_path: Path) -> None:
    (fault,) = faults_of(workbook(tmp_path / "p.xlsx", avis=avis("a"), **{"avis.csv": avis("b")}))
    assert fault == "feuille avis.csv : la table avis est là deux fois ; gardez-en une"


@pytest.mark.usefixtures("contract")
def test_blank_cells_at_the_end_of_a_row_are_blank(tmp_path: Path) -> None:
    assert faults_of(workbook(tmp_path / "p.xlsx", avis=[[*OPINION, "langue"], [*OPINION.values()]])) == []


@pytest.mark.usefixtures("contract")
def test_a_cell_beyond_the_titles_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(workbook(tmp_path / "p.xlsx", avis=[[*OPINION], [*OPINION.values(), "", "perdu"]]))
    assert fault.startswith("feuille avis, ligne 2 : cette ligne a 6 cellules et l'en-tête 4")


SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(rows: str, declaration: str = "") -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?>{declaration}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'


def only_sheet(path: Path) -> Path:
    book = openpyxl.Workbook()
    assert book.active
    book.active.title = "avis"
    book.save(path)
    return path


HOSTILE = [
    ("&b;", '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>', "n'a pas été fait par un tableur"),
    ("x", '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "n'a pas été fait par un tableur"),
    ("</row>", "", "cette feuille est abîmée"),
    ('</t></is></c></row><row r="2"><c r="XFD2" t="inlineStr"><is><t>loin', "", "cette feuille a trop de colonnes"),
    ('</t></is></c></row><row r="99999999999999999999"><c t="s"><v>7</v></c></row><row><c><is><t>', "", "cette feuille est abîmée"),
    ("y" * 1_000_001, "", "une cellule de ce classeur est bien trop longue"),
]  # fmt: skip


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize(("text", "declaration", "problem"), HOSTILE)
def test_a_hostile_sheet_is_told(tmp_path: Path, text: str, declaration: str, problem: str) -> None:
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    faults = faults_of(with_part(only_sheet(tmp_path / "p.xlsx"), SHEET, sheet_xml(row, declaration)))
    assert any(problem in fault for fault in faults), faults


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
def test_a_damaged_workbook_is_told(tmp_path: Path, part: str) -> None:
    faults = faults_of(with_part(only_sheet(tmp_path / "p.xlsx"), part, "<x"))
    assert faults == [
        "change.xlsx : ce classeur est abîmé ; ouvrez-le dans un tableur et enregistrez-le de nouveau en .xlsx"
    ]


@pytest.mark.usefixtures("contract")
def test_a_row_far_down_costs_nothing(tmp_path: Path) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in OPINION)
    far = "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in [*OPINION.values()][:-1])
    path = with_part(
        only_sheet(tmp_path / "p.xlsx"), SHEET, sheet_xml(f'<row r="1">{cells}</row><row r="1048576">{far}</row>')
    )
    assert faults_of(path) == ["feuille avis, ligne 1048576, texte : cette cellule est vide ; attendu : texte"]


def test_escapes_are_read_and_never_give_half_a_character() -> None:
    assert unescape("a_x000D_b_x005F_x000D_") == "a\rb_x000D_"
    assert unescape("_xD83D_") == "_xD83D_"


@pytest.mark.usefixtures("contract")
def test_dates_of_other_formats_are_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active
    sheet = book.active
    sheet.title = "avis"
    sheet.append([*OPINION])
    sheet.append([*OPINION.values()])
    for number, code in enumerate(("dd/mm/yyyy", "[$-40C]d mmmm yyyy;@", "General"), start=2):
        sheet.append([f"b{number}", dt.date(2026, 3, 12), BODY, "texte"])
        sheet.cell(number + 1, 2).number_format = code
    book.save(tmp_path / "p.xlsx")
    (fault,) = faults_of(tmp_path / "p.xlsx")
    assert fault.startswith("feuille avis, ligne 5, date : « 46093 » n'est pas une date")
