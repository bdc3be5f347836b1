"""A meeting has an agenda of proposals to decide: their order, the outcome of each with its votes, and what waits."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from participation.bodies.models import Body
from participation.circuit import agenda_queries, agenda_rules
from participation.circuit.agenda_rules import Outcome
from participation.circuit.models import ToDecide
from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.idempotency import new_key
from participation.journal import list_entries
from participation.meetings.models import Meeting
from participation.proposals.models import Proposal, Step
from tests.support.browser import PHONE, NewContext, assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_meeting, make_proposal, sign_in
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

AGENDA = "/equipe/rencontres/seance/a-decider"
"""Of the council's meeting of 18 March 2026; it is the 20th."""


def owed(town: Town, ref: str, title: str, **values: Any) -> Proposal:
    """A proposal of the commission, passed to the council on 13 March 2026."""
    steps = values.pop("steps", [{"kind": "transmise", "to_body": town.council, "body": town.commission}])
    return make_proposal(ref, steps, title=title, body=town.commission, **values)


@pytest.fixture
def three(town: Town) -> list[Proposal]:
    """Three proposals on the agenda of the council's meeting."""
    made = [owed(town, f"prop-{n}", title) for n, title in enumerate(("Des bancs", "Une fontaine", "Des arbres"), 1)]
    for proposal in made:
        agenda_rules.add(db.session(), town.session, proposal, by=town.admin)
    db.session.commit()
    return made


def order(meeting: Meeting) -> list[str]:
    db.session.flush()
    db.session.expire_all()
    return [item.proposal.ref for item in agenda_queries.list_agenda(db.session(), meeting)]


def words(page: Any) -> str:
    return " ".join(html.unescape(page.text).split())


