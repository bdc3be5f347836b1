"""Duplicates side by side, a proposal split in two, a link between two: no voice is lost, no receipt leads astray."""

import datetime as dt
import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participation.circuit import link_queries, link_rules
from participation.circuit.link_rules import Part
from participation.circuit.models import ProposalLink
from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.following.story import final_proposal
from participation.journal import list_entries
from participation.opinions.models import Opinion
from participation.proposals import step_rules
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_ambition, make_objective, make_opinion, make_proposal
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

SPLIT = "/equipe/propositions/prop-1/separ"


def read(page: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def shown(client: CheckedClient, ref: str) -> str:
    return read(client.get(f"/propositions/{ref}", follow_redirects=True))


@pytest.fixture
def both(town: Town) -> Proposal:
    """One proposal that asks for two things, in three opinions of which one is not public."""
    proposal = make_proposal(
        "prop-1", title="Des bancs et une fontaine", body=town.commission, meeting=town.cafe, theme=town.theme,
        quartiers=[town.quay], objectives=[make_objective("APA-1", make_ambition("APA"))],
    )  # fmt: skip
    for number, text in enumerate(("Des bancs pour s'asseoir.", "Une fontaine pour boire.", "De l'eau fraîche."), 1):
        moderation = "reserve" if number == 3 else "publie"
        make_opinion(f"avis-{number}", text=text, meeting=town.cafe, proposal_id=proposal.id, moderation=moderation)
    db.session.commit()
    return proposal


def opinion(number: int) -> Opinion:
    db.session.expire_all()
    return db.session.scalars(sa.select(Opinion).where(Opinion.ref == f"avis-{number}")).one()


def newest() -> Proposal:
    db.session.expire_all()
    return db.session.scalars(sa.select(Proposal).order_by(Proposal.id.desc())).first()  # type: ignore[return-value]


def split_by_form(client: CheckedClient, **values: Any) -> Any:
    typed = {"title": "Une fontaine", "avis": ["avis-2", "avis-3"]} | values
    return fill(client, f"{SPLIT}er", f"{SPLIT}ation", **typed)


# Split


def test_a_part_goes_on_apart_with_its_voices(
    as_admin: CheckedClient, town: Town, both: Proposal, client: CheckedClient
):
    assert split_by_form(as_admin, text="Près de l'école.").status_code == 303
    new = newest()
    assert (new.title, new.text, new.state, new.received_on, new.body, new.meeting) == (
        "Une fontaine", "Près de l'école.", "recueillie", dt.date(2026, 3, 12), town.commission, town.cafe,
    )  # fmt: skip
    assert (new.theme, new.quartiers, [one.code for one in new.objectives]) == (town.theme, [town.quay], ["APA-1"])
    assert [opinion(number).proposal_id for number in (1, 2, 3)] == [both.id, new.id, new.id]
    assert final_proposal(db.session(), opinion(2)) == new  # what its author reads
    one, other = shown(client, "prop-1"), shown(client, new.ref)
    assert "Une fontaine" in one.partition("Voir aussi Une partie continue à part :")[2]
    assert "Une fontaine pour boire." not in one
    assert "Elle vient de celle-ci :" in other
    assert "Une fontaine pour boire." in other
    assert "De l'eau fraîche." not in other  # kept for the team, split or not
    actions = [entry.action for entry in list_entries(db.session(), "proposal", "prop-1")]
    assert actions.count("proposal.split") == 1
    assert "proposal.split_off" in [entry.action for entry in list_entries(db.session(), "proposal", new.ref)]


def test_it_is_split_with_no_voice_at_all(as_admin: CheckedClient, both: Proposal):
    assert split_by_form(as_admin, avis=None).status_code == 303
    assert [opinion(number).proposal_id for number in (1, 2, 3)] == [both.id] * 3


def test_sent_twice_it_is_split_once(as_admin: CheckedClient, both: Proposal):
    page = as_admin.get(f"{SPLIT}er", follow_redirects=True)
    data = fields_of(page, f"{SPLIT}ation") | {"title": ["Une fontaine"], "avis": ["avis-2"]}
    assert [as_admin.post(f"{SPLIT}ation", data=data).status_code for _time in range(2)] == [303, 303]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Donnez un titre à la proposition"),
        ({"title": "x" * 301}, "300"),
        ({"avis": ["avis-2", "avis-9"]}, "Un des avis choisis n'est pas, ou n'est plus, de cette proposition."),
    ],
)
def test_a_fault_keeps_what_was_typed_and_ticked(
    as_admin: CheckedClient, both: Proposal, typed: dict[str, Any], said: str
):
    answer = split_by_form(as_admin, **({"text": "Près de l'école."} | typed))
    assert answer.status_code == 422
    assert said in read(answer)
    fields = fields_of(answer, f"{SPLIT}ation")
    assert fields["text"] == ["Près de l'école."]
    assert "avis-2" in fields["avis"]
    assert opinion(2).proposal_id == both.id
    assert newest() == both


