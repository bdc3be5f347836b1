"""The shipped contract says what the contract's text says, name by name and number by number."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from participation.config import SHIPPED_CONTRACT
from participation.contract.file import ContractFile, read_contract

NAMES = Path(__file__).parent.parent / "data" / "contrat-reel-noms.txt"


@pytest.fixture(scope="module")
def real() -> ContractFile:
    return read_contract(SHIPPED_CONTRACT)


def _sections() -> Iterator[tuple[str, list[str]]]:
    for section in NAMES.read_text(encoding="utf-8").split("\n[")[1:]:
        name, *lines = section.strip().splitlines()
        yield name.rstrip("]"), lines


def _listed(real: ContractFile) -> dict[str, list[str]]:
    """Say the contract in the words of the frozen list."""
    return {
        "communes": [f"{c.slug} {c.insee}" for c in real.communes],
        "quartiers": [f"{q.slug} {q.kind} {'+'.join(q.communes)}" for q in real.quartiers],
        "ambitions": [f"{a.code} {a.slug}" for a in real.ambitions],
        "strategic": [f"{s.code} {s.line}" for s in real.strategic_objectives],
        "operational": [f"{o.code} {o.printed_code} {o.line}" for o in real.operational_objectives],
        "themes": [t.slug for t in real.themes],
        "recipients": [r.slug for r in real.recipients],
        "means": [m.slug for m in real.means],
        "instances": [
            f"{i.slug} {i.kind} {i.family} {i.scale} {i.level or '-'} {'+'.join(i.communes)} "
            f"{'+'.join(i.quartiers) or '-'}"
            for i in real.instances
        ],
        "cadences": [f"{c.key} {c.per_year}" for c in real.cadences],
    }


@pytest.mark.parametrize(
    ("section", "names"), list(_sections()), ids=lambda value: value if str(value) == value else ""
)
def test_real_contract_has_the_names_of_its_text(real: ContractFile, section: str, names: list[str]) -> None:
    assert _listed(real)[section] == names


def test_real_contract_has_the_numbers_of_its_text(real: ContractFile) -> None:
    lists = (real.communes, real.quartiers, real.ambitions, real.strategic_objectives, real.operational_objectives)
    assert [len(items) for items in lists] == [5, 7, 4, 22, 107]
    assert (len(real.instances), len(real.cadences), len(real.levels)) == (35, 10, 5)
    assert (len(real.institutions), len(real.questions), len(real.baselines)) == (17, 5, 6)


def test_real_contract_shows_announced_beside_printed_objectives(real: ContractFile) -> None:
    assert real.announced is not None
    assert (real.announced.strategic, real.announced.operational) == (22, 103)
    assert {a.code: (a.announced, len(a.operational)) for a in real.ambitions} == {
        "APA": (23, 27),
        "EMP": (21, 21),
        "EMA": (27, 27),
        "TRA": (32, 32),
    }


def test_real_contract_keeps_both_objectives_printed_2e(real: ContractFile) -> None:
    assert [o.code for o in real.operational_objectives if o.code.startswith("TRA-2E")] == ["TRA-2E", "TRA-2Ebis"]
    assert {o.printed_code for o in real.operational_objectives if o.code.startswith("TRA-2E")} == {"2E"}


def test_real_contract_leaves_open_what_the_text_does_not_say(real: ContractFile) -> None:
    assert [q.qpv_code for q in real.quartiers] == [None] * 7
    unknown = ["bonnettes-saint-pol-baudimont", "blancs-monts-hochettes"]
    assert [q.slug for q in real.quartiers if q.population is None] == unknown
    assert real.contract.response.days == 60
    assert real.contract.response.to_confirm


def test_real_contract_prints_its_populations(real: ContractFile) -> None:
    assert [(p.scope, p.value, p.year, p.line) for p in real.populations] == [
        ("contrat", 13100, 2019, 316),
        ("epci", 109592, 2020, 311),
        ("quartiers", 7200, None, 374),
    ]


def test_fictitious_contract_is_another_one_altogether(fictitious: ContractFile, real: ContractFile) -> None:
    assert (len(fictitious.communes), len(fictitious.quartiers), len(fictitious.instances)) == (2, 3, 8)
    assert not {t.slug for t in fictitious.themes} & {t.slug for t in real.themes}
    assert fictitious.contract.response.days == 30
    assert not fictitious.contract.response.to_confirm
    assert {i.family for i in fictitious.instances} == {"participation", "gouvernance"}
