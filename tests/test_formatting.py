"""How dates and numbers read."""

import datetime as dt

import pytest
from flask import Flask

from participation.formatting import date_fr, weekday_fr


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
