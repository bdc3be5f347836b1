"""Making a proposal from opinions, changing what it says, attaching and detaching opinions."""

import datetime as dt

import pytest
import sqlalchemy as sa

from participation.errors import Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.opinions.models import Opinion
from participation.proposals import rules
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.factory import (
    make_ambition,
    make_body,
    make_meeting,
    make_objective,
    make_opinion,
    make_proposal,
)
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

NEW = "/equipe/propositions/nouvelle"
CREATE = "/equipe/propositions"


def only_proposal() -> Proposal:
    db.session.expire_all()
    return db.session.scalars(sa.select(Proposal)).one()


def test_team_makes_a_proposal_from_several_opinions(as_admin: CheckedClient, town: Town):
    opinions = [make_opinion(meeting=town.cafe, theme=town.theme, quartier=town.quay) for _n in range(3)]
    refs = [opinion.ref for opinion in opinions]
    page = as_admin.get(f"{NEW}?" + "&".join(f"avis={ref}" for ref in refs), follow_redirects=True)
    given = fields_of(page, CREATE)
    assert given["avis"] == refs
    assert (given["theme"], given["quartiers"], given["body"]) == (
        ["cadre-de-vie"],
        ["le-quai"],
        ["commission-du-quai"],
    )
    assert (given["rencontre"], given["on_date"]) == (["cafe"], ["2026-03-12"])
    answer = send(as_admin, page, CREATE, title="Des bancs au Quai", avis=refs[:2])
    assert answer.status_code == 303
    proposal = only_proposal()
    assert [opinion.ref for opinion in proposal.opinions] == refs[:2]
    assert (proposal.state, proposal.received_on, proposal.meeting) == ("recueillie", dt.date(2026, 3, 12), town.cafe)
    assert [(step.kind, step.body, step.author) for step in proposal.steps] == [
        ("recueillie", town.commission, "Équipe du contrat")
    ]
    assert [entry.sentence for entry in list_entries(db.session(), "proposal", proposal.ref)] == [
        "Proposition créée, à partir de 2 avis."
    ]
    told = list_entries(db.session(), "opinion", refs[0])
    assert [entry.sentence for entry in told] == [f"Cet avis a nourri la proposition {proposal.ref}."]


def test_team_makes_a_proposal_without_any_opinion(as_admin: CheckedClient, town: Town):
    ambition = make_ambition("APA", name="Quartier apaisé")
    strategic = make_objective("APA-6", ambition, name="Placer les habitants au cœur")
    make_objective("APA-6D", ambition, strategic, name="Consulter les habitants")
    page = as_admin.get(NEW, follow_redirects=True)
    assert "Quartier apaisé : 6. Placer les habitants au cœur" in page.text
    answer = send(
        as_admin,
        page,
        CREATE,
        title="Un marché",
        body="commission-du-quai",
        objectives=["APA-6D"],
        quartiers=["le-quai"],
    )
    assert answer.status_code == 303
    proposal = only_proposal()
    assert [objective.code for objective in proposal.objectives] == ["APA-6D"]
    assert proposal.received_on == dt.date(2026, 3, 20)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": ""}, "Donnez un titre à la proposition"),
        ({"title": "x" * 301}, "Ce texte est trop long : 301 caractères, 300 au plus."),
        ({"text": "x" * 100_000}, "Ce texte est trop long : 100000 caractères"),
        ({"body": ""}, "Choisissez l&#39;instance qui porte la proposition."),
        ({"on_date": ""}, "Indiquez la date"),
        ({"on_date": "demain"}, "Cette date n&#39;existe pas"),
        ({"on_date": "2026-03-21"}, "Cette date n&#39;est pas encore arrivée"),
        ({"on_date": "1999-03-21"}, "entre 2014 et 2040"),
        ({"avis": ["nulle-part"]}, "n&#39;existe plus"),
    ],
)
def test_a_wrong_form_says_what_to_do_and_keeps_what_was_typed(
    as_admin: CheckedClient, town: Town, values: dict[str, object], sentence: str
):
    good: dict[str, object] = {"title": "Un marché", "text": "Le samedi.", "body": "commission-du-quai"}
    answer = fill(as_admin, NEW, CREATE, **(good | values))
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = fields_of(answer, CREATE)
    for name, value in (good | values).items():
        if name != "avis":
            assert kept[name] == [value]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 0


def test_an_opinion_feeds_one_proposal_only(as_admin: CheckedClient, town: Town):
    first = make_proposal()
    taken = make_opinion(meeting=town.cafe, proposal_id=first.id)
    answer = fill(as_admin, NEW, CREATE, title="Encore", body="commission-du-quai", avis=[taken.ref])
    assert answer.status_code == 422
    assert "a déjà nourri une autre proposition" in answer.text


def test_a_rejected_opinion_feeds_none(as_admin: CheckedClient, town: Town):
    rejected = make_opinion(meeting=town.cafe, moderation="rejete", moderation_reason="Injure")
    answer = fill(as_admin, NEW, CREATE, title="Encore", body="commission-du-quai", avis=[rejected.ref])
    assert answer.status_code == 422
    db.session.expire_all()
    assert db.session.get_one(Opinion, rejected.id).proposal_id is None