def test_of_two_who_split_at_once_the_second_is_told(as_admin: CheckedClient, both: Proposal):
    page = as_admin.get(f"{SPLIT}er", follow_redirects=True)
    assert split_by_form(as_admin).status_code == 303
    late = send(as_admin, page, f"{SPLIT}ation", title="Une autre fontaine", avis=["avis-1"])
    assert late.status_code == 409
    assert opinion(1).proposal_id == both.id


@pytest.mark.parametrize("last", ["retenue", "non_retenue", "retiree", "regroupee"])
def test_what_was_answered_or_went_elsewhere_is_not_split(as_admin: CheckedClient, town: Town, last: str):
    proposal = make_proposal("prop-1", [{"kind": "transmise"}, {"kind": last}], body=town.commission)
    db.session.commit()
    with pytest.raises(Refusal, match="on ne la sépare plus"):
        link_rules.split(db.session(), proposal, Part("Une fontaine"), version=proposal.version, by=town.admin)
    page = as_admin.get(f"{SPLIT}er", follow_redirects=True)
    assert "on ne la sépare plus" in read(page)
    assert "Séparer en deux" not in read(as_admin.get("/equipe/propositions/prop-1"))


@pytest.mark.both_databases
def test_an_opinion_of_another_proposal_does_not_go_along(town: Town, both: Proposal):
    stranger = make_opinion(proposal_id=make_proposal().id)
    part = Part("Une fontaine", None, [stranger])
    with pytest.raises(Refusal, match="n'est plus, de cette proposition"):
        link_rules.split(db.session(), both, part, version=both.version, by=town.admin)
    with pytest.raises(Conflict):
        link_rules.split(db.session(), both, Part("Une fontaine"), version=both.version + 1, by=town.admin)
    one = link_rules.split(db.session(), both, Part("Une fontaine"), version=both.version, by=town.admin)
    two = link_rules.split(db.session(), both, Part("Un abri"), version=both.version, by=town.admin)
    assert [(it.proposal, it.how) for it in link_queries.list_linked(db.session(), both)] == [
        (one, "partie"), (two, "partie"),
    ]  # fmt: skip
    assert [(it.proposal, it.how) for it in link_queries.list_linked(db.session(), two)] == [(both, "origine")]


def test_a_part_split_off_by_mistake_is_merged_back_with_its_voices(town: Town, both: Proposal):
    new = link_rules.split(
        db.session(), both, Part("Une fontaine", None, [opinion(2)]), version=both.version, by=town.admin
    )
    merger = step_rules.StepDraft("regroupee", dt.date(2026, 3, 20), to_proposal=both)
    step_rules.add_step(db.session(), new, merger, version=new.version, by=town.admin)
    assert final_proposal(db.session(), opinion(2)) == both


def test_an_animator_splits_her_own_and_no_other(enter: Any, town: Town, both: Proposal):
    make_proposal("prop-2", body=town.council)
    db.session.commit()
    assert split_by_form(enter(town.animator)).status_code == 303
    for account in (town.animator, town.elu, town.representative):
        theirs = enter(account)
        for path in ("separer", "proches"):
            assert theirs.get(f"/equipe/propositions/prop-2/{path}").status_code == 404


# Side by side, and linked


