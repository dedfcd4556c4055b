"""Values of a config that come back as something else, and a `get_config` that does not work."""

import pytest

from tests.rules.source.reading import findings, names

HEAD = """
import datetime, enum, pathlib
import keras
import numpy as np
from pathlib import Path

class Color(enum.Enum):
    RED = 1

class Tone(str, enum.Enum):
    LOW = "low"

class Plain: ...

class Told:
    def get_config(self):
        return {}

class A(keras.layers.Layer):
"""


def layer(init="x, **kwargs", body="self.x = x", value="self.x", more="", use="x"):
    """A layer `A` with an argument `x`."""
    text = HEAD + f"    def __init__(self, {init}):\n        super().__init__(**kwargs)\n"
    text += "".join(f"        {line}\n" for line in body.split("\n"))
    text += f"    def call(self, x):\n        return {use}\n"
    return text + f"    def get_config(self):\n        return {{**super().get_config(), 'x': {value}}}\n" + more


def unserialisable(text):
    return [one.message.partition(" has ")[2].partition(":")[0] for one in findings(text, select=RULE)]


RULE = "unserialisable-config-value"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("self.x = np.asarray(x)\nself.size = len(self.x)", "a numpy array"),
        ("self.x = keras.ops.convert_to_tensor(x)", "a tensor"),
        ("self.x = set(x)", "a set"),
        ("self.x = Path(x)", "a path"),
        ("self.x = complex(x)", "a complex number"),
        ("self.x = keras.Variable(x)", "a variable"),
    ],
)
def test_what_the_constructor_makes_of_an_argument_is_evidence(body, what):
    assert unserialisable(layer(body=body)) == [what]


@pytest.mark.parametrize(
    ("init", "what"),
    [
        ("x: np.ndarray, **kwargs", "a numpy array"),
        ("x: 'set[str]', **kwargs", "a set"),
        ("x: bytes | None = None, **kwargs", "bytes"),
        ("x: list[pathlib.Path], **kwargs", "a path"),
        ("x: Color, **kwargs", "a member of an Enum"),
        ("x=Color.RED, **kwargs", "a member of an Enum"),
        ("x: Plain, **kwargs", "an object without a config"),
        ("x: dict[int, str], **kwargs", "a dict whose keys are integers"),
        ("x={0: 'a'}, **kwargs", "a dict whose keys are integers"),
        ("x=b'', **kwargs", "bytes"),
        ("x: datetime.date, **kwargs", "a date or time"),
    ],
)
def test_the_type_and_the_default_of_an_argument_are_evidence(init, what):
    assert unserialisable(layer(init)) == [what]


@pytest.mark.parametrize(
    ("given", "what"),
    [("{1, 2}", "a set"), ("1 + 2j", "a complex number"), ("{0: 1.0}", "a dict whose keys are integers")],
)
def test_a_call_of_the_class_is_evidence(given, what):
    assert unserialisable(layer(more=f"\na = A({given})\n")) == [what]


@pytest.mark.parametrize(
    "text",
    [
        layer(),
        layer("x: str | bytes, **kwargs"),
        layer("x: Tone, **kwargs"),
        layer("x: 'list[float]', **kwargs", "self.x = np.asarray(x)", "self.x.tolist()"),
        layer("x: Path, **kwargs", "self.x = Path(x)", "str(self.x)"),
        layer("x: set, **kwargs", "self.x = sorted(x)"),
        layer("x: np.ndarray, **kwargs", "x = keras.saving.deserialize_keras_object(x)\nself.x = x"),
        layer("x={0: 'a'}, **kwargs", "self.x = {int(key): value for key, value in x.items()}"),
        layer("x, **kwargs", "self.x = np.asarray(x)"),
        layer("x=(1, 2), **kwargs"),
        layer("x=(1, 2), **kwargs", "self.x = tuple(x)", use="isinstance(self.x, tuple)"),
        layer("x=(1, 2), **kwargs", use="isinstance(self.x, (list, tuple))"),
    ],
)
def test_a_plain_value_is_clean(text):
    assert names(text, select=RULE) == []


def test_a_tuple_that_is_told_from_a_list_is_found():
    assert unserialisable(layer("x=(1, 2), **kwargs", use="isinstance(self.x, tuple)")) == ["a tuple"]


def test_integer_keys_are_lost_where_keras_writes_the_config_as_well():
    text = layer("x={0: 'a'}, **kwargs").rpartition("    def get_config")[0]
    assert unserialisable(text) == ["a dict whose keys are integers"]


@pytest.mark.parametrize(
    ("init", "value", "use"),
    [
        ("x: keras.layers.Layer, **kwargs", "self.x", "x"),
        ("x: list[keras.Model], **kwargs", "self.x", "x"),
        ("x: Told, **kwargs", "self.x", "x"),
        ("x, **kwargs", "self.x", "self.x(x)"),
        ("x, **kwargs", "keras.layers.serialize(self.x)", "self.x(x)"),
        ("x, **kwargs", "keras.saving.serialize_keras_object(self.x)", "self.x.weights"),
        ("x, **kwargs", "[keras.layers.serialize(one) for one in self.x]", "[self.x(x) for one in self.x]"),
    ],
)
def test_an_object_that_nobody_makes_again_is_found(init, value, use):
    assert names(layer(init, value=value, use=use), select="raw-nested-object") == ["raw-nested-object"]