def test_animator_cannot_make_a_proposal_for_another_instance(as_animator: CheckedClient, town: Town):
    page = as_animator.get(NEW, follow_redirects=True)
    assert "Conseil du Sud" not in page.text
    answer = send(as_animator, page, CREATE, title="Ailleurs", body="conseil-du-sud")
    assert answer.status_code == 422
    with pytest.raises(Refusal):
        rules.create(
            db.session(), rules.Draft("Ailleurs"), body=town.council, on_date=dt.date(2026, 3, 20), by=town.animator
        )


def test_representative_cannot_take_an_opinion_that_is_not_published(town: Town):
    hidden = make_opinion(meeting=town.cafe, moderation="en_attente")
    with pytest.raises(Refusal, match="pas publié"):
        rules.create(
            db.session(),
            rules.Draft("Un banc"),
            body=town.commission,
            on_date=dt.date(2026, 3, 20),
            opinions=[hidden],
            by=town.representative,
        )


def test_a_proposal_is_not_made_at_a_cancelled_meeting_nor_before_it(town: Town):
    cancelled = make_meeting(bodies=[town.commission], status="annulee")
    for meeting, sentence in ((cancelled, "annulée"), (town.session, "après cette étape")):
        with pytest.raises(Refusal, match=sentence):
            rules.create(
                db.session(),
                rules.Draft("Un banc"),
                body=town.commission,
                on_date=dt.date(2026, 3, 12),
                meeting=meeting,
                by=town.admin,
            )


def test_a_closed_instance_carries_no_new_proposal(as_admin: CheckedClient, town: Town):
    make_body("fermee", name="Instance fermée", closed_on=dt.date(2026, 1, 1))
    assert "Instance fermée" not in as_admin.get(NEW, follow_redirects=True).text


def test_team_changes_what_a_proposal_says(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission, text="Avant.")
    path = f"{CREATE}/{proposal.ref}"
    version = proposal.version
    answer = fill(
        as_admin, f"{path}/modifier", path, title="Un titre neuf", theme="cadre-de-vie", quartiers=["le-quai"]
    )
    assert answer.status_code == 303
    changed = only_proposal()
    assert (changed.title, changed.text, changed.theme) == ("Un titre neuf", "Avant.", town.theme)
    assert changed.version == version + 1
    (entry,) = list_entries(db.session(), "proposal", changed.ref)
    assert entry.sentence == "Proposition modifiée : titre, thème, quartiers."
    assert "titre neuf" not in str(entry.details)


def test_changing_nothing_changes_nothing(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission, text="Avant.")
    path = f"{CREATE}/{proposal.ref}"
    assert fill(as_admin, f"{path}/modifier", path).status_code == 303
    db.session.expire_all()
    assert proposal.version == 1
    assert list_entries(db.session(), "proposal", proposal.ref) == []


def test_changing_the_objectives_alone_makes_a_new_version(town: Town):
    strategic = make_objective("APA-1", make_ambition("APA"))
    proposal = make_proposal(body=town.commission)
    draft = rules.Draft(proposal.title, objectives=(strategic,))
    assert rules.edit(db.session(), proposal, draft, version=1, by=town.admin)
    db.session.commit()
    assert proposal.version == 2


def test_a_long_text_from_an_import_does_not_stand_in_the_way_of_other_changes(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission, text="é" * 30_000)
    path = f"{CREATE}/{proposal.ref}"
    assert fill(as_admin, f"{path}/modifier", path, title="Neuf").status_code == 303


def test_opinions_are_attached_and_detached(as_animator: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission)
    here = make_opinion(meeting=town.cafe, moderation="en_attente", text="Ici et pas encore lu")
    far = make_opinion(meeting=town.session, moderation="en_attente", text="Ailleurs et secret")
    page = f"{CREATE}/{proposal.ref}/avis"
    shown = as_animator.get(page).text
    assert "Ici et pas encore lu" in shown
    assert "Ailleurs et secret" not in shown
    refused = fill(as_animator, page, avis=[far.ref])
    assert refused.status_code == 422
    assert "Ailleurs et secret" not in refused.text
    assert fill(as_animator, page, avis=None).status_code == 422
    assert fill(as_animator, page, avis=[here.ref]).status_code == 303
    db.session.expire_all()
    assert (here.proposal_id, far.proposal_id) == (proposal.id, None)
    detach = f"{page}/{here.ref}/detacher"
    assert fill(as_animator, f"{CREATE}/{proposal.ref}", detach).status_code == 303
    db.session.expire_all()
    assert here.proposal_id is None
    sentences = [entry.sentence for entry in list_entries(db.session(), "proposal", proposal.ref)]
    assert sentences == ["1 avis rattaché.", "Un avis n'est plus rattaché."]


def test_the_opinions_to_attach_are_filtered(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission)
    make_opinion(meeting=town.cafe, theme=town.theme, text="Du cadre de vie")
    make_opinion(meeting=town.session, text="Sans thème")
    address = f"{CREATE}/{proposal.ref}/avis"
    for query in ("theme=cadre-de-vie", "quartier=le-quai", "instance=commission-du-quai"):
        page = as_admin.get(f"{address}?{query}").text
        assert "Du cadre de vie" in page
        assert "Sans thème" not in page
