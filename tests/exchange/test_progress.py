"""The progress bar: on a terminal, and nowhere else."""

import io
import sys

import pytest

from participation.exchange.commands import Bar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    bar = Bar()
    bar.advance(5)
    bar.begin("Écriture", 20)
    bar.advance(20)
    bar.end()
    bar.end()
    return stream.getvalue()


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, _Terminal())
    assert "Lecture" in text
    assert "Écriture" in text


def test_a_pipe_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO()) == ""
