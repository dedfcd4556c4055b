"""Every page of a rule on source is true: its example is found and really fails, and what to use instead survives."""

import pytest

from kept.checking.options import Options
from kept.checking.sweep import check_sources
from tests.rules.pages import every, sections
from tests.rules.source.conftest import SOURCE

# Plain Keras never sees a comment.
CONCERNING_KERAS = [name for name in SOURCE if name != "unused-ignore"]


def findings(text):
    """What is found in a file of that text."""
    return check_sources((), Options(), texts={"shop.py": text.encode()}, remember=False).check.findings


def text(name, heading):
    return sections(every()[name])[heading] + "\n"


@pytest.mark.parametrize("name", SOURCE)
def test_the_example_is_found_by_its_rule_alone(name):
    assert {finding.rule for finding in findings(text(name, "Example"))} == {name}


@pytest.mark.parametrize("name", SOURCE)
def test_nothing_is_found_in_what_to_use_instead(name):
    assert findings(text(name, "Use instead")) == ()


@pytest.mark.parametrize("name", SOURCE)
def test_a_finding_says_what_is_wrong_what_becomes_of_it_and_what_to_do(name):
    for finding in findings(text(name, "Example")):
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.stock
        assert finding.fix.message


@pytest.mark.parametrize("name", SOURCE)
def test_a_finding_shows_its_line(name):
    lines = text(name, "Example").split("\n")
    for finding in findings(text(name, "Example")):
        assert finding.location.text == lines[finding.location.line - 1]
        assert finding.location.text[finding.location.column - 1 : finding.location.end_column - 1].strip()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CONCERNING_KERAS)
def test_plain_keras_really_fails_on_the_example_or_loses_something(name, tried):
    saved, loaded = tried[name]["example"]["saved"], tried[name]["example"]["loaded"]
    assert "error" in saved or "error" in loaded or loaded["result"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SOURCE)
def test_plain_keras_brings_back_what_to_use_instead(name, tried):
    saved, loaded = tried[name]["instead"]["saved"], tried[name]["instead"]["loaded"]
    assert "error" not in saved, saved["trace"]
    assert "error" not in loaded, loaded["trace"]
    assert loaded["result"] == []
