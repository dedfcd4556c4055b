"""The pages of the rules, mended: what the example of a rule shows is gone, and mending it again changes nothing."""

import pytest

from kept.fixing import fixers
from kept.fixing.run import fix_sources
from tests.rules.pages import every, sections

PAGES = sorted(name for name, module in every().items() if ".source." in module.__name__ and name in fixers())


def mended(text):
    """The text after every edit, and the rules that still speak."""
    made = fix_sources([], unsafe=True, texts={"shop.py": text.encode()}, remember=False)
    assert made.failures == ()
    after = made.changes[0].after.decode() if made.changes else text
    return after, {one.finding.rule for one in made.left}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_found_in_a_mended_example(name):
    after, left = mended(sections(every()[name])["Example"] + "\n")
    assert name not in left, after


@pytest.mark.parametrize("name", PAGES)
def test_a_mended_example_is_not_mended_again(name):
    after, _ = mended(sections(every()[name])["Example"] + "\n")
    assert mended(after)[0] == after


@pytest.mark.parametrize("name", PAGES)
def test_what_to_use_instead_is_left_as_it_is(name):
    instead = sections(every()[name])["Use instead"] + "\n"
    assert mended(instead)[0] == instead


def test_every_edit_is_for_a_rule():
    assert set(fixers()) - set(every()) == set()
