"""One proposal from end to end, on the real contract: born at a café in Achicourt, carried by two commissions of two
communes, made of three, postponed once, accepted in part, done, told back.

Its page reads as a story, the five receipts of those who spoke lead to it, and it is counted right everywhere.
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.actions.forms import CLOSED
from participation.assessment.engine import assess
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.load import load_contract
from participation.bodies.models import Body
from participation.circuit import agenda_rules
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.following import codes
from participation.following import rules as following
from participation.meetings.models import Meeting
from participation.people.models import Account
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_meeting, make_opinion, sign_in
from tests.support.filling import fill

ACHICOURT, ARRAS = "commission-achicourt-participation-citoyenne", "commission-jean-jaures-cheminots"
COUNCIL = "conseil-quartier-achicourt-1"
OBJECTIVE = "TRA-2Ebis"
SAID = (
    "Il faudrait des bancs au square.", "Ma mère ne peut s'asseoir nulle part.", "Des bancs, et à l'ombre.",
    "Chez nous non plus, pas un banc.", "Un endroit pour s'asseoir près de l'arrêt.",
)  # fmt: skip
pytestmark = pytest.mark.both_databases


@dataclass
class Story:
    """What the walk leaves behind."""

    codes: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    """The proposal that stays, then those merged into it."""


@contextmanager
def day(client: CheckedClient, account: Account, month: int, of_month: int) -> Iterator[None]:
    """Be there at noon of a day of 2026, signed in."""
    with time_machine.travel(dt.datetime(2026, month, of_month, 11, 0, tzinfo=dt.UTC), tick=False):
        sign_in(client, account)
        yield


@pytest.fixture
def story(app_context: Flask, client: CheckedClient) -> Story:
    load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
    team, told = make_account("admin", function="Équipe du contrat"), Story()
    meetings = {
        "cafe": ([ACHICOURT], "Café des voisins", "cafe_citoyen", (1, 15)),
        "commission": ([ARRAS], "Commission de janvier", "reunion", (1, 20)),
        "conseil": ([COUNCIL], "Conseil de février", "reunion", (2, 19)),
        "ensemble": ([COUNCIL, ACHICOURT, ARRAS], "Les trois ensemble", "reunion", (3, 12)),
        "retour": ([ACHICOURT], "Le café du retour", "restitution", (6, 4)),
    }
    for ref, (slugs, title, kind, (month, on)) in meetings.items():
        bodies = [body_of(slug) for slug in slugs]
        make_meeting(ref, bodies, title=title, type=kind, held_on=dt.date(2026, month, on), status="tenue")
    db.session.commit()
    _born(client, team, told)
    _carried_and_merged(client, team, told)
    _decided(client, team, told)
    _done_and_told(client, team, told)
    return told


def body_of(slug: str) -> Body:
    return db.session.scalars(sa.select(Body).where(Body.slug == slug)).one()


def meeting(ref: str) -> Meeting:
    return db.session.scalars(sa.select(Meeting).where(Meeting.ref == ref)).one()


def proposal(ref: str) -> Proposal:
    db.session.expire_all()
    return db.session.scalars(sa.select(Proposal).where(Proposal.ref == ref)).one()


def _heard(told: Story, place: Meeting, *texts: str) -> list[str]:
    """Write down what residents say, each with the five words of a card; return the references."""
    refs = []
    for text in texts:
        opinion = make_opinion(text=text, meeting=place, received_on=place.held_on, channel="papier")
        told.codes.append(codes.new_code())
        following.attach(db.session(), told.codes[-1], opinion)
        refs.append(opinion.ref)
    db.session.commit()
    return refs


def _proposed(client: CheckedClient, told: Story, place: str, body: str, title: str, refs: list[str]) -> None:
    chosen = "&".join(f"avis={ref}" for ref in refs)
    made = fill(
        client, f"/equipe/propositions/nouvelle?rencontre={place}&{chosen}", "/equipe/propositions", body=body,
        title=title, text=f"{title}, à l'ombre.", objectives=[OBJECTIVE], avis=refs, valider="quand-meme",
    )  # fmt: skip
    assert made.status_code == 303
    told.refs.append(str(made.location).rsplit("/", 1)[-1])


def _born(client: CheckedClient, team: Account, told: Story) -> None:
    with day(client, team, 1, 15):
        heard = _heard(told, meeting("cafe"), *SAID[:3])
        _proposed(client, told, "cafe", ACHICOURT, "Des bancs au square", heard)
    with day(client, team, 1, 20):
        _proposed(
            client, told, "commission", ARRAS, "Des bancs à l'arrêt", _heard(told, meeting("commission"), SAID[3])
        )
        _proposed(client, told, "commission", ARRAS, "De quoi s'asseoir", _heard(told, meeting("commission"), SAID[4]))


def _stepped(client: CheckedClient, ref: str, kind: str, **values: Any) -> None:
    path = f"/equipe/propositions/{ref}"
    assert fill(client, f"{path}/etape?genre={kind}", f"{path}/etapes", **values).status_code == 303


def _carried_and_merged(client: CheckedClient, team: Account, told: Story) -> None:
    kept, near, far = told.refs
    two = "ses deux représentants"
    with day(client, team, 1, 22):
        _stepped(client, near, "transmise", to=f"i:{COUNCIL}", body=ARRAS, carrier=two, carried_to="conseil")
        _stepped(
            client, kept, "transmise", to=f"i:{COUNCIL}", body=ACHICOURT, carrier=two, carried_to="conseil",
            due_on="2026-02-28",
        )  # fmt: skip
    with day(client, team, 1, 29):
        _stepped(client, far, "regroupee", to_proposal=near)
        _stepped(client, near, "regroupee", to_proposal=kept)


def _decided(client: CheckedClient, team: Account, told: Story) -> None:
    kept = told.refs[0]
    for on, place, outcome in (
        ((2, 19), "conseil", {"kind": "ajournee", "reason": "Il manque un devis.", "due_on": "2026-03-31"}),
        (
            (3, 12),
            "ensemble",
            {
                "kind": "retenue_en_partie", "reason": "Le budget suffit pour quatre bancs.",
                "short_answer": "Oui, quatre bancs.", "votes_for": "14", "votes_against": "2", "abstentions": "1",
                "owner": "Les espaces verts", "due_on": "2026-05-31", "funding": "ftu", "amount": "3200",
            },
        ),
    ):  # fmt: skip
        with day(client, team, *on):
            agenda_rules.add(db.session(), meeting(place), proposal(kept), by=team)
            db.session.commit()
            answer = fill(client, f"/equipe/rencontres/{place}/a-decider/{kept}", **outcome)
            assert answer.status_code == 303


def _done_and_told(client: CheckedClient, team: Account, told: Story) -> None:
    kept = told.refs[0]
    path = f"/equipe/propositions/{kept}"
    with day(client, team, 3, 16):
        planned = {"text": "Poser quatre bancs", "owner": "Les espaces verts", "due_on": "2026-05-31"}
        assert fill(client, f"{path}/actions/nouvelle", f"{path}/actions", **planned).status_code == 303
    with day(client, team, 5, 20):
        done = {"text": "Les quatre bancs sont posés.", "short_answer": "Quatre bancs sont posés.", "left": CLOSED}
        assert fill(client, f"{path}/fait", f"{path}/realisation", **done).status_code == 303
    with day(client, team, 6, 5):
        decided = next(step.position for step in proposal(kept).steps if step.kind == "retenue_en_partie")
        steps = f"{path}/etapes/{decided}/restitu"
        answer = fill(client, f"{steps}er", f"{steps}tion", meeting="retour", told_on="2026-06-04")
        assert answer.status_code == 303


@pytest.fixture
def reader(story: Story, app: Flask) -> Iterator[CheckedClient]:
    """A resident with a phone, on 10 June 2026."""
    with time_machine.travel(dt.datetime(2026, 6, 10, 9, 0, tzinfo=dt.UTC), tick=False):
        yield app.test_client()  # type: ignore[misc]


def read(client: CheckedClient, path: str) -> str:
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200, path
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def in_order(text: str, *parts: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"« {part} » does not come after what was before it:\n{text[at:]}"
        at = found + len(part)
    return True


def test_it_is_true_everywhere(story: Story, reader: CheckedClient):
    _the_page_is_a_story(story, reader)
    _five_receipts_follow(story, reader)
    _lists_count_it_once(story, reader)
    _places_show_their_part(story, reader)
    _the_assessment_counts_it_right(story)


def _the_page_is_a_story(story: Story, reader: CheckedClient) -> None:
    page = read(reader, f"/propositions/{story.refs[0]}")
    in_order(page, "Des bancs au square", "Quatre bancs sont posés.")
    in_order(
        page, "Son chemin", "15 janvier 2026 : Café des voisins", "20 janvier 2026 : Commission de janvier",
        "5 avis d'habitants", "Proposition recueillie le 15 janvier 2026", "Transmise le 22 janvier 2026",
        "Réponse du 12 mars 2026.", "1 action, 1 est faite", "Réponse dite aux habitants le 4 juin 2026",
    )  # fmt: skip
    in_order(
        page, "Ce que les habitants ont dit", SAID[0], SAID[1], SAID[2], "Propositions regroupées avec celle-ci",
        "Des bancs à l'arrêt", "Ce qui s'est passé", "15 janvier 2026", "ses deux représentants", "Conseil de février",
        "19 février 2026", "Il manque un devis.", "12 mars 2026", "Oui, quatre bancs.",
        "Le budget suffit pour quatre bancs.", "14 pour", "2 contre", "4 juin 2026", "20 mai 2026",
    )  # fmt: skip
    assert "3 200" in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "En retard" not in page


def _five_receipts_follow(story: Story, reader: CheckedClient) -> None:
    assert len(set(story.codes)) == 5
    for code, words in zip(story.codes, SAID, strict=True):
        answer = reader.post("/suivi/chercher", data={"mots": code})
        receipt = read(reader, str(answer.location))
        assert words in receipt
        in_order(receipt, "C'est fait.", "Votre avis est bien arrivé.", "Il manque un devis.", "Oui, quatre bancs.")
        assert "Des bancs au square" in receipt
        assert "4 juin 2026" in receipt


def _lists_count_it_once(story: Story, reader: CheckedClient) -> None:
    kept, *merged = story.refs
    done = reader.get("/propositions?etat=fait").text
    assert len(set(re.findall(r'id="carte-([^"]+)"', done))) == 1
    assert f'id="carte-{kept}"' in done
    for query in (f"objectif={OBJECTIVE}&etat=fait", "commune=achicourt&etat=fait", "q=bancs+square&etat=fait"):
        assert f'id="carte-{kept}"' in reader.get(f"/propositions?{query}").text, query
    for query in ("retard=1", "etat=transmis", "etat=plus-tard", "etat=oui"):
        page = reader.get(f"/propositions?{query}").text
        assert not any(f'id="carte-{ref}"' in page for ref in (kept, *merged)), query
    objective = read(reader, f"/contrat/{OBJECTIVE}")
    in_order(objective, "5 avis d'habitants.", "1 proposition", "Fait : 1 proposition", "1 action prévue, 1 faite.")
    answers = read(reader, "/reponses")
    assert "en retard" not in answers
    assert "Oui, quatre bancs." in answers


def _places_show_their_part(story: Story, reader: CheckedClient) -> None:
    assert "Des bancs au square" in read(reader, f"/instances/{ACHICOURT}")
    council = read(reader, f"/instances/{COUNCIL}")
    in_order(council, "Propositions reçues d'autres instances", "Des bancs")
    assert "Des bancs à l'arrêt" in read(reader, f"/instances/{ARRAS}")
    assert "1 proposition est née ici." in read(reader, "/rencontres/cafe")
    carried = read(reader, "/rencontres/conseil")
    in_order(carried, "Ce qui a été dit ici des propositions", "Des bancs au square")
    assert "Propositions portées à cette rencontre" in carried
    in_order(read(reader, "/rencontres/ensemble"), "Oui, quatre bancs.", "14 pour, 2 contre, 1 abstention")
    assert "réponse donnée aux habitants" in read(reader, "/rencontres/retour")


def _the_assessment_counts_it_right(story: Story) -> None:
    kept = story.refs[0]
    decision = f"{kept}#{next(step.position for step in proposal(kept).steps if step.kind == 'retenue_en_partie')}"
    for scope in ("contract", "commune:achicourt", f"instance:{ACHICOURT}"):
        found = assess(db.session(), Period.parse("2026"), Scope.parse(scope), dt.date(2026, 6, 10)).figures
        assert found["PC4.opinions"].value == (5 if scope == "contract" else 3)
        assert found["PC4.opinions_followed_share"].value == 1
        assert found["PC4.received"].rows == (kept,)
        for code in ("submitted_share", "answered_share", "accepted_share", "done_share"):
            assert (found[f"PC4.{code}"].rows, found[f"PC4.{code}"].of_rows) == ((kept,), (kept,)), code
        assert (found["PC4.told_share"].rows, found["PC4.told_share"].of_rows) == ((decision,), (decision,))
        assert found["PC4.answer_days_median"].value == 56
        assert found["PC4.overdue"].value == 0
    arras = assess(db.session(), Period.parse("2026"), Scope.parse(f"instance:{ARRAS}"), dt.date(2026, 6, 10)).figures
    assert (arras["PC4.received"].value, arras["PC4.opinions"].value) == (0, 2)
