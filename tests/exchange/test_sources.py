# ruff: noqa: E501  # a case is read best on one line
"""Packages as they come: folders, archives, single files; hostile ones too."""

import io
import json
import resource
import struct
import zipfile
from pathlib import Path

import pytest

from participation.exchange import sources
from tests.exchange.conftest import Make
from tests.exchange.helpers import OPINION, check, faults_of, meeting, table

pytestmark = pytest.mark.usefixtures("contract")
AVIS = table(OPINION)


def archive(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_a_zip_is_read(tmp_path: Path) -> None:
    assert faults_of(archive(tmp_path / "p.zip", {"avis.csv": AVIS})) == []
    assert check(archive(tmp_path / "p.zip", {"avis.csv": AVIS})).sentence() == "1 avis ajouté"


def test_a_zip_of_a_folder_is_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "envoi/avis.csv": AVIS,
        "__MACOSX/envoi/._avis.csv": b"\0",
        "envoi/.DS_Store": b"\0",
    }
    assert faults_of(archive(tmp_path / "p.zip", files)) == []


def test_a_single_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "avis.csv"
    path.write_text(AVIS, encoding="utf-8")
    assert faults_of(path) == []


@pytest.mark.parametrize("name", ["../avis.csv", "/etc/avis.csv", "a/b/avis.csv", "..\\avis.csv"])
def test_a_path_in_an_archive_leads_nowhere(tmp_path: Path, name: str) -> None:
    (fault,) = faults_of(archive(tmp_path / "p.zip", {"rencontres.csv": table(meeting()), name: AVIS}))
    assert "n'est pas à la racine de l'archive" in fault or "n'est pas d'un import" in fault


def test_a_path_that_leads_out_is_refused_alone_too(tmp_path: Path) -> None:
    assert faults_of(archive(tmp_path / "p.zip", {"../avis.csv": AVIS}))


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bombe.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("avis.csv", "w", force_zip64=True) as member,
    ):
        block = b"0" * 1024 * 1024
        for _ in range(sources.MOST_BYTES // len(block) + 1):
            member.write(block)
    assert path.stat().st_size < 1024 * 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert faults_of(path) == [
        "l'ensemble : c'est plus de 256 Mo une fois décompressé ; partagez-le en plusieurs imports"
    ]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_an_archive_that_lies_about_its_size_gives_no_more(tmp_path: Path) -> None:
    content = archive(tmp_path / "p.zip", {"avis.csv": AVIS + "x" * 100_000}).read_bytes()
    size = struct.pack("<L", len(AVIS) + 100_000)
    path = tmp_path / "menteur.zip"
    path.write_bytes(content.replace(size, struct.pack("<L", 10)))
    assert faults_of(path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "p.zip", {f"{number}.csv": "" for number in range(5_000)})
    assert faults_of(path) == ["p.zip : cette archive contient trop de fichiers ; attendu : 1000 au plus"]


def test_an_encrypted_file_is_told(tmp_path: Path) -> None:
    content = bytearray(archive(tmp_path / "p.zip", {"avis.csv": AVIS}).read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(content)
    assert faults_of(path) == ["secret.zip, avis.csv : ce fichier est chiffré ; refaites l'archive sans mot de passe"]


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    whole = archive(tmp_path / "p.zip", {"avis.csv": AVIS * 50}).read_bytes()
    for number, content in enumerate((whole[:-30], whole[:40] + b"\xff" * 20 + whole[60:], b"PK\3\4" + b"x" * 99)):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        assert faults_of(path), number


WRONG = [
    ("photo.jpg", b"\xff\xd8\xff\xe0 picture", "ce n'est pas un tableau ; attendu : un .xlsx, un dossier ou un .zip de .csv"),
    ("notes.pdf", b"%PDF-1.7", "c'est un PDF ; attendu : un tableau .xlsx, des .csv ou un .zip de .csv"),
    ("vieux.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "ce classeur a un mot de passe ou un ancien format ; enregistrez-le en .xlsx, sans mot de passe"),
    ("rien.zip", b"", "ce fichier est vide ; choisissez celui qui contient les données"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "problem"), WRONG)
def test_a_file_of_another_kind_is_told(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert faults_of(path) == [f"{name} : {problem}"]


@pytest.mark.parametrize("inside", ["word/document.xml", "content.xml"])
def test_another_office_document_is_told(tmp_path: Path, inside: str) -> None:
    (fault,) = faults_of(archive(tmp_path / "d.odt", {inside: "<x/>"}))
    assert "n'est pas un tableau .xlsx" in fault


def test_unknown_files_of_a_folder_are_named(write: Make) -> None:
    faults = faults_of(write({"avis": AVIS, "rencontre.csv": "ref\n", "photo.jpg": "x", ".cache.txt": "x"}))
    assert faults == [
        "photo.jpg : ce fichier n'est pas d'un import ; attendu : rencontres.csv, propositions.csv, etapes.csv, avis.csv, "  # noqa: ISC004
        "decisions.csv, instances.csv, mandats.csv",
        "rencontre.csv : ce fichier n'est pas d'un import ; le nom le plus proche : rencontres.csv",
    ]


def test_a_folder_in_a_folder_is_told(write: Make) -> None:
    folder = write({"avis": AVIS})
    (folder / "anciens").mkdir()
    assert faults_of(folder) == ["anciens : ce n'est pas un fichier ; un import ne contient pas de dossier"]


def test_a_package_without_tables_is_told(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    (fault,) = faults_of(tmp_path / "vide")
    assert fault.startswith("l'ensemble : aucune table à importer")


@pytest.mark.parametrize("version", ["1.0.0", "1.7.0", "1", None])
def test_a_version_1_is_read(write: Make, version: str | None) -> None:
    described = json.dumps({"version": version} if version else {})
    assert faults_of(write({"avis": AVIS, "datapackage.json": described})) == []


@pytest.mark.parametrize("described", ['{"version": "2.0.0"}', '{"version": 1}', "{", "[" * 100_000, "\0"])
def test_another_descriptor_is_told(write: Make, described: str) -> None:
    (fault,) = faults_of(write({"avis": AVIS, "datapackage.json": described}))
    assert fault.startswith("datapackage.json : ")


def test_a_table_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("avis.csv", AVIS)
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("avis.csv", AVIS)
    assert faults_of(path) == ["avis.csv : ce fichier est là deux fois ; gardez-en un"]


def test_an_archive_in_memory_is_small_enough_to_list() -> None:
    assert not sources._small_directory(io.BytesIO(b"PK\6\7" + b"\0" * 16 + b"PK\5\6" + b"\0" * 18))
