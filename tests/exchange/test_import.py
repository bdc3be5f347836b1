"""What an import does: adds, updates by ref, leaves the rest, writes the journal."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.bodies.models import Body, BodyKind, Mandate
from participation.exchange.faults import BadPackage
from participation.extensions import db
from participation.journal import JournalEntry
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal, Step
from tests.exchange.conftest import Make
from tests.exchange.helpers import BODY, OTHER_BODY, check, load, meeting, row, step, table
from tests.support.checked_client import CheckedClient

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("contract")]

WHOLE = {
    "instances": table(row("instances", quartiers="les-quais", niveau="concertation", ouverte_le="2025-01-01")),
    "mandats": table(
        row("mandats", nom="Camille Fictive"),
        row("mandats", ref="m2", genre="representant", aupres_de="comite-de-pilotage", fin="2026-12-31"),
    ),
    "rencontres": table(
        meeting(
            heure_debut="18:30", heure_fin="20:00", instances=f"{BODY};table-du-port", lieu="Salle du bas",
            quartiers="les-quais", niveau="concertation", participants="20", habitants="12", femmes="7", hommes="5",
            elus="2", institutions="Office de l'Anse; Mission locale fictive;Office de l'Anse",
            compte_rendu="# Bilan\n\nTout va bien.", compte_rendu_publie_le="2026-03-20",
        ),
    ),
    "decisions": table(row("decisions", responsable="Animatrice", echeance="2026-04-01", faite_le="2026-03-30")),
    "propositions": table(
        row("propositions", texte="Près de l'école.", thematique="commerces", objectifs="EAU-1A;EAU-1", rencontre="r1"),
        row("propositions", ref="p2"),
    ),
    "etapes": table(
        step("recueillie"),
        step("transmise", "2026-03-20", vers="bureau-communautaire", echeance="2026-05-01"),
        step("recueillie", proposition="p2"),
        step("regroupee", "2026-03-21", proposition="p2", vers="p1"),
    ),
    "avis": table(
        row("avis", rencontre="r1", quartier="les-quais", proposition="p1", moderation="publie", langue="fr"),
    ),
}  # fmt: skip


def journal() -> list[JournalEntry]:
    query = sa.select(JournalEntry).where(JournalEntry.action != "contract.loaded").order_by(JournalEntry.id)
    return list(db.session.scalars(query))


def count(model: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def one_meeting() -> Meeting:
    return db.session.scalars(sa.select(Meeting)).one()


def proposal(ref: str = "p1") -> Proposal:
    return db.session.scalars(sa.select(Proposal).where(Proposal.ref == ref)).one()


def test_a_whole_package_is_written(write: Make) -> None:
    load(write(WHOLE))
    held = one_meeting()
    assert {body.slug for body in held.bodies} == {BODY, "table-du-port"}
    assert held.starts_at == dt.datetime(2026, 3, 12, 17, 30, tzinfo=dt.UTC)
    assert [row.name for row in held.institutions] == ["Mission locale fictive", "Office de l'Anse"]
    assert (held.women, held.men, held.first_timers) == (7, 5, None)
    assert held.decisions[0].owner == "Animatrice"
    assert [objective.code for objective in proposal().objectives] == ["EAU-1", "EAU-1A"]
    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.proposal_id, opinion.moderation) == (proposal().id, "publie")
    people = {mandate.ref: mandate.person and mandate.person.name for mandate in db.session.scalars(sa.select(Mandate))}
    assert people == {"m1": "Camille Fictive", "m2": None}


def test_what_a_proposal_repeats_follows_from_its_steps(write: Make) -> None:
    load(write(WHOLE))
    first, merged = proposal("p1"), proposal("p2")
    assert (first.received_on, first.state, first.state_on, first.due_on) == (
        dt.date(2026, 3, 12), "transmise", dt.date(2026, 3, 20), dt.date(2026, 5, 1),
    )  # fmt: skip
    assert [step.superseded_on for step in first.steps] == [dt.date(2026, 3, 20), None]
    assert [step.position for step in first.steps] == [1, 2]
    assert (merged.state, merged.due_on, merged.steps[1].to_proposal_id) == ("regroupee", None, first.id)


def test_one_line_of_the_journal_says_what_was_imported(write: Make) -> None:
    load(write(WHOLE))
    (line,) = journal()
    assert line.actor == "programme"
    assert line.sentence == (
        "Import : 1 rencontre ajoutée ; 2 propositions ajoutées ; 4 étapes ajoutées ; 1 avis ajouté ; "
        "1 décision ajoutée ; 1 instance ajoutée ; 2 mandats ajoutés."
    )


def test_the_same_package_twice_changes_nothing(write: Make) -> None:
    load(write(WHOLE))
    lines, versions = len(journal()), one_meeting().version
    assert not load(write(WHOLE))
    assert (len(journal()), one_meeting().version) == (lines, versions)


def test_a_row_whose_ref_exists_is_updated(write: Make) -> None:
    load(write(WHOLE))
    done = load(write({"rencontres": table(meeting(niveau="codecision", instances=OTHER_BODY))}))
    assert done.sentence() == "1 rencontre modifiée"
    assert (one_meeting().level, [body.slug for body in one_meeting().bodies]) == ("codecision", [OTHER_BODY])
    assert one_meeting().version == 2


def test_a_missing_column_leaves_the_value_and_an_empty_cell_clears_it(write: Make) -> None:
    load(write(WHOLE))
    load(write({"rencontres": table(meeting(niveau="", institutions="", heure_fin=""))}))
    held = one_meeting()
    assert (held.level, held.place, held.participants) == (None, "Salle du bas", 20)
    assert (held.start_time, held.end_time, held.institutions) == (dt.time(18, 30), None, [])


def test_rows_that_are_not_in_the_file_stay(write: Make) -> None:
    load(write(WHOLE))
    load(write({"rencontres": table(meeting(ref="r2"))}))
    assert count(Meeting) == 2


def test_a_changed_date_moves_the_times_along(write: Make) -> None:
    load(write(WHOLE))
    load(write({"rencontres": table(meeting(date="2026-07-01"))}))
    assert one_meeting().starts_at == dt.datetime(2026, 7, 1, 16, 30, tzinfo=dt.UTC)


def test_an_end_before_the_start_is_the_next_day(write: Make) -> None:
    load(write({"rencontres": table(meeting(heure_debut="20:00", heure_fin="01:00"))}))
    assert one_meeting().ends_at == dt.datetime(2026, 3, 13, 0, 0, tzinfo=dt.UTC)


def test_an_update_tells_the_journal_which_columns_changed(write: Make) -> None:
    load(write(WHOLE))
    load(
        write(
            {
                "rencontres": table(
                    meeting(instances=f"{BODY};table-du-port", niveau="codecision", titre="Mot secret", femmes="6")
                )
            }
        )
    )
    line = journal()[-2]
    assert (line.action, line.object_ref) == ("meeting.imported", "r1")
    assert line.details == {"titre": [None, None], "niveau": ["concertation", "codecision"], "femmes": ["7", "6"]}
    assert "Mot secret" not in str([entry.sentence for entry in journal()])


def test_the_journal_holds_no_name_and_no_word_of_residents(write: Make) -> None:
    load(write(WHOLE))
    load(
        write(
            {"mandats": table(row("mandats", nom="Dominique Fictive")), "avis": table(row("avis", texte="Autre mot"))}
        )
    )
    said = str([(line.sentence, line.details) for line in journal()])
    assert "Fictive" not in said
    assert "Autre mot" not in said


def test_a_mandate_loses_its_name_with_an_empty_cell_only(write: Make) -> None:
    load(write(WHOLE))
    load(write({"mandats": table(row("mandats", fin="2026-06-30"))}))
    mandate = db.session.scalars(sa.select(Mandate).where(Mandate.ref == "m1")).one()
    assert mandate.person
    load(write({"mandats": table(row("mandats", nom=""))}))
    db.session.refresh(mandate)
    assert mandate.person is None


def test_a_renamed_instance_keeps_its_old_name(write: Make) -> None:
    load(write({"instances": table(row("instances"))}))
    load(write({"instances": table(row("instances", nom="Table des ports"))}))
    body = db.session.scalars(sa.select(Body).where(Body.slug == "table-du-port")).one()
    assert (body.name, [alias.name for alias in body.aliases]) == ("Table des ports", ["Table du port"])


def test_an_instance_of_the_contract_is_updated_by_its_slug(write: Make) -> None:
    changes = {"slug": BODY, "genre": "assemblee_de_quartier", "nom": "Assemblée des Quais", "fermee_le": "2026-12-31"}
    load(write({"instances": table(row("instances", **changes))}))
    body = db.session.scalars(sa.select(Body).where(Body.slug == BODY)).one()
    assert (body.closed_on, body.level, body.from_file is None) == (dt.date(2026, 12, 31), "concertation", False)


def test_an_unknown_kind_of_instance_is_added(write: Make) -> None:
    load(write({"instances": table(row("instances", genre="budget_participatif"))}))
    kind = db.session.get(BodyKind, "budget_participatif")
    assert kind
    assert kind.name == "Budget participatif"


def test_steps_alone_go_on_a_proposal_that_is_there(write: Make) -> None:
    load(write(WHOLE))
    recorded = (step("recueillie"), step("transmise", "2026-03-20", vers="bureau-communautaire", echeance="2026-05-01"))
    decided = step("retenue", "2026-04-02", motif="Utile.", montant="1500,5", financement="ftu", pour="12")
    done = load(write({"etapes": table(*recorded, decided)}))
    assert done.sentence() == "1 étape ajoutée"
    first = proposal()
    assert (first.state, first.due_on, first.version) == ("retenue", None, 2)
    assert [one.superseded_on for one in first.steps] == [dt.date(2026, 3, 20), dt.date(2026, 4, 2), None]
    assert first.steps[2].amount_cents == 150050
    assert journal()[-2].sentence == "Étapes ajoutées par un import : retenue."


def test_restitution_and_voiding_of_a_recorded_step_may_change(write: Make) -> None:
    load(write(WHOLE))
    path = [
        step("recueillie"),
        step("transmise", "2026-03-20", vers="bureau-communautaire"),
        step("retenue", "2026-04-02", motif="Utile."),
    ]
    load(write({"etapes": table(*path)}))
    path[2] |= {"restituee_le": "2026-04-10", "restituee_a": "r1"}
    assert load(write({"etapes": table(*path)})).sentence() == "1 étape modifiée"
    assert proposal().steps[2].told_on == dt.date(2026, 4, 10)
    path[2] |= {"annulee_le": "2026-04-11", "annulee_motif": "Saisie deux fois."}
    load(write({"etapes": table(*path)}))
    first = proposal()
    assert (first.state, first.steps[1].superseded_on, first.steps[2].voided_on) == (
        "transmise",
        None,
        dt.date(2026, 4, 11),
    )


def test_steps_of_one_day_keep_the_order_of_the_file(write: Make) -> None:
    steps = [
        step("transmise", "2026-03-15", vers=OTHER_BODY),
        step("retenue", "2026-03-15", motif="Oui."),
        step("recueillie", "2026-03-14"),
    ]
    load(write({"propositions": table(row("propositions")), "etapes": table(*steps)}))
    assert [one.kind for one in proposal().steps] == ["recueillie", "transmise", "retenue"]


def test_nothing_is_written_when_one_row_is_at_fault(write: Make) -> None:
    with pytest.raises(BadPackage):
        load(write({**WHOLE, "decisions": table(row("decisions"), row("decisions", ref="d2", rencontre="r9"))}))
    db.session.rollback()
    assert [count(model) for model in (Meeting, Opinion, Proposal, Step, Decision)] == [0] * 5


def test_a_trial_writes_nothing(write: Make) -> None:
    assert check(write(WHOLE)).sentence().startswith("1 rencontre ajoutée")
    db.session.commit()
    assert count(Meeting) == 0


def test_published_minutes_that_change_stay_readable(write: Make) -> None:
    load(write(WHOLE))
    load(write({"rencontres": table(meeting(compte_rendu="Corrigé."))}))
    texts = [(version.number, version.text) for version in one_meeting().minutes_versions]
    assert texts == [(1, "# Bilan\n\nTout va bien."), (2, "Corrigé.")]
    assert "meeting.minutes_corrected" in [line.action for line in journal()]


def test_everybody_sees_that_an_import_corrected_published_minutes(write: Make, client: CheckedClient) -> None:
    load(write(WHOLE))
    assert "Corrigé le" not in client.get("/rencontres/r1").text
    load(write({"rencontres": table(meeting(compte_rendu="Un banc."))}))
    page = client.get("/rencontres/r1").text
    assert "Corrigé le" in page
    assert "Corrigé par un import de tableaux." in page
    assert "Tout va bien." in client.get("/rencontres/r1/compte-rendu/1").text
    load(write({"rencontres": table(meeting(compte_rendu=""))}))
    assert "Un banc." in client.get("/rencontres/r1/compte-rendu/2").text


def test_a_draft_that_an_import_changes_is_no_correction(write: Make) -> None:
    load(write({"rencontres": table(meeting(compte_rendu="Brouillon."))}))
    load(write({"rencontres": table(meeting(compte_rendu="Autre brouillon."))}))
    assert one_meeting().minutes_versions == []
    assert "meeting.minutes_corrected" not in [line.action for line in journal()]


def test_rows_made_in_the_browser_after_an_import_get_identifiers_of_their_own(write: Make, contract: Flask) -> None:
    load(write(WHOLE))
    body = db.session.scalars(sa.select(Body).where(Body.slug == BODY)).one()
    db.session.add(
        Meeting(
            ref="r9",
            title="R",
            type="reunion",
            held_on=dt.date(2026, 1, 1),
            bodies=[body],
            created_at=one_meeting().created_at,
        )
    )
    db.session.commit()
    load(write({"rencontres": table(meeting(ref="r10"))}))
    assert count(Meeting) == 3


def test_texts_are_kept_letter_by_letter(write: Make, tmp_path: Path) -> None:
    words = '  « Déjà » 🙂 مرحبا\n\n=1+1 ; "oui", l\'été '
    load(write({"avis": table(row("avis", texte=words, langue="ar"))}))
    assert db.session.scalars(sa.select(Opinion.text)).one() == words
