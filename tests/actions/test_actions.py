"""Actions: who does what of an accepted proposal, by when, with which residents; what was done is shown."""

import datetime as dt
import html
import io
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from participation.actions.models import Action, ActionPhoto
from participation.extensions import db
from participation.journal import list_entries
from participation.media import storage, tasks
from participation.people.models import Account
from participation.proposals.models import Proposal
from tests.media.made import CANARY, with_gps
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.deeds import make_action, make_action_photo, make_note
from tests.support.factory import make_account, make_proposal
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

Enter = Callable[[Account], CheckedClient]


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.text)).split())


@pytest.fixture
def accepted(town: Town) -> Proposal:
    """A proposal of the commission that was accepted on 14 March."""
    steps = [{"kind": "transmise"}, {"kind": "retenue", "short_answer": "Oui, deux bancs."}]
    proposal = make_proposal("prop-1", steps, title="Des bancs au Quai", body=town.commission)
    db.session.commit()
    return proposal


@pytest.fixture
def action(accepted: Proposal) -> Action:
    action = make_action("action-1", accepted, text="Poser deux bancs", due_on=dt.date(2026, 4, 30))
    db.session.commit()
    return action


def read(client: CheckedClient) -> str:
    """Return what everybody reads on the proposal's page."""
    return words(client.get("/propositions/prop-1", follow_redirects=True))


# Plan


def test_an_action_says_who_when_and_with_which_residents(as_animator: CheckedClient, accepted: Proposal):
    path = "/equipe/propositions/prop-1/actions"
    assert "Aucune action n'est prévue." in words(as_animator.get("/equipe/propositions/prop-1"))
    said = {
        "text": "Poser deux bancs",
        "owner": "Espaces verts",
        "due_on": "2026-04-30",
        "residents": "Ils choisissent la place.",
    }
    answer = fill(as_animator, f"{path}/nouvelle", path, **said)
    assert answer.status_code == 303
    action = db.session.scalars(sa.select(Action)).one()
    assert (action.text, action.owner, action.due_on) == ("Poser deux bancs", "Espaces verts", dt.date(2026, 4, 30))
    assert answer.location == f"/equipe/actions/{action.ref}"
    assert "Poser deux bancs" in words(as_animator.get(answer.location, follow_redirects=True))
    public = read(as_animator)
    for sentence in (
        "À faire Poser deux bancs",
        "Qui s'en occupe : Espaces verts",
        "Prévu avant le 30 avril 2026",
        "Avec les habitants : Ils choisissent la place.",
    ):
        assert sentence in public
    assert [entry.action for entry in list_entries(db.session(), "proposal", "prop-1")] == ["proposal.action_added"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": " "}, "Dites ce qui est à faire"),
        ({"text": "x" * 501}, "Ce texte est trop long"),
        ({"text": "Poser", "due_on": "2066-04-30"}, "Cette date est trop loin."),
        ({"text": "Poser", "due_on": "bientôt"}, "Cette date n'existe pas."),
    ],
)
def test_what_is_wrong_is_said(as_admin: CheckedClient, accepted: Proposal, values: dict[str, str], sentence: str):
    path = "/equipe/propositions/prop-1/actions"
    answer = fill(as_admin, f"{path}/nouvelle", path, **values)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert fields_of(answer, path)["text"] == [values["text"].strip()]
    assert db.session.query(Action).count() == 0


def test_nothing_is_planned_where_nothing_was_accepted(as_admin: CheckedClient, town: Town):
    make_proposal("prop-2", [{"kind": "transmise"}], body=town.commission)
    db.session.commit()
    path = "/equipe/propositions/prop-2/actions"
    answer = fill(as_admin, f"{path}/nouvelle", path, text="Poser")
    assert answer.status_code == 422
    assert "On prévoit une action quand la réponse est oui." in words(answer)


def test_sent_twice_it_is_one_action(as_admin: CheckedClient, accepted: Proposal):
    path = "/equipe/propositions/prop-1/actions"
    page = as_admin.get(f"{path}/nouvelle", follow_redirects=True)
    answers = [send(as_admin, page, path, text="Poser deux bancs") for _n in range(2)]
    assert answers[0].location == answers[1].location
    assert db.session.query(Action).count() == 1


