"""Loading a contract: once, again, after an edit; what the team wrote stays, what is in use cannot be dropped."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from participation.bodies.load import load_contract
from participation.bodies.models import Body, BodyAlias, BodyKind, Cadence, Mandate, Question, Representation
from participation.contract.load import InUse, OtherContract, has_contract
from participation.contract.models import Ambition, Baseline, Commune, Contract, Objective, Quartier, Theme
from participation.database import now
from participation.extensions import db
from participation.journal import JournalEntry
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.people.models import Account, AccountScope
from participation.proposals.models import Proposal
from tests.contract.helpers import FICTITIOUS, REAL, contract_of, without_block

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app_context")]


def load(text: str, *changes: tuple[str, str]) -> Any:
    report = load_contract(db.session(), contract_of(text, *changes))
    db.session.commit()
    return report


def count(model: Any, *where: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


def body(slug: str) -> Body:
    return db.session.scalars(sa.select(Body).where(Body.slug == slug)).one()


def journal_lines() -> list[str]:
    return list(db.session.scalars(sa.select(JournalEntry.sentence).order_by(JournalEntry.id)))


def a_meeting(*bodies: Body, quartiers: list[Quartier] | None = None) -> Meeting:
    meeting = Meeting(
        ref="renc-1",
        title="Rencontre fictive",
        type="reunion",
        held_on=dt.date(2026, 3, 1),
        created_at=now(),
        bodies=list(bodies),
        quartiers=quartiers or [],
    )
    db.session.add(meeting)
    db.session.commit()
    return meeting


def test_real_contract_fills_an_empty_database() -> None:
    assert not has_contract(db.session())
    report = load(REAL)
    assert report
    tables = (Commune, Quartier, Ambition, Body, Cadence, Representation, Question, Baseline, Theme)
    assert [count(table) for table in tables] == [5, 7, 4, 35, 10, 1, 5, 6, 4]
    levels = sa.select(Objective.level, sa.func.count()).group_by(Objective.level)
    assert dict(db.session.execute(levels).all()) == {"strategic": 22, "operational": 107}
    contract = db.session.get_one(Contract, 1)
    assert (contract.population, contract.population_year, contract.response_days) == (13100, 2019, 60)
    assert contract.announced["operational"] == 103
    assert not contract.response_days_confirmed
    assert has_contract(db.session())


def test_objectives_keep_their_parents_and_order() -> None:
    load(REAL)
    transitions = db.session.scalars(sa.select(Ambition).where(Ambition.code == "TRA")).one()
    strategic = [o for o in transitions.objectives if o.level == "strategic"]
    assert [o.code for o in strategic] == ["TRA-1", "TRA-2", "TRA-3", "TRA-4", "TRA-5", "TRA-6"]
    children = [(o.code, o.printed) for o in strategic[1].children]
    assert children[4:6] == [("TRA-2E", "2E"), ("TRA-2Ebis", "2E")]


def test_joint_cadence_has_both_its_bodies() -> None:
    load(REAL)
    key = "commission-jean-jaures-cheminots+fabrique-citoyenne"
    cadence = db.session.scalars(sa.select(Cadence).where(Cadence.key == key)).one()
    assert [b.slug for b in cadence.bodies] == ["commission-jean-jaures-cheminots", "fabrique-citoyenne"]
    assert (cadence.per_year, cadence.meeting_type) == (2, None)


@pytest.mark.parametrize("text", [REAL, FICTITIOUS], ids=["real", "fictitious"])
def test_loading_again_changes_nothing(text: str) -> None:
    load(text)
    versions = sa.select(Body.slug, Body.version).order_by(Body.slug)
    before = db.session.execute(versions).all()
    again = load(text)
    assert not again
    assert again.kept == []
    assert again.sentence().endswith("rien à changer.")
    assert db.session.execute(versions).all() == before
    assert len(journal_lines()) == 1


def test_comment_added_to_the_file_is_no_change() -> None:
    load(FICTITIOUS)
    report = load(FICTITIOUS + "\n# relu\n")
    assert not report
    assert len(journal_lines()) == 1
    assert db.session.get_one(Contract, 1).file_sha256 == contract_of(FICTITIOUS + "\n# relu\n").sha256


EDITS = (
    ('nom = "Les Quais"', 'nom = "Les Grands Quais"'),
    ('communes = ["port-lanse", "val-fleuri"]', 'communes = ["val-fleuri"]'),
    ('nom = "Planter des arbres"', 'nom = "Planter mille arbres"'),
    ('nom = "Table ronde du Moulin"', 'nom = "Table du Moulin"'),
    ("ouverte_le = 2026-03-01", "ouverte_le = 2026-04-01"),
    ('autres_noms = ["Forum de la Colline"]', 'autres_noms = ["Agora de la Colline"]'),
    ("par_an = 4", "par_an = 6"),
    ('texte = "Que feriez-vous des quais ?"', 'texte = "Que feriez-vous ici ?"'),
    ('table_ronde = "Table ronde"', 'table_ronde = "Tablée"'),
    ("sieges = 1", "sieges = 2"),
    ("valeur = 120", "valeur = 121"),
    ('  { slug = "commerces", nom = "Commerces" },\n', '  { slug = "marches", nom = "Marchés" },\n'),
)


def test_edited_file_updates_what_changed() -> None:
    load(FICTITIOUS)
    report = load(FICTITIOUS, *EDITS)
    assert sorted(report.changed) == [
        "cadence comite-de-pilotage : per_year",
        "genre table_ronde : name",
        "instance assemblee-la-colline : aliases",
        "instance table-du-moulin : name",
        "instance table-du-moulin : opened_on",
        "objectif EAU-1B : name",
        "quartier la-colline : communes",
        "quartier les-quais : name",
        "question ete-au-bord-de-leau 1 : text",
        "représentation",
        "repères",
    ]
    assert (report.added, report.removed) == (["thématique marches"], ["thématique commerces"])
    assert body("table-du-moulin").opened_on == dt.date(2026, 4, 1)
    assert [alias.name for alias in body("assemblee-la-colline").aliases] == ["Agora de la Colline"]
    assert report.sentence() == "Contrat « Rives de l'Anse » chargé : 1 ajout, 11 changements, 1 retrait."
    assert journal_lines()[1:] == [report.sentence()]
    assert not load(FICTITIOUS, *EDITS)


def test_journal_names_who_loaded_and_what_changed() -> None:
    account = Account(role="admin", function="Équipe du contrat", created_at=now())
    db.session.add(account)
    load(FICTITIOUS)
    load_contract(db.session(), contract_of(FICTITIOUS, ("par_an = 4", "par_an = 6")), by=account)
    last = db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert last is not None
    assert (last.action, last.object_ref, last.actor) == ("contract.loaded", "rives-de-lanse", "Équipe du contrat")
    assert last.details == {"cadence comite-de-pilotage : per_year": [4, 6]}


def test_what_the_team_renamed_stays() -> None:
    load(FICTITIOUS)
    moulin = body("table-du-moulin")
    moulin.name, moulin.level = "Table des voisins", "consultation"
    moulin.aliases.append(BodyAlias(name="Table ronde du Moulin"))
    moulin.quartiers.append(db.session.scalars(sa.select(Quartier).where(Quartier.slug == "la-colline")).one())
    db.session.commit()
    assert not load(FICTITIOUS)
    report = load(
        FICTITIOUS, ('nom = "Table ronde du Moulin"', 'nom = "Table du Moulin"'), ("= 2026-03-01", "= 2026-02-01")
    )
    assert list(report.changed) == ["instance table-du-moulin : opened_on"]
    expected = "« Table des voisins » est gardé (le fichier dit « Table du Moulin »)"
    assert report.kept == [f"instance table-du-moulin, name : {expected}"]
    assert (moulin.name, moulin.level, moulin.opened_on) == ("Table des voisins", "consultation", dt.date(2026, 2, 1))
    assert [q.slug for q in moulin.quartiers] == ["la-colline", "le-moulin"]
    assert [alias.name for alias in moulin.aliases] == ["Table ronde du Moulin"]


def test_body_made_in_the_browser_stays_and_keeps_its_values_when_the_file_names_it() -> None:
    load(FICTITIOUS)
    own = Body(
        slug="cafe-des-quais", name="Café des Quais", kind="table_ronde", family="participation", scale="communale"
    )
    db.session.add(own)
    db.session.commit()
    assert not load(FICTITIOUS)
    named = FICTITIOUS + (
        '\n[[instances]]\nslug = "cafe-des-quais"\nnom = "Café du port"\ngenre = "table_ronde"\n'
        'famille = "participation"\nechelle = "communale"\ncommunes = ["port-lanse"]\n'
    )
    report = load(named)
    assert own.name == "Café des Quais"
    assert any("« Café des Quais » est gardé" in line for line in report.kept)
    assert load(named).kept == []


def test_unused_parts_left_out_of_the_file_go() -> None:
    load(FICTITIOUS)
    shorter = FICTITIOUS
    for table, name in (
        ("instances", "table-du-moulin"),
        ("instances", "ete-au-bord-de-leau"),
        ("quartiers", "le-moulin"),
        ("ambitions.strategiques", "LIEN-2"),
    ):
        shorter = without_block(shorter, table, name)
    shorter = shorter[: shorter.index("[[questions]]")]
    report = load(shorter, ('table_ronde = "Table ronde"\n', ""), ('demarche = "Démarche"\n', ""))
    assert sorted(report.removed) == [
        "genre demarche",
        "genre table_ronde",
        "instance ete-au-bord-de-leau",
        "instance table-du-moulin",
        "objectif LIEN-2",
        "objectif LIEN-2A",
        "quartier le-moulin",
        "question ete-au-bord-de-leau 1",
    ]
    assert (count(Body), count(Quartier), count(Question), count(BodyKind)) == (6, 2, 0, 3)


def test_cadence_left_out_of_the_file_goes() -> None:
    load(FICTITIOUS)
    text = FICTITIOUS.replace('instances = ["comite-de-pilotage"]', 'instances = ["comite-val-fleuri"]')
    report = load(text)
    assert (report.added, report.removed) == (["cadence comite-val-fleuri"], ["cadence comite-de-pilotage"])
    assert count(Cadence) == 3


def refusal(text: str, *changes: tuple[str, str]) -> list[str]:
    """Load what must be refused; what was in the database must still be there, to the last row."""
    tables = (Contract, Commune, Quartier, Ambition, Objective, Theme, Body, BodyKind, Cadence, Question, JournalEntry)
    before = [count(table) for table in tables]
    digest = db.session.get_one(Contract, 1).file_sha256
    with pytest.raises(InUse) as caught:
        load_contract(db.session(), contract_of(text, *changes))
    db.session.commit()
    assert [count(table) for table in tables] == before
    assert db.session.get_one(Contract, 1).file_sha256 == digest
    return caught.value.lines


def test_instance_with_a_meeting_and_a_mandate_cannot_be_dropped() -> None:
    load(FICTITIOUS)
    moulin = body("table-du-moulin")
    a_meeting(moulin)
    db.session.add(Mandate(ref="mandat-1", body=moulin, started_on=dt.date(2026, 3, 1)))
    db.session.commit()
    lines = refusal(without_block(FICTITIOUS, "instances", "table-du-moulin"))
    used = "instance « table-du-moulin » sert encore (1 mandat, 1 rencontre) : à remettre dans le fichier"
    assert lines == [used]


def test_quartier_with_a_meeting_and_instance_with_a_proposal_are_both_told() -> None:
    load(FICTITIOUS)
    moulin = body("table-du-moulin")
    a_meeting(body("comite-val-fleuri"), quartiers=list(moulin.quartiers))
    objective = db.session.scalars(sa.select(Objective).where(Objective.code == "LIEN-2A")).one()
    theme = db.session.scalars(sa.select(Theme).where(Theme.slug == "commerces")).one()
    day = dt.date(2026, 3, 1)
    proposal = Proposal(
        ref="prop-1",
        title="Un banc",
        body=moulin,
        theme=theme,
        received_on=day,
        state="recueillie",
        state_on=day,
        created_at=now(),
        objectives=[objective],
    )
    db.session.add(proposal)
    db.session.commit()
    text = without_block(FICTITIOUS, "instances", "table-du-moulin")
    text = without_block(without_block(text, "quartiers", "le-moulin"), "ambitions.strategiques", "LIEN-2")
    lines = refusal(text, ('  { slug = "commerces", nom = "Commerces" },\n', ""))
    told = [line.partition(" sert encore")[0] for line in lines]
    assert told == [
        "instance « table-du-moulin »",
        "objectif « LIEN-2A »",
        "objectif « LIEN-2 »",
        "thématique « commerces »",
        "quartier « le-moulin »",
    ]
    assert "(1 proposition)" in lines[0]


def test_theme_with_an_opinion_cannot_be_dropped() -> None:
    load(FICTITIOUS)
    theme = db.session.scalars(sa.select(Theme).where(Theme.slug == "commerces")).one()
    quartier = db.session.scalars(sa.select(Quartier).where(Quartier.slug == "les-quais")).one()
    opinion = Opinion(
        ref="avis-1",
        received_on=dt.date(2026, 3, 1),
        text="Un marché",
        theme=theme,
        quartier=quartier,
        created_at=now(),
    )
    db.session.add(opinion)
    db.session.commit()
    lines = refusal(FICTITIOUS, ('  { slug = "commerces", nom = "Commerces" },\n', ""))
    assert lines == ["thématique « commerces » sert encore (1 avis) : à remettre dans le fichier"]


def test_instance_that_limits_an_account_cannot_be_dropped() -> None:
    load(FICTITIOUS)
    scope = AccountScope(kind="instance", slug="table-du-moulin")
    db.session.add(Account(role="animateur", function="Animatrice", created_at=now(), scopes=[scope]))
    db.session.commit()
    lines = refusal(without_block(FICTITIOUS, "instances", "table-du-moulin"))
    assert lines == ["instance « table-du-moulin » sert encore (1 compte) : à remettre dans le fichier"]


def test_kind_of_a_body_made_in_the_browser_cannot_be_dropped() -> None:
    load(FICTITIOUS)
    db.session.add(Body(slug="a", name="A", kind="table_ronde", family="participation", scale="communale"))
    db.session.commit()
    text = without_block(FICTITIOUS, "instances", "table-du-moulin")
    lines = refusal(text, ('table_ronde = "Table ronde"\n', ""))
    assert lines == ["genre « table_ronde » sert encore (1 instance) : à remettre dans le fichier"]


def test_another_contract_is_refused() -> None:
    load(FICTITIOUS)
    with pytest.raises(OtherContract) as caught:
        load_contract(db.session(), contract_of(REAL))
    assert "« Rives de l'Anse » (rives-de-lanse)" in caught.value.message
    db.session.commit()
    assert (count(Commune), count(Body), len(journal_lines())) == (2, 8, 1)


def test_two_ambitions_may_swap_their_slugs() -> None:
    load(FICTITIOUS)
    swap = (
        ('"au-bord-de-leau"', '"provisoire"'),
        ('"se-relier"', '"au-bord-de-leau"'),
        ('"provisoire"', '"se-relier"'),
    )
    load(FICTITIOUS, *swap)
    slugs = sa.select(Ambition.code, Ambition.slug)
    assert dict(db.session.execute(slugs).all()) == {"EAU": "se-relier", "LIEN": "au-bord-de-leau"}
    assert not load(FICTITIOUS, *swap)


def test_delay_confirmed_by_an_administrator_outlives_a_file_that_only_proposes_one() -> None:
    load(REAL)
    contract = db.session.get_one(Contract, 1)
    contract.response_days, contract.response_days_confirmed = 45, True
    db.session.commit()
    assert not load(REAL)
    report = load(REAL, ("jours = 60", "jours = 50"))
    assert (contract.response_days, contract.response_days_confirmed) == (45, True)
    assert "45 jours, confirmé ici" in report.kept[0]
    load(REAL, ("jours = 60, a_confirmer = true", "jours = 30, a_confirmer = false"))
    assert (contract.response_days, contract.response_days_confirmed) == (30, True)
