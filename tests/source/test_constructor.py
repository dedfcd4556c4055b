"""What a constructor does with its arguments is read from its text."""

import pytest

from kept.source.constructor import How
from tests.source.reading import model_of


def stored(body, parameters="a, b=2"):
    """Attribute -> arguments in it, and what became of them."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    made = model_of(f"class A:\n    def __init__(self, {parameters}):\n{lines}\n").constructor
    return {one.attribute: (sorted(one.origin.names), one.origin.how) for one in made.stored}


@pytest.mark.parametrize(
    ("statement", "names", "how"),
    [
        ("self.x = a", ["a"], How.AS_IS),
        ("self.x = self.y = a", ["a"], How.AS_IS),
        ("self.z, self.x = b, a", ["a"], How.AS_IS),
        ("t = a\nself.x = t", ["a"], How.AS_IS),
        ("self.y = a\nself.x = self.y", ["a"], How.AS_IS),
        ("self.x: int = a", ["a"], How.AS_IS),
        ("self.x = int(a)", ["a"], How.CONVERTED),
        ("self.x = keras.activations.get(a)", ["a"], How.CONVERTED),
        ("self.x = a or 4", ["a"], How.CONVERTED),
        ("self.x = 4 if a is None else a", ["a"], How.CONVERTED),
        ("if a is None:\n    a = 4\nself.x = a", ["a"], How.CONVERTED),
        ("self.x = a * 2", ["a"], How.DERIVED),
        ("a = a * 2\nself.x = a", ["a"], How.DERIVED),
        ("a *= 2\nself.x = a", ["a"], How.DERIVED),
        ("self.x = [Dense(a) for _ in range(b)]", ["a", "b"], How.DERIVED),
        ("for n in a:\n    self.x = n", ["a"], How.DERIVED),
        ("self.x = 4", [], How.AS_IS),
        ("self.x = [a for a in range(3)]", [], How.AS_IS),
    ],
    ids=range(18),
)
def test_an_attribute_is_traced_to_the_arguments_in_it(statement, names, how):
    assert stored(statement)["x"] == (names, how)


def test_parameters_have_their_kinds_and_defaults():
    made = model_of("class A:\n    def __init__(self, a, /, b, c=1, *d, e, f=2, **g): ...").constructor
    assert [(one.name, one.kind.name, one.default is not None) for one in made.parameters] == [
        ("a", "POSITIONAL_ONLY", False), ("b", "POSITIONAL", False), ("c", "POSITIONAL", True),
        ("d", "VARIADIC", False), ("e", "KEYWORD", False), ("f", "KEYWORD", True), ("g", "VARIADIC_KEYWORD", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "call",
    ["super().__init__(units, rate=r, **kw)", "super(A, self).__init__(units, rate=r, **kw)",
     "Base.__init__(self, units, rate=r, **kw)"],
    ids=["plain", "old", "named"],
)  # fmt: skip
def test_the_call_of_the_base_class_is_read(call):
    made = model_of(f"class A(Base):\n    def __init__(self, units, r, **kw):\n        {call}\n").constructor
    assert made.forwards
    assert made.handed_on("units") == 0
    assert made.handed_on("r") == "rate"
    assert made.handed_on("kw") is None


def test_arguments_that_are_taken_out_of_kwargs_are_told():
    body = "x = kw.pop('x', 1)\n        y = kw.get('y')\n        z = kw['z']\n        kw['w'] = 1"
    made = model_of(f"class A:\n    def __init__(self, **kw):\n        {body}\n").constructor
    assert set(made.popped) == {"x", "y", "z"}


def test_only_arguments_that_are_read_count_as_used():
    made = model_of("class A:\n    def __init__(self, a, b):\n        self.x = a\n        b = 1\n").constructor
    assert made.used == {"a"}
