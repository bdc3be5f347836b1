"""The contract file: what it may say, read into frozen objects, with every fault reported at once.

Nothing here knows Flask or the database. `read_contract` gives the whole contract or raises `BadContract`;
`check_contract` gives the list of faults. The keys of the file are French, because it is a person in charge of the
contract who writes them; `participation/contract/data/coeur-de-quartier.toml` explains each where it is used.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from participation.contract import shape, words
from participation.contract.coherence import find_incoherences
from participation.contract.shape import Fault, key, table
from participation.contract.toml import Unreadable, parse, read_bytes


@dataclass(frozen=True, kw_only=True)
class ResponseDays:
    """Within how many days a proposal passed on is answered; a default of the tool until the élus confirm it."""

    days: int = key("jours", shape.number(1, 3650))
    to_confirm: bool = key("a_confirmer", shape.yes_no, default=False)
    note: str | None = key("note", shape.text, default=None)


@dataclass(frozen=True, kw_only=True)
class Header:
    """The contract itself. Years are civil years, both ends included."""

    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name())
    holder: str = key("porteur", shape.name())
    siren: str | None = key("siren", shape.siren, default=None)
    starts: int = key("debut", shape.year)
    midterm: int = key("mi_parcours", shape.year)
    ends: int = key("fin", shape.year)
    timezone: str = key("fuseau", shape.timezone)
    response: ResponseDays = table("delai_de_reponse", ResponseDays)


@dataclass(frozen=True, kw_only=True)
class Commune:
    """A commune; its INSEE code is text (a Corsican one holds a letter)."""

    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name())
    insee: str = key("insee", shape.insee)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class QuartierPopulation:
    """Residents of one quartier, with the year of the count if it is printed and what perimeter was counted."""

    value: int = key("valeur", shape.number(1))
    year: int | None = key("annee", shape.year, default=None)
    perimeter: str | None = key("perimetre", shape.name(100), default=None)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Quartier:
    """A quartier prioritaire or a vulnerable territory, in one or several communes."""

    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name())
    kind: str = key("type", shape.one_of(words.QUARTIER_KINDS, "un type de quartier connu"))
    qpv_code: str | None = key("qpv_code", shape.qpv, default=None)
    communes: tuple[str, ...] = key("communes", shape.list_of(shape.slug, least=1))
    population: QuartierPopulation | None = table("population", QuartierPopulation, default=None)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Population:
    """A population printed for the whole contract, the intercommunality, or several quartiers together."""

    scope: str = key("portee", shape.one_of(words.POPULATION_SCOPES, "une portée connue"))
    quartiers: tuple[str, ...] = key("quartiers", shape.list_of(shape.slug), default=())
    value: int = key("valeur", shape.number(1))
    year: int | None = key("annee", shape.year, default=None)
    source: str | None = key("source", shape.name(), default=None)
    note: str | None = key("note", shape.text, default=None)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class OperationalObjective:
    """An operational objective; `printed_code` is the code as the contract prints it."""

    code: str = key("code", shape.objective_code)
    printed: str | None = key("imprime", shape.name(20), default=None)
    name: str = key("nom", shape.name(500))
    line: int | None = key("ligne", shape.line, default=None)

    @property
    def printed_code(self) -> str:
        """Return the code as printed in the text, such as 2E for TRA-2Ebis."""
        return self.printed or self.code.partition("-")[2]


@dataclass(frozen=True, kw_only=True)
class StrategicObjective:
    """A strategic objective and its operational ones, in the order of the text."""

    code: str = key("code", shape.objective_code)
    name: str = key("nom", shape.name(500))
    line: int | None = key("ligne", shape.line, default=None)
    operational: tuple[OperationalObjective, ...] = table("operationnels", OperationalObjective, many=True, default=())

    @property
    def number(self) -> int:
        """Return the number printed with the objective: 3 for APA-3."""
        return int(self.code.partition("-")[2])


@dataclass(frozen=True, kw_only=True)
class Ambition:
    """An ambition, its strategic objectives, and how many operational ones the contract says it has."""

    code: str = key("code", shape.ambition_code)
    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name(500))
    announced: int | None = key("operationnels_annonces", shape.number(0, 1000), default=None)
    printed: int | None = key("operationnels_imprimes", shape.number(0, 1000), default=None)
    line: int | None = key("ligne", shape.line, default=None)
    strategic: tuple[StrategicObjective, ...] = table("strategiques", StrategicObjective, many=True, default=())

    @property
    def operational(self) -> tuple[OperationalObjective, ...]:
        """Return its operational objectives in the order of the text."""
        return tuple(o for strategic in self.strategic for o in strategic.operational)


@dataclass(frozen=True, kw_only=True)
class Announced:
    """How many objectives the contract says it has."""

    strategic: int | None = key("strategiques", shape.number(0, 1000), default=None)
    operational: int | None = key("operationnels", shape.number(0, 1000), default=None)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Level:
    """A level of participation: its fixed code, its name and the sentence said to residents."""

    code: str = key("code", shape.one_of(words.LEVELS, "un niveau connu"))
    name: str = key("nom", shape.name())
    sentence: str = key("phrase", shape.name())


@dataclass(frozen=True, kw_only=True)
class Theme:
    """A field in which instances act."""

    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name())
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Someone a proposal may be passed to who is no instance: a function, never a person's name.

    `communes`: those of which they are the élus; the accounts of these communes' élus are then shown what they owe.
    """

    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name(300))
    communes: tuple[str, ...] = key("communes", shape.list_of(shape.slug), default=())
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Means:
    """What may pay for a proposal: a code of the exchange format and its name."""

    slug: str = key("code", shape.one_of(words.MEANS, "un moyen connu"))
    name: str = key("nom", shape.name())


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An instance that the contract names or implies (`inferred`)."""

    slug: str = key("slug", shape.slug)
    name: str = key("nom", shape.name())
    aliases: tuple[str, ...] = key("autres_noms", shape.list_of(shape.name()), default=())
    kind: str = key("genre", shape.code)
    family: str = key("famille", shape.one_of(words.FAMILIES, "une famille connue"))
    scale: str = key("echelle", shape.one_of(words.SCALES, "une échelle connue"))
    communes: tuple[str, ...] = key("communes", shape.list_of(shape.slug, least=1))
    quartiers: tuple[str, ...] = key("quartiers", shape.list_of(shape.slug), default=())
    level: str | None = key("niveau", shape.one_of(words.LEVELS, "un niveau connu"), default=None)
    opened: dt.date | None = key("ouverte_le", shape.day, default=None)
    closed: dt.date | None = key("fermee_le", shape.day, default=None)
    inferred: bool = key("deduite", shape.yes_no, default=False)
    note: str | None = key("note", shape.text, default=None)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """How many meetings a year the contract promises, of one instance or of several sitting together."""

    instances: tuple[str, ...] = key("instances", shape.list_of(shape.slug, least=1))
    meeting_type: str | None = key(
        "type_de_rencontre", shape.one_of(words.MEETING_TYPES, "un type de rencontre connu"), default=None
    )
    per_year: int = key("par_an", shape.number(1, 366))
    label: str = key("libelle", shape.name(300))
    line: int | None = key("ligne", shape.line, default=None)

    @property
    def key(self) -> str:
        """Return its key in the indicator R1: its instances in code-point order joined with `+`, `:type` if any."""
        joined = "+".join(sorted(self.instances))
        return f"{joined}:{self.meeting_type}" if self.meeting_type else joined


@dataclass(frozen=True, kw_only=True)
class Representation:
    """Each of `instances` has `seats` representatives in every instance of the kind `to_kind`."""

    instances: tuple[str, ...] = key("de", shape.list_of(shape.slug, least=1))
    to_kind: str = key("aupres_du_genre", shape.code)
    seats: int = key("sieges", shape.number(1, 1000))
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A figure from before the contract, shown beside an indicator, or on its own if it names none."""

    indicator: str | None = key("indicateur", shape.one_of(words.INDICATORS, "un indicateur connu"), default=None)
    year: int = key("annee", shape.year)
    value: int = key("valeur", shape.number(0))
    label: str = key("libelle", shape.name())
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """Who took part before the contract, as its text describes them: words, no figures."""

    year: int = key("annee", shape.year)
    text: str = key("texte", shape.text)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question put to residents during a campaign."""

    instance: str = key("instance", shape.slug)
    number: int = key("numero", shape.number(1, 1000))
    text: str = key("texte", shape.text)
    note: str | None = key("note", shape.text, default=None)
    line: int | None = key("ligne", shape.line, default=None)


@dataclass(frozen=True, kw_only=True)
class ContractFile:
    """A whole contract, as its file says it."""

    contract: Header = table("contrat", Header)
    communes: tuple[Commune, ...] = table("communes", Commune, many=True)
    quartiers: tuple[Quartier, ...] = table("quartiers", Quartier, many=True)
    populations: tuple[Population, ...] = table("populations", Population, many=True, default=())
    ambitions: tuple[Ambition, ...] = table("ambitions", Ambition, many=True)
    announced: Announced | None = table("annonces", Announced, default=None)
    themes: tuple[Theme, ...] = table("thematiques", Theme, many=True)
    levels: tuple[Level, ...] = table("niveaux", Level, many=True)
    kinds: dict[str, str] = key("genres", shape.labels)
    instances: tuple[Instance, ...] = table("instances", Instance, many=True)
    cadences: tuple[Cadence, ...] = table("cadences", Cadence, many=True, default=())
    representation: tuple[Representation, ...] = table("representation", Representation, many=True, default=())
    recipients: tuple[Recipient, ...] = table("destinataires", Recipient, many=True, default=())
    means: tuple[Means, ...] = table("moyens", Means, many=True)
    baselines: tuple[Baseline, ...] = table("reperes", Baseline, many=True, default=())
    portrait: Portrait | None = table("portrait", Portrait, default=None)
    questions: tuple[Question, ...] = table("questions", Question, many=True, default=())
    institutions: tuple[str, ...] = key("institutions", shape.list_of(shape.name()), default=())
    sha256: str = ""
    """Of the bytes read."""

    @property
    def strategic_objectives(self) -> tuple[StrategicObjective, ...]:
        """Return all strategic objectives in the order of the text."""
        return tuple(s for ambition in self.ambitions for s in ambition.strategic)

    @property
    def operational_objectives(self) -> tuple[OperationalObjective, ...]:
        """Return all operational objectives in the order of the text."""
        return tuple(o for ambition in self.ambitions for o in ambition.operational)


class BadContract(ValueError):
    """The contract file is at fault; `faults` says everything that is, in French, in the order of the file's parts."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def read_contract(source: Path | bytes) -> ContractFile:
    """Read a contract file (its path, or its bytes); raise `BadContract` with all its faults."""
    contract, faults = _read(source)
    if faults or contract is None:
        raise BadContract(faults)
    return contract


def check_contract(source: Path | bytes) -> list[Fault]:
    """Return every fault of a contract file, an empty list if it can be loaded."""
    return _read(source)[1]


def _read(source: Path | bytes) -> tuple[ContractFile | None, list[Fault]]:
    try:
        content = read_bytes(source)
        found = parse(content)
    except Unreadable as unreadable:
        return None, [unreadable.fault]
    faults: list[Fault] = []
    contract = shape.build(ContractFile, found, "", faults)
    if contract is None:
        return None, faults
    faults.extend(find_incoherences(contract))
    return replace(contract, sha256=hashlib.sha256(content).hexdigest()), faults
