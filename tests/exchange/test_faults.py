# ruff: noqa: E501  # a case is read best on one line
"""Every fault of content: one package, one fault, its line."""

from collections.abc import Mapping

import pytest

from tests.exchange.conftest import Make
from tests.exchange.helpers import BODY, OTHER_BODY, faults_of, load, meeting, row, step, table

pytestmark = pytest.mark.usefixtures("contract")

DATE = "n'est pas une date ; attendu : année-mois-jour, comme 2025-03-14"
NO_MEETING = "n'est la référence d'aucune rencontre, ni de l'import ni de la base"
STEPS = "recueillie, etude, transmise, ajournee, retenue, retenue_en_partie, non_retenue, en_cours, realisee, abandonnee, regroupee, retiree"

SINGLE = [
    ("rencontres", {"niveau": "débat"}, "niveau : « débat » n'est pas un niveau connu ; attendu : information, consultation, concertation, coproduction, codecision"),
    ("rencontres", {"statut": "faite"}, "statut : « faite » n'est pas un statut connu ; attendu : prevue, tenue, annulee"),
    ("rencontres", {"ref": "r 1"}, "ref : « r 1 » n'est pas une référence ; attendu : une lettre ou un chiffre d'abord, puis des lettres sans accent, chiffres, « - », « _ » ou « . », 64 caractères au plus"),
    ("rencontres", {"ref": ""}, "ref : cette cellule est vide ; attendu : référence : lettres sans accent, chiffres, « - », « _ », « . » (64 au plus)"),
    ("rencontres", {"date": "14/03/2026"}, "date : « 14/03/2026 » n'est pas une date de la forme année-mois-jour ; attendu : 2026-03-14"),
    ("rencontres", {"date": "2026-02-30"}, "date : « 2026-02-30 » n'existe pas dans le calendrier ; attendu : une date comme 2025-03-14"),
    ("rencontres", {"date": "mars"}, f"date : « mars » {DATE}"),
    ("rencontres", {"date": "٢٠٢٦-٠٣-١٤"}, f"date : « ٢٠٢٦-٠٣-١٤ » {DATE}"),
    ("rencontres", {"date": "2014-12-31"}, "date : « 2014-12-31 » est trop loin des années du contrat ; attendu : une date de 2015 à 2041"),
    ("rencontres", {"heure_debut": "18h30"}, "heure_debut : « 18h30 » n'est pas une heure ; attendu : heures:minutes, comme 18:30"),
    ("rencontres", {"heure_debut": "25:00"}, "heure_debut : « 25:00 » n'est pas une heure ; attendu : heures:minutes, comme 18:30"),
    ("rencontres", {"date": "2026-03-29", "heure_debut": "02:30"}, "heure_debut : « 02:30 » n'existe pas : cette nuit-là, on passe de 2 h à 3 h ; attendu : une autre heure"),
    ("rencontres", {"participants": "-1"}, "participants : « -1 » n'est pas un nombre ; attendu : un nombre entier, 0 ou plus, ou rien si on ne sait pas"),
    ("rencontres", {"participants": "12,5"}, "participants : « 12,5 » n'est pas un nombre ; attendu : un nombre entier, 0 ou plus, ou rien si on ne sait pas"),
    ("rencontres", {"participants": "9999999999"}, "participants : « 9999999999 » est un nombre trop grand ; vérifiez-le"),
    ("rencontres", {"instances": "assemblee-les-quai"}, f"instances : « assemblee-les-quai » n'est pas une instance connue ; la plus proche : {BODY}"),
    ("rencontres", {"instances": ""}, "instances : cette cellule est vide ; attendu : nom court : minuscules sans accent, chiffres, tirets ; plusieurs séparés par « ; »"),
    ("rencontres", {"quartiers": "les-quais;lesquais"}, "quartiers : « lesquais » n'est pas un quartier du contrat ; le plus proche : les-quais"),
    ("rencontres", {"participants": "10", "habitants": "8", "elus": "3"}, "habitants : habitants + elus = 11, c'est plus que participants = 10 ; corrigez l'un ou l'autre"),
    ("rencontres", {"habitants": "8", "femmes": "5", "hommes": "4"}, "femmes : femmes + hommes = 9, c'est plus que habitants = 8 ; corrigez l'un ou l'autre"),
    ("rencontres", {"habitants": "8", "primo_participants": "9"}, "primo_participants : primo_participants = 9, c'est plus que habitants = 8 ; corrigez l'un ou l'autre"),
    ("rencontres", {"institutions": "x" * 501}, f"institutions : « {'x' * 59}… » est trop long ; attendu : 500 caractères au plus"),
    ("avis", {"rencontre": "r9"}, f"rencontre : « r9 » {NO_MEETING}"),
    ("avis", {"thematique": "commerce"}, "thematique : « commerce » n'est pas une thématique du contrat ; la plus proche : commerces"),
    ("avis", {"proposition": "p9"}, "proposition : « p9 » n'est la référence d'aucune proposition, ni de l'import ni de la base"),
    ("avis", {"instance": ""}, "instance : cette cellule est vide ; sans rencontre ni quartier, attendu : l'instance à laquelle l'avis s'adresse"),
    ("avis", {"moderation": "lu"}, "moderation : « lu » n'est pas une modération connue ; attendu : en_attente, publie, reserve, rejete"),
    ("avis", {"canal": "sms"}, "canal : « sms » n'est pas un canal connu ; attendu : telephone, oral, papier, micro_trottoir, web"),
    ("avis", {"langue": "français"}, "langue : « français » n'est pas un code de langue ; attendu : fr, ar, en, pt-BR…"),
    ("avis", {"texte": "  "}, "texte : cette cellule est vide ; attendu : texte"),
    ("avis", {"repondu_le": "2026-03-15"}, "repondu_le : « 2026-03-15 » date une réponse qui n'est pas écrite ; attendu : le texte de la réponse, ou pas de date"),
    ("avis", {"date": "2042-01-01"}, "date : « 2042-01-01 » est trop loin des années du contrat ; attendu : une date de 2015 à 2041"),
    ("decisions", {"rencontre": "r9"}, f"rencontre : « r9 » {NO_MEETING}"),
    ("propositions", {"ref": "p2"}, "ref : « p2 » n'a pas d'étape ; une nouvelle proposition en a au moins une, « recueillie », dans etapes"),
    ("instances", {"slug": "Table"}, "slug : « Table » n'est pas un nom court ; attendu : minuscules sans accent, chiffres et tirets, 64 caractères au plus"),
    ("instances", {"slug": "bureau-communautaire"}, "slug : « bureau-communautaire » est déjà le nom d'un destinataire du contrat ; choisissez-en un autre"),
    ("instances", {"genre": "Table ronde"}, "genre : « Table ronde » n'est pas un genre ; attendu : minuscules sans accent, chiffres et « _ », comme « table_ronde »"),
    ("instances", {"genre": "table_rondes"}, "genre : « table_rondes » ressemble trop à un genre connu ; attendu : table_ronde"),
    ("instances", {"communes": "port-lans"}, "communes : « port-lans » n'est pas une commune du contrat ; la plus proche : port-lanse"),
    ("instances", {"famille": "autre"}, "famille : « autre » n'est pas une famille connue ; attendu : participation, gouvernance"),
    ("instances", {"ouverte_le": "2026-01-02", "fermee_le": "2026-01-01"}, "fermee_le : « 2026-01-01 » est avant l'ouverture ; corrigez l'une des deux dates"),
    ("mandats", {"genre": "representant"}, "aupres_de : cette cellule est vide ; pour un représentant, attendu : l'instance où il siège"),
    ("mandats", {"aupres_de": OTHER_BODY}, f"aupres_de : « {OTHER_BODY} » n'a de sens que pour un représentant ; videz cette cellule ou écrivez representant dans genre"),
    ("mandats", {"fin": "2025-12-31"}, "fin : « 2025-12-31 » est avant le début du mandat ; corrigez l'une des deux dates"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "fault"), SINGLE)