def test_an_action_is_changed_and_never_over_what_somebody_else_saved(as_admin: CheckedClient, action: Action):
    page = as_admin.get("/equipe/actions/action-1/modifier", follow_redirects=True)
    first = send(as_admin, page, "/equipe/actions/action-1", owner="Voirie")
    assert (first.status_code, first.location) == (303, "/equipe/actions/action-1")
    stale = send(as_admin, page, "/equipe/actions/action-1", owner="Bailleur", cle="k" * 43)
    assert stale.status_code == 409
    assert fields_of(stale, "/equipe/actions/action-1")["owner"] == ["Bailleur"]
    db.session.expire_all()
    assert action.owner == "Voirie"
    assert "qui s'en occupe" in list_entries(db.session(), "proposal", "prop-1")[-1].sentence


# Tell


def test_news_are_public_with_their_photo(as_admin: CheckedClient, action: Action, client: CheckedClient):
    path = "/equipe/actions/action-1"
    news = {"text": "Les bancs sont commandés.", "description": "Le modèle de banc choisi"}
    answer = fill(as_admin, path, f"{path}/nouvelles", **news, photo=(io.BytesIO(with_gps()), "IMG_1.jpg"))
    assert answer.status_code == 303, words(answer)
    db.session.expire_all()
    (shown,) = action.notes[0].photos
    assert (shown.description, action.done_on) == ("Le modèle de banc choisi", None)
    public = as_admin.get("/propositions/prop-1", follow_redirects=True)
    assert "20 mars 2026 : Les bancs sont commandés." in words(public)
    assert f'src="/photos/{shown.ref}"' in public.text
    assert 'alt="Le modèle de banc choisi"' in public.text
    file = as_admin.get(f"/photos/{shown.ref}")
    assert (file.mimetype, file.headers["Content-Disposition"].partition(";")[0]) == ("image/jpeg", "attachment")
    assert file.data == (storage.folder() / shown.stored_name).read_bytes()
    assert "IMG_1" not in str(file.headers)
    assert CANARY.encode() not in file.data, "place, camera and comment stay behind"
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_a_photo_needs_its_words_and_a_file_that_is_none_is_refused(as_admin: CheckedClient, action: Action):
    path = "/equipe/actions/action-1"
    page = as_admin.get(path, follow_redirects=True)
    sent = {"text": "Voici.", "photo": (io.BytesIO(with_gps()), "a.jpg")}
    answer = send(as_admin, page, f"{path}/nouvelles", **sent)
    assert answer.status_code == 422
    assert "Décrivez la photo en une phrase" in words(answer)
    assert "Choisissez de nouveau la photo" in words(answer)
    assert fields_of(answer, f"{path}/nouvelles")["text"] == ["Voici."]
    for data, sentence in ((b"<svg onload=alert(1)>", "n'est pas une photo"), (b"", "est vide")):
        sent = {"text": "Voici.", "description": "Un banc", "photo": (io.BytesIO(data), "a.jpg")}
        answer = send(as_admin, page, f"{path}/nouvelles", **sent)
        assert answer.status_code == 422
        assert sentence in words(answer)
    assert db.session.query(ActionPhoto).count() == 0
    assert list(storage.stored_names()) == []


def test_news_sent_twice_are_told_once_with_one_photo(as_admin: CheckedClient, action: Action):
    path = "/equipe/actions/action-1"
    page = as_admin.get(path, follow_redirects=True)
    for _n in range(2):
        sent = {"text": "Voici.", "description": "Un banc", "photo": (io.BytesIO(with_gps()), "a.jpg")}
        assert send(as_admin, page, f"{path}/nouvelles", **sent).status_code == 303
    db.session.expire_all()
    assert [len(note.photos) for note in action.notes] == [1]
    assert len(list(storage.stored_names())) == 1


def test_the_file_of_an_action_outlives_the_sweep_of_files(as_admin: CheckedClient, action: Action):
    shown = make_action_photo(make_note(action))
    db.session.commit()
    path = storage.folder() / shown.stored_name
    os.utime(path, (0, 0))
    tasks.sweep(db.session())
    assert path.is_file()


def test_done_means_shown_done(as_admin: CheckedClient, action: Action):
    path = "/equipe/actions/action-1"
    silent = fill(as_admin, path, f"{path}/nouvelles", text="", done="y")
    assert silent.status_code == 422
    answer = fill(as_admin, path, f"{path}/nouvelles", text="Les bancs sont posés.", done="y", on_date="2026-03-19")
    assert answer.status_code == 303
    db.session.expire_all()
    assert action.done_on == dt.date(2026, 3, 19)
    public = read(as_admin)
    assert "Fait Poser deux bancs" in public
    assert "Fait le 19 mars 2026" in public
    assert "Les bancs sont posés." in public
    again = as_admin.get(path)
    assert "Donner des nouvelles" not in again.text
    assert "Rouvrir cette action" in again.text
    assert as_admin.post(f"{path}/rouvrir", data=fields_of(again, f"{path}/rouvrir")).status_code == 303
    db.session.expire_all()
    assert action.is_open


