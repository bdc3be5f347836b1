"""The shape of a contract file: which keys a table has, what each holds, and how a fault is said.

A dataclass describes a table: each field carries the French key it is read from and a *kind*, a function that
turns the value found into the one kept or says in French what was expected. `build` reads a whole table, goes on
after a fault, and leaves an empty value behind it, so that one pass reports everything.
"""

import dataclasses
import datetime as dt
import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from participation.database import REF_LENGTH

T = TypeVar("T")
NAME_LENGTH = 200
TEXT_LENGTH = 4000
NUMBER_LIMIT = 2_000_000_000
"""Largest whole number read: what a 32-bit column of the database holds, rounded down."""

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
INSEE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)
QPV = re.compile(r"QN\d{5}[NMI]", re.ASCII)
SIREN = re.compile(r"\d{9}", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing wrong in a contract file: where it stands, what was found, and what would be right.

    `place` reads `instances[3].quartiers`, lists counted from 1; `label` is the slug or code written there, if any.
    """

    place: str
    message: str
    label: str = ""

    def __str__(self) -> str:
        label = f" ({self.label})" if self.label else ""
        return f"{self.place}{label} : {self.message}" if self.place else self.message


class Unfit(ValueError):
    """The value does not fit its kind; the text of the exception says what was expected, in French."""


Kind = Callable[[object], Any]


def key(name: str, kind: Kind, **options: Any) -> Any:
    """Return a dataclass field read from the French key `name` by `kind`; with a default it may be left out."""
    return dataclasses.field(metadata={"key": name, "kind": kind, "of": None, "many": False}, **options)


def table(name: str, of: type, *, many: bool = False, **options: Any) -> Any:
    """Return a dataclass field read from a sub-table, or from a list of them if `many`."""
    return dataclasses.field(metadata={"key": name, "kind": None, "of": of, "many": many}, **options)


def quoted(value: object) -> str:
    """Return the value as a fault shows it: French quotation marks, and never a page of it."""
    text = str(value)
    shown = "".join(c if c.isprintable() else "�" for c in text[:80])
    return f"« {shown}… »" if len(text) > 80 else f"« {shown} »"


def nearest(value: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like `value`, or an empty string if none comes near."""
    if len(value) < 3:  # a word this short looks like any other
        return ""
    from rapidfuzz import fuzz, process  # here, not at every start: heavy, for faults alone

    found = process.extractOne(value[:200], list(known), scorer=fuzz.WRatio, score_cutoff=70)
    return found[0] if found else ""


def unknown(value: object, known: Iterable[str], what: str) -> str:
    """Return the sentence that refuses an unknown name: the nearest known one, or all of them if they are few."""
    known = list(known)
    near = nearest(str(value), known)
    if near:
        return f"{quoted(value)} n'est pas {what} ; vouliez-vous dire {quoted(near)} ?"
    if not known:
        return f"{quoted(value)} n'est pas {what} ; aucun n'est défini dans ce fichier"
    listed = ", ".join(known) if len(known) <= 15 else f"{', '.join(known[:15])}…"
    return f"{quoted(value)} n'est pas {what} ; attendu : {listed}"


# Kinds


def text(value: object) -> str:
    """A text on one or more lines, trimmed, in NFC, without control characters."""
    return _text(value, TEXT_LENGTH)


def name(longest: int = NAME_LENGTH) -> Kind:
    """Return the kind of a text on one line, of `longest` characters at most."""

    def read(value: object) -> str:
        found = _text(value, longest)
        if "\n" in found:
            raise Unfit("un texte sur une seule ligne est attendu")
        return found

    return read


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise Unfit(f"un texte entre guillemets est attendu, pas {_described(value)}")
    found = unicodedata.normalize("NFC", value).strip()
    if not found:
        raise Unfit("le texte est vide ; à remplir, ou retirer la ligne si elle est facultative")
    if len(found) > longest:
        raise Unfit(f"le texte est trop long ({len(found)} caractères) ; {longest} au plus")
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in found):
        raise Unfit(f"{quoted(found)} contient un caractère invisible qui ne peut pas être affiché ; à retaper")
    return found


