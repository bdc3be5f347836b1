"""The list of proposals as a file: what the page shows, all of it, with the rights of who asks; nothing runs in it."""

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook

from participation.exchange import proposal_list
from participation.exchange.csvcells import unprotect
from participation.extensions import db
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_ambition, make_objective, make_opinion, make_proposal
from tests.support.town import TODAY, Town, enter, today, town

__all__ = ["enter", "today", "town"]
HOSTILE = ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "'=x", "<r>=1</r>", 'a"b;c,d\ne']


def rows(client: CheckedClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    if ".csv" in address:
        lines = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
        return [{name: unprotect(cell) for name, cell in row.items()} for row in lines]
    sheet = load_workbook(io.BytesIO(answer.data), read_only=True).active
    lines = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def refs(client: CheckedClient, address: str) -> list[str]:
    return [row["ref"] for row in rows(client, address)]


@pytest.fixture
def filled(town: Town) -> None:
    make_proposal("p-banc", title="Un banc", body=town.commission, theme=town.theme, text="Au square.")
    steps = [
        {"kind": "transmise", "to_body": town.council},
        {"kind": "retenue", "body": town.council, "reason": "Utile.", "short_answer": "Oui.", "told_on": TODAY},
    ]
    make_proposal("p-fontaine", steps, title="Une fontaine", body=town.council, quartiers=[town.hill])
    make_proposal("p-attend", [{"kind": "transmise", "to_body": town.council}], title="Un abri", body=town.commission)
    db.session.commit()


@pytest.mark.both_databases
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_says_what_the_pages_say(client: CheckedClient, ending: str):
    found = {row["ref"]: row for row in rows(client, f"/propositions.{ending}")}
    assert list(found) == ["p-attend", "p-fontaine", "p-banc"], "the latest first, as the page"
    told = found["p-fontaine"]
    assert (told["etat"], told["reponse"], told["repondu_le"]) == ("Retenue", "Retenue", "2026-03-14")
    assert (told["reponse_courte"], told["motif"], told["restituee_le"]) == ("Oui.", "Utile.", TODAY.isoformat())
    assert (told["instance"], told["quartiers"]) == ("Conseil du Sud", "La Colline")
    assert told["adresse"].endswith("/propositions/p-fontaine")
    assert found["p-banc"]["thematique"] == "Cadre de vie"
    assert client.get(found["p-banc"]["adresse"], follow_redirects=True).status_code == 200


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("q=bancs", ["p-banc"]),
        ("instance=commission-du-quai", ["p-attend", "p-banc"]),
        ("quartier=la-colline", ["p-fontaine"]),
        ("commune=sud", ["p-fontaine"]),
        ("theme=cadre-de-vie", ["p-banc"]),
        ("etat=oui", ["p-fontaine"]),
        ("etat=transmis&instance=commission-du-quai", ["p-attend"]),
        ("objectif=RIEN", []),
        ("retard=1", []),
    ],
)
def test_a_file_holds_what_the_page_was_asked(client: CheckedClient, asked: str, expected: list[str]):
    assert refs(client, f"/propositions.csv?{asked}") == expected
    page = client.get(f"/propositions?{asked}").text
    assert [ref for ref in ("p-attend", "p-fontaine", "p-banc") if f'id="carte-{ref}"' in page] == expected
    if expected:
        assert f'href="/propositions.csv?{asked.replace("&", "&amp;")}"' in page or "&amp;" in page


def test_a_file_holds_every_page(client: CheckedClient, town: Town):
    for number in range(45):
        make_proposal(f"p-{number}", body=town.commission)
    db.session.commit()
    assert len(refs(client, "/propositions.csv?apres=2026-03-12_3")) == 45


@pytest.mark.usefixtures("filled")
def test_a_date_that_is_not_announced_is_the_team_s_alone(client: CheckedClient, town: Town, enter: Callable):
    def due(who: CheckedClient, address: str) -> str:
        return next(row["reponse_attendue_le"] for row in rows(who, address) if row["ref"] == "p-attend")

    assert due(client, "/propositions.csv") == ""
    assert due(enter(town.admin), "/equipe/propositions.csv") == "2026-05-12"
    town.contract.response_days_confirmed = True
    db.session.commit()
    assert due(client, "/propositions.csv") == "2026-05-12"


