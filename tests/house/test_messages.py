"""A message of Keras is a module that is its own page."""

import pytest

from kept import docstrings
from kept.messages import messages
from tests.messages import pages

EVERY = {module.MESSAGE.name: module for module in messages()}


@pytest.mark.parametrize("name", EVERY)
def test_the_page_of_a_message_has_its_headings_in_order(name):
    assert list(docstrings.sections(EVERY[name])) == pages.HEADINGS


@pytest.mark.parametrize("name", EVERY)
def test_the_title_of_a_message_is_a_sentence(name):
    assert docstrings.title(EVERY[name]).endswith(".")


@pytest.mark.parametrize("name", EVERY)
def test_a_message_is_named_for_its_module(name):
    assert name == EVERY[name].__name__.rpartition(".")[2].replace("_", "-")


@pytest.mark.parametrize("name", EVERY)
def test_cause_and_edit_are_clauses(name):
    message = EVERY[name].MESSAGE
    assert not message.cause.endswith((".", " "))
    assert not message.edit.endswith((".", " "))


@pytest.mark.parametrize("name", EVERY)
def test_the_page_of_a_message_in_the_documentation_is_current(name):
    assert (pages.FOLDER / f"{name}.md").read_text() == pages.page(EVERY[name])


def test_the_list_of_messages_in_the_documentation_is_current():
    assert pages.LIST.search(pages.INDEX.read_text())[2] == pages.listing()


def test_there_is_no_page_of_a_message_that_is_not_there():
    assert sorted(path.stem for path in pages.FOLDER.glob("*.md")) == sorted(EVERY)


def test_messages_and_explanations_import_nothing_heavy(python):
    source = """
import sys
from kept.messages import causes
causes("Unknown layer: 'A'. Please ensure")
print(sorted({"keras", "numpy", "rich", "h5py", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""
    python.write("s.py", source)
    assert python("s.py").out == "[]\n"