def _matching(pattern: re.Pattern[str], wanted: str) -> Kind:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Unfit(f"{wanted} est attendu, entre guillemets, pas {_described(value)}")
        if not pattern.fullmatch(value):
            raise Unfit(f"{quoted(value)} ne convient pas ; attendu : {wanted}")
        if len(value) > REF_LENGTH:
            raise Unfit(f"{quoted(value)} est trop long ; {REF_LENGTH} caractères au plus")
        return value

    return read


slug = _matching(SLUG, "un slug en minuscules sans accent, chiffres et tirets, comme « saint-nicolas »")
code = _matching(CODE, "un code en minuscules sans accent, chiffres et tirets bas, comme « conseil_de_quartier »")
ambition_code = _matching(re.compile(r"[A-Z]{2,6}"), "un code de 2 à 6 majuscules sans accent, comme « APA »")
objective_code = _matching(
    re.compile(r"[A-Z]{2,6}-[0-9]{1,2}([A-Z][a-z]{0,9})?"), "un code d'objectif, comme « APA-1 » ou « APA-1A »"
)
insee = _matching(INSEE, "un code INSEE de commune à cinq caractères, comme « 62041 »")
qpv = _matching(QPV, "un code QPV comme « QN06201M » (QN, cinq chiffres, puis N, M ou I)")
siren = _matching(SIREN, "un numéro SIREN de neuf chiffres")


def one_of(known: tuple[str, ...], what: str) -> Kind:
    """Return the kind of a word of a closed list; `what` reads « une famille connue »."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Unfit(f"un texte entre guillemets est attendu, pas {_described(value)}")
        if value not in known:
            raise Unfit(unknown(value, known, what))
        return value

    return read


def number(least: int = 1, most: int = NUMBER_LIMIT) -> Kind:
    """Return the kind of a whole number between `least` and `most`, both included."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unfit(f"un nombre entier sans guillemets est attendu, pas {_described(value)}")
        if value < least:
            raise Unfit(f"{value} est trop petit ; attendu : {least} au moins")
        if value > most:
            raise Unfit(f"{quoted(value)} est trop grand ; attendu : {most} au plus")
        return value

    return read


year = number(1900, 2200)
line = number(1, 1_000_000)


def yes_no(value: object) -> bool:
    """A truth value, written true or false."""
    if not isinstance(value, bool):
        raise Unfit(f"true ou false est attendu, sans guillemets, pas {_described(value)}")
    return value


def day(value: object) -> dt.date:
    """A civil date, bare (2023-07-01) or between quotation marks."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise Unfit(f"{quoted(value)} n'existe pas dans le calendrier") from None
    raise Unfit(f"une date sans heure, année-mois-jour, est attendue (2023-07-01), pas {_described(value)}")


def timezone(value: object) -> str:
    """The name of a time zone of the IANA database."""
    found: str = name(50)(value)
    known = _time_zones()
    if found not in known:
        raise Unfit(unknown(found, known, "un fuseau horaire connu"))
    return found


@functools.cache
def _time_zones() -> tuple[str, ...]:
    return tuple(sorted(zoneinfo.available_timezones()))


def list_of(kind: Kind, *, least: int = 0) -> Kind:
    """Return the kind of a list without repetition, each item of `kind`, kept as a tuple."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Unfit(f'une liste entre crochets est attendue, comme ["a", "b"], pas {_described(value)}')
        found = tuple(_each(kind, value))
        if len(found) < least:
            raise Unfit("la liste est vide ; il en faut au moins un")
        twice = next((item for item in found if found.count(item) > 1), None)
        if twice is not None:
            raise Unfit(f"{quoted(twice)} y est plusieurs fois ; une seule suffit")
        return found

    return read


