"""What is wrong in a package is said line by line, all of it at once, and nothing of it is kept."""

import pytest

from tests.acceptance.package import HILL, OFFICE, QUAYS, SUMMER, Package, table
from tests.acceptance.program import Program

HEAD = "ref,date,instances,type,titre,statut"
ROW = f"r1,2025-03-14,{QUAYS},reunion,Un,tenue"
FIRST = "2025-03-14 recueillie"


def test_the_example_of_the_exchange_format_word_for_word(unchanged: Program) -> None:
    package = Package()
    for number in range(11):
        package.meeting(f"r{number}", "2025-03-14", QUAYS, niveau="débat" if number == 10 else "")
    assert unchanged.refuses(package) == [
        (
            "rencontres.csv, ligne 12, niveau : « débat » n'est pas un niveau connu ; "
            "attendu : information, consultation, concertation, coproduction, codecision"
        )
    ]


def test_every_table_and_line_at_once(unchanged: Program) -> None:
    package = Package()
    package.meeting("r1", "2025-03-14", "assemblee-les-qais", statut="tenu", participants=10, habitants=11)
    package.meeting("r1", "14/03/2025", QUAYS, quartiers="lesquais", heure_debut="25:00")
    package.proposal("p1", QUAYS, FIRST, "2025-04-01 retenue motif=", rencontre="r9")
    package.proposal("p2", QUAYS)
    package.opinion("a1", "2025-03-14", canal="fax")
    package.mandate("m1", HILL, "2025-01-02", "2025-01-01")
    assert {line.split(" : ")[0] for line in unchanged.refuses(package)} == {
        "rencontres.csv, ligne 2, statut",
        "rencontres.csv, ligne 2, instances",
        "rencontres.csv, ligne 2, habitants",
        "rencontres.csv, ligne 3, date",
        "rencontres.csv, ligne 3, heure_debut",
        "rencontres.csv, ligne 3, quartiers",
        "rencontres.csv, ligne 3, ref",
        "propositions.csv, ligne 2, rencontre",
        "propositions.csv, ligne 3, ref",
        "etapes.csv, ligne 3, motif",
        "etapes.csv, ligne 3, etape",
        "avis.csv, ligne 2, canal",
        "avis.csv, ligne 2, instance",
        "mandats.csv, ligne 2, fin",
    }


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"participants": 10, "habitants": 5, "elus": 3, "agents": 3}, "habitants"),
        ({"participants": 10, "elus": 6, "agents": 5}, "elus"),
        ({"habitants": 10, "habitants_qpv": 11}, "habitants_qpv"),
        ({"habitants": 10, "primo_participants": 11}, "primo_participants"),
        ({"habitants": 10, "femmes": 6, "hommes": 5}, "femmes"),
        ({"habitants": 10, "hommes": 11}, "hommes"),
        ({"habitants": 10, "moins_26": 6, "plus_60": 5}, "moins_26"),
        ({"participants": "-1"}, "participants"),
        ({"participants": "12,5"}, "participants"),
        ({"participants": "1 000"}, "participants"),
        ({"date": "2014-12-31"}, "date"),
        ({"date": "2042-01-01"}, "date"),
        ({"date": "2025-02-29"}, "date"),
        ({"instances": ""}, "instances"),
        ({"instances": OFFICE}, "instances"),
        ({"ref": "a" * 65}, "ref"),
        ({"ref": "-a"}, "ref"),
        ({"ref": "é"}, "ref"),
        ({"titre": " "}, "titre"),
    ],
)
def test_a_meeting_at_fault(unchanged: Program, columns: dict[str, str], fault: str) -> None:
    row = {"ref": "r1", "date": "2025-03-14", "instances": QUAYS, "type": "reunion", "titre": "Un", "statut": "tenue"}
    faults = unchanged.refuses(Package().add("rencontres", **{**row, **columns}))
    assert [line.split(" : ")[0] for line in faults] == [f"rencontres.csv, ligne 2, {fault}"]


def test_what_is_at_the_limits_is_no_fault(program: Program) -> None:
    package = Package()
    package.meeting("a" * 64, "2015-01-01", QUAYS, participants=10, habitants=5, elus=3, agents=2)
    package.meeting("0.a_B-c", "2041-12-31", QUAYS, statut="prevue", habitants=10, femmes=6, hommes=4, moins_26=0)
    package.meeting("A", "2028-02-29", QUAYS, HILL, statut="prevue", femmes=6, hommes=5, participants=4)
    package.meeting("b", "2025-03-14", QUAYS, SUMMER, participants=0, habitants=0)
    assert program.take(package) == "Import : 4 rencontres ajoutées."


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([], "propositions.csv, ligne 2, ref"),
        (["2025-03-14 etude"], "etapes.csv, ligne 2, etape"),
        ([FIRST, FIRST], "etapes.csv, ligne 3, etape"),
        ([FIRST, "2025-03-15 retenue"], "etapes.csv, ligne 3, etape"),
        ([FIRST, "2025-03-15 transmise vers="], "etapes.csv, ligne 3, vers"),
        ([FIRST, "2025-03-15 transmise vers=les-quais"], "etapes.csv, ligne 3, vers"),
        ([FIRST, "2025-03-15 transmise", "2025-03-16 ajournee motif="], "etapes.csv, ligne 4, motif"),
        ([FIRST, "2025-03-15 etude", "2025-03-16 abandonnee motif="], "etapes.csv, ligne 4, motif"),
        ([FIRST, "2025-03-15 etude", "2025-03-16 ajournee"], "etapes.csv, ligne 4, etape"),
        ([FIRST, "2025-03-15 regroupee vers=p1"], "etapes.csv, ligne 3, vers"),
        ([FIRST, "2025-03-15 regroupee vers=p9"], "etapes.csv, ligne 3, vers"),
        ([FIRST, "2025-03-15 retiree", "2025-03-16 etude"], "etapes.csv, ligne 4, etape"),
        ([FIRST, "2025-03-15 etude annulee_le=2025-03-16"], "etapes.csv, ligne 3, annulee_motif"),
        (["2025-03-14 recueillie annulee_le=2025-03-16 annulee_motif=Erreur"], "etapes.csv, ligne 2, etape"),
    ],
)
def test_a_forbidden_step(unchanged: Program, steps: list[str], fault: str) -> None:
    faults = unchanged.refuses(Package().proposal("p1", QUAYS, *steps))
    assert [line.split(" : ")[0] for line in faults] == [fault]


