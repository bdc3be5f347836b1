"""What a device keeps: light, for seven days, deleted only by who means it, and never lost on the way out."""

import gzip
import json
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from participation.extensions import db
from participation.live.models import MeetingPhoto
from participation.opinions.models import Opinion
from tests.live.hand import PREPARE, SCREEN, Hand, prepare, says
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in

SHELL = 120 * 1024
"""Bytes, compressed by gzip (ux.md 2.2): what « Préparer hors réseau » brings once."""

_AGE = """([days, numbers]) => new Promise((done) => {
  indexedDB.open("direct").onsuccess = (event) => {
    const transaction = event.target.result.transaction("evenements", "readwrite");
    const store = transaction.objectStore("evenements");
    store.getAll().onsuccess = (all) => all.target.result.forEach((row) => {
      if (numbers.includes(row.numero)) { row.le -= days * 864e5; store.put(row); }
    });
    transaction.oncomplete = () => { event.target.result.close(); done(); };
  };
})"""
_AGE_PAGE = """async (path) => {
  const cache = await caches.open("direct");
  const kept = await cache.match(path);
  const headers = new Headers(kept.headers);
  headers.set("Date", new Date(Date.now() - 8 * 864e5).toUTCString());
  await cache.put(path, new Response(await kept.blob(), { headers }));
}"""


def _offline(telephone: BrowserContext, *words: str) -> Page:
    """Return the live screen without a network, with these opinions recorded."""
    page = telephone.new_page()
    page.goto(PREPARE)
    prepare(Hand(page))
    telephone.set_offline(True)
    page.goto(SCREEN)
    for said in words:
        Hand(page).opinion(said)
    says(page, f"Gardé ici : {len(words)}") if words else None
    return page


def _texts(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Opinion.text).order_by(Opinion.id)))


def test_what_the_device_takes_along_is_light(telephone: BrowserContext, client: CheckedClient, hall: Flask) -> None:
    page = _offline(telephone)
    paths = page.evaluate(
        "caches.open('direct').then((cache) => cache.keys()).then((all) => all.map((one) => new URL(one.url).pathname))"
    )
    with hall.app_context():
        sign_in(client, make_account("animateur", ("instance", "commission")))
        db.session.commit()
    answers = {path: client.get(path) for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}
    weights = {path: len(gzip.compress(answer.data)) for path, answer in answers.items()}
    assert len(weights) == 14
    assert sum(weights.values()) <= SHELL, weights


def test_after_seven_days_nothing_leaves_by_itself(telephone: BrowserContext, hall: Flask) -> None:
    page = _offline(telephone, "Ancien", "Récent")
    page.evaluate(_AGE, [8, [1]])
    page.goto("/equipe/a-envoyer")
    expect(page.get_by_text("Gardé depuis plus de 7 jours")).to_have_count(1)
    telephone.set_offline(False)
    says(page, "À corriger : 1")
    assert _texts(hall) == ["Récent"]
    page.get_by_role("button", name="Envoyer de nouveau").click()
    says(page, "Tout est envoyé (")
    assert _texts(hall) == ["Récent", "Ancien"]


def test_after_seven_days_pages_are_no_longer_ready(telephone: BrowserContext) -> None:
    page = _offline(telephone)
    page.evaluate(_AGE_PAGE, SCREEN)
    page.goto(PREPARE)
    expect(page.get_by_text("Il manque une page à cet appareil.")).to_be_visible()


def test_only_who_confirms_deletes(telephone: BrowserContext, hall: Flask) -> None:
    page = _offline(telephone, "Un", "Deux")
    page.goto("/equipe/a-envoyer")
    lines = page.locator("#a-envoyer ol > li")
    page.once("dialog", lambda dialog: dialog.dismiss())
    lines.first.get_by_role("button", name="Supprimer").click()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Tout effacer de cet appareil").click()
    expect(lines).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.accept())
    lines.first.get_by_role("button", name="Supprimer").click()
    expect(lines).to_have_count(1)
    telephone.set_offline(False)
    says(page, "Tout est envoyé (")
    assert _texts(hall) == ["Deux"]


def test_the_saved_file_is_sent_from_elsewhere(telephone: BrowserContext, hall: Flask, tmp_path: Path) -> None:
    page = _offline(telephone, "Un", "Deux")
    Image.effect_noise((900, 700), 40).convert("RGB").save(tmp_path / "tableau.jpg")
    page.locator("#photo").set_input_files(tmp_path / "tableau.jpg")
    page.locator("#description").fill("Le tableau")
    page.get_by_role("button", name="Garder la photo").click()
    says(page, "Gardé ici : 3")
    page.goto("/equipe/a-envoyer")
    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer dans un fichier").click()
    saved = download.value.path()
    assert len(json.loads(saved.read_bytes())["evenements"]) == 3
    telephone.route("**/en-direct/evenements", lambda route: route.abort())  # this device sends no more
    telephone.set_offline(False)
    page.goto("/equipe/a-envoyer/fichier")
    page.locator("#fichier").set_input_files(saved)
    page.get_by_role("button", name="Envoyer ce fichier").click()
    expect(page.get_by_text("3 gestes sont notés.")).to_be_visible()
    assert _texts(hall) == ["Un", "Deux"]
    telephone.unroute("**/en-direct/evenements")
    page.goto("/equipe/a-envoyer")
    says(page, "Tout est envoyé (")
    assert _texts(hall) == ["Un", "Deux"]
    with hall.app_context():
        assert db.session.scalars(sa.select(MeetingPhoto.description)).all() == ["Le tableau"]
