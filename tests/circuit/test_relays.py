"""Projects discussed in one instance are relayed to others, who say what they think; both sides show it."""

import datetime as dt
import html
from typing import Any

import pytest

from participation.circuit import relay_queries, relay_rules
from participation.circuit.models import Relay
from participation.circuit.relay_rules import RelayDraft, Reply
from participation.errors import Refusal
from participation.extensions import db
from participation.journal import list_entries
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_meeting
from tests.support.filling import fields_of, fill
from tests.support.relays import make_relay
from tests.support.town import Town

NEW = "/equipe/relais/nouveau"


def words(page: Any) -> str:
    return " ".join(html.unescape(page.text).split())


def relay() -> Relay:
    db.session.expire_all()
    return db.session.query(Relay).one()


# Relayed


def test_representatives_relay_from_the_council_to_their_commission(enter: Any, seats: Town):
    theirs = enter(seats.representative)
    page = theirs.get(f"{NEW}?rencontre=seance", follow_redirects=True)
    fields = fields_of(page, "/equipe/relais")
    assert (fields["from_body"], fields["meeting"]) == (["conseil-du-sud"], ["seance"])
    assert fields["to"] == ["commission-du-quai"], "those who have representatives there"
    answer = fill(
        theirs, f"{NEW}?rencontre=seance", "/equipe/relais",
        title="Un marché le dimanche", text="La mairie y pense.", carrier="les deux représentants",
    )  # fmt: skip
    assert answer.status_code == 303
    made = relay()
    assert answer.location == f"/equipe/relais/{made.ref}"
    assert (made.from_body, made.meeting, made.on_date) == (seats.council, seats.session, dt.date(2026, 3, 18))
    assert [copy.body for copy in made.copies] == [seats.commission]
    (entry,) = list_entries(db.session(), "relay", made.ref)
    assert (entry.sentence, entry.actor) == ("Projet relayé à : Commission citoyenne du Quai.", "Représentant")


def test_it_is_relayed_once_however_often_the_form_is_sent(as_admin: CheckedClient, seats: Town):
    page = as_admin.get(f"{NEW}?rencontre=seance", follow_redirects=True)
    data = fields_of(page, "/equipe/relais") | {"title": ["Un marché"]}
    answers = [as_admin.post("/equipe/relais", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert relay().title == "Un marché"


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"title": ""}, "Dites quel projet"),
        ({"to": None}, "au moins une instance"),
        ({"to": "conseil-du-sud"}, "à elle-même"),
        ({"meeting": "", "on_date": ""}, "Indiquez quand"),
        ({"on_date": "2026-12-01"}, "pas encore arrivée"),
        ({"meeting": "cafe"}, "n'organise pas"),
        ({"on_date": "2026-03-10"}, "a lieu le"),
        ({"from_body": ""}, "Choisissez l'instance"),
    ],
)
def test_what_cannot_be_relayed_is_refused(as_admin: CheckedClient, seats: Town, values: dict[str, Any], match: str):
    typed = {"title": "Un marché", "text": "Mots tapés."} | values
    answer = fill(as_admin, f"{NEW}?rencontre=seance", "/equipe/relais", **typed)
    assert answer.status_code == 422
    assert match in html.unescape(answer.text)
    assert "Mots tapés." in answer.text
    assert db.session.query(Relay).count() == 0


def test_nobody_relays_between_instances_that_are_not_theirs(town: Town):
    others = make_body("autre"), make_body("encore")
    draft = RelayDraft("Un marché", (others[1],), on_date=dt.date(2026, 3, 12))
    for account, allowed in ((town.admin, True), (town.animator, False), (town.representative, False)):
        if allowed:
            relay_rules.create(db.session(), others[0], draft, by=account)
        else:
            with pytest.raises(Refusal, match="une de vos instances"):
                relay_rules.create(db.session(), others[0], draft, by=account)
    to_theirs = RelayDraft("Un marché", (town.commission,), on_date=dt.date(2026, 3, 12))
    assert relay_rules.create(db.session(), others[0], to_theirs, by=town.representative)


