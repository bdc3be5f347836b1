"""The whole line, by hand: a meeting, opinions, a proposal, its way to an answer, told back, done."""

import sqlalchemy as sa

from participation.extensions import db
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.filling import fill, send
from tests.support.town import Town


def test_an_opinion_becomes_a_proposal_that_is_answered_told_and_done(as_admin: CheckedClient, town: Town):
    client = as_admin
    for text in ("Il fait noir place du Quai.", "On tombe, le soir."):
        answer = fill(
            client,
            "/equipe/avis/nouveau?rencontre=cafe",
            "/equipe/avis",
            text=text,
            moderation="publie",
            theme="cadre-de-vie",
        )
        assert answer.status_code == 303, answer.text
    refs = db.session.scalars(sa.select(Opinion.ref).order_by(Opinion.id)).all()
    inbox = client.get("/equipe/avis?moderation=")
    chosen = send(client, inbox, "/equipe/avis/choisis", avis=refs, faire="proposer")
    answer = fill(client, chosen.location, "/equipe/propositions", title="Éclairer la place du Quai", avis=refs)
    assert answer.status_code == 303, answer.text
    team_page = answer.location
    ref = team_page.rsplit("/", 1)[-1]
    proposal = db.session.scalars(sa.select(Proposal)).one()
    assert (proposal.ref, proposal.body, proposal.meeting, proposal.theme) == (
        ref,
        town.commission,
        town.cafe,
        town.theme,
    )

    def step(kind: str, **values: object) -> None:
        given = fill(client, f"{team_page}/etape?genre={kind}", f"{team_page}/etapes", **values)
        assert given.status_code == 303, given.text

    assert client.get(f"{team_page}/etape").status_code == 200
    step("transmise", to="i:conseil-du-sud", due_on="2026-06-30")
    step("retenue_en_partie", reason="Deux lampes sur trois.", short_answer="Oui pour deux lampes.", meeting="seance",
         owner="Direction de la voirie", funding="ftu", amount="12 000", votes_for="12", votes_against="3",
         abstentions="1", due_on="2026-12-01", deliberation="https://exemple.fr/deliberation-12")  # fmt: skip
    told = fill(
        client,
        f"{team_page}/etapes/3/restituer",
        f"{team_page}/etapes/3/restitution",
        meeting="seance",
        told_on="2026-03-20",
    )
    assert told.status_code == 303, told.text
    step("realisee", reason="Les lampes sont posées.")
    public = client.get(f"/propositions/{ref}", follow_redirects=True)
    assert public.status_code == 200
    for page in (
        "/propositions",
        "/reponses",
        "/equipe/suites",
        "/equipe/propositions",
        "/rencontres/cafe",
        "/equipe/rencontres/cafe",
        "/avis",
        "/avis?rencontre=cafe",
        f"/equipe/avis/{refs[0]}",
        team_page,
        f"{team_page}/avis",
        f"{team_page}/modifier?cle=" + "x" * 30,
    ):
        assert client.get(page, follow_redirects=True).status_code == 200, page
