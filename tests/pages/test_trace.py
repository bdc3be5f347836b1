"""The road of a proposal on its page: in order, each point leads to its place, and nothing that is not public."""

import datetime as dt
import html
import re
from typing import Any

import pytest

from participation.extensions import db
from participation.pages.trace import MEETINGS, merged_into
from participation.proposals import step_rules
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.deeds import make_action
from tests.support.factory import make_meeting, make_opinion, make_proposal
from tests.support.town import Town, enter, today, town

__all__ = ["enter", "today", "town"]
Points = list[tuple[str, list[str]]]


def points(client: CheckedClient, ref: str = "prop-1") -> Points:
    """The points of the road as they are read: the words of each, and where it leads."""
    page = client.get(f"/propositions/{ref}", follow_redirects=True)
    assert page.status_code == 200
    (road,) = re.findall(r"<h2>Son chemin</h2>\s*<ol[^>]*>(.*?)</ol>", page.text, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", road, re.DOTALL)
    words = (html.unescape(re.sub(r"<[^>]+>", " ", item)) for item in items)
    leads = (re.findall(r'href="([^"]*)"', item) for item in items)
    return list(zip((" ".join(text.split()) for text in words), leads, strict=True))


def said(client: CheckedClient, ref: str = "prop-1") -> list[str]:
    return [text for text, _leads in points(client, ref)]


def whole(town: Town) -> Proposal:
    """A proposal that was heard at the café, passed on, accepted, done in part and told back."""
    told = {"told_on": dt.date(2026, 3, 18), "told_meeting": town.session}
    steps = [{"kind": "transmise", "to_body": town.council}, {"kind": "retenue", **told}]
    proposal = make_proposal("prop-1", steps, title="Des bancs", body=town.commission, meeting=town.cafe)
    make_opinion(meeting=town.cafe, proposal_id=proposal.id)
    make_opinion(meeting=town.cafe, proposal_id=proposal.id)
    make_action(proposal=proposal, done_on=dt.date(2026, 3, 19))
    make_action(proposal=proposal)
    db.session.commit()
    return proposal


def test_the_points_stand_in_their_order_and_each_leads_to_its_place(client: CheckedClient, town: Town):
    whole(town)
    found = points(client)
    assert [text for text, _leads in found] == [
        "12 mars 2026 : Café du Quai",
        "2 avis d'habitants",
        "Proposition recueillie le 12 mars 2026",
        "Transmise le 13 mars 2026 : Conseil du Sud",
        "Oui, prévu Réponse du 14 mars 2026.",
        "2 actions, 1 est faite",
        "Réponse dite aux habitants le 18 mars 2026 : Séance du conseil",
    ]
    leads = [where for _text, where in found]
    assert leads == [
        ["/rencontres/cafe"], ["#avis"], ["#etape-1"], ["#etape-2"], ["#etape-3"], ["#actions"], ["/rencontres/seance"],
    ]  # fmt: skip
    text = client.get("/propositions/prop-1", follow_redirects=True).text
    for place in ("avis", "etape-1", "etape-2", "etape-3", "actions"):
        assert f'id="{place}"' in text


def test_what_has_not_come_is_said(client: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", [{"kind": "transmise", "to_recipient": town.elected}], body=town.commission)
    db.session.commit()
    assert said(client)[-2] == "Transmise le 13 mars 2026 : Élus du Nord"
    assert "Transmis" in said(client)[-1] or "attend" in said(client)[-1]
    no = step_rules.StepDraft("non_retenue", dt.date(2026, 3, 20), reason="La rue est étroite.")
    step_rules.add_step(db.session(), proposal, no, version=proposal.version, by=town.admin)
    db.session.commit()
    assert said(client)[-1] == "La réponse n'a pas encore été dite aux habitants."


def test_a_bare_proposal_has_one_point(client: CheckedClient, town: Town):
    make_proposal("prop-1", body=town.commission)
    db.session.commit()
    assert said(client) == ["Proposition recueillie le 12 mars 2026"]


def test_a_postponed_answer_waits_again_and_is_not_told(client: CheckedClient, town: Town):
    steps = [{"kind": "transmise"}, {"kind": "retenue"}, {"kind": "abandonnee"}]
    make_proposal("prop-1", steps, body=town.commission)
    make_proposal("prop-2", [{"kind": "transmise"}, {"kind": "ajournee"}], body=town.commission)
    db.session.commit()
    assert not any("dite aux habitants" in text for text in said(client, "prop-2"))
    assert any("dite aux habitants" in text for text in said(client))


@pytest.mark.parametrize("moderation", ["en_attente", "reserve", "rejete"])
def test_what_is_not_public_is_never_shown(client: CheckedClient, town: Town, moderation: str):
    proposal = make_proposal("prop-1", body=town.commission)
    make_opinion(meeting=town.session, proposal_id=proposal.id, moderation=moderation, text="Un secret de famille.")
    db.session.commit()
    found = said(client)
    assert not any("Séance du conseil" in text for text in found)  # who spoke there would be told from it
    assert ("1 avis d'habitant" in found) == (moderation != "rejete")  # counted, as on the rest of the page
    assert "secret de famille" not in client.get("/propositions/prop-1", follow_redirects=True).text


def test_an_action_given_up_is_no_promise(client: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", [{"kind": "transmise"}, {"kind": "retenue"}], body=town.commission)
    make_action(proposal=proposal, dropped_on=dt.date(2026, 3, 19), dropped_reason="Le terrain est vendu.")
    db.session.commit()
    assert not any("action" in text for text in said(client))
    make_action(proposal=proposal)
    db.session.commit()
    assert "1 action, rien n'est encore fait" in said(client)


def test_a_voided_step_leaves_no_point(client: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", [{"kind": "transmise", "to_recipient": town.elected}], body=town.commission)
    step_rules.void_step(db.session(), proposal, proposal.steps[1], "Erreur.", version=proposal.version, by=town.admin)
    db.session.commit()
    assert said(client) == ["Proposition recueillie le 12 mars 2026"]


@pytest.mark.both_databases
def test_the_voices_of_what_was_merged_in_count(client: CheckedClient, town: Town):
    kept = make_proposal("prop-1", body=town.commission)
    near = make_proposal("prop-2", [{"kind": "regroupee", "to_proposal": kept}], body=town.council)
    far = make_proposal("prop-3", [{"kind": "regroupee", "to_proposal": near}], body=town.council)
    for proposal, meeting in ((kept, town.cafe), (near, town.session), (far, town.session)):
        make_opinion(meeting=meeting, proposal_id=proposal.id)
    db.session.commit()
    assert merged_into(db.session(), kept.id) == [near.id, far.id]
    assert said(client)[:3] == ["12 mars 2026 : Café du Quai", "18 mars 2026 : Séance du conseil", "3 avis d'habitants"]


def test_many_meetings_are_counted(client: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", body=town.commission)
    for day in range(1, MEETINGS + 3):
        meeting = make_meeting(bodies=[town.commission], title=f"Café {day}", held_on=dt.date(2026, 2, day))
        make_opinion(meeting=meeting, proposal_id=proposal.id)
    db.session.commit()
    assert said(client)[:5] == [
        "1 février 2026 : Café 1".replace("1 f", "1er f"), "2 février 2026 : Café 2", "3 février 2026 : Café 3",
        "et 2 autres rencontres", "5 avis d'habitants",
    ]  # fmt: skip


def test_the_road_reads_the_same_for_everybody(client: CheckedClient, town: Town, enter: Any):
    whole(town)
    for account in (town.admin, town.animator, town.elu, town.representative):
        assert points(enter(account)) == points(client)


@pytest.mark.both_databases
def test_the_page_costs_the_same_however_long_the_road(client: CheckedClient, town: Town):
    def cost() -> int:
        with count_queries(client.application) as asked:
            assert points(client)
        return asked.number

    proposal = whole(town)
    cost()
    few = cost()
    for _number in range(6):
        meeting = make_meeting(bodies=[town.commission])
        make_opinion(meeting=meeting, proposal_id=proposal.id)
        make_action(proposal=proposal)
    db.session.commit()
    assert cost() == few