def test_a_closed_instance_neither_relays_nor_receives(as_admin: CheckedClient, town: Town):
    closed = make_body("fermee", name="Instance fermée", closed_on=dt.date(2026, 1, 1))
    db.session.commit()
    assert "Instance fermée" not in as_admin.get(NEW, follow_redirects=True).text
    for origin, to in ((closed, town.commission), (town.council, closed)):
        draft = RelayDraft("Un marché", (to,), on_date=dt.date(2026, 3, 12))
        with pytest.raises(Refusal, match="fermée depuis"):
            relay_rules.create(db.session(), origin, draft, by=town.admin)


# Answered


@pytest.fixture
def made(seats: Town) -> Relay:
    """Relayed from the council to the commission and to a third instance."""
    third = make_body("table", name="Table de quartier")
    found = make_relay("relais-1", seats.council, [seats.commission, third], meeting=seats.session)
    found.on_date = dt.date(2026, 3, 18)
    make_meeting("cafe-mars", [seats.commission], title="Café de mars", held_on=dt.date(2026, 3, 19), status="tenue")
    db.session.commit()
    return found


def test_an_instance_says_what_it_thinks_of_it(as_animator: CheckedClient, made: Relay, client: CheckedClient):
    address = "/equipe/relais/relais-1/commission-du-quai/reponse"
    meeting = as_animator.get("/equipe/rencontres/cafe-mars")
    assert f"{address}?rencontre=cafe-mars" in meeting.text, "to bring up there"
    answer = fill(as_animator, f"{address}?rencontre=cafe-mars", address, reply="Oui, mais pas à midi.")
    assert answer.status_code == 303
    copy = relay_queries.get_copy(relay(), "commission-du-quai")
    assert copy.meeting
    assert (copy.discussed_on, copy.meeting.ref) == (dt.date(2026, 3, 19), "cafe-mars")
    assert address not in as_animator.get("/equipe/rencontres/cafe-mars").text
    page = words(client.get("/relais/relais-1"))
    assert "Elle en a parlé le 19 mars 2026." in page
    assert "Oui, mais pas à midi." in page
    assert "Elle n'en a pas encore parlé." in page, "the third instance"


def test_only_an_instance_of_theirs_answers(as_animator: CheckedClient, made: Relay):
    assert as_animator.get("/equipe/relais/relais-1").status_code == 200
    assert as_animator.get("/equipe/relais/relais-1/table/reponse", follow_redirects=True).status_code == 404
    assert as_animator.get("/equipe/relais/relais-1/conseil-du-sud/reponse").status_code == 404
    assert "/table/reponse" not in as_animator.get("/equipe/relais/relais-1").text


@pytest.mark.parametrize(
    ("said", "field", "match"),
    [
        (Reply("Oui."), "discussed_on", "Indiquez quand"),
        (Reply("Oui.", dt.date(2026, 3, 1)), "discussed_on", "vient après"),
        (Reply("Oui.", dt.date(2026, 12, 1)), "discussed_on", "pas encore"),
        (Reply("x" * 20_001, dt.date(2026, 3, 19)), "reply", "trop long"),
    ],
)
def test_a_reply_that_cannot_be_is_refused(made: Relay, town: Town, said: Reply, field: str, match: str):
    copy = relay_queries.get_copy(made, "commission-du-quai")
    with pytest.raises(Refusal, match=match) as refused:
        relay_rules.reply(db.session(), made, copy, said, version=made.version, by=town.admin)
    assert refused.value.field == field


def test_a_reply_at_a_meeting_of_somebody_else_is_refused(made: Relay, town: Town):
    copy = relay_queries.get_copy(made, "commission-du-quai")
    for meeting in (town.session, make_meeting(bodies=[town.commission], status="annulee")):
        said = Reply("Oui.", dt.date(2026, 3, 19), meeting)
        with pytest.raises(Refusal) as refused:
            relay_rules.reply(db.session(), made, copy, said, version=made.version, by=town.admin)
        assert refused.value.field == "reply_meeting"


