"""What the parts of a contract file must agree on: names used once, names that exist, codes under their parents.

Each `_check_*` yields faults and takes a contract that may have holes: a value already reported as missing or wrong
is None (or a None in the place of a table) and is passed over, so that one mistake is said once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from participation.contract import words
from participation.contract.shape import Fault, quoted, unknown

if TYPE_CHECKING:
    from participation.contract.file import Ambition, ContractFile, Instance

T = TypeVar("T")
CADENCE_KEY_LENGTH = 400
_COMMUNE = "une commune de ce contrat"


def find_incoherences(contract: "ContractFile") -> list[Fault]:
    """Return the faults between the parts of a contract whose tables have been read one by one."""
    checks = (
        _check_header,
        _check_not_empty,
        _check_names_once,
        _check_ambitions,
        _check_announced,
        _check_levels,
        _check_means,
        _check_quartiers,
        _check_populations,
        _check_instances,
        _check_cadences,
        _check_representation,
        _check_recipients,
        _check_questions,
    )
    return [fault for check in checks for fault in check(contract)]


def _numbered(place: str, items: Iterable[T | None] | None) -> Iterator[tuple[str, T]]:
    """Yield each table read with its place in the file, counted from 1."""
    return ((f"{place}[{n}]", item) for n, item in enumerate(items or (), start=1) if item is not None)


def _label(item: Any) -> str:
    return getattr(item, "slug", None) or getattr(item, "code", None) or ""


def _check_header(contract: "ContractFile") -> Iterator[Fault]:
    header: Any = contract.contract
    if header is None or None in (header.starts, header.midterm, header.ends):
        return
    if header.starts > header.ends:
        yield Fault("contrat.fin", f"{header.ends} vient avant le début ({header.starts})")
    elif not header.starts <= header.midterm <= header.ends:
        between = f"entre {header.starts} et {header.ends}"
        yield Fault("contrat.mi_parcours", f"{header.midterm} n'est pas {between}")


def _check_not_empty(contract: "ContractFile") -> Iterator[Fault]:
    needed = (("communes", contract.communes), ("quartiers", contract.quartiers), ("ambitions", contract.ambitions))
    for place, items in needed:
        if items == ():
            yield Fault(place, "la liste est vide ; il en faut au moins un élément")


def _check_names_once(contract: "ContractFile") -> Iterator[Fault]:
    yield from _once("communes", "slug", "slug", contract.communes)
    yield from _once("communes", "insee", "insee", contract.communes)
    yield from _once("quartiers", "slug", "slug", contract.quartiers)
    yield from _once("quartiers", "qpv_code", "qpv_code", contract.quartiers)
    yield from _once("ambitions", "code", "code", contract.ambitions)
    yield from _once("ambitions", "slug", "slug", contract.ambitions)
    yield from _once("thematiques", "slug", "slug", contract.themes)
    yield from _once("destinataires", "slug", "slug", contract.recipients)
    yield from _once("niveaux", "code", "code", contract.levels)
    yield from _once("moyens", "code", "slug", contract.means)
    yield from _once("instances", "slug", "slug", contract.instances)
    yield from _once(
        "cadences", "instances", "key", [c if c and c.instances else None for c in contract.cadences or ()]
    )


def _once(place: str, key: str, attribute: str, items: Sequence[T | None] | None) -> Iterator[Fault]:
    first: dict[Any, str] = {}
    for at, item in _numbered(place, items):
        value = getattr(item, attribute)
        if value is None:
            continue
        if value in first:
            yield Fault(f"{at}.{key}", f"{quoted(value)} est déjà pris par {first[value]}", _label(item))
        first.setdefault(value, at)


def _check_ambitions(contract: "ContractFile") -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for at, ambition in _numbered("ambitions", contract.ambitions):
        yield from _check_ambition_count(at, ambition)
        for at_strategic, strategic in _numbered(f"{at}.strategiques", ambition.strategic):
            yield from _under(at_strategic, strategic.code, ambition.code, seen, "-", str.isdigit)
            for at_operational, operational in _numbered(f"{at_strategic}.operationnels", strategic.operational):
                yield from _under(at_operational, operational.code, strategic.code, seen, "", str.isalpha)


def _under(at: str, code: str, parent: str, seen: dict[str, str], join: str, rest_is: Any) -> Iterator[Fault]:
    """Say if an objective's code does not continue its parent's, or has been used before."""
    if not code:
        return
    if code in seen:
        yield Fault(f"{at}.code", f"{quoted(code)} est déjà pris par {seen[code]}", code)
    seen.setdefault(code, at)
    if parent and not (code.startswith(parent + join) and rest_is(code[len(parent + join) :])):
        example = f"{parent}{join}{'1' if join else 'A'}"
        yield Fault(
            f"{at}.code", f"{quoted(code)} ne prolonge pas {quoted(parent)} ; attendu : comme « {example} »", code
        )


def _check_ambition_count(at: str, ambition: "Ambition") -> Iterator[Fault]:
    if ambition.printed is None or any(s is None for s in ambition.strategic):
        return
    counted = sum(len(s.operational or ()) for s in ambition.strategic)
    if counted != ambition.printed:
        message = f"{ambition.printed} objectifs opérationnels attendus, {counted} écrits dessous"
        yield Fault(f"{at}.operationnels_imprimes", f"{message} ; en manque-t-il un ?", _label(ambition))


def _check_announced(contract: "ContractFile") -> Iterator[Fault]:
    by_ambition = [a.announced if a else None for a in contract.ambitions or ()]
    if contract.announced is None or contract.announced.operational is None or None in by_ambition:
        return
    total = sum(filter(None, by_ambition))
    if total != contract.announced.operational:
        message = f"{contract.announced.operational} objectifs annoncés, mais {total} en additionnant les ambitions"
        yield Fault("annonces.operationnels", message)


def _check_levels(contract: "ContractFile") -> Iterator[Fault]:
    yield from _all_of("niveaux", words.LEVELS, contract.levels, "code")


def _check_means(contract: "ContractFile") -> Iterator[Fault]:
    yield from _all_of("moyens", words.MEANS, contract.means, "slug")


def _all_of(place: str, wanted: tuple[str, ...], items: Sequence[Any] | None, attribute: str) -> Iterator[Fault]:
    """Say which words of a closed list have no name in the file, unless one of its lines could not be read."""
    read = [getattr(item, attribute, None) for item in items or ()]
    missing = [word for word in wanted if word not in read]
    if missing and items is not None and None not in read:
        yield Fault(place, f"il manque une ligne pour {', '.join(map(quoted, missing))}")


def _check_quartiers(contract: "ContractFile") -> Iterator[Fault]:
    for at, quartier in _numbered("quartiers", contract.quartiers):
        yield from _known(f"{at}.communes", quartier.communes, contract.communes, _COMMUNE, quartier)
        if quartier.qpv_code and quartier.kind and quartier.kind != "qpv":
            message = f"{quoted(quartier.qpv_code)} : seul un quartier de type « qpv » a un code QPV"
            yield Fault(f"{at}.qpv_code", message, _label(quartier))


def _check_populations(contract: "ContractFile") -> Iterator[Fault]:
    for at, population in _numbered("populations", contract.populations):
        yield from _known(f"{at}.quartiers", population.quartiers, contract.quartiers, "un quartier de ce contrat")
        if population.scope == "quartiers" and len(population.quartiers or ()) < 2:
            message = "la portée « quartiers » en demande deux au moins ; la population d'un seul s'écrit avec lui"
            yield Fault(f"{at}.quartiers", message)
        elif population.scope in {"contrat", "epci"} and population.quartiers:
            yield Fault(f"{at}.quartiers", f"à retirer : la portée {quoted(population.scope)} ne nomme pas de quartier")
    scopes = [p.scope for p in contract.populations or () if p]
    for scope in ("contrat", "epci"):
        if scopes.count(scope) > 1:
            yield Fault("populations", f"la portée {quoted(scope)} y est plusieurs fois ; une seule suffit")


def _check_instances(contract: "ContractFile") -> Iterator[Fault]:
    for at, instance in _numbered("instances", contract.instances):
        communes, quartiers = instance.communes, instance.quartiers
        yield from _known(f"{at}.communes", communes, contract.communes, _COMMUNE, instance)
        yield from _known(f"{at}.quartiers", quartiers, contract.quartiers, "un quartier de ce contrat", instance)
        if contract.kinds and instance.kind and instance.kind not in contract.kinds:
            message = unknown(instance.kind, contract.kinds, "un genre qui a un nom dans [genres]")
            yield Fault(f"{at}.genre", message, _label(instance))
        if instance.opened and instance.closed and instance.opened > instance.closed:
            message = f"{instance.closed} vient avant l'ouverture ({instance.opened})"
            yield Fault(f"{at}.fermee_le", message, _label(instance))
        yield from _check_territory(at, instance, contract)


def _check_territory(at: str, instance: "Instance", contract: "ContractFile") -> Iterator[Fault]:
    """Say if a quartier of an instance lies in none of its communes."""
    lies_in = {q.slug: set(q.communes or ()) for q in contract.quartiers or () if q}
    for slug in instance.quartiers or ():
        if lies_in.get(slug) and instance.communes and not lies_in[slug] & set(instance.communes):
            message = f"{quoted(slug)} n'est dans aucune des communes de l'instance ({', '.join(instance.communes)})"
            yield Fault(f"{at}.quartiers", message, _label(instance))


def _check_cadences(contract: "ContractFile") -> Iterator[Fault]:
    for at, cadence in _numbered("cadences", contract.cadences):
        yield from _known(f"{at}.instances", cadence.instances, contract.instances, "une instance de ce contrat")
        if cadence.instances and len(cadence.key) > CADENCE_KEY_LENGTH:
            yield Fault(f"{at}.instances", f"trop d'instances ensemble ({len(cadence.instances)})")


def _check_representation(contract: "ContractFile") -> Iterator[Fault]:
    for at, item in _numbered("representation", contract.representation):
        yield from _known(f"{at}.de", item.instances, contract.instances, "une instance de ce contrat")
        if contract.kinds and item.to_kind and item.to_kind not in contract.kinds:
            message = unknown(item.to_kind, contract.kinds, "un genre qui a un nom dans [genres]")
            yield Fault(f"{at}.aupres_du_genre", message)


def _check_recipients(contract: "ContractFile") -> Iterator[Fault]:
    taken = {i.slug for i in contract.instances or () if i and i.slug}
    for at, recipient in _numbered("destinataires", contract.recipients):
        if recipient.slug in taken:
            message = f"{quoted(recipient.slug)} est déjà le slug d'une instance ; en choisir un autre"
            yield Fault(f"{at}.slug", message, recipient.slug)
        yield from _known(f"{at}.communes", recipient.communes, contract.communes, _COMMUNE, recipient)


def _check_questions(contract: "ContractFile") -> Iterator[Fault]:
    seen: set[tuple[str, int]] = set()
    for at, question in _numbered("questions", contract.questions):
        if question.instance:
            yield from _known(f"{at}.instance", (question.instance,), contract.instances, "une instance de ce contrat")
        if question.instance and question.number:
            if (question.instance, question.number) in seen:
                message = f"la question {question.number} de {quoted(question.instance)} est écrite deux fois"
                yield Fault(f"{at}.numero", message)
            seen.add((question.instance, question.number))


def _known(place: str, slugs: Any, items: Sequence[Any] | None, what: str, owner: Any = None) -> Iterator[Fault]:
    """Say which slugs name nothing, with the nearest known one; silent if the list they point to was not read."""
    if items is None:
        return
    known = [item.slug for item in items if item and item.slug]
    for slug in slugs or ():
        if slug not in known:
            yield Fault(place, unknown(slug, known, what), _label(owner))
