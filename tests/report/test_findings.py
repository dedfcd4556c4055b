"""Findings in every output: text for people, one line for editors, JSON for programs."""

import json
import re

import pytest

from kept.errors import KeptError
from kept.findings import Fix, Location, Rule, Severity
from kept.report import Check, Failure, Report, concise, text
from kept.report import json as report_json

LINE = Location("src/layers.py", 22, 9, 19, "    def get_config(self):")
DIFFERS = Rule("KPT205", "kept.rules.live.rebuild_differs").finding(
    "Scaled.get_config does not return scale",
    where=tuple(f"model.layers[{n}]" for n in range(5)),
    kind="Scaled",
    location=LINE,
    stock="loads without a word: scale is 3.0 here and 1.0 after loading",
    kept="keeps it: scale is read from the constructor",
    fix=Fix("return it from get_config", 'return {**super().get_config(), "scale": self.scale}'),
)
FROZEN = Rule("KPT214", "kept.rules.live.frozen_after_compile").finding("2 variables were frozen")
RAISES = Rule("KPT201", "kept.rules.live.config_raises", Severity.ERROR).finding("it raises", location=LINE)
CLEAN = Check("train.py:other")


def shown(*entries, **look):
    return text.render(Report.of("check", entries), **look)


def test_a_finding_shows_its_line_its_places_and_what_becomes_of_it():
    assert shown(Check("train.py:build", (DIFFERS,))) == (
        "kept  1 finding in train.py:build\n"
        "\n"
        "src/layers.py:22:9  rebuild-differs  KPT205\n"
        "\n"
        "  22 |     def get_config(self):\n"
        "     |         ^^^^^^^^^^\n"
        "\n"
        "  model.layers[0], model.layers[1], model.layers[2] and 2 more:\n"
        "  Scaled.get_config does not return scale\n"
        "    plain Keras  loads without a word: scale is 3.0 here and 1.0 after loading\n"
        "    kept         keeps it: scale is read from the constructor\n"
        "    edit         return it from get_config\n"
        '                 return {**super().get_config(), "scale": self.scale}\n'
    )


def test_a_finding_without_a_line_names_the_model():
    assert "\ntrain.py:build  frozen-after-compile  KPT214\n" in shown(Check("train.py:build", (FROZEN,)))


def test_the_headline_counts_what_fails_and_what_is_lost():
    head = shown(Check("m", (DIFFERS, FROZEN, RAISES))).partition("\n")[0]
    assert head == "kept  3 findings in m: 1 fails, 2 are lost without a word"


def test_a_clean_model_is_one_line():
    assert shown(CLEAN) == "kept  nothing found in train.py:other: plain Keras loads it as it is\n"


def test_what_could_not_be_checked_says_why():
    failure = Failure.of("train.py:x", KeptError("there is no x", path="train.py:x", hint="did you mean y?"))
    assert shown(failure) == (
        "kept  train.py:x could not be checked\n\ntrain.py:x\n  there is no x\n    hint         did you mean y?\n"
    )


def test_every_place_is_named_on_request():
    assert "model.layers[4]" in shown(Check("m", (DIFFERS,)), verbose=True)


@pytest.mark.parametrize("width", [66, 80, 110])
def test_no_line_is_wider_than_asked_for(width):
    long = Location("a.py", 1, 90, 95, "x = " + "word " * 60)
    wide = Rule("KPT205", "a.b").finding(
        "word " * 40, location=long, stock="word " * 60, fix=Fix("do " * 40, "a " * 60)
    )
    assert max(map(len, shown(Check("m", (wide, DIFFERS)), width=width).splitlines())) <= width


def test_colour_marks_without_changing_a_word():
    plain, coloured = (shown(Check("m", (DIFFERS, RAISES)), colour=colour) for colour in (False, True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_the_concise_form_is_one_line_for_each_finding():
    assert concise.render(Report.of("check", [Check("m", (DIFFERS, FROZEN))])) == (
        "src/layers.py:22:9: KPT205 rebuild-differs Scaled.get_config does not return scale "
        "(model.layers[0], +4 more)\n"
        "m: KPT214 frozen-after-compile 2 variables were frozen\n"
    )


def test_json_holds_everything():
    told = json.loads(report_json.render(Report.of("check", [Check("m", (DIFFERS,), 0.5), CLEAN])))
    assert [check["subject"] for check in told["checks"]] == ["m", "train.py:other"]
    assert told["checks"][0]["findings"][0]["fix"]["message"] == "return it from get_config"
    assert told["checks"][0]["findings"][0]["severity"] == "warning"


def test_a_check_is_false_when_it_is_clean_and_else_its_findings():
    found = Check("m", (DIFFERS, FROZEN))
    assert not CLEAN
    assert found
    assert list(found) == [DIFFERS, FROZEN]
    assert (len(found), found[1]) == (2, FROZEN)


def test_a_check_prints_as_the_command_does():
    assert f"{Check('m', (DIFFERS,))}\n" == shown(Check("m", (DIFFERS,)))
