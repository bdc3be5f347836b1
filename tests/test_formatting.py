"""How dates and numbers read."""

import datetime as dt

import pytest
from flask import Flask

from participation.formatting import date_fr, datetime_fr, time_fr, weekday_fr


@pytest.mark.parametrize(
    ("address", "long", "full"),
    [
        ("/", "1er mars 2026", "dimanche 1er mars 2026"),
        ("/?l=en", "1 March 2026", "Sunday, 1 March 2026"),
        ("/?l=ar", "1 مارس 2026", "الأحد، 1 مارس 2026"),
    ],
)
def test_the_first_of_the_month_is_ordinal_in_french_alone(app: Flask, address: str, long: str, full: str) -> None:
    with app.test_request_context(address, headers={"Accept-Language": "fr"}):
        assert date_fr(dt.date(2026, 3, 1)) == long
        assert weekday_fr(dt.date(2026, 3, 1)) == full


def test_other_days_stay_plain(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert date_fr(dt.date(2026, 3, 11)) == "11 mars 2026"
        assert weekday_fr(dt.date(2026, 5, 21)) == "jeudi 21 mai 2026"


@pytest.mark.parametrize(("time", "said"), [("18:30", "18_h_30"), ("09:05", "9_h_05"), ("20:00", "20_h")])
def test_no_line_ends_within_a_time(app: Flask, time: str, said: str) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert time_fr(dt.time.fromisoformat(time)) == said.replace("_", "\N{NO-BREAK SPACE}")


def test_a_moment_is_told_in_paris(app: Flask) -> None:
    moment = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    with app.test_request_context("/?l=en", headers={"Accept-Language": "fr"}):
        assert datetime_fr(moment) == "2 July 2026, 00:30"
