"""A proposal is carried to another instance by representatives, to a meeting; they tell back what was said there."""

import datetime as dt
import html
from typing import Any

import pytest

from participation.bodies.models import Mandate
from participation.circuit.models import Transmission
from participation.errors import Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.meetings.models import Meeting
from participation.proposals import step_rules
from participation.proposals.carriers import list_seats
from participation.proposals.models import Proposal, Step
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_meeting, make_proposal
from tests.support.filling import fields_of, fill
from tests.support.town import Town

TODAY = dt.date(2026, 3, 20)


def sent(town: Town, ref: str = "prop-1", **values: Any) -> Proposal:
    """A proposal of the commission passed to the council on 13 March 2026."""
    step = {"kind": "transmise", "to_body": town.council, "body": town.commission} | values
    proposal = make_proposal(ref, [step], title="Des bancs au Quai", body=town.commission)
    db.session.commit()
    return proposal


def kept(proposal: Proposal, position: int = 2) -> Transmission | None:
    db.session.expire_all()
    return db.session.get(Transmission, proposal.steps[position - 1].id)


def words(page: Any) -> str:
    return " ".join(html.unescape(page.text).split())


# Who may carry it


def test_representatives_in_force_are_counted_by_the_body_where_they_sit(seats: Town):
    (one,) = list_seats(db.session(), [seats.commission, seats.council], TODAY)
    assert (one.of, one.where, one.number, one.carrier) == (
        seats.commission, seats.council, 2, "ses deux représentants",
    )  # fmt: skip
    (then,) = list_seats(db.session(), [seats.commission], dt.date(2026, 1, 31))
    assert (then.number, then.carrier) == (3, "ses trois représentants")
    assert list_seats(db.session(), [seats.commission], dt.date(2024, 12, 31)) == []
    assert list_seats(db.session(), [seats.council], TODAY) == []


def test_one_representative_is_no_plural(seats: Town):
    db.session.query(Mandate).filter_by(ref="mandat-2").one().ended_on = dt.date(2026, 3, 1)
    (one,) = list_seats(db.session(), [seats.commission], TODAY)
    assert one.carrier == "la personne qui la représente"


def test_a_closed_instance_is_not_offered(seats: Town):
    seats.council.closed_on = dt.date(2026, 3, 1)
    assert list_seats(db.session(), [seats.commission], TODAY) == []


def test_the_form_offers_the_two_representatives_and_the_next_meetings(
    as_admin: CheckedClient, seats: Town, coming: Meeting
):
    proposal = make_proposal("prop-1", body=seats.commission)
    make_meeting("ailleurs", [seats.commission], title="Autre rencontre", held_on=dt.date(2026, 4, 3))
    db.session.commit()
    address = f"/equipe/propositions/{proposal.ref}/etape?genre=transmise"
    page = as_admin.get(address, follow_redirects=True)
    assert "Conseil du Sud" in page.text
    assert "vers=i:conseil-du-sud" in page.text
    led = as_admin.get(f"{address}&vers=i:conseil-du-sud", follow_redirects=True)
    fields = fields_of(led, f"/equipe/propositions/{proposal.ref}/etapes")
    assert (fields["to"], fields["carrier"]) == (["i:conseil-du-sud"], ["ses deux représentants"])
    assert "Conseil d&#39;avril" in led.text
    assert "Autre rencontre" not in led.text


# Carried


def test_a_transmission_says_who_carries_it_where_and_until_when(
    as_admin: CheckedClient, seats: Town, coming: Meeting, client: CheckedClient
):
    proposal = make_proposal("prop-1", body=seats.commission)
    path = f"/equipe/propositions/{proposal.ref}"
    db.session.commit()
    answer = fill(
        as_admin, f"{path}/etape?genre=transmise&vers=i:conseil-du-sud", f"{path}/etapes",
        carried_to="conseil-avril", due_on="2026-06-30", body="commission-du-quai",
    )  # fmt: skip
    assert answer.status_code == 303
    row = kept(proposal)
    assert row
    assert (row.carrier, row.meeting) == ("ses deux représentants", coming)
    for page in (words(client.get("/propositions/prop-1", follow_redirects=True)), words(as_admin.get(path))):
        assert "Qui la porte : <bdi>ses deux représentants</bdi>." in page
        assert 'Elle est portée à la rencontre <a href="/rencontres/conseil-avril">' in page
        assert "(2 avril 2026)." in page
        assert "Réponse attendue avant le 30 juin 2026." in page


