"""What waits: answers owed and by whom, opinions without any, answers that nobody told; an élu sees what is theirs."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from participation.actions import waiting
from participation.extensions import db
from participation.opinions.models import VOICE_PENDING
from participation.people.models import Account
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_account, make_meeting, make_opinion, make_proposal, make_recipient
from tests.support.filling import fill
from tests.support.town import Town

Enter = Callable[[Account], CheckedClient]


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.text)).split())


def own(account: Account) -> list[str]:
    """Return what an élu is shown as theirs to answer."""
    db.session.commit()
    return [proposal.ref for proposal in waiting.list_owed_by(db.session(), account, {}).items]


def sent(town: Town, ref: str, to: object, *more: dict[str, object], **values: object) -> Proposal:
    """Make a proposal that was passed on; `to` is a body or somebody else."""
    where = {"to_body": to} if to in (town.commission, town.council) else {"to_recipient": to}
    return make_proposal(ref, [{"kind": "transmise", **where}, *more], **({"body": town.commission} | values))


@pytest.mark.both_databases
def test_an_elu_is_shown_what_was_passed_to_those_they_stand_for(town: Town):
    town.elected.communes = [town.north]
    southern = make_recipient("elus-du-sud", communes=[town.south])
    state = make_recipient("representant-etat", name="Représentant de l'État")
    sent(town, "a-nos-elus", town.elected)
    sent(town, "a-nos-elus-du-sud", town.elected, body=town.council)
    sent(town, "aux-elus-du-sud", southern)
    sent(town, "a-notre-instance", town.commission, body=town.council)
    sent(town, "a-leur-instance", town.council)
    sent(town, "a-l-etat", state)
    sent(town, "du-sud-a-l-etat", state, body=town.council)
    sent(town, "passee-plus-loin", town.elected, {"kind": "transmise", "to_recipient": southern})
    sent(town, "revenue", southern, {"kind": "transmise", "to_recipient": town.elected})
    later = {"kind": "ajournee", "due_on": dt.date(2026, 5, 1)}
    sent(town, "plus-tard", town.elected, later)
    wrong = {"kind": "transmise", "to_recipient": southern, "voided_on": dt.date(2026, 3, 19)}
    sent(town, "renvoi-annule", town.elected, wrong)
    sent(town, "repondue", town.elected, {"kind": "retenue"})
    theirs = {
        "a-nos-elus",
        "a-nos-elus-du-sud",
        "a-notre-instance",
        "a-l-etat",
        "revenue",
        "plus-tard",
        "renvoi-annule",
    }
    assert set(own(town.elu)) == theirs
    south = make_account("elu", ("commune", "sud"))
    assert set(own(south)) == {"aux-elus-du-sud", "a-leur-instance", "du-sud-a-l-etat", "passee-plus-loin"}


@pytest.mark.both_databases
def test_an_elu_of_a_quartier_or_of_an_instance_too(town: Town):
    town.elected.communes = [town.north]
    sent(town, "du-quai", town.elected, quartiers=[town.quay])
    sent(town, "d-ailleurs", town.elected, body=town.council)
    sent(town, "a-leur-instance", town.council)
    assert own(make_account("elu", ("quartier", "le-quai"))) == ["du-quai"]
    assert own(make_account("elu", ("instance", "commission-du-quai"))) == ["du-quai"]
    assert own(make_account("elu", ("instance", "conseil-du-sud"))) == ["d-ailleurs", "a-leur-instance"]
    assert own(make_account("elu")) == []


def test_who_owes_and_how_long_is_left(as_elu: CheckedClient, owed: Proposal, town: Town):
    late = {"kind": "transmise", "to_recipient": town.elected, "due_on": dt.date(2026, 3, 15)}
    make_proposal("prop-2", [late], title="Une fontaine", body=town.commission)
    db.session.commit()
    page = words(as_elu.get("/elus"))
    assert page.index("Une fontaine") < page.index("Des bancs au Quai")
    assert "en retard de 5 jours" in page
    assert "encore 102 jours" in page
    assert "Qui doit répondre : Élus du Nord (transmise le 13 mars 2026)" in page
    assert "Portée par : Commission citoyenne du Quai" in page


def test_the_team_has_no_page_of_an_elu_and_the_elu_all_of_the_territory(
    enter: Enter, town: Town, owed: Proposal, today: dt.date
):
    sent(town, "prop-3", town.council, title="Passée au Sud")
    db.session.commit()
    assert enter(town.admin).get("/elus").status_code == 404
    elu = enter(town.elu)
    assert "Passée au Sud" not in elu.get("/elus").text
    assert "Passée au Sud" in elu.get("/equipe/suites").text
    assert "Qui doit répondre : Conseil du Sud" in words(elu.get("/equipe/suites"))


def test_long_lists_are_read_page_by_page(as_elu: CheckedClient, town: Town):
    town.elected.communes = [town.north]
    for number in range(45):
        due = {"due_on": dt.date(2026, 4, 1) + dt.timedelta(days=number // 2)}
        make_proposal(
            f"prop-{number:02}",
            [{"kind": "transmise", "to_recipient": town.elected, **due}],
            title=f"Titre {number:02}.",
            body=town.commission,
        )
    db.session.commit()
    seen: list[str] = []
    address: str | None = "/elus"
    while address:
        page = as_elu.get(address).text
        seen += re.findall(r"Titre (\d\d)\.", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(found[1]) if found else None
    assert seen == [f"{number:02}" for number in range(45)]


# Opinions


def test_opinions_that_wait_are_those_read_without_a_proposal_nor_an_answer(enter: Enter, town: Town):
    proposal = make_proposal(body=town.commission)
    make_opinion(meeting=town.cafe, text="Attend.")
    make_opinion(meeting=town.cafe, text="Gardé pour vous.", moderation="reserve")
    make_opinion(meeting=town.cafe, text="Pas lu.", moderation="en_attente")
    make_opinion(meeting=town.cafe, text=VOICE_PENDING, moderation="en_attente")
    make_opinion(meeting=town.cafe, text="Non publié.", moderation="rejete")
    make_opinion(meeting=town.cafe, text="Répondu.", answer="Oui.")
    make_opinion(meeting=town.cafe, text="A nourri.", proposal_id=proposal.id)
    make_opinion(meeting=town.session, text="Du sud.")
    back = make_opinion(meeting=town.cafe, text="Retiré.")
    back.withdrawal_asked_at = back.created_at
    db.session.commit()

    def shown(account: Account) -> set[str]:
        page = enter(account).get("/equipe/suites/avis").text
        return set(re.findall(r'<blockquote dir="auto"><p>(.*?)</p>', page))

    assert shown(town.elu) == {"Attend."}
    assert shown(town.animator) == {"Attend.", "Gardé pour vous."}
    assert shown(town.admin) == {"Attend.", "Gardé pour vous.", "Du sud."}
    assert "1 avis attend une réponse courte" in words(enter(town.elu).get("/elus"))


def test_an_opinion_is_late_from_the_day_after_the_date_that_its_meeting_announced(
    enter: Enter, town: Town, today: dt.date
):
    for day in (19, 20):
        meeting = make_meeting(f"renc-{day}", [town.commission], answer_due_on=dt.date(2026, 3, day))
        make_opinion(meeting=meeting, text=f"Avis du {day}")
    db.session.commit()
    page = words(enter(town.elu).get("/equipe/suites/avis"))
    assert page.count("En retard") == 1
    assert "Une réponse était annoncée avant le 19 mars 2026." in page


def test_an_elu_answers_an_opinion_and_goes_on_with_what_waits(as_elu: CheckedClient, town: Town):
    opinion = make_opinion(meeting=town.cafe, text="La lampe est cassée.")
    db.session.commit()
    path = f"/equipe/avis/{opinion.ref}"
    answer = fill(as_elu, f"{path}/repondre", f"{path}/reponse", answer="Elle est réparée.")
    assert (answer.status_code, answer.location) == (303, "/elus")
    assert "La lampe est cassée." not in as_elu.get("/elus").text


# Answers that nobody told


def test_answers_that_nobody_told_are_listed_until_somebody_does(as_elu: CheckedClient, town: Town):
    told = {"kind": "retenue", "told_on": dt.date(2026, 3, 18)}
    void = {"kind": "retenue", "voided_on": dt.date(2026, 3, 18)}
    sent(town, "prop-1", town.council, {"kind": "non_retenue", "short_answer": "Non."}, title="À dire")
    sent(town, "prop-2", town.council, told, title="Déjà dite")
    sent(town, "prop-3", town.council, void, title="Annulée")
    sent(town, "prop-4", town.council, {"kind": "ajournee"}, title="Plus tard")
    sent(town, "prop-5", town.council, {"kind": "retenue"}, title="D'ailleurs", body=town.council)
    db.session.commit()
    page = words(as_elu.get("/equipe/suites/a-dire"))
    assert "À dire" in page
    assert "Non." in page
    for other in ("Déjà dite", "Annulée", "D'ailleurs"):
        assert other not in page
    path = "/equipe/propositions/prop-1/etapes/3"
    assert fill(as_elu, f"{path}/restituer?rencontre=seance", f"{path}/restitution").status_code == 303
    assert "Toutes les réponses ont été dites aux habitants." in words(as_elu.get("/equipe/suites/a-dire"))


def test_each_page_costs_the_same_whatever_it_shows(as_elu: CheckedClient, town: Town):
    def fill_all() -> None:
        town.elected.communes = [town.north]
        proposal = sent(town, None, town.elected)  # type: ignore[arg-type]  # the factory names it
        sent(town, None, town.council, {"kind": "retenue"})  # type: ignore[arg-type]
        make_opinion(meeting=make_meeting(bodies=[town.commission]), text=f"Avis {proposal.id}")

    def cost(address: str) -> int:
        db.session.commit()
        with count_queries(as_elu.application) as count:
            assert as_elu.get(address).status_code == 200
        return count.number

    addresses = ["/elus", "/equipe/suites", "/equipe/suites/avis", "/equipe/suites/a-dire"]
    fill_all()
    before = [cost(address) for address in addresses]
    for _n in range(4):
        fill_all()
    assert [cost(address) for address in addresses] == before
