"""A file is parsed once, and its places are given in characters."""

import pytest

from kept.source.module import parse
from tests.source.reading import module


def test_the_index_is_in_the_order_of_the_text():
    found = module("a(b())\nclass C:\n    def d(self): e()\ndef f(): g()\n")
    assert [call.func.id for call in found.calls] == ["a", "b", "e", "g"]
    assert [one.name for one in found.functions] == ["d", "f"]
    assert [one.name for one in found.class_nodes] == ["C"]


def test_a_class_is_located_by_its_name():
    location = module("@decorated\nclass Scale(Layer): ...\n").location(module("x").tree)
    found = module("@decorated\nclass Scale(Layer): ...\n")
    location = found.location(found.class_nodes[0])
    assert location.text[location.column - 1 : location.end_column - 1] == "Scale"
    assert location.line == 2


def test_an_asynchronous_function_is_located_by_its_name():
    found = module("async def fit(self): ...\n")
    location = found.location(found.functions[0])
    assert location.text[location.column - 1 : location.end_column - 1] == "fit"


def test_columns_count_characters():
    found = module("größe = 'слой'; f('é', x)\n")
    location = found.location(found.calls[0].args[1])
    assert location.text[location.column - 1 : location.end_column - 1] == "x"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_lines_are_those_that_python_counts(end):
    found = module(f"a = '\x0c\x1c\u2028'{end}f(x){end}")
    assert found.location(found.calls[0]).text == "f(x)"


def test_a_node_over_several_lines_ends_with_its_first_line():
    location = module("f(\n  1,\n)\n").location(module("f(\n  1,\n)\n").calls[0])
    assert (location.line, location.column, location.end_column) == (1, 1, 3)


def test_places_may_be_shown_elsewhere():
    found = parse("x = 1\nf()\n", "a.ipynb", place=lambda line: (f"a.ipynb:cell {line}", 1))
    assert str(found.location(found.calls[0])) == "a.ipynb:cell 2:1:1"


def test_a_local_class_is_found_where_it_is_named():
    found = module("def make():\n    class Inner: ...\n    return Inner()\n")
    assert found.class_of(found.calls[0].func).qualname == "make.<locals>.Inner"