def test_a_row_at_fault_is_told(write: Make, name: str, changes: Mapping[str, str], fault: str) -> None:
    files = {
        "rencontres": table(meeting()),
        "propositions": table(row("propositions")),
        "etapes": table(step("recueillie")),
    }
    key = "slug" if name == "instances" else "ref"
    files[name] = table(row(name), row(name, **{key: "x1", **changes}))
    assert faults_of(write(files)) == [f"{name}.csv, ligne 3, {fault}"]


PATHS = [
    ([step("etude")], "ligne 2, etape : la première étape doit être « recueillie »"),
    ([step("recueillie"), step("realisee")], "ligne 3, etape : « realisee » ne peut pas suivre « recueillie » ; attendu : etude, transmise, regroupee, retiree"),
    ([step("recueillie"), step("retiree"), step("etude")], "ligne 4, etape : aucune étape ne peut suivre « retiree »"),
    ([step("recueillie"), step("bizarre")], f"ligne 3, etape : « bizarre » n'est pas une étape connue ; attendu : {STEPS}"),
    ([step("recueillie"), step("transmise")], "ligne 3, vers : cette cellule est vide ; attendu : à qui la proposition est transmise (instance ou destinataire)"),
    ([step("recueillie"), step("transmise", vers="bureau-comunautaire")], "ligne 3, vers : « bureau-comunautaire » n'est ni une instance ni un destinataire connu ; le plus proche : bureau-communautaire"),
    ([step("recueillie"), step("regroupee")], "ligne 3, vers : cette cellule est vide ; attendu : la proposition à laquelle celle-ci est regroupée"),
    ([step("recueillie"), step("regroupee", vers="p1")], "ligne 3, vers : « p1 » est la proposition elle-même ; attendu : une autre proposition"),
    ([step("recueillie"), step("regroupee", vers="p9")], "ligne 3, vers : « p9 » n'est la référence d'aucune proposition, ni de l'import ni de la base"),
    ([step("recueillie", vers=BODY)], f"ligne 2, vers : « {BODY} » n'a de sens que pour transmise ou regroupee ; videz cette cellule"),
    ([step("recueillie"), step("transmise", vers=BODY), step("retenue")], "ligne 4, motif : cette cellule est vide ; « retenue » demande un motif, en une phrase"),
    ([step("recueillie"), step("transmise", vers=BODY), step("ajournee", motif=" ")], "ligne 4, motif : cette cellule est vide ; « ajournee » demande un motif, en une phrase"),
    ([step("recueillie", restituee_le="2026-03-13")], "ligne 2, restituee_le : « 2026-03-13 » n'a de sens que pour une décision (retenue, retenue_en_partie, non_retenue) ; videz cette cellule"),
    ([step("recueillie", montant="1 500")], "ligne 2, montant : « 1 500 » n'est pas un montant ; attendu : des euros, comme 1500 ou 1500.50, sans espace ni « € »"),
    ([step("recueillie", date="2010-01-01")], "ligne 2, date : « 2010-01-01 » est trop loin des années du contrat ; attendu : une date de 2015 à 2041"),
    ([step("recueillie"), step("etude", annulee_le="2026-03-13")], "ligne 3, annulee_motif : cette cellule est vide ; une étape annulée dit pourquoi"),
    ([step("recueillie"), step("etude", annulee_motif="Erreur.")], "ligne 3, annulee_le : cette cellule est vide ; attendu : le jour de l'annulation, ou pas de motif"),
    ([step("recueillie", annulee_le="2026-03-13", annulee_motif="Erreur.")], "ligne 2, etape : toutes les étapes sont annulées ; une proposition garde au moins « recueillie »"),
    ([step("recueillie"), step("recueillie", proposition="p9")], "ligne 3, proposition : « p9 » n'est la référence d'aucune proposition, ni de l'import ni de la base"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "fault"), PATHS)
