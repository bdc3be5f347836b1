# ruff: noqa: E501  # a case is read best on one line
"""CSV as office software really writes it, and cells that a spreadsheet would run."""

import csv
import io

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import given

from participation.exchange.csvcells import csv_line, protect, unprotect
from participation.extensions import db
from participation.opinions.models import Opinion
from tests.exchange.conftest import Make
from tests.exchange.helpers import OPINION, faults_of, load, row, table

HEADER = "ref,date,instance,texte\n"
LINE = "a1,2026-03-12,assemblee-les-quais,"
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
risky = st.builds(str.__add__, st.text("'=+-@\t\r", min_size=1, max_size=4), words)


def opinion_text() -> str:
    return db.session.scalars(sa.select(Opinion.text)).one()


@given(st.one_of(words, risky))
def test_a_protected_cell_reads_as_it_was(text: str) -> None:
    assert unprotect(protect(text)) == text


@given(st.one_of(words, risky))
def test_no_cell_that_is_written_would_run(text: str) -> None:
    assert protect(text)[:1] not in set("=+-@\t\r")


@given(st.lists(st.one_of(words, risky), min_size=2, max_size=5))
def test_a_line_reads_as_it_was(texts: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(csv_line(texts), newline=""), strict=True)
    assert [unprotect(cell) for cell in read] == texts


@pytest.mark.parametrize("cell", ["'", "''", "'été", "' =1", "x'=1", "'x=1", "=1"])
def test_an_apostrophe_elsewhere_stays(cell: str) -> None:
    assert unprotect(cell) == cell


@pytest.mark.parametrize(
    ("cell", "text"), [("'=1", "=1"), ("''=1", "'=1"), ("'\t", "\t"), ("'-5", "-5"), ("'@a", "@a")]
)
def test_one_apostrophe_is_taken_off_where_it_protects(cell: str, text: str) -> None:
    assert unprotect(cell) == text


def test_only_what_must_be_is_quoted() -> None:
    assert csv_line(["a b", 'a"b', "a,b", "a\nb", "a\rb", "é;", ""]) == 'a b,"a""b","a,b","a\nb","a\rb",é;,\n'


ENCODINGS = [
    ("utf-8", ",", "\n"),
    ("utf-8-sig", ",", "\n"),
    ("cp1252", ";", "\r\n"),
    ("utf-8-sig", ";", "\r\n"),
    ("cp1252", ",", "\r"),
]


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize(("encoding", "separator", "end"), ENCODINGS)
def test_what_office_software_writes_is_read(write: Make, encoding: str, separator: str, end: str) -> None:
    text = table(row("avis", texte="L’été à l'école : 12 €, œuvre"), separator=separator).replace("\n", end)
    load(write({"avis": text.encode(encoding)}))
    assert opinion_text() == "L’été à l'école : 12 €, œuvre"


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize(
    "text", ["🙂 مرحبا 中文", "a\nb", "a\n\n\tb\n", "'=1", "'", '"', "a\rb", "-5", "<r>x</r>", "\ufeff"]
)
def test_a_text_is_kept(write: Make, text: str) -> None:
    load(write({"avis": csv_line(list(OPINION)) + csv_line([*list(OPINION.values())[:-1], text])}))
    assert opinion_text() == text


@pytest.mark.usefixtures("contract")
def test_line_ends_of_a_text_are_made_alike(write: Make) -> None:
    load(write({"avis": HEADER + LINE + '"a\r\nb"\n'}))
    assert opinion_text() == "a\nb"