def test_news_are_of_today_at_the_latest(as_admin: CheckedClient, action: Action):
    path = "/equipe/actions/action-1"
    answer = fill(as_admin, path, f"{path}/nouvelles", text="Demain.", on_date="2026-03-21")
    assert answer.status_code == 422
    assert "pas encore arrivée" in words(answer)


def test_an_action_is_given_up_for_a_reason_that_everybody_reads(as_admin: CheckedClient, action: Action):
    path = "/equipe/actions/action-1"
    assert fill(as_admin, f"{path}/arreter", f"{path}/arret", reason=" ").status_code == 422
    assert fill(as_admin, f"{path}/arreter", f"{path}/arret", reason="Le sol est trop mou.").status_code == 303
    public = read(as_admin)
    assert "Arrêtée Poser deux bancs" in public
    assert "Voici pourquoi : Le sol est trop mou." in public
    assert as_admin.get(f"{path}/arreter").status_code == 303


@pytest.mark.both_databases
def test_the_database_itself_wants_the_reason(app_context: Any):
    action = make_action()
    db.session.commit()
    action.dropped_on = dt.date(2026, 3, 20)
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
    action.done_on, action.dropped_on, action.dropped_reason = dt.date(2026, 3, 20), dt.date(2026, 3, 20), "Trop cher"
    with pytest.raises(IntegrityError):
        db.session.flush()


# The photo goes


def test_the_team_erases_a_photo_and_an_elu_does_not(as_admin: CheckedClient, action: Action, town: Town, enter: Enter):
    shown = make_action_photo(make_note(action), "photo-1")
    db.session.commit()
    path = storage.folder() / shown.stored_name
    assert enter(town.elu).get("/equipe/photos/photo-1/effacer").status_code == 404
    assert fill(as_admin, "/equipe/photos/photo-1/effacer", "/equipe/photos/photo-1/effacee").status_code == 303
    assert not path.exists()
    assert as_admin.get("/photos/photo-1").status_code == 404
    assert "photo-1" not in as_admin.get("/propositions/prop-1", follow_redirects=True).text
    assert list_entries(db.session(), "proposal", "prop-1")[-1].sentence == "Photo d'une action effacée."


# The proposal is done


def test_a_proposal_is_done_with_what_was_done_and_its_photo(as_admin: CheckedClient, action: Action):
    path = "/equipe/propositions/prop-1"
    warned = as_admin.get(f"{path}/fait", follow_redirects=True)
    assert "1 action n'est pas terminée" in words(warned)
    said = {
        "short_answer": "Deux bancs sont posés.",
        "text": "Ils sont devant l'école.",
        "description": "Deux bancs neufs",
    }
    unsaid = send(as_admin, warned, f"{path}/realisation", **said)
    assert unsaid.status_code == 422
    assert "Dites ce que deviennent les actions encore ouvertes." in words(unsaid)
    shown = (io.BytesIO(with_gps()), "a.jpg")
    answer = send(as_admin, unsaid, f"{path}/realisation", left="faites", photo=shown)
    assert (answer.status_code, answer.location) == (303, path)
    db.session.expire_all()
    proposal = action.proposal
    assert (proposal.state, proposal.steps[-1].reason) == ("realisee", "Ils sont devant l'école.")
    assert (action.done_on, len(action.notes[0].photos)) == (dt.date(2026, 3, 20), 1)
    assert "C'est fait." in read(as_admin)
    assert as_admin.get(f"{path}/fait").status_code == 303


def test_open_actions_may_stay_open(as_admin: CheckedClient, action: Action):
    path = "/equipe/propositions/prop-1"
    answer = fill(as_admin, f"{path}/fait", f"{path}/realisation", text="Le principal est fait.", left="a-faire")
    assert answer.status_code == 303
    db.session.expire_all()
    assert (action.proposal.state, action.is_open) == ("realisee", True)
    assert "Poser deux bancs" in words(as_admin.get("/equipe/actions"))


