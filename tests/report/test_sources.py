"""Findings in source, as a person reads them: the line, the mark, what becomes of it, and what to do."""

import re

import pytest

from kept.findings import Applicability, Fix, Location, Rule, Severity
from kept.report import Check, Failure, Report, text

INCOMPLETE = Rule("KPT102", "kept.rules.source.incomplete_get_config").finding(
    "Scaled.get_config does not return scale",
    kind="Scaled",
    location=Location("src/layers.py", 22, 9, 19, "    def get_config(self):"),
    stock="saves, and loading puts scale back to 1.0 without a word",
    kept="keeps it: scale is read from the constructor",
    fix=Fix("return it from get_config", 'return {"scale": self.scale}', Applicability.SAFE),
)
LAMBDA = Rule("KPT112", "kept.rules.source.lambda_in_model", Severity.ERROR).finding(
    "a lambda is written as bytecode, which no other version of Python can read",
    location=Location("a b.py", 7, 34, 40, "x = keras.layers.Dense(3)(Lambda(lambda x: 2 * x)(x))"),
    fix=Fix("name the function", "def twice(x):\n    return 2 * x", Applicability.UNSAFE),
)
PERSON = Rule("KPT116", "kept.rules.source.consumed_argument").finding(
    "it is used up", location=LAMBDA.location, fix=Fix("keep it", "self.a = a")
)


def shown(*findings, count=41, others=(), **look):
    return text.render(Report.of("check", [Check("src", findings, 0.1, count), *others]), **look)


def test_a_finding_shows_its_line_what_becomes_of_it_and_the_command_that_mends_it():
    assert shown(INCOMPLETE) == (
        "src/layers.py:22:9  incomplete-get-config  KPT102\n"
        "   |\n"
        "22 |     def get_config(self):\n"
        "   |         ^^^^^^^^^^ Scaled.get_config does not return scale\n"
        "   |\n"
        "   = saves, and loading puts scale back to 1.0 without a word\n"
        "   = edit: return it from get_config\n"
        "   = fix available: kept fix src/layers.py\n"
        "\n"
        "1 finding in 41 files, 1 can be fixed by `kept fix`\n"
    )


def test_a_message_that_does_not_fit_behind_its_mark_stands_below_it():
    lines = shown(LAMBDA).splitlines()
    assert lines[2:6] == [
        "7 | x = keras.layers.Dense(3)(Lambda(lambda x: 2 * x)(x))",
        "  |                                  ^^^^^^",
        "  |                                  a lambda is written as bytecode, which no",
        "  |                                  other version of Python can read",
    ]


def test_an_unsafe_fix_says_so_and_its_command_is_one_that_a_shell_takes():
    assert "  = unsafe fix available: kept fix --unsafe-fixes 'a b.py'\n" in shown(LAMBDA)


def test_what_a_person_must_write_is_shown_without_a_command():
    told = shown(PERSON)
    assert "  = edit: keep it\n          self.a = a\n" in told
    assert "kept fix" not in told


def test_verbose_shows_what_kept_does_and_the_mended_lines():
    told = shown(INCOMPLETE, verbose=True)
    assert "   = kept.save keeps it: scale is read from the constructor\n" in told
    assert '           return {"scale": self.scale}\n' in told


def test_a_finding_without_a_line_of_source_is_still_told():
    unreadable = Rule("KPT100", "a.unreadable_source").finding("it is no Python", location=Location("bad.py", 3))
    assert shown(unreadable).startswith("bad.py:3  unreadable-source  KPT100\n  it is no Python\n\n1 finding")


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ((), "nothing found in 41 files"),
        ((PERSON,), "1 finding in 41 files"),
        ((LAMBDA, PERSON), "2 findings in 41 files, 1 can be fixed by `kept fix --unsafe-fixes`"),
        ((INCOMPLETE, LAMBDA), "2 findings in 41 files, 1 can be fixed by `kept fix`, 1 more with --unsafe-fixes"),
    ],
    ids=["nothing", "by hand", "unsafe", "both"],
)
def test_the_closing_line_counts_what_can_be_fixed(findings, line):
    assert shown(*findings).splitlines()[-1] == line


def test_one_file_is_one_file():
    assert shown(count=1) == "nothing found in 1 file\n"


def test_what_could_not_be_checked_is_counted_too():
    told = shown(INCOMPLETE, others=[Failure("x.py", "KeptError", "there is no such file")])
    assert "\nx.py\n  there is no such file\n\n" in told
    assert told.splitlines()[-1] == ("1 finding in 41 files, 1 could not be checked, 1 can be fixed by `kept fix`")


def test_source_and_a_live_model_are_told_of_in_one_report():
    told = shown(INCOMPLETE, others=[Check("train.py:build")])
    assert "\nkept  nothing found in train.py:build: plain Keras loads it as it is\n\n1 finding in 41 files" in told


@pytest.mark.parametrize("width", [66, 80, 110])
def test_no_line_is_wider_than_asked_for(width):
    place = Location("a.py", 1, 90, 95, "x = " + "word " * 60)
    wide = Rule("KPT102", "a.b").finding("word " * 40, location=place, stock="word " * 60, fix=Fix("do " * 40))
    assert max(map(len, shown(wide, INCOMPLETE, LAMBDA, width=width).splitlines())) <= width


def test_colour_marks_without_changing_a_word():
    plain, coloured = (shown(INCOMPLETE, LAMBDA, colour=colour, verbose=True) for colour in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert "\x1b[31m^^^^^^" in coloured


def test_statistics_count_by_rule_the_most_frequent_first():
    report = Report("check", checks=(Check("src", (PERSON, INCOMPLETE, LAMBDA, INCOMPLETE), 0, 3),))
    assert text.statistics(report) == (
        "     2  incomplete-get-config  KPT102  2 fixable\n"
        "     1  lambda-in-model        KPT112  1 fixable\n"
        "     1  consumed-argument      KPT116\n"
    )


def test_statistics_of_nothing_are_nothing():
    assert text.statistics(Report("check", checks=(Check("src", (), 0, 3),))) == ""
