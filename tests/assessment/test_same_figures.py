"""The same figures everywhere, to the digit: page, JSON, CSV, workbook, paper, and the number of rows behind each."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask

from participation.assessment.indicators import BLOCKS, DAYS, INDICATORS, SHARE
from participation.assessment.workbook import list_name
from participation.extensions import db
from tests.assessment.packages import make_package
from tests.support.checked_client import CheckedClient
from tests.support.emptying import empty
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package
from tests.support.paper import words_of

SUMS = {"PC3.attendances", "G2.total", "PC4.answer_days_median"}
"""Their value is no number of rows."""
ELSEWHERE = [
    ("2025", "?perimetre=commune:arras"),
    ("2025", "?perimetre=quartier:nord"),
    ("2025", "?perimetre=instance:instance-1"),
    ("2024-2026", ""),
    ("2026", "?perimetre=commune:achicourt"),
    ("2024-2026", "?perimetre=quartier:centre"),
]
Figures = Mapping[str, Any]
WHY = {
    "aucune_rencontre": "Aucune rencontre",
    "denominateur_vide": "Rien à compter",
    "population_inconnue": "Population inconnue",
    "petit_effectif": "Trop peu de personnes pour donner un chiffre",
    "non_renseigne": "Non renseigné",
}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC), tick=False):
        yield


def refill(client: CheckedClient, seed: int) -> None:
    """Replace what the database holds by a random package, read by the team."""
    db.session.rollback()
    empty(db.session())
    insert_package(db.session.connection(), make_package(seed))
    db.session.commit()
    sign_in(client, make_account("admin"))


def number(value: float) -> str:
    rounded = f"{value:.1f}".removesuffix(".0")
    whole, _, decimals = rounded.partition(".")
    grouped = f"{int(whole):,}".replace(",", " ")
    return f"{grouped},{decimals}" if decimals else grouped


def written(code: str, figure: Mapping[str, Any], parts: str = "%s") -> str:
    """Return a figure in French, written apart from the program's own way. `parts`: how a share's parts stand."""
    if figure["value"] is None:
        return WHY[figure["why"]]
    if INDICATORS[code].unit == SHARE:
        both = f"{number(figure['numerator'])} sur {number(figure['denominator'])}"
        return both if figure["denominator"] < 20 else f"{round(figure['value'] * 100)} % {parts % both}"
    return number(figure["value"]) + (" jours" if INDICATORS[code].unit == DAYS else "")


def counted_in(figure: Mapping[str, Any]) -> str:
    """Return the sentence that says in how many meetings it was counted (all in the singular); empty without any."""
    coverage = figure.get("coverage")
    if not coverage:
        return ""
    return f"Compté dans {number(coverage['counted'])} rencontre sur {number(coverage['of'])}."


def singular(text: str) -> str:
    return text.replace("rencontres sur", "rencontre sur")


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def figures_of(page: Any) -> dict[str, tuple[str, list[str]]]:
    """Return each figure of a page by code: its value, and the notes under it."""
    pieces = re.split(r'<div class="figure" id="([^"]+)">', page.text)
    found = {}
    for code, text in zip(pieces[1::2], pieces[2::2], strict=True):
        [value] = re.findall(r'<p class="figure-(?:value|unknown)">(.*?)</p>', text, re.DOTALL)
        notes = re.findall(r'<p class="figure-note">(.*?)</p>', text.partition("</section>")[0], re.DOTALL)
        found[code.replace("-", ".")] = (plain(value), [singular(plain(note)) for note in notes])
    return found


def check_rows(figures: Figures) -> None:
    for code, figure in figures.items():
        if "of_rows" in figure:
            assert (figure["numerator"], figure["denominator"]) == (len(figure["rows"]), len(figure["of_rows"])), code
        elif "numerator" not in figure and code not in SUMS:
            assert figure["value"] == len(figure["rows"]), code


def check_page(page: Any, figures: Figures, before: Figures | None) -> None:
    shown = figures_of(page)
    assert shown.keys() == figures.keys()
    for code, figure in figures.items():
        value, notes = shown[code]
        assert value == written(code, figure), code
        assert counted_in(figure) in ["", *notes], code
        if before:
            assert f"En 2024 : {written(code, before[code], '(%s)')}" in notes, code


def check_csv(text: str, figures: Figures) -> None:
    lines = {line["code"]: line for line in csv.DictReader(io.StringIO(text))}
    assert list(lines) == list(figures)
    for code, figure in figures.items():
        told = [lines[code][name] for name in ("valeur", "numerateur", "denominateur", "comptees", "sur", "motif")]
        assert told == ["" if one is None else str(one) for one in parts(figure)], code


def parts(figure: Mapping[str, Any]) -> list[Any]:
    coverage = figure.get("coverage") or {}
    named = (figure["value"], figure.get("numerator"), figure.get("denominator"))
    return [*named, coverage.get("counted"), coverage.get("of"), figure.get("why")]


def check_workbook(content: bytes, figures: Figures) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found: dict[Any, tuple[Any, ...]] = {}
    for block in BLOCKS:
        sheet = next(one for one in book.worksheets if one.title.startswith(f"{block} "))
        found |= {row[0]: row[2:8] for row in sheet.iter_rows(min_row=2, max_col=8, values_only=True)}
    assert found.keys() == figures.keys()
    for code, figure in figures.items():
        *numbers, why = parts(figure)
        assert found[code][-1] == why, code
        assert list(found[code][:-1]) == [one if one is None else pytest.approx(one, rel=1e-14) for one in numbers]
    for code, figure in figures.items():
        for part, ending in (("rows", ""), ("of_rows", " sur")):
            if part in figure:
                assert column(book[list_name(code, ending)]) == figure[part], code
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def column(sheet: Any) -> list[Any]:
    return [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]


def check_paper(content: bytes, figures: Figures, before: Figures | None) -> None:
    """Each label is followed by the value, the one of the year before, and in how many meetings it was counted."""
    text = plain(words_of(content))
    at = 0
    for code, figure in figures.items():
        label = str(INDICATORS[code].label)
        at = text.index(f"{label} ", at) + len(label) + 1
        cells = [written(code, figure, "(%s)"), written(code, before[code], "(%s)") if before else ""]
        beside = text[at : at + 250]
        assert f"{beside} ".startswith(" ".join(filter(None, cells)) + " "), (code, beside)
        assert counted_in(figure) in singular(beside), (code, beside)


def check_everything(client: CheckedClient, period: str = "2025", where: str = "") -> None:
    """Check all that the team and the élus have of a period and a place, and what everybody has of it."""
    figures, before = figures_and_before(client, "/elus/bilan", period, where)
    check_rows(figures)
    check_page(client.get(f"/elus/bilan/{period}{where}"), figures, before)
    check_csv(client.get(f"/elus/bilan/{period}.csv{where}").text, figures)
    check_workbook(client.get(f"/elus/bilan/{period}.xlsx{where}").data, figures)
    check_paper(client.get(f"/elus/bilan/{period}.pdf{where}").data, figures, before)
    if "instance:" in where:
        return
    masked, masked_before = figures_and_before(client, "/bilan", period, where)
    check_page(client.get(f"/bilan/{period}{where}"), masked, masked_before)
    check_csv(client.get(f"/bilan/{period}.csv{where}").text, masked)
    assert client.get(f"/api/v1/indicateurs{where or '?'}&annee={period}").json["indicators"] == figures  # type: ignore[index]


def figures_and_before(client: CheckedClient, path: str, period: str, where: str) -> tuple[Figures, Figures | None]:
    """Return the figures of a period, and those of 2024 where the period is the year after."""
    read: Any = [client.get(f"{path}/{one}.json{where}").json for one in (period, *(["2024"] * (period == "2025")))]
    return read[0]["indicators"], read[1]["indicators"] if len(read) > 1 else None


@pytest.mark.parametrize("seed", [2, 9, 31])
def test_every_figure_is_the_same_wherever_it_stands(app_context: Flask, client: CheckedClient, seed: int) -> None:
    refill(client, seed)
    check_everything(client)
    check_everything(client, *ELSEWHERE[seed % len(ELSEWHERE)])


@pytest.mark.full
@pytest.mark.parametrize("first", range(1000, 1500, 50))
def test_every_figure_is_the_same_on_many_databases(app_context: Flask, client: CheckedClient, first: int) -> None:
    """500 databases: each whole, and in one other place or time."""
    for seed in range(first, first + 50):
        refill(client, seed)
        check_everything(client)
        check_everything(client, *ELSEWHERE[seed % len(ELSEWHERE)])


def test_what_everybody_downloads_is_what_the_api_gives(app_context: Flask, client: CheckedClient) -> None:
    refill(client, 9)
    client.delete_cookie("session")
    stranger = app_context.test_client()
    asked = stranger.get("/api/v1/indicateurs?annee=2025").json
    given = stranger.get("/bilan/2025.json")
    assert given.json == asked
    assert given.headers["Content-Disposition"] == "attachment; filename=bilan-2025.json"
    assert any(figure.get("why") == "petit_effectif" for figure in given.json["indicators"].values())  # type: ignore[index]


@pytest.mark.parametrize("ending", ["pdf", "xlsx", "csv", "json"])
def test_strangers_do_not_get_the_teams_files(app_context: Flask, ending: str) -> None:
    insert_package(db.session.connection(), make_package(9))
    db.session.commit()
    stranger = app_context.test_client()
    assert "/equipe/connexion" in stranger.get(f"/elus/bilan/2025.{ending}").location
    assert stranger.get("/bilan/2025.pdf").status_code == 404
    assert stranger.get("/bilan/2025.csv?perimetre=instance:instance-0").status_code == 404
