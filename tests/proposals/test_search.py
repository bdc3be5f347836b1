"""Search: the same hits on both databases, whatever accents, endings, script or hostile signs are typed."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import given
from hypothesis import strategies as st

from participation.cli import prepare_database
from participation.exchange import importing, plan, sources
from participation.exchange.faults import Faults
from participation.extensions import db
from participation.proposals import rules, search
from participation.proposals.models import Proposal, ProposalWord
from participation.proposals.stems import LONGEST, stems
from tests.proposals.test_lists import titles as on_page
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_contract, make_proposal
from tests.support.town import Town

SAID = {
    "allee": ("L'éclairage de l'allée du cœur de quartier", "Plus de lumières le soir, à l'école aussi."),
    "bancs": ("Des bancs à l'ombre", None),
    "reunion": ("Une réunion par mois", "Avec le centre social."),
    "arabe": ("مقاعد في الحديقة", "نُرِيدُ اجتماعًا كلَّ شهر"),
    "anglais": ("Benches for the community garden", None),
    "chiffre": ("Une plaine de jeux au n°7", "Rue d'Exemple, 50 % de pelouse"),
}
FOUND = [
    ("éclairage", "allee"),
    ("ÉCLAIRAGES", "allee"),
    ("eclairages", "allee"),
    ("eclair", "allee"),  # the beginning of a word
    ("lumière", "allee"),
    ("lumiere", "allee"),
    ("coeur", "allee"),
    ("cœurs", "allee"),
    ("l'école", "allee"),
    ("l’ecole", "allee"),
    ("école lumière", "allee"),
    ("école réunion", ""),  # every word is asked
    ("reunions", "reunion"),
    ("banc", "bancs"),
    ("un banc pour tous", "bancs"),
    ("ombre", "bancs"),
    ("communities", "anglais"),
    ("bench", "anglais"),
    ("اجتماع", "arabe"),
    ("الاجتماع", "arabe"),
    ("والحديقة", "arabe"),
    ("حديقة", "arabe"),
    ("7", "chiffre"),
    ("jeu", "chiffre"),
    ("pelouses 50", "chiffre"),
    ("dragon", ""),
    ("le la les", ""),  # nothing to look for
]
HOSTILE = ["x' OR \" & !", "%", "_", "a%", "\\", "' OR 1=1 --", "*", '"', "banc*", "((", "\x00", "é\u0301\u0301",
           "\ufffe", "\U0010ffff", "b" * 5000, "mot " * 500, "<script>alert(1)</script>", "NEAR(a b)"]  # fmt: skip


@pytest.fixture
def said(app_context: Flask) -> None:
    body = make_body()
    for ref, (title, text) in SAID.items():
        make_proposal(ref, title=title, text=text, body=body)
    db.session.commit()


def hits(text: str) -> str:
    """Return the refs of what is found, in the order of SAID."""
    query = db.session.query(Proposal.ref).where(search.matching(db.session(), text)).order_by(Proposal.id)
    return " ".join(ref for (ref,) in query)


@pytest.mark.both_databases
@pytest.mark.usefixtures("said")
def test_what_is_found_is_the_same_on_both_databases():
    assert [(asked, hits(asked)) for asked, _found in FOUND] == FOUND


@pytest.mark.both_databases
@pytest.mark.usefixtures("said")
def test_common_words_are_found_like_rare_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "FEW", 0)
    assert [(asked, hits(asked)) for asked, _found in FOUND] == FOUND


@pytest.mark.both_databases
@pytest.mark.usefixtures("said")
def test_nothing_that_is_typed_does_harm(client: CheckedClient):
    for asked in HOSTILE:
        assert client.get("/propositions", query_string={"q": asked}).status_code == 200, asked
    assert hits("x' OR \" & !") == ""
    assert db.session.query(Proposal).count() == len(SAID)


@given(st.text(max_size=80))
def test_any_text_has_short_stems_that_are_stable(text: str):
    found = stems(text)
    assert all(0 < len(stem) <= LONGEST for stem in found)
    assert stems(text.upper().lower()) == stems(text.lower()) or not text.isascii()
    assert found == stems(f"  {text} ")


# It follows what proposals say


def test_a_changed_proposal_is_found_by_its_new_words(town: Town):
    draft = rules.Draft(title="Un terrain de pétanque")
    made = rules.create(db.session(), draft, body=town.commission, on_date=town.cafe.held_on, by=town.admin)
    assert hits("pétanque") == made.ref
    changed = rules.Draft(title="Un terrain", text="Pour le basket")
    assert rules.edit(db.session(), made, changed, version=made.version, by=town.admin)
    assert (hits("pétanque"), hits("baskets")) == ("", made.ref)
    theme = rules.Draft(title="Un terrain", text="Pour le basket", theme=town.theme)
    assert rules.edit(db.session(), made, theme, version=made.version, by=town.admin)
    assert hits("basket") == made.ref
    db.session.execute(sa.delete(Proposal).where(Proposal.id == made.id))
    db.session.commit()
    assert db.session.query(ProposalWord).count() == 0


@pytest.mark.both_databases
def test_an_import_brings_the_words_too(app_context: Flask, tmp_path: Path):
    make_contract()
    make_body("conseil")
    db.session.commit()

    def bring(*rows: str, columns: str = "ref,titre,texte,instance") -> None:
        steps = "proposition,date,etape\n" + "".join(f"{row.split(',')[0]},2026-03-12,recueillie\n" for row in rows)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / "propositions.csv").write_text("\n".join([columns, *rows, ""]))
        (folder / "etapes.csv").write_text(steps)
        faults = Faults()
        db.session.commit()
        with db.engine.connect() as connection:
            done = plan.make(connection, sources.from_path(folder, faults), faults, writes=True)
            importing.carry_out(connection, done, by=None)
            connection.commit()

    bring("p-1,Des bancs,Au soleil,conseil", "p-2,Une fontaine,,conseil")
    assert (hits("bancs"), hits("fontaine"), hits("soleil")) == ("p-1", "p-2", "p-1")
    bring("p-1,Des bancs,À l'ombre,conseil", "p-2,Une fontaine,,conseil")
    assert (hits("banc"), hits("soleil"), hits("ombre"), hits("fontaine")) == ("p-1", "", "p-1", "p-2")
    bring("p-2,Un abri,conseil", columns="ref,titre,instance")
    assert (hits("fontaine"), hits("abri"), hits("banc ombre")) == ("", "p-2", "p-1")


@pytest.mark.usefixtures("said")
def test_a_database_of_before_gets_its_words_at_the_start():
    make_contract()
    before = {(row.word, row.proposal_id) for row in db.session.query(ProposalWord)}
    db.session.query(ProposalWord).delete()
    db.session.commit()
    prepare_database()
    assert {(row.word, row.proposal_id) for row in db.session.query(ProposalWord)} == before
    assert search.index_missing(db.session()) == 0
    assert search.rebuild(db.session()) == len(SAID)
    assert {(row.word, row.proposal_id) for row in db.session.query(ProposalWord)} == before


def test_a_generated_year_can_be_searched(cli: FlaskCliRunner, app: Flask):
    from participation.simulation.commands import simulate_command

    with app.app_context():
        prepare_database()
    done: Result = cli.invoke(simulate_command, ["--years", "1", "--meetings", "12", "--proposals", "12"])
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert search.index_missing(db.session()) == 0
        assert db.session.query(ProposalWord.proposal_id).distinct().count() == 12


# The page


def titles(client: CheckedClient, **asked: str) -> list[str]:
    return on_page(client, f"/propositions?{urlencode(asked)}")


def test_search_joins_the_other_filters_and_stays_in_the_address(client: CheckedClient, town: Town):
    make_proposal(title="Un banc au quai", body=town.commission, theme=town.theme)
    make_proposal(title="Un banc au sud", body=town.council)
    make_proposal(title="Une fontaine", body=town.commission)
    assert titles(client, q="bancs") == ["Un banc au sud", "Un banc au quai"]
    assert titles(client, q="bancs", quartier="le-quai") == ["Un banc au quai"]
    assert titles(client, q="bancs", theme="cadre-de-vie", quartier="le-quai") == ["Un banc au quai"]
    assert titles(client, q="bancs fontaine") == []
    assert titles(client, q=" ") == ["Une fontaine", "Un banc au sud", "Un banc au quai"]
    page = client.get("/propositions?q=bancs&quartier=le-quai").text
    assert 'type="search" value="bancs"' in page
    assert '<option selected value="le-quai">' in page


def test_search_survives_the_pages(client: CheckedClient, town: Town):
    for number in range(25):
        make_proposal(title=f"Un banc numéro {number}", body=town.commission)
        make_proposal(title=f"Une fontaine {number}", body=town.commission)
    first = client.get("/propositions?q=b%C3%A2nc").text
    assert 'href="/propositions?q=b%C3%A2nc&amp;apres=' in first
    again = client.get("/propositions?q=banc&apres=2026-03-12_11").text
    assert again.count("Un banc num") >= 5
    assert "fontaine" not in again


def test_nothing_found_says_so_and_helps(client: CheckedClient, town: Town):
    make_proposal(title="Un banc", body=town.commission)
    page = client.get("/propositions?q=%3Cb%3Edragon").text
    assert "Aucune proposition ne parle de « &lt;b&gt;dragon »." in page
    assert 'href="/propositions"' in page
    assert "Aucune proposition ne correspond à ces choix." in client.get("/propositions?q=banc&etat=fait").text


def test_the_number_of_queries_grows_with_the_words_only(client: CheckedClient, app: Flask, town: Town):
    def cost(question: str) -> int:
        with count_queries(app) as count:
            client.get("/propositions", query_string={"q": question})
        return count.number

    make_proposal(title="Un banc vert", body=town.commission)
    one, two = cost("banc"), cost("banc vert")
    for number in range(30):
        make_proposal(title=f"Un banc vert {number}", body=town.commission)
    assert (cost("banc"), cost("banc vert")) == (one, two)
    assert two == one + 1
    assert cost("mot " * 500) <= one + search.MOST_WORDS