@pytest.mark.usefixtures("filled")
def test_the_team_s_file_is_of_their_own_circuit(town: Town, enter: Callable[[Account], CheckedClient]):
    animator = enter(town.animator)
    assert refs(animator, "/equipe/propositions.csv") == ["p-attend", "p-banc"]
    assert refs(animator, "/equipe/propositions.csv?toutes=1") == ["p-attend", "p-fontaine", "p-banc"]
    page = animator.get("/equipe/propositions?toutes=1").text
    assert 'href="/equipe/propositions.xlsx?toutes=1"' in page


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_nothing_runs_and_nothing_is_lost(client: CheckedClient, town: Town, ending: str):
    for number, text in enumerate(HOSTILE):
        make_proposal(f"p-{number}", title=text, text=text, body=town.commission)
    db.session.commit()
    found = {row["ref"]: row["texte"] for row in rows(client, f"/propositions.{ending}")}
    assert [found[f"p-{number}"] for number in range(len(HOSTILE))] == HOSTILE
    answer = client.get(f"/propositions.{ending}")
    if ending == "csv":
        cells = [cell for row in csv.reader(io.StringIO(answer.get_data(as_text=True))) for cell in row]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    else:
        sheet = load_workbook(io.BytesIO(answer.data)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "n" and cell.value]


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(client: CheckedClient, town: Town):
    make_proposal("p-long", text="x" * 40_000, body=town.commission)
    db.session.commit()
    assert len(rows(client, "/propositions.csv")[0]["texte"]) == 40_000
    text = rows(client, "/propositions.xlsx")[0]["texte"]
    assert len(text) <= 32_767
    assert text.endswith("(la suite est sur la page)")


def test_no_opinion_is_in_it(client: CheckedClient, town: Town):
    proposal = make_proposal("p-1", body=town.commission)
    make_opinion(text="mots-d-un-habitant", meeting=town.cafe, proposal_id=proposal.id)
    make_opinion(text="mots-caches", meeting=town.cafe, proposal_id=proposal.id, moderation="reserve")
    db.session.commit()
    assert "mots-" not in client.get("/propositions.csv").text


def test_a_long_file_costs_no_more_queries_a_row(client: CheckedClient, app: Flask, town: Town, monkeypatch):
    monkeypatch.setattr(proposal_list, "_BATCH", 10)
    for _ in range(9):
        make_proposal(None, [{"kind": "transmise"}], body=town.commission, quartiers=[town.quay], theme=town.theme)
    db.session.commit()
    with count_queries(app) as few:
        client.get("/propositions.csv")
    for _ in range(20):
        make_proposal(None, [{"kind": "transmise"}], body=town.commission, quartiers=[town.quay], theme=town.theme)
    db.session.commit()
    with count_queries(app) as many:
        client.get("/propositions.csv")
    assert many.number - few.number <= 2 * 7, "two more parts of ten, each a few queries"


def test_other_endings_are_not_found(client: CheckedClient, town: Town):
    assert client.get("/propositions.ods").status_code == 404


FILTERS = (
    "instance=commission-du-quai", "quartier=la-colline", "commune=nord", "theme=cadre-de-vie", "objectif=APA-1",
    "etat=transmis", "retard=1",
)  # fmt: skip


@pytest.mark.both_databases
@pytest.mark.parametrize("asked", FILTERS)
def test_each_filter_holds_together_with_a_search_for_everybody_and_for_the_team(
    client: CheckedClient, town: Town, enter: Callable[[Account], CheckedClient], asked: str
):
    """One proposal meets them all and has the word; of the others each lacks the word, or all but the word."""
    late = [{"kind": "transmise", "to_body": town.council, "due_on": TODAY.replace(day=19)}]
    values = {"body": town.commission, "quartiers": [town.hill], "theme": town.theme,
              "objectives": [make_objective("APA-1", make_ambition("APA"))]}  # fmt: skip
    make_proposal("p-oui", late, title="Un banc à l'ombre", **values)
    make_proposal("p-sans-le-mot", late, title="Une fontaine", **values)
    make_proposal("p-le-mot-seul", title="Des bancs ailleurs", body=town.council)
    db.session.commit()
    team = enter(town.admin)
    assert refs(client, f"/propositions.csv?{asked}") == ["p-sans-le-mot", "p-oui"]
    for who, path in ((client, "/propositions"), (team, "/equipe/propositions")):
        query = f"{asked}&q=bancs"
        page = who.get(f"{path}?{query}").text
        assert [
            title for title in ("Un banc à l&#39;ombre", "Une fontaine", "Des bancs ailleurs") if title in page
        ] == ["Un banc à l&#39;ombre"]
        for ending in ("csv", "xlsx"):
            assert refs(who, f"{path}.{ending}?{query}") == ["p-oui"]
