"""Every page of a rule on files is true: its example is found, and what to use instead is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from kept import rules
from kept.findings import Severity
from kept.scanning.run import scan_file
from tests.rules.pages import every, sections

FILES = [module.RULE.name for package in ("security", "integrity") for module in rules.rules(package)]


def findings(name, heading, folder):
    """What is found in the files that a script on a page writes; helpers that it imports are those of the page."""
    script = sections(every()[name])[heading]
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, capture_output=True, timeout=120)
    written = [one for one in sorted(Path(folder).iterdir()) if not one.name.startswith(".")]
    assert written, "the script writes no file"
    return [finding for file in written for finding in scan_file(file).findings]


@pytest.mark.parametrize("name", FILES)
def test_the_example_is_found(name, tmp_path):
    assert name in {one.rule for one in findings(name, "Example", tmp_path)}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_found_in_what_to_use_instead(name, tmp_path):
    assert findings(name, "Use instead", tmp_path) == []


@pytest.mark.parametrize("name", FILES)
def test_a_finding_is_a_clause_about_its_file(name, tmp_path):
    for one in findings(name, "Example", tmp_path):
        assert one.message
        assert not one.message.endswith(".")
        assert Path(one.location.file).parent == tmp_path


@pytest.mark.parametrize("name", FILES)
def test_what_is_only_a_matter_of_trust_is_a_note(name):
    assert (every()[name].RULE.severity is Severity.NOTE) == (name == "needs-trust")
