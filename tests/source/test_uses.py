"""What methods do with attributes."""

from kept.source.uses import once
from tests.source.reading import model_of

TEXT = """
class A:
    def __init__(self, fn, blocks):
        self.fn = fn
        fn(1)
    def call(self, x):
        for block in self.blocks:
            x = block(x)
        if isinstance(self.size, tuple) or callable(x):
            self.count = 1
        return self.fn(x), self.inner.weights
"""


def test_calls_of_attributes_and_of_what_is_in_them_are_told():
    assert {name: method for name, (_, method) in model_of(TEXT).uses.called.items()} == {
        "fn": "call",
        "blocks": "call",
    }


def test_what_is_asked_of_layers_is_told():
    assert list(model_of(TEXT).uses.layered) == ["inner"]


def test_assignments_are_told_by_method():
    found = model_of(TEXT)
    assert {name: [one.name for one in methods] for name, methods in found.uses.assigned.items()} == {
        "fn": ["__init__"],
        "count": ["call"],
    }


def test_tests_of_what_a_value_is_are_told():
    found = model_of(TEXT)
    assert [(one.name, one.is_attribute) for one in found.uses.asked] == [("size", True), ("x", False)]
    assert list(found.uses.names_called[found.methods["__init__"]]) == ["fn"]


def test_what_is_remembered_is_asked_once():
    asked = []

    @once
    def length(one):
        asked.append(one)
        return len(one.methods)

    found = model_of(TEXT)
    assert [length(found), length(found)] == [2, 2]
    assert len(asked) == 1
