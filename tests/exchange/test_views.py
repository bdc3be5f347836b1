"""Import and export in the browser."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from participation.exchange.tables import TABLES
from participation.extensions import db
from participation.journal import JournalEntry
from participation.meetings.models import Meeting
from participation.people.models import Account
from tests.exchange.helpers import BODY, OTHER_BODY, faults_of, meeting, table
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in

MEETINGS = table(meeting(), meeting(ref="r2"))


@pytest.fixture
def chef(contract: Flask, client: CheckedClient) -> Account:
    account = make_account("chef_projet", function="Cheffe de projet")
    sign_in(client, account)
    return account


def key_of(page: TestResponse) -> str:
    found = re.search(r'name="cle" type="hidden" value="([^"]+)"', page.text)
    assert found
    return found[1]


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)
    assert found
    return found[1]


def hidden(page: TestResponse) -> dict[str, str]:
    return {"cle": key_of(page), "csrf_token": token_of(page)}


def send(client: CheckedClient, *files: tuple[str, str | bytes], **more: str) -> TestResponse:
    page = client.get("/equipe/import")
    contents = [(io.BytesIO(text.encode() if isinstance(text, str) else text), name) for name, text in files]
    return client.post("/equipe/import", data={**hidden(page), "files": contents, **more})


def confirm(client: CheckedClient, sent: TestResponse) -> tuple[str, dict[str, str]]:
    path = sent.location
    return path, hidden(client.get(path))


def count() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Meeting)) or 0


def kept(app: Flask) -> list[Path]:
    folder = Path(app.instance_path) / "imports"
    return list(folder.iterdir()) if folder.exists() else []


def test_files_are_checked_then_confirmed(chef: Account, client: CheckedClient, contract: Flask) -> None:
    sent = send(client, ("rencontres.csv", MEETINGS))
    assert sent.status_code == 303
    page = client.get(sent.location)
    assert "Voici ce qui va changer" in page.text
    assert count() == 0
    done = client.post(sent.location, data=hidden(page))
    assert done.status_code == 303
    assert "Import : 2 rencontres ajoutées." in client.get(done.location).text
    assert (count(), kept(contract)) == (2, [])
    line = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.action == "import.done")).one()
    assert (line.account_id, line.actor) == (chef.id, "Cheffe de projet")


def test_a_double_confirmation_imports_once(chef: Account, client: CheckedClient) -> None:
    path, form = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    first, second = client.post(path, data=form), client.post(path, data=form)
    assert first.location == second.location
    assert db.session.scalar(sa.select(sa.func.count()).where(JournalEntry.action == "import.done")) == 1


def test_the_same_form_sent_twice_keeps_one_upload(chef: Account, client: CheckedClient, contract: Flask) -> None:
    form = hidden(client.get("/equipe/import"))
    sent = [
        client.post("/equipe/import", data={**form, "files": (io.BytesIO(text.encode()), "rencontres.csv")})
        for text in (MEETINGS, MEETINGS, table(meeting(ref="r3")))
    ]
    assert sent[0].location == sent[1].location != sent[2].location
    assert len(kept(contract)) == 2


def test_faults_are_shown_in_place(chef: Account, client: CheckedClient, contract: Flask) -> None:
    page = send(client, ("rencontres.csv", table(meeting(niveau="<b>débat</b>"))))
    assert page.status_code == 422
    assert "1 faute : rien n'est importé" in page.text
    assert '<td dir="auto">&lt;b&gt;débat&lt;/b&gt;</td>' in page.text
    assert kept(contract) == []


def test_two_hundred_faults_are_shown_at_most(chef: Account, client: CheckedClient) -> None:
    rows = [meeting(ref=f"r{number}", type="fête") for number in range(250)]
    page = send(client, ("rencontres.csv", table(*rows)))
    assert "250 fautes" in page.text
    assert page.text.count('<th scope="row"') == 200


@pytest.mark.parametrize("files", [(), (("", b""),), (("photo.jpg", b"\xff\xd8"),), (("vide.zip", b""),)])
def test_what_is_no_table_is_told(chef: Account, client: CheckedClient, files: Any) -> None:
    assert send(client, *files).status_code == 422


def test_several_files_and_a_workbook_make_one_import(chef: Account, client: CheckedClient) -> None:
    sent = send(client, ("rencontres.csv", MEETINGS), ("avis.csv", "ref,date,rencontre,texte\na1,2026-03-12,r1,Oui\n"))
    page = client.get(sent.location)
    assert "rencontres.csv, avis.csv" in page.text


def test_nothing_to_change_is_said(chef: Account, client: CheckedClient) -> None:
    path, form = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    client.post(path, data=form)
    again = client.get(send(client, ("rencontres.csv", MEETINGS)).location)
    assert "Rien ne change" in again.text
    assert "<button" not in again.text.split("<main")[1].split("</main>")[0]


def test_data_that_changed_meanwhile_is_shown_again(chef: Account, client: CheckedClient) -> None:
    first = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    second = confirm(client, send(client, ("rencontres.csv", table(meeting()))))
    client.post(second[0], data=second[1])
    changed = client.post(first[0], data=first[1])
    assert changed.status_code == 409
    assert "Quelqu&#39;un a changé ces données entre-temps" in changed.text
    assert client.post(first[0], data=hidden(changed)).status_code == 303
    assert count() == 2


def test_the_same_number_of_changes_is_not_the_same_change(chef: Account, client: CheckedClient) -> None:
    path, form = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    client.post(path, data=form)
    corrected = table(meeting(titre="Réunion du quai"), meeting(ref="r2"))
    path, form = confirm(client, send(client, ("rencontres.csv", corrected)))
    db.session.execute(sa.update(Meeting).where(Meeting.ref == "r1").values(title="Réunion du port"))
    db.session.commit()
    changed = client.post(path, data=form)
    assert changed.status_code == 409
    assert "Quelqu&#39;un a changé ces données entre-temps" in changed.text
    assert titles() == {"Réunion", "Réunion du port"}
    assert client.post(path, data=hidden(changed)).status_code == 303
    assert titles() == {"Réunion", "Réunion du quai"}


def titles() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(sa.select(Meeting.title)))


def test_what_the_import_does_not_touch_may_change_meanwhile(chef: Account, client: CheckedClient) -> None:
    path, form = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    client.post(path, data=form)
    path, form = confirm(client, send(client, ("rencontres.csv", table(meeting(titre="Réunion du quai")))))
    db.session.execute(sa.update(Meeting).where(Meeting.ref == "r1").values(place="Salle du bas"))
    db.session.commit()
    assert client.post(path, data=form).status_code == 303
    assert db.session.scalar(sa.select(Meeting.place).where(Meeting.ref == "r1")) == "Salle du bas"


def test_an_upload_is_its_senders_alone(chef: Account, client: CheckedClient) -> None:
    path, form = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    sign_in(client, make_account("admin"))
    assert client.get(path).status_code == 404
    form = hidden(client.get("/equipe/import"))
    assert client.post(path, data=form).status_code == 404
    assert client.get(f"{path}/fait").status_code == 404


@pytest.mark.parametrize("token", ["0" * 64, "..", "x", "%2e%2e%2f"])
def test_an_unknown_upload_is_not_found(chef: Account, client: CheckedClient, token: str) -> None:
    assert client.get(f"/equipe/import/{token}").status_code == 404


def test_an_upload_is_gone_after_a_day(chef: Account, client: CheckedClient, contract: Flask) -> None:
    path, _form = confirm(client, send(client, ("rencontres.csv", MEETINGS)))
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25), tick=False):
        sign_in(client, chef)
        assert client.get(path).status_code == 404
        send(client, ("rencontres.csv", table(meeting(ref="r3"))))
    assert len(kept(contract)) == 1


def test_uploads_are_readable_by_the_program_alone(chef: Account, client: CheckedClient, contract: Flask) -> None:
    send(client, ("../../rencontres.csv", MEETINGS))
    (folder,) = kept(contract)
    assert folder.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in folder.iterdir()) == ["0", "envoi.json"]


def test_an_animator_imports_their_rows_and_is_told_of_others(contract: Flask, client: CheckedClient) -> None:
    sign_in(client, make_account("animateur", ("instance", BODY)))
    assert send(client, ("rencontres.csv", MEETINGS)).status_code == 303
    page = send(client, ("rencontres.csv", table(meeting(instances=OTHER_BODY))))
    assert page.status_code == 422
    assert "pas dans votre périmètre" in page.text


@pytest.mark.parametrize("role", ["elu", "representant"])
@pytest.mark.parametrize("path", ["import", "import/modele.xlsx", "export", "export.zip"])
def test_others_cannot(contract: Flask, client: CheckedClient, role: str, path: str) -> None:
    sign_in(client, make_account(role, ("instance", BODY)))
    assert client.get(f"/equipe/{path}").status_code == 404


def test_a_stranger_is_sent_to_sign_in(contract: Flask, client: CheckedClient) -> None:
    assert client.get("/equipe/import").status_code == 303
    assert client.get("/equipe/export.zip").status_code == 303


# Blank templates


def test_the_blank_workbook_is_ready_to_fill(chef: Account, client: CheckedClient, tmp_path: Path) -> None:
    given = client.get("/equipe/import/modele.xlsx")
    path = tmp_path / "modele.xlsx"
    path.write_bytes(given.data)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [*(one.name for one in TABLES), "Aide"]
    sheet = book["avis"]
    titles = [cell.value for cell in sheet[1]]
    assert titles == [column.name for column in TABLES[3].read]
    sheet.append(["a1", dt.date(2026, 3, 12), None, BODY, None, None, None, "Il manque un banc."])
    book.save(path)
    assert faults_of(path) == []


def test_the_blank_files_are_ready_to_fill(chef: Account, client: CheckedClient, tmp_path: Path) -> None:
    given = client.get("/equipe/import/modeles.zip")
    (tmp_path / "modeles.zip").write_bytes(given.data)
    assert faults_of(tmp_path / "modeles.zip") == []
    with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
        assert BODY in archive.read("LISEZMOI.txt").decode("utf-8-sig")
        assert (
            archive.read("decisions.csv").decode("utf-8-sig") == "ref;rencontre;texte;responsable;echeance;faite_le\r\n"
        )


# Export


@pytest.mark.parametrize(
    "path", ["export.zip", "export.xlsx", "export.zip?donnees=ouvertes", "export.xlsx?donnees=ouvertes"]
)
def test_exports_are_downloaded_without_names(chef: Account, client: CheckedClient, path: str) -> None:
    mandates = f"ref,instance,nom,debut\nm1,{BODY},Camille Fictive,2026-01-01\n"
    where, form = confirm(client, send(client, ("mandats.csv", mandates)))
    client.post(where, data=form)
    given = client.get(f"/equipe/{path}")
    assert given.headers["Content-Disposition"].startswith("attachment; filename=participation-")
    assert given.headers["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"m1" in whole
    assert b"Camille" not in whole


def test_the_export_page_offers_both(chef: Account, client: CheckedClient) -> None:
    page = client.get("/equipe/export").text
    assert "/equipe/export.zip?donnees=ouvertes" in page
    assert 'href="/equipe/export.xlsx"' in page