def test_a_step_at_fault_is_told(write: Make, steps: list[dict[str, str]], fault: str) -> None:
    assert faults_of(write({"propositions": table(row("propositions")), "etapes": table(*steps)})) == [
        f"etapes.csv, {fault}"
    ]


@pytest.mark.parametrize("months", [1, 2])
def test_a_circle_of_merges_is_told(write: Make, months: int) -> None:
    refs = ["p1", "p2", "p3"]
    proposals = table(*(row("propositions", ref=ref) for ref in refs))
    steps = [step("recueillie", proposition=ref) for ref in refs]
    merges = [
        step("regroupee", f"2026-0{3 + months}-01", proposition=ref, vers=to)
        for ref, to in zip(refs, ["p2", "p3", "p1"], strict=True)
    ]
    faults = faults_of(write({"propositions": proposals, "etapes": table(*steps, *merges)}))
    assert len(faults) == 3
    assert faults[0] == (
        "etapes.csv, ligne 5, vers : « p2 » ramène à p1 : les regroupements tournent en rond ; "
        "gardez-en une qui n'est pas regroupée"
    )


def test_a_circle_through_the_database_is_told(write: Make) -> None:
    proposals = {"propositions": table(row("propositions"), row("propositions", ref="p2"))}
    first = [step("recueillie"), step("regroupee", "2026-03-13", vers="p2"), step("recueillie", proposition="p2")]
    load(write({**proposals, "etapes": table(*first)}))
    second = [step("recueillie", proposition="p2"), step("regroupee", "2026-03-14", proposition="p2", vers="p1")]
    (fault,) = faults_of(write({"etapes": table(*second)}))
    assert fault.startswith("etapes.csv, ligne 3, vers : « p1 » ramène à p2 :")