def test_done_without_an_action_its_photo_makes_one(as_admin: CheckedClient, accepted: Proposal):
    path = "/equipe/propositions/prop-1"
    said = {"text": "Les bancs y sont.", "description": "Deux bancs", "photo": (io.BytesIO(with_gps()), "a.jpg")}
    assert fill(as_admin, f"{path}/fait", f"{path}/realisation", **said).status_code == 303
    action = db.session.scalars(sa.select(Action)).one()
    assert (action.text, action.done_on) == ("Des bancs au Quai", dt.date(2026, 3, 20))
    assert 'alt="Deux bancs"' in as_admin.get("/propositions/prop-1", follow_redirects=True).text


def test_done_asks_what_was_done_in_the_list_of_steps_too(as_admin: CheckedClient, action: Action):
    path = "/equipe/propositions/prop-1"
    form = as_admin.get(f"{path}/etape?genre=realisee", follow_redirects=True)
    assert "1 action n'est pas terminée" in words(form)
    answer = send(as_admin, form, f"{path}/etapes", reason="")
    assert answer.status_code == 422
    assert "Dites ce qui a été fait : les habitants le liront." in words(answer)


# Lists


def test_the_list_shows_late_ones_first_and_only_what_is_mine(
    enter: Enter, town: Town, accepted: Proposal, action: Action
):
    foreign = make_proposal(steps=[{"kind": "transmise"}, {"kind": "retenue"}], body=town.council)
    make_action("action-2", accepted, text="En retard", due_on=dt.date(2026, 3, 19))
    make_action("action-3", accepted, text="Sans date")
    make_action("action-4", accepted, text="Finie", done_on=dt.date(2026, 3, 18))
    make_action("action-5", foreign, text="Étrangère")
    given_up = make_proposal(
        steps=[{"kind": "transmise"}, {"kind": "retenue"}, {"kind": "abandonnee"}], body=town.commission
    )
    make_action("action-6", given_up, text="Sans suite")
    make_proposal(steps=[{"kind": "transmise"}, {"kind": "retenue"}], body=town.commission, title="Retenue sans action")
    client = enter(town.elu)
    page = words(client.get("/equipe/actions"))
    assert page.index("En retard") < page.index("Poser deux bancs") < page.index("Sans date")
    assert "Finie" not in page
    assert "Étrangère" not in page
    assert "Sans suite" not in page
    assert "Propositions retenues sans action Retenue sans action" in page
    late = client.get("/equipe/actions?etat=en-retard").text
    assert ("action-2" in late, "action-1" in late) == (True, False)
    done = client.get("/equipe/actions?etat=terminees").text
    assert ("action-4" in done, "action-1" in done) == (True, False)
    assert "Étrangère" in enter(town.admin).get("/equipe/actions").text
    assert client.get("/equipe/actions/action-5").status_code == 404


@pytest.mark.both_databases
def test_pages_follow_one_another_and_none_is_lost(as_admin: CheckedClient, accepted: Proposal):
    for number in range(45):
        due = dt.date(2026, 4, 1) + dt.timedelta(days=number // 3) if number < 30 else None
        make_action(f"action-{number:02}", accepted, due_on=due)
    db.session.commit()
    seen: list[str] = []
    address: str | None = "/equipe/actions"
    while address:
        page = as_admin.get(address).text
        seen += re.findall(r'href="/equipe/actions/(action-\d\d)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(found[1]) if found else None
    assert seen == [f"action-{number:02}" for number in range(45)]


def test_each_page_costs_the_same_whatever_it_shows(as_admin: CheckedClient, accepted: Proposal):
    def cost(address: str) -> int:
        db.session.commit()
        with count_queries(as_admin.application) as count:
            assert as_admin.get(address, follow_redirects=True).status_code == 200
        return count.number

    addresses = ["/equipe/actions", "/propositions/prop-1-des-bancs-au-quai", "/equipe/propositions/prop-1"]
    make_note(make_action(proposal=accepted))
    before = [cost(address) for address in addresses]
    for _n in range(6):
        make_action_photo(make_note(make_action(proposal=accepted)))
    assert [cost(address) for address in addresses] == before


def test_a_foreigner_finds_no_action(action: Action, enter: Enter, town: Town):
    foreigner = enter(make_account("animateur", ("commune", "sud")))
    for path in ("", "/modifier", "/arreter"):
        assert foreigner.get(f"/equipe/actions/action-1{path}").status_code == 404
    assert foreigner.get("/equipe/propositions/prop-1/fait").status_code == 404