FROM_CONFIG = """
    @classmethod
    def from_config(cls, config):
        config["x"] = keras.layers.deserialize(config["x"])
        return cls(**config)
"""


@pytest.mark.parametrize(
    "text",
    [
        layer("x: keras.layers.Layer, **kwargs", use="self.x(x)", more=FROM_CONFIG),
        layer(
            "x='relu', **kwargs",
            "self.x = keras.activations.get(x)",
            "keras.activations.serialize(self.x)",
            use="self.x(x)",
        ),
        layer("x, **kwargs", "self.x = keras.layers.deserialize(x) if isinstance(x, dict) else x", use="self.x(x)"),
        layer("x: keras.initializers.Initializer, **kwargs"),
        layer("x, **kwargs", value="self.x.units", use="self.x(x)"),
        layer("x, **kwargs", use="self.x(x) if callable(self.x) else x"),
        layer("x, **kwargs").replace("keras.layers.Layer", "keras.layers.Wrapper").replace("'x':", "'layer':"),
    ],
)
def test_an_object_that_is_made_again_is_clean(text):
    assert names(text, select="raw-nested-object") == []


@pytest.mark.parametrize(
    "body",
    [
        "self.x = 2 * x",
        "self.x = x / 100",
        "self.x = x + 1",
        "self.x = -x",
        "self.x = [x] * 3",
        "self.x = len(x)",
        "self.x = np.log(x)",
        "self.x = x[0]",
        "x = x * 2\nself.x = x",
        "x *= 2\nself.x = x",
        "self.x = x\nself.x *= 2",
        "self.x = int(x * 4)",
    ],
)
def test_an_argument_that_is_calculated_with_each_time_is_found(body):
    assert names(layer(body=body), select="transformed-argument") == ["transformed-argument"]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("self.x = x", "self.x"),
        ("self.x = int(x)", "self.x"),
        ("self.x = max(x, 1)", "self.x"),
        ("self.x = abs(x)", "self.x"),
        ("self.x = x % 4", "self.x"),
        ("self.x = 1 * x", "self.x"),
        ("self.x = 2 * x", "self.x // 2"),
        ("self.x = x\nself.y = 2 * x", "self.x"),
        ("self.x = x * self.more", "self.x"),
        ("if x < 0:\n    x = x + 3\nself.x = x", "self.x"),
        ("self.x = x if x > 1 else 2 * x", "self.x"),
    ],
)
def test_an_argument_that_comes_back_as_it_was_is_clean(body, value):
    assert names(layer(body=body, value=value), select="transformed-argument") == []


def config(body):
    """A layer whose `get_config` has this body."""
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    return layer().rpartition("    def get_config")[0] + f"    def get_config(self):\n{lines}"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("super().get_config()", 1),
        ("config = {}\nreturn config.update(x=1)", 1),
        ("return None", 1),
        ("return {}", 0),
        ("if self.x:\n    return {}\nreturn {'x': 1}", 0),
        ("raise NotImplementedError", 0),
    ],
)
def test_a_get_config_that_returns_nothing_is_found(body, count):
    assert len(findings(config(body), select="get-config-returns-nothing")) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("return {'x': self.x.pop('a')}", 1),
        ("config = self.x\nconfig.pop('a')\nreturn config", 1),
        ("del self.x['a']\nreturn self.x", 1),
        ("self.x = str(self.x)\nreturn {'x': self.x}", 1),
        ("self.n += 1\nreturn {}", 1),
        ("config = super().get_config()\nconfig.pop('name')\nreturn config", 0),
        ("config = dict(self.x)\nconfig.pop('a')\nreturn config", 0),
        ("self.cached = 1\nreturn {}", 0),
    ],
)
def test_a_get_config_that_changes_its_object_is_found(body, count):
    assert len(findings(config(body), select="config-changes-object")) == count


@pytest.mark.parametrize(
    ("body", "more", "count"),
    [
        ("self.dense = keras.layers.Dense(x)", "", 1),
        ("self.y = x", "", 1),
        ("self.x = x", "", 0),
        ("self._x = x", "    @property\n    def x(self):\n        return self._x\n", 0),
        ("setattr(self, 'x', x)", "", 0),
        ("vars(self).update(x=x)", "", 0),
        ("self.dense = x", "    def build(self, shape):\n        self.x = 1\n", 0),
    ],
)
def test_an_attribute_that_nothing_sets_is_found(body, more, count):
    assert len(findings(layer(body=body, more=more), select="config-reads-missing-attribute")) == count


@pytest.mark.parametrize(("base", "count"), [("keras.layers.Layer", 1), ("keras.layers.Dense", 0)])
def test_an_attribute_that_is_no_argument_is_told_where_the_base_is_known_to_set_none(base, count):
    text = layer(value="self.kernel").replace("class A(keras.layers.Layer)", f"class A({base})")
    assert len(findings(text, select="config-reads-missing-attribute")) == count


@pytest.mark.parametrize(
    "name", ["name", "dtype", "trainable", "dtype_policy", "input_spec", "built", "path", "_flatten_layers"]
)
def test_what_every_layer_has_is_there(name):
    assert names(layer(value=f"self.{name}"), select="config-reads-missing-attribute") == []
