"""A second import: what it repeats stays, what it changes changes, what it leaves out is left alone."""

from tests.acceptance.package import HILL, OFFICE, PORT, QUAYS, Package
from tests.acceptance.program import Program

FIRST = "2025-03-14 recueillie"


def whole() -> Package:
    """Return a row of every table."""
    package = Package()
    package.body("table-du-port", "participation", "table_ronde", "port-lanse")
    package.meeting("r1", "2025-03-14", QUAYS, "table-du-port", participants=20, habitants=10, lieu="Salle", agents=0)
    package.proposal("p1", QUAYS, FIRST, "2025-04-01 transmise", "2025-05-01 retenue", rencontre="r1")
    package.opinion("a1", "2025-03-14", rencontre="r1", proposition="p1")
    package.add("decisions", ref="d1", rencontre="r1", texte="Inviter le bailleur")
    return package.mandate("m1", QUAYS, "2025-01-01", nom="Alix Exemple")


def steps(*rows: str, columns: str = "proposition,date,etape,vers,motif") -> dict[str, str | bytes]:
    return {"etapes": "\n".join([columns, *rows]) + "\n"}


def line(program: Program, name: str, number: int = 1) -> list[str]:
    """Return the cells of a line of a table as exported; none of them is quoted here."""
    return program.export()[f"{name}.csv"].decode().splitlines()[number].split(",")


RECORDED = ("p1,2025-03-14,recueillie,,", f"p1,2025-04-01,transmise,{OFFICE},", "p1,2025-05-01,retenue,,Parce que.")


def test_the_same_package_twice_changes_nothing(program: Program) -> None:
    program.take(whole())
    before = program.export()
    assert program.take(whole()) == "Import : rien ne change."
    assert program.take(before) == "Import : rien ne change."
    assert program.export() == before


def test_a_trial_says_what_would_change_and_changes_nothing(program: Program) -> None:
    before = program.export()
    said = program.load(whole(), "--dry-run")
    assert said.status == 0
    assert said.out.startswith("Essai : 1 rencontre ajoutée ; 1 proposition ajoutée ; 3 étapes ajoutées")
    assert program.export() == before


def test_a_column_left_out_stays_and_an_empty_cell_clears(program: Program) -> None:
    program.take(whole())
    program.take(Package().meeting("r1", "2025-03-15", QUAYS, participants="", habitants=12))
    assert line(program, "rencontres") == [
        *("r1", "2025-03-15", "", "", QUAYS, "reunion", "r1", "Salle", "", "", "tenue"),
        *("", "12", "", "", "", "", "", "", "", "0", "", "", ""),
    ]
    package = Package().mandate("m1", QUAYS, "2025-01-01").add("avis", ref="a1", date="2025-03-14", texte="Un banc.")
    assert program.take(package) == "Import : 1 avis modifié."
    assert line(program, "mandats")[2] == "Alix Exemple"
    assert line(program, "avis")[9] == "p1"


def test_an_update_is_checked_with_what_is_recorded(program: Program) -> None:
    """Ten residents are recorded, of whom eleven women cannot be."""
    program.take(whole())
    [fault] = program.refuses(Package().meeting("r1", "2025-03-14", QUAYS, femmes=11))
    assert fault.startswith("rencontres.csv, ligne 2, femmes : ")
    [fault] = program.refuses(Package().add("avis", ref="a1", date="2025-03-14", texte="Un banc.", rencontre=""))
    assert fault.startswith("avis.csv, ligne 2, instance : ")


def test_steps_begin_with_those_recorded(program: Program) -> None:
    program.take(whole())
    for wrong in (
        steps("p1,2025-06-01,en_cours,,"),
        steps(*RECORDED[:2]),
        steps(RECORDED[0], f"p1,2025-04-02,transmise,{OFFICE},", RECORDED[2]),
        steps(RECORDED[0], f"p1,2025-04-01,transmise,{HILL},", RECORDED[2]),
        steps(*RECORDED[:2], "p1,2025-05-01,retenue,,Autre raison"),
        steps(*RECORDED[:2], "p1,2025-05-01,retenue_en_partie,,Parce que."),
        steps(*RECORDED, "p1,2025-04-30,en_cours,,"),
    ):
        assert program.refuses(wrong)[0].startswith("etapes.csv, ligne ")
    assert program.take(steps(*RECORDED, "p1,2025-05-01,en_cours,,", "p1,2025-05-01,en_cours,,")) == (
        "Import : 2 étapes ajoutées."
    )


def test_of_a_recorded_step_only_restitution_and_voiding_change(program: Program) -> None:
    program.take(whole())
    told = "proposition,date,etape,restituee_le,restituee_a,annulee_le,annulee_motif"
    rows = ("p1,2025-03-14,recueillie,,,,", "p1,2025-04-01,transmise,,,,")
    assert program.take(steps(*rows, "p1,2025-05-01,retenue,2025-05-14,r1,,", columns=told)) == (
        "Import : 1 étape modifiée."
    )
    voided = "p1,2025-05-01,retenue,2025-05-14,r1,2025-05-20,Mauvaise proposition"
    program.take(steps(*rows, voided, columns=told))
    assert line(program, "propositions")[-1] == "transmise"
    program.take(steps(*RECORDED, "p1,2025-06-01,non_retenue,,Trop cher"))
    assert line(program, "propositions")[-1] == "non_retenue"
    assert line(program, "etapes", 3)[18:] == ["2025-05-20", "Mauvaise proposition"]


def test_an_instance_of_the_contract_is_updated_by_its_slug(program: Program) -> None:
    program.take(Package().body(PORT, "gouvernance", "comite", "val-fleuri;port-lanse", nom="Comité du port"))
    [row] = [one for one in program.export()["instances.csv"].decode().splitlines() if one.startswith(f"{PORT},")]
    assert row == f"{PORT},Comité du port,comite,gouvernance,communale,port-lanse;val-fleuri,,,,"


def test_rows_may_refer_to_rows_of_the_same_package_in_any_file(program: Program) -> None:
    """A body that is new organises a new meeting; two proposals name each other's meeting."""
    assert program.take(whole()).startswith("Import : 1 rencontre ajoutée ; 1 proposition ajoutée ; 3 étapes ajoutées")
