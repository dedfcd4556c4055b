"""Findings are plain data, and one cause is one finding."""

import json

import pytest

from kept.findings import Applicability, Edit, Finding, Fix, Location, Rule, Severity, merged

RULE = Rule("KPT205", "kept.rules.live.rebuild_differs")
LINE = Location("layers.py", 22, 9, 19, "    def get_config(self):")
FIX = Fix("return it", "return {}", Applicability.UNSAFE, (Edit("layers.py", 22, 1, 22, 1, "pass\n"),))


def test_a_rule_is_named_after_its_module():
    assert RULE.name == "rebuild-differs"


def test_a_finding_takes_code_name_and_severity_from_its_rule():
    found = RULE.finding("forgets scale", severity=Severity.NOTE)
    assert (found.code, found.rule, found.severity) == ("KPT205", "rebuild-differs", Severity.NOTE)
    assert RULE.finding("forgets scale").severity is Severity.WARNING


@pytest.mark.parametrize("fix", [None, FIX])
def test_a_finding_survives_json(fix):
    found = RULE.finding("forgets scale", where=("model.layers[1]",), kind="Scaled", location=LINE, fix=fix)
    assert Finding.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_one_cause_in_several_places_is_one_finding():
    found = [RULE.finding("forgets scale", where=(f"model.layers[{n}]",), location=LINE) for n in (1, 2, 1)]
    assert [one.where for one in merged(found)] == [("model.layers[1]", "model.layers[2]")]


def test_another_line_or_another_message_is_another_cause():
    other = Location("layers.py", 40)
    found = [RULE.finding("a", location=LINE), RULE.finding("b", location=LINE), RULE.finding("a", location=other)]
    assert merged(found) == found


@pytest.mark.parametrize(
    ("location", "shown"), [(LINE, "layers.py:22:9"), (Location("a.py", 3), "a.py:3"), (Location(), "")]
)
def test_a_location_is_shown_as_editors_read_it(location, shown):
    assert str(location) == shown
