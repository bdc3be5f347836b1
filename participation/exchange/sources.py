"""Where a package comes from: a folder, a .zip, an .xlsx or single .csv files, with their limits.

Nothing is ever unpacked to disk: a name such as `../x` in an archive leads nowhere, and what an archive says of its
own size is what is read of it at most.
"""

import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from flask_babel import gettext as _

from participation.exchange.faults import Faults
from participation.exchange.nearest import nearest
from participation.exchange.tables import DESCRIPTOR, TABLES

MOST_BYTES = 256 * 1024 * 1024
"""Of a package, uncompressed: about thirty times 5,000 meetings and 20,000 opinions."""
MOST_ENTRIES = 1_000
_MOST_DIRECTORY_BYTES = MOST_ENTRIES * 512
_DESCRIPTOR_BYTES = 4 * 1024 * 1024
README = "LISEZMOI.txt"
"""Goes with the blank templates; not read."""
_END_OF_ZIP = struct.Struct("<4s4H2LH")
_NOT_OURS = ("__MACOSX/",)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # encrypted, or a compression that Python does not know
    ValueError,
    LookupError,
)
"""What reading a damaged or hostile archive raises."""


@dataclass(frozen=True)
class Member:
    """A file of the package: its bare name, its size in bytes, and how to open it (again)."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Source:
    """What a package is made of."""

    files: tuple[Member, ...] = ()
    """CSV files and datapackage.json."""
    workbooks: tuple[Member, ...] = ()
    """Members of no archive: .xlsx files."""

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(member.size for member in (*self.files, *self.workbooks))


def from_path(path: Path, faults: Faults) -> Source:
    """Return what `path` holds: a folder, a .zip, an .xlsx or a .csv."""
    if path.is_dir():
        return _folder(path, faults)
    return from_files([(path.name, path)], faults)


def from_files(files: Sequence[tuple[str, Path]], faults: Faults) -> Source:
    """Return what files hold, each given by the name that its owner gave it and where it lies."""
    members: list[Member] = []
    workbooks: list[Member] = []
    for name, path in files:
        kind = _kind(name, path)
        if kind == "xlsx":
            workbooks.append(_file(name, path))
        elif kind == "zip":
            members += _archive(name, path, faults)
        elif kind == "csv":
            members.append(_file(name, path))
        else:
            faults.add(name, kind)
    return _checked(Source(tuple(members), tuple(workbooks)), faults)


def _checked(source: Source, faults: Faults) -> Source:
    """Report files that are not of a package, or are there twice; keep the others."""
    seen: dict[str, Member] = {}
    for member in source.files:
        if member.name in seen:
            faults.add(member.name, _("ce fichier est là deux fois ; gardez-en un"))
        elif member.name not in {DESCRIPTOR, README, *(table.file for table in TABLES)}:
            faults.add(member.name, _unknown(member.name))
        seen.setdefault(member.name, member)
    if source.size > MOST_BYTES:
        limit = MOST_BYTES // (1024 * 1024)
        faults.add(
            _("l'ensemble"),
            _("c'est plus de %(n)s Mo une fois décompressé ; partagez-le en plusieurs imports", n=limit),
        )
        return Source()
    return Source(tuple(seen.values()), source.workbooks)


def _unknown(name: str) -> str:
    known = [table.file for table in TABLES]
    likely = nearest(name.lower(), known)
    if likely:
        return _("ce fichier n'est pas d'un import ; le nom le plus proche : %(likely)s", likely=likely)
    return _("ce fichier n'est pas d'un import ; attendu : %(known)s", known=", ".join(known))


def _file(name: str, path: Path) -> Member:
    return Member(name, path.stat().st_size, lambda: path.open("rb"))


def _folder(path: Path, faults: Faults) -> Source:
    members = []
    for entry in sorted(path.iterdir()):
        if _hidden(entry.name):
            continue
        if entry.is_file():
            members.append(_file(entry.name, entry))
        else:
            faults.add(entry.name, _("ce n'est pas un fichier ; un import ne contient pas de dossier"))
    return _checked(Source(tuple(members)), faults)


def _kind(name: str, path: Path) -> str:
    """Return `xlsx`, `zip` or `csv`, told by the content; or the sentence that says what is wrong with the file."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        return _("ce fichier est vide ; choisissez celui qui contient les données")
    if start.startswith(b"PK"):
        return _kind_of_archive(path)
    if start == _OLE:
        return _("ce classeur a un mot de passe ou un ancien format ; enregistrez-le en .xlsx, sans mot de passe")
    if start.startswith(b"%PDF"):
        return _("c'est un PDF ; attendu : un tableau .xlsx, des .csv ou un .zip de .csv")
    if name.lower().endswith((".csv", ".json")):
        return "csv"
    return _("ce n'est pas un tableau ; attendu : un .xlsx, un dossier ou un .zip de .csv")