def test_the_machine_passes_over_a_voided_step(program: Program) -> None:
    package = Package().proposal(
        "p1",
        QUAYS,
        FIRST,
        "2025-03-15 transmise",
        "2025-03-16 retenue annulee_le=2025-03-17 annulee_motif=Erreur",
        "2025-03-18 non_retenue",
        "2025-03-19 transmise",
        "2025-03-20 retenue",
    )
    program.take(package)
    assert b"\np1,p1,,assemblee-les-quais,,,,,retenue\n" in program.export()["propositions.csv"]


def test_merges_may_follow_each_other_but_never_in_a_circle(program: Program) -> None:
    package = Package()
    package.proposal("p1", QUAYS, FIRST, "2025-04-01 regroupee vers=p2")
    package.proposal("p2", QUAYS, FIRST, "2025-04-01 regroupee vers=p3")
    package.proposal("p3", QUAYS, FIRST)
    program.take(package)
    closing = {"etapes": table([{"proposition": "p3", "date": "2025-03-14", "etape": "recueillie", "vers": ""}])}
    closing["etapes"] += "p3,2025-05-01,regroupee,p1\n"
    [fault] = program.refuses(closing)
    assert fault.startswith("etapes.csv, ligne 3, vers : « p1 » ")


def test_the_nearest_known_slug_is_proposed(unchanged: Program) -> None:
    package = Package().meeting("r1", "2025-03-14", "assemblee-des-quais", quartiers="colline")
    unknown_body, unknown_quartier = unchanged.refuses(package)
    assert unknown_body.endswith("« assemblee-des-quais » n'est pas une instance connue ; la plus proche : " + QUAYS)
    assert unknown_quartier.endswith("« colline » n'est pas un quartier du contrat ; le plus proche : la-colline")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (f'{HEAD}\n{ROW}\nr2,2025-03-14,{QUAYS},reunion,"Un "bon" mot",tenue\n', "rencontres.csv, ligne 3 : "),
        (f'{HEAD}\n{ROW}\nr2,2025-03-14,{QUAYS},reunion,"Jamais fermé,tenue\n', "rencontres.csv, ligne 3 : "),
        (f"{HEAD}\n{ROW}\nr2,2025-03-14,{QUAYS},reunion,tenue\n", "rencontres.csv, ligne 3 : "),
        (f"{HEAD}\n{ROW}\n".encode() + ROW.encode().replace(b"Un", b"\x81"), "rencontres.csv, ligne 3 : "),
        (f"{HEAD}\n{ROW}\n".encode() + ROW.encode().replace(b"Un", b"\xc3\xa9 \xe9"), "rencontres.csv, ligne 3 : "),
        (f"{HEAD}\n{ROW}\n".replace("Un", "U\0n"), "rencontres.csv, ligne 2, titre : "),
        (f"{HEAD},titre\n{ROW},Deux\n", "rencontres.csv, ligne 1, titre : "),
        (f"{HEAD},nivo\n{ROW},\n", "rencontres.csv, ligne 1, nivo : "),
        (f"{HEAD}\n{ROW}\n".encode("utf-16"), "rencontres.csv : "),
        (b"", "rencontres.csv : "),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "rencontres.csv, ligne "),
    ],
)
def test_a_file_that_cannot_be_read_on(unchanged: Program, content: str | bytes, fault: str) -> None:
    """A broken line is named by its number; what comes before it is still checked."""
    faults = unchanged.refuses({"rencontres": content})
    assert faults[0].startswith(fault)
    assert len(faults) == 1


def test_an_hour_that_does_not_exist_is_named(unchanged: Program) -> None:
    """On 30 March 2025 clocks in Paris go from 2:00 to 3:00."""
    [fault] = unchanged.refuses(Package().meeting("r1", "2025-03-30", QUAYS, heure_debut="02:30"))
    assert fault.startswith("rencontres.csv, ligne 2, heure_debut : « 02:30 » ")


def test_many_wrong_lines_stay_readable(unchanged: Program) -> None:
    lines = "".join(f"r{number},2025-03-14,{QUAYS},reunion,Un,tenu\n" for number in range(30_000))
    faults = unchanged.load({"rencontres": f"{HEAD}\n{lines}"}).faults
    assert faults[0].startswith("rencontres.csv, ligne 2, statut : « tenu » ")
    assert faults[-1] == "… et 10000 autres défauts."