def bare(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", words(page)).split())


def last(proposal: Proposal) -> Step:
    db.session.expire_all()
    return proposal.steps[-1]


# What is on it, in which order


@pytest.mark.both_databases
def test_the_agenda_keeps_its_order(town: Town, three: list[Proposal]):
    assert order(town.session) == ["prop-1", "prop-2", "prop-3"]
    assert agenda_rules.move(db.session(), town.session, three[2], 1)
    assert order(town.session) == ["prop-3", "prop-1", "prop-2"]
    assert not agenda_rules.move(db.session(), town.session, three[2], 1)
    assert agenda_rules.move(db.session(), town.session, three[2], 999)
    assert order(town.session) == ["prop-1", "prop-2", "prop-3"]
    assert agenda_rules.remove(db.session(), town.session, three[0], by=town.admin)
    assert not agenda_rules.remove(db.session(), town.session, three[0], by=town.admin)
    assert not agenda_rules.move(db.session(), town.session, three[0], 1)
    assert agenda_rules.add(db.session(), town.session, three[0], by=town.admin)
    assert not agenda_rules.add(db.session(), town.session, three[0], by=town.admin)
    assert order(town.session) == ["prop-2", "prop-3", "prop-1"]


def test_the_journal_says_what_was_put_on_and_taken_off(town: Town, three: list[Proposal]):
    agenda_rules.remove(db.session(), town.session, three[0], by=town.admin)
    actions = [entry.action for entry in list_entries(db.session(), "proposal", "prop-1")]
    assert actions == ["proposal.put_on_agenda", "proposal.taken_off_agenda"]


@pytest.mark.parametrize(
    ("state", "match"),
    [("recueillie", "Transmettez-la d'abord"), ("retenue", "Transmettez-la"), ("annulee", "est annulée")],
)
def test_what_cannot_be_decided_is_refused(town: Town, state: str, match: str):
    steps = [{"kind": "transmise"}, {"kind": "retenue"}] if state == "retenue" else []
    proposal = make_proposal("prop-1", steps if state != "annulee" else [{"kind": "transmise"}])
    if state == "annulee":
        town.session.status = "annulee"
    with pytest.raises(Refusal, match=match):
        agenda_rules.add(db.session(), town.session, proposal, by=town.admin)
    assert agenda_queries.count_agenda(db.session(), town.session) == 0


def test_a_full_agenda_takes_no_more(town: Town):
    for _number in range(agenda_rules.LONGEST):
        proposal = make_proposal(steps=[{"kind": "transmise"}])
        db.session.add(ToDecide(meeting=town.session, proposal=proposal, position=1))
    one_more = owed(town, "prop-x", "Une de trop")
    with pytest.raises(Refusal, match="plein : 60 propositions"):
        agenda_rules.add(db.session(), town.session, one_more, by=town.admin)


# The team's page


def test_the_page_offers_what_was_passed_or_carried_there(as_admin: CheckedClient, town: Town):
    owed(town, "prop-1", "Des bancs")
    owed(town, "prop-2", "Une fontaine", steps=[{"kind": "transmise", "to_recipient": town.elected}])
    owed(town, "prop-3", "Des arbres", steps=[{"kind": "transmise", "to_body": town.council}, {"kind": "retenue"}])
    db.session.commit()
    page = words(as_admin.get(AGENDA))
    assert "Aucune proposition à l'ordre du jour." in page
    assert "Ces propositions attendent une réponse de cette instance :" in page
    assert ("Des bancs" in page, "Une fontaine" in page, "Des arbres" in page) == (True, False, False)
    for asked, found in (("fontaine", "Une fontaine"), ("prop-2", "Une fontaine"), ("fontaines", "Une fontaine")):
        assert found in words(as_admin.get(f"{AGENDA}?q={asked}"))
    assert "Aucune proposition trouvée" in words(as_admin.get(f"{AGENDA}?q=arbres"))  # answered: it waits no more


def test_added_moved_and_removed_by_the_page(as_admin: CheckedClient, town: Town):
    for number, title in enumerate(("Des bancs", "Une fontaine"), 1):
        owed(town, f"prop-{number}", title)
    db.session.commit()
    for ref in ("prop-1", "prop-2"):
        page = as_admin.get(AGENDA)
        assert send(as_admin, page, AGENDA, proposition=ref).status_code == 303
    assert order(town.session) == ["prop-1", "prop-2"]
    page = as_admin.get(AGENDA)
    assert "Des bancs" in page.text
    assert send(as_admin, page, f"{AGENDA}/place", proposition="prop-2", place="1").status_code == 303
    assert order(town.session) == ["prop-2", "prop-1"]
    assert send(as_admin, page, f"{AGENDA}/retirer", proposition="prop-2").status_code in {303, 409}
    page = as_admin.get(AGENDA)
    send(as_admin, page, f"{AGENDA}/retirer", proposition="prop-2")
    assert order(town.session) == ["prop-1"]


@pytest.mark.parametrize("place", ["", "-1", "²", "1000000", "un"])
def test_a_place_that_is_no_number_is_a_bad_request(
    as_admin: CheckedClient, town: Town, three: list[Proposal], place: str
):
    page = as_admin.get(AGENDA)
    answer = send(as_admin, page, f"{AGENDA}/place", proposition="prop-2", place=place)
    assert answer.status_code == 400
    assert order(town.session) == ["prop-1", "prop-2", "prop-3"]


def test_a_proposal_that_does_not_exist_is_not_found(as_admin: CheckedClient, town: Town, three: list[Proposal]):
    page = as_admin.get(AGENDA)
    data = fields_of(page, f"{AGENDA}/place") | {"proposition": ["nulle-part"]}
    assert as_admin.post(AGENDA, data=data).status_code == 404
    assert as_admin.get(f"{AGENDA}/nulle-part").status_code == 404


def test_the_same_button_sent_twice_counts_once(as_admin: CheckedClient, town: Town):
    owed(town, "prop-1", "Des bancs")
    db.session.commit()
    data = fields_of(as_admin.get(AGENDA), AGENDA) | {"proposition": ["prop-1"]}
    assert [as_admin.post(AGENDA, data=data).status_code for _time in range(2)] == [303, 303]
    assert order(town.session) == ["prop-1"]
    assert len(list_entries(db.session(), "proposal", "prop-1")) == 1


# Rights


def test_only_those_who_may_note_decisions_there_open_it(town: Town, three: list[Proposal], enter: Any):
    theirs = {town.animator: 404, town.representative: 404, town.elu: 404, town.admin: 200}
    for account, status in theirs.items():
        client = enter(account)
        assert client.get(AGENDA).status_code == status, account.function
        assert client.get(f"{AGENDA}/prop-1", follow_redirects=True).status_code == status
        data = fields_of(client.get("/equipe/compte")) | {"proposition": ["prop-1"], "cle": [new_key()]}
        for path in (AGENDA, f"{AGENDA}/retirer", f"{AGENDA}/prop-1"):
            if status != 200:
                assert client.post(path, data=data).status_code == 404
    assert order(town.session) == ["prop-1", "prop-2", "prop-3"]


def test_the_animator_notes_what_the_meeting_of_her_instance_decides(enter: Any, town: Town):
    proposal = owed(town, "prop-1", "Des bancs", steps=[{"kind": "transmise", "to_recipient": town.elected}])
    agenda_rules.add(db.session(), town.cafe, proposal, by=town.animator)
    town.cafe.held_on = dt.date(2026, 3, 15)
    db.session.commit()
    answer = fill(
        enter(town.animator), "/equipe/rencontres/cafe/a-decider/prop-1", kind="ajournee", reason="Il manque un devis."
    )
    assert answer.status_code == 303
    assert (last(proposal).kind, last(proposal).meeting.ref) == ("ajournee", "cafe")


# The outcome


def test_a_decision_is_dated_and_tied_to_the_meeting_with_its_votes(
    as_admin: CheckedClient, town: Town, three: list[Proposal]
):
    answer = fill(
        as_admin, f"{AGENDA}/prop-1", kind="retenue_en_partie", reason="Le budget suffit pour quatre bancs.",
        short_answer="Oui, quatre bancs.", votes_for="12", votes_against="3", abstentions="0", due_on="2026-09-30",
        owner="Le service des espaces verts", funding="ftu", amount="4 000", deliberation="2026-41",
    )  # fmt: skip
    assert answer.status_code == 303
    step = last(three[0])
    assert (step.kind, step.on_date, step.meeting, step.body) == (
        "retenue_en_partie", dt.date(2026, 3, 18), town.session, town.council,
    )  # fmt: skip
    assert (step.votes_for, step.votes_against, step.abstentions) == (12, 3, 0)
    assert (step.due_on, step.funding, step.amount_cents) == (dt.date(2026, 9, 30), "ftu", 400_000)
    page = words(as_admin.get(AGENDA))
    assert "Décidé ici :" in page
    assert "Oui, quatre bancs." in page


def test_no_vote_is_not_zero_votes(as_admin: CheckedClient, town: Town, three: list[Proposal], client: CheckedClient):
    fill(as_admin, f"{AGENDA}/prop-1", kind="non_retenue", reason="La rue est trop étroite.")
    step = last(three[0])
    assert (step.votes_for, step.votes_against, step.abstentions) == (None, None, None)
    assert "Vote" not in bare(client.get("/rencontres/seance")).replace("Votes", "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "retenue", "reason": ""}, "Dites pourquoi, en mots simples"),
        ({"kind": "retenue", "reason": "   "}, "Dites pourquoi, en mots simples"),
        ({"reason": "Oui."}, "Choisissez ce que la rencontre a décidé."),
        ({"kind": "realisee", "reason": "Oui."}, 'href="#kind'),
        ({"kind": "retenue", "reason": "Oui.", "votes_for": "douze"}, "votes_for"),
        ({"kind": "retenue", "reason": "Oui.", "votes_against": "-1"}, "votes_against"),
        ({"kind": "retenue", "reason": "Oui.", "due_on": "2026-01-01"}, "Cette échéance est avant l'étape."),
    ],
)
def test_a_fault_is_said_and_what_was_typed_is_kept(
    as_admin: CheckedClient, town: Town, three: list[Proposal], typed: dict[str, str], said: str
):
    answer = fill(as_admin, f"{AGENDA}/prop-1", short_answer="Oui, quatre bancs.", **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    assert fields_of(answer, f"{AGENDA}/prop-1")["short_answer"] == ["Oui, quatre bancs."]
    assert last(three[0]).kind == "transmise"


def test_a_decision_sent_twice_is_one_step(as_admin: CheckedClient, town: Town, three: list[Proposal]):
    page = as_admin.get(f"{AGENDA}/prop-1", follow_redirects=True)
    data = fields_of(page, f"{AGENDA}/prop-1") | {"kind": ["retenue"], "reason": ["Oui."]}
    assert [as_admin.post(f"{AGENDA}/prop-1", data=data).status_code for _time in range(2)] == [303, 303]
    assert [step.kind for step in three[0].steps] == ["recueillie", "transmise", "retenue"]


def test_of_two_who_decide_at_once_the_second_is_told(as_admin: CheckedClient, town: Town, three: list[Proposal]):
    opened = as_admin.get(f"{AGENDA}/prop-1", follow_redirects=True)
    assert fill(as_admin, f"{AGENDA}/prop-1", kind="ajournee", reason="Il manque un devis.").status_code == 303
    data = fields_of(opened, f"{AGENDA}/prop-1") | {"kind": ["non_retenue"], "reason": ["La rue est étroite."]}
    late = as_admin.post(f"{AGENDA}/prop-1", data=data)
    assert late.status_code == 409
    assert "La rue est étroite." in late.text
    assert last(three[0]).kind == "ajournee"


@pytest.mark.both_databases
def test_what_a_meeting_decides_by_the_rules(town: Town, three: list[Proposal]):
    one, two, three_ = three
    yes = Outcome("retenue", "Oui.")
    step = agenda_rules.decide(db.session(), town.session, one, yes, version=one.version, by=town.admin)
    assert (one.state, step.on_date, agenda_rules.decided_at(one, town.session)) == (
        "retenue", dt.date(2026, 3, 18), step,
    )  # fmt: skip
    with pytest.raises(Refusal, match="reste à l'ordre du jour"):
        agenda_rules.remove(db.session(), town.session, one, by=town.admin)
    with pytest.raises(Conflict):
        agenda_rules.decide(db.session(), town.session, two, yes, version=two.version + 1, by=town.admin)
    assert agenda_rules.remove(db.session(), town.session, three_, by=town.admin)
    with pytest.raises(Refusal, match="n'est pas à l'ordre du jour"):
        agenda_rules.decide(db.session(), town.session, three_, yes, version=three_.version, by=town.admin)
    assert [two.state, three_.state] == ["transmise", "transmise"]


def test_a_meeting_to_come_decides_nothing_yet(as_admin: CheckedClient, town: Town, coming: Meeting):
    proposal = owed(town, "prop-1", "Des bancs")
    agenda_rules.add(db.session(), coming, proposal, by=town.admin)
    db.session.commit()
    assert "La décision se note le jour de la rencontre" in words(
        as_admin.get("/equipe/rencontres/conseil-avril/a-decider")
    )
    answer = fill(as_admin, "/equipe/rencontres/conseil-avril/a-decider/prop-1", kind="retenue", reason="Oui.")
    assert answer.status_code == 422
    assert "Cette date n'est pas encore arrivée." in words(answer)


def test_a_step_after_the_meeting_leaves_no_room_for_its_decision(town: Town, three: list[Proposal]):
    proposal = owed(town, "prop-9", "Un kiosque", steps=[{"kind": "transmise", "on_date": dt.date(2026, 3, 19)}])
    agenda_rules.add(db.session(), town.session, proposal, by=town.admin)
    with pytest.raises(Refusal, match="date du 19 mars 2026, après la rencontre"):
        agenda_rules.decide(
            db.session(), town.session, proposal, Outcome("retenue", "Oui."), version=proposal.version, by=town.admin
        )


def test_a_joint_meeting_decides_for_the_one_that_has_the_proposal(town: Town):
    together = make_meeting("ensemble", [town.commission, town.council], held_on=dt.date(2026, 3, 19), status="tenue")
    passed, to_elus = owed(town, "prop-1", "A"), owed(town, "prop-2", "B", steps=[{"kind": "transmise"}])
    expected: list[tuple[Proposal, Body | None]] = [(passed, town.council), (to_elus, None)]
    for proposal, body in expected:
        agenda_rules.add(db.session(), together, proposal, by=town.admin)
        outcome = Outcome("retenue", "Oui.")
        step = agenda_rules.decide(db.session(), together, proposal, outcome, version=proposal.version, by=town.admin)
        assert step.body == body


def test_a_voided_decision_is_to_be_decided_again(as_admin: CheckedClient, town: Town, three: list[Proposal]):
    fill(as_admin, f"{AGENDA}/prop-1", kind="retenue", reason="Oui.")
    address = "/equipe/propositions/prop-1/etapes/3/annul"
    assert fill(as_admin, f"{address}er", f"{address}ation", reason="Mal noté.").status_code == 303
    assert "Décidé ici" not in words(as_admin.get(AGENDA))
    assert fill(as_admin, f"{AGENDA}/prop-1", kind="non_retenue", reason="Non.").status_code == 303
    assert last(three[0]).kind == "non_retenue"


# For everybody


def test_everybody_reads_what_is_to_be_decided_and_then_what_was(
    as_admin: CheckedClient, town: Town, coming: Meeting, client: CheckedClient, three: list[Proposal]
):
    agenda_rules.add(db.session(), coming, three[1], by=town.admin)
    db.session.commit()
    before = bare(client.get("/rencontres/conseil-avril"))
    assert "Propositions à décider ici" in before
    assert "Une fontaine" in before
    fill(
        as_admin, f"{AGENDA}/prop-1", kind="retenue", reason="Oui.", short_answer="Oui, quatre bancs.",
        votes_for="12", votes_against="3", abstentions="1",
    )  # fmt: skip
    after = bare(client.get("/rencontres/seance"))
    said, _, waiting = after.partition("Propositions sans décision ce jour-là")
    assert "Oui, quatre bancs." in said
    assert "12 pour" in said
    assert "3 contre" in said
    assert "Une fontaine" in waiting
    assert "Des arbres" in waiting
    assert waiting.index("Une fontaine") < waiting.index("Des arbres")
    assert "Des bancs" not in waiting


def test_what_was_answered_elsewhere_is_no_more_to_be_decided(
    as_admin: CheckedClient, town: Town, coming: Meeting, client: CheckedClient
):
    proposal = owed(town, "prop-1", "Des bancs")
    agenda_rules.add(db.session(), coming, proposal, by=town.admin)
    db.session.commit()
    path = "/equipe/propositions/prop-1"
    assert fill(as_admin, f"{path}/etape?genre=retenue", f"{path}/etapes", reason="Oui.").status_code == 303
    assert "à décider ici" not in bare(client.get("/rencontres/conseil-avril"))
    page = words(as_admin.get("/equipe/rencontres/conseil-avril/a-decider"))
    assert "Elle n'attend plus de décision." in page
    town_meeting = db.session.get_one(Meeting, coming.id)
    town_meeting.held_on = dt.date(2026, 3, 19)
    db.session.commit()
    assert "Noter la décision" not in words(as_admin.get("/equipe/rencontres/conseil-avril/a-decider"))


def test_a_cancelled_meeting_shows_no_agenda(client: CheckedClient, town: Town, three: list[Proposal]):
    town.session.status, town.session.cancel_reason = "annulee", "Salle fermée."
    db.session.commit()
    assert "Une fontaine" not in client.get("/rencontres/seance").text


@pytest.mark.both_databases
def test_pages_cost_the_same_however_long_the_agenda(as_admin: CheckedClient, town: Town, three: list[Proposal]):
    def cost() -> int:
        with count_queries(as_admin.application) as asked:
            for path in (AGENDA, "/rencontres/seance", "/equipe/rencontres/seance", f"{AGENDA}?q=banc"):
                assert as_admin.get(path).status_code == 200
        return asked.number

    fill(as_admin, f"{AGENDA}/prop-1", kind="retenue", reason="Oui.")
    owed(town, "offerte", "Un banc de plus")
    db.session.commit()
    cost()
    few = cost()
    for number in range(8):
        body = make_body()
        proposal = make_proposal(steps=[{"kind": "transmise"}], body=body)
        agenda_rules.add(db.session(), town.session, proposal, by=town.admin)
        owed(town, f"offerte-{number}", "Des bancs encore")
    db.session.commit()
    assert cost() == few


# In a browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_walked_on_a_phone(
    live_server: str, new_context: NewContext, client: CheckedClient, town: Town, three: list[Proposal], scripts: bool
):
    page = signed_in(new_context(java_script_enabled=scripts), client, town, live_server)
    page.goto(f"{live_server}/equipe/rencontres/seance")
    page.get_by_role("link", name="Préparer et noter les décisions").click()
    assert_no_sideways_scroll(page)
    page.get_by_role("button", name="Monter : Une fontaine").click()
    expect(page.locator("main ol > li").first).to_contain_text("Une fontaine")
    page.locator("main ol > li").first.get_by_role("link", name="Noter la décision").click()
    assert_no_sideways_scroll(page)
    page.locator("input[value=retenue_en_partie]").check()
    page.get_by_label("Pourquoi ?").fill("Une seule, place du marché.")
    page.get_by_label("Votes pour").fill("9")
    page.get_by_role("button", name="Noter la décision").click()
    expect(page.locator("main ol > li").first).to_contain_text("Décidé ici")


def signed_in(context: BrowserContext, client: CheckedClient, town: Town, address: str) -> Page:
    """Return a page of a phone in which the contract's team is signed in."""
    sign_in(client, town.admin)
    cookie = client.get_cookie("equipe")
    assert cookie
    context.add_cookies([{"name": "equipe", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the library's own type
    return page
