"""Who may import what: an animator only the rows of their places."""

from types import SimpleNamespace

import pytest

from tests.exchange.conftest import Make
from tests.exchange.helpers import BODY, OTHER_BODY, check, faults_of, load, meeting, row, step, table

pytestmark = pytest.mark.usefixtures("contract")


def account(role: str, *scopes: tuple[str, str]) -> SimpleNamespace:
    places = [SimpleNamespace(kind=kind, slug=slug) for kind, slug in scopes]
    return SimpleNamespace(id=1, role=role, active=True, function="Fonction", scopes=places)


ANIMATOR = account("animateur", ("instance", BODY))
OUTSIDE = "n'est pas dans votre périmètre ; demandez à l'équipe du contrat d'importer cette ligne"


def test_a_chef_imports_everything(write: Make) -> None:
    check(write({"instances": table(row("instances"))}), account("chef_projet"))


OWN = [
    ("rencontres", {}),
    ("rencontres", {"instances": f"{BODY};{OTHER_BODY}"}),
    ("avis", {}),
    ("avis", {"instance": "", "rencontre": "r0"}),
    ("mandats", {}),
    ("mandats", {"instance": OTHER_BODY, "genre": "representant", "aupres_de": BODY}),
    ("decisions", {"rencontre": "r0"}),
]
FOREIGN = [
    ("rencontres", {"instances": OTHER_BODY}),
    ("avis", {"instance": OTHER_BODY}),
    ("avis", {"instance": "", "rencontre": "r9"}),
    ("avis", {"instance": "", "quartier": "la-colline"}),
    ("mandats", {"instance": OTHER_BODY}),
    ("decisions", {"rencontre": "r9"}),
    ("instances", {}),
    ("instances", {"slug": BODY}),
]


def prepared(write: Make) -> None:
    load(write({"rencontres": table(meeting(ref="r0"), meeting(ref="r9", instances=OTHER_BODY))}))


@pytest.mark.parametrize(("name", "changes"), OWN)
def test_an_animator_imports_their_own_rows(write: Make, name: str, changes: dict[str, str]) -> None:
    prepared(write)
    assert faults_of(write({name: table(row(name, **changes))}), ANIMATOR) == []


@pytest.mark.parametrize(("name", "changes"), FOREIGN)
def test_an_animator_cannot_import_others_rows(write: Make, name: str, changes: dict[str, str]) -> None:
    prepared(write)
    (fault,) = faults_of(write({name: table(row(name, **changes))}), ANIMATOR)
    assert fault.startswith(f"{name}.csv, ligne 2, ")
    assert fault.endswith(OUTSIDE)


def test_an_animator_cannot_take_anothers_meeting_over(write: Make) -> None:
    prepared(write)
    assert len(faults_of(write({"rencontres": table(meeting(ref="r9"))}), ANIMATOR)) == 1


def test_a_scope_of_a_quartier_reaches_its_rows(write: Make) -> None:
    person = account("animateur", ("quartier", "les-quais"))
    assert faults_of(write({"avis": table(row("avis", instance="", quartier="les-quais"))}), person) == []
    assert faults_of(write({"rencontres": table(meeting(instances=OTHER_BODY, quartiers="les-quais"))}), person) == []


def test_a_scope_of_a_commune_reaches_its_instances(write: Make) -> None:
    assert faults_of(write({"rencontres": table(meeting())}), account("animateur", ("commune", "port-lanse"))) == []
    assert len(faults_of(write({"rencontres": table(meeting())}), account("animateur", ("commune", "val-fleuri")))) == 1


def test_an_animator_imports_the_steps_of_their_proposals(write: Make) -> None:
    files = {"propositions": table(row("propositions")), "etapes": table(step("recueillie"), step("etude"))}
    assert faults_of(write(files), ANIMATOR) == []


def decided(rencontre: str) -> dict[str, str]:
    path = [step("recueillie"), step("transmise", vers=OTHER_BODY), step("retenue", motif="Oui.", rencontre=rencontre)]
    return {"propositions": table(row("propositions")), "etapes": table(*path)}


def test_a_decision_needs_a_meeting_in_scope(write: Make) -> None:
    prepared(write)
    assert faults_of(write(decided("r0")), ANIMATOR) == []
    for rencontre in ("r9", ""):
        (fault,) = faults_of(write(decided(rencontre)), ANIMATOR)
        assert "la rencontre de votre périmètre où c'est décidé" in fault


def test_a_foreign_proposal_cannot_be_moved(write: Make) -> None:
    load(write({"propositions": table(row("propositions", instance=OTHER_BODY)), "etapes": table(step("recueillie"))}))
    assert faults_of(write({"etapes": table(step("recueillie"))}), ANIMATOR) == []
    (fault,) = faults_of(write({"etapes": table(step("recueillie"), step("etude"))}), ANIMATOR)
    assert fault.endswith(OUTSIDE)


def test_a_step_of_a_foreign_proposal_cannot_be_voided(write: Make) -> None:
    load(
        write(
            {
                "propositions": table(row("propositions", instance=OTHER_BODY)),
                "etapes": table(step("recueillie"), step("etude")),
            }
        )
    )
    void = {"annulee_le": "2026-03-14", "annulee_motif": "Erreur."}
    faults = faults_of(write({"etapes": table(step("recueillie"), step("etude", **void))}), ANIMATOR)
    assert faults
    assert all(fault.endswith(OUTSIDE) for fault in faults)
