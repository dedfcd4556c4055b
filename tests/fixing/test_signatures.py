"""Parameters of constructors, however they are laid out."""

import libcst as cst
import pytest

from kept.fixing import signatures
from kept.fixing.style import Style


def parsed(text):
    tree = cst.parse_module(text)
    return cst.ensure_type(tree.body[0], cst.FunctionDef), Style.of(tree)


def code(node):
    return cst.Module([node]).code


OPENED = [
    ("def __init__(self): pass\n", "def __init__(self, **kwargs): pass\n"),
    ("def __init__(self, a=1): pass\n", "def __init__(self, a=1, **kwargs): pass\n"),
    ("def __init__(self, *, a=1): pass\n", "def __init__(self, *, a=1, **kwargs): pass\n"),
    ("def __init__(self, *a): pass\n", "def __init__(self, *a, **kwargs): pass\n"),
    ("def __init__(self, a, /): pass\n", "def __init__(self, a, /, **kwargs): pass\n"),
    ("def __init__(self, **kw): pass\n", "def __init__(self, **kw): pass\n"),
    (
        "def __init__(\n    self,\n    a,  # one\n): pass\n",
        "def __init__(\n    self,\n    a,  # one\n    **kwargs,\n): pass\n",
    ),
    (
        "def __init__(\n    self,\n    a=1\n): pass\n",
        "def __init__(\n    self,\n    a=1,\n    **kwargs\n): pass\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), OPENED)
def test_other_keywords_are_taken_behind_all_parameters(before, after):
    node, style = parsed(before)
    assert code(signatures.with_varkw(node, style)) == after


ADDED = [
    ("def f(self, **kw): pass\n", "2", "def f(self, x=2, **kw): pass\n"),
    ("def f(self, a=1, **kw): pass\n", "", "def f(self, a=1, *, x, **kw): pass\n"),
    ("def f(self, *a, **kw): pass\n", "2", "def f(self, *a, x=2, **kw): pass\n"),
    ("def f(self, *, a, **kw): pass\n", "", "def f(self, *, a, x, **kw): pass\n"),
    ("def f(self, a, /, **kw): pass\n", "2", "def f(self, a, /, x=2, **kw): pass\n"),
    ("def f(\n    self,\n    **kw,\n): pass\n", "2", "def f(\n    self,\n    x=2,\n    **kw,\n): pass\n"),
]


@pytest.mark.parametrize(("before", "default", "after"), ADDED)
def test_a_new_parameter_stands_before_other_keywords_and_changes_no_call(before, default, after):
    node, style = parsed(before)
    value = style.expression(default) if default else None
    assert code(signatures.with_parameter(node, "x", value, style)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(self, a, /, b): pass\n", "def f(self, a, b): pass\n"),
        ("def f(self, a, /): pass\n", "def f(self, a): pass\n"),
        ("def f(self, a=1, /, *b, **c): pass\n", "def f(self, a=1, *b, **c): pass\n"),
    ],
)
def test_parameters_without_a_name_get_one(before, after):
    node, _ = parsed(before)
    assert code(signatures.without_positional_only(node)) == after


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("super().__init__()", "super().__init__(**kwargs)"),
        ("super(A, self).__init__(name=name)", "super(A, self).__init__(name=name, **kwargs)"),
        ("Layer.__init__(self)", "Layer.__init__(self, **kwargs)"),
        ("super().__init__(**kwargs)", "super().__init__(**kwargs)"),
    ],
)
def test_other_keywords_are_handed_to_the_base_class(body, after):
    node, style = parsed(f"def __init__(self, name=None, **kwargs): {body}\n")
    assert code(signatures.forwarded(node, style)).endswith(f": {after}\n")


def test_what_is_stored_stands_behind_the_call_of_the_base_class():
    node, style = parsed('def __init__(self, a):\n    """Doc."""\n    super().__init__()\n    self.b = 2 * a\n')
    assert code(signatures.stored(node, "self.a = a", style)).endswith(
        "    super().__init__()\n    self.a = a\n    self.b = 2 * a\n"
    )


def test_what_must_be_stored_first_stands_behind_the_docstring():
    node, style = parsed('def __init__(self, a):\n    """Doc."""\n    a = a or 1\n    super().__init__()\n')
    assert code(signatures.stored(node, "self.a = a", style, first=True)).splitlines()[2] == "    self.a = a"


def test_a_constructor_on_one_line_stays_on_one_line():
    node, style = parsed("def __init__(self, a, **kw): super().__init__(**kw); self.b = a + 1\n")
    assert code(signatures.stored(node, "self.a = a", style)) == (
        "def __init__(self, a, **kw): super().__init__(**kw); self.a = a; self.b = a + 1\n"
    )