def test_a_voided_merge_makes_no_circle(write: Make) -> None:
    proposals = table(row("propositions"), row("propositions", ref="p2"))
    void = {"annulee_le": "2026-03-14", "annulee_motif": "Erreur."}
    steps = [
        step("recueillie"), step("regroupee", "2026-03-13", vers="p2", **void),
        step("recueillie", proposition="p2"), step("regroupee", "2026-03-13", proposition="p2", vers="p1"),
    ]  # fmt: skip
    assert faults_of(write({"propositions": proposals, "etapes": table(*steps)})) == []


def recorded(write: Make) -> list[dict[str, str]]:
    path = [step("recueillie"), step("transmise", "2026-03-20", vers=BODY, echeance="2026-05-01")]
    load(write({"propositions": table(row("propositions")), "etapes": table(*path)}))
    return path


def test_a_recorded_step_does_not_change(write: Make) -> None:
    path = recorded(write)
    path[1]["echeance"] = "2026-06-01"
    (fault,) = faults_of(write({"etapes": table(*path)}))
    assert fault == (
        "etapes.csv, ligne 3, echeance : l'étape n° 2 de p1 est enregistrée (transmise, 2026-03-20) et ne change plus ; "
        "les nouvelles viennent après, datées du 2026-03-20 au plus tôt"
    )


def test_a_new_step_is_not_dated_before_the_last_recorded_one(write: Make) -> None:
    path = recorded(write)
    (fault,) = faults_of(write({"etapes": table(*path, step("retenue", "2026-03-19", motif="Oui."))}))
    assert "les nouvelles viennent après, datées du 2026-03-20 au plus tôt" in fault
    assert fault.startswith("etapes.csv, ligne 4, date :")


def test_recorded_steps_are_all_there(write: Make) -> None:
    path = recorded(write)
    assert faults_of(write({"etapes": table(path[0])})) == [
        "etapes.csv, ligne 2, etape : les étapes enregistrées de p1 doivent toutes être là ; il manque : transmise, 2026-03-20"
    ]


UNREADABLE = [
    ({"proposition": "p 1"}, "proposition"),
    ({"proposition": ""}, "proposition"),
    ({"echeance": "mai"}, "echeance"),
    ({"annulee_le": "hier", "annulee_motif": "Erreur."}, "annulee_le"),
    ({"date": "2026-13-13"}, "date"),
    ({"etape": "reçue"}, "etape"),
]


@pytest.mark.parametrize(("changes", "column"), UNREADABLE)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_line_that_cannot_be_read_is_the_only_fault(
    write: Make, changes: dict[str, str], column: str, at: int
) -> None:
    path = recorded(write)
    path.append(step("retenue", "2026-04-01", motif="Oui."))
    path[at] = path[at] | changes
    (fault,) = faults_of(write({"etapes": table(*path)}))
    assert fault.startswith(f"etapes.csv, ligne {at + 2}, {column} :")


@pytest.mark.parametrize(("changes", "column"), UNREADABLE)
@pytest.mark.parametrize("at", [0, 1])
def test_a_line_of_a_new_proposal_that_cannot_be_read_is_the_only_fault(
    write: Make, changes: dict[str, str], column: str, at: int
) -> None:
    path = [step("recueillie"), step("transmise", "2026-03-20", vers=BODY), step("retenue", "2026-04-01", motif="Oui.")]
    path[at] = path[at] | changes
    (fault,) = faults_of(write({"propositions": table(row("propositions")), "etapes": table(*path)}))
    assert fault.startswith(f"etapes.csv, ligne {at + 2}, {column} :")


def test_a_line_with_a_cell_too_many_is_the_only_fault(write: Make) -> None:
    path = recorded(write)
    lines = table(*path, step("retenue", "2026-04-01", motif="Oui.")).splitlines()
    lines[2] += ",de trop"
    (fault,) = faults_of(write({"etapes": "\n".join(lines)}))
    assert fault.startswith("etapes.csv, ligne 3 : cette ligne a ")


