"""What is sent to a terminal, and what to a pipe."""

import io

import pytest

from kept.cli import _terminal


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_gets_colour():
    assert _terminal.colour(Screen())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colour_gets_none(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    assert not _terminal.colour(Screen())


def test_a_pipe_gets_no_colour_and_eighty_columns():
    assert not _terminal.colour(io.StringIO())
    assert _terminal.width(io.StringIO()) == 80


@pytest.mark.parametrize(("columns", "expected"), [("40", 66), ("100", 100), ("300", 110)])
def test_a_terminal_is_filled_within_reason(columns, expected, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert _terminal.width(Screen()) == expected
