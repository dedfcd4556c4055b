"""The reports that other programs read: each in the form that its reader asks for, whatever a message holds."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kept.findings import Applicability, Edit, Fix, Location, Rule, Severity
from kept.report import Check, Failure, Report, github, gitlab, jsonl, junit, sarif
from kept.rules import rules
from kept.rules.pages import markdown

SCHEMA = json.loads(Path(__file__).with_name("sarif_2_1_0_subset.json").read_text())
UNREGISTERED = next(module for module in rules("live") if module.RULE.name == "unregistered")
EDIT = Edit("src/my layers.py", 22, 1, 22, 1, "@register\n")
FOUND = UNREGISTERED.RULE.finding(
    "Scaled is not registered",
    where=("model.layers[0]", "model.layers[1]"),
    kind="Scaled",
    location=Location("src/my layers.py", 22, 7, 13, "class Scaled(Layer):"),
    stock="load_model raises",
    fix=Fix("register it", "@register", Applicability.UNSAFE, (EDIT,)),
)
CELL = Rule("KPT112", "a.lambda_in_model", Severity.NOTE).finding(
    "50% of it,\nor: more", location=Location("train.ipynb:cell 3", 5, 2, 4, "x = 1")
)
NOWHERE = Rule("KPT214", "a.frozen").finding("2 variables were frozen")
FAILURE = Failure("x.py", "FormatError", "it is <no> Python\x1b")
REPORT = Report.of("check", [Check("src", (FOUND, CELL), 0.1, 2), Check("train.py:build", (NOWHERE,)), FAILURE])
CLEAN = Report("check", checks=(Check("src", (), 0.1, 41),))


def run(report=REPORT):
    return json.loads(sarif.render(report))["runs"][0]


def fingerprint(finding, *before):
    report = Report("check", checks=(Check("src", (*before, finding), 0.1, 1),))
    return run(report)["results"][-1]["partialFingerprints"]["kept/v1"]


@pytest.mark.parametrize("report", [REPORT, CLEAN], ids=["findings", "clean"])
def test_sarif_is_what_its_schema_says(report):
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(sarif.render(report)))


def test_the_schema_of_sarif_refuses_what_it_does_not_know():
    broken = json.loads(sarif.render(REPORT))
    broken["runs"][0]["results"][0]["levels"] = "error"
    with pytest.raises(jsonschema.ValidationError, match="levels"):
        jsonschema.Draft4Validator(SCHEMA).validate(broken)


def test_sarif_holds_the_page_of_each_rule_that_speaks():
    every = run()["tool"]["driver"]["rules"]
    assert [one["id"] for one in every] == ["KPT211", "KPT112", "KPT214"]
    assert every[0]["help"]["markdown"] == markdown(UNREGISTERED)


def test_a_result_of_sarif_is_where_the_finding_is():
    place = run()["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/my%20layers.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 22, "startColumn": 7, "endColumn": 13}


def test_sarif_says_how_a_finding_is_mended():
    (change,) = run()["results"][0]["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["insertedContent"] == {"text": "@register\n"}
    assert replacement["deletedRegion"] == {"startLine": 22, "startColumn": 1, "endLine": 22, "endColumn": 1}


def test_sarif_says_what_could_not_be_checked():
    (invocation,) = run()["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["descriptor"] == {"id": "FormatError"}


def test_an_absolute_path_below_this_folder_is_relative_in_sarif():
    here = replace(FOUND, location=replace(FOUND.location, file=os.path.abspath("src/a.py")))
    (result,) = run(Report("check", checks=(Check("src", (here,), 0, 1),)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/a.py"


def test_an_absolute_path_elsewhere_is_a_file_uri():
    there = replace(FOUND, location=replace(FOUND.location, file="/elsewhere/a b.py"))
    (result,) = run(Report("check", checks=(Check("src", (there,), 0, 1),)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/a%20b.py"}


def test_a_fingerprint_survives_moved_lines_and_another_indentation():
    moved = replace(FOUND, location=Location("src/my layers.py", 90, 11, 17, "    class Scaled(Layer):"))
    assert fingerprint(moved) == fingerprint(FOUND)


def test_two_findings_that_say_the_same_have_two_fingerprints():
    assert fingerprint(FOUND, FOUND) != fingerprint(FOUND)


def test_another_text_is_another_fingerprint():
    other = replace(FOUND, location=replace(FOUND.location, text="class Scaled(Dense):"))
    assert fingerprint(other) != fingerprint(FOUND)


def test_github_gets_one_escaped_command_for_each():
    assert github.render(REPORT) == (
        "::error file=src/my layers.py,line=22,col=7,endLine=22,endColumn=13,title=unregistered (KPT211)"
        "::Scaled is not registered (model.layers[0] and 1 more): load_model raises\n"
        "::notice file=train.ipynb,title=lambda-in-model (KPT112)::50%25 of it,%0Aor: more (cell 3, line 5)\n"
        "::warning title=frozen (KPT214)::2 variables were frozen\n"
        "::error title=FormatError::x.py: it is <no> Python\x1b\n"
    )


def test_a_property_of_github_has_its_separators_escaped():
    odd = replace(FOUND, location=Location("a,b:c%.py", 1))
    assert "file=a%2Cb%3Ac%25.py," in github.render(Report("check", checks=(Check("m", (odd,), 0, 1),)))


def test_gitlab_gets_a_list_with_what_its_widget_needs():
    entries = json.loads(gitlab.render(REPORT))
    assert [one["severity"] for one in entries] == ["critical", "info", "major", "blocker"]
    assert entries[0]["location"] == {"path": "src/my layers.py", "lines": {"begin": 22}}
    assert len({one["fingerprint"] for one in entries}) == 4


def test_gitlab_gets_an_empty_list_where_nothing_is_found():
    assert json.loads(gitlab.render(CLEAN)) == []


def test_junit_counts_and_names_what_failed():
    root = ElementTree.fromstring(junit.render(REPORT))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "3", "1")
    cases = [case for suite in root for case in suite]
    assert [case.get("name") for case in cases][:2] == ["KPT211 unregistered", "KPT112 lambda-in-model"]
    assert cases[0].find("failure").get("message") == "Scaled is not registered"


def test_junit_is_xml_whatever_a_message_holds():
    root = ElementTree.fromstring(junit.render(REPORT))
    assert root.find(".//error").get("message") == "it is <no> Python\ufffd"


def test_a_clean_check_is_one_passed_test_in_junit():
    root = ElementTree.fromstring(junit.render(CLEAN))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


@pytest.mark.parametrize(("code", "uri"), [(0xDCFF, "%FF"), (0xD800, "%3F")])
@pytest.mark.parametrize(("folder", "root"), [("", ""), ("/", "file:///")])
def test_sarif_has_an_address_for_every_name_that_python_can_hold(code, uri, folder, root):
    odd = replace(FOUND, location=Location(f"{folder}{chr(code)}.py", 1))
    told = json.loads(sarif.render(Report("check", checks=(Check("m", (odd,), 0, 1),))))
    place = told["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == f"{root}{uri}.py"


@given(st.text(), st.text(st.characters(exclude_characters="\0"), min_size=1), st.text())
@example("", "\ud800", "")
@example("", "/\ud800", "\ud800")
def test_whatever_a_finding_says_every_report_is_whole(message, file, text):
    odd = Rule("KPT102", "a.b").finding(message, location=Location(file, 1, 1, 2, text), kind=message)
    report = Report("check", checks=(Check(file, (odd,), 0, 1),), failures=(Failure(file, "KeptError", message),))
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(sarif.render(report)))
    assert len(ElementTree.fromstring(junit.render(report))) == 2
    assert len(json.loads(gitlab.render(report))) == 2
    assert [json.loads(line)["type"] for line in jsonl.render(report).split("\n")[:-1]] == ["finding", "failure"]
    assert re.fullmatch(r"(::(warning|error) [^\n\r]*\n){2}", github.render(report))


def test_json_lines_are_one_object_each_and_say_what_they_are():
    told = [json.loads(line) for line in jsonl.render(REPORT).splitlines()]
    assert [one["type"] for one in told] == ["finding", "finding", "finding", "failure"]
    assert told[0]["location"]["line"] == 22