def _each(kind: Kind, values: Iterable[Any]) -> list[Any]:
    """Read every value, and refuse all the unfit ones together."""
    read, unfit = [], []
    for value in values:
        try:
            read.append(kind(value))
        except Unfit as refused:
            unfit.append(str(refused))
    if unfit:
        raise Unfit(" — ".join(unfit))
    return read


def labels(value: object) -> dict[str, str]:
    """A table of codes and the names shown for them."""
    if not isinstance(value, dict):
        raise Unfit(f'des lignes « code = "Nom affiché" » sont attendues, pas {_described(value)}')
    if not value:
        raise Unfit("aucun n'est défini ; il en faut au moins un")
    return dict(_each(_labelled, value.items()))


def _labelled(pair: Any) -> tuple[str, str]:
    try:
        return code(pair[0]), name()(pair[1])
    except Unfit as unfit:
        raise Unfit(f"{quoted(pair[0])} : {unfit}") from None


def _described(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "true ou false",
        int: "un nombre",
        float: "un nombre à virgule",
        str: "un texte",
        list: "une liste",
        dict: "un groupe de valeurs",
        dt.datetime: "une date avec heure",
        dt.date: "une date",
        dt.time: "une heure",
    }
    shown = f" ({quoted(value)})" if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return kinds.get(type(value), "autre chose") + shown


# Tables


def build(cls: type[T], found: object, place: str, faults: list[Fault], label: str = "") -> T | None:
    """Read one table of the file into `cls`, adding to `faults`; None if it is no table at all."""
    if not isinstance(found, dict):
        message = f"un groupe de valeurs « clé = valeur » est attendu, pas {_described(found)}"
        faults.append(Fault(place, message, label))
        return None
    label = label_of(found) or label
    fields = {f.metadata["key"]: f for f in dataclasses.fields(cls) if f.metadata}  # type: ignore[arg-type]
    prefix = f"{place}." if place else ""
    for extra in (found_key for found_key in found if found_key not in fields):
        shown = "".join(c for c in extra[:40] if c.isprintable())
        faults.append(Fault(prefix + shown, unknown(extra, fields, "une clé connue ici"), label))
    return cls(**{f.name: _read(f, found, prefix + k, faults, label) for k, f in fields.items()})


def label_of(found: dict[str, Any]) -> str:
    """Return the slug or code by which the reader of a fault will find this table in the file."""
    own = found.get("slug") or found.get("code")
    return own if isinstance(own, str) and own.isprintable() and len(own) <= REF_LENGTH else ""


def build_list(
    cls: type[T], found: object, place: str, faults: list[Fault], label: str = ""
) -> tuple[T | None, ...] | None:
    """Read a list of tables, None if it is no list; an item that is no table stays as None: the others keep theirs."""
    if not isinstance(found, list):
        faults.append(Fault(place, f"une liste est attendue, pas {_described(found)}", label))
        return None
    return tuple(build(cls, item, f"{place}[{n}]", faults, label) for n, item in enumerate(found, start=1))


def _read(field: dataclasses.Field[Any], found: dict[str, Any], place: str, faults: list[Fault], label: str) -> Any:
    meta = field.metadata
    if meta["key"] not in found:
        if not _has_default(field):
            faults.append(Fault(place, "cette valeur manque, elle est obligatoire", label))
        return _blank(field)
    value = found[meta["key"]]
    if meta["of"]:
        return (build_list if meta["many"] else build)(meta["of"], value, place, faults, label)
    try:
        return meta["kind"](value)
    except Unfit as unfit:
        faults.append(Fault(place, str(unfit), label))
        return _blank(field)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING


def _blank(field: dataclasses.Field[Any]) -> Any:
    """Return what stands for a value that is missing or wrong: its default, or nothing."""
    return None if field.default is dataclasses.MISSING else field.default