def _kind_of_archive(path: Path) -> str:
    try:
        with path.open("rb") as file:
            if not _small_directory(file):
                return _("cette archive contient trop de fichiers ; attendu : %(n)s au plus", n=MOST_ENTRIES)
            names = set(zipfile.ZipFile(file).namelist())
    except BROKEN:
        return _("ce fichier est abîmé ou n'est pas une archive .zip ; refaites-le")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if names & {"word/document.xml", "ppt/presentation.xml", "content.xml"}:
        return _("ce document n'est pas un tableau .xlsx ; ouvrez-le et enregistrez-le en .xlsx ou en .csv")
    return "zip"


def _small_directory(file: BinaryIO) -> bool:
    """Whether the archive's list of files is small enough to be loaded: a hostile one fills the memory by itself."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 65_536 - _END_OF_ZIP.size - 20))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_OF_ZIP.size:
        raise zipfile.BadZipFile
    if b"PK\x06\x07" in tail:  # ZIP64: for archives far larger than any package
        return False
    entries, directory = _END_OF_ZIP.unpack_from(tail, at)[4:6]
    return bool(entries <= MOST_ENTRIES and directory <= _MOST_DIRECTORY_BYTES)


def _archive(name: str, path: Path, faults: Faults) -> Iterator[Member]:
    """Return the files of a .zip; the package may lie in one folder of it."""
    archive = zipfile.ZipFile(path)
    entries = [info for info in archive.infolist() if not info.is_dir() and not _left_by_system(info.filename)]
    folder = _common_folder(entries)
    for info in entries:
        problem = _entry_problem(info, folder)
        if problem:
            faults.add(f"{name}, {info.filename}", problem)
        else:
            yield Member(PurePosixPath(info.filename).name, info.file_size, _opener(path, info))
    archive.close()


def _left_by_system(name: str) -> bool:
    return name.startswith(_NOT_OURS) or _hidden(PurePosixPath(name).name)


def _hidden(name: str) -> bool:
    """Whether systems and office software leave such a file beside the others."""
    return name.startswith(("~", ".")) and not name.startswith("..")


def _common_folder(entries: Sequence[zipfile.ZipInfo]) -> PurePosixPath:
    folders = {PurePosixPath(info.filename).parent for info in entries}
    only = folders.pop() if len(folders) == 1 else PurePosixPath()
    return only if len(only.parts) == 1 and only.name not in {"..", "/"} else PurePosixPath()


def _entry_problem(info: zipfile.ZipInfo, folder: PurePosixPath) -> str | None:
    if PurePosixPath(info.filename).parent != folder or "\\" in info.filename:
        return _("ce fichier n'est pas à la racine de l'archive ; attendu : les .csv ensemble, dans un dossier au plus")
    if info.flag_bits & 1:
        return _("ce fichier est chiffré ; refaites l'archive sans mot de passe")
    return None


def _opener(path: Path, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        # The stream keeps the archive's file open until it is closed itself.
        with zipfile.ZipFile(path) as archive:
            return archive.open(info)  # type: ignore[return-value]  # ZipExtFile reads bytes

    return open_member


def descriptor_fault(member: Member) -> str | None:
    """Return what is wrong with datapackage.json, if anything: only its version matters to an import."""
    if member.size > _DESCRIPTOR_BYTES:
        return _("ce fichier est trop grand pour un datapackage.json")
    try:
        with member.open() as file:
            described = json.loads(file.read(_DESCRIPTOR_BYTES))
    except BROKEN:
        return _("ce fichier n'est pas du JSON lisible ; enlevez-le, l'import n'en a pas besoin")
    version = described.get("version") if isinstance(described, dict) else None
    if version is None or (isinstance(version, str) and version.split(".")[0] == "1"):
        return None
    return _("version %(version)s : ce programme lit les versions 1 ; mettez-le à jour", version=str(version)[:20])
