"""A rule is a module that is its own page, and knows nothing of Keras."""

import re

import pytest

from kept import rules
from tests.rules import pages

EVERY = pages.every()


@pytest.mark.parametrize("name", EVERY)
def test_the_page_of_a_rule_has_its_headings_in_order(name):
    assert list(pages.sections(EVERY[name])) == pages.HEADINGS


@pytest.mark.parametrize("name", EVERY)
def test_the_title_of_a_rule_is_a_sentence(name):
    title = pages.title(EVERY[name])
    assert title.endswith(".")
    assert not title.startswith(("This rule", "Checks"))


@pytest.mark.parametrize("name", EVERY)
def test_a_rule_is_named_for_its_module(name):
    assert name == EVERY[name].__name__.rpartition(".")[2].replace("_", "-")


@pytest.mark.parametrize("name", EVERY)
def test_the_examples_of_a_rule_are_code(name):
    texts = pages.sections(EVERY[name])
    for heading in ("Example", "Use instead"):
        compile(texts[heading], name, "exec")


def test_codes_are_unique_and_of_one_form():
    codes = [module.RULE.code for module in EVERY.values()]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not re.fullmatch(r"KPT\d{3}", code)] == []


def test_the_rules_of_a_package_have_codes_of_one_hundred():
    for package in rules.packages():
        assert len({module.RULE.code[:4] for module in rules.rules(package)}) == 1


def test_rules_never_import_keras_or_numpy(python):
    source = """
import sys
from kept import rules
for package in rules.packages():
    rules.rules(package)
print(sorted({"keras", "numpy", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""
    python.write("s.py", source)
    assert python("s.py").out == "[]\n"


@pytest.mark.parametrize("name", EVERY)
def test_the_page_of_a_rule_in_the_documentation_is_current(name):
    assert (pages.FOLDER / f"{name}.md").read_text() == pages.markdown(EVERY[name])


def test_the_list_of_rules_in_the_documentation_is_current():
    assert pages.LIST.search(pages.INDEX.read_text())[2] == pages.listing()


def test_there_is_no_page_of_a_rule_that_is_not_there():
    assert sorted(path.stem for path in pages.FOLDER.glob("*.md")) == sorted(EVERY)


def test_the_names_of_rules_are_unique():
    names = [module.RULE.name for package in rules.packages() for module in rules.rules(package)]
    assert sorted(names) == sorted(set(names))
