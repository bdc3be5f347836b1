"""The sheet on paper and the long form that types it in: everything once, nothing lost, the live screen's rules."""

import datetime as dt
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from participation.extensions import db
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto, RecordedOpinion, ShowOfHands
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal
from participation.speaking.opening import ask_at_meeting
from tests.support.checked_client import CheckedClient
from tests.support.filling import fields_of, fill
from tests.support.paper import open_pdf, words_of
from tests.support.pdf_ua import pale_texts, pdf_faults
from tests.support.town import Town

SHEET, FORM = "/equipe/rencontres/cafe/feuille.pdf", "/equipe/rencontres/cafe/saisie"
FULL = {
    "age_moins_18": "2", "age_18_25": "3", "age_40_59": "10", "age_plus_60": "5",
    "women": "12", "men": "8", "elus": "1", "first_timers": "0",
    "institutions": "Bailleur d'essai\nCentre social d'essai",
    "debut": "18:00", "fin": "20:30",
    "points-0-titre": "La place", "points-0-heure": "18h15", "points-0-note": "On parle des bancs.",
    "points-1-titre": "Le marché",
    "avis-0-texte": "Il faut des bancs.", "avis-0-point": "1", "avis-0-theme": "cadre-de-vie",
    "avis-0-question": "Que changer ici ?", "avis-0-proposition": "Installer des bancs", "avis-0-mains": "9",
    "avis-2-texte": "نريد حديقة", "avis-2-point": "2",
    "decisions-0-texte": "Inviter le bailleur", "decisions-0-responsable": "L'animatrice",
    "decisions-0-echeance": "12/04/2026", "decisions-0-reponse_de": "Le bailleur",
}  # fmt: skip


@pytest.fixture
def cafe(town: Town) -> Meeting:
    """The café of 12 March, of which nobody has said yet that it took place; it asked a question."""
    town.cafe.status = "prevue"
    ask_at_meeting(db.session(), town.cafe, ["Que changer ici ?"], by=None)
    db.session.commit()
    return town.cafe


def typed(client: CheckedClient, **values: str) -> Any:
    return fill(client, FORM, FORM, **values)