def test_a_transmission_without_more_keeps_no_row(as_admin: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", body=town.commission)
    path = f"/equipe/propositions/{proposal.ref}"
    db.session.commit()
    assert fill(as_admin, f"{path}/etape?genre=transmise", f"{path}/etapes", to="d:elus-du-nord").status_code == 303
    assert kept(proposal) is None


@pytest.mark.parametrize(
    ("which", "match"),
    [("cancelled", "annulée"), ("before", "avant la transmission"), ("elsewhere", "n'organise pas")],
)
def test_it_is_carried_to_a_meeting_of_who_receives_it(town: Town, which: str, match: str):
    bodies = [town.commission] if which == "elsewhere" else [town.council]
    day = dt.date(2026, 3, 1) if which == "before" else dt.date(2026, 4, 2)
    meeting = make_meeting("x", bodies, held_on=day, status="annulee" if which == "cancelled" else "prevue")
    proposal = make_proposal(body=town.commission)
    draft = step_rules.StepDraft("transmise", TODAY, to_body=town.council, carried_to=meeting)
    with pytest.raises(Refusal, match=match) as refused:
        step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
    assert refused.value.field == "carried_to"


def test_to_the_elus_it_is_carried_to_any_meeting(town: Town, coming: Meeting):
    proposal = make_proposal(body=town.commission)
    draft = step_rules.StepDraft("transmise", TODAY, to_recipient=town.elected, carried_to=coming)
    step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
    row = kept(proposal)
    assert row
    assert row.meeting == coming


def test_what_the_form_refuses_keeps_what_was_typed(as_admin: CheckedClient, seats: Town, coming: Meeting):
    proposal = make_proposal("prop-1", body=seats.commission)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    answer = fill(
        as_admin, f"{path}/etape?genre=transmise", f"{path}/etapes",
        to="d:elus-du-nord", carrier="x" * 301, carried_to="conseil-avril",
    )  # fmt: skip
    assert answer.status_code == 422
    fields = fields_of(answer, f"{path}/etapes")
    assert (fields["carried_to"], fields["to"], len(fields["carrier"][0])) == (
        ["conseil-avril"],
        ["d:elus-du-nord"],
        301,
    )


def test_carriers_are_corrected_later_also_of_what_was_imported(
    as_animator: CheckedClient, seats: Town, coming: Meeting
):
    proposal = sent(seats)
    address = f"/equipe/propositions/{proposal.ref}/etapes/2/porteurs"
    page = as_animator.get(address, follow_redirects=True)
    assert fields_of(page, address)["carrier"] == ["ses deux représentants"]
    assert fill(as_animator, address, carried_to="conseil-avril").status_code == 303
    row = kept(proposal)
    assert row
    assert (row.carrier, row.meeting) == ("ses deux représentants", coming)
    assert fill(as_animator, address, carrier="l'animatrice", carried_to="").status_code == 303
    row = kept(proposal)
    assert row
    assert (row.carrier, row.meeting) == ("l'animatrice", None)
    assert [entry.action for entry in list_entries(db.session(), "proposal", "prop-1")] == ["proposal.carried"] * 2


def test_of_two_who_correct_at_once_the_second_is_told(as_admin: CheckedClient, seats: Town):
    proposal = sent(seats)
    address = f"/equipe/propositions/{proposal.ref}/etapes/2/porteurs"
    opened = as_admin.get(address, follow_redirects=True)
    assert fill(as_admin, address, carrier="l'animatrice").status_code == 303
    data = fields_of(opened, address) | {"carrier": ["la présidente"]}
    late = as_admin.post(address, data=data)
    assert late.status_code == 409
    assert "la présidente" in late.text


@pytest.mark.parametrize("number", [1, 3, 9])
@pytest.mark.parametrize("page", ["porteurs", "retour"])
def test_only_a_transmission_that_holds_is_carried(as_admin: CheckedClient, town: Town, number: int, page: str):
    proposal = sent(town, voided_on=TODAY, voided_reason="Erreur.") if number == 3 else sent(town)
    step = 2 if number == 3 else number
    address = f"/equipe/propositions/{proposal.ref}/etapes/{step}/{page}"
    assert as_admin.get(address, follow_redirects=True).status_code == 404


# Told back


@pytest.fixture
def after(seats: Town) -> Proposal:
    """The council met on 16 March; the commission, which had sent the proposal, on the 19th."""
    proposal = sent(seats)
    meeting = make_meeting("conseil-mars", [seats.council], title="Conseil de mars", held_on=dt.date(2026, 3, 16))
    db.session.add(Transmission(step_id=proposal.steps[1].id, carrier="ses deux représentants", meeting=meeting))
    make_meeting("cafe-mars", [seats.commission], title="Café de mars", held_on=dt.date(2026, 3, 19), status="tenue")
    db.session.commit()
    return proposal


def test_what_was_said_there_is_told_back(after: Proposal, seats: Town, enter: Any, client: CheckedClient):
    theirs = enter(seats.representative)
    address = f"/equipe/propositions/{after.ref}/etapes/2/retour"
    page = theirs.get(address, follow_redirects=True)
    offered = page.text[page.text.index('name="reported_meeting"') :].partition("</select>")[0]
    assert "Café de mars" in offered
    assert "Conseil de mars" not in offered
    told = {"report": "Le conseil trouve l'idée bonne.", "reported_meeting": "cafe-mars"}
    assert fill(theirs, address, **told).status_code == 303
    row = kept(after)
    assert row
    assert row.reported_meeting
    assert (row.reported_on, row.reported_meeting.ref) == (dt.date(2026, 3, 19), "cafe-mars")
    public = words(client.get(f"/propositions/{after.ref}", follow_redirects=True))
    assert "Le 19 mars 2026, on a raconté ce qui s'est dit là-bas." in public
    assert "Le conseil trouve l'idée bonne." in public
    assert "Propositions portées à cette rencontre" in client.get("/rencontres/conseil-mars").text
    assert "Retours d'autres instances" in words(client.get("/rencontres/cafe-mars"))


def test_a_report_is_taken_back(after: Proposal, as_admin: CheckedClient):
    address = f"/equipe/propositions/{after.ref}/etapes/2/retour"
    assert fill(as_admin, address, report="Oui.", reported_on="2026-03-17").status_code == 303
    assert fill(as_admin, address, faire="retirer").status_code == 303
    row = kept(after)
    assert row
    assert (row.reported_on, row.report, row.carrier) == (None, None, "ses deux représentants")
    actions = [entry.action for entry in list_entries(db.session(), "proposal", after.ref)]
    assert actions == ["proposal.reported_back", "proposal.report_removed"]


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"report": "", "reported_on": "2026-03-17"}, "Dites en quelques mots"),
        ({"report": "Oui."}, "Indiquez quand"),
        ({"report": "Oui.", "reported_on": "2026-03-01"}, "le retour vient après"),
        ({"report": "Oui.", "reported_on": "2026-04-30"}, "pas encore arrivée"),
        ({"report": "Oui.", "reported_on": "2026-03-17", "reported_meeting": "cafe-mars"}, "a lieu le"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    after: Proposal, as_admin: CheckedClient, values: dict[str, str], match: str
):
    answer = fill(as_admin, f"/equipe/propositions/{after.ref}/etapes/2/retour", **values)
    assert answer.status_code == 422
    assert match in answer.text
    row = kept(after)
    assert row
    assert row.reported_on is None


