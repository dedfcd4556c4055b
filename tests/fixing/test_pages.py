"""The pages of the rules, mended: what the example of a rule shows is gone, and mending it again changes nothing."""

import pytest

from kept.checking.sweep import check_sources
from kept.findings import Applicability
from kept.fixing.edits import fixers
from kept.fixing.run import fix_sources
from tests.rules.pages import every, sections

OF_SOURCE = sorted(name for name, module in every().items() if ".source." in module.__name__)
PAGES = [name for name in OF_SOURCE if name in fixers()]
LEFT = {
    "local-class": "it uses factor of the function around it",
    "pickled-model": "it is not written to a file that is named",
    "settings-after-build": "it is for a person to mend",
}
"""Rules whose example is one of those that a person must mend, with what the person is told."""


def mended(text):
    """The text after every edit, and the rules that still speak, with the reason."""
    made = fix_sources([], unsafe=True, texts={"shop.py": text.encode()}, remember=False)
    assert made.failures == ()
    after = made.changes[0].after.decode() if made.changes else text
    return after, {one.finding.rule: one.reason for one in made.left}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_found_in_a_mended_example_or_it_is_said_why(name):
    after, left = mended(sections(every()[name])["Example"] + "\n")
    assert left.get(name) == LEFT.get(name), after


@pytest.mark.parametrize("name", PAGES)
def test_a_mended_example_is_not_mended_again(name):
    after, _ = mended(sections(every()[name])["Example"] + "\n")
    assert mended(after)[0] == after


@pytest.mark.parametrize("name", PAGES)
def test_what_to_use_instead_is_left_as_it_is(name):
    instead = sections(every()[name])["Use instead"] + "\n"
    assert mended(instead)[0] == instead


@pytest.mark.parametrize("name", PAGES)
def test_a_finding_promises_what_its_edit_does(name):
    text = sections(every()[name])["Example"] + "\n"
    found = check_sources([], texts={"shop.py": text.encode()}, remember=False).check
    promised = {one.fix.applicability for one in found if one.rule == name}
    assert promised <= {every()[name].RULE.edit, Applicability.DISPLAY_ONLY}
    assert promised == {every()[name].RULE.edit} or name in LEFT


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_a_rule_says_what_its_edit_promises(name):
    word = "Safe" if every()[name].RULE.edit is Applicability.SAFE else "Unsafe"
    assert sections(every()[name])["Fix safety"].startswith(word)


@pytest.mark.parametrize("name", [name for name in OF_SOURCE if name not in PAGES])
def test_a_rule_without_an_edit_promises_none(name):
    text = sections(every()[name])["Example"] + "\n"
    found = check_sources([], texts={"shop.py": text.encode()}, remember=False).check
    assert not any(one.fix.automatic and not one.fix.edits for one in found if one.rule == name)


def test_every_rule_that_promises_an_edit_has_one():
    promising = {name for name in OF_SOURCE if every()[name].RULE.has_edit}
    assert promising == {*fixers(), "unused-ignore"}  # the findings of which carry exact replacements
