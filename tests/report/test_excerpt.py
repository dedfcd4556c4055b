"""The mark stands below what it marks, whatever the line is made of and wherever it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kept.findings import Location
from kept.report._excerpt import excerpt


def marked(text, begin, length, width=80):
    """What stands above the mark, counted in cells."""
    shown = excerpt(Location("a.py", 1, begin + 1, begin + length + 1, text), width)
    cells = [one for one in shown.text for _ in range(cell_len(one))]
    return "".join(dict.fromkeys(cells[shown.offset : shown.offset + shown.length]))


def test_a_tab_is_as_wide_as_it_is_shown():
    shown = excerpt(Location("a.py", 1, 3, 6, "\t\tdef f"), 80)
    assert (shown.text, shown.offset, shown.length) == ("        def f", 8, 3)


def test_a_wide_character_takes_two_cells():
    assert marked("数 = abc", 4, 3) == "abc"


def test_a_long_line_is_cut_around_its_mark():
    shown = excerpt(Location("a.py", 1, 101, 104, "x" * 100 + "abc" + "y" * 100), 40)
    assert shown.text.startswith("...x")
    assert shown.text.endswith("y...")
    assert shown.text[shown.offset : shown.offset + shown.length] == "abc"


def test_the_beginning_of_a_line_is_not_cut_without_need():
    assert excerpt(Location("a.py", 1, 5, 8, "x = abc" + "y" * 100), 40).text.startswith("x = abc")


def test_the_end_of_a_line_is_shown_whole_where_it_is_near():
    shown = excerpt(Location("a.py", 1, 97, 100, "x" * 96 + "abc" + "yy"), 40).text
    assert shown == f"...{'x' * 32}abcyy"


def test_without_a_column_there_is_no_mark():
    assert excerpt(Location("a.py", 1, text="x = 1"), 40).length == 0


def test_without_an_end_one_character_is_marked():
    assert marked("x = 1", 4, 0) == "1"


@pytest.mark.parametrize("character", ["\x1b", "\x00", "\u202e"])
def test_what_would_control_a_terminal_is_not_shown(character):
    assert excerpt(Location("a.py", 1, text=f"x = '{character}'"), 40).text == "x = '\ufffd'"


@given(st.text(max_size=200), st.integers(0, 220), st.integers(0, 220), st.integers(20, 120))
def test_no_line_and_no_column_is_too_much(text, begin, length, width):
    shown = excerpt(Location("a.py", 1, begin, begin + length, text), width)
    assert cell_len(shown.text) <= width
    assert shown.offset + shown.length <= width