BROKEN = [
    (b"", "avis.csv : cette table est vide ; attendu : une ligne de titres (ref, date, texte…)"),
    (b"\n\n", "avis.csv : cette table est vide ; attendu : une ligne de titres (ref, date, texte…)"),
    (HEADER + "a1,2026-03-12,assemblee-les-quais\n", "avis.csv, ligne 2 : cette ligne a 3 cellules et l'en-tête 4 ; un séparateur ou un guillemet manque ou est en trop"),
    (HEADER + LINE + "a,b\n", "avis.csv, ligne 2 : cette ligne a 5 cellules et l'en-tête 4 ; un séparateur ou un guillemet manque ou est en trop"),
    (HEADER + LINE + '"jamais fermé\n', "avis.csv, ligne 2 : les guillemets de cette ligne sont mal placés ou pas fermés ; corrigez-les (dans un texte, un guillemet se double)"),
    (HEADER + LINE + '"a"b\n', "avis.csv, ligne 2 : les guillemets de cette ligne sont mal placés ou pas fermés ; corrigez-les (dans un texte, un guillemet se double)"),
    (HEADER + LINE + '"' + "x" * 1_000_001 + '"\n', "avis.csv, ligne 2 : une cellule est bien trop longue, ou un guillemet ouvert ici n'est jamais fermé ; corrigez cette ligne"),
    (HEADER + LINE + "a\0b\n", "avis.csv, ligne 2, texte : « a\\x00b » contient un caractère nul, qu'aucun texte ne contient ; enlevez-le"),
    (HEADER.encode("utf-16"), "avis.csv : ce fichier est en UTF-16 ; enregistrez-le en « CSV UTF-8 »"),
    (HEADER.encode() + LINE.encode() + b"\x81\xff\n", "avis.csv, ligne 2 : ce texte n'est ni de l'UTF-8 ni du Windows-1252 ; enregistrez le fichier en « CSV UTF-8 »"),
    (HEADER.encode() + LINE.encode() + "été".encode() + b" \xe9\n", "avis.csv, ligne 2 : ce fichier mélange deux encodages ; enregistrez-le en « CSV UTF-8 »"),
    (HEADER.replace(",", "\t") + "a1\n", None),
    (HEADER + LINE + "a\n" + "," * 3 + "\n", None),
    ("ref,date,instance,texte,\n" + LINE + "a,\n", None),
    ("ref,date,,instance,texte\na1,2026-03-12,?,assemblee-les-quais,a\n", "avis.csv, ligne 2 : « ? » cette cellule est dans une colonne sans titre"),
    ("ref,ref,date,instance,texte\na1,a1,2026-03-12,assemblee-les-quais,a\n", "avis.csv, ligne 1, ref : cette colonne est là deux fois ; gardez-en une"),
    ("\0\x89PNG\n", "avis.csv : ce fichier n'est pas un tableau ; attendu : un .csv ou un .xlsx"),
]  # fmt: skip


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize(("content", "fault"), BROKEN)
def test_a_file_that_cannot_be_read_is_told(write: Make, content: str | bytes, fault: str | None) -> None:
    faults = faults_of(write({"avis": content}))
    if fault:
        assert faults == [fault]


@pytest.mark.usefixtures("contract")
def test_tabs_are_told_as_separators(write: Make) -> None:
    faults = faults_of(write({"avis": HEADER.replace(",", "\t") + "a1\t2026-03-12\n"}))
    assert "les colonnes sont séparées par des tabulations" in faults[0]


@pytest.mark.usefixtures("contract")
def test_blank_rows_and_columns_at_the_end_are_passed_over(write: Make) -> None:
    text = "ref,date,instance,texte,,\n,,,,,\n" + LINE + "a,,\n\n , , , , , \n"
    assert faults_of(write({"avis": text})) == []


@pytest.mark.usefixtures("contract")
def test_lines_are_those_of_the_spreadsheet(write: Make) -> None:
    rows = [row("avis", texte="un\ndeux\ntrois"), row("avis", ref="a2", canal="fax")]
    (fault,) = faults_of(write({"avis": table(*rows)}))
    assert fault.startswith("avis.csv, ligne 3, canal")


@pytest.mark.usefixtures("contract")
def test_a_header_alone_is_an_empty_table(write: Make) -> None:
    assert faults_of(write({"avis": HEADER})) == []
