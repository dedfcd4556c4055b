"""Comments silence what they name, and those without use are findings themselves."""

import json

import pytest

from kept.findings import Applicability
from tests.checking.projects import CLEAN, LAMBDA, found_in, swept

LINE = "f = keras.layers.Lambda(lambda x: x + 1)"


def silent(comment, line=LINE, **words):
    """Rules that are found in a line with a comment behind it."""
    return [rule for _, rule in found_in(f"import keras\n{line}  {comment}\n", **words)]


@pytest.mark.parametrize(
    "comment", ["# kept: ignore[lambda-in-model]", "# kept: ignore", "# kept: ignore[KPT112]", "# kept: ignore[kpt1]"]
)
def test_a_finding_is_silenced_by_the_name_of_its_rule_by_its_code_and_by_none(comment):
    code = swept(texts={"a.py": LAMBDA.encode()}).check[0].code
    assert silent(comment.replace("KPT112", code)) == []


def test_a_comment_for_another_rule_silences_nothing_and_says_so():
    assert silent("# kept: ignore[local-class]") == ["lambda-in-model", "unused-ignore"]


def test_a_comment_for_the_file_silences_every_line():
    assert found_in(f"# kept: ignore-file[lambda-in-model]\n{LAMBDA}{LAMBDA}") == []


def test_a_finding_in_a_statement_of_several_lines_is_silenced_from_its_first_and_its_last():
    text = "import keras\nf = keras.layers.Lambda({0}\n    lambda x: x,\n    name='a',\n){1}\n"
    comment = "  # kept: ignore[lambda-in-model]"
    assert found_in(text.format(comment, "")) == found_in(text.format("", comment)) == []
    assert found_in(text.format("", "")) != []


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# kept: ignore[local-class]", "local-class finds nothing here"),
        ("# kept: ignore[no-such-rule, KPT1]", "no rule is called no-such-rule"),
        ("# kept: ignore", "this comment silences nothing"),
        ("# kept: ignore[]", "this comment names no rule"),
        ("# kept: ignore[local-class", "the bracket of this comment is not closed"),
        ("# kept: ignore-file[local-class]", "local-class finds nothing here"),
    ],
)
def test_a_comment_without_use_says_why(comment, message):
    (one,) = swept(texts={"a.py": f"{CLEAN}x = 1  {comment}\n".encode()}).check
    assert (one.rule, one.message) == ("unused-ignore", message)
    assert one.location.text[one.location.column - 1 : one.location.end_column - 1] == comment


@pytest.mark.parametrize("words", [{"ignore": ["local-class"]}, {"select": ["unused-ignore", "lambda-in-model"]}])
def test_a_rule_that_was_not_asked_is_not_missed(words):
    assert silent("# kept: ignore[local-class]", "x = 1", **words) == []


def test_rules_on_live_models_are_not_missed_in_source():
    assert silent("# kept: ignore[rebuild-differs, KPT2]", "x = 1") == []


def test_the_rule_on_comments_is_silenced_as_any_other():
    assert silent("# kept: ignore[local-class, unused-ignore]", "x = 1") == []
    assert silent("# kept: ignore[local-class]", "x = 1", ignore=["unused-ignore"]) == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("x = 1  # kept: ignore[local-class]", "x = 1"),
        ("x = 1  # kept: ignore", "x = 1"),
        ("x = 1  # noqa  # kept: ignore[local-class]", "x = 1  # noqa"),
        (f"{LINE}  # kept: ignore[local-class, lambda-in-model]", f"{LINE}  # kept: ignore[lambda-in-model]"),
        ("# kept: ignore-file[local-class]", ""),
    ],
)
def test_the_fix_leaves_only_what_is_of_use(line, fixed):
    (one,) = swept(texts={"a.py": f"import keras\n{line}\n".encode()}).check
    (edit,) = one.fix.edits
    assert one.fix.applicability is Applicability.SAFE
    assert line[: edit.column - 1] + edit.text + line[edit.end_column - 1 :] == fixed


def test_comments_in_a_notebook_hold_for_lines_of_their_cell():
    lines = [f"{LINE}  # kept: ignore[lambda-in-model]", LINE]
    cells = [{"cell_type": "code", "source": source} for source in ("import keras\n\n\n", *lines)]
    check = swept(texts={"a.ipynb": json.dumps({"cells": cells}).encode()}).check
    assert [(one.location.file, one.location.line) for one in check] == [("a.ipynb:cell 3", 1)]