def number(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


# On paper


def test_the_sheet_is_two_tagged_pages_with_a_box_for_everything(as_animator: CheckedClient, cafe: Meeting):
    answer = as_animator.get(SHEET)
    assert answer.mimetype == "application/pdf"
    assert len(open_pdf(answer.data)) == 2
    assert pdf_faults(answer.data) == []
    assert pale_texts(answer.data) == []
    said = " ".join(words_of(answer.data).split())
    for words in ("Feuille de rencontre", "Café du Quai", "26 à 39 ans", "Femmes", "Ordre du jour", "Avis, mot à mot"):
        assert words in said
    for words in (
        "Décisions",
        "Réponse attendue de",
        "Mains levées",
        "Cadre de vie",
        "Institutions présentes",
        "/saisie",
    ):
        assert words in said or words.lower() in said.lower()


def test_a_long_name_does_not_cost_a_page(as_animator: CheckedClient, cafe: Meeting):
    cafe.title, cafe.place = "Une très longue rencontre " * 12, "Une salle au bout du quai " * 12
    db.session.commit()
    assert len(open_pdf(as_animator.get(SHEET).data)) == 2


# Typed in


@pytest.mark.both_databases
def test_everything_on_the_sheet_is_recorded_as_live(as_animator: CheckedClient, cafe: Meeting, town: Town):
    answer = typed(as_animator, **FULL)
    assert (answer.status_code, answer.location) == (303, "/equipe/rencontres/cafe")
    db.session.expire_all()
    assert cafe.status == "tenue"
    counted = (cafe.residents, cafe.participants, cafe.women, cafe.men, cafe.elus, cafe.under_26, cafe.over_60)
    assert counted == (20, 21, 12, 8, 1, 5, 5)
    assert (cafe.first_timers, cafe.qpv_residents, cafe.agents) == (0, None, None), "zero was counted, the rest was not"
    assert [row.name for row in cafe.institutions] == ["Bailleur d'essai", "Centre social d'essai"]
    items = list(db.session.scalars(sa.select(AgendaItem).order_by(AgendaItem.position)))
    assert [(item.title, item.notes) for item in items] == [("La place", "On parle des bancs."), ("Le marché", None)]
    assert [item.started_at for item in items] == [dt.datetime(2026, 3, 12, 17, 15, tzinfo=dt.UTC), None]
    said = {row.opinion.text: row for row in db.session.scalars(sa.select(RecordedOpinion))}
    first = said["Il faut des bancs."]
    assert (first.agenda_item, first.opinion.theme, first.opinion.question) == (
        items[0],
        town.theme,
        "Que changer ici ?",
    )
    assert (first.opinion.moderation, first.opinion.received_on) == ("en_attente", cafe.held_on)
    assert said["نريد حديقة"].agenda_item == items[1]
    times = {event.kind: event.recorded_at.hour for event in db.session.scalars(sa.select(LiveEvent))}
    assert (times["commence"], times["termine"]) == (17, 19), "in UTC"
    proposal = db.session.scalars(sa.select(Proposal)).one()
    assert (proposal.title, first.opinion.proposal_id) == ("Installer des bancs", proposal.id)
    assert db.session.scalars(sa.select(ShowOfHands)).one().hands == 9
    decision = db.session.scalars(sa.select(Decision)).one()
    assert (decision.text, decision.owner, decision.due_on) == (
        "Inviter le bailleur",
        "L'animatrice",
        dt.date(2026, 4, 12),
    )
    assert decision.answer_from == "Le bailleur"


def test_sent_twice_it_is_recorded_once(as_animator: CheckedClient, cafe: Meeting):
    page = as_animator.get(FORM, follow_redirects=True)
    data = fields_of(page, FORM) | {name: [value] for name, value in FULL.items()}
    answers = [as_animator.post(FORM, data=data) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (number(Opinion), number(Decision), number(AgendaItem), number(Proposal)) == (2, 1, 2, 1)
    db.session.expire_all()
    assert cafe.residents == 20


def test_a_second_sheet_adds_up_and_the_page_says_so(as_animator: CheckedClient, cafe: Meeting, words: Any):
    typed(as_animator, **FULL)
    text = words(as_animator.get(FORM, follow_redirects=True))
    assert "Cette rencontre a déjà des notes (habitants : 20, avis : 2). Ce que vous écrivez ici s'ajoute." in text
    typed(as_animator, age_inconnue="501", **{"avis-0-texte": "Un arbre."})
    db.session.expire_all()
    assert (cafe.residents, number(Opinion)) == (521, 3)


def test_below_fifteen_nothing_but_the_number_is_kept(as_animator: CheckedClient, cafe: Meeting):
    typed(as_animator, age_plus_60="14", women="9")
    db.session.expire_all()
    assert (cafe.residents, cafe.women, cafe.over_60) == (14, None, None)
    bands = {event.data["tranche"] for event in db.session.scalars(sa.select(LiveEvent)) if event.kind == "arrivee"}
    assert bands == {"inconnue"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"women": "21"}, "c'est plus que"),
        ({"avis-1-theme": "cadre-de-vie"}, "Écrivez ce qui est dit, ou videz la ligne."),
        ({"avis-1-texte": "Un arbre.", "avis-1-point": "5"}, "Ce point n'est pas rempli plus haut."),
        ({"avis-1-texte": "Un arbre.", "avis-1-mains": "3"}, "Écrivez la proposition pour laquelle on a levé la main."),
        ({"decisions-1-responsable": "Une élue"}, "Écrivez la décision, ou videz la ligne."),
        ({"points-2-heure": "18h"}, "Nommez ce point, ou videz la ligne."),
        ({"decisions-0-echeance": "31/02/2026"}, "Cette date n'existe pas."),
        ({"age_26_39": "beaucoup"}, "Écrivez un nombre entier"),
        ({"avis-0-theme": "inconnu"}, "Il y a un problème"),
    ],
)
def test_what_is_wrong_is_said_and_everything_stays(
    as_animator: CheckedClient, cafe: Meeting, words: Any, change: dict[str, str], sentence: str
):
    answer = typed(as_animator, **(FULL | change))
    assert answer.status_code == 422
    text = words(answer)
    assert sentence in text
    kept = {name: values[0] for name, values in fields_of(answer, FORM).items()}
    expected = FULL | change | {"points-0-heure": "18:15"}
    if "decisions-0-echeance" not in change:
        expected["decisions-0-echeance"] = "2026-04-12"
    for name, value in expected.items():
        if value not in ("inconnu", "18h", "31/02/2026"):
            assert kept[name].splitlines() == value.splitlines(), name
    assert (number(LiveEvent), number(Opinion)) == (0, 0), "nothing is kept of half a sheet"