def test_a_reply_is_corrected_and_taken_back(as_admin: CheckedClient, made: Relay):
    address = "/equipe/relais/relais-1/commission-du-quai/reponse"
    assert fill(as_admin, address, reply="Oui.", discussed_on="2026-03-19").status_code == 303
    stale = as_admin.get(address, follow_redirects=True)
    assert fill(as_admin, address, reply="Oui, le matin.").status_code == 303
    late = as_admin.post(address, data=fields_of(stale, address) | {"reply": ["Non."]})
    assert late.status_code == 409
    assert "Non." in late.text
    assert relay_queries.get_copy(relay(), "commission-du-quai").reply == "Oui, le matin."
    assert fill(as_admin, address, faire="retirer").status_code == 303
    copy = relay_queries.get_copy(relay(), "commission-du-quai")
    assert (copy.discussed_on, copy.meeting, copy.reply) == (None, None, None)
    actions = [entry.action for entry in list_entries(db.session(), "relay", "relais-1")]
    assert actions == ["relay.discussed", "relay.discussed", "relay.reply_removed"]


# Changed


def test_what_is_relayed_and_to_whom_is_changed(as_admin: CheckedClient, made: Relay, town: Town):
    address = "/equipe/relais/relais-1"
    assert (
        fill(as_admin, f"{address}/modifier", address, title="Un marché", to=["commission-du-quai"]).status_code == 303
    )
    assert (relay().title, [copy.body for copy in relay().copies]) == ("Un marché", [town.commission])
    (entry,) = list_entries(db.session(), "relay", "relais-1")
    assert entry.sentence == "Relais modifié : titre, instances."
    version = relay().version
    assert fill(as_admin, f"{address}/modifier", address).status_code == 303
    assert (relay().version, len(list_entries(db.session(), "relay", "relais-1"))) == (version, 1)


def test_an_instance_that_has_spoken_stays(as_admin: CheckedClient, made: Relay):
    reply = "/equipe/relais/relais-1/commission-du-quai/reponse"
    assert fill(as_admin, reply, reply="Oui.", discussed_on="2026-03-19").status_code == 303
    answer = fill(as_admin, "/equipe/relais/relais-1/modifier", "/equipe/relais/relais-1", to=["table"])
    assert answer.status_code == 422
    assert "en a déjà parlé : elle reste" in answer.text
    assert len(relay().copies) == 2


# Shown


def test_origin_and_copies_are_linked_both_ways(client: CheckedClient, made: Relay):
    page = client.get("/relais/relais-1").text
    for address in (
        "/instances/conseil-du-sud",
        "/instances/commission-du-quai",
        "/instances/table",
        "/rencontres/seance",
    ):
        assert f'href="{address}"' in page
    from_there = words(client.get("/instances/conseil-du-sud"))
    to_here = words(client.get("/instances/commission-du-quai"))
    assert "Projets relayés par cette instance" in from_there
    assert "Projets relayés à cette instance" in to_here
    assert "n'en a pas encore parlé" in to_here
    for text in (from_there, to_here, words(client.get("/rencontres/seance"))):
        assert 'href="/relais/relais-1"' in text


def test_the_team_lists_what_concerns_it(as_animator: CheckedClient, made: Relay, town: Town, enter: Any):
    make_relay("ailleurs", make_body("loin"), [make_body("plus-loin")], title="Tout autre chose")
    db.session.commit()
    mine = as_animator.get("/equipe/relais").text
    assert "Un marché le dimanche" in mine
    assert "Tout autre chose" not in mine
    assert "Tout autre chose" in enter(town.admin).get("/equipe/relais").text
    assert as_animator.get("/equipe/relais/ailleurs").status_code == 404


def test_pages_cost_the_same_however_many_are_relayed(as_admin: CheckedClient, made: Relay, seats: Town):
    def cost() -> int:
        with count_queries(as_admin.application) as asked:
            for path in (
                "/equipe/relais", "/instances/conseil-du-sud", "/instances/commission-du-quai", "/rencontres/seance",
                "/equipe/rencontres/seance", "/equipe/instances/commission-du-quai", "/relais/relais-1",
            ):  # fmt: skip
                assert as_admin.get(path).status_code == 200
        return asked.number

    few = cost()
    for number in range(2, 8):
        make_relay(f"relais-{number}", seats.council, [seats.commission, make_body()], meeting=seats.session)
    db.session.commit()
    assert cost() == few