def test_what_is_to_be_told_back_stands_on_the_team_page_of_the_instance(
    after: Proposal, as_admin: CheckedClient, coming: Meeting
):
    page = "/equipe/instances/commission-du-quai"
    assert "Retours à raconter" in as_admin.get(page).text
    fill(as_admin, f"/equipe/propositions/{after.ref}/etapes/2/retour", report="Oui.", reported_on="2026-03-17")
    assert "Retours à raconter" not in as_admin.get(page).text
    row = kept(after)
    assert row
    row.reported_on, row.meeting = None, coming
    db.session.commit()
    assert "Retours à raconter" not in as_admin.get(page).text  # the meeting is still to come


# Both ways


def test_both_instances_show_what_was_passed(client: CheckedClient, town: Town):
    sent(town)
    sent(town, "prop-2", body=None)
    here = words(client.get("/instances/commission-du-quai"))
    there = words(client.get("/instances/conseil-du-sud"))
    assert "Propositions passées à d'autres" in here
    assert here.count('à : <a href="/instances/conseil-du-sud">') == 2
    assert "Propositions reçues d'autres instances" in there
    assert 'venue de : <a href="/instances/commission-du-quai">' in there
    assert "Avec les autres instances" not in client.get("/instances/" + lonely(town)).text


def lonely(town: Town) -> str:
    body = make_body("seule")
    db.session.commit()
    return body.slug


def test_pages_cost_the_same_however_many_are_passed(
    client: CheckedClient, as_admin: CheckedClient, town: Town, coming: Meeting
):
    def cost() -> int:
        with count_queries(client.application) as asked:
            for path in ("/instances/conseil-du-sud", "/rencontres/conseil-avril", "/propositions/prop-1"):
                client.get(path, follow_redirects=True)
        return asked.number

    def add(number: int) -> None:
        proposal = sent(town, f"prop-{number}")
        db.session.add(Transmission(step_id=proposal.steps[1].id, carrier="ses représentants", meeting=coming))
        db.session.commit()

    add(1)
    few = cost()
    for number in range(2, 8):
        add(number)
    assert cost() == few


def test_a_voided_transmission_is_not_announced(client: CheckedClient, town: Town, coming: Meeting):
    proposal = sent(town)
    db.session.add(Transmission(step_id=proposal.steps[1].id, meeting=coming))
    db.session.commit()
    assert "Des bancs au Quai" in client.get("/rencontres/conseil-avril").text
    step = db.session.get(Step, proposal.steps[1].id)
    assert step
    step_rules.void_step(db.session(), proposal, step, "Erreur.", version=proposal.version, by=town.admin)
    db.session.commit()
    assert "Des bancs au Quai" not in client.get("/rencontres/conseil-avril").text
    assert "Des bancs au Quai" not in client.get("/instances/conseil-du-sud").text
