"""An opinion that its author asked to have back is nowhere in public from that moment on."""

import pytest

from participation.database import now
from participation.errors import Refusal
from participation.exchange.exporting import contents
from participation.exchange.tables import OPINIONS
from participation.extensions import db
from participation.opinions import rules
from participation.opinions.models import Opinion
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_opinion, make_proposal
from tests.support.town import Town

CANARY = "canari-bleu"
PAGES = [
    "/",
    "/avis",
    "/avis?rencontre=cafe",
    "/avis?quartier=le-quai",
    "/rencontres/cafe",
    "/m/cafe",
    "/quartiers/le-quai",
    "/communes/nord",
    "/instances/commission-du-quai",
    "/propositions",
    "/propositions/prop-1",
    "/reponses",
    "/reponses/flux.atom",
    "/reponses/affiche",
    "/bilan/2026/PC4.opinions",
]


@pytest.fixture
def opinion(town: Town) -> Opinion:
    proposal = make_proposal("prop-1", [{"kind": "transmise"}, {"kind": "retenue"}], body=town.commission)
    made = make_opinion(
        "avis-1", text=f"{CANARY} sur la place", meeting=town.cafe, quartier=town.quay, proposal_id=proposal.id
    )
    db.session.commit()
    return made


def _seen(client: CheckedClient) -> set[str]:
    return {path for path in PAGES if CANARY in client.get(path, follow_redirects=True).text}


def test_published_opinion_is_seen(client: CheckedClient, opinion: Opinion):
    assert {"/avis", "/rencontres/cafe", "/propositions/prop-1", "/quartiers/le-quai"} <= _seen(client)


def test_opinion_asked_back_is_seen_nowhere(client: CheckedClient, opinion: Opinion):
    opinion.withdrawal_asked_at = now()
    db.session.commit()
    assert _seen(client) == set()
    assert "Lire tous les avis de cette rencontre" not in client.get("/rencontres/cafe").text


@pytest.mark.both_databases
def test_open_data_leaves_it_out_and_the_team_keeps_it(opinion: Opinion):
    for asked, open_data, expected in [(None, True, True), (now(), True, False), (now(), False, True)]:
        opinion.withdrawal_asked_at = asked
        db.session.commit()
        with contents(db.engine, small_count=5, open_data=open_data) as package:
            assert any(CANARY in cell for row in package.rows(OPINIONS) for cell in row) == expected


def test_it_cannot_be_published_again(town: Town, opinion: Opinion):
    opinion.moderation, opinion.withdrawal_asked_at = "reserve", now()
    with pytest.raises(Refusal, match="retrait"):
        rules.moderate(db.session(), opinion, "publie", by=town.admin)
