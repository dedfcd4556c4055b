"""Comments that silence rules, and the lines that they hold for."""

import pytest

from kept.source.suppressions import Suppression, statement_lines, suppressions

CLASS = """\
@register("a")  # kept: ignore[one]
class Scaled(
    Layer,
):  # kept: ignore[two]
    rates = {  # kept: ignore[three]
        1: 2,  # kept: ignore[four]
    }

    def call(self, x): return x  # kept: ignore[five]
"""


def only(text):
    (found,) = suppressions(text)
    return found


def test_a_comment_names_rules_by_name_and_by_code():
    assert only("x = 1  # kept: ignore[local-class, KPT1]\n") == Suppression(1, 8, 41, ("local-class", "KPT1"), (1, 1))


def test_a_comment_without_brackets_is_for_all_rules():
    assert only("x = 1  # kept: ignore\n").words is None


@pytest.mark.parametrize(
    "comment",
    [
        "#kept:ignore[a]",
        "# noqa: E501  # kept: ignore[a]",
        "# kept: ignore [a] for the old files",
        "# kept: ignore[ a,]",
    ],
)
def test_spaces_other_comments_and_reasons_do_not_matter(comment):
    assert only(f"x = 1  {comment}\n").words == ("a",)


@pytest.mark.parametrize("comment", ["# kept: ignored", "# kept: ignore-all", "# kept ignore[a]", "# keep: ignore"])
def test_other_comments_are_none(comment):
    assert suppressions(f"x = 1  {comment}\n") == ()


@pytest.mark.parametrize("text", ['x = "# kept: ignore"\n', '"""\n# kept: ignore[a]\n"""\n', "f'# kept: ignore'\n"])
def test_what_stands_in_a_string_is_none(text):
    assert suppressions(text) == ()


def test_two_comments_on_one_line_are_two():
    assert [one.words for one in suppressions("x = 1  # kept: ignore[a]  # kept: ignore[b]\n")] == [("a",), ("b",)]


def test_a_bracket_that_is_not_closed_silences_nothing():
    found = only("x = 1  # kept: ignore[a, b\n")
    assert found.words == ("a", "b")
    assert not found.covers(1)


def test_a_comment_for_the_file_holds_for_every_line():
    found = only("import keras\n# kept: ignore-file[local-class]\n")
    assert found.lines is None
    assert found.covers(10_000)


def test_the_first_and_the_last_line_of_a_statement_hold_for_all_of_it():
    assert {one.words[0]: one.lines for one in suppressions(CLASS)} == {
        "one": (1, 4), "two": (1, 4), "three": (5, 7), "four": (6, 6), "five": (9, 9),
    }  # fmt: skip


def test_a_comment_within_a_class_does_not_hold_for_the_class():
    five = suppressions(CLASS)[-1]
    assert not five.covers(2)
    assert five.covers(9)


def test_the_lines_of_statements_are_in_order():
    assert statement_lines(CLASS) == [(1, 4), (5, 7), (9, 9)]


def test_text_that_ends_within_a_statement_does_not_fail():
    assert [one.lines for one in suppressions("x = (  # kept: ignore\n'")] == [(1, 1)]