def test_near_ones_stand_side_by_side(as_admin: CheckedClient, town: Town, both: Proposal):
    make_proposal("prop-2", title="Une fontaine et des bancs", text="Au soleil.", body=town.council)
    make_proposal("prop-3", title="Un cours de théâtre", body=town.council)
    db.session.commit()
    page = as_admin.get("/equipe/propositions/prop-1/proches")
    text = read(page)
    assert text.index("Des bancs et une fontaine") < text.index("Une fontaine et des bancs")
    assert "3 avis" in text
    assert "Au soleil." in text
    assert "théâtre" not in text
    assert "/equipe/propositions/prop-1/etape?genre=regroupee&amp;vers=prop-2" in page.text
    found = read(as_admin.get("/equipe/propositions/prop-1/proches?q=théâtre"))
    assert "Un cours de théâtre" in found
    assert "Aucune proposition trouvée" in read(as_admin.get("/equipe/propositions/prop-1/proches?q=zzz"))


def test_a_link_is_read_on_both_pages_and_taken_back(as_admin: CheckedClient, town: Town, both: Proposal):
    make_proposal("prop-2", title="Une fontaine et des bancs", body=town.council)
    db.session.commit()
    path = "/equipe/propositions/prop-1"
    page = as_admin.get(f"{path}/proches")
    for _time in range(2):
        assert send(as_admin, page, f"{path}/liens", proposition="prop-2").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ProposalLink)) == 1
    for ref, other in (("prop-1", "Une fontaine et des bancs"), ("prop-2", "Des bancs et une fontaine")):
        assert other in shown(as_admin, ref).partition("Voir aussi")[2]
        assert "proposal.linked" in [entry.action for entry in list_entries(db.session(), "proposal", ref)]
    linked = as_admin.get(f"{path}/proches")
    assert send(as_admin, linked, f"{path}/liens/retirer", proposition="prop-2").status_code == 303
    assert "Voir aussi" not in shown(as_admin, "prop-1")


@pytest.mark.both_databases
def test_two_are_linked_once_whichever_comes_first(town: Town, both: Proposal):
    other = make_proposal("prop-2")
    assert link_rules.link(db.session(), other, both, by=town.admin)
    assert not link_rules.link(db.session(), both, other, by=town.admin)
    with pytest.raises(Refusal, match="même proposition"):
        link_rules.link(db.session(), both, both, by=town.admin)
    assert link_rules.unlink(db.session(), both, other, by=town.admin)
    assert not link_rules.unlink(db.session(), other, both, by=town.admin)
    new = link_rules.split(db.session(), both, Part("Une fontaine"), version=both.version, by=town.admin)
    assert not link_rules.link(db.session(), both, new, by=town.admin)
    with pytest.raises(Refusal, match="ce lien reste"):
        link_rules.unlink(db.session(), both, new, by=town.admin)
    db.session.commit()
    for values in ({"to_id": both.id}, {"to_id": other.id, "kind": "cousine"}, {"to_id": 99_999}):
        row = {"from_id": both.id, "kind": "liee", "on_date": dt.date(2026, 3, 20)} | values
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(sa.insert(ProposalLink).values(**row))


def test_a_proposal_has_not_more_links_than_anybody_reads(town: Town, both: Proposal):
    for _number in range(link_rules.MOST):
        assert link_rules.link(db.session(), both, make_proposal(), by=town.admin)
    with pytest.raises(Refusal, match="a déjà 20 liens"):
        link_rules.link(db.session(), make_proposal(), both, by=town.admin)


def test_a_proposal_that_does_not_exist_is_not_linked(as_admin: CheckedClient, both: Proposal):
    make_proposal("prop-2", title="Une fontaine et des bancs")
    db.session.commit()
    page = as_admin.get("/equipe/propositions/prop-1/proches")
    assert send(as_admin, page, "/equipe/propositions/prop-1/liens", proposition="prop-9").status_code == 404


@pytest.mark.both_databases
def test_pages_cost_the_same_however_many_are_linked(as_admin: CheckedClient, town: Town, both: Proposal):
    paths = ("/propositions/prop-1", "/equipe/propositions/prop-1", "/equipe/propositions/prop-1/proches")

    def cost() -> int:
        with count_queries(as_admin.application) as asked:
            for path in paths:
                assert as_admin.get(path, follow_redirects=True).status_code == 200
        return asked.number

    link_rules.link(db.session(), both, make_proposal(body=town.council), by=town.admin)
    db.session.commit()
    cost()
    few = cost()
    for _number in range(8):
        link_rules.link(db.session(), both, make_proposal(body=town.council), by=town.admin)
    db.session.commit()
    assert cost() == few