def test_an_empty_sheet_and_a_meeting_to_come_are_refused(as_animator: CheckedClient, cafe: Meeting, words: Any):
    assert "Rien n'est écrit." in words(typed(as_animator))
    cafe.held_on = dt.date(2026, 4, 1)
    db.session.commit()
    answer = typed(as_animator, **FULL)
    assert answer.status_code == 422
    assert number(LiveEvent) == 0
    assert "la feuille se saisit après" in words(answer)


def test_more_rows_keep_what_was_typed(as_animator: CheckedClient, cafe: Meeting):
    page = as_animator.get(FORM, follow_redirects=True)
    data = fields_of(page, FORM) | {"avis-8-texte": ["Le neuvième."], "plus": ["avis"]}
    answer = as_animator.post(FORM, data=data)
    fields = fields_of(answer, FORM)
    assert answer.status_code == 200
    assert (fields["avis-8-texte"], fields["avis-13-texte"]) == (["Le neuvième."], [""])
    fields["avis-13-texte"] = ["Le quatorzième."]
    assert as_animator.post(FORM, data=fields).status_code == 303
    assert number(Opinion) == 2


def test_the_meetings_page_leads_to_the_sheet_and_the_form(as_animator: CheckedClient, cafe: Meeting):
    page = as_animator.get("/equipe/rencontres/cafe").text
    assert f'href="{SHEET}"' in page
    assert f'href="{FORM}"' in page
    assert "« Saisir une carte »" in as_animator.get(FORM, follow_redirects=True).text


# Parts that fold, and the photo


def _open(page: Any) -> list[str]:
    return re.findall(r'<details class="sheet-part" id="([a-z-]+)" open>', page.text)


def _picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.effect_noise((300, 200), 40).convert("RGB").save(out, "JPEG")
    out.seek(0)
    return out


def _with_photo(client: CheckedClient, **values: str) -> Any:
    data = fields_of(client.get(FORM, follow_redirects=True), FORM) | values
    return client.post(FORM, data={**data, "photo": (_picture(), "tableau.jpg")}, content_type="multipart/form-data")


def test_parts_open_where_something_is_typed_or_at_fault(as_animator: CheckedClient, cafe: Meeting):
    assert _open(as_animator.get(FORM, follow_redirects=True)) == []
    answer = typed(as_animator, **{"women": "douze", "decisions-0-responsable": "L'animatrice"})
    assert (answer.status_code, _open(answer)) == (422, ["presents", "decisions"])
    assert _open(typed(as_animator, plus="avis")) == ["avis"]


def test_the_photo_of_the_sheet_is_kept_once_with_its_description(as_animator: CheckedClient, cafe: Meeting):
    answer = _with_photo(as_animator, description="La feuille, remplie au stylo.")
    assert (answer.status_code, answer.location) == (303, "/equipe/rencontres/cafe")
    kept = db.session.scalars(sa.select(MeetingPhoto)).one()
    assert (kept.description, kept.meeting_id, kept.width) == ("La feuille, remplie au stylo.", cafe.id, 300)


def test_a_photo_without_its_description_is_asked_for_again(as_animator: CheckedClient, cafe: Meeting, words: Any):
    answer = _with_photo(as_animator, **{"avis-0-texte": "Il faut des bancs."})
    assert answer.status_code == 422
    assert "Dites ce que montre la photo." in words(answer)
    assert "Choisissez de nouveau la photo" in words(answer), "a page keeps no file"
    assert _open(answer) == ["avis", "photos"]
    assert "Choisissez la photo" in words(typed(as_animator, description="Le tableau"))
    assert (number(MeetingPhoto), number(Opinion)) == (0, 0)


def test_what_is_no_photo_is_refused_and_nothing_is_recorded(as_animator: CheckedClient, cafe: Meeting):
    data = fields_of(as_animator.get(FORM, follow_redirects=True), FORM) | {"description": "Le tableau", "elus": "2"}
    photo = (io.BytesIO(b"pas une photo"), "tableau.jpg")
    answer = as_animator.post(FORM, data={**data, "photo": photo}, content_type="multipart/form-data")
    assert (answer.status_code, _open(answer)) == (422, ["presents", "photos"])
    assert number(LiveEvent) == 0
