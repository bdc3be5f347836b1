"""No set of public pages, files and answers of the API tells of 1 to 4 people, whatever is closed and recorded late."""

import csv
import datetime as dt
import io
import random
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import closing
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.extensions import db
from participation.meetings.models import Meeting
from tests.assessment.attack import PARTS, Told, revealed, told
from tests.assessment.packages import COMMUNES, QUARTIERS
from tests.assessment.test_closed_counts import package_of_many_small
from tests.assessment.test_same_figures import written
from tests.support.checked_client import CheckedClient
from tests.support.package_rows import insert_package

PERIODS = ("2024", "2025", "2026", "2024-2026")
PLACES = ("contract", *(f"commune:{slug}" for slug in COMMUNES), *(f"quartier:{slug}" for slug in QUARTIERS))
COUNTS = ("habitants", "habitants_qpv", "primo_participants", "femmes", "hommes", "moins_26", "plus_60")
_NAMES = ("qpv_residents", "first_timers", "women", "men", "under_26", "over_60")


class World:
    """A database whose meetings are counted in three goes, with assessments closed in between."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app = app
        self.chance = random.Random(seed)
        insert_package(db.session.connection(), package_of_many_small(self.chance, seed))
        self.late = self._count_later()
        db.session.commit()

    def _count_later(self) -> dict[int, dict[str, int | None]]:
        """Take the breakdown of some meetings away; return it, to be written down later."""
        found = {}
        for meeting in db.session.scalars(sa.select(Meeting).order_by(Meeting.id)):
            if self.chance.random() < 0.4:
                found[meeting.id] = {name: getattr(meeting, name) for name in _NAMES}
                for name in _NAMES:
                    setattr(meeting, name, None)
        return found

    def close(self, number: int, day: dt.date) -> None:
        """Close the assessment of some places and periods, as a team does, and let it be read by everybody."""
        for period, place in self.chance.sample([(one, where) for one in PERIODS for where in PLACES], number):
            with self.app.test_request_context():
                frame = find_frame(db.session(), Period.parse(period), Scope.parse(place), day)
                closing.close(db.session(), frame)
                db.session.commit()

    def count(self, share: float) -> None:
        """Write down some of what was left to count; cancel a meeting now and then."""
        for number in [one for one in self.late if self.chance.random() < share]:
            db.session.execute(sa.update(Meeting).where(Meeting.id == number).values(self.late.pop(number)))
        for meeting in db.session.scalars(sa.select(Meeting).order_by(Meeting.id)):
            if self.chance.random() < 0.05:
                meeting.status = "annulee"
        db.session.commit()


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u202f", "").replace("\xa0", " ").split())


class Stranger:
    """Reads all that is public, over HTTP."""

    def __init__(self, client: CheckedClient) -> None:
        self.client = client

    def everything(self) -> list[Told]:
        """Return each share of residents that is published, today's and those of closed versions."""
        found = [
            one for period in PERIODS for place in PLACES for one in told(f"{period} {place}", self.live(period, place))
        ]
        return found + [one for period in PERIODS for place in PLACES for one in self.closed(period, place)]

    def live(self, period: str, place: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/indicateurs?annee={period}&perimetre={place}").json
        assert answer
        return answer["indicators"]  # type: ignore[no-any-return]

    def closed(self, period: str, place: str) -> Iterator[Told]:
        """Return what the pages of closed versions say; they are found by the links of the public page."""
        page = self.client.get(f"/bilan/{period}?perimetre={place}").text
        for address in map(unescape, re.findall(rf'href="(/bilan/{period}/version/\d+[^"]*)"', page)):
            path, _, query = address.partition("?")
            for code in PARTS:
                one = self.client.get(f"{path}/{code}?{query}").text
                [value] = re.findall(r'<p class="figure-(?:value|unknown)">(.*?)</p>', one, re.DOTALL)
                parts = re.search(r"(\d+) sur (\d+)", plain(value))
                if parts:
                    rows = re.findall(r'href="/rencontres/([^"#]+)', one.partition("<h2")[2])
                    yield Told(f"{path} {place}", code, frozenset(rows), int(parts[1]), int(parts[2]))

    def meetings(self) -> dict[str, dict[str, int | None]]:
        """Return the headcounts that the open data show of each meeting."""
        found = {}
        for year in re.findall(r'href="/donnees/(\d+)\.zip"', self.client.get("/donnees").text):
            text = self.client.get(f"/donnees/{year}/rencontres.csv").text
            for row in csv.DictReader(io.StringIO(text)):
                found[row["ref"]] = {name: int(row[name]) if row[name] else None for name in COUNTS}
        return found


def look(client: CheckedClient) -> int:
    stranger = Stranger(client)
    published = stranger.everything()
    assert not revealed(published, stranger.meetings())
    return len(published)


def at(day: str) -> Any:
    return time_machine.travel(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00"), tick=False)


def test_nothing_public_tells_of_few_people(app_context: Flask, client: CheckedClient) -> None:
    with at("2026-07-15"):
        world = World(app_context, 4)
        world.close(4, dt.date(2026, 7, 15))
    with at("2026-12-20"):
        world.count(0.6)
        assert look(client) > 30  # what tells nothing is not withheld


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 120))
def test_nothing_public_tells_of_few_people_whatever_is_closed_and_counted(
    app_context: Flask, client: CheckedClient, seed: int
) -> None:
    with at("2026-07-15"):
        world = World(app_context, seed)
        world.close(5, dt.date(2026, 7, 15))
        world.close(2, dt.date(2026, 3, 31))
    for day, number, share in (("2026-12-20", 4, 0.4), ("2027-12-20", 3, 0.5)):
        with at(day):
            world.count(share)
            look(client)
            world.close(number, dt.date.fromisoformat(day))
            world.count(share / 2)
            look(client)