def test_a_line_that_cannot_be_read_hides_no_fault_that_it_cannot_explain(write: Make) -> None:
    path = recorded(write)
    proposals = table(row("propositions", ref="p2"), row("propositions", ref="p3"), row("propositions", ref="p4"))
    wrong = step("realisee", "2026-03-14", proposition="p2")
    steps = [*path, step("recueillie", proposition="p2"), wrong, step("etude", "2026-03-14", proposition="p 2")]
    assert [
        fault.split(" : ")[0] for fault in faults_of(write({"propositions": proposals, "etapes": table(*steps)}))
    ] == [
        "etapes.csv, ligne 5, etape",
        "etapes.csv, ligne 6, proposition",
        "propositions.csv, ligne 3, ref",
        "propositions.csv, ligne 4, ref",
    ]


def test_a_ref_is_there_once(write: Make) -> None:
    assert faults_of(write({"rencontres": table(meeting(), meeting(ref="r2"), meeting())})) == [
        "rencontres.csv, ligne 4, ref : « r1 » est déjà à la ligne 2 ; chaque ligne a le sien"
    ]


def test_every_fault_is_told_at_once_in_order(write: Make) -> None:
    files = {
        "rencontres": table(meeting(niveau="débat", date="hier"), meeting(ref="r2", type="fête")),
        "avis": table(row("avis", rencontre="r3"), row("avis", canal="fax")),
        "mandats": table(row("mandats", debut="")),
    }
    where = [fault.split(" : ")[0] for fault in faults_of(write(files))]
    assert where == [
        "avis.csv, ligne 2, rencontre",
        "avis.csv, ligne 3, canal",
        "avis.csv, ligne 3, ref",
        "mandats.csv, ligne 2, debut",
        "rencontres.csv, ligne 2, date",
        "rencontres.csv, ligne 2, niveau",
        "rencontres.csv, ligne 3, type",
    ]


def test_an_update_is_checked_with_what_is_recorded(write: Make) -> None:
    load(write({"rencontres": table(meeting(participants="10", habitants="8"))}))
    assert faults_of(write({"rencontres": table(meeting(participants="7"))})) == [
        "rencontres.csv, ligne 2, habitants : habitants = 8, c'est plus que participants = 7 ; corrigez l'un ou l'autre"
    ]
    load(write({"avis": table(row("avis"))}))
    (fault,) = faults_of(write({"avis": table(row("avis", instance=""))}))
    assert "sans rencontre ni quartier" in fault


def test_a_row_at_fault_hides_no_reference_to_it(write: Make) -> None:
    files = {"rencontres": table(meeting(niveau="débat")), "avis": table(row("avis", rencontre="r1"))}
    assert len(faults_of(write(files))) == 1


def test_an_unknown_column_is_named_with_the_nearest(write: Make) -> None:
    near, far = faults_of(write({"rencontres": table(meeting(particpants="3", couleur="bleu"))}))
    assert (
        near == "rencontres.csv, ligne 1, particpants : cette colonne n'est pas connue ; la plus proche : participants"
    )
    assert far.startswith("rencontres.csv, ligne 1, couleur : cette colonne n'est pas connue ; attendu : ref, date, ")


def test_a_required_column_that_is_missing_is_named_once(write: Make) -> None:
    without = {name: text for name, text in meeting().items() if name != "statut"}
    assert faults_of(write({"rencontres": table(without, without | {"ref": "r2"})})) == [
        "rencontres.csv, ligne 1, statut : cette colonne manque ; elle est obligatoire"
    ]


def test_the_state_of_a_proposal_is_ignored(write: Make) -> None:
    files = {"propositions": table(row("propositions", etat="n'importe quoi")), "etapes": table(step("recueillie"))}
    assert faults_of(write(files)) == []


def test_an_unknown_objective_is_told(write: Make) -> None:
    files = {"propositions": table(row("propositions", objectifs="EAU-1C;EAU-1A")), "etapes": table(step("recueillie"))}
    assert faults_of(write(files)) == [
        "propositions.csv, ligne 2, objectifs : « EAU-1C » n'est pas un code d'objectif du contrat ; le plus proche : EAU-1"
    ]


def test_a_part_of_a_slug_is_enough_to_find_it(write: Make) -> None:
    (fault,) = faults_of(write({"rencontres": table(meeting(instances="colline"))}))
    assert fault.endswith(f"« colline » n'est pas une instance connue ; la plus proche : {OTHER_BODY}")


def test_a_likely_reference_is_proposed_and_no_other(write: Make) -> None:
    files = {"rencontres": table(meeting(ref="renc-12")), "avis": table(row("avis", rencontre="renc12"))}
    (fault,) = faults_of(write(files))
    assert fault.endswith("ni de l'import ni de la base ; la plus proche : renc-12")
