"""Fields read what people really type, and say in French what they cannot read."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from participation.fields import ClockField, CountField, DayField, LineField


class Sample(Form):
    day = DayField()
    clock = ClockField()
    count = CountField()
    line = LineField()


@pytest.fixture
def read(app: Flask) -> Any:
    """Read one field; gives what it holds and its errors."""

    def reader(name: str, text: str) -> tuple[Any, list[str], str]:
        with app.test_request_context("/equipe"):
            form = Sample(MultiDict({name: text}))
            form.validate()
            return form[name].data, list(form[name].errors), str(form[name]())

    return reader


@pytest.mark.parametrize("text", ["2026-03-12", "12/03/2026", " 12-03-2026 ", "12.03.2026"])
def test_a_date_is_read_and_shown_again_to_a_date_picker(read: Any, text: str):
    day, errors, html = read("day", text)
    assert (day, errors) == (dt.date(2026, 3, 12), [])
    assert 'value="2026-03-12"' in html


@pytest.mark.parametrize("text", ["2026-02-30", "12 mars", "03/2026", "2026-3-1x", "\x00"])
def test_a_date_that_is_none_is_said_and_kept(read: Any, text: str):
    day, errors, _html = read("day", text)
    assert day is None
    assert errors == ["Cette date n'existe pas. Écrivez une date comme 12/03/2026."]


@pytest.mark.parametrize(
    ("text", "clock"),
    [("18:30", (18, 30)), ("18h30", (18, 30)), ("18 H", (18, 0)), ("9", (9, 0)), ("09:05:00", (9, 5)), ("0h", (0, 0))],
)
def test_a_clock_time_is_read(read: Any, text: str, clock: tuple[int, int]):
    assert read("clock", text)[:2] == (dt.time(*clock), [])


@pytest.mark.parametrize("text", ["24:00", "18:60", "midi", "18h3", "-1:00"])
def test_a_clock_time_that_is_none_is_said_and_kept(read: Any, text: str):
    clock, errors, html = read("clock", text)
    assert clock is None
    assert errors == ["Cette heure n'existe pas. Écrivez une heure comme 18:30."]
    assert f'value="{text}"' in html


@pytest.mark.parametrize(
    ("text", "count"), [("25", 25), (" 1 200 ", 1200), ("1\u202f200", 1200), ("0", 0), ("", None), ("٢٥", 25)]
)
def test_a_count_is_read_and_empty_is_unknown(read: Any, text: str, count: int | None):
    assert read("count", text)[:2] == (count, [])


@pytest.mark.parametrize("text", ["-1", "2,5", "1e3", "²", "9" * 5000, "100001"])
def test_a_count_that_is_none_is_said_and_kept(read: Any, text: str):
    count, errors, html = read("count", text)
    assert count is None
    assert len(errors) == 1
    assert text in html


def test_a_line_has_no_line_end(read: Any):
    assert read("line", " a\r\n b\t c ")[0] == "a b c"
