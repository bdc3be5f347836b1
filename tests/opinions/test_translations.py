"""A person's translation stands beside the original, in its own language and direction; the original always stays."""

import pytest

from participation.extensions import db
from participation.journal import list_entries
from participation.opinions.models import Opinion, OpinionTranslation
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_opinion
from tests.support.filling import fill
from tests.support.town import Town

FORM = "/equipe/avis/avis-a/traduction"
SAID = "نريد مقاعد في الساحة"


@pytest.fixture
def opinion(town: Town) -> Opinion:
    opinion = make_opinion("avis-a", meeting=town.cafe, text=SAID, language="ar")
    db.session.commit()
    return opinion


def rows() -> list[tuple[str, str, str | None]]:
    db.session.expire_all()
    return [(row.language, row.text, row.author) for row in db.session.query(OpinionTranslation)]


@pytest.mark.both_databases
def test_it_is_written_once_corrected_and_shown_beside_the_original(
    as_animator: CheckedClient, client: CheckedClient, opinion: Opinion, town: Town
) -> None:
    for text in ("Nous voulons des sièges.", "Nous voulons des bancs.", "Nous voulons des bancs."):
        assert fill(as_animator, FORM, language="fr", text=text).status_code == 303
    assert rows() == [("fr", "Nous voulons des bancs.", town.animator.function)]
    done = [line for line in list_entries(db.session(), "opinion", "avis-a") if line.action == "opinion.translated"]
    assert [line.sentence for line in done] == ["Avis traduit.", "Traduction corrigée."]
    assert not [line for line in done if "bancs" in f"{line.sentence}{line.details}"]
    for address in ("/avis", "/rencontres/cafe", "/equipe/avis/avis-a"):
        page = as_animator.get(address).text
        original, translated = page.index(SAID), page.index("Nous voulons des bancs.")
        assert original < translated, address
        assert '<blockquote dir="auto" lang="ar">' in page, address
        assert '<blockquote dir="auto" lang="fr">' in page, address
        assert "Traduction (français), par" in page, address


def test_what_cannot_be_translated_is_said_with_what_to_do(as_animator: CheckedClient, opinion: Opinion) -> None:
    answer = fill(as_animator, FORM, language="ar", text="encore")
    assert answer.status_code == 422
    assert "déjà dans cette langue" in answer.text
    assert "encore</textarea>" in answer.text
    assert fill(as_animator, FORM, text="").status_code == 422
    assert rows() == []


@pytest.mark.both_databases
def test_it_goes_with_the_words_that_it_translates(as_animator: CheckedClient, opinion: Opinion) -> None:
    fill(as_animator, FORM, language="fr", text="Nous voulons des bancs.")
    again = db.session.get_one(Opinion, opinion.id)
    again.text = "أخرى"
    db.session.commit()
    assert rows() == []