def test_every_page_and_file_withholds_the_same(app_context: Flask, client: CheckedClient) -> None:
    """A figure stands on other pages too: beside other places, beside other years, in the open data."""
    with at("2026-12-20"):
        World(app_context, 4)
        stranger = Stranger(client)
        figures = {(period, place): stranger.live(period, place) for period in PERIODS for place in PLACES}
        for code in PARTS:
            shown = bars(client.get(f"/bilan/2025/{code}").text)
            wanted = {place.partition(":")[2]: figures["2025", place][code] for place in PLACES[1:]}
            assert {label: text for label, text in shown.items() if label in wanted} == {
                label: written(code, figure, "(%s)") for label, figure in wanted.items()
            }
        for place in PLACES:
            page = client.get(f"/bilan/2026/D1.first_time_share?perimetre={place}").text
            for year, text in bars(page).items():
                if year.isdigit():
                    said = written("D1.first_time_share", figures[year, place]["D1.first_time_share"], "(%s)")
                    assert said.startswith(text)
        lines = csv.DictReader(io.StringIO(client.get("/donnees/2025/indicateurs.csv").text))
        told_there = {line["code"]: (line["numerateur"], line["motif"]) for line in lines}
        for code in PARTS:
            figure = figures["2025", "contract"][code]
            numerator = "" if figure["numerator"] is None else str(figure["numerator"])
            assert told_there[code] == (numerator, figure.get("why", ""))
        assert "petit_effectif" in {figure.get("why") for one in figures.values() for figure in one.values()}


def bars(html: str) -> dict[str, str]:
    """Return what the charts of a page say: the text beside each label."""
    row = r'<th scope="row">(.*?)</th>.*?<span class="bars-value">(.*?)</span>'
    unseen = r'<span class="unseen">.*?</span>'
    return {
        plain(re.sub(unseen, "", label, flags=re.DOTALL)): plain(text)
        for label, text in re.findall(row, html, re.DOTALL)
    }
